"""The one real client: it owns the backend and opens sessions at it."""

from __future__ import annotations

import asyncio
from types import TracebackType

import httpx

from nemo_notebook import errors, skills
from nemo_notebook.client.service import Service, SessionIds
from nemo_notebook.session import backend as backends
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
        await self.backend()
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
        self, skill: str = skills.DEFAULT, *, language: str = "auto", session: str | None = None, name: str = ""
    ) -> AsyncSession:
        """Open a session, or come back to one.

        Args:
            skill: Name of the skill to work as.
            language: `auto`, or a tag such as `en` or `zh-CN`.
            session: Id of a session to come back to.
            name: What you call the project; exports are named after it.

        Raises:
            UsageError: There is no such skill.
            SessionNotFound: There is no such session.
        """
        if session is not None and not session.isdigit():
            raise errors.SessionNotFound(f"{session[:40]!r} is no session's id: those are numbers.")
        profile = skills.load(skill)
        backend = await self.backend()
        service = Service(backend.url, profile, token=backend.token, transport=self._transport)
        self._services.append(service)
        if session is None:
            ids = await service.create_session("en" if language == "auto" else language)
        else:
            ids = SessionIds(session, "", "")
        opened = AsyncSession(service, backend, profile, ids, language, name)
        if session is not None:
            await opened.timeline()
        return opened

    async def close(self) -> None:
        """Close every connection. Sessions stay at the backend."""
        for service in self._services:
            await service.close()
        self._services.clear()
