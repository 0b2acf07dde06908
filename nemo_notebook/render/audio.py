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
from nemo_notebook.media.opening import open_media, sound_frames
from nemo_notebook.music import loudness_lufs
from nemo_notebook.music.dsp import Samples
from nemo_notebook.render.cache import Mix, at_full, whole_file
from nemo_notebook.render.layers import SOUND_RATE, Sound, SoundPlan

_Doubles = npt.NDArray[np.float64]

STEP: Final = SOUND_RATE // 1000  # samples
_TAPS: Final = 12  # of each phase of the four-fold interpolation, as in ITU-R BS.1770-4, annex 2
_NEAR_PEAK: Final = 0.6  # beside a sample that is lower than this share of a level, the wave hardly reaches it

_LOOK_AHEAD: Final = 5  # ms, by which the limiter turns down before a peak
_RECOVERY_DB: Final = 0.06  # in a millisecond: 6 dB in a tenth of a second; faster, and bass would be bent

_LOUD_LUFS: Final = -14.0  # what the limiter takes away is made up for as far as this
_MOST_UP_DB: Final = 6.0  # a voice that is heard now and then is not blown up for the quiet around it
_NEAR_LU: Final = 0.05
_ROUNDS: Final = 8

_ATTACK: Final = 20  # ms before a voice in which others give way
_RELEASE: Final = 400  # ms after it in which they come back
_HOLD: Final = 200  # ms that a voice may pause, as between words
_VOICE_BELOW_DB: Final = 22.0  # what is so much quieter than its loud passages is no voice but what is around it
_VOICE_LEAST_DB: Final = -50.0


def _phases() -> npt.NDArray[np.float64]:
    """Interpolation at a quarter, half and three quarters between two samples; shape (_TAPS, 3)."""
    places = np.arange(_TAPS)[:, None] - (_TAPS / 2 - 1) - np.array([0.25, 0.5, 0.75])
    taps = np.sinc(places) * np.cos(np.pi * places / _TAPS) ** 2
    return np.asarray(taps / taps.sum(axis=0))


_PHASES: Final = _phases()


