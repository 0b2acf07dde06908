"""What a page asks to be changed on the timeline, as typed edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.errors import InvalidEdit, InvalidTimeline, Problem, UsageError
from nemo_notebook.film.draft import Segment
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.summary import short
from nemo_notebook.film.table import Shown
from nemo_notebook.film.table_edits import edits_of
from nemo_notebook.film.table_rows import IN, Asked, Row, moment_s, plays_a_file
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite

_MOST: Final = 20_000
_LONGEST: Final = 20_000
_NUMBERS: Final = ("start_s", "duration_s", "volume", "track")
_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of one segment, or of a copy of it.

    Attributes:
        segment: Its id.
        cells: New values by column of the table.
        is_gone: Whether it is to be taken away.
        is_copy: Whether all this is of a copy, and the segment stays.
        is_trimmed: Whether a new start leaves what it plays where it is on the timeline, and hides or shows more of it;
            else it takes it along.
    """

    segment: str
    cells: Mapping[str, float | str]
    is_gone: bool = False
    is_copy: bool = False
    is_trimmed: bool = False


def read_wishes(changes: object) -> list[Wish]:
    """The wishes of a page.

    Raises:
        UsageError: They are none.
    """
    if not isinstance(changes, list) or not 0 < len(changes) <= _MOST:
        raise _NO_WISH
    return [_read(change) for change in changes]


_NO_WISH: Final = UsageError("The page asks for a change that is none.", hint="Load the page again.")


def _read(change: object) -> Wish:
    if not isinstance(change, Mapping) or not isinstance(change.get("segment"), str):
        raise _NO_WISH
    cells: dict[str, float | str] = {}
    for column in _NUMBERS:
        if column in change:
            value = finite(change[column])
            if value is None:
                raise _NO_WISH
            cells[column] = value
    if "text" in change:
        if not isinstance(change["text"], str) or len(change["text"]) > _LONGEST:
            raise _NO_WISH
        cells["text"] = change["text"]
    gone, copy, trim = (change.get(key) is True for key in ("delete", "copy", "trim"))
    return Wish(change["segment"], cells, gone, copy, trim)


def edits_of_wishes(timeline: Timeline, wishes: Sequence[Wish], media: Sequence[MediaItem] = ()) -> tuple[Edit, ...]:
    """The typed edits that wishes ask for.

    Args:
        timeline: The timeline that the page shows.
        wishes: What is asked for; of several for one segment the last one holds, column by column.
        media: The uploads, which tell how long clips can be.

    Raises:
        UsageError: A segment is not there.
        InvalidTimeline: Some of it cannot be.
    """
    shown = Shown(timeline.draft)
    segments = {segment.id: segment for track in timeline.tracks for segment in track.segments}
    places = {own_id: at for at, own_id in enumerate(shown.ids)}
    if any(wish.segment not in places for wish in wishes):
        raise UsageError("That segment is no longer there.", hint="")
    cells: dict[int, dict[str, float | str]] = {}
    rows: list[Row] = []
    for wish in wishes:
        at, wished = places[wish.segment], dict(wish.cells)
        if wish.is_trimmed and (moment := _moment_s(segments[wish.segment], wish)) is not None:
            wished[IN] = moment
        if wish.is_copy:
            name = short(shown.texts["name"][at])
            wished = _changed(shown, at, wished)
            rows.append(Row(len(shown.ids) + len(rows), "", name, at, is_new=True, cells=wished))
        else:
            cells.setdefault(at, {}).update(wished)
    gone = frozenset(places[wish.segment] for wish in wishes if wish.is_gone)
    changed = {at: _changed(shown, at, cells[at]) for at in sorted(cells.keys() - gone)}
    own = [Row(at, "", short(shown.texts["name"][at]), at, cells=each) for at, each in changed.items() if each]
    return edits_of(shown, Asked([*own, *rows], gone), media)


def _changed(shown: Shown, at: int, cells: Mapping[str, float | str]) -> dict[str, float | str]:
    """The cells that are not as they are shown."""
    before = {column: each[at] for columns in (shown.texts, shown.numbers) for column, each in columns.items()}
    before[IN] = moment_s(shown, at)
    return {column: value for column, value in cells.items() if value != before[column]}


def _moment_s(segment: Segment, wish: Wish) -> float | None:
    """From which second of its file on a trimmed segment plays; None where it has none, or its start stays."""
    start_s = wish.cells.get("start_s")
    if not isinstance(start_s, float) or not plays_a_file(segment.raw):
        return None
    speed = segment.speed if segment.kind == "video" else 1.0
    moment_ms = segment.in_ms + (1000 * start_s - segment.start_ms) * speed
    return 0.0 if -1 < moment_ms < 0 else moment_ms / 1000  # a rounding


def refused(error: InvalidTimeline | InvalidEdit) -> str:
    """Why segments could not be changed, by the names that the page shows, and not by rows or edits."""
    told = dict.fromkeys(
        problem.words if not isinstance(problem, Problem) else f"“{problem.name}”: {problem.words}."
        for problem in error.problems
    )
    rest = len(told) - _TOLD
    return "\n".join([*list(told)[:_TOLD], *([f"… +{rest}"] if rest > 0 else [])])
