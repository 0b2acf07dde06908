from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nemo_notebook.notebook import seats
from nemo_notebook.notebook.seats import Seat


class Panel:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    seats.leave()
    yield
    seats.leave()


def test_take__closes_what_the_cell_showed_before() -> None:
    old, kept, new = Panel(), Panel(), Panel()
    seats.take(Seat("a", "run 1"), old)
    seats.take(Seat("a", "run 1"), kept)  # two panels of one run stand side by side
    assert (old.closed, kept.closed) == (0, 0)
    seats.take(Seat("a", "run 2"), new, kept)
    assert (old.closed, kept.closed, new.closed) == (1, 0, 0)


def test_take__leaves_what_another_cell_shows() -> None:
    both, new = Panel(), Panel()
    seats.take(Seat("a", "run 1"), both)
    seats.take(Seat("b", "run 2"), both)
    seats.take(Seat("a", "run 3"), new)
    assert both.closed == 0
    seats.take(Seat("b", "run 4"), new)
    assert (both.closed, new.closed) == (1, 0)


def test_take__closes_nothing_where_cells_have_no_names() -> None:
    first, second = Panel(), Panel()
    seats.take(Seat("", "run 1"), first)
    seats.take(Seat("", "run 2"), second)
    seats.take(Seat(), Panel())
    assert (first.closed, second.closed) == (0, 0)
    seats.leave()
    assert (first.closed, second.closed) == (1, 1)


@pytest.mark.parametrize(
    ("parent", "seat"),
    [
        ({"header": {"msg_id": "m"}, "metadata": {"cellId": "c"}}, Seat("c", "m")),
        ({"header": {"msg_id": "m"}}, Seat("", "m")),
        ({"header": None, "metadata": {"cellId": 7}}, Seat()),
        (None, Seat()),
    ],
)
def test_here__reads_what_the_kernel_tells(parent: Any, seat: Seat) -> None:
    class Shell:
        def get_parent(self) -> Any:
            return parent

    assert seats.here(Shell()) == seat
    assert seats.here(None) == Seat()


def test_take_here__is_for_the_thread_of_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shell:
        def get_parent(self) -> Any:
            return {"header": {"msg_id": "m"}, "metadata": {"cellId": "c"}}

    monkeypatch.setattr("IPython.core.getipython.get_ipython", Shell)
    other, own = Panel(), Panel()
    thread = threading.Thread(target=seats.take_here, args=(other,))
    thread.start()
    thread.join()
    seats.take_here(own)
    seats.take(Seat("c", "later"))
    assert (other.closed, own.closed) == (0, 1)
