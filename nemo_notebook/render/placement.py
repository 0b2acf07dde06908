"""Segments of a draft placed on frames: validated values of their metadata, and the spans in which they are seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Final, get_args

from nemo_notebook.errors import FileMissing, UnsupportedMedia
from nemo_notebook.film.model import FULL_VIEW, EffectKind, Filter, Fit, TransitionKind, View, read_view
from nemo_notebook.film.tracks import Json, Segment, Track, meta_of
from nemo_notebook.outside import finite
from nemo_notebook.render.formats import number_of, text_of
from nemo_notebook.render.layers import SOUND_RATE, Clip, Look

FILTERS: Final[tuple[str, ...]] = get_args(Filter)
BLENDS: Final[tuple[str, ...]] = get_args(TransitionKind)
FITS: Final[tuple[str, ...]] = get_args(Fit)
MIN_SPEED: Final = 0.1
MAX_SPEED: Final = 10.0
_TOLERANCE_S: Final = Fraction(2, 1000)  # times are whole milliseconds in drafts and in Matroska files
EFFECTS: Final[tuple[str, ...]] = get_args(EffectKind)
_FLIPS: Final = ("h", "v", "hv")
_TURNS: Final = (90, 180, 270)
_EASES: Final = ("linear", "smooth")
_NO_FILTER: Final = ("", "none")
_AMOUNTS: Final = ("brightness", "contrast", "saturation")
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_COLORS: Final = 3


def between(low: float, value: float, high: float) -> float:
    """A value, held within limits."""
    return min(high, max(low, value))


def speed_of(meta: Json) -> float:
    """Source seconds in a second."""
    return between(MIN_SPEED, number_of(meta, "speed", 1.0), MAX_SPEED)


def playback_of(meta: Json) -> tuple[float, float | None, bool]:
    """The speed of a clip (0 where it is frozen), what it goes over into, and whether it runs backwards."""
    if meta.get("freeze") is True:
        return 0.0, None, False
    end = number_of(meta, "end_speed", 0.0)
    return speed_of(meta), between(MIN_SPEED, end, MAX_SPEED) if end > 0 else None, meta.get("reverse") is True


def has_sound(meta: Json) -> bool:
    """Whether a clip is heard at all: not where it is frozen or runs backwards."""
    speed, _, reverse = playback_of(meta)
    return speed > 0 and not reverse


def sound_speed_of(meta: Json) -> float:
    """The speed of a clip's sound: where that of the picture changes, the one in the middle."""
    speed, end_speed, _ = playback_of(meta)
    return speed if end_speed is None else (speed + end_speed) / 2


def source_times(clip: Clip, fps: int, count: int) -> list[Fraction]:
    """The times in the source, in seconds, that the frames of a shot show."""
    speed, end_speed = (Fraction(round(1000 * (each or 0.0)), 1000) for each in (clip.speed, clip.end_speed))
    gain = (end_speed - speed) / (2 * clip.of) if clip.end_speed is not None and clip.of else Fraction(0)
    start_s = Fraction(round(clip.in_ms * 1000), 1_000_000) + _TOLERANCE_S
    frames: Iterable[int] = range(clip.skip, clip.skip + count)
    if clip.reverse:
        frames = (clip.of - 1 - frame for frame in frames)
    return [start_s + (speed + gain * frame) * frame / fps for frame in frames]


def orientation_of(meta: Json) -> tuple[str, int]:
    """How a picture is mirrored (`h`, `v` or `hv`, empty for not) and turned (degrees clockwise)."""
    flip, turn = choice(meta, "flip", _FLIPS, ""), round(number_of(meta, "turn", 0.0))
    if camera_meta(meta).get("mirrored") is True:
        flip = "".join(way for way in "hv" if (way in flip) != (way == "h"))
    return flip, turn if turn in _TURNS else 0


def camera_meta(meta: Json) -> Json:
    """What is said of the camera; nothing where it is no object."""
    value = meta.get("camera")
    return value if isinstance(value, Mapping) else {}


def views_of(meta: Json) -> tuple[View, View, str]:
    """What the camera shows in a segment's first and last frame, and how it moves; all of the picture else."""
    said = camera_meta(meta)
    start = read_view(said.get("from")) or FULL_VIEW
    return start, read_view(said.get("to")) or start, choice(said, "ease", _EASES, "linear")


