from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemo_notebook.engine.render import fonts
from nemo_notebook.engine.render.lettering import line_width, set_block
from nemo_notebook.engine.render.titles import Title, blend, missing_characters, render
from nemo_notebook.engine.render.wrapping import balanced, wrapped

LONG = ("The night train leaves the harbour and the lanterns drift above the water. " * 7)[:500]
WHITE = "#ffffff"


@dataclass(frozen=True)
class Picture:
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray


def grey(width, height, light):
    half = (height // 2, width // 2)
    return Picture(
        np.full((height, width), light, np.uint8), np.full(half, 128, np.uint8), np.full(half, 128, np.uint8)
    )


def length(text):
    return float(len(text))


def lit(title, light=60):
    """Where a white title is almost white."""
    planes = grey(title.width, title.height, light)
    blend(planes, render(title), 1.0)
    return np.argwhere(planes.y > 190)


@pytest.mark.parametrize("position", ["top", "center", "bottom", "lower-third"])
@pytest.mark.parametrize("size", ["small", "medium", "large"])
@pytest.mark.parametrize("text", ["Paper Lanterns", LONG, "W" * 60, "one\ntwo\nthree"])
@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (128, 72)])
def test_title__stays_inside_the_safe_area(position, size, text, width, height):
    seen = lit(Title(text, position, size, WHITE, width, height))
    assert len(seen)
    top, left = seen.min(axis=0)
    bottom, right = seen.max(axis=0)
    assert left >= round(width * 0.05) - 2
    assert right <= width - round(width * 0.05) + 2
    assert top >= round(height * 0.05) - 2
    assert bottom <= height - round(height * 0.05) + 2


def test_title__stands_where_it_should():
    rows = {
        position: lit(Title("Hello", position, "medium", WHITE, 640, 360))[:, 0].mean() / 360
        for position in ("top", "center", "bottom")
    }
    assert rows["top"] < 0.2
    assert rows["center"] == pytest.approx(0.5, abs=0.05)
    assert rows["bottom"] > 0.8
    lower = lit(Title("Hello", "lower-third", "medium", WHITE, 640, 360))
    assert lower[:, 0].mean() > 0.7 * 360
    assert lower[:, 1].max() < 320


def test_title__sizes_differ():
    heights = []
    for size in ("small", "medium", "large"):
        seen = lit(Title("Hello", "center", size, WHITE, 640, 360))
        heights.append(int(np.ptp(seen[:, 0])))
    assert heights[0] * 1.3 < heights[1]
    assert heights[1] * 1.3 < heights[2]


@pytest.mark.parametrize("light", [16, 128, 235])
@pytest.mark.parametrize("color", [WHITE, "#101010"])
def test_title__reads_on_any_ground(light, color):
    planes = grey(640, 360, light)
    blend(planes, render(Title("Hello", "center", "large", color, 640, 360)), 1.0)
    box = planes.y[140:220, 200:440].astype(int)
    assert box.max() - box.min() > (90 if light != 128 else 100)


def test_title__has_its_colour():
    planes = grey(640, 360, 60)
    blend(planes, render(Title("████", "center", "large", "#ff0000", 640, 360)), 1.0)
    assert planes.y[180, 320] == pytest.approx(63, abs=2)
    assert planes.u[90, 160] == pytest.approx(102, abs=2)
    assert planes.v[90, 160] == pytest.approx(240, abs=2)


@pytest.mark.parametrize("color", ["", "nonsense", "#12"])
def test_title__no_colour_is_white(color):
    assert np.array_equal(
        render(Title("Hello", "center", "large", color, 320, 180)).y,
        render(Title("Hello", "center", "large", WHITE, 320, 180)).y,
    )


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\x00\x07"])
def test_title__without_words_changes_nothing(text):
    planes = grey(320, 180, 100)
    blend(planes, render(Title(text, "center", "large", WHITE, 320, 180)), 1.0)
    assert (planes.y == 100).all()


def test_blend__fades_evenly_and_zero_is_nothing():
    overlay = render(Title("Hello", "center", "large", WHITE, 640, 360))
    means = []
    for alpha in (0.0, 0.25, 0.5, 0.75, 1.0):
        planes = grey(640, 360, 16)
        blend(planes, overlay, alpha)
        means.append(float(planes.y.mean()))
    assert means[0] == 16
    assert np.diff(means) == pytest.approx(np.diff(means).mean(), rel=0.1)


