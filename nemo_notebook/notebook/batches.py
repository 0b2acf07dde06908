"""A batch in its cell: a table that fills while the films are made, and stands still in the end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from nemo_notebook.notebook.outlet import Bundle, Outlet, Shown

if TYPE_CHECKING:
    from nemo_notebook.batches.batch import Batch

_INTERVAL_S: Final = 0.25
_BYTES_PER_S: Final = 40_000  # to the browser: a long table comes more seldom
_SHARE: Final = 0.05  # of a core, at most: what takes long to draw comes more seldom
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
        self._shown: Shown | None = None
        self._last = ""
        self._next_s = 0.0
        self._still_s = 0.0
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
        begun_s = time.monotonic()
        if begun_s < self._next_s:
            return
        changes = self._batch.changes
        if changes == self._changes and begun_s < self._still_s:
            return
        self._changes = changes
        length = 0
        if self._outlet.is_rich:
            length = self._draw()
        else:
            self._print_ended()
        now_s = time.monotonic()
        self._next_s = now_s + max(_INTERVAL_S, length / _BYTES_PER_S, (now_s - begun_s) / _SHARE)
        self._still_s = now_s + _STILL_S

    def _draw(self) -> int:
        """Show the table if it is another one; gives how much that was."""
        faces = self._batch._repr_mimebundle_()
        page = faces["text/html"]
        if page == self._last:
            return 0
        self._last = page
        self._publish(Bundle(faces["text/plain"], text_html=page))
        return len(page)

    def _conclude(self) -> None:
        """The table as it stays; its pictures and its last words."""
        if self._outlet.is_rich:
            self._publish(self._batch)
        else:
            self._print_ended()
            self._outlet.print(
                self._batch.summary.removeprefix(f"{self._batch.note}\n")
            )  # it was said at the beginning

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
                if not film.was_there:
                    self._outlet.print(str(film))
