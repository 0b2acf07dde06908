from __future__ import annotations

import base64
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import FILM, HOSTILE, SONG

from nemo_notebook import errors
from nemo_notebook.film.known import NOTHING, read_sounds
from nemo_notebook.film.picture.lettering import width
from nemo_notebook.film.timeline import Timeline


def line(segments: list[dict[str, Any]], kind: int = 0, language: str = "en") -> Timeline:
    return Timeline({"t": [{"tt": kind, "sg": segments}]}, language)


def test_timeline__shows_itself_as_text_and_html() -> None:
    faces = Timeline(FILM)._repr_mimebundle_()
    assert set(faces) == {"text/plain", "text/html"}
    assert faces["text/plain"].startswith("Timeline (3 tracks): ")
    assert faces["text/html"].count("<tr>") == 1 + 8


def test_html__holds_the_picture_as_an_image_and_no_inline_svg() -> None:
    page = Timeline(FILM)._repr_mimebundle_()["text/html"]
    found = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="Timeline \(3 tracks\)', page)
    assert found
    assert base64.b64decode(found[1]).decode("utf-8") == Timeline(FILM).plot().svg
    assert "<svg" not in page


def test_picture__shows_and_saves_itself(tmp_path: Path) -> None:
    made = Timeline(FILM).plot()
    faces = made._repr_mimebundle_()
    assert (repr(made), faces["text/plain"]) == (Timeline(FILM).summary, Timeline(FILM).summary)
    assert made.svg.startswith("<svg ")
    assert made.save(tmp_path / "线.svg").read_text(encoding="utf-8") == made.svg
    with pytest.raises(errors.InputError, match="cannot be written"):
        made.save(tmp_path / "none" / "x.svg")
    with pytest.raises(errors.InputError, match="cannot be written"):
        made.save("\x00")


class _Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.keys: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.keys |= {key for key, _ in attrs}


