from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, get_args

import pytest
from cases import cases
from small_films import check_story

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import MediaItem, Mood, Situation
from nemo_notebook.film.wording import tell
from nemo_notebook.music import MOODS

BEATS = tuple(500 * k + 130 for k in range(40))
SONG = MediaItem(
    "s1", "song.mp3", "audio", 20_000, has_audio=True, beats_ms=BEATS, downbeats_ms=BEATS[::4], tempo=120.0
)
OTHER = replace(SONG, id="s2", filename="other.mp3", duration_ms=12_000)
VOICE = MediaItem(
    "v1", "voice.wav", "audio", 9_000, has_audio=True, content="speech", silences_ms=((2_000, 4_000), (7_000, 7_200))
)
MEMO = MediaItem("v2", "memo.m4a", "audio", 5_000, has_audio=True)
CITY = MediaItem("c1", "city.mp4", "video", 8_000, 1920, 1080, has_audio=True, silences_ms=((3_000, 5_000),))
SEA = MediaItem("c2", "sea.mp4", "video", 6_000, 1920, 1080)
PHOTO = MediaItem("p1", "photo.jpg", "image", 0, 2000, 1500)
MEDIA = (CITY, SEA, SONG, OTHER, VOICE, MEMO)
UPLOADS = {item.filename.partition(".")[0]: (item,) for item in (*MEDIA, PHOTO)} | {
    "show": (CITY, SEA, SONG, OTHER, MEMO),
    "short": (replace(OTHER, duration_ms=6_000),),
    "flat": (replace(SONG, beats_ms=(), downbeats_ms=()),),
    "spoken": (replace(MEMO, content="speech", duration_ms=4_000),),
}


def situation(*media: MediaItem, **own: Any) -> Situation:
    return Situation({}, media or MEDIA, language="en", seed=7, **own)


def made(*edits: dict[str, Any], draft: Any = None, about: Situation | None = None) -> tuple[dict[str, Any], str]:
    """A draft after some edits, and what was said."""
    about = about or situation()
    done = apply_edits(draft or {}, [parse(edit) for edit in edits], about)
    assert tell(done.told, "zh").strip() != tell(done.told, "en").strip()
    return editable(done.draft), tell(done.told, "en")


def refused(*edits: dict[str, Any], draft: Any = None, about: Situation | None = None) -> tuple[str, str]:
    """The field and the reason of the error."""
    before = copy.deepcopy(draft)
    with pytest.raises(InvalidEdit) as error:
        made(*edits, draft=draft, about=about)
    assert draft == before
    return error.value.problems[0].field, str(error.value)


ROW = {"edit": "make_video", "with_song": False}
SHOW = situation(CITY, SEA, SONG, OTHER, MEMO)


def row(*more: dict[str, Any]) -> dict[str, Any]:
    """City and sea one after another, 14 seconds."""
    return made(ROW, *more, about=SHOW)[0]


def spans(film: dict[str, Any], role: str) -> list[tuple[int, int]]:
    return sorted((s.start_ms, s.end_ms) for s in film.segments(role))


@cases
def test_sounds_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


def test_moods_of_the_field__are_those_that_can_be_composed() -> None:
    assert set(get_args(Mood)) == set(MOODS)


def test_add_music__the_same_again__is_refused() -> None:
    film = row({"edit": "add_music", "mood": "jazz"})
    assert "plays already" in refused({"edit": "add_music", "mood": "jazz"}, draft=film, about=SHOW)[1]
    again, _ = made({"edit": "add_music", "mood": "jazz", "another": True}, draft=film, about=SHOW)
    seeds = [f.segments("bgm")[0].meta["music"]["seed"] for f in (film, again)]
    assert seeds[0] != seeds[1]


def test_add_sound__second_song__film_cut_to_music_goes_on() -> None:
    film, _ = made({"edit": "make_video", "song": "s1"}, about=SHOW)
    longer, _ = made({"edit": "add_sound", "media": "s2"}, draft=film, about=SHOW)
    assert spans(longer, "song") == [(0, 20_000), (20_000, 32_000)]
    assert longer.picture_end_ms == 32_000
    assert spans(longer, "clip")[: len(spans(film, "clip"))] == spans(film, "clip")


def test_add_music__cuts_anew_beside_a_song__follow_its_own_beats() -> None:
    film = row({"edit": "use_song", "media": "s1", "under": True})
    anew = {"edit": "add_music", "mood": "house", "bpm": 100, "pace": {"every": 4}}
    film, told = made(anew, draft=film, about=SHOW)
    alone, _ = made({**anew, "replaces": True}, draft=film, about=SHOW)
    assert "Cut the pictures to its beats" in told
    assert spans(film, "clip") == spans(alone, "clip")
    assert any(abs(start - 2_400) <= 34 for start, _ in spans(film, "clip"))


@cases
def test_set_volume__target(values: dict[str, Any], levels: dict[str, float], words: str) -> None:
    film = lanes()
    film, told = made({"edit": "set_volume", **values}, draft=film, about=SHOW)
    assert words in told
    assert {role: film.segments(role)[0]["v"] for role in levels} == levels


def lanes() -> dict[str, Any]:
    """City with its sound, sea without; a song, composed music and a voice, all as recorded."""
    return row(
        {"edit": "add_music", "volume": 1.0},
        {"edit": "add_sound", "media": "s1", "volume": 1.0},
        {"edit": "add_sound", "media": "v2", "role": "speech"},
    )


def test_set_volume__restore__gives_the_former_level_back() -> None:
    before = made({"edit": "set_volume", "target": "song", "volume": 0.4}, draft=lanes(), about=SHOW)[0]
    muted = made({"edit": "set_volume", "target": "song", "volume": 0}, draft=before, about=SHOW)[0]
    back = {"edit": "set_volume", "target": "song", "restore": True}
    film, _ = made(back, draft=muted, about=replace(SHOW, earlier=(before,)))
    assert film.segments("song")[0]["v"] == 0.4


def test_place_music__without_times__fits_the_pictures() -> None:
    film = row({"edit": "use_song", "media": "s2", "under": True}, {"edit": "place_music", "loop": True})
    film.segments("song")[-1]["d"] += 2_000
    cut, told = made({"edit": "place_music"}, draft=film.measure(), about=SHOW)
    assert "Cut the music to the video's 14 s" in told
    assert max(end for _, end in spans(cut, "song")) == 14_000


def test_set_volume__music_of_a_service__needs_no_role() -> None:
    draft = {"t": [{"tt": 1, "sg": [{"s": 0, "d": 5000, "x": 1}]}]}
    film, told = made({"edit": "set_volume", "volume": 0.5}, draft=draft)
    assert told == "Set the music to 50% (it was 100%)."
    assert film["t"][0]["sg"][0].items() >= {"v": 0.5, "x": 1}.items()
