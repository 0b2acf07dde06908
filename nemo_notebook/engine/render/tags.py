"""What a file says about itself: a cover, beside its words."""

from __future__ import annotations

import io
from typing import Any, Final

import av
from av import Packet
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

_FORMATS: Final = {b"\xff\xd8\xff": "jpeg_pipe", b"\x89PNG": "png_pipe"}


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
