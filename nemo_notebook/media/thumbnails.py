"""Thumbnails of media files, cover art of songs, and its colours."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageOps, ImageStat

from nemo_notebook.errors import InputError
from nemo_notebook.media import moments
from nemo_notebook.media.opening import UNREADABLE, head_of, open_media, open_picture, picture_format, picture_streams

_Doubles = npt.NDArray[np.float64]

_MAX_BYTES: Final = 32 << 20
_MAX_PACKETS: Final = 64  # FFmpeg gives attached pictures first
_SAMPLE_PX: Final = 64  # a side of what the colours are taken from
_HUES: Final = 36
_HUE_APART: Final = 3  # of 36: nearer hues are one colour
_COLOURED: Final = 0.04  # OKLab chroma; below it lie greys
_SHARE: Final = 0.03  # of the cover that a colour fills at least, to count as one of its own
_LIGHTNESS: Final = (0.58, 0.71, 0.84)  # of the three, in OKLab: all show on dark
_CHROMA: Final = (0.09, 0.19)  # what is drawn: no mud, no glare
_FADED: Final = (1.0, 0.95, 0.7)  # the lighter, the paler
_NEUTRAL_CHROMA: Final = 0.018
_NEUTRAL_HUE: Final = 4.7  # radians: a cool grey where the cover leans nowhere


def cover_art(path: Path, filename: str) -> bytes | None:
    """The picture that is attached to a sound file, as it is in the file: JPEG, PNG or WebP.

    Args:
        path: The file.
        filename: What people call it, for messages.

    Returns:
        None if there is none, or none that decodes within the limits of `pictures`: a cover is never worth an error.
    """
    try:
        with open_media(path, filename) as container:
            pictures = list(_attached(container))
    except InputError:
        return None
    return next((picture for picture in pictures if _opened(picture) is not None), None)


def cover_colors(path: Path, filename: str) -> tuple[str, ...]:
    """Three colours of a song's cover as #rrggbb, from dark to light, that show on a dark ground; () without a cover.

    A cover in greys gives greys of its tint.
    """
    art = cover_art(path, filename)
    picture = _opened(art) if art else None
    return () if picture is None else picture_colors(picture)


def picture_colors(picture: Image.Image) -> tuple[str, str, str]:
    """Three colours as #rrggbb, from dark to light: a picture's strongest hues at lightnesses that show on dark."""
    small = np.asarray(picture.convert("RGB").resize((_SAMPLE_PX, _SAMPLE_PX), Image.Resampling.BOX), np.float64)
    light, a, b = np.moveaxis(_to_oklab(small.reshape(-1, 3) / 255), -1, 0)
    chroma, hue = np.hypot(a, b), np.arctan2(b, a)
    seen = (light > 0.15) & (light < 0.98)
    coloured = seen & (chroma > _COLOURED)
    if coloured.mean() < _SHARE:
        tinted = np.hypot(a.mean(), b.mean()) > 0.004
        lean = float(np.arctan2(b.mean(), a.mean())) if tinted else _NEUTRAL_HUE
        return _drawn([(lean, _NEUTRAL_CHROMA, lightness) for lightness in _LIGHTNESS])
    found = _strongest_hues(hue[coloured], chroma[coloured], light[coloured], len(light))
    hues = [found[number % len(found)] for number in range(3)]
    hues.sort(key=lambda each: each[2])
    strengths = np.clip([strength for _, strength, _ in hues], *_CHROMA) * _FADED
    return _drawn(list(zip([angle for angle, *_ in hues], map(float, strengths), _LIGHTNESS, strict=True)))


def _strongest_hues(hue: _Doubles, chroma: _Doubles, light: _Doubles, of: int) -> list[tuple[float, float, float]]:
    """Up to three (hue, chroma, lightness), the one that fills most first; far enough apart to be told apart."""
    bins = np.floor((hue + np.pi) / (2 * np.pi) * _HUES).astype(np.int64) % _HUES
    weight = np.bincount(bins, chroma, _HUES)
    weight = weight + 0.5 * (np.roll(weight, 1) + np.roll(weight, -1))
    chosen: list[tuple[float, float, float]] = []
    taken: list[int] = []
    for index in np.argsort(-weight, kind="stable").tolist():
        near = np.minimum((bins - index) % _HUES, (index - bins) % _HUES) <= 1
        if len(chosen) == 3 or (chosen and near.sum() < _SHARE * of):
            continue
        if any(min((index - other) % _HUES, (other - index) % _HUES) < _HUE_APART for other in taken):
            continue
        taken.append(index)
        # The mean of angles is that of their vectors; strong colours say more than weak ones.
        x, y = float((np.cos(hue) * chroma)[near].sum()), float((np.sin(hue) * chroma)[near].sum())
        strength = float(np.percentile(chroma[near], 75))
        chosen.append((float(np.arctan2(y, x)), strength, float(np.average(light[near], weights=chroma[near]))))
    return chosen


def _drawn(colours: list[tuple[float, float, float]]) -> tuple[str, str, str]:
    low, middle, high = (_hex(hue, chroma, lightness) for hue, chroma, lightness in colours)
    return low, middle, high


def _hex(hue: float, chroma: float, lightness: float) -> str:
    """The colour in sRGB, paler where sRGB has none that strong."""
    for part in np.linspace(1, 0, 21):
        a, b = chroma * part * np.cos(hue), chroma * part * np.sin(hue)
        rgb = _from_oklab(np.array([lightness, a, b]))
        if part == 0 or (rgb.min() >= -1e-6 and rgb.max() <= 1 + 1e-6):
            break
    red, green, blue = (int(value) for value in np.clip(np.round(rgb * 255), 0, 255))
    return f"#{red:02x}{green:02x}{blue:02x}"


