"""Pitched voices. Each makes one tone from a frequency (Hz) and a length (s); mono, or two rows for left and right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from nemo_notebook.engine.music.tone import RATE, Samples, decay, noise, seconds, shape, sine, wave

Play = Callable[[float, float], Samples]


@dataclass(frozen=True, slots=True)
class Voice:
    """An instrument and its place in the mix.

    Attributes:
        play: Makes one tone, about 1.0 at its peak.
        gain: Level in the mix.
        room: Share that is sent to the reverb.
        duck: How strongly the kick pushes it down, 0–1 of the mood's amount.
        echo: Level of its first echo, three steps later; 0 for none.
    """

    play: Play
    gain: float
    room: float
    duck: float = 1.0
    echo: float = 0.0


def _count(duration_s: float, tail_s: float) -> int:
    return max(64, round((duration_s + tail_s) * RATE))


def _rhodes(frequency: float, duration_s: float) -> Samples:
    """Electric piano: two-operator FM, whose brightness dies first, with a slow pan tremolo."""
    n = _count(duration_s, 0.35)
    t = seconds(n).astype(np.float32)
    bell = 0.12 * sine(frequency * 14 if frequency < 800 else frequency * 7, n) * decay(n, 0.05)
    index = 1.1 * decay(n, 0.45) + 0.15
    turn = np.float32(2 * np.pi * frequency) * t
    body = np.sin(turn + index * np.sin(turn)) + 0.25 * np.sin(2 * turn) * decay(n, 0.8) + bell
    body *= decay(n, 1.3) * shape(n, 0.004, 0.3)
    sway = 0.16 * np.sin(np.float32(2 * np.pi * 4.3) * t)
    return np.stack((body * (1 + sway), body * (1 - sway))).astype(np.float32) * np.float32(0.8)


def _piano(frequency: float, duration_s: float) -> Samples:
    """Piano: stretched partials that die the sooner the higher they are, two strings a tone, and a hammer."""
    n = _count(duration_s, 0.5)
    long_s = 2.6 * (220.0 / frequency) ** 0.4
    sound = np.zeros((2, n), np.float32)
    for k in range(1, 11):
        partial = frequency * k * np.sqrt(1 + 0.0004 * k * k)
        if partial > 9000:
            break
        fall = decay(n, long_s / (1 + 0.45 * (k - 1))) * np.float32(k**-1.5 if k > 1 else 1.0)
        sound[0] += sine(partial * 0.9997, n, 0.1 * k) * fall
        sound[1] += sine(partial * 1.0003, n, 0.1 * k + 0.02) * fall
    hammer = noise(min(n, 2400), 21, 300, 2500) * decay(min(n, 2400), 0.006)
    sound[:, : hammer.size] += 0.12 * hammer
    return sound * shape(n, 0.003, 0.35) * np.float32(0.6)


def _ensemble(slope: float, attack_s: float, release_s: float, detune: float, gain: float) -> Play:
    """A section: three detuned saws on either side, with its own phases, so that it is wide but sums to mono."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = _count(duration_s, release_s)
        sides = []
        for side, starts in enumerate(((0.0, 0.31, 0.67), (0.13, 0.48, 0.83))):
            spread = (-detune, 0.0003 * (1 - 2 * side), detune)
            sides.append(sum(wave(frequency * (1 + d), n, slope, start=s) for d, s in zip(spread, starts, strict=True)))
        return (np.stack(sides) * shape(n, attack_s, release_s) * np.float32(gain)).astype(np.float32)

    return play


def _choir(frequency: float, duration_s: float) -> Samples:
    """Soft voices: a dark section that opens and closes slowly, with breath."""
    sound = _ensemble(2.2, 0.5, 1.2, 0.0045, 0.4)(frequency, duration_s)
    t = seconds(sound.shape[1])
    breath = noise(sound.shape[1], round(frequency), 600, 2600) * shape(sound.shape[1], 0.6, 1.0)
    swell = 1 + 0.18 * np.sin(2 * np.pi * 0.23 * t + frequency)
    return (sound * swell + 0.012 * breath).astype(np.float32)


def _pluck(frequency: float, duration_s: float) -> Samples:
    """Plucked string: bright at first, round at the end."""
    n = _count(min(duration_s, 0.8), 0.35)
    bright, round_ = wave(frequency, n, 1.15), wave(frequency, n, 2.6)
    return (round_ + (bright - round_) * decay(n, 0.06)) * decay(n, 0.28) * shape(n, 0.002, 0.2) * np.float32(0.6)


def _stab(frequency: float, duration_s: float) -> Samples:
    """Short bright section chord, its filter closing."""
    n = _count(duration_s, 0.18)
    sides = []
    for sign in (1, -1):
        pair = [(1 + sign * 0.0035, 0.1), (1 - sign * 0.0025, 0.6)]
        bright = sum(wave(frequency * d, n, 1.1, start=s) for d, s in pair)
        soft = sum(wave(frequency * d, n, 2.4, start=s) for d, s in pair)
        sides.append(soft + (bright - soft) * decay(n, 0.11))
    return (np.stack(sides) * decay(n, 0.5) * shape(n, 0.004, 0.15) * np.float32(0.42)).astype(np.float32)


