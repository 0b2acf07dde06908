"""The draft: the service's timeline JSON, its format, and a tolerant reader.

The service's documents name `t` tracks, `tt` track type (0 video, 1 audio, 7 text), `sg` segments, `d` duration in ms
and `m` metadata; everything else is not documented. So the tables below hold candidate names for each key, the raw JSON
stays the truth, and everything that is read is a view of it.

Keys that the local engine writes, beyond the documented ones; the bottom picture is the first track:

    draft    {"d": ms, "m": {"title", "artist", "width", "height", "fps", "seed", …}, "t": [track, …]}
    track    {"id", "tt", "m": {"name"}, "sg": [segment, …]}
    segment  {"id", "s": start ms, "d": length ms, "v": volume where it has one, "m": {"role", "name", …}}

    draft `m`    fit, filter, adjust, effects: for all pictures that have none of their own
                 fade_in_ms, fade_out_ms: the picture comes out of black, and goes into it
                 loop_ms: so much of the end goes over into what leads to the first frame
                 contents {media: speech | music}: what audio files are, where somebody said so
                 style: a name in `film/styles/`, or own_style {…}, as `film/style.py` has it
                 pace {every, factor, every_s, bpm, tempo, offset_s, offset_beats, shots}: how it was cut to its music

    v            0–4: 1 is as recorded (a song or a voice-over: −14 LUFS), more is gain, limited at −1 dBTP

    role         more of `m`
    clip         media, source, in_ms: a stretch of a video from `in_ms` on; speed: source seconds in a second (1);
                 end_speed: what it goes over into by the end; freeze: whether the in-point is shown all along;
                 reverse: whether the stretch runs backwards; fade_in_ms, fade_out_ms: of its sound
    image        media, source: a photo
    both         fit, filter, adjust, transition, camera, flip, turn, effects
    overlay      media, source and more as a clip or an image has it, silent; box: where it lies over the film, which
                 it covers without one
    backdrop     palette or colors: a drawn background, for a video without pictures; cover: whose cover art is on it
    visualizer   style (bars | waveform | circular | spectrum | line), palette or colors: drawn from the sound
    song         media, source, in_ms, fade_in_ms, fade_out_ms, duck: uploaded music
    speech       media, source, in_ms, fade_in_ms, fade_out_ms: an uploaded voice-over
    bgm          music {mood, bpm, seed, cuts_ms}, source, fade_in_ms, fade_out_ms, duck: composed sound
    title        text, position (top | center | bottom | lower-third | left | right | top-left | top-right |
                 bottom-left | bottom-right), x, y (0–1: centre of the words, in place of the position), size (small |
                 medium | large), color (#rrggbb), style (plain | box | outline),
                 animate_in, animate_out (fade | slide | pop | type | none)

    fit          auto | crop | blur | pad: what becomes of a picture of another shape than the canvas
    filter       bw | sepia | warm | cool | vivid | vintage | cinematic | dreamy | noir | faded
    adjust       {brightness, contrast, saturation}: −1…1 each, 0 changes nothing
    transition   {kind, ms, auto}: how the picture before goes over into this one, in the middle of `ms` around the cut;
                 dissolve | black | white | slide | push | wipe | zoom | circle
    camera       {from, to: [x, y, scale], ease: linear | smooth, pulse, shake, mirrored}: what is shown at the start
                 and at the end: the enlargement (1 fills the canvas, 4 at most), and where in the room that there is
                 then, 0–1 (0 is the left end, or the top); 0–1 of how far it jumps at beats, and trembles; whether the
                 cut has changed left and right, beside `flip`
    flip, turn   h | v | hv; 90 | 180 | 270 degrees clockwise, before the picture is fitted
    effects      [{kind, amount: 0–1, region: [left, top, width, height] of the canvas, 0–1}, …]; shake | pulse |
                 flash | glitch | rgb_split | grain | vignette | light_leak | letterbox | blur | pixelate
    box          [left, top, width, height], 0–1: the part of the canvas that the picture fills
    colors       [#rrggbb, …], three from low to high, before the palette
    duck         what is left of its volume while a clip or speech is heard, 0–1 (1 = not ducked)
    cuts_ms      times within the music that a beat or half a beat falls on; the tempo bends a little between them

`media` and `cover` are content hashes of uploads; `source` is the file name, for people. All starts and ends lie on
whole frames.

A track is read as columns (parallel lists, one value per segment), in passes over all its segments; `Segment` is an
object made from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import count
from operator import itemgetter
from typing import Any, Final

from nemo_notebook.outside import finite, plain, strike

Json = Mapping[str, Any]

VIDEO: Final = 0
AUDIO: Final = 1
TEXT: Final = 7
_ROLES: Final = {"video": "clip", "audio": "bgm", "text": "title"}
KINDS: Final = {VIDEO: "video", AUDIO: "audio", TEXT: "text"}

# Candidate names, best first. They are looked up in a segment before its metadata, except for its source.
TRACKS: Final = ("t", "tracks")
TRACK_TYPE: Final = ("tt", "type")
SEGMENTS: Final = ("sg", "segments")
START: Final = ("s", "start", "st", "in")
LENGTH: Final = ("d", "duration")
END: Final = ("end", "out")
VOLUME: Final = ("v", "vol", "volume")
META_VOLUME: Final = ("volume", "vol")
TEXTS: Final = ("text", "txt", "content")
TRACK_NAME: Final = ("name", "title")
NAME: Final = ("name", "title", "label", "n")
SOURCE: Final = ("source", "src", "filename", "file", "cdn_url", "url")
ID: Final = ("id",)

MAX_VOLUME: Final = 4.0  # four times as loud as recorded, 12 dB
_SLOWEST, _FASTEST = 0.01, 100.0
_COLUMNS: Final = ("places", "raws", "starts_ms", "lengths_ms", "volumes", "names", "texts", "sources", "ids")
_LARGEST: Final = 1e15  # as `outside.finite` has it
# A text without any of these, in lower case, holds nothing that `strike` would hide; the last two become letters of
# those words where case is ignored.
_MARKS: Final = tuple(
    "= %3d @ /files/ nmv_usr_ clm_ sk- eyj bearer authorization cookie token secret passw passphrase key signature "
    "credential ſ ı \u0307".split()
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a track.

    Attributes:
        track: Number of the track, from 1.
        kind: `video`, `audio`, `text` or `other`.
        name: Display name, without secrets.
        start_ms: Start on the timeline, in milliseconds.
        duration_ms: Length on the timeline, in milliseconds.
        volume: 0–4, or None where it has no sound of its own.
        text: The words of a text segment, else empty.
        source: File name, description or address of what it shows, without secrets, else empty.
        id: Its own id, or one made from its place; unique within the draft.
        raw: The JSON that all this was read from, unchanged.
    """

    track: int
    kind: str
    name: str
    start_ms: float
    duration_ms: float
    volume: float | None
    text: str
    source: str
    id: str
    raw: Json = field(repr=False, compare=False)

    @property
    def end_ms(self) -> float:
        """End on the timeline, in milliseconds."""
        return self.start_ms + self.duration_ms

    @property
    def meta(self) -> Json:
        """Its metadata, empty where there is none."""
        return meta_of(self.raw)

    @property
    def role(self) -> str:
        """What it is in the film; without a role of its own what its track makes likely."""
        return read_role(self.raw, self.kind)

    @property
    def in_ms(self) -> float:
        """The moment of its file at which it begins, in milliseconds."""
        return finite(self.meta.get("in_ms")) or 0.0

    @property
    def speed(self) -> float:
        """Milliseconds of its file for each millisecond of the timeline, 0.01–100."""
        return min(max(finite(self.meta.get("speed")) or 1.0, _SLOWEST), _FASTEST)

    def moment_at(self, time_ms: float) -> float:
        """The moment of its file at a time of the timeline."""
        return self.in_ms + (time_ms - self.start_ms) * self.speed

    def time_of(self, moment_ms: float) -> float:
        """The time on the timeline of a moment of its file."""
        return self.start_ms + (moment_ms - self.in_ms) / self.speed


