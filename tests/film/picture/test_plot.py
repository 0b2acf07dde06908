from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from cases import cases
from hypothesis import given, settings, strategies as st
from timelines import BEATS, FILM, HOSTILE, SONG

from nemo_notebook.film import picture as plot
from nemo_notebook.film.picture import Scale, lay_blocks, ruler, ruler_label
from nemo_notebook.film.timeline import Timeline, read_sounds
from nemo_notebook.film.tracks import read_tracks

SVG = "{http://www.w3.org/2000/svg}"


def picture(draft: dict[str, Any], *records: object) -> ElementTree.Element:
    """What a parser makes of the picture of a draft."""
    return ElementTree.fromstring(Timeline(draft, sounds=read_sounds(list(records))).plot().svg)


def texts(root: ElementTree.Element) -> list[str]:
    return [str(each.text) for each in root.iter(f"{SVG}text")]


def strokes(root: ElementTree.Element, color: str) -> list[float]:
    """The places of the upright strokes of a colour."""
    paths = [str(each.get("d")) for each in root.iter(f"{SVG}path") if each.get("stroke") == color]
    return sorted({float(x) for path in paths for x in re.findall(r"M([\d.]+) [\d.]+[vV]", path)})


def edges(root: ElementTree.Element) -> set[float]:
    return {float(str(each.get("x"))) for each in root.iter(f"{SVG}rect") if each.get("fill") in plot.SHOT_COLORS}


def test_lanes__have_their_number_kind_and_names() -> None:
    found = texts(picture(FILM))
    assert {"1", "Video", "2", "Audio", "3", "Title", "城市之夜", "song", "100%", "0s", "12s"} <= set(found)
    assert found.index("Title") < found.index("Video") < found.index("Audio")  # as in an editor


def test_beats__fall_on_the_cuts_that_are_cut_to_them() -> None:
    root = picture(FILM, SONG)
    beats = strokes(root, plot.BEAT)
    assert len(beats) == len(BEATS)
    assert edges(root) <= set(beats)
    assert not strokes(picture(FILM), plot.BEAT)


def test_beats__of_a_trimmed_and_faster_sound_lie_where_they_are_heard() -> None:
    trimmed = json.loads(json.dumps(FILM))
    trimmed["t"][1]["sg"][0] |= {"s": 1000, "d": 4000}
    trimmed["t"][1]["sg"][0]["m"] |= {"in_ms": 250, "speed": 2}
    scale = Scale(plot._LEFT, plot._RIGHT, 12_000)
    expected = [round(scale.x(1000 + (beat - 250) / 2), 1) for beat in BEATS if 250 <= beat <= 8250]
    assert strokes(picture(trimmed, SONG), plot.BEAT) == expected


def test_beats__too_close_to_be_told_apart_leave_the_downbeats_then_nothing() -> None:
    def count(bars: int) -> int:
        many = [500 * k for k in range(4 * bars)]
        film = {"t": [{"tt": 1, "sg": [{"id": "x", "d": 2000 * bars}]}]}
        sound = {"segment": "x", "duration_ms": 2000 * bars, "beats_ms": many, "downbeats_ms": many[::4]}
        return len(strokes(picture(film, sound), plot.BEAT))

    assert [count(10), count(100), count(1000)] == [40, 100, 0]


def bars(draft: dict[str, Any], *records: object) -> list[float]:
    paths = [
        str(each.get("d")) for each in picture(draft, *records).iter(f"{SVG}path") if each.get("stroke-width") == "2"
    ]
    return [float(tall) for path in paths for tall in re.findall(r"v-([\d.]+)", path)]


