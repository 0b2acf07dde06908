"""The rows of a table that was edited with pandas: which cells and rows are others than were shown, and where they lie.

A cell that says what was shown asks for nothing, whatever pandas has made of its type on the way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import InvalidTimeline, Problem, UsageError
from nemo_notebook.film.draft import to_frame
from nemo_notebook.film.edits.titles import cleaned
from nemo_notebook.film.layout import SHORTEST_SHOT
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.table import Shown
from nemo_notebook.film.tracks import KINDS, MAX_VOLUME, Json, meta_of
from nemo_notebook.outside import finite, plain, redact, strike

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

IN: Final = "in_s"
"""A further column that a table may have: from which second of its file on a segment plays."""
NUMBER_COLUMNS: Final = ("track", "start_s", "end_s", "duration_s", "volume", IN)
TEXT_COLUMNS: Final = ("kind", "name", "text", "source")
_NEAR: Final = 5e-7  # what is nearer to each other is the same: a rounding of pandas
_LONGEST: Final = 40  # characters of a cell in a message
_FITS: Final = {"video": ("video", "image"), "audio": ("audio",)}
_PLAYING: Final = ("clip", "song", "speech", "overlay")
_DRAWN: Final = ("title", "visualizer", "backdrop")
_TIMES: Final = ("start_s", "end_s", "duration_s")
_APART_S: Final = 0.001


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
class TableChanges:
    """All that is asked for.

    Attributes:
        rows: In the table's order.
        gone: Rows that were shown and are no more.
        problems: Cells that cannot be meant: the place of the row, the column, and what is wrong.
    """

    rows: Sequence[Row]
    gone: frozenset[int] = frozenset()
    problems: Sequence[tuple[int, str, str]] = ()


def read_asked(frame: pd.DataFrame, shown: Shown) -> TableChanges:
    """Find what a table asks for.

    Raises:
        UsageError: It is no table, or cannot be one of a timeline.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        how = "Take `frame = session.timeline().frame`, change it, and give it to `session.apply(frame)`."
        raise UsageError("A pandas DataFrame is needed to change the timeline.", hint=how)
    known = {*NUMBER_COLUMNS, *TEXT_COLUMNS, "segment"}
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

    def asked(self) -> TableChanges:
        for column in (*NUMBER_COLUMNS, *TEXT_COLUMNS):
            if column in self._columns:
                self._read_texts(column) if column in TEXT_COLUMNS else self._read_numbers(column)
        new = {row for row, at in enumerate(self._at) if at < 0} | self._copies()
        rows = new.union(self._cells, (row for row, *_ in self._problems))
        gone = frozenset(range(len(self._shown.ids))).difference(self._at)
        return TableChanges([self._row(row, row in new) for row in sorted(rows)], gone, self._problems)

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
                words = f"{column} {told(repr(self._columns[column].iloc[row]))} is no usable number"
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
    number = _read_number(value)
    return "" if number != number else str(int(number)) if number.is_integer() else None


