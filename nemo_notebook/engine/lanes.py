"""Round-robin fair semaphore, keyed by user: who asks for much does not crowd out the others."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lanes:
    """At most `size` at a time, and `spare` more of users who have none; those who wait take turns by user.

    Args:
        size: How many may go at once.
        spare: How many more, each the only one of its user.
    """

    def __init__(self, size: int, spare: int = 0) -> None:
        self._size, self._spare = size, spare
        self._going: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Wait for a turn, and give it back at the end."""
        await self._take(who)
        try:
            yield
        finally:
            self._give_back(who)

    def _may_go(self, who: str) -> bool:
        return self._going.total() < self._size + (0 if self._going[who] else self._spare)

    async def _take(self, who: str) -> None:
        if self._may_go(who):
            self._going[who] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(who)  # it came at the same moment
            raise

    def _give_back(self, who: str) -> None:
        self._going[who] -= 1
        self._going += Counter()  # forgets those who have none
        while (other := next(filter(self._may_go, self._waiting), None)) is not None:
            lane = self._waiting.pop(other)
            turn = lane.popleft()
            if lane:
                self._waiting[other] = lane  # behind the others
            if not turn.done():
                self._going[other] += 1
                turn.set_result(None)
