"""Films and shots: what people ask for, what is seen when then, and what they are told."""

from __future__ import annotations

import itertools

import pytest
from talk import BEATS, CITY, PHOTOS, SEA, SONG, Talk

from nemo_notebook.engine.agent import MediaItem, Situation, respond
from nemo_notebook.film.draft import read_segments

OTHER = MediaItem("s2", "other.mp3", "audio", 12_000, 0, 0, True, BEATS[:24], BEATS[:24:4], 120.0, (0.5,) * 12)


def shown(talk: Talk) -> str:
    """The shots of a film: `city[0-8] sea[8-14@2x0.5]`, with in-point and speed where they are not usual."""
    parts = []
    for segment in read_segments(talk.draft):
        own = segment.raw["m"]
        if own.get("role") in ("clip", "image"):
            at = f"@{own['in_ms'] / 1000:g}" if own.get("in_ms") else ""
            speed = f"x{own['speed']:g}" if "speed" in own else ""
            stretch = f"{segment.start_ms / 1000:g}-{segment.end_ms / 1000:g}"
            parts.append(f"{segment.source.split('.')[0]}[{stretch}{at}{speed}]")
    return " ".join(parts)


def with_media(*media: MediaItem) -> Talk:
    talk = Talk("nothing")
    talk.media = media
    return talk


