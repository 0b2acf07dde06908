"""Taking a stretch of time out of a draft: what lies later moves up."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Final

from nemo_notebook.film.drafting import (
    Draft,
    end_of,
    free_id,
    in_ms_of,
    meta,
    place,
    remove_segments,
    role_of,
    speed_of,
    start_of,
    to_frame,
    to_ms,
)

Moves = Callable[[Draft, str], bool]
"""Whether the segments with a role move, on a track."""
_FADE_MS: Final = 1_000
_SOUNDS: Final = ("song", "speech")
_WITH_SOURCE: Final = ("clip", *_SOUNDS)
_SPLIT: Final = (*_WITH_SOURCE, "image")


def cut_out(draft: Draft, first: int, last: int, moves: Moves = lambda _track, _role: True) -> None:
    """Takes the frames from `first` to before `last` out of every track; what does not move stays as it is.

    Clips, songs and voices go on where the stretch ends; composed music and drawn layers become shorter as a whole;
    titles keep their length and only move. A song whose end is taken away fades out.
    """
    total = max((to_frame(end_of(s)) for track in draft["t"] for s in track["sg"]), default=0)
    for track in draft["t"]:
        for segment in list(track["sg"]):
            role = role_of(track, segment)
            if not moves(track, role):
                continue
            if role == "title":
                _move_title(segment, first, last, total)
            elif role in _SPLIT:
                _split(draft, track, segment, role, first, last)
            else:
                start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
                place(segment, _moved(start, first, last), _moved(end, first, last))
    remove_segments(draft, [s for track in draft["t"] for s in track["sg"] if s["d"] <= 0])
    draft["t"] = [track for track in draft["t"] if track["sg"]]


def _moved(frame: int, first: int, last: int) -> int:
    return frame if frame <= first else max(first, frame - (last - first))


def _move_title(segment: Draft, first: int, last: int, total: int) -> None:
    left = total - (last - first)
    frames = min(to_frame(segment["d"]), left)
    start = min(_moved(to_frame(start_of(segment)), first, last), left - frames)
    place(segment, start, start + frames)


def _split(draft: Draft, track: Draft, segment: Draft, role: str, first: int, last: int) -> None:
    start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
    if end <= first:
        return
    if start >= last:
        place(segment, start - (last - first), end - (last - first))
        return
    in_ms, speed = in_ms_of(segment), speed_of(segment) if role == "clip" else 1.0
    if start < first and end > last:
        rest = deepcopy(segment)
        rest["id"] = free_id(draft, role)
        track["sg"].append(rest)
        place(segment, start, first)
        place(rest, first, first + end - last)
        if role in _WITH_SOURCE:
            meta(rest)["in_ms"] = in_ms + round((to_ms(last) - to_ms(start)) * speed)
        if role in _SOUNDS:
            meta(segment)["fade_out_ms"] = meta(rest)["fade_in_ms"] = 0
    elif start < first:
        place(segment, start, first)
        if role == "song" and not meta(segment).get("fade_out_ms"):
            meta(segment)["fade_out_ms"] = _FADE_MS
    else:
        place(segment, first, first + max(0, end - last))
        if role in _WITH_SOURCE:
            meta(segment)["in_ms"] = in_ms + round((to_ms(min(last, end)) - to_ms(start)) * speed)
