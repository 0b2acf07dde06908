"""Previews at the engine: beside exports, one of a session at a time, found again by their id, and soon let go."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from export_place import LOW, Place, clip_draft, places, until, upload_clip

from nemo_notebook.engine.database import PREVIEWS_KEPT, JobRow
from nemo_notebook.engine.store import SessionRow
from nemo_notebook.session.previews import read_preview

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_pulse")]


class PreviewPlace(Place):
    """Also has a session with a clip of a second."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.session = upload_clip(self.store, folder)

    async def ask(self, name: str, words: str = "", session: SessionRow | None = None) -> JobRow:
        return await self.exports.submit(session or self.session, name, clip_draft(words), {"preview": True})

    def other_session(self) -> SessionRow:
        other = self.store.create_session("local", "en")
        self.store.add_media(other.id, "c1", "clip.mp4", self.store.media(self.session.id)[0].info)
        return other


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[PreviewPlace]:
    made = PreviewPlace(tmp_path)
    yield made
    await made.exports.close()
    made.store.close()


async def test_preview__waits_for_no_export_and_no_export_for_it(here: PreviewPlace) -> None:
    await here.exports.submit(here.session, "r1", clip_draft(), LOW)
    await asyncio.wait_for(here.pool.began.wait(), 30)
    await here.ask("p1")
    done = await here.ended("p1")
    assert (done.status, done.result["poster"]) == ("completed", False)
    assert here.noted("r1").status == "processing"
    assert read_preview(here.exports.path(done)).duration_s == 1.0
    assert not here.exports.path(done, "poster.jpg").exists()
    here.previews.go.clear()
    await here.ask("p2", "other")
    here.pool.go.set()
    await until(lambda: "r1" not in here.exports._running, 30)
    assert here.noted("r1").status == "completed"
    assert here.noted("p2").is_open


async def test_newer_preview__ends_the_older_of_its_session_only(here: PreviewPlace) -> None:
    other = here.other_session()
    await here.ask("p1")
    await here.ask("q1", session=other)
    await here.exports.submit(here.session, "r1", clip_draft(), LOW)
    await here.ask("p2", "other")
    assert (here.noted("p1").status, here.noted("q1").is_open, here.noted("r1").is_open) == ("cancelled", True, True)
    assert (await here.ended("p2")).status == "completed"
    assert (await here.ended("q1")).status == "completed"
    assert here.noted("p1").message == "A newer preview has taken its place."


async def test_preview_under_way_or_done__is_not_begun_again(here: PreviewPlace) -> None:
    await here.ask("p1")
    with pytest.raises(sqlite3.IntegrityError):
        await here.ask("p1")
    assert here.noted("p1").is_open
    first = await here.ended("p1")
    with pytest.raises(sqlite3.IntegrityError):
        await here.ask("p1")
    here.exports.path(first).unlink()
    await here.ask("p1")
    again = await here.ended("p1")
    assert again.status == "completed"
    assert here.exports.path(again).is_file()


async def test_preview_that_was_ended__is_begun_again_under_the_same_id(here: PreviewPlace) -> None:
    for _ in range(3):
        await here.ask("p1")
        await here.exports.cancel(here.noted("p1"))
    job = await here.ask("p1")
    done = await here.ended("p1")
    assert (done.status, done.key) == ("completed", job.key)
    assert here.exports._running == {}


async def test_id_of_another_session_or_of_an_export__is_taken(here: PreviewPlace) -> None:
    other = here.other_session()
    await here.ask("p1")
    await here.exports.cancel(here.noted("p1"))
    with pytest.raises(sqlite3.IntegrityError):
        await here.ask("p1", session=other)
    await here.exports.submit(here.session, "r1", clip_draft(), LOW)
    await here.exports.cancel(here.noted("r1"))
    with pytest.raises(sqlite3.IntegrityError):
        await here.ask("r1")


async def test_only_the_newest__are_kept(here: PreviewPlace) -> None:
    count = PREVIEWS_KEPT + 2
    for number in range(count):
        await here.ask(f"p{number}", f"title {number}")
        assert (await here.ended(f"p{number}")).status == "completed"
    there = [number for number in range(count) if here.store.jobs.find(f"p{number}")]
    assert there == list(range(count - PREVIEWS_KEPT, count))
    assert len(list((here.store.folder / "renders").iterdir())) == PREVIEWS_KEPT


async def test_previews__go_when_nobody_looks(here: PreviewPlace) -> None:
    await here.ask("p1")
    await here.exports.submit(here.session, "r1", clip_draft(), LOW)
    here.store._db.write("UPDATE job SET created_s = ?", time.time() - 7200)
    here.store.sweeper.run()
    assert here.noted("p1").is_open  # it is under way
    await here.ended("p1")
    here.pool.go.set()
    await until(lambda: not here.exports._running, 30)
    here.store.sweeper.run()
    assert here.store.jobs.find("p1") is None
    assert here.noted("r1").status == "completed"


async def test_preview_of_an_engine_that_is_gone__goes_on_as_one(here: PreviewPlace, tmp_path: Path) -> None:
    await here.ask("p1")
    await asyncio.wait_for(here.previews.began.wait(), 30)
    await here.killed()
    async with places(tmp_path, 1) as (following,):
        await following.look("p1")
        assert read_preview(following.exports.path(await following.ended("p1"))).duration_s == 1.0
