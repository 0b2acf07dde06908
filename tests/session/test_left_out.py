"""What a recording says of the films that it could not keep."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import httpx
import pytest
from fake_service import Rendering

from nemo_notebook.session.project import AsyncClient
from nemo_notebook.tapes import tape as taping
from nemo_notebook.tapes.format import MAX_KEEP_BYTES, Answer, Content, Exchange, MediaRef, Medium, Request, new_header
from nemo_notebook.tapes.tape import LeftOut

FILM = b"a film" * 1000


def test_off__tells_films_by_the_names_that_the_user_gave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    fake = Rendering()
    fake.film = FILM

    async def work() -> None:
        transport = httpx.MockTransport(fake)
        session = await AsyncClient("https://svc.example", transport=transport).connect()
        for name in ("Evening.mp4", "Morning.mp4"):
            await session.export(name)

    taping.record(tmp_path / "x.nemotape", keep_bytes=100)
    asyncio.run(work())
    state = taping.off()
    evening = LeftOut("Evening.mp4", len(FILM), 1, is_too_large=True)
    assert state.left_out == (evening,)  # the other one has the same bytes


def tape(*media: Medium) -> Content:
    fetched = [
        Exchange(number, "", 0, 1.0, 1.0, Request("GET", f"https://media.tape/{number}/x", {}, {}), answer)
        for number, medium in enumerate(media, 1)
        for answer in [Answer(200, {}, media=MediaRef(medium.sha256, medium.size_bytes))]
    ]
    header = new_header(now_s=1e9, package="0", backend="local", title="", keep_bytes=1000)
    return Content(header, tuple(fetched), {medium.sha256: medium for medium in media})


def medium(name: str, size_bytes: int) -> Medium:
    return Medium(hashlib.sha256(name.encode()).hexdigest(), size_bytes, "video/mp4", name)


def test_left_out__knows_the_room_that_would_have_done() -> None:
    kept = Medium(hashlib.sha256(b"abc").hexdigest(), 3, "video/mp4", "small.mp4", b"abc")
    film = medium("film.mp4", 2_000_001)
    most, huge = medium("most.mp4", MAX_KEEP_BYTES), medium("huge.mp4", MAX_KEEP_BYTES + 1)
    found = taping.left_out(tape(kept, film, most, huge))
    assert [(each.name, each.keep_mb) for each in found] == [
        ("film.mp4", 3),
        ("most.mp4", 68),
        ("huge.mp4", 0),
    ]


def test_left_out__tells_what_is_not_kept_for_what_it_holds() -> None:
    (found,) = taping.left_out(tape(medium("page.svg", 500)))
    assert not found.is_too_large
