"""A table that was edited with pandas, held against the one that was shown: which cells and rows are others.

A cell that says what was shown asks for nothing, whatever pandas has made of its type on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import Problem, UsageError
from nemo_notebook.film.draft import Json, Track, meta_of, read_tracks
from nemo_notebook.film.summary import short
from nemo_notebook.outside import finite, plain, strike

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

IN: Final = "in_s"
"""A further column that a table may have: from which second of its file on a segment plays."""
NUMBERS: Final = ("track", "start_s", "end_s", "duration_s", "volume", IN)
TEXTS: Final = ("kind", "name", "text", "source")
_NEAR: Final = 5e-7  # what is nearer to each other is the same: a rounding of pandas
_LARGEST: Final = 1e15
_HOW: Final = "Take `frame = session.timeline().frame`, change it, and give it to `session.apply(frame)`."


class Shown:
    """The table that a draft is shown as, column by column, with the JSON behind each row.

    Attributes:
        lanes: The draft's tracks.
        raws: The segments' JSON.
        ids: The column `segment`.
        texts: The columns of texts.
    """

    def __init__(self, draft: Json) -> None:
        self.lanes: Sequence[Track] = read_tracks(draft)
        self.raws: list[Json] = self._all(lane.raws for lane in self.lanes)
        self.ids: list[str] = self._all(lane.ids for lane in self.lanes)
        self.texts: dict[str, list[str]] = {
            "kind": self._all(repeat(lane.kind, len(lane.ids)) for lane in self.lanes),
            "name": self._all(lane.names for lane in self.lanes),
            "text": self._all(lane.texts for lane in self.lanes),
            "source": self._all(lane.sources for lane in self.lanes),
        }

    @cached_property
    def numbers(self) -> dict[str, npt.NDArray[np.float64]]:
        """The columns of numbers."""
        import numpy as np

        def column(values: Iterable[Iterable[float | None]]) -> npt.NDArray[np.float64]:
            return np.array(self._all(values), dtype="float64")

        start_ms = column(lane.starts_ms for lane in self.lanes)
        length_ms = column(lane.lengths_ms for lane in self.lanes)
        return {
            "start_s": start_ms / 1000,
            "end_s": (start_ms + length_ms) / 1000,
            "duration_s": length_ms / 1000,
            "track": column(repeat(lane.number, len(lane.ids)) for lane in self.lanes),
            "volume": column(lane.volumes for lane in self.lanes),
            IN: column([[finite(meta_of(raw).get("in_ms")) or 0.0 for raw in self.raws]]) / 1000,
        }

    @staticmethod
    def _all(columns: Iterable[Iterable[Any]]) -> list[Any]:
        return [value for column in columns for value in column]


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
        problems: Cells that cannot be meant, each with its row's place in the table.
    """

    rows: Sequence[Row]
    gone: frozenset[int] = frozenset()
    problems: Sequence[tuple[int, Problem]] = ()


def read_asked(frame: pd.DataFrame, shown: Shown) -> Asked:
    """Find what a table asks for.

    Raises:
        UsageError: It is no table, or cannot be one of a timeline.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise UsageError("A pandas DataFrame is needed to change the timeline.", hint=_HOW)
    return _Reading(_columns_of(frame), frame.index, shown).asked()


def told(text: str) -> str:
    """A text from a table as messages may show it."""
    return short(strike(plain(text)))


def _columns_of(frame: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    known = {*NUMBERS, *TEXTS, "segment"}
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
        places = {own_id: at for at, own_id in enumerate(shown.ids)}
        self._at = [places.get(own_id, -1) for own_id in self._ids]

    def asked(self) -> Asked:
        for column in NUMBERS:
            if column in self._columns:
                self._read_numbers(column)
        for column in TEXTS:
            if column in self._columns:
                self._read_texts(column)
        new = {row for row, at in enumerate(self._at) if at < 0} | self._copies()
        rows = [self._row(row, row in new) for row in sorted(new.union(self._cells))]
        problems = [
            (row, Problem(self._label(row), self._name(row), column, words)) for row, column, words in self._problems
        ]
        return Asked(rows, frozenset(range(len(self._shown.ids))).difference(self._at), problems)

    def _row(self, row: int, is_new: bool) -> Row:
        own_id = plain(self._ids[row])[:200] if self._at[row] < 0 else ""
        return Row(row, self._label(row), self._name(row), self._at[row], is_new, own_id, self._cells.get(row, {}))

    def _label(self, row: int) -> str:
        label = self._index[row]
        if isinstance(label, int):
            return str(label)
        return told(str(label)) if isinstance(label, (str, float)) or hasattr(label, "dtype") else str(row)

    def _name(self, row: int) -> str:
        if self._at[row] >= 0:
            return short(self._shown.texts["name"][self._at[row]])
        cells = self._cells.get(row, {})
        return told(next((cells[column] for column in ("name", "text", "source") if cells.get(column)), ""))

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

        at = np.asarray(self._at, dtype="int64")
        given, bad = _numbers_of(self._columns[column])
        for row, words in bad.items():
            self._problems.append((row, column, f"{column} {words}"))
        shown = np.append(self._shown.numbers[column], np.nan)[at]
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

    def _read_texts(self, column: str) -> None:
        given, before = self._texts(column), self._shown.texts[column]
        shown = [before[at] if at >= 0 else "" for at in self._at]
        if given == shown:
            return
        for row, (value, was) in enumerate(zip(given, shown, strict=True)):
            if value != was and strike(plain(value)) != was:
                self._cells.setdefault(row, {})[column] = plain(value)

    def _texts(self, column: str) -> list[str]:
        """A column of texts; a cell that is none is told of, and then as it was shown, or empty."""
        values = self._columns[column].astype("object").tolist()
        if set(map(type, values)) <= {str}:
            return values
        texts = [_text_of(value) for value in values]
        for row, text in enumerate(texts):
            if text is None:
                words = "segment is no id; read a file with dtype={'segment': str}" if column == "segment" else None
                self._problems.append((row, column, words or f"{column} is no text"))
                at = self._at[row] if column != "segment" else -1
                texts[row] = self._shown.texts[column][at] if at >= 0 else ""
        return [text or "" for text in texts]


def _is_missing(value: object) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _text_of(value: object) -> str | None:
    """A cell as a text, empty where it is missing; None where it is none. Numbers become texts on the way of a file."""
    import numpy as np

    if isinstance(value, str):
        return str(value)
    if _is_missing(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64))
    return str(value) if is_whole and abs(value) < _LARGEST else None  # type: ignore[arg-type]


def _numbers_of(series: pd.Series[Any]) -> tuple[npt.NDArray[np.float64], dict[int, str]]:
    """A column of numbers, NaN where there is none, and what is wrong with cells that hold something else."""
    import numpy as np

    if series.dtype.kind in "iuf":
        return series.to_numpy(dtype="float64", na_value=np.nan), {}
    numbers = [_number(value) for value in series.astype("object").tolist()]
    bad = {row: number for row, number in enumerate(numbers) if isinstance(number, str)}
    return np.array([np.nan if isinstance(number, str) else number for number in numbers], dtype="float64"), bad


def _number(value: object) -> float | str:
    """A cell as a number, or what is wrong with it."""
    import numpy as np

    if _is_missing(value):
        return float("nan")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, np.timedelta64):
        return float(value / np.timedelta64(1, "ns")) / 1e9
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf")
    return f'"{told(value)}" is a text, not a number' if isinstance(value, str) else "is no number"
