"""The live line of a turn: what is done, for how long, and a Stop button. A control, gone when the turn is over."""

from __future__ import annotations

import _thread
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets

from nemo_notebook.notebook.widgets.kernel import kernel_id

_HERE: Final = Path(__file__).parent


class LiveLine(anywidget.AnyWidget):
    """A quiet line whose seconds are counted by the browser.

    Stop interrupts the kernel through Jupyter's own server where a cell waits, as this works while the kernel is busy.
    Where nobody waits, or where there is no such server (VS Code, Colab), it is a message to here.

    Args:
        working: What is said while it works.
        stop: What the button says.
        stopping: What it says when it was pressed.
        on_stop: What stops work that no cell waits for; called on any thread.
    """

    _esm = _HERE / "live.js"
    _css = _HERE / "live.css"
    kernel_id = traitlets.Unicode().tag(sync=True)
    in_background = traitlets.Bool().tag(sync=True)
    working = traitlets.Unicode().tag(sync=True)
    doing = traitlets.Unicode().tag(sync=True)
    stop = traitlets.Unicode().tag(sync=True)
    stopping = traitlets.Unicode().tag(sync=True)

    def __init__(self, working: str, stop: str, stopping: str, on_stop: Callable[[], object] | None = None) -> None:
        self._on_stop = on_stop
        self._is_over = False
        super().__init__(
            kernel_id=kernel_id(),
            in_background=on_stop is not None,
            working=working,
            stop=stop,
            stopping=stopping,
        )
        # ipykernel 7.4 hands what the browser says to the shell that has spoken last. For a line in the background that
        # is the main one, which may wait in a cell; without this, the browser's own choice holds: one that is free.
        self.comm._reply_subshell_for = None  # noqa: SLF001 - this has no public name
        self.on_msg(self._hear)

    def end(self) -> None:
        """The turn is over; whatever is pressed from now on comes too late."""
        self._is_over = True
        self.close()

    def _hear(self, _: object, content: Mapping[str, Any], __: object) -> None:
        if content.get("do") != "stop" or self._is_over:
            return
        if self._on_stop is not None:
            self._on_stop()
        else:  # the cell waits on the main thread; this is another one, or it would not be heard now
            _thread.interrupt_main()
