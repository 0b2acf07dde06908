"""Where a film is cut. Numbers only, in frames.

Cuts lie on beats. A shot lasts 1, 2, 4, 8 or 16 of them: about two seconds, less where the sound is loud and more
where it is calm, and it rather ends where a bar does. Calm passages flow: their shots end with bars only. A build is
cut ever faster. Where a section begins or a drop comes there is always a cut.
"""

from __future__ import annotations

import bisect
import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

from msgspec import Meta, Struct

from nemo_notebook.film.draft import to_frame
from nemo_notebook.film.footage import SHORTEST
from nemo_notebook.film.model import FPS
from nemo_notebook.film.passages import Passage, find_passages
from nemo_notebook.film.style import USUAL, Style, all_styles

ShotLength = Annotated[float, Meta(ge=0.4, le=600)]
_Beats = Annotated[int, Meta(ge=1, le=64)]
_Bpm = Annotated[float, Meta(ge=30, le=300)]
_Shots = Annotated[int, Meta(ge=1, le=500)]
_EVEN_SHOT_S: Final = 2.0
_LONGEST_S: Final = 5.2
_OVER: Final = 1.4  # times the calm length that a shot lasts at most
_OFF_BAR: Final = 0.25  # what it costs a shot to end within a bar, in octaves of its length
_OFF_PHRASE: Final = 1.5  # likewise in a calm passage
_LOUD: Final = 0.45  # level from which on lengths follow the style's pattern
_COUNTS: Final = (1, 2, 4, 8, 16)
_FEWEST_BEATS: Final = 4
_NEAR_ACCENT: Final = 10  # frames: a section that begins no farther from a beat begins on it
_LEAST_REST: Final = 0.4  # of a shot: what is left at the end and shorter joins the shot before


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a film is cut to.

    Attributes:
        beats: Frames of the beats, ascending, without repeats.
        downbeats: Frames of the first beats of bars.
        energy: Loudness 0–1, one value a second; may be empty.
        accents: Frames at which a section begins or a drop comes, ascending.
        drops: Frames at which the music's full force sets in.
    """

    beats: tuple[int, ...] = ()
    downbeats: frozenset[int] = frozenset()
    energy: tuple[float, ...] = ()
    accents: tuple[int, ...] = ()
    drops: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        beats_ms: Sequence[float],
        downbeats_ms: Sequence[float] = (),
        energy: Sequence[float] = (),
        accents_ms: Sequence[float] = (),
        drops_ms: Sequence[float] = (),
    ) -> Rhythm:
        """The rhythm of what is heard at some times; without downbeats every fourth beat is one."""
        beats, accents = (tuple(sorted(set(map(to_frame, times)))) for times in (beats_ms, (*accents_ms, *drops_ms)))
        downbeats, drops = (frozenset(map(to_frame, times)) for times in (downbeats_ms or beats_ms[::4], drops_ms))
        return cls(beats, downbeats, tuple(energy), accents, drops)

    @property
    def is_steady(self) -> bool:
        """Whether there are enough beats to cut to."""
        return len(self.beats) >= _FEWEST_BEATS

    def passages(self, frames: int) -> tuple[Passage, ...]:
        """What the music does in a film of some length; passages begin on beats."""
        drops = frozenset(_on_grid(sorted(self.drops), self.beats, frames))
        return find_passages(_on_grid(self.accents, self.beats, frames), drops, self.energy, frames)

    @property
    def step(self) -> float:
        """Frames from beat to beat, mostly; half a second where that is not known."""
        steps = [b - a for a, b in itertools.pairwise(self.beats)]
        return max(1.0, statistics.median(steps)) if steps else FPS / 2


class Pace(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How fast cuts follow one another, and on what grid; without any of it by loudness, on the beats of the music."""

    every: Annotated[_Beats | None, Meta(description="Beats in a shot.")] = None
    factor: Annotated[float, Meta(ge=0.2, le=8, description="Length of shots against the usual one.")] = 1.0
    every_s: Annotated[ShotLength | None, Meta(description="Seconds in a shot, whatever the beat.")] = None
    bpm: Annotated[_Bpm | None, Meta(description="A tempo in place of the one that is heard.")] = None
    tempo: Annotated[
        float, Meta(ge=0.25, le=2, description="0.5 takes every second beat for one, 2 adds one between each two.")
    ] = 1.0
    offset_s: Annotated[float, Meta(ge=-5, le=5, description="How much later than its beat a cut comes.")] = 0.0
    offset_beats: Annotated[float, Meta(ge=-4, le=4, description="The same, in beats.")] = 0.0
    shots: Annotated[_Shots | None, Meta(description="How many shots of nearly the same length.")] = None


