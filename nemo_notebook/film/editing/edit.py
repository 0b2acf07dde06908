"""From an edited table back to a draft: nothing changes but what was asked for.

A cell that was changed is written to the key that it was read from, under whatever name the service has it; all else,
unknown keys included, stays as it is, in its order. What is not touched is shared with the draft, which is not changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nemo_notebook.errors import InvalidTimeline
from nemo_notebook.film.draft import TRACKS, Json, items
from nemo_notebook.film.editing.asked import Asked, read_asked
from nemo_notebook.film.editing.lying import Lying, Piece
from nemo_notebook.film.editing.making import Ids, written
from nemo_notebook.film.editing.placing import Placing
from nemo_notebook.film.editing.shown import Shown
from nemo_notebook.film.editing.sources import File, Sources
from nemo_notebook.film.editing.tracks import TrackChange, end_ms_of, measure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["File", "edited"]


def edited(draft: Json, frame: pd.DataFrame, files: Sequence[File] = ()) -> dict[str, Any]:
    """The draft that a table asks for which was edited with pandas.

    Rows are known by their column `segment`; their order, the index and further columns say nothing. A row that is
    missing takes its segment away; one with an id that is not known is a new segment, and a second one of an id a copy.
    A copy that lies where the end of its segment lay is the second part of it: the two are split by a hard cut.
    Of the times, those that were changed hold; a start alone moves. The name of a title or a shot follows its text or
    its source, where it was named after it. One further column says something: `in_s`, from which second of its file on
    a clip or a song plays; where it is missing, or a cell of it is, that stays.

    Args:
        draft: As it was shown; it is not changed.
        frame: Its table, `Timeline.frame`, edited.
        files: The session's uploads; without them, only what the draft shows already may be a source.

    Returns:
        The new draft; it shares with the old one what is the same in both.

    Raises:
        InvalidTimeline: Some rows cannot be applied; it tells of all of them.
        UsageError: It is no table of a timeline.
    """
    shown = Shown.read(draft)
    asked = read_asked(frame, shown)
    placing = Placing(shown, asked, Sources(shown, files))
    pieces = placing.pieces()
    problems = [*placing.problems, *Lying(shown, asked, pieces).overlaps()]
    if problems:
        raise InvalidTimeline([problem for _, problem in sorted(problems, key=lambda placed: placed[0])])
    if not pieces and not asked.gone:
        return dict(draft)
    return _Writing(draft, shown, asked, pieces).draft()


class _Writing:
    """One draft on its way to what was asked for."""

    def __init__(self, draft: Json, shown: Shown, asked: Asked, pieces: Sequence[Piece]) -> None:
        self._draft = draft
        self._shown = shown
        self._gone = asked.gone
        self._pieces = pieces
        self._ids = Ids(shown, (piece.row.id for piece in pieces))

    def draft(self) -> dict[str, Any]:
        """The new draft."""
        changes: dict[int, TrackChange] = {}
        for at in self._gone:
            self._change(changes, self._shown.lane_of[at] + 1).gone.add(self._shown.place_of[at])
        split = {piece.row.at for piece in self._pieces if self._is_rest(piece)}
        for piece in self._pieces:
            at = piece.row.at
            raw = written(piece, self._shown, self._ids, is_split=at in split)
            if not piece.row.is_new:
                own = self._change(changes, self._shown.lane_of[at] + 1)
                place = self._shown.place_of[at]
                if piece.track == self._shown.lane_of[at] + 1:
                    own.written[place] = (raw, piece)
                    continue
                own.gone.add(place)
            self._change(changes, piece.track).added.append((raw, piece))
        return self._laid(changes)

    def _is_rest(self, piece: Piece) -> bool:
        """Whether it is a copy that lies where the end of its segment lay."""
        if not piece.row.is_new or piece.row.at < 0:
            return False
        start_ms, length_ms = self._shown.span_ms(piece.row.at)
        return start_ms < piece.start_ms and piece.end_ms <= start_ms + length_ms + 1

    def _change(self, changes: dict[int, TrackChange], track: int) -> TrackChange:
        if track not in changes:
            lanes = self._shown.lanes
            changes[track] = TrackChange(lanes[track - 1] if track <= len(lanes) else None)
        return changes[track]

    def _laid(self, changes: Mapping[int, TrackChange]) -> dict[str, Any]:
        key = next((name for name in TRACKS if self._draft.get(name) is not None), TRACKS[0])
        tracks: list[Any] = list(items(self._draft.get(key)))
        emptied: set[int] = set()
        ends_ms: list[float] = []
        for lane in self._shown.lanes:
            change = changes.get(lane.number)
            if change:
                tracks[lane.at] = change.track()
                ends_ms.append(change.end_ms)
                if change.is_emptied:
                    emptied.add(lane.at)
            else:
                ends_ms.append(end_ms_of(lane))
        for number in sorted(number for number in changes if number > len(self._shown.lanes)):
            tracks.append(changes[number].new_track(self._shown.lanes, self._ids))
            ends_ms.append(changes[number].end_ms)
        new = dict(self._draft)
        new[key] = [track for at, track in enumerate(tracks) if at not in emptied]
        measure(new, max(map(end_ms_of, self._shown.lanes), default=0.0), max(ends_ms, default=0.0), at_least=True)
        return new
