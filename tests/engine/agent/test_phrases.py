"""Sentences that stand for one typed edit each, in English and Chinese."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talk import BEATS, Talk

from nemo_notebook.engine.agent import MediaItem
from nemo_notebook.film.edit import to_json

HARBOUR = MediaItem(
    "harbour", "harbour.mp3", "audio", 20_000, 0, 0, True, BEATS, BEATS[::4], 120.0, (0.5,) * 20, content="music"
)
SUNRISE = replace(HARBOUR, id="sunrise", filename="sunrise.mp3")
VOICE = MediaItem(
    "voice", "narration.wav", "audio", 6_000, has_audio=True, content="speech", silences_ms=((2000, 3500),)
)
RAIN = MediaItem("rain", "rain.mp3", "audio", 9_000, has_audio=True)
MARKET = MediaItem("market", "market.mp4", "video", 8_000, 1920, 1080, True, silences_ms=((2000, 4500),))
LANTERN = MediaItem("lantern", "lantern.mp4", "video", 6_000, 1920, 1080)
SEA = MediaItem("sea", "sea.mp4", "video", 5_000, 1920, 1080)
FACE = MediaItem("face", "portrait.jpg", "image", 0, 2000, 1500)

SECOND = {"kind": "shot", "number": 2}
LOUD = {"edit": "set_volume", "target": {"kind": "speech"}}
QUIET_S = {"edit": "remove_silence"}
FIRST_SONG = {"edit": "add_sound", "media": "harbour", "role": "song"}
WHOLE = {"edit": "crossfade", "target": {"kind": "music"}}


def said(uploads: tuple[MediaItem, ...], turns: tuple[str, ...], sentences: dict[str, list[dict]]) -> list:
    return [pytest.param(uploads, turns, text, edits, id=text) for text, edits in sentences.items()]


def voice_at(at_s: float) -> list[dict]:
    return [{"edit": "add_sound", "media": "voice", "role": "speech", "at_s": at_s}]


def inserted(media: str, **where: object) -> list[dict]:
    return [{"edit": "add_shot", "media": media, **where}]


def content(media: str, what: str) -> list[dict]:
    return [{"edit": "set_content", "media": media, "content": what}]


LATER = said((MARKET, VOICE, HARBOUR), ("make a video", "remove the voice-over", "yes"), {
    "put my voice-over under it": [{"edit": "add_sound", "media": "voice", "role": "speech"}],
    "add the narration at 0:05": voice_at(5.0),
    "add narration.wav at the start": voice_at(0.0),
    "play the narration from 0:02": voice_at(2.0),
    "lay my recording over the film from second 3": voice_at(3.0),
    "把旁白加到第5秒": voice_at(5.0),
    "加上我的配音": [{"edit": "add_sound", "media": "voice", "role": "speech"}],
})  # fmt: skip
BESIDE = said((MARKET, LANTERN, RAIN, VOICE, HARBOUR), ("make a video of market and lantern with harbour.mp3",), {
    "lay rain.mp3 under the film": [{"edit": "add_sound", "media": "rain", "at_s": 0.0}],
    "put rain.mp3 at 3 seconds": [{"edit": "add_sound", "media": "rain", "at_s": 3.0}],
    "add rain too": [{"edit": "add_sound", "media": "rain", "at_s": 0.0}],
    "add rain.mp3 at 0:03 at 40%": [{"edit": "add_sound", "media": "rain", "at_s": 3.0, "volume": 0.4}],
    "把rain.mp3垫在下面": [{"edit": "add_sound", "media": "rain", "at_s": 0.0}],
    "在0:03处加rain.mp3": [{"edit": "add_sound", "media": "rain", "at_s": 3.0}],
    "move the narration to 0:05": [{"edit": "move", "target": {"kind": "sound", "media": "voice"}, "at_s": 5.0}],
    "把旁白移到第5秒": [{"edit": "move", "target": {"kind": "sound", "media": "voice"}, "at_s": 5.0}],
    "add the narration": [],
})  # fmt: skip
SONGS = said((MARKET, LANTERN, HARBOUR, SUNRISE), ("make a video",), {
    "crossfade the two songs": [FIRST_SONG, WHOLE],
    "blend the songs": [FIRST_SONG, WHOLE],
    "let the songs overlap by 3 seconds": [FIRST_SONG, {**WHOLE, "duration_s": 3.0}],
    "crossfade the tracks over 4 s": [FIRST_SONG, {**WHOLE, "duration_s": 4.0}],
    "use both songs": [FIRST_SONG],
    "两首歌都用上": [FIRST_SONG],
    "两首歌交叉淡化": [FIRST_SONG, WHOLE],
    "歌曲之间交叉淡化3秒": [FIRST_SONG, {**WHOLE, "duration_s": 3.0}],
    "让两首歌衔接自然一点": [FIRST_SONG, WHOLE],
    "blend sunrise into harbour over 3 s": [
        FIRST_SONG,
        {"edit": "crossfade", "duration_s": 3.0,
         "target": ({"kind": "song", "media": "harbour"}, {"kind": "song", "media": "sunrise"})},
    ],
})  # fmt: skip
PAUSES = said((MARKET, VOICE), ("make a video",), {
    "cut the dead air": [QUIET_S],
    "trim the silences": [QUIET_S],
    "remove the pauses in the talk": [QUIET_S],
    "get rid of the silent parts": [QUIET_S],
    "delete all silences longer than 1 second": [{**QUIET_S, "longest_s": 1.0}],
    "tighten the pauses in the narration": [{**QUIET_S, "target": {"kind": "speech"}}],
    "去掉静音": [QUIET_S],
    "去掉空白": [QUIET_S],
    "把停顿剪掉": [QUIET_S],
    "剪掉没有声音的部分": [QUIET_S],
})  # fmt: skip
CONTENT = said((MARKET, VOICE, RAIN), ("make a video",), {
    "rain.mp3 is not music": content("rain", "speech"),
    "rain.mp3 is a voice recording": content("rain", "speech"),
    "rain isn't music": content("rain", "speech"),
    "narration.wav is music": content("voice", "music"),
    "narration.wav is a song, not a voice": content("voice", "music"),
    "treat rain.mp3 as music": content("rain", "music"),
    "这是人声": content("rain", "speech"),
    "rain.mp3不是音乐": content("rain", "speech"),
    "narration.wav是音乐": content("voice", "music"),
})  # fmt: skip
GAIN = said((MARKET, VOICE, HARBOUR), ("make a video",), {
    "make the voice twice as loud": [{**LOUD, "factor": 2.0}],
    "boost the voice-over to 150%": [{**LOUD, "volume": 1.5}],
    "the voice is too quiet": [{**LOUD, "factor": 1.4}],
    "mute the voice-over": [{**LOUD, "volume": 0.0}],
    "narration at 50% from 0:02 to 0:04": [{**LOUD, "volume": 0.5, "start_s": 2.0, "end_s": 4.0}],
    "music at 150%": [{"edit": "set_volume", "target": {"kind": "music"}, "volume": 1.5}],
    "旁白大声一倍": [{**LOUD, "factor": 2.0}],
    "把配音调到150%": [{**LOUD, "volume": 1.5}],
    "人声大一点": [{**LOUD, "factor": 1.4}],
})  # fmt: skip
PLACES = said((MARKET, LANTERN, SEA, FACE), ("make a video of market and lantern",), {
    "insert sea.mp4 at 0:04": inserted("sea", at_s=4.0),
    "add sea at 3 seconds": inserted("sea", at_s=3.0),
    "insert the photo at 0:05 for 2 seconds": inserted("face", at_s=5.0, duration_s=2.0),
    "put the photo after the second shot": inserted("face", place="after", beside=SECOND),
    "put sea before the second shot": inserted("sea", place="before", beside=SECOND),
    "insert sea between the first and the second shot":
        inserted("sea", place="after", beside={"kind": "shot", "number": 1}),
    "insert market at 0:10": inserted("market", at_s=10.0),
    "在0:04插入sea.mp4": inserted("sea", at_s=4.0),
    "把照片放到第二个镜头后面": inserted("face", place="after", beside=SECOND),
    "把sea插到第4秒": inserted("sea", at_s=4.0),
    "duplicate the second shot": [{"edit": "duplicate", "target": SECOND}],
    "show the second shot twice": [{"edit": "duplicate", "target": SECOND}],
    "复制第二个镜头": [{"edit": "duplicate", "target": SECOND}],
})  # fmt: skip


@pytest.mark.parametrize(
    ("uploads", "turns", "text", "edits"),
    [*LATER, *BESIDE, *SONGS, *PAUSES, *CONTENT, *GAIN, *PLACES],
)
def test_phrase__gives_its_edits(uploads, turns, text, edits):
    talk = Talk("nothing")
    talk.media = uploads
    for turn in turns:
        talk.say(turn)
    outcome = talk.say(text)
    assert [to_json(edit) for edit in outcome.made] == edits
    assert not outcome.asks


@pytest.mark.parametrize(
    "text",
    [
        "change 'Sumer' to 'Summer' in the title",
        "replace Sumer with Summer in the title",
        "fix the typo in the title: Sumer should be Summer",
        "it's spelled Summer, not Sumer",
        "correct Sumer to Summer",
        "把标题里的“Sumer”改成“Summer”",
        "把标题中的Sumer改为Summer",
        "标题里的Sumer应该是Summer",
    ],
)
def test_correction__changes_one_word_of_a_title(text):
    talk = Talk("clips", "make a video", 'add a title "Sumer in the City" at the start')
    talk.say(text)
    assert talk.title.text == "Summer in the City"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("put the title on the left", "left"),
        ("move the title to the top right", "top-right"),
        ("title in the bottom left corner", "bottom-left"),
        ("put the title in the upper left", "top-left"),
        ("标题放右上角", "top-right"),
        ("把标题移到左边", "left"),
    ],
)
def test_position__of_a_title_is_any_side_or_corner(text, position):
    talk = Talk("clips", "make a video", 'add a title "Noon" at the start')
    talk.say(text)
    assert talk.title.raw["m"]["position"] == position


@pytest.mark.parametrize(
    "text",
    [
        "the music is a bit much",
        "is there music in this?",
        "make a video with my narration",
        "add crossfades",
        "mix up the order",
        "mute the clips",
        "lower the music under the voice",
        "use harbour.mp3 instead",
        "start the song at 0:05",
        'add a title "Sea" at 0:04',
        "put lantern first",
    ],
)
def test_other_sentences__are_none_of_these(text):
    talk = Talk("nothing")
    talk.media = (MARKET, LANTERN, SEA, VOICE, HARBOUR, SUNRISE)
    talk.say("make a video of market and lantern")
    kinds = {to_json(edit)["edit"] for edit in talk.say(text).made}
    assert not kinds & {"add_sound", "crossfade", "remove_silence", "set_content", "add_shot"}
