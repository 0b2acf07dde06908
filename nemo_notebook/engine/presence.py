"""Signs of life: how engines that share a folder see what another one works on, and when it does so no more."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from typing import Final

from nemo_notebook import errors

BEAT_S: Final = 0.8
SILENCE_S: Final = 5.0
RELEASED_S: Final = 0.0  # the sign of life of what its engine has let go of
_log: Final = logging.getLogger(__name__)


def is_alive(touched_s: float) -> bool:
    """Whether a sign of life is fresh.

    Args:
        touched_s: When it was given, by the machine's clock, in seconds since 1970. One from the future is not fresh:
            the clock was set back, and an engine that lives gives another at once.
    """
    return abs(time.time() - touched_s) < SILENCE_S


class Pulse:
    """Gives signs of life as long as there is work.

    Args:
        beat: Gives one; it tells whether there is still something to give it for.
    """

    def __init__(self, beat: Callable[[], Awaitable[bool]]) -> None:
        self._beat = beat
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Begin, where it is not under way: there is work."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_on())

    async def stop(self) -> None:
        """Give no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _go_on(self) -> None:
        goes_on = True
        while goes_on:
            await asyncio.sleep(BEAT_S)
            try:
                goes_on = await self._beat()
            except (sqlite3.Error, errors.DiskFull) as error:
                _log.warning("No sign of life could be given: %s", error)