USUAL_PACE: Final = Pace()


def cut_points(rhythm: Rhythm, frames: int, pace: Pace, style: Style | None = None) -> tuple[int, ...]:
    """All boundaries of shots from 0 to `frames`, both included; even where there is no steady beat."""
    if frames <= 0:
        return (0,)
    if pace.every_s is not None:
        return _timed(frames, max(to_frame(1000 * pace.every_s), SHORTEST))
    rhythm = paced(rhythm, pace, frames)
    if pace.shots is not None:
        return even_points(rhythm, frames, pace.shots)
    if not rhythm.is_steady:
        return _even(frames, _EVEN_SHOT_S * pace.factor)
    grid = _closed_grid(rhythm.beats, frames)
    if pace.every is not None:
        return _every(grid, frames, pace.every)
    return _Cutter(rhythm, grid, frames, pace, style or all_styles()[USUAL]).points()


def even_points(rhythm: Rhythm, frames: int, shots: int) -> tuple[int, ...]:
    """Boundaries of so many shots of nearly the same length, on beats where there are any near."""
    points = [0]
    for number in range(1, shots):
        wanted = round(number * frames / shots)
        beat = min(rhythm.beats, key=lambda at: (abs(at - wanted), at), default=wanted)
        point = beat if abs(beat - wanted) <= rhythm.step else wanted
        if point - points[-1] >= SHORTEST and frames - point >= SHORTEST:
            points.append(point)
    return (*points, frames)


