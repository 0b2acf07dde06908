"""Sound out of a file or a recipe as 48 kHz stereo blocks, so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media.convert_sound import Resampler
from nemo_notebook.media.opening import open_media
from nemo_notebook.render.layers import SOUND_RATE, Sound
from nemo_notebook.render.stretch import stretched

Samples = npt.NDArray[np.float32]

_DECLICK: Final = SOUND_RATE * 5 // 1000
_RUN_UP_S: Final = Fraction(1, 5)  # the first sound after a jump is not whole: a decoder leans on what came before
_BLOCK: Final = 8192


class Tape:
    """Plays one stretch of sound, shaped by its gain and fades; silence follows where the source has ended."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._blocks = _composed(sound) if sound.recipe else _decoded(sound)
        if sound.speed != 1.0:
            self._blocks = stretched(self._blocks, sound.speed)
        self._rest = np.zeros((0, 2), np.float32)
        self._at = 0

    def take(self, count: int) -> Samples:
        """The next samples, shape (count, 2)."""
        parts, have = [self._rest], len(self._rest)
        while have < count and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            have += len(block)
        joined = np.concatenate(parts)
        self._rest = joined[count:]
        taken = np.zeros((count, 2), np.float32)
        taken[: min(count, have)] = joined[:count]
        taken *= envelope(self._sound, self._at, count)[:, None]
        self._at += count
        return taken


def envelope(sound: Sound, first: int, count: int) -> Samples:
    """Gain of a sound for `count` samples from its own sample `first` on, shape (count,).

    Fades are quarters of a sine, so that two sounds that cross keep their power, and one alone comes and goes evenly;
    every edge has at least 5 ms, so that a cut does not click.
    """
    at = np.arange(first, first + count, dtype=np.float64)
    into = (at + 0.5) / max(_DECLICK, sound.fade_in)
    out = (sound.samples - at - 0.5) / max(_DECLICK, sound.fade_out)
    shape = np.sin(np.pi / 2 * np.clip(into, 0, 1)) * np.sin(np.pi / 2 * np.clip(out, 0, 1))
    return (shape * sound.gain).astype(np.float32)


def _composed(sound: Sound) -> Iterator[Samples]:
    from nemo_notebook.music import Recipe, synthesize

    music = synthesize(Recipe.from_json(dict(sound.recipe)))
    yield from (music[first : first + _BLOCK] for first in range(0, len(music), _BLOCK))


def _decoded(sound: Sound) -> Iterator[Samples]:
    start_s = Fraction(round(sound.in_ms * 1000), 1_000_000)
    with open_media(Path(sound.path), sound.name) as container:
        if not container.streams.audio:
            raise UnsupportedMedia(f"{sound.name} has no sound.")
        stream = container.streams.audio[0]
        origin_s = _origin(container, stream)
        # Only files with pictures have time stamps that a jump can be trusted with; sound alone decodes fast enough.
        if container.streams.video and start_s > _RUN_UP_S:
            base = stream.time_base or Fraction(1, SOUND_RATE)
            container.seek(int((start_s + origin_s - _RUN_UP_S) / base), stream=stream)
        yield from _from(start_s + origin_s, container, stream)


def _origin(container: InputContainer, stream: AudioStream) -> Fraction:
    """Time stamp at which the file begins: its picture's, so that sound stays in step with it."""
    leader = container.streams.video[0] if container.streams.video else stream
    return (leader.start_time or 0) * (leader.time_base or Fraction(0))


def _from(start_s: Fraction, container: InputContainer, stream: AudioStream) -> Iterator[Samples]:
    # FFmpeg spreads one channel over two at −3 dB; a player gives it to both as it is.
    alone = stream.codec_context.channels == 1
    resampler = Resampler("flt", "mono" if alone else "stereo", SOUND_RATE)
    skip: int | None = None
    for frame in chain(_frames(container, stream), [None]):
        if skip is None and frame is not None:
            time_s = (frame.pts or 0) * (frame.time_base or Fraction(0))
            skip = round((start_s - time_s) * SOUND_RATE)
            if skip < 0:
                yield np.zeros((-skip, 2), np.float32)
                skip = 0
        for part in resampler.flush() if frame is None else resampler.resample(frame):
            samples = np.repeat(part.to_ndarray().reshape(-1, 1), 2, axis=1) if alone else _pairs(part)
            dropped = min(skip or 0, len(samples))
            skip = (skip or 0) - dropped
            if dropped < len(samples):
                yield samples[dropped:].astype(np.float32, copy=False)


def _pairs(frame: AudioFrame) -> Samples:
    return np.asarray(frame.to_ndarray().reshape(-1, 2))


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue  # a damaged packet is left out, as players do
        yield from (frame for frame in frames if isinstance(frame, AudioFrame))