ROWS = [
    # which, from nothing
    ("clips", "make a video from sea only", "sea[0-6]"),
    ("clips", "用sea做一个视频", "sea[0-6]"),
    ("clips", "make a video in reverse order", "sea[0-6] city[6-14]"),
    ("clips", "make a video with sea first and then city", "sea[0-6] city[6-14]"),
    ("clips", "combine sea and city", "sea[0-6] city[6-14]"),
    ("clips", "make a video using the first clip", "city[0-8]"),
    ("clips", "make a video of 10 seconds", "city[0-8] sea[8-10]"),
    ("clips", "做一个30秒的短视频", "city[0-8] sea[8-14] city[14-22] sea[22-28] city[28-30]"),
    ("clips", "make a video looping the clips for 16 seconds", "city[0-8] sea[8-14] city[14-16]"),
    ("clips", "play city at 2x", "city[0-4x2] sea[4-10]"),
    ("clips", "use the first 3 seconds of each clip", "city[0-3] sea[3-6]"),
    ("clips", "取每个片段的前3秒", "city[0-3] sea[3-6]"),
    ("photos", "make a slideshow with 2 seconds per photo", "photo1[0-2] photo2[2-4] photo3[4-6]"),
    ("photos", "做一个相册视频，每张图2秒", "photo1[0-2] photo2[2-4] photo3[4-6]"),
    ("photos+song", "make a slideshow, 3 seconds per photo", "photo1[0-3] photo2[3-6] photo3[6-9]"),
]
CHANGES = [
    # which shots
    ("remove the second clip", "city[0-8]"),
    ("delete the last shot", "city[0-8]"),
    ("get rid of city please", "sea[0-6]"),
    ("take out the first clip", "sea[0-6]"),
    ("删除第二个片段", "city[0-8]"),
    ("把city删掉", "sea[0-6]"),
    ("use only sea", "sea[0-6]"),
    ("只保留第一个片段", "city[0-8]"),
    ("delete everything except sea", "sea[0-6]"),
    ("remove the shot at 0:09", "city[0-8]"),
    ("duplicate sea", "city[0-8] sea[8-14] sea[14-20]"),
    ("replace city with sea", "sea[0-6] sea[6-12]"),
    # in which order
    ("swap city and sea", "sea[0-6] city[6-14]"),
    ("swap the first and the last shot", "sea[0-6] city[6-14]"),
    ("交换两个片段的顺序", "sea[0-6] city[6-14]"),
    ("move sea to the front", "sea[0-6] city[6-14]"),
    ("put sea first", "sea[0-6] city[6-14]"),
    ("make sea the first shot", "sea[0-6] city[6-14]"),
    ("move city after sea", "sea[0-6] city[6-14]"),
    ("把sea放到最前面", "sea[0-6] city[6-14]"),
    ("把第二个片段放到第一个前面", "sea[0-6] city[6-14]"),
    ("先放sea", "sea[0-6] city[6-14]"),
    ("reverse the order", "sea[0-6] city[6-14]"),
    ("倒序播放", "sea[0-6] city[6-14]"),
    ("shuffle the clips", "sea[0-6] city[6-14]"),
    # where they are cut
    ("split city at 4s", "city[0-4] city[4-8@4] sea[8-14]"),
    ("split sea at 2 seconds", "city[0-8] sea[8-10] sea[10-14@2]"),
    ("在5秒处分割", "city[0-5] city[5-8@5] sea[8-14]"),
    ("cut city in half", "city[0-4] city[4-8@4] sea[8-14]"),
    ("split city at 4s and remove the second part", "city[0-4] sea[4-10]"),
    # how fast
    ("play city at 2x", "city[0-4x2] sea[4-10]"),
    ("slow motion on the last shot", "city[0-8] sea[8-20x0.5]"),
    ("0.5x", "city[0-16x0.5] sea[16-28x0.5]"),
    ("play it at half speed", "city[0-16x0.5] sea[16-28x0.5]"),
    ("2倍速", "city[0-4x2] sea[4-7x2]"),
    ("把第二段视频放慢一倍", "city[0-8] sea[8-20x0.5]"),
    ("speed everything up by 100%", "city[0-4x2] sea[4-7x2]"),
    ("slow-mo from 3s to 5s", "city[0-3] city[3-7@3x0.5] city[7-10@5] sea[10-16]"),
    ("play city at 2x and sea at half speed", "city[0-4x2] sea[4-16x0.5]"),
    # how long
    ("trim 1 second off the start of sea", "city[0-8] sea[8-13@1]"),
    ("trim the last 2 seconds of city", "city[0-6] sea[6-12]"),
    ("把city前2秒剪掉", "city[0-6@2] sea[6-12]"),
    ("shorten city to 3 s", "city[0-3] sea[3-9]"),
    ("use city from 2s to 5s", "city[0-3@2] sea[3-9]"),
    ("make the first clip 4 seconds and the second clip 2 seconds", "city[0-4] sea[4-6]"),
    ("cut out 0:05 to 0:10", "city[0-5] sea[5-9@2]"),
    ("剪掉5秒到8秒", "city[0-5] sea[5-11]"),
    ("keep 0:03-0:07", "city[0-4@3]"),
    ("只保留3到7秒", "city[0-4@3]"),
    ("keep the last 4 seconds", "sea[0-4@2]"),
    ("cut everything after 10 seconds", "city[0-8] sea[8-10]"),
    ("10秒之后的都不要", "city[0-8] sea[8-10]"),
    ("make it 10 seconds", "city[0-8] sea[8-10]"),
    ("make it 20 seconds long", "city[0-8] sea[8-14] city[14-20]"),
    ("延长到20秒", "city[0-8] sea[8-14] city[14-20]"),
    ("make it half as long", "city[0-7]"),
    ("make it 50% shorter", "city[0-7]"),
    ("shorten the video by 4 seconds", "city[0-8] sea[8-10]"),
    ("extend it by 2 seconds", "city[0-8] sea[8-14] city[14-16]"),
    ("交换第一个和第二个镜头", "sea[0-6] city[6-14]"),
    ("play the first shot twice", "city[0-8] city[8-16] sea[16-22]"),
    ("把视频控制在12秒以内", "city[0-8] sea[8-12]"),
    ("repeat the video twice", "city[0-8] sea[8-14] city[14-22] sea[22-28]"),
    ("循环2遍", "city[0-8] sea[8-14] city[14-22] sea[22-28]"),
]
TOGETHER = [
    ("remove city and photo2", "sea[0-6] photo1[6-9] photo3[9-12]"),
    ("remove the photos", "city[0-8] sea[8-14]"),
    ("remove the first two clips", "photo1[0-3] photo2[3-6] photo3[6-9]"),
    ("each photo 2 seconds", "city[0-8] sea[8-14] photo1[14-16] photo2[16-18] photo3[18-20]"),
    ("照片每张1秒", "city[0-8] sea[8-14] photo1[14-15] photo2[15-16] photo3[16-17]"),
    ("show photo2 for 5 seconds", "city[0-8] sea[8-14] photo1[14-17] photo2[17-22] photo3[22-25]"),
    ("swap photo1 and photo3", "city[0-8] sea[8-14] photo3[14-17] photo2[17-20] photo1[20-23]"),
    ("move the last photo to the start", "photo3[0-3] city[3-11] sea[11-17] photo1[17-20] photo2[20-23]"),
]


