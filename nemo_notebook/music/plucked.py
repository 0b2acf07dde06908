"""Plucked strings and basses. A tone from a frequency (Hz) and a length (s); see `Voice`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nemo_notebook.music import alike
from nemo_notebook.music.tone import (
    Samples,
    count_of,
    decay,
    filtered,
    glide,
    noise,
    seconds,
    shape,
    sine,
    string_tone,
    wave,
)

Play = Callable[[float, float], Samples]


def pluck(frequency: float, duration_s: float) -> Samples:
    """Plucked string: bright at first, round at the end."""
    n = count_of(min(duration_s, 0.8), 0.35)
    bright, round_ = wave(frequency, n, 1.15), wave(frequency, n, 2.6)
    return (round_ + (bright - round_) * decay(n, 0.06)) * decay(n, 0.28) * shape(n, 0.002, 0.2) * np.float32(0.6)


def string(
    slope: float, ring_s: float, damping: float, position: float, tail_s: float, pick: float, wide: float = 0.0
) -> Play:
    """A plucked string that is damped when its note ends.

    `pick` is the noise of what plucks it, `wide` how much apart two microphones hear it.
    """

    def play(frequency: float, duration_s: float) -> Samples:
        n = count_of(min(duration_s, 4.5 * ring_s), tail_s)
        long_s = ring_s * (220.0 / frequency) ** 0.35
        click = np.pad(noise(min(n, 1440), 36, 900, 6000) * decay(min(n, 1440), 0.004), (0, max(0, n - 1440)))
        envelope = shape(n, 0.0015, tail_s) * np.float32(0.7)
        if not wide:
            return (string_tone(frequency, n, slope, long_s, damping, position) + pick * click) * envelope
        sides = [
            string_tone(frequency * (1 + 0.0006 * side), n, slope, long_s, damping, position * (1 + wide * side))
            for side in (-1, 1)
        ]
        return (np.stack(sides) + pick * click) * envelope

    return play


def fifth(ring_s: float, drive: float, high_hz: float, longest_s: float) -> Play:
    """Root, fifth and octave of an electric guitar, through one overdriven amplifier on either side."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = count_of(min(duration_s, longest_s), 0.08)
        sides = []
        for side in (0, 1):
            tuned = frequency * (1 + 0.0022 * (1 - 2 * side))
            tones = (
                string_tone(tuned * ratio, n, 0.9, ring_s, 0.5, 0.13 + 0.05 * side) for ratio in (1.0, 1.4983, 2.0)
            )
            struck = sum(tone * share for tone, share in zip(tones, (1.0, 0.8, 0.5), strict=True))
            sides.append(alike.tanh(drive * filtered(np.asarray(struck, np.float32), 90, 5000)))
        cabinet = filtered(np.stack(sides).astype(np.float32), 95, high_hz, 3)
        return cabinet * shape(n, 0.002, 0.07) * np.float32(0.6)

    return play


def bass(slope: float, snap_s: float, drive: float, hold_s: float) -> Play:
    """A bass: a sine for weight below a tone that closes, gently overdriven so that it is heard on small speakers."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = count_of(duration_s, 0.06)
        soft, bright = wave(frequency, n, slope + 1.2), wave(frequency, n, slope)
        tone = sine(frequency, n) + 0.6 * (soft + (bright - soft) * decay(n, snap_s))
        driven = alike.tanh(drive * tone) / np.tanh(drive)
        return np.asarray((driven * (0.35 + 0.65 * decay(n, hold_s)) * shape(n, 0.005, 0.05)), np.float32)

    return play


def eight_o_eight(frequency: float, duration_s: float) -> Samples:
    """A bass drum as bass: a long sine that falls into its pitch, driven until small speakers show it."""
    n = count_of(duration_s, 0.12)
    body = glide(frequency * (1 + 1.6 * np.exp(-seconds(n) / 0.018)))
    driven = alike.tanh(2.0 * body * (0.4 + 0.6 * decay(n, 0.25)))
    return np.asarray(driven * (0.25 + 0.75 * decay(n, 0.7)) * shape(n, 0.003, 0.1), np.float32)
