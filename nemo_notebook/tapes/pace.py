"""How long what took its time on a tape takes when it is played."""

from __future__ import annotations

import asyncio
from typing import Final

SPEEDS: Final = ("recorded", "fast", "once")

_FAST: Final = 10.0  # times as fast
_LONGEST_S: Final = 0.1  # that anything is waited for at fast speed
_MOST_S: Final = 60.0  # that is waited for in all at fast speed: a tape may claim anything
_BREATH_S: Final = 0.002  # that is always waited: who asks again and again must not take all of a core


class Pace:
    """How fast one tape is played.

    Args:
        speed: `recorded`: as it was, however long that is; `fast`: gaps cut short to a tenth, of 0.1 s at most each and
            60 s in all, after which there are none; `once`: none.
    """

    def __init__(self, speed: str) -> None:
        self.speed = speed
        self._left_s = _MOST_S

    def shortened_s(self, wait_s: float) -> float:
        """What is left of a wait of so many seconds; at fast speed it counts against what is waited for in all."""
        if self.speed == "recorded":
            return max(wait_s, 0.0)
        if self.speed != "fast":
            return 0.0
        short_s = min(max(wait_s, 0.0) / _FAST, _LONGEST_S, self._left_s)
        self._left_s -= short_s
        return short_s

    async def sleep(self, wait_s: float) -> None:
        """Wait what is left of it."""
        await asyncio.sleep(max(self.shortened_s(wait_s), _BREATH_S))


class Stopwatch:
    """Brings what has its times on a tape at the times that they are here.

    Each is reckoned from the first, not from the one before, so that delays do not add up.

    Args:
        pace: How long waits take.
        begun_ms: The time on the tape that it is now.
    """

    def __init__(self, pace: Pace, begun_ms: float) -> None:
        self._pace = pace
        self._last_ms = begun_ms
        self._due_s = asyncio.get_running_loop().time()

    async def wait_for(self, at_ms: float) -> None:
        """Wait until it is that time of the tape."""
        gap_s = self._pace.shortened_s((at_ms - self._last_ms) / 1000)
        self._last_ms = max(at_ms, self._last_ms)
        self._due_s += gap_s
        left_s = self._due_s - asyncio.get_running_loop().time()
        if left_s > 0:
            await asyncio.sleep(left_s)
