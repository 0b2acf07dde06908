from __future__ import annotations

import asyncio
import time

from nemo_notebook import clock
from nemo_notebook.tapes.player import Pace, TapeClock


def test_time__moves_with_the_exchanges_only() -> None:
    ours = TapeClock(1000.0, Pace("once"))
    assert (ours.now_s(), ours.monotonic_s()) == (1000.0, 0.0)
    ours.move_to(2500.0)
    ours.move_to(1500.0)
    assert (ours.now_s(), ours.monotonic_s()) == (1002.5, 2.5)
    asyncio.run(ours.sleep(60.0))
    assert ours.now_s() == 1002.5


def test_moments__are_written_in_utc() -> None:
    ours = TapeClock(1_795_330_800.0, Pace("once"))
    assert tuple(ours.local(ours.now_s()))[:5] == (2026, 11, 22, 7, 0)


def test_moment__is_known_by_the_machines_clock() -> None:
    ours = TapeClock(1000.0, Pace("once"))
    before_s = time.time()
    ours.move_to(500.0)
    noted_s = ours.now_s()
    ours.move_to(900.0)
    assert before_s <= ours.machine_s(noted_s) <= ours.machine_s(ours.now_s()) <= time.time()
    assert ours.machine_s(9999.0) <= time.time()


def test_use__puts_another_clock_in_place_and_back() -> None:
    ours = TapeClock(1000.0, Pace("once"))
    kept = clock.current()
    clock.use(ours)
    try:
        assert (clock.now_s(), clock.monotonic_s(), clock.current()) == (1000.0, 0.0, ours)
        assert clock.local(0.0).tm_hour == 0
    finally:
        clock.use()
    assert clock.current() is kept is clock.MACHINE
    assert abs(clock.now_s() - time.time()) < 60
    assert clock.MACHINE.machine_s(5.0) == 5.0
