"""Chord names to pitches, with each voice moving as little as it can."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

_ROOTS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUALITIES: Final = tomllib.loads(Path(__file__).with_name("chords.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord in pitch classes (0 = C): its root and all its tones, root first."""

    root: int
    tones: tuple[int, ...]


def read_chord(name: str, key: int) -> Chord:
    """The chord of a name such as `Fmaj9`, moved up by `key` semitones."""
    match = re.fullmatch(r"([A-G])(b?)(\w*)", name)
    if match is None or match[3] not in _QUALITIES:
        raise ValueError(f"not a chord name: {name}")
    root = (_ROOTS[match[1]] - len(match[2]) + key) % 12
    return Chord(root, tuple((root + step) % 12 for step in _QUALITIES[match[3]]))


def voice(chord: Chord, before: tuple[int, ...], centre: int) -> tuple[int, ...]:
    """Pitches of the chord, low to high, closest to the voicing before it and to `centre` (MIDI).

    Tries every rotation in close position and with the second voice from the top an octave down (drop 2).
    """
    candidates: list[tuple[int, ...]] = []
    for base in range(centre - 14, centre + 4):
        if base % 12 in chord.tones:
            close = tuple(sorted(base + (tone - base) % 12 for tone in chord.tones))
            candidates.append(close)
            candidates.append(tuple(sorted((*close[:-2], close[-2] - 12, close[-1]))))
    return min(candidates, key=lambda pitches: _effort(pitches, before, centre))


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


def scale_pitch(centre: int, step: int, key: int, scale: tuple[int, ...]) -> int:
    """The pitch `step` places from `centre` in a scale (pitch classes before the key moves them)."""
    classes = sorted((c + key) % 12 for c in scale)
    home = nearest(centre, tuple(classes))
    octave, place = divmod(classes.index(home % 12) + step, len(classes))
    return home - home % 12 + classes[place] + 12 * octave


def bass_tone(chord: Chord, after: Chord, letter: str) -> int:
    """The pitch of a bass letter: t third, f fifth, s seventh or sixth, o octave, a leads to the root of `after`.

    Any other letter is the root.
    """
    root = bass_pitch(chord)
    above = sorted((tone - chord.root) % 12 for tone in chord.tones)
    if letter == "o":
        return root + 12
    if letter == "a":
        goal = bass_pitch(after)
        return goal + 1 if root > goal else goal - 1
    wanted = {"t": (3, 4, 5), "f": (7,), "s": (10, 11, 9)}.get(letter, (0,))
    return root + next((step for step in wanted if step in above), 7 if letter in "fs" else 0)
