"""What the commands of one shell share: the current session, the user's defaults, what goes on in the background."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook import seats
from nemo_notebook.notebook.defaults import Defaults
from nemo_notebook.notebook.echo import Echo
from nemo_notebook.notebook.tapes import Badges

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.notebook.handle import Handle
    from nemo_notebook.session.loop import Bridge
    from nemo_notebook.session.records import Job
    from nemo_notebook.session.sync import Session


class Context:
    """The state behind the magics of one shell.

    Args:
        shell: The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.echo = Echo(shell)
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
        if call.screen.outlet.has_reader:
            asyncio.get_running_loop().run_in_executor(None, _warm)
        with call.screen.line("Connecting…") as line:
            session = await self._open(call.bridge, **{**wanted, **how})
            line.done("Ready!")
        for note in session.notes:
            call.screen.say(note)
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
        seats.leave()
        while self._left:
            self._left.pop().leave()
        if self.current is not None:
            self.current.close()
            self.current = None


def _warm() -> None:
    """Import what the first reply shows its Stop button with: there is time for it while an engine starts."""
    with contextlib.suppress(ImportError):  # told where it is used
        import nemo_notebook.notebook.widgets.live  # noqa: F401
