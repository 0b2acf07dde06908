"""A draft read as columns: parallel lists, a value a segment, without an object for each.

Tracks and table are made of these. A column is read in passes over all segments of a track, and what costs most,
looking into texts, is done once for each that is different. The candidate names of the keys are here, and only here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, Final, TypeVar

from nemo_notebook.outside import finite, plain, strike

T = TypeVar("T")
Json = Mapping[str, Any]

VIDEO: Final = 0
AUDIO: Final = 1
TEXT: Final = 7
KINDS: Final = {VIDEO: "video", AUDIO: "audio", TEXT: "text"}

# Candidate names, best first. A segment is looked at before its metadata, but for its source.
TRACKS: Final = ("t", "tracks")
TRACK_TYPE: Final = ("tt", "type")
SEGMENTS: Final = ("sg", "segments")
START: Final = ("s", "start", "st", "in")
LENGTH: Final = ("d", "duration")
END: Final = ("end", "out")
VOLUME: Final = ("v", "vol", "volume")
META_VOLUME: Final = ("volume", "vol")
TEXTS: Final = ("text", "txt", "content")
NAME: Final = ("name", "title", "label", "n")
SOURCE: Final = ("source", "src", "filename", "file", "cdn_url", "url")
ID: Final = ("id",)

_BLOCK: Final = 4096  # segments that are read at a time
_NOTHING: Final[Json] = {}
_LARGEST: Final = 1e15  # as `outside.finite` has it
# A text without any of these, in small letters, holds nothing that `strike` would hide; the last two become letters of
# those words where case is ignored.
_MARKS: Final = tuple(
    "= %3d @ /files/ nmv_usr_ clm_ sk- eyj bearer authorization cookie token secret passw passphrase key signature "
    "credential ſ ı \u0307".split()
)


@dataclass(frozen=True, slots=True)
class Lane:
    """One track; its lists are parallel, and in time order.

    Attributes:
        number: From 1.
        kind: `video`, `audio`, `text` or `other`.
        at: Its place in the draft's list of tracks.
        raw: The track's JSON.
        places: Where each segment is in the track's list of segments.
        raws: The segments' JSON.
        starts_ms: Starts on the timeline, in milliseconds; integers where the draft has such.
        lengths_ms: Lengths, likewise.
        volumes: 0–1, None where there is none.
        names: What people call them, without secrets.
        texts: Words of text segments, without secrets, else empty.
        sources: What they show, without secrets, else empty.
        ids: Different in the whole draft.
    """

    number: int
    kind: str
    at: int
    raw: Json = field(repr=False)
    places: Sequence[int]
    raws: Sequence[Json] = field(repr=False)
    starts_ms: Sequence[float]
    lengths_ms: Sequence[float]
    volumes: Sequence[float | None]
    names: Sequence[str]
    texts: Sequence[str]
    sources: Sequence[str]
    ids: Sequence[str]


def read_lanes(draft: Json | None) -> tuple[Lane, ...]:
    """The tracks of a draft, in its order.

    What cannot be a track or a segment is passed over, never an error: a draft comes from outside.
    """
    lanes: list[Lane] = []
    for at, raw in enumerate(items(first(draft or {}, TRACKS))):
        if isinstance(raw, Mapping):
            lanes.append(_lane(len(lanes) + 1, at, raw))
    return tuple(_in_time_order(lane) for lane in _with_own_ids(lanes))


def first(mapping: Json, names: Iterable[str]) -> Any:
    """The value of the first of some names that says anything, or None."""
    return next((mapping[name] for name in names if mapping.get(name) is not None), None)


def said(mapping: Json, names: Iterable[str]) -> str:
    """The first of some names that says anything, or an empty one."""
    return next((name for name in names if mapping.get(name) is not None), "")


def have_starts(raws: Sequence[Json]) -> bool:
    """Whether each of some segments says where it starts, so that none follows another."""
    starts, _ = _numbers(_Parts(raws).pick(START))
    return None not in starts


def items(value: object) -> Sequence[Any]:
    """A list's items; none of what is no list."""
    return value if isinstance(value, (list, tuple)) else ()


