"""Exports of several engines on one folder: each is rendered once, by one of them, and none is lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import pytest
from export_place import LOW, Place, clip_draft, places, until, upload_clip
from media_files import RATE, drums, write_sound

from nemo_notebook import errors
from nemo_notebook.agent.steps import Outcome
from nemo_notebook.engine import conversation, exports
from nemo_notebook.engine.api import Api
from nemo_notebook.engine.database import RELEASED_S, JobRow
from nemo_notebook.engine.pool import WorkerPool, end_tasks
from nemo_notebook.engine.store import SessionRow, Store
from nemo_notebook.film.model import Situation, Version
from nemo_notebook.media.probe import probe

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_pulse")]


def uploaded(store: Store, tmp_path: Path) -> tuple[SessionRow, dict[str, Any]]:
    """A session with a clip of one second, and a draft that shows it."""
    return upload_clip(store, tmp_path), clip_draft()


async def begun(place: Place, tmp_path: Path) -> JobRow:
    session, draft = await asyncio.to_thread(uploaded, place.store, tmp_path)
    job = await place.exports.submit(session, "r1", draft, LOW)
    await asyncio.wait_for(place.pool.began.wait(), 30)
    return job


@pytest.mark.parametrize("role", ["song", "speech"])
async def test_film__waits_for_what_its_songs_and_voices_are_listened_to_for(tmp_path: Path, role: str) -> None:
    async with places(tmp_path, 1) as (one,):
        session, draft = await asyncio.to_thread(uploaded, one.store, tmp_path)
        song = tmp_path / "song.mp3"
        write_sound(song, 0.05 * drums(120, 4.0)[0], RATE, codec="libmp3lame")
        one.store.add_media(session.id, "s1", "song.mp3", probe(song, "song.mp3").to_json())
        song.replace(one.store.media_path("s1"))
        segment = {"s": 0, "d": 1000, "v": 1, "m": {"role": role, "media": "s1", "source": "song.mp3"}}
        draft["t"].append({"tt": 1, "sg": [segment]})
        await one.exports.submit(session, "r1", draft, LOW)
        await until(lambda: "listen" in one.pool.ops)
        assert "mix_sound" not in one.pool.ops
        one.pool.listen.set()
        assert (await one.ended()).status == "completed"
        (heard,) = [row for row in one.store.media(session.id) if row.hash == "s1"]
        assert one.analyses.found(heard.hash)["lufs"] < -20
        (gain,) = [sound.gain for sound in one.exports.plan(session.id, draft, LOW).sound.sounds]
        assert gain > 1


async def test_other_engine__shows_the_progress_and_leaves_the_export_alone(tmp_path: Path) -> None:
    async with places(tmp_path) as (one, other):
        await begun(one, tmp_path)
        await until(lambda: other.noted().progress > 0)
        seen = await other.look()
        assert (seen.status, other.exports._running) == ("processing", {})
        assert other.exports.status(seen) == (seen.progress, None)
        assert 20 < seen.progress < 80
        done = await one.ended()
        assert done.status == "completed"
        assert (await other.look()).result == done.result
        assert other.pool.ops == []


async def test_export_of_a_killed_engine__is_run_again_by_one_of_those_that_are_asked(tmp_path: Path) -> None:
    async with places(tmp_path, 3) as (dead, *others):
        job = await begun(dead, tmp_path)
        await dead.killed()
        seen = await asyncio.gather(*(place.look() for place in others * 3))
        assert {each.status for each in seen} <= {"pending", "processing"}
        (running,) = (place for place in others if place.exports._running)
        done = await running.ended()
        assert (done.status, done.id, done.key, done.takeovers) == ("completed", job.id, job.key, 1)
        assert [place.pool.ops.count("join_film") for place in others].count(1) == 1
        with av.open(str(running.exports.path(done))) as film:
            assert sum(1 for _ in film.decode(video=0)) == 30
        endings = sorted(path.suffix for path in (tmp_path / "renders").iterdir())
        assert endings == [".jpg", ".mp4", ".mp4"]  # the poster, the clip and the film


async def test_export__is_run_again_in_its_own_form(tmp_path: Path) -> None:
    async with places(tmp_path) as (dead, other):
        session, draft = uploaded(dead.store, tmp_path)
        draft["m"] = {"width": 96, "height": 54}
        await dead.exports.submit(session, "r1", draft, {"format": "mov", "quality": "low", "resolution": "720p"})
        await dead.pool.began.wait()
        await dead.killed()
        await other.look()
        done = await other.ended()
        assert (done.result["width"], done.result["height"]) == (1280, 720)
        assert other.exports.path(done).suffix == ".mov"


async def test_progress__does_not_go_back_when_an_export_is_taken_over(tmp_path: Path) -> None:
    async with places(tmp_path) as (dead, other):
        await begun(dead, tmp_path)
        await until(lambda: dead.noted().progress > 0)
        before = dead.noted().progress
        await dead.killed()
        taken = await other.look()
        assert taken.progress == before
        await other.pool.began.wait()
        assert other.exports.status(await other.look())[0] >= before


async def test_cancel__reaches_the_engine_that_renders(tmp_path: Path) -> None:
    async with places(tmp_path) as (one, other):
        await begun(one, tmp_path)
        await other.exports.cancel(other.noted())
        await until(lambda: not one.exports._running)
        assert (one.noted().status, one.noted().message) == ("cancelled", "It was cancelled.")
        assert (await one.look()).status == (await other.look()).status == "cancelled"
        assert other.exports._running == {}


async def test_cancelled_export__is_not_completed_by_an_engine_that_has_not_heard_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BEAT_S", 60)

    async with places(tmp_path) as (one, other):
        await begun(one, tmp_path)
        await other.exports.cancel(other.noted())
        assert (await one.ended()).status == "cancelled"
        assert "join_film" in one.pool.ops
        assert list((tmp_path / "renders").iterdir()) == []


async def test_engine_that_only_slept__stops_what_was_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with places(tmp_path) as (sleeper, other):
        await begun(sleeper, tmp_path)
        await end_tasks([sleeper.exports._heartbeat])  # type: ignore[list-item]
        sleeper.store._db.write("UPDATE job SET touched_s = ?", time.time() - 6)
        assert (await other.look()).owner == other.store.jobs.owner
        sleeper.exports._heartbeat = asyncio.create_task(sleeper.exports._beat())
        await until(lambda: not sleeper.exports._running)
        done = await other.ended()
        assert (done.status, sleeper.pool.ops.count("join_film")) == ("completed", 0)


async def test_engine__does_not_take_over_from_itself(tmp_path: Path) -> None:
    async with places(tmp_path, 1) as (one,):
        await begun(one, tmp_path)
        await end_tasks([one.exports._heartbeat])  # type: ignore[list-item]
        one.store._db.write("UPDATE job SET touched_s = 1")
        assert (await one.look()).takeovers == 0
        assert one.pool.ops.count("render_shot") == 1
        assert (await one.ended()).status == "completed"


async def test_waiting_export__is_alive_too(tmp_path: Path) -> None:
    async with places(tmp_path) as (one, other):
        first = await begun(one, tmp_path)
        session = one.store.session(first.session_id, "local")
        assert session is not None
        await one.exports.submit(session, "r2", first.draft, LOW)
        one.store._db.write("UPDATE job SET touched_s = 1")
        await until(lambda: not other.noted("r2").is_left)
        assert ((await other.look("r2")).status, other.exports._running) == ("pending", {})
        assert (await one.ended("r2")).status == "completed"


@pytest.mark.parametrize("gone", ["file", "upload"])
async def test_export_whose_media_are_gone__fails_and_says_so(tmp_path: Path, gone: str) -> None:
    async with places(tmp_path) as (dead, other):
        await begun(dead, tmp_path)
        await dead.killed()
        if gone == "file":
            other.store.media_path("c1").unlink()
        else:
            other.store._db.write("DELETE FROM media")
        await other.look()
        done = await other.ended()
        assert (done.status, "clip.mp4" in done.message) == ("failed", True)
        assert "inside" not in done.message


# Turns


@asynccontextmanager
async def engines(folder: Path) -> AsyncIterator[tuple[Api, Api]]:
    pair = Api(Store(folder)), Api(Store(folder))
    try:
        yield pair
    finally:
        for engine in pair:
            await engine.close()


async def said(engine: Api, session: SessionRow, words: str) -> str:
    return b"".join([event async for event in engine.conversations.begin(session, words)]).decode()


class Gate:
    """Holds up the agent of whoever asks first, until `go` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.came = threading.Event(), threading.Event()
        real, first = conversation.respond, [True]

        def respond(message: str, situation: Situation) -> Outcome:
            if first:
                first.clear()
                self.came.set()
                assert self.go.wait(20)
            return real(message, situation)

        monkeypatch.setattr(conversation, "respond", respond)


