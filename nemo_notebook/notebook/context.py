"""What the commands share: the one current session, the user's defaults, and the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nemo_notebook.notebook.screen import Screen

if TYPE_CHECKING:
    from nemo_notebook.session.sync import Session


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is used where a command does not say it."""

    skill: str = "from-music"
    backend: str = "auto"
    language: str = "auto"
    quality: str = "high"
    resolution: str = ""


class Context:
    """The state behind the magics and the widgets of one shell.

    Args:
        screen: Where things are shown.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.defaults = Defaults()
        self.current: Session | None = None

    def session(self) -> Session:
        """The current session. The first use connects by itself; if its engine has ended, a new one takes it on."""
        from nemo_notebook.session.backend import is_gone

        if self.current is None:
            return self.connect()
        if is_gone(self.current.backend):
            return self.connect(backend="local", session=self.current.id)
        return self.current

    def connect(self, **how: Any) -> Session:
        """Open a session and make it the current one: "Connecting…", then "Ready!" and nothing else."""
        from nemo_notebook.session.sync import connect

        wanted = {"backend": self.defaults.backend}
        if how.get("session") is None:  # one that is come back to has a skill and a language of its own
            wanted |= {"skill": self.defaults.skill, "language": self.defaults.language}
        with self.screen.line("Connecting…") as line:
            session = connect(**{**wanted, **how})
            line.done("Ready!")
        if self.current is not None:
            self.current.close()
        self.current = session
        return session

    def way_back(self) -> str | None:
        """How to come back to what the current session was at last, if it is open."""
        from nemo_notebook.session.sync import jobs

        left = [job for job in jobs(self.current.id) if job.is_open] if self.current is not None else []
        return f"`%nemo resume {left[0].id}` comes back to it." if left else None

    def close(self) -> None:
        """Leave the current session; it stays at the backend."""
        if self.current is not None:
            self.current.close()
            self.current = None
