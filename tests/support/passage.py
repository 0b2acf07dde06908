"""One request on its way through the fault proxy, and its answer back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from faults import (
    Fault,
    Flip,
    Garbage,
    Reset,
    Side,
    SlowHeaders,
    Stall,
    Status,
    StatusAfter,
    limit_of,
    slice_of,
)
from http_bodies import BodyReader, BodyWriter, Framing, Head
from tcp_ends import End

_LARGEST_KEPT_BYTES: Final = 4 << 20


class Ended(Exception):
    """The connection is to end here.

    Args:
        by_reset: With an RST instead of a FIN.
    """

    def __init__(self, *, by_reset: bool = False) -> None:
        super().__init__()
        self.by_reset = by_reset


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it. Byte counts are of bodies, without chunked coding; nothing of heads is kept.

    Attributes:
        path: Without the query.
        request_bytes: What came from the client and was passed on, or taken for an answer of the proxy's own.
        response_bytes: What the client was sent.
        status: What the client was sent; 0 if it got no head.
        reached_upstream: Whether the service was sent the request whole.
        whole: Whether the client was sent an answer whole.
    """

    method: str
    path: str
    request_bytes: int
    response_bytes: int
    status: int
    fault: Fault | None
    reached_upstream: bool
    whole: bool


@dataclass(slots=True)
class Tally:
    """An exchange under way; `body` is what the client was sent, None when it is too large to be kept."""

    method: str
    path: str
    fault: Fault | None
    count: dict[Side, int] = field(default_factory=lambda: {"request": 0, "response": 0})
    over: dict[Side, bool] = field(default_factory=lambda: {"request": False, "response": False})
    status: int = 0
    body: bytearray | None = field(default_factory=bytearray)

    def note(self, side: Side, piece: bytes, *, is_last: bool) -> None:
        """A piece is about to go."""
        self.count[side] += len(piece)
        self.over[side] = self.over[side] or is_last
        if side == "response" and self.body is not None:
            self.body += piece
            if len(self.body) > _LARGEST_KEPT_BYTES:
                self.body = None

    def exchange(self) -> Exchange:
        """As it stands."""
        return Exchange(
            method=self.method,
            path=self.path,
            request_bytes=self.count["request"],
            response_bytes=self.count["response"],
            status=self.status,
            fault=self.fault,
            reached_upstream=self.over["request"],
            whole=self.over["response"],
        )


@dataclass(frozen=True, slots=True)
class Ways:
    """What a passage needs of the proxy.

    Attributes:
        host: The proxy's own host and port: what the service is told that it was asked as.
        connect: A new connection to the service.
        released: Set when what is stalled may go on.
    """

    host: str
    connect: Callable[[], Awaitable[End]]
    released: asyncio.Event


