"""Small songs, made for a test: drums, bass, chords and notes whose beats, bars, sections and drops are known."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE = 22050
PATTERNS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
CHORDS = ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12))  # I V vi IV, a chord a bar


@dataclass(frozen=True)
class Part:
    """Some bars in which the same voices play; `gain` is their loudness."""

    bars: int
    voices: frozenset[str]
    gain: float = 1.0


@dataclass(frozen=True)
class Song:
    """Samples at 22 050 Hz, and what is true of them."""

    samples: np.ndarray
    bpm: float
    beats_s: np.ndarray
    downbeats_s: np.ndarray
    parts_s: tuple[float, ...]

    @property
    def first_downbeat(self):
        return int(np.flatnonzero(np.isclose(self.beats_s, self.downbeats_s[0]))[0])


FULL = frozenset({"kick", "snare", "hat", "bass", "pad", "notes"})


def make_song(bpm, bars=12, *, pattern="rock", swing=0.0, drift=0.0, noise=0.0, start_s=0.0, pickup=0, seed=0, form=()):
    """A song of one pattern.

    Args:
        bpm: Beats per minute at the start.
        bars: Its length, unless `form` says it.
        pattern: A name in `songs.toml`.
        swing: How far the second eighth of a beat moves from the middle (0) to the last third (1).
        drift: Standard deviation of the change of tempo from beat to beat; the tempo stays within 6 %.
        noise: RMS of noise under it.
        start_s: Silence before it.
        pickup: Beats before the first bar.
        seed: Chooses sounds, levels and drift.
        form: Parts, in place of `bars` of everything.
    """
    rng = np.random.default_rng(seed)
    parts = form or (Part(bars, FULL),)
    beats = 4 * sum(part.bars for part in parts) + pickup
    times = start_s + _beat_times(bpm, beats + 1, drift, rng)
    kit = _Kit(rng)
    sound = np.zeros(int((times[-1] + 0.5) * RATE), np.float32)
    first, starts = 0, []
    for part in parts:
        starts.append(float(times[pickup + 4 * first]))
        for bar in range(first, first + part.bars):
            at = times[pickup + 4 * bar : pickup + 4 * bar + 5]
            kit.play(sound, at, bar, part, pattern, swing)
        first += part.bars
    for beat in range(pickup):
        _add(sound, times[beat], 0.5 * kit.snare)
    sound += noise * rng.standard_normal(len(sound)).astype(np.float32)
    sound[: int(start_s * RATE)] = 0
    sound = np.clip(0.7 * sound / (np.abs(sound).max() + 1e-9), -1, 1).astype(np.float32)
    return Song(sound, bpm, times[:-1], times[pickup:-1:4], tuple(starts))


def speech(length_s, seed=0):
    """Syllables of irregular length and loudness with pauses, as voices have them."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(int(length_s * RATE) + RATE, np.float32)
    at_s = 0.2
    while at_s < length_s - 1:
        lasts_s = float(rng.uniform(0.08, 0.32))
        t = np.arange(int(lasts_s * RATE)) / RATE
        pitch = rng.uniform(95, 180) * (1 + 0.08 * np.sin(2 * np.pi * rng.uniform(1, 4) * t))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        formants = rng.uniform(300, 2600, 3)
        voiced = sum(
            np.exp(-(((k * 130 - formants[:, None]) / 250) ** 2)).sum() * np.sin(k * phase) for k in range(1, 20)
        )
        hiss = rng.standard_normal(len(t)) * rng.choice([0.0, 0.3, 1.0])
        shape = np.sin(np.pi * np.arange(len(t)) / len(t)) ** rng.uniform(0.4, 1.2)
        _add(sound, at_s, (0.2 * voiced + 0.2 * hiss) * shape * rng.uniform(0.3, 1))
        at_s += lasts_s + (rng.uniform(0.25, 0.9) if rng.random() < 0.2 else rng.uniform(0.0, 0.08))
    return (0.6 * sound / np.abs(sound).max())[: int(length_s * RATE)].astype(np.float32)


