"""The one real client: it owns the backend and opens sessions at it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType

import httpx

from nemo_notebook import errors, skills
from nemo_notebook.client.service import Service, SessionIds
from nemo_notebook.session import backend as backends
from nemo_notebook.session.core import Core
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.project import AsyncSession


class AsyncClient:
    """A client of one backend. Use it as `async with AsyncClient(backend="local") as client`.

    Args:
        backend: `auto`, `local`, `cloud`, or a URL.
        transport: For tests: what answers instead of the network.
    """

    def __init__(self, backend: str = "auto", *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._wanted = backend
        self._transport = transport
        self._backend: backends.Backend | None = None
        self._services: list[Service] = []

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def backend(self) -> backends.Backend:
        """The backend; the local engine is started when it is first asked for."""
        if self._backend is None:
            self._backend = await asyncio.to_thread(backends.choose, self._wanted)
        return self._backend

    async def connect(
        self, skill: str | None = None, *, language: str | None = None, session: str | None = None, name: str = ""
    ) -> AsyncSession:
        """Open a session, or come back to one.

        Args:
            skill: Name of the skill to work as; without one, that of the session, else the first of all.
            language: `auto`, or a tag such as `en` or `zh-CN`; without one, that of the session, else `auto`.
            session: Id of a session to come back to. What the journal knows of it fills what is not said here.
            name: What you call the project; exports are named after it.

        Raises:
            UsageError: There is no such skill.
            SessionNotFound: There is no such session.
        """
        if session is not None and not session.isdigit():
            raise errors.SessionNotFound(
                f"{session[:40]!r} is no session's id: those are numbers.", hint="`%nemo sessions` lists them."
            )
        journal = Journal()
        known = None if session is None else await asyncio.to_thread(journal.session, session)
        if known is not None and self._wanted == "auto" and self._backend is None:
            self._wanted = known.backend
        profile = skills.load(skill or (known.skill if known else skills.DEFAULT))
        spoken = language or (known.language if known else "auto")
        backend = await self.backend()
        service = Service(backend.url, profile, token=backend.token, transport=self._transport)
        self._services.append(service)
        if session is None:
            ids = await service.create_session("en" if spoken == "auto" else spoken)
        else:
            ids = SessionIds(session, known.task_id if known else "", known.user_id if known else "")
        core = Core(service, backend, profile, ids, spoken, name or (known.name if known else ""), journal)
        if session is not None:
            await core.look()
            core.sources.update(await asyncio.to_thread(_sources, journal, session))
        await core.note_session()
        return AsyncSession(core)

    async def close(self) -> None:
        """Close every connection. Sessions stay at the backend."""
        for service in self._services:
            await service.close()
        self._services.clear()


def _sources(journal: Journal, session_id: str) -> set[Path]:
    uploads = journal.jobs(session_id, kind="upload", limit=1000)
    return {Path(job.detail["path"]) for job in uploads if isinstance(job.detail.get("path"), str)}