@pytest.mark.parametrize(("uploads", "message", "expected"), ROWS)
def test_a_film_without_music__shows_what_was_asked_for(uploads, message, expected):
    assert shown(Talk(uploads, message)) == expected


@pytest.mark.parametrize(("message", "expected"), CHANGES)
def test_a_change_of_shots__does_exactly_that(message, expected):
    talk = Talk("clips", "use my clips")
    outcome = talk.say(message)
    assert shown(talk) == expected
    assert outcome.edits
    assert talk.draft["d"] == round(talk.picture_end_s * 1000)


@pytest.mark.parametrize(("message", "expected"), TOGETHER)
def test_a_change_among_clips_and_photos__does_exactly_that(message, expected):
    talk = with_media(CITY, SEA, *PHOTOS)
    talk.say("make a video from my clips and photos")
    talk.say(message)
    assert shown(talk) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("add photo1 at the end", "city[0-8] sea[8-14] photo1[14-17]"),
        ("insert photo2 after city", "city[0-8] photo2[8-11] sea[11-17]"),
        ("在city后面插入photo2", "city[0-8] photo2[8-11] sea[11-17]"),
    ],
)
def test_an_upload_that_is_not_seen_yet__can_be_added(message, expected):
    talk = with_media(CITY, SEA, *PHOTOS)
    talk.say("use my clips")
    talk.say(message)
    assert shown(talk) == expected


@pytest.mark.parametrize(
    "message", ["remove the fifth shot", "remove clip9", "split at 0:50", "trim 20 seconds off the start of sea"]
)
def test_what_is_not_there__is_said_and_nothing_changes(message):
    talk = Talk("clips", "use my clips")
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert any(word in outcome.reply for word in ("city", "14 s", "6 s", "understand"))


@pytest.mark.parametrize("message", ["remove the clip", "删掉那个镜头"])
def test_one_of_several_that_is_not_named__is_asked_for(message):
    talk = Talk("clips", "use my clips")
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert "?" in outcome.reply or "？" in outcome.reply


@pytest.mark.parametrize(
    "message",
    [
        "play city at 2x",
        "remove sea",
        "make it 30 seconds long",
        "cut out 0:02 to 0:09",
        "repeat it twice",
        "reverse the order",
    ],
)
def test_composed_music_visualizer_and_titles__follow_the_new_length(message):
    talk = Talk("clips", "use my clips", "add chill music", "add a visualizer", 'add "End" at the end for 2 s', message)
    (score,) = talk.role("bgm")
    (drawn,) = talk.role("visualizer")
    assert (score["s"], score["d"]) == (drawn["s"], drawn["d"]) == (0, talk.draft["d"])
    assert talk.title.end_ms <= talk.draft["d"]
    assert talk.picture_end_s == talk.end_s


def test_a_song__that_is_not_heard_to_its_end__fades_out():
    talk = Talk("song+clips", "make a music video", "make it 10 seconds")
    (song,) = talk.role("song")
    assert (song["d"], song["m"]["fade_out_ms"]) == (10_000, 1_000)
    talk.say("make it 20 seconds")
    assert talk.end_s == talk.music.end_ms / 1000 == 20.0


