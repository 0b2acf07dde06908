"""The names of colours: what is told of one is what can be typed for it."""

from __future__ import annotations

import pytest

from nemo_notebook.engine.agent.words.colors import COLORS, colors_in
from nemo_notebook.film.colors import colors_of, triple_of
from nemo_notebook.film.telling import words_of


def test_color_names__name_all_colours_that_can_be_typed():
    assert set(words_of("color")) == set(words_of("color", "zh")) == {color for color, _ in COLORS}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("color", words_of("color"))
def test_color_name__is_read_as_the_same_colour(color, language):
    assert colors_in(words_of("color", language)[color]) == (color,)


def test_colors_in__takes_pink_in_chinese_for_one_colour():
    assert colors_in("粉红色") == ("#ff6fae",)


@pytest.mark.parametrize("named", [("#ffd60a",), ("#ff3b30", "#2f80ff"), ("#ff3b30", "#34c759", "#2f80ff")])
def test_colors_of__are_those_that_the_three_were_made_of(named):
    assert colors_of(triple_of(named)) == named
