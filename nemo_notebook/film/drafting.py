"""Reading and writing draft JSON for edits. The keys are documented in `nemo_notebook.film.draft`.

An edit works on `editable(draft)`, a copy of plain dicts and lists in which whatever is not known stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from nemo_notebook.film.draft import (
    AUDIO,
    KINDS,
    MAX_VOLUME,
    NAME,
    TEXT,
    TEXTS,
    VIDEO,
    Json,
    place_of,
    read_role,
    read_tracks,
)
from nemo_notebook.film.index import EditableDraft, index_of
from nemo_notebook.film.model import FPS, MediaItem, Situation
from nemo_notebook.film.phrasing import stem
from nemo_notebook.outside import finite

Draft = dict[str, Any]


CANVAS: Final = (1920, 1080)
PICTURES: Final = ("clip", "image", "backdrop")
MUSIC: Final = ("song", "bgm")
SPEECH: Final = ("speech",)
SOUNDS: Final = (*MUSIC, *SPEECH)
_ORDER: Final = ("video", "visualizer", "audio", "text")
_TRACKS: Final = {  # by role what its track serves as, and the name of a new one
    "song": ("audio", "Song"),
    "bgm": ("audio", "BGM"),
    "speech": ("audio", "Speech"),
    "visualizer": ("visualizer", "Visualizer"),
    "title": ("text", "Title"),
}
MOST_MS: Final = 24 * 3_600_000
LONGEST_MS: Final = 6 * 3_600_000  # of a film that can be rendered
MOST_SEGMENTS: Final = 10_000  # likewise
MOST_TRACKS: Final = 1_000
_FEW: Final = 8  # segments that are looked up one by one


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


def editable(draft: Json) -> EditableDraft:
    """A deep copy of a draft in its canonical form; all other keys are kept.

    That is the one which the local engine writes: the keys `t`, `tt` and `sg`, and in each segment an `id` that no
    other one has, `s` and `d` on whole frames, and `v` if it has a volume.
    """
    copy = cast("Draft", copied(draft))
    _rename(copy, "tracks", "t")
    copy["t"] = [track for track in _items(copy.get("t")) if isinstance(track, dict)]
    for track in copy["t"]:
        _rename(track, "type", "tt")
        _rename(track, "segments", "sg")
        track["sg"] = [segment for segment in _items(track.get("sg")) if isinstance(segment, dict)]
    for track in read_tracks(copy):
        for segment in track.segments:
            raw = cast("Draft", segment.raw)
            first, last = to_frame(segment.start_ms), to_frame(segment.end_ms)
            raw["s"], raw["d"], raw["id"] = to_ms(first), to_ms(last) - to_ms(first), segment.id
            if segment.volume is not None and finite(raw.get("v")) is None:
                raw["v"] = segment.volume
    return EditableDraft(copy)


def meta(part: Draft) -> Draft:
    """The metadata of a draft, track or segment, made where there is none."""
    if not isinstance(part.get("m"), dict):
        part["m"] = {}
    return cast("Draft", part["m"])


def tracks_of(draft: Draft, role: str) -> list[Draft]:
    """Tracks that serve as `video`, `visualizer`, `audio` or `text`."""
    return [track for track in draft["t"] if _role_of_track(track) == role]


def segments_of(draft: Draft, *roles: str) -> list[Draft]:
    """Segments with one of the roles, in track and time order."""
    found = [s for track in draft["t"] for s in sorted(track["sg"], key=start_of) if role_of(track, s) in roles]
    return [segment for segment in found if segment["d"] > 0]


def role_of(track: Draft, segment: Draft) -> str:
    """A segment's role; where it has none, what its track makes likely."""
    return read_role(segment, KINDS.get(_kind(track), ""))


def start_of(segment: Draft) -> int:
    """Start in milliseconds."""
    return int(segment["s"])


def end_of(segment: Draft) -> int:
    """End in milliseconds."""
    return int(segment["s"]) + int(segment["d"])


def place(segment: Draft, first_frame: int, last_frame: int) -> None:
    """Puts a segment on a stretch of frames."""
    segment["s"] = to_ms(first_frame)
    segment["d"] = to_ms(last_frame) - to_ms(first_frame)


def span_of(segment: Draft) -> tuple[int, int]:
    """The first frame of a segment, and the frame after its last one."""
    return to_frame(start_of(segment)), to_frame(end_of(segment))


def shift(segment: Draft, by: int) -> None:
    """Moves a segment by some frames."""
    first, last = span_of(segment)
    place(segment, first + by, last + by)


