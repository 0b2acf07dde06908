"""Styles of films: named ones, one's own, and none."""

from __future__ import annotations

import json
from dataclasses import replace
from statistics import median
from typing import Any

import msgspec
import pytest
from cases import cases
from small_films import check_story
from talk import CITY, SEA, SONG

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.edits.styles import SetStyle
from nemo_notebook.film.model import MediaItem, Situation, StyleName
from nemo_notebook.film.style import Style, all_styles, style_of
from nemo_notebook.film.wording import tell

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


def reference(step_s: float, light: float, colors: float) -> MediaItem:
    cuts = tuple(round(1000 * step_s * number) for number in range(1, round(30 / step_s)))
    return MediaItem(
        "rf", "trailer.mp4", "video", 30_000, scenes_ms=cuts, brightness=(light,) * 30, colors=(colors,) * 30
    )


@pytest.mark.parametrize(
    ("of", "look", "says"),
    [
        ((1.0, 0.4, 0.0), {"filter": "bw"}, "in black and white"),
        ((2.0, 0.2, 0.1), {"adjust": {"brightness": -0.5}}, "darker"),
        ((0.5, 0.4, 0.2), {"adjust": {"saturation": 0.5}}, "with stronger colours"),
        ((4.0, 0.42, 0.07), {"adjust": {"brightness": 0.07, "saturation": -0.3}}, "brighter and with paler colours"),
    ],
)
@pytest.mark.parametrize("is_made_before", [True, False])
def test_a_film_like_another_one__takes_its_pace_and_light_and_does_not_show_it(
    of: tuple[float, float, float], look: dict[str, Any], says: str, is_made_before: bool
) -> None:
    own = [replace(item, brightness=(0.4,) * 8, colors=(0.1,) * 8) for item in (CITY, SEA)]
    media = (*own, SONG, reference(*of))
    edits = [{"edit": "make_video"}] if is_made_before else []
    done = apply_edits({}, [*map(parse, edits), SetStyle(like="rf")], Situation({}, media))
    film = editable(done.draft)
    assert {shot.meta["media"] for shot in film.shots} == {"c1", "c2"}
    assert median(shot["d"] for shot in film.shots) == pytest.approx(1000 * of[0], rel=0.25)
    assert {key: film.meta[key] for key in ("filter", "adjust") if key in film.meta} == look
    assert says in tell(done.told, "en")
