"""The plan of a film: which shots, of which layers, over which sound. Pure; nothing is opened here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import floor
from pathlib import Path
from typing import Any, Final

from nemo_notebook.engine.render.form import meta_of, number_of, text_of
from nemo_notebook.engine.render.layers import (
    SOUND_RATE,
    Backdrop,
    Clip,
    Image,
    Layer,
    Output,
    Shot,
    Sound,
    SoundPlan,
    TitleLayer,
    VisualizerLayer,
)
from nemo_notebook.errors import FileMissing, InputError, NothingToExport, UnsupportedMedia
from nemo_notebook.timeline.draft import Json, Segment, Track, duration_ms, read_tracks

MAX_FILM_MS: Final = 6 * 3600 * 1000
MAX_SEGMENTS: Final = 10_000
_MAX_SEEN: Final = 100_000
_MAX_VOICES: Final = 32
_PIECE_S: Final = 5  # a long stretch is cut so that all cores have work and a change re-renders little
_TITLE_FADE_MS: Final = 400
_MAX_ZOOM: Final = 4.0


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
    """

    id: str
    path: Path
    kind: str
    duration_ms: float = 0.0
    width: int = 0
    height: int = 0
    has_audio: bool = False
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """All that is needed to render a film.

    Attributes:
        output: Its form.
        frames: Its length.
        shots: Tile it in order, without hole or overlap.
        sound: What is heard, exactly as long as the picture.
        title: For the file's metadata.
        artist: For the file's metadata.
    """

    output: Output
    frames: int
    shots: tuple[Shot, ...]
    sound: SoundPlan
    title: str
    artist: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """A segment on whole frames."""

    segment: Segment
    role: str
    first: int
    end: int


def make_plan(draft: Json | None, media: Mapping[str, MediaFile], output: Output) -> FilmPlan:
    """Turns a draft into shots and sound.

    Args:
        draft: As documented in `timeline/draft.py`; unknown keys are passed over.
        media: Uploads by content hash.
        output: From `output_for`.

    Raises:
        NothingToExport: No track with a segment, or no length.
        FileMissing: A segment uses an upload that is not there.
        UnsupportedMedia: A segment uses an upload as what it is not.
        InputError: Longer or more finely cut than can be rendered.
    """
    tracks = read_tracks(draft)
    length_ms = duration_ms(draft)
    segments = sum(len(track.segments) for track in tracks)
    if length_ms > MAX_FILM_MS:
        raise InputError(f"The film would last {length_ms / 3.6e6:.1f} hours.", hint="Six hours are the most: trim it.")
    if segments > MAX_SEGMENTS:
        raise InputError(
            f"The timeline has {segments} segments.", hint=f"{MAX_SEGMENTS} are the most: make longer cuts."
        )
    frames = frame_at(length_ms, output.fps)
    if segments == 0 or frames == 0:
        raise NothingToExport("The timeline is empty: there is nothing to render.")
    placed = tuple(item for track in tracks for item in _place(track, frames, output.fps))
    for item in placed:
        _check_media(item, media)
    meta = meta_of(draft)
    return FilmPlan(
        output,
        frames,
        tuple(_shots(tuple(p for p in placed if p.role in _DRAWN), media, frames, output.fps)),
        _sound_plan(placed, media, frames, output.fps),
        text_of(meta, "title"),
        text_of(meta, "artist"),
    )


def frame_at(time_ms: float, fps: int) -> int:
    """The frame that a time starts at: nearest, halves up."""
    return floor(time_ms * fps / 1000 + 0.5)


def _place(track: Track, frames: int, fps: int) -> Iterator[_Placed]:
    for segment in track.segments:
        first = min(frame_at(segment.start_ms, fps), frames)
        end = min(frame_at(segment.end_ms, fps), frames)
        if end > first:
            yield _Placed(segment, _role(segment), first, end)


def _role(segment: Segment) -> str:
    role = text_of(meta_of(segment.raw), "role")
    by_kind = {"video": "clip", "audio": "song", "text": "title"}
    return role if role in _DRAWN or role in _HEARD else by_kind.get(segment.kind, "")


def _check_media(item: _Placed, media: Mapping[str, MediaFile]) -> None:
    if item.role not in _KINDS:
        return
    name = item.segment.source or item.segment.name
    file = _file(item, media)
    if file is None:
        raise FileMissing(f"The timeline uses {name}, which is not among the uploads.", hint="Upload it again.")
    if file.kind not in _KINDS[item.role]:
        raise UnsupportedMedia(f"The timeline uses {name} as {item.role}, but it is of the kind {file.kind}.")


def _shots(placed: tuple[_Placed, ...], media: Mapping[str, MediaFile], frames: int, fps: int) -> Iterator[Shot]:
    cuts = sorted({0, frames, *(p.first for p in placed), *(p.end for p in placed)})
    seen: list[list[_Placed]] = [[] for _ in cuts]
    spans = [range(bisect_left(cuts, item.first), bisect_left(cuts, item.end)) for item in placed]
    if sum(map(len, spans)) > _MAX_SEEN:
        raise InputError("Too many pictures and titles lie over one another.", hint="Remove some of the segments.")
    for item, span in zip(placed, spans, strict=True):
        for stretch in span:
            seen[stretch].append(item)
    for stretch, (first, end) in enumerate(pairwise(cuts)):
        visible = _visible(seen[stretch])
        for start, length in _pieces(first, end, fps):
            yield Shot(start, length, tuple(_layers(visible, media, start, fps)))


