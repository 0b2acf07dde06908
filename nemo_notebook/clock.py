"""What time it is, for all that is noted or shown, and waiting: by the machine's clock, or by that of a tape in use.

Deadlines, and times of files, are the machine's own matter.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final


class Clock:
    """The machine's clock; tapes have one of their own."""

    def now_s(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def monotonic_s(self) -> float:
        """Seconds since some moment; never less than before."""
        return time.monotonic()

    def local(self, moment_s: float) -> time.struct_time:
        """A moment, in seconds since 1970, as it is written here: in the machine's time zone."""
        return time.localtime(moment_s)

    def machine_s(self, moment_s: float) -> float:
        """A moment of this clock by the machine's clock, as files are dated by it."""
        return moment_s

    async def sleep(self, wait_s: float) -> None:
        """Wait for so many seconds."""
        await asyncio.sleep(wait_s)


MACHINE: Final = Clock()
_current = MACHINE


def use_clock(clock: Clock = MACHINE) -> None:
    """Go by another clock from here on; by the machine's without one. What keeps its own clock goes on with that."""
    global _current  # noqa: PLW0603 - one for the process, like the tape
    _current = clock


def current_clock() -> Clock:
    """The clock in use: what works for long keeps it, so that a tape that begins or ends meanwhile does not move it."""
    return _current


def now_s() -> float:
    """Seconds since 1970."""
    return _current.now_s()


def monotonic_s() -> float:
    """Seconds since some moment; never less than before."""
    return _current.monotonic_s()


def local(moment_s: float) -> time.struct_time:
    """A moment, in seconds since 1970, as it is written here."""
    return _current.local(moment_s)


async def sleep(wait_s: float) -> None:
    """Wait for so many seconds."""
    await _current.sleep(wait_s)
