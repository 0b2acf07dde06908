"""The one background thread on which all HTTP runs, and the way to wait for it from anywhere.

A notebook's own event loop is no place for it: what a cell awaits there stops when the cell is busy, and which cell an
output lands in then depends on the kernel. A thread of our own behaves the same in every kernel, script and console.
`NestedLoop` is the alternative for those who need everything on one thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from nemo_notebook.errors import UsageError

T = TypeVar("T")

_TICK_S: Final = 0.1  # how often a wait looks up, so that an interrupt is noticed on Windows too
_GOODBYE_S: Final = 2.0
_END: Final = object()
_OWN_THREAD: Final = UsageError(
    "This call would wait for its own thread.", hint="Within a callback or a coroutine, use the async API."
)


class Bridge(Protocol):
    """Runs coroutines for callers that do not await."""

    def start(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Begin some work and go on; to cancel the future is to cancel the work."""

    def wait(self, future: concurrent.futures.Future[T], timeout_s: float | None = None) -> T:
        """Wait for what was started; an interrupt leaves it running.

        Raises:
            TimeoutError: It has not ended within that time.
        """

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the result; an interrupt cancels the work, and with it the request that it waits for."""

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

    def start(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Begin some work and go on; to cancel the future is to cancel the work."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def wait(self, future: concurrent.futures.Future[T], timeout_s: float | None = None) -> T:
        """Wait for what was started; an interrupt leaves it running."""
        if threading.current_thread() is self._thread:
            raise _OWN_THREAD
        return _wait(future, timeout_s)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the result; an interrupt cancels the work, and with it the request that it waits for."""
        if threading.current_thread() is self._thread:
            work.close()
            raise _OWN_THREAD
        return _run(self, work)

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


def _wait(future: concurrent.futures.Future[T], timeout_s: float | None) -> T:
    end_s = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        left_s = _TICK_S if end_s is None else min(_TICK_S, max(end_s - time.monotonic(), 0.0))
        try:
            return future.result(left_s)
        except concurrent.futures.TimeoutError:
            if future.done() or (end_s is not None and time.monotonic() >= end_s):
                raise  # the work's own TimeoutError, or our patience


def _run(bridge: Bridge, work: Coroutine[Any, Any, T]) -> T:
    future = bridge.start(work)
    try:
        return bridge.wait(future)
    except BaseException:
        future.cancel()
        concurrent.futures.wait([future], timeout=_GOODBYE_S)
        raise


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


class NestedLoop:
    """The event loop of the thread that waits, made re-entrant by nest-asyncio: all of it on one thread.

    While a cell waits, the loop's other work goes on within it; another thread waits for the loop to come to its work.
    nest-asyncio is no longer maintained, and with some kernels clicks on widgets get lost meanwhile: choose it only
    where a second thread cannot be.
    """

    def __init__(self) -> None:
        import nest_asyncio

        try:
            self.loop = asyncio.get_running_loop()
        except RuntimeError:
            self.loop = asyncio.new_event_loop()
        nest_asyncio.apply(self.loop)
        self._thread = threading.current_thread()

    def start(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Begin some work and go on; it comes on whenever the loop runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def wait(self, future: concurrent.futures.Future[T], timeout_s: float | None = None) -> T:
        """Wait for what was started; an interrupt leaves it running."""
        if threading.current_thread() is not self._thread:
            return _wait(future, timeout_s)
        over = asyncio.Event()  # the future itself would complain when nobody takes its error here
        future.add_done_callback(lambda _: self.loop.call_soon_threadsafe(over.set))
        patience = None if timeout_s is None else self.loop.call_later(timeout_s, over.set)
        waiting = self.loop.create_task(over.wait())
        try:
            self.loop.run_until_complete(waiting)
        finally:
            waiting.cancel()
            if patience is not None:
                patience.cancel()
        return future.result(0)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the result; an interrupt cancels the work, and with it the request that it waits for."""
        if threading.current_thread() is not self._thread:
            return _run(self, work)
        task = self.loop.create_task(work)
        try:
            return self.loop.run_until_complete(task)
        except BaseException:
            task.cancel()
            if not task.done():
                self.loop.run_until_complete(asyncio.wait([task], timeout=_GOODBYE_S))
            raise

    def iterate(self, stream: AsyncIterator[T]) -> Iterator[T]:
        """The items of an asynchronous stream, as they come; leaving early closes it."""

        async def following() -> Any:
            return await anext(stream, _END)

        try:
            while (item := self.run(following())) is not _END:
                yield item
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                self.run(close())


@cache
def shared() -> LoopThread:
    """The thread that everything in this interpreter shares; started when first asked for."""
    return LoopThread()


@cache
def nested() -> NestedLoop:
    """The alternative to `shared`, made when first asked for: on the thread that asks."""
    return NestedLoop()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=shared.cache_clear)  # threads do not survive a fork
