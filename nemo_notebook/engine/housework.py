"""What an engine does beside its work, and nobody waits for: sweeping its folder, noting what is used."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Coroutine
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.engine.store import SessionRow, Store
from nemo_notebook.engine.sweep import Swept

_SWEEP_EVERY_S: Final = 3600.0
_SWEEP_AGAIN_S: Final = 300.0  # where something that is in use had to stay
_log: Final = logging.getLogger(__name__)


class Housework:
    """Runs beside the engine's work until it is closed.

    Args:
        store: What is kept in order.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    def keep_swept(self) -> None:
        """Sweep the folder now and every hour."""
        self._begin(self._sweep())

    def note_use(self, session: SessionRow) -> None:
        """Keep when a session was used."""
        self._begin(self._store.in_thread(self._store.touch_session, session.id))

    async def close(self) -> None:
        """Stop; what is being written is written."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sweep(self) -> None:
        while True:
            swept = await asyncio.to_thread(self._sweep_once)
            await asyncio.sleep(_SWEEP_AGAIN_S if swept is None or swept.is_over else _SWEEP_EVERY_S)

    def _sweep_once(self) -> Swept | None:
        try:
            self._store.sweep_parts()
            return self._store.sweeper.run()
        except (sqlite3.Error, OSError, errors.DiskFull) as error:
            _log.warning("The folder could not be swept: %s", error)
            return None


async def _logged(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except (sqlite3.Error, errors.DiskFull) as error:
        _log.warning("Something could not be noted: %s", error)
