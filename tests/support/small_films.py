"""Two clips, what edits make of them, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from talk import CITY, SEA

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.tracks import Json
from nemo_notebook.film.wording import tell

CLIPS = (CITY, SEA)


def changed(draft: Json, *edits: dict[str, Any], media: tuple[MediaItem, ...] = CLIPS, language: str = "en") -> Any:
    """The draft after some edits, and what they say."""
    situation = Situation(draft, media, language=language, seed=7)
    done = apply_edits(draft, [parse(edit) for edit in edits], situation)
    return done.draft, tell(done.told, language)


def film(media: tuple[MediaItem, ...] = CLIPS, **fields: Any) -> Json:
    draft: Json = changed({}, {"edit": "make_video", **fields}, media=media)[0]
    return draft


def refused(draft: Json, edit: dict[str, Any], media: tuple[MediaItem, ...] = CLIPS) -> tuple[str, str]:
    with pytest.raises(InvalidEdit) as caught:
        changed(draft, edit, media=media)
    (problem,) = caught.value.problems
    return problem.field, problem.words
