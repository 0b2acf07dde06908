"""Reading and writing draft JSON for edits. The keys are documented in `nemo_notebook.film.tracks`.

An edit works on `editable(draft)`, a copy of plain dicts and lists in which whatever is not known stays as it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from nemo_notebook.film.model import FPS, MediaItem, Situation
from nemo_notebook.film.tracks import KINDS, MAX_VOLUME, NAME, TEXTS, Json, items, place_of, read_role, read_tracks
from nemo_notebook.film.wording import refuse_if, stem
from nemo_notebook.outside import finite

Raw = dict[str, Any]


CANVAS: Final = (1920, 1080)
SHOTS: Final = ("clip", "image")
PICTURES: Final = (*SHOTS, "backdrop")
MUSIC: Final = ("song", "bgm")
SPEECH: Final = ("speech",)
SOUNDS: Final = (*MUSIC, *SPEECH)
_ORDER: Final = ("video", "overlay", "visualizer", "audio", "text")
_OVER_PICTURES: Final = ("overlay", "visualizer")  # they have tracks of their own, among those of pictures
OF_PICTURES: Final = ("video", *_OVER_PICTURES)
_TRACKS: Final = {  # by role what its track serves as, and the name of a new one
    "song": ("audio", "Song"),
    "bgm": ("audio", "BGM"),
    "speech": ("audio", "Speech"),
    "overlay": ("overlay", "Overlay"),
    "visualizer": ("visualizer", "Visualizer"),
    "title": ("text", "Title"),
}
MOST_MS: Final = 24 * 3_600_000
LONGEST_MS: Final = 6 * 3_600_000  # of a film that can be rendered
MOST_SEGMENTS: Final = 10_000  # likewise
MOST_TRACKS: Final = 1_000


def to_frame(ms: float) -> int:
    """The frame that is shown from a time on."""
    return round(min(max(ms, 0.0), MOST_MS) * FPS / 1000)


def to_ms(frame: int) -> int:
    """The time at which a frame starts, in whole milliseconds."""
    return round(frame * 1000 / FPS)


def ms_of(time_s: float | None) -> int | None:
    """Seconds as whole milliseconds, if there are any."""
    return None if time_s is None else round(1000 * time_s)


def on_frame(ms: float) -> int:
    """The nearest time that lies on a frame."""
    return to_ms(to_frame(ms))


class _WithMeta(Raw):
    """A JSON object with metadata under `m`."""

    @property
    def meta(self) -> Raw:
        """Its metadata, made where there is none."""
        if not isinstance(self.get("m"), dict):
            self["m"] = {}
        return cast("Raw", self["m"])


class Part(_WithMeta):
    """A segment of a draft that is edited; its times lie on whole frames.

    Attributes:
        kind: Of its track: `video`, `audio`, `text` or `other`; empty as long as it has never been on one.
    """

    kind = ""

    @property
    def role(self) -> str:
        """What it is in the film; without a role of its own what its track makes likely."""
        return read_role(self, self.kind)

    @property
    def start_ms(self) -> int:
        """Start in milliseconds."""
        return int(self["s"])

    @property
    def end_ms(self) -> int:
        """End in milliseconds."""
        return int(self["s"]) + int(self["d"])

    @property
    def first(self) -> int:
        """Its first frame."""
        return to_frame(self.start_ms)

    @property
    def last(self) -> int:
        """The frame after its last one."""
        return to_frame(self.end_ms)

    @property
    def span(self) -> tuple[int, int]:
        """Its first frame, and the frame after its last one."""
        return self.first, self.last

    @property
    def frames(self) -> int:
        """How many frames it lasts."""
        return to_frame(self["d"])

    @property
    def in_ms(self) -> int:
        """Where in its source it starts, in milliseconds."""
        return int(_number(self.meta.get("in_ms"), 0, MOST_MS, 0))

    @property
    def speed(self) -> float:
        """Source seconds in a second of a clip; 1 where it is not written."""
        return _number(self.meta.get("speed"), 0.05, 100, 1.0)

    @property
    def volume(self) -> float:
        """Volume 0–4; as recorded where it is not written."""
        return _number(self.get("v"), 0, MAX_VOLUME, 1.0)

    @property
    def text(self) -> str:
        """The words of a title."""
        layer, key = self._place(TEXTS, "text")
        return layer[key] if isinstance(layer.get(key), str) else ""

    def upload(self, situation: Situation) -> MediaItem | None:
        """The upload that it shows or plays, or None where it is not known."""
        wanted = self.meta.get("media")
        return next((item for item in situation.media if item.id == wanted), None)

    def place(self, first_frame: int, last_frame: int) -> None:
        """Put it on a stretch of frames."""
        self["s"] = to_ms(first_frame)
        self["d"] = to_ms(last_frame) - to_ms(first_frame)

    def shift(self, by: int) -> None:
        """Move it by some frames."""
        self.place(self.first + by, self.last + by)

    def meets(self, other: Part) -> bool:
        """Whether both last at the same time; what has no length meets nothing."""
        return self.end_ms > max(self.start_ms, other.start_ms) and self.start_ms < other.end_ms

    def put_text(self, text: str) -> None:
        """Write the words of a title where they are read from, and into its name if it is called by them."""
        named, name = self._place(NAME, "name")
        if named.get(name) == " ".join(self.text.split()):
            named[name] = " ".join(text.split())
        layer, key = self._place(TEXTS, "text")
        layer[key] = text

    def put_name(self, name: str) -> None:
        """Write its name where it is read from."""
        layer, key = self._place(NAME, "name")
        layer[key] = name

    def _place(self, names: Sequence[str], usual: str) -> tuple[Raw, str]:
        """The mapping that a text is read from, and the key in it."""
        in_meta, key = place_of(self, names, usual)
        return (self.meta if in_meta else self), key


class Index:
    """The tracks of parts, and the parts of ids.

    Edits may change the lists of segments as they like: a list that has become another one, or longer or shorter, is
    noticed. What is told of (`add`, `drop`) costs no new look at the whole film.

    Args:
        film: Has the keys `t` and `sg`.
    """

    def __init__(self, film: Raw) -> None:
        self._film = film
        self.forget()

    def forget(self) -> None:
        """Look at the whole film again when something is asked for next."""
        self._sizes: list[tuple[int, int]] | None = None
        self._met: dict[int, Part] | None = None

    def track_of(self, part: Part) -> Raw | None:
        """The track that a part lies on, if it lies on any."""
        self._refresh()
        return self._tracks.get(id(part))

    def part_of(self, wanted: str) -> Part | None:
        """The segment with an id."""
        self._refresh()
        return self._parts.get(wanted)

    def has_id(self, wanted: str) -> bool:
        """Whether a track or a segment has an id."""
        self._refresh()
        return wanted in self._parts or wanted in self._track_ids

    def free_ids(self, prefix: str) -> Iterator[str]:
        """All ids with a prefix that no track or segment has."""
        self._refresh()
        for number in itertools.count(self._free.get(prefix, 1)):
            if not self.has_id(id_ := f"{prefix}-{number}"):
                self._free[prefix] = number
                yield id_

    def add(self, part: Part, track: Raw) -> None:
        """Lay a part on a track, behind what is there."""
        self._refresh()
        track["sg"].append(part)
        self._enter(part, track)
        self._sizes = self._sizes_now()

    def drop(self, part: Part) -> None:
        """Take a part out, if it is there."""
        track = self.track_of(part)
        if track is None:
            return
        del track["sg"][next(at for at, other in enumerate(track["sg"]) if other is part)]
        del self._tracks[id(part)]
        if self._parts.get(str(part.get("id"))) is part:
            del self._parts[part["id"]]
        self._free.clear()
        self._sizes = self._sizes_now()

    def met_by(self, part: Part) -> Part | None:
        """A part that is there at the same time on the same track; asked for when all edits are made."""
        if self._met is None:
            self._met = self.meetings()
        return self._met.get(id(part))

    def meetings(self) -> dict[int, Part]:
        """Parts that are on a track at the same time as others: by `id`, another one that each meets."""
        met: dict[int, Part] = {}
        for track in self._film["t"]:
            longest: Part | None = None
            for part in sorted((part for part in track["sg"] if part["d"] > 0), key=lambda part: int(part["s"])):
                if longest is not None and part["s"] < longest["s"] + longest["d"]:
                    met[id(part)] = longest
                    met.setdefault(id(longest), part)
                if longest is None or part["s"] + part["d"] > longest["s"] + longest["d"]:
                    longest = part
        return met

    def _sizes_now(self) -> list[tuple[int, int]]:
        return [(id(track["sg"]), len(track["sg"])) for track in self._film["t"]]

    def _refresh(self) -> None:
        sizes = self._sizes_now()
        if self._sizes == sizes:
            return
        self._sizes = sizes
        self._tracks: dict[int, Raw] = {}
        self._parts: dict[str, Part] = {}
        self._free: dict[str, int] = {}
        self._track_ids = {track["id"] for track in self._film["t"] if isinstance(track.get("id"), str)}
        for track in self._film["t"]:
            for part in track["sg"]:
                self._enter(part, track)

    def _enter(self, part: Part, track: Raw) -> None:
        self._tracks[id(part)] = track
        if isinstance(part.get("id"), str):
            self._parts.setdefault(part["id"], part)


class Draft(_WithMeta):
    """A draft that edits change, in its canonical form: see `editable`."""

    def __init__(self, draft: Raw) -> None:
        super().__init__(draft)
        self.index = Index(self)

    @property
    def shots(self) -> list[Part]:
        """The clips and images of the lowest picture track, in time order."""
        rows = ([s for s in track["sg"] if s.role in SHOTS and s["d"] > 0] for track in self.tracks("video"))
        return sorted(next(filter(None, rows), []), key=start_of)

    @property
    def is_cut_to_music(self) -> bool:
        """Whether the shots were laid out after the music: then they keep their places, whatever they show."""
        return isinstance(self.meta.get("pace"), dict) and bool(self.segments(*MUSIC))

    @property
    def picture_end_ms(self) -> int:
        """Where the pictures end, in milliseconds; 0 where there are none."""
        latest_first = sorted((s for track in self["t"] for s in track["sg"] if s["d"] > 0), key=end_of, reverse=True)
        return next((s.end_ms for s in latest_first if s.role in PICTURES), 0)

    @property
    def end_ms(self) -> int:
        """Where the last segment ends, in milliseconds."""
        return max((s.end_ms for track in self["t"] for s in track["sg"]), default=0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is seen or heard in it."""
        return all(part.end_ms <= 0 for track in self["t"] for part in track["sg"])

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.meta.get("width"), self.meta.get("height")
        is_known = all(type(side) is int and 16 <= side <= 8192 for side in (width, height))
        return cast("tuple[int, int]", (width, height)) if is_known else CANVAS

    def tracks(self, *lanes: str) -> list[Raw]:
        """Tracks that serve as `video`, `overlay`, `visualizer`, `audio` or `text`."""
        return [track for track in self["t"] if lane_of_track(track) in lanes]

    def segments(self, *roles: str) -> list[Part]:
        """Segments with one of the roles, in track and time order."""
        parts = (part for track in self["t"] for part in sorted(track["sg"], key=start_of))
        return [part for part in parts if part["d"] > 0 and part.role in roles]

    def last_frame(self, *roles: str) -> int:
        """The frame at which the last segment with one of the roles ends; 0 where there is none."""
        return max((part.last for part in self.segments(*roles)), default=0)

    def track_of(self, part: Part) -> Raw:
        """The track that a part lies on."""
        return cast("Raw", self.index.track_of(part))

    def new_id(self, prefix: str, wanted: str | None = None) -> str:
        """An id that no track or segment has yet: the one that is wanted, else the prefix and the first free number.

        Raises:
            NotPossible: Another part has the one that is wanted.
        """
        refuse_if(wanted is not None and self.index.has_id(wanted), "parts.id_taken", "id", id=wanted)
        return wanted or next(self.index.free_ids(prefix))

    def new_part(self, role: str, name: str, first_frame: int, last_frame: int) -> Part:
        """A segment on a stretch of frames, with an id that is free; it is not yet part of a track."""
        part = Part(id=self.new_id(role), s=0, d=0, m={"role": role, "name": name})
        part.place(first_frame, last_frame)
        return part

    def add_track(self, role: str, segments: Iterable[Part] = ()) -> Raw:
        """Add a track for segments with a role above those of its kind and below those of later kinds; return it."""
        lane, name = _TRACKS.get(role, ("video", "Video"))
        kind = "video" if lane in _OVER_PICTURES else lane
        code = next(code for code, name in KINDS.items() if name == kind)
        track: Raw = {"id": self.new_id(lane), "tt": code, "m": {"name": name}, "sg": list(segments)}
        later = _ORDER[_ORDER.index(lane) + 1 :]
        at = next((i for i, other in enumerate(self["t"]) if lane_of_track(other) in later), len(self["t"]))
        self["t"].insert(at, track)
        return track

    def lay_where_free(self, part: Part, role: str) -> None:
        """Lay a part on the first track of its kind that has room for it, or on a new one.

        One that lies on a track already stays there, if it can. Songs, voices and composed music have tracks of their
        own.
        """
        own = [track for track in (self.index.track_of(part),) if track is not None]
        lane = lane_of(role)
        alike = [*own, *self.tracks(lane)]
        if lane == "audio":
            alike = [track for track in alike if all(s.role == role for s in track["sg"] if s is not part)]
        room = next((track for track in alike if what_meets(track, part) is None), None)
        self.remove([part])
        self.index.add(part, room or self.add_track(role))

    def remove(self, segments: Iterable[Part]) -> None:
        """Take segments out, by identity."""
        for segment in segments:
            self.index.drop(segment)

    def remove_roles(self, *roles: str) -> None:
        """Take all segments with some roles out, and tracks that ran empty."""
        self.remove(self.segments(*roles))
        self["t"] = [track for track in self["t"] if track["sg"]]

    def prepare_canvas(self, title: str, seed: int) -> None:
        """Give it a title, a canvas and a seed where it has none."""
        own = self.meta
        if not isinstance(own.get("title"), str) or not own["title"]:
            own["title"] = title
        own["width"], own["height"] = self.canvas
        own.setdefault("fps", FPS)
        own.setdefault("seed", seed)

    def measure(self) -> Draft:
        """Write the lengths of tracks and draft after their segments; drop tracks that ran empty; give it back."""
        self["t"] = [track for track in self["t"] if track["sg"]]
        for track in self["t"]:
            track["sg"].sort(key=start_of)
            track["d"] = max(segment.end_ms for segment in track["sg"])
        self["d"] = self.end_ms
        return self

    def is_form_of(self, draft: Json) -> bool:
        """Whether a draft is written in this canonical form already, or says nothing in any other."""
        copy = Draft({**self, "t": [{**track, "sg": [*track["sg"]]} for track in self["t"]]})
        return not any(track["sg"] for track in self["t"]) or (self == draft and copy.measure() == self)


