"""The one real client: it owns the backend and opens sessions at it."""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final

import httpx

from nemo_notebook import errors, settings, skills
from nemo_notebook.client import hook as hooks
from nemo_notebook.client.hook import Hook
from nemo_notebook.client.service import Service, SessionIds
from nemo_notebook.errors import NemoError
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.session import backend as backends
from nemo_notebook.session.core import Core
from nemo_notebook.session.journal import Journal, new_journal
from nemo_notebook.session.language import say
from nemo_notebook.session.project import AsyncSession, is_near, move

_INSIDE: Final = str(Path(__file__).resolve().parent.parent)


def be_brief() -> None:
    """From now on, one of our errors that ends a script is told in two lines; every other error as ever.

    Nothing is changed where somebody else cares for uncaught errors (an IDE, a test runner), nor with `python -X dev`.
    """
    if sys.excepthook is sys.__excepthook__ and not sys.flags.dev_mode:
        sys.excepthook = _tell


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not isinstance(error, NemoError):
        sys.__excepthook__(kind, error, trace)
        return
    frames = traceback.extract_tb(trace)
    before = list(itertools.takewhile(lambda frame: not frame.filename.startswith(_INSIDE), frames))
    place = f"{before[-1].filename}:{before[-1].lineno}: " if before else ""
    hint = f"\n   → {error.hint}" if error.hint else ""
    print(f"{place}{error.message}{hint}", file=sys.stderr)  # noqa: T201 - this is where Python itself would write


_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")


class AsyncClient:
    """A client of one backend. Use it as `async with AsyncClient(backend="local") as client`.

    Args:
        backend: `auto`, `local`, `cloud`, or a URL.
        journal: Where it is noted what is begun; as usual if None.
        transport: For tests: what answers instead of the network.
    """

    def __init__(
        self,
        backend: str = "auto",
        *,
        journal: Journal | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        hook: Hook | None = None,
    ) -> None:
        self._wanted = backend
        self._own_hook = hook
        self._journal = journal
        self._transport = transport
        self._backend: backends.Backend | None = None
        self._services: list[Service] = []

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def _hook(self) -> Hook | None:
        return self._own_hook or hooks.current()

    async def backend(self) -> backends.Backend:
        """The backend; the local engine is started when it is first asked for. On a tape, what stands for it."""
        if (played := backends.of_hook(self._hook)) is not None:
            return played
        if self._backend is None:
            self._backend = await asyncio.to_thread(backends.choose, self._wanted)
        return self._backend

    async def _open(self, profile: skills.Skill) -> tuple[Service, backends.Backend]:
        """The endpoints, and where they are as far as the session knows."""
        hook, backend = self._hook, await self.backend()
        is_played = hook is not None and not hook.is_recording
        service = Service(
            backend.url,
            profile,
            token=backend.token,
            successor=backends.successor if backend.is_local and not is_played else None,
            transport=self._transport,
            hook=hook,
        )
        self._services.append(service)
        if hook is None or is_played:
            return service, backend
        hook.connected(self._wanted, backend.url, is_local=backend.is_local, is_anonymous=service.anonymous)
        return service, replace(backend, url=hook.url)

    async def connect(
        self,
        skill: str | None = None,
        *,
        language: str | None = None,
        session: str | None = None,
        name: str = "",
        model: str = "",
        model_name: str = "",
    ) -> AsyncSession:
        """Open a session, or come back to one.

        Args:
            skill: Name of the skill to work as; without one, that of the session, else the first of all.
            language: `auto`, or a tag such as `en` or `zh-CN`; without one, that of the session, else `auto`.
            session: Id, beginning of an id, or name of a session to come back to. What the journal knows of it fills
                what is not said here.
            name: What you call the project; exports are named after it.
            model: The address of a language model that reads what the local engine's own reader is not sure of; see
                `settings.model`.
            model_name: Which model of those that are there.

        Raises:
            UsageError: There is no such skill, or no such address of a model.
            SessionNotFound: There is no such session.
        """
        be_brief()
        hook = self._hook
        journal = self._journal or new_journal(hook)
        known = None if session is None else await asyncio.to_thread(journal.find_session, session)
        session = known.id if known else session
        if session is not None and not _ID.fullmatch(session):
            raise errors.SessionNotFound(f"There is no session {session[:40]!r}.", hint="`%nemo sessions` lists them.")
        if known is not None and self._wanted == "auto" and self._backend is None:
            self._wanted = hook.backend if hook and known.backend == hook.url else known.backend
        profile = skills.load(skill or (known.skill if known else skills.DEFAULT))
        spoken = language or (known.language if known else "auto")
        reader = settings.model(model, model_name)
        service, backend = await self._open(profile)
        if not backend.is_local:
            if model and reader is not None:
                raise errors.UsageError(
                    "Only the local engine lets a model read.", hint="Connect with --backend local as well."
                )
            reader = None
        if session is None:
            ids = await service.create_session("en" if spoken == "auto" else spoken)
        else:
            ids = SessionIds(session, known.task_id if known else "", known.user_id if known else "")
        core = Core(service, backend, profile, ids, spoken, name or (known.name if known else ""), journal, reader)
        if reader is not None:
            core.notes.append(say("model", chinese=core.is_chinese, model=str(reader)))
        if session is not None:
            await self._take_up(core)
        await core.note_session()
        core.notes += await core.storage_notes()
        return AsyncSession(core)

    async def remove(self, session: str, *, forever: bool = False) -> str:
        """Put a project into the trash of this machine; one of a cloud is only taken off the list.

        Args:
            session: Id, beginning of an id, or name.
            forever: Delete it at once, which makes room; it cannot come back then.

        Returns:
            What is to be told of it.

        Raises:
            SessionNotFound: There is no such session.
        """
        return await self._move(session, trashed=True, forever=forever)

    async def restore(self, session: str) -> str:
        """Bring back a project that was removed; for the rest see `remove`."""
        return await self._move(session, trashed=False)

    async def _move(self, session: str, *, trashed: bool, forever: bool = False) -> str:
        journal = self._journal or Journal()
        known = await asyncio.to_thread(journal.find_session, session)
        if known is None:
            raise errors.SessionNotFound(f"There is no session {session[:40]!r}.", hint="`%nemo sessions` lists them.")
        service = None
        if is_near(known):
            self._wanted = known.backend
            service, _ = await self._open(skills.load(skills.DEFAULT))
        return await move(known, journal, service, trashed=trashed, forever=forever)

    async def _take_up(self, core: Core) -> None:
        """See that a session is there, and what its user knows of it: what left turns did is still to be told."""
        journal = core.journal
        try:
            if core.is_engine and (await core.service.trash(core.id, trashed=False)).get("was_trashed"):
                core.notes.append(say("restored", chinese=core.is_chinese))
            state = await core.look()
        except errors.SessionNotFound as error:
            await core.note(journal.bury, core.id)
            where = "the local engine" if core.backend.is_local else core.backend.url
            hint = f"It is not at {where}. `%nemo sessions` lists the sessions; `%nemo connect` opens a new one."
            raise errors.SessionNotFound(error.message, hint=hint) from error
        left = await core.note(journal.jobs, core.id, kind="turn", only_open=True)
        core.known = Timeline(left[-1].detail.get("before") or None, core.language) if left else state.timeline
        uploads = await core.note(journal.jobs, core.id, kind="upload", limit=1000)
        core.sources.update(Path(job.detail["path"]) for job in uploads if isinstance(job.detail.get("path"), str))

    async def close(self) -> None:
        """Close every connection. Sessions stay at the backend."""
        for service in self._services:
            await service.close()
        self._services.clear()
