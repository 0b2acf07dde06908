from __future__ import annotations

import copy
import json
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from cases import cases
from odd_drafts import CLOUD
from planted import PLANTED
from talk import UPLOADS, Talk

from nemo_notebook.errors import InputError, InvalidEdit, InvalidTimeline
from nemo_notebook.film.edit import Edit, apply_edits, parse, to_python
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.table_edits import edits_from_table
from nemo_notebook.film.target import ids_of
from nemo_notebook.film.timeline import Timeline

FILES = tuple(UPLOADS["all"])
TALKS = {
    "all": ("all", "make a music video", 'add a title "Hello"', "add a bars visualizer", "crossfade between the clips"),
    "clips": ("clips", "make a video with calm music", "make the first clip twice as fast"),
    "photos": ("photos+song", "make a slideshow", "loop it", 'add a title "Sea" at the end'),
    "song": ("song", "make a lyric video", "turn the music down to 40%"),
}


def edited(draft: dict[str, Any], frame: Any, files: Sequence[MediaItem] = ()) -> dict[str, Any]:
    """The draft that a table asks for."""
    edits = edits_from_table(draft, frame, files)
    return dict(apply_edits(draft, edits, Situation(draft, tuple(files))).draft) if edits else draft


def engine_draft(*turns: str, uploads: str = "all") -> dict[str, Any]:
    return Talk(uploads, *(turns or ("make a music video", 'add a title "Hello"'))).draft


def segment(draft: dict[str, Any], number: int) -> dict[str, Any]:
    """The JSON of a row of the draft's table."""
    timeline = Timeline(draft)
    raws = [segment.raw for track in timeline.tracks for segment in track.segments]
    return raws[number]


def changed(draft: dict[str, Any], row: int, files: tuple[MediaItem, ...] = (), **cells: object) -> dict[str, Any]:
    """The draft after some cells of a row were changed."""
    frame = Timeline(draft).frame.astype("object")
    for column, value in cells.items():
        frame.at[row, column] = value
    return edited(draft, frame, files)


def problems(
    draft: dict[str, Any], row: int, files: tuple[MediaItem, ...] = (), **cells: object
) -> list[tuple[str, str]]:
    with pytest.raises(InvalidTimeline) as caught:
        changed(draft, row, files, **cells)
    return [(problem.column, problem.words) for problem in caught.value.problems]


def with_rows(draft: dict[str, Any], *rows: dict[str, Any], files: tuple[MediaItem, ...] = ()) -> dict[str, Any]:
    return edited(draft, pd.concat([Timeline(draft).frame, pd.DataFrame(rows)]), files)


def line(*segments: dict[str, Any], kind: int = 0, **draft: Any) -> dict[str, Any]:
    return {**draft, "t": [{"tt": kind, "sg": list(segments)}]}


@pytest.mark.parametrize("talk", TALKS)
def test_the_engines_drafts__come_back_as_they_were(talk: str) -> None:
    draft = engine_draft(*TALKS[talk][1:], uploads=TALKS[talk][0])
    before = json.dumps(draft)
    frame = Timeline(draft).frame
    assert json.dumps(edited(draft, frame, FILES)) == before
    assert json.dumps(edited(draft, frame.sample(frac=1, random_state=1).reset_index(drop=True), FILES)) == before
    assert json.dumps(draft) == before


def test_a_frame__is_the_callers_own() -> None:
    timeline = Timeline(CLOUD)
    frame = timeline.frame
    frame.loc[:, "start_s"] = 99.0
    frame.loc[:, "name"] = "x"
    assert timeline.frame.start_s.max() == 4.003
    assert "x" not in set(timeline.frame.name)
    assert not timeline.diff(Timeline(CLOUD))


def test_texts__are_of_pandas_own_type() -> None:
    for draft in (CLOUD, None):
        frame = Timeline(draft).frame
        usual = pd.Series(["a"]).astype("str").dtype
        assert {str(frame[column].dtype) for column in ("kind", "name", "text", "source", "segment")} == {str(usual)}
        assert isinstance(frame.index, pd.RangeIndex)


