"""Voices that are bowed, blown, sung or switched on. A tone from a frequency (Hz) and a length (s); see `Voice`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.music import alike
from nemo_notebook.music.tone import RATE, Samples, count_of, decay, filtered, noise, seconds, shape, wave

Play = Callable[[float, float], Samples]


def ensemble(slope: float, attack_s: float, release_s: float, detune: float, gain: float) -> Play:
    """A section: three detuned saws on either side, with its own phases, so that it is wide but sums to mono."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = count_of(duration_s, release_s)
        sides = []
        for side, starts in enumerate(((0.0, 0.31, 0.67), (0.13, 0.48, 0.83))):
            spread = (-detune, 0.0003 * (1 - 2 * side), detune)
            sides.append(sum(wave(frequency * (1 + d), n, slope, start=s) for d, s in zip(spread, starts, strict=True)))
        return (np.stack(sides) * shape(n, attack_s, release_s) * np.float32(gain)).astype(np.float32)

    return play


def choir(frequency: float, duration_s: float) -> Samples:
    """Soft voices: a dark section that opens and closes slowly, with breath."""
    sound = ensemble(2.2, 0.5, 1.2, 0.0045, 0.4)(frequency, duration_s)
    t = seconds(sound.shape[1])
    breath = noise(sound.shape[1], round(frequency), 600, 2600) * shape(sound.shape[1], 0.6, 1.0)
    swell = 1 + 0.18 * np.sin(2 * np.pi * 0.23 * t + frequency)
    return (sound * swell + 0.012 * breath).astype(np.float32)


def big_choir(frequency: float, duration_s: float) -> Samples:
    """A choir on an open vowel: a section through the formants of "ah"."""
    n = count_of(duration_s, 0.9)
    sound = ensemble(1.15, 0.16, 0.9, 0.0055, 0.34)(frequency, duration_s)
    vowel = filtered(sound, 500, 950) * 1.3 + filtered(sound, 950, 1400) + 0.35 * filtered(sound, 2300, 3300)
    t = seconds(n)
    swell = 1 + 0.1 * np.sin(2 * np.pi * 4.9 * t + frequency)
    return np.asarray((0.35 * sound + vowel) * swell, np.float32)


def brass(frequency: float, duration_s: float) -> Samples:
    """A brass section: it opens as it is blown, and is loudest just after its start."""
    n = count_of(duration_s, 0.25)
    soft, bright = (ensemble(slope, 0.03, 0.25, 0.0025, 0.3)(frequency, duration_s) for slope in (2.3, 1.05))
    opened = np.minimum(1.0, seconds(n) / 0.09) * (0.35 + 0.65 * decay(n, 0.45))
    return np.asarray(soft + (bright - soft) * opened * 0.8, np.float32)


def supersaw(frequency: float, duration_s: float) -> Samples:
    """Seven detuned saws a side, bright and very wide."""
    n = count_of(duration_s, 0.16)
    sides = []
    for side in (0, 1):
        spread = np.linspace(-0.009, 0.009, 7) + (0.0012 if side else -0.0012)
        starts = (np.arange(7) * 0.377 + 0.19 * side) % 1.0
        sides.append(sum(wave(frequency * (1 + d), n, 1.05, start=s) for d, s in zip(spread, starts, strict=True)))
    return np.asarray(np.stack(sides) * shape(n, 0.006, 0.14) * (0.5 + 0.5 * decay(n, 0.5)) * 0.2, np.float32)


def drone(frequency: float, duration_s: float) -> Samples:
    """A low tone and its fifth that open and close slowly, with wind."""
    n = count_of(duration_s, 1.2)
    t = seconds(n)
    sides = []
    for side in (0, 1):
        body = wave(frequency * (1 + 0.002 * side), n, 1.5) + 0.4 * wave(frequency * 1.4983, n, 1.8, start=0.3 * side)
        wind = noise(n, 37 + side, 200, 900) * (0.5 + 0.5 * np.sin(2 * np.pi * 0.11 * t + 2 * side))
        sides.append(body * (0.7 + 0.3 * np.sin(2 * np.pi * 0.17 * t + side)) + 0.12 * wind)
    return np.asarray(np.stack(sides) * shape(n, 0.7, 1.1) * 0.5, np.float32)


