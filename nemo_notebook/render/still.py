"""A photo with a slow zoom, steady to a fraction of a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import Final

import numpy as np
from av import VideoFrame
from av.video.reformatter import Interpolation
from PIL import Image as Pictures
from PIL import ImageOps

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media.opening import UNREADABLE, open_picture, read_head
from nemo_notebook.render.fit import Fitter
from nemo_notebook.render.layers import Image
from nemo_notebook.render.looks import apply, grade_of
from nemo_notebook.render.picture import Plane, Planes
from nemo_notebook.render.scaling import PlaneScaler

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_MAX_REACH: Final = 1.5  # a zoom that goes on further loses sharpness instead of taking memory
_RESERVE: Final = 1.2  # sizes in a ratio close to 1 : 1 are few and far between, so the zoom ends below it
_INSET: Final = 1.03  # the zoom begins a little inside, or there were no choice of sizes there
_SPARE_ROWS: Final = 2  # around a plane that is scaled in place: the scaler may read a little over its end
_SLACK_PX: Final = 64  # the wider the choice of sizes, the nearer one comes to the wanted zoom


def image_frames(image: Image, width: int, height: int, count: int) -> Iterator[VideoFrame]:
    """The canvas for each frame of a shot of a photo, always in the same memory.

    Raises:
        FileMissing: The file is gone.
        UnsupportedMedia: It is not readable as a picture.
        MediaTooLarge: It is over a limit of `open_picture`.
    """
    reach = max(image.zoom, 1 / image.zoom)
    if reach == 1:
        yield from repeat(_load(image, width, height).to_video_frame(), count)
        return
    reserve = min(reach, _MAX_REACH) * _RESERVE
    wide, high = (4 * math.ceil(side * reserve / 4) for side in (width, height))
    picture = _load(image, wide, high)
    canvas = Planes.black(width, height).to_video_frame()
    planes = Planes.of_frame(canvas)
    scalers = [PlaneScaler(Interpolation.BILINEAR) for _ in range(3)]
    for index in range(count):
        progress = (image.skip + index) / max(1, image.of - 1)
        scale = _INSET * reach ** (progress if image.zoom > 1 else 1 - progress)
        for scaler, plane, target in zip(
            scalers, (picture.y, picture.u, picture.v), (planes.y, planes.u, planes.v), strict=True
        ):
            _zoom(scaler, plane, scale, target)
        yield canvas


def _load(image: Image, width: int, height: int) -> Planes:
    path = Path(image.path)
    read_head(path, image.name)
    try:
        with open_picture(path, image.name, _FORMATS) as opened:
            opened.draft("RGB", (width, height))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except UNREADABLE as error:
        raise UnsupportedMedia(f"{image.name} is not readable as a picture: damaged, or of another type.") from error
    black = Pictures.new("RGBA", upright.size, (0, 0, 0, 255))
    rgb = np.asarray(Pictures.alpha_composite(black, upright).convert("RGB"))
    canvas = Planes.black(width, height + 2 * _SPARE_ROWS).crop(0, _SPARE_ROWS, width, height)
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    Fitter(width, height, image.fit).place(frame, 1.0, canvas)
    grade = grade_of(image.look)
    if grade:
        apply(grade, canvas, canvas)
    return canvas


def _zoom(scaler: PlaneScaler, plane: Plane, scale: float, out: Plane) -> None:
    """Overwrites `out` with the middle of a plane, at a scale of 1 all of it."""
    (have_h, have_w), (height, width) = plane.shape, out.shape
    seen_w, large_w = _sizes(have_w, width, scale)
    seen_h, large_h = _sizes(have_h, height, scale)
    x, y = (have_w - seen_w) // 2, (have_h - seen_h) // 2
    large = scaler.scaled(plane[y : y + seen_h, x : x + seen_w], large_w, large_h)
    x, y = (large_w - width) // 2, (large_h - height) // 2
    np.copyto(out, large[y : y + height, x : x + width])


@lru_cache(maxsize=1024)
def _sizes(have: int, want: int, scale: float) -> tuple[int, int]:
    """Whole sizes to crop to and to scale to, whose ratio comes nearest to the wanted zoom.

    The scaler knows whole pixels only. Scaling a little too large and cropping again leaves a choice of pairs of
    sizes, and the best of them is off by some hundredths of a pixel at the edge; all lie around the same centre.

    Args:
        have: Side of the picture in pixels.
        want: Side of the canvas in pixels.
        scale: 1 shows the whole picture.

    Returns:
        Side of the crop and side that it is scaled to, each an even number of pixels off the side it lies around.
    """
    ratio = want / have * scale
    best = (math.inf, have, want)
    for large in range(want, want + _SLACK_PX, 2):
        seen = have - 2 * max(0, round((have - large / ratio) / 2))
        if seen > 0:
            best = min(best, (abs(large / seen - ratio), seen, large))
    return best[1], best[2]
