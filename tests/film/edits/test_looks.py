"""Edits of colours, transitions, fades, the canvas and the visualizer."""

from __future__ import annotations

from typing import Any

import pytest
from cases import cases
from small_films import CLIPS, changed, check_story, film, refused
from talk import CITY, PHOTOS, SEA, SONG

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import parse
from nemo_notebook.film.model import MediaItem

COVERED = MediaItem("s2", "disc.mp3", "audio", 9000, has_audio=True, cover_colors=("#102030", "#405060", "#708090"))


UPLOADS = {"city": (CITY,), "sea": (SEA,), "photos": PHOTOS, "song": (SONG,), "covered": (COVERED,)} | {
    "voice": (MediaItem("v1", "voice.wav", "audio", 2000, has_audio=True, content="speech"),)
}


@cases
def test_looks_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


@cases
def test_colours_of_a_visualizer__are_three_or_none(colors: Any, field: str, allowed: str) -> None:
    with pytest.raises(InvalidEdit) as caught:
        parse({"edit": "set_visualizer", "colors": colors})
    assert [(problem.field, problem.allowed) for problem in caught.value.problems] == [(field, allowed)]


@cases
def test_a_look__that_cannot_be_set(fields: dict[str, Any], field: str, words: str) -> None:
    told = refused(film(), {"edit": "set_look", **fields})
    assert told[0] == field
    assert words in told[1]


@cases
def test_a_transition__is_at_the_cut_that_is_meant(meant: dict[str, Any], number: int) -> None:
    row = film((*CLIPS, *PHOTOS), with_song=False)
    draft = changed(row, {"edit": "set_transition", **meant}, media=(*CLIPS, *PHOTOS))[0]
    assert [at for at, shot in enumerate(editable(draft).shots) if "transition" in shot["m"]] == [number]


def test_replies__are_chinese_where_chinese_is_spoken() -> None:
    blurred = {"edit": "set_look", "fit": "blur", "target": "sea"}
    assert changed(film(), blurred, language="zh")[1] == "sea（0:08–0:14）的画面现在完整显示，背景模糊。"
    draft = changed(film(), {"edit": "fade", "in_s": 60.0})[0]
    assert changed(draft, {"edit": "fade", "in_s": 0.0}, language="zh")[1] == "画面开头不再淡入。"


@cases
def test_a_transition__at_no_cut(fields: dict[str, Any], field: str, words: str) -> None:
    told = refused(film(), {"edit": "set_transition", **fields})
    assert told[0] == field
    assert words in told[1]


@cases
def test_a_fade__of_nothing(fields: dict[str, Any], field: str, words: str) -> None:
    told = refused(film(), {"edit": "fade", **fields})
    assert told[0] == field
    assert words in told[1]


@cases
def test_a_canvas__has_the_shape_and_size_that_are_asked_for(fields: dict[str, Any], size: tuple[int, int]) -> None:
    draft, told = changed(film(), {"edit": "set_canvas", **fields})
    assert (draft["m"]["width"], draft["m"]["height"]) == size
    assert f"{size[0]} × {size[1]}" in told
    assert draft["m"].get("fit") == ("crop" if size[1] > size[0] else None)


def test_a_visualizer__of_another_hand_is_drawn_as_it_can_be() -> None:
    draft = changed(film((SONG,)), {"edit": "set_visualizer"}, media=(SONG,))[0]
    drawn = editable(draft).segments("visualizer")[0]
    odd = {**drawn, "m": {**drawn["m"], "style": "cubes", "palette": "?", "colors": ["red"]}}
    others = [track for track in draft["t"] if track["sg"][0]["id"] != drawn["id"]]
    draft, told = changed({**draft, "t": [*others, {"tt": 0, "sg": [odd]}]}, {"edit": "set_visualizer"}, media=(SONG,))
    assert editable(draft).segments("visualizer")[0]["m"]["style"] == "bars"
    assert "bars in aurora colours" in told
