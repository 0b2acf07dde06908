"""The table of a batch in its cell: how often it changes, and how much of it goes to the browser."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from nemo_notebook.notebook.batches import BatchView

LASTS_S = 1.2


class Sheet:
    """An outlet that counts what is shown."""

    is_rich = True

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, value: object) -> Sheet:
        self.update(value)
        return self

    def update(self, value: object) -> None:
        self.shown.append(value._repr_mimebundle_()["text/html"])  # type: ignore[attr-defined]


class Table:
    """A batch whose table is another one at each look, so many characters long, and takes so long to be made."""

    note = ""

    def __init__(self, length: int, takes_s: float = 0.0, *, is_still: bool = False) -> None:
        self._length = length
        self._takes_s = takes_s
        self._is_still = is_still
        self._ends_s = time.monotonic() + LASTS_S
        self.looks = 0
        self.was_cancelled = False

    @property
    def is_running(self) -> bool:
        return not self.was_cancelled and time.monotonic() < self._ends_s

    @property
    def changes(self) -> int:
        return 0 if self._is_still else self.looks

    def cancel(self) -> None:
        self.was_cancelled = True

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        self.looks += 1
        time.sleep(self._takes_s)
        return {"text/plain": "", "text/html": f"{self.looks:{self._length}}"}


@pytest.mark.parametrize(("length", "most"), [(500, 6), (200_000, 2)])
def test_table__changes_a_few_times_a_second_and_seldom_if_it_is_long(length: int, most: int) -> None:
    sheet, table = Sheet(), Table(length)
    asyncio.run(BatchView(sheet, table).follow())  # type: ignore[arg-type]
    assert 2 <= len(sheet.shown) <= most
    assert sheet.shown[-1] == f"{table.looks:{length}}", "the last one stays"


def test_table__that_takes_long_to_make_is_made_seldom() -> None:
    sheet, table = Sheet(), Table(100, takes_s=0.08)
    asyncio.run(BatchView(sheet, table).follow())  # type: ignore[arg-type]
    assert table.looks == 2, "once, and at the end: all else would be more than a little of a core"


def test_table__in_which_nothing_changes_is_made_for_the_time_alone() -> None:
    sheet, table = Sheet(), Table(100, is_still=True)
    asyncio.run(BatchView(sheet, table).follow())  # type: ignore[arg-type]
    assert table.looks <= 3


def test_table__that_is_left_stops_its_batch() -> None:
    sheet, table = Sheet(), Table(100)

    async def leave() -> None:
        task = asyncio.create_task(BatchView(sheet, table).follow())  # type: ignore[arg-type]
        await asyncio.sleep(0.15)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert table.was_cancelled
    assert len(sheet.shown) >= 2
