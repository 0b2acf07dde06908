"""A button that opens the project in the service's web page. A control, gone when it was used or its cell is left."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.widgets.part import PageAnswer, PanelPart

if TYPE_CHECKING:
    from nemo_notebook.notebook.display import CellDisplay, Outlet
    from nemo_notebook.session.sync import Session

_PATIENCE_S: Final = 300.0  # a view of a widget that is saved with the notebook would reopen as an error
_LEFT: Final = "pre_run_cell"


class OpenButton(PanelPart, files=("open_button",)):
    """The button.

    The address gives access to the project. It is asked for when the button is pressed, goes in one message to those
    who are connected to this kernel, and is kept nowhere.

    Args:
        session: The session, of a cloud.
    """

    def __init__(self, session: Session) -> None:
        self._is_given = False
        self._is_over = threading.Event()
        self._shown: CellDisplay | None = None
        self._events: Any = None
        super().__init__(session)

    def show(self, outlet: Outlet, shell: Any) -> None:
        """Show it in a display of its own, until it was used, another cell runs, or some minutes have passed."""
        self._shown = outlet.show(self)
        self._events = shell.events
        self._events.register(_LEFT, self.end)
        self.begin(self._wait())

    def end(self, *_: object) -> None:
        """Leave nothing behind; on any thread, and a second time without effect."""
        if self._is_over.is_set():
            return
        self._is_over.set()
        with contextlib.suppress(ValueError):  # it was not registered, or is not any more
            if self._events is not None:
                self._events.unregister(_LEFT, self.end)
        if self._shown is not None:
            self._shown.clear()
        for work in list(self._work):
            work.cancel()
        self.close()

    async def do_open(self) -> PageAnswer:
        """Ask for the address; it is given once."""
        if self._is_given:
            raise UsageError("The page was opened already.", hint="`%nemo open` opens it again.")
        self._is_given = True
        try:
            return PageAnswer({"address": await self.session.asynchronous.link()})
        except BaseException:
            self._is_given = False
            raise

    def do_opened(self) -> None:
        """The page is open."""
        self.end()

    async def _wait(self) -> None:
        await asyncio.sleep(_PATIENCE_S)
        self.end()
