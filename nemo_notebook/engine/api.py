"""The local engine: the service's HTTP contract over what it keeps, and the work that its endpoints begin."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import re
import secrets
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from operator import attrgetter
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nemo_notebook import errors, settings
from nemo_notebook.engine import uploads
from nemo_notebook.engine.analyses import Analyses, told_sounds
from nemo_notebook.engine.conversation import Conversations
from nemo_notebook.engine.database import JobRow
from nemo_notebook.engine.editing import Editing, draft_of
from nemo_notebook.engine.exports import Exports
from nemo_notebook.engine.middleware import AnswersEarly, Guard
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.store import MediaRow, SessionRow, Store
from nemo_notebook.files import check_room
from nemo_notebook.render.formats import FORMATS

_log: Final = logging.getLogger(__name__)
LOCAL: Final = "local"  # the user who has the launch token
_WEEK_S: Final = 7 * 86_400.0
_CREDITS: Final = 100.0  # what a free and unlimited engine tells of
_TOUCHED_S: Final = 3600.0  # the use of a session is noted so often
_MAX_ID: Final = 200
_MAX_JSON_BYTES: Final = 32 << 20
_MOST_PROBLEMS: Final = 100
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ATTRIBUTION: Final = ("x-skill-source", "x-skill-version", "x-skill-platform")
_STATUS: Final = {4003: 422, 1001: 401, 1002: 404, 402: 402, 400: 400, 409: 409, 429: 429, 4002: 413}

# The method of `Api` that answers, the HTTP method, the path. A `session_id` or `job_id` in the path is looked up
# first: it must be the user's own, and is passed on as a row. The methods of `Api.editing` take the JSON instead of
# the request.
ROUTES: Final = (
    ("anonymous_token", "POST", "/api/auth/anonymous-token"),
    ("claim_token", "POST", "/api/auth/claim-token"),
    ("create_session", "POST", "/api/tasks/me/with-session/nemo_agent"),
    ("chat", "POST", "/run_sse"),
    ("upload", "POST", "/api/upload-video/nemo_agent/me/{session_id}"),
    ("check_upload", "GET", "/api/upload-video/nemo_agent/me/{session_id}/{hash}"),
    ("storage", "GET", "/api/storage/me"),
    ("trash", "POST", "/api/storage/me/{project_id}/trash"),
    ("credits", "GET", "/api/credits/balance/simple"),
    ("state", "GET", "/api/state/nemo_agent/me/{session_id}/latest"),
    ("editing.history", "GET", "/api/drafts/nemo_agent/me/{session_id}"),
    ("editing.store", "POST", "/api/drafts/nemo_agent/me/{session_id}/edit"),
    ("editing.go", "POST", "/api/drafts/nemo_agent/me/{session_id}/go"),
    ("editing.edits", "GET", "/api/edits/nemo_agent/me/{session_id}"),
    ("editing.edit", "POST", "/api/edits/nemo_agent/me/{session_id}"),
    ("explain", "POST", "/api/explain/nemo_agent/me/{session_id}"),
    ("submit", "POST", "/api/render/proxy/lambda"),
    ("render_status", "GET", "/api/render/proxy/lambda/{job_id}"),
    ("cancel", "POST", "/api/render/proxy/lambda/{job_id}/cancel"),
    ("download", "GET", "/api/render/proxy/{job_id}/download"),
    ("file", "GET", "/files/{key}/{name}"),
    ("thumbnail", "GET", "/files/{key}/small/thumbnail.jpg"),
)


def build_app(api: Api) -> Starlette:
    """The server as an ASGI application."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(api.store.sweeper.keep_swept())
        await api.quick.warm()
        yield
        sweeping.cancel()
        await api.close()

    return Starlette(
        routes=[Route(path, _endpoint(api, name), methods=[method], name=name) for name, method, path in ROUTES],
        middleware=[Middleware(AnswersEarly), Middleware(Guard)],
        exception_handlers=dict.fromkeys((errors.NemoError, HTTPException, sqlite3.Error, ClientDisconnect), _refuse),
        lifespan=lifespan,
    )


