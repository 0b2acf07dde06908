"""A photo with a slow zoom, steady to a fraction of a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from av import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError

from nemo_notebook.engine.media.opening import MAX_SIDE_PX, read_head
from nemo_notebook.engine.render.fit import Fitter
from nemo_notebook.engine.render.layers import Image
from nemo_notebook.engine.render.picture import Plane, Planes
from nemo_notebook.errors import UnsupportedMedia

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_MAX_PIXELS: Final = 50_000_000
_MAX_REACH: Final = 1.5  # a zoom that goes on further loses sharpness instead of taking memory
_RESERVE: Final = 1.2  # sizes in a ratio close to 1 : 1 are few and far between, so the zoom ends below it
_INSET: Final = 1.03  # the zoom begins a little inside, or there were no choice of sizes there
_SLACK_PX: Final = 64  # the wider the choice of sizes, the nearer one comes to the wanted zoom


def image_frames(image: Image, width: int, height: int, count: int) -> Iterator[Planes]:
    """The canvas for each frame of a shot of a photo; a photo that stands still is the same object each time.

    Raises:
        FileMissing: The file is gone.
        UnsupportedMedia: It is not readable as a picture, or too large.
    """
    reach = max(image.zoom, 1 / image.zoom)
    reserve = min(reach, _MAX_REACH) * _RESERVE
    wide, high = (4 * math.ceil(side * reserve / 4) for side in (width, height))
    picture = _load(image, wide, high) if reach > 1 else _load(image, width, height)
    if reach == 1:
        yield from (picture for _ in range(count))
        return
    scalers = [VideoReformatter() for _ in range(3)]
    for index in range(count):
        progress = (image.skip + index) / max(1, image.of - 1)
        scale = reach ** (progress if image.zoom > 1 else 1 - progress)
        yield _zoomed(scalers, picture, scale, width, height)


def _load(image: Image, width: int, height: int) -> Planes:
    path = Path(image.path)
    read_head(path, image.name)
    try:
        with Pictures.open(path, formats=_FORMATS) as opened:
            if max(opened.size) > MAX_SIDE_PX or opened.width * opened.height > _MAX_PIXELS:
                raise UnsupportedMedia(f"{image.name} is {opened.width} × {opened.height}: too large to be decoded.")
            opened.draft("RGB", (width, height))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UnsupportedMedia(f"{image.name} is not readable as a picture: damaged, or of another type.") from error
    black = Pictures.new("RGBA", upright.size, (0, 0, 0, 255))
    rgb = np.asarray(Pictures.alpha_composite(black, upright).convert("RGB"))
    canvas = Planes.black(width, height)
    Fitter(width, height).place(VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"), 1.0, canvas)
    return canvas


def _zoomed(scalers: Sequence[VideoReformatter], picture: Planes, scale: float, width: int, height: int) -> Planes:
    half = (width // 2, height // 2)
    y, u, v = (
        _zoomed_plane(scaler, plane, scale * _INSET, *size)
        for scaler, plane, size in zip(
            scalers, (picture.y, picture.u, picture.v), ((width, height), half, half), strict=True
        )
    )
    return Planes(y, u, v)


def _zoomed_plane(scaler: VideoReformatter, plane: Plane, scale: float, width: int, height: int) -> Plane:
    have_h, have_w = plane.shape
    seen_w, large_w = _sizes(have_w, width, scale)
    seen_h, large_h = _sizes(have_h, height, scale)
    x, y = (have_w - seen_w) // 2, (have_h - seen_h) // 2
    seen = VideoFrame.from_ndarray(np.ascontiguousarray(plane[y : y + seen_h, x : x + seen_w]), format="gray")
    large = scaler.reformat(seen, large_w, large_h, interpolation=Interpolation.BILINEAR, threads=1).planes[0]
    pixels = np.frombuffer(memoryview(large), np.uint8).reshape(-1, large.line_size)
    x, y = (large_w - width) // 2, (large_h - height) // 2
    return pixels[y : y + height, x : x + width]


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
