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
        """The current session; the first use connects by itself."""
        return self.connect() if self.current is None else self.current

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

    def left_since(self, since_s: float) -> str | None:
        """The newest job of the current session that was begun since then (seconds since 1970) and is open."""
        from nemo_notebook.session.sync import jobs

        left = [job for job in jobs(self.current.id) if job.is_open] if self.current is not None else []
        return next((job.id for job in left if job.begun_s >= since_s), None)

    def close(self) -> None:
        """Leave the current session; it stays at the backend."""
        if self.current is not None:
            self.current.close()
            self.current = None
