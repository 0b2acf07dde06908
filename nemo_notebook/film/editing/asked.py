"""What an edited table asks for: its rows, held against the table that was shown.

A cell that says what was shown asks for nothing, whatever pandas has made of its type on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import Problem, UsageError
from nemo_notebook.film.editing.cells import numbers_of, text_of, told
from nemo_notebook.film.editing.shown import IN, Shown
from nemo_notebook.film.summary import short
from nemo_notebook.outside import plain, strike

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

NUMBERS: Final = ("track", "start_s", "end_s", "duration_s", "volume", IN)
WORDS: Final = ("kind", "name", "text", "source")
# What is nearer to each other than this is the same: half a microsecond of time is a rounding of pandas, no wish.
_NEAR: Final = 5e-7


Placed = tuple[int, Problem]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that asks for something.

    Attributes:
        place: Where it stands in the table, from 0.
        label: Its label in the table's index.
        name: What people call it.
        at: The row that was shown of its segment, or of the one that it is a copy of; −1 where there is none.
        is_new: Whether a segment has to be made for it.
        id: The id that is asked for, or empty.
        cells: By column, what is asked for: all that a row without a segment says, else what is not as shown.
    """

    place: int
    label: str
    name: str
    at: int
    is_new: bool
    id: str
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a table asks for.

    Attributes:
        rows: In the table's order.
        gone: Rows that were shown and are no more.
        problems: Cells that cannot be meant, each with its row's place in the table.
    """

    rows: Sequence[Row]
    gone: frozenset[int]
    problems: Sequence[Placed]


def read_asked(frame: pd.DataFrame, shown: Shown) -> Asked:
    """What a table asks for.

    Raises:
        UsageError: It is no table, or cannot be one of a timeline.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise UsageError("A pandas DataFrame is needed to change the timeline.", hint=_HOW)
    return _Reading(_columns_of(frame), frame.index, shown).asked()


_HOW: Final = "Take `frame = session.timeline().frame`, change it, and give it to `session.apply(frame)`."


def _columns_of(frame: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    known = {*NUMBERS, *WORDS, "segment"}
    found = [(n, name) for n, name in enumerate(frame.columns) if isinstance(name, str) and name in known]
    names = Counter(name for _, name in found)
    if "segment" not in names:
        raise UsageError(
            "The table has no column `segment`, which tells whose rows these are.",
            hint="Keep that column, also where an index is set or columns are chosen.",
        )
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise UsageError(f"The table has the column `{twice[0]}` more than once.", hint="Drop one of them.")
    return {name: frame.iloc[:, n] for n, name in found}


class _Reading:
    """One table on its way to what it asks for."""

    def __init__(self, columns: Mapping[str, pd.Series[Any]], index: pd.Index[Any], shown: Shown) -> None:
        self._columns = columns
        self._index = index
        self._shown = shown
        self._cells: dict[int, dict[str, Any]] = {}
        self._problems: list[tuple[int, str, str]] = []
        self._ids = self._texts("segment")
        if self._ids == shown.ids:
            self._at: Sequence[int] = range(len(self._ids))
        else:
            places = {own_id: at for at, own_id in enumerate(shown.ids)}
            self._at = [places.get(own_id, -1) for own_id in self._ids]

    @cached_property
    def _places(self) -> npt.NDArray[np.int64]:
        import numpy as np

        return np.asarray(self._at, dtype="int64")

    def asked(self) -> Asked:
        for column in NUMBERS:
            if column in self._columns:
                self._read_numbers(column)
        for column in WORDS:
            if column in self._columns:
                self._read_words(column)
        copies = self._copies()
        new = {row for row, at in enumerate(self._at) if at < 0} if not isinstance(self._at, range) else set()
        rows = [self._row(row, row in copies or row in new) for row in sorted({*self._cells, *copies, *new})]
        problems = [
            (row, Problem(self._label(row), self._name(row), column, words)) for row, column, words in self._problems
        ]
        return Asked(rows, frozenset(range(len(self._shown.ids))).difference(self._at), problems)

    def _row(self, row: int, is_new: bool) -> Row:
        at = self._at[row]
        own_id = plain(self._ids[row])[:200] if at < 0 else ""
        return Row(row, self._label(row), self._name(row), at, is_new, own_id, self._cells.get(row, {}))

    def _label(self, row: int) -> str:
        label = self._index[row]
        if isinstance(label, int):
            return str(label)
        return told(str(label)) if isinstance(label, (str, float)) or hasattr(label, "dtype") else str(row)

    def _name(self, row: int) -> str:
        if self._at[row] >= 0:
            return short(self._shown.words["name"][self._at[row]])
        cells = self._cells.get(row, {})
        return told(next((cells[column] for column in ("name", "text", "source") if cells.get(column)), ""))

    def _copies(self) -> set[int]:
        """Rows of a segment that another row has already; an unchanged one is the segment itself."""
        if isinstance(self._at, range):
            return set()
        counts = Counter(self._at)
        owner: dict[int, int] = {}
        shared = [(row, at) for row, at in enumerate(self._at) if at >= 0 and counts[at] > 1]
        for row, at in shared:
            if at not in owner or (owner[at] in self._cells and row not in self._cells):
                owner[at] = row
        return {row for row, at in shared if owner[at] != row}

    def _read_numbers(self, column: str) -> None:
        import numpy as np

        at = self._places
        given, bad = numbers_of(self._columns[column])
        for row, words in bad.items():
            self._problems.append((row, column, f"{column} {words}"))
        before = self._shown.ins_s() if column == IN else self._shown.numbers[column]
        shown = np.append(before, np.nan)[at]
        with np.errstate(all="ignore"):
            is_same = (np.abs(given - shown) <= _NEAR) | (np.isnan(given) & np.isnan(shown))
        for row in np.flatnonzero(~is_same).tolist():
            value = float(given[row])
            if row in bad:
                continue
            if column not in ("volume", IN) and value != value and at[row] >= 0:
                self._problems.append((row, column, f"{column} is missing"))
            elif column != "track" and value in (float("inf"), float("-inf")):
                self._problems.append((row, column, f"{column} is infinite"))
            elif value == value or (at[row] >= 0 and column != IN):
                self._cells.setdefault(row, {})[column] = value

    def _read_words(self, column: str) -> None:
        given = self._texts(column)
        before = self._shown.words[column]
        if not isinstance(self._at, range):
            before = [before[at] if at >= 0 else "" for at in self._at]
        if given == before:
            return
        for row, (value, shown) in enumerate(zip(given, before, strict=True)):
            if value != shown and strike(plain(value)) != shown:
                self._cells.setdefault(row, {})[column] = plain(value)

    def _texts(self, column: str) -> list[str]:
        """A column of texts; a cell that is none is told of, and then as it was shown, or empty."""
        values = self._columns[column].astype("object").tolist()
        if set(map(type, values)) <= {str}:
            return values
        texts = [text_of(value) for value in values]
        for row, text in enumerate(texts):
            if text is None:
                words = "segment is no id; read a file with dtype={'segment': str}" if column == "segment" else None
                self._problems.append((row, column, words or f"{column} is no text"))
                at = self._at[row] if column != "segment" else -1
                texts[row] = self._shown.words[column][at] if at >= 0 else ""
        return [text or "" for text in texts]