def _numbers_of(series: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """A column of numbers, NaN where a cell is missing, infinite where it is no number that can be worked with."""
    import numpy as np

    if series.dtype.kind in "iuf":
        return series.to_numpy(dtype="float64", na_value=np.nan)
    return np.array([_read_number(value) for value in series.astype("object").tolist()], dtype="float64")


def _read_number(value: Any) -> float:
    import numpy as np
    import pandas as pd

    if pd.isna(value) is True:
        return float("nan")
    if isinstance(value, (timedelta, np.timedelta64)):
        return pd.Timedelta(value).total_seconds()
    number = finite(value.item() if isinstance(value, np.generic) else value)
    return float("inf") if number is None else number


Span = tuple[int, int]
"""The first frame of a part, and the one after its last."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A row with its place.

    Attributes:
        row: What is asked for.
        track: Number of its track; above the last for one that has to be made, 0 where one has to be found.
        kind: Of its track.
        span: Its frames.
        source: What it is to show, where that is asked for: an upload, or what another part of the draft shows.
    """

    row: Row
    track: int
    kind: str
    span: Span
    source: MediaItem | str | None = None


class Layout:
    """The tracks as a table asks for them.

    Args:
        shown: The draft's table.
        asked: What is asked for.
        media: The session's uploads.
    """

    def __init__(self, shown: Shown, asked: TableChanges, media: Sequence[MediaItem]) -> None:
        self._shown = shown
        self._asked = asked
        self._problems = list(asked.problems)
        self._kinds = [lane.kind for lane in shown.lanes]
        self._uploads = {strike(plain(item.filename)): item for item in reversed(media)}
        self._by_hash = {item.id: item for item in media}
        sources = shown.texts["source"]
        self._showing = {sources[at]: at for at in reversed(range(len(sources))) if sources[at]}

    def pieces(self) -> list[Laid]:
        """All rows with their places, in the table's order.

        Raises:
            InvalidTimeline: Some cannot be; it tells of all of them.
        """
        found = [piece for row in self._asked.rows if (piece := self._piece(row))]
        if self._problems:
            rows = {row.place: row for row in self._asked.rows}
            told_of = ((rows[place], column, words) for place, column, words in sorted(self._problems))
            raise InvalidTimeline([Problem(row.label, row.name, column, words) for row, column, words in told_of])
        lying = self._lying(found) if any(piece.track == 0 for piece in found) else {}
        return [piece if piece.track else self._find_room(piece, lying) for piece in found]

    def _lying(self, pieces: Sequence[Laid]) -> dict[int, list[Span]]:
        """What lies on each track: what stays, and the pieces that say their track."""
        moved = {piece.row.at for piece in pieces if not piece.row.is_new} | self._asked.gone
        lying: defaultdict[int, list[Span]] = defaultdict(list)
        for at, number in enumerate(self._shown.numbers["track"].tolist()):
            if at not in moved:
                lying[number].append(span_of(self._shown, at))
        for piece in pieces:
            lying[piece.track].append(piece.span)
        return lying

    def _refuse(self, row: Row, column: str, words: str) -> None:
        self._problems.append((row.place, column, words))

    def _piece(self, row: Row) -> Laid | None:
        before, meta = len(self._problems), meta_of(self._shown.raws[row.at]) if row.at >= 0 else {}
        own = self._shown.texts["kind"][row.at] if row.at >= 0 else str(row.cells.get("kind", ""))
        track = self._track(row, own)
        kind = self._kinds[track - 1] if track else own
        span, source = self._span(row), self._source(row, kind, meta)
        self._check_cells(row, kind, meta, source)
        return None if span is None or len(self._problems) > before else Laid(row, track, kind, span, source)

    def _track(self, row: Row, own: str) -> int:
        """The number of a row's track, which is a new one if it is the next; 0 where one has to be found."""
        if row.at < 0 and "track" not in row.cells:
            if own not in KINDS.values():
                words = f'kind "{told(own)}" is not known' if own else "a new row needs a kind or a track"
                self._refuse(row, "kind", words)
            return 0
        number = row.cells["track"] if "track" in row.cells else self._shown.numbers["track"][row.at]
        if number == len(self._kinds) + 1 and own in KINDS.values():
            self._kinds.append(own)
        if number not in range(1, len(self._kinds) + 1):
            self._refuse(row, "track", f"track {_number(number)} is none; the next new one is {len(self._kinds) + 1}")
            return 0
        kind = self._kinds[int(number) - 1]
        if row.at < 0 and kind not in KINDS.values():
            self._refuse(row, "track", f"nothing can be added to a track of the kind {kind}")
        elif kind != own and own:
            self._refuse(row, "track", f"track {_number(number)} is of the kind {kind}, not {told(own)}")
        elif row.cells.get("kind", own) != own:
            self._refuse(row, "kind", "kind cannot be changed")
        return int(number)

    def _span(self, row: Row) -> Span | None:
        times = {column: row.cells[column] for column in _TIMES if column in row.cells}
        if row.at < 0 and ("start_s" not in times or len(times) == 1):
            if all(place != row.place for place, *_ in self._asked.problems):
                self._refuse(row, "start_s", "a new row needs start_s, and end_s or duration_s")
            return None
        if not times:
            return span_of(self._shown, row.at)
        start, end, length = (times.get(column) for column in _TIMES)
        own = (0.0, 0.0) if row.at < 0 else tuple(self._shown.numbers[key][row.at] for key in ("start_s", "duration_s"))
        start = start if start is not None else end - length if end is not None and length is not None else own[0]
        length = length if length is not None else end - start if end is not None else own[1]
        first, last = to_frame(1000 * start), to_frame(1000 * (start + length))
        column, is_longer = [*times][-1], last - first != to_frame(1000 * own[1])
        if end is not None and not abs(end - start - length) <= _APART_S:
            words = f"start_s {_number(start)}, end_s {_number(end)} and duration_s {_number(length)} do not agree"
            self._refuse(row, column, words)
        elif start < 0:
            self._refuse(row, next(iter(times)), f"start_s {_number(start)} is before the beginning")
        elif column == "start_s":  # and nothing else: it moves
            before = span_of(self._shown, row.at)
            return first, first + before[1] - before[0]
        elif is_longer and last - first < SHORTEST_SHOT:
            self._refuse(row, column, f"{_number(length)} s are too short; {SHORTEST_SHOT / 30:g} s are the least")
        else:
            return first, last
        return None

    def _check_cells(self, row: Row, kind: str, meta: Json, source: MediaItem | str | None) -> None:
        volume, text, moment = (row.cells.get(column) for column in ("volume", "text", IN))
        plays = source.kind != "image" if isinstance(source, MediaItem) else not source and meta.get("role") in _PLAYING
        is_still = source.kind == "image" if isinstance(source, MediaItem) else meta.get("role") in (*_DRAWN, "image")
        if volume is not None and not (0 <= volume <= MAX_VOLUME or volume != volume):
            self._refuse(row, "volume", f"volume {_number(volume)} is not between 0 and {MAX_VOLUME:g}")
        elif volume is not None and (kind == "text" or is_still):
            self._refuse(row, "volume", "it has no sound")
        if text and kind != "text":
            self._refuse(row, "text", f"a track of the kind {kind} has no text" if kind else "its kind is not known")
        if kind == "text" and not cleaned(text or "") and ("text" in row.cells or row.at < 0):
            self._refuse(row, "text", "a title needs a text")
        if moment is not None and not plays:
            self._refuse(row, IN, "it plays no file, so in_s says nothing")
        elif moment is not None and moment < 0:
            self._refuse(row, IN, f"in_s {_number(moment)} is before the beginning of its file")

    def _source(self, row: Row, kind: str, meta: Json) -> MediaItem | str | None:
        """What a row is to show, as far as it says so."""
        name, role = row.cells.get("source"), meta.get("role")
        if name is None:
            if row.at < 0 and kind in _FITS:
                self._refuse(row, "source", "a new row needs a source")
            return None
        key = strike(plain(name))
        at = self._showing.get(key)
        shown = meta_of(self._shown.raws[at]) if at is not None else {}
        item = self._uploads.get(key) or self._by_hash.get(str(shown.get("media")))
        own = item.kind if item else self._shown.texts["kind"][at] if at is not None else ""
        if not name:
            words = "source cannot be taken away; drop the row instead"
        elif not own:
            known = ", ".join(map(told, list(dict.fromkeys([*reversed(self._uploads), *self._showing]))[:5]))
            words = f'source "{told(name)}" is not known' + (f"; there are {known}" if known else "")
        elif kind == "text" or role in _DRAWN:
            words = f"a {role if isinstance(role, str) else 'title'} shows no file"
        elif own not in _FITS.get(kind, (own,)):
            words = f'"{told(name)}" is of the kind {own}, which is not for a track of the kind {kind}'
        elif item is None and ("role" in meta or "role" in shown):
            words = f'"{told(name)}" is no file that could be shown'
        else:
            return item or key
        self._refuse(row, "source", words)
        return None

    def _find_room(self, piece: Laid, lying: dict[int, list[Span]]) -> Laid:
        """Put a piece on the first track of its kind in which it overlaps nothing; a new one where there is none."""
        first, last = piece.span
        alike = (number for number, kind in enumerate(self._kinds, start=1) if kind == piece.kind)
        free = (n for n in alike if not any(start < last and first < end for start, end in lying[n]))
        track = next(free, len(self._kinds) + 1)
        if track > len(self._kinds):
            self._kinds.append(piece.kind)
        lying[track].append(piece.span)
        return replace(piece, track=track)


def span_of(shown: Shown, at: int) -> Span:
    """The frames of a row that was shown."""
    return to_frame(1000 * shown.numbers["start_s"][at]), to_frame(1000 * shown.numbers["end_s"][at])


def plays_a_file(raw: Json) -> bool:
    """Whether a segment plays an upload from some moment on."""
    return meta_of(raw).get("role") in _PLAYING


def can_be_split(raw: Json, kind: str) -> bool:
    """Whether two parts of it show what it shows: composed music, or what keeps no in-point, would begin anew."""
    return kind == "text" or plays_a_file(raw) or meta_of(raw).get("role") in ("image", "backdrop", "visualizer")


def _number(value: float) -> str:
    """A number as people write it."""
    return (f"{round(value, 3):g}" if abs(value) < 1e6 else f"{value:.3g}").replace("-", "−")
