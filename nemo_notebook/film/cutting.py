"""Where a film is cut, and which stretch of which clip is seen between two cuts. Numbers only, in frames.

Cuts lie on beats. A shot lasts 1, 2, 4 or 8 of them: about two seconds, less where the sound is loud and more
where it is calm, and it rather ends where a bar does. Where a section begins or a drop comes there is always a cut.

A stretch lies within a scene of its clip where that is possible, rather begins with it or where much moves, and leaves
out what is black. A clip that is used again shows another place.
"""

from __future__ import annotations

import bisect
import itertools
import math
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

from msgspec import Meta, Struct

from nemo_notebook.film.draft import to_frame
from nemo_notebook.film.model import FPS, MediaItem

ShotLength = Annotated[float, Meta(ge=0.4, le=600)]
_Beats = Annotated[int, Meta(ge=1, le=64)]
_Bpm = Annotated[float, Meta(ge=30, le=300)]
_Shots = Annotated[int, Meta(ge=1, le=500)]
SHORTEST: Final = 12  # frames: 0.4 s
_EVEN_SHOT_S: Final = 2.0
_CALM_SHOT_S, _LOUD_SHOT_S = 3.8, 1.0
_LONGEST_S: Final = 5.2
_OFF_BAR: Final = 0.25  # what it costs a shot to end within a bar, in octaves of its length
_ALIKE: Final = 0.08  # a range of loudness that nobody hears as louder and calmer
_COUNTS: Final = (1, 2, 4, 8)
_FEWEST_BEATS: Final = 4
_NEAR_ACCENT: Final = 10  # frames: a section that begins no farther from a beat begins on it
_LEAST_REST: Final = 0.4  # of a timed shot: what is left at the end and shorter joins the shot before
_APART: Final = FPS  # frames between in-points that count as different places
_GOLDEN: Final = 0.6180339887498949
_SLIVER: Final = 12  # frames of another scene that look like a mistake: 0.4 s
_DARK: Final = 0.04  # brightness at which nothing is to be seen
_MOST_CHOICES: Final = 240
_SCENE_BONUS, _MOTION_BONUS = 0.3, 0.2  # of the clip's length that a good place may lie off the wanted one


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a film is cut to.

    Attributes:
        beats: Frames of the beats, ascending, without repeats.
        downbeats: Frames of the first beats of bars.
        energy: Loudness 0–1, one value a second; may be empty.
        accents: Frames at which a section begins or a drop comes, ascending.
    """

    beats: tuple[int, ...] = ()
    downbeats: frozenset[int] = frozenset()
    energy: tuple[float, ...] = ()
    accents: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        beats_ms: Sequence[float],
        downbeats_ms: Sequence[float] = (),
        energy: Sequence[float] = (),
        accents_ms: Sequence[float] = (),
    ) -> Rhythm:
        """The rhythm of what is heard at some times; without downbeats every fourth beat is one."""
        beats, accents = (tuple(sorted(set(map(to_frame, times)))) for times in (beats_ms, accents_ms))
        return cls(beats, frozenset(map(to_frame, downbeats_ms or beats_ms[::4])), tuple(energy), accents)

    @property
    def is_steady(self) -> bool:
        """Whether there are enough beats to cut to."""
        return len(self.beats) >= _FEWEST_BEATS

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


def cut_points(rhythm: Rhythm, frames: int, pace: Pace) -> tuple[int, ...]:
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
    loudness = _Loudness(rhythm.energy)
    accents = _accents(rhythm.accents, grid, frames) if pace.every is None else []
    good = rhythm.downbeats | {*accents, frames}
    points = [0]
    for stop in (*accents, frames):
        while points[-1] < stop:
            ends = _next_ends(grid, points[-1], stop, pace)
            points.append(_best_end(ends, points[-1], good, loudness, pace))
    return tuple(points)


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


def _accents(accents: Sequence[int], grid: Sequence[int], frames: int) -> list[int]:
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


def _next_ends(grid: list[int], start: int, frames: int, pace: Pace) -> list[int]:
    """Frames at which the shot from `start` may end: beats, and the end of the film where it is near."""
    at = bisect.bisect_right(grid, start)
    if pace.every is not None:
        nearest = max(at + pace.every - 1, bisect.bisect_left(grid, start + SHORTEST))
        ends = grid[nearest : nearest + 1]
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


@dataclass(frozen=True, slots=True)
class Source:
    """What shots can be taken from.

    Attributes:
        length: Frames; 0 for what lasts as long as wanted (an image).
        scenes: Frames of the cuts within, ascending.
        motion: How much moves, 0–1, one value a second; may be empty.
        brightness: How bright it is, 0–1, one value a second; may be empty.
    """

    length: int
    scenes: tuple[int, ...] = ()
    motion: tuple[float, ...] = ()
    brightness: tuple[float, ...] = ()

    @classmethod
    def of(cls, item: MediaItem) -> Source:
        """An upload as a source; the last frame of a video is left out, for it may not decode."""
        if item.kind != "video":
            return cls(0)
        length = max(1, to_frame(item.duration_ms) - 1)
        scenes = tuple(frame for ms in item.scenes_ms if 0 < (frame := to_frame(ms)) < length)
        return cls(length, scenes, item.motion, item.brightness)


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


def takes(points: Sequence[int], sources: Sequence[Source], beats: Sequence[int], seed: int) -> tuple[Take, ...]:
    """Fills shots with sources, all of them in each round, each time from another place of theirs.

    The first round is in order; later ones are shuffled, and none begins with what the one before ended with.

    A shot that is longer than its source is split, on a beat where one is near.

    Args:
        points: Boundaries of shots.
        sources: What they are taken from.
        beats: Frames of the beats, ascending.
        seed: Chooses where the places start.
    """
    long_enough = [i for i, source in enumerate(sources) if source.length == 0 or source.length >= SHORTEST]
    usable = long_enough or list(range(len(sources)))
    places = {i: _Places(sources[i], seed * 7919 + i) for i in usable}
    made: list[Take] = []
    turns = _turns(usable, seed)
    for shot_first, shot_last in itertools.pairwise(points):
        first = shot_first
        while first < shot_last:
            source = next(turns)
            last = _within(first, shot_last, sources[source].length, beats)
            made.append(Take(source, first, last, places[source].next(last - first)))
            first = last
    return tuple(made)


def _turns(usable: Sequence[int], seed: int) -> Iterator[int]:
    yield from usable
    chance = random.Random(seed)  # noqa: S311 - an order of clips is no secret
    row = list(usable)
    while True:
        last = row[-1]
        if len(row) > 2:
            chance.shuffle(row)
        if row[0] == last and len(row) > 1:
            other = chance.randrange(1, len(row))
            row[0], row[other] = row[other], row[0]
        yield from row


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

    def __init__(self, source: Source, seed: int) -> None:
        self._source = source
        self._phase = (seed % 1009) / 1009
        self._seen: dict[int, int] = {}
        self._turn = 0
        self._last = (-2 * _APART, -2 * _APART)
        self._scenes = frozenset((0, *source.scenes)) if source.scenes else frozenset()
        self._liveliest = max(source.motion, default=0.0)

    def next(self, frames: int) -> int:
        """The in-point of the next shot, so many frames long."""
        room = self._source.length - frames
        if room <= 0:
            return 0
        step = max(FPS if room >= 3 * FPS else max(1, room // 3), room // _MOST_CHOICES)
        choices = {*range(0, room + 1, step), *(scene for scene in self._source.scenes if scene <= room)}
        wanted = (self._phase + self._turn * _GOLDEN) % 1.0 * room
        self._turn += 1

        def cost(at: int) -> tuple[bool, int, float, float, int]:
            off = abs(at - wanted) / room - self._charm(at)
            return self._near_last(at), self._faults(at, at + frames), self._staleness(at, frames), off, at

        best: int = min(choices, key=cost)
        for second in self._seconds(best, frames):
            self._seen[second] = self._seen.get(second, 0) + 1
        self._last = (best, best + frames)
        return best

    def _faults(self, first: int, last: int) -> int:
        """What is wrong with a stretch: slivers of other scenes, a cut within, black."""
        scenes = self._source.scenes
        inside = scenes[bisect.bisect_right(scenes, first) : bisect.bisect_left(scenes, last)]
        slivers = sum(scene - first < _SLIVER or last - scene < _SLIVER for scene in inside)
        light = self._source.brightness[first // FPS : (last - 1) // FPS + 1]
        return 2 * slivers + bool(inside) + 4 * any(value < _DARK for value in light)

    def _charm(self, at: int) -> float:
        around = self._source.motion[at // FPS : at // FPS + 1]
        lively = around[0] / self._liveliest if around and self._liveliest > 0 else 0.0
        return _SCENE_BONUS * (at in self._scenes) + _MOTION_BONUS * lively

    def _staleness(self, first: int, frames: int) -> float:
        seconds = self._seconds(first, frames)
        return round(sum(self._seen.get(second, 0) for second in seconds) / len(seconds), 2)

    def _near_last(self, choice: int) -> bool:
        start, end = self._last
        return abs(choice - start) < _APART or abs(choice - end) < _APART // 2

    @staticmethod
    def _seconds(first: int, frames: int) -> range:
        return range(first // FPS, (first + frames - 1) // FPS + 1)
