"""Opening files safely: media by FFmpeg, pictures by Pillow."""

from __future__ import annotations

import io
import mmap
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import ExifTags, Image, UnidentifiedImageError

from nemo_notebook import media_types
from nemo_notebook.errors import FileMissing, MediaTooLarge, UnsupportedMedia
from nemo_notebook.media_types import ACCEPTED, readers

MAX_DURATION_S: Final = 6 * 3600.0
MAX_SIDE_PX: Final = 8192
MAX_CHANNELS: Final = 32  # a large mixing desk; FFmpeg's resampler takes 64
_RATES_HZ: Final = range(1000, 768_001)  # below is no sound and makes hours of a few bytes; above is damage

# Playlists (hls, concat), svg and the numbered-picture reader stay out: they open other files. Still pictures are
# read with Pillow, which looks at their size before it decodes. flac, ogg and mpegts are let in so that a refusal can
# name them.
_READERS: Final = (*readers(ACCEPTED, stills=False), "flac", "ogg", "mpegts")
OPTIONS: Final = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(_READERS),
    "max_pixels": str(MAX_SIDE_PX * MAX_SIDE_PX),
}
_HEAD_BYTES: Final = 4096


@contextmanager
def open_media(path: Path, filename: str) -> Iterator[InputContainer]:
    """Opens a video, an animated gif or a sound with FFmpeg.

    Args:
        path: The file; made absolute, so that no name can be taken for a protocol.
        filename: What people call it, for messages.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: FFmpeg cannot read it as one of the containers above, or breaks at it later on.
    """
    head = head_of(path, filename)
    try:
        with av.open(str(path.resolve()), options=dict(OPTIONS), metadata_errors="replace") as container:
            yield container
    except av.error.FFmpegError as error:
        raise unreadable(head, filename) from error


def frames_of(packet: Packet[Any]) -> list[VideoFrame | AudioFrame]:
    """The frames of a packet; a damaged one has none, as with players."""
    try:
        return [frame for frame in packet.decode() if isinstance(frame, (VideoFrame, AudioFrame))]
    except av.error.InvalidDataError:
        return []


def sound_frames(container: InputContainer) -> Iterator[AudioFrame]:
    """What decodes of the first sound stream."""
    for packet in container.demux(container.streams.audio[0]):
        yield from (frame for frame in frames_of(packet) if isinstance(frame, AudioFrame))


def picture_streams(container: InputContainer) -> list[VideoStream]:
    """The streams of pictures, without covers."""
    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def check_sides(stream: VideoStream, filename: str) -> None:
    """Refuse pictures that are too large to be worked with.

    Raises:
        MediaTooLarge: One side is.
    """
    if max(stream.width, stream.height) > MAX_SIDE_PX:
        raise MediaTooLarge(
            f"{filename} is {stream.width}×{stream.height} pixels; at most {MAX_SIDE_PX} a side are accepted.",
            hint="Scale it down, then upload it again.",
        )


def check_sound(stream: AudioStream, filename: str) -> None:
    """Refuse sound that cannot be decoded or mixed.

    Raises:
        UnsupportedMedia: FFmpeg knows no decoder for it, or its head states what no sound has.
    """
    context = stream.codec_context
    if context is None:
        raise UnsupportedMedia(f"{filename}: its sound cannot be read: it is of an unknown type, or damaged.")
    rate_hz, channels = context.sample_rate, context.channels
    if rate_hz and rate_hz not in _RATES_HZ:
        raise UnsupportedMedia(f"{filename}: its sound has {rate_hz} samples a second, which is no sound.")
    if channels > MAX_CHANNELS:
        raise UnsupportedMedia(f"{filename}: its sound has {channels} channels; at most {MAX_CHANNELS} are taken.")


def head_of(path: Path, filename: str, size: int = _HEAD_BYTES) -> bytes:
    """The first bytes of a file that must not be empty.

    Raises:
        FileMissing: There is no such file, or it is empty.
    """
    if not path.is_file():
        raise FileMissing(f"{filename} does not exist.")
    with path.open("rb") as file:
        head = file.read(size)
    if not head:
        raise FileMissing(f"{filename} is empty (0 bytes).", hint="Copy or download it again; the transfer broke off.")
    return head


