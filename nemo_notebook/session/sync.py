"""The same for callers that do not await: a thin bridge with no logic of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from nemo_notebook import skills
from nemo_notebook.client.events import Event
from nemo_notebook.film.film import Film
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.session import loop
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.chatting import OnEvent
from nemo_notebook.session.client import AsyncClient
from nemo_notebook.session.drafts import Plan
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.meter import OnProgress
from nemo_notebook.session.news import Watcher
from nemo_notebook.session.previewing import Preview
from nemo_notebook.session.project import AsyncSession
from nemo_notebook.session.records import Costs, History, Job, Jobs, Sessions, Turns, Versions
from nemo_notebook.session.results import Credits, Explanation, MediaList, Reply, Video
from nemo_notebook.settings import ModelAddress

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
_LOG: Final = logging.getLogger("nemo_notebook")


def connect(
    skill: str | None = None,
    backend: str = "auto",
    *,
    language: str | None = None,
    session: str | None = None,
    name: str = "",
    model: str = "",
    model_name: str = "",
) -> Session:
    """Open a session, or come back to one; works in a script, in a notebook and within a running loop.

    Args:
        skill: Name of the skill to work as; without one, that of the session, else the first of all.
        backend: `auto`, `local`, `cloud`, or a URL; `auto` goes back to where the session is.
        language: `auto`, or a tag such as `en` or `zh-CN`; without one, that of the session, else `auto`.
        session: Id of a session to come back to; `sessions()` lists them.
        name: What you call the project; exports are named after it.
        model: The address of a language model behind the chat of the local engine: what it is sent is told.
        model_name: Which model of those that are there.
    """
    bridge = loop.shared()
    how: dict[str, Any] = {"skill": skill, "language": language, "session": session, "name": name}
    how |= {"model": model, "model_name": model_name}
    opened = bridge.run(open_session(bridge, backend, **how))
    for note in opened.notes:
        _LOG.warning("%s", note)
    return opened


async def open_session(bridge: loop.Bridge, backend: str = "auto", **how: Any) -> Session:
    """What `connect` does, for callers that await on a bridge's own loop; the session goes on running there."""
    client = AsyncClient(backend)
    try:
        return Session(await client.connect(**how), client, bridge)
    except BaseException:
        await client.close()
        raise


def sessions() -> Sessions:
    """The sessions that were opened from here, the one used last first. Nothing is contacted."""
    return Sessions(Journal().sessions())


def jobs(session: str | None = None) -> Jobs:
    """What was begun from here, the newest first, of one session or of all. Nothing is contacted."""
    return Jobs(Journal().recent(session))


