from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.session.language.routing import Intent, classify

CHAT = [
    "",
    "make a music video",
    "export only the first 10 seconds as a new cut with music",
    "add end credits with my name",
    "add a title saying status",
    'add a title "Export Day" at the end',
    "make the export button red in the title",
    "Make the export button red in the title",
    "add the text 'download now'",
    "change the status bar color in the video",
    "credits at the end",
    "add end credits",
    "roll the credits over the last 5 seconds",
    "roll credits",
    "give the upload scene more light",
    "add a title saying balance",
    "balance the audio",
    "balance it",
    "balance this please",
    "can you balance it?",
    "make it downloadable size",
    "在片尾加上演职员表",
    "标题写“导出”",
    "把音量平衡一下",
    "show the tracks of the train",
    "trim the video to 10s and export it",
    "export it and add a title",
    "don't export yet",
    "do not export",
    "export only the first 10 seconds",
    "export the video without the title",
    "render at 24 fps",
    "is it ready to download?",
    "save the cheerleader",
    "save the last shot for the end",
    "send me flowers in the title",
    "download some fonts and use them",
    "I want to balance the audio",
    "the timeline is too long",
    "add a track",
    "give it tracks",
    "make the tracks louder",
    "status quo as title",
    "show the credits at the end",
    "fade out the credits",
    "give credit to the singer",
    "get rid of the credits",
    "upload",
    "upload all my clips",
    "upload song.mp3 and make a video",
    "make a video from song.mp3",
    "trim clip.mp4 to 5s",
    '"Export"',
    'add "export.mp4" as the title',
    "in the title write export",
    "export button",
    "export day",
    "download festival footage",
    "render the text in red",
    "save money as title",
    "v1.25",
    "make.it.pop",
    "give me a video",
    "I want a video",
    "send a postcard",
    "state of the art look",
    "state your name in the title",
    "draft beer shots",
    "track the face",
    "use the timeline of the war",
    "share the screen between both clips",
    "export to the moon",
    "save it for later",
    "save as draft",
    "undo the export",
    "cancel the export",
    "why did the export fail?",
    "what does export cost?",
    "buy credits",
    "把标题改成导出",
    "导出按钮改成红色",
    "不要导出",
    "先别导出",
    "导出前10秒",
    "剪到10秒再导出",
    "加一条轨道",
    "状态栏换个颜色",
    "标题改成余额",
    "片尾显示积分榜",
    "上传的场景亮一点",
    "下载页面的镜头删掉",
    "保存第一个镜头",
    "轨道上的火车放慢",
    "时间线太长了",
    "把时间线缩短到10秒",
    "做一个音乐视频",
    "“导出”",
    "发给我妈妈的视频",
    "upload it's me.mp3",
    "请你把这段删掉",
    "hello",
    "thanks",
    "save the video and post it",
    "export both as mp4 and gif",
    "export out.gif as mp4",
    "export to https://x.test/a.mp4",
    "/make a video from song.mp3",
]

EXPORT = [
    "export",
    "Export it, please!",
    "EXPORT",
    "send me the video",
    "download",
    "export as 1080p mp4",
    "export 1080p MP4 please",
    "导出视频",
    "可以把视频发给我吗",
    "save it as a gif",
    "can you render the final video as mp4 in 1080p?",
    "please export the video now",
    "ok, export",
    "could you send me the final movie?",
    "download the video in 4k",
    "render it out",
    "save the video",
    "let's export",
    "I want to download the video",
    "I'd like to save this as mov",
    "export in high quality",
    "give me the final video",
    "can i have the video please?",
    "how do I export?",
    "export to film.mp4",
    "save it as out.mov",
    'export as "my film.mp4"',
    "save to ~/Movies/my film.mp4",
    "export to C:\\films\\a.mp4",
    "download it to clips/out.webm please",
    "export the clip to film.mp4 in 4k",
    "导出",
    "请帮我导出视频",
    "下载视频吧",
    "导出吧",
    "把视频导出成 mp4 格式",
    "导出1080p高清视频",
    "导出为 film.mp4",
    "保存到 片子.mp4",
    "下载成片",
    "我要下载视频",
    "把成片发我",
    "能不能把片子发给我？",
    "怎么导出？",
    "导出成gif",
    "请导出4K视频",
    "帮我保存视频，谢谢",
    "ｅｘｐｏｒｔ",
    "export the project",
    "great, now export it",
    "render and download",
    "send it to me",
    "export to out.gif as gif",
    "share it with me",
    "render 720p",
]

