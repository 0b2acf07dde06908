"""The service's HTTP contract over the engine."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nemo_notebook import errors
from nemo_notebook.engine.editing import Editing
from nemo_notebook.engine.engine import Engine, draft_of, is_whole
from nemo_notebook.engine.gate import LOCAL, Gate, address, digest
from nemo_notebook.engine.jobs import JobRow
from nemo_notebook.engine.middleware import AccessLog, AnswersEarly, OnlyLoopback
from nemo_notebook.engine.openapi import PAGE_POLICY, document, page
from nemo_notebook.engine.policy import Policy
from nemo_notebook.engine.rates import limited
from nemo_notebook.engine.receive import Received, check_length, receive_form
from nemo_notebook.engine.replies import answer, hang_up, read_json, refuse, refuse_http, refuse_storage
from nemo_notebook.engine.routes import ROUTES
from nemo_notebook.files import check_room
from nemo_notebook.render.formats import FORMATS
from nemo_notebook.settings import ModelAddress

_MAX_ID: Final = 200
_ATTRIBUTION: Final = ("x-skill-source", "x-skill-version", "x-skill-platform")


def build_app(engine: Engine, policy: Policy) -> Starlette:
    """The server as an ASGI application."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        engine.housework.keep_swept(policy.session_kept_s)
        await engine.quick.warm()
        yield
        await engine.close()

    gate = Gate(engine, policy)
    api = _Api(engine, policy, gate)

    def counted(name: str) -> Callable[[Request], Awaitable[Response]]:
        answer_it = getattr(api, name)

        async def endpoint(request: Request) -> Response:
            with gate.counted(name, request):
                response: Response = await answer_it(request)
            return response

        return endpoint

    return Starlette(
        routes=[Route(route.path, counted(route.name), methods=[route.method], name=route.name) for route in ROUTES],
        middleware=[Middleware(AccessLog), Middleware(AnswersEarly), Middleware(OnlyLoopback)],
        exception_handlers={
            errors.NemoError: refuse,
            HTTPException: refuse_http,
            sqlite3.Error: refuse_storage,
            ClientDisconnect: hang_up,
        },
        lifespan=lifespan,
    )


