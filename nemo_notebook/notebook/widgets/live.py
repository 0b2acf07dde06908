"""What is heard while a cell runs: which kernel this is, its control channel, and the live line with its Stop button.

A page's messages to a widget wait behind the running cell where the kernel has no subshells (ipykernel before 7). The
control channel, which carries interrupts and shutdowns, has its own thread in every version: a message type is
registered there, and `link.js` sends urgent messages on both channels.
"""

from __future__ import annotations

import _thread
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

import anywidget
import traitlets

MESSAGE: Final = "nemo_urgent"
_HERE: Final = Path(__file__).parent
_CONNECTION_FILE: Final = re.compile(r"kernel-([0-9A-Za-z-]{1,64})\.json")
_LOG: Final = logging.getLogger("nemo_notebook.widgets")
_listeners: Final[WeakValueDictionary[str, ControlListener]] = WeakValueDictionary()


def kernel_id() -> str:
    """The id by which Jupyter's server knows this kernel; empty if none started it."""
    from ipykernel.connect import get_connection_file
    from IPython.core.getipython import get_ipython

    if getattr(get_ipython(), "kernel", None) is None:  # a terminal's IPython, or none
        return ""
    try:
        found = _CONNECTION_FILE.fullmatch(Path(get_connection_file()).name)
    except RuntimeError:
        return ""
    return found[1] if found else ""


class ControlListener(Protocol):
    """Someone who is spoken to by an id."""

    def hear_urgent(self, content: Mapping[str, Any]) -> None:
        """Hear what the page says; called on the kernel's control thread."""


def register_listener(part_id: str, listener: ControlListener) -> None:
    """Hear urgent messages for as long as the listener lives; without effect where there is no such kernel."""
    handlers = _control_handlers()
    if handlers is not None:
        _listeners[part_id] = listener
        handlers[MESSAGE] = _hear


def _control_handlers() -> dict[str, Any] | None:
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    handlers = getattr(kernel, "control_handlers", None)
    return handlers if isinstance(handlers, dict) else None


def _hear(_: object, __: object, message: Mapping[str, Any]) -> None:
    content = message.get("content")
    if not isinstance(content, Mapping):
        return
    listener, said = _listeners.get(str(content.get("part_id"))), content.get("data")
    if listener is not None and isinstance(said, Mapping):
        listener.hear_urgent(said)
    else:
        _LOG.info("An urgent message came for a part that is gone.")


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
        words = {"working": working, "stop": stop, "stopping": stopping}
        super().__init__(kernel_id=kernel_id(), in_background=on_stop is not None, **words)
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
