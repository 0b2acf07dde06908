"""What a file is, told by its content: kind, length, size as displayed, and that it really decodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from nemo_notebook.errors import MediaTooLarge, UnsupportedMedia
from nemo_notebook.media import opening
from nemo_notebook.media_types import ACCEPTED, readers

_ACCEPTED: Final = frozenset(readers(ACCEPTED, stills=False))
_ESTIMATED: Final = frozenset({"mp3", "aac"})  # FFmpeg guesses their length from the first bit rate it sees
_ENCODER_DELAY_S: Final = 0.08
_DECODE_PACKETS: Final = 400
_TAG_CHARACTERS: Final = 200
_MAX_GIF_FRAMES: Final = 20_000  # each is drawn upon the one before, so that a late one needs all of them
_MAX_GIF_PIXELS: Final = 10_000_000_000  # of all of them, half a minute of decoding


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What is known about an accepted file.

    Attributes:
        kind: `video`, `image` or `audio`.
        duration_s: Length in seconds of what can be played; 0 for an image.
        width: Width in pixels as displayed, rotation applied; 0 for sound.
        height: Height in pixels as displayed, rotation applied; 0 for sound.
        rotation: Clockwise turn in degrees (0, 90, 180, 270) that a player applies to the stored picture.
        fps: Average frames per second; 0 where there are none.
        has_audio: Whether it has sound.
        codec: FFmpeg's name of the picture's codec, or of the sound's if there is no picture.
        title: The title tag, or empty.
        artist: The artist tag, or empty.
    """

    kind: str
    duration_s: float
    width: int
    height: int
    rotation: int
    fps: float
    has_audio: bool
    codec: str
    title: str
    artist: str

    def to_json(self) -> dict[str, Any]:
        """All attributes as JSON values."""
        return asdict(self)


def probe(path: Path, filename: str) -> MediaInfo:
    """Looks into a file and decodes a little of it.

    Args:
        path: The file; neither its name nor its suffix counts, only its content.
        filename: What people call it, for messages.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: Not an accepted type, or nothing in it decodes.
        MediaTooLarge: More pixels, scans, frames or hours than the engine works with.
    """
    format_name = opening.picture_format(opening.head_of(path, filename))
    if format_name:
        width, height, rotation = opening.picture_size(path, filename, format_name)
        return MediaInfo("image", 0.0, width, height, rotation, 0.0, False, format_name.lower(), "", "")
    with opening.open_media(path, filename) as container:
        if not _ACCEPTED & set(container.format.name.split(",")):
            raise UnsupportedMedia(f"{filename} is of the type {container.format.long_name}, which is not accepted.")
        pictures = opening.picture_streams(container)
        info = _video(container, pictures[0], path, filename) if pictures else _audio(container, filename)
    if info.duration_s > opening.MAX_DURATION_S:
        raise MediaTooLarge(
            f"{filename} lasts {info.duration_s / 3600:.1f} hours; "
            f"at most {opening.MAX_DURATION_S / 3600:.0f} are accepted.",
            hint="Cut out the part that you need, then upload that.",
        )
    return info


