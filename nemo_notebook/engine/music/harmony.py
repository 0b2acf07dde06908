"""Chord names to pitches, with each voice moving as little as it can."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_ROOTS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUALITIES: Final = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "6": (0, 4, 7, 9),
    "7": (0, 4, 7, 10),
    "9": (0, 4, 10, 14),
    "m7": (0, 3, 7, 10),
    "m9": (0, 3, 10, 14),
    "maj7": (0, 4, 7, 11),
    "maj9": (0, 4, 11, 14),
}
PENTATONIC: Final = (0, 2, 4, 7, 9)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord in pitch classes (0 = C): its root and all its tones, root first."""

    root: int
    tones: tuple[int, ...]


def read_chord(name: str, key: int) -> Chord:
    """The chord of a name such as `Fmaj9`, moved up by `key` semitones."""
    match = re.fullmatch(r"([A-G])(\w*)", name)
    if match is None or match[2] not in _QUALITIES:
        raise ValueError(f"not a chord name: {name}")
    root = (_ROOTS[match[1]] + key) % 12
    return Chord(root, tuple((root + step) % 12 for step in _QUALITIES[match[2]]))


def voice(chord: Chord, before: tuple[int, ...], centre: int) -> tuple[int, ...]:
    """Pitches of the chord, low to high, closest to the voicing before it and to `centre` (MIDI).

    Tries every rotation in close position and with the second voice from the top an octave down (drop 2).
    """
    candidates: list[tuple[int, ...]] = []
    for base in range(centre - 14, centre + 4):
        if base % 12 in chord.tones:
            close = _stack(chord, base)
            candidates.append(close)
            candidates.append(tuple(sorted((*close[:-2], close[-2] - 12, close[-1]))))
    return min(candidates, key=lambda pitches: _effort(pitches, before, centre))


def _stack(chord: Chord, base: int) -> tuple[int, ...]:
    return tuple(sorted(base + (tone - base) % 12 for tone in chord.tones))


def _effort(pitches: tuple[int, ...], before: tuple[int, ...], centre: int) -> float:
    moved = sum(min(abs(p - q) for q in before) for p in pitches) if before else 0
    rubs = sum(4 for low, high in pairwise(pitches) if high - low < 2)
    muddy = sum(3 for low, high in pairwise(pitches) if low < 52 and high - low < 4)
    return moved + rubs + muddy + 0.6 * abs(sum(pitches) / len(pitches) - centre)


def bass_pitch(chord: Chord) -> int:
    """The root between G1 (31) and F#2 (42): below the chords, still heard on small speakers through its harmonics."""
    return 31 + (chord.root - 31) % 12


def nearest(pitch: float, classes: tuple[int, ...]) -> int:
    """The pitch closest to `pitch` whose class is one of `classes`; the lower of two."""
    around = range(round(pitch) - 6, round(pitch) + 7)
    return min((p for p in around if p % 12 in classes), key=lambda p: (abs(p - pitch), p))


def scale_pitch(centre: int, step: int, key: int) -> int:
    """The pitch `step` places from `centre` in the pentatonic scale of the key."""
    classes = sorted((c + key) % 12 for c in PENTATONIC)
    home = nearest(centre, tuple(classes))
    place = classes.index(home % 12) + step
    return home - home % 12 + classes[place % 5] + 12 * (place // 5)
