"""The service's endpoints as typed calls. One method an endpoint; the workflow is the session's matter."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.client import api, transfers
from nemo_notebook.client.api import ApiClient, JsonObject
from nemo_notebook.client.events import Event, EventStreamDecoder, Heartbeat, TurnReader
from nemo_notebook.client.transfers import TransferProgress
from nemo_notebook.client.transport import Body, deadline, network_errors
from nemo_notebook.outside import Secret, as_mapping, as_text, finite

_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")
_TRANSFER_SLACK_S: Final = 120.0
_SMALL_FILE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class SessionIds:
    """What the service names a session by."""

    session_id: str
    task_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class RenderStatus:
    """Where a render stands.

    Attributes:
        status: `pending`, `processing`, `completed`, `failed`, or another word that is never a success.
        progress: 0–100.
        url: Where the file is, once completed.
        message: What went wrong, if something did.
        eta_s: Seconds left, if the service says so.
        poster_url: A small picture of the film, if the service offers one.
        clip_url: A small clip of its first seconds, likewise.
        width: Pixels across, 0 if the service does not say.
        height: Pixels down, likewise.
    """

    status: str
    progress: float
    url: str = field(default="", repr=False)
    message: str = field(default="", repr=False)
    eta_s: float | None = None
    poster_url: str = field(default="", repr=False)
    clip_url: str = field(default="", repr=False)
    width: int = 0
    height: int = 0


class Service(ApiClient):
    """Typed calls to one backend."""

    async def create_session(self, language: str) -> SessionIds:
        """Begin a session; `language` is a tag such as `en` or `zh-CN`."""
        data = await self.call(api.SESSION, json={"task_name": "project", "language": language})
        ids = SessionIds(*(_id(data.get(key)) for key in ("session_id", "task_id", "user_id")))
        if not ids.session_id:
            raise errors.ProtocolError("The service began a session without an id.")
        return ids

    async def chat(
        self, session_id: str, message: str, reader: TurnReader, headers: Mapping[str, str | Secret] | None = None
    ) -> AsyncIterator[Event]:
        """One turn. The message is sent once and never again; the stream is closed with the iterator.

        Raises:
            NetworkError: The stream broke, or nothing but signs of life came; what the turn did is for the state to
                tell, unless the error says that nothing was sent.
            ProtocolError: The turn is larger than any real one.
        """
        decoder = EventStreamDecoder()
        json = {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": session_id,
            "new_message": {"parts": [{"text": message}]},
        }
        silence_s, accept = settings.STREAM_IDLE_TIMEOUT_S, "text/event-stream"
        async with self.open(api.CHAT, json=json, headers=headers, timeout_s=silence_s, accept=accept) as response:
            size_bytes, last_s = 0, time.monotonic()
            with network_errors(api.CHAT.doing):
                async for chunk in response.aiter_bytes():
                    events = [event for server_event in decoder.feed(chunk) for event in reader.read(server_event)]
                    size_bytes += len(chunk)
                    if size_bytes > settings.MAX_TURN_BYTES:
                        raise errors.ProtocolError("The reply is larger than any real one.")
                    last_s = _last_progress_s(events, last_s)
                    for event in events or (Heartbeat(),):
                        yield event
                    if reader.failed:
                        return
                for event in reader.finish(is_over=_has_marked_end(response)):
                    yield event

    async def upload(
        self, session_id: str, paths: Sequence[Path], progress: TransferProgress | None = None
    ) -> list[JsonObject]:
        """Send files; give the service's record of each."""
        body = await asyncio.to_thread(transfers.multipart, paths, progress)
        return await self._upload(session_id, body=body, deadline_s=_transfer_s(int(body.headers["Content-Length"])))

    async def upload_urls(self, session_id: str, urls: Sequence[str]) -> list[JsonObject]:
        """Have the service fetch files from addresses; give its record of each."""
        json = {"urls": list(urls), "source_type": "url"}
        return await self._upload(session_id, json=json, deadline_s=settings.STREAM_IDLE_TIMEOUT_S)

    async def _upload(
        self, session_id: str, *, deadline_s: float, json: JsonObject | None = None, body: Body | None = None
    ) -> list[JsonObject]:
        endpoint, silence_s = api.SEND_FILES.at(session=session_id), settings.STREAM_IDLE_TIMEOUT_S
        try:
            data = await self.call(endpoint, json=json, body=body, timeout_s=silence_s, deadline_s=deadline_s)
        except errors.MediaTooLarge as error:
            if self._is_near:
                raise  # it tells its own limit
            limit = f"The limit of the skill {self.skill.name} is {self.skill.max_size_mb} MB"
            error.hint = f"{limit}; compress or trim the file, or choose a skill with a higher one (`%nemo skills`)."
            raise
        files = data.get("files")
        return [file for file in files if isinstance(file, Mapping)] if isinstance(files, list) else []

    async def has_upload(self, session_id: str, content_hash: str) -> bool:
        """Whether the local engine still has an undamaged file of that SHA-256."""
        data = await self.call(api.CHECK_UPLOAD.at(session=session_id, hash=content_hash))
        return data.get("is_whole") is True

    async def storage(self, session_id: str) -> JsonObject:
        """What the local engine has to tell of the room that projects take."""
        return await self.call(api.STORAGE.at(session=session_id))

    async def trash(self, session_id: str, *, trashed: bool, forever: bool = False) -> JsonObject:
        """Put a project of the local engine into its trash, or take it out, or delete it at once."""
        body = {"trashed": trashed, "forever": forever}
        return await self.call(api.TRASH.at(session=session_id), json=body)

    async def credits(self) -> JsonObject:
        """The balance: `available`, `frozen`, `total`."""
        return await self.call(api.CREDITS)

    async def state(self, session_id: str) -> JsonObject:
        """The session's state: `draft`, `video_infos`, `generated_media`, …"""
        data = await self.call(api.STATE.at(session=session_id))
        if not data.keys() & {"state", "draft"}:
            raise errors.ProtocolError("The service gave no state of the session.")  # not the same as an empty one
        return as_mapping(data.get("state", data))

    async def drafts(self, session_id: str) -> JsonObject:
        """The history of a session's drafts: `drafts`, `current`, `draft_version`."""
        return await self.call(api.DRAFTS.at(session=session_id))

    async def store_draft(self, session_id: str, draft: JsonObject, version: int, language: str) -> None:
        """Put a draft in the place of the one of that version. It is tried once.

        Args:
            session_id: Whose it is.
            draft: The new one.
            version: The `draft_version` that it was made from.
            language: In which the history is to tell what it changed.

        Raises:
            Conflict: The version is another by now.
        """
        body = {"draft": draft, "draft_version": version, "language": language}
        await self.call(api.STORE_DRAFT.at(session=session_id), json=body)

    async def edit(self, session_id: str, edits: Sequence[JsonObject], version: int, language: str) -> list[str]:
        """Make typed edits to the draft of a version, all or none; give what was done in words. It is tried once.

        Raises:
            InvalidEdit: Some cannot be made.
            Conflict: The version is another by now.
        """
        body = {"edits": list(edits), "draft_version": version, "language": language}
        told = (await self.call(api.EDIT.at(session=session_id), json=body)).get("told")
        return [str(each) for each in told] if isinstance(told, list) else []

    async def edits(self, session_id: str) -> JsonObject:
        """How the draft of a session was made: `versions` with their `edits`."""
        return await self.call(api.READ_EDITS.at(session=session_id))

    async def explain(self, session_id: str, message: str) -> JsonObject:
        """How a message would be read: `clauses`, `edits` and `reply`."""
        return await self.call(api.EXPLAIN.at(session=session_id), json={"message": message})

    async def go_to_draft(self, session_id: str, number: int, version: int) -> None:
        """Go to a draft of the history. It is tried once.

        Raises:
            Conflict: The version is another by now.
        """
        body = {"number": number, "draft_version": version}
        await self.call(api.GO_TO_DRAFT.at(session=session_id), json=body)

    async def claim(self, ids: SessionIds) -> str:
        """An address that opens the project in a browser, for seven days, and does nothing else."""
        data = await self.call(api.CLAIM, json={"task_id": ids.task_id, "session_id": ids.session_id})
        token = data.get("claim_token")
        if not isinstance(token, str) or not _ID.fullmatch(token):
            raise errors.ProtocolError("The service gave no link.")
        return f"{settings.web_url()}/workspace/claim?ct={quote(token, safe='')}"

    async def submit_render(self, session_id: str, draft: JsonObject, output: JsonObject, render_id: str) -> None:
        """Start an export under an id of `new_render_id`. It is tried once: a second try needs another id."""
        job = {"id": render_id, "sessionId": session_id, "draft": draft, "output": output}
        await self.call(api.SUBMIT, json=job)

    async def render_status(self, render_id: str) -> RenderStatus:
        """Where an export stands.

        Raises:
            JobNotFound: The service has no such export.
        """
        data = await self.call(api.STATUS.at(render=render_id))
        output = as_mapping(data.get("output"))
        return RenderStatus(
            status=as_text(data.get("status")) or "unknown",
            progress=finite(data.get("progress")) or 0.0,
            url=as_text(output.get("url")) or as_text(data.get("outputUrl")),
            message=_reason(data),
            eta_s=finite(data.get("etaSeconds")),
            poster_url=as_text(output.get("posterUrl")),
            clip_url=as_text(output.get("clipUrl")),
            width=int(finite(output.get("width")) or 0),
            height=int(finite(output.get("height")) or 0),
        )

    async def cancel_render(self, render_id: str) -> None:
        """Stop an export.

        Raises:
            JobNotFound: The service has no such export.
        """
        await self.call(api.CANCEL.at(render=render_id))

    async def download(self, render_id: str, url: str, target: Path, progress: TransferProgress | None = None) -> None:
        """Fetch a finished film from where it lies, without the bearer token; if that fails, through the service.

        Raises:
            NetworkError: It could not be fetched whole in either way; nothing is left behind.
            ServiceError: Likewise, as the service refused.
            InputError: It could not be written; nothing is left behind.
        """
        endpoint = api.DOWNLOAD.at(render=render_id)
        if self.hook:
            for place in (url, endpoint.path):
                self.hook.name_file(place, target.name)

        def through_the_service(headers: Mapping[str, str]) -> AbstractAsyncContextManager[httpx.Response]:
            return self.open(endpoint, headers=headers, accept="*/*")

        try:
            await self._fetch(self._asset(url), target, progress)
        except (errors.NetworkError, errors.ServiceError) as first:
            try:
                await self._fetch(through_the_service, target, progress)
            except errors.NemoError as error:
                raise error from first

    def new_render_id(self) -> str:
        """An id for an export that is about to begin."""
        return self.hook.new_render_id() if self.hook else new_render_id()

    async def fetch_small(self, url: str) -> bytes:
        """Fetch a file of at most a megabyte into memory, without the bearer token; in ten seconds or not at all."""
        async with deadline(_SMALL_FILE_S, "fetching a picture"):
            return await transfers.fetch_small(self._asset(url))

    async def _fetch(self, opener: transfers.Opener, target: Path, progress: TransferProgress | None) -> None:
        """Download, as long as it is not slower than the slowest that is waited for."""
        async with deadline(_transfer_s(0), api.DOWNLOAD.doing) as limit:
            begun_s = asyncio.get_running_loop().time()

            def told(done: int, total: int) -> None:
                until_s = begun_s + _transfer_s(done)
                if not limit.expired() and until_s > (limit.when() or 0.0):
                    limit.reschedule(until_s)
                if progress:
                    progress(done, total)

            await transfers.download(opener, target, told, self.clock)

    def _asset(self, url: str) -> transfers.Opener:
        return transfers.asset_opener(self._assets, url, loopback_ok=self._is_near)


