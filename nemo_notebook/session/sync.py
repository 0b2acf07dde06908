"""The sync face of `AsyncSession`: one generic bridge makes each method of it, with its signature and docstring."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from types import TracebackType
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

from nemo_notebook.film.film import Film
from nemo_notebook.session import loop
from nemo_notebook.session.client import AsyncClient
from nemo_notebook.session.core import Watcher
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.project import AsyncSession
from nemo_notebook.session.records import Jobs, Sessions, Versions
from nemo_notebook.session.results import Reply

P = ParamSpec("P")
T = TypeVar("T")
_REPORTS: Final = ("on_event", "on_progress")
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


def _mirrored(read: Callable[[AsyncSession], T]) -> T:
    """A property that reads the one of the same name of the async session."""
    found: Any = read

    def get(session: Session) -> T:
        value: T = found.fget(session.asynchronous)
        return value

    mirror: Any = property(get, doc=found.__doc__)
    return mirror  # type: ignore[no-any-return]


def _blocking(
    method: Callable[Concatenate[AsyncSession, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Session, P], T]:
    """A method that runs the async one to its end; its callbacks are called on the caller's thread.

    So what they print lands in the caller's cell. An interrupt cancels the work.
    """
    signature = inspect.signature(method)
    reports = [name for name in _REPORTS if name in signature.parameters]

    @functools.wraps(method)
    def call(self: Session, /, *args: P.args, **kwargs: P.kwargs) -> T:
        run = getattr(self.asynchronous, method.__name__)
        given = signature.bind(self, *args, **kwargs)
        told = [name for name in reports if given.arguments.get(name) is not None]
        if not told:
            result: T = self._bridge.run(run(*args, **kwargs))
            return result
        for report, value in self._bridge.iterate(_relayed(run, given, told)):
            if report is None:
                result = value
            else:
                report(value)
        return result

    return call


def _iterated(
    method: Callable[Concatenate[AsyncSession, P], AsyncIterator[T]],
) -> Callable[Concatenate[Session, P], Iterator[T]]:
    """A method that iterates the async one."""

    @functools.wraps(method)
    def call(self: Session, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self._bridge.iterate(getattr(self.asynchronous, method.__name__)(*args, **kwargs))

    signature = inspect.signature(method)
    returns = str(signature.return_annotation).removeprefix("Async")
    call.__signature__ = signature.replace(return_annotation=returns)  # type: ignore[attr-defined]
    return call


async def _relayed(
    run: Callable[..., Coroutine[Any, Any, Any]], given: inspect.BoundArguments, told: Sequence[str]
) -> AsyncIterator[tuple[Callable[[Any], None] | None, Any]]:
    """The calls of some callbacks while a coroutine runs, as (callback, argument); at last (None, result)."""
    reported: asyncio.Queue[tuple[Callable[[Any], None] | None, Any]] = asyncio.Queue()

    def relay(report: Callable[[Any], None]) -> Callable[[Any], None]:
        return lambda value: reported.put_nowait((report, value))

    given.arguments.update((name, relay(given.arguments[name])) for name in told)
    task = asyncio.ensure_future(run(*given.args[1:], **given.kwargs))
    task.add_done_callback(lambda _: reported.put_nowait((None, None)))  # behind all that it has reported
    try:
        while (report := await reported.get())[0] is not None:
            yield report
        yield None, task.result()
    finally:
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


class Session:
    """One project at one backend, without `await`: every verb is that of `AsyncSession`, waited for."""

    def __init__(self, session: AsyncSession, client: AsyncClient, bridge: loop.Bridge) -> None:
        self.asynchronous = session
        self._client = client
        self._bridge = bridge

    id = _mirrored(AsyncSession.id)
    skill = _mirrored(AsyncSession.skill)
    backend = _mirrored(AsyncSession.backend)
    model = _mirrored(AsyncSession.model)
    name = _mirrored(AsyncSession.name)
    language = _mirrored(AsyncSession.language)
    asked_language = _mirrored(AsyncSession.asked_language)
    steps = _mirrored(AsyncSession.steps)
    notes = _mirrored(AsyncSession.notes)

    apply = _blocking(AsyncSession.apply)
    cancel = _blocking(AsyncSession.cancel)
    chat = _blocking(AsyncSession.chat)
    costs = _blocking(AsyncSession.costs)
    credits = _blocking(AsyncSession.credits)
    edit = _blocking(AsyncSession.edit)
    explain = _blocking(AsyncSession.explain)
    export = _blocking(AsyncSession.export)
    history = _blocking(AsyncSession.history)
    jobs = _blocking(AsyncSession.jobs)
    link = _blocking(AsyncSession.link)
    media = _blocking(AsyncSession.media)
    preview = _blocking(AsyncSession.preview)
    redo = _blocking(AsyncSession.redo)
    remove = _blocking(AsyncSession.remove)
    restore = _blocking(AsyncSession.restore)
    resume = _blocking(AsyncSession.resume)
    submit = _blocking(AsyncSession.submit)
    timeline = _blocking(AsyncSession.timeline)
    turns = _blocking(AsyncSession.turns)
    undo = _blocking(AsyncSession.undo)
    upload = _blocking(AsyncSession.upload)
    stream = _iterated(AsyncSession.stream)

    def __repr__(self) -> str:
        return repr(self.asynchronous)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Subscribe to the events of this session; see `AsyncSession.watch`."""
        return self.asynchronous.watch(watcher)

    @property
    def film(self) -> Film[Reply]:
        """The film as an object: `film.shots[2].trim(end_s=1)`, `film.music.volume = 0.35`; see `Film`."""
        self.timeline()
        return self.asynchronous.film.run_by(self._bridge.run, lambda: Versions(self.history(), self.restore))

    def runs_on(self, bridge: loop.Bridge) -> bool:
        """Whether this session waits by way of that bridge."""
        return self._bridge is bridge

    def begin(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Schedule a coroutine on the session's own loop, without waiting for it."""
        return self._bridge.start(work)

    def leave(self) -> None:
        """Close the connections in the background."""
        self._bridge.start(self._client.close())

    def close(self) -> None:
        """Close the connections. The session stays at the backend."""
        self._bridge.run(self._client.close())
