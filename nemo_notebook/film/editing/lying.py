"""What lies where after an edit, track by track: where there is room, and what has come to overlap."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from nemo_notebook.errors import Problem
from nemo_notebook.film.editing.asked import Asked, Placed, Row
from nemo_notebook.film.editing.cells import told
from nemo_notebook.film.editing.shown import Shown
from nemo_notebook.film.editing.sources import Source


@dataclass(frozen=True, slots=True)
class Piece:
    """A row with its place.

    Attributes:
        row: What is asked for.
        track: Number of its track; above the last for one that has to be made, 0 where one has to be found.
        kind: Of its track.
        start_ms: Start on the timeline, in milliseconds.
        length_ms: Length, likewise.
        is_placed: Whether it comes to lie elsewhere than it lay, or is longer or shorter.
        source: What it is to show, where that is asked for.
    """

    row: Row
    track: int
    kind: str
    start_ms: float
    length_ms: float
    is_placed: bool
    source: Source | None = None

    @property
    def end_ms(self) -> float:
        """End on the timeline, in milliseconds."""
        return self.start_ms + self.length_ms


@dataclass(frozen=True, slots=True)
class Span:
    """What lies on a track: a segment that stays, or a piece.

    Attributes:
        start_ms: Start on the timeline, in milliseconds.
        end_ms: End, likewise.
        at: The row in which it was shown; −1 for what is new.
        piece: What is asked for it, None where nothing is.
    """

    start_ms: float
    end_ms: float
    at: int
    piece: Piece | None = None

    @property
    def is_placed(self) -> bool:
        """Whether the edit has brought it here."""
        return self.piece is not None and self.piece.is_placed


class Lying:
    """What lies on the tracks after an edit."""

    def __init__(self, shown: Shown, asked: Asked, pieces: Sequence[Piece]) -> None:
        self._shown = shown
        self._left = asked.gone.union(piece.row.at for piece in pieces if not piece.row.is_new)
        self._firsts = [0, *accumulate(len(lane.ids) for lane in shown.lanes)]
        self._pieces: dict[int, list[Piece]] = {}
        for piece in pieces:
            self._pieces.setdefault(piece.track, []).append(piece)

    def on(self, track: int) -> list[Span]:
        """All of a track, in time order."""
        pieces = self._pieces.get(track, ())
        spans = [Span(p.start_ms, p.end_ms, -1 if p.row.is_new else p.row.at, p) for p in pieces]
        if track <= len(self._shown.lanes):
            lane, first = self._shown.lanes[track - 1], self._firsts[track - 1]
            rows = enumerate(zip(lane.starts_ms, lane.lengths_ms, strict=True), start=first)
            spans += [Span(start, start + length, at) for at, (start, length) in rows if at not in self._left]
        return sorted(spans, key=lambda span: (span.start_ms, span.end_ms))

    def overlaps(self) -> Iterator[Placed]:
        """What the edit has laid over one another, once for each row; what overlapped before is the draft's affair."""
        seen: set[int] = set()
        for track in sorted(self._pieces):
            if not any(piece.is_placed for piece in self._pieces[track]):
                continue
            longest: Span | None = None
            for span in self.on(track):
                if longest and self._is_laid_over(longest, span):
                    mine, rest = (span, longest) if span.is_placed else (longest, span)
                    problem = self._problem(mine, rest, track)
                    if problem[0] not in seen:
                        yield problem
                    seen.add(problem[0])
                if longest is None or span.end_ms > longest.end_ms:
                    longest = span

    def _is_laid_over(self, one: Span, other: Span) -> bool:
        if not (one.is_placed or other.is_placed) or not _meet(one, other):
            return False
        if one.at < 0 or other.at < 0 or self._shown.lane_of[one.at] != self._shown.lane_of[other.at]:
            return True
        return not _meet(self._before(one), self._before(other))

    def _before(self, span: Span) -> Span:
        start_ms, length_ms = self._shown.span_ms(span.at)
        return Span(start_ms, start_ms + length_ms, span.at)

    def _problem(self, mine: Span, rest: Span, track: int) -> Placed:
        assert mine.piece is not None
        row = mine.piece.row
        name = rest.piece.row.name if rest.piece else told(self._shown.words["name"][rest.at])
        whose = f"row {rest.piece.row.label}" if rest.piece else f"segment {told(self._shown.ids[rest.at])}"
        when = f"{number(rest.start_ms / 1000)}–{number(rest.end_ms / 1000)} s"
        column = next((column for column in ("start_s", "end_s", "duration_s") if column in row.cells), "track")
        words = f"it overlaps {name} ({whose}, {when}) on track {track}"
        return row.place, Problem(row.label, row.name, column, words)


class Rooms:
    """Finds a track for pieces that name none.

    Args:
        lying: Everything else.
        kinds: Of the tracks; those that are made are added to it.
    """

    def __init__(self, lying: Lying, kinds: list[str]) -> None:
        self._lying = lying
        self._kinds = kinds
        self._taken: dict[int, list[tuple[float, float]]] = {}

    def take(self, piece: Piece) -> int:
        """The first track of its kind in which it overlaps nothing; a new one above all where there is none."""
        span = (piece.start_ms, piece.end_ms)
        for track, kind in enumerate(self._kinds, start=1):
            if kind == piece.kind and self._has_room(track, span):
                break
        else:
            self._kinds.append(piece.kind)
            track = len(self._kinds)
        insort(self._spans(track), span)
        return track

    def _has_room(self, track: int, span: tuple[float, float]) -> bool:
        spans = self._spans(track)
        at = bisect_left(spans, span)
        return (at == 0 or spans[at - 1][1] <= span[0]) and (at == len(spans) or spans[at][0] >= span[1])

    def _spans(self, track: int) -> list[tuple[float, float]]:
        if track not in self._taken:
            self._taken[track] = [(span.start_ms, span.end_ms) for span in self._lying.on(track)]
        return self._taken[track]


def number(value: float) -> str:
    """A number as people write it."""
    return (f"{round(value, 3):g}" if abs(value) < 1e6 else f"{value:.3g}").replace("-", "−")


def _meet(one: Span, other: Span) -> bool:
    """Whether two overlap by more than a millisecond, which is a rounding."""
    return one.start_ms < other.end_ms - 1 and other.start_ms < one.end_ms - 1
