from __future__ import annotations

import asyncio
import time

from nemo_notebook.session.journal import to_thread_in_order


def test_work__is_done_in_the_order_in_which_it_was_asked_for() -> None:
    done: list[int] = []

    def work(number: int, *, pause_s: float) -> int:
        time.sleep(pause_s)
        done.append(number)
        return number

    async def all_of_it() -> list[int]:
        return await asyncio.gather(*(to_thread_in_order(work, at, pause_s=0.02 * (at == 0)) for at in range(5)))

    assert asyncio.run(all_of_it()) == [0, 1, 2, 3, 4]
    assert asyncio.run(all_of_it()) == [0, 1, 2, 3, 4]  # on another loop
    assert done == [0, 1, 2, 3, 4] * 2