async def test_turn__goes_to_its_end_when_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)

    async with engines(tmp_path) as (one, _):
        session, _ = uploaded(one.store, tmp_path)
        one.conversations.begin(session, "use my clip")  # not one event is read
        await until(gate.came.is_set)
        assert one.conversations.running(session.id) == 1
        gate.go.set()
        await until(lambda: one.conversations.running(session.id) == 0)
        assert one.store.drafts.now(session.id)[1]["d"] == 1000


async def test_turns_of_two_engines__build_on_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)

    async with engines(tmp_path) as (one, other):
        session, draft = uploaded(one.store, tmp_path)
        one.store.drafts.add(session.id, draft, 0, Version("chat"))
        slow = asyncio.create_task(said(one, session, 'add a title "Slow"'))
        await until(gate.came.is_set)
        await said(other, session, 'add a title "Quick" at the end')
        gate.go.set()
        await slow
        version, newest = other.store.drafts.now(session.id)
        assert version == 3
        assert "Slow" in str(newest)
        assert "Quick" in str(newest)


async def test_turn__that_is_always_overtaken_says_so_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engines(tmp_path) as (one, _):
        session, draft = uploaded(one.store, tmp_path)
        one.store.drafts.add(session.id, draft, 0, Version("chat"))
        monkeypatch.setattr(one.store.drafts, "add", lambda *_: None)
        told = await said(one, session, 'add a title "Never"')
        assert "edited elsewhere" in told
        assert one.store.drafts.now(session.id) == (1, draft)