def test_ids__are_unique_and_the_same_everywhere() -> None:
    draft = {"t": [{"tt": 0, "sg": [{"id": "a", "d": 1}, {"id": "a", "d": 1}, {"id": "a~2", "d": 1}, {"d": 1}]}]}
    frame = Timeline(draft).frame
    assert list(frame.segment) == ["a", "a~3", "a~2", "1.4"]
    assert [s.id for track in Timeline(draft).tracks for s in track.segments] == list(frame.segment)
    new = changed(draft, 1, name="second")
    assert [raw.get("m") for raw in new["t"][0]["sg"]] == [None, {"name": "second"}, None, None]


def test_a_file__may_have_been_on_the_way(tmp_path: Any) -> None:
    draft = engine_draft()
    Timeline(draft).frame.to_csv(tmp_path / "table.csv", index=False)
    assert edited(draft, pd.read_csv(tmp_path / "table.csv")) == draft


def test_ids__that_a_file_made_numbers_of_are_told() -> None:
    draft = line(*({"d": 1000} for _ in range(10)))
    frame = Timeline(draft).frame
    with pytest.raises(InvalidTimeline, match=r"dtype={'segment': str}"):
        edited(draft, frame.assign(segment=frame.segment.astype("float64")))
    numbered = line({"id": 5, "d": 1000}, {"id": 6, "d": 1000})
    assert edited(numbered, Timeline(numbered).frame.assign(segment=[5.0, 6.0])) == numbered


# Times


def test_a_start_alone__moves() -> None:
    new = changed(line({"id": "a", "s": 0, "d": 1000, "m": {"x": 1}}), 0, start_s=2.5)
    assert segment(new, 0) == {"id": "a", "s": 2500, "d": 1000, "m": {"x": 1}}
    assert type(new["t"][0]["sg"][0]["s"]) is int


@cases
def test_times__those_that_were_changed_hold(cells: dict[str, Any], start: float, length: float) -> None:
    new = changed(line({"s": 1000, "d": 4000}), 0, **cells)
    assert (segment(new, 0)["s"], segment(new, 0)["d"]) == (start, length)


def test_a_time__may_be_a_timedelta() -> None:
    new = changed(line({"s": 1000, "d": 4000}), 0, start_s=pd.Timedelta(milliseconds=1500))
    assert (segment(new, 0)["s"], segment(new, 0)["d"]) == (1500, 4000)


def test_times__come_to_lie_on_frames() -> None:
    new = changed(line({"s": 0, "d": 4000}), 0, start_s=1.01, end_s=2.99)
    assert (segment(new, 0)["s"], segment(new, 0)["d"]) == (1000, 2000)
    assert edits_from_table(new, Timeline(new).frame.assign(start_s=1.014, end_s=3.014)) == ()


def test_followers__stay_where_they_are() -> None:
    draft = line({"d": 1000}, {"d": 1000}, {"d": 1000}, {"s": 5000, "d": 1000}, {"d": 1000})
    starts = [0, 1, 2, 5, 6]
    assert list(Timeline(changed(draft, 0, duration_s=0.5)).frame.start_s) == starts
    assert list(Timeline(changed(draft, 1, start_s=8)).frame.start_s) == [0, 2, 5, 6, 8]
    frame = Timeline(draft).frame
    assert list(Timeline(edited(draft, frame.drop(0))).frame.start_s) == starts[1:]


def test_an_end__follows_where_it_stands_for_the_length() -> None:
    draft = {"t": [{"tt": 0, "sg": [{"in": 1000, "out": 3000, "x": 1}]}]}
    for cells, times in (({"start_s": 5}, [5, 7]), ({"duration_s": 1}, [1, 2]), ({"volume": 1}, [1, 3])):
        new = changed(draft, 0, **cells)
        assert list(Timeline(new).frame[["start_s", "end_s"]].loc[0]) == times
        assert segment(new, 0)["x"] == 1


@cases
def test_the_drafts_length__follows_its_last_segment(own: int, end_s: float, after: int) -> None:
    assert changed(line({"s": 0, "d": 4000}, d=own), 0, end_s=end_s)["d"] == after