def picture_end_ms(draft: Draft) -> int:
    """Where the pictures end, in milliseconds; 0 where there are none."""
    latest = 0
    for track in draft["t"]:
        for segment in reversed(track["sg"]):
            end = segment["s"] + segment["d"]
            if end > latest and segment["d"] > 0 and role_of(track, segment) in PICTURES:
                latest = end
    return latest


def is_empty(draft: Draft) -> bool:
    """Whether nothing is seen or heard in a draft."""
    return not any(end_of(s) > 0 for track in draft["t"] for s in track["sg"])


def end_ms(draft: Draft) -> int:
    """Where the last segment ends, in milliseconds."""
    return max((end_of(s) for track in draft["t"] for s in track["sg"]), default=0)


def measure(draft: Draft) -> Draft:
    """Writes the lengths of tracks and draft after their segments; drops tracks that ran empty."""
    draft["t"] = [track for track in draft["t"] if track["sg"]]
    for track in draft["t"]:
        track["sg"].sort(key=start_of)
        track["d"] = max(end_of(segment) for segment in track["sg"])
    draft["d"] = end_ms(draft)
    return draft


def is_measured(draft: Draft) -> bool:
    """Whether a draft is as `measure` leaves it."""
    tracks = [{**track, "sg": [*track["sg"]]} for track in draft["t"]]
    return measure({**draft, "t": tracks}) == draft


def prepare_canvas(draft: Draft, title: str, seed: int) -> None:
    """Gives the draft its title, canvas and seed where it has none."""
    own = meta(draft)
    if not isinstance(own.get("title"), str) or not own["title"]:
        own["title"] = title
    if not all(_is_size(own.get(key)) for key in ("width", "height")):
        own["width"], own["height"] = CANVAS
    own.setdefault("fps", FPS)
    own.setdefault("seed", seed)


def canvas_of(draft: Draft) -> tuple[int, int]:
    """Width and height in pixels."""
    own = meta(draft)
    width, height = own.get("width"), own.get("height")
    return (int(width), int(height)) if _is_size(width) and _is_size(height) else CANVAS  # type: ignore[arg-type]


def lane_of(role: str) -> str:
    """What the tracks of segments with a role serve as."""
    return _TRACKS.get(role, ("video", ""))[0]


def track_of(draft: Draft, part: Draft) -> Draft:
    """The track that a part lies on."""
    return cast("Draft", index_of(draft).track_of(part))


def add_track(draft: Draft, role: str, segments: Iterable[Draft] = ()) -> Draft:
    """Adds a track for segments with a role above those of its kind and below those of later kinds; returns it."""
    lane, name = _TRACKS.get(role, ("video", "Video"))
    kind = {"video": VIDEO, "visualizer": VIDEO, "audio": AUDIO, "text": TEXT}[lane]
    track: Draft = {"id": free_id(draft, lane), "tt": kind, "m": {"name": name}, "sg": list(segments)}
    later = _ORDER[_ORDER.index(lane) + 1 :]
    at = next((i for i, other in enumerate(draft["t"]) if _role_of_track(other) in later), len(draft["t"]))
    draft["t"].insert(at, track)
    return track


def lay_where_free(draft: Draft, part: Draft, role: str) -> None:
    """Lay a part on the first track of its kind that has room for it, or on a new one.

    One that lies on a track already stays there, if it can. Songs, voices and composed music have tracks of their own.
    """
    index = index_of(draft)
    own = [track for track in (index.track_of(part),) if track is not None]
    lane = lane_of(role)
    alike = [t for t in (*own, *tracks_of(draft, lane)) if lane != "audio" or _has_only(t, role, part)]
    room = next((track for track in alike if what_meets(track, part) is None), None)
    remove_segments(draft, [part])
    index.add(part, room or add_track(draft, role))


def what_meets(track: Draft, part: Draft) -> Draft | None:
    """Another part on a track at the same time."""
    return next(all_that_meet(track, part), None)


def all_that_meet(track: Draft, part: Draft) -> Iterator[Draft]:
    """The other parts on a track at the same time."""
    start, end = start_of(part), end_of(part)
    others = (other for other in track["sg"] if other["s"] < end and start < other["s"] + other["d"])
    return (other for other in others if other is not part and other["d"] > 0)


def remove_segments(draft: Draft, segments: Iterable[Draft]) -> None:
    """Takes segments out, by identity."""
    gone = {id(segment): segment for segment in segments}
    if len(gone) <= _FEW:
        index = index_of(draft)
        for segment in gone.values():
            index.drop(segment)
        return
    for track in draft["t"]:
        track["sg"] = [segment for segment in track["sg"] if id(segment) not in gone]


