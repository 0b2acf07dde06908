"""Exports of other kinds than films: what the path's ending asks for, and how they show themselves."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from cases import cases
from media_files import RATE, clicks, write_sound, write_video
from PIL import Image

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.session.results import Video
from nemo_notebook.session.targets import choose_output

pytestmark = pytest.mark.timeout(300)


@cases
def test_format__is_the_one_named_or_the_paths_ending(path: str | None, wanted: str | None, kind: str) -> None:
    wish = {"format": wanted, "quality": "preview", "resolution": "540p"}
    assert choose_output(path, wish, None) == {**wish, "format": kind}


@pytest.mark.parametrize(("path", "wanted"), [("a.exe", None), ("a.mp4", "gif"), (None, "flac")])
def test_format_that_there_is_not_or_that_the_path_denies__is_refused(path: str | None, wanted: str | None) -> None:
    with pytest.raises(errors.UsageError):
        choose_output(path, {"format": wanted}, None)


@cases
def test_export__shows_itself_as_what_it_is(
    name: str, tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    poster = b"" if name == "a.mid" else b"\xff\xd8"
    shown = Video(tmp_path / name, "", 3.0, poster=poster)._repr_mimebundle_()["text/html"]
    assert shown.startswith(tag)
    assert f'<a href="{name}" download>' in shown


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[nemo.Session]:
    folder = tmp_path_factory.mktemp("formats")
    write_video(folder / "clip.mp4", frames=90)
    write_sound(folder / "song.mp3", clicks(120, 3.0)[0], RATE, codec="libmp3lame")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NEMO_HOME", str(folder / "home"))
        opened = nemo.connect(backend="local")
        opened.upload(folder / "song.mp3", folder / "clip.mp4")
        opened.chat("make a music video, cut on the beat")
        yield opened
        opened.close()


@pytest.mark.parametrize("name", ["loop.gif", "sound.mp3", "cover.png", "still.jpeg", "film.webm"])
def test_export__is_saved_in_the_format_of_its_name(session: nemo.Session, tmp_path: Path, name: str) -> None:
    made = session.export(tmp_path / name, quality="preview")
    assert made.path == tmp_path / name
    ending = made.path.suffix
    if ending in {".png", ".jpeg", ".gif"}:
        with Image.open(made.path) as picture:
            assert picture.size == (made.width, made.height)
            assert picture.format == {".png": "PNG", ".jpeg": "JPEG", ".gif": "GIF"}[ending]
            assert getattr(picture, "is_animated", False) is (ending == ".gif")
        assert (made.duration == 0) is (ending != ".gif")
    else:
        with av.open(str(made.path)) as film:
            assert film.duration / 1e6 == pytest.approx(3.0, abs=0.05)
            assert len(film.streams.video) == (ending == ".webm")
        assert bool(made.width) is (ending == ".webm")
        assert made.poster.startswith(b"\xff\xd8")  # of a sound its waveform
        assert bool(made.clip) is (ending == ".webm")


def test_film__plays_in_small_where_its_file_is_not(
    session: nemo.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = session.export("my film.mp4", quality="preview")._repr_mimebundle_()["text/html"]
    found = re.search(r'<source src="my%20film.mp4"><source src="data:video/mp4;base64,([^"]+)"', shown)
    assert len(found[1]) < 200_000
    with av.open(io.BytesIO(base64.b64decode(found[1]))) as clip:
        picture = clip.streams.video[0]
        assert (picture.width, picture.height, len(clip.streams.audio)) == (320, 180, 0)
        assert sum(1 for _ in clip.decode(picture)) == 36  # 3 s


def test_score_of_a_song__is_refused_with_what_to_do(session: nemo.Session, tmp_path: Path) -> None:
    with pytest.raises(errors.NemoError, match="no notes") as caught:
        session.export(tmp_path / "song.mid")
    assert "music" in f"{caught.value} {caught.value.hint}"
    assert list(tmp_path.iterdir()) == []
