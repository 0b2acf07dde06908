"""The recipe of a track: a few values from which composition and sound follow exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from nemo_notebook.errors import InputError
from nemo_notebook.music.moods import MOODS
from nemo_notebook.music.tempo import Section, TempoMap, least_bent, plan_form, tempo_map
from nemo_notebook.outside import finite

BEATS_PER_BAR: Final = 4
MIN_LENGTH_MS: Final = 1_000
MAX_LENGTH_MS: Final = 600_000
MIN_BPM: Final = 40.0
MAX_BPM: Final = 220.0
_ASKED_BEND: Final = 0.03  # an asked tempo may move this far for whole bars
_FASTER: Final = 1.12  # so much above a mood's range a tempo may be for the sake of cuts
_MOST_CUTS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a track is made from; equal recipes give equal samples.

    Attributes:
        mood: A key of `MOODS`.
        bpm: Quarter notes per minute, 40–220; where there are cuts, the tempo that is bent for them.
        seed: Any whole number; chooses key, progression, grooves and melody.
        length_ms: Length in milliseconds, 1 000–600 000.
        cuts_ms: Times of a film's cuts in milliseconds, ascending: beats or half beats fall on them.

    Raises:
        InputError: A value is outside its range.
    """

    mood: str
    bpm: float
    seed: int
    length_ms: int
    cuts_ms: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.mood not in MOODS:
            raise InputError(f"There is no mood '{self.mood}'.", hint=f"Moods: {', '.join(MOODS)}.")
        if not MIN_BPM <= self.bpm <= MAX_BPM:
            raise InputError(f"A tempo of {self.bpm:g} BPM cannot be played.", hint="Choose 40 to 220 BPM.")
        if not MIN_LENGTH_MS <= self.length_ms <= MAX_LENGTH_MS:
            raise InputError(
                f"Music of {self.length_ms / 1000:g} s cannot be composed.", hint="Choose 1 second to 10 minutes."
            )

    def to_json(self) -> dict[str, Any]:
        """The recipe as JSON values; `from_json` reads it back."""
        return {**asdict(self), "cuts_ms": list(self.cuts_ms)}

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any], length_ms: int | None = None) -> Recipe:
        """Reads a recipe from JSON values.

        Args:
            mapping: `mood`, and as far as known `bpm`, `seed`, `length_ms` and `cuts_ms`; other keys are passed over,
                and so are cuts that are no times within the track.
            length_ms: The length in milliseconds, where it is kept elsewhere; goes before the mapping's own.

        Raises:
            InputError: The mood is unknown, or a value is no number or outside its range.
        """
        mood = str(mapping.get("mood", "")).strip().lower()
        length = round(_number(mapping.get("length_ms") if length_ms is None else length_ms, "length_ms"))
        seed = round(_number(mapping.get("seed", 0), "seed"))
        if mapping.get("bpm") is None:
            return make_recipe(mood, length, seed, cuts_ms=_read_cuts(mapping.get("cuts_ms"), length))
        return cls(mood, _number(mapping["bpm"], "bpm"), seed, length, _read_cuts(mapping.get("cuts_ms"), length))

    @property
    def tempo(self) -> TempoMap:
        """When each beat is."""
        return tempo_map(self.bpm, self.length_ms, self.cuts_ms)

    @property
    def beat_s(self) -> float:
        """Length of a beat at the base tempo, in seconds."""
        return 60.0 / self.bpm

    @property
    def beats(self) -> float:
        """Length of the track in beats, with its fraction."""
        return self.tempo.total_beats


def make_recipe(
    mood: str, length_ms: int, seed: int, bpm: float | None = None, cuts_ms: Iterable[float] = ()
) -> Recipe:
    """A recipe whose tempo fills the length with whole bars, or half bars where the length is short.

    With cuts it is the tempo that has to be bent least for a beat or half beat to fall on each of them.

    Args:
        mood: A key of `MOODS`.
        length_ms: Length in milliseconds.
        seed: Chooses the tempo within the mood's range, and all that is composed.
        bpm: A tempo that was asked for; it is moved by 3 % at most, and kept where that is not enough.
        cuts_ms: Times of cuts within the track, in milliseconds; others are passed over.

    Raises:
        InputError: Unknown mood, or a value outside its range.
    """
    if mood not in MOODS:
        raise InputError(f"There is no mood '{mood}'.", hint=f"Moods: {', '.join(MOODS)}.")
    low, high = MOODS[mood].bpm
    if bpm is None:
        wanted = float(np.random.default_rng([abs(seed), 1]).uniform(low, high))
    else:
        wanted, low, high = bpm, bpm * (1 - _ASKED_BEND), bpm * (1 + _ASKED_BEND)
    cuts = _read_cuts(list(cuts_ms), length_ms)
    if not cuts or Recipe(mood, wanted, seed, length_ms).beats < 1:
        return Recipe(mood, _fitting_bpm(length_ms, wanted, low, high), seed, length_ms, cuts)
    high = min(high * _FASTER, MAX_BPM) if bpm is None else min(high, MAX_BPM)
    return Recipe(mood, least_bent(wanted, max(low, MIN_BPM), high, length_ms, cuts), seed, length_ms, cuts)


def _fitting_bpm(length_ms: int, wanted: float, low: float, high: float) -> float:
    for unit_beats in (BEATS_PER_BAR, BEATS_PER_BAR // 2):
        bpm_of_unit = unit_beats * 60_000.0 / max(1, length_ms)
        first, last = math.ceil(low / bpm_of_unit - 1e-9), math.floor(high / bpm_of_unit + 1e-9)
        if max(first, 1) <= last:
            units = min(max(round(wanted / bpm_of_unit), first, 1), last)
            return round(units * bpm_of_unit, 6)
    return round(wanted, 6)


def beat_times_ms(recipe: Recipe) -> list[float]:
    """All beats of the track in milliseconds, from 0 to before its end; every fourth, from the first, is a downbeat."""
    tempo = recipe.tempo
    return [tempo.ms_at(k) for k in range(math.ceil(tempo.total_beats - 1e-3))]


def sections_of(recipe: Recipe) -> tuple[Section, ...]:
    """The sections of the track, in bars; where there are cuts, they begin on these where they can."""
    tempo = recipe.tempo
    bars = max(1, int(tempo.total_beats / BEATS_PER_BAR + 1e-3))
    return plan_form(bars, [round(beat / BEATS_PER_BAR) for beat in tempo.cut_beats if beat % BEATS_PER_BAR == 0])


def _read_cuts(value: object, length_ms: int) -> tuple[int, ...]:
    """Whole milliseconds within the track, ascending; what is no such time is passed over."""
    if not isinstance(value, (list, tuple)):
        return ()
    times = (finite(cut) for cut in value[:_MOST_CUTS])
    return tuple(sorted({round(t) for t in times if t is not None and 0 < t < length_ms}))


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(f"A music recipe needs a number as '{name}', not {value!r}.", hint="Ask for the music again.")
    return float(value)
