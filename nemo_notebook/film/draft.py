"""The draft: the service's timeline JSON, read tolerantly and never lost.

Source of the format: the service's documents name `t` tracks, `tt` track type (0 video, 1 audio, 7 text), `sg`
segments, `d` duration in ms and `m` metadata; everything else is not documented. So one table, in `columns.py`, holds
the candidate names, the raw JSON stays the truth, and what is read are views over it.

Keys that the local engine writes, beyond the documented ones; the bottom picture is the first track:

    draft    {"d": ms, "m": {"title", "artist", "width", "height", "fps", "seed", …}, "t": [track, …]}
    track    {"id", "tt", "m": {"name"}, "sg": [segment, …]}
    segment  {"id", "s": start ms, "d": length ms, "v": volume 0–1 where it has one, "m": {"role", "name", …}}

    draft `m`    fit, filter, adjust: for all pictures that have none of their own
                 fade_in_ms, fade_out_ms: the picture comes out of black, and goes into it
                 loop_ms: so much of the end goes over into what leads to the first frame
                 pace {every, factor, every_ms, bpm, tempo, offset_ms, offset_beats}: how it was cut to its music

    role         more of `m`
    clip         media, source, in_ms: a stretch of a video from `in_ms` on; speed: source seconds in a second (1);
                 fit, filter, adjust, transition; fade_in_ms, fade_out_ms: of its sound
    image        media, source, zoom: end scale of the slow zoom (1.0 = still); fit, filter, adjust, transition
    backdrop     palette or colors: a drawn background, for a video without pictures; cover: whose cover art is on it
    visualizer   style (bars | waveform | circular | spectrum | line), palette or colors: drawn from the sound
    song         media, source, in_ms, fade_in_ms, fade_out_ms, duck: uploaded sound
    bgm          music {mood, bpm, seed, cuts_ms}, source, fade_in_ms, fade_out_ms, duck: composed sound
    title        text, position (top | center | bottom | lower-third), size (small | medium | large), color (#rrggbb),
                 style (plain | box | outline), animate_in, animate_out (fade | slide | pop | type | none)

    fit          auto | crop | blur | pad: what becomes of a picture of another shape than the canvas
    filter       bw | sepia | warm | cool | vivid | vintage | cinematic | dreamy | noir | faded
    adjust       {brightness, contrast, saturation}: −1…1 each, 0 changes nothing
    transition   {kind, ms}: how the picture before goes over into this one, in the middle of `ms` around the cut;
                 dissolve | black | white | slide | push | wipe | zoom | circle
    colors       [#rrggbb, …], three from low to high, before the palette
    duck         what is left of its volume while a clip is heard, 0–1 (1 = not ducked)
    cuts_ms      times within the music that a beat or half a beat falls on; the tempo bends a little between them

`media` and `cover` are content hashes of uploads; `source` is the file name, for people. All starts and ends lie on
whole frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from nemo_notebook.film.columns import (
    AUDIO,
    KINDS,
    LENGTH,
    SEGMENTS,
    TEXT,
    TRACKS,
    VIDEO,
    Json,
    Lane,
    first,
    items,
    meta_of,
    read_lanes,
    words,
)
from nemo_notebook.outside import finite

__all__ = [
    "AUDIO",
    "KINDS",
    "TEXT",
    "VIDEO",
    "Json",
    "Segment",
    "Track",
    "count_segments",
    "duration_ms",
    "is_ready",
    "read_segments",
    "read_tracks",
]

_TRACK_NAME: Final = ("name", "title")


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of one track.

    Attributes:
        track: Number of the track, from 1.
        kind: `video`, `audio`, `text` or `other`.
        name: What people call it, without secrets.
        start_ms: Start on the timeline, in milliseconds.
        duration_ms: Length on the timeline, in milliseconds.
        volume: 0–1, or None where it has no sound of its own.
        text: The words of a text segment, else empty.
        source: File name, description or address of what it shows, without secrets, else empty.
        id: The segment's id, or one made from its place; different for each segment of a draft.
        raw: The JSON that all this was read from, untouched.
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


@dataclass(frozen=True, slots=True)
class Track:
    """One lane of the timeline, with its segments in time order."""

    number: int
    kind: str
    name: str
    segments: tuple[Segment, ...]
    raw: Json = field(repr=False, compare=False)


def read_tracks(draft: Json | None) -> tuple[Track, ...]:
    """The tracks of a draft, in its order.

    What cannot be a track or a segment is passed over, never an error: a draft comes from outside.
    """
    return tuple(_track(lane) for lane in read_lanes(draft))


def read_segments(draft: Json | None) -> tuple[Segment, ...]:
    """All segments of a draft, in track and time order."""
    return tuple(segment for track in read_tracks(draft) for segment in track.segments)


def count_segments(draft: Json | None) -> int:
    """How many segments a draft has, at once however many these are; what is none of them may count too."""
    tracks = (track for track in items(first(draft or {}, TRACKS)) if isinstance(track, Mapping))
    return sum(len(items(first(track, SEGMENTS))) for track in tracks)


def is_ready(draft: Json | None) -> bool:
    """Whether the draft can be exported: it has a track with a segment."""
    return any(lane.ids for lane in read_lanes(draft))


def duration_ms(draft: Json | None) -> float:
    """Length of the draft in milliseconds: its own `d`, else the end of its last segment."""
    own = finite(first((draft or {}), LENGTH))
    return own if own is not None and own > 0 else max((s.end_ms for s in read_segments(draft)), default=0.0)


def _track(lane: Lane) -> Track:
    columns = zip(
        lane.names,
        map(float, lane.starts_ms),
        map(float, lane.lengths_ms),
        (None if volume is None else float(volume) for volume in lane.volumes),
        *(lane.texts, lane.sources, lane.ids, lane.raws),
        strict=True,
    )
    segments = tuple(Segment(lane.number, lane.kind, *values) for values in columns)
    name = words(lane.raw.get("name") or first(meta_of(lane.raw), _TRACK_NAME))
    return Track(lane.number, lane.kind, name, segments, lane.raw)
