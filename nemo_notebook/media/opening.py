"""One safe way to open a media file: only local files, only the accepted containers, no giant pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from nemo_notebook.errors import FileMissing, UnsupportedMedia
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
    head = read_head(path, filename)
    try:
        with av.open(str(path.resolve()), options=dict(OPTIONS), metadata_errors="replace") as container:
            yield container
    except av.error.FFmpegError as error:
        raise unreadable(head, filename) from error


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


def read_head(path: Path, filename: str, size: int = _HEAD_BYTES) -> bytes:
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