def test_a_volume__is_written_changed_and_cleared_where_it_is() -> None:
    draft = copy.deepcopy(CLOUD)
    for row, volume, after in ((2, 0.5, 0.5), (2, None, 1.0), (2, pd.NA, 1.0), (0, 1, 1.0), (0, 2.5, 2.5)):
        new = changed(draft, row, volume=volume)
        assert Timeline(new).frame.volume[row] == after
        assert segment(new, 2)["m"]["label"] == "BGM: Lo-fi"
    loud = line({"d": 900, "v": 0.5}, {"d": 900, "v": 0.5}, {"d": 900, "v": 0.5})
    edits = edits_from_table(loud, Timeline(loud).frame.assign(volume=[1.0, math.nan, 0.25]))
    assert [(edit.volume, len(ids_of(edit.target))) for edit in edits] == [(1.0, 2), (0.25, 1)]


# Words


def test_texts__go_where_they_were_read() -> None:
    new = changed(CLOUD, 3, text="New\nwords")
    own = segment(new, 3)
    assert (own["uid"], own["txt"], own["font"]) == (7, "New\nwords", "Inter")
    assert Timeline(new).frame.name[3] == "New\nwords"
    assert Timeline(changed(CLOUD, 2, name="Rain")).frame.name[2] == "Rain"
    assert segment(changed(CLOUD, 3, name="Title"), 3)["m"] == {"name": "Title"}


def test_a_name__that_was_taken_from_the_text_goes_with_it() -> None:
    draft = engine_draft()
    (row,) = Timeline(draft).frame.query("kind == 'text'").index
    own = segment(changed(draft, row, text="Good\nnight"), row)["m"]
    assert (own["name"], own["text"]) == ("Good night", "Good\nnight")
    own = segment(changed(draft, row, text="Good night", name="Mine"), row)["m"]
    assert (own["name"], own["text"]) == ("Mine", "Good night")


def test_a_name_that_is_cleared__is_derived_again() -> None:
    draft = engine_draft()
    new = changed(draft, 0, name=math.nan)
    assert not segment(new, 0)["m"]["name"]
    assert Timeline(new).frame.name[0] == "city.mp4"


def test_secrets__keep_their_place_in_the_draft_and_out_of_messages() -> None:
    address = f"https://cdn.test/a.mp4?sig={PLANTED}"
    draft = {"t": [{"tt": 0, "sg": [{"s": 0, "d": 900, "url": address}, {"s": 900, "d": 900, "url": "b.mp4"}]}]}
    assert segment(changed(draft, 0, volume=0.5), 0)["url"] == address
    shown = Timeline(draft).frame.source[0]
    assert segment(changed(draft, 1, source=shown), 1)["url"] == address
    assert edited(draft, Timeline(draft).frame.assign(source=[address, "b.mp4"])) == draft
    frame = Timeline(draft).frame.assign(source=[f"c.mp4?key={PLANTED}", f"\x1b[31m{PLANTED}\n<b>"])
    with pytest.raises(InvalidTimeline) as caught:
        edited(draft, frame)
    assert PLANTED not in f"{caught.value} {caught.value.frame.to_csv()} {caught.value.problems}"
    assert "\x1b" not in str(caught.value)


# Sources


def test_a_source__of_the_session_is_shown_instead() -> None:
    draft = engine_draft()
    own = segment(changed(draft, 0, FILES, source="sea.mp4"), 0)["m"]
    camera = own.pop("camera")
    assert own == {"role": "clip", "name": "sea", "media": "c2", "source": "sea.mp4", "in_ms": 0}
    assert camera == segment(draft, 0)["m"]["camera"]
    picture = segment(changed(draft, 0, FILES, source="photo1.jpg"), 0)["m"]
    assert (picture["role"], picture["media"], "in_ms" in picture) == ("image", "p1", False)
    clip = segment(changed(draft, 2, FILES, source="sea.mp4"), 2)["m"]
    assert (clip["role"], clip["media"], "camera" in clip) == ("clip", "c2", False)
    assert problems(draft, 0, source="sea.mp4") == [("source", '"sea.mp4" is no file that could be shown')]


