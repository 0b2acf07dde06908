"""What a page asks to be changed on the timeline, held against the table that it is changed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import InvalidTimeline, UsageError
from nemo_notebook.film.draft import Segment
from nemo_notebook.film.editing.shown import IN
from nemo_notebook.film.editing.sources import plays_a_file
from nemo_notebook.film.sounds import Playing
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite

if TYPE_CHECKING:
    import pandas as pd

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


def edited_frame(timeline: Timeline, wishes: Sequence[Wish]) -> pd.DataFrame:
    """The table of a timeline with some wishes in it, to be applied.

    Raises:
        UsageError: A segment is not there.
    """
    frame = timeline.frame
    segments = [segment for track in timeline.tracks for segment in track.segments]
    places = {segment.id: at for at, segment in enumerate(segments)}
    if any(wish.segment not in places for wish in wishes):
        raise UsageError("That segment is no longer there.", hint="")
    copied = [places[wish.segment] for wish in wishes if wish.is_copy]
    frame = frame.iloc[[*range(len(segments)), *copied]].reset_index(drop=True)
    copies = iter(range(len(segments), len(frame)))
    columns: dict[str, list[Any]] = {}
    for wish in wishes:
        segment = segments[places[wish.segment]]
        at = next(copies) if wish.is_copy else places[wish.segment]
        for column, value in wish.cells.items():
            columns.setdefault(column, frame[column].tolist())[at] = value
        if wish.is_trimmed and (moment := _moment_s(segment, wish)) is not None:
            columns.setdefault(IN, [float("nan")] * len(frame))[at] = moment
    for column, values in columns.items():
        frame[column] = values
    return frame.drop(index=[places[wish.segment] for wish in wishes if wish.is_gone])


def _moment_s(segment: Segment, wish: Wish) -> float | None:
    """From which second of its file on a trimmed segment plays; None where it has none, or its start stays."""
    start_s = wish.cells.get("start_s")
    if not isinstance(start_s, float) or not plays_a_file(segment.raw):
        return None
    playing = Playing.of(segment)
    speed = playing.speed if segment.kind == "video" else 1.0
    moment_ms = playing.in_ms + (1000 * start_s - segment.start_ms) * speed
    return 0.0 if -1 < moment_ms < 0 else moment_ms / 1000  # a rounding


def refused(error: InvalidTimeline) -> str:
    """Why rows could not be changed, by the names that the page shows, and not by their places in a table."""
    told = dict.fromkeys(
        f"“{problem.name}”: {problem.words}." if problem.name else f"{problem.words}." for problem in error.problems
    )
    rest = len(told) - _TOLD
    return "\n".join([*list(told)[:_TOLD], *([f"… +{rest}"] if rest > 0 else [])])
