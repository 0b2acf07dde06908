"""The account's balance as the panel shows it, read again after whatever may have spent some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.notebook.widgets.part import told
from nemo_notebook.session.project import AsyncSession

_LOW: Final = 50  # about what a session of edits takes
FREE: Final = {"is_free": True}


class Balance:
    """Reads the balance of a session's account; used on the session's loop.

    Args:
        session: The session.
        show: Told what was found: `{is_free}`, or `{available, frozen, total, is_low}`, the numbers in words; where it
            could not be read, `why` beside what was known before.
    """

    def __init__(self, session: AsyncSession, show: Callable[[dict[str, Any]], None]) -> None:
        self._session = session
        self._show = show
        self._known: dict[str, Any] = {}
        self._is_reading = self._is_stale = False

    async def read(self) -> None:
        """Read it; who asks while it is read has it read once more afterwards, however many ask."""
        self._is_stale = True
        if self._is_reading:
            return
        self._is_reading = True
        try:
            while self._is_stale:
                self._is_stale = False
                self._show(await self._found())
        finally:
            self._is_reading = False

    async def _found(self) -> dict[str, Any]:
        if self._session.backend.is_local:
            return FREE
        try:
            now = await self._session.credits()
        except errors.NemoError as error:
            return {**self._known, "why": told(error)}  # good to know, but its lack is no trouble of the panel's
        numbers = {name: f"{getattr(now, name):g}" for name in ("available", "frozen", "total")}
        self._known = {**numbers, "is_low": now.available < _LOW}
        return self._known
