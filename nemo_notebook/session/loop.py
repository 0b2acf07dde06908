"""The one background thread on which all HTTP runs, and the way to wait for it from anywhere.

A notebook's own event loop is no place for it: what a cell awaits there stops when the cell is busy, and which cell an
output lands in then depends on the kernel. A thread of our own behaves the same in every kernel, script and console.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from nemo_notebook.errors import UsageError

T = TypeVar("T")

_TICK_S: Final = 0.1  # how often a wait looks up, so that an interrupt is noticed on Windows too
_GOODBYE_S: Final = 2.0
_OWN_THREAD: Final = UsageError(
    "This call would wait for its own thread.", hint="Within a callback or a coroutine, use the async API."
)


class Bridge(Protocol):
    """Runs coroutines for callers that do not await."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the result; an interrupt cancels the work."""

    def iterate(self, stream: AsyncIterator[T]) -> Iterator[T]:
        """The items of an asynchronous stream, as they come; leaving early or an interrupt closes it."""


class LoopThread:
    """An event loop on a daemon thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="nemo-notebook", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the result of a coroutine; an interrupt cancels it, and with it the request that it waits for."""
        if threading.current_thread() is self._thread:
            work.close()
            raise _OWN_THREAD
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            while True:
                try:
                    return future.result(_TICK_S)
                except concurrent.futures.TimeoutError:
                    if future.done():  # the work's own TimeoutError, not ours
                        raise
        except BaseException:
            future.cancel()
            concurrent.futures.wait([future], timeout=_GOODBYE_S)
            raise

    def iterate(self, stream: AsyncIterator[T]) -> Iterator[T]:
        """The items of an asynchronous stream, as they come; leaving early closes it."""
        if threading.current_thread() is self._thread:
            raise _OWN_THREAD
        items: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        future = asyncio.run_coroutine_threadsafe(_pump(stream, items.put), self.loop)
        try:
            while True:
                try:
                    what, value = items.get(timeout=_TICK_S)
                except queue.Empty:
                    if future.done() and items.empty():  # it was cancelled from elsewhere
                        return
                    continue
                if what == "end":
                    return
                if what == "error":
                    raise value
                yield value
        finally:
            future.cancel()
            concurrent.futures.wait([future], timeout=_GOODBYE_S)


async def _pump(stream: AsyncIterator[T], put: Callable[[tuple[str, Any]], None]) -> None:
    try:
        async for item in stream:
            put(("item", item))
    except Exception as error:  # raised again where the items are read
        put(("error", error))
    else:
        put(("end", None))
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


@cache
def shared() -> LoopThread:
    """The thread that everything in this interpreter shares; started when first asked for."""
    return LoopThread()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=shared.cache_clear)  # threads do not survive a fork
