from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from typing import Any, get_args

import pytest
from cases import cases

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable, start_of
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


def test_moods_of_the_field__are_those_that_can_be_composed() -> None:
    assert set(get_args(Mood)) == set(MOODS)


def test_three_lanes__sound_together_and_music_gives_way() -> None:
    film = row(
        {"edit": "add_sound", "media": "s1"},
        {"edit": "add_sound", "media": "v2", "role": "speech", "at_s": 1.0},
        {"edit": "add_music", "mood": "lofi"},
    )
    assert spans(film, "song") == [(0, 14_000)]
    assert spans(film, "speech") == [(1_000, 6_000)]
    assert spans(film, "bgm") == [(0, 14_000)]
    assert [s.meta["duck"] for s in film.segments("song", "bgm")] == [0.25, 0.25]
    (voice,) = film.segments("speech")
    assert (voice["v"], voice.meta["media"], voice.meta["source"]) == (1.0, "v2", "memo.m4a")
    assert {"name": "memo", "in_ms": 0, "fade_in_ms": 0, "fade_out_ms": 0}.items() <= voice.meta.items()
    assert len([track for track in film["t"] if track["tt"] == 1]) == 3


def test_add_music__replaces_a_song_only_where_that_is_asked_for() -> None:
    film, told = made({"edit": "use_song", "media": "s1"}, {"edit": "add_music"}, about=SHOW)
    assert film.segments("song")
    assert "goes on beside it" in told
    film, told = made({"edit": "add_music", "mood": "sad", "replaces": True}, draft=film, about=SHOW)
    assert not film.segments("song")
    assert "takes the place of your song" in told
    assert len(film.segments("bgm")) == 1


def test_add_music__under_a_voice__gives_way_and_says_so() -> None:
    film, told = made({"edit": "make_video"}, {"edit": "add_music"}, about=situation(SEA, VOICE))
    assert spans(film, "speech") == [(0, 9_000)]
    (music,) = film.segments("bgm")
    assert (music.meta["duck"], music["v"]) == (0.25, 0.35)
    assert "at 35% volume, lower while the voice is heard" in told
    first, _ = made({"edit": "add_music"}, about=situation(SEA, VOICE))
    assert (spans(first, "speech"), spans(first, "bgm")) == ([(0, 9_000)], [(0, 9_000)])


def test_add_music__the_same_again__is_refused() -> None:
    film = row({"edit": "add_music", "mood": "jazz"})
    assert "plays already" in refused({"edit": "add_music", "mood": "jazz"}, draft=film, about=SHOW)[1]
    again, _ = made({"edit": "add_music", "mood": "jazz", "another": True}, draft=film, about=SHOW)
    seeds = [f.segments("bgm")[0].meta["music"]["seed"] for f in (film, again)]
    assert seeds[0] != seeds[1]
    assert "upload" in refused({"edit": "add_music"}, about=Situation({}))[1]


def test_add_sound__speech__lies_at_its_time_and_after_the_last() -> None:
    film, told = made(ROW, {"edit": "add_sound", "media": "v2", "role": "speech", "at_s": 2.0}, about=SHOW)
    assert "memo is heard as a voice from 0:02 to 0:07" in told
    film, _ = made({"edit": "add_sound", "media": "v2", "in_s": 1.0, "duration_s": 2.0}, draft=film, about=SHOW)
    assert spans(film, "speech") == [(2_000, 7_000), (7_000, 9_000)]
    assert [s.meta["in_ms"] for s in film.segments("speech")] == [0, 1_000]
    assert len([track for track in film["t"] if track["tt"] == 1]) == 1
    beside, _ = made({"edit": "add_sound", "media": "v2", "at_s": 3.0, "volume": 2.0}, draft=film, about=SHOW)
    assert len([track for track in beside["t"] if track["tt"] == 1]) == 2
    _, told = made({"edit": "add_sound", "media": "v2", "at_s": 12.0}, draft=film, about=SHOW)
    assert "pictures end at 0:14" in told


