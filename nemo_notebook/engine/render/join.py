"""Shots and sound into one file, by copy: nothing is decoded, every time stamp is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av import Packet
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from nemo_notebook.engine.render.encode import REORDER_FRAMES
from nemo_notebook.engine.render.files import whole_file
from nemo_notebook.engine.render.layers import Output
from nemo_notebook.errors import RenderFailed

_MUXERS: Mapping[str, tuple[str, dict[str, str]]] = {
    "mp4": ("mp4", {"movflags": "+faststart"}),
    "mov": ("mov", {"movflags": "+faststart"}),
    "mkv": ("matroska", {"avoid_negative_ts": "disabled"}),
}
# Opening a file decodes some frames to learn what a copy need not know: 50 ms a shot of 1080p instead of 1.
_UNDECODED: dict[str, str] = {"skip_frame": "all"}


def join_film(
    shots: Sequence[tuple[Path, int]],
    sound: Path,
    output: Output,
    metadata: Mapping[str, str],
    path: Path,
    progress: Callable[[float], None],
) -> None:
    """Writes the film.

    Args:
        shots: Files of `render_shot` with their numbers of frames, in order.
        sound: AAC of the whole film.
        output: Its form.
        metadata: `title`, `artist`, `comment`; empty ones are left out.
        path: The film; it is there only when it is whole.
        progress: Called with the fraction done.

    Raises:
        RenderFailed: A shot is not what the plan says, or the disk is full.
    """
    muxer, options = _MUXERS[output.format]
    frames = sum(count for _, count in shots)
    with whole_file(path) as part:
        with av.open(str(part), "w", format=muxer, options=options) as film, av.open(str(sound)) as heard:
            film.metadata.update({key: text for key, text in metadata.items() if text})
            with av.open(str(shots[0][0])) as first:
                pictures = film.add_stream_from_template(first.streams.video[0])
                setup = first.streams.video[0].codec_context.extradata
            audio = film.add_stream_from_template(heard.streams.audio[0])
            pictures.time_base = Fraction(1, output.fps)
            shown = _picture_packets(shots, pictures, output.fps, setup)
            _interleave(film, shown, _sound_packets(heard, audio), frames, progress)
        _check(part, frames)
    progress(1.0)


def _interleave(
    film: OutputContainer,
    pictures: Iterator[Packet[Any]],
    sounds: Iterator[Packet[Any]],
    frames: int,
    progress: Callable[[float], None],
) -> None:
    sound = next(sounds, None)
    for index, picture in enumerate(pictures):
        # Sound goes in where it is due, so that a player never has to look far for it.
        while sound is not None and _due_s(sound) <= _due_s(picture):
            film.mux_one(sound)
            sound = next(sounds, None)
        film.mux_one(picture)
        progress(0.9 * (index + 1) / frames)
    while sound is not None:
        film.mux_one(sound)
        sound = next(sounds, None)


def _due_s(packet: Packet[Any]) -> Fraction:
    return (packet.dts or 0) * packet.time_base


def _picture_packets(
    shots: Sequence[tuple[Path, int]], stream: VideoStream, fps: int, setup: bytes | None
) -> Iterator[Packet[Any]]:
    """All shots' packets, shown at their frame and decoded in the order in which they come."""
    start = 0
    for path, count in shots:
        with av.open(str(path), stream_options=[_UNDECODED]) as shot:  # type: ignore[list-item]  # the stubs are wrong
            source = shot.streams.video[0]
            if source.codec_context.extradata != setup:
                raise RenderFailed("A rendered shot does not fit the others.", hint="Clear the cache and export again.")
            packets = [packet for packet in shot.demux(source) if packet.size]
            if len(packets) != count:
                raise RenderFailed(
                    f"A shot has {len(packets)} frames instead of {count}.", hint="Clear the cache and export again."
                )
            for index, packet in enumerate(packets):
                shown = round((packet.pts or 0) * packet.time_base * fps)
                packet.pts, packet.dts, packet.duration = start + shown, start + index - REORDER_FRAMES, 1
                packet.time_base = Fraction(1, fps)
                packet.stream = stream
                yield packet
        start += count


def _sound_packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[Any]]:
    for packet in container.demux(container.streams.audio[0]):
        if packet.size:
            packet.stream = stream
            yield packet


def _check(path: Path, frames: int) -> None:
    """A disk that fills up is not always noticed while writing: count what has arrived."""
    with av.open(str(path), stream_options=[_UNDECODED] * 2) as film:  # type: ignore[list-item]
        arrived = sum(1 for packet in film.demux(film.streams.video[0]) if packet.size)
    if arrived != frames:
        raise RenderFailed(
            f"The film has {arrived} frames instead of {frames}.", hint="Is the disk full? Export again."
        )
