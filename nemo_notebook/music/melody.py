"""Melodies: a motif, its answer and a contrast, fitted to the chords under them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nemo_notebook.music.harmony import Chord, nearest, scale_pitch
from nemo_notebook.music.moods import Mood
from nemo_notebook.music.score import STEPS_PER_BAR

_LONGEST: Final = 10  # steps that a tone is held at most
_MOVES: Final = (-2, -1, -1, 1, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone of a motif: place and length in steps, height in scale places, velocity 0–1."""

    step: int
    length: int
    height: int
    velocity: float


def read_rhythm(row: str) -> list[tuple[int, float]]:
    """Hits of a row of two bars as (step, velocity 0–1)."""
    return [(step, int(mark) / 9) for step, mark in enumerate(row) if mark != "."]


def phrases(rhythms: tuple[str, ...], seed: int) -> tuple[tuple[Tone, ...], ...]:
    """Four phrases of two bars: motif, answer, motif with a lift, and a contrast that comes home."""
    rng = np.random.default_rng([abs(seed), 11])
    order = rng.permutation(len(rhythms))
    motif = _motif(rhythms[order[0]], rng)
    other = _motif(rhythms[order[1 % len(order)]], rng)
    answer = tuple(replace(t, height=t.height - 1) if i >= len(motif) - 2 else t for i, t in enumerate(motif))
    lifted = tuple(replace(t, height=t.height + 1) if i >= len(motif) // 2 else t for i, t in enumerate(motif))
    return motif, answer, lifted, (*other[:-1], replace(other[-1], height=0))


def _motif(row: str, rng: np.random.Generator) -> tuple[Tone, ...]:
    hits = read_rhythm(row)
    ends = [step for step, _ in hits[1:]] + [2 * STEPS_PER_BAR]
    height = int(rng.integers(0, 3))
    tones: list[Tone] = []
    for (step, velocity), end in zip(hits, ends, strict=True):
        tones.append(Tone(step, min(_LONGEST, end - step), height, velocity))
        move = int(rng.choice(_MOVES))
        height += -abs(move) if height > 3 else abs(move) if height < -2 else move
    return tuple(tones)


def sing(tone: Tone, chord: Chord, mood: Mood, key: int) -> int:
    """MIDI pitch of a tone over a chord: on a beat or when held a chord tone, else one of the scale."""
    pitch = scale_pitch(mood.register, tone.height, key, mood.scale)
    held = tone.step % 4 == 0 or tone.length >= 4
    return nearest(pitch, chord.tones) if held else pitch
