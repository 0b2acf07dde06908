"""Edits of the film's length: time cut out, a length given, the film repeated, closed to a loop, emptied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cases import cases
from small_films import CLIPS, changed, check_story, film, refused
from talk import CITY, SEA, SONG

from nemo_notebook.film.draft import editable
from nemo_notebook.film.tracks import Json

VIDEO = (SONG, *CLIPS)
UPLOADS = {"city": (CITY,), "sea": (SEA,), "song": (SONG,), "dropping": (replace(SONG, drops_ms=(10_130,)),)} | {
    name: (replace(CITY, duration_ms=length_ms),) for name, length_ms in (("brief", 2_000), ("long", 3_600_000))
}


@cases
def test_lengths_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


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


@cases
def test_a_length__is_that_which_was_asked_for(fields: dict[str, Any], length: int, told: str) -> None:
    draft, words = changed(film(), {"edit": "set_length", **fields})
    assert (draft["d"], words) == (length, told)


def test_a_repeat__plays_pictures_and_song_again() -> None:
    draft = changed(film(VIDEO), {"edit": "repeat"}, media=VIDEO)[0]
    assert [(s["s"], s["d"]) for s in editable(draft).segments("song")] == [(0, 20_000), (20_000, 20_000)]
    ids = [segment["id"] for track in draft["t"] for segment in track["sg"]]
    assert len(ids) == len({*ids})


def test_clear__leaves_what_nobody_knows() -> None:
    odd = {"tt": 42, "sg": [{"s": 0, "d": 500, "fx": [1]}]}
    draft, told = changed({**film(), "x": 1, "t": [*film()["t"], odd]}, {"edit": "clear"})
    assert (draft["x"], [track["tt"] for track in draft["t"]], "m" in draft) == (1, [42], False)
    assert told.startswith("The timeline is empty again")
