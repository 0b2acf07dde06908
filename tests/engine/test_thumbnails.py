"""Small pictures of uploads: of what, how large, and for whom."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from clips import texture, write_clip
from covers import SUNSET, encoded, gradient, song_with
from hostile_media import broken, claiming, jpeg_of
from media_files import clicks, write_sound, write_video
from PIL import Image
from visitor import Visitor

from nemo_notebook import errors
from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.store import MediaRow, Store
from nemo_notebook.media.thumbnails import SIDE_PX, thumbnail


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data), formats=["JPEG"])
    picture.load()
    assert max(picture.size) <= SIDE_PX
    assert len(data) < 20_000
    return picture


def test_a_clip__shows_a_frame_that_is_not_black(tmp_path: Path) -> None:
    lit = texture(1, size=(36, 64))
    dark = np.zeros((36, 64))
    write_clip(tmp_path / "clip.mp4", np.stack([dark] * 60 + [lit] * 30 + [dark] * 30).astype(np.uint8))
    picture = opened(thumbnail(tmp_path / "clip.mp4", "clip.mp4"))
    assert picture.size == (160, 90)
    assert np.asarray(picture.convert("L")).mean() > 60


def test_a_clip_that_is_black_throughout__is_shown_so(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", np.full((30, 36, 64), 16, np.uint8))
    assert np.asarray(opened(thumbnail(tmp_path / "clip.mp4", "clip.mp4")).convert("L")).mean() < 10


def test_a_clip_of_one_frame__is_shown(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.webm", frames=1, codec="libvpx-vp9")
    assert opened(thumbnail(tmp_path / "clip.webm", "clip.webm")).size == (160, 96)


def test_a_gif__is_shown(tmp_path: Path) -> None:
    write_video(tmp_path / "a.gif", codec="gif", frames=5)
    opened(thumbnail(tmp_path / "a.gif", "a.gif"))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_clip__stands_upright(tmp_path: Path, turn: int) -> None:
    upright = Image.new("RGB", (96, 160) if turn in (90, 270) else (160, 96), (20, 20, 220))
    upright.paste((220, 20, 20), (0, 0, upright.width, upright.height // 2))
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stored = upright.rotate(turn, expand=True)  # a player turns it back, clockwise
        stream.width, stream.height, stream.pix_fmt = *stored.size, "yuv420p"
        stream.set_display_rotation(-turn) if hasattr(stream, "set_display_rotation") else _no_turns(turn)
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame.from_image(stored)))
        out.mux(stream.encode())
    picture = opened(thumbnail(path, "clip.mp4"))
    assert picture.size == upright.size
    red, _, blue = picture.getpixel((picture.width // 2, 10))
    assert red > 150 > blue


def _no_turns(turn: int) -> None:
    if turn:
        pytest.skip("this FFmpeg writes no turned clips")


def test_a_picture__is_small_upright_and_on_white(tmp_path: Path) -> None:
    photo = gradient(*SUNSET, size=600).resize((600, 300))
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(tmp_path / "a.jpg", exif=exif)
    assert opened(thumbnail(tmp_path / "a.jpg", "a.jpg")).size == (80, 160)
    Image.new("RGBA", (40, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    clear = opened(thumbnail(tmp_path / "a.png", "a.png"))
    assert (clear.size, min(clear.getpixel((5, 5)))) == ((40, 20), 255)


def test_a_song__shows_its_cover_and_none_without(tmp_path: Path) -> None:
    song = song_with(tmp_path / "song.mp3", encoded(gradient(*SUNSET)))
    assert opened(thumbnail(song, "song.mp3")).size == (120, 120)
    write_sound(tmp_path / "bare.wav", clicks(120, 1, rate=44100)[0], codec="pcm_s16le")
    assert thumbnail(tmp_path / "bare.wav", "bare.wav") == b""


def test_what_is_no_media__has_none(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no film")
    assert thumbnail(tmp_path / "a.mp4", "a.mp4") == b""
    assert thumbnail(tmp_path / "gone.mp4", "gone.mp4") == b""
    Image.new("1", (8500, 8500)).save(tmp_path / "vast.png")
    assert thumbnail(tmp_path / "vast.png", "vast.png") == b""
    (tmp_path / "scans.jpg").write_bytes(jpeg_of(600))
    assert thumbnail(tmp_path / "scans.jpg", "scans.jpg") == b""


def test_hostile_media__give_a_jpeg_or_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    for number, file in enumerate([*claiming(tmp_path, secret, "http://127.0.0.1:9"), *broken(tmp_path, 20)]):
        path = tmp_path / f"{number}.hostile"
        path.write_bytes(file.data)
        data = thumbnail(path, file.name)
        assert data == b"" or opened(data)


class Pool:
    """Writes what it is told to, after a while."""

    def __init__(self, picture: bytes, error: Exception | None = None) -> None:
        self.picture = picture
        self.error = error
        self.runs = 0

    async def run(self, op: str, args: dict[str, Any], who: str = "") -> dict[str, Any]:
        assert (op, who) == ("thumbnail", "me")
        self.runs += 1
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        Path(args["target"]).write_bytes(self.picture)
        return {}


def row(store: Store) -> MediaRow:
    made = MediaRow("1", "a" * 64, "clip.mp4", "key", {})
    store.media_path(made.hash).write_bytes(b"media")
    return made


def ask(store: Store, pool: Any, times: int = 1) -> list[Path | None]:
    async def asked() -> list[Path | None]:
        analyses = Analyses(store, pool)
        media = row(store)
        together = await asyncio.gather(*(analyses.thumbnail(media, "me") for _ in range(times)))
        return [*together, await analyses.thumbnail(media, "me")]

    return asyncio.run(asked())


def test_a_thumbnail__is_made_once_for_all_that_ask(stores: tuple[Store, Store]) -> None:
    pool = Pool(b"picture")
    paths = ask(stores[0], pool, 5)
    assert pool.runs == 1
    assert {path.read_bytes() for path in paths if path} == {b"picture"}
    assert None not in paths


@pytest.mark.parametrize("error", [None, errors.EngineError("It crashed."), errors.UnsupportedMedia("It is slow.")])
def test_what_has_none__is_not_tried_again(stores: tuple[Store, Store], error: Exception | None) -> None:
    pool = Pool(b"", error)
    assert ask(stores[0], pool) == [None, None]
    assert pool.runs == 1


def test_media_that_are_gone__have_none(stores: tuple[Store, Store]) -> None:
    gone = MediaRow("1", "b" * 64, "clip.mp4", "key", {})
    assert asyncio.run(Analyses(stores[0], Pool(b"x")).thumbnail(gone, "me")) is None  # type: ignore[arg-type]


def test_server__gives_them_by_the_key_alone(http: Visitor, session_id: str, clip: bytes, tmp_path: Path) -> None:
    write_sound(tmp_path / "song.wav", clicks(120, 1, rate=44100)[0], codec="pcm_s16le")
    song = (tmp_path / "song.wav").read_bytes()
    for data, name in ((clip, "clip.mp4"), (song, "song.wav")):
        http.upload(session_id, data, name)
    infos = http.state(session_id)["video_infos"]
    assert [info["size"] for info in infos] == [len(clip), len(song)]
    shown, bare = (httpx.get(info["thumbnail_url"]) for info in infos)
    assert (shown.status_code, shown.headers["content-type"], bare.status_code) == (200, "image/jpeg", 404)
    assert opened(shown.content).size == (160, 96)
    assert httpx.get(infos[0]["thumbnail_url"].replace("/files/", "/files/x")).status_code == 404