def meta_of(raw: Json) -> Json:
    """A part's metadata, empty where there is none."""
    meta = raw.get("m")
    return meta if isinstance(meta, Mapping) else {}


def words(value: object) -> str:
    """A value as a text that can be shown."""
    return plain(value) if isinstance(value, str) else "" if value is None else plain(repr(value)[:200])


def kind_of(track: Json) -> str:
    """What a track holds: `video`, `audio`, `text` or `other`."""
    number = finite(first(track, TRACK_TYPE))
    return KINDS.get(-1 if number is None else int(number), "other")


def struck(texts: list[str]) -> list[str]:
    """Texts without secrets, as `strike` gives them one by one; only those that could hold one are looked into."""
    different = set(texts)
    joined = "\n".join(different).lower()
    marks = [mark for mark in _MARKS if mark in joined]
    if not marks:
        return texts
    suspects = [text for text in different if any(mark in text.lower() for mark in marks)]
    changed = {text: hidden for text in suspects if (hidden := strike(text)) != text}
    return [changed.get(text, text) for text in texts] if changed else texts


class _Parts:
    """The segments of a track, or their metadata.

    Args:
        each: One for each segment.
    """

    def __init__(self, each: Sequence[Json]) -> None:
        self.each = each

    @cached_property
    def keys(self) -> Set[str]:
        """Those that any of them has."""
        return set().union(*self.each)

    def get(self, key: str) -> list[Any]:
        """The value of one key in each, None where it is missing."""
        try:
            return list(map(itemgetter(key), self.each))
        except KeyError:
            return [part.get(key) for part in self.each]

    def pick(self, names: Sequence[str]) -> list[Any]:
        """`first` of each; keys that none has cost next to nothing."""
        values: list[Any] = []
        for name in names:
            if values:
                if name in self.keys and None in values:
                    both = zip(self.each, values, strict=True)
                    values = [part.get(name) if value is None else value for part, value in both]
            elif self.each and (name in self.each[0] or name in self.keys):
                values = self.get(name)
        return values or [None] * len(self.each)


def _lane(number: int, at: int, track: Json) -> Lane:
    kind = kind_of(track)
    found = items(first(track, SEGMENTS))
    places: Sequence[int] = range(len(found))
    if set(map(type, found)) != {dict}:
        places = [place for place in places if isinstance(found[place], Mapping)]
    raws = [found[place] for place in places] if len(places) < len(found) else found
    starts_ms, lengths_ms, volumes, texts, sources, own, given = _read(kind, raws)
    # All three are shown, and saved with notebooks; the raw JSON keeps a signed address whole.
    texts, sources, own = struck(texts), struck(sources), struck(own)
    names = own
    if not all(own):
        names = [name or text or source or kind for name, text, source in zip(own, texts, sources, strict=True)]
    ids = given if all(given) else [own_id or f"{number}.{n}" for n, own_id in enumerate(given, start=1)]
    return Lane(number, kind, at, track, places, raws, starts_ms, lengths_ms, volumes, names, texts, sources, ids)


def _read(kind: str, raws: Sequence[Json]) -> list[list[Any]]:
    """Starts, lengths, volumes, texts, sources, names and ids of some segments, as they say them.

    They are read in blocks: so the many passes over one find it in the processor's cache.
    """
    blocks: list[tuple[list[Any], ...]] = []
    follows_ms = 0.0
    for begin in range(0, max(1, len(raws)), _BLOCK):
        block = _Parts(raws[begin : begin + _BLOCK])
        metas = _Parts(_metas(block))
        starts_ms, lengths_ms = _times(block, follows_ms)
        if starts_ms:
            follows_ms = starts_ms[-1] + lengths_ms[-1]
        texts = _texts(block, metas, TEXTS) if kind == "text" else [""] * len(block.each)
        words_of = (_texts(metas, block, SOURCE), _texts(block, metas, NAME), _texts(block, metas, ID))
        blocks.append((starts_ms, lengths_ms, _volumes(block, metas), texts, *words_of))
    return [list(chain.from_iterable(column)) for column in zip(*blocks, strict=True)]


