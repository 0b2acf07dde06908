from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.film.draft import count_segments, duration_ms, is_ready, read_segments, read_tracks
from nemo_notebook.film.table import COLUMNS
from nemo_notebook.film.timeline import Timeline

DOCUMENTED = {
    "d": 10_000,
    "t": [
        {"tt": 0, "sg": [{"s": 0, "d": 10_000, "m": {"name": "city timelapse"}}]},
        {"tt": 1, "sg": [{"s": 0, "d": 10_000, "v": 0.35, "m": {"name": "BGM: Lo-fi"}}]},
        {"tt": 7, "sg": [{"s": 0, "d": 3000, "text": "Urban Dreams"}]},
    ],
}
SUMMARY = (
    'Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)'
)


def test_summary__has_the_documented_form() -> None:
    assert Timeline(DOCUMENTED).summary == SUMMARY


def test_summary__in_chinese_and_empty() -> None:
    assert "背景音乐" in Timeline(DOCUMENTED, "zh-CN").summary
    assert Timeline(None).summary == "The timeline is empty."


def test_frame__has_the_documented_columns_and_dtypes() -> None:
    frame = Timeline(DOCUMENTED).frame
    assert tuple(frame.columns) == COLUMNS
    assert list(frame.kind) == ["video", "audio", "text"]
    assert frame.volume[1] == 0.35
    assert math.isnan(frame.volume[0])
    assert frame.end_s[2] == 3.0
    assert frame.text[2] == "Urban Dreams"
    assert str(frame.track.dtype) == "int64"
    assert {str(frame[c].dtype) for c in ("start_s", "end_s", "duration_s", "volume")} == {"float64"}


def test_frame__of_nothing_has_the_same_columns() -> None:
    frame = Timeline(None).frame
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 0


@pytest.mark.parametrize(
    ("segment", "start", "length"),
    [
        ({"start": 500, "duration": 200}, 500, 200),
        ({"st": 1, "end": 5}, 1, 4),
        ({"in": 2, "out": 10}, 2, 8),
        ({"d": 7}, 0, 7),
        ({}, 0, 0),
        ({"s": -5, "d": -3}, 0, 0),
        ({"s": "x", "d": None}, 0, 0),
    ],
)
def test_reader__knows_the_candidate_names(segment: dict[str, Any], start: float, length: float) -> None:
    (found,) = read_segments({"t": [{"tt": 0, "sg": [segment]}]})
    assert (found.start_ms, found.duration_ms) == (start, length)


def test_reader__segments_without_a_start_follow_one_another() -> None:
    found = read_segments({"t": [{"tt": 1, "sg": [{"d": 100}, {"d": 50, "vol": 0.5}, {"d": 25, "m": {"volume": 1}}]}]})
    assert [(s.start_ms, s.volume) for s in found] == [(0, None), (100, 0.5), (150, 1)]


def test_ready__needs_a_track_with_a_segment() -> None:
    assert not is_ready(None)
    assert not is_ready({"t": [{"tt": 0, "sg": []}]})
    assert is_ready(DOCUMENTED)


def test_count__is_at_least_what_is_read() -> None:
    draft = {"t": [{"sg": [{"d": 1}, {"d": 2}, 5]}, {"segments": [{}]}, {"sg": "no"}, None]}
    assert (count_segments(draft), len(read_segments(draft))) == (4, 3)
    assert count_segments(None) == count_segments({"t": 5}) == 0


def test_diff__tells_what_name_when_before_and_after() -> None:
    before = {"t": [{"tt": 1, "sg": [{"id": "a", "s": 0, "d": 10_000, "v": 1.0, "m": {"name": "BGM: Lo-fi"}}]}]}
    after = {"t": [{"tt": 1, "sg": [{"id": "a", "s": 0, "d": 10_000, "v": 0.35, "m": {"name": "BGM: Lo-fi"}}]}]}
    changes = Timeline(after).diff(Timeline(before))
    assert changes.words == ("Volume of BGM: Lo-fi (0-10s): 100% → 35%.",)
    assert list(changes.frame.aspect) == ["volume"]
    assert Timeline(after).diff(Timeline(after)) == ()


def test_diff__many_alike_are_told_as_one() -> None:
    cuts = {"t": [{"tt": 0, "sg": [{"id": f"c{i}", "s": 1000 * i, "d": 1000} for i in range(12)]}]}
    assert Timeline(cuts).diff(Timeline(None)).words == ("Video: 12 segments added (0-12s)",)
    assert Timeline(None).diff(Timeline(cuts)).words == ("Video: 12 segments removed (0-12s)",)


def test_diff__a_title_and_its_text_are_told_once() -> None:
    def title(text: str) -> Timeline:
        return Timeline({"t": [{"tt": 7, "sg": [{"id": "t", "s": 0, "d": 3000, "m": {"text": text, "name": text}}]}]})

    assert title("B").diff(title("A")).words == ('Text of the title (0-3s): "A" → "B".',)


def test_faces__show_hostile_names_as_text() -> None:
    draft = {"t": [{"tt": 0, "sg": [{"s": 0, "d": 9000, "m": {"name": "<script>alert(1)</script>"}}]}]}
    timeline = Timeline(draft)
    faces = timeline._repr_mimebundle_()
    assert "<script" not in faces["text/html"]
    assert "<script" not in timeline.plot().svg


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["t", "tt", "sg", "s", "d", "v", "m", "text", "name", "end", "id", "src"]), inner
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_draft__has_all_faces(draft: Any) -> None:
    raw = draft if isinstance(draft, dict) else {"t": draft}
    timeline = Timeline(raw)
    assert len(timeline.frame) == len(read_segments(raw))
    assert timeline.summary
    assert timeline.plot().svg.startswith("<svg")
    assert duration_ms(raw) >= 0
    assert len(read_tracks(raw)) == len(timeline.tracks)
    timeline.diff(Timeline(None))


SIGNED = "https://cdn.test/clip.mp4?X-Amz-Signature=5ecret&X-Amz-Credential=5ecret"


def test_signed_addresses__are_shown_nowhere_and_kept_in_the_draft() -> None:
    segments = [
        {"id": "1", "s": 0, "d": 900, "m": {"source": SIGNED}},
        {"id": "2", "d": 900, "name": SIGNED, "url": SIGNED},
    ]
    line = Timeline({"t": [{"tt": 0, "sg": segments}]})
    resigned = json.loads(json.dumps(line.draft).replace("5ecret", "0ther"))
    moved = json.loads(json.dumps(line.draft).replace("clip.mp4", "other.mp4"))
    changes = Timeline(moved).diff(line)
    faces = [
        line.frame.to_csv(),
        line.summary,
        line.plot().svg,
        repr(line.tracks),
        str(changes),
        changes.frame.to_csv(),
    ]
    faces += [*line._repr_mimebundle_().values(), *changes._repr_mimebundle_().values()]
    assert not any("5ecret" in face for face in faces)
    assert list(line.frame.source) == ["https://cdn.test/clip.mp4?X-Amz-Signature=…&X-Amz-Credential=…"] * 2
    assert {change.aspect for change in changes} == {"name", "source"}
    assert not Timeline(resigned).diff(line)  # signed anew is no change
    assert line.draft["t"][0]["sg"][0]["m"]["source"] == SIGNED
