from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from nemo_notebook import clock, errors
from nemo_notebook.notebook.execution import Handle
from nemo_notebook.session import sync


class TapeTime(clock.Clock):
    """A clock that goes only when it is told to."""

    at_s = 0.0

    def monotonic_s(self) -> float:
        return self.at_s


def begun(work: Any) -> Handle[Any]:
    handle: Handle[Any] = Handle("export film.mp4", sync.shared_bridge())
    handle.start(work)
    return handle


async def five(go: threading.Event) -> int:
    """Work that ends when it is let go."""
    await asyncio.to_thread(go.wait)
    return 5


async def awaited(handle: Handle[Any]) -> Any:
    return await handle


def test_handle__waits_for_the_result() -> None:
    go = threading.Event()
    handle = begun(five(go))
    assert handle.status == "running"
    assert "export film.mp4 · running" in repr(handle)
    with pytest.raises(errors.DeadlineExceeded):
        handle.wait(0.01)
    go.set()
    assert handle.wait() == asyncio.run(awaited(handle)) == 5
    assert handle.status == "done"
    assert handle.elapsed_s == handle.elapsed_s


def test_end__is_told_once_by_the_clock_that_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        tape.at_s = 3.0

    tape = TapeTime()
    monkeypatch.setattr(clock, "_current", tape)
    handle = begun(work())
    monkeypatch.setattr(clock, "_current", clock.MACHINE)
    states: list[str] = []
    ended = threading.Event()
    handle._future.add_done_callback(lambda _: (states.append(handle.status), ended.set()))
    assert ended.wait(10)
    assert states == ["done"]
    tape.at_s = 9.0
    assert repr(handle).endswith("done · 3 s")


def test_handle__raises_the_works_own_error_also_a_timeout() -> None:
    async def work(error: Exception) -> None:
        raise error

    for error in (errors.NothingToExport("Nothing."), TimeoutError("its own")):
        handle = begun(work(error))
        with pytest.raises(type(error), match=str(error)):
            handle.wait(10)
        assert handle.status == "failed"


def test_handle__shows_a_hostile_name_as_text() -> None:
    handle: Handle[Any] = Handle("<script>boom()</script>", sync.shared_bridge())
    assert "<script" not in handle._repr_mimebundle_()["text/html"]


def test_handle__goes_on_when_one_of_those_who_await_it_leaves() -> None:
    go = threading.Event()
    handle = begun(five(go))

    async def two() -> int:
        leaving, staying = asyncio.ensure_future(awaited(handle)), asyncio.ensure_future(awaited(handle))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert leaving.cancelled()
        assert handle.status == "running"
        go.set()
        return await staying

    try:
        assert asyncio.run(two()) == 5
    finally:
        go.set()
