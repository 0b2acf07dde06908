"""The sync face of `AsyncSession`: one generic bridge makes each method of it, with its signature and docstring.

All HTTP runs on one background thread. A notebook's own event loop is no place for it: what a cell awaits there stops
when the cell is busy, and which cell an output lands in then depends on the kernel. A thread of our own behaves alike
in every kernel, script and console. `NestedLoop` is the alternative for those who need everything on one thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import inspect
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import cache
from typing import Any, Concatenate, Final, Generic, ParamSpec, Self, TypeVar

from nemo_notebook.errors import UsageError
from nemo_notebook.film.film import Film
from nemo_notebook.session.core import Watcher, reports_of
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.project import AsyncClient, AsyncSession
from nemo_notebook.session.records import Jobs, Sessions, Versions
from nemo_notebook.session.results import Reply

_P = ParamSpec("_P")
_T = TypeVar("_T")
_REPORTS: Final = ("on_event", "on_progress")
_LOG: Final = logging.getLogger("nemo_notebook")
_TICK_S: Final = 0.1  # how often a wait looks up, so that an interrupt is noticed on Windows too
_GOODBYE_S: Final = 2.0
_END: Final = object()


class _Cancellable(Generic[_T]):
    """Work that can be cancelled even when an interrupt came before its future was returned."""

    def __init__(self, work: Coroutine[Any, Any, _T]) -> None:
        self._work = work
        self._task: asyncio.Task[Any] | None = None
        self.ended = asyncio.Event()

    async def run(self) -> _T:
        self._task = asyncio.current_task()
        try:
            return await self._work
        finally:
            self.ended.set()

    async def cancel(self) -> None:
        """Cancel the work and wait for its end; a loop starts tasks in order, so that `run` has begun."""
        if self._task is None:
            self._work.close()
        else:
            self._task.cancel()
            await self.ended.wait()


class Bridge:
    """Runs coroutines for callers that do not await, on an event loop in a daemon thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = threading.Thread(target=self._serve, name="nemo-notebook", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def start(self, work: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        """Begin some work and go on; to cancel the future is to cancel the work."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def wait(self, future: concurrent.futures.Future[_T], timeout_s: float | None = None) -> _T:
        """Wait for what was started; an interrupt leaves it running.

        Raises:
            TimeoutError: It has not ended within that time.
        """
        self._check_caller()
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left_s = _TICK_S if end_s is None else min(_TICK_S, max(end_s - time.monotonic(), 0.0))
            try:
                return future.result(left_s)
            except TimeoutError:
                if future.done() or (end_s is not None and time.monotonic() >= end_s):
                    raise  # the work's own TimeoutError, or our patience

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Wait for the result; an interrupt cancels the work, and with it the request that it waits for."""
        try:
            self._check_caller()
        except UsageError:
            work.close()
            raise
        cancellable = _Cancellable(work)
        try:
            return self.wait(self.start(cancellable.run()))
        except BaseException:
            self._cancel(cancellable)
            raise

    def iterate(self, stream: AsyncIterator[_T]) -> Iterator[_T]:
        """The items of an asynchronous stream, as they come; leaving early or an interrupt closes it."""
        self._check_caller()
        items: asyncio.Queue[Any] = asyncio.Queue()
        source: Any = stream

        async def gather() -> None:
            try:
                async with contextlib.aclosing(source):
                    async for item in source:
                        items.put_nowait(item)
            finally:
                items.put_nowait(_END)

        gathering = _Cancellable(gather())
        try:
            gathered = self.start(gathering.run())
            while (item := self.run(items.get())) is not _END:
                yield item
            self.wait(gathered)
        finally:
            self._cancel(gathering)

    def _check_caller(self) -> None:
        if threading.current_thread() is self._thread:
            raise UsageError(
                "This call would wait for its own thread.", hint="Within a callback or a coroutine, use the async API."
            )

    def _cancel(self, cancellable: _Cancellable[Any]) -> None:
        """Cancel what has not ended, and give it a moment to end."""
        if not cancellable.ended.is_set():
            with contextlib.suppress(TimeoutError):
                self.wait(self.start(cancellable.cancel()), _GOODBYE_S)


class NestedLoop(Bridge):
    """The event loop of the thread that waits, made re-entrant by nest-asyncio: all of it on one thread.

    While a cell waits, the loop's other work goes on within it; another thread waits for the loop to come to its work.
    nest-asyncio is no longer maintained, and with some kernels clicks on widgets get lost meanwhile: choose it only
    where a second thread cannot be.
    """

    def __init__(self) -> None:
        import nest_asyncio

        try:
            self.loop = asyncio.get_running_loop()
        except RuntimeError:
            self.loop = asyncio.new_event_loop()
        nest_asyncio.apply(self.loop)
        self._thread = None  # none whose loop would stand still
        self._own_thread = threading.current_thread()

    def wait(self, future: concurrent.futures.Future[_T], timeout_s: float | None = None) -> _T:
        """Wait for what was started; an interrupt leaves it running."""
        if threading.current_thread() is not self._own_thread:
            return super().wait(future, timeout_s)
        over = asyncio.Event()  # the future itself would complain when nobody takes its error here
        future.add_done_callback(lambda _: self.loop.call_soon_threadsafe(over.set))
        patience = None if timeout_s is None else self.loop.call_later(timeout_s, over.set)
        waiting = self.loop.create_task(over.wait())
        try:
            self.loop.run_until_complete(waiting)
        finally:
            waiting.cancel()
            if patience is not None:
                patience.cancel()
        return future.result(0)


@cache
def shared_bridge() -> Bridge:
    """The bridge that everything in this interpreter shares; its thread is started when first asked for."""
    return Bridge()


@cache
def nested_loop() -> NestedLoop:
    """The alternative to `shared_bridge`, made when first asked for: on the thread that asks."""
    return NestedLoop()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=shared_bridge.cache_clear)  # threads do not survive a fork


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
    bridge = shared_bridge()
    how: dict[str, Any] = {"skill": skill, "language": language, "session": session, "name": name}
    how |= {"model": model, "model_name": model_name}
    opened = bridge.run(open_session(bridge, backend, **how))
    for note in opened.notes:
        _LOG.warning("%s", note)
    return opened


async def open_session(bridge: Bridge, backend: str = "auto", **how: Any) -> Session:
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


def _mirrored(read: Callable[[AsyncSession], _T]) -> _T:
    """A property that reads the one of the same name of the async session."""
    found: Any = read

    def get(session: Session) -> _T:
        value: _T = found.fget(session.asynchronous)
        return value

    mirror: Any = property(get, doc=found.__doc__)
    return mirror  # type: ignore[no-any-return]


def _blocking(
    method: Callable[Concatenate[AsyncSession, _P], Coroutine[Any, Any, _T]],
) -> Callable[Concatenate[Session, _P], _T]:
    """A method that runs the async one to its end; its callbacks are called on the caller's thread.

    So what they print lands in the caller's cell. An interrupt cancels the work.
    """
    signature = inspect.signature(method)
    reports = [name for name in _REPORTS if name in signature.parameters]

    @functools.wraps(method)
    def call(self: Session, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        run = getattr(self.asynchronous, method.__name__)
        given = signature.bind(self, *args, **kwargs)
        told = [name for name in reports if given.arguments.get(name) is not None]
        if not told:
            result: _T = self._bridge.run(run(*args, **kwargs))
            return result

        async def work(report: Callable[[tuple[Callable[[Any], None] | None, Any]], None]) -> None:
            def relay(callback: Callable[[Any], None]) -> Callable[[Any], None]:
                return lambda value: report((callback, value))

            given.arguments.update((name, relay(given.arguments[name])) for name in told)
            report((None, await run(*given.args[1:], **given.kwargs)))

        for callback, value in self._bridge.iterate(reports_of(work)):
            if callback is None:
                result = value
            else:
                callback(value)
        return result

    return call


def _iterated(
    method: Callable[Concatenate[AsyncSession, _P], AsyncIterator[_T]],
) -> Callable[Concatenate[Session, _P], Iterator[_T]]:
    """A method that iterates the async one."""

    @functools.wraps(method)
    def call(self: Session, /, *args: _P.args, **kwargs: _P.kwargs) -> Iterator[_T]:
        return self._bridge.iterate(getattr(self.asynchronous, method.__name__)(*args, **kwargs))

    signature = inspect.signature(method)
    returns = str(signature.return_annotation).removeprefix("Async")
    call.__signature__ = signature.replace(return_annotation=returns)  # type: ignore[attr-defined]
    return call


class Session:
    """One project at one backend, without `await`: every verb is that of `AsyncSession`, waited for."""

    def __init__(self, session: AsyncSession, client: AsyncClient, bridge: Bridge) -> None:
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

    def __exit__(self, *_: object) -> None:
        self.close()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Subscribe to the events of this session; see `AsyncSession.watch`."""
        return self.asynchronous.watch(watcher)

    @property
    def film(self) -> Film[Reply]:
        """The film as an object: `film.shots[2].trim(end_s=1)`, `film.music.volume = 0.35`; see `Film`."""
        self.timeline()
        return self.asynchronous.film.run_by(self._bridge.run, lambda: Versions(self.history(), self.restore))

    def runs_on(self, bridge: Bridge) -> bool:
        """Whether this session waits by way of that bridge."""
        return self._bridge is bridge

    def begin(self, work: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        """Schedule a coroutine on the session's own loop, without waiting for it."""
        return self._bridge.start(work)

    def leave(self) -> None:
        """Close the connections in the background."""
        self._bridge.start(self._client.close())

    def close(self) -> None:
        """Close the connections. The session stays at the backend."""
        self._bridge.run(self._client.close())