@pytest.mark.parametrize("name", [*HOSTILE, '" onerror="alert(1)', "<img src=x onerror=alert(1)>"])
def test_hostile_names__are_text_in_every_face(name: str) -> None:
    after, before = line([{"d": 9000, "id": "x", "m": {"name": name}}]), line([{"d": 9000, "id": "x"}])
    for faces in (after._repr_mimebundle_(), after.diff(before)._repr_mimebundle_(), after.plot()._repr_mimebundle_()):
        found = _Elements(faces["text/html"])
        assert found.tags <= {"p", "img", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
        assert found.keys <= {"src", "alt", "width", "style"}
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", "".join(faces.values()))
        assert max(map(len, faces["text/plain"].splitlines())) < 1500


def test_plain_table__is_aligned_also_with_chinese_names() -> None:
    names = ["city", "老城区的夜晚", "🌃 night", "a very long name that goes on and on and on"]
    made = line([{"s": 1000 * k, "d": 1000, "m": {"name": name, "source": "x.mp4"}} for k, name in enumerate(names)])
    rows = made._repr_mimebundle_()["text/plain"].split("\n\n")[1].splitlines()
    assert rows[0].split() == ["track", "kind", "name", "start_s", "end_s", "duration_s", "source", "segment"]
    assert len({width(row[: row.index("x.mp4")]) for row in rows[1:]}) == 1
    assert max(map(width, rows)) < 120
    assert "…" in rows[4]


def test_long_tables__are_cut_and_the_rest_counted() -> None:
    made = line([{"s": 100 * k, "d": 100} for k in range(2500)])
    faces = made._repr_mimebundle_()
    assert faces["text/plain"].endswith("… 2,440 more")
    assert "2440 more" in faces["text/html"].replace(",", "")
    assert sum(map(len, faces.values())) < 60_000


def test_faces_of_100_000_segments__come_soon_and_stay_small() -> None:
    segments = [
        {"id": f"c{k}", "s": 90 * k, "d": 90, "m": {"name": f"clip {k}", "source": "c.mp4"}} for k in range(10**5)
    ]
    made = line(segments)
    begun = time.perf_counter()
    faces = made._repr_mimebundle_()
    assert time.perf_counter() - begun < 15  # about one second where nothing else runs
    assert sum(map(len, faces.values())) < 100_000


def test_empty__is_a_sentence() -> None:
    faces = Timeline(None, "zh")._repr_mimebundle_()
    assert faces == {"text/plain": "时间线还是空的。", "text/html": "<p>时间线还是空的。</p>"}


# Summary and changes


@pytest.mark.parametrize(
    ("segment", "kind", "words"),
    [
        ({"s": 0, "d": 0, "name": "dot"}, 0, "Video: dot (0-0s)"),
        ({"s": 0, "d": 9e14, "name": "age"}, 0, "Video: age (0-900000000000s)"),
        ({"s": 1, "d": 1233, "text": 'He said "hi"'}, 7, "Title: \"He said 'hi'\" (0-1.23s)"),
        ({"s": 0, "d": 5000, "v": 0.005, "name": "x"}, 1, "Audio: x (0-5s, 0%)"),
        ({"s": 0, "d": 5000, "name": "two\nlines"}, 9, "Other: two lines (0-5s)"),
    ],
)
def test_summary__of_odd_values(segment: dict[str, Any], kind: int, words: str) -> None:
    assert line([segment], kind).summary == f"Timeline (1 track): 1. {words}"


def test_summary__names_in_their_order_and_counts_the_rest() -> None:
    names = ["b", "a", "b", "c", "a", "d", "e"]
    found = line([{"s": 1000 * k, "d": 1000, "name": name} for k, name in enumerate(names)]).summary
    assert found == "Timeline (1 track): 1. Video: b, a, c, +2 more (0-7s, 7 segments)"


def test_summary__of_many_tracks_is_cut() -> None:
    found = Timeline({"t": [{"tt": 0, "sg": [{"d": 1000, "name": "x"}]}] * 500}).summary
    assert found.startswith("Timeline (500 tracks): 1. Video: x (0-1s) 2. ")
    assert found.endswith("… +480 more")


@pytest.mark.parametrize(("language", "brief"), [("en", "Timeline: 1:05, 1 track"), ("zh", "时间线：1:05，1 条轨道")])
def test_brief__opens_to_a_small_picture(language: str, brief: str) -> None:
    timeline = line([{"d": 65_000, "name": "<b>"}], language=language)
    assert timeline.brief == brief
    assert timeline.folded.startswith(f"<details><summary>{brief}</summary><img src=")
    assert "<b>" not in timeline.folded
    assert len(timeline.folded) < 5_000
    empty = Timeline(None, language)
    assert empty.folded == f"<p>{empty.summary}</p>"


def changes(old: dict[str, Any], new: dict[str, Any], language: str = "en") -> tuple[str, ...]:
    return line([{"id": "x", **new}], language=language).diff(line([{"id": "x", **old}], language=language)).words


def test_changes__behind_the_cut_of_a_long_name_are_seen() -> None:
    (found,) = changes({"d": 1000, "name": "n" * 60 + "a"}, {"d": 1000, "name": "n" * 60 + "b"})
    assert found == "Renamed …nnnnnnnna to …nnnnnnnnb (0-1s)."


@pytest.mark.parametrize(
    ("before", "after", "english", "chinese"),
    [
        (0.8, 0.3, "Volume of clip2 (0-1s): 80% → 30%.", "clip2的音量（0-1s）：80% → 30%。"),
        (None, 0, "Muted clip2 (0-1s).", "已将clip2静音（0-1s）。"),
        (0.5, 0, "Muted clip2 (0-1s).", "已将clip2静音（0-1s）。"),
        (0, None, "Unmuted clip2 (0-1s).", "已取消clip2的静音（0-1s）。"),
        (0, 0.5, "Volume of clip2 (0-1s): 0% → 50%.", "clip2的音量（0-1s）：0% → 50%。"),
        (0.5, None, "Volume of clip2 (0-1s): 50% → as recorded.", "clip2的音量（0-1s）：50% → 原始音量。"),
    ],
)
def test_changes__of_volume_are_sentences(
    before: float | None, after: float | None, english: str, chinese: str
) -> None:
    old, new = ({"d": 1000, "name": "clip2", "volume": volume} for volume in (before, after))
    assert changes(old, new) == (english,)
    assert changes(old, new, "zh-CN") == (chinese,)


@pytest.mark.parametrize(
    ("more", "english", "chinese"),
    [
        ({"s": 2000}, "Moved x: it starts at 2s, not 0s.", "已移动x：从 2s 开始，原来是 0s。"),
        ({"name": "y"}, "Renamed x to y (0-1s).", "已将x改名为y（0-1s）。"),
        ({"d": 2000}, "Length of x (0-2s): 1s → 2s.", "x的时长（0-2s）：1s → 2s。"),
    ],
)
def test_changes__are_sentences(more: dict[str, Any], english: str, chinese: str) -> None:
    old: dict[str, Any] = {"s": 0, "d": 1000, "name": "x"}
    assert changes(old, old | more) == (english,)
    assert changes(old, old | more, "zh-CN") == (chinese,)


def test_changes__of_a_millisecond_are_seen() -> None:
    assert changes({"d": 1001, "name": "x"}, {"d": 1004, "name": "x"}) == ("Length of x (0-1s): 1.001s → 1.004s.",)
    assert changes({"d": 1000.0001, "name": "x"}, {"d": 1000, "name": "x"}) == ()


def test_changes__of_the_track_are_told_unless_tracks_came_or_went() -> None:
    def film(*tracks: tuple[str, str]) -> Timeline:
        made = [
            {"tt": 0, "sg": [{"id": c, "s": 0, "d": 1000, "name": c} for c in held]} | ids
            for ids, held in named(tracks)
        ]
        return Timeline({"t": made}, "zh")

    def named(tracks: tuple[tuple[str, str], ...]) -> list[tuple[dict[str, str], str]]:
        return [({"id": name} if name else {}, held) for name, held in tracks]

    assert film(("", "a"), ("", "bc")).diff(film(("", "ab"), ("", "c"))).words == (
        "已将b（0-1s）从轨道 1 移到轨道 2。",
    )
    assert film(("A", "a"), ("B", "bc")).diff(film(("A", "ab"), ("B", "c"))).words == (
        "已将b（0-1s）从轨道 1 移到轨道 2。",
    )
    assert film(("N", "n"), ("A", "a")).diff(film(("A", "a"))).words == ("已添加视频：n（0-1s）",)
    assert film(("", "n"), ("", "a")).diff(film(("", "a"))).words == ("已添加视频：n（0-1s）",)


def test_changes__show_themselves() -> None:
    made = line([{"id": "x", "d": 1000, "name": "<b>"}]).diff(Timeline(None))
    assert made._repr_mimebundle_()["text/html"] == "<ul><li>Video added: &lt;b&gt; (0-1s)</li></ul>"
    assert str(Timeline(None).diff(Timeline(None))) == "The timeline has not changed."


# What is known of sounds


def test_sounds__are_found_by_hash_then_segment_then_name() -> None:
    composed = {"segment": "m", "filename": "composed", "beats_ms": [1]}
    known = read_sounds([SONG, composed, {"filename": "cloud.mp3", "beats_ms": [2]}])
    segments = [{"id": "a", "m": {"media": "h1"}}, {"id": "m"}, {"id": "z", "m": {"source": "cloud.mp3"}}, {"id": "-"}]
    found = [known.of(segment) for segment in line(segments, 1).tracks[0].segments]
    assert [sound and sound.beats_ms[:2] for sound in found] == [(0, 500), (1,), (2,), None]


@pytest.mark.parametrize("value", [None, 5, "x", {}, [5, None, []], [{"hash": 7, "beats_ms": "no"}]])
def test_sounds__of_what_is_none_are_nothing(value: object) -> None:
    assert read_sounds(value) == NOTHING


def test_sounds__are_limited_in_number_and_length() -> None:
    huge = {"beats_ms": list(range(10**5)), "peaks": [50] * 10**5, "downbeats_ms": [True, "1", -1, float("nan"), 3, 2]}
    known = read_sounds([{"hash": str(k), **huge} for k in range(300)])
    assert len(known.by_hash) == 100
    sound = known.by_hash["0"]
    assert (len(sound.beats_ms), len(sound.peaks), sound.downbeats_ms) == (10_000, 2_000, (2, 3))


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_sounds__anything_can_be_read(value: object) -> None:
    read_sounds(value)
    read_sounds([{"hash": "a", "beats_ms": value, "peaks": value, "duration_ms": value}])
