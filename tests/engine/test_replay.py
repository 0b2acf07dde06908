"""A film is made again from its edits alone, to the byte, at each of its versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from engine_server import Serving, serving
from media_files import RATE, clicks, drums, write_sound, write_video
from PIL import Image

import nemo_notebook as nemo
from nemo_notebook.film.history import replay
from nemo_notebook.film.model import MediaItem, Version

pytestmark = pytest.mark.timeout(300)

EN = (
    "make a music video", "make it vertical 9:16 for TikTok", 'add a title "Urban Dreams" for the first 3 seconds',
    "make the title red", "bigger", "move it to the bottom", "add crossfades between all clips", "undo", "redo",
    "make it black and white", "only the second clip in sepia", "cut it faster", "set the music volume to 35%",
    "fade out at the end", "add a visualizer", "remove the visualizer", "mute the clips", "unmute the clips",
    "swap clip 1 and clip 2", "trim the last 2 seconds", "make it 10 seconds", "undo 2 steps",
    'add a title "The End" at the end for 2 seconds', 'change the title "The End" to "Fin"', "start over", "undo",
    "undo that and make it brighter", "make it warmer", "slow down the first clip", "zoom into the photo",
)  # fmt: skip
ZH = (
    "用我的素材做一个视频", "在开头加标题“城市之梦”，3秒", "标题改成黄色", "加轻快的背景音乐，音量30%", "换一首音乐",
    "静音", "取消静音", "撤销", "重做", "改成竖屏", "黑白", "加上转场", "节奏快一点", "片头淡入", "删除标题",
    "视频剪到8秒", "把第一个片段放到最后",
)  # fmt: skip
PIECES = (
    "add lo-fi background music", "make it faster", "add music that fits", "different music", "add a visualizer",
    'add a title "Rain"', "remove the title", "undo", "undo", "make it calmer", "fade the music in over 2 seconds",
    "use my clips", "duplicate the first clip", "delete the second clip", "reverse the order of the clips",
    "repeat the video twice", "speed the video up", "loop it",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_sound(folder / "song.mp3", drums(120, 12.0)[0], RATE, codec="libmp3lame", tags={"title": "Night Drive"})
    write_sound(folder / "other.wav", clicks(96, 8.0)[0], RATE, codec="pcm_s16le")
    write_video(folder / "city.mp4", frames=150, sound_s=5.0)
    write_video(folder / "sea.mp4", frames=120)
    Image.linear_gradient("L").convert("RGB").resize((320, 200)).save(folder / "photo.png")
    return folder


@contextmanager
def opened(server: Serving, monkeypatch: pytest.MonkeyPatch, **how: Any) -> Iterator[nemo.Session]:
    monkeypatch.setenv("NEMO_TOKEN", server.token)
    with nemo.connect(backend=server.url, **how) as session:
        yield session


def line(server: Serving, session: str) -> tuple[list[Version], list[MediaItem]]:
    """How the draft that holds was made, as it is read from the service, and the uploads."""
    rows = server.store.media(session)
    return server.store.drafts.versions(session), list(server.engine.analyses.items(rows))


def bytes_of(draft: Any) -> str:
    return json.dumps(draft, ensure_ascii=False)


def check(server: Serving, session: str) -> list[Version]:
    """Hold the film that is made again against the one that is kept, at each version."""
    versions, media = line(server, session)
    again = replay(versions, media)
    sql = "SELECT json FROM draft WHERE session_id = ? AND version = ?"
    for version, draft in zip(versions, again, strict=True):
        (row,) = server.store._db.read(sql, session, version.number)
        assert bytes_of(draft) == row["json"], version
    return versions


@pytest.mark.parametrize(
    ("uploads", "messages"),
    [
        (("song.mp3", "city.mp4", "sea.mp4", "photo.png"), EN),
        (("city.mp4", "sea.mp4"), ZH),
        (("sea.mp4", "city.mp4"), PIECES),
    ],
    ids=["music video", "chinese", "pieces"],
)
def test_conversation__is_made_again_from_its_edits(
    server: Serving, files: Path, monkeypatch: pytest.MonkeyPatch, uploads: tuple[str, ...], messages: tuple[str, ...]
) -> None:
    with opened(server, monkeypatch) as session:
        session.upload(*(files / name for name in uploads))
        kept = 0
        for message in messages:
            before = session.timeline().draft
            r = session.chat(message)
            n = session.timeline().draft != before
            print(n, message, "=>", r.text[:110].replace("\n", " "))
            kept += n
        check(server, session.id)
        print(kept, len(messages))
