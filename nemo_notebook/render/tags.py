"""What a file says about itself: its words, what it was made of, and a cover."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import av
import numpy
import PIL
from av import Packet
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from nemo_notebook.film.provenance import Pairs, Provenance, unclaiming
from nemo_notebook.outside import redact

_LONGEST: Final = 200  # characters of a title
_FORMATS: Final = {b"\xff\xd8\xff": "jpeg_pipe", b"\x89PNG": "png_pipe"}


def libraries() -> Pairs:
    """What draws films here, each with its version."""
    return (
        ("PyAV", av.__version__),
        ("FFmpeg", av.ffmpeg_version_info),
        ("NumPy", numpy.__version__),
        ("Pillow", PIL.__version__),
    )


def metadata(words: Mapping[str, str], made: object) -> dict[str, str]:
    """The words of a file about itself: those that are given, and as `comment` what it was made of and by.

    Args:
        words: `title`, `artist`; from songs and drafts of others, so that each becomes one line, harmless and not long.
        made: A `Provenance` as JSON values; what drew it is filled in.
    """
    known = Provenance.from_json(made) or Provenance()
    told = {key: unclaiming(redact(text, _LONGEST)) for key, text in words.items()}
    return {**told, "comment": replace(known, libraries=libraries()).comment}


def add_cover(container: OutputContainer, cover: bytes) -> Packet[Any] | None:
    """Adds a cover to a file that is about to be written.

    Args:
        container: Its other streams are there already.
        cover: A JPEG or PNG.

    Returns:
        The packet to be muxed first; None where it is no such picture.
    """
    name = next((name for head, name in _FORMATS.items() if cover.startswith(head)), None)
    if name is None:
        return None
    try:
        with av.open(io.BytesIO(cover), "r", format=name) as picture:
            source = picture.streams.video[0]
            packet = next(packet for packet in picture.demux(source) if packet.size)
            stream = container.add_stream_from_template(source)
    except av.error.FFmpegError:
        return None
    assert isinstance(stream, VideoStream)
    stream.disposition = Disposition.attached_pic
    packet.stream, packet.pts, packet.dts = stream, 0, 0
    return packet
