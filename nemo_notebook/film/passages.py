"""The passages of a film by its music: silence, calm, steady, build, peak; how loud each moment is against the rest."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.film.model import FPS

PassageKind = Literal["silence", "calm", "steady", "build", "peak"]
_ALIKE: Final = 0.08  # a range of loudness that nobody hears as louder and calmer
_SILENT: Final = 0.05
_CALM, _LOUD = 0.36, 0.66  # levels up to which a passage is calm, and from which on it is a peak
_RISE: Final = 0.03  # in level, from the first half of a build to the second
_LONGEST_BUILD_S: Final = 20.0
_BUILD: Final = (0.35, 1.15)  # levels that a build is cut by, from its start to its end
_PEAK_FROM, _CALM_TO = 0.8, 0.15  # levels that a peak is cut by at least, and a calm passage at most


class Loudness:
    """How loud a second is in its song, 0–1: the mean of its rank and its level; 0.5 where all is alike or unknown."""

    def __init__(self, energy: Sequence[float]) -> None:
        self._seconds = list(energy)
        self._sorted = sorted(energy)

    def at(self, second: float) -> float:
        """The level of the second around a time."""
        around = self._seconds[int(second) : int(second) + 2]
        if not around or self._sorted[-1] - self._sorted[0] < _ALIKE:
            return 0.5
        mean = sum(around) / len(around)
        below, upto = bisect.bisect_left(self._sorted, mean), bisect.bisect_right(self._sorted, mean)
        rank = (below + upto) / 2 / len(self._sorted)
        level = (mean - self._sorted[0]) / (self._sorted[-1] - self._sorted[0])
        return (rank + level) / 2

    def is_silent(self, first: int, last: int) -> bool:
        """Whether hardly anything is heard between two frames."""
        heard = self._seconds[first // FPS : max(first // FPS + 1, last // FPS)]
        return bool(heard) and max(heard) < _SILENT


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a film in which its music is of one kind.

    Attributes:
        first: Its first frame.
        last: The frame after its last one.
        kind: What the music does in it.
        loudness: Of the whole film's music.
    """

    first: int
    last: int
    kind: PassageKind
    loudness: Loudness

    def level_at(self, frame: int) -> float:
        """How fast it is to be cut at a frame: 0 for the calmest, 1 for the loudest, more at the end of a build."""
        if self.kind == "build":
            low, high = _BUILD
            return low + (high - low) * (frame - self.first) / max(1, self.last - self.first)
        level = self.loudness.at(frame / FPS)
        if self.kind == "peak":
            return max(level, _PEAK_FROM)
        return min(level, _CALM_TO) if self.kind in ("calm", "silence") else level


def find_passages(
    starts: Sequence[int], drops: frozenset[int], energy: Sequence[float], frames: int
) -> tuple[Passage, ...]:
    """The passages of a film, tiling it.

    Args:
        starts: Frames at which another section of the music begins, or its full force sets in; ascending.
        drops: Those of them at which its full force sets in.
        energy: Loudness 0–1, one value a second; may be empty.
        frames: Length of the film.
    """
    loudness = Loudness(energy)
    edges = list(itertools.pairwise([0, *(at for at in starts if 0 < at < frames), frames]))
    levels = [_mean_level(loudness, first, last) for first, last in edges]
    found: list[Passage] = []
    for number, (first, last) in enumerate(edges):
        leads_up = last in drops or (number + 1 < len(edges) and levels[number + 1] >= _LOUD)
        kind: PassageKind = "steady"
        if loudness.is_silent(first, last):
            kind = "silence"
        elif first in drops or levels[number] >= _LOUD:
            kind = "peak"
        elif leads_up and last - first <= _LONGEST_BUILD_S * FPS and _rises(loudness, first, last):
            kind = "build"
        elif levels[number] <= _CALM:
            kind = "calm"
        found.append(Passage(first, last, kind, loudness))
    return tuple(found)


def _mean_level(loudness: Loudness, first: int, last: int) -> float:
    seconds = range(first // FPS, max(first // FPS + 1, last // FPS))
    return sum(map(loudness.at, seconds)) / len(seconds)


def _rises(loudness: Loudness, first: int, last: int) -> bool:
    """Whether the second half is louder than the first one."""
    middle = (first + last) // 2
    return _mean_level(loudness, middle, last) >= _mean_level(loudness, first, middle) + _RISE
