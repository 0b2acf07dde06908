"""Questions that people ask about a film: answered from the film, which stays as it is."""

from __future__ import annotations

import pytest
from asked_films import situation

from nemo_notebook.agent.turn import respond

QUESTIONS = [
    ("row", "how long is it?", "25"),
    ("row", "what's the length of the film right now", "25"),
    ("row", "whats the total running time", "25"),
    ("row", "how many seconds is the whole thing", "25"),
    ("row", "现在片子一共多长", "25"),
    ("row", "总时长是多少啊", "25"),
    ("cut", "how long is my song?", "62|1:02"),
    ("row", "how long is the boat clip", "8"),
    ("row", "海滩那段有多长", "14"),
    ("row", "how long does the photo stay up", "3"),
    ("row", "照片停几秒啊", "3"),
    ("row", "how long can you read the title", "3"),
    ("row", "标题显示多久", "3"),
    ("voiced", "how long is my recording", "24"),
    ("row", "how many shots are there", "3"),
    ("row", "一共几个镜头", "3"),
    ("cut", "how many cuts did you make", "cuts"),
    ("row", "how many photos are in it", "1 photo"),
    ("row", "里面用了几张照片", "1 张"),
    ("row", "how many titles do we have", "1 title"),
    ("row", "what is in the film?", "beach"),
    ("row", "can you tell me what's in it in which order", "beach, boat"),
    ("row", "which clips did you use", "boat"),
    ("row", "describe the video", "beach"),
    ("row", "片子里都有什么", "beach"),
    ("row", "顺序是什么样的", "beach、boat"),
    ("row", "what comes first?", "beach"),
    ("voiced", "which music is that", "Jazz"),
    ("cut", "what song is playing", "Harbour Lights"),
    ("cut", "who is the artist of this song", "Tom Ash"),
    ("voiced", "who made the music?", "composed"),
    ("voiced", "音乐是你写的吗", "我为"),
    ("cut", "这是什么歌", "Harbour"),
    ("voiced", "how loud is the music", "40%"),
    ("voiced", "音乐音量是多少", "40%"),
    ("cut", "what's the tempo of the song?", "120"),
    ("cut", "how many bpm", "120"),
    ("cut", "这首歌节拍多快", "120"),
    ("voiced", "which look does it have", "vintage"),
    ("voiced", "现在用的是什么滤镜", "复古"),
    ("row", "what transitions are there between the shots", "dissolve|cuts"),
    ("cut", "what shape is it", "vertical"),
    ("cut", "is it vertical or horizontal?", "vertical"),
    ("cut", "现在是横屏还是竖屏", "竖屏"),
    ("row", "what resolution is the video", "1920"),
    ("row", "where is the boat?", "0:14"),
    ("row", "when does the tram come", "0:22"),
    ("row", "小船在哪里出现", "0:14"),
    ("row", "when can you see the title", "0:01"),
    ("cut", "where's the chorus", "0:"),
    ("cut", "副歌在几秒", "0:"),
    ("row", "what have you changed so far?", "warmer please"),
    ("row", "what did you just do", "warmer please|change"),
    ("row", "你刚才改了什么", "修改|warmer"),
    ("row", "what looks do you have?", "sepia"),
    ("row", "which filters can i choose from", "sepia"),
    ("row", "有哪些滤镜可以选", "复古"),
    ("row", "what kind of transitions can you do", "wipe"),
    ("row", "转场有哪些", "叠化"),
    ("row", "what kinds of music do you have", "Jazz|jazz"),
    ("row", "能配什么风格的音乐", "爵士"),
    ("row", "what visualizers are there", "bars"),
    ("row", "which shapes are available", "square"),
    ("row", "where can titles go?", "top left"),
    ("row", "what animations do you have for titles", "letter by letter"),
    ("empty", "what did i upload?", "narration.m4a"),
    ("empty", "我都上传了哪些素材", "tram.jpg"),
    ("voiced", "which of my files are not used", "narration|All of"),
    ("empty", "有哪些素材还没用上", "beach.mp4"),
    ("row", "will there be a watermark on it?", "No"),
    ("row", "导出来有水印吗", "不会"),
    ("row", "is this free?", "free"),
    ("row", "这个要钱吗", "免费"),
    ("row", "do my videos leave my computer", "own computer"),
    ("row", "我的照片会传到网上吗", "自己的电脑"),
    ("voiced", "can i use the music on youtube, copyright wise?", "yours to use"),
    ("voiced", "音乐有版权问题吗", "授权"),
    ("none", "what can you do?", "compose"),
    ("none", "你能做什么呀", "配乐"),
    ("row", "what can i do with photos", "each photo"),
    ("row", "what can you do with my voice?", "recording"),
    ("row", "标题能做什么效果", "打出"),
    ("row", "how do i add a title", "write"),
    ("row", "how can i make it black and white", "black and white"),
    ("row", "怎么加音乐", "配一段"),
    ("row", "怎么把片子剪短", "剪到"),
    ("cut", "why is it that long?", "Harbour Lights"),
    ("cut", "为什么这么长", "Harbour"),
    ("voiced", "why is the music so quiet", "40%"),
    ("cut", "why do the pictures change so often", "beat"),
    ("none", "how long is it", "no film"),
    ("none", "现在有多长", "还没有"),
]
WISHES = [
    ("voiced", "can you make it faster?"),
    ("voiced", "could we have rock instead of that music?"),
    ("row", "能不能改成黑白"),
    ("row", "would you make the title red?"),
    ("row", "is it possible to have it in sepia?"),
    ("row", "可以竖屏吗"),
    ("row", "can i have the boat first?"),
    ("row", "why don't you make it black and white"),
    ("row", "what about a vintage look?"),
    ("row", "how about some jazz music"),
]


@pytest.mark.parametrize(("film", "question", "answers"), QUESTIONS, ids=[each[1] for each in QUESTIONS])
def test_a_question_is_answered(film: str, question: str, answers: str) -> None:
    here = situation(film)
    outcome = respond(question, here)
    assert outcome.draft is here.draft, outcome.reply
    assert any(answer in outcome.reply for answer in answers.split("|")), outcome.reply


@pytest.mark.parametrize(("film", "wish"), WISHES, ids=[each[1] for each in WISHES])
def test_a_wish_in_the_form_of_a_question_is_met(film: str, wish: str) -> None:
    outcome = respond(wish, situation(film))
    assert outcome.made, outcome.reply