def test_waveform__is_as_high_as_the_sound_is_loud_and_ends_with_it() -> None:
    whole = bars(FILM, SONG)
    assert max(whole[: len(whole) // 2]) < min(whole[-10:]) / 3
    longer = json.loads(json.dumps(FILM))
    longer["t"][1]["sg"][0]["m"]["in_ms"] = 10_000
    assert len(bars(longer, SONG)) == pytest.approx(len(whole) * 10 / 12, abs=2)
    quiet = json.loads(json.dumps(FILM))
    quiet["t"][1]["sg"][0]["v"] = 0.25
    assert max(bars(quiet, SONG)) == pytest.approx(max(whole) / 2, rel=0.05)


def test_composed_music__shows_its_beats_where_it_has_no_waveform() -> None:
    beats = {"segment": "a", "beats_ms": BEATS, "downbeats_ms": BEATS[::4]}
    assert len(bars(FILM, beats)) == len(BEATS)
    assert len(set(bars(FILM, beats))) == 2


def test_many_segments__are_merged_where_they_are_too_narrow() -> None:
    scale = Scale(0, 700, 700_000)
    draft = {"t": [{"tt": 0, "sg": [{"s": 100 * k, "d": 100} for k in range(3500)] + [{"s": 500_000, "d": 100_000}]}]}
    found = lay_blocks(read_tracks(draft)[0].segments, scale, 400)
    assert [(round(block.x), round(block.width), block.count) for block in found] == [(0, 350, 3500), (500, 100, 1)]
    assert any("3500" in text for text in texts(picture(draft)))


@pytest.mark.parametrize("length", [20, 4000, 90_000])
@pytest.mark.parametrize("tracks", [1, 40])
@pytest.mark.parametrize("kind", [0, 1, 7])
def test_any_number_of_segments__stays_small_and_quick(length: int, tracks: int, kind: int) -> None:
    own = {"name": "a rather long name of a clip", "media": "h1", "transition": {"ms": 900}, "fade_in_ms": 9}
    segments = [{"s": 90 * k, "d": length, "v": 0.5, "m": own} for k in range(20_000 // tracks)]
    line = Timeline({"t": [{"tt": kind, "sg": segments}] * tracks}, sounds=read_sounds([SONG]))
    begun = time.process_time()
    svg = line.plot().svg
    assert time.process_time() - begun < 5
    assert len(svg) < 200_000
    ElementTree.fromstring(svg)


def test_many_tracks__are_counted() -> None:
    assert "+18 more" in texts(picture({"t": [{"tt": 0, "sg": [{"d": 1000}]}] * 30}))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names__are_text_in_valid_xml(name: str) -> None:
    draft = {"t": [{"tt": 0, "m": {"name": name}, "sg": [{"d": 9000, "m": {"name": name, "source": name}}]}]}
    draft["t"].append({"tt": 7, "sg": [{"d": 9000, "text": name}]})
    made = Timeline(draft, sounds=read_sounds([{"filename": name, "beats_ms": [1]}])).plot()
    root = ElementTree.fromstring(made.svg.encode("utf-8"))
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {"svg", "g", "rect", "path", "text"}
    attributes = {key for each in root.iter() for key in each.attrib}
    assert not [key for key in attributes if key.startswith("on") or "href" in key or key == "id"]
    assert "url(" not in made.svg
    assert len(made.svg) < 20_000
    assert "<script" not in made.html


numbers = st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)


record = st.dictionaries(
    st.sampled_from(["hash", "segment", "filename", "duration_ms", "beats_ms", "downbeats_ms", "peaks"]),
    numbers | st.lists(numbers, max_size=6) | st.sampled_from(["a", "b"]),
)


segment = st.fixed_dictionaries(
    {"id": st.sampled_from("ab"), "s": numbers, "d": numbers, "v": numbers},
    optional={
        "m": st.dictionaries(
            st.sampled_from(["media", "in_ms", "speed", "fade_in_ms", "fade_out_ms", "transition", "name"]),
            numbers | st.dictionaries(st.just("ms"), numbers),
        )
    },
)


@settings(max_examples=150)
@given(
    st.lists(st.fixed_dictionaries({"tt": st.sampled_from([0, 1, 7, 5]), "sg": st.lists(segment)})), st.lists(record)
)
def test_any_draft_and_any_sounds__give_valid_xml_without_odd_numbers(tracks: list[Any], records: list[Any]) -> None:
    svg = Timeline({"t": tracks}, sounds=read_sounds(records)).plot().svg
    ElementTree.fromstring(svg)
    drawn = re.sub(r"<text.*?</text>|aria-label=\"[^\"]*\"", "", svg)
    assert not re.search(r"nan|inf|e\+|M-\d{4}", drawn)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(under: str, over: str, share: float) -> str:
    pairs = ((int(under[at : at + 2], 16), int(over[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def fills(draft: dict[str, Any], media: list[dict[str, Any]]) -> dict[float, str]:
    timeline = Timeline(draft, sounds=read_sounds([], media))
    svg = timeline.plot().svg
    folded = re.search('base64,([^"]+)', timeline.folded)
    assert folded is not None
    assert b64decode(folded[1]).decode("utf-8") == svg  # below a reply, too
    rects = (each for each in ElementTree.fromstring(svg).iter(f"{SVG}rect") if each.get("fill") in plot.SHOT_COLORS)
    return {float(str(each.get("x"))): str(each.get("fill")) for each in rects}


def test_a_color__belongs_to_a_file_wherever_it_lies() -> None:
    def draft(*names: str) -> dict[str, Any]:
        shots = [{"s": 3000 * at, "d": 3000, "m": {"media": f"hash {n}", "source": n}} for at, n in enumerate(names)]
        return {"t": [{"tt": 0, "sg": shots}]}

    def told(media: list[dict[str, Any]], *names: str) -> dict[str, str]:
        found = fills(draft(*names), media)
        return dict(zip(names, (found[x] for x in sorted(found)), strict=True))

    media = [{"hash": f"hash {name}", "filename": name} for name in ("z.mp4", "a.mp4", "m.jpg")]
    as_they_came = told(media, "z.mp4", "a.mp4", "m.jpg")
    assert list(as_they_came.values()) == list(plot.SHOT_COLORS[:3])
    assert told(media, "m.jpg", "z.mp4", "a.mp4") == as_they_came  # dragged
    assert told(media, "m.jpg", "a.mp4") == {name: as_they_came[name] for name in ("m.jpg", "a.mp4")}  # one removed
    made_later = told([*media, {"hash": "h", "filename": "b.mp4"}], "made.mp4", "z.mp4")
    assert made_later == told(media, "z.mp4", "made.mp4")  # an upload more takes no colour from what is no upload
    assert len(set(told([], "one", "two", "three").values())) == 3
    assert told([], "one", "two", "three") == told([], "three", "one", "two")


def test_words__can_be_read_on_what_is_behind_them() -> None:
    assert contrast(plot.QUIET, plot.PANEL) >= 4.5
    assert contrast(plot.LABEL, plot.PANEL) >= 4.5
    for shot in plot.SHOT_COLORS:
        assert contrast(plot.PALE, shot) >= 4.5
        assert contrast(plot.PALE, mixed(shot, plot.PALE, 0.1 / 2)) >= 4.5  # stripes, half of the ground
    for kind, color in plot.COLORS.items():
        assert contrast(plot.INK.get(kind, plot.PALE), color) >= 4.5


@cases
def test_ruler__has_sensible_steps(total_s: float, first: str, last: str) -> None:
    labels, strokes = ruler(Scale(92, 778, 1000 * total_s))
    assert (labels[0][1], labels[-1][1]) == (first, last)
    assert 4 <= len(labels) <= 15
    assert all(x <= 778 for x in strokes)


@given(st.floats(0.001, 1e15))
def test_ruler__of_any_length_has_few_labels_that_do_not_touch(total_ms: float) -> None:
    labels, _ = ruler(Scale(92, 778, total_ms))
    assert 1 <= len(labels) <= 15
    assert all(after[0] - before[0] >= 49 for before, after in pairwise(labels))


def test_clock__is_minutes_above_a_minute() -> None:
    assert [ruler_label(5, 59), ruler_label(5, 61), ruler_label(3665, 4000)] == ["5s", "0:05", "1:01:05"]
    assert ruler_label(360_000, 400_000) == "100:00:00"