class Passage:
    """Carries one request, whose head was read, to the service and its answer to the client.

    Args:
        ways: What the proxy gives.
        client: The connection that the request came on.
        request: Its head.
        tally: Where is noted what becomes of it.
    """

    def __init__(self, ways: Ways, client: End, request: Head, tally: Tally) -> None:
        self._ways = ways
        self._client = client
        self._request = request
        self._tally = tally
        self._fault = tally.fault
        self._framing = Framing.of_request(request)
        self._incoming = BodyReader(client.reader, self._framing)
        self._has_struck = False

    async def run(self) -> bool:
        """Go all the way, and tell whether the client may ask again on this connection.

        Raises:
            Ended: The fault ends the connection here.
            EOFError: One of the two went before the end; so may ConnectionError.
        """
        if isinstance(self._fault, Status):
            while piece := await self._incoming.read():
                self._tally.note("request", piece, is_last=False)
            await self._answer(self._fault)
            return not self._request.wants_close
        upstream = await self._ways.connect()
        try:
            return await self._pass(upstream)
        except Ended as ended:
            if ended.by_reset:
                upstream.reset()
            raise
        finally:
            self._client.when_gone(None)
            await upstream.leave()

    async def _pass(self, upstream: End) -> bool:
        # Side by side: a service may answer before it has the whole request.
        sending = asyncio.create_task(self._send_request(upstream))
        answering = asyncio.create_task(self._send_answer(upstream))
        try:
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            may_go_on = await answering
            return may_go_on and self._incoming.is_over
        finally:
            sending.cancel()
            answering.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def _send_request(self, upstream: End) -> None:
        self._tally.note("request", b"", is_last=self._incoming.is_over)
        try:
            upstream.writer.write(self._request.with_host(self._ways.host).raw)
            await self._carry("request", self._incoming, BodyWriter(upstream.writer, chunked=self._framing.chunked))
        except ConnectionError:
            if self._client.gone.is_set():
                raise
            return  # the service wants no more of it; its answer says why
        self._client.when_gone(upstream.close)

    async def _send_answer(self, upstream: End) -> bool:
        head = await Head.read(upstream.reader)
        while head.status < 200:
            self._client.writer.write(head.raw)
            head = await Head.read(upstream.reader)
        if limit_of(self._fault, "request") is not None and self._incoming.is_over and not self._has_struck:
            await self._strike()
        framing = Framing.of_response(head, self._tally.method)
        source = BodyReader(upstream.reader, framing)
        if isinstance(self._fault, StatusAfter):
            while await source.read():
                pass
            await self._answer(self._fault)
            return not self._request.wants_close
        self._tally.status = head.status
        self._tally.note("response", b"", is_last=source.is_over)
        await self._send_head(head)
        await self._carry("response", source, BodyWriter(self._client.writer, chunked=framing.chunked))
        ends_by_itself = framing.chunked or framing.length is not None
        return ends_by_itself and not (head.wants_close or self._request.wants_close)

    async def _send_head(self, head: Head) -> None:
        writer, slow = self._client.writer, self._fault
        if not isinstance(slow, SlowHeaders):
            writer.write(head.raw)
            return
        last_s = asyncio.get_running_loop().time() + slow.longest_s
        sent = 0
        while sent < len(head.raw) and asyncio.get_running_loop().time() < last_s:
            await asyncio.sleep(slow.delay_s)
            writer.write(head.raw[sent : sent + 1])
            sent += 1
        writer.write(head.raw[sent:])

    async def _answer(self, status: Status | StatusAfter) -> None:
        """The proxy's own answer."""
        fields = [*status.headers, ("Content-Length", str(len(status.body)))]
        lines = [f"HTTP/1.1 {status.code} Planned", *(f"{name}: {value}" for name, value in fields), "", ""]
        self._tally.status = status.code
        self._tally.note("response", status.body, is_last=True)
        self._client.writer.write("\r\n".join(lines).encode("latin-1") + status.body)
        await self._client.writer.drain()

    async def _carry(self, side: Side, source: BodyReader, sink: BodyWriter) -> None:
        """One body, to its end or to where the fault falls."""
        limit = limit_of(self._fault, side)
        is_response = side == "response"
        if is_response and limit == 0:
            await self._strike(sink)
            limit = None
        while piece := await source.read():
            if is_response and isinstance(self._fault, Flip):
                piece = self._fault.apply(piece, self._tally.count[side])
            room = len(piece) if limit is None else limit - self._tally.count[side]
            await self._send(side, sink, piece[:room], len(piece), is_last=source.is_over and room >= len(piece))
            if limit is not None and (room <= len(piece) if is_response else room < len(piece)):
                await self._strike(sink)
                limit = None
                await self._send(side, sink, piece[room:], len(piece) - room, is_last=source.is_over)
        self._tally.note(side, b"", is_last=True)
        await sink.finish()

    async def _send(self, side: Side, sink: BodyWriter, piece: bytes, declared: int, *, is_last: bool) -> None:
        size = slice_of(self._fault, side)
        if size is None:
            self._tally.note(side, piece, is_last=is_last)
            await sink.send(piece, len(piece) if isinstance(self._fault, Garbage) else declared)
            return
        for start in range(0, len(piece), size):
            part = piece[start : start + size]
            self._tally.note(side, part, is_last=is_last and start + size >= len(piece))
            await sink.send(part, len(part))
            await asyncio.sleep(0)  # lets the other connections have their turn

    async def _strike(self, sink: BodyWriter | None = None) -> None:
        """The fault falls; this returns only where what was stalled may go on."""
        self._has_struck = True
        if isinstance(self._fault, Stall):
            await self._hold()
            return
        if isinstance(self._fault, Garbage) and sink:
            self._tally.note("response", self._fault.data, is_last=False)
            await sink.send(self._fault.data, len(self._fault.data))
        raise Ended(by_reset=isinstance(self._fault, Reset))

    async def _hold(self) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (self._ways.released, self._client.gone)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._client.gone.is_set():
            raise Ended
