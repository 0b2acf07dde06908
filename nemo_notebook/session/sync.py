"""The same for callers that do not await: a thin bridge with no logic of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from nemo_notebook import skills
from nemo_notebook.client.events import Event
from nemo_notebook.session import loop
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.client import AsyncClient
from nemo_notebook.session.meter import OnProgress
from nemo_notebook.session.project import AsyncSession, OnEvent
from nemo_notebook.session.results import Credits, MediaList, Reply, Video
from nemo_notebook.timeline.timeline import Timeline

T = TypeVar("T")
R = TypeVar("R")


def connect(
    skill: str = skills.DEFAULT,
    backend: str = "auto",
    *,
    language: str = "auto",
    session: str | None = None,
    name: str = "",
) -> Session:
    """Open a session, or come back to one; works in a script, in a notebook and within a running loop.

    Args:
        skill: Name of the skill to work as.
        backend: `auto`, `local`, `cloud`, or a URL.
        language: `auto`, or a tag such as `en` or `zh-CN`.
        session: Id of a session to come back to.
        name: What you call the project; exports are named after it.
    """
    bridge = loop.shared()
    client = AsyncClient(backend)
    try:
        opened = bridge.run(client.connect(skill, language=language, session=session, name=name))
    except BaseException:
        bridge.run(client.close())
        raise
    return Session(opened, client, bridge)


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
    def language(self) -> str:
        """The language that changes and summaries are told in."""
        return self.asynchronous.language

    def __repr__(self) -> str:
        return repr(self.asynchronous)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def upload(self, *what: str | Path, on_progress: OnProgress | None = None) -> MediaList:
        """Upload files, patterns and addresses; see `AsyncSession.upload`."""
        return self._reporting(on_progress, lambda tell: self.asynchronous.upload(*what, on_progress=tell))

    def stream(self, message: str) -> Iterator[Event]:
        """One turn of chat, event by event; see `AsyncSession.stream`."""
        return self._bridge.iterate(self.asynchronous.stream(message))

    def chat(self, message: str, on_event: OnEvent | None = None) -> Reply:
        """One turn of chat; see `AsyncSession.chat`."""
        return self._reporting(on_event, lambda tell: self.asynchronous.chat(message, tell))

    def timeline(self) -> Timeline:
        """The timeline as it is now."""
        return self._bridge.run(self.asynchronous.timeline())

    def credits(self) -> Credits:
        """The balance of the account."""
        return self._bridge.run(self.asynchronous.credits())

    def export(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str = "high",
        resolution: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """Render the timeline and save it; see `AsyncSession.export`."""
        return self._reporting(
            on_progress,
            lambda tell: self.asynchronous.export(
                path, format=format, quality=quality, resolution=resolution, on_progress=tell
            ),
        )

    def close(self) -> None:
        """Close the connections. The session stays at the backend."""
        self._bridge.run(self._client.close())

    def _reporting(
        self, report: Callable[[R], None] | None, work: Callable[[Callable[[R], None] | None], Coroutine[Any, Any, T]]
    ) -> T:
        """Run some work; its reports are made here, on the caller's thread, so that they show in the caller's cell."""
        if report is None:
            return self._bridge.run(work(None))
        result: list[T] = []
        for is_report, value in self._bridge.iterate(_reports(work)):
            if is_report:
                report(value)
            else:
                result.append(value)
        return result[0]


async def _reports(
    work: Callable[[Callable[[R], None]], Coroutine[Any, Any, T]],
) -> AsyncIterator[tuple[bool, Any]]:
    """What some work reports while it runs, each with True, and at last its result, with False."""
    reported: asyncio.Queue[R] = asyncio.Queue()
    task = asyncio.ensure_future(work(reported.put_nowait))
    waiting: asyncio.Future[R] | None = None
    try:
        while not task.done():
            waiting = asyncio.ensure_future(reported.get())
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                yield True, waiting.result()
            else:
                waiting.cancel()
        while not reported.empty():
            yield True, reported.get_nowait()
        yield False, task.result()
    finally:
        if waiting is not None:
            waiting.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
