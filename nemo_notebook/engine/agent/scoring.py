"""The music of a draft: composed tracks, and the rhythm that cuts follow."""

from __future__ import annotations

import math
from typing import Final

from nemo_notebook.engine.agent.cutting import Rhythm
from nemo_notebook.engine.agent.drafting import (
    MUSIC,
    Draft,
    add_track,
    in_ms_of,
    media_of,
    meta,
    new_segment,
    remove_segments,
    segments_of,
    start_of,
    to_ms,
)
from nemo_notebook.engine.agent.language import say
from nemo_notebook.engine.agent.model import Language, NotPossible, Situation
from nemo_notebook.engine.music import MOODS, Recipe, beat_times_ms, make_recipe
from nemo_notebook.errors import InputError

_LONGEST_MS: Final = 600_000  # of one composed track; a longer film gets several, one after another
_SHORTEST_MS: Final = 1_000
_SEEDS: Final = 1_000_000


def mood_label(mood: str, language: Language) -> str:
    """A mood's name for people."""
    known = MOODS.get(mood)
    return mood if known is None else say(language, known.label_en, known.label_zh)


def recipe_for(mood: str, length_ms: int, seed: int, bpm: float | None, language: Language) -> Recipe:
    """A recipe for a film's length; films of more than ten minutes get one for a part of it.

    Raises:
        NotPossible: The film is too short, or the tempo cannot be played.
    """
    if length_ms < _SHORTEST_MS:
        raise NotPossible(
            say(language, "Music needs a video of at least one second.", "视频至少要有一秒，才能配音乐。")
        )
    parts = math.ceil(length_ms / _LONGEST_MS)
    try:
        return make_recipe(mood, length_ms // parts, seed % _SEEDS, bpm)
    except InputError as error:
        raise NotPossible(
            say(language, f"{error.message} {error.hint}", "这个速度无法演奏，请选 40 到 220 BPM。")
        ) from error


def lay_score(draft: Draft, recipe: Recipe, frames: int, volume: float) -> list[Draft]:
    """Replaces all music by a composed track under `frames` frames; returns its segments."""
    remove_segments(draft, segments_of(draft, *MUSIC))
    draft["t"] = [track for track in draft["t"] if track["sg"]]
    parts = max(1, math.ceil(to_ms(frames) / _LONGEST_MS))
    name = f"BGM: {mood_label(recipe.mood, 'en')}"
    track = add_track(draft, "audio", "BGM", [])
    for part in range(parts):
        segment = new_segment(draft, "bgm", name, frames * part // parts, frames * (part + 1) // parts)
        segment["v"] = volume
        meta(segment).update(
            music={"mood": recipe.mood, "bpm": recipe.bpm, "seed": recipe.seed},
            source=f"composed: {mood_label(recipe.mood, 'en')}, {recipe.bpm:.0f} BPM",
            fade_in_ms=0,
            fade_out_ms=0,
        )
        track["sg"].append(segment)
    return list(track["sg"])


def rhythm_of(draft: Draft, situation: Situation) -> Rhythm:
    """The beats of the music on the timeline, in frames of the timeline; empty where there is no music."""
    for segment in segments_of(draft, *MUSIC):
        song = media_of(segment, situation)
        if song is not None:
            return Rhythm.of(song.beats_ms, song.downbeats_ms, song.energy, in_ms_of(segment) - start_of(segment))
        recipe = _recipe_of(segment)
        if recipe is not None:
            return Rhythm.of(beat_times_ms(recipe), start_ms=-start_of(segment))
    return Rhythm()


def tempo_of(draft: Draft, situation: Situation) -> float | None:
    """Beats per minute of the music on the timeline, or None."""
    for segment in segments_of(draft, *MUSIC):
        song = media_of(segment, situation)
        if song is not None:
            return song.tempo
        recipe = _recipe_of(segment)
        if recipe is not None:
            return recipe.bpm
    return None


def mood_of(draft: Draft) -> str | None:
    """The mood of composed music on the timeline, or None."""
    recipes = (_recipe_of(segment) for segment in segments_of(draft, "bgm"))
    return next((recipe.mood for recipe in recipes if recipe is not None), None)


def seed_of(draft: Draft) -> int | None:
    """The seed of composed music on the timeline, or None."""
    recipes = (_recipe_of(segment) for segment in segments_of(draft, "bgm"))
    return next((recipe.seed for recipe in recipes if recipe is not None), None)


def _recipe_of(segment: Draft) -> Recipe | None:
    """The recipe of a segment; None for music that was not composed here, or that no composer could play."""
    music = meta(segment).get("music")
    if not isinstance(music, dict):
        return None
    length_ms = min(max(int(segment["d"]), _SHORTEST_MS), _LONGEST_MS)
    try:
        return Recipe.from_json(music, length_ms)
    except InputError:
        return None  # the draft came from outside; its music is then no rhythm to cut to