def effects_of(meta: Json, film: Json) -> Iterator[tuple[str, float, tuple[float, ...]]]:
    """Kind, amount and region of the segment's effects, else of the film's; those that nobody knows are left out."""
    value = meta.get("effects", film.get("effects"))
    for own in value if isinstance(value, (list, tuple)) else ():
        if isinstance(own, Mapping) and (kind := choice(own, "kind", EFFECTS, "")):
            yield kind, round(between(0.0, number_of(own, "amount", 0.5), 1.0), 3), region_of(own, "region")


def region_of(meta: Json, key: str) -> tuple[float, ...]:
    """A part of the canvas as left, top, width and height, 0–1; empty where none is given, or none that has a size."""
    value = meta.get(key)
    known = [finite(item) for item in value] if isinstance(value, (list, tuple)) else []
    if len(known) != 4 or None in known:
        return ()
    x, y, width, height = (round(between(0.0, float(item or 0.0), 1.0), 4) for item in known)
    return (x, y, min(width, 1 - x), min(height, 1 - y)) if width and height and x < 1 and y < 1 else ()


def choice(meta: Json, key: str, known: tuple[str, ...], default: str) -> str:
    """One of the known words, or the default."""
    word = text_of(meta, key)
    return word if word in known else default


def fit_of(meta: Json, film: Json) -> str:
    """The segment's fit, else the film's."""
    return choice(meta, "fit", FITS, choice(film, "fit", FITS, "auto"))


def look_of(meta: Json, film: Json) -> Look:
    """The segment's filter and amounts, each else the film's; a filter of `none` keeps the film's away."""
    own = meta.get("filter")
    name = "" if own in _NO_FILTER else choice(meta, "filter", FILTERS, choice(film, "filter", FILTERS, ""))
    adjust = next((a for a in (meta.get("adjust"), film.get("adjust")) if isinstance(a, Mapping)), {})
    return Look(name, *(round(between(-1.0, number_of(adjust, key, 0.0), 1.0), 3) for key in _AMOUNTS))


def three_colors(meta: Json) -> tuple[str, ...]:
    """Three colours from low to high, whatever number is given; or none."""
    value = meta.get("colors")
    given = value if isinstance(value, (list, tuple)) else ()
    valid = [item.lower() for item in given if isinstance(item, str) and _COLOR.fullmatch(item)]
    last = len(valid) - 1
    return tuple(valid[round(k * last / (_COLORS - 1))] for k in range(_COLORS)) if valid else ()


def transition_of(meta: Json) -> tuple[str, float]:
    """Kind and length in milliseconds of how the picture before goes over into this one; 0 for a plain cut."""
    value = meta.get("transition")
    said = value if isinstance(value, Mapping) else {}
    kind = text_of(said, "kind")
    return (kind, max(0.0, number_of(said, "ms", 0.0))) if kind in BLENDS else ("", 0.0)


COVERING: Final = frozenset({"clip", "image", "backdrop"})  # they cover the canvas
DRAWN: Final = COVERING | {"overlay", "visualizer", "title"}
HEARD: Final = frozenset({"clip", "song", "speech", "bgm"})
_KINDS: Final = {
    "clip": ("video", "image"),
    "image": ("image",),
    "overlay": ("video", "image"),
    "song": ("audio", "video"),
    "speech": ("audio", "video"),
}
_BY_KIND: Final = {"video": "clip", "audio": "song", "text": "title"}


@dataclass(frozen=True, slots=True)
class MediaFile:
    """An uploaded file as the plan needs to know it.

    Attributes:
        id: Content hash.
        path: Where it is.
        kind: `video`, `image` or `audio`.
        duration_ms: Length in milliseconds, 0 for a picture.
        width: Width in pixels as displayed.
        height: Height in pixels as displayed.
        has_audio: Whether there is a sound stream in it.
        rotation: Degrees that the file asks to be turned by; rendering reads it from the frames themselves.
        lufs: Integrated loudness of a song or a voice-over, where it is known.
        beats_ms: Times of the beats of a song in milliseconds, ascending.
    """

    id: str
    path: Path
    kind: str
    duration_ms: float = 0.0
    width: int = 0
    height: int = 0
    has_audio: bool = False
    rotation: int = 0
    lufs: float | None = None
    beats_ms: tuple[int, ...] = ()


