"""Words → edits → draft: what people say, what becomes of the draft, what they are told."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from talk import BEATS, CITY, SONG, UPLOADS, Talk

from nemo_notebook.engine.agent import MediaItem, Question, Situation, respond
from nemo_notebook.film.draft import read_segments
from nemo_notebook.music import Recipe, beat_times_ms

FILMS = [
    "create a video from this music with visualizer and beat-synced cuts",
    "sync visuals to the beat and generate a music video for track ab2n 0330",
    "create a 3-minute MP3 track into a 1080p MP4",
    "generate my audio files",
    "generate my video clips",
    "generating music videos from audio tracks for musicians and content creators",
    "generating videos from music tracks for musicians and content creators",
    "add a 60-second travel montage clip into a 1080p MP4",
    "make a video from my song",
    "make a music video",
    "Make me a cool music video, please!",
    "turn my clips into a music video",
    "use my clips",
    "cut on the beat",
    "用这首歌做一个视频",
    "做一个卡点音乐视频",
    "把素材剪成视频，卡点",
]


@pytest.mark.parametrize("message", FILMS)
def test_film__song_and_clips__is_cut_on_the_beat_to_the_songs_length(message):
    talk = Talk("song+clips", message)
    shots = talk.role("clip")
    assert len(shots) >= 6
    assert talk.end_s == talk.picture_end_s == 20.0
    assert talk.draft["d"] == 20_000
    cuts = [shot["s"] for shot in shots][1:]
    assert all(min(abs(cut - beat) for beat in BEATS) <= 17 for cut in cuts)
    assert {shot["m"]["media"] for shot in shots} == {"c1", "c2"}
    assert {shot["m"]["media"]: shot.get("v") for shot in shots} == {"c1": None, "c2": 0}
    assert talk.music.volume == 1
    assert talk.draft["m"] | {"title": "My Song", "width": 1920, "height": 1080, "fps": 30} == talk.draft["m"]


SCORES = [
    "generate a background music track that matches the mood and pace of my video",
    "add background music to a travel video and sync it to the cuts",
    "create an upbeat background track for my travel video",
    "create an upbeat background track for",
    "generate a background music track that",
    "adding background music to a video automatically for content creators",
    "add lo-fi background music",
    "I need some chill music",
    "给视频加轻快的背景音乐",
    "生成一段舒缓的配乐",
    "给我的旅行视频配一首轻快的音乐并对齐剪辑",
]


@pytest.mark.parametrize("message", SCORES)
def test_music__clips__is_composed_under_the_whole_video(message):
    talk = Talk("clips", message)
    (score,) = talk.role("bgm")
    assert set(score["m"]["music"]) == {"mood", "bpm", "seed", "cuts_ms"}
    assert score["m"]["music"]["cuts_ms"] == [8000]
    assert score["s"] == 0
    assert talk.music.end_ms / 1000 == talk.picture_end_s
    assert len(talk.role("clip")) == 2
    assert score["v"] == 0.35  # one clip has sound


@pytest.mark.parametrize(
    ("message", "mood"),
    [
        ("add lo-fi background music", "lofi"),
        ("add cinematic music", "cinematic"),
        ("add sad piano music", "sad"),
        ("add epic music", "epic"),
        ("add happy music", "happy"),
        ("add background music to my travel video", "upbeat"),
        ("add background music", "chill"),
        ("加伤感的音乐", "sad"),
        ("配一段史诗音乐", "epic"),
        ("加轻快的背景音乐", "upbeat"),
    ],
)
def test_music__mood_words__choose_the_mood(message, mood):
    assert Talk("clips", message).role("bgm")[0]["m"]["music"]["mood"] == mood


def test_music__synced_to_cuts__bends_a_beat_to_the_cut():
    talk = Talk("clips", "add 97 bpm chill music and sync it to the cuts")
    recipe = Recipe.from_json(talk.role("bgm")[0]["m"]["music"], 14_000)
    assert recipe.bpm == 97
    assert talk.role("clip")[1]["s"] == 8000
    beats = beat_times_ms(recipe)
    halves = [(a + b) / 2 for a, b in itertools.pairwise(beats)]
    assert min(abs(8000 - beat) for beat in [*beats, *halves]) <= 40


def test_music__music_video_without_a_song__is_cut_to_composed_beats():
    talk = Talk("clips", "make a music video")
    bpm = talk.role("bgm")[0]["m"]["music"]["bpm"]
    cuts = [shot["s"] for shot in talk.role("clip")][1:]
    assert len(cuts) >= 3
    assert all(min(cut % (60_000 / bpm), -cut % (60_000 / bpm)) <= 17 for cut in cuts)
    assert {shot.get("v") for shot in talk.role("clip")} == {None, 0}


def test_music__replacing_a_song__keeps_the_length_and_cuts_to_the_new_beats():
    talk = Talk("song+clips", "make a music video", "replace the music with lo-fi")
    assert not talk.role("song")
    assert talk.role("bgm")[0]["m"]["music"]["mood"] == "lofi"
    assert talk.end_s == 20.0


def test_music__another_one__has_another_seed():
    talk = Talk("clips", "add chill music")
    first = talk.role("bgm")[0]["m"]["music"]
    talk.say("give me another track")
    second = talk.role("bgm")[0]["m"]["music"]
    assert (second["mood"], second["seed"]) == ("chill", first["seed"] + 1)


def test_song_alone__becomes_a_visualizer_over_a_backdrop():
    talk = Talk("song", "make a video from my song")
    assert [segment.raw["m"]["role"] for segment in talk.kind("video")] == ["backdrop", "visualizer"]
    assert [track["m"]["name"] for track in talk.draft["t"]] == ["Video", "Visualizer", "Song"]
    assert talk.end_s == 20.0


def test_slideshow__photos_and_song__zooms_in_and_out_on_the_beat():
    talk = Talk("photos+song", "make a slideshow of my photos with this song, cut on the beat")
    shots = talk.role("image")
    assert len(shots) >= 3
    assert [shot["m"]["zoom"] > 1 for shot in shots[:4]] == [True, False, True, False]
    assert talk.end_s == 20.0


def test_clips_without_a_song__lie_in_a_row_with_their_sound():
    talk = Talk("clips", "make a video")
    assert [(c["s"], c["d"], c.get("v")) for c in talk.role("clip")] == [(0, 8000, None), (8000, 6000, 1.0)]
    assert not talk.kind("audio")


@pytest.mark.parametrize(("message", "seconds"), [("make a 10 second video", 10), ("做一个10秒的视频", 10)])
def test_film__length__is_kept(message, seconds):
    assert Talk("song+clips", message).end_s == seconds
    assert Talk("clips", message).end_s == seconds


def test_film__one_song_of_two__is_chosen_by_its_name():
    other = MediaItem("s0", "ab2n 0330.mp3", "audio", 10_000)
    situation = Situation({}, (other, SONG, CITY))
    draft = respond("generate a music video for track ab2n 0330", situation).draft
    assert draft["d"] == 10_000
    assert respond("generate a music video", situation).draft["d"] == 20_000


def test_film__only_one_clip__shows_only_that():
    talk = Talk("song+clips", "use only sea and cut on the beat")
    assert {shot["m"]["source"] for shot in talk.role("clip")} == {"sea.mp4"}


def test_film__made_again__keeps_titles_and_canvas():
    talk = Talk("song+clips", "make a music video", 'add a title "A"', "make it square", "make a music video")
    assert talk.title.text == "A"
    assert talk.size == (1080, 1080)


TITLES = [
    ('add a title "Urban Dreams" for the first 3 seconds', "Urban Dreams", 0, 3),
    ("add a title Urban Dreams for the first 3 seconds", "Urban Dreams", 0, 3),
    ('add a title "Hello" for 4 seconds', "Hello", 0, 4),
    ('add a title "Export Day" at the end for 2 seconds', "Export Day", 18, 20),
    ('put the text "Hi" from 0:05 to 0:08', "Hi", 5, 8),
    ('show the caption "Now" at 5s', "Now", 5, 8),
    ('add the title "Remove the music and mute it"', "Remove the music and mute it", 0, 3),
    ('write "make it vertical 9:16" over the whole video', "make it vertical 9:16", 0, 20),
    ("add a title: Paper Moon", "Paper Moon", 0, 3),
    ("add the song name as a title for 2 s", "My Song", 0, 2),
    ("在开头加标题“城市之梦”，3秒", "城市之梦", 0, 3),
    ("在结尾加标题「再见」，两秒", "再见", 18, 20),
    ("从第5秒到第8秒显示文字“夜色”", "夜色", 5, 8),
    ("加标题：夏天", "夏天", 0, 3),
    ("加上歌名作为标题", "My Song", 0, 3),
]


@pytest.mark.parametrize(("message", "text", "start_s", "end_s"), TITLES)
def test_title__words_and_time__are_as_asked(message, text, start_s, end_s):
    talk = Talk("song+clips", "make a video from my song")
    before = [segment.raw for segment in read_segments(talk.draft)]
    talk.say(message)
    assert talk.title.text == text
    assert (talk.title.start_ms, talk.title.end_ms) == (start_s * 1000, end_s * 1000)
    assert [s.raw for s in read_segments(talk.draft) if s.kind != "text"] == before
    assert text in talk.replies[-1]


@pytest.mark.parametrize(
    ("message", "look"),
    [
        ('add "Hi" in yellow at the bottom, small', {"color": "#ffd60a", "position": "bottom", "size": "small"}),
        ('add the title "Hi" in #12abef at the top', {"color": "#12abef", "position": "top"}),
        ("在底部加红色小号标题“你好”", {"color": "#ff3b30", "position": "bottom", "size": "small"}),
    ],
)
def test_title__look__is_as_asked(message, look):
    own = Talk("song+clips", "make a music video", message).title.raw["m"]
    assert own | look == own


def test_title__changed_by_pronoun__is_the_one_just_added():
    talk = Talk("song+clips", "make a music video", 'add a title "One"')
    talk.say('change it to "Two"')
    assert talk.title.text == "Two"
    talk.say("make it red")
    talk.say("move it to the end for 2 seconds")
    assert talk.title.raw["m"]["color"] == "#ff3b30"
    assert (talk.title.start_ms, talk.title.end_ms) == (18_000, 20_000)
    talk.say("remove it")
    assert not talk.kind("text")


def test_title__named_among_several__is_the_one_changed_or_removed():
    talk = Talk("song+clips", "make a music video", 'add "One" for 2 s', 'add the title "Two" at the end')
    talk.say('change "One" to "Uno"')
    assert [title.text for title in talk.kind("text")] == ["Uno", "Two"]
    talk.say('remove the title "Uno"')
    assert talk.title.text == "Two"


def test_title__at_the_same_time_as_another__lies_on_a_track_and_a_place_of_its_own():
    talk = Talk("song+clips", "make a music video", 'add a title "One"', 'add a title "Two"')
    one, two = talk.kind("text")
    assert one.track != two.track
    assert one.raw["m"]["position"] != two.raw["m"]["position"]


@pytest.mark.parametrize(
    "message", ["remove the title", "delete all titles", "no title please", "删掉标题", "不要标题"]
)
def test_title__removed__leaves_the_rest(message):
    talk = Talk("song+clips", "make a music video", 'add a title "Hello" for 4 seconds')
    talk.say(message)
    assert not talk.kind("text")
    assert talk.end_s == 20.0


VOLUMES = [
    ("set the music volume to 35%", 0.35),
    ("set volume to half", 0.5),
    ("music at 20%", 0.2),
    ("mute the music", 0.0),
    ("make the music quieter", 0.8 / 1.4),
    ("lower the music by 50%", 0.4),
    ("turn the music down to 10 percent", 0.1),
    ("音量30%", 0.3),
    ("把音乐音量调到百分之五十", 0.5),
    ("音乐小声一点", 0.8 / 1.4),
    ("静音", 0.0),
]


@pytest.mark.parametrize(("message", "volume"), VOLUMES)
def test_volume__words__set_the_music(message, volume):
    talk = Talk("clip", "add lo-fi background music at 80%", message)
    assert talk.music.volume == pytest.approx(volume, abs=0.001)
    assert talk.role("clip")[0].get("v") is None


def test_volume__in_the_same_sentence__is_that_of_the_new_music():
    assert Talk("clips", "给视频加轻快的背景音乐，音量30%").music.volume == 0.3
    assert Talk("clips", "add lo-fi music at 20% volume").music.volume == 0.2


def test_volume__of_the_clips__leaves_the_music():
    talk = Talk("clips", "add chill music", "mute the clips")
    assert [clip.get("v") for clip in talk.role("clip")] == [None, 0]
    assert talk.music.volume == 0.35


@pytest.mark.parametrize(
    ("message", "fades"),
    [
        ("fade it out over the last 2 seconds", (0, 2000)),
        ("fade in the music over 1 second", (1000, 0)),
        ("fade the music in and out", (2000, 2000)),
        ("结尾3秒淡出", (0, 3000)),
        ("音乐淡入淡出", (2000, 2000)),
    ],
)
def test_fade__words__set_the_fades(message, fades):
    own = Talk("clips", "add cinematic music", message).role("bgm")[0]["m"]
    assert (own["fade_in_ms"], own["fade_out_ms"]) == fades


def test_fade__in_one_sentence_with_the_music__is_done():
    talk = Talk("clips", "add cinematic music and fade it out over the last 2 seconds")
    assert talk.role("bgm")[0]["m"]["fade_out_ms"] == 2000


@pytest.mark.parametrize("message", ["remove the music", "no music please", "去掉音乐", "不要音乐"])
def test_music__removed__lets_the_clips_be_heard(message):
    talk = Talk("song+clips", "make a music video", message)
    assert not talk.kind("audio")
    assert {clip["v"] for clip in talk.role("clip") if clip["m"]["source"] == "sea.mp4"} == {1.0}


SIZES = [
    ("make it vertical 9:16 for TikTok", (1080, 1920)),
    ("make it vertical", (1080, 1920)),
    ("for Instagram Reels", (1080, 1920)),
    ("format it for YouTube Shorts", (1080, 1920)),
    ("make it square", (1080, 1080)),
    ("4:5 please", (1080, 1350)),
    ("change the aspect ratio to 1:1", (1080, 1080)),
    ("make it 720p", (1280, 720)),
    ("4k", (3840, 2160)),
    ("改成竖屏发抖音", (1080, 1920)),
    ("改成1:1方形", (1080, 1080)),
    ("做成小红书的", (1080, 1440)),
]


@pytest.mark.parametrize(("message", "size"), SIZES)
def test_canvas__words__set_the_size_and_nothing_else(message, size):
    talk = Talk("song+clips", "make a music video")
    before = talk.draft["t"]
    talk.say(message)
    assert talk.size == size
    assert talk.draft["t"] == before


@pytest.mark.parametrize(
    ("turns", "end_s"),
    [
        (["trim the first 2 seconds"], 6),
        (["cut off the last 3 seconds"], 5),
        (["make it 5 seconds long"], 5),
        (["shorten it to 4s"], 4),
        (["keep only the first 3 seconds"], 3),
        (["remove from 0:02 to 0:04"], 6),
        (["去掉前2秒"], 6),
        (["剪到5秒"], 5),
        (["只保留前3秒"], 3),
        (["trim the first 2 seconds", "trim the last 2 seconds"], 4),
    ],
)
def test_trim__words__shorten_everything(turns, end_s):
    talk = Talk("clip", "use my clip", "add chill music", *turns)
    assert talk.picture_end_s == talk.end_s == end_s
    assert talk.music.end_ms / 1000 == end_s


def test_trim__start_of_a_music_video__keeps_song_and_pictures_together():
    talk = Talk("song+clips", "make a music video", 'add "End" at the end for 2 s')
    shots = {shot["s"] - 2000: shot["m"]["in_ms"] for shot in talk.role("clip") if shot["s"] > 2000}
    talk.say("trim the first 2 seconds")
    assert talk.role("song")[0]["m"]["in_ms"] == 2000
    assert {shot["s"]: shot["m"]["in_ms"] for shot in talk.role("clip") if shot["s"] > 0} == shots
    assert talk.title.end_ms == talk.end_s * 1000 == 18_000


def test_trim__more_than_there_is__changes_nothing():
    talk = Talk("clip", "use my clip")
    assert talk.say("trim the first 20 seconds").draft is talk.draft


@pytest.mark.parametrize(
    ("message", "style"),
    [
        ("add a visualizer", "bars"),
        ("add a circular visualizer", "circular"),
        ("show a waveform", "waveform"),
        ("加个圆形可视化", "circular"),
    ],
)
def test_visualizer__words__draw_it_over_the_pictures(message, style):
    talk = Talk("song+clips", "make a music video", message)
    (drawn,) = talk.role("visualizer")
    assert drawn["m"]["style"] == style
    assert (drawn["s"], drawn["d"]) == (0, 20_000)
    assert [track["m"]["name"] for track in talk.draft["t"]] == ["Video", "Visualizer", "Song"]
    talk.say("remove the visualizer")
    assert not talk.role("visualizer")


@pytest.mark.parametrize(("message", "beats"), [("cut every 2 beats", 2), ("cut on every bar", 4), ("每两拍剪一刀", 2)])
def test_cuts__every_n_beats__are_that_far_apart(message, beats):
    talk = Talk("song+clips", "make a music video", message)
    lengths = [shot["d"] for shot in talk.role("clip")][1:-1]
    assert lengths
    assert all(abs(length - beats * 500) <= 34 for length in lengths)


def test_cuts__faster_and_slower__count_against_what_is_there():
    talk = Talk("song+clips", "make a music video")
    counts = [len(talk.role("clip"))]
    for message in ("faster cuts", "slower cuts", "剪得慢一点"):
        talk.say(message)
        counts.append(len(talk.role("clip")))
    assert counts[1] > counts[0] * 1.3
    assert counts[1] > counts[2] > counts[3]


def test_cuts__another_cut__shows_other_places():
    talk = Talk("song+clips", "make a music video")
    before = [shot["m"]["in_ms"] for shot in talk.role("clip")]
    talk.say("give me another cut")
    assert [shot["m"]["in_ms"] for shot in talk.role("clip")] != before


def test_one_message__with_two_things_in_a_clause__does_both():
    talk = Talk("song+clips", "make a music video")
    before = len(talk.role("clip"))
    talk.say("now make the cuts faster and the music fade out at the end")
    assert len(talk.role("clip")) > before
    assert talk.role("song")[0]["m"]["fade_out_ms"] == 2000
    talk.say("remove the first 1.5 seconds and the last 2 seconds")
    assert talk.end_s == 16.5


def test_film_and_music__in_one_message__are_both_made():
    assert Talk("clips", "join the clips and add happy music").music.name == "BGM: Happy"
    assert Talk("clips", "put some chill lofi beats under my video at 25%").music.volume == 0.25


def test_volume__after_a_title__is_not_taken_for_its_place():
    talk = Talk("song+clips", "make a music video", 'add "Ana" at the top', "could you lower the volume a little?")
    assert talk.title.raw["m"]["position"] == "top"
    assert talk.music.volume == pytest.approx(1 / 1.2, abs=0.001)


def test_undo__after_edits__goes_back_one_step():
    talk = Talk("song+clips", "make a music video")
    before = talk.draft
    talk.say('add a title "X"')
    assert talk.say("undo").draft == before
    assert Talk("song+clips").say("撤销").edits == ()


def test_several_edits__in_one_message__are_all_done():
    talk = Talk("song+clips")
    talk.say(
        'make a music video with bars, add the title "Go" for 2 s, fade the music out over 3 s and make it vertical'
    )
    assert talk.title.text == "Go"
    assert talk.size == (1080, 1920)
    assert talk.role("visualizer")
    assert talk.role("song")[0]["m"]["fade_out_ms"] == 3000


@pytest.mark.parametrize(
    "message",
    [
        "make it better",
        "improve it",
        "make it pop",
        "I don't like it",
        "make it shorter",
        "add a title",
        "优化一下",
        "好看一点",
    ],
)
def test_vague_wish__is_asked_back(message):
    talk = Talk("song+clips", "make a video from my song")
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert "?" in outcome.reply or "？" in outcome.reply


@pytest.mark.parametrize(
    "message",
    [
        "write my thesis",
        "book a flight to Paris",
        "asdf qwer",
        "add subtitles",
        "帮我订机票",
        "加贴纸",
    ],
)
def test_what_cannot_be_done__is_said_plainly(message):
    talk = Talk("song+clips", "make a music video")
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert outcome.edits == ()
    assert any(word in outcome.reply for word in ("cannot", "outside", "not understand", "不能", "超出", "没有"))


@pytest.mark.parametrize("message", ["make a music video", "add lo-fi music", "trim the first 2 seconds", "做一个视频"])
def test_nothing_uploaded__says_what_to_upload(message):
    outcome = Talk("nothing").say(message)
    assert outcome.edits == ()
    assert "upload" in outcome.reply or "上传" in outcome.reply


def test_export_in_chat__sets_the_size_and_says_ready():
    talk = Talk("song+clips", "make a music video", "make it 720p", "export 1080p MP4")
    assert talk.size == (1920, 1080)
    assert "ready to be exported" in talk.replies[-1]
    assert "nothing to export" in Talk("song+clips").say("export 1080p MP4").reply


@pytest.mark.parametrize(
    ("message", "session", "language"),
    [
        ("做一个视频", None, "zh"),
        ("make a video", "zh-CN", "en"),
        ("9:16", "zh-CN", "zh"),
        ("9:16", None, "en"),
        ("add “城市” please", None, "en"),
        ("add the title 明亮的夜 for 3 seconds", None, "en"),
        ("“城市”", None, "zh"),
    ],
)
def test_language__of_the_reply__is_that_of_the_words(message, session, language):
    assert Talk("song+clips", "make a video", language=session).say(message).language == language


def test_reply__tells_names_counts_and_tempo():
    reply = Talk("song+clips", "create a video from this music with visualizer").replies[0]
    assert all(word in reply for word in ("20 s", "120 BPM", "city and sea", "on the beat", "bars"))


def test_respond__same_arguments__give_the_same_bytes_quickly():
    situation = Situation({}, UPLOADS["all"], seed=3)
    first = respond("make a music video", situation)
    start = time.perf_counter()
    for _ in range(10):
        again = respond("make a music video", situation)
    assert (time.perf_counter() - start) / 10 < 0.1
    assert json.dumps(first.draft, sort_keys=True) == json.dumps(again.draft, sort_keys=True)


def test_respond__other_understanding__is_asked_instead_of_the_grammar():
    class Parrot:
        def read(self, message: str, situation: Situation) -> Question:
            return Question(f"{message}?")

    assert respond("polly", Situation({}), Parrot()).reply == "polly?"


@pytest.mark.parametrize("message", ["make it more dramatic", "make it happier", "更欢快一点"])
def test_song__is_not_thrown_away_by_a_wish_for_a_mood(message):
    talk = Talk("song+clips", "make a music video", "make the music quieter", message)
    assert [segment.source for segment in talk.kind("audio")] == ["my_song_final.mp3"]


def test_song__replaced_on_demand_is_told():
    talk = Talk("song+clips", "make a music video", "replace the music with cinematic background music")
    assert talk.role("bgm")
    assert "undo" in talk.replies[-1]


@pytest.mark.parametrize("words", ["from 2 to 5", "between 2 and 5", "from 2 to 5 seconds", "from 0:02 to 0:05"])
def test_title__bare_numbers_of_a_range_are_seconds(words):
    talk = Talk("song+clips", "make a video from my song", f'add a title "A" {words}')
    assert (talk.title.start_ms, talk.title.end_ms) == (2000, 5000)


def test_titles__that_go_are_all_named():
    talk = Talk("clips", "use my clips", *(f'add a title "T{n}" at {n}s' for n in range(5)), "remove all titles")
    assert all(f"T{n}" in talk.replies[-1] for n in range(5))


def test_music__under_one_clip_claims_no_cuts():
    assert "cuts" not in Talk("clip", "add background music to a travel video and sync it to the cuts").replies[-1]
