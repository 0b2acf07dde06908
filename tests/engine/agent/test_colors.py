"""The names of colours: what is told of one is what can be typed for it."""

from __future__ import annotations

import pytest

from nemo_notebook.engine.agent.words.colors import COLORS, colors_in
from nemo_notebook.film.colors import COLOR_NAMES, color_told, colors_of, triple_of


def test_color_names__name_all_colours_that_can_be_typed():
    assert set(COLOR_NAMES) == {color for color, _ in COLORS}


@pytest.mark.parametrize("color", COLOR_NAMES)
def test_color_told__is_read_as_the_same_colour(color):
    assert [colors_in(name) for name in color_told(color)] == [(color,), (color,)]


def test_colors_in__takes_pink_in_chinese_for_one_colour():
    assert colors_in("粉红色") == ("#ff6fae",)


@pytest.mark.parametrize("named", [("#ffd60a",), ("#ff3b30", "#2f80ff"), ("#ff3b30", "#34c759", "#2f80ff")])
def test_colors_of__are_those_that_the_three_were_made_of(named):
    assert colors_of(triple_of(named)) == named
