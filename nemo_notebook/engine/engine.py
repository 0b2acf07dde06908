"""What the server's endpoints do, apart from HTTP: uploads and state; turns of chat and exports are parts of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from nemo_notebook import errors, settings
from nemo_notebook.engine.analyses import Analyses, Thumbnails, told_sounds
from nemo_notebook.engine.conversation import Conversations
from nemo_notebook.engine.drafts import origin
from nemo_notebook.engine.exports import Exports
from nemo_notebook.engine.maintenance import Maintenance
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.receive import Received, write_failed
from nemo_notebook.engine.store import MediaRow, SessionRow, Store
from nemo_notebook.files import mark_used, replace_durably
from nemo_notebook.film.tracks import Json

_log: Final = logging.getLogger(__name__)


class Engine:
    """The embedded backend.

    Args:
        store: What it keeps.

    Raises:
        UsageError: The number of workers that is set is none.
    """

    def __init__(self, store: Store) -> None:
        workers = settings.engine_workers()
        self.store = store
        self.quick = WorkerPool(1, spare=3)
        self.heavy = WorkerPool(workers, spare=workers, low_priority=True)
        self.previews = WorkerPool(workers, spare=workers)
        self.analyses = Analyses(store, self.heavy)
        self.exports = Exports(store, self.heavy, self.previews, self.analyses)
        self.thumbnails = Thumbnails(store, self.quick)
        self.conversations = Conversations(store, self.analyses, self.quick)
        self.maintenance = Maintenance(store)

    async def close(self) -> None:
        """End all work: turns have a second to finish, exports are left to the next engine."""
        await self.conversations.finish()
        await self.analyses.close()
        await self.maintenance.close()
        await self.conversations.close()
        await self.exports.close()
        try:
            await self.store.in_thread(self.store.release)
        except (sqlite3.Error, errors.DiskFull) as error:
            _log.warning("What was not finished is not released, and waits some seconds longer: %s", error)
        await self.quick.close()
        await self.heavy.close()
        await self.previews.close()
        await asyncio.to_thread(self.store.close)

    # Uploads

    async def take(self, session: SessionRow, received: Sequence[Received]) -> list[MediaRow]:
        """Look into files that came in and keep them, all or none. One that lies there damaged is replaced.

        Raises:
            InputError: One of them is no media that can be used.
        """
        try:
            infos = [await self._probe(session, each) for each in received]
            for each in received:
                if await asyncio.to_thread(_keep, each.path, self.store.media_path(each.hash)):
                    await self.store.in_thread(self.store.forget_findings, each.hash)
        finally:
            for each in received:
                each.path.unlink(missing_ok=True)
        rows = [
            await self.store.in_thread(self.store.add_media, session.id, each.hash, each.filename, info)
            for each, info in zip(received, infos, strict=True)
        ]
        for row in rows:
            self.analyses.begin(row)
        return rows

    async def _probe(self, session: SessionRow, received: Received) -> dict[str, Any]:
        args = {"path": str(received.path), "filename": received.filename}
        return await self.quick.run("probe", args, who=session.user_id)

    # State

    async def told(self, session: SessionRow, files_url: str = "", skill: str = "") -> dict[str, Any]:
        """The state with what is known of the sounds that its draft plays, and of where the draft comes from.

        Beats of composed music take a moment.
        """
        state = self.state(session, files_url)
        rows, draft = self.store.media(session.id), state["draft"] or {}
        sounds = await asyncio.to_thread(told_sounds, draft, rows, self.analyses.found)
        made = await asyncio.to_thread(origin, self.store, session.id, draft, skill)
        return state | {"video_analyses": sounds, "provenance": asdict(made)}

    def state(self, session: SessionRow, files_url: str = "") -> dict[str, Any]:
        """The session's state in the service's form; `turns_running` tells how many turns are being worked on.

        Args:
            session: The session.
            files_url: Where files are read.
        """
        # Counted before the draft is read: where nothing more is to come, nothing is missed.
        running = self.conversations.running(session.id)
        version, draft = self.store.draft(session.id)
        meta = draft.get("m", {})
        return {
            "draft": draft or None,
            "draft_version": version,
            "draft_steps": self.store.drafts.steps(session.id),
            "video_infos": [dict(row.info, **self.record(row, files_url)) for row in self.store.media(session.id)],
            "generated_media": [],
            "canvas_config": {key: meta[key] for key in ("width", "height") if key in meta},
            "turns_running": running,
            "read_at": time.time(),
        }

    def record(self, row: MediaRow, files_url: str) -> dict[str, Any]:
        """An upload in the service's words; `duration` in seconds, `size` in bytes."""
        info, size_bytes = row.info, 0
        with contextlib.suppress(OSError):
            size_bytes = self.store.media_path(row.hash).stat().st_size
        return {
            "filename": row.filename,
            "file_type": info["kind"],
            "cdn_url": f"{files_url}/{row.key}/{quote(row.filename)}",
            "thumbnail_url": f"{files_url}/{row.key}/small/thumbnail.jpg",
            "duration": info["duration_s"],
            "width": info["width"],
            "height": info["height"],
            "fps": info["fps"],
            "size": size_bytes,
            "hash": row.hash,
        }


def _keep(part: Path, target: Path) -> bool:
    """Give a file its place; gives whether it took that of a damaged one. A whole one stays: it may have readers.

    Raises:
        InputError: The disk refused.
    """
    try:
        was_there = target.exists()
        if was_there and is_whole(target, part.stat().st_size):
            part.unlink()
            mark_used([target])  # until it is noted whose it is, its age alone keeps it
            return False
        replace_durably(part, target)
    except OSError as error:
        raise write_failed(error, target.parent) from error
    return was_there


def is_whole(path: Path, size_bytes: int | None = None) -> bool:
    """Whether an upload is as it was kept, by its SHA-256, which is its name; and by its size, where that is known."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if size_bytes is None or os.fstat(file.fileno()).st_size == size_bytes:
            return hashlib.file_digest(file, "sha256").hexdigest() == path.name
    return False


def draft_of(value: object) -> Json:
    """A draft that came in a request.

    Raises:
        InputError: It is none.
    """
    if not isinstance(value, Mapping):
        raise errors.InputError("The request holds no draft.")
    return value
