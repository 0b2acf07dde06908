"""A timeline as a page draws it: columns, a value a segment, and the sounds that are heard in it.

Texts are sent once each, and the columns hold their numbers, as cuts of a few clips share their names. All times are in
milliseconds. Nothing here is markup: the page draws it on a canvas, or sets it as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from nemo_notebook.film.draft import Json, Segment, Track
from nemo_notebook.film.picture.plot import COLORS, INK, PALE, SHOTS, in_order, shot_colors
from nemo_notebook.film.sounds import Sound, Sounds, file_of
from nemo_notebook.film.summary import summarize, track_label
from nemo_notebook.film.table_rows import can_be_split, plays_a_file
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite

LONGEST: Final = 200
"""Characters of a text that are sent; the page asks for the whole of a longer one when it is to be edited."""
_FPS: Final = 30.0
_FASTEST: Final = 240.0


def tell_lanes(timeline: Timeline, language: str = "en") -> dict[str, Any]:
    """What a page draws of a timeline.

    Args:
        timeline: The timeline.
        language: What tracks are called in, and the summary is written in.

    Returns:
        `tracks` in the order in which editors show them, `columns` by name with a value a segment in track and time
        order, `texts` and `colors` that columns refer to, `duration_ms`, `fps` and `summary`.
    """
    texts: dict[str, int] = {}
    columns = _columns([segment for track in timeline.tracks for segment in track.segments], timeline, texts)
    own = timeline.draft.get("m")
    fps = finite(own.get("fps")) if isinstance(own, Mapping) else None
    return {
        "tracks": [_track(track, language) for track in in_order(timeline.tracks)],
        "columns": columns,
        "texts": list(texts),
        "colors": {"shots": SHOTS, "kinds": COLORS, "ink": INK, "pale": PALE},
        "duration_ms": 1000 * timeline.duration_s,
        "fps": min(fps, _FASTEST) if fps is not None and fps >= 1 else _FPS,
        "summary": summarize(timeline.tracks, language),
    }


def tell_sounds(timeline: Timeline) -> list[dict[str, Any]]:
    """The sounds of a timeline; the column `sound` of `tell_lanes` has their places, −1 where nothing is known."""
    heard = _Heard(timeline.sounds)
    for track in timeline.tracks:
        for segment in track.segments if track.kind == "audio" else ():
            heard.number(segment)
    return [
        {
            "beats_ms": sound.beats_ms,
            "downbeats_ms": sound.downbeats_ms,
            "peaks": sound.peaks,
            "duration_ms": sound.duration_ms,
        }
        for sound in heard.sounds
    ]


class _Heard:
    """Gives each sound a number when it is first met."""

    def __init__(self, sounds: Sounds) -> None:
        self._known = sounds
        self._numbers: dict[int, int] = {}
        self.sounds: list[Sound] = []

    def number(self, segment: Segment) -> int:
        sound = self._known.of(segment)
        if sound is None:
            return -1
        if id(sound) not in self._numbers:
            self._numbers[id(sound)] = len(self.sounds)
            self.sounds.append(sound)
        return self._numbers[id(sound)]


def _columns(segments: Sequence[Segment], timeline: Timeline, texts: dict[str, int]) -> dict[str, list[Any]]:
    """The columns; column by column, as timelines may be long. What is new to `texts` is added there."""
    heard = _Heard(timeline.sounds)
    shots = shot_colors(timeline.tracks, timeline.sounds)
    metas = [segment.meta for segment in segments]
    moments = [own.get("in_ms") for own in metas]
    return {
        "segment": [segment.id for segment in segments],
        "track": [segment.track for segment in segments],
        "start": [_short(segment.start_ms) for segment in segments],
        "length": [_short(segment.duration_ms) for segment in segments],
        "volume": [segment.volume for segment in segments],
        "name": [texts.setdefault(_name(segment), len(texts)) for segment in segments],
        "text": [texts.setdefault(segment.text[:LONGEST], len(texts)) for segment in segments],
        "shot": [shots[file_of(s)] if s.kind == "video" else -1 for s in segments],
        "sound": [heard.number(segment) if segment.kind == "audio" else -1 for segment in segments],
        "in": [0 if moment is None else _short(finite(moment) or 0.0) for moment in moments],
        "speed": [s.speed if s.kind == "video" and "speed" in own else 1 for s, own in _both(segments, metas)],
        "file": [int(plays_a_file(segment.raw)) for segment in segments],
        "split": [int(can_be_split(segment.raw, segment.kind)) for segment in segments],
        "fade_in": [_fade(own, "fade_in_ms") if s.kind == "audio" else 0 for s, own in _both(segments, metas)],
        "fade_out": [_fade(own, "fade_out_ms") if s.kind == "audio" else 0 for s, own in _both(segments, metas)],
    }


def _both(segments: Sequence[Segment], metas: Sequence[Json]) -> Iterator[tuple[Segment, Json]]:
    return zip(segments, metas, strict=True)


def _fade(own: Json, key: str) -> float:
    return _short(max(0.0, finite(own.get(key)) or 0.0))


def _name(segment: Segment) -> str:
    words = segment.text or segment.name
    return words if len(words) <= LONGEST and words.isprintable() else " ".join(words[: 2 * LONGEST].split())[:LONGEST]


def _track(track: Track, language: str) -> dict[str, Any]:
    return {"number": track.number, "kind": track.kind, "label": track_label(track, language)[:LONGEST]}


def _short(value: float) -> float:
    """A number as it is sent: most are whole milliseconds, which take half the room."""
    return int(value) if float(value).is_integer() else round(value, 3)
