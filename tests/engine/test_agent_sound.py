"""What people say of music, songs, volumes and fades, and what becomes of the draft."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talk import Talk

from nemo_notebook.engine.agent import MediaItem, Situation
from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.translation import apply_wish
from nemo_notebook.engine.agent.wishes import (
    AddMusic,
    FadeMusic,
    PlaceMusic,
    SetVolume,
    UseSong,
)
from nemo_notebook.engine.agent.words.mood_words import named_wish, neighbour
from nemo_notebook.engine.agent.words.tempo_words import read_bpm, read_tempo, tempo_factor
from nemo_notebook.film.drafting import editable
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.sounds import Duck
from nemo_notebook.film.scoring import Look, cuts_of, match
from nemo_notebook.film.soundtrack import part_start_ms
from nemo_notebook.film.telling import NotPossible
from nemo_notebook.music import MOODS, Recipe, beat_times_ms

BEATS = tuple(500 * k + 130 for k in range(40))
SONG = MediaItem(
    "s1",
    "song.mp3",
    "audio",
    20_000,
    has_audio=True,
    beats_ms=BEATS,
    downbeats_ms=BEATS[::4],
    tempo=120.0,
    energy=(0.2,) * 5 + (0.6,) * 5 + (1.0,) * 7 + (0.3,) * 3,
    sections=((0, 0.2), (6130, 0.6), (10_130, 1.0), (16_130, 0.3)),
    drops_ms=(10_130,),
)
SHORT = replace(SONG, id="s2", filename="song2.mp3", duration_ms=9_000, beats_ms=BEATS[:17], downbeats_ms=BEATS[:17:4])
LOUD = MediaItem("c1", "clip1.mp4", "video", 8_000, 1920, 1080, has_audio=True, scenes_ms=(3_000,))
MUTE = MediaItem("c2", "clip2.mp4", "video", 6_000, 1920, 1080)
PHOTOS = tuple(MediaItem(f"p{n}", f"photo{n}.jpg", "image", 0, 2000, 1500) for n in (1, 2, 3))
UPLOADS = {
    "clips": (LOUD, MUTE),
    "song+clips": (SONG, LOUD, MUTE),
    "songs+clips": (SONG, SHORT, LOUD, MUTE),
    "short+clips": (SHORT, LOUD, MUTE),
    "song": (SONG,),
    "photos": PHOTOS,
    "nothing": (),
}


def talk_of(uploads: str, *turns: str) -> Talk:
    talk = Talk("nothing")
    talk.media = UPLOADS[uploads]
    for turn in turns:
        talk.say(turn)
    return talk


def music_of(talk: Talk) -> dict:
    return talk.role("bgm")[0]["m"]["music"]


def mood(name: str) -> Callable[[Talk], bool]:
    return lambda talk: music_of(talk)["mood"] == name


def bpm(value: float, spread: float = 0.0) -> Callable[[Talk], bool]:
    return lambda talk: abs(music_of(talk)["bpm"] - value) <= spread + 1e-6


def level(value: float) -> Callable[[Talk], bool]:
    return lambda talk: talk.music.volume == pytest.approx(value, abs=0.001)


def clips_at(*values: float | None) -> Callable[[Talk], bool]:
    return lambda talk: [clip.get("v") for clip in talk.role("clip")] == list(values)


def fades(fade_in_ms: int, fade_out_ms: int) -> Callable[[Talk], bool]:
    def check(talk: Talk) -> bool:
        own = talk.music.raw["m"]
        return (own["fade_in_ms"], own["fade_out_ms"]) == (fade_in_ms, fade_out_ms)

    return check


def heard(*stretches: tuple[float, float]) -> Callable[[Talk], bool]:
    """Music at these times in seconds, and silence at all others."""
    return lambda talk: (
        [(s.start_ms / 1000, s.end_ms / 1000) for s in talk.kind("audio") if s.volume is None or s.volume > 0]
        == list(stretches)
    )


def song(media: str, in_ms: int, end_s: float) -> Callable[[Talk], bool]:
    def check(talk: Talk) -> bool:
        first = talk.role("song")[0]["m"]
        ends = max(segment.end_ms for segment in talk.kind("audio"))
        return first["media"] == media and first["in_ms"] == in_ms and abs(ends / 1000 - end_s) < 0.05

    return check


def ducked(talk: Talk) -> bool:
    return all(0 < s.raw["m"].get("duck", 1) < 1 for s in talk.kind("audio"))


def not_ducked(talk: Talk) -> bool:
    return all("duck" not in s.raw["m"] for s in talk.kind("audio"))


ROWS: list[tuple[str, tuple[str, ...], Callable[[Talk], bool]]] = [
    ("clips", ("add epic music",), mood("epic")),
    ("clips", ("配一段史诗感的音乐",), mood("epic")),
    ("clips", ("add hip-hop beats",), mood("hiphop")),
    ("clips", ("来一首嘻哈风格的配乐",), mood("hiphop")),
    ("clips", ("some jazz please",), mood("jazz")),
    ("clips", ("I'd like some happy ukulele music in the background",), mood("happy")),
    ("clips", ("generate background music for my wedding video",), mood("romantic")),
    ("clips", ("给产品介绍配商务风格的音乐",), mood("corporate")),
    ("clips", ("add acoustic guitar music",), mood("acoustic")),
    ("clips", ("用原声吉他配乐",), mood("acoustic")),
    ("clips", ("加一段电子音乐",), mood("edm")),
    ("clips", ("add rock music",), mood("rock")),
    ("clips", ("加暗黑风格的背景音乐",), mood("dark")),
    ("clips", ("add sad piano music",), mood("sad")),
    ("clips", ("calm piano music please",), mood("romantic")),
    ("clips", ("can you compose something chill for it?",), mood("chill")),
    ("clips", ("add orchestral music",), mood("cinematic")),
    ("clips", ("add k-pop music",), lambda t: mood("happy")(t) and "k-pop" in t.replies[-1]),
    ("clips", ("来点古风音乐",), lambda t: mood("acoustic")(t) and "古风" in t.replies[-1]),
    ("clips", ("trap music for my video",), mood("hiphop")),
    ("clips", ("add electronic music at 128 bpm",), bpm(128)),
    ("clips", ("配一首120拍的电子音乐",), bpm(120)),
    ("clips", ("add slow lofi music",), lambda t: music_of(t)["bpm"] < MOODS["lofi"].bpm[0] + 1),
    ("clips", ("add a reggae track at 50%",), level(0.5)),
    ("clips", ("add lofi music at 30% and make it fast",), lambda t: level(0.3)(t) and mood("lofi")(t)),
    ("clips", ("add upbeat music", "make it 100 bpm"), bpm(100)),
    ("clips", ("add upbeat music at 100 bpm", "slower"), bpm(100 / 1.15, 0.1)),
    ("clips", ("add upbeat music at 100 bpm", "音乐慢一点"), bpm(100 / 1.15, 0.1)),
    ("clips", ("add upbeat music at 90 bpm", "double the tempo"), bpm(180)),
    ("clips", ("add lofi music", "change it to jazz"), mood("jazz")),
    ("clips", ("add lofi music at 20%", "change the music to jazz"), level(0.2)),
    ("clips", ("add upbeat music", "换成轻柔的钢琴曲"), mood("romantic")),
    ("clips", ("add chill music", "more energetic"), mood("upbeat")),
    ("clips", ("add upbeat music", "calmer please"), mood("chill")),
    ("clips", ("加轻快的音乐", "更激烈一点"), mood("edm")),
    ("clips", ("add happy music", "make it in a minor key"), mood("sad")),
    ("clips", ("add chill music", "try a different track"), lambda t: music_of(t)["seed"] == 8),
    ("clips", ("add chill music", "换一首"), lambda t: music_of(t)["seed"] == 8),
    ("clips", ("add chill music and fade it out over 3 seconds", "another one"), fades(0, 3000)),
    ("clips", ("add music", "no music"), lambda t: not t.kind("audio")),
    ("clips", ("add music", "去掉背景音乐"), lambda t: not t.kind("audio")),
    ("clips", ("add music", "remove the music", "undo"), lambda t: len(t.kind("audio")) == 1),
    ("clips", ("sync music to the cuts",), lambda t: music_of(t)["cuts_ms"] == [3000, 8000]),
    ("photos", ("make a slideshow with romantic music",), lambda t: music_of(t)["cuts_ms"] == [3000, 6000]),
    ("clips", ("加一段节奏快的电子乐，并卡点",), lambda t: len(t.role("clip")) > 4),
    ("clips", ("add chill music and duck it under the voice",), lambda t: ducked(t) and level(0.35)(t)),
    ("clips", ("add music", "lower the music when I talk"), ducked),
    ("clips", ("add music", "说话时音乐小一点"), ducked),
    ("clips", ("add music", "I can't hear the voice"), ducked),
    ("clips", ("add music", "duck the music", "no ducking"), not_ducked),
    ("clips", ("add music", "自动闪避", "取消闪避"), not_ducked),
    ("song+clips", ("make a music video", "duck the music under the speech"), ducked),
    ("clips", ("add music", "set the music volume to 35%"), level(0.35)),
    ("clips", ("add music", "调到三成"), level(0.3)),
    ("clips", ("add music", "音量减半"), level(0.175)),
    ("clips", ("add music", "half as loud"), level(0.175)),
    ("clips", ("add music", "twice as loud"), level(0.7)),
    ("clips", ("add music", "20% louder"), level(0.42)),
    ("clips", ("add music", "+20%"), level(0.42)),
    ("clips", ("add music", "turn the music down 20%"), level(0.28)),
    ("clips", ("add music", "turn it down to 20%"), level(0.2)),
    ("clips", ("add music", "too loud"), level(0.25)),
    ("clips", ("add music", "the music is too quiet"), level(0.49)),
    ("clips", ("add music", "最大音量"), level(1.0)),
    ("clips", ("add music", "三分之一音量"), level(1 / 3)),
    ("clips", ("add music", "mute the music", "louder"), level(0.5)),
    ("clips", ("use my clips", "mute clip1"), clips_at(0, None)),
    ("clips", ("use my clips", "clip 1 at half volume"), clips_at(0.5, None)),
    ("clips", ("use my clips", "clip1静音"), clips_at(0, None)),
    ("clips", ("use my clips", "turn the first clip down to 30%"), clips_at(0.3, None)),
    ("clips", ("add music", "视频原声调到30%"), lambda t: clips_at(0.3, None)(t) and level(0.35)(t)),
    ("clips", ("add rock music and mute the original audio",), clips_at(0, None)),
    ("clips", ("add music", "mute everything"), lambda t: clips_at(0, None)(t) and level(0)(t)),
    (
        "clips",
        ("add music", "set the music to 40% and the clips to 20%"),
        lambda t: clips_at(0.2, None)(t) and level(0.4)(t),
    ),
    ("clips", ("add music", "mute the music from 0:05 to 0:08"), heard((0, 5), (8, 14))),
    ("clips", ("add music", "remove the music from 0:05 to 0:08"), heard((0, 5), (8, 14))),
    ("song+clips", ("make a music video", "把音乐从第5秒到第8秒静音"), heard((0, 5), (8, 20))),
    ("clips", ("use my clips", "mute the clips for the first 2 seconds"), clips_at(0, 1.0, None)),
    ("clips", ("add music", "前3秒不要音乐"), heard((3, 14))),
    ("clips", ("add music", "no music for the last 4 seconds"), heard((0, 10))),
    ("clips", ("add music", "turn the music off"), lambda t: not t.kind("audio")),
    ("clips", ("add music", "make everything louder by 10%"), level(0.385)),
    (
        "song+clips",
        ("make a music video", "bring back the original sound"),
        lambda t: 1.0 in {c.get("v") for c in t.role("clip")},
    ),
    ("clips", ("add music", "music only from 0:02 to 0:06"), heard((2, 6))),
    ("clips", ("add music", "stop the music at 0:10"), heard((0, 10))),
    ("clips", ("add music", "let the music come in at 0:05"), heard((5, 14))),
    ("clips", ("use my clips", "add music from 0:05 to 0:10"), heard((5, 10))),
    ("clips", ("add music", "fade in for the first 3 seconds"), fades(3000, 0)),
    ("clips", ("add music", "fade in 1s and out 3s"), fades(1000, 3000)),
    ("clips", ("add music", "音乐开头淡入2秒结尾淡出3秒"), fades(2000, 3000)),
    ("clips", ("add music", "fade out from 0:10"), fades(0, 4000)),
    ("clips", ("add music", "fade the music in and out", "no fade"), fades(0, 0)),
    ("clips", ("add music", "淡出3秒", "不要淡出"), fades(0, 0)),
    ("songs+clips", ("make a music video", "use song.mp3 instead"), song("s1", 0, 20)),
    ("songs+clips", ("make a music video", "the first song"), song("s1", 0, 20)),
    ("songs+clips", ("make a music video", "use the other song"), song("s1", 0, 20)),
    ("songs+clips", ("make a video with the first song", "用第二首歌"), song("s2", 0, 9)),
    ("songs+clips", ("make a music video", "换一首歌"), song("s1", 0, 20)),
    ("songs+clips", ("用第一首歌做视频",), song("s1", 0, 20)),
    ("song+clips", ("use my song as background music",), lambda t: song("s1", 0, 14)(t) and level(0.35)(t)),
    ("song+clips", ("用我的歌当背景音乐",), lambda t: len(t.role("clip")) == 2),
    ("songs+clips", ("use song.mp3 as background for my clips at 30% volume",), level(0.3)),
    ("song+clips", ("make a music video", "start the song from the drop"), song("s1", 10_130, 9.87)),
    ("song+clips", ("make a music video", "从副歌开始"), song("s1", 10_130, 9.87)),
    ("song+clips", ("make a music video", "use the part from 0:05 to 0:12 of the song"), song("s1", 5000, 7)),
    ("song+clips", ("make a music video", "start the song at 0:05"), song("s1", 5000, 15)),
    ("song+clips", ("make a music video", "skip the first 3 seconds of the song"), song("s1", 3000, 17)),
    ("song+clips", ("make a music video", "start at the chorus", "play the whole song"), song("s1", 0, 20)),
    ("song+clips", ("make a music video with the chorus of my song",), song("s1", 10_130, 9.87)),
    ("song", ("make a video from my song", "start at the chorus"), song("s1", 10_130, 9.87)),
    ("short+clips", ("use my song as background music", "loop the music"), lambda t: t.music.end_ms == 14_000),
    ("short+clips", ("use my song as background music", "循环音乐"), lambda t: t.music.end_ms == 14_000),
    ("nothing", ("make a lofi beat for 45 seconds",), lambda t: mood("lofi")(t) and t.end_s == 45),
    ("nothing", ("生成一段30秒的嘻哈伴奏",), lambda t: mood("hiphop")(t) and t.end_s == 30),
    ("nothing", ("I want a 20 second jazz tune at 140 bpm",), lambda t: bpm(140)(t) and t.end_s == 20),
]


@pytest.mark.parametrize(("uploads", "turns", "holds"), ROWS, ids=[f"{'|'.join(r[1])}" for r in ROWS])
def test_what_is_said_of_sound_is_done(uploads, turns, holds):
    talk = talk_of(uploads, *turns)
    assert holds(talk), (talk.replies[-1], talk.draft)
    json.dumps(talk.draft, allow_nan=False)


@pytest.mark.parametrize(
    ("uploads", "turns"),
    [
        ("clips", ("use my clips", "mute clip2")),
        ("clips", ("use my clips", "louder music")),
        ("clips", ("use my clips", "remove the music")),
        ("clips", ("use my clips", "duck the music")),
        ("clips", ("add music", "set the music to 50% from 0:02 to 0:04")),
        ("clips", ("add music", "add music at 500 bpm")),
        ("song+clips", ("make a music video", "use the third song")),
        ("song+clips", ("make a music video", "another song")),
        ("song+clips", ("make a music video", "speed up the song")),
        ("clips", ("add music", "the beats should fall on the cuts")),
        ("song+clips", ("make a music video", "start the song at 0:40")),
        ("photos", ("make a slideshow with romantic music", "duck the music when I talk")),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(uploads, turns):
    talk = talk_of(uploads, *turns[:-1])
    before = talk.draft
    outcome = talk.say(turns[-1])
    assert outcome.draft is before
    assert outcome.edits == ()


@pytest.mark.parametrize(
    "message",
    [
        "make it warmer",
        "make it darker",
        "faster cuts",
        'add a title "louder jazz"',
        "add crossfades",
        "zoom in",
        "play clip1 at half speed",
        "thanks, love it",
    ],
)
def test_composed_music_stays_when_something_else_is_meant(message):
    talk = talk_of("clips", "add chill music")
    before = [segment.raw for segment in talk.kind("audio")]
    talk.say(message)
    after = [segment.raw["m"]["music"]["mood"] for segment in talk.kind("audio")]
    assert after == ["chill"]
    assert [s["v"] for s in before] == [segment.volume for segment in talk.kind("audio")]


def test_the_reply_says_that_nothing_changes():
    talk = talk_of("clips", "add jazz music")
    outcome = talk.say("jazz music")
    assert outcome.edits == ()
    assert "already" in outcome.reply


def test_music_that_suits_the_video_follows_movement_and_light_and_says_why():
    still = replace(LOUD, scenes_ms=(), motion=(0.02,) * 8, brightness=(0.1,) * 8)
    wild = replace(LOUD, motion=(0.5,) * 8, brightness=(0.6,) * 8, scenes_ms=tuple(range(500, 8000, 500)))
    moods = {}
    for name, clip in (("still", still), ("wild", wild)):
        talk = Talk("nothing")
        talk.media = (clip,)
        reply = talk.say("generate music that matches the mood and pace of my video").reply
        assert "suits the pictures" in reply
        moods[name] = music_of(talk)
    assert moods["still"]["mood"] == "ambient"
    assert moods["wild"]["mood"] in ("edm", "upbeat")
    assert moods["wild"]["bpm"] > moods["still"]["bpm"] + 20


def test_every_look_has_a_mood_that_can_be_composed_and_more_goes_on_in_faster_ones():
    values = (None, 0.0, 0.3, 0.6, 1.0)
    for motion, brightness, shot_s in itertools.product(values, values, (None, 0.5, 3.0, 20.0)):
        found = match(Look(motion, brightness, shot_s))
        low, high = MOODS[found.mood].bpm
        assert found.bpm is None or low <= found.bpm <= high
        assert (not found.why) == (motion is None and brightness is None)
    assert Look(0.9, None, 1.0).energy > Look(0.2, None, 8.0).energy


def test_composed_music_meets_the_cuts_of_the_film_without_moving_them():
    for uploads in ("clips", "photos"):
        talk = talk_of(uploads, "add upbeat music")
        (score,) = talk.role("bgm")
        recipe = Recipe.from_json(score["m"]["music"], score["d"])
        grid = beat_times_ms(recipe)
        grid = [*grid, *((a + b) / 2 for a, b in itertools.pairwise(grid))]
        assert recipe.cuts_ms
        assert all(min(abs(cut - at) for at in grid) <= 40 for cut in recipe.cuts_ms)
    assert [clip["d"] for clip in talk_of("clips", "add upbeat music").role("clip")] == [8000, 6000]


def test_cuts_within_clips_count_only_where_whole_uploads_lie_in_a_row():
    row = talk_of("clips", "use my clips")
    situation = Situation(row.draft, row.media)
    assert cuts_of(editable(row.draft), situation) == [3000, 8000]
    cut = talk_of("song+clips", "make a music video")
    starts = [shot["s"] for shot in cut.role("clip")][1:]
    assert cuts_of(editable(cut.draft), Situation(cut.draft, cut.media)) == starts


def test_a_looped_song_goes_on_where_a_bar_begins():
    talk = talk_of("short+clips", "use my song as background music", "loop the music")
    first, second = talk.role("song")
    end_in_song = first["m"]["in_ms"] + first["d"]
    assert min(abs(end_in_song - down) for down in SHORT.downbeats_ms) <= 34
    assert second["m"]["in_ms"] in SHORT.downbeats_ms
    assert second["m"]["fade_out_ms"] > 0


def test_a_muted_stretch_of_a_song_can_be_heard_again_where_it_was():
    talk = talk_of("song+clips", "make a music video", "mute the music from 0:05 to 0:08")
    parts = talk.role("song")
    assert [part["m"]["in_ms"] for part in parts] == [0, 5000, 8000]
    assert [part["v"] for part in parts] == [1.0, 0.0, 1.0]
    assert [part["m"]["fade_in_ms"] for part in parts] == [0, 0, 0]


def test_a_song_that_is_changed_cuts_the_film_to_its_own_beats():
    talk = talk_of("songs+clips", "make a music video", "use the first song")
    cuts = [shot["s"] for shot in talk.role("clip")][1:]
    assert len(cuts) >= 5
    assert all(min(abs(cut - beat) for beat in BEATS) <= 17 for cut in cuts)


def test_a_song_under_a_row_leaves_the_pictures_as_they_are():
    row = talk_of("song+clips", "use my song as background music")
    assert [(clip["s"], clip["d"], clip.get("v")) for clip in row.role("clip")] == [(0, 8000, 1.0), (8000, 6000, None)]
    assert row.role("song")[0]["m"]["fade_out_ms"] == 2000


def test_parts_of_a_song_are_found_by_what_is_heard():
    assert part_start_ms(SONG, "drop") == 10_130
    assert part_start_ms(SONG, "chorus") == 10_130
    assert part_start_ms(SONG, "intro") == 0
    bare = replace(SONG, sections=(), drops_ms=())
    assert part_start_ms(bare, "chorus") in BEATS[::4]
    assert 7_000 <= part_start_ms(bare, "chorus") <= 12_000
    assert part_start_ms(replace(bare, energy=(0.5,) * 20), "chorus") is None
    assert part_start_ms(SONG, "end", 8_000) == 12_000
    assert part_start_ms(SONG, "end") in BEATS[::4]


@pytest.mark.parametrize("name", [*MOODS])
def test_every_mood_has_words_in_both_languages(name):
    english, chinese = MOODS[name].label_en.lower(), MOODS[name].label_zh
    assert named_wish(f"add {english} music").mood == name
    assert named_wish(f"加{chinese}风格的音乐").mood == name
    assert neighbour("more energetic", name) in MOODS
    assert neighbour("less intense", name) in MOODS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("at 90 bpm", 90),
        ("120拍", 120),
        ("tempo 95.5", 95.5),
        ("bpm: 128", 128),
        ("速度调到100", 100),
        ("90 beats per minute", 90),
        ("every 2 beats", None),
        ("每两拍剪一刀", None),
        ("volume 90%", None),
    ],
)
def test_tempo_in_words(text, value):
    assert read_bpm(text) == value


def test_slow_and_fast_are_told_from_cuts():
    assert read_tempo("fast music") == "fast"
    assert read_tempo("slow music") == "slow"
    assert read_tempo("fast cuts") == read_tempo("slow motion") == "usual"
    assert tempo_factor("a bit faster") < tempo_factor("faster") < tempo_factor("double the tempo")
    assert tempo_factor("loud") is None


NUMBERS = (
    st.integers(-(10**6), 10**9) | st.floats(allow_nan=True, allow_infinity=True) | st.none() | st.text(max_size=3)
)
META = st.fixed_dictionaries(
    {"role": st.sampled_from(["clip", "song", "bgm", "speech", "image", "title", "backdrop", "visualizer", "x"])},
    optional={
        "media": st.sampled_from(["s1", "c1", "c2", "gone"]),
        "music": st.fixed_dictionaries(
            {}, optional={"mood": st.sampled_from(["lofi", "no"]), "bpm": NUMBERS, "seed": NUMBERS}
        )
        | NUMBERS,
        "in_ms": NUMBERS,
        "speed": NUMBERS,
        "duck": NUMBERS,
        "fade_in_ms": NUMBERS,
        "fade_out_ms": NUMBERS,
    },
)
SEGMENTS = st.fixed_dictionaries(
    {"s": NUMBERS, "d": NUMBERS, "m": META}, optional={"v": NUMBERS, "id": st.text(max_size=2)}
)
DRAFTS = st.fixed_dictionaries(
    {
        "t": st.lists(
            st.fixed_dictionaries({"tt": st.sampled_from([0, 1, 7]), "sg": st.lists(SEGMENTS, max_size=3)}), max_size=3
        )
    }
)
EDITS = st.sampled_from(
    [
        AddMusic(),
        AddMusic("jazz", bpm=100, cuts="anew"),
        AddMusic("lofi", duck=True, alone=True, length_ms=5_000),
        UseSong(),
        UseSong(part="chorus", loop=True),
        UseSong("s1", in_ms=5_000, out_ms=8_000, under=True),
        PlaceMusic(),
        PlaceMusic(loop=True),
        PlaceMusic(1_000, 4_000),
        PlaceMusic(None, 2_000),
        Remove(target="music"),
        Duck(),
        Duck(level=1.0),
        FadeMusic(1_000, 2_000),
        FadeMusic(out_from_ms=500),
        SetVolume("all", 0.5),
        SetVolume("music", 0.0, start_ms=500, end_ms=2_500),
        SetVolume("clips", 2.0, relative=True, pick=Pick("clip", number=1)),
    ]
)


@given(draft=DRAFTS, edits=st.lists(EDITS, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_edits_of_sound_bear_any_draft_and_leave_frames_and_levels_in_order(draft, edits):
    now = draft
    for edit in edits:
        situation = Situation(now, (SONG, LOUD, MUTE), language="en", seed=3)
        try:
            now, told, _ = apply_wish(now, edit, situation)
        except NotPossible as reason:
            told = str(reason)
        assert told.strip()
    for segment in editable(now).segments("bgm", "song"):
        assert segment["d"] > 0
        assert segment["s"] == round(round(segment["s"] * 30 / 1000) * 1000 / 30)


def test_music_without_any_upload__gives_the_film_its_name() -> None:
    def title(talk: Talk) -> str:
        return str(talk.draft["m"]["title"])

    talk = talk_of("nothing", "compose a 30 second jazz track")
    assert title(talk) == "Jazz"
    talk.say("make it lo-fi instead")
    assert (title(talk), music_of(talk)["mood"]) == ("Lo-fi", "lofi")
    assert title(talk_of("nothing", "创作一段30秒的爵士乐")) == MOODS["jazz"].label_zh
    talk.draft["m"]["title"] = "My trip"
    talk.say("epic music")
    assert (title(talk), music_of(talk)["mood"]) == ("My trip", "epic")
    assert title(talk_of("clips", "add lo-fi music")) == "Clip1"


def test_artist_of_a_song__goes_with_the_song() -> None:
    talk = Talk("nothing")
    talk.media = (replace(SONG, title="Lanterns", artist="Someone"), LOUD)
    talk.say("make a music video")
    assert talk.draft["m"]["artist"] == "Someone"
    talk.say("replace the song with lo-fi music")
    assert talk.role("bgm")
    assert "artist" not in talk.draft["m"]
