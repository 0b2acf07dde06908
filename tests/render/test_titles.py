from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from grey_picture import grey
from hypothesis import given, settings, strategies as st

from nemo_notebook.film.model import Position
from nemo_notebook.render import typography
from nemo_notebook.render.layers import TitleLayer
from nemo_notebook.render.lettering import Title, draw_over, draw_title, motion, render
from nemo_notebook.render.typography import balanced, line_width, missing_characters, set_block, wrapped

LONG = ("The night train leaves the harbour and the lanterns drift above the water. " * 7)[:500]
WHITE = "#ffffff"


def length(text):
    return float(len(text))


def lit(title, light=60):
    """Where a white title is almost white."""
    planes = grey(title.width, title.height, light)
    draw_over(planes, render(title), 1.0)
    return np.argwhere(planes.y > 190)


def is_safe(title):
    """Whether its letters, of which there are some, lie off the edges of the canvas."""
    seen, canvas = lit(title), np.array([title.height, title.width])
    margin = np.round(canvas * 0.05)
    return (seen.min(axis=0) >= margin - 2).all() and (seen.max(axis=0) <= canvas - margin + 2).all()


def test_title__stands_where_it_should():
    rows = {
        position: lit(Title("Hello", position, "medium", WHITE, 640, 360))[:, 0].mean() / 360
        for position in ("top", "center", "bottom")
    }
    tall = lit(Title("Hello", "bottom", "medium", WHITE, 360, 640))
    assert 0.7 < tall[:, 0].mean() / 640 < 0.81  # above what apps write
    raised = lit(Title("Hello", "bottom", "medium", WHITE, 640, 360, "plain", True))
    assert raised[:, 0].max() < 360 * 0.76  # above bars
    assert rows["top"] < 0.2
    assert rows["center"] == pytest.approx(0.5, abs=0.05)
    assert rows["bottom"] > 0.8
    lower = lit(Title("Hello", "lower-third", "medium", WHITE, 640, 360))
    assert lower[:, 0].mean() > 0.7 * 360
    assert lower[:, 1].max() < 320


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640)])
@pytest.mark.parametrize("style", ["plain", "box"])
def test_title__stands_at_a_side_or_in_a_corner(style, width, height):
    def edges(position, text="Hello\nworld and all"):
        seen = lit(Title(text, position, "small", WHITE, width, height, style))
        (top, left), (bottom, right) = seen.min(axis=0), seen.max(axis=0)
        return left, width - right, top, height - bottom

    rows = {"top": edges("top"), "": edges("center"), "bottom": edges("bottom")}
    for row, (_, _, top, foot) in rows.items():
        near, far, left_top, left_foot = edges("-".join(filter(None, (row, "left"))))
        other_far, other_near, right_top, right_foot = edges("-".join(filter(None, (row, "right"))))
        assert near == pytest.approx(other_near, abs=3)
        assert near < 0.05 * width + (14 if style == "box" else 5)
        assert min(far, other_far) > width / 2
        assert (left_top, left_foot) == pytest.approx((top, foot), abs=2)
        assert (right_top, right_foot) == pytest.approx((top, foot), abs=2)
    long = edges("left", LONG[:75])
    assert width - long[1] < width * (0.05 + 0.62)


def test_title__lines_end_together_at_the_right():
    seen = lit(Title("Hello, hello\nHi", "right", "medium", WHITE, 640, 360, "outline"))
    rows = np.unique(seen[:, 0])
    gap = rows[np.argmax(np.diff(rows))]
    first, second = seen[seen[:, 0] <= gap][:, 1], seen[seen[:, 0] > gap][:, 1]
    assert second.max() == pytest.approx(first.max(), abs=8)
    assert second.min() > first.min() + 40


@pytest.mark.parametrize(("x", "y"), [(0.25, 0.3), (0.5, 0.8), (0.75, 0.5), (0.3, None), (None, 0.7)])
def test_title__is_centred_where_it_is_put(x, y):
    seen = lit(Title("Hello", "center", "small", WHITE, 640, 360, x=x, y=y))
    middle = (seen.min(axis=0) + seen.max(axis=0)) / 2 / (360, 640)
    assert middle == pytest.approx((0.5 if y is None else y, 0.5 if x is None else x), abs=0.02)


