"""A proxy on loopback that stands between a client and a service, and does to their bytes what a bad network does."""

from __future__ import annotations

import asyncio
import collections
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from faults import (
    Cut,
    Fault,
    Flip,
    Garbage,
    HeadersOnly,
    Refuse,
    Reset,
    Slice,
    SlowHeaders,
    Stall,
    Status,
    StatusAfter,
)
from http_bodies import Head
from passage import Ended, Exchange, Passage, Tally, Ways
from tcp_ends import End, linger, listen, reach, stop_accepting

__all__ = [
    "Cut",
    "Exchange",
    "FaultProxy",
    "Flip",
    "Garbage",
    "HeadersOnly",
    "Refuse",
    "Reset",
    "Slice",
    "SlowHeaders",
    "Stall",
    "Status",
    "StatusAfter",
]

_BODIES_KEPT: Final = 16
_CLOSE_S: Final = 10.0


@dataclass(slots=True)
class _Plan:
    fault: Fault
    path: str
    times: int

    def take(self) -> bool:
        """Use it once, if that is left."""
        self.times -= 1
        return self.times >= 0


class FaultProxy:
    """Passes HTTP/1.1 on to a service, untouched where no fault is planned. A context manager; serves any thread.

    What it tells (`log`, `seen`, `passed`, `last_body`) is noted before the bytes go: who has an answer finds it there.

    Args:
        upstream_url: The service, such as `http://127.0.0.1:8000`.
    """

    def __init__(self, upstream_url: str) -> None:
        parts = urlsplit(upstream_url)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._plans: list[_Plan] = []
        self._tallies: list[Tally] = []
        self._last: collections.OrderedDict[str, Tally] = collections.OrderedDict()  # by path; these have their bodies
        self._failures: list[str] = []
        self._talks: set[asyncio.Task[None]] = set()
        self._released = asyncio.Event()  # of the stalls that are planned now
        self._stop = asyncio.Event()

    def __enter__(self) -> FaultProxy:
        self._listener = listen()
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)
        self._thread.start()
        if not self._started.wait(_CLOSE_S):
            raise RuntimeError("The proxy did not start.")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(2 * _CLOSE_S)
        if kind is None and self._thread.is_alive():
            raise RuntimeError("The proxy did not end.")
        if kind is None and self._failures:
            raise RuntimeError(f"The proxy itself failed: {self._failures}")

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{self.host}"

    # Faults

    def plan(self, fault: Fault, path: str = "/run_sse", times: int = 1) -> None:
        """The next `times` requests whose path contains `path` get this fault; `Refuse` falls on any path."""
        self._do(lambda: self._plans.append(_Plan(fault, path, times)))

    def clear(self) -> None:
        """Forget what is planned; what is stalled, or was to be, goes on."""

        def forget() -> None:
            self._plans.clear()
            self._released.set()
            self._released = asyncio.Event()

        self._do(forget)

    # What was seen

    @property
    def log(self) -> list[Exchange]:
        """Every request that arrived, in that order, as far as it has come."""
        return [tally.exchange() for tally in list(self._tallies)]

    def seen(self, path: str) -> int:
        """How many requests arrived here whose path contains this."""
        return sum(path in each.path for each in self.log)

    def passed(self, path: str) -> int:
        """How many of them the service was sent whole."""
        return sum(path in each.path and each.reached_upstream for each in self.log)

    def last_body(self, path: str) -> bytes:
        """What the client was last sent in answer to such a request, without chunked coding.

        Raises:
            LookupError: There was none, it was over 4 MiB, or sixteen other paths were asked for since.
        """
        for tally in reversed(list(self._last.values())):
            body = tally.body
            if path in tally.path and body is not None:
                return bytes(body)
        raise LookupError(f"No body of {path} is kept.")

    # Its thread

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve())

    def _do(self, work: Callable[[], None]) -> None:
        async def run() -> None:
            work()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(_CLOSE_S)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: self._failures.append(str(context)))
        server = await self._loop.create_server(lambda: End(self._on_connection), sock=self._listener)
        self._started.set()
        await self._stop.wait()
        await stop_accepting(server)
        server.close()
        async with asyncio.timeout(_CLOSE_S):
            # Again and again: a connection may be about to be made.
            while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
                for task in self._talks:
                    if not task.cancelling():
                        task.cancel()
                await asyncio.wait(tasks)

    def _on_connection(self, end: End) -> None:
        task = asyncio.get_running_loop().create_task(self._talk(end))
        self._talks.add(task)
        task.add_done_callback(lambda done: self._on_parted(done, end))

    def _on_parted(self, task: asyncio.Task[None], end: End) -> None:
        self._talks.discard(task)
        end.writer.transport.abort()  # a talk that was cancelled before its first step has not left
        if not task.cancelled() and task.exception():
            self._failures.append(repr(task.exception()))

    async def _talk(self, client: End) -> None:
        """One connection of a client, from one request to the next."""
        try:
            may_go_on = not self._take_refusal()
            while may_go_on:
                may_go_on = await self._next(client)
            await linger(client)
        except Ended as ended:
            if ended.by_reset:
                client.reset()
            else:
                await linger(client)
        except (ConnectionError, EOFError):
            await linger(client)  # the client went, or the service did: then the client is told by the end of it
        finally:
            await client.leave()

    def _take_refusal(self) -> bool:
        return any(plan.take() for plan in self._plans if isinstance(plan.fault, Refuse))

    def _take_fault(self, path: str) -> Fault | None:
        fitting = (plan for plan in self._plans if plan.path in path and not isinstance(plan.fault, Refuse))
        return next((plan.fault for plan in fitting if plan.take()), None)

    async def _next(self, client: End) -> bool:
        request = await Head.read(client.reader)
        if self._take_refusal():
            return False
        method, target, _ = request.words
        path = target.partition("?")[0]
        tally = Tally(method, path, self._take_fault(path))
        self._tallies.append(tally)
        self._keep(tally)
        ways = Ways(self.host, lambda: reach(*self._upstream), self._released)
        return await Passage(ways, client, request, tally).run()

    def _keep(self, tally: Tally) -> None:
        """Let go of earlier bodies, so that memory stays small."""
        gone = [self._last.pop(tally.path)] if tally.path in self._last else []
        self._last[tally.path] = tally
        if len(self._last) > _BODIES_KEPT:
            gone.append(self._last.popitem(last=False)[1])
        for earlier in gone:
            earlier.body = None
