"""A small picture that stands for a file: a clip's frame, a picture, or the cover of a song."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageOps, ImageStat

from nemo_notebook.errors import InputError
from nemo_notebook.media.cover import cover_art
from nemo_notebook.media.opening import open_media, read_head
from nemo_notebook.media.pictures import UNREADABLE, open_picture, picture_format

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
        if format_name := picture_format(read_head(path, filename)):
            picture = _still(path, filename, format_name)
        else:
            picture = _frame(path, filename)
            if picture is None and (art := cover_art(path, filename)) and (format_name := picture_format(art[:64])):
                picture = _still(art, filename, format_name)
    except InputError:
        return b""
    return b"" if picture is None else _written(picture)


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
        videos = [
            each
            for each in container.streams.video
            if not each.disposition & Disposition.attached_pic and each.codec_context is not None
        ]
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
