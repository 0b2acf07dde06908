"""Parts on tracks of their kind: laid exactly, or where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nemo_notebook.film.drafting import (
    Draft,
    add_track,
    end_of,
    free_id,
    place,
    remove_segments,
    start_of,
    tracks_of,
)
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import Which, by_id, ids_of, name_of, track_of
from nemo_notebook.film.telling import NotPossible, Told

_LANES: Final = {
    **dict.fromkeys(("clip", "image", "backdrop"), "video"),
    **dict.fromkeys(("song", "bgm", "speech"), "audio"),
    "visualizer": "visualizer",
    "title": "text",
}
_NAMES: Final = {"video": "Video", "visualizer": "Visualizer", "audio": "Song", "text": "Title"}


def lay_where_free(film: Draft, part: Draft, role: str, name: str = "") -> None:
    """Lay a part on the first track of its kind that has room for it, or on a new one.

    Args:
        film: The film.
        part: A segment with its time; one that lies on a track already stays there, if it can.
        role: The role of the segment.
        name: The name of a new track.
    """
    lane = _LANES.get(role, "video")
    own = [track for track in film["t"] if any(other is part for other in track["sg"])]
    room = next((track for track in (*own, *tracks_of(film, lane)) if _met(track, part) is None), None)
    remove_segments(film, [part])
    (room or add_track(film, lane, name or _NAMES[lane], []))["sg"].append(part)


def lay_exactly(film: Draft, part: Draft, role: str, first: int, last: int, number: int | None = None) -> None:
    """Put a part on a stretch of frames and, where it is given, on a track by its number from 1.

    Raises:
        NotPossible: The track is none of its kind, or none at all; overlaps are told by `keep_apart`.
    """
    place(part, first, last)
    if number is None:
        return
    lane = _LANES.get(role, "video")
    if number > len(film["t"]) + 1:
        raise NotPossible(Told("parts.no_track", number=number, next=len(film["t"]) + 1), "track")
    if number == len(film["t"]) + 1:
        track = add_track(film, lane, _NAMES[lane], [])
        film["t"] = [
            *(other for other in film["t"] if other is not track),
            track,
        ]  # it has the number that was asked for
    else:
        track = film["t"][number - 1]
        same = ("video", "visualizer") if lane in ("video", "visualizer") else (lane,)
        if all(track is not other for each in same for other in tracks_of(film, each)):
            raise NotPossible(Told("parts.other_track", number=number, lane=lane), "track")
    remove_segments(film, [part])
    track["sg"].append(part)


def new_id(film: Draft, wanted: str | None, prefix: str) -> str:
    """The id of a new part: the one that is wanted, else a free one.

    Raises:
        NotPossible: Another part has it.
    """
    if wanted is not None and any(
        wanted in (track.get("id"), *(s.get("id") for s in track["sg"])) for track in film["t"]
    ):
        raise NotPossible(Told("parts.id_taken", id=wanted), "id")
    return wanted or free_id(film, prefix)


def keep_apart(film: Draft, situation: Situation, parts: Sequence[Draft], field: str) -> None:
    """Refuse parts that overlap others on their tracks.

    Raises:
        NotPossible: One does; it names the other one.
    """
    for part in parts:
        other = _met(track_of(film, part), part)
        if other is not None:
            names = {"name": name_of(part, situation), "other": name_of(other, situation)}
            raise NotPossible(Told("parts.overlap", start=start_of(other), end=end_of(other), **names), field)


def keep_ids_apart(film: Draft, situation: Situation, which: Which, field: str) -> None:
    """Refuse parts that overlap others, when all edits are made: those that are meant by their ids.

    Raises:
        NotPossible: One does; it names the other one.
    """
    keep_apart(film, situation, [part for one in ids_of(which) or () for part in by_id(film, one)], field)


def _met(track: Draft, part: Draft) -> Draft | None:
    """Another part on a track at the same time."""
    others = (other for other in track["sg"] if other is not part and other["d"] > 0)
    return next((o for o in others if start_of(o) < end_of(part) and start_of(part) < end_of(o)), None)
