from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from nemo_notebook import errors
from nemo_notebook.session.sync import shared_bridge


def test_run__gives_the_result_and_raises_the_error() -> None:
    async def work(value: int) -> int:
        await asyncio.sleep(0)
        if value < 0:
            raise ValueError(value)
        return value

    assert shared_bridge().run(work(3)) == 3
    with pytest.raises(ValueError, match="-1"):
        shared_bridge().run(work(-1))


def test_run__passes_the_works_own_timeout_on() -> None:
    async def work() -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        shared_bridge().run(work())


def test_run__an_interrupt_cancels_the_work() -> None:
    cancelled = threading.Event()

    async def work() -> None:
        asyncio.get_running_loop().call_later(0.3, signal.raise_signal, signal.SIGINT)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        shared_bridge().run(work())
    assert cancelled.wait(5)


@pytest.mark.parametrize("is_stream", [False, True])
def test_interrupt__before_the_wait_cancels_the_work(is_stream: bool) -> None:
    bridge, cancelled = shared_bridge(), threading.Event()

    async def stream() -> AsyncIterator[int]:
        try:
            await asyncio.Event().wait()
            yield 1
        finally:
            cancelled.set()

    with pytest.MonkeyPatch.context() as patch:

        def start(work: Coroutine[Any, Any, None]) -> None:
            patch.undo()
            bridge.start(work)
            raise KeyboardInterrupt

        patch.setattr(bridge, "start", start)
        with pytest.raises(KeyboardInterrupt):
            next(bridge.iterate(stream())) if is_stream else bridge.run(anext(stream()))
    assert cancelled.is_set()


def test_iterate__leaving_early_closes_the_stream() -> None:
    closed = threading.Event()

    async def numbers() -> AsyncIterator[int]:
        try:
            for number in range(10**9):
                yield number
                await asyncio.sleep(0)
        finally:
            closed.set()

    for number in shared_bridge().iterate(numbers()):
        if number == 3:
            break
    assert closed.wait(5)


def test_iterate__raises_what_the_stream_raises() -> None:
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ValueError("late")

    stream = shared_bridge().iterate(broken())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="late"):
        next(stream)


def test_sync_calls__on_the_loops_own_thread_are_refused_instead_of_hanging() -> None:
    async def inside() -> list[str]:
        told = []

        async def nothing() -> None: ...

        async def stream() -> AsyncIterator[int]:
            yield 1

        for call in (lambda: shared_bridge().run(nothing()), lambda: next(shared_bridge().iterate(stream()))):
            with pytest.raises(errors.UsageError) as caught:
                call()
            told.append(caught.value.hint)
        return told

    assert all("async" in hint for hint in shared_bridge().run(inside()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_fork__gets_a_loop_of_its_own() -> None:
    code = (
        "import asyncio, os\n"
        "from nemo_notebook.session.sync import shared_bridge\n"
        "async def work(): return 7\n"
        "assert shared_bridge().run(work()) == 7\n"
        "pid = os.fork()\n"
        "if not pid: os._exit(shared_bridge().run(work()))\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=30)
    assert ran.stdout.strip() == "7"
