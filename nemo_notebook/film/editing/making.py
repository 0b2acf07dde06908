"""The JSON of the segments that an edit touches: written anew, copied, or made like their neighbours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import count
from typing import Any, Final

from nemo_notebook.film.draft import Json, Track, meta_of, words
from nemo_notebook.film.editing.lying import Piece
from nemo_notebook.film.editing.shown import IN, Shown
from nemo_notebook.film.editing.sources import FILE_ROLES, NO_FILE, Source
from nemo_notebook.film.editing.writing import Pen, one_line, stem

_TITLE: Final = {"position": "center", "size": "medium", "color": "#ffffff"}


class Ids:
    """Ids that no track or segment has.

    Args:
        shown: The draft's table.
        others: Ids that are asked for.
    """

    def __init__(self, shown: Shown, others: Iterable[str]) -> None:
        self._used = {*shown.ids, *others, *(words(lane.raw.get("id")) for lane in shown.lanes)}
        self._numbers: dict[str, count[int]] = {}

    def new(self, prefix: str) -> str:
        """The prefix and the first free number."""
        numbers = self._numbers.setdefault(prefix, count(1))
        return next(own_id for number in numbers if (own_id := f"{prefix}-{number}") not in self._used)


def written(piece: Piece, shown: Shown, ids: Ids, *, is_split: bool = False) -> dict[str, Any]:
    """The JSON of a piece's segment.

    Args:
        piece: What is asked for it.
        shown: The draft's table.
        ids: Gives those of new segments.
        is_split: Whether it is a part of a segment that is split in two.
    """
    row = piece.row
    if row.at < 0:
        return _made(piece, shown, ids)
    pen = Pen(shown.raw(row.at))
    if row.is_new and pen.has("id"):
        pen.put("id", ids.new(_prefix(pen.raw, piece.kind)))
    start_ms, length_ms = shown.span_ms(row.at)
    pen.put_times(
        piece.start_ms if piece.start_ms != start_ms else None,
        piece.length_ms if piece.length_ms != length_ms else None,
        piece.end_ms,
    )
    _write_words(pen, piece)
    if is_split:
        pen.cut(is_rest=row.is_new)
    return pen.raw


def _write_words(pen: Pen, piece: Piece) -> None:
    """Volume, text, source and name; a name that was taken from text or file goes with these."""
    cells = piece.row.cells
    if "volume" in cells:
        pen.put_volume(round(cells["volume"], 6))
    if "text" in cells:
        name, text = pen.get("name"), pen.get("text")
        pen.put("text", cells["text"])
        if name and name == one_line(text):
            pen.put("name", one_line(cells["text"]))
    if piece.source:
        name, file = pen.get("name"), pen.get("source")
        pen.put_source(piece.source)
        if name and name in (file, stem(file)):
            pen.put("name", words(piece.source.value) if name == file else stem(words(piece.source.value)))
    if IN in cells:
        pen.put_moment(cells[IN])
    if "name" in cells:
        pen.put("name", cells["name"])


def _made(piece: Piece, shown: Shown, ids: Ids) -> dict[str, Any]:
    """A new segment: like the one before it on its track, without what is that one's alone."""
    cells, source = piece.row.cells, piece.source
    like = _like(piece, shown)
    pen = Pen(_usual(piece.kind, source) if like is None else like)
    if like is not None:
        pen.forget()
    if pen.has("id"):
        pen.put("id", piece.row.id or ids.new(_prefix(pen.raw, piece.kind)))
    pen.put_times(piece.start_ms, piece.length_ms, piece.end_ms)
    if "volume" in cells:
        pen.put_volume(round(cells["volume"], 6))
    if cells.get("text"):
        pen.put("text", cells["text"])
    if source:
        pen.put_source(source)
    if IN in cells:
        pen.put_moment(cells[IN])
    named = pen.has("name")
    name = cells.get("name") or (
        named and (one_line(cells.get("text", "")) or (stem(words(source.value)) if source else ""))
    )
    if name:
        pen.put("name", name)
    return pen.raw


def _like(piece: Piece, shown: Shown) -> Json | None:
    """The segment that a new one is made after: the nearest before it, on its track or another one of the kind."""
    own = shown.lanes[piece.track - 1 : piece.track]
    others = (lane for lane in reversed(shown.lanes) if lane.kind == piece.kind)
    lane: Track | None = next((lane for lane in (*own, *others) if lane.ids), None)
    if lane is None:
        return None
    raw = lane.raws[max(0, bisect_right(lane.starts_ms, piece.start_ms) - 1)]
    return None if piece.source and meta_of(raw).get("role") in NO_FILE else raw


def _usual(kind: str, source: Source | None) -> dict[str, Any]:
    """A segment as the engine has it, without its times."""
    meta: dict[str, Any] = {"name": kind}
    if kind == "text":
        meta = {"role": "title", "name": kind, "text": "", **_TITLE}
    elif source and source.media:
        role = "song" if kind == "audio" else next(role for role, shown in FILE_ROLES.items() if shown == source.kind)
        meta = {"role": role, "name": kind, "media": source.media, "source": ""}
    return {"id": kind, "s": 0, "d": 0, "m": meta}


def _prefix(raw: Json, kind: str) -> str:
    role = meta_of(raw).get("role")
    return role if isinstance(role, str) and role.isidentifier() and len(role) <= 20 else kind
