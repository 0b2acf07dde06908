"""The state behind the magics of one shell: the current session, the user's defaults, work in the background."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook import panels
from nemo_notebook.notebook.defaults import Defaults
from nemo_notebook.notebook.display import DisplayDedup, Outlet
from nemo_notebook.notebook.tapes import Badges

if TYPE_CHECKING:
    from nemo_notebook.notebook.execution import Handle
    from nemo_notebook.session.loop import Bridge
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.records import Job
    from nemo_notebook.session.sync import Session


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
        self._connecting: dict[Bridge, asyncio.Lock] = {}
        self._handles: list[Handle[Any]] = []
        self._left: list[Session] = []

    async def session(self, call: Call) -> Session:
        """The current session; the first use connects by itself."""
        async with self._turn(call.bridge):
            if self.current is None:
                return await self._connect(call)
            if not self.current.runs_on(call.bridge):  # the user has chosen another loop since
                model = self.current.model
                known = {"model": model.url, "model_name": model.name} if model else {"model": "none"}
                return await self._open(call.bridge, session=self.current.id, **known)
            return self.current

    async def connect(self, call: Call, **how: Any) -> Session:
        """Open a session and make it the current one: "Connecting…", then "Ready!", and what else there is to say."""
        async with self._turn(call.bridge):  # the session that is asked for last is the one that stays
            return await self._connect(call, **how)

    def _turn(self, bridge: Bridge) -> asyncio.Lock:
        return self._connecting.setdefault(bridge, asyncio.Lock())

    async def _connect(self, call: Call, **how: Any) -> Session:
        defaults = call.defaults
        wanted = {"backend": defaults.backend, "model": defaults.model, "model_name": defaults.model_name}
        if how.get("session") is None:  # one that is come back to has a skill and a language of its own
            wanted |= {"skill": defaults.skill, "language": defaults.language}
        if call.outlet.has_reader:
            asyncio.get_running_loop().run_in_executor(None, _warm)
        with call.outlet.line("Connecting…") as line:
            session = await self._open(call.bridge, **{**wanted, **how})
            line.done("Ready!")
        for note in session.notes:
            call.outlet.say(note)
        return session

    async def _open(self, bridge: Bridge, backend: str = "auto", **how: Any) -> Session:
        from nemo_notebook.session.sync import open_session

        session = await open_session(bridge, backend, **how)
        if self.current is not None:
            self._left.append(self.current)
        self.current = session
        self._close_left()
        return session

    async def leave(self, call: Call) -> None:
        """Leave the current session: the next command connects anew. What goes on in the background keeps its own."""
        async with self._turn(call.bridge):
            if self.current is not None:
                self._left.append(self.current)
                self.current = None
            self._close_left()

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
        handle.on_end(self._close_left)

    def _close_left(self) -> None:
        if all(handle.status != "running" for handle in self._handles):
            while self._left:
                self._left.pop().leave()

    def left(self) -> list[Job]:
        """What is open in the current session, the newest first."""
        from nemo_notebook.session.sync import jobs

        return [job for job in jobs(self.current.id) if job.is_open] if self.current is not None else []

    def close(self) -> None:
        """Leave all sessions; they stay at the backend."""
        for handle in self._handles:
            handle.cancel()
        panels.close_all()
        while self._left:
            self._left.pop().leave()
        if self.current is not None:
            self.current.close()
            self.current = None


def _warm() -> None:
    """Import what the first reply shows its Stop button with: there is time for it while an engine starts."""
    with contextlib.suppress(ImportError):  # told where it is used
        import nemo_notebook.notebook.widgets.live  # noqa: F401


class Call:
    """One use of a command.

    Args:
        context: What all commands of the shell share.
        outlet: The output of its cell.

    Attributes:
        defaults: The user's settings as they are when it begins; work in the background keeps to them.
        handle: What it is stopped by where no cell waits for it.
        is_shown: Whether the command has shown its result already.
    """

    def __init__(self, context: Context, outlet: Outlet) -> None:
        self.context = context
        self.outlet = outlet
        self.defaults = context.defaults
        self.handle: Handle[Any] | None = None
        self.is_shown = False
        self._label = context.badges.label

    @property
    def bridge(self) -> Bridge:
        """How it is waited for: on the background thread's loop, or nested in the kernel's own."""
        from nemo_notebook.session import loop

        return loop.nested() if self.defaults.loop == "nest" else loop.shared()

    async def session(self) -> AsyncSession:
        """The current session; the first use connects by itself."""
        return (await self.context.session(self)).asynchronous

    def badge(self) -> None:
        """Below work that nobody waits for: whether it was played from a tape."""
        self.context.badges.show_below(self._label, self.outlet)

    def show(self, value: Any) -> None:
        """Show a result, unless the command has done so."""
        if not self.is_shown and value is not None:
            self.outlet.show(value)
        self.is_shown = True


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