def paced(rhythm: Rhythm, pace: Pace, frames: int) -> Rhythm:
    """The grid that a pace asks for: at the tempo that was said, at half or double of it, and shifted."""
    beats, downs = list(rhythm.beats), rhythm.downbeats
    anchor = min(downs) if downs else beats[0] if beats else 0
    if pace.bpm is not None:
        step = 60 * FPS / pace.bpm
        first = -int(anchor // step)
        count = int((frames - anchor) / step) + 1
        beats = [round(anchor + k * step) for k in range(first, count)]
        downs = frozenset(round(anchor + k * step) for k in range(first, count) if k % 4 == 0)
    if pace.tempo < 1:
        every = round(1 / pace.tempo)
        beats = beats[bisect.bisect_left(beats, anchor) % every :: every]
    elif pace.tempo > 1:
        parts = round(pace.tempo)
        between = [round(a + (b - a) * k / parts) for a, b in itertools.pairwise(beats) for k in range(parts)]
        beats = [*between, *beats[-1:]]
    later = round(pace.offset_s * FPS + pace.offset_beats * rhythm.step)
    shifted = sorted({beat + later for beat in beats if beat + later >= 0 and (beat > 0 or not later)})
    return replace(rhythm, beats=tuple(shifted), downbeats=frozenset(down + later for down in downs))


def _even(frames: int, shot_s: float) -> tuple[int, ...]:
    shots = max(1, min(round(frames / (shot_s * FPS)), frames // SHORTEST))
    return tuple(round(i * frames / shots) for i in range(shots + 1))


def _timed(frames: int, step: int) -> tuple[int, ...]:
    points = list(range(0, frames, step))
    if len(points) > 1 and frames - points[-1] < max(SHORTEST, _LEAST_REST * step):
        points.pop()
    return (*points, frames)


def _on_grid(accents: Sequence[int], grid: Sequence[int], frames: int) -> list[int]:
    """The beats of the grid that accents lie on, with room for a shot between them; an accent off the grid is none."""
    found: list[int] = []
    for accent in accents:
        beat = min(grid, key=lambda b: abs(b - accent), default=-1)
        room = beat - (found[-1] if found else 0) >= SHORTEST and frames - beat >= SHORTEST
        if room and abs(beat - accent) <= _NEAR_ACCENT:
            found.append(beat)
    return found


def _closed_grid(beats: tuple[int, ...], frames: int) -> list[int]:
    """The beats inside the film; gaps that no single shot should fill get an even grid."""
    inside = [beat for beat in beats if 0 < beat < frames]
    step = statistics.median(b - a for a, b in itertools.pairwise(beats))
    grid: list[int] = []
    previous = 0
    for beat in [*inside, frames]:
        if beat - previous > _LONGEST_S * FPS:
            parts = max(2, round((beat - previous) / max(step, 1.0)))
            grid += [previous + round(k * (beat - previous) / parts) for k in range(1, parts)]
        grid.append(beat)
        previous = beat
    return grid[:-1]


def _every(grid: Sequence[int], frames: int, every: int) -> tuple[int, ...]:
    """Boundaries of shots of so many beats each."""
    points = [0]
    while points[-1] < frames:
        start = points[-1]
        nearest = max(bisect.bisect_right(grid, start) + every - 1, bisect.bisect_left(grid, start + SHORTEST))
        ends = [end for end in grid[nearest : nearest + 1] if frames - end >= SHORTEST]
        points += ends or [frames]
    return tuple(points)


class _Cutter:
    """Cuts a film by what its music does, passage after passage."""

    def __init__(self, rhythm: Rhythm, grid: Sequence[int], frames: int, pace: Pace, style: Style) -> None:
        self._grid = grid
        self._passages = replace(rhythm, beats=tuple(grid)).passages(frames)
        self._good = rhythm.downbeats | {passage.last for passage in self._passages}
        self._calm_s, self._loud_s = style.calm_s * pace.factor, style.loud_s * pace.factor
        self._longest = max(_LONGEST_S, _OVER * self._calm_s) * FPS
        self._pattern = itertools.cycle(style.pattern)

    def points(self) -> tuple[int, ...]:
        """The boundaries of all shots."""
        points = [0]
        for passage in self._passages:
            while points[-1] < passage.last:
                points.append(self._end(points[-1], passage))
        return tuple(points)

    def _end(self, start: int, passage: Passage) -> int:
        """Where the shot ends that begins at a frame."""
        level = passage.level_at(start)
        wanted_s = self._calm_s * (self._loud_s / self._calm_s) ** level
        if level >= _LOUD and passage.kind != "build":
            wanted_s *= next(self._pattern)
        off_bar = _OFF_PHRASE if passage.kind in ("calm", "silence") else _OFF_BAR

        def cost(end: int) -> float:
            over = 2.0 if end - start > self._longest else 0.0
            rest = 1.0 if 0 < passage.last - end < _LEAST_REST * wanted_s * FPS else 0.0
            return abs(math.log2((end - start) / FPS / wanted_s)) + over + rest + (end not in self._good) * off_bar

        return min(self._ends(start, passage.last), key=cost)

    def _ends(self, start: int, stop: int) -> list[int]:
        """Frames at which the shot from `start` may end: beats, and the end of the passage where it is near."""
        at = bisect.bisect_right(self._grid, start)
        if start == 0:
            ends = [end for end in self._grid if end <= self._longest]
        else:
            near = self._grid[at : bisect.bisect_right(self._grid, start + self._longest)]
            ends = [end for count, end in enumerate(near, start=1) if count in _COUNTS or end in self._good]
        ends = [end for end in ends if end - start >= SHORTEST and stop - end >= SHORTEST]
        return [*ends, stop] if stop - start <= self._longest or not ends else ends
