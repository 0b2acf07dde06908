"""Where a film is cut, and which stretch of which clip is seen between two cuts. Numbers only, in frames.

Cuts lie on beats. A shot lasts 1, 2, 4 or 8 of them: about two seconds, less where the sound is loud and more
where it is calm, and it rather ends where a bar does.
"""

from __future__ import annotations

import bisect
import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.engine.agent.drafting import to_frame
from nemo_notebook.engine.agent.model import FPS

SHORTEST: Final = 12  # frames: 0.4 s
_EVEN_SHOT_S: Final = 2.0
_CALM_SHOT_S, _LOUD_SHOT_S = 3.4, 1.0
_LONGEST_S: Final = 4.3
_OFF_BAR: Final = 0.25  # what it costs a shot to end within a bar, in octaves of its length
_ALIKE: Final = 0.08  # a range of loudness that nobody hears as louder and calmer
_COUNTS: Final = (1, 2, 4, 8)
_FEWEST_BEATS: Final = 4
_APART: Final = FPS  # frames between in-points that count as different places
_GOLDEN: Final = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a film is cut to.

    Attributes:
        beats: Frames of the beats, ascending, without repeats.
        downbeats: Frames of the first beats of bars.
        energy: Loudness 0–1, one value a second; may be empty.
    """

    beats: tuple[int, ...] = ()
    downbeats: frozenset[int] = frozenset()
    energy: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        beats_ms: Sequence[float],
        downbeats_ms: Sequence[float] = (),
        energy: Sequence[float] = (),
        start_ms: float = 0,
    ) -> Rhythm:
        """The rhythm of sound that is heard from `start_ms` on; without downbeats every fourth beat is one."""
        downs = downbeats_ms or beats_ms[::4]
        return cls(
            tuple(sorted({to_frame(t - start_ms) for t in beats_ms if t >= start_ms})),
            frozenset(to_frame(t - start_ms) for t in downs if t >= start_ms),
            tuple(energy[int(start_ms // 1000) :]),
        )

    @property
    def is_steady(self) -> bool:
        """Whether there are enough beats to cut to."""
        return len(self.beats) >= _FEWEST_BEATS


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the cuts follow.

    Attributes:
        every: Beats in a shot, or None to choose by loudness.
        factor: Length of shots against the usual one.
    """

    every: int | None = None
    factor: float = 1.0


USUAL_PACE: Final = Pace()


@dataclass(frozen=True, slots=True)
class Take:
    """A stretch of a source on the timeline, in frames.

    Attributes:
        source: Index of the clip.
        first: First frame on the timeline.
        last: Frame after the last one.
        in_frame: First frame within the clip.
    """

    source: int
    first: int
    last: int
    in_frame: int


def cut_points(rhythm: Rhythm, frames: int, pace: Pace) -> tuple[int, ...]:
    """All boundaries of shots from 0 to `frames`, both included; even where there is no steady beat."""
    if frames <= 0:
        return (0,)
    if not rhythm.is_steady:
        return _even(frames, _EVEN_SHOT_S * pace.factor)
    grid = _closed_grid(rhythm.beats, frames)
    loudness = _Loudness(rhythm.energy)
    downbeats = rhythm.downbeats | {frames}
    points = [0]
    while points[-1] < frames:
        ends = _next_ends(grid, points[-1], frames, pace)
        points.append(_best_end(ends, points[-1], downbeats, loudness, pace))
    return tuple(points)


def snapped(points: Sequence[int], beats: Sequence[int], room: Sequence[int]) -> tuple[int, ...]:
    """Boundaries of shots laid in a row, moved to beats without asking a shot for more than it has.

    Args:
        points: Boundaries from 0 on; the last is the end.
        beats: Frames of the beats, ascending.
        room: Frames that each shot can last at most.
    """
    moved = [0]
    for index, (start, end) in enumerate(itertools.pairwise(points)):
        longest = moved[-1] + room[index]
        wanted = min(moved[-1] + end - start, longest)
        if index == len(points) - 2:
            moved.append(wanted)
            continue
        choices = [beat for beat in beats if moved[-1] + SHORTEST <= beat <= longest]
        nearest = min(choices, key=lambda beat: abs(beat - wanted), default=wanted)
        moved.append(nearest)
    return tuple(moved)