def test_a_film_longer_than_its_song__has_it_again_from_a_bar():
    talk = Talk("song+clips", "做一个30秒的视频")
    first, second = talk.role("song")
    assert first["s"] + first["d"] == second["s"]
    assert second["m"]["in_ms"] in SONG.downbeats_ms
    assert second["s"] in [round(round(beat * 0.03) / 0.03) for beat in SONG.downbeats_ms]
    assert talk.end_s == talk.picture_end_s == 30.0


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("cut every 2 beats", 20),
        ("cut on every beat", 40),
        ("every bar", 10),
        ("cut on the downbeats", 10),
        ("cut twice per bar", 20),
        ("每4拍一刀", 10),
        ("cut every 2 seconds", 10),
        ("每2秒切一次", 10),
        ("make each shot 4 seconds", 5),
    ],
)
def test_cuts__as_often_as_was_said(message, count):
    talk = Talk("song+clips", "make a music video", message)
    assert abs(len(talk.role("clip")) - count) <= 1
    assert talk.picture_end_s == 20.0
    talk.say("give me another cut")
    assert abs(len(talk.role("clip")) - count) <= 1


def cuts_ms(talk: Talk) -> list[int]:
    return [shot["s"] for shot in talk.role("clip")][1:]


@pytest.mark.parametrize("message", ["the BPM is 100", "BPM是100", "the tempo is actually 100"])
def test_a_tempo_that_is_said__is_the_grid_of_the_cuts(message):
    talk = Talk("song+clips", "make a music video", message)
    assert all(abs((ms - 130) / 600 - round((ms - 130) / 600)) * 600 <= 18 for ms in cuts_ms(talk))
    talk.say("faster cuts")
    assert all(abs((ms - 130) / 600 - round((ms - 130) / 600)) * 600 <= 18 for ms in cuts_ms(talk))


@pytest.mark.parametrize(
    ("message", "later_ms"),
    [
        ("offset the cuts by half a beat", 250),
        ("shift the cuts 100 ms later", 100),
        ("剪辑整体提前100毫秒", -100),
    ],
)
def test_cuts__that_are_shifted__lie_beside_the_beats(message, later_ms):
    talk = Talk("song+clips", "make a music video", message)
    assert len(cuts_ms(talk)) > 4
    assert all(min(abs(ms - later_ms - beat) for beat in BEATS) <= 35 for ms in cuts_ms(talk))


@pytest.mark.parametrize(("message", "fewer"), [("half time", True), ("double time", False), ("fewer cuts", True)])
def test_cuts__half_and_double_time(message, fewer):
    talk = Talk("song+clips", "make a music video")
    before = len(talk.role("clip"))
    talk.say(message)
    assert (len(talk.role("clip")) < before) is fewer


def test_sections_and_drops__always_have_a_cut():
    beats = tuple(range(0, 60_000, 500))
    song = MediaItem(
        "s", "s.mp3", "audio", 60_000, 0, 0, True, beats, beats[::4], 120.0, (0.5,) * 60,
        sections=((0, 0.3), (13_000, 0.7), (31_500, 0.4)), drops_ms=(27_000,),
    )  # fmt: skip
    talk = with_media(song, CITY, SEA)
    talk.say("make a music video")
    cuts = cuts_ms(talk)
    assert {13_000, 27_000, 31_500} <= set(cuts)
    assert sum(min(abs(ms - beat) for beat in beats) <= 40 for ms in cuts) >= 0.95 * len(cuts)


@pytest.mark.parametrize(
    "message",
    [
        "swap city and sea",
        "reverse the order",
        "play city at 2x",
        "shuffle",
        "move the last shot to the front",
        "remove city",
        "use only sea",
    ],
)
def test_a_film_cut_to_music__keeps_its_cuts_and_its_length(message):
    talk = Talk("song+clips", "make a music video")
    before = cuts_ms(talk)
    assert talk.say(message).edits
    assert set(before) <= set(cuts_ms(talk))
    assert talk.picture_end_s == talk.end_s == 20.0
    for shot in talk.role("clip"):
        length = {"c1": 8_000, "c2": 6_000}[shot["m"]["media"]]
        assert shot["m"]["in_ms"] + shot["d"] * shot["m"].get("speed", 1) <= length + 100