def _visible(items: list[_Placed]) -> list[_Placed]:
    """Words lie over every picture, and what lies under a picture that fills the canvas is not seen."""
    pictures = [item for item in items if item.role != "title"]
    covering = max((n for n, item in enumerate(pictures) if item.role in _COVERING), default=0)
    return pictures[covering:] + [item for item in items if item.role == "title"]


def _pieces(first: int, end: int, fps: int) -> Iterator[tuple[int, int]]:
    """Pieces on a grid from the stretch's start, so that a change of its end leaves the earlier ones as they are."""
    piece = _PIECE_S * fps
    while end - first > piece + fps:
        yield first, piece
        first += piece
    yield first, end - first


def _layers(visible: list[_Placed], media: Mapping[str, MediaFile], start: int, fps: int) -> Iterator[Layer]:
    for item in visible:
        meta, skip, of = meta_of(item.segment.raw), start - item.first, item.end - item.first
        name = item.segment.source or item.segment.name
        file = _file(item, media)
        if item.role == "clip" and file and file.kind == "video":
            yield Clip(file.id, str(file.path), name, max(0.0, number_of(meta, "in_ms", 0.0)), skip)
        elif item.role in ("clip", "image") and file:
            zoom = min(_MAX_ZOOM, max(1 / _MAX_ZOOM, number_of(meta, "zoom", 1.0)))
            still = zoom == 1.0
            yield Image(file.id, str(file.path), name, zoom, 0 if still else skip, 1 if still else of)
        elif item.role == "backdrop":
            yield Backdrop(text_of(meta, "palette") or _PALETTE)
        elif item.role == "visualizer":
            over_picture = any(below.role in ("clip", "image") for below in visible)
            yield VisualizerLayer(text_of(meta, "style") or _STYLE, text_of(meta, "palette") or _PALETTE, over_picture)
        elif item.role == "title":
            look = [text_of(meta, key) or default for key, default in _TITLE_LOOK.items()]
            fade = min(frame_at(_TITLE_FADE_MS, fps), of // 2)
            yield TitleLayer(item.segment.text, look[0], look[1], look[2], skip, of, fade)


def _sound_plan(placed: tuple[_Placed, ...], media: Mapping[str, MediaFile], frames: int, fps: int) -> SoundPlan:
    found = (_sound(item, _file(item, media), fps) for item in placed)
    sounds = tuple(sound for sound in found if sound is not None)
    edges = sorted([(s.start, 1) for s in sounds] + [(s.start + s.samples, -1) for s in sounds])
    if max(accumulate((step for _, step in edges), initial=0)) > _MAX_VOICES:
        raise InputError(f"More than {_MAX_VOICES} sounds play at once.", hint="Remove some of the music.")
    return SoundPlan(_sample_at(frames, fps), sounds)


def _sound(item: _Placed, file: MediaFile | None, fps: int) -> Sound | None:
    meta, segment = meta_of(item.segment.raw), item.segment
    # A clip speaks only where its volume says so; a song or music sounds unless it is turned down.
    volume = segment.volume if segment.volume is not None else 0.0 if item.role == "clip" else 1.0
    gain = min(1.0, volume)
    if gain <= 0 or item.role not in _HEARD or (item.role != "bgm" and not (file and file.has_audio)):
        return None
    start, end = _sample_at(item.first, fps), _sample_at(item.end, fps)
    return Sound(
        media=file.id if file else "",
        path=str(file.path) if file else "",
        name=segment.source or segment.name,
        recipe=_recipe(meta, segment) if item.role == "bgm" else (),
        in_ms=max(0.0, number_of(meta, "in_ms", 0.0)),
        start=start,
        samples=end - start,
        gain=gain,
        fade_in=round(max(0.0, number_of(meta, "fade_in_ms", 0.0)) * SOUND_RATE / 1000),
        fade_out=round(max(0.0, number_of(meta, "fade_out_ms", 0.0)) * SOUND_RATE / 1000),
    )


def _file(item: _Placed, media: Mapping[str, MediaFile]) -> MediaFile | None:
    return media.get(text_of(meta_of(item.segment.raw), "media")) if item.role in _KINDS else None


def _recipe(meta: Json, segment: Segment) -> tuple[tuple[str, Any], ...]:
    music = meta.get("music")
    known = music if isinstance(music, Mapping) else {}
    wanted = {"length_ms": round(segment.duration_ms), **{k: known[k] for k in ("mood", "bpm", "seed") if k in known}}
    return tuple(sorted((key, value) for key, value in wanted.items() if isinstance(value, (str, int, float))))


_COVERING: Final = frozenset({"clip", "image", "backdrop"})
_DRAWN: Final = _COVERING | {"visualizer", "title"}
_HEARD: Final = frozenset({"clip", "song", "bgm"})
_KINDS: Final = {"clip": ("video", "image"), "image": ("image",), "song": ("audio", "video")}
_STYLE: Final = "bars"
_PALETTE: Final = "aurora"
_TITLE_LOOK: Final = {"position": "center", "size": "medium", "color": "#ffffff"}


def _sample_at(frame: int, fps: int) -> int:
    return frame * SOUND_RATE // fps
