"""How films are made side by side: on threads here, or on whatever executor is handed in.

The local engine does its work in processes of its own, one for each core; so threads that wait for it are enough, and
one engine serves them all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, Final, ParamSpec, TypeVar

from nemo_notebook import errors, settings

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE_ELSEWHERE: Final = 2  # what a service with limits bears from one user
_GUARD: Final = '`if __name__ == "__main__":`'
_MOST: Final = 64
_USUAL: Final = 16  # at most, where nobody says how many


class Threads(Executor):
    """Runs each call on a thread of its own at once: whoever submits keeps count.

    None of them keeps a program from ending.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin a call."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # it cannot be called off any more: the ledger tells the work to stop

        def run() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # raised again where the result is asked for
                future.set_exception(error)

        threading.Thread(target=run, name="nemo-batch", daemon=True).start()
        return future


def choose_executor(executor: Any, workers: int | None, *, is_local: bool) -> tuple[Executor, int]:
    """What runs the work, and how many films at once.

    Args:
        executor: A `concurrent.futures.Executor`, a Dask client, or None for threads of this process.
        workers: How many at once; as many as suit it if None.
        is_local: Whether the local engine makes the films.

    Raises:
        UsageError: It is no executor, or the number is none.
    """
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= _MOST):
        raise errors.UsageError(f"workers cannot be {workers!r}.", hint=f"Give a number from 1 to {_MOST}.")
    if executor is None:
        found, size = Threads(), min(max(2, settings.cores()), _USUAL)
    elif hasattr(executor, "get_executor"):  # Dask's client
        found, size = executor.get_executor(), sum(executor.ncores().values())
    elif hasattr(executor, "submit"):
        found, size = executor, getattr(executor, "_max_workers", 2)
    else:
        hint = "Give a concurrent.futures.Executor, or a Dask client."
        raise errors.UsageError(f"{type(executor).__name__} runs no work.", hint=hint)
    size = workers or size
    return found, max(1, min(size, _MOST if is_local else AT_ONCE_ELSEWHERE))


def ended(error: BaseException, *, has_begun: bool = True) -> errors.NemoError:
    """What to tell when an executor runs nothing any more: it was closed, or one of its processes was killed.

    Args:
        error: What it raised.
        has_begun: Whether its workers had begun to make films.
    """
    hint = "The same call again goes on where it stopped: give it a fresh executor."
    if not has_begun:
        hint += f" A program that starts processes needs the line {_GUARD} before it does."
    elif isinstance(error, BrokenExecutor):
        hint += " What was being made comes last then. The machine may be short of memory: try fewer workers."
    return errors.NemoError(f"The executor takes no more work: {type(error).__name__}.", hint=hint)