@given(
    text=st.sampled_from(["Hi", LONG, "W" * 60, "one\ntwo\nthree"]),
    position=st.sampled_from(get_args(Position)),
    size=st.sampled_from(["small", "medium", "large"]),
    style=st.sampled_from(["plain", "box"]),
    x=st.none() | st.floats(0, 1),
    y=st.none() | st.floats(0, 1),
    tall=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_title__of_any_place_stays_inside_the_safe_area(text, position, size, style, x, y, tall):
    width, height = (180, 320) if tall else (320, 180)
    assert is_safe(Title(text, position, size, WHITE, width, height, style, x=x, y=y))


@pytest.mark.parametrize("light", [16, 128, 235])
@pytest.mark.parametrize("color", [WHITE, "#101010"])
def test_title__reads_on_any_ground(light, color):
    planes = grey(640, 360, light)
    draw_over(planes, render(Title("Hello", "center", "large", color, 640, 360)), 1.0)
    box = planes.y[140:220, 200:440].astype(int)
    assert box.max() - box.min() > (90 if light != 128 else 100)


def test_title__has_its_colour():
    planes = grey(640, 360, 60)
    draw_over(planes, render(Title("████", "center", "large", "#ff0000", 640, 360)), 1.0)
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
    draw_over(planes, render(Title(text, "center", "large", WHITE, 320, 180)), 1.0)
    assert (planes.y == 100).all()


@pytest.mark.parametrize("light", [128, 200, 228])
def test_title__its_halo_has_no_edge_and_no_colour(light):
    planes = grey(1280, 720, light)
    draw_over(planes, render(Title("Hello", "center", "large", WHITE, 1280, 720)), 1.0)
    assert np.abs(planes.u.astype(int) - 128).max() <= 1
    assert np.abs(planes.v.astype(int) - 128).max() <= 1
    overlay = render(Title("Hello", "center", "large", WHITE, 1280, 720))
    rim = np.concatenate([overlay.alpha[0], overlay.alpha[-1], overlay.alpha[:, 0], overlay.alpha[:, -1]])
    assert rim.max() <= 3


def test_blend__fades_evenly_and_zero_is_nothing():
    overlay = render(Title("Hello", "center", "large", WHITE, 640, 360))
    means = []
    for alpha in (0.0, 0.25, 0.5, 0.75, 1.0):
        planes = grey(640, 360, 16)
        draw_over(planes, overlay, alpha)
        means.append(float(planes.y.mean()))
    assert means[0] == 16
    assert np.diff(means) == pytest.approx(np.diff(means).mean(), rel=0.1)


def test_blend__almost_whole_is_like_whole():
    overlay = render(Title("Hello", "bottom", "medium", "#3366ff", 640, 360))
    whole, almost = grey(640, 360, 200), grey(640, 360, 200)
    draw_over(whole, overlay, 1.0)
    draw_over(almost, overlay, 255 / 256)
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
    draw_over(grey(160, 90, 100), overlay, 0.7)


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
    block = set_block("Lanternlight", 64, (300, 200), (255, 255, 255), align=0.5)
    assert 38 < block.letter_px < 64
    assert line_width("Lanternlight", block.letter_px) <= 300


def test_missing_characters__tells_what_no_font_draws():
    assert missing_characters("Hello, world!\n") == ""
    assert missing_characters("Hi \U000f1234 and \U000f1234\ue123") == "\U000f1234\ue123"


@pytest.mark.parametrize("position", get_args(Position))
@pytest.mark.parametrize("style", ["plain", "box", "outline"])
@pytest.mark.parametrize(
    "text", ["Urban Dreams", "城市之梦 🎉", LONG, "Ana Diaz\nProducer and very patient guitarist of the band"]
)
@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (360, 450)])
def test_title__words_and_box_stay_on_the_canvas_whole(position, style, text, width, height):
    """A box that is cut off would have no round corner where it ends."""
    overlay = render(Title(text, position, "large", WHITE, width, height, style))
    assert overlay.left >= 0
    assert overlay.top >= 0
    assert overlay.left + overlay.y.shape[1] <= width
    assert overlay.top + overlay.y.shape[0] <= height
    if style == "box":
        assert overlay.left > 0
        assert overlay.left + overlay.y.shape[1] < width
        assert overlay.alpha[0, 0] < 90  # a corner, and half of the box is opaque
        middle = overlay.alpha.shape[1] // 2
        assert overlay.alpha[:3, middle].max() > 120
        assert overlay.alpha[-3:, middle].max() > 120


def test_title__in_a_box_reads_on_white():
    planes = grey(640, 360, 235)
    draw_over(planes, render(Title("Hello", "center", "large", WHITE, 640, 360, "box")), 1.0)
    box = planes.y[150:210, 220:420].astype(int)
    assert box.min() < 110
    assert box.max() > 220


