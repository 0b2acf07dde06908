"""The frames of a clip, one for each frame of the film, whatever the rate of the source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Final, cast

import av
from av import Packet, VideoFrame
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media.opening import MAX_SIDE_PX, open_media
from nemo_notebook.render.layers import Clip

_TOLERANCE_S: Final = Fraction(2, 1000)  # times are whole milliseconds in drafts and in Matroska files
_REORDERED: Final = 24  # H.264 and HEVC hold back 16 frames at most
_WITH_ALPHA: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_IN_ORDER: Final = frozenset({"avi"})  # it keeps no presentation times: only the order of decoding tells them


@dataclass(frozen=True, slots=True)
class _Times:
    """The times in the source that the frames of a shot show: `start_s` + k · `step_s`."""

    start_s: Fraction
    step_s: Fraction

    @classmethod
    def of(cls, clip: Clip, fps: int) -> _Times:
        step_s = Fraction(round(clip.speed * 1000), 1000) / fps
        return cls(Fraction(round(clip.in_ms * 1000), 1_000_000) + clip.skip * step_s + _TOLERANCE_S, step_s)

    def meet(self, shown_s: Fraction, until_s: Fraction | None) -> bool:
        """Whether one of them lies where a frame of the source is shown."""
        coming = max(0, ceil((shown_s - self.start_s) / self.step_s))
        return until_s is None or self.start_s + coming * self.step_s < until_s


def clip_frames(clip: Clip, fps: int, count: int) -> Iterator[tuple[VideoFrame, float]]:
    """The decoded frames that a shot shows: frame k is the source's last one at or before its time.

    The source is decoded from the keyframe before. Before its start its first frame stays, after its end its last.
    Damaged packets are left out, as players do.

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
    times = _Times.of(clip, fps)
    with open_media(Path(clip.path), clip.name) as container:
        stream = _video_stream(container, clip.name)
        aspect = float(stream.sample_aspect_ratio or 1) or 1.0
        frames = _decoded(container, stream, times)
        shown = next(frames, None)
        if shown is None:
            raise UnsupportedMedia(f"{clip.name}: no picture in it decodes; the file is damaged.")
        coming = next(frames, None)
        for index in range(count):
            now_s = times.start_s + index * times.step_s
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


def _decoded(container: InputContainer, stream: VideoStream, times: _Times) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Frames with their times from the one that is seen first, or an earlier one, on.

    What is decoded between two frames that are seen only serves the second: what no other one refers to is left out.
    """
    base = stream.time_base or Fraction(1, 90_000)
    origin = stream.start_time or 0
    in_order = container.format.name in _IN_ORDER
    decoder = _decoder(stream)
    first_dts: int | None = None
    delay: int | None = None
    last = origin
    for packet, follows in _followed(_packets(container, stream, int(times.start_s / base) + origin)):
        first_dts = packet.dts if first_dts is None else first_dts
        unseen = packet.pts is not None and not times.meet(
            (packet.pts - origin) * base, None if follows is None else (follows - origin) * base
        )
        decoder.skip_frame = "NONREF" if unseen and not in_order else "DEFAULT"
        for frame in _frames(packet, decoder):
            stamp = frame.dts if in_order else frame.pts
            if stamp is not None and in_order:
                delay = stamp - (first_dts or 0) if delay is None else delay
                stamp -= delay
            last = last if stamp is None else max(last, stamp)
            yield (last - origin) * base, frame


def _packets(container: InputContainer, stream: VideoStream, start: int) -> Iterator[Packet[VideoStream]]:
    """Packets from the keyframe before `start` on."""
    if start > (stream.start_time or 0):
        _read_head(container, stream)
        container.seek(start, stream=stream)
    yield from container.demux(stream)


def _followed(packets: Iterator[Packet[VideoStream]]) -> Iterator[tuple[Packet[VideoStream], int | None]]:
    """Each packet with the time stamp of the frame that is shown after its own, None for the last."""
    near: deque[int] = deque(maxlen=2 * _REORDERED)
    waiting: deque[Packet[VideoStream]] = deque()

    def follows(packet: Packet[VideoStream]) -> int | None:
        own = packet.pts
        return None if own is None else min((stamp for stamp in near if stamp > own), default=None)

    for packet in packets:
        waiting.append(packet)
        if packet.pts is not None:
            near.append(packet.pts)
        if len(waiting) > _REORDERED:
            yield waiting[0], follows(waiting.popleft())
    while waiting:
        yield waiting[0], follows(waiting.popleft())


def _read_head(container: InputContainer, stream: VideoStream) -> None:
    """Let the decoder see the first packet of a 4:4:4 stream before a jump.

    Only there does x264 note its version, and the decoder must know it: old versions coded 4:4:4 differently.
    """
    if stream.codec_context.name == "h264" and "444" in (stream.codec_context.pix_fmt or ""):
        for packet in container.demux(stream):
            if packet.size:
                for _ in _frames(packet, stream.codec_context):
                    pass
                stream.codec_context.flush_buffers()
                return


def _decoder(stream: VideoStream) -> VideoCodecContext:
    """The stream's own decoder, or the one that knows transparency where WebM says that there is some."""
    own = stream.codec_context
    said = {key.lower(): value for key, value in stream.metadata.items()}
    name = _WITH_ALPHA.get(own.name) if said.get("alpha_mode") == "1" else None
    if name is None:
        return own
    decoder = cast(VideoCodecContext, VideoCodecContext.create(name, "r"))
    decoder.thread_count = 1
    return decoder


def _frames(packet: Packet[VideoStream], decoder: VideoCodecContext) -> Iterator[VideoFrame]:
    try:
        yield from decoder.decode(packet if packet.size else None)
    except av.error.InvalidDataError:
        return
    except EOFError:  # flushed twice
        return
