"""A copy of a draft for a platform: another canvas, and where need be only a part of the film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import Any, Final

from nemo_notebook.film.draft import (
    END,
    LENGTH,
    SEGMENTS,
    START,
    TRACKS,
    Json,
    Segment,
    Track,
    duration_ms,
    first,
    meta_of,
    read_tracks,
    said,
)
from nemo_notebook.film.sounds import Sound
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite
from nemo_notebook.session.presets import Preset
from nemo_notebook.settings import FRAME_RATE

_LOOP_MS: Final = 500
_FADES: Final = ("fade_in_ms", "fade_out_ms")
_OF_A_FILE: Final = frozenset({"clip", "song", "speech"})  # roles whose segments begin somewhere in a file


def reshaped(draft: Json, preset: Preset, start_ms: float = 0.0) -> dict[str, Any]:
    """A draft as a platform takes it; the draft itself stays as it is.

    The canvas is the platform's. Pictures fill one that is not wide, where nothing was said of that; a film that is cut
    to length there is cut. The keys are those that the local engine reads (see `film/draft.py`): a service that
    knows others renders its own form.

    Args:
        draft: Any draft.
        preset: For which platform.
        start_ms: Where the part begins that is kept, if a part is.
    """
    made = dict(draft)
    whole_ms, longest_ms = duration_ms(draft), 1000 * (preset.longest_s or 0.0)
    if preset.if_longer == "cut" and whole_ms > longest_ms:
        made = excerpt(draft, _on_frame(max(0.0, min(start_ms, whole_ms - longest_ms))), longest_ms)
    meta = {**meta_of(made), "width": preset.width, "height": preset.height}
    if preset.width <= preset.height and not meta.get("fit"):
        meta["fit"] = "crop"
    if preset.loops:
        meta = {key: value for key, value in meta.items() if key not in _FADES}
        meta.setdefault("loop_ms", _LOOP_MS)
    made["m"] = meta
    return made


def excerpt(draft: Json, start_ms: float, length_ms: float) -> dict[str, Any]:
    """A part of a film: what lies outside is left out, what reaches out of it is cut, every other key is kept."""
    tracks_key = said(draft, TRACKS)
    if not tracks_key:
        return dict(draft)
    tracks = list(draft[tracks_key])
    for lane in read_tracks(draft):
        key = said(lane.raw, SEGMENTS)
        if key:
            tracks[lane.at] = {**lane.raw, key: _part_of(lane, start_ms, length_ms)}
    made = {**draft, tracks_key: tracks}
    _put_number(made, LENGTH, length_ms)
    meta = dict(meta_of(draft))
    poster_ms = finite(meta.get("poster_ms"))
    if poster_ms is not None:
        meta["poster_ms"] = max(0.0, poster_ms - start_ms)
    made["m"] = meta
    return made


def strongest_ms(timeline: Timeline, length_ms: float) -> float:
    """Where the part of a film begins that stands for it best.

    That is the shot which holds its poster, else where it is loudest for so long, on a bar; else its beginning.
    """
    poster_ms = finite(meta_of(timeline.draft).get("poster_ms"))
    if poster_ms is not None and poster_ms >= 0:
        starts = (s.start_ms for track in timeline.tracks if track.kind == "video" for s in track.segments)
        return max((start for start in starts if poster_ms - length_ms < start <= poster_ms), default=poster_ms)
    heard = (s for track in timeline.tracks if track.kind == "audio" for s in track.segments if s.volume != 0)
    latest_ms = 1000 * timeline.duration_s - length_ms
    found = (_loudest_ms(segment, timeline.sounds.of(segment), length_ms, latest_ms) for segment in heard)
    return next((start for start in found if start is not None), 0.0)


def _loudest_ms(segment: Segment, sound: Sound | None, length_ms: float, latest_ms: float) -> float | None:
    """Where on the timeline a sound is loudest for so long, from a bar on; None where that is not known."""
    if sound is None or not sound.peaks or sound.duration_ms <= 0:
        return None
    earlier_ms = (finite(meta_of(segment.raw).get("in_ms")) or 0.0) - segment.start_ms
    step_ms = sound.duration_ms / len(sound.peaks)
    window = max(1, round(length_ms / step_ms))
    places = [at for at in range(len(sound.peaks) - window + 1) if 0 <= at * step_ms - earlier_ms <= latest_ms]
    if not places:
        return None
    wanted_ms = max(places, key=lambda at: sum(sound.peaks[at : at + window])) * step_ms - earlier_ms
    bars = (bar - earlier_ms for bar in sound.downbeats_ms if 0 <= bar - earlier_ms <= latest_ms)
    return min(bars, key=lambda bar: abs(bar - wanted_ms), default=wanted_ms)


def _part_of(lane: Track, start_ms: float, length_ms: float) -> list[Any]:
    """The segments of a track as far as they lie within, with the part's beginning as their zero."""
    kept = []
    for raw, begins_ms, lasts_ms in zip(lane.raws, lane.starts_ms, lane.lengths_ms, strict=True):
        begin_ms, end_ms = max(begins_ms, start_ms), min(begins_ms + lasts_ms, start_ms + length_ms)
        if end_ms <= begin_ms:
            continue
        part = {**raw, "m": dict(raw["m"])} if isinstance(raw.get("m"), Mapping) else dict(raw)
        length_now = lasts_ms if end_ms - begin_ms == lasts_ms else round(end_ms - begin_ms, 3)
        _put_number(part, START, round(begin_ms - start_ms, 3))
        if finite(first(raw, LENGTH)) is None and finite(first(raw, END)) is not None:
            _put_number(part, END, round(end_ms - start_ms, 3))
        else:
            _put_number(part, LENGTH, length_now)
        _cut_within(part, begin_ms - begins_ms, begins_ms + lasts_ms - end_ms, is_first=begin_ms == start_ms)
        kept.append(part)
    return kept


def _put_number(part: dict[str, Any], names: Sequence[str], value: float) -> None:
    """Write a number under the name that it has there, as an integer where it is one and was no float."""
    key = said(part, names) or names[0]
    part[key] = float(value) if type(part.get(key)) is float or not float(value).is_integer() else int(value)


def _cut_within(raw: dict[str, Any], head_ms: float, tail_ms: float, *, is_first: bool) -> None:
    """What a segment's metadata says of a beginning or an end that is cut off."""
    meta = raw.get("m")
    if not isinstance(meta, dict):
        return
    if head_ms > 0 and meta.get("role") in _OF_A_FILE:
        speed = finite(meta.get("speed")) if meta["role"] == "clip" else None
        in_ms = finite(meta.get("in_ms")) or 0.0
        _put_number(meta, ("in_ms",), round(in_ms + head_ms * (speed or 1.0), 3))
    if is_first:
        meta.pop("transition", None)  # there is nothing before it any more
    for key, cut_ms in zip(_FADES, (head_ms, tail_ms), strict=True):
        if cut_ms > 0:
            meta.pop(key, None)


def _on_frame(time_ms: float) -> float:
    return round(floor(time_ms * FRAME_RATE / 1000 + 0.5) * 1000 / FRAME_RATE, 3)
