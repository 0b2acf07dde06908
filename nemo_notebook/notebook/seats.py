"""Which panels the cells of this kernel show.

A cell that is run again shows what it shows now: panels of an earlier run are gone from the page, though nothing tells
them, and would go on to work for nobody. They are closed here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

_LOCK: Final = threading.Lock()
_taken: Final[dict[str, tuple[str, list[Panel]]]] = {}  # cell → its last run that showed any, and those


class Panel(Protocol):
    """Something that lives in a cell's output."""

    def close(self) -> None:
        """Leave the page."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A run of a cell.

    Attributes:
        cell: The cell's id; empty where the front end tells none.
        run: The message that has begun it.
    """

    cell: str = ""
    run: str = ""


def here(shell: Any) -> Seat:
    """The run of a cell that goes on in this thread, as far as the kernel tells."""
    get_parent = getattr(shell, "get_parent", None)  # ipykernel's; a display's own copy has no metadata
    parent = get_parent() if callable(get_parent) else None
    return Seat(_in(parent, "metadata", "cellId"), _in(parent, "header", "msg_id"))


def take_here(panel: Panel) -> None:
    """A panel is shown by the cell that runs. What other threads show is seated by those who know the cell."""
    if threading.current_thread() is threading.main_thread():
        from IPython.core.getipython import get_ipython

        take(here(get_ipython()), panel)


def take(seat: Seat, *panels: Panel) -> None:
    """Panels are shown by that run; what earlier runs of the cell have shown, and no other cell shows, is closed."""
    if not seat.run:
        return
    cell = seat.cell or f"run {seat.run}"  # not every front end names its cells
    with _LOCK:
        run, before = _taken.get(cell, ("", []))
        kept = before if run == seat.run else []
        _taken[cell] = seat.run, [*kept, *(panel for panel in panels if not _has(kept, panel))]
        shown = [panel for _, row in _taken.values() for panel in row]
    for panel in before:
        if not _has(shown, panel):
            panel.close()


def leave() -> None:
    """Close all panels."""
    with _LOCK:
        shown = [panel for _, row in _taken.values() for panel in row]
        _taken.clear()
    for panel in shown:
        panel.close()


def _has(panels: list[Panel], panel: Panel) -> bool:
    return any(each is panel for each in panels)


def _in(message: object, part: str, key: str) -> str:
    found = message.get(part) if isinstance(message, Mapping) else None
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""
