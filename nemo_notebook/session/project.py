"""One project: upload, chat, look, export, and the way back to what was begun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nemo_notebook import errors
from nemo_notebook.client.connections import is_loopback
from nemo_notebook.client.events import Event, Notice
from nemo_notebook.client.service import Service
from nemo_notebook.files import size_words
from nemo_notebook.film.edit import Edit, parse_all
from nemo_notebook.film.film import Film
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.chatting import Conversation, OnEvent
from nemo_notebook.session.core import Core
from nemo_notebook.session.drafts import Drafts, Plan
from nemo_notebook.session.exporting import Exporter
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.language.words import say
from nemo_notebook.session.meter import OnProgress
from nemo_notebook.session.news import Watcher
from nemo_notebook.session.previewing import Preview, Previewer
from nemo_notebook.session.records import (
    Costs,
    History,
    Job,
    Jobs,
    SessionRecord,
    Turns,
    Versions,
    read_cost,
    read_turn,
)
from nemo_notebook.session.results import Credits, Explanation, MediaList, Reply, Video
from nemo_notebook.session.sending import Sender
from nemo_notebook.session.thumbnails import Thumbnails
from nemo_notebook.settings import ModelAddress
from nemo_notebook.skills import Skill

if TYPE_CHECKING:
    import pandas as pd


class AsyncSession:
    """One project at one backend.

    Args:
        core: What its parts share.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._talk = Conversation(core)
        self._drafts = Drafts(core, self._talk)
        self._sender = Sender(core)
        self._exporter = Exporter(core)
        self._previewer = Previewer(core, self._exporter)
        self._thumbnails = Thumbnails()

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
        """Tell somebody of all that happens in this session, whoever does it; see `session/news.py` for what that is.

        Args:
            watcher: Called on the session's loop, where it must not wait; what it raises is only logged.

        Returns:
            What ends it.
        """
        return self._core.watchers.add(watcher)

    async def upload(self, *what: str | Path, on_progress: OnProgress | None = None) -> MediaList:
        """Upload files, patterns and addresses. All are checked before the first byte is sent.

        Files of a type that the service does not take are converted first, if the extra `local` is there. Bytes that
        the service has already from an earlier upload of this session are not sent again.

        Raises:
            InputError: One of them is missing, empty, too large or of a wrong type; none is sent then.
        """
        return await self._sender.upload(what, on_progress)

    async def stream(self, message: str) -> AsyncIterator[Event]:
        """One turn of chat, event by event, with phrases about the service's web page put into our words.

        Raises:
            NetworkError: The stream broke; `chat` also looks at what the turn has done, and so does `resume`.
        """
        async for event in self._talk.stream(message):
            yield event

    async def chat(self, message: str, on_event: OnEvent | None = None) -> Reply:
        """One turn of chat: send, listen, then read what it did to the timeline.

        Args:
            message: What to say. It is sent once and never again.
            on_event: Told of every event as it comes.

        Raises:
            NetworkError: The stream broke and the timeline has not changed.
            ServiceError: The service refused the turn, or failed in it.
        """
        return await self._talk.chat(message, on_event)

    async def turns(self, limit: int = 200) -> Turns:
        """What was said in this session and what came of it, the oldest first.

        Args:
            limit: How many turns at most; the newest are kept.
        """
        jobs = await self._core.note(self._core.journal.jobs, self.id, kind="turn", limit=limit)
        return Turns(map(read_turn, reversed(jobs)))

    async def media(self) -> MediaList:
        """The media that the session has."""
        return await self._thumbnails.read(self._core.service, (await self._core.look()).media)

    async def timeline(self) -> Timeline:
        """The timeline as it is now."""
        return await self._drafts.timeline()

    async def apply(self, frame: pd.DataFrame | Timeline) -> Reply:
        """Put an edited table back into the timeline, or a whole earlier timeline in its place.

        It is taken as an edit of the timeline that was seen last: of `timeline()`, or of the last reply. What a table
        changes is made by typed edits, which the reply lists. The local engine stores the result; elsewhere it is kept
        in this session, and goes out with the export.

        Args:
            frame: `Timeline.frame` after edits with pandas: rows changed, sorted, dropped or appended.

        Raises:
            InvalidTimeline: Rows of it cannot be; all of them are told at once.
            InvalidEdit: An edit that it asks for cannot be made: parts would overlap, or a file is too short.
            Conflict: The timeline has been changed elsewhere since.
        """
        return await self._drafts.apply(frame)

    async def edit(self, what: str | Mapping[str, Any] | Sequence[Any] | Plan, /, **fields: Any) -> Reply:
        """Change the film by typed edits: all of them as one step of the history, or none.

        Args:
            what: The name of an edit, whose fields follow; or one or several edits, as `{"edit": "add_title", …}` or as
                objects of the classes in `nemo_notebook.film.edits`; or a function that gives such objects when it is
                called with the draft and the uploads that it can show.
            fields: The fields of the edit.

        Returns:
            What was done, what has changed, and the timeline afterwards.

        Raises:
            InvalidEdit: An edit is none, or cannot be made; it names edit, field, value and what is allowed.
            Conflict: The timeline was changed elsewhere at this moment.
        """
        if isinstance(what, str):
            what = {"edit": what, **fields}
        if callable(what):
            return await self._drafts.edit(what)
        several = [what] if isinstance(what, (Mapping, Edit)) else what
        return await self._drafts.edit(parse_all(several))

    @property
    def film(self) -> Film[Awaitable[Reply]]:
        """The film as an object, as it was last looked at; its methods are awaited."""

        async def do(edits: Sequence[Edit], base: Mapping[str, Any]) -> Reply:
            return await self._drafts.edit(edits, base)

        async def history() -> Versions[Awaitable[Reply]]:
            return Versions(await self.history(), self.restore)

        return Film(lambda: self._core.now.draft, do, history)

    async def explain(self, message: str) -> Explanation:
        """How the local engine would read a message; nothing is done.

        Raises:
            UsageError: The session is in a cloud, which does not tell.
        """
        if not self.backend.is_local:
            raise errors.UsageError("Only the local engine tells how it reads a message.")
        return Explanation.from_json(await self._core.service.explain(self.id, message))

    async def undo(self) -> Reply:
        """Take the last edit back, whether it was said or made in the table; the reply tells what it was.

        Raises:
            UsageError: There is none.
        """
        return await self._drafts.undo()

    async def redo(self) -> Reply:
        """Make an edit that was taken back once more.

        Raises:
            UsageError: None was taken back since the last edit.
        """
        return await self._drafts.redo()

    async def restore(self, number: int) -> Reply:
        """Go to a version of the history, an earlier or a later one, by its number.

        Raises:
            UsageError: The history has none of that number.
            Conflict: The timeline was changed elsewhere at this moment.
        """
        return await self._drafts.restore(number)

    async def history(self) -> History:
        """The drafts of this session, the newest first, and which of them holds now."""
        return await self._drafts.history()

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

    async def export(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str | None = None,
        resolution: str | None = None,
        preset: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """Render the timeline and save it. An export of the same film that was left before is come back to.

        Args:
            path: Where to; without one, a free name made from the title, in the working directory.
            format: File type; without one, the path's ending, else mp4.
            quality: `low`, `medium` or `high`; without one, the preset's, else `high`.
            resolution: `720p`, `1080p` or `4k`; without one, the timeline's own.
            preset: For which platform, by a name in `session/presets.py`, such as `tiktok`: a copy of the timeline is
                given its shape and, where it must be, its length. A cloud backend gets the same fields of the draft as
                the local engine; whether it heeds them is its own matter.
            on_progress: Told how far it is.

        Raises:
            NothingToExport: The timeline is empty.
            UsageError: There is no such form, or the platform would refuse a film of this length.
            RenderFailed: The render failed or was cancelled.
        """
        output = {"format": format, "quality": quality, "resolution": resolution, "preset": preset}
        return await self._exporter.finish(await self._exporter.begin(path, output, waits=True), on_progress)

    async def submit(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str | None = None,
        resolution: str | None = None,
        preset: str | None = None,
    ) -> Job:
        """Begin an export as `export` does, without waiting for it; `resume` saves it later."""
        output = {"format": format, "quality": quality, "resolution": resolution, "preset": preset}
        return await self._exporter.begin(path, output, waits=False)

    async def preview(self, on_progress: OnProgress | None = None) -> Preview:
        """Render the timeline small and quickly, as a film that a player can read in pieces; only what is new of it.

        It is no export: neither noted nor listed. A newer preview of the session ends an older one, and who no longer
        waits for one ends it.

        Args:
            on_progress: Told how far it is.

        Raises:
            NothingToExport: The timeline is empty.
            UsageError: The backend makes no previews: only the local engine does.
            RenderFailed: It failed.
            Conflict: The timeline changes faster than it can be rendered.
        """
        return await self._previewer.preview(on_progress)

    async def jobs(self, *, everywhere: bool = False) -> Jobs:
        """What was begun in this session, or in all, with how open exports of this one stand now."""
        core = self._core
        jobs = await core.note(core.journal.recent, None if everywhere else self.id)
        asked = [job for job in jobs if job.is_open and job.kind == "render" and job.session_id == self.id]
        found = dict(zip(asked, await asyncio.gather(*map(self._exporter.stands, asked)), strict=True))
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
            return await self._exporter.finish(job, on_progress)
        if job.kind == "upload":
            return await self._sender.resume(job, on_progress)
        return await self._talk.come_back(job, lambda words: on_event(Notice(words)) if on_event else None)

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
            return await self._exporter.cancel(job)
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