CREDITS = [
    "how many credits do I have left?",
    "balance?",
    "balance",
    "credits",
    "Credits please",
    "还剩多少积分",
    "查一下余额",
    "show my credits",
    "check my balance",
    "what's my balance?",
    "what is my current credit balance",
    "how much credit is left",
    "do I have any credits left?",
    "am I out of credits?",
    "remaining credits",
    "credits left?",
    "tell me how many credits are left",
    "积分",
    "余额",
    "我还有多少积分？",
    "我的余额是多少",
    "积分还剩多少？",
    "查询积分余额",
    "看看我的积分",
    "账户余额",
    "请问我还有多少积分呢？",
    "积分够吗",
    "any credits left?",
]

STATUS = [
    "show me the timeline",
    "show tracks",
    "what's on the timeline?",
    "现在的状态",
    "show me the current timeline",
    "status",
    "Status?",
    "timeline",
    "tracks",
    "list the tracks",
    "what tracks are there?",
    "project status",
    "status update",
    "show the timeline please",
    "what does the timeline look like now?",
    "how many tracks do I have?",
    "what's the current state of the project?",
    "can you show me the tracks?",
    "状态",
    "显示时间线",
    "看看时间线",
    "时间线上有什么？",
    "有哪些轨道",
    "当前状态",
    "现在是什么状态",
    "查看轨道",
    "列出所有轨道",
    "给我看一下当前的时间线",
    "describe the timeline",
]

UPLOAD = [
    "https://example.com/song.mp3",
    "song.mp3 clips/a.mp4",
    "上传 clip.mp4 photo.jpg",
    "upload song.mp3",
    "上传 歌曲.mp3",
    "上传歌曲.mp3",
    "song.mp3 clips/*.mp4",
    "https://x.test/a.mp4",
    'upload "my song.mp3"',
    '"my song.mp3" clip.mov',
    "C:\\Music\\song.mp3",
    "upload C:\\Users\\Me\\My Music\\song.mp3",
    "upload ~/Music/song.mp3",
    "~/Music/song.mp3",
    ".hidden.mp4",
    "upload song.mp3, clip.mp4 and photo.jpg",
    "Upload SONG.MP3.",
    "please upload a.wav",
    "upload https://x.test/watch?v=1",
    "请上传 a.mp4 和 b.jpg",
    "upload notes.txt",
    "upload clips/",
    "upload clips/*",
    "上传“我的 歌.mp3”",
    "/data/My Clips/a b.mp4",
    "clip1.mp4 clip2.mp4",
    "upload \"a b.mp4\" 'c d.mov'",
]

CORPUS = [
    *((text, "chat") for text in CHAT),
    *((text, "export") for text in EXPORT),
    *((text, "credits") for text in CREDITS),
    *((text, "status") for text in STATUS),
    *((text, "upload") for text in UPLOAD),
]


@pytest.mark.parametrize(("text", "action"), CORPUS)
def test_classify__goes_by_the_intent(text: str, action: str) -> None:
    assert classify(text).action == action


@pytest.mark.parametrize(("text", "action"), [case for case in CORPUS if case[1] in {"export", "credits", "status"}])
def test_classify__a_quoted_action_and_one_with_an_edit_are_chat(text: str, action: str) -> None:
    assert classify(f"add the title “{text}”").action == "chat"
    assert classify(f"trim the first clip to 3 s, {text}").action == "chat"
    assert classify(f"把第一段剪短，{text}").action == "chat"