def test_add_sound__second_song__film_cut_to_music_goes_on() -> None:
    film, _ = made({"edit": "make_video", "song": "s1"}, about=SHOW)
    longer, _ = made({"edit": "add_sound", "media": "s2"}, draft=film, about=SHOW)
    assert spans(longer, "song") == [(0, 20_000), (20_000, 32_000)]
    assert longer.picture_end_ms == 32_000
    assert spans(longer, "clip")[: len(spans(film, "clip"))] == spans(film, "clip")
    drawn, _ = made(
        {"edit": "make_video", "song": "s2"}, {"edit": "add_sound", "media": "s1"}, about=situation(SONG, OTHER)
    )
    assert spans(drawn, "backdrop") == spans(drawn, "visualizer") == [(0, 32_000)]


def test_add_sound__empty_timeline__is_made_of_the_other_uploads() -> None:
    film, _ = made({"edit": "add_sound", "media": "v2", "role": "speech"}, about=situation(CITY, SEA, MEMO))
    assert spans(film, "speech") == [(0, 5_000)]
    assert not film.segments("song")
    assert film.picture_end_ms == 14_000
    alone, _ = made({"edit": "add_sound", "media": "v2"}, about=situation(MEMO))
    assert spans(alone, "backdrop") == spans(alone, "song") == [(0, 5_000)]


@cases
def test_add_sound__not_possible(values: dict[str, Any], field: str, words: str) -> None:
    found, told = refused({"edit": "add_sound", **values}, draft=row(), about=SHOW)
    assert found == field
    assert words in told


def test_add_sound__second_song_where_the_first_lasts_to_the_end__needs_a_time() -> None:
    film = row({"edit": "use_song", "media": "s1", "under": True})
    assert refused({"edit": "add_sound", "media": "s2"}, draft=film, about=SHOW)[0] == "at_s"
    film, _ = made({"edit": "add_sound", "media": "s2", "at_s": 4.0}, draft=film, about=SHOW)
    assert spans(film, "song") == [(0, 14_000), (4_000, 14_000)]


def test_speech__is_never_the_song_of_a_film() -> None:
    film, told = made({"edit": "make_video", "song": "v1"}, about=situation(CITY, SEA, VOICE, SONG))
    assert {s.meta["media"] for s in film.segments("song")} == {"s1"}
    assert spans(film, "speech") == [(0, 9_000)]
    assert "voice is heard over it" in told
    again, _ = made({"edit": "recut", "another": True}, draft=film, about=situation(CITY, SEA, VOICE, SONG))
    assert again.segments("speech") == film.segments("speech")
    field, words = refused({"edit": "use_song", "media": "v1"}, draft=film)
    assert (field, "voice recording" in words) == ("media", True)
    film, _ = made({"edit": "use_song", "media": "s2"}, draft=film)
    assert spans(film, "speech") == [(0, 9_000)]
    assert {s.meta["media"] for s in film.segments("song")} == {"s2"}


@pytest.mark.parametrize(
    ("media", "seconds"), [((PHOTO, VOICE), 9), ((SEA, VOICE), 9), ((CITY, SEA, VOICE), 14), ((VOICE,), 9)]
)
def test_make_video__speech_without_a_song__pictures_last_as_long(media: tuple[MediaItem, ...], seconds: int) -> None:
    film, _ = made({"edit": "make_video"}, about=situation(*media))
    assert film.picture_end_ms == 1000 * seconds
    assert spans(film, "speech") == [(0, 9_000)]
    assert not film.segments("song")
    short, _ = made({"edit": "make_video", "duration_s": 4}, about=situation(*media))
    assert (short.picture_end_ms, spans(short, "speech")) == (4_000, [(0, 4_000)])