class Session:
    """One project at one backend, without `await`."""

    def __init__(self, session: AsyncSession, client: AsyncClient, bridge: loop.Bridge) -> None:
        self.asynchronous = session
        self._client = client
        self._bridge = bridge

    @property
    def id(self) -> str:
        """The session's id at the service."""
        return self.asynchronous.id

    @property
    def skill(self) -> skills.Skill:
        """The skill it works as."""
        return self.asynchronous.skill

    @property
    def backend(self) -> Backend:
        """Where it runs."""
        return self.asynchronous.backend

    @property
    def model(self) -> ModelAddress | None:
        """The language model behind the chat, if there is one."""
        return self.asynchronous.model

    @property
    def name(self) -> str:
        """What the user calls the project."""
        return self.asynchronous.name

    @property
    def language(self) -> str:
        """The language that changes and summaries are told in."""
        return self.asynchronous.language

    @property
    def asked_language(self) -> str:
        """The language that the user has asked for, or `auto`."""
        return self.asynchronous.asked_language

    @property
    def steps(self) -> tuple[int, int]:
        """How many edits can be undone, and how many redone; see `AsyncSession.steps`."""
        return self.asynchronous.steps

    @property
    def notes(self) -> tuple[str, ...]:
        """What there was to say when it was opened, a sentence each."""
        return self.asynchronous.notes

    def __repr__(self) -> str:
        return repr(self.asynchronous)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def remove(self) -> str:
        """Put this project into the trash for a week; see `AsyncSession.remove`."""
        return self._bridge.run(self.asynchronous.remove())

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tell somebody of all that happens in this session; see `AsyncSession.watch`."""
        return self.asynchronous.watch(watcher)

    def upload(self, *what: str | Path, on_progress: OnProgress | None = None) -> MediaList:
        """Upload files, patterns and addresses; see `AsyncSession.upload`."""
        return self._reporting(None, on_progress, lambda _, tell: self.asynchronous.upload(*what, on_progress=tell))

    def stream(self, message: str) -> Iterator[Event]:
        """One turn of chat, event by event; see `AsyncSession.stream`."""
        return self._bridge.iterate(self.asynchronous.stream(message))

    def chat(self, message: str, on_event: OnEvent | None = None) -> Reply:
        """One turn of chat; see `AsyncSession.chat`."""
        return self._reporting(on_event, None, lambda tell, _: self.asynchronous.chat(message, tell))

    def turns(self, limit: int = 200) -> Turns:
        """What was said in this session and what came of it; see `AsyncSession.turns`."""
        return self._bridge.run(self.asynchronous.turns(limit))

    def media(self) -> MediaList:
        """The media that the session has."""
        return self._bridge.run(self.asynchronous.media())

    def timeline(self) -> Timeline:
        """The timeline as it is now."""
        return self._bridge.run(self.asynchronous.timeline())

    def apply(self, frame: pd.DataFrame | Timeline) -> Reply:
        """Put an edited table back into the timeline; see `AsyncSession.apply`."""
        return self._bridge.run(self.asynchronous.apply(frame))

    def edit(self, what: str | Mapping[str, Any] | Sequence[Any] | Plan, /, **fields: Any) -> Reply:
        """Change the film by typed edits; see `AsyncSession.edit`."""
        return self._bridge.run(self.asynchronous.edit(what, **fields))

    @property
    def film(self) -> Film[Reply]:
        """The film as an object: `film.shots[2].trim(end_s=1)`, `film.music.volume = 0.35`; see `Film`."""
        self.timeline()
        return self.asynchronous.film.run_by(self._bridge.run, lambda: Versions(self.history(), self.restore))

    def undo(self) -> Reply:
        """Take the last edit back; see `AsyncSession.undo`."""
        return self._bridge.run(self.asynchronous.undo())

    def redo(self) -> Reply:
        """Make an edit that was taken back once more; see `AsyncSession.redo`."""
        return self._bridge.run(self.asynchronous.redo())

    def restore(self, number: int) -> Reply:
        """Go to a version of the history; see `AsyncSession.restore`."""
        return self._bridge.run(self.asynchronous.restore(number))

    def history(self) -> History:
        """The drafts of this session, the newest first, and which of them holds now."""
        return self._bridge.run(self.asynchronous.history())

    def explain(self, message: str) -> Explanation:
        """How the local engine would read a message; see `AsyncSession.explain`."""
        return self._bridge.run(self.asynchronous.explain(message))

    def credits(self) -> Credits:
        """The balance of the account."""
        return self._bridge.run(self.asynchronous.credits())

    def link(self) -> str:
        """The address that opens this project in the service's web page: a secret; see `AsyncSession.link`."""
        return self._bridge.run(self.asynchronous.link())

    def export(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str | None = None,
        resolution: str | None = None,
        preset: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """Render the timeline and save it; see `AsyncSession.export`."""
        return self._reporting(
            None,
            on_progress,
            lambda _, tell: self.asynchronous.export(
                path, format=format, quality=quality, resolution=resolution, preset=preset, on_progress=tell
            ),
        )

    def submit(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str | None = None,
        resolution: str | None = None,
        preset: str | None = None,
    ) -> Job:
        """Begin an export without waiting for it; see `AsyncSession.submit`."""
        how = {"format": format, "quality": quality, "resolution": resolution, "preset": preset}
        return self._bridge.run(self.asynchronous.submit(path, **how))

    def preview(self, on_progress: OnProgress | None = None) -> Preview:
        """Render the timeline for a look at it; see `AsyncSession.preview`."""
        return self._reporting(None, on_progress, lambda _, tell: self.asynchronous.preview(tell))

    def costs(self) -> Costs:
        """What each turn of this session cost, the newest first."""
        return self._bridge.run(self.asynchronous.costs())

    def jobs(self, *, everywhere: bool = False) -> Jobs:
        """What was begun in this session, or in all; see `AsyncSession.jobs`."""
        return self._bridge.run(self.asynchronous.jobs(everywhere=everywhere))

    def resume(
        self, job_id: str | None = None, *, on_event: OnEvent | None = None, on_progress: OnProgress | None = None
    ) -> Video | Reply | MediaList:
        """Come back to something that was begun; see `AsyncSession.resume`."""
        return self._reporting(
            on_event,
            on_progress,
            lambda event, progress: self.asynchronous.resume(job_id, on_event=event, on_progress=progress),
        )

    def cancel(self, job_id: str | None = None) -> Job:
        """Stop something that was begun; see `AsyncSession.cancel`."""
        return self._bridge.run(self.asynchronous.cancel(job_id))

    def runs_on(self, bridge: loop.Bridge) -> bool:
        """Whether that is how it waits."""
        return self._bridge is bridge

    def begin(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Begin some work with `asynchronous` on the session's own loop, and go on."""
        return self._bridge.start(work)

    def leave(self) -> None:
        """Close the connections in a while, without waiting for it."""
        self._bridge.start(self._client.close())

    def close(self) -> None:
        """Close the connections. The session stays at the backend."""
        self._bridge.run(self._client.close())

    def _reporting(
        self,
        on_event: OnEvent | None,
        on_progress: OnProgress | None,
        work: Callable[[OnEvent | None, OnProgress | None], Coroutine[Any, Any, T]],
    ) -> T:
        """Run some work; its reports are made here, on the caller's thread, so that they show in the caller's cell."""
        if on_event is None and on_progress is None:
            return self._bridge.run(work(None, None))
        result: list[T] = []
        for report, value in self._bridge.iterate(_reports(on_event, on_progress, work)):
            if report is None:
                result.append(value)
            else:
                report(value)
        return result[0]


async def _reports(
    on_event: OnEvent | None,
    on_progress: OnProgress | None,
    work: Callable[[OnEvent | None, OnProgress | None], Coroutine[Any, Any, T]],
) -> AsyncIterator[tuple[Callable[[Any], None] | None, Any]]:
    """What some work reports while it runs, each with whom to tell, and at last its result, with nobody to tell."""
    reported: asyncio.Queue[tuple[Callable[[Any], None], Any]] = asyncio.Queue()

    def relay(report: Callable[[Any], None] | None) -> Callable[[Any], None] | None:
        return None if report is None else lambda value: reported.put_nowait((report, value))

    task = asyncio.ensure_future(work(relay(on_event), relay(on_progress)))
    waiting: asyncio.Future[tuple[Callable[[Any], None], Any]] | None = None
    try:
        while not task.done():
            waiting = asyncio.ensure_future(reported.get())
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                yield waiting.result()
            else:
                waiting.cancel()
        while not reported.empty():
            yield reported.get_nowait()
        yield None, task.result()
    finally:
        if waiting is not None:
            waiting.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
