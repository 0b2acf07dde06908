"""What stands between the network and the endpoints: connections, and the middleware of the app."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

import h11
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_MOST_CONNECTIONS: Final = 1000
_DISCARDED_BYTES: Final = 8 << 20
_DISCARDED_S: Final = 1.0
_SILENCE_S: Final = 60.0
_SLOWEST_BYTES_PER_S: Final = 1024  # over the whole of a body: a byte now and then is as good as silence
_HOST: Final = re.compile(r"(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_SAFE_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class Guard:
    """Refuses requests that a page of another site could have made a browser send here.

    The Host must be this machine (against DNS rebinding), and so must the Origin, where there is one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_SAFE_HEADERS]
            await send(message)

        headers = Headers(scope=scope)
        is_ours = _HOST.fullmatch(headers.get("host", "")) and _is_loopback(headers.get("origin"))
        await (self._app if is_ours else _REFUSAL)(scope, receive, answer)


class AnswersEarly:
    """Lets a client that still sends its body see an answer that does not wait for it, such as a refusal.

    To close a connection with unread data resets it, and the reset overtakes the answer (RFC 9112, section 9.6). So
    the answer goes out first, then some of the body is read and dropped, then the connection is closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and listen to it a little longer than the answer takes."""
        if scope["type"] != "http" or not has_body_of(scope):
            await self._app(scope, receive, send)
            return
        unread, got_bytes, clock = True, 0, asyncio.get_running_loop().time
        begun_s = clock()

        async def hear() -> Message:
            nonlocal unread, got_bytes
            until_s = _SILENCE_S + min(clock(), begun_s + got_bytes / _SLOWEST_BYTES_PER_S)
            try:
                async with asyncio.timeout_at(until_s if unread else None):
                    message = await receive()
            except TimeoutError:  # whoever sends nothing more for so long has gone, or means no good
                return {"type": "http.disconnect"}
            got_bytes += len(message.get("body", b""))
            unread = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            if unread and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            elif unread and not message.get("more_body", False):
                await send({**message, "more_body": True})
                with contextlib.suppress(TimeoutError):  # however long it goes on: it has had its answer
                    async with asyncio.timeout(_DISCARDED_S):
                        left = _DISCARDED_BYTES
                        while unread and left > 0:
                            left -= len((await hear()).get("body", b""))
                message = {"type": "http.response.body"}
            await send(message)

        await self._app(scope, hear, answer)


def has_body_of(scope: Scope) -> bool:
    """Whether a request has a body, by its head."""
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip() != "0"


def _is_loopback(url: str | None) -> bool:
    if not url:
        return True
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def most_connections() -> int:
    """How many connections a server may have: each may need another descriptor, and half of all are for the rest."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else _MOST_CONNECTIONS * 4
    unlimited = resource and soft == resource.RLIM_INFINITY
    return _MOST_CONNECTIONS if unlimited else max(1, min(_MOST_CONNECTIONS, soft // 4))


HEAD_S: Final = 10.0
BACKLOG: Final = 64  # connections that are accepted at once, before any of them is counted


class Connection(H11Protocol):
    """HTTP/1.1 by h11, which bounds the size of heads; the time and the number are bounded here."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection; close it where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.abort()
        self._time_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        self._time_head(waits=False)

    def handle_events(self) -> None:
        """Take what has come; the time for the head is over when all of it has."""
        super().handle_events()
        self._time_head()

    def on_response_complete(self) -> None:
        """Wait for the next request, as long as for the first."""
        super().on_response_complete()
        self._time_head()

    def _time_head(self, *, waits: bool = True) -> None:
        """Begin to count the time where a head is waited for, else stop; what comes of the head does not prolong it."""
        if not waits or self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_S, self.timeout_keep_alive_handler)


_REFUSAL: Final = JSONResponse({"code": 403, "message": "Only this machine may ask."}, 403)