# OKLab: Björn Ottosson, "A perceptual color space for image processing", 2020.
_OKLAB: Final = tomllib.loads(Path(__file__).with_name("oklab.toml").read_text(encoding="utf-8"))
_TO_LMS, _TO_LAB = (np.array(_OKLAB[name]) for name in ("to_lms", "to_lab"))


def _to_oklab(rgb: _Doubles) -> _Doubles:
    """From sRGB 0–1 to OKLab, last axis 3."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def _from_oklab(lab: _Doubles) -> _Doubles:
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055))


def _attached(container: InputContainer) -> Iterator[bytes]:
    streams = [stream for stream in container.streams.video if stream.disposition & Disposition.attached_pic]
    if not streams:
        return
    for number, packet in enumerate(container.demux(streams)):
        if number >= _MAX_PACKETS:
            return
        if 0 < packet.size <= _MAX_BYTES:
            yield bytes(packet)


def _opened(art: bytes) -> Image.Image | None:
    """A small picture of the art, or None where it does not decode within the limits; its size is looked at first."""
    format_name = picture_format(art[:64])
    if format_name is None:
        return None
    try:
        picture = open_picture(art, "The cover", (format_name,))
        picture.draft("RGB", (4 * _SAMPLE_PX, 4 * _SAMPLE_PX))
        picture.load()
    except (InputError, *UNREADABLE):
        return None
    return picture


SIDE_PX: Final = 160
_QUALITY: Final = 78
_PLACES: Final = (0.1, 0.35, 0.65, 0.0)  # of a clip, in the order in which they are looked at
_LIT: Final = 24.0  # mean of 255: darker is a clip that has not begun
_VARIED: Final = 6.0  # deviation of 255: less is a plain colour
_PACKETS: Final = 200
_BEHIND: Final = (255, 255, 255)  # of what is transparent


def thumbnail(path: Path, filename: str) -> bytes:
    """A JPEG of at most `SIDE_PX` a side, as players show the file: turned, and not black where that can be helped.

    Args:
        path: The file; its content tells what it is.
        filename: What people call it, for messages.

    Returns:
        Nothing where there is no picture, such as of a song without a cover: a thumbnail is never worth an error.
    """
    try:
        if format_name := picture_format(head_of(path, filename)):
            picture = _still(path, filename, format_name)
        else:
            picture = _frame(path, filename)
            if picture is None and (art := cover_art(path, filename)) and (format_name := picture_format(art[:64])):
                picture = _still(art, filename, format_name)
    except InputError:
        return b""
    return b"" if picture is None else _written(picture)


def look_at(path: Path, filename: str) -> tuple[float, float] | None:
    """Where in a picture file the eye goes, as shares of its width and height as shown; None where it cannot be read.

    Args:
        path: The file.
        filename: What people call it, for messages.
    """
    format_name = picture_format(head_of(path, filename))
    picture = _still(path, filename, format_name) if format_name else None
    if picture is None:
        return None
    small = VideoFrame.from_ndarray(np.asarray(picture.resize((moments.WIDTH, moments.HEIGHT), Image.Resampling.BOX)))
    x, y = moments.find_focus(np.asarray(small.reformat(format="yuv420p").to_ndarray(), np.uint8))
    return round(x, 3), round(y, 3)


def _still(source: Path | bytes, filename: str, format_name: str) -> Image.Image | None:
    """A picture file, decoded no larger than need be."""
    try:
        with open_picture(source, filename, (format_name,)) as picture:
            picture.draft("RGB", (2 * SIDE_PX, 2 * SIDE_PX))
            return _opaque(ImageOps.exif_transpose(picture))
    except UNREADABLE:
        return None


def _opaque(picture: Image.Image) -> Image.Image:
    picture.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    behind = Image.new("RGB", picture.size, _BEHIND)
    clear = picture.convert("RGBA")
    behind.paste(clear, mask=clear)
    return behind


def _frame(path: Path, filename: str) -> Image.Image | None:
    """The first frame of some places of a clip that shows something; else the brightest of them."""
    best: tuple[float, Image.Image] | None = None
    with open_media(path, filename) as container:
        videos = [each for each in picture_streams(container) if each.codec_context is not None]
        for frame in _frames(container, videos[0]) if videos else ():
            picture = _small(frame)
            seen = ImageStat.Stat(picture.convert("L"))
            if seen.mean[0] >= _LIT and seen.stddev[0] >= _VARIED:
                return picture
            if best is None or seen.mean[0] > best[0]:
                best = (seen.mean[0], picture)
    return None if best is None else best[1]


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """A frame at each of the places; a place that cannot be gone to is left out."""
    stream.codec_context.thread_count = 1  # the engine's processes share the cores
    length_us = container.duration or 0
    for place in _PLACES if length_us else (0.0,):
        try:
            container.seek(int(place * length_us) + (container.start_time or 0))
            if (frame := _first(container, stream)) is not None:
                yield frame
        except (FFmpegError, OverflowError, ValueError):  # damaged, or its times are no times
            continue


def _first(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for number, packet in enumerate(container.demux(stream)):
        if number >= _PACKETS:
            return None
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                return frame
    return None


def _small(frame: VideoFrame) -> Image.Image:
    scale = SIDE_PX / max(frame.width, frame.height)
    width, height = (max(2, round(side * min(1.0, scale))) for side in (frame.width, frame.height))
    small = frame.reformat(width, height, "rgb24", interpolation="AREA")
    picture = Image.fromarray(small.to_ndarray())
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture  # both turn counter-clockwise


def _written(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_QUALITY, optimize=True)
    return data.getvalue()
