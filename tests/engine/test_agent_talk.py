"""What is no edit: questions, answers, wishes that cannot be met."""

from __future__ import annotations

import pytest
from talk import Talk

FILM = "make a music video"

VAGUE = [
    "make it better",
    "help me make it pop",
    "make it pop",
    "improve it",
    "I don't like it",
    "do something cool",
    "make it look professional",
    "this is ugly",
    "surprise me",
    "make it shorter",
    "add a title",
    "add text",
    "add a filter",
    "优化一下",
    "好看一点",
    "换个风格",
    "有点不好看",
    "加标题",
]


@pytest.mark.parametrize("message", VAGUE)
def test_vague_wish__is_asked_back_with_something_to_say(message):
    talk = Talk("song+clips", FILM)
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert "?" in outcome.reply or "？" in outcome.reply
    assert any(mark in outcome.reply for mark in ('"', "“", "example", ":", "："))


IMPOSSIBLE = [
    "add subtitles",
    "transcribe the lyrics",
    "add a voiceover",
    "make it sing",
    "generate a picture of a dragon",
    "draw an image of a castle",
    "add a dancing cat",
    "add some fireworks people",
    "swap my face",
    "remove the background",
    "put me in front of a green screen",
    "stabilize the video",
    "play it backwards",
    "add a sticker",
    "add my logo",
    "split screen please",
    "picture in picture",
    "blur the faces",
    "add a glitch effect",
    "rotate it",
    "change the font to comic sans",
    "upload it to youtube",
    "remove the vocals",
    "加歌词",
    "加配音",
    "换脸",
    "抠图",
    "倒放",
    "加贴纸",
    "画一条龙",
    "加一只猫",
    "防抖",
]


@pytest.mark.parametrize("message", IMPOSSIBLE)
def test_impossible_wish__is_declined_with_what_can_be_had(message):
    talk = Talk("song+clips", FILM)
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert outcome.edits == ()
    assert any(
        word in outcome.reply for word in ("cannot", "no such", "one typeface", "one picture", "不能", "还不能", "没有")
    )
    assert any(
        word in outcome.reply
        for word in (" can ", "There are looks", "say the change", "可以", "但有", "只能", "再说一遍")
    )


def test_request_after_a_question__is_no_answer_to_it():
    talk = Talk("song+clips", FILM, "加字幕")
    outcome = talk.say("帮我把人物抠出来")
    assert outcome.edits == ()
    assert "不能抠图" in outcome.reply
    assert Talk("song+clips", FILM, "加字幕").say("海边的夜晚").edits


@pytest.mark.parametrize("message", ["帮我把人物抠出来", "把背景换成星空", "去掉背景"])
def test_cutting_out__is_declined_by_its_name(message):
    assert "不能抠图" in Talk("song+clips", FILM).say(message).reply


@pytest.mark.parametrize("message", ["BPM是多少？", "bpm多少", "what is the BPM?"])
def test_tempo__is_told_when_asked_for(message):
    assert "120 BPM" in Talk("song+clips", FILM).say(message).reply


def test_picture_that_is_not_there__is_not_invented_from_the_uploads():
    talk = Talk("song+clips")
    assert talk.say("generate a picture of a dragon").draft is talk.draft


NONSENSE = [
    "asdf qwer",
    "🎉🎉",
    "…",
    "'; DROP TABLE drafts; --",
    "???",
    "1",
    "的的的",
    "<script>",
    "\\x00 \x00",
    "a" * 3000,
]


@pytest.mark.parametrize("message", NONSENSE)
def test_nonsense__is_answered_politely_and_changes_nothing(message):
    talk = Talk("song+clips", FILM)
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert "?" in outcome.reply or "？" in outcome.reply


FACTS = [
    ("what's the tempo?", "120"),
    ("how fast is the music?", "120"),
    ("what key is it in?", "key"),
    ("how long is it?", "20 s"),
    ("how many shots are there?", "shots"),
    ("what's the resolution", "1920 × 1080"),
    ("which clips did I upload?", "city.mp4"),
    ("how loud is the music?", "100%"),
    ("what titles are there?", '"Hi"'),
    ("what's on the timeline", "20 s"),
    ("多长？", "20 秒"),
    ("有几个镜头", "镜头"),
    ("音乐的速度是多少", "120"),
    ("有哪些素材", "city.mp4"),
    ("分辨率是多少", "1920 × 1080"),
]


@pytest.mark.parametrize(("message", "told"), FACTS)
def test_question__is_answered_from_the_draft(message, told):
    talk = Talk("song+clips", FILM, 'add "Hi"')
    outcome = talk.say(message)
    assert outcome.draft is talk.draft
    assert told in outcome.reply


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("how do I add a title?", "add a title"),
        ("how can I export this", "export"),
        ("how to make it vertical", "vertical"),
        ("怎么加转场", "转场"),
        ("怎么导出", "导出"),
    ],
)
def test_how_to__is_answered_with_words_that_work(message, told):
    outcome = Talk("song+clips", FILM).say(message)
    assert outcome.edits == ()
    assert told in outcome.reply


@pytest.mark.parametrize(
    "message",
    [
        "can you add transitions?",
        "could you please make it black and white?",
        "would you make it vertical?",
        "你能加个黑白滤镜吗",
    ],
)
def test_wish_in_the_form_of_a_question__is_done(message):
    talk = Talk("song+clips", FILM)
    before = talk.draft
    assert talk.say(message).draft is not before


@pytest.mark.parametrize(
    "message",
    ["hello", "Hi there!", "你好", "thanks!", "谢谢", "great", "bye", "再见", "what can you do", "你能做什么"],
)
def test_small_talk__is_answered_and_changes_nothing(message):
    for talk in (Talk("nothing"), Talk("song+clips", FILM)):
        outcome = talk.say(message)
        assert outcome.draft == talk.draft
        assert outcome.edits == ()


def test_wish_that_lacks_its_words__is_asked_for_beside_the_others():
    talk = Talk("clips", "use my clips")
    outcome = talk.say("add a title and crossfades")
    assert "transition" in talk.role("clip")[1]["m"]
    assert "?" in outcome.reply


def test_impossible_wish__beside_a_possible_one__is_told_and_the_other_is_done():
    talk = Talk("song+clips", FILM)
    outcome = talk.say("make it sepia and add a sticker")
    assert talk.draft["m"]["filter"] == "sepia"
    assert "cannot" in outcome.reply


def test_suggestions__are_things_that_are_not_there_yet():
    talk = Talk("song+clips", FILM)
    assert "cinematic" in talk.say("make it better").reply
    talk.say("give it a cinematic look")
    assert "cinematic" not in talk.say("make it better").reply


@pytest.mark.parametrize(("message", "han"), [("换成竖屏", True), ("make it vertical", False), ("发到TikTok", True)])
def test_reply__is_in_the_language_of_the_words(message, han):
    reply = Talk("song+clips", FILM).say(message).reply
    assert any("\u4e00" <= char <= "\u9fff" for char in reply) is han


@pytest.mark.parametrize("message", ['"a" ' * 1000, 'add "a". ' * 440, 'add title "a" and ' * 220])
def test_message__of_hundreds_of_wishes__is_read_in_part_and_soon(message):
    talk = Talk("song+clips", FILM)
    assert 0 < len(talk.say(message).edits) <= 60
