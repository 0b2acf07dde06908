"""Edits of parts: what they do to a small film, exactly and with what follows, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cases import cases
from small_films import check_story
from talk import CITY, PHOTOS, SEA, SONG

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import Edit, apply_edits, apply_one, parse
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.parts import Remove, Rename, Trim
from nemo_notebook.film.edits.shots import Move
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.target import Target
from nemo_notebook.film.wording import NotPossible, tell

MEDIA = (CITY, SEA, *PHOTOS)
VOICE = MediaItem("v1", "voice.wav", "audio", 4000, has_audio=True)
ALL = (*MEDIA, SONG, VOICE)
Film = dict[str, Any]


def title(name: str, start_ms: int, length_ms: int) -> Film:
    own = {"role": "title", "name": name, "text": name, "position": "center"}
    return {"id": f"title-{name}", "s": start_ms, "d": length_ms, "m": own, "fx": {"kept": 1}}


def song(number: int, start_ms: int, length_ms: int, **own: Any) -> Film:
    meta = {"role": "song", "name": "song", "media": "s1", "source": SONG.filename, "fade_in_ms": 0, "fade_out_ms": 0}
    return {"id": f"song-{number}", "s": start_ms, "d": length_ms, "v": 1.0, "m": meta | {"in_ms": 0} | own}


def film(*media: MediaItem, titles: tuple[Film, ...] = (), sounds: tuple[Film, ...] = ()) -> Film:
    """Uploads in a row (city 0–8 s, sea 8–14 s, photos of 3 s each), with titles and sounds."""
    draft = dict(apply_one({}, MakeVideo(with_song=False), Situation({}, media or MEDIA)).draft)
    if sounds:
        draft["t"].append({"id": "audio-1", "tt": 1, "sg": list(sounds)})
    if titles:
        draft["t"].append({"id": "text-1", "tt": 7, "sg": list(titles)})
    return editable(draft).measure()


def after(draft: Film, *edits: Edit, media: tuple[MediaItem, ...] = ALL) -> Film:
    before = json.dumps(draft)
    done = apply_edits(draft, edits, Situation(draft, media, language="en"))
    assert json.dumps(draft) == before
    return dict(done.draft)


def refused(draft: Film, edit: Edit, media: tuple[MediaItem, ...] = ALL) -> tuple[str, str]:
    """The field and the words of an error; they are there in both languages."""
    for language in ("zh", "en"):
        with pytest.raises(NotPossible) as caught:
            apply_one(draft, edit, Situation(draft, media, language=language))
        assert "{" not in tell(caught.value.told, language)
    return caught.value.field, str(caught.value)


def spans(draft: Film, track: int = 1) -> list[tuple[str, float, float]]:
    """Names, starts and ends in seconds of the segments of a track."""
    found = draft["t"][track - 1]["sg"]
    return [(s["m"]["name"], s["s"] / 1000, round((s["s"] + s["d"]) / 1000, 3)) for s in found]


UPLOADS = {"city": (CITY,), "sea": (SEA,), "photos": PHOTOS, "song": (SONG,), "voice": (VOICE,)} | {
    "tour": (MediaItem("c9", "tour.mp4", "video", 9000, 1920, 1080, scenes_ms=(3000, 5000)),)
}


@cases
def test_parts_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


def test_replies__are_chinese_where_chinese_is_spoken() -> None:
    edits = Remove(target=Target(kind="shot", number=2)), Rename(target="city", name="Intro")
    draft = film()
    told = [tell(apply_one(draft, edit, Situation(draft, ALL, language="zh")).told, "zh") for edit in edits]
    assert told[0] == "已去掉sea（0:08–0:14）；视频现在长 17 秒（原来 23 秒）。"
    assert told[1] == "已把city（0:00–0:08）命名为“Intro”。"


@cases
def test_parts__lie_there_after_an_edit(
    of: Film, edit: Film, track: int, parts: list[tuple[str, float, float]]
) -> None:
    draft = film(
        *(UPLOADS[name][0] for name in of.get("media", "").split()),
        titles=tuple(title(*each) for each in of.get("titles", ())),
        sounds=tuple(song(*each) for each in of.get("songs", ())),
    )
    done = after(draft, parse(edit))
    assert spans(done, track) == parts
    ids = [part["id"] for each in done["t"] for part in (each, *each["sg"])]
    assert len(ids) == len({*ids})


@cases
def test_move__puts_shots_between_others(values: Film, order: str) -> None:
    edit = parse(values)
    draft = after(film(), edit)
    assert [name for name, _, _ in spans(draft)] == order.split()
    assert [end for _, _, end in spans(draft)][:-1] == [start for _, start, _ in spans(draft)][1:]
    assert draft["d"] == 23_000


def test_exact_places__have_to_be_apart_when_all_edits_are_made() -> None:
    draft = film(CITY, SEA)
    city, sea = Target(id="clip-1"), Target(id="clip-2")
    edits = (Move(target=city, at_s=6, ripple=False), Move(target=sea, at_s=0, ripple=False))
    assert spans(after(draft, *edits)) == [("sea", 0, 6), ("city", 6, 14)]
    assert spans(after(draft, edits[0], Remove(target=sea, ripple=False))) == [("city", 6, 14)]
    shorter = Trim(target=city, duration_s=2, ripple=False)
    assert spans(after(draft, edits[0], shorter)) == [("city", 6, 8), ("sea", 8, 14)]
    longer = Trim(target=city, by_s=1, ripple=False)
    for either, at, field in (((shorter, edits[0], longer), 2, "by_s"), (edits[:1], 0, "at_s")):
        with pytest.raises(InvalidEdit) as caught:
            after(draft, *either)
        assert [(problem.at, problem.field) for problem in caught.value.problems] == [(at, field)]


@cases
def test_what_cannot_be_done__is_told_with_its_field(values: Film, field: str) -> None:
    edit = parse(values)
    draft = film(titles=(title("a", 1000, 2000),))
    told_field, words = refused(draft, edit)
    assert told_field == field
    assert words[-1] in ".?"
    with pytest.raises(InvalidEdit) as caught:
        apply_edits(draft, [Rename(target="city", name="x"), edit], Situation(draft, ALL))
    assert (caught.value.problems[0].at, caught.value.problems[0].edit) == (1, edit.tag)


@cases
def test_add_shot__inserts_an_upload_anywhere(values: Film, row: list[tuple[str, float, float]]) -> None:
    edit = parse(values)
    assert spans(after(film(CITY), edit)) == row


@cases
def test_trim__of_a_shot_moves_what_follows(values: Film, end: float, in_ms: int) -> None:
    edit = parse(values)
    draft = after(film(CITY, SEA), edit)
    assert spans(draft) == [("city", 0, end), ("sea", end, end + 6)]
    assert draft["t"][0]["sg"][0]["m"].get("in_ms", 0) == in_ms


def test_trim__of_a_clip_whose_place_in_its_file_is_not_known() -> None:
    cloud = {"t": [{"tt": 0, "sg": [{"id": "a", "s": 0, "d": 4000, "url": "a.mp4"}]}]}
    assert refused(cloud, Trim(target=Target(id="a"), start_s=1))[0] == "start_s"
    assert after(cloud, Trim(target=Target(id="a"), end_s=1))["t"][0]["sg"][0]["d"] == 3000


def test_a_part__is_found_by_the_id_that_the_table_shows() -> None:
    cloud = {"t": [{"tt": 0, "sg": [{"s": 0, "d": 1000, "x": 1}, {"id": "a", "s": 1000, "d": 1000}]}]}
    cloud["t"].append({"tt": 0, "sg": [{"id": "a", "s": 0, "d": 500}]})
    named = after(cloud, Rename(target=Target(id="1.1"), name="One"), Rename(target=Target(id="a~2"), name="Two"))
    assert named["t"][0]["sg"][0] == {"s": 0, "d": 1000, "x": 1, "m": {"name": "One"}}
    assert named["t"][1]["sg"][0]["m"] == {"name": "Two"}