def test_classify__space_case_and_final_marks_do_not_count() -> None:
    for text, action in CORPUS:
        if action in {"export", "credits", "status"} and ".m" not in text:
            assert classify(f"  {text.upper()} !\n").action == action


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("export 1080p MP4", Intent("export", format="mp4", resolution="1080p")),
        ("export it as webm", Intent("export", format="webm")),
        ("render in 2160p", Intent("export", resolution="4k")),
        ("导出为 4K 的 GIF", Intent("export", format="gif", resolution="4k")),
        ("export to film.mp4", Intent("export", path="film.mp4")),
        ("save it as Out.MOV", Intent("export", path="Out.MOV")),
        ('export as "my film.mp4"', Intent("export", path="my film.mp4")),
        ("save to ~/Movies/my film.mp4", Intent("export", path="~/Movies/my film.mp4")),
        ("export to C:\\films\\a.mp4", Intent("export", path="C:\\films\\a.mp4")),
        ("export the clip to film.mp4 in 4k", Intent("export", resolution="4k", path="film.mp4")),
        ("保存到 片子.mp4", Intent("export", path="片子.mp4")),
        ("export film2.mp4 please", Intent("export", path="film2.mp4")),
        ("导出 film2.mp4", Intent("export", path="film2.mp4")),
        ("make a gif", Intent("export", format="gif")),
        ("can you give me a webm?", Intent("export", format="webm")),
        ("turn it into a gif", Intent("export", format="gif")),
        ("export the music as mid", Intent("export", format="mid")),
        ("make a gif of a dancing cat", Intent("chat")),
        ("use clip2.mp4", Intent("chat")),
        ("play clip.mp4 twice", Intent("chat")),
        ("导出到“我的 片子.mp4”", Intent("export", path="我的 片子.mp4")),
    ],
)
def test_classify__reads_what_the_export_is_to_be(text: str, wanted: Intent) -> None:
    assert classify(text) == wanted


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("upload song.mp3 clips/b.mp4", ("song.mp3", "clips/b.mp4")),
        ('upload "my song.mp3"', ("my song.mp3",)),
        ('"my song.mp3" clip.mov', ("my song.mp3", "clip.mov")),
        ("上传“我的 歌.mp3”", ("我的 歌.mp3",)),
        ("上传歌曲.mp3", ("歌曲.mp3",)),
        ("upload song.mp3, clip.mp4 and photo.jpg.", ("song.mp3", "clip.mp4", "photo.jpg")),
        ("C:\\Music\\my song.mp3", ("C:\\Music\\my song.mp3",)),
        ("~/Music/song.mp3", ("~/Music/song.mp3",)),
        (".hidden.mp4", (".hidden.mp4",)),
        ("song.mp3 clips/*.mp4", ("song.mp3", "clips/*.mp4")),
        ("https://x.test/a.mp4?id=1", ("https://x.test/a.mp4?id=1",)),
        ("/data/a.mp4 /data/b.mp4", ("/data/a.mp4", "/data/b.mp4")),
    ],
)
def test_classify__names_the_files(text: str, files: tuple[str, ...]) -> None:
    assert classify(text) == Intent("upload", files)


@given(st.text(max_size=60) | st.lists(st.sampled_from([*EXPORT, *CREDITS, *UPLOAD, " ", "“", "的"])).map("".join))
def test_classify__any_text_has_an_intent(text: str) -> None:
    assert classify(text).action in {"export", "credits", "status", "upload", "chat"}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a " * 50_000,
            "a.mp4 " * 16_000,
            '"' * 100_000,
            "upload " + "x" * 99_000,
            "C:\\" + "a" * 99_000,
            " " * 100_000,
        ),
        *("，" * 100_000, "'" * 100_000, "*" * 100_000, "上传" + " " * 99_000 + "x", "/" + "a b.mp4" * 14_000),
        *(
            "你好" * 149,
            "我的" * 149,
            "好吗" * 149,
            "please " * 42,
            "export " + "4k " * 90,
            "export to" + " " * 280 + "x",
        ),
    ],
    ids=range(17),
)
def test_classify__takes_milliseconds_for_any_text(text: str) -> None:
    classify("export")  # the expressions are made on first use
    start = time.process_time()
    classify(text)
    assert time.process_time() - start < 1