def _metas(raws: _Parts) -> Sequence[Json]:
    metas = raws.get("m")
    if set(map(type, metas)) == {dict}:
        return metas
    return [meta if type(meta) is dict else _NOTHING if meta is None else meta_of({"m": meta}) for meta in metas]


def _numbers(values: list[Any]) -> tuple[list[Any], bool]:
    """`finite` of each value, integers as they are, and whether all are numbers from 0 on."""
    types = set(map(type, values))
    if types == {type(None)}:
        return values, False
    with suppress(OverflowError):  # an integer without bounds
        if values and types <= {int, float} and min(values) >= 0 and sum(values) < _LARGEST:
            return values, True
    return [finite(value) for value in values], False


def _times(raws: _Parts, follows_ms: float) -> tuple[list[float], list[float]]:
    """Starts and lengths; without a start a segment follows the one before it, without a length it has an end."""
    starts, are_starts = _numbers(raws.pick(START))
    lengths, are_lengths = _numbers(raws.pick(LENGTH))
    if are_starts and are_lengths:
        return starts, lengths
    ends, _ = _numbers(raws.pick(END))
    starts_ms: list[float] = []
    lengths_ms: list[float] = []
    for start, length, end in zip(starts, lengths, ends, strict=True):
        start_ms = max(0.0, follows_ms if start is None else start)
        if length is None:
            length = 0.0 if end is None else end - start_ms  # noqa: PLW2901
        length_ms = max(0.0, length)
        follows_ms = start_ms + length_ms
        starts_ms.append(start_ms)
        lengths_ms.append(length_ms)
    return starts_ms, lengths_ms


def _volumes(raws: _Parts, metas: _Parts) -> list[float | None]:
    values, whole = _numbers(raws.pick(VOLUME))
    if whole or metas.keys.isdisjoint(META_VOLUME):
        return values
    others, _ = _numbers(metas.pick(META_VOLUME))
    return [other if value is None else value for value, other in zip(values, others, strict=True)]


def _texts(parts: _Parts, others: _Parts, names: Sequence[str]) -> list[str]:
    """`words` of what each part says first; where it says nothing, of what the other says that belongs to it."""
    values = parts.pick(names)
    if not any(values):
        values = others.pick(names)
        if values.count(None) == len(values):
            return [""] * len(values)
    elif not all(values):
        values = [value or other for value, other in zip(values, others.pick(names), strict=True)]
    with suppress(TypeError):  # where there is anything but texts
        if "".join(values).isprintable():
            return values  # `plain` would change nothing
    return [words(value) for value in values]


def _with_own_ids(lanes: Sequence[Lane]) -> Sequence[Lane]:
    """Gives the second segment of an id another one, so that the table can be written back."""
    taken = set[str]().union(*(lane.ids for lane in lanes))
    if len(taken) == sum(len(lane.ids) for lane in lanes):
        return lanes
    seen: set[str] = set()
    last: dict[str, int] = {}

    def own(given_id: str) -> str:
        if given_id not in seen:
            seen.add(given_id)
            return given_id
        number = last.get(given_id, 1) + 1
        while f"{given_id}~{number}" in taken:
            number += 1
        last[given_id] = number
        return f"{given_id}~{number}"

    return [replace(lane, ids=[own(given_id) for given_id in lane.ids]) for lane in lanes]


def _in_time_order(lane: Lane) -> Lane:
    starts = lane.starts_ms
    if sorted(starts) == starts:
        return lane
    order = sorted(range(len(starts)), key=starts.__getitem__)

    def sort(values: Sequence[T]) -> list[T]:
        return [values[n] for n in order]

    return replace(
        lane,
        places=sort(lane.places),
        raws=sort(lane.raws),
        starts_ms=sort(starts),
        lengths_ms=sort(lane.lengths_ms),
        volumes=sort(lane.volumes),
        names=sort(lane.names),
        texts=sort(lane.texts),
        sources=sort(lane.sources),
        ids=sort(lane.ids),
    )