def start_of(part: Part) -> int:
    """Start of a part in milliseconds, to sort by."""
    return part.start_ms


def end_of(part: Part) -> int:
    """End of a part in milliseconds, to sort by."""
    return part.end_ms


def editable(draft: Json) -> Draft:
    """A deep copy of a draft in its canonical form; all other keys are kept.

    That is the one which the local engine writes: the keys `t`, `tt` and `sg`, and in each segment an `id` that no
    other one has, `s` and `d` on whole frames, and `v` if it has a volume.
    """
    copy = cast("Raw", copied(draft))
    _rename(copy, "tracks", "t")
    copy["t"] = [track for track in items(copy.get("t")) if isinstance(track, dict)]
    for track in copy["t"]:
        _rename(track, "type", "tt")
        _rename(track, "segments", "sg")
        track["sg"] = [Part(segment) for segment in items(track.get("sg")) if isinstance(segment, dict)]
    for track in read_tracks(copy):
        for segment in track.segments:
            raw = cast("Part", segment.raw)
            raw.kind = track.kind
            first, last = to_frame(segment.start_ms), to_frame(segment.end_ms)
            raw["s"], raw["d"], raw["id"] = to_ms(first), to_ms(last) - to_ms(first), segment.id
            if segment.volume is not None and finite(raw.get("v")) is None:
                raw["v"] = segment.volume
    return Draft(copy)


