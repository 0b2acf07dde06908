"""The service's endpoints as typed calls. One method an endpoint; the workflow is the session's matter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from nemo_notebook import errors, settings, skills
from nemo_notebook.client import transfers
from nemo_notebook.client.dialects import TurnReader
from nemo_notebook.client.events import Event, Heartbeat
from nemo_notebook.client.sse import EventStreamDecoder
from nemo_notebook.client.wire import Wire, network_errors
from nemo_notebook.outside import finite

Json = Mapping[str, Any]


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
        width: Pixels across, 0 if the service does not say.
        height: Pixels down, likewise.
    """

    status: str
    progress: float
    url: str = ""
    message: str = ""
    eta_s: float | None = None
    poster_url: str = ""
    width: int = 0
    height: int = 0


class Service:
    """Typed calls to one backend.

    Args:
        base_url: Where it is.
        skill: As which skill to speak.
        token: The bearer token, if it is known from the start.
        transport: For tests: what answers instead of the network.
    """

    def __init__(
        self,
        base_url: str,
        skill: skills.Skill,
        *,
        token: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        use_proxy = not transfers.is_loopback(base_url)
        self._wire = Wire(base_url, skill, token=token, use_proxy=use_proxy, transport=transport)
        timeout = httpx.Timeout(settings.READ_TIMEOUT_S, connect=settings.CONNECT_TIMEOUT_S)
        self._assets = httpx.AsyncClient(timeout=timeout, trust_env=use_proxy, transport=transport)

    @property
    def anonymous(self) -> bool:
        """Whether a free anonymous token is in use."""
        return self._wire.anonymous

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()
        await self._assets.aclose()

    async def create_session(self, language: str) -> SessionIds:
        """Begin a session; `language` is a tag such as `en` or `zh-CN`."""
        data = await self._wire.call(
            "POST",
            "/api/tasks/me/with-session/nemo_agent",
            doing="starting a session",
            json={"task_name": "project", "language": language},
        )
        ids = SessionIds(*(str(data.get(key) or "") for key in ("session_id", "task_id", "user_id")))
        if not ids.session_id:
            raise errors.ProtocolError("The service began a session without an id.")
        return ids

    async def chat(self, session_id: str, message: str, reader: TurnReader) -> AsyncIterator[Event]:
        """One turn. The message is sent once and never again; the stream is closed with the iterator.

        Raises:
            NetworkError: The stream broke or went silent; what the turn did is for the state to tell.
        """
        decoder = EventStreamDecoder()
        doing = "waiting for the reply"
        json = {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": session_id,
            "new_message": {"parts": [{"text": message}]},
        }
        turn = self._wire.open(
            "POST",
            "/run_sse",
            doing=doing,
            json=json,
            timeout_s=settings.STREAM_IDLE_TIMEOUT_S,
            accept="text/event-stream",
        )
        async with turn as response:
            with network_errors(doing):
                async for chunk in response.aiter_bytes():
                    events = [event for server_event in decoder.feed(chunk) for event in reader.read(server_event)]
                    for event in events or (Heartbeat(),):
                        yield event
                    if reader.failed:
                        return

    async def upload(
        self, session_id: str, paths: Sequence[Path], progress: transfers.Progress | None = None
    ) -> list[Json]:
        """Send files; give the service's record of each."""
        body = await asyncio.to_thread(transfers.multipart, paths, progress)
        return _files(await self._upload(session_id, body=body))

    async def upload_urls(self, session_id: str, urls: Sequence[str]) -> list[Json]:
        """Have the service fetch files from addresses; give its record of each."""
        return _files(await self._upload(session_id, json={"urls": list(urls), "source_type": "url"}))

    async def _upload(self, session_id: str, **what: Any) -> Any:
        path = f"/api/upload-video/nemo_agent/me/{session_id}"
        return await self._wire.call("POST", path, doing="uploading", timeout_s=settings.STREAM_IDLE_TIMEOUT_S, **what)

    async def credits(self) -> Json:
        """The balance: `available`, `frozen`, `total`."""
        return _mapping(await self._wire.call("GET", "/api/credits/balance/simple", doing="reading the credits"))

    async def state(self, session_id: str) -> Json:
        """The session's state: `draft`, `video_infos`, `generated_media`, …"""
        data = await self._wire.call(
            "GET", f"/api/state/nemo_agent/me/{session_id}/latest", doing="reading the timeline"
        )
        return _mapping(data.get("state", data))

    async def claim(self, ids: SessionIds) -> str:
        """An address that opens the project in a browser, for seven days, and does nothing else."""
        data = await self._wire.call(
            "POST",
            "/api/auth/claim-token",
            doing="asking for a link",
            json={"task_id": ids.task_id, "session_id": ids.session_id},
        )
        return f"{settings.web_url()}/workspace/claim?ct={data.get('claim_token', '')}"

    async def submit_render(self, session_id: str, draft: Json, output: Json) -> str:
        """Start an export, with a new id once more if the first try fails; give the id that runs."""
        for attempt in (1, 2):
            render_id = f"render_{time.time_ns()}"
            job = {"id": render_id, "sessionId": session_id, "draft": draft, "output": output}
            try:
                await self._wire.call("POST", "/api/render/proxy/lambda", doing="starting the export", json=job)
            except (errors.PlanRequired, errors.InputError, errors.NothingToExport, errors.UsageError):
                raise
            except errors.NemoError:
                if attempt == 2:
                    raise
            else:
                return render_id
        raise AssertionError("unreachable")

    async def render_status(self, render_id: str) -> RenderStatus:
        """Where an export stands."""
        data = await self._wire.call("GET", f"/api/render/proxy/lambda/{render_id}", doing="following the export")
        output = _mapping(data.get("output"))
        return RenderStatus(
            status=str(data.get("status") or "unknown"),
            progress=finite(data.get("progress")) or 0.0,
            url=str(output.get("url") or data.get("outputUrl") or ""),
            message=str(data.get("error") or data.get("message") or ""),
            eta_s=finite(data.get("etaSeconds")),
            poster_url=str(output.get("posterUrl") or ""),
            width=int(finite(output.get("width")) or 0),
            height=int(finite(output.get("height")) or 0),
        )

    async def cancel_render(self, render_id: str) -> None:
        """Stop an export."""
        await self._wire.call("POST", f"/api/render/proxy/lambda/{render_id}/cancel", doing="cancelling the export")

    async def download(
        self, render_id: str, url: str, target: Path, progress: transfers.Progress | None = None
    ) -> None:
        """Fetch a finished film from where it lies, without the bearer token; if that fails, through the service."""
        try:
            await transfers.download(self._assets, url, target, progress)
        except (errors.NetworkError, errors.ProtocolError):
            path = f"/api/render/proxy/{render_id}/download"
            async with self._wire.open("GET", path, doing="downloading the film", accept="*/*") as response:
                await transfers.keep(response, target, progress)

    async def fetch_small(self, url: str) -> bytes:
        """Fetch a file of at most a megabyte into memory, without the bearer token."""
        return await transfers.fetch_small(self._assets, url)


def _files(data: Json) -> list[Json]:
    files = data.get("files")
    return [file for file in files if isinstance(file, Mapping)] if isinstance(files, list) else []


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}