def stab(frequency: float, duration_s: float) -> Samples:
    """Short bright section chord, its filter closing."""
    n = count_of(duration_s, 0.18)
    sides = []
    for sign in (1, -1):
        pair = [(1 + sign * 0.0035, 0.1), (1 - sign * 0.0025, 0.6)]
        bright = sum(wave(frequency * d, n, 1.1, start=s) for d, s in pair)
        soft = sum(wave(frequency * d, n, 2.4, start=s) for d, s in pair)
        sides.append(soft + (bright - soft) * decay(n, 0.11))
    return (np.stack(sides) * decay(n, 0.5) * shape(n, 0.004, 0.15) * np.float32(0.42)).astype(np.float32)


def sung(slope: float, odd: bool, attack_s: float, release_s: float, breath: float, gain: float) -> Play:
    """A melody voice: two slightly detuned tones, a vibrato that comes late, some breath."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = count_of(duration_s, release_s)
        t = seconds(n)
        bend = 0.0035 * np.clip((t - 0.25) / 0.4, 0, 1) * np.sin(2 * np.pi * 5.1 * t)
        phase = np.cumsum(frequency * (1 + bend)) / RATE
        voices = [_read(phase * d + s, frequency, slope, odd) for d, s in ((1.0, 0.0), (1.0025, 0.3), (0.9975, 0.7))]
        left, right = voices[0] + voices[1], voices[0] + voices[2]
        air = breath * noise(n, 33, 1500, 6000) * decay(n, 0.2)
        return (np.stack((left + air, right + air)) * shape(n, attack_s, release_s) * gain).astype(np.float32)

    return play


def _read(phase: NDArray[np.float64], frequency: float, slope: float, odd: bool) -> Samples:
    cycle = wave(RATE / 4096, 4096, slope, odd) if frequency < 120 else _cycle(frequency, slope, odd)
    return np.asarray(cycle[(phase * 4096).astype(np.int64) & 4095], np.float32)


def _cycle(frequency: float, slope: float, odd: bool) -> Samples:
    numbers = np.arange(1, max(2, min(24, int(14_000 / frequency))), 2 if odd else 1)
    spectrum = np.zeros(2049, np.complex128)
    spectrum[numbers] = -2048j * numbers.astype(float) ** -slope
    return np.fft.irfft(spectrum).astype(np.float32)


def solo(frequency: float, duration_s: float) -> Samples:
    """A lead guitar: a sung tone through an overdriven amplifier."""
    clean = sung(1.2, False, 0.008, 0.12, 0.0, 0.5)(frequency, duration_s)
    driven = alike.tanh(7.0 * filtered(clean, 180, 6000)) * shape(clean.shape[1], 0.006, 0.12)
    return filtered(driven, 120, 4200, 3) * np.float32(0.5)


def whistle(frequency: float, duration_s: float) -> Samples:
    """A whistled tone: nearly a sine, sliding into its pitch, with a little air."""
    n = count_of(duration_s, 0.1)
    t = seconds(n)
    bend = -0.035 * np.exp(-t / 0.03) + 0.006 * np.clip((t - 0.15) / 0.2, 0, 1) * np.sin(2 * np.pi * 5.6 * t)
    turns = np.cumsum(frequency * (1 + bend)) / RATE
    tone = np.sin(2 * np.pi * turns) + 0.06 * np.sin(4 * np.pi * turns)
    air = noise(n, 38, 0.8 * frequency, 1.6 * frequency)
    return np.asarray((tone + 0.035 * air) * shape(n, 0.03, 0.09) * 0.75, np.float32)
