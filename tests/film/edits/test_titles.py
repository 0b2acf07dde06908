"""Titles as typed edits: what they take, what they do to a draft, and what they say."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import talk
from cases import cases
from small_films import check_story

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.edits.titles import stretch_within
from nemo_notebook.film.film import Film
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.tracks import read_segments, read_tracks
from nemo_notebook.film.wording import tell

CITY = MediaItem("c1", "city.mp4", "video", 10_000, 1920, 1080)
SONG = MediaItem("s1", "night_drive.mp3", "audio", 9000, title="Night Drive", artist="Ana Diaz")
CLIP = {"id": "clip-1", "s": 0, "d": 10_000, "m": {"role": "clip", "name": "city", "media": "c1"}}
POSITIONS = "top center bottom lower-third left right top-left top-right bottom-left bottom-right".split()


def film(*titles: tuple[str, int, int], song: bool = False) -> dict[str, Any]:
    """A clip of ten seconds under titles: words, start and end in seconds."""
    tracks = [{"id": "video-1", "tt": 0, "sg": [deepcopy(CLIP)]}]
    if song:
        own = {"role": "song", "name": "night_drive", "media": "s1"}
        tracks.append({"id": "audio-1", "tt": 1, "sg": [{"id": "song-1", "s": 0, "d": 9000, "v": 0.8, "m": own}]})
    for number, (text, start, end) in enumerate(titles, 1):
        own = {"role": "title", "name": text, "text": text, "position": "center", "size": "medium", "color": "#ffffff"}
        segment = {"id": f"title-{number}", "s": 1000 * start, "d": 1000 * (end - start), "m": own}
        tracks.append({"id": f"text-{number}", "tt": 7, "sg": [segment]})
    return {"d": 10_000, "m": {"width": 1920, "height": 1080, "fps": 30}, "t": tracks}


def done(
    draft: dict[str, Any], *edits: dict[str, Any], media: tuple[MediaItem, ...] = (CITY,)
) -> tuple[list[Any], str]:
    """The titles after some edits, and what was said of them in English."""
    applied = apply_edits(draft, [parse(edit) for edit in edits], Situation(draft, media))
    return titles_of(applied.draft), tell(applied.told, "en")


def titles_of(draft: Any) -> list[Any]:
    return sorted((s for s in read_segments(draft) if s.kind == "text"), key=lambda s: (s.start_ms, s.track))


def refused(draft: dict[str, Any], edit: dict[str, Any], media: tuple[MediaItem, ...] = (CITY,)) -> tuple[str, str]:
    """The field and the words of the error that an edit leads to."""
    before = deepcopy(draft)
    with pytest.raises(InvalidEdit) as caught:
        apply_edits(draft, [parse(edit)], Situation(draft, media))
    assert draft == before
    (problem,) = caught.value.problems
    return problem.field, problem.words


def add(text: str = "Hi", **fields: Any) -> dict[str, Any]:
    return {"edit": "add_title", "text": text, **fields}


def change(**fields: Any) -> dict[str, Any]:
    return {"edit": "set_title", **fields}


@cases
def test_titles_of_a_film(of: str, steps: list[Any]) -> None:
    check_story({"city": (talk.CITY,)}, of, steps)


@cases
def test_a_title__is_seen_when_it_is_asked_for(when: dict[str, Any], start_s: float, end_s: float) -> None:
    ((title,), told) = done(film(), add(**when))
    assert (title.start_ms / 1000, title.end_ms / 1000) == (start_s, end_s)
    assert f"({end_s - start_s:g} s)" in told


@cases
def test_a_title__says_what_the_song_is_tagged_with(says: str, text: str) -> None:
    ((title,), _) = done(film(song=True), {"edit": "add_title", "says": says}, media=(CITY, SONG))
    assert title.raw["m"]["text"] == text


@cases
def test_what_cannot_be_done__is_told_and_changes_nothing(
    titles: list[tuple[str, int, int]], edit: dict[str, Any], field: str, words: str
) -> None:
    got, told = refused(film(*titles), edit)
    assert (got, words in told) == (field, True), told


@cases
def test_a_title__is_seen_at_another_time(when: dict[str, Any], start_s: float, end_s: float) -> None:
    ((title,), told) = done(film(("A", 2, 5)), change(**when))
    assert (title.start_ms / 1000, title.end_ms / 1000) == (start_s, end_s)
    assert "(it was 0:02–0:05)" in told


def test_titles__keep_their_tracks_when_all_move_and_get_another_where_one_is_in_the_way() -> None:
    one = film(("A", 0, 3), ("B", 3, 6))
    one["t"][1]["sg"] += one["t"].pop()["sg"]
    moved = apply_edits(one, [parse(change(later_s=2))], Situation(one, (CITY,))).draft
    assert [[s.start_ms for s in t.segments] for t in read_tracks(moved) if t.kind == "text"] == [[2000, 5000]]
    moved = apply_edits(one, [parse(change(target={"name": "B"}, start_s=1))], Situation(one, (CITY,))).draft
    assert [[s.text for s in t.segments] for t in read_tracks(moved) if t.kind == "text"] == [["A"], ["B"]]


def test_titles_of_other_services__are_written_where_they_are_read() -> None:
    own = {"uid": 7, "s": 1000, "d": 3000.0, "txt": "Urban Dreams", "font": "Inter"}
    draft = {"duration": 10_000, "tracks": [{"type": 0, "segments": [deepcopy(CLIP)]}, {"type": 7, "segments": [own]}]}
    ((title,), told) = done(draft, change(find="Urban", replace="Harbour", color="#ff3b30"))
    assert (title.raw["txt"], title.raw["font"], title.raw["uid"]) == ("Harbour Dreams", "Inter", 7)
    assert "text" not in title.raw["m"]
    assert told == 'Changed the title "Urban Dreams": it says "Harbour Dreams" and has the colour red.'


def test_sentences__are_chinese_where_chinese_is_spoken() -> None:
    draft = film(("你好", 0, 3))
    edits = [
        add("再见", anchor="end", position="top-right", color="#ff3b30"),
        change(find="你", replace="您", later_s=1),
    ]
    situation = Situation(draft, (CITY,), language="zh-CN")
    told = [tell(each, "zh") for each in apply_edits(draft, [parse(edit) for edit in edits], situation).told]
    assert told == [
        "已加上标题“再见”，显示于 0:07–0:10（3 秒），位于右上角，颜色为红色。",
        "标题“你好”已改：文字为“您好”，显示于 0:01–0:04（原为 0:00–0:03）。",
    ]


def test_titles_of_a_film__are_programmed() -> None:
    made = Film.of(film(), (CITY,))
    made.titles.add("Urban Dreams", start_s=0, end_s=3)
    made.titles["Urban Dreams"].color = "#ffd700"
    made.titles[0].text = "Night"
    assert (made.titles[0].text, made.titles[0].color, made.titles[0].end_s) == ("Night", "#ffd700", 3)


@cases
def test_stretch_within__any_time__stays_inside_the_film(anchor, start_ms, end_ms, length_ms, expected):
    assert stretch_within(10_000, (0, 3000), anchor, start_ms, end_ms, length_ms) == expected
