"""The async client, which owns the backend and opens sessions at it; the async session of one project."""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final

import httpx

from nemo_notebook import errors, settings, skills
from nemo_notebook.client import hook as hooks
from nemo_notebook.client.events import Notice
from nemo_notebook.client.service import Service, SessionIds
from nemo_notebook.client.transport import is_loopback
from nemo_notebook.errors import NemoError
from nemo_notebook.files import size_words
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite
from nemo_notebook.session import backend as backends
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.chat import OnEvent
from nemo_notebook.session.core import Core, Watcher
from nemo_notebook.session.history import EditPart
from nemo_notebook.session.journal import Journal, new_journal
from nemo_notebook.session.language import say
from nemo_notebook.session.previews import PreviewPart
from nemo_notebook.session.records import Costs, Job, Jobs, SessionRecord, Turn, Turns
from nemo_notebook.session.results import Credits, Explanation, MediaList, Reply, ReportProgress, Video
from nemo_notebook.session.uploads import UploadPart
from nemo_notebook.settings import ModelAddress
from nemo_notebook.skills import Skill

_INSIDE: Final = str(Path(__file__).resolve().parent.parent)
_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")


class AsyncSession(EditPart, UploadPart, PreviewPart):
    """One project at one backend.

    Args:
        core: What its parts share.
    """

    @property
    def id(self) -> str:
        """The session's id at the service."""
        return self._core.id

    @property
    def backend(self) -> Backend:
        """Where it runs."""
        return self._core.backend

    @property
    def model(self) -> ModelAddress | None:
        """The language model behind the chat, if there is one."""
        return self._core.model

    @property
    def skill(self) -> Skill:
        """The skill it works as."""
        return self._core.skill

    @property
    def name(self) -> str:
        """What the user calls the project."""
        return self._core.name

    @property
    def language(self) -> str:
        """The language that changes and summaries are told in."""
        return self._core.language

    @property
    def asked_language(self) -> str:
        """The language that the user has asked for, or `auto`."""
        return self._core.asked_language

    @property
    def steps(self) -> tuple[int, int]:
        """How many edits could be undone, and how many redone, when the timeline was last looked at.

        Where a backend keeps no drafts, one to undo: it is asked in the chat to take back what it did.
        """
        return self._core.steps

    @property
    def notes(self) -> tuple[str, ...]:
        """What there was to say when it was opened, a sentence each."""
        return tuple(self._core.notes)

    def __repr__(self) -> str:
        where = "local engine" if self.backend.is_local else "cloud"
        where = f"{where} · {self.model}" if self.model else where
        return f"<Session {self.id} · {self.skill.title} · {where}>"

    async def remove(self) -> str:
        """Put this project into the trash of this machine, from which `connect` brings it back within a week.

        One of a cloud is only taken off the list of sessions. Gives what is to be told.
        """
        core = self._core
        await core.note_session()
        known = await core.note(core.journal.session, core.id)
        assert known is not None
        return await move(known, core.journal, None if core.service.hook else core.service, trashed=True)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Subscribe to the events of this session, whoever causes them; see `session/core.py` for their classes.

        Args:
            watcher: Called on the session's loop, where it must not wait; what it raises is only logged.

        Returns:
            Ends the subscription.
        """
        return self._core.watchers.add(watcher)

    async def turns(self, limit: int = 200) -> Turns:
        """What was said in this session and what came of it, the oldest first.

        Args:
            limit: How many turns at most; the newest are kept.
        """
        jobs = await self._core.note(self._core.journal.jobs, self.id, kind="turn", limit=limit)
        return Turns(map(Turn.read, reversed(jobs)))

    async def explain(self, message: str) -> Explanation:
        """How the local engine would read a message; nothing is done.

        Raises:
            UsageError: The session is in a cloud, which does not tell.
        """
        if not self.backend.is_local:
            raise errors.UsageError("Only the local engine tells how it reads a message.")
        return Explanation.from_json(await self._core.service.explain(self.id, message))

    async def credits(self) -> Credits:
        """The balance of the account."""
        data = await self._core.service.credits()
        available, frozen, total = (finite(data.get(key)) or 0.0 for key in ("available", "frozen", "total"))
        return Credits(available, frozen, total, free=self.backend.is_local)

    async def costs(self) -> Costs:
        """What each turn of this session cost, the newest first."""
        turns = await self._core.note(self._core.journal.jobs, self.id, kind="turn", limit=1000)
        costs = Costs(map(Turn.read, turns))
        costs.free = self.backend.is_local
        return costs

    async def link(self) -> str:
        """The address that opens this project in the service's web page, for seven days, for whoever has it.

        It is a secret: it must not be shown, logged or kept.

        Raises:
            UsageError: The local engine has no web page, and a tape has none behind it.
        """
        if self.backend.is_local:
            raise errors.UsageError(
                "The local engine has no web page: this project is on your machine only.",
                hint="`%nemo studio` opens it as a panel.",
            )
        link, hook = await self._core.service.claim(self._core.ids), self._core.service.hook
        if hook is not None and not hook.is_recording:
            hint = "`%nemo tape off`, then connect, and open the project from there."
            raise errors.UsageError("This session is played from a tape: there is no web page behind it.", hint=hint)
        return str(hook.real(link)) if hook else link

    async def jobs(self, *, everywhere: bool = False) -> Jobs:
        """What was begun in this session, or in all, with how open exports of this one stand now."""
        core = self._core
        jobs = await core.note(core.journal.recent, None if everywhere else self.id)
        asked = [job for job in jobs if job.is_open and job.kind == "render" and job.session_id == self.id]
        found = dict(zip(asked, await asyncio.gather(*map(self._export_state, asked)), strict=True))
        return Jobs(replace(job, now=found.get(job, "")) for job in jobs)

    async def resume(
        self, job_id: str | None = None, *, on_event: OnEvent | None = None, on_progress: ReportProgress | None = None
    ) -> Video | Reply | MediaList:
        """Come back to something that was begun: by default the newest that was not seen to its end.

        An export is followed and saved, an upload is looked for and sent if need be, a turn's changes are told.

        Raises:
            JobNotFound: There is nothing of that id, or nothing to come back to.
        """
        job = await self._find(job_id)
        if job.kind == "render":
            return await self._finish_export(job, on_progress)
        if job.kind == "upload":
            return await self._resume_upload(job, on_progress)
        return await self._resume_turn(job, lambda words: on_event(Notice(words)) if on_event else None)

    async def cancel(self, job_id: str | None = None) -> Job:
        """Stop something that was begun: by default the newest open export.

        Raises:
            JobNotFound: There is nothing of that id, or nothing to stop.
            UsageError: It is a turn: what was said cannot be taken back.
        """
        job = await self._find(job_id, kind=None if job_id else "render")
        if not job.is_open:
            raise errors.UsageError(f"{job.id} is over: {job.state}.", hint="`%nemo jobs` shows what is open.")
        if job.kind == "turn":
            raise errors.UsageError("What was said cannot be taken back.", hint="`%nemo undo` takes back what it did.")
        if job.kind == "render":
            return await self._cancel_export(job)
        return await self._core.note(self._core.journal.settle, job, "cancelled")

    async def _find(self, job_id: str | None, kind: str | None = None) -> Job:
        core = self._core
        if job_id is None:
            found = await core.note(core.journal.jobs, self.id, kind=kind, only_open=True, limit=1)
            if not found:
                raise errors.JobNotFound("There is nothing open in this session.")
            return found[0]
        job = await core.note(core.journal.job, job_id)
        if job is None or job.session_id != self.id:
            elsewhere = "" if job is None else f" It belongs to session {job.session_id}."
            raise errors.JobNotFound(f"There is no {job_id[:60]!r} in this session.{elsewhere}")
        return job


async def move(
    known: SessionRecord, journal: Journal, service: Service | None, *, trashed: bool, forever: bool = False
) -> str:
    """Put a project into the trash of an engine on this machine, or take it out; gives what is to be told.

    Args:
        known: The project; one of a cloud is only taken off the list, or put back.
        journal: Where it is listed.
        service: What reaches its engine, if there is one.
        trashed: Whether it goes or comes back.
        forever: Whether it goes at once, and cannot come back.
    """
    what, told = "unlisted" if trashed else "back", {"name": known.name or known.id, "id": known.id}
    if service and is_near(known):
        found = await service.trash(known.id, trashed=trashed, forever=forever)
        if trashed:
            what, told["size"] = "deleted" if forever else "removed", size_words(found.get("bytes") or 0)
    await asyncio.to_thread(journal.remove if trashed else journal.restore, known.id)
    return say(what, chinese=known.language.startswith("zh"), **told)


def is_near(known: SessionRecord) -> bool:
    """Whether an engine on this machine has a project."""
    return known.backend == "local" or is_loopback(known.backend)


def shorten_tracebacks() -> None:
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
    ) -> None:
        self._wanted = backend
        self._journal = journal
        self._transport = transport
        self._backend: Backend | None = None
        self._services: list[Service] = []

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def backend(self) -> Backend:
        """The backend; the local engine is started when it is first asked for. On a tape, what stands for it."""
        if (played := backends.of_hook(hooks.current_hook())) is not None:
            return played
        if self._backend is None:
            self._backend = await asyncio.to_thread(backends.choose, self._wanted)
        return self._backend

    async def _open(self, profile: skills.Skill) -> tuple[Service, Backend]:
        """The endpoints, and where they are as far as the session knows."""
        hook, backend = hooks.current_hook(), await self.backend()
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
        shorten_tracebacks()
        hook = hooks.current_hook()
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
            await core.note(journal.end_session, core.id)
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