def test_a_voice_over__stays_one_whatever_it_plays() -> None:
    memo, other = MediaItem("h1", "memo.m4a", "audio", 6000), MediaItem("h2", "other.m4a", "audio", 3000)
    said = {"role": "speech", "name": "memo", "media": "h1", "source": "memo.m4a", "in_ms": 500}
    draft = line({"id": "v", "s": 0, "d": 4000, "v": 1, "m": said}, kind=1)
    own = segment(changed(draft, 0, (memo, other), source="other.m4a", duration_s=2, volume=4), 0)
    assert (own["m"]["role"], own["m"]["media"], own["v"]) == ("speech", "h2", 4)
    later = edited(draft, Timeline(draft).frame.assign(in_s=1.0), (memo, other))
    assert segment(later, 0)["m"]["in_ms"] == 1000
    with pytest.raises(InvalidEdit, match="no more of memo than"):
        changed(draft, 0, (memo, other), duration_s=9)


def test_composed_music__gives_way_to_a_song() -> None:
    draft = engine_draft("make a video with calm music", uploads="clips")
    frame = Timeline(draft).frame
    (row,) = frame.query("kind == 'audio'").index
    own = segment(changed(draft, row, FILES, source="my_song_final.mp3"), row)["m"]
    assert (own["role"], own["media"], "music" in own) == ("song", "s1", False)


def test_a_source_of_the_draft__is_enough_for_a_cloud() -> None:
    new = changed(CLOUD, 1, source=Timeline(CLOUD).frame.source[0])
    own = segment(new, 1)
    assert (own["cdn_url"], own["fx"]) == ("https://cdn.test/a.mp4?sig=s3cret", {"lut": [2]})


@cases
def test_sources__that_cannot_be_are_told(row: int, source: str, words: str) -> None:
    ((column, told),) = problems(engine_draft(), row, FILES, source=source)
    assert column == "source"
    assert words in told


def test_a_clip__cannot_be_longer_than_its_file() -> None:
    draft = line({"s": 0, "d": 2000, "m": {"role": "clip", "media": "c2", "source": "sea.mp4", "in_ms": 3000}})
    assert segment(changed(draft, 0, FILES, duration_s=3), 0)["d"] == 3000
    with pytest.raises(InvalidEdit, match="no more of sea than 3 s"):
        changed(draft, 0, FILES, duration_s=3.2)
    assert segment(changed(draft, 0, duration_s=3.2), 0)["d"] == 3200  # nobody knows
    fast = line({"s": 0, "d": 2000, "m": {"role": "clip", "media": "c2", "source": "sea.mp4", "speed": 2.0}})
    with pytest.raises(InvalidEdit, match="no more of sea than 3 s"):
        changed(fast, 0, FILES, duration_s=4)


# Tracks and rows


def test_a_track__is_changed_made_and_taken_away() -> None:
    draft = engine_draft("make a music video", 'add a title "Hello"', 'add a title "World" from 5 to 8 seconds')
    frame = Timeline(draft).frame
    first, second = frame.query("kind == 'text'").index
    assert frame.track[first] == frame.track[second] == 3
    apart = changed(draft, second, track=4)
    assert [track["tt"] for track in apart["t"]] == [0, 1, 7, 7]
    assert apart["t"][3]["id"] not in {track["id"] for track in draft["t"]}
    assert apart["t"][3]["sg"] == [draft["t"][2]["sg"][1]]
    again = changed(apart, second, track=3)
    assert again["t"][:2] == draft["t"][:2]
    assert again["t"][2]["sg"] == draft["t"][2]["sg"]
    assert len(again["t"]) == 3


@cases
def test_cells__that_cannot_be_are_told(cells: dict[str, Any], words: str) -> None:
    ((column, told),) = problems(engine_draft(), 0, **cells)
    assert column in cells
    assert words in told


