"""Shots and sound into one file, by copy: nothing is decoded, every time stamp is counted."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy
import PIL
from av import Packet
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from nemo_notebook.errors import RenderFailed
from nemo_notebook.files import disk_full, free_bytes
from nemo_notebook.film.provenance import Pairs, Provenance, unclaiming
from nemo_notebook.outside import redact
from nemo_notebook.render.cache import whole_file
from nemo_notebook.render.formats import FORMATS, IN_PIECES, Output, codec_for

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


# Opening a file decodes some frames to learn what a copy need not know: 50 ms a shot of 1080p instead of 1.
UNDECODED: dict[str, str] = {"skip_frame": "all"}
_TOLD_EVERY: Final = 30  # frames
_MOST_STREAMS: Final = 4
MOST_MISSING_S: Final = Fraction(1, 5)  # at the end of the sound: two packets


def join_film(
    shots: Sequence[tuple[Path, int]],
    sound: Path,
    output: Output,
    metadata: Mapping[str, str],
    cover: bytes,
    path: Path,
    progress: Callable[[float], None],
) -> None:
    """Writes the film.

    Args:
        shots: Files of `render_shot` with their numbers of frames, in order.
        sound: The track of the whole film, from `write_sound`.
        output: Its form.
        metadata: `title`, `artist`, `comment`; empty ones are left out.
        cover: A JPEG or PNG that stands for the film, where the format has a place for one; empty for none.
        path: The film; it is there only when it is whole.
        progress: Called with the fraction done.

    Raises:
        RenderFailed: A shot is not what the plan says, or the disk is full.
    """
    form = FORMATS[output.format]
    options = IN_PIECES if output.in_pieces else form.options
    frames = sum(count for _, count in shots)
    with whole_file(path) as part:
        with av.open(str(part), "w", format=form.muxer, options=dict(options)) as film, av.open(str(sound)) as heard:
            film.metadata.update({key: text for key, text in metadata.items() if text})
            with av.open(str(shots[0][0]), stream_options=[UNDECODED]) as first:  # type: ignore[list-item]  # the stubs are wrong
                pictures = film.add_stream_from_template(first.streams.video[0])
                setup = first.streams.video[0].codec_context.extradata
            audio = film.add_stream_from_template(heard.streams.audio[0])
            pictures.time_base = Fraction(1, output.fps)
            _add_cover(film, form.cover, cover)
            shown = _picture_packets(shots, pictures, output, setup)
            sounds = _sound_packets(heard, audio, Fraction(frames, output.fps), led=not output.in_pieces)
            written = _interleave(film, shown, sounds, frames, progress)
            ticks = pictures.time_base
        _check(part, written)
        if output.in_pieces:
            _append_index(part, output, frames, setup or b"", ticks)
    progress(1.0)


def _append_index(path: Path, output: Output, frames: int, setup: bytes, ticks: Fraction) -> None:
    """Ends a film in pieces with a `free` box of JSON that tells a player where they are; its last word is its size.

    A piece is a `moof` box with what follows it, and the first track in it is that of the pictures (ISO/IEC 14496-12).
    """
    starts_s, offsets = [], []
    with path.open("rb+") as film:
        at = 0
        while header := film.read(8):
            size, kind = struct.unpack(">I4s", header)
            if kind == b"moof":
                content = film.read(size - 8)
                (start,) = struct.unpack_from(">Q", content, content.index(b"tfdt") + 8)
                starts_s.append(float(start * ticks))
                offsets.append(at)
            at = film.seek(at + size)
        sizes = [end - start for start, end in zip(offsets, [*offsets[1:], at], strict=True)]
        index = {
            "head_bytes": offsets[0],
            "pieces": [
                {"start_s": start_s, "offset": offset, "size": size}
                for start_s, offset, size in zip(starts_s, offsets, sizes, strict=True)
            ],
            "codecs": f"avc1.{setup[1:4].hex().upper()}, mp4a.40.2",  # RFC 6381; the sound is AAC-LC
            "width": output.width,
            "height": output.height,
            "fps": output.fps,
            "duration_s": frames / output.fps,
        }
        content = json.dumps(index).encode("ascii")
        size = len(content) + 12
        film.write(struct.pack(">I4s", size, b"free") + content + struct.pack(">I", size))


def _add_cover(film: OutputContainer, how: str, cover: bytes) -> None:
    if how == "file" and cover:
        film.add_attachment("cover.jpg", "image/jpeg", cover)
    packet = add_cover(film, cover) if how == "picture" else None
    if packet is not None:
        film.start_encoding()
        film.mux_one(packet)


def _interleave(
    film: OutputContainer,
    pictures: Iterator[Packet[Any]],
    sounds: Iterator[Packet[Any]],
    frames: int,
    progress: Callable[[float], None],
) -> int:
    """Writes all packets in the order in which they are due; gives their bytes."""
    sound, written = next(sounds, None), 0
    of_sound = of_picture = 1
    for index, picture in enumerate(pictures):
        if index == 0 and sound is not None:
            ticks = sound.time_base / picture.time_base
            of_sound, of_picture = ticks.numerator, ticks.denominator  # whole numbers are compared ten times as quickly
        # Sound goes in where it is due, so that a player never has to look far for it.
        while sound is not None and (sound.dts or 0) * of_sound <= (picture.dts or 0) * of_picture:
            written += sound.size
            film.mux_one(sound)
            sound = next(sounds, None)
        written += picture.size
        film.mux_one(picture)
        if index % _TOLD_EVERY == 0:
            progress(0.9 * (index + 1) / frames)
    while sound is not None:
        written += sound.size
        film.mux_one(sound)
        sound = next(sounds, None)
    return written


def _picture_packets(
    shots: Sequence[tuple[Path, int]], stream: VideoStream, output: Output, setup: bytes | None
) -> Iterator[Packet[Any]]:
    """All shots' packets, shown at their frame and decoded in the order in which they come."""
    start, frame, reordered = 0, Fraction(1, output.fps), codec_for(output).reorder_frames
    for path, count in shots:
        with av.open(str(path), stream_options=[UNDECODED]) as shot:  # type: ignore[list-item]  # the stubs are wrong
            source = shot.streams.video[0]
            if source.codec_context.extradata != setup:
                raise RenderFailed("A rendered shot does not fit the others.", hint="Clear the cache and export again.")
            packets = [packet for packet in shot.demux(source) if packet.size]
            if len(packets) != count:
                raise RenderFailed(
                    f"A shot has {len(packets)} frames instead of {count}.", hint="Clear the cache and export again."
                )
            ticks = float(packets[0].time_base / frame)
            for index, packet in enumerate(packets):
                shown = round((packet.pts or 0) * ticks)
                packet.pts, packet.dts, packet.duration = start + shown, start + index - reordered, 1
                packet.time_base = frame
                packet.stream = stream
                yield packet
        start += count


def _sound_packets(
    container: InputContainer, stream: AudioStream, length_s: Fraction, *, led: bool
) -> Iterator[Packet[Any]]:
    """The track's packets, with what leads up to its beginning if the file can say that it is not to be heard."""
    source, last = container.streams.audio[0], 0
    for packet in container.demux(source):
        if packet.size and (led or (packet.dts or 0) >= 0):
            packet.stream = stream
            last = packet.dts or 0
            yield packet
    if last * (source.time_base or 0) < length_s - MOST_MISSING_S:
        raise RenderFailed("The sound of the film is not whole.", hint="Clear the cache and export again.")


def _check(path: Path, written: int) -> None:
    """A disk that fills up is not always noticed while writing: what was written has to be there, and be readable."""
    arrived = path.stat().st_size
    if arrived > written:
        try:
            av.open(str(path), stream_options=[UNDECODED] * _MOST_STREAMS).close()  # type: ignore[list-item]
        except av.error.FFmpegError:
            arrived = 0
    if arrived <= written:
        if free_bytes(path) < written:
            raise disk_full("the film", path, written)
        raise RenderFailed("The film was not written to its end.", hint="Is the disk full? Export again.")
