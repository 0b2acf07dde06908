"""Uploads are listened to and watched as they come, so that the first prompt finds it done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.store import MediaRow, Store
from nemo_notebook.film.draft import Json
from nemo_notebook.film.model import MediaItem
from nemo_notebook.render.cache import drawn_with

_ANALYSES: Final = {"audio": "listen", "video": "watch"}
_VERSION: Final = 5  # raise it when listening or watching finds something else: it is done again then
_log: Final = logging.getLogger(__name__)


class Analyses:
    """What is found in uploads, and what is under way.

    Args:
        store: Where it is kept.
        pool: What does it.
    """

    def __init__(self, store: Store, pool: WorkerPool) -> None:
        self._store = store
        self._pool = pool
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}  # by content and user

    async def close(self) -> None:
        """Stop; the next engine begins again."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def of(self, rows: Iterable[MediaRow]) -> list[asyncio.Task[None]]:
        """Those of some uploads that are under way; what an engine that ended, or failed, has left begins again."""
        return [task for row in rows if (task := self.begin(row))]

    def begin(self, row: MediaRow) -> asyncio.Task[None] | None:
        """Begin to listen to a song or to watch a video, so that the first prompt finds it done; None if it is."""
        if row.info["kind"] not in _ANALYSES or self.found(row.hash) is not None:
            return None
        who = self._store.session_user(row.session_id)
        key = row.hash, who  # who waits for the same content does not wait behind all that another user has sent
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._analyse(row, who))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return task

    async def _analyse(self, row: MediaRow, who: str) -> None:
        """Listen or watch, and keep what was found: nothing, if it fails, and no turn fails or waits for it again."""
        args = {"path": str(self._store.media_path(row.hash)), "filename": row.filename}
        try:
            # A lane of its own: it does not wait behind the shots of the user's own export.
            found = await self._pool.run(_ANALYSES[row.info["kind"]], args, who=f"{who}, analyses")
        except errors.NemoError as error:
            _log.warning("%s is used without having been analysed: %s", row.filename, error)
            found = {}
        await self._store.in_thread(self._store.add_analysis, row.hash, {**found, "version": version()})

    def found(self, content_hash: str) -> Json | None:
        """What listening or watching has found, unless an older version did it, or other libraries."""
        found = self._store.analysis(content_hash)
        return found if found is not None and found.get("version") == version() else None

    def items(self, rows: Iterable[MediaRow]) -> Iterable[MediaItem]:
        """Uploads as the agent knows them, with what has been found so far."""
        for row in rows:
            yield _item(row, self.found(row.hash) or {})


def version() -> list[int | str]:
    """What analyses are kept with: they are done again where it is another."""
    return [_VERSION, *drawn_with()]


def _item(row: MediaRow, found: Mapping[str, Any]) -> MediaItem:
    info = row.info
    beats = tuple(round(1000 * beat) for beat in found.get("beats_s", ()))
    return MediaItem(
        id=row.hash,
        filename=row.filename,
        kind=info["kind"],
        duration_ms=round(1000 * info["duration_s"]),
        width=info["width"],
        height=info["height"],
        has_audio=info["has_audio"],
        beats_ms=beats,
        downbeats_ms=beats[found.get("first_downbeat", 0) :: 4],
        tempo=found.get("tempo") or None,
        energy=tuple(found.get("energy", ())),
        title=info["title"],
        artist=info["artist"],
        sections=tuple((round(1000 * start_s), loudness) for start_s, loudness in found.get("sections", ())),
        drops_ms=tuple(round(1000 * drop) for drop in found.get("drops_s", ())),
        scenes_ms=tuple(round(1000 * scene) for scene in found.get("scenes_s", ())),
        motion=tuple(found.get("motion", ())),
        brightness=tuple(found.get("brightness", ())),
        cover_colors=tuple(found.get("cover_colors", ())),
        content=found.get("content", ""),
        silences_ms=tuple((start_ms, end_ms) for start_ms, end_ms in found.get("silences_ms", ())),
    )
