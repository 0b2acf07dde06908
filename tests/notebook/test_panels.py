from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cases import cases

from nemo_notebook.notebook.display import CellRun, close_panels, current_run, register_panel_here, register_panels


class Panel:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@dataclass
class Shell:
    """A shell whose kernel answers a message."""

    parent: Any

    def get_parent(self) -> Any:
        return self.parent


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    close_panels()
    yield
    close_panels()


def test_take__closes_what_the_cell_showed_before() -> None:
    old, kept, new = Panel(), Panel(), Panel()
    register_panels(CellRun("a", "run 1"), old)
    register_panels(CellRun("a", "run 1"), kept)  # two panels of one run stand side by side
    assert (old.closed, kept.closed) == (0, 0)
    register_panels(CellRun("a", "run 2"), new, kept)
    assert (old.closed, kept.closed, new.closed) == (1, 0, 0)


def test_take__leaves_what_another_cell_shows() -> None:
    both, new = Panel(), Panel()
    register_panels(CellRun("a", "run 1"), both)
    register_panels(CellRun("b", "run 2"), both)
    register_panels(CellRun("a", "run 3"), new)
    assert both.closed == 0
    register_panels(CellRun("b", "run 4"), new)
    assert (both.closed, new.closed) == (1, 0)


def test_take__closes_nothing_where_cells_have_no_names() -> None:
    first, second = Panel(), Panel()
    register_panels(CellRun("", "run 1"), first)
    register_panels(CellRun("", "run 2"), second)
    register_panels(CellRun(), Panel())
    assert (first.closed, second.closed) == (0, 0)
    close_panels()
    assert (first.closed, second.closed) == (1, 1)


@cases
def test_here__reads_what_the_kernel_tells(parent: Any, cell: str, message: str) -> None:
    assert current_run(Shell(parent)) == CellRun(cell, message)
    assert current_run(None) == CellRun()


def test_take_here__is_for_the_thread_of_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell({"header": {"msg_id": "m"}, "metadata": {"cellId": "c"}})
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    other, own = Panel(), Panel()
    thread = threading.Thread(target=register_panel_here, args=(other,))
    thread.start()
    thread.join()
    register_panel_here(own)
    register_panels(CellRun("c", "later"))
    assert (other.closed, own.closed) == (0, 1)
