"""Turns at something scarce, given out in turn to each who asks: who asks for much does not crowd out the others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lanes:
    """At most `size` at a time; those who wait stand in a lane each, and the lanes take turns.

    Args:
        size: How many may go at once.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Wait for a turn, and give it back at the end."""
        await self._take(who)
        try:
            yield
        finally:
            self._give_back()

    async def _take(self, who: str) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back()  # it came at the same moment
            raise

    def _give_back(self) -> None:
        self._free += 1
        while self._free and self._waiting:
            who = next(iter(self._waiting))
            lane = self._waiting.pop(who)
            turn = lane.popleft()
            if lane:
                self._waiting[who] = lane  # behind the others
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
