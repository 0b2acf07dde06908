"""What stands between the network and the endpoints."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DISCARDED_BYTES: Final = 8 << 20
_DISCARDED_S: Final = 1.0


class OnlyLoopback:
    """Refuses requests that a page of another site could have made a browser send here.

    The Host must be this machine (against DNS rebinding), and so must the Origin, where there is one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "http":
            headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
            origin = headers.get(b"origin")
            if not _is_loopback(f"http://{headers.get(b'host', '')}") or (origin and not _is_loopback(origin)):
                await JSONResponse({"code": 403, "message": "Only this machine may ask."}, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class AnswersEarly:
    """Lets a client that still sends its body see an answer that does not wait for it, such as a refusal.

    To close a connection with unread data resets it, and the reset overtakes the answer (RFC 9112, section 9.6). So
    the answer goes out first, then some of the body is read and dropped, then the connection is closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and listen to it a little longer than the answer takes."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        unread = True

        async def hear() -> Message:
            nonlocal unread
            message = await receive()
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


def _has_body(scope: Scope) -> bool:
    headers = {name.lower(): value for name, value in scope["headers"]}
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0").strip() != b"0"


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
