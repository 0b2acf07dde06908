"""Previews as the session has them: found again, followed, ended, kept for a while; never noted as an export."""

from __future__ import annotations

import asyncio
import json
import os
import struct
from pathlib import Path

import httpx
import pytest
from fake_service import EMPTY, TITLE, Rendering, sse

from nemo_notebook import errors
from nemo_notebook.session import previews
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.results import Progress

OTHER: dict[str, object] = {"t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Late"}]}]}


PIECES = [{"start_s": float(number), "offset": 20 + 10 * number, "size": 10} for number in range(3)]
INDEX = {"head_bytes": 20, "pieces": PIECES, "codecs": "avc1.64001E, mp4a.40.2", "width": 96, "height": 54}
INDEX |= {"fps": 30, "duration_s": 3.0}


def film(**other: object) -> bytes:
    """A film with the index that the renderer writes at its end."""
    content = json.dumps({**INDEX, **other}).encode()
    size = struct.pack(">I", len(content) + 12)
    return bytes(50) + size + b"free" + content + size


def engine(*statuses: str, draft: dict[str, object] = TITLE) -> Rendering:
    """One that keeps drafts and makes previews."""
    made = Rendering(sse(), [draft], *statuses)
    made.state, made.film = {"draft_version": 1}, film()
    return made


def folder(own_home: Path) -> Path:
    return own_home / "previews"


def test_preview__is_rendered_and_told_with_its_pieces(own_home: Path) -> None:
    service = engine("processing", "completed")
    told: list[Progress] = []
    found = asyncio.run(service.session().preview(told.append))
    (body,) = service.submitted
    assert (body["draft"], body["output"]) == (TITLE, {"preview": True})
    assert body["id"].startswith("preview_")
    assert found.path == folder(own_home) / f"{found.key}.mp4"
    assert found.path.read_bytes() == service.film
    assert (found.duration_s, found.fps, found.width, found.height) == (3.0, 30.0, 96, 54)
    assert found.codecs == "avc1.64001E, mp4a.40.2"
    assert [each.start_s for each in found.pieces] == [0.0, 1.0, 2.0]
    assert "Piece" not in repr(found)
    assert {each.stage for each in told} == {"render", "download"}
    assert Journal().jobs() == []


def test_same_draft__is_there_at_once_and_another_is_not() -> None:
    service = engine()
    session = service.session()

    async def work() -> None:
        first = await session.preview()
        assert await session.preview() == first
        service.drafts = [OTHER]
        assert (await session.preview()).key != first.key

    asyncio.run(work())
    assert [each["draft"] for each in service.submitted] == [TITLE, OTHER]


def test_file_that_was_damaged_or_removed__is_fetched_again() -> None:
    service = engine()
    session = service.session()

    async def work() -> None:
        first = await session.preview()
        first.path.write_bytes(service.film[:-1])
        assert await session.preview() == first
        first.path.unlink()
        assert await session.preview() == first
        assert first.path.read_bytes() == service.film

    asyncio.run(work())
    assert len({each["id"] for each in service.submitted}) == 1  # the engine knows it under the same name


@pytest.mark.parametrize(
    "content",
    [
        b"what is this?",
        b"",
        film() + b"\0",
        film()[:-1],
        bytes(50) + bytes(4),
        bytes(50) + b"\xff" * 4,
        film(pieces=[]),
        film(pieces=[{"start_s": 0.0, "offset": -1, "size": 10}]),
        film(fps=0),
        film(duration_s=1e9),
    ],
)
def test_what_is_no_film__is_told_and_not_kept_for_one(content: bytes) -> None:
    service = engine()
    service.film = content
    for _ in range(2):
        with pytest.raises(errors.ProtocolError):
            asyncio.run(service.session().preview())


def test_timeline_that_changes_meanwhile__is_shown_as_it_is_then() -> None:
    service = engine()

    def change(_: httpx.Request) -> httpx.Response:
        service.drafts = [OTHER]
        return httpx.Response(200, json={"status": "cancelled"})

    service.answers["GET /api/render"] = [change]
    asyncio.run(service.session().preview())
    assert [each["draft"] for each in service.submitted] == [TITLE, OTHER]


def test_timeline_that_changes_without_end__is_told() -> None:
    with pytest.raises(errors.Conflict):
        asyncio.run(engine("cancelled").session().preview())


def test_render_that_fails__is_told() -> None:
    with pytest.raises(errors.RenderFailed, match="ended as failed"):
        asyncio.run(engine("failed").session().preview())


def test_who_no_longer_waits__ends_it() -> None:
    service = engine("processing")

    async def work() -> None:
        looked = asyncio.Event()
        service.answers["GET /api/render"] = [lambda _: looked.set()]
        task = asyncio.create_task(service.session().preview())
        await asyncio.wait_for(looked.wait(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    asyncio.run(work())
    assert service.cancelled == service.ids


def test_submit__whose_answer_was_lost_is_sent_again_under_the_same_id() -> None:
    service = engine()
    service.answers["POST /api/render"] = [service.lose]
    asyncio.run(service.session().preview())
    assert (len(service.ids), len(set(service.ids))) == (2, 1)


def test_service_without_drafts__makes_none() -> None:
    service = engine()
    service.state = {}
    with pytest.raises(errors.UsageError) as caught:
        asyncio.run(service.session().preview())
    assert "export" in caught.value.hint
    assert service.submitted == []


def test_empty_timeline__is_told() -> None:
    with pytest.raises(errors.NothingToExport):
        asyncio.run(engine(draft=EMPTY).session().preview())


def test_kept_are__the_newest(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_MOST_KEPT", 3)
    place = folder(own_home)
    place.mkdir()
    for age_s in range(5):
        old = place / f"old{age_s}.mp4"
        old.write_bytes(b"x" * 100)
        os.utime(old, (1e9 - age_s, 1e9 - age_s))
    left = place / "left.mp4.1234.part"
    left.touch()
    os.utime(left, (1e9 - 9, 1e9 - 9))
    (place / "mine.txt").touch()
    found = asyncio.run(engine().session().preview())
    assert {path.name for path in place.iterdir()} == {found.path.name, "old0.mp4", "old1.mp4", "mine.txt"}
    monkeypatch.setattr(previews, "_MOST_BYTES", 150)
    asyncio.run(engine(draft=OTHER).session().preview())
    assert not (place / "old0.mp4").exists()