def unreadable(head: bytes, filename: str) -> UnsupportedMedia:
    """What is wrong with a file that cannot be opened, told from its first bytes."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return UnsupportedMedia(
            f"{filename} is cut off or damaged: its index (the moov part of an MP4 or MOV) is missing or unusable.",
            hint="Copy or download it again; a recording has to be stopped properly before it is used.",
        )
    if is_text(head):
        return UnsupportedMedia(
            f"{filename} holds text, not a video, picture or sound.",
            hint="A failed download often leaves a web page under the media's name: open it in an editor to see.",
        )
    return UnsupportedMedia(f"{filename} is not readable as a video, picture or sound: damaged, or of another type.")


def is_text(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a text."""
    text = head.decode("utf-8", errors="ignore")
    # A character cut at the end of the head is at most three bytes short.
    return len(text.encode("utf-8")) >= len(head) - 3 and all(c.isprintable() or c in "\t\r\n\ufeff" for c in text)


MAX_PIXELS: Final = 50_000_000
MAX_SCANS: Final = 100  # cameras and editors write a dozen; each may pass over the whole picture
UNREADABLE: Final = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError)
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # of a JPEG, without those that have no length
_SCAN, _END = 0xDA, 0xD9

# Clockwise turn of each EXIF orientation; mirrored ones (2, 4, 5, 7) count as their turn.
_TURNS: Final = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}


def picture_format(head: bytes) -> str | None:
    """Pillow's name of the still picture that starts with these bytes, if it is of a type that is taken; else None.

    A gif may move, so it is read as a video.
    """
    formats = media_types.readers(set(media_types.sniff(head)) & set(media_types.ACCEPTED), stills=True)
    return formats[0] if formats else None


def picture_size(path: Path, filename: str, format_name: str) -> tuple[int, int, int]:
    """Width and height in pixels as displayed, and the clockwise turn in degrees; the picture is decoded once.

    Raises:
        MediaTooLarge: It is over a limit of `open_picture`; nothing was decoded then.
        UnsupportedMedia: It does not decode as a whole.
    """
    try:
        with open_picture(path, filename, (format_name,)) as picture:
            width, height = picture.size
            turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1), 0)
            picture.draft("L", (width // 8, height // 8))  # a JPEG decodes at an eighth: a damaged one still shows
            picture.load()
    except UNREADABLE as error:
        raise UnsupportedMedia(
            f"{filename} does not decode as a {format_name} picture: it is cut off or damaged.",
            hint="Copy or download it again, or save it anew as JPEG or PNG.",
        ) from error
    return (height, width, turn) if turn in (90, 270) else (width, height, turn)


def open_picture(source: Path | bytes, name: str, formats: Sequence[str]) -> Image.Image:
    """Open a picture within the limits on its pixels and scans; nothing is decoded yet.

    Args:
        source: The file, or its content.
        name: What people call it, for messages.
        formats: Pillow's names of what it may be.

    Raises:
        MediaTooLarge: It has more than `MAX_SIDE_PX` a side, `MAX_PIXELS` in all, or `MAX_SCANS`.
        OSError: It is not readable; Pillow raises any of `UNREADABLE`, now or when it is decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is tighter
        picture = Image.open(source if isinstance(source, Path) else io.BytesIO(source), formats=tuple(formats))
    width, height = picture.size
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        picture.close()
        raise MediaTooLarge(
            f"{name} is {width}×{height} pixels; at most {MAX_SIDE_PX} a side "
            f"and {MAX_PIXELS // 1_000_000} million in all are accepted.",
            hint="Scale it down, then upload it again.",
        )
    if picture.format in {"JPEG", "MPO"} and _has_many_scans(source):
        picture.close()
        raise MediaTooLarge(
            f"{name} is a JPEG of more than {MAX_SCANS} scans, which takes too long to read.",
            hint="Save it anew as JPEG or PNG, then upload it again.",
        )
    return picture


def _has_many_scans(source: Path | bytes) -> bool:
    if isinstance(source, bytes):
        return _scans(source) > MAX_SCANS
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _scans(data) > MAX_SCANS


def _scans(data: bytes | mmap.mmap) -> int:
    """The scans of the first picture in a JPEG (ITU T.81, annex B), counted as far as one too many."""
    at, scans = 2, 0
    while scans <= MAX_SCANS and (marker := _MARKER.search(data, at)):
        at, kind = marker.end(), marker[0][1]
        if kind == _END:
            break
        scans += kind == _SCAN
        at += int.from_bytes(data[at : at + 2], "big")
    return scans
