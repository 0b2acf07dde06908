"""What an edit makes of one track, and of the lengths that a draft and its tracks say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from nemo_notebook.film.draft import (
    KINDS,
    LENGTH,
    SEGMENTS,
    START,
    TRACK_TYPE,
    Json,
    Track,
    first,
    have_starts,
    items,
    said,
)
from nemo_notebook.film.editing.lying import Piece
from nemo_notebook.film.editing.making import Ids
from nemo_notebook.film.editing.writing import Pen, number_like
from nemo_notebook.outside import finite

_TRACK_TYPES: Final = {kind: number for number, kind in KINDS.items()}
_ROUNDING_MS: Final = 1.0


class TrackChange:
    """What becomes of one track.

    Args:
        lane: The track as it was shown; None for one that has to be made.

    Attributes:
        gone: Places, in time order, of segments that leave it.
        written: By place, segments that are written anew.
        added: Segments that come to it.
    """

    def __init__(self, lane: Track | None) -> None:
        self._lane = lane
        self.gone: set[int] = set()
        self.written: dict[int, tuple[dict[str, Any], Piece]] = {}
        self.added: list[tuple[dict[str, Any], Piece]] = []

    @property
    def end_ms(self) -> float:
        """Where its last segment ends."""
        ends = [piece.end_ms for _, piece in (*self.written.values(), *self.added)]
        if self._lane is not None:
            times = enumerate(zip(self._lane.starts_ms, self._lane.lengths_ms, strict=True))
            ends += [start + length for at, (start, length) in times if at not in self.gone and at not in self.written]
        return max(ends, default=0.0)

    @property
    def is_emptied(self) -> bool:
        """Whether nothing is left on it."""
        return self._lane is not None and not self.added and len(self.gone) == len(self._lane.ids)

    def track(self) -> dict[str, Any]:
        """The track's new JSON; what comes to it stands last, so that all others keep their places."""
        lane = self._lane
        assert lane is not None
        key = said(lane.raw, SEGMENTS) or SEGMENTS[0]
        found: list[Any] = list(items(lane.raw.get(key)))
        for at, (raw, _) in self.written.items():
            found[lane.places[at]] = raw
        self._pin(lane, found)
        left = {lane.places[at] for at in self.gone}
        track = dict(lane.raw)
        track[key] = [*(raw for place, raw in enumerate(found) if place not in left), *self._arrived()]
        measure(track, end_ms_of(lane), self.end_ms)
        return track

    def new_track(self, lanes: Sequence[Track], ids: Ids) -> dict[str, Any]:
        """A track like the last of its kind; where there is none, as the engine has them."""
        kind = self.added[0][1].kind
        like = next((lane.raw for lane in reversed(lanes) if lane.kind == kind), None)
        if like is None:
            some: Json = lanes[-1].raw if lanes else {}
            kind_key, key = said(some, TRACK_TYPE) or TRACK_TYPE[0], said(some, SEGMENTS) or SEGMENTS[0]
            track: dict[str, Any] = {"id": ids.new(kind), kind_key: _TRACK_TYPES.get(kind, -1)}
            return {**track, "m": {"name": kind.capitalize()}, key: self._arrived()}
        track = {**like, said(like, SEGMENTS) or SEGMENTS[0]: self._arrived()}
        if track.get("id") is not None:
            track["id"] = ids.new(kind)
        length = said(track, LENGTH)
        if length and finite(track[length]) is not None:
            track[length] = number_like(track[length], self.end_ms)
        return track

    def _arrived(self) -> list[dict[str, Any]]:
        """What came to it, each with a start of its own."""
        for raw, piece in self.added:
            if finite(first(raw, START)) is None:
                raw[said(raw, START) or START[0]] = number_like(None, piece.start_ms)
        return [raw for raw, _ in self.added]

    def _pin(self, lane: Track, found: list[Any]) -> None:
        """Gives those a start that follow another and would move with it, and those alone."""
        if have_starts(lane.raws):
            return
        follows_ms = 0.0
        for at in sorted(range(len(lane.places)), key=lane.places.__getitem__):
            if at in self.gone:
                continue
            place, start_ms, length_ms = lane.places[at], lane.starts_ms[at], lane.lengths_ms[at]
            if at in self.written:
                piece = self.written[at][1]
                start_ms, length_ms = piece.start_ms, piece.length_ms
            if start_ms != follows_ms and finite(first(found[place], START)) is None:
                pen = Pen(found[place])
                pen.put_start(start_ms)
                found[place] = pen.raw
            follows_ms = start_ms + length_ms


def end_ms_of(lane: Track) -> float:
    """Where the last segment of a track ends, in milliseconds."""
    return max(map(sum, zip(lane.starts_ms, lane.lengths_ms, strict=True)), default=0.0)


def measure(part: dict[str, Any], before_ms: float, after_ms: float, *, at_least: bool = False) -> None:
    """Writes the length that a draft or a track says of itself, where it does and an edit has changed it.

    Args:
        part: The draft or the track.
        before_ms: Where its last segment ended.
        after_ms: Where it ends now.
        at_least: Whether nothing may end after it.
    """
    key = said(part, LENGTH)
    own = finite(part.get(key))
    if own is None or own <= 0 or before_ms == after_ms:
        return
    if abs(own - before_ms) <= _ROUNDING_MS or (at_least and own < after_ms):
        part[key] = number_like(part[key], round(after_ms, 3))
