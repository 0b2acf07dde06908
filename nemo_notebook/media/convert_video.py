"""Films into MP4: by copy where the codecs allow it, else as H.264 and AAC. Picture and sound stay together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from nemo_notebook.errors import MediaTooLarge, UnsupportedMedia
from nemo_notebook.media.convert_files import (
    Job,
    Result,
    check_whole,
    decode,
    length_s,
    open_source,
    read_tags,
    steady,
)
from nemo_notebook.media.convert_sound import sound_of, write_m4a
from nemo_notebook.media.convert_tracks import PictureTrack, SoundTrack
from nemo_notebook.media.opening import MAX_SIDE_PX

_COPIED: Final = frozenset({"mov", "flv", "mpegts", "matroska"})
_PREROLL_S: Final = 0.1  # AAC needs a packet or two from before its start
_LATE_S: Final = 0.05  # sound that sets in later is led by silence, for players that take its first packet for time 0


class _NotCopyableError(Exception):
    """The file's packets do not fit an MP4 as they are."""


def convert_video(job: Job, target: Path) -> Path:
    """A film as MP4, upright and with square pixels; what is interlaced is made whole pictures.

    Time 0 is the first picture that decodes. Sound from before it is cut off, and silence is put where there is none.

    Args:
        job: The conversion.
        target: The name of an MP4.

    Returns:
        The file. Where there is only sound it is an M4A.

    Raises:
        UnsupportedMedia: Nothing in it decodes, or it breaks off.
        MediaTooLarge: It has more pixels or hours than are worked with, or more bytes than are accepted.
    """
    with open_source(job) as container:
        pictures, sound = _streams(job, container)
        if pictures is None:
            target = target.with_suffix(".m4a")
            write_m4a(job, container, target)
            return target
        copyable = _is_copyable(container, pictures, sound)
    if copyable:
        try:
            return _written(job, target, _copy)
        except _NotCopyableError:
            target.unlink(missing_ok=True)
    return _written(job, target, _encode)


def _written(job: Job, target: Path, write: Callable[[InputContainer, Job, Path, VideoFrame], float]) -> Path:
    with open_source(job) as container:
        first = _first_picture(job, container)
    with open_source(job) as container:
        check_whole(job, container, write(container, job, target, first))
    return target


def _streams(job: Job, container: InputContainer) -> tuple[VideoStream | None, AudioStream | None]:
    """The picture and the sound that are meant; a file may hold one of them alone."""
    shown = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    pictures = next((s for s in shown if s.codec_context is not None), None)
    if pictures is not None and max(pictures.width, pictures.height) > MAX_SIDE_PX:
        raise MediaTooLarge(
            f"{job.filename} is {pictures.width}×{pictures.height} pixels; at most {MAX_SIDE_PX} a side are accepted.",
            hint="Scale it down, then upload it again.",
        )
    if shown and pictures is None:
        raise UnsupportedMedia(f"{job.filename}: its pictures are of a type that cannot be read.")
    return pictures, sound_of(job, container) if container.streams.audio else None


def _is_copyable(container: InputContainer, pictures: VideoStream, sound: AudioStream | None) -> bool:
    return (
        bool(_COPIED & set(container.format.name.split(",")))
        and pictures.codec_context.name == "h264"
        and pictures.codec_context.pix_fmt in {"yuv420p", "yuvj420p"}
        and (sound is None or sound.codec_context.name == "aac")
    )


def _first_picture(job: Job, container: InputContainer) -> VideoFrame:
    """The first picture that decodes: the film begins with it."""
    pictures, sound = _streams(job, container)
    assert pictures is not None
    for packet in _packets(container, pictures, sound):
        if packet.stream_index == pictures.index:
            for frame in decode(packet):
                if isinstance(frame, VideoFrame):
                    return frame
    raise UnsupportedMedia(
        f"{job.filename}: none of its pictures decode; the file is cut off or damaged.",
        hint="Copy or download it again, or convert it to MP4 (H.264) first.",
    )


def _copy(container: InputContainer, job: Job, path: Path, first: VideoFrame) -> float:
    pictures, sound = _streams(job, container)
    assert pictures is not None
    reached_s = 0.0
    begun: set[int] = set()
    try:
        with Result(job, path, "mp4", length_s(container), read_tags(container)) as result:
            outs = {s.index: result.container.add_stream_from_template(s) for s in (pictures, sound) if s is not None}
            for packet in _packets(container, pictures, sound):
                begin_s, end_s = _move(packet, first.time or 0.0) if packet.size else (0.0, -1.0)
                is_picture = packet.stream_index == pictures.index
                if end_s <= (0 if is_picture else -_PREROLL_S):
                    continue
                if packet.stream_index not in begun:
                    begun.add(packet.stream_index)
                    if not packet.is_keyframe or begin_s > _LATE_S:
                        raise _NotCopyableError
                packet.stream = outs[packet.stream_index]
                result.mux([packet])
                reached_s = max(reached_s, end_s)
                result.reached(reached_s)
    except av.error.FFmpegError as error:
        raise _NotCopyableError from error
    return reached_s


def _move(packet: Packet[Any], start_s: float) -> tuple[float, float]:
    """Move a packet so that `start_s` becomes time 0; gives the times at which it begins and ends, in seconds."""
    if packet.pts is None or packet.dts is None:
        raise _NotCopyableError
    start = round(start_s / packet.time_base)
    packet.pts, packet.dts = packet.pts - start, packet.dts - start
    base = packet.time_base
    return float(packet.pts * base), float((packet.pts + (packet.duration or 0)) * base)


def _packets(container: InputContainer, pictures: VideoStream, sound: AudioStream | None) -> Iterator[Packet[Any]]:
    return steady(container, pictures, sound) if sound else steady(container, pictures)


def _encode(container: InputContainer, job: Job, path: Path, first: VideoFrame) -> float:
    pictures, sound = _streams(job, container)
    assert pictures is not None
    pictures.thread_type = "AUTO"
    with Result(job, path, "mp4", length_s(container), read_tags(container)) as result:
        seen = PictureTrack(result, pictures, first)
        heard = SoundTrack(result, sound, first.time or 0.0) if sound else None
        for packet in _packets(container, pictures, sound):
            for frame in decode(packet):
                if isinstance(frame, VideoFrame):
                    seen.add(frame)
                elif heard:
                    heard.add(frame)
            result.reached(seen.end_s)
        seen.finish()
        if heard:
            heard.finish()
    return max(seen.end_s, heard.end_s if heard else 0.0) if seen.end_s else 0.0
