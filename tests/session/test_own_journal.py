"""What is begun while a tape records is in the user's own journal, too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_service import TITLE, Answer, Rendering, breaking, sse, text
from taped import URL, connect, nobody

from nemo_notebook import settings
from nemo_notebook.session import sync
from nemo_notebook.session.journal import Journal
from nemo_notebook.tapes import tape as taping

pytestmark = pytest.mark.usefixtures("no_tape", "in_tmp_path")
ID, TASK = "1234567890123456789", "task-abcdef"


def rendering(turn: Answer | httpx.Response, drafts: list[dict[str, object]]) -> Rendering:
    """One whose sessions have real ids."""
    fake = Rendering(turn, drafts)
    fake.answers["/api/tasks/me"] = [httpx.Response(200, json={"code": 0, "data": {"session_id": ID, "task_id": TASK}})]
    return fake


async def work(service: Any) -> list[object]:
    """What a session shows of itself, and of what was begun."""
    session = await connect(service, skill="music-maker", name="Evening")
    await session.chat("add a title")
    await session.submit("film.mp4")
    jobs = [(job.id, job.title, job.state, job.begun_s) for job in await session.jobs()]
    return [jobs, (await session.turns()).words, sync.sessions().words, sync.jobs().words]


def test_session__is_the_users_own_while_it_is_recorded_and_after(tmp_path: Path) -> None:
    fake = rendering(sse(text("Done.")), [TITLE])
    taping.record_tape(tmp_path / "x.nemotape")
    asyncio.run(work(fake))
    own = Journal(settings.home())  # also where the process is killed now
    (session,) = own.sessions()
    assert (session.id, session.task_id, session.backend) == (ID, TASK, URL)
    assert (session.name, session.skill, session.open_jobs) == ("Evening", "music-maker", 1)
    taping.end_tape()
    render, turn = sync.jobs()
    assert (turn.session_id, turn.title, turn.state) == (ID, "add a title", "done")
    assert (render.session_id, render.state) == (ID, "open")
    assert [render.id] == fake.ids

    async def resume() -> bytes:
        session = await connect(fake, session="Evening")
        assert session.id == ID
        return (await session.resume()).path.read_bytes()

    assert asyncio.run(resume()) == fake.film
    assert not [job for job in sync.jobs() if job.is_open]


def test_tape__shows_nothing_of_the_users_own(tmp_path: Path) -> None:
    Journal().begin("turn", "another", "what was said before", {})
    taping.record_tape(tmp_path / "x.nemotape")
    recorded = asyncio.run(work(rendering(sse(text("Done.")), [TITLE])))
    taping.end_tape()
    before = sync.jobs().words
    taping.replay_tape(tmp_path / "x.nemotape", speed="once")
    assert asyncio.run(work(nobody)) == recorded
    assert not taping.mismatches()
    taping.end_tape()
    assert "turn_1" in str(recorded)
    assert "what was said before" not in str(recorded)
    assert sync.jobs().words == before


def test_job__that_another_session_object_ends_is_noted_once(tmp_path: Path) -> None:
    fake = rendering(breaking, [{}, TITLE])

    async def left() -> None:
        session = await connect(fake)
        stream = session.stream("add a title")
        await anext(stream)
        await stream.aclose()
        again = await connect(fake, session=session.id)
        await again.resume()

    taping.record_tape(tmp_path / "x.nemotape")
    asyncio.run(left())
    taping.end_tape()
    assert [(job.title, job.is_open) for job in sync.jobs()] == [("add a title", False)]
