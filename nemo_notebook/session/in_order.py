"""Work off the event loop that is done in the order in which it was asked for, from whatever loop.

Sessions on a tape note what they begin in this way: so it has the same numbers when the tape is played.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def to_thread_in_order(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What `asyncio.to_thread` does, one after the other."""
    call = partial(contextvars.copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_thread(), call)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="nemo-in-order")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_thread.cache_clear)  # threads do not survive a fork