def test_use_song__film_cut_to_music__lasts_as_long_as_the_voice() -> None:
    about = situation(CITY, SEA, VOICE, SONG, replace(OTHER, duration_ms=6_000))
    film, _ = made({"edit": "make_video", "song": "s1"}, about=about)
    film, _ = made({"edit": "use_song", "media": "s2"}, draft=film, about=about)
    assert film.picture_end_ms == max(end for _, end in spans(film, "song")) == 9_000
    assert spans(film, "speech") == [(0, 9_000)]


def test_add_music__cuts_anew_beside_a_song__follow_its_own_beats() -> None:
    film = row({"edit": "use_song", "media": "s1", "under": True})
    anew = {"edit": "add_music", "mood": "house", "bpm": 100, "pace": {"every": 4}}
    film, told = made(anew, draft=film, about=SHOW)
    alone, _ = made({**anew, "replaces": True}, draft=film, about=SHOW)
    assert "Cut the pictures to its beats" in told
    assert spans(film, "clip") == spans(alone, "clip")
    assert any(abs(start - 2_400) <= 34 for start, _ in spans(film, "clip"))


def test_set_content__changes_what_lies_there_and_what_comes_later() -> None:
    about = situation(CITY, SEA, MEMO)
    film, _ = made({"edit": "make_video"}, {"edit": "add_music"}, about=about)
    assert film.segments("song")
    film, told = made({"edit": "set_content", "media": "v2", "content": "speech"}, draft=film, about=about)
    assert "memo is a voice recording from now on" in told
    assert film["m"]["contents"] == {"v2": "speech"}
    assert film.segments("speech")
    assert not film.segments("song")
    assert film.segments("bgm")[0].meta["duck"] == 0.25
    assert refused({"edit": "set_content", "media": "v2", "content": "speech"}, draft=film, about=about)[0] == "content"
    film, _ = made({"edit": "make_video"}, draft=film, about=about)
    assert not film.segments("song")
    film, _ = made({"edit": "set_content", "media": "v2", "content": "music"}, draft=film, about=about)
    assert film.segments("song")
    assert refused({"edit": "set_content", "media": "c1", "content": "music"}, about=about)[0] == "media"


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


def test_set_volume__stretch__cuts_speech_and_songs() -> None:
    film, told = made(
        {"edit": "set_volume", "target": "speech", "volume": 0, "start_s": 1, "end_s": 2}, draft=lanes(), about=SHOW
    )
    assert "from 0:01 to 0:02" in told
    parts = sorted((s.start_ms, s.end_ms, s["v"], s.meta["in_ms"]) for s in film.segments("speech"))
    assert parts == [(0, 1_000, 1.0, 0), (1_000, 2_000, 0.0, 1_000), (2_000, 5_000, 1.0, 2_000)]


def test_set_volume__restore__gives_the_former_level_back() -> None:
    before = made({"edit": "set_volume", "target": "song", "volume": 0.4}, draft=lanes(), about=SHOW)[0]
    muted = made({"edit": "set_volume", "target": "song", "volume": 0}, draft=before, about=SHOW)[0]
    back = {"edit": "set_volume", "target": "song", "restore": True}
    film, _ = made(back, draft=muted, about=replace(SHOW, earlier=(before,)))
    assert film.segments("song")[0]["v"] == 0.4


@cases
def test_set_volume__not_possible(values: dict[str, Any], field: str, words: str) -> None:
    found, told = refused({"edit": "set_volume", **values}, draft=lanes(), about=SHOW)
    assert (found, words in told) == (field, True), told


def test_duck__of_one_lane_and_back() -> None:
    film = lanes()
    film, told = made({"edit": "duck", "target": "song", "level": 0.5}, draft=film, about=SHOW)
    assert "50% of its volume while the voice is heard" in told
    assert [s.meta["duck"] for s in film.segments("song", "bgm")] == [0.25, 0.5]
    film, _ = made({"edit": "duck", "level": 1}, draft=film, about=SHOW)
    assert not any("duck" in s.meta for s in film.segments("song", "bgm"))
    assert "not ducked" in refused({"edit": "duck", "level": 1}, draft=film, about=SHOW)[1]
    assert "no music to lower" in refused({"edit": "duck"}, draft=row(), about=SHOW)[1]
    mute = situation(SEA, SONG)
    silent = made(ROW, {"edit": "add_music"}, about=mute)[0]
    assert "None of the clips has sound" in refused({"edit": "duck"}, draft=silent, about=mute)[1]