def test_the_second_clip__in_a_film_cut_to_music__is_that_upload_but_a_shot_is_a_shot():
    talk = Talk("song+clips", "make a music video", "remove the second clip")
    assert {shot["m"]["media"] for shot in talk.role("clip")} == {"c1"}
    talk = Talk("song+clips", "make a music video")
    before = len(talk.role("clip"))
    talk.say("remove the second shot")
    assert len(talk.role("clip")) == before - 1


def test_a_long_song_with_one_clip__shows_no_stretch_twice_in_a_row():
    beats = tuple(range(0, 180_000, 500))
    talk = with_media(MediaItem("s", "s.mp3", "audio", 180_000, 0, 0, True, beats, beats[::4], 120.0), CITY)
    talk.say("make a music video")
    shots = talk.role("clip")
    assert len(shots) > 60
    for one, other in itertools.pairwise(shots):
        assert abs(one["m"]["in_ms"] - other["m"]["in_ms"]) >= 900 or one["d"] + other["d"] > 8_000


@pytest.mark.parametrize(
    ("tag", "title"),
    [
        ("Living Caves", "Living Caves"),
        ("AC/DC; live", "Cave Theme"),
        ("Living Caves;Crossroads;Desert;Ocean;Sky", "Cave Theme"),
        ("Living Caves / Crossroads", "Cave Theme"),
        ("An album of all the songs that we have ever made", "Cave Theme"),
        ("", "Cave Theme"),
    ],
)
def test_film__is_named_after_a_tag_that_is_a_title_else_after_its_file(tag, title):
    talk = with_media(MediaItem("s", "cave_theme.mp3", "audio", 10_000, title=tag))
    talk.say("make a video")
    assert talk.draft["m"]["title"] == title


def test_cover_art__gives_backdrop_and_visualizer_its_colours():
    colors = ("#101010", "#808080", "#f0f0f0")
    song = MediaItem("s", "s.mp3", "audio", 10_000, title="Blue", artist="Ana", cover_colors=colors)
    talk = with_media(song)
    reply = talk.say("make a video").reply
    (backdrop,), (drawn,) = talk.role("backdrop"), talk.role("visualizer")
    assert (backdrop["m"]["cover"], backdrop["m"]["colors"], drawn["m"]["colors"]) == ("s", [*colors], [*colors])
    assert (talk.draft["m"]["title"], talk.draft["m"]["artist"]) == ("Blue", "Ana")
    assert "Ana" in reply
    talk = with_media(song, CITY)
    talk.say("make a video with a visualizer")
    assert talk.role("visualizer")[0]["m"]["colors"] == [*colors]


def test_several_songs__the_newest_is_taken_and_said_or_the_one_that_was_named():
    talk = with_media(SONG, OTHER, CITY)
    assert "my_song_final" in talk.say("make a music video").reply
    assert talk.role("song")[0]["m"]["media"] == "s2"
    for message in ("make a music video with the first song", "用第一首歌做视频"):
        talk = with_media(SONG, OTHER, CITY)
        talk.say(message)
        assert talk.role("song")[0]["m"]["media"] == "s1"


def test_a_short_of_a_long_song__begins_with_its_strongest_section():
    energy = (0.2,) * 40 + (0.9,) * 30 + (0.2,) * 30
    song = MediaItem("s", "s.mp3", "audio", 100_000, energy=energy, sections=((0, 0.2), (40_000, 0.9), (70_000, 0.2)))
    talk = with_media(song, CITY)
    reply = talk.say("make a 20 second short").reply
    assert talk.role("song")[0]["m"]["in_ms"] == 40_000
    assert "0:40" in reply
    talk = with_media(song, CITY)
    talk.say("make a 20 second music video")
    assert talk.role("song")[0]["m"]["in_ms"] == 40_000
    talk = with_media(song, CITY)
    talk.say("make a 60 second music video")
    assert talk.role("song")[0]["m"]["in_ms"] == 0  # there is hardly more of it to choose from


