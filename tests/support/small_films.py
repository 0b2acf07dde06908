"""Small films, what edits make of them, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from talk import CITY, SEA

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.tracks import Json
from nemo_notebook.film.wording import tell

CLIPS = (CITY, SEA)


def changed(draft: Json, *edits: dict[str, Any], media: tuple[MediaItem, ...] = CLIPS, language: str = "en") -> Any:
    """The draft after some edits, and what they say."""
    situation = Situation(draft, media, language=language, seed=7)
    done = apply_edits(draft, [parse(edit) for edit in edits], situation)
    assert tell(done.told, "zh").strip() != tell(done.told, "en").strip()
    return done.draft, tell(done.told, language)


def film(media: tuple[MediaItem, ...] = CLIPS, **fields: Any) -> Json:
    draft: Json = changed({}, {"edit": "make_video", **fields}, media=media)[0]
    return draft


def refused(draft: Json, edit: dict[str, Any], media: tuple[MediaItem, ...] = CLIPS) -> tuple[str, str]:
    before = json.dumps(draft)
    for language in ("zh", "en"):
        with pytest.raises(InvalidEdit) as caught:
            changed(draft, edit, media=media, language=language)
        (problem,) = caught.value.problems
        assert "{" not in problem.words
    assert json.dumps(draft) == before
    return problem.field, problem.words


def values_at(draft: Json, path: str) -> Any:
    """Values of a film by `film.width`, or of its parts by `song.in_ms`: by role, or of all `shots`, in time order."""
    of, _, key = path.partition(".")
    own = editable(draft)
    if of == "film":
        tracks = {"sound_tracks": "audio", "text_tracks": "text"}
        known = {**own.meta, **own, "picture_end_ms": own.picture_end_ms}
        return len(own.tracks(tracks[key])) if key in tracks else known.get(key)
    parts = own.shots if of == "shots" else own.segments(of)
    return [[part.start_ms, part.end_ms] if key == "span" else part.get(key, part.meta.get(key)) for part in parts]


def check_story(uploads: dict[str, tuple[MediaItem, ...]], of: str, steps: list[Any]) -> None:
    """Make edits one after another.

    Args:
        uploads: By their names in `of`.
        of: `film`, `row` (without a song) or `uploads` (no film yet), and what is uploaded.
        steps: An edit; what it says, with … for more of it, or the field and words of its error; values afterwards.
    """
    how, *names = of.split()
    media = tuple(item for name in names for item in uploads[name])
    draft = {} if how == "uploads" else film(media, with_song=how == "film")
    for edit, told, values in steps:
        if isinstance(told, tuple):
            field, words = refused(draft, edit, media)
            assert (field, told[1] in words) == (told[0], True), words
        else:
            draft, words = changed(draft, edit, media=media)
            assert told.strip("…") in words if "…" in told else told == words, words
        found, wanted = json.dumps({path: values_at(draft, path) for path in values}), json.dumps(values)
        assert json.loads(found) == json.loads(wanted), found
