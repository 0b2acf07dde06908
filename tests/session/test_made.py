"""What is known of a film that a service in the cloud has made: from the journal, as the service writes no record."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import httpx
import pytest
from fake_service import TITLE, Rendering, sse, text
from planted import PLANTED

from nemo_notebook import __version__
from nemo_notebook.errors import FileMissing
from nemo_notebook.film.provenance import Provenance, hash_of
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.session import exports
from nemo_notebook.session.results import Video

SONG = b"ID3 a song"


class Cloud(Rendering):
    """Takes uploads, too."""

    def more(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/upload-video"):
            return httpx.Response(
                200, json={"code": 0, "data": {"files": [{"filename": "song.mp3", "hash": "etag-1"}]}}
            )
        return super().more(request)


def film(cloud: Cloud, folder: Path) -> Video:
    (folder / "song.mp3").write_bytes(SONG)

    async def work() -> Video:
        session = cloud.session()
        await session.upload(folder / "song.mp3")
        await session.chat(f"make a video,\nmy token is {PLANTED}")
        video = await session.export(folder / "film.mp4", quality="low")
        await session.chat("and now something else")
        return video

    return asyncio.run(work())


def test_film_of_the_cloud__tells_what_is_known_here_and_stays_as_it_is(tmp_path: Path) -> None:
    video = film(Cloud(sse(text("Done.")), [TITLE]), tmp_path)
    assert video.provenance == Provenance(
        package=__version__,
        skill="from-music",
        media=(("song.mp3", hashlib.sha256(SONG).hexdigest()),),
        prompts=("make a video,\nmy token is …",),
        draft_sha256=hash_of(TITLE),
        output=(("format", "mp4"), ("quality", "low")),
    )
    assert video.path.read_bytes() == b"film"
    assert "song.mp3" not in repr(video)


def test_film_of_another_engine__tells_what_it_says_itself(tmp_path: Path) -> None:
    cloud = Cloud(sse(text("Done.")), [TITLE])
    known = Provenance(package="9.9", prompts=("another prompt",))
    cloud.film = b"\0" * 100 + known.comment.encode()
    assert film(cloud, tmp_path).provenance == known


def test_what_cannot_be_told__does_not_cost_the_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(path: Path) -> None:
        raise FileMissing(f"{path.name} cannot be read.")

    monkeypatch.setattr(exports, "provenance", unreadable)
    video = film(Cloud(sse(text("Done.")), [TITLE]), tmp_path)
    assert (video.provenance, video.path.read_bytes()) == (None, b"film")


def test_timeline__tells_nothing_where_the_backend_does_not(tmp_path: Path) -> None:
    cloud = Cloud(sse(text("Done.")), [TITLE])
    assert asyncio.run(cloud.session().timeline()).provenance is None
    cloud.state = {"provenance": {"skill": "from-music", "prompts": ["make it"], "media": "?", "draft_sha256": "x"}}
    found = asyncio.run(cloud.session().timeline()).provenance
    assert found == Provenance("", skill="from-music", prompts=("make it",), draft_sha256=hash_of(TITLE))
    assert Timeline(TITLE).provenance is None
