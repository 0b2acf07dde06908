"""What a composition is: notes, and the bars that they are written into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nemo_notebook.music.harmony import Chord
from nemo_notebook.music.moods import Mood
from nemo_notebook.music.recipe import Recipe
from nemo_notebook.music.tempo import Section, TempoMap

STEPS_PER_BAR: Final = 16
_DRUM_S: Final = 0.2  # for so long a drum is heard
_DECAY_PER_S: Final = 1.5
_ON_GRID: Final = frozenset({"kick", "boom", "riser", "crash"})
_ROOT_FIRST: Final = {"r": 0.9, "o": 0.75, "t": 0.8, "f": 0.85, "s": 0.8, "a": 0.75}


@dataclass(frozen=True, slots=True)
class Note:
    """One sound of the score.

    Attributes:
        start_s: Start in seconds.
        duration_s: How long it is held, in seconds; a drum rings as long as it does.
        voice: Name of an instrument or a drum.
        pitch: MIDI pitch; 0 for drums.
        velocity: Loudness, 0–1.
        pan: −1 left to 1 right.
        part: Who plays it: chords, pad, bass, arp, lead, double, drone or drums.
    """

    start_s: float
    duration_s: float
    voice: str
    pitch: int
    velocity: float
    pan: float
    part: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A composed track: its notes in order of time, the sections they fill, and the tempo they follow."""

    notes: tuple[Note, ...]
    sections: tuple[Section, ...]
    tempo: TempoMap


def envelope(score: Score, length_s: float, count: int) -> list[int]:
    """About how loud a score is in equal stretches of it, 0–100 of the loudest; without its sound.

    A note is struck as loudly as it is meant and dies away; those that sound at once add up as their powers do.
    """
    power = np.zeros(count)
    per_s = count / length_s
    for note in score.notes:
        first = int(note.start_s * per_s)
        held = max(1, round(per_s * (note.duration_s if note.pitch else _DRUM_S)))
        span = power[first : first + held]
        span += (note.velocity * np.exp(-_DECAY_PER_S / per_s * np.arange(len(span)))) ** 2
    return [round(100 * float(level)) for level in np.sqrt(power / max(float(power.max()), 1e-9))]


@dataclass(frozen=True, slots=True)
class Bar:
    """What all parts need to know of one bar; `after` is the chord of the next, `cuts` the steps that cuts fall on."""

    index: int
    section: Section
    chord: Chord
    after: Chord
    voicing: tuple[int, ...]
    pad_voicing: tuple[int, ...]
    levels: dict[str, float]
    cuts: tuple[float, ...]

    @property
    def place(self) -> int:
        """Bars since the section began."""
        return self.index - self.section.start

    @property
    def last(self) -> bool:
        """Whether it is the last of its section."""
        return self.index == self.section.end - 1

    @property
    def full(self) -> bool:
        """Whether everyone plays."""
        return self.section.kind == "drop"


class Pen:
    """Writes notes: places in bars become seconds, with the mood's swing and looseness."""

    def __init__(self, recipe: Recipe, mood: Mood, stream: int) -> None:
        self._mood, self._tempo = mood, recipe.tempo
        self._rng = np.random.default_rng([abs(recipe.seed), stream])

    def write(
        self,
        bar: Bar,
        step: float,
        steps: float,
        part: str,
        voice: str,
        pitch: int,
        velocity: float,
        pan: float,
        straight: bool = False,
    ) -> Note:
        """A note of `steps` sixteenths, `step` sixteenths into a bar; a straight one is exactly there."""
        human = float(self._rng.standard_normal()), float(self._rng.standard_normal())
        first = bar.index * STEPS_PER_BAR + (step if straight else self._swung(step))
        start_s = self._tempo.ms_at(first / 4) / 1000.0
        duration_s = max(0.03, self._tempo.ms_at((first + steps) / 4) / 1000.0 - start_s)
        if voice not in _ON_GRID and not straight:
            start_s += min(1.5, max(-1.5, human[0])) * self._mood.loose_ms / 2000.0
            velocity *= 1.0 + 0.06 * min(2.0, max(-2.0, human[1]))
        return Note(max(0.0, start_s), duration_s, voice, pitch, min(1.0, velocity), pan, part)

    def _swung(self, step: float) -> float:
        """Stretches the first of two equal notes, and presses the second."""
        unit, delay = self._mood.swing_steps, self._mood.swing * self._mood.swing_steps
        pair, place = divmod(step, 2 * unit)
        if step >= STEPS_PER_BAR or not delay:
            return step
        late = place * (unit + delay) / unit if place < unit else unit + delay + (place - unit) * (unit - delay) / unit
        return pair * 2 * unit + late


def spread(index: int, count: int) -> float:
    """Where the tones of a chord sit between left and right."""
    return 0.0 if count < 2 else 0.6 * (2 * index / (count - 1) - 1) * (1 if index % 2 else -1)


def read_row(row: str) -> list[tuple[float, float, str]]:
    """Hits of a row of one bar as (step, velocity 0–1, mark); the row's marks share the bar's 16 steps."""
    unit = STEPS_PER_BAR / max(1, len(row))
    return [
        (place * unit, _ROOT_FIRST.get(mark) or int(mark) / 9, mark) for place, mark in enumerate(row) if mark != "."
    ]


def held(row: str, longest: float) -> list[tuple[float, float, float, str]]:
    """Hits of a row as (step, length, velocity, mark): each lasts to the next, `longest` steps at most."""
    hits = read_row(row)
    ends = [step for step, _, _ in hits[1:]] + [float(STEPS_PER_BAR)]
    return [(s, min(longest, end - s), v, m) for (s, v, m), end in zip(hits, ends, strict=True)]