def _bell(frequency: float, duration_s: float) -> Samples:
    """Glass bell: FM at a ratio of 3.5 that fades fast, over a pure tone that stays."""
    n = _count(min(duration_s, 1.5), 0.9)
    turn = np.float32(2 * np.pi * frequency) * seconds(n).astype(np.float32)
    strike = np.sin(turn + 0.8 * decay(n, 0.16) * np.sin(np.float32(3.5) * turn))
    over = 0.22 * np.sin(np.float32(2.0) * turn) * decay(n, 0.3)
    return np.asarray(((strike + over) * decay(n, 0.55) * shape(n, 0.003, 0.3) * np.float32(0.75)), np.float32)


def _sung(slope: float, odd: bool, attack_s: float, release_s: float, breath: float, gain: float) -> Play:
    """A melody voice: two slightly detuned tones, a vibrato that comes late, some breath."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = _count(duration_s, release_s)
        t = seconds(n)
        bend = 0.0035 * np.clip((t - 0.25) / 0.4, 0, 1) * np.sin(2 * np.pi * 5.1 * t)
        phase = np.cumsum(frequency * (1 + bend)) / RATE
        voices = [_read(phase * d + s, frequency, slope, odd) for d, s in ((1.0, 0.0), (1.0025, 0.3), (0.9975, 0.7))]
        left, right = voices[0] + voices[1], voices[0] + voices[2]
        air = breath * noise(n, 33, 1500, 6000) * decay(n, 0.2)
        return (np.stack((left + air, right + air)) * shape(n, attack_s, release_s) * gain).astype(np.float32)

    return play


def _read(phase: np.ndarray[tuple[int], np.dtype[np.float64]], frequency: float, slope: float, odd: bool) -> Samples:
    cycle = wave(RATE / 4096, 4096, slope, odd) if frequency < 120 else _cycle(frequency, slope, odd)
    return np.asarray(cycle[(phase * 4096).astype(np.int64) & 4095], np.float32)


def _cycle(frequency: float, slope: float, odd: bool) -> Samples:
    numbers = np.arange(1, max(2, min(24, int(14_000 / frequency))), 2 if odd else 1)
    spectrum = np.zeros(2049, np.complex128)
    spectrum[numbers] = -2048j * numbers.astype(float) ** -slope
    return np.fft.irfft(spectrum).astype(np.float32)


def _bass(slope: float, snap_s: float, drive: float, hold_s: float) -> Play:
    """A bass: a sine for weight below a tone that closes, gently overdriven so that it is heard on small speakers."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = _count(duration_s, 0.06)
        soft, bright = wave(frequency, n, slope + 1.2), wave(frequency, n, slope)
        tone = sine(frequency, n) + 0.6 * (soft + (bright - soft) * decay(n, snap_s))
        driven = np.tanh(drive * tone) / np.tanh(drive)
        return np.asarray((driven * (0.35 + 0.65 * decay(n, hold_s)) * shape(n, 0.005, 0.05)), np.float32)

    return play


VOICES: Final[dict[str, Voice]] = {
    "rhodes": Voice(_rhodes, 0.22, 0.5),
    "piano": Voice(_piano, 0.24, 0.7),
    "warm": Voice(_ensemble(2.0, 0.45, 0.8, 0.0035, 0.4), 0.14, 0.6),
    "bright": Voice(_ensemble(1.3, 0.2, 0.5, 0.005, 0.3), 0.16, 0.5),
    "strings": Voice(_ensemble(1.35, 0.22, 0.7, 0.0028, 0.34), 0.14, 0.8),
    "choir": Voice(_choir, 0.16, 0.9),
    "pluck": Voice(_pluck, 0.21, 0.5, 0.6, 0.35),
    "staccato": Voice(_pluck, 0.20, 0.8, 0.6),
    "stab": Voice(_stab, 0.20, 0.4, 0.8),
    "bell": Voice(_bell, 0.20, 0.8, 0.4, 0.35),
    "flute": Voice(_sung(2.6, False, 0.05, 0.2, 0.05, 0.5), 0.17, 0.7, 0.3, 0.3),
    "lead": Voice(_sung(1.5, True, 0.01, 0.15, 0.0, 0.4), 0.19, 0.5, 0.3, 0.3),
    "horn": Voice(_sung(1.7, False, 0.09, 0.35, 0.02, 0.32), 0.26, 0.9, 0.0),
    "sub": Voice(_bass(2.6, 0.15, 1.1, 0.9), 0.20, 0.0),
    "round": Voice(_bass(2.0, 0.2, 1.2, 0.8), 0.19, 0.05),
    "punch": Voice(_bass(1.2, 0.09, 1.6, 0.5), 0.19, 0.03),
    "low": Voice(_bass(1.6, 0.5, 1.3, 2.5), 0.18, 0.2),
}
