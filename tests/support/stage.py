"""A service on loopback whose turns are played by the test: it hears a message, and says what is wanted when it is."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

_PATIENCE_S = 60.0


class Turn:
    """One message that was heard.

    Attributes:
        message: What was said.
        gone: Set when the client has closed the stream before its end.
        gone_s: When that was, on the monotonic clock.
    """

    def __init__(self, message: str, loop: asyncio.AbstractEventLoop) -> None:
        self.message = message
        self.gone = threading.Event()
        self.gone_s = 0.0
        self._loop = loop
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()

    def say(self, piece: str) -> None:
        """Stream a further piece of the reply."""
        self.send({"content": {"parts": [{"text": piece}], "role": "model"}, "partial": True})

    def use(self, tool: str) -> None:
        """Stream the use of a tool."""
        self.send({"content": {"parts": [{"functionCall": {"name": tool, "args": {}, "id": "1"}}], "role": "model"}})
        part = {"functionResponse": {"name": tool, "response": {}, "id": "1"}}
        self.send({"content": {"parts": [part], "role": "user"}})

    def end(self, whole: str = "") -> None:
        """Stream the whole reply, if there is one, and close."""
        if whole:
            self.send({"content": {"parts": [{"text": whole}], "role": "model"}, "partial": False})
        self._put(None)

    def send(self, payload: dict[str, Any]) -> None:
        """Stream any event."""
        self._put(f"data: {json.dumps(payload)}\n\n".encode())

    def _put(self, frame: bytes | None) -> None:
        self._loop.call_soon_threadsafe(self._frames.put_nowait, frame)

    async def frames(self) -> AsyncIterator[bytes]:
        """What is streamed."""
        try:
            while (frame := await self._frames.get()) is not None:
                yield frame
        except asyncio.CancelledError:
            self.gone_s = time.monotonic()
            self.gone.set()
            raise


class LoopbackServer:
    """A server on loopback, on a thread of its own; use it as a context manager."""

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(Starlette(routes=self._routes()), log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE_S)

    def _routes(self) -> list[Route]:
        raise NotImplementedError


class Stage(LoopbackServer):
    """The service. Sessions of any id have the draft that `draft` holds; use it as a context manager.

    Args:
        draft: The timeline.
    """

    def __init__(self, draft: dict[str, Any] | None = None) -> None:
        self.draft = draft
        self._heard: list[Turn] = []
        self._changed = threading.Condition()
        self._sessions = secrets.randbelow(10**15)  # another stage's sessions are others

    def turn(self, message: str) -> Turn:
        """The turn of that message; waits for it to be heard."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: next((turn for turn in self._heard if turn.message == message), None), _PATIENCE_S
            )
        assert found, f"{message!r} was not heard"
        return found

    def __exit__(self, *error: object) -> None:
        for turn in self._heard:
            turn.end()
        super().__exit__(*error)

    def _routes(self) -> list[Route]:
        return [
            Route("/api/auth/anonymous-token", self._token, methods=["POST"]),
            Route("/api/tasks/me/with-session/nemo_agent", self._session, methods=["POST"]),
            Route("/api/state/nemo_agent/me/{session}/latest", self._state),
            Route("/api/credits/balance/simple", self._credits),
            Route("/run_sse", self._chat, methods=["POST"]),
        ]

    async def _token(self, _: Request) -> Response:
        return JSONResponse({"code": 0, "data": {"token": "nmv_usr_stage", "user_id": "u"}})

    async def _session(self, _: Request) -> Response:
        self._sessions += 1
        ids = {"session_id": f"{self._sessions:019d}", "task_id": "t", "user_id": "u"}
        return JSONResponse({"code": 0, "data": ids})

    async def _state(self, _: Request) -> Response:
        answer = {"code": 0, "data": {"state": {"draft": self.draft}}}
        return Response(json.dumps(answer), media_type="application/json")  # whatever the draft holds, also no text

    async def _credits(self, _: Request) -> Response:
        return JSONResponse({"code": 0, "data": {"available": 100, "frozen": 0, "total": 100}})

    async def _chat(self, request: Request) -> Response:
        message = (await request.json())["new_message"]["parts"][0]["text"]
        turn = Turn(message, asyncio.get_running_loop())
        with self._changed:
            self._heard.append(turn)
            self._changed.notify_all()
        return StreamingResponse(turn.frames(), media_type="text/event-stream")
