"""Worker processes: what ends one, and what comes of the operation that it was at."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from cases import cases
from PIL import Image

from nemo_notebook import errors
from nemo_notebook.engine import pool as pools
from nemo_notebook.engine.pool import FairQueue, Limit, WorkerPool, limit_of
from nemo_notebook.engine.worker import describe_error, is_out_of_memory

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")
WORDS = {"text": "hello"}


def end(pool: WorkerPool, how: signal.Signals) -> None:
    """End all its processes, as the system does when memory is short, before the pool can see it."""
    for worker in pool._all:
        os.kill(worker._process.pid, how)
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_operation__of_a_process_that_is_killed_is_done_again(how: signal.Signals) -> None:
    async def work() -> dict[str, object]:
        pool = WorkerPool(1)
        try:
            await pool.warm()
            end(pool, how)
            return await pool.run("missing_characters", WORDS)
        finally:
            await pool.close()

    assert asyncio.run(work()) == {"missing": ""}


def ended(how: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> tuple[errors.EngineError, int]:
    """What is told when every process ends in this way, and how many were begun."""
    begun = []
    start = pools._Worker.start

    async def short(*, low_priority: bool) -> pools._Worker:
        worker = await start(low_priority=low_priority)
        begun.append(worker)
        os.kill(worker._process.pid, how)
        return worker

    monkeypatch.setattr(pools._Worker, "start", short)

    async def work() -> None:
        pool = WorkerPool(1)
        try:
            await pool.run("missing_characters", WORDS)
        finally:
            await pool.close()

    with pytest.raises(errors.EngineError) as caught:
        asyncio.run(work())
    return caught.value, len(begun)


def test_operation__whose_processes_are_killed_again_and_again_fails_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error, begun = ended(signal.SIGKILL, monkeypatch)
    assert (begun, "memory" in error.hint) == (2, True)


def test_operation__that_crashes_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    error, begun = ended(signal.SIGSEGV, monkeypatch)
    assert (begun, "damaged" in error.hint) == (1, True)


def pids(pool: WorkerPool) -> list[int]:
    return [worker._process.pid for worker in pool._all]


def with_pool(work: Callable[[WorkerPool], Awaitable[Any]]) -> Any:
    """Do something with a pool of one worker that has loaded, and close it."""

    async def whole() -> Any:
        pool = WorkerPool(1)
        try:
            await pool.run("missing_characters", WORDS)
            return await work(pool)
        finally:
            await pool.close()

    return asyncio.run(whole())


@pytest.mark.parametrize("op", ["probe", "thumbnail"])
def test_look__that_takes_too_long_is_given_up_and_its_worker_replaced(
    op: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(limit_of(op).wall_s, limit_of(op).cpu_s) <= 5
    short = Limit(wall_s=0.05, cpu_s=1, memory_bytes=1 << 30)
    monkeypatch.setattr(pools, "limit_of", lambda name: short if name == op else limit_of(name))

    async def work(pool: WorkerPool) -> tuple[list[int], list[int]]:
        before = pids(pool)
        os.kill(before[0], signal.SIGSTOP)
        with pytest.raises(errors.UnsupportedMedia, match=r"^odd\.gif takes too long to read"):
            await pool.run(op, {"path": "/nowhere", "filename": "odd.gif", "target": "/nowhere"})
        assert await pool.run("missing_characters", WORDS) == {"missing": ""}
        return before, pids(pool)

    before, after = with_pool(work)
    assert len(after) == 1
    assert after != before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit on computing")
def test_operation__that_computes_for_too_long_is_about_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(pool: WorkerPool) -> None:
        os.kill(pids(pool)[0], signal.SIGSTOP)
        running = asyncio.ensure_future(pool.run("probe", {"path": "/nowhere", "filename": "odd.gif"}))
        await asyncio.sleep(0)
        os.kill(pids(pool)[0], signal.SIGXCPU)
        os.kill(pids(pool)[0], signal.SIGCONT)
        with pytest.raises(errors.UnsupportedMedia, match=r"takes too long to read: .* 5 s of computing"):
            await running

    with_pool(work)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def array_error() -> Exception:
    with pytest.raises(MemoryError) as caught:
        np.empty(1 << 62, np.uint8)
    return caught.value


FULL = "decoder error -9 when reading image file: out of memory"


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (MemoryError(), True),
        (array_error(), True),
        (av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.ENOMEM, "mmap"), True),
        (OSError(FULL), True),
        (RuntimeError("can't start new thread"), True),
        (caused(errors.UnsupportedMedia("It is damaged."), av.error.MemoryError(errno.ENOMEM, "")), True),
        (caused(errors.UnsupportedMedia("It is damaged."), av.error.InvalidDataError(1, "Invalid data")), False),
        (OSError(errno.ENOSPC, "No space left on device"), False),
    ],
)
def test_failed_allocation__is_known_whatever_library_tells_of_it(error: Exception, failed: bool) -> None:
    assert is_out_of_memory(error) == failed
    assert ("more memory" in describe_error(error)["message"]) == failed


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit on memory")
def test_worker__is_replaced_after_a_failed_allocation(tmp_path: Path) -> None:
    import resource

    Image.new("1", (7000, 7000)).save(tmp_path / "large.png")  # 49 MB when it is decoded

    async def work(pool: WorkerPool) -> tuple[list[int], list[int]]:
        before = pids(pool)
        taken = int(Path(f"/proc/{before[0]}/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.prlimit(before[0], resource.RLIMIT_AS, (taken + (30 << 20), taken + (30 << 20)))
        with pytest.raises(errors.InputError, match="more memory"):
            await pool.run("probe", {"path": str(tmp_path / "large.png"), "filename": "large.png"})
        await pool.run("missing_characters", WORDS)
        return before, pids(pool)

    before, after = with_pool(work)
    assert len(after) == 1
    assert after != before


# Who waits for whom


async def settled() -> None:
    """Let everything go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def order(lanes: FairQueue, asks: str, ends: int) -> str:
    """Who has had a turn after so many have ended, in their order."""
    had: list[str] = []

    async def work() -> None:
        end = asyncio.Semaphore(0)

        async def go(who: str) -> None:
            async with lanes.turn(who):
                had.append(who)
                await end.acquire()

        tasks = []
        for who in asks:
            tasks.append(asyncio.ensure_future(go(who)))
            await settled()
        for _ in range(ends):
            end.release()
            await settled()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(work())
    return "".join(had)


@cases
def test_turns__are_taken_by_user(size: int, spare: int, asks: str, ends: int, had: str) -> None:
    assert order(FairQueue(size, spare), asks, ends) == had


def test_turns__of_who_goes_away_are_not_lost() -> None:
    async def left() -> int:
        lanes = FairQueue(2)
        begun = asyncio.Event()

        async def hold() -> None:
            async with lanes.turn("a"):
                begun.set()
                await asyncio.sleep(60)

        tasks = [asyncio.create_task(hold()) for _ in range(6)]
        await begun.wait()
        await asyncio.sleep(0)
        for task in (tasks[4], tasks[0], tasks[2], tasks[1], tasks[3], tasks[5]):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return lanes._going.total()

    assert asyncio.run(left()) == 0