class _Api:
    """One method an endpoint, named as in the table of routes."""

    def __init__(self, engine: Engine, policy: Policy, gate: Gate) -> None:
        self._engine = engine
        self._policy = policy
        self._gate = gate
        self._editing = Editing(engine.store, engine.exports, engine.analyses)

    async def openapi(self, _: Request) -> Response:
        """The table of routes for machines."""
        return JSONResponse(document())

    async def docs(self, _: Request) -> Response:
        """The table of routes for people."""
        return HTMLResponse(page(), headers={"Content-Security-Policy": PAGE_POLICY})

    # Tokens

    async def anonymous_token(self, request: Request) -> Response:
        """A token for a client id; the same client is the same user again."""
        client = request.headers.get("x-client-id", "")
        if not client:
            raise errors.MissingClientId("The X-Client-Id header is missing.")
        policy = self._policy
        if not policy.anonymous:
            raise errors.AuthError("This engine gives out no tokens.")
        user, token = f"anon_{digest(client)[:16]}", f"nmv_usr_{secrets.token_urlsafe(32)}"
        store = self._engine.store
        most = (policy.tokens_per_client, policy.tokens_per_address)
        expires_s, wait_s = await store.in_thread(
            store.add_token, digest(token), user, policy.token_lifetime_s, address(request), most
        )
        if wait_s:
            raise limited("This client or address has had its tokens.", wait_s)
        available = self._gate.balance(user).available
        return answer({"token": token, "user_id": user, "expires_at": expires_s, "credits": available})

    async def claim_token(self, request: Request) -> Response:
        """A token for a browser; the engine has no pages that it would open."""
        body = await read_json(request)
        self._gate.session(request, body.get("session_id"))
        return answer({"claim_token": f"clm_{secrets.token_urlsafe(16)}"})

    # Sessions

    async def create_session(self, request: Request) -> Response:
        """A new session of the user."""
        user = self._gate.user(request)
        body = await read_json(request)
        self._gate.may_begin_session(user)
        store, language = self._engine.store, str(body.get("language") or "en")[:20]
        session = await store.in_thread(store.create_session, user, language)
        return answer({"task_id": session.task_id, "session_id": session.id, "user_id": user})

    async def state(self, request: Request) -> Response:
        """The draft and the uploads of a session."""
        session = self._gate.session(request, request.path_params["session_id"])
        skill = request.headers.get("x-skill-source", "")
        return answer({"state": await self._engine.told(session, self._policy.manner, _files_url(request), skill)})

    async def credits(self, request: Request) -> Response:
        """What can be spent, what running turns hold, and both together."""
        balance = self._gate.balance(self._gate.user(request))
        return answer({"available": balance.available, "frozen": balance.frozen, "total": balance.total})

    async def chat(self, request: Request) -> Response:
        """One turn, as an event stream; 404 and 422 come as ordinary answers before it."""
        user = self._gate.user(request)
        body = await read_json(request)
        try:
            message = "".join(str(part["text"]) for part in body["new_message"]["parts"])
            session = self._gate.session(request, body["session_id"])
        except (KeyError, TypeError) as error:
            raise HTTPException(422, "The message has no session_id or no new_message.parts.") from error
        except errors.SessionNotFound as error:
            raise HTTPException(404, f"Session not found: {body['session_id']}") from error
        held = await self._engine.store.in_thread(self._gate.hold, session)
        model = ModelAddress.from_headers(request.headers) if user == LOCAL else None
        return StreamingResponse(
            self._engine.conversations.begin(session, message, self._policy.manner, held, model),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    async def explain(self, request: Request) -> Response:
        """How a message would be read."""
        session = self._gate.session(request, request.path_params["session_id"])
        message = (await read_json(request)).get("message")
        if not isinstance(message, str):
            raise errors.InputError("There is no message.")
        return answer(await self._engine.conversations.explain(session, message))

    async def storage(self, request: Request) -> Response:
        """What is to be told of the room that projects take; empty where nothing is."""
        user, store = self._gate.user(request), self._engine.store
        return answer(await store.in_thread(store.storage, user, request.query_params.get("session", "")))

    async def trash(self, request: Request) -> Response:
        """Put a project into the trash, or take it out again."""
        session_id, store = request.path_params["session_id"], self._engine.store
        if not store.owns(session_id, self._gate.user(request)):
            raise errors.SessionNotFound("Session not found.")
        wanted = await read_json(request)
        if wanted.get("trashed") is True:
            kept_bytes = await asyncio.to_thread(store.kept_bytes, session_id)
            await store.in_thread(store.trash.add, session_id, by_user=True)
            if wanted.get("forever") is True:
                await store.in_thread(store.trash.delete, session_id)
                await asyncio.to_thread(store.sweeper.run)
            return answer({"was_trashed": False, "bytes": kept_bytes})
        return answer({"was_trashed": await store.in_thread(store.trash.restore, session_id)})

    # Drafts

    async def drafts(self, request: Request) -> Response:
        """The history of a session."""
        session = self._gate.session(request, request.path_params["session_id"])
        return answer(await asyncio.to_thread(self._editing.history, session))

    async def store_draft(self, request: Request) -> Response:
        """Keep a draft that was edited elsewhere."""
        session = self._gate.session(request, request.path_params["session_id"])
        self._gate.may_keep(session.user_id, {})
        return answer({"draft_version": await self._editing.store(session, await read_json(request))})

    async def edit(self, request: Request) -> Response:
        """Make typed edits."""
        session = self._gate.session(request, request.path_params["session_id"])
        self._gate.may_keep(session.user_id, {})
        return answer(await self._editing.edit(session, await read_json(request)))

    async def edits(self, request: Request) -> Response:
        """The edits that made the film."""
        session = self._gate.session(request, request.path_params["session_id"])
        return answer(await asyncio.to_thread(self._editing.edits, session))

    async def go_to_draft(self, request: Request) -> Response:
        """Go back, or forth again."""
        session = self._gate.session(request, request.path_params["session_id"])
        return answer({"draft_version": await self._editing.go(session, await read_json(request))})

    # Uploads

    async def upload(self, request: Request) -> Response:
        """Files of a form, or addresses to fetch them from; all are kept or none."""
        session = self._gate.session(request, request.path_params["session_id"])
        received = await self._receive(request)
        try:
            sizes = {each.hash: each.path.stat().st_size for each in received}
            self._gate.may_keep(session.user_id, sizes)
        except errors.NemoError:
            for each in received:
                each.path.unlink(missing_ok=True)
            raise
        rows = await self._engine.take(session, received)
        files = [self._engine.record(row, _files_url(request)) for row in rows]
        return answer({"files": files, "session_state_applied": True})

    async def check_upload(self, request: Request) -> Response:
        """Whether an upload is still whole."""
        session, wanted = self._gate.session(request, request.path_params["session_id"]), request.path_params["hash"]
        is_known = any(row.hash == wanted for row in self._engine.store.media(session.id))
        path = self._engine.store.media_path(wanted)
        return answer({"is_whole": is_known and await asyncio.to_thread(is_whole, path)})

    async def _receive(self, request: Request) -> list[Received]:
        folder, most_bytes = self._engine.store.folder / "media", self._policy.max_upload_bytes
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("application/json"):
            urls = (await read_json(request)).get("urls")
            if not isinstance(urls, list) or not urls:
                raise errors.InputError("The upload names no addresses.")
            check_room("files from elsewhere", None, folder)
            from nemo_notebook.engine.addresses import PublicTransport  # an HTTP client is seldom needed here
            from nemo_notebook.engine.fetch import receive_urls

            transport = PublicTransport(allow_private=self._policy.private_urls)
            return await receive_urls([str(url) for url in urls], folder, transport=transport, max_bytes=most_bytes)
        check_length(request.headers.get("content-length", ""), folder, most_bytes)
        try:
            return await receive_form(request.stream(), content_type, folder, most_bytes)
        except ClientDisconnect as error:
            raise errors.InputError("The upload broke off.") from error

    # Exports

    async def submit(self, request: Request) -> Response:
        """Begin an export under the client's id; 409 if that id is taken."""
        body = await read_json(request)
        session = self._gate.session(request, body.get("sessionId"))
        if not all(request.headers.get(name) for name in _ATTRIBUTION):
            raise errors.PlanRequired("Export needs the attribution headers.")
        self._gate.may_keep(session.user_id, {})
        output = body.get("output")
        if not (isinstance(output, dict) and output.get("preview") is True):
            self._gate.may_export(session.user_id)
        job_id = str(body.get("id") or f"render_{uuid.uuid4().hex}")[:_MAX_ID]
        try:
            job = await self._engine.exports.submit(
                session,
                job_id,
                draft_of(body.get("draft")),
                output if isinstance(output, dict) else {},
                skill=request.headers["x-skill-source"],
            )
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, "An export of that id exists.") from error
        return JSONResponse({"success": True, "data": {"id": job.id, "status": job.status, "progress": 0}})

    async def render_status(self, request: Request) -> Response:
        """Where an export stands: status, progress 0–100, seconds left, and at the end where the film is."""
        job = await self._engine.exports.look(self._gate.job(request))
        progress, left_s = self._engine.exports.status(job)
        data: dict[str, Any] = {"id": job.id, "status": job.status, "progress": progress, "etaSeconds": left_s}
        if job.message:
            data["error"] = job.message
        if job.status == "completed":
            ending = self._engine.exports.path(job).suffix
            data["output"] = {"url": _file_url(request, job.key, f"film{ending}"), **job.result}
            if job.result.get("poster"):
                data["output"]["posterUrl"] = _file_url(request, job.key, "poster.jpg")
            if job.result.get("clip"):
                data["output"]["clipUrl"] = _file_url(request, job.key, "clip.mp4")
        return JSONResponse({"success": True, "data": data})

    async def cancel(self, request: Request) -> Response:
        """Stop an export; one that is over stays as it is."""
        job = self._gate.job(request)
        await self._engine.exports.cancel(job)
        return JSONResponse({"success": True, "data": {"id": job.id}})

    async def download(self, request: Request) -> Response:
        """The film of an export, for the user that it belongs to."""
        return self._film(self._gate.job(request), "film")

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

    async def thumbnail(self, request: Request) -> Response:
        """The thumbnail of an upload, by the upload's key."""
        row = self._engine.store.media_by_key(request.path_params["key"])
        path = await self._engine.thumbnails.of(row, self._engine.store.session_user(row.session_id)) if row else None
        if path is None:
            raise HTTPException(404, "There is no picture of it.")
        return FileResponse(path, media_type="image/jpeg")

    def _film(self, job: JobRow, name: str) -> Response:
        exports = self._engine.exports
        path = {"poster.jpg": exports.poster_path, "clip.mp4": exports.clip_path}.get(name, exports.path)(job)
        if job.status != "completed" or not path.is_file():
            raise HTTPException(404, "The film is not there yet.")
        return FileResponse(path, media_type=FORMATS[path.suffix.lstrip(".")].mime)


def _files_url(request: Request) -> str:
    return f"http://{request.headers['host']}/files"


def _file_url(request: Request, key: str, name: str) -> str:
    return f"{_files_url(request)}/{key}/{quote(name)}"
