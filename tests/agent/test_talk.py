# ruff: noqa: E501
"""Talk, and wishes that cannot be met: said so by their name, with what works instead."""

from __future__ import annotations

import pytest
from asked_films import situation

from nemo_notebook.agent.turn import respond

IMPOSSIBLE = {
    "people|recognise|认不出": [
        "remove the people in the background", "can you blur out my face", "get rid of the guy behind me in the boat clip",
        "please blur the license plates", "把后面的路人去掉", "能给孩子的脸打个码吗", "帮我把垃圾桶p掉", "hide the faces of the kids",
    ],
    "single things|单独的东西": ["make the sky purple", "swap our faces", "把衣服换成红色的", "add my dad to the photo"],
    "background|背景": ["remove the background", "put a green screen behind me", "抠图换个背景", "replace the background with mars"],
    "retouch|美颜": ["make me look younger", "add a beauty filter", "给我磨皮美白一下", "can you whiten my teeth"],
    "invent|凭空": ["generate a picture of a dragon", "turn me into a cartoon", "帮我画一只恐龙", "make an ai avatar of me", "变成动漫风格"],
    "move or talk|开口": ["make my cat talk", "can you make her smile", "让照片里的奶奶开口说话", "make him say happy birthday"],
    "written|write down|自动出字幕": ["transcribe what i say", "add subtitles automatically", "把我说的话变成字幕", "can you auto caption it", "识别一下歌词"],
    "translate|翻译": ["translate my voice into spanish", "把旁白翻译成英文"],
    "lyrics|歌词": ["write lyrics for me", "帮我写一首歌的歌词"],
    "backwards|倒着": ["play the boat backwards", "play it in reverse", "海滩那段倒放", "rewind the last clip"],
    "freeze|定格": ["freeze frame at the end", "freeze it at 5 seconds", "最后一帧定格3秒"],
    "one picture|一个画面": ["put the boat as picture in picture", "split screen with both clips", "做成四宫格", "两个画面同时播放"],
    "pitch|变调": ["autotune my voice", "raise the pitch by two semitones", "make my voice sound like a robot", "把声音变成机器人声", "歌升调"],
    "speak or sing|朗读": ["read the title aloud", "text to speech please", "用女声朗读这段文字", "can you sing it for me"],
    "noise|杂音": ["remove the background noise", "there is a hiss on my recording can you clean up the audio", "帮我降噪", "录音里有电流声，去掉"],
    "steady|防抖": ["stabilise the beach clip", "the footage is shaky fix it", "画面太抖了稳定一下"],
    "camera|运镜": ["zoom in on the boat slowly", "ken burns on the photos", "pan across the sunset", "镜头慢慢推近到她的脸"],
    "rotate|旋转": ["rotate the clip by 90 degrees", "the photo is upside down", "画面旋转一下"],
    "stickers|贴纸": ["put sunglasses on her", "add a dancing gif", "加个可爱的贴纸", "add animated emoji everywhere"],
    "snow|下雪": ["let it snow", "add confetti", "加点雪花飘下来", "make hearts floating around"],
    "effect|特效": ["add a glitch effect", "加个故障特效"],
    "post|发布|发送": ["post it on instagram for me", "upload it to youtube", "帮我发到朋友圈", "send it to my mum", "schedule it for friday"],
    "internet|上网": ["get some stock footage of paris", "download a song from youtube", "从网上找几张图", "find me a nice song online"],
    "known songs|现成的歌": ["use a taylor swift song", "put shape of you under it", "用周杰伦的青花瓷", "add a trending sound", "配首热门歌曲"],
    "sharpness|补不出来": ["sharpen the photos", "make the footage higher resolution", "这段糊了，变清晰一点", "turn it into a 360 video"],
    "typeface|字体": ["use another font", "make the title italic", "标题换成楷体"],
    "line of work|帮不上": ["tell me a joke", "what's the weather tomorrow", "write me a python script", "讲个笑话", "今天天气怎么样"],
    "sound effects|音效": ["add a whoosh sound effect", "加点雨声", "加个叮的音效"],
    "take a song apart|拆开": ["remove the vocals from the song", "more bass please", "去掉人声只留伴奏"],
}  # fmt: skip
POSSIBLE = [
    "remove the photo", "remove the title", "mute the boat", "make the letters bigger", "add a blurred background",
    "change the background music to jazz", "zoom transitions please", "make it look like an old film", "crop it to fill the screen",
    "use a white flash on the cuts", "cut the boat", "fade to black", "let the boat play in slow motion", "去掉标题", "删掉照片",
    "背景音乐换成爵士", "换成电影感的滤镜", "照片删了", "结尾慢慢变黑", "加缩放转场", "字放大", "加柔光",
]  # fmt: skip
TALK = {
    "Hello|你好": ["hi", "hello there!", "good morning", "你好呀", "在吗"],
    "welcome|不客气": ["thanks", "thank you so much!", "cheers mate", "谢谢啦", "辛苦了"],
    "glad|喜欢就好": ["i love it!", "perfect", "太棒了", "很喜欢"],
    "Goodbye|再见": ["bye", "that's all for today", "拜拜", "先这样吧，再见"],
    "stays as it is|保持原样": ["never mind", "forget it", "算了", "没事了"],
    "time|慢慢来": ["wait", "hang on a sec", "等一下", "我想想"],
    "sorry|抱歉": ["you are useless", "this is rubbish", "你是不是傻", "什么玩意儿"],
    "All right|好的": ["ok", "i see", "行吧", "知道了"],
    "Shall we try|试试": [
        "it's boring", "make it better", "not great", "meh", "i don't like it", "spice it up a bit", "what do you think?",
        "any suggestions?", "不太行", "差点意思", "弄好看点", "你看着办", "有什么建议吗",
    ],
}  # fmt: skip


def _each(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(said, answers) for answers, messages in table.items() for said in messages]


@pytest.mark.parametrize(("said", "answers"), _each(IMPOSSIBLE))
def test_what_cannot_be_done_is_named(said: str, answers: str) -> None:
    here = situation("voiced")
    outcome = respond(said, here)
    assert outcome.draft is here.draft, outcome.reply
    assert any(answer in outcome.reply for answer in answers.split("|")), outcome.reply


@pytest.mark.parametrize("said", POSSIBLE)
@pytest.mark.parametrize("film", ["row", "voiced"])
def test_what_can_be_done_is_not_refused(said: str, film: str) -> None:
    outcome = respond(said, situation(film))
    assert not any(word in outcome.reply for word in ("I can't", "afraid", "抱歉，我没法", "抱歉，我不")), outcome.reply


@pytest.mark.parametrize(("said", "answers"), _each(TALK))
def test_talk_is_answered(said: str, answers: str) -> None:
    here = situation("row")
    outcome = respond(said, here)
    assert outcome.draft is here.draft, outcome.reply
    assert any(answer in outcome.reply for answer in answers.split("|")), outcome.reply


def test_a_message_of_more_wishes_than_are_read_names_the_rest() -> None:
    wishes = [f'add a title "line {number}" from 0:0{number % 6} to 0:0{number % 6 + 1}' for number in range(34)]
    outcome = respond(", ".join(wishes), situation("row"))
    assert [edit.text for edit in outcome.made if edit.tag == "add_title"] == [f"line {number}" for number in range(30)]
    unread = outcome.reply.partition("did not understand")[2]
    assert all(f'"line {number}"' in unread for number in range(30, 34))
    assert '"line 29"' not in unread
