"""Animated GIFs, stills, posters and small clips out of rendered shots."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from av import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageDraw

from nemo_notebook.errors import RenderFailed
from nemo_notebook.film.provenance import MADE_WITH
from nemo_notebook.render.formats import FORMATS, QUALITIES, Output

_LOOKED_AT: Final = 40  # frames, over the whole film, that the palette is chosen from
_COLOURS: Final = 255  # one stays free for what does not change from frame to frame
_SAMPLED: Final = 6  # every so many pixels, both ways
_BITS: Final = 5  # of each colour that a place in the palette is looked up by
_COMMENT: Final = b"\x21\xfe"
_BLOCK_BYTES: Final = 255
_TRAILER: Final = b";"
_EYE: Final = (0.30, 0.59, 0.11)  # how much it heeds red, green and blue


def _ordered(size: int, spread: int) -> npt.NDArray[np.int16]:
    """Bayer's thresholds, centred on 0.

    They stay where they are from frame to frame: less flicker, and half the bytes of scattered ones.
    """
    levels = np.zeros((1, 1))
    while len(levels) < size:
        levels = np.block([[4 * levels, 4 * levels + 2], [4 * levels + 3, 4 * levels + 1]])
    return np.asarray(np.round(((levels + 0.5) / size**2 - 0.5) * spread), np.int16)


_DOTS: Final = _ordered(8, 18)

_Progress = Callable[[float], None]
Shots = Sequence[tuple[Path, int]]


def write_gif(shots: Shots, output: Output, metadata: Mapping[str, str], path: Path, progress: _Progress) -> None:
    """Writes an animation that runs for ever.

    Args:
        shots: Files of `render_shot` with their numbers of frames, in order.
        output: Its form.
        metadata: Of which a GIF has a place for the `comment`.
        path: The file.
        progress: Called with the fraction done.

    Raises:
        RenderFailed: A shot is not what the plan says.
    """
    frames = sum(count for _, count in shots)
    palette = _palette(shots, output, max(1, frames // _LOOKED_AT), lambda done: progress(0.3 * done))
    form = FORMATS[output.format]
    with av.open(str(path), "w", format=form.muxer, options=dict(form.options)) as file:
        stream = file.add_stream("gif", rate=output.fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = output.width, output.height, "pal8"
        stream.codec_context.time_base = Fraction(1, output.fps)
        for index, frame in enumerate(_coloured(shots, output, palette)):
            frame.pts, frame.time_base = index, Fraction(1, output.fps)
            file.mux(stream.encode(frame))
            progress(0.3 + 0.7 * (index + 1) / frames)
        file.mux(stream.encode(None))
    _add_comment(path, metadata.get("comment", "").encode("ascii", "replace"))


def _add_comment(path: Path, comment: bytes) -> None:
    """Puts a comment at the end, which FFmpeg does not; text goes in blocks, each after its length."""
    blocks = (comment[at : at + _BLOCK_BYTES] for at in range(0, len(comment), _BLOCK_BYTES))
    with path.open("r+b") as file:
        file.seek(-len(_TRAILER), os.SEEK_END)
        file.write(_COMMENT + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0" + _TRAILER)


def _palette(shots: Shots, output: Output, step: int, progress: _Progress) -> npt.NDArray[np.uint8]:
    """The colours that fit best, shape (at most _COLOURS, 3)."""
    frames = sum(count for _, count in shots)
    looks = []
    for index, frame in enumerate(_frames(shots, output, step)):
        looks.append(frame.to_ndarray(format="rgb24")[_SAMPLED // 2 :: _SAMPLED, _SAMPLED // 2 :: _SAMPLED])
        progress(min(1.0, (index + 1) * step / frames))
    sample = Image.fromarray(np.concatenate(looks))
    chosen = sample.quantize(_COLOURS, Image.Quantize.MEDIANCUT).getpalette() or []
    return np.array(chosen, np.uint8).reshape(-1, 3)[:_COLOURS]


def _coloured(shots: Shots, output: Output, palette: npt.NDArray[np.uint8]) -> Iterator[VideoFrame]:
    """The frames in the palette's colours."""
    table = _nearest(palette)
    colours = np.zeros((256, 4), np.uint8)  # opacity first
    colours[: len(palette), 0], colours[: len(palette), 1:] = 255, palette
    rows, columns = -(-output.height // len(_DOTS)), -(-output.width // len(_DOTS))
    dots = np.tile(_DOTS, (rows, columns))[: output.height, : output.width, None]
    for frame in _frames(shots, output):
        rgb = np.clip(frame.to_ndarray(format="rgb24").astype(np.int16) + dots, 0, 255) >> (8 - _BITS)
        cells = (rgb[:, :, 0].astype(np.intp) << 2 * _BITS) | (rgb[:, :, 1] << _BITS) | rgb[:, :, 2]
        yield VideoFrame.from_ndarray((table[cells], colours), format="pal8")  # type: ignore[arg-type]  # the stubs are wrong


def _nearest(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Number of the colour that looks most like each of 2^15 cells of the RGB cube; weights as the eye has them."""
    steps = (np.arange(1 << _BITS, dtype=np.float32) + 0.5) * (1 << (8 - _BITS))
    # No product of matrices: its last bits, and so the choice between two colours, depend on the kind of CPU.
    red, green, blue = (np.square(steps[:, None] - colours[:, part]) * _EYE[part] for part in range(3))
    distances = red[:, None, None] + green[:, None] + blue
    return np.asarray(distances.reshape(-1, len(colours)).argmin(axis=1), np.uint8)


def _frames(shots: Shots, output: Output, step: int = 1) -> Iterator[VideoFrame]:
    """Every frame of the film, or every so many."""
    at = 0
    for path, count in shots:
        end = at + count
        with av.open(str(path)) as shot:
            for frame in shot.decode(video=0):
                if at % step == 0:
                    frame.pts, frame.time_base = at, Fraction(1, output.fps)
                    yield frame
                at += 1
        if at != end:
            raise RenderFailed(
                f"A shot has {count + at - end} frames instead of {count}.", hint="Clear the cache and export again."
            )


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
