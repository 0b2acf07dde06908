"""Writing into one segment's JSON: each value where it was read from, all else as it was."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from pathlib import PurePath
from typing import Any, Final

from nemo_notebook.film.draft import (
    END,
    ID,
    LENGTH,
    META_VOLUME,
    NAME,
    SOURCE,
    START,
    TEXTS,
    VOLUME,
    Json,
    first,
    meta_of,
    said,
    words,
)
from nemo_notebook.film.editing.sources import FILE_ROLES, Source, is_of_engine
from nemo_notebook.outside import finite

# Where a text is looked for, in order: whether in the metadata, and under which names.
_READ: Final = {
    "name": ((False, NAME), (True, NAME)),
    "text": ((False, TEXTS), (True, TEXTS)),
    "source": ((True, SOURCE), (False, SOURCE)),
    "id": ((False, ID), (True, ID)),
}
# What belongs to one shot or sound alone, and what to a role.
_OF_ONE: Final = ("in_ms", "speed", "transition", "fade_in_ms", "fade_out_ms")
_OF_ROLE: Final = {"clip": ("speed", "fade_in_ms", "fade_out_ms"), "image": ("zoom",), "bgm": ("music",)}


class Pen:
    """Writes into a copy of a segment.

    Attributes:
        raw: The copy; whatever is deeper than its metadata is shared with the segment, and not written into.
    """

    def __init__(self, raw: Json) -> None:
        self.raw = dict(raw)
        if isinstance(raw.get("m"), Mapping):
            self.raw["m"] = dict(raw["m"])

    def put_times(self, start_ms: float | None, length_ms: float | None, ends_ms: float) -> None:
        """Writes times in milliseconds.

        Args:
            start_ms: The start, or None where it stays.
            length_ms: The length, or None where it stays.
            ends_ms: The end that comes of both; a segment that says its end in place of its length says this.
        """
        if start_ms is None and length_ms is None:
            return
        if start_ms is not None:
            self.put_start(start_ms)
        key = said(self.raw, LENGTH)
        if finite(first(self.raw, LENGTH)) is None and finite(first(self.raw, END)) is not None:
            self._put_number(said(self.raw, END), round(ends_ms, 3))
        elif length_ms is not None:
            self._put_number(key or LENGTH[0], length_ms)

    def put_volume(self, volume: float) -> None:
        """Writes the volume, or takes it away where it is NaN."""
        if isnan(volume):
            while (place := self._volume()) is not None:
                del self._layer(place[0])[place[1]]
            return
        in_meta, key = self._volume() or (False, said(self.raw, VOLUME) or VOLUME[0])
        layer = self._layer(in_meta)
        layer[key] = number_like(layer.get(key, volume), volume)

    def put(self, field: str, value: object) -> None:
        """Writes `name`, `text`, `source` or `id` where it was read from; an empty one is taken away."""
        if value:
            in_meta, key = self._place(field)
            self._layer(in_meta)[key] = value
            return
        while self.has(field):
            in_meta, key = self._place(field)
            del self._layer(in_meta)[key]

    def has(self, field: str) -> bool:
        """Whether it says such a text of its own."""
        return any(self._read(in_meta).get(key) for in_meta, key in self._said_places(field))

    def get(self, field: str) -> str:
        """Its own text, whole; empty where it has none."""
        in_meta, key = self._place(field)
        return words(self._read(in_meta).get(key))

    def put_source(self, source: Source) -> None:
        """Shows something else; what belonged to the file before goes, for the engine's segments."""
        if is_of_engine(self.raw):
            meta = self._layer(in_meta=True)
            meta["media"] = source.media
            meta.pop("in_ms", None)
            role, new = meta.get("role"), _role(meta.get("role"), source.kind)
            if role != new:
                meta["role"] = new
                for key in _OF_ROLE.get(str(role), ()):
                    meta.pop(key, None)
        in_meta, key = self._place("source")
        layer = self._layer(in_meta)
        donated = meta_of(source.donor) if in_meta else source.donor
        for other in SOURCE:
            if layer.get(other) is not None and donated.get(other) is not None:
                layer[other] = donated[other]
        layer[key] = source.value

    def put_moment(self, in_s: float) -> None:
        """Writes from which second of its file on it plays, as the engine's segments say it."""
        layer = self._layer(in_meta=True)
        layer["in_ms"] = number_like(layer.get("in_ms"), round(1000 * in_s))

    def cut(self, *, is_rest: bool) -> None:
        """Takes away how a segment comes or goes, where it is split and goes on in the other part."""
        meta = self._layer(in_meta=True)
        for key in ("transition", "fade_in_ms") if is_rest else ("fade_out_ms",):
            meta.pop(key, None)
        if meta.get("role") == "title":
            meta["animate_in" if is_rest else "animate_out"] = "none"

    def forget(self) -> None:
        """Takes away what belongs to one segment alone, so that another can be made of it."""
        start = said(self.raw, START)
        meta = self.raw.get("m")
        for layer in (self.raw, meta if isinstance(meta, dict) else {}):
            for key in (*_OF_ONE, *END, *(("in",) if start != "in" else ())):
                layer.pop(key, None)

    def put_start(self, start_ms: float) -> None:
        """Writes the start, in milliseconds."""
        self._put_number(said(self.raw, START) or START[0], start_ms)

    def _put_number(self, key: str, value: float) -> None:
        self.raw[key] = number_like(self.raw.get(key), value)

    def _volume(self) -> tuple[bool, str] | None:
        if finite(first(self.raw, VOLUME)) is not None:
            return False, said(self.raw, VOLUME)
        meta = meta_of(self.raw)
        return (True, said(meta, META_VOLUME)) if finite(first(meta, META_VOLUME)) is not None else None

    def _said_places(self, field: str) -> list[tuple[bool, str]]:
        places = [(in_meta, said(self._read(in_meta), names)) for in_meta, names in _READ[field]]
        return [(in_meta, key) for in_meta, key in places if key]

    def _place(self, field: str) -> tuple[bool, str]:
        """Where a text is read from: a layer that says something goes before one that says but an empty word."""
        said = self._said_places(field)
        telling = [(in_meta, key) for in_meta, key in said if self._read(in_meta)[key]]
        return (telling or said or [(field != "id", field)])[0]

    def _read(self, in_meta: bool) -> Json:
        return meta_of(self.raw) if in_meta else self.raw

    def _layer(self, in_meta: bool) -> dict[str, Any]:
        if not in_meta:
            return self.raw
        if self.raw.get("m") is None:
            self.raw["m"] = {}
        meta = self.raw["m"]
        return meta if isinstance(meta, dict) else self.raw  # what is no metadata is left alone


def one_line(text: str) -> str:
    """A text on one line, as titles are named."""
    return " ".join(text.split())


def stem(filename: str) -> str:
    """A file's name without folders and ending, as what it shows is named."""
    return PurePath(filename.replace("\\", "/")).stem or filename


def number_like(old: object, value: float) -> int | float:
    """A number as it is written: an integer where it is one, unless there was a float in its place."""
    return float(value) if type(old) is float or not float(value).is_integer() else int(value)


def _role(role: object, kind: str) -> object:
    """The engine's role of a segment that shows a file of a kind from now on."""
    if role in ("song", "speech", "bgm"):
        return "song" if role == "bgm" else role
    return next((own for own, shown in FILE_ROLES.items() if shown == kind), role)
