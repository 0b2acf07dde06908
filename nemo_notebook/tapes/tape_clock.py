"""The clock of a tape: it moves on with the exchanges, in the same steps when they are recorded and when played."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from typing import Final

from nemo_notebook.tapes.pace import Pace

_SAME_S: Final = 1e-6


class TapeClock:
    """Tells the time of a tape.

    Args:
        recorded_s: When the tape was begun, in seconds since 1970.
        pace: How long its waits take here; it may be changed.
    """

    def __init__(self, recorded_s: float, pace: Pace) -> None:
        self._recorded_s = recorded_s
        self.pace = pace
        self._lock = threading.Lock()
        self._steps_s = [0.0]  # the times of the tape
        self._seen_s = [time.time()]  # and when, by the machine's clock, each of them was seen last

    def move_to(self, tape_ms: float) -> None:
        """An exchange is over at that time of the tape; what is earlier than now changes nothing."""
        with self._lock:
            if tape_ms / 1000 > self._steps_s[-1]:
                self._steps_s.append(tape_ms / 1000)
                self._seen_s.append(0.0)
            self._seen_s[-1] = time.time()

    def now_s(self) -> float:
        """Seconds since 1970, as they were when the tape was recorded."""
        return self._recorded_s + self._steps_s[-1]

    def monotonic_s(self) -> float:
        """Seconds since the tape was begun."""
        return self._steps_s[-1]

    def local(self, moment_s: float) -> time.struct_time:
        """A moment in UTC, so that it is written in the same way everywhere."""
        return time.gmtime(moment_s)

    def machine_s(self, moment_s: float) -> float:
        """When, by the machine's clock, it was that time of the tape for the last time."""
        with self._lock:
            at = bisect_left(self._steps_s, moment_s - self._recorded_s - _SAME_S)
            return self._seen_s[min(at, len(self._seen_s) - 1)]

    async def sleep(self, wait_s: float) -> None:
        """Wait as long as the tape's pace has it."""
        await self.pace.sleep(wait_s)
