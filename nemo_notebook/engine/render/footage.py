"""The frames of a clip, one for each frame of the film, whatever the rate of the source."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import av
from av import Packet, VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from nemo_notebook.engine.media.opening import MAX_SIDE_PX, open_media
from nemo_notebook.engine.render.layers import Clip
from nemo_notebook.errors import UnsupportedMedia

_TOLERANCE_S: Final = Fraction(2, 1000)  # times are whole milliseconds in drafts and in Matroska files
_MAX_AHEAD: Final = 2000
_IN_ORDER: Final = frozenset({"avi"})  # it keeps no presentation times: only the order of decoding tells them


def clip_frames(clip: Clip, fps: int, count: int) -> Iterator[tuple[VideoFrame, float]]:
    """The decoded frames that a shot shows: frame k is the source's last one at or before its time.

    The source is decoded from the keyframe before. Where it has ended, its last frame stays. Damaged packets are left
    out, as players do.

    Args:
        clip: The stretch.
        fps: Frames per second of the film.
        count: Frames of the shot.

    Yields:
        The frame as decoded, the same object again where it stays, and the width of its pixels by their height.

    Raises:
        FileMissing: The file is gone.
        UnsupportedMedia: There is no picture in it, or none that decodes.
    """
    start_s = Fraction(round(clip.in_ms * 1000), 1_000_000) + Fraction(clip.skip, fps) + _TOLERANCE_S
    with open_media(Path(clip.path), clip.name) as container:
        stream = _video_stream(container, clip.name)
        aspect = float(stream.sample_aspect_ratio or 1) or 1.0
        frames = _decoded(container, stream, start_s)
        shown = next(frames, None)
        if shown is None:
            raise UnsupportedMedia(f"{clip.name}: no picture in it decodes; the file is damaged.")
        coming = next(frames, None)
        for index in range(count):
            now_s = start_s + Fraction(index, fps)
            while coming is not None and coming[0] <= now_s:
                shown, coming = coming, next(frames, None)
            yield shown[1], aspect


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    if not container.streams.video:
        raise UnsupportedMedia(f"{name} has no picture.")
    stream = container.streams.video[0]
    context = stream.codec_context
    if max(context.width, context.height) > MAX_SIDE_PX:
        raise UnsupportedMedia(
            f"{name} has {context.width} × {context.height} pixels.", hint=f"Scale it to {MAX_SIDE_PX} a side at most."
        )
    context.thread_count = 1  # there is a worker for each core already
    return stream


def _decoded(
    container: InputContainer, stream: VideoStream, start_s: Fraction
) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Frames with their times from the one that is seen at `start_s`, or an earlier one, on."""
    base = stream.time_base or Fraction(1, 90_000)
    origin = stream.start_time or 0
    in_order = container.format.name in _IN_ORDER
    packets, wanted = _packets(container, stream, int(start_s / base) + origin)
    first_dts: int | None = None
    delay: int | None = None
    last = origin
    for packet in packets:
        first_dts = packet.dts if first_dts is None else first_dts
        before = wanted is not None and packet.pts is not None and packet.pts < wanted
        stream.codec_context.skip_frame = "NONREF" if before and not in_order else "DEFAULT"
        for frame in _frames(packet):
            stamp = frame.dts if in_order else frame.pts
            if stamp is not None and in_order:
                delay = stamp - (first_dts or 0) if delay is None else delay
                stamp -= delay
            last = last if stamp is None else max(last, stamp)
            yield (last - origin) * base, frame


def _packets(
    container: InputContainer, stream: VideoStream, start: int
) -> tuple[Iterator[Packet[VideoStream]], int | None]:
    """Packets from the keyframe before `start` on, and the time stamp of the frame that is seen then.

    What is decoded before that frame only serves it: packets that no other one refers to can be skipped.
    """
    if start > (stream.start_time or 0):
        _read_head(container, stream)
        container.seek(start, stream=stream)
    packets = container.demux(stream)
    ahead: list[Packet[VideoStream]] = []
    for packet in packets:
        ahead.append(packet)
        if packet.dts is None or packet.dts > start or len(ahead) >= _MAX_AHEAD:
            break
    wanted = max((p.pts for p in ahead if p.pts is not None and p.pts <= start), default=None)
    return chain(ahead, packets), wanted


def _read_head(container: InputContainer, stream: VideoStream) -> None:
    """Let the decoder see the first packet of a 4:4:4 stream before a jump.

    Only there does x264 note its version, and the decoder must know it: old versions coded 4:4:4 differently.
    """
    if stream.codec_context.name == "h264" and "444" in (stream.codec_context.pix_fmt or ""):
        for packet in container.demux(stream):
            if packet.size:
                for _ in _frames(packet):
                    pass
                stream.codec_context.flush_buffers()
                return


def _frames(packet: Packet[VideoStream]) -> Iterator[VideoFrame]:
    try:
        yield from (frame for frame in packet.decode() if isinstance(frame, VideoFrame))
    except av.error.InvalidDataError:
        return
