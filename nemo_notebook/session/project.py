"""The async session of one project: the verbs of its parts, and what needs more than one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from nemo_notebook import errors
from nemo_notebook.client.events import Notice
from nemo_notebook.client.service import Service
from nemo_notebook.client.transport import is_loopback
from nemo_notebook.files import size_words
from nemo_notebook.outside import finite
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.chat import OnEvent
from nemo_notebook.session.core import Watcher
from nemo_notebook.session.history import EditPart
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.language import say
from nemo_notebook.session.previews import PreviewPart
from nemo_notebook.session.records import Costs, Job, Jobs, SessionRecord, Turns, read_cost, read_turn
from nemo_notebook.session.results import Credits, Explanation, MediaList, OnProgress, Reply, Video
from nemo_notebook.session.uploads import UploadPart
from nemo_notebook.settings import ModelAddress
from nemo_notebook.skills import Skill


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
        return Turns(map(read_turn, reversed(jobs)))

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
        costs = Costs(map(read_cost, turns))
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
        self, job_id: str | None = None, *, on_event: OnEvent | None = None, on_progress: OnProgress | None = None
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
