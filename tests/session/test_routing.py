from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.session.routing import Intent, classify


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("export", "export"),
        ("Export it, please!", "export"),
        ("download", "export"),
        ("send me the video", "export"),
        ("can you render the final video as mp4 in 1080p?", "export"),
        ("导出", "export"),
        ("请帮我导出视频", "export"),
        ("下载视频吧", "export"),
        ("credits", "credits"),
        ("how many credits do I have left?", "credits"),
        ("balance", "credits"),
        ("积分", "credits"),
        ("我还有多少积分？", "credits"),
        ("余额", "credits"),
        ("status", "status"),
        ("show tracks", "status"),
        ("show me the timeline", "status"),
        ("状态", "status"),
        ("upload song.mp3", "upload"),
        ("上传 clip.mp4 photo.jpg", "upload"),
        ("song.mp3 clips/a.mp4", "upload"),
        ("https://example.com/song.mp3", "upload"),
        ("make the export button red in the title", "chat"),
        ('add a title "Export Day" at the end', "chat"),
        ("“导出”", "chat"),
        ("add a title saying status", "chat"),
        ("add end credits with my name", "chat"),
        ("roll the credits over the last 5 seconds", "chat"),
        ("export only the first 10 seconds as a new cut with music", "chat"),
        ("download some fonts and use them", "chat"),
        ("把标题改成导出", "chat"),
        ("make a music video", "chat"),
        ("做一个音乐视频", "chat"),
        ("upload", "chat"),
        ("I want to balance the audio", "chat"),
        ("save the cheerleader", "chat"),
        ("", "chat"),
    ],
)
def test_classify__goes_by_the_intent(text: str, action: str) -> None:
    assert classify(text).action == action


def test_classify__reads_what_the_export_is_to_be() -> None:
    assert classify("export 1080p MP4") == Intent("export", format="mp4", resolution="1080p")
    assert classify("export it as webm").format == "webm"


def test_classify__names_the_files() -> None:
    assert classify("upload song.mp3 clips/b.mp4").arguments == ("song.mp3", "clips/b.mp4")


@given(st.text(max_size=60))
def test_classify__any_text_has_an_intent(text: str) -> None:
    assert classify(text).action in {"export", "credits", "status", "upload", "chat"}
