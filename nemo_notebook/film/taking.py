"""Which stretch of which clip is seen between two cuts. Numbers only, in frames.

A stretch lies within a scene of its clip where that is possible, rather begins with it or where much moves, and leaves
out what is black. A clip that is used again shows another place.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.film.cutting import SHORTEST
from nemo_notebook.film.drafting import to_frame
from nemo_notebook.film.model import FPS, MediaItem

_APART: Final = FPS  # frames between in-points that count as different places
_GOLDEN: Final = 0.6180339887498949
_SLIVER: Final = 12  # frames of another scene that look like a mistake: 0.4 s
_DARK: Final = 0.04  # brightness at which nothing is to be seen
_MOST_CHOICES: Final = 240
_SCENE_BONUS, _MOTION_BONUS = 0.3, 0.2  # of the clip's length that a good place may lie off the wanted one


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