def true_peaks(sound: Samples, floor: float) -> Samples:
    """The highest level of the wave itself, also between samples, in each millisecond.

    Args:
        sound: Shape (n, 2).
        floor: Peaks under this need not be exact: some are those of their samples.

    Returns:
        Shape (⌈n / 48⌉,).
    """
    count = -(-len(sound) // STEP)
    highest = np.zeros(count, np.float32)
    for channel in np.ascontiguousarray(sound.T, np.float32):
        level = np.abs(channel)
        peaks = np.pad(level, (0, count * STEP - len(level))).reshape(-1, STEP).max(axis=1)
        # Near the ends there is too little around a sample to tell.
        inner = level[_TAPS // 2 : -_TAPS // 2]
        before, after = level[_TAPS // 2 - 1 : -_TAPS // 2 - 1], level[_TAPS // 2 + 1 : len(level) - _TAPS // 2 + 1]
        bumps = _TAPS // 2 + np.flatnonzero((inner > _NEAR_PEAK * floor) & (inner >= before) & (inner >= after))
        if bumps.size:
            windows = np.lib.stride_tricks.sliding_window_view(channel, _TAPS)
            for shift in (0, 1):  # the wave is highest between the highest sample and one of its neighbours
                # With twice the digits: the last bits of a product of matrices depend on the kind of CPU.
                between = np.abs(windows[bumps - _TAPS // 2 + shift].astype(np.float64) @ _PHASES).max(axis=1)
                np.maximum.at(peaks, bumps // STEP, between.astype(np.float32))
        highest = np.maximum(highest, peaks)
    return highest


def limiting(peaks: Samples, ceiling: float) -> Samples:
    """Gain that holds peaks under a ceiling: down 5 ms ahead of a peak, and back so slowly that bass stays clean.

    Args:
        peaks: One a millisecond, from `true_peaks`.
        ceiling: The most that is left of them.

    Returns:
        Gains of 0–1, as many as there are peaks.
    """
    needed_db = 20 * np.log10(np.minimum(1.0, ceiling / np.maximum(peaks.astype(np.float64), 1e-9)))
    ahead = np.pad(needed_db, (_LOOK_AHEAD, _LOOK_AHEAD + 1))
    held_db = np.lib.stride_tricks.sliding_window_view(ahead, 2 * _LOOK_AHEAD + 2).min(axis=1)
    rise = _RECOVERY_DB * np.arange(len(held_db))
    # Backwards in time it jumps, forwards it climbs: the lowest line of that slope through all that was needed so far.
    slow_db = np.minimum.accumulate(held_db - rise) + rise
    gain = 10 ** (np.minimum(slow_db, held_db) / 20)
    smooth = np.hanning(_LOOK_AHEAD + 2)[1:-1]
    edge = _LOOK_AHEAD // 2
    return np.asarray(np.convolve(np.pad(gain, edge, mode="edge"), smooth / smooth.sum(), "valid"), np.float32)


def gain_to(lufs: tuple[float, float], power: _Doubles, peaks: Samples, ceiling: float) -> float:
    """Gain that brings a sound to a loudness before its peaks are limited, which takes loudness away again.

    Args:
        lufs: The least and the most that it is to be.
        power: K-weighted, of each millisecond.
        peaks: True peaks of each millisecond.
        ceiling: What these are limited to.

    Returns:
        A factor; to a hundredth of a decibel, as the last bits of the power depend on the kind of CPU.
    """
    now = loudness_lufs(power)
    if now == float("-inf"):
        return 1.0
    wanted = min(max(now, lufs[0]), lufs[1])
    gain_db = round(min(wanted - now, _MOST_UP_DB), 2)
    for _ in range(_ROUNDS):
        gain = 10 ** (gain_db / 20)
        missing = min(wanted, _LOUD_LUFS) - loudness_lufs(power * (gain * limiting(gain * peaks, ceiling)) ** 2)
        more_db = round(min(gain_db + missing, _MOST_UP_DB), 2)
        if missing < _NEAR_LU or more_db <= gain_db:
            break
        gain_db = more_db
    return float(10 ** (gain_db / 20))


def levels_db(sound: Samples) -> Samples:
    """Loudness of each millisecond in dB of full scale; shape (⌈n / 48⌉,)."""
    count = -(-len(sound) // STEP)
    power = np.square(sound, dtype=np.float32).mean(axis=1)
    power = np.pad(power, (0, count * STEP - len(power))).reshape(-1, STEP).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-12), np.float32)


def presence(voice_db: Samples) -> Samples:
    """How much a voice asks others to give way, 0–1, smooth.

    It is 1 while the voice is heard and in its short pauses, and comes and goes within 20 and 400 ms.

    Args:
        voice_db: Its loudness in each millisecond.
    """
    width = 2 * _ATTACK + 1
    power = np.convolve(10 ** (voice_db.astype(np.float64) / 10), np.full(width, 1 / width), "same")[: len(voice_db)]
    level_db = 10 * np.log10(power + 1e-12)
    audible = level_db[level_db > _VOICE_LEAST_DB]
    if not audible.size:
        return np.zeros(len(voice_db), np.float32)
    heard = level_db > max(_VOICE_LEAST_DB, float(np.percentile(audible, 95)) - _VOICE_BELOW_DB)
    place, never = np.arange(len(heard)), 10 * len(heard) + 10_000
    since = place - np.maximum.accumulate(np.where(heard, place, -never))
    until = np.minimum.accumulate(np.where(heard, place, never)[::-1])[::-1] - place
    share = np.maximum(1 - (since - _HOLD) / _RELEASE, 1 - until / _ATTACK).clip(0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def at_samples(curve: Samples, first: int, count: int) -> Samples:
    """A curve of a value a millisecond, at each of `count` samples from `first` on; shape (count,)."""
    middles = (np.arange(first, first + count) + 0.5) / STEP - 0.5
    return np.interp(middles, np.arange(len(curve)), curve).astype(np.float32)


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


class SoundReader:
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
        taken *= gains_of(self._sound, self._at, count)[:, None]
        self._at += count
        return taken


def gains_of(sound: Sound, first: int, count: int) -> Samples:
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
        leader = container.streams.video[0] if container.streams.video else stream
        origin_s = (leader.start_time or 0) * (leader.time_base or Fraction(0))  # sound stays in step with its picture
        # Only files with pictures have time stamps that a jump can be trusted with; sound alone decodes fast enough.
        if container.streams.video and start_s > _RUN_UP_S:
            base = stream.time_base or Fraction(1, SOUND_RATE)
            container.seek(int((start_s + origin_s - _RUN_UP_S) / base), stream=stream)
        yield from _from(start_s + origin_s, container, stream)


def _from(start_s: Fraction, container: InputContainer, stream: AudioStream) -> Iterator[Samples]:
    # FFmpeg spreads one channel over two at −3 dB; a player gives it to both as it is.
    alone = stream.codec_context.channels == 1
    resampler = Resampler("flt", "mono" if alone else "stereo", SOUND_RATE)
    skip: int | None = None
    for frame in chain(sound_frames(container), [None]):
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


PEAK_CEILING: Final = 10 ** (-1 / 20)  # −1 dBTP, of every file as it is decoded
MIXED_AT_ONCE: Final = 48 * 5000  # samples at once, a whole number of milliseconds

_Progress = Callable[[float], None]
Presences = dict[bool, Samples]
"""How much is spoken at each moment: for music, by clips and voice-overs; for clips (true), by voice-overs alone."""


def mix_sound(plan: SoundPlan, folder: Path, progress: _Progress) -> Mix:
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


def _presences(plan: SoundPlan, progress: _Progress) -> Presences:
    voices = [sound for sound in plan.sounds if sound.voice]
    found: Presences = {}
    for is_voice, heard in ((False, voices), (True, [sound for sound in voices if sound.duck >= 1])):
        if heard and any(sound.duck < 1 and sound.voice == is_voice for sound in plan.sounds):
            levels = [levels_db(block) for block in _play(heard, plan.samples, {}, progress)]
            found[is_voice] = presence(np.concatenate(levels))
    return found


def _write(path: Path, plan: SoundPlan, away: Presences, progress: _Progress) -> Samples:
    """Writes the samples and gives their peaks."""
    peaks = [np.zeros(0, np.float32)]
    with path.open("wb") as file:
        for block in _play(plan.sounds, plan.samples, away, progress):
            file.write(block.tobytes())
            peaks.append(true_peaks(block, PEAK_CEILING))
    return np.concatenate(peaks)


def _play(sounds: Sequence[Sound], samples: int, away: Presences, progress: _Progress) -> Iterator[Samples]:
    """The sum of all sounds, block by block; `away` is how much those that are ducked give way."""
    waiting = sorted(sounds, key=lambda sound: sound.start, reverse=True)
    playing: list[tuple[Sound, SoundReader]] = []
    for first in range(0, samples, MIXED_AT_ONCE):
        block = np.zeros((min(MIXED_AT_ONCE, samples - first), 2), np.float32)
        end = first + len(block)
        while waiting and waiting[-1].start < end:
            sound = waiting.pop()
            playing.append((sound, SoundReader(sound)))
        for sound, reader in playing:
            start, stop = max(first, sound.start), min(end, sound.start + sound.samples)
            heard = reader.take(stop - start)
            if sound.duck < 1 and sound.voice in away:
                spoken = at_samples(away[sound.voice], start, stop - start)
                heard *= (1 - (1 - np.float32(sound.duck)) * spoken)[:, None]
            block[start - first : stop - first] += heard
        playing = [(sound, reader) for sound, reader in playing if sound.start + sound.samples > end]
        yield block
        progress(end / samples)
