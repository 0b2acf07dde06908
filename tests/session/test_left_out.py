"""What a recording says of the films that it could not keep."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fake_service import Rendering

from nemo_notebook.session.project import AsyncClient
from nemo_notebook.tapes import tape as taping

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

    taping.record_tape(tmp_path / "x.nemotape", keep_bytes=100)
    asyncio.run(work())
    state = taping.end_tape()
    assert state is not None
    (evening,) = state.left_out  # the other one has the same bytes
    assert (evening.name, evening.size_bytes, evening.keep_mb) == ("Evening.mp4", len(FILM), 1)
    assert evening.is_too_large
