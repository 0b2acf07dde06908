"""Worker processes: what ends one, and what comes of the operation that it was at."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from nemo_notebook import errors
from nemo_notebook.engine import pool as pools
from nemo_notebook.engine.pool import WorkerPool

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
