"""The hook in the client's transport: who answers requests instead of the network, such as a tape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from nemo_notebook import clock, settings
from nemo_notebook.clock import Clock

if TYPE_CHECKING:
    import httpx

FILES: Final = "nemo_files"
"""The extension of a request that holds the paths of the files in its body."""
UNRECORDED: Final = "nemo_unrecorded"
"""The extension of a request that is true where its answer is a secret."""
CheckUrl = Callable[[str], None]
"""Refuses an address that nothing may be fetched from."""


class Hook(Protocol):
    """Stands between clients and the network. Sessions keep the hook that was in use when they were opened.

    Attributes:
        id: Tells it from others.
        url: The backend's address, as sessions know it.
        home: The folder for what sessions note.
        backend: The backend as it was asked for.
        is_recording: Whether requests go to a backend; else all answers come from the hook.
    """

    id: str
    url: str
    home: Path
    backend: str
    is_recording: bool

    @property
    def is_local(self) -> bool:
        """Whether the backend is the local engine."""

    @property
    def is_anonymous(self) -> bool:
        """Whether a free anonymous token is used there."""

    @property
    def clock(self) -> Clock:
        """The time and the waits of sessions."""

    def transport(
        self, base_url: str, sender: Callable[[], httpx.AsyncClient], check_url: CheckUrl | None
    ) -> httpx.AsyncBaseTransport:
        """What answers a client.

        Args:
            base_url: The backend; empty for a client of files from anywhere.
            sender: Makes what sends requests to the network.
            check_url: Checks the real addresses of such files.
        """

    def connected(self, name: str, url: str, *, is_local: bool, is_anonymous: bool) -> None:
        """A session is about to be opened at a backend, while requests go there."""

    def check_in_use(self) -> None:
        """Refuse requests of sessions whose hook has ended."""

    def new_render_id(self) -> str:
        """The id of an export that is about to begin."""

    def name_file(self, path: str, name: str) -> None:
        """The user's name for the file at a path of the backend, or at an address."""

    def real(self, value: Any) -> Any:
        """A JSON value with the backend's own ids."""

    def real_url(self) -> str:
        """The backend's own address."""

    def needed_files(self) -> str:
        """A hint for uploads whose files are missing; empty where any file will do."""


_current: Hook | None = None


def current_hook() -> Hook | None:
    """The hook of sessions that are opened now, if there is one."""
    return _current


def journal_home() -> Path:
    """Where sessions that are opened now keep their journal."""
    return _current.home if _current else settings.home()


def use_hook(hook: Hook | None) -> None:
    """Put a hook into use for new sessions, and its clock with it; None takes the one that is in use out."""
    global _current  # noqa: PLW0603 - one for the process
    _current = hook
    clock.use_clock(hook.clock if hook else clock.MACHINE)