def test_title__of_a_lower_third_has_a_smaller_second_line():
    both = lit(Title("Ana Diaz\nAna Diaz", "lower-third", "large", WHITE, 640, 360, "outline"))
    words = both[both[:, 1] > both[:, 1].min() + 20]  # without the stroke before them
    rows = np.unique(words[:, 0])
    gap = rows[np.argmax(np.diff(rows))]
    first, second = words[words[:, 0] <= gap], words[words[:, 0] > gap]
    assert np.ptp(second[:, 1]) == pytest.approx(0.58 * np.ptp(first[:, 1]), rel=0.12)


def layer(move_in, move_out="none", text="Urban Dreams", of=60):
    return TitleLayer(text, "center", "large", WHITE, 0, of, 10, "plain", move_in, move_out)


def drawn(title, index):
    planes = grey(640, 360, 16)
    draw_title(planes, title, index)
    return planes.y.astype(int)


@pytest.mark.parametrize("move", ["fade", "slide", "pop", "type", "none", "nonsense"])
def test_animation__ends_at_the_title_as_set(move):
    still = drawn(layer("none"), 0)
    assert np.array_equal(drawn(layer(move), 45), still)
    assert np.array_equal(drawn(layer("none", move), 5), still)


@pytest.mark.parametrize("move", ["fade", "slide", "pop", "type"])
def test_animation__begins_and_ends_with_little(move):
    whole = int((drawn(layer("none"), 0) > 100).sum())
    assert (drawn(layer(move), 0) > 100).sum() < 0.35 * whole
    assert (drawn(layer("none", move), 59) > 100).sum() < 0.35 * whole


@pytest.mark.parametrize("move", ["fade", "slide", "pop", "type", "none"])
@given(skip=st.integers(0, 200), of=st.integers(1, 300), fade=st.integers(0, 150), text=st.text(max_size=40))
@settings(max_examples=40, deadline=None)
def test_animation__is_within_bounds(move, skip, of, fade, text):
    title = TitleLayer(text, "center", "large", WHITE, 0, of, min(fade, of // 2), "plain", move, move)
    now = motion(title, min(skip, of - 1))
    assert 0 < now.alpha <= 1
    assert 0 <= now.shown <= 1
    assert 0.5 < now.scale < 1.2
    assert abs(now.drop) <= 1.2


def test_animation__goes_on_over_shots():
    first = TitleLayer("Hello", "center", "large", WHITE, 0, 40, 12, "plain", "slide", "pop")
    later = TitleLayer("Hello", "center", "large", WHITE, 6, 40, 12, "plain", "slide", "pop")
    assert np.array_equal(drawn(first, 9), drawn(later, 3))


def test_type__writes_from_left_to_right_and_line_by_line():
    title = layer("type", text="Paper\nLanterns", of=120)
    ends = []
    for index in (4, 8, 14, 20):
        seen = np.argwhere(drawn(title, index) > 120)
        ends.append((seen[:, 0].max(), seen[:, 1].max()))
    assert ends[0][1] < ends[1][1]
    assert ends[1][0] < 180 + 10  # still in the first line
    assert ends[3][0] > 190


def test_fonts__chinese_and_emoji_come_with_the_package(monkeypatch):
    monkeypatch.setattr(typography, "_installed", lambda: ())
    typography.font_for.cache_clear(), typography._text_fonts.cache_clear(), typography.colour_font.cache_clear()
    try:
        text = "城市之梦，Été — море ★ 🎉🔥❤️🇫🇷1️⃣👍🏽👩\u200d🚀"
        runs = typography.runs_of(text)
        assert missing_characters(text) == ""
        assert all(run.path is not None and run.path.parent == typography._BUNDLED for run in runs)
        assert [run.text for run in runs if run.emoji] == ["🎉", "🔥", "❤", "🇫🇷", "1\u20e3", "👍", "👩"]
    finally:
        typography.font_for.cache_clear(), typography._text_fonts.cache_clear(), typography.colour_font.cache_clear()


def test_fonts__an_emoji_sequence_is_one_run(monkeypatch, tmp_path):
    monkeypatch.setattr(typography, "colour_font", lambda: tmp_path / "emoji.ttf")
    runs = typography.runs_of("go 👩\u200d🚀👍🏽🇵🇹 now")
    assert [run.text for run in runs if run.emoji] == ["👩\u200d🚀", "👍🏽", "🇵🇹"]
    assert "".join(run.text for run in runs) == "go 👩\u200d🚀👍🏽🇵🇹 now"
