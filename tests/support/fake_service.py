"""A service whose turns, drafts, uploads and renders are given, behind httpx's mock transport."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import httpx
from planted import PLANTED

from nemo_notebook import skills
from nemo_notebook.client.service import Service, SessionIds
from nemo_notebook.outside import Secret
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.core import Core
from nemo_notebook.session.project import AsyncClient, AsyncSession
from nemo_notebook.session.sync import Session, shared_bridge

EMPTY: dict[str, object] = {}
TITLE: dict[str, object] = {"t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Urban Dreams"}]}]}
TOKEN = Secret(PLANTED)
Answer = Callable[[httpx.Request], httpx.Response]


def sse(*payloads: object) -> httpx.Response:
    """A stream of these events."""
    body = "".join(f"data: {json.dumps(payload)}\n\n" for payload in payloads)
    return httpx.Response(200, content=body.encode(), headers={"content-type": "text/event-stream"})


def text(words: str) -> dict[str, object]:
    """An event with a whole reply."""
    return {"content": {"parts": [{"text": words}]}}


def breaking(request: httpx.Request) -> httpx.Response:
    """A stream that breaks in the middle of a word."""

    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b'data: {"content":{"parts":[{"text":"Adding it n"}]},"partial":true}\n\n'
            raise httpx.ReadError("cut", request=request)

    return httpx.Response(200, stream=Cut(), headers={"content-type": "text/event-stream"})


class Fake:
    """A service.

    Args:
        turn: What answers a message.
        drafts: The drafts of the states that are read after the first message, in order; the last one stays.
    """

    before: dict[str, object] | None = EMPTY
    """The draft until the first message; the first of `drafts` if None."""

    def __init__(self, turn: Answer | httpx.Response, drafts: list[dict[str, object]]) -> None:
        self.turn = turn
        self.drafts = drafts
        self.messages = 0
        self.seen: list[httpx.Request] = []
        self.state: dict[str, object] = {}
        self.reads = 0
        self.sessions = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        path = request.url.path
        if path == "/run_sse":
            self.messages += 1
            return self.turn(request) if callable(self.turn) else self.turn
        if path.startswith("/api/state"):
            self.reads += 1
            return self.look(request)
        if path == "/api/auth/anonymous-token":
            return httpx.Response(200, json={"code": 0, "data": {"token": "nmv_usr_x"}})
        if path.startswith("/api/tasks/me/with-session"):
            self.sessions += 1
            return httpx.Response(
                200, json={"code": 0, "data": {"session_id": str(100 + self.sessions), "task_id": "t"}}
            )
        return self.more(request)

    def look(self, request: httpx.Request) -> httpx.Response:
        """What a state read is answered with."""
        if self.before is not None and not self.messages:
            draft = self.before
        else:
            draft = self.drafts.pop(0) if len(self.drafts) > 1 else self.drafts[0]
        body = json.dumps({"code": 0, "data": {"state": {"draft": draft, **self.state}}})  # Infinity and all
        return httpx.Response(200, content=body.encode())

    def more(self, request: httpx.Request) -> httpx.Response:
        """What any other request is answered with."""
        if request.url.path.startswith("/api/credits"):
            return httpx.Response(200, json={"code": 0, "data": {"available": 100}})
        raise AssertionError(request.url)

    def session(self, token: Secret | None = TOKEN, session_id: str = "7") -> AsyncSession:
        """A session at it."""
        skill = skills.load("from-music")
        service = Service("http://service.test", skill, token=token, transport=httpx.MockTransport(self))
        backend = Backend("http://service.test", is_local=False)
        return AsyncSession(Core(service, backend, skill, SessionIds(session_id, "task", "user-9")))

    def sync_session(self) -> Session:
        """The same without `await`."""
        return Session(self.session(), AsyncClient("http://127.0.0.1:9"), shared_bridge())


class Rendering(Fake):
    """Renders at once; the file's own address is dead."""

    before = None
    film = b"film"

    def more(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/api/credits"):
            return super().more(request)
        if request.method == "POST":
            return httpx.Response(200, json={"success": True, "data": {}})
        if path.endswith("/download"):
            return httpx.Response(200, content=self.film, headers={"content-type": "video/mp4"})
        if "/lambda/" in path:
            return httpx.Response(200, json={"status": "completed", "output": {"url": "https://cdn.test/f.mp4"}})
        assert "authorization" not in request.headers
        return httpx.Response(500)