def _endpoint(api: Api, name: str) -> Callable[[Request], Awaitable[Response]]:
    handler: Callable[..., Awaitable[object]] = attrgetter(name)(api)

    async def endpoint(request: Request) -> Response:
        given: list[object] = []
        if (session_id := request.path_params.get("session_id")) is not None:
            given.append(api.session(request, session_id))
        elif (job_id := request.path_params.get("job_id")) is not None:
            given.append(api.job(request, job_id))
        if not name.startswith("editing."):
            given.insert(0, request)
        elif request.method == "POST":
            given.append(await read_json(request))
        data = await handler(*given)
        done = {"code": 0, "message": "success", "data": data}
        return data if isinstance(data, Response) else JSONResponse(done)

    return endpoint


class Api:
    """The endpoints: one method each, named as in `ROUTES`; what is not a `Response` is sent in the envelope.

    Args:
        store: What the engine keeps.
        token: The launch token: with it, everything is the user `local`.
        anonymous: Whether anonymous tokens are given out, each client a user of its own.
        max_upload_bytes: The largest file; None for what the disk takes.

    Raises:
        UsageError: The number of workers that is set is none.
    """

    private_urls = False  # whether uploads may be fetched from private addresses

    def __init__(
        self, store: Store, token: str | None = None, *, anonymous: bool = False, max_upload_bytes: int | None = None
    ) -> None:
        workers = settings.engine_workers()
        self.store = store
        self.quick = WorkerPool(1, spare=3)
        self.heavy = WorkerPool(workers, spare=workers, low_priority=True)
        self.previews = WorkerPool(workers, spare=workers)
        self.analyses = Analyses(store, self.heavy, self.quick)
        self.exports = Exports(store, self.heavy, self.previews, self.analyses)
        self.conversations = Conversations(store, self.analyses, self.quick)
        self.editing = Editing(store, self.exports, self.analyses)
        self._token = token
        self._anonymous = anonymous
        self._max_upload_bytes = max_upload_bytes

    async def close(self) -> None:
        """End all work: turns have a second to finish, exports are left to the next engine."""
        for part in (self.conversations, self.analyses, self.exports):
            await part.close()
        try:
            await self.store.in_thread(self.store.jobs.release)
        except (sqlite3.Error, errors.DiskFull) as error:
            _log.warning("What was not finished is not released, and waits some seconds longer: %s", error)
        for pool in (self.quick, self.heavy, self.previews):
            await pool.close()
        await asyncio.to_thread(self.store.close)

    # Who asks, and for what of theirs

    def user(self, request: Request) -> str:
        """The user of a request.

        Raises:
            AuthError: Its token is none that is known.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            is_launch = self._token and secrets.compare_digest(token.encode(), self._token.encode())
            if user := LOCAL if is_launch else self.store.token_user(_digest(token)):
                return user
        raise errors.AuthError("The token is invalid or has expired.")

    def session(self, request: Request, session_id: object) -> SessionRow:
        """A session of the user who asks; its use is noted.

        Raises:
            SessionNotFound: There is none of that id, or it is another user's.
        """
        user, name = self.user(request), str(session_id or "")
        session = self.store.session(name, user)
        if session is None and self.store.owns(name, user):
            hint = f"`%nemo sessions --restore {name}` brings it back within a week."
            raise errors.SessionNotFound("This project was removed.", hint=hint)
        if session is None:
            raise errors.SessionNotFound("Session not found.")
        if time.time() - session.touched_s > _TOUCHED_S:
            request.state.noting = asyncio.create_task(self._note_use(session))
        return session

    async def _note_use(self, session: SessionRow) -> None:
        try:
            await self.store.in_thread(self.store.touch_session, session.id)
        except (sqlite3.Error, errors.DiskFull) as error:
            _log.warning("The use of a project could not be noted: %s", error)

    def job(self, request: Request, job_id: str) -> JobRow:
        """An export of the user who asks.

        Raises:
            HTTPException: 404: there is none.
        """
        user, job = self.user(request), self.store.jobs.find(job_id)
        if job is None or self.store.session(job.session_id, user) is None:
            raise HTTPException(404, "There is no such export.")
        return job

    def balance(self, user: str) -> dict[str, float]:  # noqa: ARG002 - for those that charge
        """The credits of a user: this engine is free."""
        return {"available": _CREDITS, "frozen": 0.0, "total": _CREDITS}

    async def anonymous_token(self, request: Request) -> Mapping[str, Any]:
        """A token for a client id; the same client is the same user again."""
        client = request.headers.get("x-client-id", "")
        if not client:
            raise errors.MissingClientId("The X-Client-Id header is missing.")
        if not self._anonymous:
            raise errors.AuthError("This engine gives out no tokens.")
        user, token = f"anon_{_digest(client)[:16]}", f"nmv_usr_{secrets.token_urlsafe(32)}"
        expires_s = await self.store.in_thread(self.store.add_token, _digest(token), user, _WEEK_S)
        available = self.balance(user)["available"]
        return {"token": token, "user_id": user, "expires_at": expires_s, "credits": available}

    async def claim_token(self, request: Request) -> Mapping[str, Any]:
        """A token for a browser; the engine has no pages that it would open."""
        self.session(request, (await read_json(request)).get("session_id"))
        return {"claim_token": f"clm_{secrets.token_urlsafe(16)}"}

    async def credits(self, request: Request) -> Mapping[str, Any]:
        """What can be spent, what running turns hold, and both together."""
        return self.balance(self.user(request))

    # Sessions

    async def create_session(self, request: Request) -> Mapping[str, Any]:
        """A new session of the user."""
        user, body = self.user(request), await read_json(request)
        language = str(body.get("language") or "en")[:20]
        session = await self.store.in_thread(self.store.create_session, user, language)
        return {"task_id": session.task_id, "session_id": session.id, "user_id": user}

    async def state(self, request: Request, session: SessionRow) -> Mapping[str, Any]:
        """The draft and the uploads of a session, how many turns are being worked on, and what its sounds are like.

        Beats of composed music take a moment.
        """
        # Counted before the draft is read: where nothing more is to come, nothing is missed.
        running, store, files_url = self.conversations.running(session.id), self.store, _files_url(request)
        version, draft = store.drafts.now(session.id)
        meta, rows = draft.get("m", {}), store.media(session.id)
        state = {
            "draft": draft or None,
            "draft_version": version,
            "draft_steps": store.drafts.steps(session.id),
            "video_infos": [dict(row.info, **self._record(row, files_url)) for row in rows],
            "generated_media": [],
            "canvas_config": {key: meta[key] for key in ("width", "height") if key in meta},
            "turns_running": running,
            "read_at": time.time(),
        }
        sounds = await asyncio.to_thread(told_sounds, draft, rows, self.analyses.found)
        made = await asyncio.to_thread(store.provenance, session.id, draft, request.headers.get("x-skill-source", ""))
        return {"state": state | {"video_analyses": sounds, "provenance": asdict(made)}}

    async def chat(self, request: Request) -> Response:
        """One turn, as an event stream; 404 and 422 come as ordinary answers before it."""
        user = self.user(request)
        body = await read_json(request)
        try:
            message = "".join(str(part["text"]) for part in body["new_message"]["parts"])
            session = self.session(request, body["session_id"])
        except (KeyError, TypeError) as error:
            raise HTTPException(422, "The message has no session_id or no new_message.parts.") from error
        except errors.SessionNotFound as error:
            raise HTTPException(404, f"Session not found: {body['session_id']}") from error
        return StreamingResponse(
            self.conversations.begin(session, message, request.headers if user == LOCAL else None),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    async def explain(self, request: Request, session: SessionRow) -> Mapping[str, Any]:
        """How a message would be read; nothing is done."""
        message = (await read_json(request)).get("message")
        if not isinstance(message, str):
            raise errors.InputError("There is no message.")
        return await self.conversations.explain(session, message)

    async def storage(self, request: Request) -> Mapping[str, Any]:
        """What is to be told of the room that projects take; empty where nothing is."""
        user, session_id = self.user(request), request.query_params.get("session", "")
        return await self.store.in_thread(self.store.storage, user, session_id)

    async def trash(self, request: Request) -> Mapping[str, Any]:
        """Put a project into the trash, or take it out again; one that goes `forever` is deleted at once."""
        session_id, store = request.path_params["project_id"], self.store
        if not store.owns(session_id, self.user(request)):
            raise errors.SessionNotFound("Session not found.")
        wanted = await read_json(request)
        if wanted.get("trashed") is not True:
            return {"was_trashed": await store.in_thread(store.trash.restore, session_id)}
        kept_bytes = await asyncio.to_thread(store.kept_bytes, session_id)
        await store.in_thread(store.trash.add, session_id, by_user=True)
        if wanted.get("forever") is True:
            await store.in_thread(store.trash.delete, session_id)
            await asyncio.to_thread(store.sweeper.run)
        return {"was_trashed": False, "bytes": kept_bytes}

    # Uploads

    async def upload(self, request: Request, session: SessionRow) -> Mapping[str, Any]:
        """Files of a form, or addresses to fetch them from; all are kept or none."""
        rows = await self._take(session, await self._receive(request))
        files = [self._record(row, _files_url(request)) for row in rows]
        return {"files": files, "session_state_applied": True}

    async def check_upload(self, request: Request, session: SessionRow) -> Mapping[str, Any]:
        """Whether an upload is still whole. If not, it can be uploaded again, which replaces it."""
        wanted = request.path_params["hash"]
        is_known = any(row.hash == wanted for row in self.store.media(session.id))
        return {"is_whole": is_known and await asyncio.to_thread(uploads.is_whole, self.store.media_path(wanted))}

    async def _receive(self, request: Request) -> list[uploads.Received]:
        folder, most_bytes = self.store.folder / "media", self._max_upload_bytes
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("application/json"):
            urls = (await read_json(request)).get("urls")
            if not isinstance(urls, list) or not urls:
                raise errors.InputError("The upload names no addresses.")
            check_room("files from elsewhere", None, folder)
            transport = uploads.PublicTransport(allow_private=self.private_urls)
            return await uploads.receive_urls(
                [str(url) for url in urls], folder, transport=transport, max_bytes=most_bytes
            )
        uploads.check_length(request.headers.get("content-length", ""), folder, most_bytes)
        try:
            return await uploads.receive_form(request.stream(), content_type, folder, most_bytes)
        except ClientDisconnect as error:
            raise errors.InputError("The upload broke off.") from error

    async def _take(self, session: SessionRow, received: Sequence[uploads.Received]) -> list[MediaRow]:
        """Look into files that came in and keep them, all or none. One that lies there damaged is replaced.

        Raises:
            InputError: One of them is no media that can be used.
        """
        try:
            infos = []
            for each in received:
                args = {"path": str(each.path), "filename": each.filename}
                infos.append(await self.quick.run("probe", args, who=session.user_id))
            for each in received:
                if await asyncio.to_thread(uploads.keep_file, each.path, self.store.media_path(each.hash)):
                    await self.store.in_thread(self.store.forget_findings, each.hash)
        finally:
            for each in received:
                each.path.unlink(missing_ok=True)
        rows = [
            await self.store.in_thread(self.store.add_media, session.id, each.hash, each.filename, info)
            for each, info in zip(received, infos, strict=True)
        ]
        for row in rows:
            self.analyses.begin(row)
        return rows

    def _record(self, row: MediaRow, files_url: str) -> dict[str, Any]:
        """An upload in the service's words; `duration` in seconds, `size` in bytes."""
        info, size_bytes = row.info, 0
        with contextlib.suppress(OSError):
            size_bytes = self.store.media_path(row.hash).stat().st_size
        return {
            "filename": row.filename,
            "file_type": info["kind"],
            "cdn_url": f"{files_url}/{row.key}/{quote(row.filename)}",
            "thumbnail_url": f"{files_url}/{row.key}/small/thumbnail.jpg",
            "duration": info["duration_s"],
            "width": info["width"],
            "height": info["height"],
            "fps": info["fps"],
            "size": size_bytes,
            "hash": row.hash,
        }

    # Exports

    async def submit(self, request: Request) -> Response:
        """Begin an export under the client's id; 409 if that id is taken."""
        body = await read_json(request)
        session = self.session(request, body.get("sessionId"))
        if not all(request.headers.get(name) for name in _ATTRIBUTION):
            raise errors.PlanRequired("Export needs the attribution headers.")
        output = body.get("output")
        try:
            job = await self.exports.submit(
                session,
                str(body.get("id") or f"render_{uuid.uuid4().hex}")[:_MAX_ID],
                draft_of(body.get("draft")),
                output if isinstance(output, dict) else {},
                skill=request.headers["x-skill-source"],
            )
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, "An export of that id exists.") from error
        return _done(id=job.id, status=job.status, progress=0)

    async def render_status(self, request: Request, job: JobRow) -> Response:
        """Where an export stands: status, progress 0–100, seconds left, and at the end where the film is."""
        job = await self.exports.look(job)
        progress, left_s = self.exports.status(job)
        data: dict[str, Any] = {"id": job.id, "status": job.status, "progress": progress, "etaSeconds": left_s}
        if job.message:
            data["error"] = job.message
        if job.status == "completed":
            files_url, ending = f"{_files_url(request)}/{job.key}", self.exports.path(job).suffix
            data["output"] = {"url": f"{files_url}/{quote(f'film{ending}')}", **job.result}
            if job.result.get("poster"):
                data["output"]["posterUrl"] = f"{files_url}/poster.jpg"
            if job.result.get("clip"):
                data["output"]["clipUrl"] = f"{files_url}/clip.mp4"
        return _done(**data)

    async def cancel(self, _: Request, job: JobRow) -> Response:
        """Stop an export; one that is over stays as it is."""
        await self.exports.cancel(job)
        return _done(id=job.id)

    async def download(self, _: Request, job: JobRow) -> Response:
        """The film of an export, for the user that it belongs to."""
        return self._film(job, "film")

    async def file(self, request: Request) -> Response:
        """A file by its key, which is the permission to read it; seekable."""
        key, name = request.path_params["key"], request.path_params["name"]
        job = self.store.jobs.by_key(key)
        if job is not None:
            return self._film(job, name)
        media = self.store.media_by_key(key)
        path = self.store.media_path(media.hash) if media else None
        if path is None or not path.is_file():
            raise HTTPException(404, "There is no such file.")
        return FileResponse(path, media_type="application/octet-stream")

    async def thumbnail(self, request: Request) -> Response:
        """The thumbnail of an upload, by the upload's key; it is made when it is first asked for."""
        row = self.store.media_by_key(request.path_params["key"])
        path = await self.analyses.thumbnail(row, self.store.session_user(row.session_id)) if row else None
        if path is None:
            raise HTTPException(404, "There is no picture of it.")
        return FileResponse(path, media_type="image/jpeg")

    def _film(self, job: JobRow, name: str) -> Response:
        path = self.exports.path(job, name)
        if job.status != "completed" or not path.is_file():
            raise HTTPException(404, "The film is not there yet.")
        return FileResponse(path, media_type=FORMATS[path.suffix.lstrip(".")].mime)


