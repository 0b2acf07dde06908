from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemo_notebook.session.language import Intent, classify

TEXTS_BY_KIND = tomllib.loads(Path(__file__).with_name("routing.toml").read_text(encoding="utf-8"))
CHAT = TEXTS_BY_KIND["chat"]
EXPORT = TEXTS_BY_KIND["export"]
CREDITS = TEXTS_BY_KIND["credits"]
STATUS = TEXTS_BY_KIND["status"]
UPLOAD = TEXTS_BY_KIND["upload"]


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
