from __future__ import annotations

import asyncio
import time

import pytest
from cases import cases

from nemo_notebook import clock
from nemo_notebook.tapes.player import ReplayPace, Stopwatch, TapeClock


@cases
def test_waits__are_cut_as_the_speed_says(speed: str, wait_s: float, left_s: float) -> None:
    assert ReplayPace(speed).shortened_s(wait_s) == left_s


def test_fast__waits_for_a_minute_in_all() -> None:
    pace = ReplayPace("fast")
    assert sum(pace.shortened_s(3600.0) for _ in range(100_000)) == pytest.approx(60.0)
    assert pace.shortened_s(3600.0) == 0.0
    as_it_was = ReplayPace("recorded")
    assert sum(as_it_was.shortened_s(60.0) for _ in range(10)) == 600.0


def test_sleep__never_takes_all_of_a_core() -> None:
    async def work() -> float:
        begun_s = time.monotonic()
        for _ in range(50):
            await TapeClock(0.0, ReplayPace("once")).sleep(10.0)
        return time.monotonic() - begun_s

    assert 0.05 < asyncio.run(work()) < 5.0


def test_stopwatch__does_not_add_up_delays() -> None:
    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        watch, begun_s, came_s = Stopwatch(ReplayPace("recorded"), 1000.0), loop.time(), []
        for at_ms in (1050.0, 1100.0, 1100.0, 1150.0, 1140.0):
            await watch.wait_for(at_ms)
            came_s.append(loop.time() - begun_s)
            time.sleep(0.03)  # noqa: ASYNC251 - whoever takes a piece is slow
        return came_s

    came_s = asyncio.run(work())
    assert came_s[0] >= 0.05
    assert came_s[3] >= 0.15
    assert came_s[3] < 0.2
    assert came_s == sorted(came_s)


def test_time__moves_with_the_exchanges_only() -> None:
    ours = TapeClock(1000.0, ReplayPace("once"))
    assert (ours.now_s(), ours.monotonic_s()) == (1000.0, 0.0)
    ours.move_to(2500.0)
    ours.move_to(1500.0)
    assert (ours.now_s(), ours.monotonic_s()) == (1002.5, 2.5)
    asyncio.run(ours.sleep(60.0))
    assert ours.now_s() == 1002.5


def test_moment__is_known_by_the_machines_clock() -> None:
    ours = TapeClock(1000.0, ReplayPace("once"))
    before_s = time.time()
    ours.move_to(500.0)
    noted_s = ours.now_s()
    ours.move_to(900.0)
    assert before_s <= ours.machine_s(noted_s) <= ours.machine_s(ours.now_s()) <= time.time()
    assert ours.machine_s(9999.0) <= time.time()


def test_use__puts_another_clock_in_place_and_back() -> None:
    ours = TapeClock(1000.0, ReplayPace("once"))
    kept = clock.current_clock()
    clock.use_clock(ours)
    try:
        assert (clock.now_s(), clock.monotonic_s(), clock.current_clock()) == (1000.0, 0.0, ours)
        assert clock.local(0.0).tm_hour == 0
    finally:
        clock.use_clock()
    assert clock.current_clock() is kept is clock.MACHINE
    assert abs(clock.now_s() - time.time()) < 60
    assert clock.MACHINE.machine_s(5.0) == 5.0
