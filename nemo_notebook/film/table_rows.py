"""A table that was edited with pandas, held against the one that was shown: which cells and rows are others.

A cell that says what was shown asks for nothing, whatever pandas has made of its type on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.film.draft import meta_of
from nemo_notebook.film.table import Shown
from nemo_notebook.outside import finite, plain, redact, strike

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

IN: Final = "in_s"
"""A further column that a table may have: from which second of its file on a segment plays."""
NUMBERS: Final = ("track", "start_s", "end_s", "duration_s", "volume", IN)
TEXTS: Final = ("kind", "name", "text", "source")
_NEAR: Final = 5e-7  # what is nearer to each other is the same: a rounding of pandas
_LONGEST: Final = 40  # characters of a cell in a message


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
    is_new: bool = False
    id: str = ""
    cells: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """All that is asked for.

    Attributes:
        rows: In the table's order.
        gone: Rows that were shown and are no more.
        problems: Cells that cannot be meant: the place of the row, the column, and what is wrong.
    """

    rows: Sequence[Row]
    gone: frozenset[int] = frozenset()
    problems: Sequence[tuple[int, str, str]] = ()


def read_asked(frame: pd.DataFrame, shown: Shown) -> Asked:
    """Find what a table asks for.

    Raises:
        UsageError: It is no table, or cannot be one of a timeline.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        how = "Take `frame = session.timeline().frame`, change it, and give it to `session.apply(frame)`."
        raise UsageError("A pandas DataFrame is needed to change the timeline.", hint=how)
    known = {*NUMBERS, *TEXTS, "segment"}
    found = [(n, name) for n, name in enumerate(frame.columns) if isinstance(name, str) and name in known]
    names = Counter(name for _, name in found)
    if "segment" not in names:
        raise UsageError(
            "The table has no column `segment`, which tells whose rows these are.",
            hint="Keep that column, also where an index is set or columns are chosen.",
        )
    if twice := [name for name, count in names.items() if count > 1]:
        raise UsageError(f"The table has the column `{twice[0]}` more than once.", hint="Drop one of them.")
    return _Reading({name: frame.iloc[:, n] for n, name in found}, frame.index, shown).asked()


def told(text: str) -> str:
    """A text from a table as messages may show it."""
    return redact(text, _LONGEST)


def moment_s(shown: Shown, at: int) -> float:
    """From which second of its file on a shown segment plays."""
    return (finite(meta_of(shown.raws[at]).get("in_ms")) or 0.0) / 1000


class _Reading:
    """One table on its way to what it asks for."""

    def __init__(self, columns: Mapping[str, pd.Series[Any]], index: pd.Index[Any], shown: Shown) -> None:
        self._columns = columns
        self._index = index
        self._shown = shown
        self._cells: dict[int, dict[str, Any]] = {}
        self._problems: list[tuple[int, str, str]] = []
        places = {own_id: at for at, own_id in enumerate(shown.ids)}
        self._ids = self._texts("segment")
        self._at = [-1 if own_id is None else places.get(own_id, -1) for own_id in self._ids]

    def asked(self) -> Asked:
        for column in (*NUMBERS, *TEXTS):
            if column in self._columns:
                self._read_texts(column) if column in TEXTS else self._read_numbers(column)
        new = {row for row, at in enumerate(self._at) if at < 0} | self._copies()
        rows = new.union(self._cells, (row for row, *_ in self._problems))
        gone = frozenset(range(len(self._shown.ids))).difference(self._at)
        return Asked([self._row(row, row in new) for row in sorted(rows)], gone, self._problems)

    def _row(self, row: int, is_new: bool) -> Row:
        at, cells = self._at[row], self._cells.get(row, {})
        texts = [cells.get(column) for column in ("name", "text", "source")]
        name = self._shown.texts["name"][at] if at >= 0 else next(filter(None, texts), "")
        own_id = plain(self._ids[row] or "")[:200] if at < 0 else ""
        return Row(row, told(str(self._index[row])), told(name), at, is_new, own_id, cells)

    def _copies(self) -> set[int]:
        """Rows of a segment that another row has already; an unchanged one is the segment itself."""
        counts = Counter(self._at)
        owner: dict[int, int] = {}
        shared = [(row, at) for row, at in enumerate(self._at) if at >= 0 and counts[at] > 1]
        for row, at in shared:
            if at not in owner or (owner[at] in self._cells and row not in self._cells):
                owner[at] = row
        return {row for row, at in shared if owner[at] != row}

    def _read_numbers(self, column: str) -> None:
        import numpy as np

        at, given = np.asarray(self._at, dtype="int64"), _numbers_of(self._columns[column])
        if column == IN:
            shown = np.array([moment_s(self._shown, n) if n >= 0 else np.nan for n in self._at])
        else:
            shown = np.append(self._shown.numbers[column], np.nan)[at]
        with np.errstate(invalid="ignore"):
            is_same = (np.abs(given - shown) <= _NEAR) | (np.isnan(given) & np.isnan(shown))
        for row in np.flatnonzero(~is_same).tolist():
            value, is_shown = float(given[row]), self._at[row] >= 0
            if abs(value) == np.inf:
                words = f"{column} {told(repr(self._columns[column].iloc[row]))} is no number"
                self._problems.append((row, column, words))
            elif value == value or (is_shown and column == "volume"):
                self._cells.setdefault(row, {})[column] = value
            elif is_shown and column != IN:
                self._problems.append((row, column, f"{column} is missing"))

    def _read_texts(self, column: str) -> None:
        given, before = self._texts(column), self._shown.texts[column]
        shown = [before[at] if at >= 0 else "" for at in self._at]
        if given == shown:
            return
        for row, (value, was) in enumerate(zip(given, shown, strict=True)):
            if value not in (None, was) and strike(plain(value)) != was:
                self._cells.setdefault(row, {})[column] = plain(value)

    def _texts(self, column: str) -> Sequence[str | None]:
        """A column of texts, None where a cell is none; that is told of."""
        values = self._columns[column].astype("object").tolist()
        if set(map(type, values)) <= {str}:
            return values
        texts = [_text_of(value) for value in values]
        words = "segment is no id; read a file with dtype={'segment': str}" if column == "segment" else ""
        bad = [row for row, text in enumerate(texts) if text is None]
        self._problems += [(row, column, words or f"{column} is no text") for row in bad]
        return texts


def _text_of(value: object) -> str | None:
    """A cell as a text, empty where it is missing; None where it is none. Numbers become texts on the way of a file."""
    if isinstance(value, str):
        return str(value)
    number = _number(value)
    return "" if number != number else str(int(number)) if number.is_integer() else None


def _numbers_of(series: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """A column of numbers, NaN where a cell is missing, infinite where it is no number that can be worked with."""
    import numpy as np

    if series.dtype.kind in "iuf":
        return series.to_numpy(dtype="float64", na_value=np.nan)
    return np.array([_number(value) for value in series.astype("object").tolist()], dtype="float64")


def _number(value: Any) -> float:
    import numpy as np
    import pandas as pd

    if pd.isna(value) is True:
        return float("nan")
    if isinstance(value, (timedelta, np.timedelta64)):
        return pd.Timedelta(value).total_seconds()
    number = finite(value.item() if isinstance(value, np.generic) else value)
    return float("inf") if number is None else number
