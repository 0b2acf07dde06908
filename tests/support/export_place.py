"""Exports of one engine in this process, with operations that wait for a sign."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from media_files import write_video

from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.database import JobRow
from nemo_notebook.engine.exports import Exports
from nemo_notebook.engine.store import SessionRow, Store
from nemo_notebook.engine.worker import HANDLERS
from nemo_notebook.media.probe import probe

LOW = {"format": "mp4", "quality": "low"}


class Pool:
    """Does operations in this process; those on shots wait until `go` is set, and listening until `listen` is."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.listen = asyncio.Event()
        self.began = asyncio.Event()
        self.ops: list[str] = []

    async def run(
        self, op: str, args: Mapping[str, Any], on_progress: Callable[[float], None] | None = None, who: str = ""
    ) -> dict[str, Any]:
        self.ops.append(op)
        if op == "listen":
            await self.listen.wait()
        tell = on_progress or (lambda _: None)
        if op == "render_shot":
            tell(0.5)
            self.began.set()
            await self.go.wait()
        return await asyncio.to_thread(HANDLERS[op], args, tell)


class Place:
    """One engine's exports; previews have a pool of their own."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.pool, self.previews = Pool(), Pool()
        self.analyses = Analyses(self.store, self.pool)  # type: ignore[arg-type]
        self.exports = Exports(self.store, self.pool, self.previews, self.analyses)  # type: ignore[arg-type]

    async def look(self, name: str = "r1") -> JobRow:
        return await self.exports.look(self.noted(name))

    def noted(self, name: str = "r1") -> JobRow:
        job = self.store.jobs.find(name)
        assert job is not None
        return job

    async def ended(self, name: str = "r1") -> JobRow:
        """An export or a preview at its end, to which it may go now."""
        (self.previews if self.noted(name).is_preview else self.pool).go.set()
        await until(lambda: name not in self.exports._running, 30)
        return await self.look(name)

    async def killed(self) -> None:
        """Its end without a word; it was long ago."""
        await self.exports.close()
        self.store._db.write("UPDATE job SET touched_s = ? WHERE owner = ?", time.time() - 6, self.store.jobs.owner)

    async def close(self) -> None:
        await self.exports.close()
        await self.store.in_thread(self.store.jobs.release)
        self.store.close()


@asynccontextmanager
async def places(folder: Path, count: int = 2) -> AsyncIterator[list[Place]]:
    made = [Place(folder) for _ in range(count)]
    try:
        yield made
    finally:
        for place in made:
            await place.exports.close()
            place.store.close()


def upload_clip(store: Store, folder: Path) -> SessionRow:
    """A session with a clip of one second."""
    clip = folder / "clip.mp4"
    write_video(clip, frames=30)
    session = store.create_session("local", "en")
    store.add_media(session.id, "c1", "clip.mp4", probe(clip, "clip.mp4").to_json())
    clip.replace(store.media_path("c1"))
    return session


def clip_draft(words: str = "") -> dict[str, Any]:
    """A draft of that clip, with a title if there are words for it."""
    shot = {"s": 0, "d": 1000, "m": {"role": "clip", "media": "c1", "source": "clip.mp4", "in_ms": 0}}
    titles = [{"s": 0, "d": 500, "m": {"role": "title", "text": words}}] if words else []
    return {"d": 1000, "m": {"width": 160, "height": 90}, "t": [{"tt": 0, "sg": [shot]}, {"tt": 7, "sg": titles}]}


async def until(holds: Callable[[], object], limit_s: float = 5) -> None:
    async with asyncio.timeout(limit_s):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)
