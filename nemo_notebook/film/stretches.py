"""A stretch of time within shots and sound: pieces of clips and songs, and silence in composed music."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.drafting import (
    Draft,
    end_of,
    in_ms_of,
    meta,
    place,
    remove_segments,
    role_of,
    speed_of,
    start_of,
    to_frame,
    to_ms,
    volume_of,
)
from nemo_notebook.film.lanes import new_id
from nemo_notebook.film.levels import carry_over
from nemo_notebook.film.model import FPS, MediaItem, Situation
from nemo_notebook.film.scoring import lay_score, piece_of
from nemo_notebook.film.telling import NotPossible

SHORTEST_SHOT: Final = 3  # frames
_SHORTEST_SCORE: Final = 30  # frames


def split_at(film: Draft, segment: Draft, first: int, last: int) -> Draft | None:
    """Cuts a clip or a song at two frames, so that nothing changes; returns the part between, if there is any."""
    start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
    first, last = max(first, start), min(last, end)
    if first >= last:
        return None
    inner = _cut(film, segment, first) if first > start else segment
    if last < end:
        _cut(film, inner, last)
    return inner


def split_part(film: Draft, part: Draft, points: Sequence[int], own_id: str | None = None) -> int:
    """Split a part at frames from its start, so that nothing changes; give at how many.

    Raises:
        NotPossible: The id that the second part is to have is taken.
    """
    first, frames = to_frame(start_of(part)), to_frame(part["d"])
    inside = sorted({point for point in points if SHORTEST_SHOT <= point <= frames - SHORTEST_SHOT})
    for point in inside:
        part = _cut(film, part, first + point, own_id)
    return len(inside)


def frames_left(item: MediaItem, in_ms: float, speed: float = 1.0) -> int:
    """How many frames a clip or a song lasts from a moment of its file on."""
    return int(max(0.0, item.duration_ms - in_ms) / speed * FPS / 1000)


def shots_between(film: Draft, start_ms: int, end_ms: int | None) -> list[Draft]:
    """The shots from one time to another (None for the end), cut in two where the stretch begins and ends."""
    first = to_frame(start_ms)
    last = max((to_frame(end_of(shot)) for shot in filming.shots_of(film)), default=0)
    last = last if end_ms is None else min(to_frame(end_ms), last)
    for shot in filming.shots_of(film):
        at = to_frame(start_of(shot))
        split_part(film, shot, [first - at, last - at])
    near = SHORTEST_SHOT - 1  # what is too little to be cut off belongs to its shot
    return [
        shot
        for shot in filming.shots_of(film)
        if first - near <= to_frame(start_of(shot)) and to_frame(end_of(shot)) <= last + near
    ]


def silence_score(film: Draft, situation: Situation, score: Draft, first: int, last: int) -> bool:
    """Has a composed track end at `first` and begin again at `last`; whether it could be done.

    Pieces of less than a second are left out.
    """
    start, end = to_frame(start_of(score)), to_frame(end_of(score))
    if last <= start or first >= end:
        return True
    piece = piece_of(score)
    left = [(a, b) for a, b in ((start, min(first, end)), (max(last, start), end)) if b - a >= _SHORTEST_SCORE]
    if piece is None:
        return False
    if not left:
        score["v"] = 0.0
        return True
    track = next(track for track in film["t"] if any(other is score for other in track["sg"]))
    remove_segments(film, [score])
    known = {id(segment) for segment in track["sg"]}
    for a, b in left:
        try:
            lay_score(film, situation, piece, a, b, track=track)
        except NotPossible:
            continue  # a piece that cannot be played stays silent
    fresh = [segment for segment in track["sg"] if id(segment) not in known]
    for segment in fresh:
        segment["v"] = volume_of(score)
    carry_over([score], fresh)
    return True


def _cut(film: Draft, segment: Draft, at: int, own_id: str | None = None) -> Draft:
    """Cuts a segment in two at a frame within it; returns the second part."""
    track = next(track for track in film["t"] if any(other is segment for other in track["sg"]))
    rest = deepcopy(segment)
    start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
    rest["id"] = new_id(film, own_id, str(meta(segment).get("role", "part")))
    place(segment, start, at)
    place(rest, at, end)
    if "in_ms" in meta(rest) or meta(rest).get("role") in ("clip", "song", "speech"):
        meta(rest)["in_ms"] = in_ms_of(segment) + round((to_ms(at) - to_ms(start)) * speed_of(segment))
    if "fade_out_ms" in meta(segment):
        meta(segment)["fade_out_ms"] = 0
    if "fade_in_ms" in meta(rest):
        meta(rest)["fade_in_ms"] = 0
    meta(rest).pop("transition", None)
    if role_of(track, segment) == "title":
        meta(segment)["animate_out"] = meta(rest)["animate_in"] = "none"
    track["sg"].append(rest)
    return rest