def clear(draft: Draft, *roles: str) -> None:
    """Takes all segments with some roles out, and tracks that ran empty."""
    remove_segments(draft, segments_of(draft, *roles))
    draft["t"] = [track for track in draft["t"] if track["sg"]]


def new_segment(draft: Draft, role: str, name: str, first_frame: int, last_frame: int) -> Draft:
    """A segment on a stretch of frames, with an id that is free; it is not yet part of a track."""
    segment: Draft = {"id": free_id(draft, role), "s": 0, "d": 0, "m": {"role": role, "name": name}}
    place(segment, first_frame, last_frame)
    return segment


def media_segment(item: MediaItem, number: int, first_frame: int, last_frame: int, in_ms: int, role: str = "") -> Draft:
    """A stretch of a clip, an image or a song; with the role `speech` of a voice recording."""
    role = role or {"video": "clip", "image": "image", "audio": "song"}[item.kind]
    own: Draft = {"role": role, "name": stem(item.filename), "media": item.id, "source": item.filename}
    if item.kind != "image":
        own["in_ms"] = in_ms
    segment: Draft = {"id": f"{role}-{number}", "s": 0, "d": 0, "m": own}
    place(segment, first_frame, last_frame)
    return segment


def in_ms_of(segment: Draft) -> int:
    """Where in its source a segment starts, in milliseconds."""
    return int(_number(meta(segment).get("in_ms"), 0, MOST_MS, 0))


def speed_of(segment: Draft) -> float:
    """Source seconds in a second of a clip; 1 where it is not written."""
    return _number(meta(segment).get("speed"), 0.05, 100, 1.0)


def media_of(segment: Draft, situation: Situation) -> MediaItem | None:
    """The upload that a segment shows or plays, or None where it is not known."""
    wanted = meta(segment).get("media")
    return next((item for item in situation.media if item.id == wanted), None)


def volume_of(segment: Draft) -> float:
    """Volume 0–4; as recorded where it is not written."""
    return _number(segment.get("v"), 0, MAX_VOLUME, 1.0)


def text_of(segment: Draft) -> str:
    """The words of a title."""
    value = _read(segment, TEXTS, "text")
    return value if isinstance(value, str) else ""


def put_text(segment: Draft, text: str) -> None:
    """Write the words of a title where they are read from, and into its name if it is called by them."""
    if _read(segment, NAME, "name") == " ".join(text_of(segment).split()):
        put_name(segment, " ".join(text.split()))
    _put(segment, TEXTS, "text", text)


def put_name(segment: Draft, name: str) -> None:
    """Write the name of a part where it is read from."""
    _put(segment, NAME, "name", name)


def free_id(draft: Draft, prefix: str) -> str:
    """An id that no track or segment has yet: the prefix and the first free number."""
    return next(free_ids(draft, prefix))


def free_ids(draft: Draft, prefix: str) -> Iterator[str]:
    """All ids with a prefix that no track or segment has yet, for many at once."""
    return index_of(draft).free_ids(prefix)


def _read(segment: Draft, names: Sequence[str], usual: str) -> object:
    in_meta, key = place_of(segment, names, usual)
    return (meta(segment) if in_meta else segment).get(key)


def _put(segment: Draft, names: Sequence[str], usual: str, value: str) -> None:
    in_meta, key = place_of(segment, names, usual)
    (meta(segment) if in_meta else segment)[key] = value


def _role_of_track(track: Draft) -> str:
    kind = _kind(track)
    if kind == VIDEO:
        drawn = [role_of(track, segment) == "visualizer" for segment in track["sg"]]
        return "visualizer" if drawn and all(drawn) else "video"
    return "audio" if kind == AUDIO else "text" if kind == TEXT else ""


def _has_only(track: Draft, role: str, part: Draft) -> bool:
    return all(role_of(track, other) == role for other in track["sg"] if other is not part)


def _kind(track: Draft) -> int:
    kind = track.get("tt")
    return kind if isinstance(kind, int) else -1


def _number(value: object, least: float, most: float, usual: float) -> float:
    number = finite(value)
    return number if number is not None and least <= number <= most else usual


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 16 <= value <= 8192


def _rename(part: Draft, old: str, new: str) -> None:
    if part.get(new) is None and old in part:
        part[new] = part.pop(old)


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def copied(value: object) -> object:
    """A deep copy of JSON, of plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, (list, tuple)) else value
