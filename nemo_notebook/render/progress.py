"""How far a piece of work is, and how long it still takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

_TELLING_S: Final = 1.0  # before that, and before so much is done, nothing can be told
_TELLING_DONE: Final = 0.02
_TREND_S: Final = 6.0  # a wrong estimate is put right within about this time, not at once
_TREND_SHARE: Final = 0.6  # of the time spent so far, where that is less

_MORE: Final = 0.65  # of a core that each further one brings: they share memory, and often are but threads of one


class Meter:
    """Adds up the progress of parts of different weight, as time goes; what is told never goes back.

    Args:
        tell: Called with the fraction done.
        cores: How many parts are worked on at once; the more these are, the less each of them does.
    """

    def __init__(self, tell: Callable[[float], None], cores: int = 1) -> None:
        self._tell = tell
        self._cores = 1 + _MORE * (cores - 1)
        self._alone: set[str] = set()
        self._weights: dict[str, float] = {}
        self._done: dict[str, float] = {}
        self._told = -1.0

    def part(self, name: str, weight: float, *, is_alone: bool = False) -> Callable[[float], None]:
        """A part of the whole, all of which are to be named before work begins; gives what tells its fraction.

        Args:
            name: Of the part.
            weight: How long it takes one core.
            is_alone: Whether nothing else is worked on meanwhile.
        """
        self._weights[name] = max(weight, 1e-6)
        if is_alone:
            self._alone.add(name)

        def update(fraction: float) -> None:
            self._done[name] = max(self._done.get(name, 0.0), min(1.0, fraction))
            self._update()

        return update

    def leave_out(self, name: str) -> None:
        """A part turns out to be done already: the others are the whole then."""
        self._weights.pop(name, None)

    def finish(self) -> None:
        """All is done."""
        self._weights = {"": 1.0}
        self._done = {"": 1.0}
        self._update()

    def _update(self) -> None:
        left = self._wall({name: weight * (1 - self._done.get(name, 0.0)) for name, weight in self._weights.items()})
        whole = self._wall(self._weights)
        now = 1 - left / whole if whole else 0.0
        if now > self._told:
            self._told = now
            self._tell(now)

    def _wall(self, weights: Mapping[str, float]) -> float:
        """How long parts take together: no less than the longest of those that are worked on at once."""
        alone = sum(weight for name, weight in weights.items() if name in self._alone)
        others = [weight for name, weight in weights.items() if name not in self._alone]
        return alone + max(sum(others) / self._cores, max(others, default=0.0))


class TimeLeft:
    """Estimates how long a work still takes; it counts down evenly, however unevenly the work goes on.

    Args:
        begun_s: When the work was seen to go on, on any clock: later than it was asked for, if workers had to start.
        begun: How much was done by then.
    """

    def __init__(self, begun_s: float, begun: float = 0.0) -> None:
        self._begun_s = begun_s
        self._begun = begun
        self._looked_s = begun_s
        self._left_s: float | None = None

    def look(self, done: float, now_s: float) -> float | None:
        """Seconds left, on the same clock; None while it cannot be told.

        Args:
            done: Fraction of the work.
            now_s: The time.
        """
        spent_s = now_s - self._begun_s
        if done - self._begun < _TELLING_DONE or spent_s < _TELLING_S:
            return None
        fresh_s = spent_s * (1 - done) / (done - self._begun)
        if self._left_s is None:
            self._left_s = fresh_s
        else:
            passed_s = max(0.0, now_s - self._looked_s)
            trend_s = min(_TREND_S, _TREND_SHARE * spent_s)
            counted_s = max(0.0, self._left_s - passed_s)
            self._left_s = counted_s + (1 - math.exp(-passed_s / trend_s)) * (fresh_s - counted_s)
        self._looked_s = now_s
        return self._left_s
