"""The soundtrack of a film: sounds decoded or composed, stretched in time, and mixed as 48 kHz stereo blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, chain
from operator import mul
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.filter import Graph
from av.filter.context import FilterContext

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media.convert_sound import Resampler
from nemo_notebook.media.opening import open_media
from nemo_notebook.render.cache import Mix, at_full, whole_file
from nemo_notebook.render.layers import SOUND_RATE, Sound, SoundPlan
from nemo_notebook.render.sound_file import Floats, at_samples, levels_db, presence, true_peaks

Samples = npt.NDArray[np.float32]

_MOST: Final = 2.0  # in one step: beyond, the filter leaves sound out in place of overlapping it
_WINDOW: Final = 2048  # samples, of the filter at 48 kHz
_EARLY: Final = 614  # samples by which each step is heard too early, measured: between none and half its first window


def stretched(blocks: Iterator[Samples], speed: float) -> Iterator[Samples]:
    """Plays blocks of shape (n, 2) at 48 kHz `speed` times as fast, some at a time."""
    steps = tuple(_steps(speed))
    graph = Graph()
    source = graph.add_abuffer(sample_rate=SOUND_RATE, format="flt", layout="stereo", time_base=Fraction(1, SOUND_RATE))
    last = source
    for step in steps:
        tempo = graph.add("atempo", f"{step:.9f}")
        last.link_to(tempo)
        last = tempo
    sink = graph.add("abuffersink")
    last.link_to(sink)
    graph.configure()
    at = 0
    lead = np.zeros((_lead(steps), 2), np.float32)
    for block in chain([lead], blocks, [np.zeros((_WINDOW, 2), np.float32)]):
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        at += len(block)
        source.push(frame)
        yield from _ready(sink)
    source.push(None)
    yield from _ready(sink)


def _steps(speed: float) -> Iterator[float]:
    """Factors of 0.5–2 whose product is the speed."""
    while speed > _MOST:
        yield _MOST
        speed /= _MOST
    while speed < 1 / _MOST:
        yield 1 / _MOST
        speed *= _MOST
    yield speed


def _lead(steps: Sequence[float]) -> int:
    """Samples of silence that go first, so that what is heard is in step."""
    return round(_EARLY * sum(accumulate(steps[:-1], mul, initial=1.0)))


def _ready(sink: FilterContext) -> Iterator[Samples]:
    while True:
        try:
            frame = sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield np.asarray(frame.to_ndarray().reshape(-1, 2), np.float32)


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


CEILING: Final = 10 ** (-1 / 20)  # −1 dBTP, of every file as it is decoded
BLOCK: Final = 48 * 5000  # samples at once, a whole number of milliseconds

Progress = Callable[[float], None]
Presences = dict[bool, Floats]
"""How much is spoken at each moment: for music, by clips and voice-overs; for clips (true), by voice-overs alone."""


def mix_sound(plan: SoundPlan, folder: Path, progress: Progress) -> Mix:
    """Mixes; does nothing if the mix is there.

    Raises:
        NemoError: A source is missing or unreadable, or the disk is full.
    """
    mix = Mix.of(plan, folder)
    if mix.exists:
        mix.raw.touch()  # the cache keeps what was used last
        mix.peaks.touch()
    else:
        full = at_full(plan)
        with whole_file(mix.peaks) as peaks, whole_file(mix.raw) as raw:
            found = _write(raw, full, _presences(full, lambda done: progress(0.5 * done)), progress)
            with peaks.open("wb") as file:
                np.save(file, found)
    progress(1.0)
    return mix


def _presences(plan: SoundPlan, progress: Progress) -> Presences:
    voices = [sound for sound in plan.sounds if sound.voice]
    found: Presences = {}
    for is_voice, heard in ((False, voices), (True, [sound for sound in voices if sound.duck >= 1])):
        if heard and any(sound.duck < 1 and sound.voice == is_voice for sound in plan.sounds):
            levels = [levels_db(block) for block in _play(heard, plan.samples, {}, progress)]
            found[is_voice] = presence(np.concatenate(levels))
    return found


def _write(path: Path, plan: SoundPlan, away: Presences, progress: Progress) -> Floats:
    """Writes the samples and gives their peaks."""
    peaks = [np.zeros(0, np.float32)]
    with path.open("wb") as file:
        for block in _play(plan.sounds, plan.samples, away, progress):
            file.write(block.tobytes())
            peaks.append(true_peaks(block, CEILING))
    return np.concatenate(peaks)


def _play(sounds: Sequence[Sound], samples: int, away: Presences, progress: Progress) -> Iterator[Samples]:
    """The sum of all sounds, block by block; `away` is how much those that are ducked give way."""
    waiting = sorted(sounds, key=lambda sound: sound.start, reverse=True)
    playing: list[tuple[Sound, Tape]] = []
    for first in range(0, samples, BLOCK):
        block = np.zeros((min(BLOCK, samples - first), 2), np.float32)
        end = first + len(block)
        while waiting and waiting[-1].start < end:
            sound = waiting.pop()
            playing.append((sound, Tape(sound)))
        for sound, tape in playing:
            start, stop = max(first, sound.start), min(end, sound.start + sound.samples)
            heard = tape.take(stop - start)
            if sound.duck < 1 and sound.voice in away:
                spoken = at_samples(away[sound.voice], start, stop - start)
                heard *= (1 - (1 - np.float32(sound.duck)) * spoken)[:, None]
            block[start - first : stop - first] += heard
        playing = [(sound, tape) for sound, tape in playing if sound.start + sound.samples > end]
        yield block
        progress(end / samples)
