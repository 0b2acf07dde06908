from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cases import cases

from nemo_notebook.notebook import panels
from nemo_notebook.notebook.display import CellRun, current_run


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
    panels.close_all()
    yield
    panels.close_all()


def test_take__closes_what_the_cell_showed_before() -> None:
    old, kept, new = Panel(), Panel(), Panel()
    panels.register(CellRun("a", "run 1"), old)
    panels.register(CellRun("a", "run 1"), kept)  # two panels of one run stand side by side
    assert (old.closed, kept.closed) == (0, 0)
    panels.register(CellRun("a", "run 2"), new, kept)
    assert (old.closed, kept.closed, new.closed) == (1, 0, 0)


def test_take__leaves_what_another_cell_shows() -> None:
    both, new = Panel(), Panel()
    panels.register(CellRun("a", "run 1"), both)
    panels.register(CellRun("b", "run 2"), both)
    panels.register(CellRun("a", "run 3"), new)
    assert both.closed == 0
    panels.register(CellRun("b", "run 4"), new)
    assert (both.closed, new.closed) == (1, 0)


def test_take__closes_nothing_where_cells_have_no_names() -> None:
    first, second = Panel(), Panel()
    panels.register(CellRun("", "run 1"), first)
    panels.register(CellRun("", "run 2"), second)
    panels.register(CellRun(), Panel())
    assert (first.closed, second.closed) == (0, 0)
    panels.close_all()
    assert (first.closed, second.closed) == (1, 1)


@cases
def test_here__reads_what_the_kernel_tells(parent: Any, cell: str, message: str) -> None:
    assert current_run(Shell(parent)) == CellRun(cell, message)
    assert current_run(None) == CellRun()


def test_take_here__is_for_the_thread_of_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell({"header": {"msg_id": "m"}, "metadata": {"cellId": "c"}})
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    other, own = Panel(), Panel()
    thread = threading.Thread(target=panels.register_here, args=(other,))
    thread.start()
    thread.join()
    panels.register_here(own)
    panels.register(CellRun("c", "later"))
    assert (other.closed, own.closed) == (0, 1)
