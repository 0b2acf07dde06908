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
Answer = Callable[[httpx.Request], httpx.Response | None]


def sse(*payloads: object) -> httpx.Response:
    """A stream of these events."""
    body = "".join(f"data: {json.dumps(payload)}\n\n" for payload in payloads)
    return httpx.Response(200, content=body.encode(), headers={"content-type": "text/event-stream"})


def text(words: str) -> dict[str, object]:
    """An event with a whole reply."""
    return {"content": {"parts": [{"text": words}]}}


def cut(body: bytes) -> Answer:
    """A stream that breaks after these bytes."""

    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield body
            raise httpx.ReadError("cut")

    return lambda _: httpx.Response(200, stream=Cut(), headers={"content-type": "text/event-stream"})


breaking = cut(b'data: {"content":{"parts":[{"text":"Adding it n"}]},"partial":true}\n\n')


def lost(request: httpx.Request) -> httpx.Response:
    """An answer that is lost on the way."""
    raise httpx.ReadError("lost", request=request)


def unreachable(request: httpx.Request) -> httpx.Response:
    """A service that no request reaches."""
    raise httpx.ConnectError("down", request=request)


class Fake:
    """A service.

    Args:
        turn: What answers a message.
        drafts: The drafts of the states that are read after the first message, in order; the last one stays.

    Attributes:
        answers: What the next requests whose method and path hold a text are answered with, in turn;
            None, which a function may give too, is as usual.
    """

    before: dict[str, object] | None = EMPTY
    """The draft until the first message; the first of `drafts` if None."""

    def __init__(self, turn: Answer | httpx.Response, drafts: list[dict[str, object]]) -> None:
        self.turn = turn
        self.drafts = drafts
        self.messages = 0
        self.seen: list[httpx.Request] = []
        self.answers: dict[str, list[Answer | httpx.Response | None]] = {}
        self.state: dict[str, object] = {}
        self.reads = 0
        self.sessions = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        for part, answers in self.answers.items():
            if answers and part in f"{request.method} {request.url.path}" and (answer := answers.pop(0)) is not None:
                return (answer(request) if callable(answer) else answer) or self.usual(request)
        return self.usual(request)

    def lose(self, request: httpx.Request) -> httpx.Response:
        """Take a request, and lose the answer on the way."""
        self.usual(request)
        return lost(request)

    def usual(self, request: httpx.Request) -> httpx.Response:
        """What a request is answered with, but for `answers`."""
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
    """Renders at once; the file's own address is dead.

    Attributes:
        statuses: What is told of renders, in turn; the last one stays.
        submitted: The bodies of what was submitted.
        cancelled: The ids of what was cancelled.
        polls: How often it was asked for a status.
    """

    before = None
    film = b"film"
    url = "https://cdn.test/f.mp4"

    def __init__(
        self,
        turn: Answer | httpx.Response | None = None,
        drafts: list[dict[str, object]] | None = None,
        *statuses: str,
    ) -> None:
        super().__init__(turn or sse(), drafts or [TITLE])
        self.statuses = list(statuses or ("completed",))
        self.submitted: list[dict[str, object]] = []
        self.cancelled: list[str] = []
        self.polls = 0

    @property
    def ids(self) -> list[object]:
        """The ids of what was submitted."""
        return [each["id"] for each in self.submitted]

    def more(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/api/credits"):
            return super().more(request)
        if path == "/api/render/proxy/lambda":
            body = json.loads(request.content)
            is_taken = body["id"] in self.ids
            self.submitted.append(body)
            return httpx.Response(409 if is_taken else 200, json={"success": not is_taken, "data": {}})
        if path.endswith("/cancel"):
            self.cancelled.append(path.split("/")[-2])
            self.statuses = ["cancelled"]
            return httpx.Response(200, json={"success": True})
        if path.endswith("/download"):
            return httpx.Response(200, content=self.film, headers={"content-type": "video/mp4"})
        if "/lambda/" in path:
            return self.poll(path.split("/")[-1])
        assert "authorization" not in request.headers
        return httpx.Response(500)

    def poll(self, render_id: str) -> httpx.Response:
        """What a look at a render is answered with."""
        self.polls += 1
        if render_id not in self.ids:
            return httpx.Response(404, json={"detail": "no such render"})
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return httpx.Response(200, json={"status": status, "progress": 40, "output": {"url": self.url}})