def _beat_times(bpm, count, drift, rng):
    tempo, times = 1.0, [0.0]
    for _ in range(count - 1):
        tempo = float(np.clip(tempo + drift * rng.standard_normal(), 0.94, 1.06)) if drift else 1.0
        times.append(times[-1] + 60 / bpm / tempo)
    return np.array(times)


class _Kit:
    """The sounds of one song, and how it plays them."""

    def __init__(self, rng):
        t = np.arange(int(0.3 * RATE)) / RATE
        hiss = rng.standard_normal(len(t) + 1)
        sweep = rng.uniform(44, 60) + rng.uniform(60, 140) * np.exp(-t * rng.uniform(25, 50))
        self.kick = 0.9 * np.sin(2 * np.pi * np.cumsum(sweep) / RATE) * np.exp(-t * rng.uniform(9, 18))
        body = np.sin(2 * np.pi * rng.uniform(170, 230) * t) * np.exp(-t * 22)
        self.snare = rng.uniform(0.35, 0.6) * (0.7 * hiss[1:] * np.exp(-t * rng.uniform(16, 32)) + 0.6 * body)
        self.hat = rng.uniform(0.08, 0.28) * np.diff(hiss) * np.exp(-t * rng.uniform(45, 110))
        self.levels = {"bass": rng.uniform(0.15, 0.4), "pad": rng.uniform(0.04, 0.12), "notes": rng.uniform(0.1, 0.3)}
        self.root_hz = 55 * 2 ** (rng.integers(0, 12) / 12)
        self.brightness = rng.uniform(3, 9)
        self.rng = rng

    def play(self, sound, at, bar, part, pattern, swing):
        """One bar, whose five beat times are `at`."""
        chord = CHORDS[bar % 4]
        for voice, row in PATTERNS[pattern].items():
            if voice not in part.voices:
                continue
            for step, mark in enumerate(row):
                if mark != ".":
                    gain = part.gain * (1.0 if mark == "x" else 0.5) * self.rng.uniform(0.85, 1)
                    _add(sound, _step_s(at, step, swing), gain * self._sound(voice, chord, step))
        if "pad" in part.voices:
            _add(sound, at[0], part.gain * self._pad(chord, at[4] - at[0]))

    def _sound(self, voice, chord, step):
        if voice in ("kick", "snare", "hat"):
            return getattr(self, voice)
        octaves, note = (1, chord[0]) if voice == "bass" else (4, chord[(step // 2) % 3])
        hz = octaves * self.root_hz * 2 ** (note / 12)
        t = np.arange(int(0.35 * RATE)) / RATE
        tone = sum(np.sin(2 * np.pi * hz * k * t) / k * np.exp(-t * (4 + 2 * k)) for k in range(1, 5))
        return self.levels[voice] * tone * np.minimum(1, t / 0.004)

    def _pad(self, chord, length_s):
        t = np.arange(int(length_s * RATE)) / RATE
        tone = np.zeros(len(t))
        for note in chord:
            hz = 2 * self.root_hz * 2 ** (note / 12)
            tone += sum(np.sin(2 * np.pi * hz * k * t) / k * np.exp(-k / self.brightness) for k in range(1, 7))
        return self.levels["pad"] * tone * np.minimum(1, np.minimum(t / 0.06, (length_s - t) / 0.06))


def _step_s(at, step, swing):
    beat, quarter = divmod(step, 4)
    within = quarter / 4
    middle = 0.5 + swing / 6  # the second eighth of a swung beat comes late
    within = within * middle / 0.5 if within <= 0.5 else middle + (within - 0.5) * (1 - middle) / 0.5
    return at[beat] + within * (at[beat + 1] - at[beat])


def _add(sound, at_s, shape):
    first = round(at_s * RATE)
    part = sound[first : first + len(shape)]
    part += shape[: len(part)].astype(np.float32)
