"""A proxy on loopback that stands between a client and a service, and does to their bytes what a bad network does.

`h11` reads and writes the HTTP/1.1 of both connections; the plans and what is noted of each request are ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import faults
import h11
from faults import Fault, Flip, Garbage, Refuse, Reset, Side, SlowHeaders, Stall, Status, StatusAfter
from tcp_ends import End, linger, listen, reach

_BODIES_KEPT: Final = 64
_LARGEST_KEPT_BYTES: Final = 4 << 20
_CLOSE_S: Final = 10.0
_BROKEN: Final = (OSError, EOFError, h11.ProtocolError)


class Ended(Exception):
    """The fault ends the connection here: with a FIN, or with an RST after `Reset`."""


@dataclass(slots=True)
class Exchange:
    """One request and what became of it so far. Byte counts are of bodies, without chunked coding.

    Attributes:
        path: Without the query.
        request_bytes: What came from the client and was passed on, or taken for an answer of the proxy's own.
        response_bytes: What the client was sent.
        status: What the client was sent; 0 if it got no head.
        reached_upstream: Whether the service was sent the request whole.
        whole: Whether the client was sent an answer whole.
        body: What the client was sent, up to 4 MiB.
    """

    method: str
    path: str
    request_bytes: int
    response_bytes: int
    status: int
    fault: Fault | None
    reached_upstream: bool
    whole: bool
    body: bytearray = field(default_factory=bytearray, compare=False, repr=False)

    def note(self, side: Side, piece: bytes, *, is_last: bool) -> None:
        """A piece is about to go."""
        if side == "request":
            self.request_bytes += len(piece)
            self.reached_upstream |= is_last
            return
        self.response_bytes += len(piece)
        self.whole |= is_last
        self.body += piece
        del self.body[_LARGEST_KEPT_BYTES:]

    def noted_bytes(self, side: Side) -> int:
        """How much of a side's body has gone."""
        return self.request_bytes if side == "request" else self.response_bytes


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

    Attributes:
        log: Every request that arrived, in that order, as far as it has come.
    """

    def __init__(self, upstream_url: str) -> None:
        parts = urlsplit(upstream_url)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._plans: list[_Plan] = []
        self.log: list[Exchange] = []
        self._failures: list[str] = []
        self._talks: set[asyncio.Task[None]] = set()
        self._released = asyncio.Event()  # of the stalls that are planned now
        self._stop = asyncio.Event()

    def __enter__(self) -> FaultProxy:
        self._listener = listen()
        self._listener.setblocking(False)
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

    def take_refusal(self) -> bool:
        """Whether this connection is to end without an answer."""
        return any(plan.take() for plan in self._plans if isinstance(plan.fault, Refuse))

    def begin(self, request: h11.Request) -> Exchange:
        """Note a request that has arrived, with its fault; lets go of earlier bodies, so that memory stays small."""
        path = request.target.decode("latin-1").partition("?")[0]
        fitting = (plan for plan in self._plans if plan.path in path and not isinstance(plan.fault, Refuse))
        fault = next((plan.fault for plan in fitting if plan.take()), None)
        noted = Exchange(request.method.decode("ascii"), path, 0, 0, 0, fault, False, False)
        self.log.append(noted)
        for earlier in self.log[-2 * _BODIES_KEPT : -_BODIES_KEPT]:
            earlier.body.clear()
        return noted

    # What was seen

    def seen(self, path: str) -> int:
        """How many requests arrived here whose path contains this."""
        return sum(path in each.path for each in list(self.log))

    def passed(self, path: str) -> int:
        """How many of them the service was sent whole."""
        return sum(path in each.path and each.reached_upstream for each in list(self.log))

    def last_body(self, path: str) -> bytes:
        """What the client was last sent in answer to such a request, without chunked coding.

        Raises:
            LookupError: There was none, it was over 4 MiB, or 64 other requests arrived since.
        """
        for noted in reversed(self.log[-_BODIES_KEPT:]):
            if path in noted.path and len(noted.body) == noted.response_bytes:
                return bytes(noted.body)
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
        self._started.set()
        with self._listener:
            accepting = asyncio.create_task(self._accept())
            await self._stop.wait()
            accepting.cancel()
            async with asyncio.timeout(_CLOSE_S):
                while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
                    for task in self._talks:
                        task.cancel()
                    await asyncio.wait(tasks)

    async def _accept(self) -> None:
        while True:
            accepted, _ = await self._loop.sock_accept(self._listener)
            task = asyncio.create_task(self._talk(accepted))
            self._talks.add(task)
            task.add_done_callback(self._on_parted)

    def _on_parted(self, task: asyncio.Task[None]) -> None:
        self._talks.discard(task)
        if not task.cancelled() and task.exception():
            self._failures.append(repr(task.exception()))

    async def _talk(self, accepted: socket.socket) -> None:
        """One connection of a client, from one request to the next."""
        with accepted:
            async with contextlib.aclosing(await End.of(accepted)) as end:
                client = _Peer(end, h11.Connection(h11.SERVER))
                fault: Fault | None = None
                with contextlib.suppress(Ended, *_BROKEN):  # the client went, or the service did: it is told by the end
                    is_refused = self.take_refusal()  # a kept connection is refused only when it asks again
                    while not is_refused and isinstance(request := await client.next_event(), h11.Request):
                        if self.take_refusal():
                            break
                        noted = self.begin(request)
                        fault = noted.fault
                        passage = _Passage(client, request, noted, self._released)
                        if not await passage.run(self._upstream):
                            break
                        fault = None
                if isinstance(fault, Reset):
                    end.reset()
                else:
                    await linger(end)


@dataclass(frozen=True, slots=True)
class _Peer:
    """A connection and what HTTP makes of its bytes."""

    end: End
    http: h11.Connection

    async def next_event(self) -> Any:
        """The next event of the other side; EOFError where it goes instead."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self.end.read())
        if isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
            raise EOFError
        return event

    async def body(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Each piece of the body as it comes, and whether it is known that nothing follows."""
        event = await self.next_event()
        while isinstance(event, h11.Data):
            following = self.http.next_event()
            is_last = isinstance(following, h11.EndOfMessage) and not event.chunk_end  # the last chunk is still to come
            yield bytes(event.data), is_last
            if is_last:
                return
            event = await self.next_event() if following is h11.NEED_DATA else following
        yield b"", True

    async def send(self, *events: Any) -> None:
        """Send events; every byte is with the system when this returns."""
        await self.end.write(b"".join(self.http.send(event) or b"" for event in events))


class _Passage:
    """Carries one request, whose head was read, to the service and its answer to the client."""

    def __init__(self, client: _Peer, request: h11.Request, noted: Exchange, released: asyncio.Event) -> None:
        self._client = client
        self._request = request
        self._noted = noted
        self._fault = noted.fault
        self._released = released
        self._has_struck = False

    async def run(self, upstream: tuple[str, int]) -> bool:
        """Go all the way, and tell whether the client may ask again on this connection."""
        if isinstance(self._fault, Status):
            async for piece, _ in self._client.body():
                self._noted.note("request", piece, is_last=False)
            await self._answer(self._fault)
        else:
            async with contextlib.aclosing(await reach(*upstream)) as end:
                try:
                    await self._pass(_Peer(end, h11.Connection(h11.CLIENT)))
                except Ended:
                    if isinstance(self._fault, Reset):
                        end.reset()
                    raise
        if (self._client.http.our_state, self._client.http.their_state) != (h11.DONE, h11.DONE):
            return False
        self._client.http.start_next_cycle()
        return True

    async def _pass(self, service: _Peer) -> None:
        # Side by side: a service may answer before it has the whole request.
        sending = asyncio.create_task(self._send_request(service))
        answering = asyncio.create_task(self._send_answer(service))
        try:
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            await answering
        finally:
            sending.cancel()
            answering.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def _send_request(self, service: _Peer) -> None:
        """Send it, then wait for the client to go: the service is told of that by the end of its connection."""
        try:
            await service.send(self._request)
            await self._carry("request", self._client, service)
        except ConnectionError:
            pass  # the service wants no more of it; its answer says why
        await self._client.end.gone.wait()
        raise Ended

    async def _send_answer(self, service: _Peer) -> None:
        while isinstance(head := await service.next_event(), h11.InformationalResponse):
            await self._client.send(head)
        is_for_request = faults.limit_of(self._fault, "request") is not None
        if is_for_request and self._noted.reached_upstream and not self._has_struck:
            await self._strike()
        if isinstance(self._fault, StatusAfter):
            async for _ in service.body():
                pass
            await self._answer(self._fault)
            return
        self._noted.status = head.status_code
        if head.status_code in (204, 304) or self._request.method == b"HEAD":
            self._noted.note("response", b"", is_last=True)
        await self._send_head(head)
        await self._carry("response", service, self._client)

    async def _send_head(self, head: h11.Response) -> None:
        if not isinstance(self._fault, SlowHeaders):
            await self._client.send(head)
            return
        data, sent = self._client.http.send(head) or b"", 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._fault.longest_s):
                for sent in range(len(data)):
                    await asyncio.sleep(self._fault.delay_s)
                    self._client.end.writer.write(data[sent : sent + 1])
                sent = len(data)
        await self._client.end.write(data[sent:])

    async def _answer(self, status: Status | StatusAfter) -> None:
        """The proxy's own answer."""
        headers = [*status.headers, ("Content-Length", str(len(status.body)))]
        head = h11.Response(status_code=status.code, reason=b"Planned", headers=headers)
        self._noted.status = status.code
        self._noted.note("response", status.body, is_last=True)
        await self._client.send(head, h11.Data(data=status.body), h11.EndOfMessage())

    async def _carry(self, side: Side, source: _Peer, sink: _Peer) -> None:
        """One body, to its end or to where the fault falls."""
        limit = faults.limit_of(self._fault, side)
        is_response = side == "response"
        if is_response and limit == 0:
            await self._strike()
            limit = None
        async for piece, is_last in source.body():
            if is_response and isinstance(self._fault, Flip):
                piece = self._fault.apply(piece, self._noted.response_bytes)
            room = len(piece) if limit is None else limit - self._noted.noted_bytes(side)
            await self._send(side, sink, piece[:room], is_last=is_last and room >= len(piece))
            if limit is not None and (room <= len(piece) if is_response and piece else room < len(piece)):
                await self._strike()
                limit = None
                await self._send(side, sink, piece[room:], is_last=is_last)
        await sink.send(h11.EndOfMessage())

    async def _send(self, side: Side, sink: _Peer, piece: bytes, *, is_last: bool) -> None:
        size = faults.slice_of(self._fault, side) or len(piece) or 1
        for start in range(0, len(piece) or 1, size):
            part = piece[start : start + size]
            self._noted.note(side, part, is_last=is_last and start + size >= len(piece))
            if part:
                await sink.send(h11.Data(data=part))
                await asyncio.sleep(0)  # lets the other connections have their turn

    async def _strike(self) -> None:
        """The fault falls; this returns only where what was stalled may go on."""
        self._has_struck = True
        if isinstance(self._fault, Garbage):
            self._noted.note("response", self._fault.data, is_last=False)
            try:
                await self._client.send(h11.Data(data=self._fault.data))
            except h11.LocalProtocolError:  # more than the head had promised
                await self._client.end.write(self._fault.data)
        if not isinstance(self._fault, Stall):
            raise Ended
        waits = [asyncio.create_task(event.wait()) for event in (self._released, self._client.end.gone)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._client.end.gone.is_set():
            raise Ended