def lane_of(role: str) -> str:
    """What the tracks of segments with a role serve as."""
    return _TRACKS.get(role, ("video", ""))[0]


def what_meets(track: Raw, part: Part) -> Part | None:
    """Another part on a track at the same time."""
    return next(all_that_meet(track, part), None)


def all_that_meet(track: Raw, part: Part) -> Iterator[Part]:
    """The other parts on a track at the same time."""
    return (other for other in track["sg"] if other is not part and other.meets(part))


def media_segment(item: MediaItem, number: int, first_frame: int, last_frame: int, in_ms: int, role: str = "") -> Part:
    """A stretch of a clip, an image or a song; with the role `speech` of a voice recording."""
    role = role or {"video": "clip", "image": "image", "audio": "song"}[item.kind]
    own: Raw = {"role": role, "name": stem(item.filename), "media": item.id, "source": item.filename}
    if item.kind != "image":
        own["in_ms"] = in_ms
    part = Part(id=f"{role}-{number}", s=0, d=0, m=own)
    part.place(first_frame, last_frame)
    return part


def lane_of_track(track: Raw) -> str:
    """What a track serves as: `video`, `overlay`, `visualizer`, `audio` or `text`; empty for any other one."""
    kind = next((kind for code, kind in KINDS.items() if track.get("tt") == code), "")
    first = track["sg"][0].role if kind == "video" and track["sg"] else ""
    return first if first in _OVER_PICTURES and all(part.role == first for part in track["sg"]) else kind


def _number(value: object, least: float, most: float, usual: float) -> float:
    number = finite(value)
    return number if number is not None and least <= number <= most else usual


def _rename(part: Raw, old: str, new: str) -> None:
    if part.get(new) is None and old in part:
        part[new] = part.pop(old)


def copied(value: object) -> object:
    """A deep copy of JSON, of plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, (list, tuple)) else value
