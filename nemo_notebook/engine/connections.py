"""Connections of clients: how many there may be, and how long the head of a request may take."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from nemo_notebook.engine.limits import most_connections
from nemo_notebook.engine.middleware import AnswersEarly

HEAD_S: Final = 10.0
BACKLOG: Final = 64  # connections that are accepted at once, before any of them is counted
_REFUSED: Final = 32  # connections over the limit that are told of it; what is more is closed without a word
_WAIT_S: Final = 5


class Connection(H11Protocol):
    """HTTP/1.1 by h11, which bounds the size of heads; the time and the number are bounded here."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, refuse its requests where there are too many, or close it."""
        super().connection_made(transport)
        over = len(self.connections) - most_connections()
        if over > _REFUSED:
            transport.abort()
        elif over > 0:
            self.app = _REFUSAL
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


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    body: dict[str, Any] = {
        "code": 503,
        "message": "The engine has as many connections as it can take.",
        "hint": f"Try again in {_WAIT_S} seconds.",
        "data": None,
    }
    headers = {"Retry-After": str(_WAIT_S), "Connection": "close"}
    await JSONResponse(body, 503, headers)(scope, receive, send)


_REFUSAL: Final = AnswersEarly(_refuse)
