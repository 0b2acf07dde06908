"""Styles of films: named ones, one's own, and none."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from cases import cases
from small_films import check_story
from talk import CITY, SEA, SONG

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import Situation, StyleName
from nemo_notebook.film.style import Style, all_styles, style_of

UPLOADS = {"city": (CITY,), "sea": (SEA,), "song": (SONG,)}
MEDIA = (CITY, SEA, SONG)


def made(*edits: dict[str, Any]) -> Any:
    return apply_edits({}, [parse(edit) for edit in edits], Situation({}, MEDIA)).draft


@cases
def test_styles_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


def test_styles__are_the_eight_and_the_usual_one() -> None:
    assert set(all_styles()) == {*StyleName.__args__, "usual"}
    assert len({json.dumps(msgspec.to_builtins(style)) for style in all_styles().values()}) == 9


@pytest.mark.parametrize("name", all_styles())
def test_a_style__is_the_same_whenever_it_is_chosen(name: str) -> None:
    before = made({"edit": "set_style", "style": name}, {"edit": "make_video"})
    after = made({"edit": "make_video"}, {"edit": "set_style", "style": name})
    for key in ("style", "filter", "adjust", "effects"):
        assert before["m"].get(key) == after["m"].get(key)
    assert [shot["s"] for shot in editable(before).shots] == [shot["s"] for shot in editable(after).shots]


def test_a_style__that_goes_takes_its_look_along_but_not_the_users() -> None:
    draft = made({"edit": "make_video", "style": "retro"}, {"edit": "set_style", "style": "minimal"})
    assert "filter" not in draft["m"]
    assert "effects" not in draft["m"]
    own = made(
        {"edit": "make_video", "style": "retro"},
        {"edit": "set_look", "filter": "noir"},
        {"edit": "set_style", "style": "usual"},
    )
    assert own["m"]["filter"] == "noir"
    assert "style" not in own["m"]


def test_a_style_of_ones_own__is_kept_in_the_film_and_cuts_it() -> None:
    own = {"calm_s": 1.0, "loud_s": 1.0, "movement": 0.0, "look": {"filter": "bw"}}
    draft = made({"edit": "make_video"}, {"edit": "set_style", "own": own})
    shots = editable(draft).shots
    assert 0.8 <= sum(shot["d"] for shot in shots) / len(shots) / 1000 <= 1.3
    assert all(camera.get("from") == camera.get("to") for shot in shots if (camera := shot.meta.get("camera")))
    assert style_of(draft["m"]) == msgspec.convert(own, Style)
    again = apply_edits(draft, [parse({"edit": "recut", "another": True})], Situation(draft, MEDIA)).draft
    assert again["m"]["own_style"] == draft["m"]["own_style"]


@pytest.mark.parametrize("own", [{"calm_s": 0}, {"look": {"filter": "loud"}}, {"tempo": 3}, {"pattern": []}])
def test_a_style_of_ones_own__that_cannot_be_is_refused(own: dict[str, Any]) -> None:
    with pytest.raises(InvalidEdit):
        made({"edit": "set_style", "own": own})


def test_transitions__of_the_style_are_not_taken_for_the_users() -> None:
    calm = made({"edit": "make_video", "style": "dreamy"})
    joins = [shot.meta["transition"] for shot in editable(calm).shots if "transition" in shot.meta]
    assert joins
    assert all(join["auto"] for join in joins)
    hard = apply_edits(calm, [parse({"edit": "set_style", "style": "minimal"})], Situation(calm, MEDIA)).draft
    assert not any("transition" in shot.meta for shot in editable(hard).shots)
