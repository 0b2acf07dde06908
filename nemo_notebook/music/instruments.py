"""The instruments by name: how each makes a tone, and its place in the mix."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.music import dsp
from nemo_notebook.music.dsp import Samples, count_of, decay, filtered, moments, noise, shape, sine, string_tone, wave


def rhodes(frequency: float, duration_s: float) -> Samples:
    """Electric piano: two-operator FM, whose brightness dies first, with a slow pan tremolo."""
    n = count_of(duration_s, 0.35)
    t = moments(n).astype(np.float32)
    bell = 0.12 * sine(frequency * 14 if frequency < 800 else frequency * 7, n) * decay(n, 0.05)
    index = 1.1 * decay(n, 0.45) + 0.15
    turn = np.float32(2 * np.pi * frequency) * t
    body = dsp.sin(turn + index * dsp.sin(turn)) + 0.25 * dsp.sin(2 * turn) * decay(n, 0.8) + bell
    body *= decay(n, 1.3) * shape(n, 0.004, 0.3)
    sway = 0.16 * dsp.sin(np.float32(2 * np.pi * 4.3) * t)
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
    turn = np.float32(2 * np.pi * frequency) * moments(n).astype(np.float32)
    strike = dsp.sin(turn + 0.8 * decay(n, 0.16) * dsp.sin(np.float32(3.5) * turn))
    over = 0.22 * dsp.sin(np.float32(2.0) * turn) * decay(n, 0.3)
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
            sides.append(dsp.tanh(drive * filtered(np.asarray(struck, np.float32), 90, 5000)))
        cabinet = filtered(np.stack(sides).astype(np.float32), 95, high_hz, 3)
        return cabinet * shape(n, 0.002, 0.07) * np.float32(0.6)

    return play


def bass(slope: float, snap_s: float, drive: float, hold_s: float) -> Play:
    """A bass: a sine for weight below a tone that closes, gently overdriven so that it is heard on small speakers."""

    def play(frequency: float, duration_s: float) -> Samples:
        n = count_of(duration_s, 0.06)
        soft, bright = wave(frequency, n, slope + 1.2), wave(frequency, n, slope)
        tone = sine(frequency, n) + 0.6 * (soft + (bright - soft) * decay(n, snap_s))
        driven = dsp.tanh(drive * tone) / np.tanh(drive)
        return np.asarray((driven * (0.35 + 0.65 * decay(n, hold_s)) * shape(n, 0.005, 0.05)), np.float32)

    return play


def eight_o_eight(frequency: float, duration_s: float) -> Samples:
    """A bass drum as bass: a long sine that falls into its pitch, driven until small speakers show it."""
    n = count_of(duration_s, 0.12)
    body = dsp.glide(frequency * (1 + 1.6 * np.exp(-moments(n) / 0.018)))
    driven = dsp.tanh(2.0 * body * (0.4 + 0.6 * decay(n, 0.25)))
    return np.asarray(driven * (0.25 + 0.75 * decay(n, 0.7)) * shape(n, 0.003, 0.1), np.float32)


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
    t = moments(sound.shape[1])
    breath = noise(sound.shape[1], round(frequency), 600, 2600) * shape(sound.shape[1], 0.6, 1.0)
    swell = 1 + 0.18 * np.sin(2 * np.pi * 0.23 * t + frequency)
    return (sound * swell + 0.012 * breath).astype(np.float32)


def big_choir(frequency: float, duration_s: float) -> Samples:
    """A choir on an open vowel: a section through the formants of "ah"."""
    n = count_of(duration_s, 0.9)
    sound = ensemble(1.15, 0.16, 0.9, 0.0055, 0.34)(frequency, duration_s)
    vowel = filtered(sound, 500, 950) * 1.3 + filtered(sound, 950, 1400) + 0.35 * filtered(sound, 2300, 3300)
    t = moments(n)
    swell = 1 + 0.1 * np.sin(2 * np.pi * 4.9 * t + frequency)
    return np.asarray((0.35 * sound + vowel) * swell, np.float32)


def brass(frequency: float, duration_s: float) -> Samples:
    """A brass section: it opens as it is blown, and is loudest just after its start."""
    n = count_of(duration_s, 0.25)
    soft, bright = (ensemble(slope, 0.03, 0.25, 0.0025, 0.3)(frequency, duration_s) for slope in (2.3, 1.05))
    opened = np.minimum(1.0, moments(n) / 0.09) * (0.35 + 0.65 * decay(n, 0.45))
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
    t = moments(n)
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
        t = moments(n)
        bend = 0.0035 * np.clip((t - 0.25) / 0.4, 0, 1) * np.sin(2 * np.pi * 5.1 * t)
        phase = np.cumsum(frequency * (1 + bend)) / dsp.RATE
        voices = [_read(phase * d + s, frequency, slope, odd) for d, s in ((1.0, 0.0), (1.0025, 0.3), (0.9975, 0.7))]
        left, right = voices[0] + voices[1], voices[0] + voices[2]
        air = breath * noise(n, 33, 1500, 6000) * decay(n, 0.2)
        return (np.stack((left + air, right + air)) * shape(n, attack_s, release_s) * gain).astype(np.float32)

    return play


def _read(phase: NDArray[np.float64], frequency: float, slope: float, odd: bool) -> Samples:
    cycle = wave(dsp.RATE / 4096, 4096, slope, odd) if frequency < 120 else _cycle(frequency, slope, odd)
    return np.asarray(cycle[(phase * 4096).astype(np.int64) & 4095], np.float32)


def _cycle(frequency: float, slope: float, odd: bool) -> Samples:
    numbers = np.arange(1, max(2, min(24, int(14_000 / frequency))), 2 if odd else 1)
    spectrum = np.zeros(2049, np.complex128)
    spectrum[numbers] = -2048j * numbers.astype(float) ** -slope
    return np.fft.irfft(spectrum).astype(np.float32)


def solo(frequency: float, duration_s: float) -> Samples:
    """A lead guitar: a sung tone through an overdriven amplifier."""
    clean = sung(1.2, False, 0.008, 0.12, 0.0, 0.5)(frequency, duration_s)
    driven = dsp.tanh(7.0 * filtered(clean, 180, 6000)) * shape(clean.shape[1], 0.006, 0.12)
    return filtered(driven, 120, 4200, 3) * np.float32(0.5)


def whistle(frequency: float, duration_s: float) -> Samples:
    """A whistled tone: nearly a sine, sliding into its pitch, with a little air."""
    n = count_of(duration_s, 0.1)
    t = moments(n)
    bend = -0.035 * np.exp(-t / 0.03) + 0.006 * np.clip((t - 0.15) / 0.2, 0, 1) * np.sin(2 * np.pi * 5.6 * t)
    turns = np.cumsum(frequency * (1 + bend)) / dsp.RATE
    tone = np.sin(2 * np.pi * turns) + 0.06 * np.sin(4 * np.pi * turns)
    air = noise(n, 38, 0.8 * frequency, 1.6 * frequency)
    return np.asarray((tone + 0.035 * air) * shape(n, 0.03, 0.09) * 0.75, np.float32)


@dataclass(frozen=True, slots=True)
class Voice:
    """An instrument and its place in the mix.

    Attributes:
        play: Makes one tone from a frequency (Hz) and a length (s), about 1.0 at its peak: mono, or two rows for left
            and right.
        gain: Level in the mix.
        room: Share that is sent to the reverb.
        duck: How strongly the kick pushes it down, 0–1 of the mood's amount.
        echo: Level of its first echo, three steps later; 0 for none.
        program: The General MIDI program that comes nearest, 0–127.
    """

    play: Callable[[float, float], Samples]
    gain: float
    room: float
    duck: float = 1.0
    echo: float = 0.0
    program: int = 0


def _voice(play: str, of: Sequence[Any] = (), **place: Any) -> Voice:
    made = globals()[play]
    return Voice(made(*of) if of else made, **place)


_TABLE: Final = tomllib.loads(Path(__file__).with_name("instruments.toml").read_text("utf-8"))
VOICES: Final = {name: _voice(**row) for name, row in _TABLE.items()}
