"""The rows of an edited table, each with its place: which track, from when to when, of what source; if that can be."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nemo_notebook.errors import Problem
from nemo_notebook.film.draft import KINDS, MAX_VOLUME
from nemo_notebook.film.editing.asked import Asked, Row
from nemo_notebook.film.editing.cells import told
from nemo_notebook.film.editing.lying import Lying, Piece, Rooms, number
from nemo_notebook.film.editing.shown import IN, Shown
from nemo_notebook.film.editing.sources import Source, Sources, plays_a_file

_LONGEST_S: Final = 24 * 3600.0
_APART_S: Final = 0.001
_OTHER: Final = "other"


class Placing:
    """Finds the pieces of a table.

    Attributes:
        problems: What cannot be, each with its row's place in the table.
    """

    def __init__(self, shown: Shown, asked: Asked, sources: Sources) -> None:
        self.problems = list(asked.problems)
        self._shown = shown
        self._asked = asked
        self._sources = sources
        self._failed = {place for place, _ in asked.problems}
        self._kinds = [lane.kind for lane in shown.lanes]
        self._last = len(shown.lanes)

    def pieces(self) -> list[Piece]:
        """All rows that could be placed, in the table's order."""
        self._check_new_ids()
        self._kinds += self._new_tracks()
        found = [piece for row in self._asked.rows if (piece := self._piece(row))]
        rooms = Rooms(Lying(self._shown, self._asked, found), self._kinds)
        return [piece if piece.track else replace(piece, track=rooms.take(piece)) for piece in found]

    def _refuse(self, row: Row, column: str, words: str) -> None:
        self.problems.append((row.place, Problem(row.label, row.name, column, words)))

    def _check_new_ids(self) -> None:
        seen: set[str] = set()
        for row in self._asked.rows:
            if row.id and row.id in seen:
                self._refuse(row, "segment", f'segment "{told(row.id)}" is there twice')
            seen.add(row.id)

    def _new_tracks(self) -> list[str]:
        """Kinds of the tracks above the last that rows ask for: the first of its rows says which."""
        kinds: dict[int, str] = {}
        for row in self._asked.rows:
            number = row.cells.get("track", 0)
            if number > self._last and number <= self._last + len(self._asked.rows):
                kinds.setdefault(int(number), self._own_kind(row))
        numbers = range(self._last + 1, self._last + 1 + len(kinds))
        return [kinds[number] for number in numbers if number in kinds] if kinds.keys() == set(numbers) else []

    def _own_kind(self, row: Row) -> str:
        return self._shown.words["kind"][row.at] if row.at >= 0 else str(row.cells.get("kind", ""))

    def _piece(self, row: Row) -> Piece | None:
        before = len(self.problems)
        track = self._track(row)
        kind = self._kinds[track - 1] if track else self._own_kind(row)
        span = self._span(row)
        self._check_words(row, kind)
        source = self._source(row, kind)
        self._check_moment(row, source)
        if len(self.problems) > before or span is None:
            return None
        piece = Piece(row, track, kind, *span, _is_placed(row, self._shown, track, span), source)
        self._check_length(piece)
        return piece

    def _track(self, row: Row) -> int:
        """The track's number; 0 where one has to be found."""
        given = row.cells.get("track")
        own = self._own_kind(row)
        if given is None:
            if row.at >= 0:
                self._check_kind(row, own)
                return int(self._shown.numbers["track"][row.at])
            if own not in (*KINDS.values(), _OTHER) or (own == _OTHER and own not in self._kinds):
                words = f'kind "{told(own)}" is not known' if own else "a new row needs a kind or a track"
                self._refuse(row, "kind", words)
            return 0
        if not 1 <= given <= len(self._kinds) or given != int(given):
            self._refuse(row, "track", f"track {number(given)} is none; the next new one is {self._last + 1}")
            return 0
        kind = self._kinds[int(given) - 1]
        if row.at >= 0 and kind != own:
            self._refuse(row, "track", f"track {number(given)} is of the kind {kind}, not {own}")
            return 0
        if int(given) > self._last and kind not in KINDS.values() and own != _OTHER:
            self._refuse(row, "kind", "the first row of a new track needs a kind: video, audio or text")
            return 0
        self._check_kind(row, kind)
        return int(given)

    def _check_kind(self, row: Row, kind: str) -> None:
        asked = row.cells.get("kind", kind)
        if asked not in (kind, ""):
            words = "kind cannot be changed" if row.at >= 0 else f"kind {told(asked)} is not that of its track, {kind}"
            self._refuse(row, "kind", words)
        elif asked == "" and row.at >= 0 and "kind" in row.cells:
            self._refuse(row, "kind", "kind is missing")

    def _span(self, row: Row) -> tuple[float, float] | None:
        """Start and length in milliseconds, as far as they can be."""
        start, end, length = (row.cells.get(column) for column in ("start_s", "end_s", "duration_s"))
        if row.at < 0 and (start is None or (end is None and length is None)):
            if row.place not in self._failed:
                self._refuse(row, "start_s", "a new row needs start_s, and end_s or duration_s")
            return None
        if start is not None and end is not None and length is not None and not abs(end - start - length) <= _APART_S:
            words = f"start_s {number(start)}, end_s {number(end)} and duration_s {number(length)} do not agree"
            self._refuse(row, "duration_s", words)
            return None
        start_ms, length_ms = self._shown.span_ms(row.at) if row.at >= 0 else (0.0, 0.0)
        if start is not None:
            start_ms = ms(start)
        elif end is not None and length is not None:
            start_ms = ms(end - length)
        if length is not None:
            length_ms = ms(length)
        elif end is not None:
            length_ms = _kept(round(ms(end) - start_ms, 3), length_ms)
        return (start_ms, length_ms) if self._is_possible(row, start_ms, length_ms) else None

    def _is_possible(self, row: Row, start_ms: float, length_ms: float) -> bool:
        times = [column for column in ("start_s", "end_s", "duration_s") if column in row.cells]
        if not times:
            return True
        start_s, end_s, length_s = start_ms / 1000, (start_ms + length_ms) / 1000, length_ms / 1000
        if start_s < 0:
            self._refuse(row, times[0], f"start_s {number(start_s)} is before the beginning")
        elif not length_s > 0 and times != ["start_s"]:
            words = f"end_s {number(end_s)} is not after start_s {number(start_s)}"
            words = f"duration_s {number(length_s)} is no length" if times[-1] == "duration_s" else words
            self._refuse(row, times[-1], words)
        elif end_s > _LONGEST_S:
            self._refuse(row, times[-1], f"it would end at {number(end_s)} s, after more than a day")
        else:
            return True
        return False

    def _check_words(self, row: Row, kind: str) -> None:
        volume, text = row.cells.get("volume"), row.cells.get("text")
        if volume is not None and not (0 <= volume <= MAX_VOLUME or volume != volume):
            self._refuse(row, "volume", f"volume {number(volume)} is not between 0 and {MAX_VOLUME:g}")
        if text and kind != "text":
            self._refuse(row, "text", f"a track of the kind {kind} has no text" if kind else "its kind is not known")
        if kind == "text" and (text == "" or (row.at < 0 and text is None)):
            self._refuse(row, "text", "a title needs a text")

    def _source(self, row: Row, kind: str) -> Source | None:
        if "source" not in row.cells:
            if row.at < 0 and kind in ("video", "audio"):
                self._refuse(row, "source", "a new row needs a source")
            return None
        raw = self._shown.raw(row.at) if row.at >= 0 else {}
        found = self._sources.find(row.cells["source"], kind, raw)
        if isinstance(found, str):
            self._refuse(row, "source", found)
            return None
        return found

    def _check_moment(self, row: Row, source: Source | None) -> None:
        moment = row.cells.get(IN)
        if moment is None:
            return
        if source is None and not plays_a_file(self._shown.raw(row.at) if row.at >= 0 else {}):
            self._refuse(row, IN, "it plays no file, so in_s says nothing")
        elif moment < 0:
            self._refuse(row, IN, f"in_s {number(moment)} is before the beginning of its file")

    def _check_length(self, piece: Piece) -> None:
        raw = self._shown.raw(piece.row.at) if piece.row.at >= 0 else {}
        before_ms = self._shown.span_ms(piece.row.at)[1] if piece.row.at >= 0 and piece.source is None else 0.0
        moment = piece.row.cells.get(IN)
        if piece.length_ms <= before_ms and moment is None:
            return
        in_ms = None if moment is None else ms(moment)
        longest_ms = self._sources.longest_ms(raw, piece.source, piece.kind, in_ms)
        if longest_ms is not None and piece.length_ms > longest_ms:
            words = f"{number(piece.length_ms / 1000)} s are more than its file has: {number(longest_ms / 1000)} s"
            self._refuse(piece.row, "duration_s", words)


def _is_placed(row: Row, shown: Shown, track: int, span: tuple[float, float]) -> bool:
    return row.is_new or shown.numbers["track"][row.at] != track or shown.span_ms(row.at) != span


def _kept(new_ms: float, old_ms: float) -> float:
    """A length that came of a start and an end, as it was where only rounding tells them apart."""
    return old_ms if abs(new_ms - old_ms) <= _APART_S else new_ms


def ms(time_s: float) -> float:
    """Milliseconds to three digits."""
    return round(1000 * time_s, 3)
