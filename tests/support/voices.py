"""Speech as far as its rhythm and timbre go: syllables of gliding pitch through moving formants, words, pauses."""

from __future__ import annotations

import numpy as np

RATE = 22050
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


def make_syllable(rng, length_s, pitch_hz):
    """A consonant of noise, then a vowel whose pitch and formants glide."""
    count = int(length_s * RATE)
    t = np.arange(count) / RATE
    pitch = pitch_hz * np.exp(np.linspace(rng.uniform(-0.05, 0.2), rng.uniform(-0.25, 0.1), count))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    first, last = (np.array(VOWELS[rng.integers(len(VOWELS))])[:, None] for _ in range(2))
    formants = first + (last - first) * (t / length_s)
    vowel = np.zeros(count)
    for harmonic in range(1, int(4000 / pitch_hz)):
        gain = (1 / (1 + ((harmonic * pitch - formants) / 90) ** 2)).sum(axis=0) / harmonic**0.5
        vowel += gain * np.sin(harmonic * phase)
    vowel *= np.sin(np.pi * np.clip(t / length_s, 0, 1)) ** 0.7
    consonant = np.diff(rng.standard_normal(int(rng.uniform(0.03, 0.07) * RATE) + 1))
    return np.concatenate([0.12 * np.hanning(len(consonant)) * consonant, vowel / np.abs(vowel).max()])


def make_speech(pauses_s, seed=0, pitch_hz=120.0, phrase_s=1.6):
    """Phrases of some seconds, each followed by a pause of digital silence.

    Returns:
        Samples at 22 050 Hz, and the start and end of each pause in milliseconds.
    """
    rng = np.random.default_rng(seed)
    parts, pauses_ms, at = [], [], 0
    for pause_s in pauses_s:
        phrase = []
        while sum(map(len, phrase)) < phrase_s * RATE:
            phrase.append(rng.uniform(0.5, 1) * make_syllable(rng, rng.uniform(0.11, 0.24), pitch_hz))
            gap_s = rng.uniform(0.08, 0.16) if rng.random() < 0.3 else rng.uniform(0.0, 0.03)
            phrase.append(np.zeros(int(gap_s * RATE)))
        phrase[-1] = np.zeros(0)
        length = int(pause_s * RATE)
        parts += [*phrase, np.zeros(length)]
        at += sum(map(len, phrase))
        pauses_ms.append((1000 * at / RATE, 1000 * (at + length) / RATE))
        at += length
    samples = np.concatenate(parts)
    return (0.5 * samples / np.abs(samples).max()).astype(np.float32), pauses_ms
