"""Work that goes on while other cells run: a handle to wait for it, to stop it, and to see how far it is."""

from __future__ import annotations

import asyncio
import concurrent.futures
import html
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from nemo_notebook import clock, errors
from nemo_notebook.notebook.outlet import Bundle, Shown
from nemo_notebook.notebook.screen import STYLE

if TYPE_CHECKING:
    from nemo_notebook.session.loop import Bridge

T = TypeVar("T")

RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
_MARKS: Final = {RUNNING: "●", DONE: "✓", FAILED: "⚠️", CANCELLED: "■"}


class Handle(Generic[T]):
    """What `--background` gives.

    Args:
        name: What is done, for people.
        bridge: Where it runs.

    Attributes:
        name: What is done, for people.
        begun_s: When it was begun, in seconds since 1970.
    """

    def __init__(self, name: str, bridge: Bridge) -> None:
        self.name = name
        self._clock = clock.current()
        self.begun_s = self._clock.now_s()
        self._begun_s = self._clock.monotonic_s()
        self._ended_s: float | None = None
        self._bridge = bridge
        self._future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._shown: Shown | None = None

    def start(self, work: Coroutine[Any, Any, T], shown: Shown | None = None) -> None:
        """Begin the work. Its state is kept up to date in a display, if one is given."""
        self._shown = shown
        self._future = self._bridge.start(work)
        self._future.add_done_callback(self._end)

    @property
    def status(self) -> str:
        """`running`, `done`, `failed` or `cancelled`."""
        if not self._future.done():
            return RUNNING
        if self._future.cancelled():
            return CANCELLED
        return FAILED if self._future.exception() is not None else DONE

    @property
    def elapsed_s(self) -> float:
        """For how long it has run, in seconds."""
        return (self._clock.monotonic_s() if self._ended_s is None else self._ended_s) - self._begun_s

    def wait(self, timeout_s: float | None = None) -> T:
        """Wait for the result, or for `timeout_s` seconds. An interrupt stops the waiting, not the work.

        Raises:
            DeadlineExceeded: It has not ended within that time.
            Detached: It was cancelled, or the waiting was interrupted.
            NemoError: It has failed; the error is its own.
        """
        try:
            return self._bridge.wait(self._future, timeout_s)
        except concurrent.futures.CancelledError:
            raise self._was_cancelled() from None
        except TimeoutError:
            if self._future.done():
                raise  # the work's own
            raise errors.DeadlineExceeded(f"Still running: {self.name}", hint="Wait longer, or go on.") from None
        except KeyboardInterrupt:
            raise errors.Detached("Stopped waiting; it goes on.", hint="Wait again, or cancel it.") from None

    def cancel(self) -> None:
        """Stop it here. What the backend has begun may go on: `%nemo jobs` shows it, `%nemo cancel` ends an export."""
        self._future.cancel()

    def on_end(self, tell: Callable[[], None]) -> None:
        """Be told when it is over, however it ended."""
        self._future.add_done_callback(lambda _: tell())

    def __await__(self) -> Generator[Any, None, T]:
        return self._ended().__await__()

    async def _ended(self) -> T:
        try:
            return await asyncio.shield(asyncio.wrap_future(self._future))  # it goes on without the one who awaits it
        except asyncio.CancelledError:
            if self._future.cancelled():
                raise self._was_cancelled() from None
            raise

    def _was_cancelled(self) -> errors.Detached:
        return errors.Detached(f"It was cancelled: {self.name}", hint="`%nemo jobs` shows what is left.")

    def __repr__(self) -> str:
        return f"{_MARKS[self.status]} {self.name} · {self.status} · {self.elapsed_s:.0f} s"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Without the time while it runs: what is shown stands still, and what goes on is told below it.
        words = f"{_MARKS[RUNNING]} {self.name} · {RUNNING}" if self.status == RUNNING else repr(self)
        return {"text/plain": words, "text/html": f'<div style="{STYLE}">{html.escape(words)}</div>'}

    def _end(self, _: object) -> None:
        self._ended_s = self._clock.monotonic_s()
        if self._shown is not None:
            bundle = self._repr_mimebundle_()
            self._shown.update(Bundle(bundle["text/plain"], text_html=bundle["text/html"]))
