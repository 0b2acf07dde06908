"""Struck voices: keyboards, bells and bars. A tone from a frequency (Hz) and a length (s); see `Voice`."""

from __future__ import annotations

import numpy as np

from nemo_notebook.music import alike
from nemo_notebook.music.tone import Samples, count_of, decay, noise, seconds, shape, sine


def rhodes(frequency: float, duration_s: float) -> Samples:
    """Electric piano: two-operator FM, whose brightness dies first, with a slow pan tremolo."""
    n = count_of(duration_s, 0.35)
    t = seconds(n).astype(np.float32)
    bell = 0.12 * sine(frequency * 14 if frequency < 800 else frequency * 7, n) * decay(n, 0.05)
    index = 1.1 * decay(n, 0.45) + 0.15
    turn = np.float32(2 * np.pi * frequency) * t
    body = alike.sin(turn + index * alike.sin(turn)) + 0.25 * alike.sin(2 * turn) * decay(n, 0.8) + bell
    body *= decay(n, 1.3) * shape(n, 0.004, 0.3)
    sway = 0.16 * alike.sin(np.float32(2 * np.pi * 4.3) * t)
    return np.stack((body * (1 + sway), body * (1 - sway))).astype(np.float32) * np.float32(0.8)


def piano(frequency: float, duration_s: float) -> Samples:
    """Piano: stretched partials that die the sooner the higher they are, two strings a tone, and a hammer."""
    n = count_of(duration_s, 0.5)
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


def bell(frequency: float, duration_s: float) -> Samples:
    """Glass bell: FM at a ratio of 3.5 that fades fast, over a pure tone that stays."""
    n = count_of(min(duration_s, 1.5), 0.9)
    turn = np.float32(2 * np.pi * frequency) * seconds(n).astype(np.float32)
    strike = alike.sin(turn + 0.8 * decay(n, 0.16) * alike.sin(np.float32(3.5) * turn))
    over = 0.22 * alike.sin(np.float32(2.0) * turn) * decay(n, 0.3)
    return np.asarray(((strike + over) * decay(n, 0.55) * shape(n, 0.003, 0.3) * np.float32(0.75)), np.float32)


def vibes(frequency: float, duration_s: float) -> Samples:
    """Vibraphone: a bar's first and fourth partial, with a slow tremolo from side to side."""
    n = count_of(min(duration_s, 1.6), 0.8)
    bar = sine(frequency, n) * decay(n, 1.1) + 0.2 * sine(4 * frequency, n) * decay(n, 0.3)
    bar += 0.1 * sine(min(9.2 * frequency, 12_000.0), n) * decay(n, 0.04)
    sway = 0.22 * sine(5.2, n)
    return np.asarray(np.stack((bar * (1 + sway), bar * (1 - sway))) * shape(n, 0.003, 0.3) * np.float32(0.75))


def glock(frequency: float, duration_s: float) -> Samples:
    """Glockenspiel: high steel bars whose upper partials are gone in a moment."""
    n = count_of(min(duration_s, 0.9), 0.7)
    bar = sine(frequency, n) * decay(n, 0.5) + 0.25 * sine(2.76 * frequency, n) * decay(n, 0.12)
    if frequency < 2400:
        bar += 0.1 * sine(5.4 * frequency, n) * decay(n, 0.03)
    return bar * shape(n, 0.002, 0.3) * np.float32(0.7)


def toybox(frequency: float, duration_s: float) -> Samples:
    """A music box: a thin tine, two partials out of tune with it, and the click of the comb."""
    n = count_of(min(duration_s, 1.2), 0.7)
    tine = sine(frequency, n) * decay(n, 0.6) + 0.3 * sine(3.02 * frequency, n, 0.2) * decay(n, 0.25)
    click = noise(min(n, 960), 35, 2500, 7000) * decay(min(n, 960), 0.003)
    tine[: click.size] += 0.08 * click
    return tine * shape(n, 0.002, 0.3) * np.float32(0.7)
