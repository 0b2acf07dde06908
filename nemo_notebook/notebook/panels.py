"""The panel registry: which panels the cells of this kernel show.

A cell that is run again replaces its output. Panels of the earlier run are gone from the page, but nothing says so to
them, and they would go on working for nobody: they are closed here.
"""

from __future__ import annotations

import threading
from typing import Final, Protocol

from nemo_notebook.notebook.display import CellRun, current_run

_LOCK: Final = threading.Lock()
_panels: Final[dict[str, tuple[str, list[Panel]]]] = {}  # cell → its last run that showed any, and those


class Panel(Protocol):
    """Something that lives in a cell's output."""

    def close(self) -> None:
        """Leave the page."""


def register_here(panel: Panel) -> None:
    """Register a panel for the running cell. Other threads register theirs themselves: they know the cell."""
    if threading.current_thread() is threading.main_thread():
        from IPython.core.getipython import get_ipython

        register(current_run(get_ipython()), panel)


def register(run: CellRun, *panels: Panel) -> None:
    """Register panels for a run; those of the cell's earlier runs that no other cell shows are closed."""
    if not run.request:
        return
    cell = run.cell or f"run {run.request}"
    with _LOCK:
        request, before = _panels.get(cell, ("", []))
        kept = before if request == run.request else []
        _panels[cell] = run.request, [*kept, *(panel for panel in panels if panel not in kept)]
        shown = [panel for _, row in _panels.values() for panel in row]
    for panel in before:
        if panel not in shown:
            panel.close()


def close_all() -> None:
    """Close all panels."""
    with _LOCK:
        shown = [panel for _, row in _panels.values() for panel in row]
        _panels.clear()
    for panel in shown:
        panel.close()