def takes(points: Sequence[int], lengths: Sequence[int], beats: Sequence[int], seed: int) -> tuple[Take, ...]:
    """Fills shots with sources in turn, each time from another place of theirs.

    A shot that is longer than its source is split, on a beat where one is near.

    Args:
        points: Boundaries of shots.
        lengths: Frames of each source; 0 for one that lasts as long as wanted (an image).
        beats: Frames of the beats, ascending.
        seed: Chooses where the places start.
    """
    usable = [i for i, length in enumerate(lengths) if length == 0 or length >= SHORTEST] or list(range(len(lengths)))
    places = {i: _Places(lengths[i], seed * 7919 + i) for i in usable}
    made: list[Take] = []
    for shot_first, shot_last in itertools.pairwise(points):
        first = shot_first
        while first < shot_last:
            source = usable[len(made) % len(usable)]
            last = _within(first, shot_last, lengths[source], beats)
            made.append(Take(source, first, last, places[source].next(last - first)))
            first = last
    return tuple(made)


def _even(frames: int, shot_s: float) -> tuple[int, ...]:
    shots = max(1, min(round(frames / (shot_s * FPS)), frames // SHORTEST))
    return tuple(round(i * frames / shots) for i in range(shots + 1))


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


def _next_ends(grid: list[int], start: int, frames: int, pace: Pace) -> list[int]:
    """Frames at which the shot from `start` may end: beats, and the end of the film where it is near."""
    at = bisect.bisect_right(grid, start)
    if pace.every is not None:
        ends = [end for end in grid[at + pace.every - 1 :] if end - start >= SHORTEST][:1]
    elif start == 0:
        ends = [end for end in grid if end <= _longest(pace)]
    else:
        ends = [grid[at + count - 1] for count in _COUNTS if at + count - 1 < len(grid)]
    ends = [end for end in ends if end - start >= SHORTEST and frames - end >= SHORTEST]
    near_end = pace.every is None and frames - start <= _longest(pace)
    return [*ends, frames] if near_end or not ends else ends


def _longest(pace: Pace) -> float:
    return _LONGEST_S * FPS * max(1.0, pace.factor)


def _best_end(ends: list[int], start: int, downbeats: frozenset[int], loudness: _Loudness, pace: Pace) -> int:
    calm, loud = _CALM_SHOT_S * pace.factor, _LOUD_SHOT_S * pace.factor
    wanted = calm * (loud / calm) ** loudness.at(start / FPS)

    def cost(end: int) -> float:
        length = (end - start) / FPS
        over = 2.0 if end - start > _longest(pace) else 0.0
        return abs(math.log2(length / wanted)) + over + (0.0 if end in downbeats else _OFF_BAR)

    return min(ends, key=cost)


class _Loudness:
    """How loud a second is in its song, 0–1: the mean of its rank and its level; 0.5 where all is alike or unknown."""

    def __init__(self, energy: Sequence[float]) -> None:
        self._seconds = list(energy)
        self._sorted = sorted(energy)

    def at(self, second: float) -> float:
        around = self._seconds[int(second) : int(second) + 2]
        if not around or self._sorted[-1] - self._sorted[0] < _ALIKE:
            return 0.5
        mean = sum(around) / len(around)
        below, upto = bisect.bisect_left(self._sorted, mean), bisect.bisect_right(self._sorted, mean)
        rank = (below + upto) / 2 / len(self._sorted)
        level = (mean - self._sorted[0]) / (self._sorted[-1] - self._sorted[0])
        return (rank + level) / 2


def _within(first: int, last: int, length: int, beats: Sequence[int]) -> int:
    """The end of what one source can show of a shot, leaving no crumb behind."""
    if length == 0 or last - first <= length:
        return last
    longest = min(first + max(length, SHORTEST), last - SHORTEST)
    if longest - first < SHORTEST:
        return last
    at = bisect.bisect_right(beats, longest)
    beat = beats[at - 1] if at else 0
    return beat if beat - first >= SHORTEST else longest


class _Places:
    """In-points of one source, spread by the golden ratio; whole seconds where it is long enough: often keyframes."""

    def __init__(self, length: int, seed: int) -> None:
        self._length = length
        self._phase = (seed % 1009) / 1009
        self._uses: dict[int, int] = {}
        self._turn = 0
        self._last = (-2 * _APART, -2 * _APART)

    def next(self, frames: int) -> int:
        room = self._length - frames
        if room <= 0:
            return 0
        step = FPS if room >= 3 * FPS else max(1, room // 3)
        choices = range(0, room + 1, step)
        wanted = (self._phase + self._turn * _GOLDEN) % 1.0 * room
        self._turn += 1
        best = min(choices, key=lambda c: (self._near_last(c), self._uses.get(c // FPS, 0), abs(c - wanted), c))
        self._uses[best // FPS] = self._uses.get(best // FPS, 0) + 1
        self._last = (best, best + frames)
        return best

    def _near_last(self, choice: int) -> bool:
        start, end = self._last
        return abs(choice - start) < _APART or abs(choice - end) < _APART // 2
