"""Exports that are played from a tape which only notes their films."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fragmented
import httpx
import pytest
from fake_service import TITLE, Rendering, sse

from nemo_notebook import errors
from nemo_notebook.session import taping
from nemo_notebook.session.client import AsyncClient
from nemo_notebook.session.results import Video
from nemo_notebook.tapes import tape_file
from nemo_notebook.tapes.format import Medium
from nemo_notebook.tapes.tape_file import Writer

FILM, PREVIEW = bytes(range(256)) * 2000, fragmented.film(2, width=480, height=270)
SAID = "This is the preview that the tape keeps in the film's place: 480×270, 2 kB. The film itself (512 kB) was too "


class Filming(Rendering):
    def more(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "cdn.test":
            return httpx.Response(200, content=FILM, headers={"content-type": "video/mp4"})
        if "/lambda/" in request.url.path:
            film = {"url": "https://cdn.test/f.mp4", "width": 1920, "height": 1080}
            return httpx.Response(200, json={"status": "completed", "output": film})
        return super().more(request)


def nobody(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


async def export(service: httpx.MockTransport, name: str | None = "film.mp4") -> tuple[Video, str]:
    session = await AsyncClient("https://svc.example", transport=service).connect()
    video = await session.export(name)
    return video, (await session.jobs()).words


def exported(name: str | None = "film.mp4") -> tuple[Video, str]:
    return asyncio.run(export(httpx.MockTransport(nobody), name))


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One that has a preview instead of its film; it is in use, in an empty folder."""
    path, here = tmp_path / "x.nemotape", tmp_path / "here"
    recorded = tmp_path / "recorded"
    recorded.mkdir()
    here.mkdir()
    monkeypatch.chdir(recorded)
    taping.record(path, keep_bytes=5000)
    asyncio.run(export(httpx.MockTransport(Filming(sse(), [TITLE]))))
    taping.off()
    before = tape_file.read(path)
    small = Medium(hashlib.sha256(PREVIEW).hexdigest(), len(PREVIEW), "video/mp4", "preview.mp4", PREVIEW)
    film = replace(before.media[hashlib.sha256(FILM).hexdigest()], preview=small.sha256)
    Writer(path, before.header, replace(before, media={small.sha256: small, film.sha256: film})).finish()
    monkeypatch.chdir(here)
    taping.replay(path, speed="once")
    yield path
    taping.off()


def test_preview__says_that_it_is_one_and_what_it_is(tape: Path) -> None:
    video, _ = exported()
    assert video.path.read_bytes() == PREVIEW
    assert (video.width, video.height) == (480, 270)
    assert "1920" not in str(video)
    assert video.notes[0].startswith(SAID)
    assert video.notes[0] in video._repr_mimebundle_()["text/html"].replace("&#x27;", "'")


def test_film__that_lies_there_is_kept_and_used(tape: Path) -> None:
    Path("film.mp4").write_bytes(FILM)
    written_ns = Path("film.mp4").stat().st_mtime_ns
    video, jobs = exported()
    assert video.path == Path("film.mp4").absolute()
    assert video.path.stat().st_mtime_ns == written_ns
    assert (video.width, video.height, video.notes) == (1920, 1080, ())
    assert "film.mp4" in jobs
    assert "open" not in jobs


def test_other_file__is_never_written_over(tape: Path) -> None:
    Path("film.mp4").write_bytes(b"holidays")
    video, _ = exported()
    assert Path("film.mp4").read_bytes() == b"holidays"
    assert video.path.name == "film-2.mp4"
    assert video.path.read_bytes() == PREVIEW
    assert video.notes[0].startswith(SAID)


def test_preview__is_the_same_when_it_is_played_again(tape: Path) -> None:
    first = exported()
    taping.off()
    taping.replay(tape, speed="once")
    assert exported() == first
    assert [path.name for path in Path().iterdir()] == ["film.mp4"]


def test_film__without_a_preview_is_used_where_it_lies(tape: Path) -> None:
    taping.off()
    before = tape_file.read(tape)
    film = replace(before.media[hashlib.sha256(FILM).hexdigest()], preview="")
    Writer(tape, before.header, replace(before, media={film.sha256: film})).finish()
    taping.replay(tape, speed="once")
    with pytest.raises(errors.TapeError, match="was not kept on the tape"):
        exported()
    assert not list(Path().iterdir())
    taping.off()
    taping.replay(tape, speed="once")
    Path("film.mp4").write_bytes(FILM)
    assert exported()[0].notes == ()