def test_place_music__each_lane_keeps_its_own_start() -> None:
    film, told = made({"edit": "place_music", "start_s": 2, "end_s": 8}, draft=lanes(), about=SHOW)
    assert told == "The music is heard from 0:02 to 0:08."
    assert spans(film, "song") == spans(film, "bgm") == [(2_000, 8_000)]
    assert spans(film, "speech") == [(0, 5_000)]
    film, _ = made({"edit": "place_music", "target": "composed", "last_s": 3}, draft=film, about=SHOW)
    assert (spans(film, "bgm"), spans(film, "song")) == ([(11_000, 14_000)], [(2_000, 8_000)])
    assert film.segments("bgm")[0].meta["duck"] == 0.25
    film, _ = made({"edit": "place_music", "target": "song", "start_s": 4}, draft=film, about=SHOW)
    assert spans(film, "song") == [(4_000, 8_000)]
    field, words = refused({"edit": "place_music", "start_s": 13.5}, draft=film, about=SHOW)
    assert (field, "0:14 long" in words) == ("start_s", True)


def test_place_music__without_times__fits_the_pictures() -> None:
    film = row({"edit": "use_song", "media": "s2", "under": True})
    assert "ends at 0:12" in refused({"edit": "place_music"}, draft=film, about=SHOW)[1]
    film, _ = made({"edit": "place_music", "loop": True}, draft=film, about=SHOW)
    assert max(end for _, end in spans(film, "song")) == 14_000
    assert "already lasts as long" in refused({"edit": "place_music"}, draft=film, about=SHOW)[1]
    film.segments("song")[-1]["d"] += 2_000
    cut, told = made({"edit": "place_music"}, draft=film.measure(), about=SHOW)
    assert "Cut the music to the video's 14 s" in told
    assert max(end for _, end in spans(cut, "song")) == 14_000
    assert refused({"edit": "place_music", "start_s": 1}, draft=row(), about=SHOW)[0] == "target"


def test_use_song__not_possible() -> None:
    assert "no uploaded song" in refused({"edit": "use_song"}, about=situation(CITY, VOICE))[1]
    field, words = refused({"edit": "use_song", "media": "gone"}, about=SHOW)
    assert (field, "song.mp3, other.mp3" in words) == ("media", True)
    assert refused({"edit": "use_song", "media": "s2", "in_s": 11.5}, about=SHOW)[0] == "in_s"
    flat = situation(CITY, replace(SONG, beats_ms=(), downbeats_ms=()))
    assert refused({"edit": "use_song", "part": "drop"}, about=flat)[0] == "part"
    film, _ = made({"edit": "use_song", "media": "s1"}, about=SHOW)
    assert "plays already" in refused({"edit": "use_song", "media": "s1"}, draft=film, about=SHOW)[1]


def test_crossfade__later_music_moves_and_both_fade() -> None:
    drawn = situation(SONG, OTHER, MEMO)
    film, _ = made({"edit": "make_video", "song": "s1"}, {"edit": "add_sound", "media": "s2"}, about=drawn)
    film, told = made({"edit": "add_sound", "media": "v2", "role": "song"}, draft=film, about=drawn)
    assert spans(film, "song") == [(0, 20_000), (20_000, 32_000), (32_000, 37_000)]
    film, told = made({"edit": "crossfade", "duration_s": 2}, draft=film, about=drawn)
    assert "song fades into other at 0:18, over 2 s" in told
    assert film.picture_end_ms == 33_000
    assert spans(film, "song") == [(0, 20_000), (18_000, 30_000), (28_000, 33_000)]
    one, two, three = sorted(film.segments("song"), key=start_of)
    fades = [(s.meta["fade_in_ms"], s.meta["fade_out_ms"]) for s in (one, two, three)]
    assert fades == [(0, 2_000), (2_000, 2_000), (2_000, 0)]
    for track in film["t"]:
        ends = [(s.start_ms, s.end_ms) for s in track["sg"]]
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(ends))


