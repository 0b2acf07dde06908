"""Edited drafts of any dialect: what an edit changed is written where the draft says it, all else stays as it is.

Edits work on a draft's canonical form (`draft.editable`). Where a draft is written in another one, times need not lie
on frames, and keys have other names: only what would be read otherwise is written, so that what no edit touched keeps
its bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import eq
from typing import Any, Final, cast

from nemo_notebook.film import tracks as keys
from nemo_notebook.film.draft import Draft, Part, Raw, copied, end_of, start_of, to_frame, to_ms
from nemo_notebook.film.tracks import Json, Track, first, items, meta_of, place_of, read_tracks, said
from nemo_notebook.outside import finite

# What is not carried over as it is: what has other names elsewhere.
_OF_FILM: Final = frozenset(("t", "d", "m"))
_OF_TRACK: Final = frozenset(("id", "tt", "sg", "d", "m"))
_OF_SEGMENT: Final = frozenset(("id", "s", "d", "v", "m"))
_ROUNDING_MS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Known:
    """A track or a segment that the draft had: as it is there, and its canonical form while and before it is edited."""

    lane: Track
    raw: Raw
    part: Raw
    before: Raw


class EditedDraft:
    """A draft in another than its canonical form, while it is edited.

    Args:
        draft: The draft; it is not changed.
        film: Its canonical form, which edits change in place.
        foreign: Whether a segment is given no keys that are neither documented nor in the draft already.
    """

    def __init__(self, draft: Json, film: Draft, *, foreign: bool = False) -> None:
        self.film = film
        self._foreign = foreign
        self._own = cast("Raw", copied(draft))
        self._lanes = read_tracks(self._own)
        self._before = cast("Raw", copied({key: value for key, value in self.film.items() if key != "t"}))
        self._known: dict[int, _Known] = {}  # by the identity of the part
        for lane, track in zip(self._lanes, self.film["t"], strict=True):
            rest = {key: value for key, value in track.items() if key != "sg"}
            raws = (raw for raw in items(first(lane.raw, keys.SEGMENTS)) if isinstance(raw, dict))
            segments = zip(raws, track["sg"], track["sg"], strict=True)
            for raw, part, before in ((cast("Raw", lane.raw), track, rest), *segments):
                self._known[id(part)] = _Known(lane, raw, part, cast("Raw", copied(before)))
        self._meta_keys = {*keys.NAME, *keys.TEXTS}.union(*(meta_of(known.raw) for known in self._known.values()))

    def written(self) -> Raw:
        """The draft afterwards, in its own dialect; call it once."""
        self._carry(self._before, self.film, self._own, _OF_FILM)
        key = said(self._own, keys.TRACKS) or keys.TRACKS[0]
        listed = items(self._own.get(key))
        tracks = self._tracks(listed)
        if tracks or listed:
            self._own[key] = tracks
        _put_length(self._own, _end_ms(self._lanes), _end_ms(read_tracks(self._own)), at_least=True)
        return self._own

    def _carry(self, before: Raw, after: Raw, into: Raw, apart: frozenset[str]) -> None:
        """Write what an edit has changed, but for some keys."""
        was, now = meta_of(before), meta_of(after)
        if self._foreign:  # keys of the engine would mean nothing there, and none goes that is not the engine's
            now = {**was, **{key: value for key, value in now.items() if key in self._meta_keys}}
            after = {**before, **after}
        _write_changes(into, before, after, apart)
        if now and into.get("m") is None:
            into["m"] = {}
        meta = into.get("m")
        _write_changes(meta if isinstance(meta, dict) else into, was, now)
        if "m" not in after and into.get("m") == {}:
            del into["m"]

    def _tracks(self, listed: Sequence[Any]) -> list[Any]:
        """The list of tracks, as they lie one above the other; what is no track, or an empty one, keeps its place."""
        tracks: list[Any] = []
        places = {lane.at for lane in self._lanes if lane.raws}
        for track in self.film["t"]:
            known = self._known.get(id(track))
            if known is not None:
                places.add(known.lane.at)
                self._carry(known.before, track, known.raw, _OF_TRACK)
                self._put_segments(known.raw, track, known.lane)
                _put_length(known.raw, _end_ms([known.lane]), _end_ms(read_tracks({"t": [known.raw]})))
            tracks.append(known.raw if known else self._new_track(track))
        for place, other in enumerate(listed):
            if place not in places:
                tracks.insert(place, other)
        return tracks

    def _new_track(self, track: Raw) -> Raw:
        """A track with keys like those of another one, if possible of its kind."""
        raws = (lane.raw for lane in self._lanes)
        like = min(raws, key=lambda raw: first(raw, keys.TRACK_TYPE) != track["tt"], default=track)
        new: Raw = {"id": track["id"]} if like.get("id") is not None else {}
        new[said(like, keys.TRACK_TYPE) or keys.TRACK_TYPE[0]] = track["tt"]
        if not self._foreign or "name" in meta_of(like):
            new["m"] = track["m"]
        new[said(like, keys.SEGMENTS) or keys.SEGMENTS[0]] = []
        self._put_segments(new, track, None)
        if finite(first(like, keys.LENGTH)) is not None:
            new[said(like, keys.LENGTH)] = track["d"]
        return new

    def _put_segments(self, raw_track: Raw, track: Raw, lane: Track | None) -> None:
        """Write the segments of a track: in their old order, then the new ones; by time where nothing else says it."""
        key = said(raw_track, keys.SEGMENTS) or keys.SEGMENTS[0]
        listed = items(raw_track.get(key))
        places = {id(raw): place for place, raw in enumerate(listed)}
        parts = sorted(track["sg"], key=start_of)
        pairs = [(self._segment(part, self._like(part, lane)), part) for part in parts]
        starts = [finite(first(raw, keys.START)) for raw in (lane.raws if lane else ())]
        follow = all(map(eq, map(start_of, parts), (0, *map(end_of, parts))))
        is_sequence = bool(starts) and follow and not any(start is not None for start in starts)
        in_place = pairs if is_sequence else sorted(pairs, key=lambda pair: places.get(id(pair[0]), len(places)))
        spans = zip(lane.starts_ms, lane.lengths_ms, strict=True) if lane else ()
        edges = {to_frame(ms): ms for start_ms, length_ms in spans for ms in (start_ms, start_ms + length_ms)}
        follows_ms = 0.0
        for raw, part in in_place if None in starts else pairs:
            is_stray = id(raw) not in places and finite(first(raw, keys.START)) is None
            is_new = not is_sequence and (is_stray or id(part) not in self._known)
            follows_ms = _put_times(raw, part, self._like(part, lane), follows_ms, edges, is_new=is_new)
        raws: list[Any] = [raw for raw, _ in in_place]
        for place, other in enumerate(listed):
            if not isinstance(other, Mapping):
                raws.insert(place, other)
        if raws or listed:
            raw_track[key] = raws

    def _like(self, part: Part, lane: Track | None) -> Json:
        """The segment that a new one is written like: the nearest before it on its track, or another one."""
        if lane is None or not lane.raws:
            return next((each.raws[-1] for each in reversed(self._lanes) if each.raws), {"id": "", "s": 0, "d": 0})
        return lane.raws[max(0, bisect_right(lane.starts_ms, part.start_ms) - 1)]

    def _segment(self, part: Part, like: Json) -> Raw:
        """The JSON of a segment, but for its times."""
        known = self._known.get(id(part))
        raw = known.raw if known else {}
        self._carry(known.before if known else {}, part, raw, _OF_SEGMENT)
        if known is None:
            self._write_like(raw, part, like)
        _put_volume(raw, finite(part.get("v")), like)
        return raw

    def _write_like(self, raw: Raw, part: Part, like: Json) -> None:
        """Write what a new segment says under the names, and in the places, that another one has for it."""
        raw |= {key: part[key] for key in ("s", "d", "v") if key in like and key in part}
        for names in (keys.TEXTS, keys.NAME):
            is_there, other = place_of(like, names, "")
            if other and place_of(raw, names, "") == (True, names[0]) and raw["m"][names[0]]:
                _layer(raw, is_there)[other] = raw["m"].pop(names[0])
        in_meta, key = place_of(raw, keys.NAME, "")
        if key and not place_of(like, keys.NAME, "")[1] and _layer(raw, in_meta)[key] == " ".join(part.text.split()):
            del _layer(raw, in_meta)[key]  # a title is called by its words
        in_meta, key = place_of(like, keys.ID, "")
        if key:
            _layer(raw, in_meta)[key] = part["id"]
        if not raw.get("m", True):
            del raw["m"]


def _write_changes(into: Raw, before: Json, after: Json, apart: Iterable[str] = ()) -> None:
    """Write keys that are new or have another value, and take away those that are gone."""
    for key, value in after.items():
        if key not in apart and (key not in before or before[key] != value):
            into[key] = value
    for key in before.keys() - after.keys() - {*apart}:
        into.pop(key, None)


def _put_times(raw: Raw, part: Raw, like: Json, follows_ms: float, edges: dict[int, float], *, is_new: bool) -> float:
    """Write start and length where they would be read as other frames; give where the segment ends.

    Args:
        raw: The segment.
        part: Its canonical form.
        like: A segment that has the keys which this one may not have.
        follows_ms: Where it begins if it does not say so.
        edges: Exact times by their frames, so that what lies edge to edge stays so.
        is_new: Whether it has to say its start.
    """
    begins, ends = to_frame(part["s"]), to_frame(part["s"] + part["d"])
    start_ms, length_ms = _span(raw, follows_ms)
    old_length_ms = length_ms
    is_moved = is_new or to_frame(start_ms) != begins
    if is_moved:
        start_ms = edges.get(begins, to_ms(begins))
        _put_number(raw, said(raw, keys.START) or said(like, keys.START) or keys.START[0], start_ms)
        start_ms, length_ms = _span(raw, follows_ms)
    as_long_ms = start_ms + old_length_ms
    end_ms = edges.get(ends, as_long_ms if to_frame(as_long_ms) == ends else to_ms(ends))
    if to_frame(start_ms + length_ms) != ends or (is_moved and start_ms + length_ms != end_ms):
        is_end, key = _length_place(raw, like)
        _put_number(raw, key, end_ms if is_end else end_ms - start_ms)
        start_ms, length_ms = _span(raw, follows_ms)
    edges[begins], edges[ends] = start_ms, start_ms + length_ms
    return start_ms + length_ms


def _length_place(raw: Json, like: Json) -> tuple[bool, str]:
    """Whether a segment says its end in place of its length, and under which key."""
    if finite(first(raw, keys.LENGTH)) is None:
        if finite(first(raw, keys.END)) is not None:
            return True, said(raw, keys.END)
        if said(like, keys.END) and not said(raw, keys.LENGTH) and not said(like, keys.LENGTH):
            return True, said(like, keys.END)
    return False, said(raw, keys.LENGTH) or said(like, keys.LENGTH) or keys.LENGTH[0]


def _span(raw: Json, follows_ms: float) -> tuple[float, float]:
    """Start and length as `read_tracks` reads them."""
    start, length, end = (finite(first(raw, names)) for names in (keys.START, keys.LENGTH, keys.END))
    start_ms = max(0.0, follows_ms if start is None else start)
    if length is None:
        length = 0.0 if end is None else end - start_ms
    return start_ms, max(0.0, length)


def _put_volume(raw: Raw, volume: float | None, like: Json) -> None:
    """Write a volume where it is read from, or take it away."""
    place = _volume_place(raw)
    now = finite(_layer(raw, place[0])[place[1]]) if place else None
    if now == volume:
        return
    if volume is None:
        while (place := _volume_place(raw)) is not None:
            del _layer(raw, place[0])[place[1]]
        return
    read_first = (False, said(raw, keys.VOLUME))  # also where what it says is no number
    in_meta, key = place or (read_first if read_first[1] else _volume_place(like) or (False, keys.VOLUME[0]))
    layer = _layer(raw, in_meta)
    layer[key] = number_like(layer.get(key, volume), volume)


def _volume_place(raw: Json) -> tuple[bool, str] | None:
    if finite(first(raw, keys.VOLUME)) is not None:
        return False, said(raw, keys.VOLUME)
    meta = meta_of(raw)
    return (True, said(meta, keys.META_VOLUME)) if finite(first(meta, keys.META_VOLUME)) is not None else None


def _put_length(raw: Raw, before_ms: float, after_ms: float, *, at_least: bool = False) -> None:
    """Write the length that a draft or a track says of itself, where it does and an edit has changed it.

    Args:
        raw: The draft or the track.
        before_ms: Where its last segment ended.
        after_ms: Where it ends now.
        at_least: Whether nothing may end after it.
    """
    key = said(raw, keys.LENGTH)
    own = finite(raw.get(key))
    if own is None or own <= 0 or before_ms == after_ms:
        return
    if abs(own - before_ms) <= _ROUNDING_MS or (at_least and own < after_ms):
        _put_number(raw, key, after_ms)


def _put_number(raw: Raw, key: str, value: float) -> None:
    raw[key] = number_like(raw.get(key), round(value, 3))


def number_like(old: object, value: float) -> int | float:
    """A number as it is written: an integer where it is one, unless there was a float in its place."""
    return float(value) if type(old) is float or not float(value).is_integer() else int(value)


def _layer(raw: Raw, in_meta: bool) -> Raw:
    if not in_meta:
        return raw
    if raw.get("m") is None:
        raw["m"] = {}
    return raw["m"] if isinstance(raw["m"], dict) else raw  # what is no metadata is left alone


def _end_ms(lanes: Iterable[Track]) -> float:
    spans = (zip(lane.starts_ms, lane.lengths_ms, strict=True) for lane in lanes)
    return max((start + length for span in spans for start, length in span), default=0.0)
