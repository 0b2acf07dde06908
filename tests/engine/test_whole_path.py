"""The whole path through the real engine: upload → chat → timeline → export, and what goes wrong on it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from media_files import RATE, clicks, write_sound, write_video

import nemo_notebook as nemo
from nemo_notebook import errors, examples
from nemo_notebook.session.backend import _engines
from nemo_notebook.session.results import Progress

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("engine-home")


@pytest.fixture
def session(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[nemo.Session]:
    monkeypatch.setenv("NEMO_HOME", str(home))
    opened = nemo.connect(backend="local")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clips")
    for name, frames in (("one", 150), ("two", 120)):
        write_video(folder / f"{name}.mp4", frames=frames)
    return [folder / "one.mp4", folder / "two.mp4"]


@pytest.mark.parametrize("bpm", [72, 174])
def test_cuts__lie_on_the_clicks_of_a_track(session: nemo.Session, clips: list[Path], tmp_path: Path, bpm: int) -> None:
    song = tmp_path / "clicks.mp3"
    write_sound(song, clicks(bpm, 16.0)[0], RATE, codec="libmp3lame")
    session.upload(song, *clips)
    session.chat("make a music video, cut on the beat")
    frame = session.timeline().frame
    cuts = frame[(frame.kind == "video") & (frame.track == 1)].start_s.to_numpy()[1:]
    assert len(cuts) >= 4
    times = clicks(bpm, 16.0)[1]
    off_ms = 1000 * np.abs(cuts[:, None] - times[None, :]).min(axis=1)
    assert off_ms.max() <= 40
    assert frame.end_s.max() == pytest.approx(16.0, abs=0.05)


def test_film__is_what_was_promised(session: nemo.Session, tmp_path: Path) -> None:
    media = examples.media()
    uploaded = session.upload(*media)
    assert [item.kind for item in uploaded] == ["audio", *["video"] * 5]
    session.chat("create a video from this music with visualizer and beat-synced cuts")
    session.chat('add a title "Paper Lanterns" for the first 3 seconds')
    told: list[nemo.session.results.Progress] = []
    video = session.export(tmp_path / "film.mp4", quality="low", on_progress=told.append)
    rendering = [step.done for step in told if step.stage == "render"]
    assert len(rendering) > 3
    assert rendering == sorted(rendering)
    assert (video.width, video.height, video.duration) == (1920, 1080, 24.0)
    assert video.poster.startswith(b"\xff\xd8")
    with av.open(str(video.path)) as film, av.open(str(media[0])) as song:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        assert (picture.codec_context.name, picture.width, picture.height) == ("h264", 1920, 1080)
        assert (picture.pix_fmt, picture.average_rate, sound.codec_context.name) == ("yuv420p", 30, "aac")
        assert film.duration is not None
        assert song.duration is not None
        assert abs(film.duration - song.duration) / av.time_base < 0.1
        first = next(film.decode(picture))
        assert first.pts == 0
        assert first.to_ndarray(format="gray").mean() > 5
        film.seek(0)
        heard = np.concatenate([frame.to_ndarray() for frame in film.decode(sound)], axis=1)
    assert np.abs(heard).max() < 1
    seconds = heard[:, : heard.shape[1] // sound.rate * sound.rate].reshape(2, -1, sound.rate)
    assert np.sqrt((seconds**2).mean(axis=(0, 2))).min() > 0.005
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("content", [b"this is no film", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 500])
def test_upload__of_what_is_no_media_is_refused_and_nothing_is_kept(
    session: nemo.Session, home: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "fake.mp4").write_bytes(content)
    before = set((home / "engine" / "media").iterdir())
    with pytest.raises(errors.UnsupportedMedia, match=r"fake\.mp4") as caught:
        session.upload(tmp_path / "fake.mp4")
    assert caught.value.hint
    assert set((home / "engine" / "media").iterdir()) == before
    assert session.timeline().summary == "The timeline is empty."


def test_hostile_names__are_only_names(session: nemo.Session, clips: list[Path], tmp_path: Path) -> None:
    name = "..%2f<b>“城市” 🎬 'a';--.mp4"
    (tmp_path / name).write_bytes(clips[0].read_bytes())
    (media,) = session.upload(tmp_path / name)
    assert media.filename == name
    session.chat("use my clip")
    timeline = session.timeline()
    assert timeline.frame.source[0] == name
    assert "<b>" not in timeline._repr_mimebundle_()["text/html"]


def test_message__is_sent_once_and_nothing_is_sent_for_silence(session: nemo.Session) -> None:
    with pytest.raises(errors.UsageError):
        session.chat("   ")
    assert "?" in session.chat("flurb the wibble").text


def test_session__is_come_back_to_by_its_id(session: nemo.Session, clips: list[Path]) -> None:
    session.upload(*clips)
    session.chat("use my clips")
    again = nemo.connect(backend="local", session=session.id)
    assert again.timeline().summary == session.timeline().summary
    again.close()
    with pytest.raises(errors.SessionNotFound):
        nemo.connect(backend="local", session="1234567890123456789")


def test_async_client__is_the_same(home: Path, clips: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_HOME", str(home))

    async def work() -> tuple[list[type], str]:
        async with nemo.AsyncClient(backend="local") as client:
            session = await client.connect(skill="music-maker")
            await session.upload(*clips)
            kinds = [type(event) async for event in session.stream("use my clips")]
            return kinds, (await session.timeline()).summary

    kinds, summary = asyncio.run(work())
    assert {nemo.ToolCall, nemo.ToolResult, nemo.StateChange, nemo.Text, nemo.TextFinal} <= set(kinds)
    assert "one" in summary


def test_export__does_not_take_the_place_of_an_upload(session: nemo.Session, clips: list[Path], tmp_path: Path) -> None:
    own = tmp_path / "own.mp4"
    own.write_bytes(clips[0].read_bytes())
    session.upload(own)
    session.chat("use my clip")
    with pytest.raises(errors.UsageError, match=r"own\.mp4"):
        session.export(own)
    assert own.read_bytes() == clips[0].read_bytes()


def kill_engine(home: Path) -> None:
    engine = _engines[(home / "engine").resolve()]
    engine.process.kill()
    engine.process.wait()


def test_engine__that_died_is_replaced_and_the_session_goes_on(
    home: Path, clips: list[Path], session: nemo.Session, tmp_path: Path
) -> None:
    session.upload(*clips)
    session.chat("use my clips")
    asked: dict[str, Callable[[], str]] = {
        "two": lambda: session.timeline().summary,
        "black and white": lambda: session.chat("make it black and white").text,
        "one.mp4": lambda: session.upload(clips[0])[0].filename,
        "9.0 s": lambda: str(session.export(tmp_path / "film.mp4", quality="low", resolution="480p")),
    }
    for expected, ask in asked.items():
        kill_engine(home)
        assert expected in ask()


def test_engine__killed_in_mid_export_is_replaced_and_the_export_ends_well(
    home: Path, clips: list[Path], session: nemo.Session, tmp_path: Path
) -> None:
    session.upload(*clips)
    session.chat("use my clips")
    killed: list[float] = []

    def kill_once(progress: Progress) -> None:
        if progress.stage == "render" and progress.done and not killed:
            killed.append(progress.done)
            kill_engine(home)

    film = session.export(tmp_path / "film.mp4", quality="low", resolution="720p", on_progress=kill_once)
    assert killed
    assert killed[0] < 1
    with av.open(str(film.path)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == round(film.duration * 30) == 270


def test_title__that_no_font_can_draw_is_told(session: nemo.Session, clips: list[Path]) -> None:
    session.upload(*clips)
    session.chat("use my clips")
    assert "\U00013000" in session.chat('add a title "\U00013000 Nile"').text  # an Egyptian hieroglyph
    assert "font" not in session.chat('add a title "Nile"').text


def test_unaccepted_type__is_converted_sent_once_and_heard(session: nemo.Session, tmp_path: Path) -> None:
    song = tmp_path / "my song.flac"
    write_sound(song, clicks(120, 8.0)[0], RATE, codec="flac")
    told: list[Progress] = []
    (media,) = session.upload(song, on_progress=told.append)
    assert (media.filename, media.kind) == ("my song.wav", "audio")
    assert media.duration_s == pytest.approx(8.0, abs=0.01)
    assert told[0].stage == "convert"
    assert session.upload(song)[0].was_there
    session.chat("make a music video with a visualizer")
    assert session.timeline().duration_s == pytest.approx(8.0, abs=0.1)
    assert [job.title for job in session.jobs() if job.kind == "upload"] == ["my song.flac"]


@pytest.mark.parametrize("damage", [b"", b"\0"], ids=["cut off", "of the same size"])
def test_damaged_upload__heals_when_the_good_file_comes_again(
    session: nemo.Session, clips: list[Path], damage: bytes
) -> None:
    (first,) = session.upload(clips[0])
    digest = hashlib.sha256(clips[0].read_bytes()).hexdigest()
    kept = Path(os.environ["NEMO_HOME"]) / "engine" / "media" / digest
    assert session.upload(clips[0])[0].was_there
    kept.write_bytes(damage * first.size_bytes)
    (again,) = session.upload(clips[0])
    assert (again.was_there, again.size_bytes) == (False, first.size_bytes)
    assert kept.read_bytes() == clips[0].read_bytes()
    assert session.upload(clips[0])[0].was_there
    assert len(session.media()) == 1


def test_removed_project__is_hidden_and_comes_back_with_all_that_was_in_it(
    session: nemo.Session, clips: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    with nemo.connect(backend="local", name="Lake") as lake:
        lake.upload(clips[0])
        lake.chat("use my clip")
        told = lake.remove()
    assert "in the trash for a week" in told
    assert "%nemo sessions --restore" in told
    assert lake.id not in [each.id for each in nemo.sessions()]
    with nemo.connect(session="Lake") as again:
        assert (again.id, again.notes) == (lake.id, ("This project was in the trash; it is back.",))
        assert again.timeline().is_ready
        assert [each.filename for each in again.media()] == ["one.mp4"]
    assert "This project was in the trash" in caplog.text
    assert lake.id in [each.id for each in nemo.sessions()]

    async def delete() -> str:
        async with nemo.AsyncClient() as client:
            return await client.remove("Lake", forever=True)

    assert "Lake is deleted" in asyncio.run(delete())
    with pytest.raises(errors.SessionNotFound):
        nemo.connect(session="Lake")


def test_quota__that_is_nearly_reached_is_told_with_the_project_that_goes_first(
    session: nemo.Session, clips: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEMO_HOME", str(tmp_path))
    with nemo.connect(backend="local", name="Old") as old:
        old.upload(clips[0])
        database = tmp_path / "engine" / "engine.sqlite"
        with sqlite3.connect(database) as db:
            db.execute("UPDATE session SET touched_s = touched_s - 90000")
    _engines.pop(tmp_path.resolve() / "engine").stop()
    monkeypatch.setenv("NEMO_CACHE_GB", str(clips[0].stat().st_size * 1.05 / 1e9))
    with nemo.connect(backend="local", name="New") as new:
        (note,) = new.notes
        assert "Old goes to the trash" in note
        assert "%nemo sessions --remove" in note
        assert "Old goes to the trash" in new.upload(clips[1]).notes[-1]
    _engines.pop(tmp_path.resolve() / "engine").stop()
    with nemo.connect(backend="local") as later:
        while not later.notes:  # the sweep goes on beside the start
            later = nemo.connect(backend="local")
        assert f"%nemo sessions --restore {old.id}" in later.notes[0]
    _engines.pop(tmp_path.resolve() / "engine").stop()
