"""Where the rows of an edited table come to lie: which track, which frames, what they show; and whether that can be."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from nemo_notebook.errors import InvalidTimeline, Problem
from nemo_notebook.film.draft import KINDS, MAX_VOLUME, Json, meta_of
from nemo_notebook.film.drafting import MOST_MS, to_frame, to_ms
from nemo_notebook.film.edits.titles import LONGEST_TEXT, cleaned
from nemo_notebook.film.layout import SHORTEST_SHOT, frames_left
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.table_rows import IN, Asked, Row, Shown, told
from nemo_notebook.outside import finite, plain, strike

_FITS: Final = {"video": ("video", "image"), "audio": ("audio",)}
_FILE_KINDS: Final = {"clip": "video", "image": "image", "song": "audio", "speech": "audio"}
_PLAYING: Final = ("clip", "song", "speech")
_DRAWN: Final = ("title", "visualizer", "backdrop")
_TIMES: Final = ("start_s", "end_s", "duration_s")
_APART_S: Final = 0.001
_LONGEST_NAME: Final = 200

Span = tuple[int, int]
"""The first frame of a part, and the one after its last."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A row with its place.

    Attributes:
        row: What is asked for.
        track: Number of its track; above the last for one that has to be made, 0 where one has to be found.
        kind: Of its track.
        span: Its frames.
        is_placed: Whether it comes to lie elsewhere than it lay, or is longer or shorter.
        source: What it is to show, where that is asked for: an upload, or what another part of the draft shows.
    """

    row: Row
    track: int
    kind: str
    span: Span
    is_placed: bool
    source: MediaItem | str | None = None


_Lying = tuple[int, int, int, Piece | None]
"""What lies on a track: its frames, a number that no other has, and what is asked for it."""


class Layout:
    """The tracks as a table asks for them.

    Args:
        shown: The draft's table.
        asked: What is asked for.
        media: The session's uploads.
    """

    def __init__(self, shown: Shown, asked: Asked, media: Sequence[MediaItem]) -> None:
        self._shown = shown
        self._asked = asked
        self._problems = list(asked.problems)
        self._refused = {place for place, _ in asked.problems}
        self._kinds = [lane.kind for lane in shown.lanes]
        self._uploads: dict[str, MediaItem] = {}
        for item in media:
            self._uploads.setdefault(strike(plain(item.filename)), item)
        self._by_hash = {item.id: item for item in media}
        sources = shown.texts["source"]
        self._showing = {sources[at]: at for at in reversed(range(len(sources)))}

    def pieces(self) -> list[Piece]:
        """All rows with their places, in the table's order.

        Raises:
            InvalidTimeline: Some cannot be; it tells of all of them.
        """
        self._check_ids()
        found = [piece for row in self._asked.rows if (piece := self._piece(row))]
        if any(piece.is_placed for piece in found):
            lying = self._lying(found)
            found = [piece if piece.track else self._find_room(piece, lying) for piece in found]
            self._check_overlaps(lying)
        if self._problems:
            raise InvalidTimeline([problem for _, problem in sorted(self._problems, key=lambda placed: placed[0])])
        return found

    def _lying(self, pieces: Sequence[Piece]) -> dict[int, list[_Lying]]:
        """What lies on each track, in time order: what stays, and the pieces that say their track."""
        moved = {piece.row.at for piece in pieces if not piece.row.is_new} | self._asked.gone
        lying: dict[int, list[_Lying]] = {number: [] for number in range(1, len(self._kinds) + 1)}
        for at, number in enumerate(self._shown.numbers["track"].tolist()):
            if at not in moved:
                lying[int(number)].append((*self.span(at), -1 - at, None))
        for piece in pieces:
            if piece.track:
                lying[piece.track].append((*piece.span, piece.row.place, piece))
        for spans in lying.values():
            spans.sort(key=lambda span: span[:3])
        return lying

    def span(self, at: int) -> Span:
        """The frames of a row that was shown."""
        numbers = self._shown.numbers
        return to_frame(1000 * numbers["start_s"][at]), to_frame(1000 * numbers["end_s"][at])

    def _refuse(self, row: Row, column: str, words: str) -> None:
        self._problems.append((row.place, Problem(row.label, row.name, column, words)))
        self._refused.add(row.place)

    def _check_ids(self) -> None:
        seen: set[str] = set()
        for row in self._asked.rows:
            if row.id and row.id in seen:
                self._refuse(row, "segment", f'segment "{told(row.id)}" is there twice')
            seen.add(row.id)

    def _own_kind(self, row: Row) -> str:
        return self._shown.texts["kind"][row.at] if row.at >= 0 else str(row.cells.get("kind", ""))

    def _raw(self, row: Row) -> Json:
        return self._shown.raws[row.at] if row.at >= 0 else {}

    def _piece(self, row: Row) -> Piece | None:
        before = len(self._problems)
        track = self._track(row)
        kind = self._kinds[track - 1] if track else self._own_kind(row)
        span = self._span(row)
        source = self._source(row, kind)
        self._check_words(row, kind, source)
        self._check_moment(row, source)
        if len(self._problems) > before or span is None:
            return None
        is_placed = row.is_new or track != self._shown.numbers["track"][row.at] or span != self.span(row.at)
        piece = Piece(row, track, kind, span, is_placed, source)
        self._check_length(piece)
        return piece

    def _track(self, row: Row) -> int:
        """The number of a row's track, which is a new one if it is the next; 0 where one has to be found."""
        given, own = row.cells.get("track"), self._own_kind(row)
        if row.at < 0 and own not in KINDS.values() and (own or given is None):
            self._refuse(
                row, "kind", f'kind "{told(own)}" is not known' if own else "a new row needs a kind or a track"
            )
        if given is None and row.at < 0:
            return 0
        number = self._shown.numbers["track"][row.at] if given is None else given
        if number == len(self._kinds) + 1 and own in KINDS.values():
            self._kinds.append(own)
        if not 1 <= number <= len(self._kinds) or number != int(number):
            self._refuse(row, "track", f"track {_number(number)} is none; the next new one is {len(self._kinds) + 1}")
            return 0
        kind, asked = self._kinds[int(number) - 1], row.cells.get("kind", own or None)
        if row.at >= 0 and kind != own:
            self._refuse(row, "track", f"track {_number(number)} is of the kind {kind}, not {own}")
        elif row.at >= 0 and asked != own:
            self._refuse(row, "kind", "kind cannot be changed" if asked else "kind is missing")
        elif row.at < 0 and (asked not in (None, kind) or kind not in KINDS.values()):
            self._refuse(row, "kind", f"kind {told(str(asked or 'video'))} is not that of its track, {kind}")
        return int(number)

    def _span(self, row: Row) -> Span | None:
        start, end, length = (row.cells.get(column) for column in _TIMES)
        if row.at < 0 and (start is None or (end is None and length is None)):
            if row.place not in self._refused:
                self._refuse(row, "start_s", "a new row needs start_s, and end_s or duration_s")
            return None
        if start is not None and end is not None and length is not None and not abs(end - start - length) <= _APART_S:
            words = f"start_s {_number(start)}, end_s {_number(end)} and duration_s {_number(length)} do not agree"
            self._refuse(row, "duration_s", words)
            return None
        times = [column for column in _TIMES if column in row.cells]
        if not times:
            return self.span(row.at)
        own = (0.0, 0.0) if row.at < 0 else tuple(self._shown.numbers[key][row.at] for key in ("start_s", "duration_s"))
        start = start if start is not None else end - length if end is not None and length is not None else own[0]
        length = length if length is not None else end - start if end is not None else own[1]
        end = start + length
        first, last = to_frame(1000 * start), to_frame(1000 * end)
        is_longer = last - first != to_frame(1000 * own[1])
        if start < 0:
            self._refuse(row, times[0], f"start_s {_number(start)} is before the beginning")
        elif not length > 0 and times != ["start_s"]:
            words = f"end_s {_number(end)} is not after start_s {_number(start)}"
            words = f"duration_s {_number(length)} is no length" if times[-1] == "duration_s" else words
            self._refuse(row, times[-1], words)
        elif 1000 * end > MOST_MS:
            self._refuse(row, times[-1], f"it would end at {_number(end)} s, after more than a day")
        elif is_longer and times != ["start_s"] and last - first < SHORTEST_SHOT:
            self._refuse(row, times[-1], f"{_number(length)} s are too short; {SHORTEST_SHOT / 30:g} s are the least")
        else:
            return (first, last) if times != ["start_s"] or row.at < 0 else _moved(self.span(row.at), first)
        return None

    def _check_words(self, row: Row, kind: str, source: MediaItem | str | None) -> None:
        volume, text = row.cells.get("volume"), row.cells.get("text")
        role = meta_of(self._raw(row)).get("role")
        is_still = isinstance(source, MediaItem) and source.kind == "image"
        if volume is not None and not (0 <= volume <= MAX_VOLUME or volume != volume):
            self._refuse(row, "volume", f"volume {_number(volume)} is not between 0 and {MAX_VOLUME:g}")
        elif volume is not None and (kind == "text" or is_still or (source is None and role in (*_DRAWN, "image"))):
            self._refuse(row, "volume", "it has no sound")
        if text and kind != "text":
            self._refuse(row, "text", f"a track of the kind {kind} has no text" if kind else "its kind is not known")
        if kind == "text" and not cleaned(text or "") and ("text" in row.cells or row.at < 0):
            self._refuse(row, "text", "a title needs a text")
        for column, words, most in (("text", text, LONGEST_TEXT), ("name", row.cells.get("name"), _LONGEST_NAME)):
            if words and len(words) > most:
                self._refuse(row, column, f"{column} is longer than {most} characters")

    def _source(self, row: Row, kind: str) -> MediaItem | str | None:
        """What a row is to show, as far as it says so."""
        name, raw = row.cells.get("source"), self._raw(row)
        if name is None:
            if row.at < 0 and kind in _FITS:
                self._refuse(row, "source", "a new row needs a source")
            return None
        key, role = strike(plain(name)), meta_of(raw).get("role")
        at = self._showing.get(key) if key else None
        shown: Json = self._shown.raws[at] if at is not None else {}
        item = self._uploads.get(key) or self._by_hash.get(str(meta_of(shown).get("media")))
        own = item.kind if item else _FILE_KINDS.get(str(meta_of(shown).get("role")), "")
        own = own or (self._shown.texts["kind"][at] if at is not None else "")
        words = ""
        if not name:
            words = "source cannot be taken away; drop the row instead"
        elif item is None and at is None:
            known = ", ".join(
                told(each) for each in list(dict.fromkeys([*self._uploads, *filter(None, self._showing)]))[:5]
            )
            words = f'source "{told(name)}" is not known' + (f"; there are {known}" if known else "")
        elif kind == "text" or role in _DRAWN:
            words = f"a {role if isinstance(role, str) else 'title'} shows no file"
        elif own not in _FITS.get(kind, (own,)):
            words = f'"{told(name)}" is of the kind {told(own)}, which is not for a track of the kind {kind}'
        elif item is None and (is_of_engine(raw) or is_of_engine(shown)):
            words = f'"{told(name)}" is no file that could be shown'
        if words:
            self._refuse(row, "source", words)
        return None if words else item or key

    def _check_moment(self, row: Row, source: MediaItem | str | None) -> None:
        moment = row.cells.get(IN)
        if moment is None:
            return
        plays = source.kind != "image" if isinstance(source, MediaItem) else not source and plays_a_file(self._raw(row))
        if not plays:
            self._refuse(row, IN, "it plays no file, so in_s says nothing")
        elif moment < 0:
            self._refuse(row, IN, f"in_s {_number(moment)} is before the beginning of its file")

    def _check_length(self, piece: Piece) -> None:
        row, raw, (first, last) = piece.row, self._raw(piece.row), piece.span
        meta, moment = meta_of(raw), piece.row.cells.get(IN)
        before = self.span(row.at) if row.at >= 0 else (0, 0)
        if piece.source is None and moment is None and last - first <= before[1] - before[0]:
            return
        item = piece.source or (self._by_hash.get(str(meta.get("media"))) if meta.get("role") in _PLAYING else None)
        if not isinstance(item, MediaItem) or item.kind == "image" or not item.duration_ms > 0:
            return
        speed = finite(meta.get("speed")) or 1.0 if piece.kind == "video" else 1.0
        in_ms = 1000 * moment if moment is not None else 0 if piece.source else finite(meta.get("in_ms")) or 0.0
        longest = frames_left(item, in_ms, max(speed, 1.0)) if piece.source else frames_left(item, in_ms, speed) + 1
        if last - first > longest:
            wanted_s, there_s = (_number(to_ms(frames) / 1000) for frames in (last - first, longest))
            self._refuse(row, "duration_s", f"{wanted_s} s are more than its file has: {there_s} s")

    def _find_room(self, piece: Piece, lying: dict[int, list[_Lying]]) -> Piece:
        """Put a piece on the first track of its kind in which it overlaps nothing; a new one where there is none."""
        own = (*piece.span, piece.row.place, piece)
        for number, kind in enumerate(self._kinds, start=1):
            at = bisect_left(lying[number], own[:3], key=lambda span: span[:3])
            before, after = lying[number][:at][-1:], lying[number][at : at + 1]
            if (
                kind == piece.kind
                and all(span[1] <= own[0] for span in before)
                and all(span[0] >= own[1] for span in after)
            ):
                break
        else:
            self._kinds.append(piece.kind)
            number = len(self._kinds)
            lying[number] = []
        placed = replace(piece, track=number)
        insort(lying[number], (*own[:3], placed), key=lambda span: span[:3])
        return placed

    def _check_overlaps(self, lying: dict[int, list[_Lying]]) -> None:
        for track, spans in lying.items():
            if not any(piece is not None and piece.is_placed for *_, piece in spans):
                continue
            longest: _Lying | None = None
            for span in spans:
                if span[0] == span[1]:
                    continue
                if longest is not None and span[0] < longest[1]:
                    self._check_pair(longest, span, track)
                if longest is None or span[1] > longest[1]:
                    longest = span

    def _check_pair(self, one: _Lying, other: _Lying, track: int) -> None:
        mine, rest = (other, one) if other[3] is not None and other[3].is_placed else (one, other)
        if mine[3] is None or not mine[3].is_placed:
            return  # they overlapped before: the draft's own affair
        row, piece = mine[3].row, rest[3]
        at = -1 - rest[2]
        name = piece.row.name if piece else told(self._shown.texts["name"][at])
        whose = f"row {piece.row.label}" if piece else f"segment {told(self._shown.ids[at])}"
        when = f"{_number(to_ms(rest[0]) / 1000)}–{_number(to_ms(rest[1]) / 1000)} s"
        column = next((column for column in _TIMES if column in row.cells), "track")
        if row.place not in self._refused:
            self._refuse(row, column, f"it overlaps {name} ({whose}, {when}) on track {track}")


def is_of_engine(raw: Json) -> bool:
    """Whether a segment says what it is and which upload it shows, as the local engine's do."""
    return "media" in meta_of(raw) or meta_of(raw).get("role") in (*_FILE_KINDS, "bgm")


def plays_a_file(raw: Json) -> bool:
    """Whether a segment plays an upload from some moment on."""
    return meta_of(raw).get("role") in _PLAYING


def can_be_split(raw: Json, kind: str) -> bool:
    """Whether two parts of it show what it shows: composed music, or what keeps no in-point, would begin anew."""
    return kind == "text" or plays_a_file(raw) or meta_of(raw).get("role") in ("image", "backdrop", "visualizer")


def _moved(span: Span, first: int) -> Span:
    return first, first + span[1] - span[0]


def _number(value: float) -> str:
    """A number as people write it."""
    return (f"{round(value, 3):g}" if abs(value) < 1e6 else f"{value:.3g}").replace("-", "−")
