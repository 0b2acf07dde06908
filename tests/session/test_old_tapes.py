"""Tapes of earlier versions keep being played; run as a script, this records one of the version now."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from fake_service import TITLE, Rendering, sse, text

from nemo_notebook import errors
from nemo_notebook.session import sync, taping
from nemo_notebook.session.client import AsyncClient
from nemo_notebook.tapes.format import VERSION

_DATA = Path(__file__).resolve().parents[1] / "tapes" / "data"


class _Service(Rendering):
    """Answers as a cloud does: ids of its own, a signed address, a refusal."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/api/tasks/me"):
            ids = {"session_id": "8f0e5c1a-77", "task_id": "task-abcdef", "user_id": "user-abcdef"}
            return httpx.Response(200, json={"code": 0, "data": ids})
        if path.startswith("/api/upload-video"):
            record = {"filename": "song.mp3", "file_type": "audio", "duration": 4.0, "hash": "9" * 64}
            return httpx.Response(200, json={"code": 0, "data": {"files": [record]}})
        if path.startswith("/api/render/proxy/lambda/"):
            address = "https://cdn.test/film.mp4?X-Amz-Signature=0123456789abcdef"
            return httpx.Response(200, json={"status": "completed", "output": {"url": address}})
        if request.url.host == "cdn.test":
            assert request.url.params["X-Amz-Signature"]
            return httpx.Response(200, content=b"a film of some bytes", headers={"content-type": "video/mp4"})
        if path == "/run_sse" and b"refuse" in request.content:
            return httpx.Response(200, json={"code": 2001, "message": "no credits"})
        return super().__call__(request)


async def _work(transport: httpx.AsyncBaseTransport) -> str:
    """All that the session shows."""
    Path("song.mp3").write_bytes(b"ID3 a song of some bytes")
    client = AsyncClient("https://svc.example", transport=transport)
    session = await client.connect("from-music", name="film")
    shown = [session.id, (await session.upload("song.mp3")).words]
    reply = await session.chat("add a title")
    shown += [reply.text, str(reply.changes), repr(reply.events)]
    try:
        await session.chat("refuse this")
    except errors.OutOfCredits as error:
        shown += [error.message, error.hint]
    film = await session.export("film.mp4")
    shown += [str(film), film.url, film.path.read_text("utf-8")]
    tables = [await session.jobs(), await session.turns(), await session.costs(), sync.sessions()]
    shown += [table.words for table in tables]
    await client.close()
    return "\n\n".join(shown) + "\n"


def _nobody(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


@pytest.mark.parametrize("version", range(1, VERSION + 1))
@pytest.mark.parametrize("speed", ["once", "fast"])
def test_tape__of_every_version_is_played(
    version: int, speed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    taping.replay(_DATA / f"version-{version}.nemotape", speed=speed)
    try:
        shown = asyncio.run(_work(httpx.MockTransport(_nobody)))
        assert not taping.mismatches()
    finally:
        taping.off()
    assert shown == (_DATA / f"version-{version}.txt").read_text("utf-8")


if __name__ == "__main__":  # once for each version
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NEMO_HOME"] = folder
        os.chdir(folder)
        taping.record(_DATA / f"version-{VERSION}.nemotape", title="A small session")
        taping.label_cell("In [1]")
        said = asyncio.run(_work(httpx.MockTransport(_Service(sse(text("Added the title.")), [TITLE]))))
        taping.off()
    (_DATA / f"version-{VERSION}.txt").write_text(said, "utf-8")
    sys.stdout.write(said)
