"""The service's HTTP contract over the engine."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nemo_notebook import errors
from nemo_notebook.engine.engine import Engine, draft_of, file_record
from nemo_notebook.engine.jobs import JobRow
from nemo_notebook.engine.middleware import AnswersEarly, OnlyLoopback
from nemo_notebook.engine.receive import check_length, receive_form, receive_urls
from nemo_notebook.engine.replies import answer, hang_up, read_json, refuse, refuse_http, refuse_storage
from nemo_notebook.engine.store import MediaRow, SessionRow

_TOKEN_LIFETIME_S: Final = 7 * 86_400
_CREDITS: Final = 100
_ATTRIBUTION: Final = ("x-skill-source", "x-skill-version", "x-skill-platform")
_MIME: Final = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "jpg": "image/jpeg",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom the server lets in, and to what.

    Attributes:
        token: The launch token: with it, everything is the user `local`.
        anonymous: Whether anonymous tokens are given out, each a user of its own.
        private_urls: Whether uploads may be fetched from private addresses; for tests.
    """

    token: str | None = field(default=None, repr=False)
    anonymous: bool = False
    private_urls: bool = False


def build_app(engine: Engine, policy: Policy) -> Starlette:
    """The server as an ASGI application."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await engine.quick.warm()
        yield
        await engine.close()

    api = _Api(engine, policy)
    session = "{session_id}"
    return Starlette(
        routes=[
            Route("/api/auth/anonymous-token", api.anonymous_token, methods=["POST"]),
            Route("/api/auth/claim-token", api.claim_token, methods=["POST"]),
            Route("/api/tasks/me/with-session/nemo_agent", api.create_session, methods=["POST"]),
            Route("/run_sse", api.chat, methods=["POST"]),
            Route(f"/api/upload-video/nemo_agent/me/{session}", api.upload, methods=["POST"]),
            Route("/api/credits/balance/simple", api.credits),
            Route(f"/api/state/nemo_agent/me/{session}/latest", api.state),
            Route("/api/render/proxy/lambda", api.submit, methods=["POST"]),
            Route("/api/render/proxy/lambda/{job_id}", api.render_status),
            Route("/api/render/proxy/lambda/{job_id}/cancel", api.cancel, methods=["POST"]),
            Route("/api/render/proxy/{job_id}/download", api.download),
            Route("/files/{key}/{name}", api.file),
        ],
        middleware=[Middleware(AnswersEarly), Middleware(OnlyLoopback)],
        exception_handlers={
            errors.NemoError: refuse,
            HTTPException: refuse_http,
            sqlite3.Error: refuse_storage,
            ClientDisconnect: hang_up,
        },
        lifespan=lifespan,
    )


class _Api:
    """One method an endpoint."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._policy = policy

    # Who asks

    def _user(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            if self._policy.token and secrets.compare_digest(token.encode(), self._policy.token.encode()):
                return "local"
            user = self._engine.store.token_user(_hash(token))
            if user:
                return user
        raise errors.AuthError("The token is invalid or has expired.")

    def _session(self, request: Request, session_id: object) -> SessionRow:
        user = self._user(request)
        session = self._engine.store.session(str(session_id or ""), user)
        if session is None:
            raise errors.SessionNotFound("Session not found.")
        return session

    def _job(self, request: Request) -> JobRow:
        user = self._user(request)
        job = self._engine.store.jobs.find(request.path_params["job_id"])
        if job is None or self._engine.store.session(job.session_id, user) is None:
            raise HTTPException(404, "There is no such export.")
        return job

    async def anonymous_token(self, request: Request) -> Response:
        """A token for a client id, for seven days; the same client is the same user again."""
        client = request.headers.get("x-client-id", "")
        if not client:
            raise errors.MissingClientId("The X-Client-Id header is missing.")
        if not self._policy.anonymous:
            raise errors.AuthError("This engine gives out no tokens.")
        user, token = f"anon_{_hash(client)[:16]}", f"nmv_usr_{secrets.token_urlsafe(32)}"
        store = self._engine.store
        expires_s = await store.in_thread(store.add_token, _hash(token), user, _TOKEN_LIFETIME_S)
        return answer({"token": token, "user_id": user, "expires_at": expires_s, "credits": _CREDITS})

    async def claim_token(self, request: Request) -> Response:
        """A token for a browser; the engine has no pages that it would open."""
        body = await read_json(request)
        self._session(request, body.get("session_id"))
        return answer({"claim_token": f"clm_{secrets.token_urlsafe(16)}"})

    # Sessions

    async def create_session(self, request: Request) -> Response:
        """A new session of the user."""
        user = self._user(request)
        body = await read_json(request)
        store, language = self._engine.store, str(body.get("language") or "en")[:20]
        session = await store.in_thread(store.create_session, user, language)
        return answer({"task_id": session.task_id, "session_id": session.id, "user_id": user})

    async def state(self, request: Request) -> Response:
        """The draft and the uploads of a session."""
        session = self._session(request, request.path_params["session_id"])
        return answer({"state": self._engine.state(session)})

    async def credits(self, request: Request) -> Response:
        """A balance in the contract's form; nothing is ever taken from it."""
        self._user(request)
        return answer({"available": _CREDITS, "frozen": 0, "total": _CREDITS})

    async def chat(self, request: Request) -> Response:
        """One turn, as an event stream; 404 and 422 come as ordinary answers before it."""
        self._user(request)
        body = await read_json(request)
        try:
            message = "".join(str(part["text"]) for part in body["new_message"]["parts"])
            session = self._session(request, body["session_id"])
        except (KeyError, TypeError) as error:
            raise HTTPException(422, "The message has no session_id or no new_message.parts.") from error
        except errors.SessionNotFound as error:
            raise HTTPException(404, f"Session not found: {body['session_id']}") from error
        return StreamingResponse(
            self._engine.turn(session, message),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    # Uploads

    async def upload(self, request: Request) -> Response:
        """Files of a form, or addresses to fetch them from; all are kept or none."""
        session = self._session(request, request.path_params["session_id"])
        folder = self._engine.store.folder / "media"
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("application/json"):
            urls = (await read_json(request)).get("urls")
            if not isinstance(urls, list) or not urls:
                raise errors.InputError("The upload names no addresses.")
            received = await receive_urls([str(url) for url in urls], folder, allow_private=self._policy.private_urls)
        else:
            check_length(request.headers.get("content-length", ""))
            try:
                received = await receive_form(request.stream(), content_type, folder)
            except ClientDisconnect as error:
                raise errors.InputError("The upload broke off.") from error
        rows = await self._engine.take(session, received)
        files = [self._file_record(request, row) for row in rows]
        return answer({"files": files, "session_state_applied": True})

    def _file_record(self, request: Request, row: MediaRow) -> dict[str, Any]:
        return {**file_record(row), "cdn_url": _file_url(request, row.key, row.filename)}

    # Exports

    async def submit(self, request: Request) -> Response:
        """Begin an export under the client's id; 409 if that id is taken."""
        body = await read_json(request)
        session = self._session(request, body.get("sessionId"))
        if not all(request.headers.get(name) for name in _ATTRIBUTION):
            raise errors.PlanRequired("Export needs the attribution headers.")
        output = body.get("output")
        job_id = str(body.get("id") or f"render_{uuid.uuid4().hex}")
        try:
            job = await self._engine.exports.submit(
                session, job_id, draft_of(body.get("draft")), output if isinstance(output, dict) else {}
            )
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, "An export of that id exists.") from error
        return JSONResponse({"success": True, "data": {"id": job.id, "status": job.status, "progress": 0}})

    async def render_status(self, request: Request) -> Response:
        """Where an export stands: status, progress 0–100, seconds left, and at the end where the film is."""
        job = await self._engine.exports.look(self._job(request))
        progress, left_s = self._engine.exports.status(job)
        data: dict[str, Any] = {"id": job.id, "status": job.status, "progress": progress, "etaSeconds": left_s}
        if job.message:
            data["error"] = job.message
        if job.status == "completed":
            ending = self._engine.exports.path(job).suffix
            data["output"] = {"url": _file_url(request, job.key, f"film{ending}"), **job.result}
            if job.result.get("poster"):
                data["output"]["posterUrl"] = _file_url(request, job.key, "poster.jpg")
        return JSONResponse({"success": True, "data": data})

    async def cancel(self, request: Request) -> Response:
        """Stop an export; one that is over stays as it is."""
        job = self._job(request)
        await self._engine.exports.cancel(job)
        return JSONResponse({"success": True, "data": {"id": job.id}})

    async def download(self, request: Request) -> Response:
        """The film of an export, for the user that it belongs to."""
        return self._film(self._job(request), "film")

    async def file(self, request: Request) -> Response:
        """A file by its key, which is the permission to read it; seekable."""
        key, name = request.path_params["key"], request.path_params["name"]
        job = self._engine.store.jobs.by_key(key)
        if job is not None:
            return self._film(job, name)
        media = self._engine.store.media_by_key(key)
        path = self._engine.store.media_path(media.hash) if media else None
        if path is None or not path.is_file():
            raise HTTPException(404, "There is no such file.")
        return FileResponse(path, media_type="application/octet-stream")

    def _film(self, job: JobRow, name: str) -> Response:
        poster = name == "poster.jpg"
        path = self._engine.exports.poster_path(job) if poster else self._engine.exports.path(job)
        if job.status != "completed" or not path.is_file():
            raise HTTPException(404, "The film is not there yet.")
        return FileResponse(path, media_type=_MIME.get(path.suffix.lstrip("."), "application/octet-stream"))


def _file_url(request: Request, key: str, name: str) -> str:
    return f"http://{request.headers['host']}/files/{key}/{quote(name)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