def test_new_rows__are_like_their_neighbours() -> None:
    draft = engine_draft()
    new = with_rows(
        draft,
        {"kind": "text", "start_s": 5, "end_s": 7, "text": "Two\nlines"},
        {"kind": "text", "start_s": 6, "duration_s": 2, "text": "Above", "segment": "mine"},
        {"track": 1, "start_s": 20, "duration_s": 2, "source": "sea.mp4", "volume": 0.5},
        files=FILES,
    )
    look = {"position": "center", "size": "medium", "color": "#ffffff"}
    title = {"role": "title", "name": "Two lines", "text": "Two\nlines", **look}
    assert new["t"][2]["sg"][1] == {"id": "title-2", "s": 5000, "d": 2000, "m": title}
    assert new["t"][3]["sg"][0]["id"] == "mine"
    clip = new["t"][0]["sg"][-1]
    assert (clip["s"], clip["d"], clip["v"]) == (20_000, 2000, 0.5)
    assert clip["m"] == {"role": "clip", "name": "sea", "media": "c2", "source": "sea.mp4", "in_ms": 0}
    assert new["d"] == 22_000
    assert new["t"][1] == draft["t"][1]
    assert with_rows(draft, {"kind": "text", "start_s": 5, "end_s": 7, "text": "A"}) == with_rows(
        draft, {"track": 3, "start_s": 5, "end_s": 7, "text": "A"}
    )


def test_new_rows_of_a_cloud__have_what_its_own_have() -> None:
    new = with_rows(CLOUD, {"track": 3, "start_s": 5, "end_s": 6, "text": "More"})
    title = segment(new, 4)
    assert (title["txt"], title["font"], Timeline(new).frame.start_s[4]) == ("More", "Inter", 5)
    clip = with_rows(CLOUD, {"track": 1, "start_s": 10, "end_s": 12, "source": "https://cdn.test/b.mp4"})
    shot = segment(clip, 2)
    assert (shot["cdn_url"], shot["fx"]) == ("https://cdn.test/b.mp4", {"lut": [2]})
    assert list(Timeline(clip).frame[["start_s", "end_s"]].loc[2]) == pytest.approx([10, 12], abs=0.01)


def test_new_rows__where_nothing_is_like_them_are_the_engines() -> None:
    rows = [
        {"kind": "video", "start_s": 0, "end_s": 4, "source": "city.mp4"},
        {"kind": "audio", "start_s": 0, "end_s": 4, "source": "my_song_final.mp3", "volume": 0.5},
        {"kind": "text", "start_s": 1, "end_s": 2, "text": "Hello"},
    ]
    new = with_rows({}, *rows, files=FILES)
    assert [track["tt"] for track in new["t"]] == [0, 1, 7]
    assert [own["m"]["role"] for track in new["t"] for own in track["sg"]] == ["clip", "song", "title"]
    frame = Timeline(new).frame
    assert frame.segment.is_unique
    assert list(frame.name) == ["city", "my_song_final", "Hello"]
    assert frame.volume[1] == 0.5


@cases
def test_new_rows__that_cannot_be_are_told(row: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidTimeline) as caught:
        with_rows(engine_draft(), row, files=FILES)
    assert any(words in problem.words for problem in caught.value.problems)


def test_what_the_edits_refuse__is_told_by_name() -> None:
    row = {"kind": "text", "start_s": 30, "end_s": 31, "text": "x", "segment": "mine"}
    with pytest.raises(InvalidEdit, match="a part with the id mine already"):
        with_rows(engine_draft(), row, row | {"start_s": 40, "end_s": 41})
    with pytest.raises(InvalidEdit, match="no more of sea than 6 s"):
        with_rows(engine_draft(), {"track": 1, "start_s": 30, "end_s": 39, "source": "sea.mp4"}, files=FILES)
    with pytest.raises(InvalidEdit, match=r"x would overlap Hello \(0:00–0:03\)"):
        with_rows(engine_draft(), {"track": 3, "start_s": 1, "end_s": 4, "text": "x"})
    with pytest.raises(InvalidEdit, match=r"city would overlap sea \(0:04.1–0:06.1\)"):
        changed(engine_draft(), 0, end_s=5)
    with pytest.raises(InvalidEdit, match="6 hours"):
        changed(engine_draft(), 0, start_s=86_400)