def test_blend__almost_whole_is_like_whole():
    overlay = render(Title("Hello", "bottom", "medium", "#3366ff", 640, 360))
    whole, almost = grey(640, 360, 200), grey(640, 360, 200)
    blend(whole, overlay, 1.0)
    blend(almost, overlay, 255 / 256)
    for one, other in ((whole.y, almost.y), (whole.u, almost.u), (whole.v, almost.v)):
        assert np.abs(one.astype(int) - other).max() <= 2


def test_overlay__lies_on_even_pixels_within_the_canvas():
    overlay = render(Title(LONG, "center", "large", WHITE, 322, 182))
    height, width = overlay.alpha.shape
    assert not any(value % 2 for value in (overlay.left, overlay.top, height, width))
    assert overlay.left + width <= 322
    assert overlay.top + height <= 182
    assert overlay.alpha_half.shape == overlay.u.shape == (height // 2, width // 2)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["top", "center", "bottom", "lower-third", "?"]))
def test_title__any_text_is_set(text, position):
    overlay = render(Title(text, position, "large", WHITE, 160, 90))
    assert overlay.alpha.max() <= 256
    blend(grey(160, 90, 100), overlay, 0.7)


def test_wrapping__makes_even_lines():
    lines = balanced("aaaa bbbb cccc dddd eeee ff", length, 20, break_words=False)
    assert lines == ["aaaa bbbb cccc", "dddd eeee ff"]


def test_wrapping__breaks_chinese_between_characters_but_not_before_punctuation():
    lines = wrapped("夜空中最亮的星，能否听清", length, 7, break_words=False)
    assert lines == ["夜空中最亮的", "星，能否听清"]


def test_wrapping__keeps_latin_words_within_chinese_whole():
    assert wrapped("我们在Lisbon看海", length, 8, break_words=False) == ["我们在", "Lisbon看海"]


def test_wrapping__breaks_a_long_word_only_when_it_may():
    assert wrapped("abcdefgh", length, 3, break_words=False) is None
    assert wrapped("abcdefgh", length, 3, break_words=True) == ["abc", "def", "gh"]


@given(st.text(alphabet="ab 中，", max_size=60), st.integers(2, 20))
def test_wrapping__loses_no_character(text, width):
    lines = wrapped(text, length, width, break_words=True)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


def test_block__shrinks_a_long_word_before_it_breaks_it():
    block = set_block("Lanternlight", 64, (300, 200), (255, 255, 255), to_left=False)
    assert 38 < block.letter_px < 64
    assert line_width("Lanternlight", block.letter_px) <= 300


def test_missing_characters__tells_what_no_font_draws():
    assert missing_characters("Hello, world!\n") == ""
    assert missing_characters("Hi \U000f1234 and \U000f1234\ue123") == "\U000f1234\ue123"


def test_fonts__chinese_and_emoji_come_with_the_package(monkeypatch):
    monkeypatch.setattr(fonts, "_installed", lambda: ())
    fonts.font_for.cache_clear(), fonts._text_fonts.cache_clear(), fonts.colour_font.cache_clear()
    try:
        text = "城市之梦，Été — море ★ 🎉🔥❤️🇫🇷1️⃣👍🏽👩\u200d🚀"
        runs = fonts.runs_of(text)
        assert missing_characters(text) == ""
        assert all(run.path is not None and run.path.parent == fonts._BUNDLED for run in runs)
        assert [run.text for run in runs if run.emoji] == ["🎉", "🔥", "❤", "🇫🇷", "1\u20e3", "👍", "👩"]
    finally:
        fonts.font_for.cache_clear(), fonts._text_fonts.cache_clear(), fonts.colour_font.cache_clear()


def test_fonts__each_run_is_drawn_by_a_font_that_has_it(monkeypatch):
    monkeypatch.setattr(fonts, "colour_font", lambda: None)
    runs = fonts.runs_of("Sea — море")
    assert "".join(run.text for run in runs) == "Sea — море"
    assert missing_characters("Sea — море") == "" or any(run.path is None for run in runs)


def test_fonts__an_emoji_sequence_is_one_run(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "colour_font", lambda: tmp_path / "emoji.ttf")
    runs = fonts.runs_of("go 👩\u200d🚀👍🏽🇵🇹 now")
    assert [run.text for run in runs if run.emoji] == ["👩\u200d🚀", "👍🏽", "🇵🇹"]
    assert "".join(run.text for run in runs) == "go 👩\u200d🚀👍🏽🇵🇹 now"