def test_scenes__a_clip_can_be_split_into_them():
    clip = MediaItem("v", "trip.mp4", "video", 9_000, scenes_ms=(3_000, 5_000))
    for message in ("split the clip into its scenes", "按场景分割"):
        talk = with_media(clip)
        talk.say("use my clip")
        talk.say(message)
        assert shown(talk) == "trip[0-3] trip[3-5@3] trip[5-9@5]"


def test_undo__names_what_it_undid():
    talk = Talk("clips", "use my clips", 'add a title "Hi"')
    assert "Hi" in talk.say("undo").reply
    assert not talk.kind("text")


@pytest.mark.parametrize(
    ("message", "index"),
    [
        ("undo twice", 1),
        ("undo the last 2 changes", 1),
        ("撤销两步", 1),
        ("go back to the first version", 0),
        ("回到第一版", 0),
    ],
)
def test_undo__several_steps(message, index):
    talk = Talk("clips", "use my clips", 'add a title "A"', "make it square", "add chill music")
    expected = [*talk.earlier, talk.draft][index]
    assert talk.say(message).draft == expected


def test_undo__of_the_first_change__leaves_nothing_on_the_timeline():
    draft = respond("use my clips", Situation({}, (CITY, SEA))).draft
    outcome = respond("undo", Situation(draft, (CITY, SEA)))
    assert not read_segments(outcome.draft)
    assert "empty" in outcome.reply


@pytest.mark.parametrize("message", ["start over", "reset", "重新开始", "清空时间线"])
def test_start_over__empties_the_timeline_and_can_be_undone(message):
    talk = Talk("clips", "use my clips")
    before = talk.draft
    assert not read_segments(talk.say(message).draft)
    assert talk.say("undo").draft == before


def test_one_sentence__makes_film_shape_music_and_title():
    talk = Talk("clips", "make a 15 second vertical video with lo-fi music and a title 'Hi'")
    assert talk.picture_end_s == talk.end_s == 15.0
    assert talk.size == (1080, 1920)
    assert talk.role("bgm")[0]["m"]["music"]["mood"] == "lofi"
    assert talk.title.text == "Hi"


@pytest.mark.parametrize(
    ("uploads", "message", "end_s"),
    [
        ("song+clips", "做一个30秒的短视频", 30),
        ("song+clips", "make a 15s reel", 15),
        ("song+clips", "做一个15秒的抖音视频", 15),
        ("clips", "make a teaser of 6 seconds", 6),
        ("clips", "create a 1 minute video", 60),
        ("song", "make a 10 second video", 10),
    ],
)
def test_a_length_that_was_asked_for__is_exact(uploads, message, end_s):
    talk = Talk(uploads, message)
    assert talk.end_s == talk.picture_end_s == end_s
    assert str(end_s) in talk.replies[-1]


@pytest.mark.parametrize(
    "message", ["make a music video without city", "做一个音乐视频，不要city", "use only sea and cut on the beat"]
)
def test_uploads_that_are_left_out__are_not_seen(message):
    talk = Talk("song+clips", message)
    assert {shot["m"]["media"] for shot in talk.role("clip")} == {"c2"}
    assert talk.end_s == 20.0


def test_replies__tell_names_times_and_before_and_after():
    talk = Talk("clips", "use my clips")
    for message, parts in (
        ("trim the first 2 seconds", ("2 s", "12 s", "14 s")),
        ("remove sea", ("sea", "0:06", "6 s", "12 s")),
        ("play city at 2x", ("city", "2×", "1×", "3 s")),
    ):
        reply = talk.say(message).reply
        assert all(part in reply for part in parts), reply
