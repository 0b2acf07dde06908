"""Pictures on the timeline: in a row, cut to beats, or drawn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

from nemo_notebook.film.cutting import SHORTEST, Pace, Rhythm, cut_points
from nemo_notebook.film.drafting import (
    PICTURES,
    Draft,
    add_track,
    end_of,
    free_ids,
    in_ms_of,
    media_of,
    media_segment,
    meta,
    new_segment,
    place,
    remove_segments,
    role_of,
    segments_of,
    speed_of,
    start_of,
    to_frame,
    to_ms,
    tracks_of,
)
from nemo_notebook.film.dressing import dress_of, put_on
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.pacing import note_pace
from nemo_notebook.film.taking import Source, Take, takes

IMAGE_FRAMES: Final = 90  # a picture in a row is seen for three seconds
PALETTE: Final = "aurora"
_WHOLE_MS: Final = 40  # a clip that so much is missing of is whole
ZOOM_IN, _ZOOM_OUT = 1.08, 0.926


def lay_in_row(
    draft: Draft, items: Sequence[MediaItem], image_frames: int = IMAGE_FRAMES, until: int | None = None
) -> int:
    """Lays clips whole and images for three seconds, one after another; returns the length in frames.

    With `until` it begins again from the first until that frame, where the last one ends.
    """
    lengths = [to_frame(item.duration_ms) if item.kind == "video" else image_frames for item in items]
    row = [(index, frames) for index, frames in enumerate(lengths) if frames > 0]
    laid: list[Take] = []
    at = 0
    for index, frames in itertools.cycle(row) if until is not None else row:
        last = at + frames if until is None else min(at + frames, until)
        laid.append(Take(index, at, last, 0))
        at = last
        if at == until:
            break
    note_pace(draft, None)
    _lay(draft, items, laid, clip_volume=1.0)
    return at


def lay_cut(
    draft: Draft,
    items: Sequence[MediaItem],
    rhythm: Rhythm,
    frames: int,
    pace: Pace,
    seed: int,
    clip_volume: float = 0.0,
    *,
    points: Sequence[int] | None = None,
) -> int:
    """Lays a film of `frames` frames cut to a rhythm, in the looks and with the transitions that the shots before had.

    It is cut at `points` where these are given, and at the given pace only when it is cut again.

    Returns:
        The number of shots.
    """
    dress = dress_of(shots_of(draft))
    sources = [Source.of(item) for item in items]
    laid = takes(points or cut_points(rhythm, frames, pace), sources, rhythm.beats, seed)
    note_pace(draft, pace)
    _lay(draft, items, laid, clip_volume)
    put_on(shots_of(draft), dress)
    return len(laid)


def go_on_cutting(
    draft: Draft, items: Sequence[MediaItem], rhythm: Rhythm, frames: int, pace: Pace, seed: int, clip_volume: float
) -> None:
    """Adds shots after the last one until a frame; those that are there stay as they are."""
    shots = shots_of(draft)
    dress = dress_of(shots)
    at = to_frame(end_of(shots[-1]))
    later = [point for point in cut_points(rhythm, frames, pace) if point >= at + SHORTEST] or [frames]
    shown = [item.id for item in items]
    last = meta(shots[-1]).get("media")
    turn = shown.index(last) + 1 if last in shown else 0
    row = [*items[turn:], *items[:turn]]
    laid = takes((at, *later), [Source.of(item) for item in row], rhythm.beats, seed + len(shots))
    track = next(track for track in tracks_of(draft, "video") if any(shot is shots[0] for shot in track["sg"]))
    fresh = list(_segments(row, laid, clip_volume))
    ids = {role: free_ids(draft, role) for role in ("clip", "image")}
    for segment in fresh:
        segment["id"] = next(ids[str(meta(segment)["role"])])
        track["sg"].append(segment)
    put_on([shots[-1], *fresh], dress)


def lay_drawn(draft: Draft, frames: int, song: MediaItem | None = None) -> None:
    """Lays one drawn background; with the cover art of a song that has one, in its colours."""
    clear_pictures(draft)
    segment = new_segment(draft, "backdrop", "Backdrop", 0, frames)
    meta(segment)["palette"] = PALETTE
    if song is not None and song.cover_colors:
        meta(segment).update(cover=song.id, colors=list(song.cover_colors))
    add_track(draft, "video", "Video", [segment])


def lay_visualizer(draft: Draft, frames: int, style: str, palette: str, colors: Sequence[str] = ()) -> None:
    """Lays a visualizer over the whole film in place of the one that is there; `colors` go before the palette."""
    remove_segments(draft, segments_of(draft, "visualizer"))
    draft["t"] = [track for track in draft["t"] if track["sg"]]
    segment = new_segment(draft, "visualizer", f"Visualizer: {style}", 0, frames)
    meta(segment).update(style=style, palette=palette, **({"colors": list(colors)} if colors else {}))
    add_track(draft, "visualizer", "Visualizer", [segment])


def fit_drawn(draft: Draft, frames: int) -> None:
    """Makes drawn layers that start the film last as long as it does."""
    for segment in segments_of(draft, "visualizer"):
        if start_of(segment) == 0:
            place(segment, 0, frames)


def clear_pictures(draft: Draft) -> None:
    """Takes all clips, images and backdrops away."""
    remove_segments(draft, segments_of(draft, *PICTURES))
    draft["t"] = [track for track in draft["t"] if track["sg"]]


def shots_of(draft: Draft) -> list[Draft]:
    """The clips and images of the lowest picture track, in time order."""
    for track in tracks_of(draft, "video"):
        shots = [s for s in track["sg"] if role_of(track, s) in ("clip", "image") and s["d"] > 0]
        if shots:
            return sorted(shots, key=start_of)
    return []


def items_of(draft: Draft, situation: Situation) -> list[MediaItem]:
    """The uploads that the shots show, each once, in order of appearance."""
    found = (media_of(shot, situation) for shot in shots_of(draft))
    return list({item.id: item for item in found if item is not None}.values())


def is_row(draft: Draft, situation: Situation) -> bool:
    """Whether the shots are whole uploads laid one after another from the start."""
    at = 0
    seen = set()
    for shot in shots_of(draft):
        item = media_of(shot, situation)
        if item is None or item.id in seen or start_of(shot) != at or in_ms_of(shot) != 0:
            return False
        whole = item.kind == "image" or abs(shot["d"] * speed_of(shot) - item.duration_ms) <= _WHOLE_MS
        if not whole:
            return False
        seen.add(item.id)
        at = end_of(shot)
    return bool(seen)


def mean_shot_s(draft: Draft) -> float | None:
    """Average length of a shot in seconds, or None without shots."""
    shots = shots_of(draft)
    return sum(shot["d"] for shot in shots) / len(shots) / 1000 if shots else None


def _lay(draft: Draft, items: Sequence[MediaItem], laid: Sequence[Take], clip_volume: float) -> None:
    clear_pictures(draft)
    add_track(draft, "video", "Video", _segments(items, laid, clip_volume))


def _segments(items: Sequence[MediaItem], laid: Sequence[Take], clip_volume: float) -> Iterator[Draft]:
    images = 0
    for number, take in enumerate(laid, start=1):
        item = items[take.source]
        segment = media_segment(item, number, take.first, take.last, to_ms(take.in_frame))
        if item.kind == "image":
            meta(segment)["zoom"] = _ZOOM_OUT if images % 2 else ZOOM_IN
            images += 1
        elif item.has_audio:
            segment["v"] = clip_volume
        yield segment
