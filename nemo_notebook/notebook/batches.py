"""A batch in its cell: a table that fills while the films are made, and stands still in the end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from nemo_notebook.notebook.display import Bundle, LiveDisplay, Outlet

if TYPE_CHECKING:
    from nemo_notebook.batches.batch import Batch

_STILL_S: Final = 1.0  # where nothing changes but the time that is left
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
        self._display = LiveDisplay(outlet)
        self._next_s = 0.0
        self._changes = -1
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
        now_s, changes = time.monotonic(), self._batch.changes
        if changes == self._changes and now_s < self._next_s:
            return
        if not self._outlet.is_rich:
            self._print_ended()
        elif not self._display.draw(self._table):
            return
        self._changes, self._next_s = changes, time.monotonic() + _STILL_S

    def _table(self) -> Bundle:
        faces = self._batch._repr_mimebundle_()
        return Bundle(faces["text/plain"], text_html=faces["text/html"])

    def _conclude(self) -> None:
        """The table as it stays; its pictures and its last words."""
        if self._outlet.is_rich:
            self._display.draw(lambda: self._batch, is_last=True)
        else:
            self._print_ended()
            self._outlet.print(
                self._batch.summary.removeprefix(f"{self._batch.note}\n")
            )  # it was said at the beginning

    def _say(self, words: str) -> None:
        if not self._outlet.is_rich:  # in a notebook it stands above the table
            self._outlet.print(words)

    def _print_ended(self) -> None:
        for at, film in enumerate(self._batch.films):
            if film.is_over and at not in self._told:
                self._told.add(at)
                if not film.was_there:
                    self._outlet.print(str(film))