def test_a_second_row_of_an_id__is_a_copy() -> None:
    draft = engine_draft()
    frame = Timeline(draft).frame
    new = edited(draft, pd.concat([frame.loc[[1]].assign(start_s=20.0, name="again"), frame]), FILES)
    assert new["t"][0]["sg"][:-1] == draft["t"][0]["sg"]
    copied, old = new["t"][0]["sg"][-1], draft["t"][0]["sg"][1]
    assert copied == old | {"id": copied["id"], "s": 20_000, "m": old["m"] | {"name": "again"}}
    assert copied["id"] not in {own["id"] for own in draft["t"][0]["sg"]}


def test_dropped_rows__take_their_track_with_them() -> None:
    draft = engine_draft() | {"note": [1]}
    frame = Timeline(draft).frame
    new = edited(draft, frame[frame.kind != "text"])
    assert new == draft | {"t": draft["t"][:2]}
    assert edited(draft, frame.iloc[:0]) == draft | {"t": [], "d": 0}


# Errors


def test_problems__are_told_all_at_once_by_row() -> None:
    draft = engine_draft()
    frame = Timeline(draft).frame.set_index("segment", drop=False)
    frame.index.name = None
    frame.loc["clip-1", "start_s"] = -1
    frame.loc["clip-2", "volume"] = 5
    frame.loc["title-1", "source"] = "sea.mp4"
    with pytest.raises(InvalidTimeline) as caught:
        edited(draft, frame, FILES)
    assert isinstance(caught.value, InputError)
    assert caught.value.message == (
        "3 rows cannot be applied:\n"
        "  row clip-1 (city): start_s −1 is before the beginning.\n"
        "  row clip-2 (sea): volume 5 is not between 0 and 4.\n"
        "  row title-1 (Hello): a title shows no file."
    )
    assert caught.value.hint
    assert list(caught.value.frame.columns) == ["row", "name", "column", "words"]
    assert list(caught.value.frame.column) == ["start_s", "volume", "source"]


def test_many_problems__are_counted() -> None:
    draft = line(*({"s": 1000 * n, "d": 1000} for n in range(50)))
    with pytest.raises(InvalidTimeline) as caught:
        edited(draft, Timeline(draft).frame.assign(volume=5.0))
    lines = caught.value.message.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("50 rows cannot be applied:", "  … 42 more", 10)
    assert len(caught.value.frame) == 50


def test_the_drafts_own_faults__are_no_problem_of_an_edit() -> None:
    odd = line({"s": 0, "d": 5000, "v": 4}, {"s": 1000, "d": 5000}, {"s": 2000, "d": 0}, {"s": 9000, "d": 10**11})
    new = changed(odd, 0, name="x")
    assert new["t"][0]["sg"][0]["m"] == {"name": "x"}
    with pytest.raises(InvalidEdit, match="would overlap"):  # what is moved must not
        changed(odd, 0, start_s=0.5)
    shortened = changed(odd, 3, end_s=20)  # it ended after more than a day
    assert segment(shortened, 3)["d"] == 11_000


# The engine


def test_a_moment_of_a_file__is_a_further_column() -> None:
    clip = {"id": "c", "s": 0, "d": 2000, "m": {"role": "clip", "media": "h", "in_ms": 500}}
    draft = line({"id": "i", "s": 9000, "d": 1000, "m": {"role": "image", "media": "p"}}, clip)
    file = MediaItem("h", "a.mp4", "video", 4000)

    def after(*moments: float, **cells: float) -> dict[str, Any]:
        frame = Timeline(draft).frame.assign(in_s=moments)
        for column, value in cells.items():
            frame.loc[0, column] = value
        return segment(edited(draft, frame, [file]), 0)

    missing = float("nan")
    assert after(1.5, missing)["m"]["in_ms"] == 1500
    assert after(missing, missing) == after(0.5, 0.0) == clip
    assert (after(0.0, missing, duration_s=4.0)["d"], after(0.0, missing, duration_s=4.0)["m"]["in_ms"]) == (4000, 0)
    for moments, told in (
        ((-1.0, missing), "in_s −1 is before the beginning of its file"),
        ((missing, 1.0), "it plays no file, so in_s says nothing"),
    ):
        with pytest.raises(InvalidTimeline) as caught:
            after(*moments)
        assert [problem.words for problem in caught.value.problems] == [told]
    with pytest.raises(InvalidEdit, match="no more of a than 1 s"):
        after(3.0, missing)


