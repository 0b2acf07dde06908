"""Edits of effects."""

from __future__ import annotations

from typing import Any

from cases import cases
from small_films import check_story, film, refused
from talk import CITY, SEA, SONG

from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import Situation

UPLOADS = {"city": (CITY,), "sea": (SEA,), "song": (SONG,)}


@cases
def test_effects_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


def test_a_region__is_of_what_hides_alone() -> None:
    field, words = refused(film(), {"edit": "set_effect", "kind": "grain", "region": [0, 0, 0.5, 0.5]})
    assert field == "region"
    assert "part of the picture" in words


def test_effects__stay_through_a_new_cut() -> None:
    media = (CITY, SEA, SONG)
    edits = [{"edit": "make_video"}, {"edit": "set_effect", "kind": "blur", "target": "sea"}, {"edit": "recut"}]
    draft = apply_edits({}, [parse(edit) for edit in edits], Situation({}, media)).draft
    assert {shot.meta["media"] for shot in editable(draft).shots if "effects" in shot.meta} == {SEA.id}


def test_shaking__that_the_style_brought_is_removed() -> None:
    media = (CITY, SEA, SONG)
    edits = [{"edit": "make_video", "style": "party"}, {"edit": "set_effect", "kind": "shake", "amount": 0}]
    done = apply_edits({}, [parse(edit) for edit in edits], Situation({}, media))
    assert done.told[-1].key == "set_effect.removed"
    cameras = [shot.meta["camera"] for shot in editable(done.draft).shots]
    assert any("pulse" in camera for camera in cameras)
    assert not any("shake" in camera for camera in cameras)
