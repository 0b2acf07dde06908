"""The plan of a film: which shots, of which layers, over which sound. Pure; nothing is opened here."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from nemo_notebook.errors import InputError, NothingToExport
from nemo_notebook.film.draft import Json, count_segments, duration_ms, read_tracks
from nemo_notebook.film.drafting import LONGEST_MS, MOST_SEGMENTS
from nemo_notebook.render.form import meta_of, text_of
from nemo_notebook.render.layers import Output, Shot, SoundPlan
from nemo_notebook.render.placing import Media, MediaFile, check_media, frame_at, place
from nemo_notebook.render.shooting import shots_of
from nemo_notebook.render.sound_plan import sound_plan

__all__ = ["FilmPlan", "MediaFile", "frame_at", "make_plan", "one_frame"]


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


def make_plan(draft: Json | None, media: Media, output: Output) -> FilmPlan:
    """Turns a draft into shots and sound.

    Args:
        draft: As documented in `film/draft.py`; unknown keys are passed over.
        media: Uploads by content hash.
        output: From `output_for`.

    Raises:
        NothingToExport: No track with a segment, or no length.
        FileMissing: A segment uses an upload that is not there.
        UnsupportedMedia: A segment uses an upload as what it is not.
        InputError: Longer or more finely cut than can be rendered.
    """
    count = count_segments(draft)
    if count > MOST_SEGMENTS:
        raise InputError(f"The timeline has {count} segments.", hint=f"{MOST_SEGMENTS} are the most: make longer cuts.")
    tracks = read_tracks(draft)
    length_ms = duration_ms(draft)
    if length_ms > LONGEST_MS:
        raise InputError(f"The film would last {length_ms / 3.6e6:.1f} hours.", hint="Six hours are the most: trim it.")
    frames = frame_at(length_ms, output.fps)
    if frames == 0 or not any(track.segments for track in tracks):
        raise NothingToExport("The timeline is empty: there is nothing to render.")
    placed = tuple(item for track in tracks for item in place(track, frames, output.fps))
    for item in placed:
        check_media(item, media)
    meta = meta_of(draft)
    return FilmPlan(
        output,
        frames,
        tuple(shots_of(placed, media, meta, frames, output.fps, in_pieces=output.in_pieces)),
        sound_plan(placed, media, frames, output.fps),
        text_of(meta, "title"),
        text_of(meta, "artist"),
    )


def one_frame(plan: FilmPlan, frame: int) -> Shot:
    """The shot of a single frame of a film."""
    shot = next(s for s in plan.shots if s.first_frame <= frame < s.first_frame + s.frames)
    layers = tuple(_later(layer, frame - shot.first_frame) for layer in shot.layers)
    return Shot(frame, 1, layers)


def _later(layer: Any, frames: int) -> Any:
    """A layer from a later frame on; what lasts one frame, or has no time of its own, is the same all along."""
    if not is_dataclass(layer) or isinstance(layer, type):
        return layer
    changed = {f.name: _later(getattr(layer, f.name), frames) for f in fields(layer)}
    if "skip" in changed and changed.get("of") != 1:
        changed["skip"] += frames
    return replace(layer, **changed)
