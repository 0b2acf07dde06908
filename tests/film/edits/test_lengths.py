"""Edits of the film's length: time cut out, a length given, the film repeated, closed to a loop, emptied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cases import cases
from small_films import CLIPS, changed, film, refused
from talk import CITY, SONG

from nemo_notebook.film.draft import editable
from nemo_notebook.film.tracks import Json, duration_ms

VIDEO = (SONG, *CLIPS)


def spans(draft: Json) -> list[tuple[str, int, int, int]]:
    return [(s["m"]["source"], s["s"], s["d"], s["m"]["in_ms"]) for s in editable(draft).shots]


@cases
def test_time__is_cut_out_or_kept(fields: dict[str, Any], left: list[Any], told: str) -> None:
    draft, words = changed(film(), {"edit": "cut_time", **fields})
    assert spans(draft) == left
    assert words.startswith(told)
    assert words.endswith(f"the video is now {draft['d'] // 1000} s long (it was 14 s).")


@cases
def test_time__that_cannot_be_cut_out(fields: dict[str, Any], field: str) -> None:
    assert refused(film(), {"edit": "cut_time", **fields})[0] == field
    assert "something to work with" in refused({}, {"edit": "cut_time", "end_s": 1.0}, media=())[1]


@cases
def test_a_length__is_that_which_was_asked_for(fields: dict[str, Any], length: int, told: str) -> None:
    draft, words = changed(film(), {"edit": "set_length", **fields})
    assert (draft["d"], words) == (length, told)


def test_a_length__to_the_song_and_beyond_it() -> None:
    short = film(VIDEO, duration_s=10.0)
    draft, told = changed(short, {"edit": "set_length", "to_song": True}, media=VIDEO)
    assert (draft["d"], told) == (20_000, "The video is now 20 s long (it was 10 s).")
    draft, told = changed(draft, {"edit": "set_length", "duration_s": 30.0}, media=VIDEO)
    assert (draft["d"], len(editable(draft).segments("song"))) == (30_000, 2)
    assert told == "The video is now 30 s long (it was 20 s): the song comes again."


def test_a_length__of_no_film_yet_is_that_of_a_new_one() -> None:
    assert changed({}, {"edit": "set_length", "duration_s": 5.0}, media=VIDEO)[0]["d"] == 5_000
    assert "something to work with" in refused({}, {"edit": "set_length", "duration_s": 5.0}, media=())[1]
    assert refused(film(), {"edit": "set_length"}) == (
        "duration_s",
        "How long should the video be, for example 30 seconds?",
    )
    assert refused(film(), {"edit": "set_length", "to_song": True})[0] == "to_song"
    assert refused(film(), {"edit": "set_length", "by_s": -14.0}) == (
        "by_s",
        "That cannot be trimmed: the video is 14 s long.",
    )


def test_a_repeat__plays_pictures_and_song_again() -> None:
    draft, told = changed(film(), {"edit": "repeat", "times": 3})
    assert [span[0] for span in spans(draft)] == ["city.mp4", "sea.mp4"] * 3
    assert told == "The video plays 3 times now: 42 s instead of 14 s."
    draft = changed(film(VIDEO), {"edit": "repeat"}, media=VIDEO)[0]
    assert [(s["s"], s["d"]) for s in editable(draft).segments("song")] == [(0, 20_000), (20_000, 20_000)]
    ids = [segment["id"] for track in draft["t"] for segment in track["sg"]]
    assert len(ids) == len({*ids})


def test_a_repeat__of_no_clips_or_for_too_long() -> None:
    assert "no clips" in refused(film((SONG,)), {"edit": "repeat"}, (SONG,))[1]
    long = (replace(CITY, duration_ms=3_600_000),)
    assert refused(film(long), {"edit": "repeat", "times": 7}, long) == (
        "times",
        "That would be too long: a video can last 6 hours.",
    )


def test_a_loop__has_no_fades_and_keeps_the_film() -> None:
    faded = changed(film(VIDEO), {"edit": "fade", "in_s": 1.0, "out_s": 1.0}, media=VIDEO)[0]
    draft, told = changed(faded, {"edit": "make_loop"}, media=VIDEO)
    assert draft["m"]["loop_ms"] == 700
    assert not {"fade_in_ms", "fade_out_ms"} & {*draft["m"]}
    assert (duration_ms(draft), draft["m"]["width"]) == (20_000, 1920)
    assert told == "The video now loops: its end runs over into its start, and nothing fades."
    assert changed(draft, {"edit": "make_loop"}, media=VIDEO) == (draft, "It loops seamlessly already.")


def test_a_loop__of_a_part_begins_where_it_is_said() -> None:
    draft, told = changed(film(), {"edit": "make_loop", "start_s": 2.0, "duration_s": 4.0})
    assert spans(draft) == [("city.mp4", 0, 4000, 2000)]
    assert told.startswith("The 4 s from 0:02 on now loop:")


def test_a_spotify_canvas__is_vertical_and_of_the_strongest_part() -> None:
    song = replace(SONG, drops_ms=(10_130,))
    draft, told = changed(film((song, *CLIPS)), {"edit": "make_loop", "canvas": True}, media=(song, *CLIPS))
    own = draft["m"]
    assert (own["width"], own["height"], own["fit"], own["loop_ms"]) == (1080, 1920, "crop", 700)
    assert draft["d"] == 8_000
    assert editable(draft).segments("song")[0]["m"]["in_ms"] == 10_133
    assert "8 s from 0:10.1 on" in told


def test_a_loop__that_cannot_be() -> None:
    assert "no video yet" in refused({}, {"edit": "make_loop"})[1]
    assert refused(film(), {"edit": "make_loop", "canvas": True, "duration_s": 9.0})[0] == "duration_s"
    short = (replace(CITY, duration_ms=2_000),)
    assert "2 s of video so far" in refused(film(short), {"edit": "make_loop", "canvas": True}, short)[1]


def test_clear__leaves_what_nobody_knows() -> None:
    odd = {"tt": 42, "sg": [{"s": 0, "d": 500, "fx": [1]}]}
    draft, told = changed({**film(), "x": 1, "t": [*film()["t"], odd]}, {"edit": "clear"})
    assert (draft["x"], [track["tt"] for track in draft["t"]], "m" in draft) == (1, [42], False)
    assert told.startswith("The timeline is empty again")
    assert changed({}, {"edit": "clear"})[1] == "The timeline is empty already."