# JSON in and out


async def read_json(request: Request) -> Mapping[str, Any]:
    """The object in a request; empty where there is no body.

    Raises:
        HTTPException: 413, 415 or 422: it is too large, not said to be JSON, or no object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_JSON_BYTES:
            raise HTTPException(413, "The request is too large.")
    if body and kind != "application/json":  # a page of another site can send any other without asking
        raise HTTPException(415, "The request needs the header Content-Type: application/json.")
    try:
        value = json.loads(body or b"{}")
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a character can be kept nowhere
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "The request is not JSON.") from error
    if not isinstance(value, dict):
        raise HTTPException(422, "The request is not a JSON object.")
    return value


def _done(**data: object) -> Response:
    """Success, in the envelope of exports."""
    return JSONResponse({"success": True, "data": data})


async def _refuse(_: Request, error: Exception) -> Response:
    """An error in the service's envelope, or one of HTTP's own."""
    if isinstance(error, ClientDisconnect):
        return Response(status_code=400)  # the client went away while it was sending: nobody hears this
    if isinstance(error, HTTPException):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    if not isinstance(error, errors.NemoError):
        error = errors.EngineError(f"The engine's store failed: {error}.")
    code = error.code or 5000
    body: dict[str, Any] = {"code": code, "message": error.message, "hint": error.hint, "data": None}
    if isinstance(error, errors.InvalidEdit):
        body["problems"] = [asdict(problem) for problem in error.problems[:_MOST_PROBLEMS]]
    return JSONResponse(body, _STATUS.get(code, 200))


def _digest(secret: str) -> str:
    """What a secret is known by."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def _files_url(request: Request) -> str:
    return f"http://{request.headers['host']}/files"