def _last_progress_s(events: Sequence[Event], last_s: float) -> float:
    """Return when something other than a heartbeat last came.

    Raises:
        DeadlineExceeded: That was too long ago.
    """
    now_s = time.monotonic()
    if any(not isinstance(event, Heartbeat) for event in events):
        return now_s
    if now_s - last_s > settings.STREAM_IDLE_TIMEOUT_S:
        minutes = settings.STREAM_IDLE_TIMEOUT_S / 60
        raise errors.DeadlineExceeded(f"The service sent only signs of life for {minutes:.0f} minutes.")
    return last_s


def new_render_id() -> str:
    """An id for an export that no other kernel makes at the same time."""
    return f"render_{int(time.time())}_{secrets.token_hex(4)}"


def _has_marked_end(response: httpx.Response) -> bool:
    """Whether a lost connection can be told from the body's end: not where HTTP/1 has neither length nor chunks."""
    is_bare = not {"content-length", "transfer-encoding"} & response.headers.keys()
    return not (is_bare and "network_stream" in response.extensions and response.http_version != "HTTP/2")


def _transfer_s(size_bytes: int) -> float:
    return _TRANSFER_SLACK_S + size_bytes / settings.SLOWEST_TRANSFER_BYTES_PER_S


def _id(value: object) -> str:
    """An id of the service's; empty where there is none."""
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if text and not _ID.fullmatch(text):
        raise errors.ProtocolError("The service named a session by what is no id.")
    return text


def _reason(data: JsonObject) -> str:
    error = data.get("error")
    return as_text(error) or as_text(as_mapping(error).get("message")) or as_text(data.get("message"))
