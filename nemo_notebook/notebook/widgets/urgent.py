"""Messages that a busy kernel hears too: a Stop must not wait for the cell that happens to run.

What a page says to a widget travels with the code of cells, and waits behind it where the kernel has no subshells
(ipykernel before 7). The control channel, which interrupts and shutdowns go by, has a thread of its own in every
version: a message type of ours is registered there, and `link.js` sends urgent messages by both ways.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

MESSAGE: Final = "nemo_urgent"

_LOG: Final = logging.getLogger("nemo_notebook.widgets")
_hearers: Final[WeakValueDictionary[str, Hearer]] = WeakValueDictionary()


class Hearer:
    """Someone who is spoken to by an id.

    Args:
        hear: Given what the page says; called on the kernel's control thread.
    """

    def __init__(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        self.hear = hear


def listen(part_id: str, hearer: Hearer) -> None:
    """Hear urgent messages for as long as the hearer is kept; without effect where there is no such kernel."""
    handlers = _control_handlers()
    if handlers is not None:
        _hearers[part_id] = hearer
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
    hearer, said = _hearers.get(str(content.get("part_id"))), content.get("data")
    if hearer is not None and isinstance(said, Mapping):
        hearer.hear(said)
    else:
        _LOG.info("An urgent message came for a part that is gone.")
