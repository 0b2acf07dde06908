"""Typed edits: read, checked, described, applied."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import replace
from typing import Annotated

import pytest
from cases import cases

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import Draft
from nemo_notebook.film.edit import EDITS, Edit, Meta, all_edits, apply_edits, parse, parse_all, schema, to_json
from nemo_notebook.film.film import Film
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.target import Target, Which, select
from nemo_notebook.film.wording import Told, tell
from nemo_notebook.notebook import reference

SONG = MediaItem("a1", "song.mp3", "audio", 24_000, has_audio=True, beats_ms=tuple(range(0, 24_000, 500)), tempo=120.0)
CITY = MediaItem("b2", "city.mp4", "video", 8_000, 1280, 720)
SEA = MediaItem("c3", "sea.mp4", "video", 6_000, 1280, 720)
MEDIA = (SONG, CITY, SEA)


@cases
def test_edit__names_field_value_and_what_is_allowed(value, field, allowed):
    with pytest.raises(InvalidEdit) as refused:
        parse({"edit": "make_video", **value})
    (problem,) = refused.value.problems
    assert (problem.edit, problem.field, problem.allowed) == ("make_video", field, allowed)
    assert problem.value in str(problem)
    assert allowed in str(refused.value)


@cases
def test_edit__that_is_none_is_refused_with_what_there_is(value, words):
    with pytest.raises(InvalidEdit, match=words):
        parse(value)


def test_edits__tell_all_that_is_wrong_at_once():
    with pytest.raises(InvalidEdit) as refused:
        parse_all([{"edit": "recut", "another": "yes"}, {"edit": "recut"}, {"edit": "recut", "x": 1}])
    assert [problem.at for problem in refused.value.problems] == [0, 2]
    with pytest.raises(InvalidEdit, match="10000 edits are the most"):
        parse_all([{"edit": "recut"}] * 10_001)


def test_edits__apply_whole_or_not_at_all():
    draft = apply_edits({}, parse_all([{"edit": "make_video"}]), Situation({}, MEDIA)).draft
    before = json.dumps(draft)
    edits = parse_all(
        [{"edit": "recut", "order": "shuffled"}, {"edit": "make_video", "pictures": "all", "without": ["b2", "c3"]}]
    )
    with pytest.raises(InvalidEdit) as refused:
        apply_edits(draft, edits, Situation(draft, MEDIA))
    assert [(problem.at, problem.field) for problem in refused.value.problems] == [(1, "without")]
    assert json.dumps(draft) == before


def test_schema__describes_every_field_and_reads_as_json():
    found = schema()
    json.dumps(found)
    assert {option["$ref"].rpartition("/")[2] for option in found["anyOf"]} == {
        kind.__name__ for kind in all_edits().values()
    }
    for name, part in found["$defs"].items():
        for key, field in part.get("properties", {}).items():
            assert key == "edit" or field.get("description"), f"{name}.{key} has no description"


class TestOwn:
    """An edit that is defined outside the package is one class, and everything knows it."""

    @pytest.fixture(autouse=True)
    def own(self):
        class DimTitles(Edit, kw_only=True):
            """Make titles grey."""

            target: Annotated[Which, Meta(description="Which titles.")] = Target(kind="title")
            level: Annotated[float, Meta(ge=0, le=1, description="How grey.")] = 0.5

            def apply(self, film: Draft, situation: Situation) -> Told:
                titles = select(film, situation, self.target, "title")
                for title in titles:
                    title["m"]["color"] = "#808080"
                return Told({"en": "Made {n:+title|titles} grey.", "zh": "{n} 个标题变灰了。"}, n=len(titles))

        yield DimTitles
        del EDITS["dim_titles"]

    def test_own_edit__is_checked_described_applied_and_a_method(self):
        draft = {
            "t": [{"id": "t", "tt": 7, "sg": [{"id": "x", "s": 0, "d": 1000, "m": {"role": "title", "text": "Hi"}}]}]
        }
        with pytest.raises(InvalidEdit, match="level 2 is not allowed; it takes a number from 0 to 1"):
            parse({"edit": "dim_titles", "level": 2})
        assert schema(["dim_titles"])["$defs"]["DimTitles"]["properties"]["level"]["maximum"] == 1
        film = Film.of(draft)
        film.titles[0].dim_titles(level=1)
        assert film.draft["t"][0]["sg"][0]["m"]["color"] == "#808080"
        assert "dim_titles" in dir(film.titles)
        with pytest.raises(InvalidEdit, match=r"edit 1 \(dim_titles\): There is no title"):
            Film.of({}).titles.dim_titles()
        done = apply_edits(draft, [parse({"edit": "dim_titles"})], Situation(draft, ()))
        assert [tell(done.told, language) for language in ("en", "zh-CN", "fr")] == [
            "Made 1 title grey.",
            "1 个标题变灰了。",
            "Made 1 title grey.",
        ]
        assert "- `dim_titles`: Make titles grey." in reference.edits()
        assert "How grey." in reference.edit_details("dim_titles")


def test_film__is_programmed():
    film = Film.of({}, MEDIA)
    film.make_video()
    assert (len(film.shots), len(film.music), film.duration_s) == (15, 1, 24.0)
    assert film.shots["city"].start_s == film.shots[0].start_s == 0
    with film.batch():
        film.recut(pace={"every": 8})
        assert len(film.shots) == 15  # until the end of the batch it looks as before
    assert len(film.shots) == 6
    with pytest.raises(InvalidEdit):
        film.recut(pace={"every": 8}, order="best")
    before = film.draft
    with contextlib.suppress(ZeroDivisionError), film.batch():
        film.recut(another=True)
        print(1 / 0)
    assert film.draft == before


def test_values__are_set_by_the_edit_of_their_kind():
    film = Film.of({}, MEDIA)
    film.make_video(with_song=False)
    film.titles.add("Hi", start_s=0)
    shot, title = film.shots[0], film.titles[0]
    for name in ("start_s", "end_s", "duration_s", "text", "color"):
        with pytest.raises(AttributeError, match=f"'{name}' cannot be set"):
            setattr(shot, name, 2)
    title.start_s, title.color, shot.filter = 2, "#ff0000", "bw"
    assert (title.start_s, title.color, shot.filter) == (2.0, "#ff0000", "bw")
    film.titles.text = "Bye"
    assert title.text == "Bye"
    with pytest.raises(AttributeError):
        title.filter = "bw"


def many(count):
    """A film of as many shots and titles, a second each."""
    own = {"role": "image", "media": "p1"}
    shots = [{"id": f"s-{n}", "s": 1000 * n, "d": 1000, "v": 1.0, "m": own} for n in range(count)]
    titles = [{"id": f"t-{n}", "s": 1000 * n, "d": 1000, "m": {"role": "title", "text": "x"}} for n in range(count)]
    return {
        "t": [
            {"id": "v", "tt": 0, "sg": shots, "d": 1000 * count},
            {"id": "x", "tt": 7, "sg": titles, "d": 1000 * count},
        ],
        "d": 1000 * count,
    }


def test_two_hours_of_short_shots__are_laid_and_moved_at_once():
    situation = Situation({}, (MediaItem("p1", "p.jpg", "image"),))
    draft = many(1)
    edits = [
        {"edit": "set_length", "duration_s": 7_200},
        {"edit": "move", "target": {"kind": "shot"}, "at_s": 0, "track": 1},
    ]
    begun = time.process_time()
    done = apply_edits(draft, parse_all(edits), replace(situation, draft=draft))
    assert time.process_time() - begun < 10  # it takes one; to compare each shot with each took a minute
    assert len(done.draft["t"][0]["sg"]) == 7_200


def test_ten_thousand_edits__are_made_or_refused_at_once():
    draft = many(2_500)
    situation = Situation(draft, (MediaItem("p1", "p.jpg", "image"),))
    edits = [
        edit
        for n in range(2_500)
        for edit in (
            {"edit": "set_volume", "target": {"id": f"s-{n}"}, "volume": 0.5},
            {"edit": "move", "target": {"id": f"t-{n}"}, "at_s": 2499 - n, "ripple": False},
            {"edit": "set_title", "target": {"id": f"t-{n}"}, "text": f"Title {n}"},
            {"edit": "rename", "target": {"id": f"s-{n}"}, "name": f"Shot {n}"},
        )
    ]
    begun = time.process_time()
    done = apply_edits(draft, parse_all(edits), situation)
    assert time.process_time() - begun < 10  # it takes one or two; a look at the whole film for each took minutes
    assert len(done.told) == 10_000
    assert [s["m"]["text"] for s in done.draft["t"][1]["sg"][:2]] == ["Title 2499", "Title 2498"]
    assert {s["v"] for s in done.draft["t"][0]["sg"]} == {0.5}
    for last, field in (({"edit": "remove", "target": {"id": "gone"}}, "target"), ({**edits[1], "at_s": 5}, "at_s")):
        before = json.dumps(draft)
        with pytest.raises(InvalidEdit) as refused:
            apply_edits(draft, parse_all([*edits[:-1], last]), situation)
        assert [(each.at, each.field) for each in refused.value.problems] == [(9_999, field)]
        assert json.dumps(draft) == before


def test_removed_and_added_parts__keep_ids_apart():
    draft = many(50)
    edits = [{"edit": "remove", "target": {"id": f"t-{n}"}, "ripple": False} for n in range(20)]
    edits += [{"edit": "add_title", "text": "New", "start_s": n, "duration_s": 1} for n in range(30)]
    film = apply_edits(draft, parse_all(edits), Situation(draft, ())).draft
    ids = [part["id"] for track in film["t"] for part in (track, *track["sg"])]
    assert len(ids) == len({*ids}) == len(film["t"]) + 110


@cases
def test_films_that_cannot_be_rendered__are_not_made(edit, words):
    draft = many(300) if edit["edit"] == "duplicate" else {}
    with pytest.raises(InvalidEdit, match=words):
        apply_edits(draft, [parse(edit)], Situation(draft, ()))


def test_uploads__are_named_by_their_files_and_kept_by_their_hashes() -> None:
    draft = apply_edits({}, parse_all([{"edit": "make_video"}]), Situation({}, MEDIA)).draft
    video = next(item for item in MEDIA if item.kind == "video")
    by_name = parse_all(
        [
            {"edit": "add_shot", "media": video.filename},
            {"edit": "remove", "target": [{"kind": "shot", "media": video.filename, "number": -1}, {"number": 1}]},
            {"edit": "make_video", "without": [video.filename]},
        ]
    )
    done = apply_edits(draft, by_name, Situation(draft, MEDIA))
    kept = [to_json(edit) for edit in done.edits]
    assert [kept[0]["media"], kept[1]["target"][0]["media"], kept[2]["without"]] == [video.id, video.id, (video.id,)]
    assert video.filename not in str(kept)
    assert apply_edits(draft, parse_all(kept), Situation(draft, MEDIA)) == done
    with pytest.raises(InvalidEdit, match=rf"There is no upload gone\.mp4; there are .*{video.filename}"):
        apply_edits(draft, parse_all([{"edit": "make_video", "first": ["gone.mp4"]}]), Situation(draft, MEDIA))
    namesake = (*MEDIA, replace(video, id="another"))
    with pytest.raises(InvalidEdit, match="2 uploads are called"):
        apply_edits(draft, by_name[:1], Situation(draft, namesake))


def test_parts_without_a_role__are_the_same_to_films_and_edits():
    """What a film counts as music or as a song is what an edit of that kind changes."""
    film = Film.of({"t": [{"tt": 1, "sg": [{"id": "a", "s": 0, "d": 4000}]}, {"tt": 7, "sg": [{"id": "t", "d": 900}]}]})
    assert (len(film.songs), len(film.music), len(film.sounds), len(film.titles)) == (0, 1, 1, 1)
    film.music.volume = 0.5
    assert film.music["a"].volume == 0.5
    with pytest.raises(InvalidEdit, match="song"):
        film.songs.volume = 0.2
