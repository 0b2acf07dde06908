"""Pictures on the timeline: in a row, cut to beats, or drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nemo_notebook.engine.agent.cutting import Pace, Rhythm, Take, cut_points, snapped, takes
from nemo_notebook.engine.agent.drafting import (
    PICTURES,
    Draft,
    add_track,
    end_of,
    in_ms_of,
    media_of,
    media_segment,
    meta,
    new_segment,
    place,
    remove_segments,
    role_of,
    segments_of,
    start_of,
    to_frame,
    to_ms,
    tracks_of,
)
from nemo_notebook.engine.agent.model import MediaItem, Situation

IMAGE_FRAMES: Final = 90  # a picture in a row is seen for three seconds
PALETTE: Final = "aurora"
DRAWINGS: Final = {
    "bars": ("bars", "频谱条"),
    "waveform": ("a waveform", "波形"),
    "circular": ("a ring", "圆环"),
    "spectrum": ("a spectrum", "频谱"),
    "line": ("a line", "线条"),
}
_ZOOM_IN, _ZOOM_OUT = 1.08, 0.926


def lay_in_row(draft: Draft, items: Sequence[MediaItem]) -> int:
    """Lays clips whole and images for three seconds, one after another; returns the length in frames."""
    laid: list[Take] = []
    at = 0
    for index, item in enumerate(items):
        frames = to_frame(item.duration_ms) if item.kind == "video" else IMAGE_FRAMES
        if frames > 0:
            laid.append(Take(index, at, at + frames, 0))
            at += frames
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
) -> int:
    """Lays a film of `frames` frames cut to a rhythm; returns the number of shots."""
    lengths = [max(1, to_frame(item.duration_ms) - 1) if item.kind == "video" else 0 for item in items]
    laid = takes(cut_points(rhythm, frames, pace), lengths, rhythm.beats, seed)
    _lay(draft, items, laid, clip_volume)
    return len(laid)


def lay_drawn(draft: Draft, frames: int) -> None:
    """Lays one drawn background."""
    clear_pictures(draft)
    segment = new_segment(draft, "backdrop", "Backdrop", 0, frames)
    meta(segment)["palette"] = PALETTE
    add_track(draft, "video", "Video", [segment])


def lay_visualizer(draft: Draft, frames: int, style: str, palette: str) -> None:
    """Lays a visualizer over the whole film in place of the one that is there."""
    remove_segments(draft, segments_of(draft, "visualizer"))
    draft["t"] = [track for track in draft["t"] if track["sg"]]
    segment = new_segment(draft, "visualizer", f"Visualizer: {style}", 0, frames)
    meta(segment).update(style=style, palette=palette)
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
        whole = item.kind == "image" or abs(shot["d"] - item.duration_ms) <= 40
        if not whole:
            return False
        seen.add(item.id)
        at = end_of(shot)
    return bool(seen)


def snap_row(draft: Draft, beats: Sequence[int]) -> int:
    """Moves the cuts of a row to beats, shortening clips where needed; returns the length in frames."""
    shots = shots_of(draft)
    points = [0, *(to_frame(end_of(shot)) for shot in shots)]
    lengths = [to_frame(shot["d"]) for shot in shots]
    room = [
        frames if meta(shot).get("role") != "image" else frames * 2 for shot, frames in zip(shots, lengths, strict=True)
    ]
    moved = snapped(points, beats, room)
    for shot, first, last in zip(shots, moved, moved[1:], strict=False):
        place(shot, first, last)
    return moved[-1]


def mean_shot_s(draft: Draft) -> float | None:
    """Average length of a shot in seconds, or None without shots."""
    shots = shots_of(draft)
    return sum(shot["d"] for shot in shots) / len(shots) / 1000 if shots else None


def _lay(draft: Draft, items: Sequence[MediaItem], laid: Sequence[Take], clip_volume: float) -> None:
    clear_pictures(draft)
    track = add_track(draft, "video", "Video", [])
    images = 0
    for number, take in enumerate(laid, start=1):
        item = items[take.source]
        segment = media_segment(item, number, take.first, take.last, to_ms(take.in_frame))
        if item.kind == "image":
            meta(segment)["zoom"] = _ZOOM_OUT if images % 2 else _ZOOM_IN
            images += 1
        elif item.has_audio:
            segment["v"] = clip_volume
        track["sg"].append(segment)
