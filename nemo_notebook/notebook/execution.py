"""Execution of commands: waited for, or in the background with a handle; and what the magics of one shell share."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections import defaultdict
from collections.abc import Coroutine, Generator
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

from nemo_notebook import clock, errors
from nemo_notebook.errors import Detached, NemoError, UsageError
from nemo_notebook.notebook.defaults import Defaults
from nemo_notebook.notebook.display import Badges, CellDisplay, DisplayDedup, Outlet, close_panels, line_of

if TYPE_CHECKING:
    from nemo_notebook.notebook.dispatch import Invocation
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.sync import Bridge, Session

_T = TypeVar("_T")

_EDITS: Final = frozenset({"apply", "undo", "redo"})  # done at once or not at all, and no jobs
_MARKS: Final = {"running": "●", "done": "✓", "failed": "⚠️", "cancelled": "■"}


class Handle(Generic[_T]):
    """What `--background` gives.

    Args:
        name: What is done, for people.
        bridge: Where it runs.
    """

    def __init__(self, name: str, bridge: Bridge) -> None:
        self.name = name
        self._clock = clock.current_clock()
        self._begun_s = self._clock.monotonic_s()
        self._ended_s: float | None = None
        self._bridge = bridge
        self._future: concurrent.futures.Future[_T] = concurrent.futures.Future()
        self._shown: CellDisplay | None = None

    def start(self, work: Coroutine[Any, Any, _T], shown: CellDisplay | None = None) -> None:
        """Begin the work. Its state is kept up to date in a display, if one is given."""
        self._shown = shown
        self._future = self._bridge.start(work)
        self._future.add_done_callback(self._end)

    @property
    def status(self) -> Literal["running", "done", "failed", "cancelled"]:
        """`running`, `done`, `failed` or `cancelled`."""
        if not self._future.done():
            return "running"
        if self._future.cancelled():
            return "cancelled"
        return "failed" if self._future.exception() is not None else "done"

    @property
    def elapsed_s(self) -> float:
        """For how long it has run, in seconds."""
        return (self._clock.monotonic_s() if self._ended_s is None else self._ended_s) - self._begun_s

    def wait(self, timeout_s: float | None = None) -> _T:
        """Wait for the result, or for `timeout_s` seconds. An interrupt stops the waiting, not the work.

        Raises:
            DeadlineExceeded: It has not ended within that time.
            Detached: It was cancelled, or the waiting was interrupted.
            NemoError: It has failed; the error is its own.
        """
        try:
            return self._bridge.wait(self._future, timeout_s)
        except concurrent.futures.CancelledError:
            raise self._was_cancelled() from None
        except TimeoutError:
            if self._future.done():
                raise  # the work's own
            raise errors.DeadlineExceeded(f"Still running: {self.name}", hint="Wait longer, or go on.") from None
        except KeyboardInterrupt:
            raise Detached("Stopped waiting; it goes on.", hint="Wait again, or cancel it.") from None

    def cancel(self) -> None:
        """Stop it here. What the backend has begun may go on: `%nemo jobs` shows it, `%nemo cancel` ends an export."""
        self._future.cancel()

    def __await__(self) -> Generator[Any, None, _T]:
        return self._ended().__await__()

    async def _ended(self) -> _T:
        try:
            return await asyncio.shield(asyncio.wrap_future(self._future))  # it goes on without the one who awaits it
        except asyncio.CancelledError:
            if self._future.cancelled():
                raise self._was_cancelled() from None
            raise

    def _was_cancelled(self) -> Detached:
        return Detached(f"It was cancelled: {self.name}", hint="`%nemo jobs` shows what is left.")

    def __repr__(self) -> str:
        return f"{_MARKS[self.status]} {self.name} · {self.status} · {self.elapsed_s:.0f} s"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Without the time while it runs: what is shown stands still, and what goes on is told below it.
        words = f"● {self.name} · running" if self.status == "running" else repr(self)
        return line_of(words)._repr_mimebundle_()

    def _end(self, _: object) -> None:
        self._ended_s = self._clock.monotonic_s()
        if self._shown is not None:
            self._shown.update(line_of(repr(self)))


class Context:
    """The state behind the magics of one shell.

    Args:
        shell: The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.dedup = DisplayDedup(shell)
        self.badges = Badges(shell)
        self.defaults = Defaults()
        self.current: Session | None = None
        self._connecting: defaultdict[Bridge, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._handles: list[Handle[Any]] = []
        self._left: list[Session] = []

    async def session(self, call: Call) -> Session:
        """The current session; the first use connects by itself."""
        async with self._connecting[call.bridge]:
            if self.current is None:
                return await self._connect(call)
            if not self.current.runs_on(call.bridge):  # the user has chosen another loop since
                model = self.current.model
                known = {"model": model.url, "model_name": model.name} if model else {"model": "none"}
                return await self._open(call.bridge, session=self.current.id, **known)
            return self.current

    async def connect(self, call: Call, **how: Any) -> Session:
        """Open a session and make it the current one: "Connecting…", then "Ready!", and what else there is to say."""
        async with self._connecting[call.bridge]:  # the session that is asked for last is the one that stays
            return await self._connect(call, **how)

    async def _connect(self, call: Call, **how: Any) -> Session:
        defaults = call.defaults
        wanted = {"backend": defaults.backend, "model": defaults.model, "model_name": defaults.model_name}
        if how.get("session") is None:  # one that is come back to has a skill and a language of its own
            wanted |= {"skill": defaults.skill, "language": defaults.language}
        with call.outlet.line("Connecting…") as end:
            session = await self._open(call.bridge, **{**wanted, **how})
            end("Ready!")
        for note in session.notes:
            call.outlet.say(note)
        return session

    async def _open(self, bridge: Bridge, backend: str = "auto", **how: Any) -> Session:
        from nemo_notebook.session.sync import open_session

        session = await open_session(bridge, backend, **how)
        self._change_to(session)
        return session

    async def leave(self, call: Call) -> None:
        """Leave the current session: the next command connects anew. What goes on in the background keeps its own."""
        async with self._connecting[call.bridge]:
            self._change_to(None)

    def check_idle(self, what: str) -> None:
        """See that nothing goes on in the background.

        Raises:
            UsageError: Something does; the message begins with `what`.
        """
        if running := [each for each in self._handles if each.status == "running"]:
            raise UsageError(
                f"{what}: {running[0].name!r} goes on in the background.",
                hint="Wait for its handle, as in `handle.wait()`, or cancel it.",
            )

    def keep(self, handle: Handle[Any]) -> None:
        """Keep the connections of earlier sessions for as long as something in the background may need them."""
        self._handles = [each for each in self._handles if each.status == "running"] + [handle]

    def _change_to(self, session: Session | None) -> None:
        if self.current is not None:
            self._left.append(self.current)
        self.current = session
        if all(handle.status != "running" for handle in self._handles):
            while self._left:
                self._left.pop().leave()

    def close(self) -> None:
        """Leave all sessions; they stay at the backend."""
        for handle in self._handles:
            handle.cancel()
        close_panels()
        while self._left:
            self._left.pop().leave()
        if self.current is not None:
            self.current.close()
            self.current = None


class Call:
    """One use of a command.

    Args:
        context: What all commands of the shell share.
        outlet: The output of its cell.

    Attributes:
        defaults: The user's settings as they are when it begins; work in the background keeps to them.
        handle: What it is stopped by where no cell waits for it.
        is_shown: Whether the command has shown its result already.
        label: What tapes call its cell.
    """

    def __init__(self, context: Context, outlet: Outlet) -> None:
        self.context = context
        self.outlet = outlet
        self.defaults = context.defaults
        self.handle: Handle[Any] | None = None
        self.is_shown = False
        self.label = context.badges.label

    @property
    def bridge(self) -> Bridge:
        """How it is waited for: on the background thread's loop, or nested in the kernel's own."""
        from nemo_notebook.session import sync

        return sync.nested_loop() if self.defaults.loop == "nest" else sync.shared_bridge()

    async def session(self) -> AsyncSession:
        """The current session; the first use connects by itself."""
        return (await self.context.session(self)).asynchronous

    def show(self, value: Any) -> None:
        """Show a result, unless the command has done so."""
        if not self.is_shown and value is not None:
            self.outlet.show(value)
        self.is_shown = True


def perform(context: Context, wanted: Invocation) -> Any:
    """Do what was asked for, and show it; gives what is shown, or a handle to what goes on.

    Raises:
        NemoError: It cannot be done; the message says what to do next.
        Detached: It was interrupted; what the backend has begun goes on.
    """
    call = Call(context, Outlet(context.shell))
    takes_time = inspect.iscoroutinefunction(wanted.command.run)
    if takes_time and wanted.in_background:
        return _begin(call, wanted)
    begun_s = clock.now_s()
    try:
        work = wanted.command.run(call, wanted.arguments)
        value = call.bridge.run(work) if takes_time else work
        call.show(value)
    except (KeyboardInterrupt, asyncio.CancelledError, concurrent.futures.CancelledError):  # the others on a tape
        raise _detached(context, wanted, begun_s) from None
    context.dedup.mute(value)
    return value


def _detached(context: Context, wanted: Invocation, begun_s: float) -> Detached:
    """What is told of an interrupt: the way back to what was begun since."""
    from nemo_notebook.session.sync import jobs

    if wanted.command.name == "batch":
        hint = "Films that are there stay. The same line again goes on where it stopped."
        return Detached("Stopped the batch.", hint=hint)
    if wanted.command.name in _EDITS:
        return Detached("Stopped.", hint="`%nemo history` shows whether it was done.")
    try:
        left = [job for job in jobs(context.current.id) if job.is_open] if context.current else []
    except (NemoError, KeyboardInterrupt):  # whoever is in a hurry interrupts twice
        return Detached("Stopped.", hint="`%nemo jobs` shows what is open.")
    if not left:
        return Detached("Stopped.", hint="Nothing was left behind: run the cell again.")
    if left[0].begun_s < begun_s:
        return Detached("Stopped.", hint="Run the cell again; `%nemo jobs` shows what is open.")
    hint = f"`%nemo resume {left[0].id}` comes back to it."
    return Detached("Stopped waiting; what was begun goes on.", hint=hint)


def _begin(call: Call, wanted: Invocation) -> Handle[Any]:
    handle: Handle[Any] = Handle(wanted.words, call.bridge)
    call.handle = handle
    shown = call.outlet.show(handle) if call.outlet.is_rich else None
    handle.start(_alone(call, wanted), shown)
    call.context.keep(handle)
    if shown is not None:
        call.context.dedup.mute(handle)
    return handle


async def _alone(call: Call, wanted: Invocation) -> Any:
    """Work that nobody waits for shows its own end."""
    try:
        value = await wanted.command.run(call, wanted.arguments)
    except Exception as error:  # nobody may ever wait for it
        unforeseen = NemoError(f"It failed: {type(error).__name__}.", hint="The handle's `wait()` raises it.")
        call.outlet.tell_error(error if isinstance(error, NemoError) else unforeseen)
        raise
    await asyncio.to_thread(call.show, value)  # a table or a film takes a moment to be drawn
    call.context.badges.show_below(call.label, call.outlet)
    return value


def session_here() -> Session:
    """The current session of the magics, if they are loaded; a new one becomes theirs too."""
    from nemo_notebook.session.sync import connect

    magics = _magics_here()
    if magics is None:
        return connect()
    context: Context = magics.context
    if context.current is None:
        context.current = connect(magics.skill, magics.backend, language=magics.language)
    return context.current


def language_here(session: Session) -> str:
    """The language that the user has set, for the session or else for all of them: a tag, or `auto`."""
    if session.asked_language != "auto":
        return session.asked_language
    return getattr(_magics_here(), "language", "auto")


def _magics_here() -> Any:
    from IPython.core.getipython import get_ipython

    manager = getattr(get_ipython(), "magics_manager", None)
    return manager.registry.get("NemoMagics") if manager else None