def test_crossfade__of_songs__leaves_the_composed_music() -> None:
    about = situation(SONG, OTHER)
    film, _ = made({"edit": "make_video", "song": "s1"}, {"edit": "add_sound", "media": "s2"}, about=about)
    film, _ = made({"edit": "add_music"}, draft=film, about=about)
    film, _ = made({"edit": "crossfade", "target": "song", "duration_s": 30}, draft=film, about=about)
    assert spans(film, "song") == [(0, 20_000), (14_000, 26_000)]
    assert spans(film, "bgm") == spans(film, "backdrop") == [(0, 32_000)]


def test_set_volume__music_of_a_service__needs_no_role() -> None:
    draft = {"t": [{"tt": 1, "sg": [{"s": 0, "d": 5000, "x": 1}]}]}
    film, told = made({"edit": "set_volume", "volume": 0.5}, draft=draft)
    assert told == "Set the music to 50% (it was 100%)."
    assert film["t"][0]["sg"][0].items() >= {"v": 0.5, "x": 1}.items()


def test_crossfade__not_possible() -> None:
    film = row({"edit": "use_song", "media": "s1", "under": True})
    field, words = refused({"edit": "crossfade"}, draft=film, about=SHOW)
    assert (field, "no other music after it" in words) == ("target", True)
    film, _ = made({"edit": "add_sound", "media": "s2", "at_s": 0}, draft=film, about=SHOW)
    field, words = refused({"edit": "crossfade"}, draft=film, about=SHOW)
    assert (field, "same time" in words) == ("other", True)
    assert refused({"edit": "crossfade"}, draft=row(), about=SHOW)[0] == "target"


def test_remove_silence__clip__what_follows_moves_up_and_music_goes_on() -> None:
    film = row({"edit": "use_song", "media": "s1", "under": True})
    film, told = made({"edit": "remove_silence"}, draft=film, about=SHOW)
    assert "Cut out 1 silence, 1.7 s in all. The video is now 12.3 s long (it was 14 s)." in told
    city = [(s.start_ms, s.end_ms, s.meta["in_ms"]) for s in film.segments("clip")]
    assert city == [(0, 3_167, 0), (3_167, 6_333, 4_833), (6_333, 12_333, 0)]
    assert spans(film, "song") == [(0, 12_333)]


def test_remove_silence__voice__closes_up_on_its_own_track() -> None:
    about = situation(SEA, VOICE)
    film, _ = made({"edit": "make_video"}, about=about)
    film, told = made({"edit": "remove_silence", "keep_s": 0}, draft=film, about=about)
    assert "Cut out 1 silence, 2 s in all." in told
    voice = [(s.start_ms, s.end_ms, s.meta["in_ms"]) for s in film.segments("speech")]
    assert voice == [(0, 2_000, 0), (2_000, 7_000, 4_000)]
    assert film.picture_end_ms == 9_000


def test_remove_silence__clip_under_a_voice__stays_while_it_speaks() -> None:
    spoken = replace(MEMO, content="speech", duration_ms=4_000)
    about = situation(CITY, SEA, spoken)
    film, _ = made({"edit": "make_video"}, about=about)
    film, _ = made({"edit": "remove_silence", "keep_s": 0}, draft=film, about=about)
    assert spans(film, "clip") == [(0, 4_000), (4_000, 7_000), (7_000, 13_000)]
    assert spans(film, "speech") == [(0, 4_000)]


@cases
def test_remove_silence__not_possible(values: dict[str, Any], words: str) -> None:
    assert words in refused({"edit": "remove_silence", **values}, draft=row(), about=SHOW)[1]
