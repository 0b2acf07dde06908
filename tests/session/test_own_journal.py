"""What is begun while a tape records is in the user's own journal, too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_service import TITLE, Rendering, breaking, sse, text
from taped import URL, connect, nobody

from nemo_notebook import settings
from nemo_notebook.session import sync
from nemo_notebook.session.journal import Journal
from nemo_notebook.tapes import tape as taping

pytestmark = pytest.mark.usefixtures("no_tape", "in_tmp_path")
ID, TASK = "1234567890123456789", "task-abcdef"


class Named(Rendering):
    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/tasks/me"):
            return httpx.Response(200, json={"code": 0, "data": {"session_id": ID, "task_id": TASK}})
        return super().__call__(request)


async def work(service: Any) -> list[object]:
    """What a session shows of itself, and of what was begun."""
    session = await connect(service, skill="music-maker", name="Evening")
    await session.chat("add a title")
    await session.submit("film.mp4")
    jobs = [(job.id, job.title, job.state, job.begun_s) for job in await session.jobs()]
    return [jobs, (await session.turns()).words, sync.sessions().words, sync.jobs().words]


def test_session__is_the_users_own_while_it_is_recorded_and_after(tmp_path: Path) -> None:
    fake = Named(sse(text("Done.")), [TITLE])
    taping.record(tmp_path / "x.nemotape")
    asyncio.run(work(fake))
    own = Journal(settings.home())  # also where the process is killed now
    (session,) = own.sessions()
    assert (session.id, session.task_id, session.backend) == (ID, TASK, URL)
    assert (session.name, session.skill, session.open_jobs) == ("Evening", "music-maker", 1)
    taping.off()
    render, turn = sync.jobs()
    assert (turn.session_id, turn.title, turn.state) == (ID, "add a title", "done")
    assert (render.session_id, render.state) == (ID, "open")
    assert render.id in {request.url.path.rpartition("/")[2] for request in fake.seen} | _sent(fake)

    async def resume() -> bytes:
        session = await connect(fake, session="Evening")
        assert session.id == ID
        return (await session.resume()).path.read_bytes()

    assert asyncio.run(resume()) == fake.film
    assert not [job for job in sync.jobs() if job.is_open]


def _sent(fake: Named) -> set[str]:
    return {str(httpx.Response(200, content=each.content).json().get("id")) for each in fake.seen if _is_export(each)}


def _is_export(request: httpx.Request) -> bool:
    return request.method == "POST" and request.url.path.endswith("/lambda")


def test_tape__shows_nothing_of_the_users_own(tmp_path: Path) -> None:
    Journal().begin("turn", "another", "what was said before", {})
    taping.record(tmp_path / "x.nemotape")
    recorded = asyncio.run(work(Named(sse(text("Done.")), [TITLE])))
    taping.off()
    before = sync.jobs().words
    taping.replay(tmp_path / "x.nemotape", speed="once")
    assert asyncio.run(work(nobody)) == recorded
    assert not taping.mismatches()
    taping.off()
    assert "turn_1" in str(recorded)
    assert "what was said before" not in str(recorded)
    assert sync.jobs().words == before


def test_job__that_another_session_object_ends_is_noted_once(tmp_path: Path) -> None:
    fake = Named(breaking, [{}, TITLE])

    async def left() -> None:
        session = await connect(fake)
        stream = session.stream("add a title")
        await anext(stream)
        await stream.aclose()
        again = await connect(fake, session=session.id)
        await again.resume()

    taping.record(tmp_path / "x.nemotape")
    asyncio.run(left())
    taping.off()
    assert [(job.title, job.is_open) for job in sync.jobs()] == [("add a title", False)]
