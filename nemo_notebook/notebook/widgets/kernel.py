"""Which kernel this is, and a message channel that reaches it while a cell runs.

A page's messages to a widget wait behind the running cell where the kernel has no subshells (ipykernel before 7). The
control channel, which carries interrupts and shutdowns, has its own thread in every version: a message type is
registered there, and `link.js` sends urgent messages on both channels.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

_CONNECTION_FILE: Final = re.compile(r"kernel-([0-9A-Za-z-]{1,64})\.json")


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


MESSAGE: Final = "nemo_urgent"

_LOG: Final = logging.getLogger("nemo_notebook.widgets")
_listeners: Final[WeakValueDictionary[str, ControlListener]] = WeakValueDictionary()


class ControlListener:
    """Someone who is spoken to by an id.

    Args:
        hear: Given what the page says; called on the kernel's control thread.
    """

    def __init__(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        self.hear = hear


def listen(part_id: str, hearer: ControlListener) -> None:
    """Hear urgent messages for as long as the hearer is kept; without effect where there is no such kernel."""
    handlers = _control_handlers()
    if handlers is not None:
        _listeners[part_id] = hearer
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
    hearer, said = _listeners.get(str(content.get("part_id"))), content.get("data")
    if hearer is not None and isinstance(said, Mapping):
        hearer.hear(said)
    else:
        _LOG.info("An urgent message came for a part that is gone.")
