"""Previews at the engine: beside exports, one of a session at a time, found again by their id, and soon let go."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from media_files import write_video

from nemo_notebook.engine import jobs as leases
from nemo_notebook.engine.exports import Exports
from nemo_notebook.engine.jobs import PREVIEWS_KEPT, JobRow
from nemo_notebook.engine.store import SessionRow, Store
from nemo_notebook.engine.worker import OPERATIONS
from nemo_notebook.media.probe import probe
from nemo_notebook.session.previews import read_preview

PREVIEW = {"preview": True}
LOW = {"format": "mp4", "quality": "low"}


class Pool:
    """Does operations in this process; those on shots wait until `go` is set."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.began = asyncio.Event()
        self.ops: list[str] = []

    async def run(
        self, op: str, args: Mapping[str, Any], on_progress: Callable[[float], None] | None = None, who: str = ""
    ) -> dict[str, Any]:
        self.ops.append(op)
        if op == "render_shot":
            self.began.set()
            await self.go.wait()
        return await asyncio.to_thread(OPERATIONS[op], args, on_progress or (lambda _: None))


class Place:
    """An engine's exports, and a session with a clip of a second."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.heavy, self.quick = Pool(), Pool()
        self.exports = Exports(self.store, self.heavy, self.quick)  # type: ignore[arg-type]
        self.session = self.new_session(folder)

    def new_session(self, folder: Path) -> SessionRow:
        clip = folder / "clip.mp4"
        write_video(clip, frames=30)
        session = self.store.create_session("local", "en")
        self.store.add_media(session.id, "c1", "clip.mp4", probe(clip, "clip.mp4").to_json())
        clip.replace(self.store.media_path("c1"))
        return session

    async def ask(self, name: str, words: str = "", session: SessionRow | None = None) -> JobRow:
        return await self.exports.submit(session or self.session, name, draft(words), PREVIEW)

    def noted(self, name: str) -> JobRow:
        job = self.store.jobs.find(name)
        assert job is not None
        return job

    async def ended(self, name: str) -> JobRow:
        self.quick.go.set()
        async with asyncio.timeout(30):
            while name in self.exports._running:  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.005)
        return self.noted(name)


def draft(words: str = "") -> dict[str, Any]:
    shot = {"s": 0, "d": 1000, "m": {"role": "clip", "media": "c1", "source": "clip.mp4", "in_ms": 0}}
    title = {"s": 0, "d": 500, "m": {"role": "title", "text": words}}
    tracks: list[dict[str, Any]] = [{"tt": 0, "sg": [shot]}]
    return {
        "d": 1000,
        "m": {"width": 160, "height": 90},
        "t": [*tracks, *([{"tt": 7, "sg": [title]}] if words else [])],
    }


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    made = await asyncio.to_thread(Place, folder)
    try:
        yield made
    finally:
        await made.exports.close()
        made.store.close()


@pytest.fixture(autouse=True)
def quick_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "BEAT_S", 0.02)


def test_preview__waits_for_no_export_and_no_export_for_it(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as here:
            await here.exports.submit(here.session, "r1", draft(), LOW)
            await asyncio.wait_for(here.heavy.began.wait(), 30)
            await here.ask("p1")
            done = await here.ended("p1")
            assert (done.status, done.result["poster"]) == ("completed", False)
            assert here.noted("r1").status == "processing"
            assert read_preview(here.exports.path(done)).duration_s == 1.0
            assert not here.exports.poster_path(done).exists()
            here.quick.go.clear()
            await here.ask("p2", "other")
            here.heavy.go.set()
            async with asyncio.timeout(30):
                while "r1" in here.exports._running:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.005)
            assert here.noted("r1").status == "completed"
            assert here.noted("p2").is_open

    asyncio.run(work())


def test_newer_preview__ends_the_older_of_its_session_only(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as here:
            other = here.store.create_session("local", "en")
            here.store.add_media(other.id, "c1", "clip.mp4", here.store.media(here.session.id)[0].info)
            await here.ask("p1")
            await here.ask("q1", session=other)
            await here.exports.submit(here.session, "r1", draft(), LOW)
            await here.ask("p2", "other")
            assert (here.noted("p1").status, here.noted("q1").is_open, here.noted("r1").is_open) == (
                *("cancelled", True),
                True,
            )
            assert (await here.ended("p2")).status == "completed"
            assert (await here.ended("q1")).status == "completed"
            assert here.noted("p1").message == "A newer preview has taken its place."

    asyncio.run(work())


def test_preview_under_way_or_done__is_not_begun_again(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as here:
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

    asyncio.run(work())


def test_preview_that_was_ended__is_begun_again_under_the_same_id(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as here:
            for _ in range(3):
                await here.ask("p1")
                await here.exports.cancel(here.noted("p1"))
            job = await here.ask("p1")
            done = await here.ended("p1")
            assert (done.status, done.key) == ("completed", job.key)
            assert here.exports._running == {}

    asyncio.run(work())


def test_id_of_another_session_or_of_an_export__is_taken(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as here:
            other = here.store.create_session("local", "en")
            here.store.add_media(other.id, "c1", "clip.mp4", here.store.media(here.session.id)[0].info)
            await here.ask("p1")
            await here.exports.cancel(here.noted("p1"))
            with pytest.raises(sqlite3.IntegrityError):
                await here.ask("p1", session=other)
            await here.exports.submit(here.session, "r1", draft(), LOW)
            await here.exports.cancel(here.noted("r1"))
            with pytest.raises(sqlite3.IntegrityError):
                await here.ask("r1")

    asyncio.run(work())


def test_only_the_newest__are_kept(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as here:
            count = PREVIEWS_KEPT + 2
            for number in range(count):
                await here.ask(f"p{number}", f"title {number}")
                assert (await here.ended(f"p{number}")).status == "completed"
            there = [number for number in range(count) if here.store.jobs.find(f"p{number}")]
            assert there == list(range(count - PREVIEWS_KEPT, count))
            assert len(list((tmp_path / "renders").iterdir())) == PREVIEWS_KEPT

    asyncio.run(work())


def test_previews__go_when_nobody_looks(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as here:
            await here.ask("p1")
            await here.exports.submit(here.session, "r1", draft(), LOW)
            here.store._db.write("UPDATE job SET created_s = ?", time.time() - 7200)
            here.store.sweeper.run()
            assert here.noted("p1").is_open  # it is under way
            await here.ended("p1")
            here.heavy.go.set()
            async with asyncio.timeout(30):
                while here.exports._running:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.005)
            here.store.sweeper.run()
            assert here.store.jobs.find("p1") is None
            assert here.noted("r1").status == "completed"

    asyncio.run(work())


def test_preview_of_an_engine_that_is_gone__goes_on_as_one(tmp_path: Path) -> None:
    async def work() -> None:
        async with place(tmp_path) as dead:
            await dead.ask("p1")
            await asyncio.wait_for(dead.quick.began.wait(), 30)
            await dead.exports.close()
            dead.store._db.write("UPDATE job SET touched_s = ?", time.time() - 6)
            store, pool = Store(tmp_path), Pool()
            pool.go.set()
            next_one = Exports(store, pool)  # type: ignore[arg-type]
            await next_one.look(store.jobs.find("p1"))  # type: ignore[arg-type]
            async with asyncio.timeout(30):
                while next_one._running:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.005)
            done = store.jobs.find("p1")
            assert done is not None
            assert read_preview(next_one.path(done)).duration_s == 1.0
            await next_one.close()
            store.close()

    asyncio.run(work())
