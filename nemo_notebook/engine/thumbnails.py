"""Small pictures of uploads, made when somebody first asks for one, and kept by the content's hash."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.store import MediaRow, Store

_log: Final = logging.getLogger(__name__)


class Thumbnails:
    """The thumbnails of what was uploaded.

    Args:
        store: Beside whose media they are kept.
        pool: What makes them.
    """

    def __init__(self, store: Store, pool: WorkerPool) -> None:
        self._store = store
        self._pool = pool
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def of(self, row: MediaRow, who: str = "") -> Path | None:
        """The JPEG of an upload; None if there is no picture of it.

        Args:
            row: The upload.
            who: For whom; those who wait take turns.
        """
        path = self._store.thumbnail_path(row.hash)
        if not path.is_file():
            task = self._under_way.get(row.hash)
            if task is None:
                task = self._under_way[row.hash] = asyncio.create_task(self._make(row, path, who))
                task.add_done_callback(lambda _: self._under_way.pop(row.hash, None))
            await asyncio.shield(task)  # others may wait for it, too
        return path if path.is_file() and path.stat().st_size else None

    async def _make(self, row: MediaRow, path: Path, who: str) -> None:
        source = self._store.media_path(row.hash)
        if not source.is_file():
            return
        args = {"path": str(source), "filename": row.filename, "target": str(path)}
        try:
            await self._pool.run("thumbnail", args, who=who)
        except (
            errors.EngineError,
            errors.UnsupportedMedia,
        ) as error:  # its decoder crashes or is slow, and would again
            _log.warning("There is no picture of %s: %s", row.filename, error)
            path.touch()
        except errors.NemoError as error:  # such as a full disk: another time, then
            _log.warning("There is no picture of %s now: %s", row.filename, error)