async def test_undo_and_a_change_in_one_message__keep_the_film(tmp_path: Path) -> None:
    async with engines(tmp_path) as (one, _):
        session, draft = uploaded(one.store, tmp_path)
        one.store.drafts.add(session.id, draft, 0, Version("chat"))
        await said(one, session, 'add a title "First"')
        await said(one, session, 'undo and add a title "Second"')
        newest = one.store.drafts.now(session.id)[1]
        assert newest is not None
        assert "Second" in str(newest)
        assert one.store.drafts.around(session.id).earlier


async def test_closing__lets_a_turn_finish_and_frees_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, run = Gate(monkeypatch), WorkerPool.run

    async def held(pool: WorkerPool, op: str, *args: Any, **more: Any) -> dict[str, Any]:
        return await (asyncio.Future() if op == "join_film" else run(pool, op, *args, **more))

    monkeypatch.setattr(WorkerPool, "run", held)  # the export never comes to its end by itself
    one, other = Api(Store(tmp_path)), Store(tmp_path)
    session, draft = uploaded(one.store, tmp_path)
    await one.exports.submit(session, "r1", draft, LOW)
    one.conversations.begin(session, "use my clip")
    await until(gate.came.is_set)
    closing = asyncio.create_task(one.close())
    await asyncio.sleep(0)
    gate.go.set()
    await closing
    job = other.jobs.find("r1")
    assert job is not None
    assert (job.is_left, job.touched_s) == (True, RELEASED_S)
    assert other.drafts.now(session.id)[0] == 1
    other.close()


async def test_bad_draft__begins_nothing(tmp_path: Path) -> None:
    async with places(tmp_path, 1) as (one,):
        session, _ = uploaded(one.store, tmp_path)
        with pytest.raises(errors.NothingToExport):
            await one.exports.submit(session, "r1", {}, LOW)
        assert one.store.jobs.find("r1") is None
