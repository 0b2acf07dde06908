"""A film in small: one frame of it as a picture file, its first seconds as a clip to send along."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from nemo_notebook.errors import RenderFailed
from nemo_notebook.film.provenance import MADE_WITH
from nemo_notebook.render.formats import QUALITIES
from nemo_notebook.render.layers import Output

_PILLOW: Final = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
_JPEG: Final = (70, 75, 86, 94)  # for each quality
_WEBP: Final = (60, 65, 80, 92)
_PALETTE_SIZE: Final = 256  # colours of a PNG of low quality
_POSTER_PX: Final = 640  # the longer side
_POSTER_JPEG: Final = 80
_CLIP_S: Final = 5
_CLIP_FPS: Final = 12
_CLIP_PX: Final = 320  # across
# The macroblock tree of x264 gives other bytes from run to run here.
_CLIP_X264: Final = {"crf": "34", "preset": "medium", "x264-params": "mbtree=0"}
_BARS: Final = 80  # of a waveform, drawn as on the timeline
_PANEL: Final = "#1d7458"
_WAVE: Final = "#7fe0bd"
_EXIF: Final = {"title": 0x010E, "artist": 0x013B}  # ImageDescription, Artist
_SOFTWARE: Final = 0x0131
_MORE: Final = 0x8769  # where Exif has what is about the picture itself
_USER_COMMENT: Final = 0x9286
_IN_ASCII: Final = b"ASCII\0\0\0"


def save_still(shot: Path, output: Output, metadata: Mapping[str, str], path: Path) -> None:
    """Writes the first frame of a shot's file as a JPEG, PNG or WebP.

    Raises:
        RenderFailed: There is no frame in it.
    """
    picture = frame_of(shot)
    level = QUALITIES.index(output.quality)
    exif = Image.Exif()
    for key, number in _EXIF.items():
        if metadata.get(key):
            exif[number] = metadata[key].encode()  # as it is: Pillow would make ASCII of it
    exif[_SOFTWARE] = MADE_WITH
    exif.get_ifd(_MORE)[_USER_COMMENT] = _IN_ASCII + metadata.get("comment", "").encode("ascii", "replace")
    how: dict[str, Any] = {"exif": exif}
    if output.format == "jpg":
        how |= {"quality": _JPEG[level], "subsampling": "4:2:0", "optimize": True, "progressive": True}
    elif output.format == "webp":
        how |= {"quality": _WEBP[level], "method": 4}
    elif level < QUALITIES.index("medium"):
        picture = picture.quantize(_PALETTE_SIZE, dither=Image.Dither.FLOYDSTEINBERG)
    picture.save(path, _PILLOW[output.format], **how)


def poster_of(shot: Path, index: int = 0) -> bytes:
    """A small JPEG of one frame of a shot's file.

    Raises:
        RenderFailed: There is no frame in it.
    """
    picture = frame_of(shot, index)
    picture.thumbnail((_POSTER_PX, _POSTER_PX), Image.Resampling.LANCZOS, reducing_gap=None)
    return _as_jpeg(picture)


def clip_of(film: Path) -> bytes:
    """The first seconds of a film as a small MP4 without sound, 20 to 60 kB."""
    written, due = BytesIO(), 0
    with av.open(str(film)) as source, av.open(written, "w", format="mp4", options={"fflags": "+bitexact"}) as target:
        picture = source.streams.video[0]
        picture.codec_context.thread_count = 1
        stream = target.add_stream("libx264", rate=_CLIP_FPS, options=_CLIP_X264)
        stream.width, stream.height = _CLIP_PX, max(2, round(_CLIP_PX * picture.height / picture.width / 2) * 2)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1  # the same bytes on any number of cores
        for frame in source.decode(picture):
            if due >= _CLIP_S * _CLIP_FPS:
                break
            if (frame.time or 0.0) * _CLIP_FPS >= due:
                small = frame.reformat(stream.width, stream.height, "yuv420p", threads=1)
                small.pict_type = 0  # a decoded frame remembers its type, and x264 would keep to it
                small.pts, small.time_base, due = due, Fraction(1, _CLIP_FPS), due + 1
                target.mux(stream.encode(small))
        target.mux(stream.encode(None))
    return written.getvalue()


def waveform_of(peaks: npt.NDArray[np.float32]) -> bytes:
    """A small JPEG of a sound's waveform, from its true peaks."""
    picture = Image.new("RGB", (_POSTER_PX, _POSTER_PX * 9 // 16), _PANEL)
    draw, middle = ImageDraw.Draw(picture), picture.height // 2
    highest = max(float(peaks.max(initial=0.0)), 1e-9)
    for bar, part in enumerate(np.array_split(peaks, _BARS)):
        x, tall = (bar + 0.5) * _POSTER_PX / _BARS, 0.8 * middle * float(part.max(initial=0.0)) / highest
        draw.rectangle((x - 2, middle - tall - 1, x + 2, middle + tall + 1), fill=_WAVE)
    return _as_jpeg(picture)


def _as_jpeg(picture: Image.Image) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=_POSTER_JPEG)
    return written.getvalue()


def frame_of(shot: Path, index: int = 0) -> Image.Image:
    """One frame of a shot's file, or its last where it is shorter."""
    shown = None
    with av.open(str(shot)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            shown = frame
            if number >= index:
                break
    if shown is None:
        raise RenderFailed("A rendered shot is empty.", hint="Clear the cache and export again.")
    return Image.fromarray(shown.to_ndarray(format="rgb24"))