def _video(container: InputContainer, stream: VideoStream, path: Path, filename: str) -> MediaInfo:
    if stream.codec_context is None:
        raise UnsupportedMedia(f"{filename}: its pictures cannot be read: they are of an unknown type, or damaged.")
    has_audio = any(each.codec_context is not None for each in container.streams.audio[:1])
    if has_audio:
        opening.check_sound(container.streams.audio[0], filename)
    opening.check_sides(stream, filename)
    most = min(_MAX_GIF_FRAMES, _MAX_GIF_PIXELS // max(1, stream.width * stream.height))
    if container.format.name == "gif" and stream.frames > most:
        raise MediaTooLarge(
            f"{filename} has {stream.frames} frames; at most {most} of a GIF of its size are accepted.",
            hint="Convert it to MP4, then upload that.",
        )
    duration_s = _played_s(container, stream, path)
    frame, more = _first_frames(container, stream, filename)
    rotation = -round(frame.rotation) % 360
    if container.format.name == "gif" and not more:
        width, height, rotation = opening.picture_size(path, filename, "GIF")  # FFmpeg shows half of a damaged one
        return MediaInfo("image", 0.0, width, height, rotation, 0.0, False, "gif", "", "")
    width, height = (frame.height, frame.width) if rotation in (90, 270) else (frame.width, frame.height)
    fps = round(float(stream.average_rate or stream.guessed_rate or 0), 3)
    codec = stream.codec_context.codec.canonical_name
    title, artist = (_tag(container.metadata, name) for name in ("title", "artist"))
    return MediaInfo("video", duration_s, width, height, rotation, fps, has_audio, codec, title, artist)


def _audio(container: InputContainer, filename: str) -> MediaInfo:
    if not container.streams.audio:
        raise UnsupportedMedia(f"{filename} holds neither pictures nor sound.")
    stream = container.streams.audio[0]
    opening.check_sound(stream, filename)
    codec = stream.codec_context.codec.canonical_name
    if not any(len(packet.decode()) for packet in _some_packets(container, stream)):
        raise UnsupportedMedia(f"{filename}: its sound ({codec}) does not decode; the file is damaged.")
    duration_s = _stated_s(container, stream)
    if duration_s is None or container.format.name in _ESTIMATED:
        demuxed_s = _demuxed_s(container, stream)
        # A statement that comes that close is one of an encoder that knows its own delay.
        close = duration_s is not None and abs(duration_s - demuxed_s) < _ENCODER_DELAY_S
        duration_s = duration_s if duration_s is not None and close else demuxed_s
    title, artist = (_tag(container.metadata, name) for name in ("title", "artist"))
    return MediaInfo("audio", round(duration_s, 3), 0, 0, 0, 0.0, True, codec, title, artist)


def _played_s(container: InputContainer, stream: VideoStream, path: Path) -> float:
    duration_s = _stated_s(container, stream)
    if duration_s is None:
        duration_s = _demuxed_s(container, stream)
    elif stream.frames:
        duration_s = min(duration_s, _held_s(stream, path.stat().st_size, duration_s))
    return round(duration_s, 3)


def _stated_s(container: InputContainer, stream: VideoStream | AudioStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _held_s(stream: VideoStream, size_bytes: int, stated_s: float) -> float:
    """Seconds whose data lies inside the file: an MP4 cut in the middle states more than it holds."""
    entries = stream.index_entries
    count = len(entries)
    if not count or entries[count - 1].pos + entries[count - 1].size <= size_bytes or not stream.time_base:
        return stated_s
    low, high = 0, count - 1  # the file offsets of one stream rise
    while low < high:
        middle = (low + high) // 2
        whole = entries[middle].pos + entries[middle].size <= size_bytes
        low, high = (middle + 1, high) if whole else (low, middle)
    return float((entries[low].timestamp - entries[0].timestamp) * stream.time_base)


def _demuxed_s(container: InputContainer, stream: VideoStream | AudioStream) -> float:
    container.seek(0)
    first: float | None = None
    end = 0.0
    for packet in container.demux(stream):
        if packet.pts is None or packet.time_base is None:
            continue
        start = float(packet.pts * packet.time_base)
        first = start if first is None else min(first, start)
        end = max(end, start + float((packet.duration or 0) * packet.time_base))
        if end > opening.MAX_DURATION_S + 60:
            break
    return max(0.0, end - (first or 0.0))


def _first_frames(container: InputContainer, stream: VideoStream, filename: str) -> tuple[VideoFrame, bool]:
    """The first frame that decodes, and whether a second one follows."""
    first: VideoFrame | None = None
    stream.codec_context.thread_count = 1  # each thread takes memory of its own, and a frame needs but one
    container.seek(0)
    for packet in _some_packets(container, stream):
        for frame in packet.decode():
            if first is not None:
                return first, True
            if isinstance(frame, VideoFrame):
                first = frame
        if first is not None and container.format.name != "gif":
            return first, True
    if first is None:
        raise UnsupportedMedia(
            f"{filename}: none of its pictures ({stream.codec_context.name}) decode; the file is cut off or damaged.",
            hint="Copy or download it again, or convert it to MP4 (H.264) first.",
        )
    return first, False


def _some_packets(container: InputContainer, stream: VideoStream | AudioStream) -> Iterator[Packet[Any]]:
    for number, packet in enumerate(container.demux(stream)):
        if number >= _DECODE_PACKETS:
            return
        yield packet


def _tag(tags: Mapping[str, str], name: str) -> str:
    value = next((v for k, v in tags.items() if k.lower() == name), "")
    return "".join(c for c in value if c.isprintable()).strip()[:_TAG_CHARACTERS]