@dataclass(frozen=True, eq=False)
class Track:
    """One track, as parallel lists in time order with a value for each segment.

    Attributes:
        number: From 1.
        kind: `video`, `audio`, `text` or `other`.
        at: Index in the draft's list of tracks.
        raw: The track's JSON.
        places: Index of each segment in the track's list of segments.
        raws: The segments' JSON.
        starts_ms: Starts on the timeline, in milliseconds; integers where the draft has integers.
        lengths_ms: Lengths, likewise.
        volumes: 0–4, None where there is none.
        names: Display names, without secrets.
        texts: Words of text segments, without secrets, else empty.
        sources: What they show, without secrets, else empty.
        ids: Unique within the draft.
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

    @property
    def name(self) -> str:
        """What it is called, empty where it has no name."""
        return words(self.raw.get("name") or first(meta_of(self.raw), TRACK_NAME))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """An object for each segment."""
        spans = map(float, self.starts_ms), map(float, self.lengths_ms)
        volumes = (None if volume is None else float(volume) for volume in self.volumes)
        columns = zip(self.names, *spans, volumes, self.texts, self.sources, self.ids, self.raws, strict=True)
        return tuple(Segment(self.number, self.kind, *values) for values in columns)


def read_tracks(draft: Json | None) -> tuple[Track, ...]:
    """Read the tracks of a draft, in its order.

    Whatever is not a track or a segment is skipped: a draft comes from outside.
    """
    found = ((at, raw) for at, raw in enumerate(items(first(draft or {}, TRACKS))) if isinstance(raw, Mapping))
    tracks = [_track(number, at, raw) for number, (at, raw) in enumerate(found, start=1)]
    return tuple(_in_time_order(track) for track in _with_own_ids(tracks))


def read_segments(draft: Json | None) -> tuple[Segment, ...]:
    """Read all segments of a draft, in track and time order."""
    return tuple(segment for track in read_tracks(draft) for segment in track.segments)


def count_segments(draft: Json | None) -> int:
    """Count the segments of a draft without reading them; items that are not segments count too."""
    tracks = (track for track in items(first(draft or {}, TRACKS)) if isinstance(track, Mapping))
    return sum(len(items(first(track, SEGMENTS))) for track in tracks)


def duration_ms(draft: Json | None) -> float:
    """Length of the draft in milliseconds: its own `d`, else the end of its last segment."""
    own = finite(first(draft or {}, LENGTH))
    return own if own is not None and own > 0 else max((s.end_ms for s in read_segments(draft)), default=0.0)


def first(mapping: Json, names: Iterable[str]) -> Any:
    """The value of the first name that has one, or None."""
    return next((mapping[name] for name in names if mapping.get(name) is not None), None)


def said(mapping: Json, names: Iterable[str]) -> str:
    """The first name that has a value, or an empty string."""
    return next((name for name in names if mapping.get(name) is not None), "")


def place_of(raw: Json, names: Sequence[str], usual: str) -> tuple[bool, str]:
    """Where a text of a segment is read from, and so has to be written.

    Args:
        raw: The segment.
        names: What the text may be called.
        usual: What it is called in the metadata of a segment that has none.

    Returns:
        Whether it is in the metadata, and under which key.
    """
    layers = ((False, raw), (True, meta_of(raw)))
    found = [(in_meta, key, layer[key]) for in_meta, layer in layers if (key := said(layer, names))]
    in_meta, key, _ = next((each for each in found if each[2]), (*found, (bool(usual), usual, ""))[0])
    return in_meta, key


def items(value: object) -> Sequence[Any]:
    """The items of a list; nothing for any other value."""
    return value if isinstance(value, (list, tuple)) else ()


def meta_of(raw: Json) -> Json:
    """The metadata of a draft, track or segment, empty where there is none."""
    meta = raw.get("m")
    return meta if isinstance(meta, (dict, Mapping)) else {}  # which is told of a dict at once


def read_role(raw: Json, kind: str) -> str:
    """The role of a segment on a track of a kind; where it has none, what its track makes likely."""
    role = meta_of(raw).get("role")
    return role if isinstance(role, str) and role else _ROLES.get(kind, "")


def words(value: object) -> str:
    """A value as printable text."""
    return plain(value) if isinstance(value, str) else "" if value is None else plain(repr(value)[:200])


def struck(texts: list[str]) -> list[str]:
    """`strike` for each text, called only for those that may hold a secret."""
    different = set(texts)
    joined = "\n".join(different).lower()
    marks = [mark for mark in _MARKS if mark in joined]
    suspects = different if marks else ()
    hidden = {text: strike(text) for text in suspects if any(mark in text.lower() for mark in marks)}
    return [hidden.get(text, text) for text in texts] if hidden else texts


class _Parts:
    """Columns over a list of segments, or of their metadata.

    Args:
        each: One mapping per segment.
    """

    def __init__(self, each: Sequence[Json]) -> None:
        self.each = each

    @cached_property
    def keys(self) -> Set[str]:
        """All keys that occur."""
        return set().union(*self.each)

    def get(self, key: str) -> list[Any]:
        """The value of one key in each, None where it is missing."""
        try:
            return list(map(itemgetter(key), self.each))
        except KeyError:
            return [part.get(key) for part in self.each]

    def pick(self, names: Sequence[str]) -> list[Any]:
        """`first` of each; keys that do not occur cost next to nothing."""
        values: list[Any] = []
        for name in names if self.each else ():
            if not values and (name in self.each[0] or name in self.keys):
                values = self.get(name)
            elif name in self.keys and None in values:
                both = zip(self.each, values, strict=True)
                values = [part.get(name) if value is None else value for part, value in both]
        return values or [None] * len(self.each)


def _track(number: int, at: int, track: Json) -> Track:
    code = finite(first(track, TRACK_TYPE))
    kind = KINDS.get(-1 if code is None else int(code), "other")
    found = items(first(track, SEGMENTS))
    places: Sequence[int] = range(len(found))
    if set(map(type, found)) != {dict}:
        places = [place for place in places if isinstance(found[place], Mapping)]
    raws = [found[place] for place in places] if len(places) < len(found) else found
    parts = _Parts(raws)
    metas = _Parts(_metas(parts))
    starts_ms, lengths_ms = _times(parts)
    # These three are displayed and saved with notebooks; the raw JSON keeps a signed address whole.
    texts = struck(_texts(parts, metas, TEXTS)) if kind == "text" else [""] * len(raws)
    sources, names = struck(_texts(metas, parts, SOURCE)), struck(_texts(parts, metas, NAME))
    if not all(names):
        names = [name or text or source or kind for name, text, source in zip(names, texts, sources, strict=True)]
    ids = _texts(parts, metas, ID)
    if not all(ids):
        ids = [own_id or f"{number}.{n}" for n, own_id in enumerate(ids, start=1)]
    volumes = _volumes(parts, metas)
    return Track(number, kind, at, track, places, raws, starts_ms, lengths_ms, volumes, names, texts, sources, ids)


def _metas(raws: _Parts) -> Sequence[Json]:
    metas = raws.get("m")
    return metas if set(map(type, metas)) == {dict} else [meta_of(raw) for raw in raws.each]


def _numbers(values: list[Any]) -> tuple[list[Any], bool]:
    """`finite` of each value, integers as they are, and whether all are numbers of at least 0."""
    types = set(map(type, values))
    if types == {type(None)}:
        return values, False
    with suppress(OverflowError):  # an integer without bounds
        if values and types <= {int, float} and min(values) >= 0 and sum(values) < _LARGEST:
            return values, True
    return [finite(value) for value in values], False


def _times(raws: _Parts) -> tuple[list[float], list[float]]:
    """Starts and lengths. Without a start a segment follows the one before; without a length its end is read."""
    starts, are_starts = _numbers(raws.pick(START))
    lengths, are_lengths = _numbers(raws.pick(LENGTH))
    if are_starts and are_lengths:
        return starts, lengths
    ends, _ = _numbers(raws.pick(END))
    starts_ms: list[float] = []
    lengths_ms: list[float] = []
    follows_ms = 0.0
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
    """`words` of the first value in each part, else in its counterpart among the others."""
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


def _with_own_ids(tracks: Sequence[Track]) -> Sequence[Track]:
    """Give duplicate ids another one, so that the table can be written back."""
    taken = set[str]().union(*(track.ids for track in tracks))
    if len(taken) == sum(len(track.ids) for track in tracks):
        return tracks
    seen: set[str] = set()

    def own(given_id: str) -> str:
        if given_id in seen:
            given_id = next(made for n in numbers[given_id] if (made := f"{given_id}~{n}") not in taken)
        seen.add(given_id)
        return given_id

    numbers: defaultdict[str, Iterator[int]] = defaultdict(partial(count, 2))
    return [replace(track, ids=[own(given_id) for given_id in track.ids]) for track in tracks]


def _in_time_order(track: Track) -> Track:
    starts = track.starts_ms
    if sorted(starts) == starts:
        return track
    order = sorted(range(len(starts)), key=starts.__getitem__)
    columns: dict[str, Any] = {name: [getattr(track, name)[n] for n in order] for name in _COLUMNS}
    return replace(track, **columns)
