"""Edits of parts: what they do to a small film, exactly and with what follows, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cases import cases
from talk import CITY, PHOTOS, SEA, SONG

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import Edit, apply_edits, apply_one, parse
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.parts import Remove, Rename, Replace, SetSpeed, Split, Trim
from nemo_notebook.film.edits.shots import AddShot, Duplicate, Move, SortShots
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


def told(draft: Film, edit: Edit, language: str = "en", media: tuple[MediaItem, ...] = ALL) -> str:
    situation = Situation(draft, media, language=language)
    return tell(apply_one(draft, edit, situation).told, language)


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


ROW = [("city", 0, 8), ("sea", 8, 14), ("photo1", 14, 17), ("photo2", 17, 20), ("photo3", 20, 23)]


NAMED = {"city": CITY, "sea": SEA}


@cases
def test_parts__lie_there_after_an_edit(
    of: Film, edit: Film, track: int, parts: list[tuple[str, float, float]]
) -> None:
    draft = film(
        *(NAMED[name] for name in of.get("media", "").split()),
        titles=tuple(title(*each) for each in of.get("titles", ())),
        sounds=tuple(song(*each) for each in of.get("songs", ())),
    )
    done = after(draft, parse(edit))
    assert spans(done, track) == parts
    ids = [part["id"] for each in done["t"] for part in (each, *each["sg"])]
    assert len(ids) == len({*ids})


# Remove


def test_remove__closes_up() -> None:
    edit = Remove(target=Target(kind="shot", number=2))
    assert after(film(), edit)["d"] == 17_000
    assert told(film(), edit) == "Removed sea (0:08–0:14); the video is now 17 s long (it was 23 s)."
    assert told(film(), edit, "zh") == "已去掉sea（0:08–0:14）；视频现在长 17 秒（原来 23 秒）。"
    assert after(film(CITY), Remove(target="city", ripple=False))["t"] == []


def test_remove__takes_titles_and_sounds_of_any_kind_at_once() -> None:
    draft = film(titles=(title("a", 0, 1000),), sounds=(song(1, 0, 20_000),))
    draft["t"][0]["sg"][1]["v"] = 0
    assert told(draft, Remove(target="title")) == 'Removed the title "a".'
    words = 'Removed the title "a" and the music. The clips\' own sound is heard again.'
    assert told(draft, Remove(target=("title", "song"))) == words
    after_all = after(draft, Remove(target=("title", "music")))
    assert len(after_all["t"]) == 1
    assert after_all["t"][0]["sg"][1]["v"] == 1.0


def test_remove__of_one_sound_leaves_the_others_and_what_is_muted_for_them() -> None:
    draft = film(sounds=(song(1, 0, 5000), song(2, 5000, 5000)))
    draft["t"][0]["sg"][1]["v"] = 0
    left = after(draft, Remove(target=Target(id="song-1")))
    assert spans(left, 2) == [("song", 5, 10)]
    assert left["t"][0]["sg"][1]["v"] == 0


def test_remove__of_a_clip_cut_to_music_lets_others_take_its_place() -> None:
    draft = dict(apply_one({}, MakeVideo(), Situation({}, (SONG, CITY, SEA), seed=7)).draft)
    edit = Remove(target=Target(media="c1"))
    left = after(draft, edit)
    assert {s["m"]["media"] for s in left["t"][0]["sg"]} == {"c2"}
    assert left["d"] == draft["d"]
    assert "the others are seen in its place" in told(draft, edit)


# Move


@cases
def test_move__puts_shots_between_others(values: Film, order: str) -> None:
    edit = parse(values)
    draft = after(film(), edit)
    assert [name for name, _, _ in spans(draft)] == order.split()
    assert [end for _, _, end in spans(draft)][:-1] == [start for _, start, _ in spans(draft)][1:]
    assert draft["d"] == 23_000


def test_move__of_titles_stays_within_the_film_and_off_other_titles() -> None:
    draft = film(titles=(title("a", 0, 2000), title("b", 5000, 2000)))
    moved = after(draft, Move(target=Target(kind="title", name="a"), at_s=5.5))
    assert (spans(moved, 2), spans(moved, 3)) == ([("b", 5, 7)], [("a", 5.5, 7.5)])
    assert moved["t"][2]["sg"][0]["fx"] == {"kept": 1}


def test_move__of_a_song_ends_it_with_the_film() -> None:
    draft = after(film(sounds=(song(1, 0, 20_000),)), Move(target="music", at_s=5))
    assert spans(draft, 2) == [("song", 5, 23)]
    assert draft["t"][1]["sg"][0]["m"]["fade_out_ms"] == 2000
    words = "Moved the music: now heard from 0:05 to 0:23."
    assert told(film(sounds=(song(1, 0, 20_000),)), Move(target="music", at_s=5)) == words


def test_move__without_ripple_is_exact() -> None:
    draft = film(titles=(title("a", 0, 2000), title("b", 5000, 2000)))
    apart = after(draft, Move(target=Target(id="title-a"), at_s=5, track=3, ripple=False))
    assert (spans(apart, 2), spans(apart, 3)) == ([("b", 5, 7)], [("a", 5, 7)])
    back = after(apart, Move(target=Target(id="title-a"), at_s=1, track=2, ripple=False))
    assert spans(back, 2) == [("a", 1, 3), ("b", 5, 7)]
    field, words = refused(draft, Move(target=Target(id="title-a"), at_s=4, ripple=False))
    assert (field, words) == ("at_s", "a would overlap b (0:05–0:07) on its track.")
    assert refused(draft, Move(target=Target(id="clip-2"), by_s=1, ripple=False))[0] == "by_s"
    assert refused(draft, Move(target="sea", at_s=9, ripple=False))[0] == "at_s"
    assert refused(draft, Move(target=Target(id="title-a"), track=4))[0] == "track"
    assert refused(draft, Move(target=Target(id="title-a"), track=1))[0] == "track"
    assert refused(draft, Move(target=Target(id="title-a"), by_s=-1, ripple=False))[0] == "by_s"


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


def test_an_empty_timeline__is_filled_first_where_shots_are_meant() -> None:
    made = after({}, Move(target="sea", place="start"), media=MEDIA)
    assert spans(made)[:2] == [("sea", 0, 6), ("city", 6, 14)]
    assert "upload" in refused({}, Move(target="sea", place="start"), ())[1]
    assert refused({}, Remove(target="title"))[1] == "There is no title on the timeline yet."


# Swap, sort, replace


def test_sort_shots__reverses_names_or_shuffles() -> None:
    names = lambda by: [name for name, *_ in spans(after(film(SEA, CITY, *PHOTOS), SortShots(by=by)))]  # noqa: E731
    assert names("name") == ["city", "photo1", "photo2", "photo3", "sea"]
    assert names("reversed") == ["photo3", "photo2", "photo1", "city", "sea"]
    assert sorted(names("shuffled")) == names("name")
    assert names("shuffled") != ["sea", "city", "photo1", "photo2", "photo3"]
    assert refused(film(CITY), SortShots(by="name"))[1] == "There is only one shot to order."


def test_replace__shows_another_upload_for_as_long() -> None:
    draft = film()
    draft["t"][0]["sg"][1]["m"]["filter"] = "noir"
    new = after(draft, Replace(target="sea", media="c1"))
    assert spans(new) == [("city", 0, 8), ("city", 8, 14), *ROW[2:]]
    assert new["t"][0]["sg"][1]["m"]["filter"] == "noir"


def test_replace__plays_another_sound_at_its_place() -> None:
    new = after(film(sounds=(song(1, 2000, 10_000),)), Replace(target="song", media="v1"))
    assert spans(new, 2) == [("voice", 2, 6)]
    assert new["t"][1]["sg"][0]["v"] == 1.0


# Duplicate, add


def test_duplicate__is_told() -> None:
    draft = film(titles=(title("a", 0, 2000),))
    assert told(draft, Duplicate(target="title", at_s=4)) == 'Copied the title "a": seen again from 0:04 to 0:06.'


@cases
def test_add_shot__inserts_an_upload_anywhere(values: Film, row: list[tuple[str, float, float]]) -> None:
    edit = parse(values)
    assert spans(after(film(CITY), edit)) == row


def test_add_shot__parts_what_is_seen_so_that_it_goes_on() -> None:
    parted = after(film(CITY), AddShot(media="c2", at_s=3, in_s=1, duration_s=2))
    assert [s["m"].get("in_ms", 0) for s in parted["t"][0]["sg"]] == [0, 1000, 3000]
    assert len({s["id"] for s in parted["t"][0]["sg"]}) == 3
    over = after(film(CITY), AddShot(media="c2", at_s=3, track=2))
    assert (spans(over, 1), spans(over, 2)) == ([("city", 0, 8)], [("sea", 3, 9)])


def test_add_shot__begins_a_film() -> None:
    made = after({}, AddShot(media="p1", duration_s=4))
    assert spans(made) == [("photo1", 0, 4)]
    assert (made["m"]["width"], made["m"]["fps"]) == (1920, 30)
    assert told({}, AddShot(media="p1")) == "Added photo1 at 0:00."


def test_add_shot__goes_over_what_is_drawn() -> None:
    drawn = dict(apply_one({}, MakeVideo(), Situation({}, (SONG,))).draft)
    over = after(drawn, AddShot(media="p1"), AddShot(media="p2"), Move(target="photo2", place="start"))
    assert spans(over, 1) == [("Backdrop", 0, 20)]
    assert spans(over, 2) == [("photo2", 0, 3), ("photo1", 3, 6)]


# Trim, split, speed, rename


@cases
def test_trim__of_a_shot_moves_what_follows(values: Film, end: float, in_ms: int) -> None:
    edit = parse(values)
    draft = after(film(CITY, SEA), edit)
    assert spans(draft) == [("city", 0, end), ("sea", end, end + 6)]
    assert draft["t"][0]["sg"][0]["m"].get("in_ms", 0) == in_ms


def test_trim__counts_the_start_in_seconds_of_the_film() -> None:
    draft = after(film(CITY, SEA), SetSpeed(target="city", factor=2), Trim(target="city", start_s=1))
    assert draft["t"][0]["sg"][0]["m"]["in_ms"] == 2000


def test_trim__without_ripple_leaves_gaps() -> None:
    exact = after(film(CITY, SEA), Trim(target=Target(id="clip-2"), duration_s=2.5, in_s=1, ripple=False))
    assert spans(exact) == [("city", 0, 8), ("sea", 8, 10.5)]
    assert exact["t"][0]["sg"][1]["m"]["in_ms"] == 1000


def test_trim__of_titles_and_songs() -> None:
    draft = film(titles=(title("a", 2000, 4000),), sounds=(song(1, 0, 10_000), song(2, 10_000, 5000)))
    shorter = after(draft, Trim(target=Target(id="song-1"), start_s=2))
    assert spans(shorter, 2) == [("song", 0, 8), ("song", 8, 13)]
    assert shorter["t"][1]["sg"][0]["m"]["in_ms"] == 2000
    faded = after(draft, Trim(target=Target(id="song-2"), end_s=2))["t"][1]["sg"][1]
    assert (faded["d"], faded["m"]["fade_out_ms"]) == (3000, 1000)
    assert told(draft, Trim(target="title", end_s=1)) == 'the title "a" is now seen from 0:02 to 0:05 (3 s).'


def test_trim__of_a_song_lets_it_go_on_to_the_end_of_the_film() -> None:
    draft = after(film(CITY, sounds=(song(1, 0, 8000),)), Trim(target="song", start_s=5))
    assert spans(draft, 2) == [("song", 0, 8)]
    assert draft["t"][1]["sg"][0]["m"]["in_ms"] == 5000


def test_trim__of_a_clip_whose_place_in_its_file_is_not_known() -> None:
    cloud = {"t": [{"tt": 0, "sg": [{"id": "a", "s": 0, "d": 4000, "url": "a.mp4"}]}]}
    assert refused(cloud, Trim(target=Target(id="a"), start_s=1))[0] == "start_s"
    assert after(cloud, Trim(target=Target(id="a"), end_s=1))["t"][0]["sg"][0]["d"] == 3000


def test_split__cuts_so_that_nothing_changes() -> None:
    draft = after(film(CITY, SEA), Split(at_s=(3, 10)))
    assert spans(draft) == [("city", 0, 3), ("city", 3, 8), ("sea", 8, 10), ("sea", 10, 14)]
    assert [s["m"].get("in_ms", 0) for s in draft["t"][0]["sg"]] == [0, 3000, 0, 2000]
    assert told(film(CITY, SEA), Split(at_s=3)) == "Split at 1 place: there are 3 shots now."
    assert spans(after(film(CITY, SEA), Split(parts=2)))[0] == ("city", 0, 7)


def test_split__of_songs() -> None:
    sounds = (song(1, 0, 10_000, fade_in_ms=500, fade_out_ms=900),)
    parts = after(film(sounds=sounds), Split(target="song", at_s=4))["t"][1]["sg"]
    assert [(s["m"]["in_ms"], s["m"]["fade_in_ms"], s["m"]["fade_out_ms"]) for s in parts] == [
        (0, 500, 0),
        (4000, 0, 900),
    ]
    composed = film(sounds=({"id": "b", "s": 0, "d": 4000, "m": {"role": "bgm", "name": "BGM"}},))
    assert refused(composed, Split(target="music", at_s=2))[0] == "target"


def test_split__at_scenes() -> None:
    scenes = MediaItem("c9", "tour.mp4", "video", 9000, 1920, 1080, scenes_ms=(3000, 5000))
    assert spans(after(film(scenes), Split(scenes=True), media=(scenes,))) == [
        ("tour", 0, 3),
        ("tour", 3, 5),
        ("tour", 5, 9),
    ]


def test_set_speed__relative_to_the_speed_so_far() -> None:
    faster = after(film(CITY), SetSpeed(factor=2), SetSpeed(factor=2, relative=True))
    assert faster["t"][0]["sg"][0]["m"]["speed"] == 4.0


def test_rename__gives_a_name_and_keeps_the_words() -> None:
    new = after(film(titles=(title("a", 0, 1000),)), Rename(target=Target(kind="title"), name="Opening"))
    assert (new["t"][1]["sg"][0]["m"]["name"], new["t"][1]["sg"][0]["m"]["text"]) == ("Opening", "a")
    again = after(
        film(), Rename(target="city", name="Intro"), Remove(target="intro"), Rename(target="sea.mp4", name="x")
    )
    assert spans(again)[0][0] == "x"
    assert told(film(), Rename(target="city", name="Intro"), "zh") == "已把city（0:00–0:08）命名为“Intro”。"


def test_a_part__is_found_by_the_id_that_the_table_shows() -> None:
    cloud = {"t": [{"tt": 0, "sg": [{"s": 0, "d": 1000, "x": 1}, {"id": "a", "s": 1000, "d": 1000}]}]}
    cloud["t"].append({"tt": 0, "sg": [{"id": "a", "s": 0, "d": 500}]})
    named = after(cloud, Rename(target=Target(id="1.1"), name="One"), Rename(target=Target(id="a~2"), name="Two"))
    assert named["t"][0]["sg"][0] == {"s": 0, "d": 1000, "x": 1, "m": {"name": "One"}}
    assert named["t"][1]["sg"][0]["m"] == {"name": "Two"}
