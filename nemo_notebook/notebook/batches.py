"""A batch in its cell: a table that fills while the films are made, and stands still in the end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from nemo_notebook.notebook.outlet import Bundle, Outlet, Shown

if TYPE_CHECKING:
    from nemo_notebook.session.batch.batch import Batch

_INTERVAL_S: Final = 0.25
_BYTES_PER_S: Final = 20_000  # to the browser: a long table comes more seldom
_TICK_S: Final = 0.1
_GOODBYE_TICKS: Final = 15


class BatchView:
    """Shows a batch in one display of a notebook, or line by line in a terminal.

    Args:
        outlet: Where to.
        batch: The batch.
    """

    def __init__(self, outlet: Outlet, batch: Batch) -> None:
        self._outlet = outlet
        self._batch = batch
        self._shown: Shown | None = None
        self._last = ""
        self._next_s = 0.0
        self._told: set[int] = set()

    async def follow(self) -> None:
        """Show it to its end; when this is cancelled, so is the batch."""
        try:
            if self._batch.note:
                self._say(self._batch.note)
            while self._batch.is_running:
                self._refresh()
                await asyncio.sleep(_TICK_S)
        except asyncio.CancelledError:
            self._batch.cancel()
            for _ in range(_GOODBYE_TICKS):
                if not self._batch.is_running:
                    break
                await asyncio.sleep(_TICK_S)
            raise
        finally:
            await asyncio.to_thread(self._conclude)

    def _refresh(self) -> None:
        now_s = time.monotonic()
        if not self._outlet.is_rich:
            self._print_ended()
        elif now_s >= self._next_s:
            faces = self._batch._repr_mimebundle_()
            page = faces["text/html"]
            if page != self._last:
                self._last, self._next_s = page, now_s + max(_INTERVAL_S, len(page) / _BYTES_PER_S)
                self._publish(Bundle(faces["text/plain"], text_html=page))

    def _conclude(self) -> None:
        """The table as it stays; its pictures and its last words."""
        if self._outlet.is_rich:
            self._publish(self._batch)
        else:
            self._print_ended()
            self._outlet.print(self._batch.summary)

    def _publish(self, value: object) -> None:
        if self._shown is None:
            self._shown = self._outlet.show(value)
        else:
            self._shown.update(value)

    def _say(self, words: str) -> None:
        if not self._outlet.is_rich:  # in a notebook it stands above the table
            self._outlet.print(words)

    def _print_ended(self) -> None:
        for at, film in enumerate(self._batch.films):
            if film.is_over and at not in self._told:
                self._told.add(at)
                self._outlet.print(str(film))