MediaFiles = Mapping[str, MediaFile]


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment on whole frames, of which `end` is the first that it does not have."""

    segment: Segment
    role: str
    first: int
    end: int

    @property
    def meta(self) -> Json:
        """The segment's metadata."""
        return meta_of(self.segment.raw)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.segment.source or self.segment.name

    @property
    def frames(self) -> int:
        """Its length."""
        return self.end - self.first

    def file(self, media: MediaFiles) -> MediaFile | None:
        """The upload that it shows or plays."""
        return media.get(text_of(self.meta, "media")) if self.role in _KINDS else None


def frame_at(time_ms: float, fps: int) -> int:
    """The frame that a time starts at: nearest, halves up."""
    return floor(time_ms * fps / 1000 + 0.5)


def sample_at(frame: int, fps: int) -> int:
    """The sample at 48 kHz that a frame starts at."""
    return frame * SOUND_RATE // fps


def place(track: Track, frames: int, fps: int) -> Iterator[Placed]:
    """The segments of a track that are at least a frame long, in time order, cut off at the film's end."""
    for segment in track.segments:
        first = min(frame_at(segment.start_ms, fps), frames)
        end = min(frame_at(segment.end_ms, fps), frames)
        if end > first:
            yield Placed(segment, _role(segment), first, end)


def _role(segment: Segment) -> str:
    role = text_of(meta_of(segment.raw), "role")
    return role if role in DRAWN or role in HEARD else _BY_KIND.get(segment.kind, "")


def check_media(item: Placed, media: MediaFiles) -> None:
    """Sees that a segment's upload is there and fit for its role.

    Raises:
        FileMissing: It is not there.
        UnsupportedMedia: It is of another kind.
    """
    if item.role not in _KINDS:
        return
    file = item.file(media)
    if file is None:
        raise FileMissing(f"The timeline uses {item.name}, which is not among the uploads.", hint="Upload it again.")
    if file.kind not in _KINDS[item.role]:
        raise UnsupportedMedia(f"The timeline uses {item.name} as {item.role}, but it is of the kind {file.kind}.")


@dataclass(frozen=True, slots=True)
class LayerSpan:
    """Whole frames in which one segment is seen, or a blend of two.

    Attributes:
        item: The segment; in a blend the one that comes.
        first: First frame.
        end: First frame after it.
        blend: How it comes, empty where it is simply there.
        before: The segment that goes in a blend; None: whatever lies below.
    """

    item: Placed
    first: int
    end: int
    blend: str = ""
    before: Placed | None = None

    @property
    def covers(self) -> bool:
        """Whether nothing below it is seen."""
        is_whole = self.item.role == "overlay" and not region_of(self.item.meta, "box")
        return self.item.role in COVERING or is_whole


def spans_of(items: Sequence[Placed], fps: int) -> tuple[LayerSpan, ...]:
    """The spans of one track's segments that are drawn.

    A transition lies in the middle of the cut and reaches at most to the middle of either picture; where nothing
    touches its picture before, it begins with it.

    Args:
        items: In time order.
        fps: Frames per second.
    """
    pictures = [item for item in items if item.role in COVERING]
    blends = [_blend(before, item, fps) for before, item in zip([None, *pictures], pictures, strict=False)]
    others = (LayerSpan(item, item.first, item.end) for item in items if item.role not in COVERING)
    return (*_between(pictures, blends), *others)


def _blend(before: Placed | None, item: Placed, fps: int) -> LayerSpan | None:
    kind, length_ms = transition_of(item.meta)
    touches = before is not None and before.end == item.first
    if before is not None and touches:
        half = min(frame_at(length_ms / 2, fps), before.frames // 2, item.frames // 2)
        return LayerSpan(item, item.first - half, item.first + half, kind, before) if half else None
    length = min(frame_at(length_ms, fps), item.frames // 2)
    return LayerSpan(item, item.first, item.first + length, kind) if length else None


def _between(pictures: Sequence[Placed], blends: Sequence[LayerSpan | None]) -> Iterator[LayerSpan]:
    """Each picture's own frames, which the blends on either side of it leave over, and the blends."""
    for item, blend, coming in zip(pictures, blends, [*blends, None][1:], strict=True):
        if blend:
            yield blend
        first = blend.end if blend else item.first
        end = coming.first if coming and coming.before is item else item.end
        if end > first:
            yield LayerSpan(item, first, end)


def last_blend_end(spans: Iterable[LayerSpan]) -> int:
    """The frame in which no blend is left to come."""
    return max((span.end for span in spans if span.blend), default=0)