# The edits


def asked(draft: dict[str, Any], frame: Any) -> list[str]:
    """The edits as people would type them; typed so, they are the same."""
    edits = edits_from_table(draft, frame, FILES)
    lines = [to_python(edit, {item.id: item.filename for item in FILES}) for edit in edits]
    typed = [eval(line, {"session": Typed()}) for line in lines]
    situation = Situation(draft, FILES)
    assert apply_edits(draft, typed, situation).draft == apply_edits(draft, edits, situation).draft
    return [line.removeprefix("session.edit(").removesuffix(")") for line in lines]


class Typed:
    """A session whose edits are only read."""

    def edit(self, name: str, /, **fields: Any) -> Edit:
        return parse({"edit": name, **fields})


@cases
def test_edits__are_what_people_would_type(row: int, cells: dict[str, Any], edits: list[str]) -> None:
    draft = engine_draft()
    frame = Timeline(draft).frame.assign(in_s=math.nan).astype("object")
    for column, value in cells.items():
        frame.at[row, column] = value
    assert asked(draft, frame) == [*edits]


def test_new_rows__are_edits_that_add() -> None:
    draft = engine_draft()
    rows = [
        {"kind": "text", "start_s": 5, "end_s": 7, "text": "Two", "segment": "mine"},
        {"track": 1, "start_s": 20, "duration_s": 2, "source": "sea.mp4"},
        {"kind": "audio", "start_s": 3, "end_s": 5, "source": "my_song_final.mp3", "volume": 0.2},
    ]
    look = 'position="center", color="#ffffff"'
    assert asked(draft, pd.concat([Timeline(draft).frame, pd.DataFrame(rows)])) == [
        f'"add_title", text="Two", start_s=5.0, end_s=7.0, {look}, track=3, id="mine"',
        '"add_shot", media="sea.mp4", at_s=20.0, duration_s=2.0, track=1, ripple=False',
        '"add_sound", media="my_song_final.mp3", at_s=3.0, duration_s=2.0, volume=0.2, track=4',
    ]


def test_a_copy_where_the_end_lay__is_split_off_and_goes_on() -> None:
    draft = engine_draft()
    frame = Timeline(draft).frame
    parts = frame.loc[[0, 0]].assign(
        start_s=[0.0, 2.0], end_s=[2.0, frame.end_s[0]], duration_s=[2.0, frame.end_s[0] - 2]
    )
    table = pd.concat([parts, frame.drop(0)])
    assert asked(draft, table) == ['"split", target="clip-1", at_s=2.0, id="clip-3"']
    one, rest = segment(edited(draft, table, FILES), 0), segment(edited(draft, table, FILES), 1)
    assert rest["m"]["in_ms"] == one["m"]["in_ms"] + 2000
    elsewhere = pd.concat([frame, frame.loc[[0]].assign(start_s=20.0, end_s=frame.end_s[0] + 20)])
    assert asked(draft, elsewhere) == ['"duplicate", target="clip-1", at_s=20.0, id="clip-3", ripple=False']


def test_rows__that_say_the_same_are_one_edit() -> None:
    draft = line(*({"id": f"c{n}", "s": 1000 * n, "d": 1000, "v": 0.5} for n in range(6)))
    frame = Timeline(draft).frame
    later = frame.start_s.where(frame.index < 2, frame.start_s + 0.5)
    assert asked(draft, frame.assign(start_s=later)) == [
        '"move", target=["c2", "c3", "c4", "c5"], by_s=0.5, ripple=False'
    ]
    assert asked(draft, frame.assign(volume=0.2)) == [
        '"set_volume", target=["c0", "c1", "c2", "c3", "c4", "c5"], volume=0.2'
    ]
    assert asked(draft, frame.iloc[[0, 5]]) == ['"remove", target=["c1", "c2", "c3", "c4"], ripple=False']
