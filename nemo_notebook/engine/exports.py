"""Exports: one at a time for each session, with real progress, kept so that they can be asked for later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.render.form import output_for
from nemo_notebook.engine.render.job import render_film
from nemo_notebook.engine.render.layers import Output
from nemo_notebook.engine.render.plan import MediaFile, make_plan
from nemo_notebook.engine.store import JobRow, SessionRow, Store

_POSTER_AT: Final = 0.4  # of the film's length: past the title, before the end
_POSTER_WIDTH: Final = 640


@dataclass(slots=True)
class _Running:
    task: asyncio.Task[None]
    progress: float = 0.0
    begun_s: float = 0.0


class Exports:
    """The engine's exports.

    Args:
        store: Where they are noted.
        pool: What renders.
    """

    def __init__(self, store: Store, pool: WorkerPool) -> None:
        self._store = store
        self._pool = pool
        self._running: dict[str, _Running] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def close(self) -> None:
        """End all of them; they are noted as they stand."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def submit(self, session: SessionRow, job_id: str, draft: Mapping[str, Any], output: Mapping[str, Any]) -> JobRow:
        """Begin an export; it waits while another of the session runs.

        Raises:
            NemoError: The draft or the output cannot be rendered; nothing has begun then.
        """
        plan = make_plan(draft, self._files(session), _output(draft, output))
        form = {"format": plan.output.format, "quality": plan.output.quality}
        job = self._store.add_job(job_id, session.id, draft, form)
        task = asyncio.create_task(self._run(job, plan))
        self._running[job.id] = _Running(task)
        task.add_done_callback(lambda _: self._running.pop(job.id, None))
        return job

    def look(self, job_id: str) -> JobRow | None:
        """An export as it stands; one that an earlier engine left unfinished has failed."""
        job = self._store.job(job_id)
        if job is None or job.status not in {"pending", "processing"} or job.id in self._running:
            return job
        self._store.update_job(job.id, "failed", job.progress, message="The engine was restarted in the middle of it.")
        return self._store.job(job_id)

    def status(self, job: JobRow) -> tuple[float, float | None]:
        """The progress of an export (0–100), and the seconds left if it can be told."""
        running = self._running.get(job.id)
        if running is None or not running.begun_s:
            return job.progress, None
        spent_s = time.monotonic() - running.begun_s
        done = running.progress
        left_s = spent_s * (1 - done) / done if done > 0.05 and spent_s > 1 else None
        return round(100 * done, 1), left_s

    def cancel(self, job: JobRow) -> None:
        """Stop an export; one that is over stays as it is."""
        running = self._running.get(job.id)
        if running is not None:
            running.task.cancel()
            # Said here too: a task that is cancelled before its first step never gets to say it.
            self._store.update_job(job.id, "cancelled", job.progress, message="It was cancelled.")

    def path(self, job: JobRow) -> Path:
        """Where the film of an export is, or will be."""
        return self._store.folder / "renders" / f"{job.key}.{job.output.get('format', 'mp4')}"

    def poster_path(self, job: JobRow) -> Path:
        """Where its poster is, or will be."""
        return self.path(job).with_suffix(".poster.jpg")

    async def _run(self, job: JobRow, plan: Any) -> None:
        try:
            async with self._turns.setdefault(job.session_id, asyncio.Lock()):
                self._store.update_job(job.id, "processing", 0.0)
                result = await self._render(job, plan)
            self._store.update_job(job.id, "completed", 100.0, result)
        except asyncio.CancelledError:
            self._store.update_job(job.id, "cancelled", job.progress, message="It was cancelled.")
        except errors.NemoError as error:
            self._store.update_job(job.id, "failed", job.progress, message=f"{error.message} {error.hint}".strip())
        except Exception as error:
            self._store.update_job(
                job.id, "failed", job.progress, message="The engine failed inside; its log says how."
            )
            raise errors.EngineError("An export failed.") from error

    async def _render(self, job: JobRow, plan: Any) -> dict[str, Any]:
        running = self._running[job.id]
        running.begun_s = time.monotonic()

        def tell(done: float) -> None:
            running.progress = done

        cache, target = self._store.folder / "cache", self.path(job)
        report = await render_film(plan, run=self._pool.run, cache_dir=cache, out_path=target, on_progress=tell)
        result: dict[str, Any] = {
            "width": plan.output.width,
            "height": plan.output.height,
            "size": target.stat().st_size,
            "shots": report.shots,
            "rendered": report.shots_rendered,
        }
        try:
            at_s = _POSTER_AT * plan.frames / plan.output.fps
            args = {"path": str(target), "at_s": at_s, "out": str(self.poster_path(job)), "width": _POSTER_WIDTH}
            await self._pool.run("poster", args)
        except errors.NemoError:
            return result  # an ornament: the film is there
        return {**result, "poster": True}

    def _files(self, session: SessionRow) -> dict[str, MediaFile]:
        files = {}
        for row in self._store.media(session.id):
            info = row.info
            files[row.hash] = MediaFile(
                id=row.hash,
                path=self._store.media_path(row.hash),
                kind=info["kind"],
                duration_ms=round(1000 * info["duration_s"]),
                width=info["width"],
                height=info["height"],
                has_audio=info["has_audio"],
                rotation=info["rotation"],
            )
        return files


def _output(draft: Mapping[str, Any], output: Mapping[str, Any]) -> Output:
    resolution = output.get("resolution")
    kind, quality = str(output.get("format") or "mp4"), str(output.get("quality") or "high")
    return output_for(draft, kind, quality, None if resolution is None else str(resolution))
