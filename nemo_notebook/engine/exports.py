"""Exports: one at a time for each session, with real progress, kept so that they can be asked for later.

A preview is an export that is for a look at the timeline: it has workers of its own, waits for nothing, is rendered
small and in pieces, and ends when the session asks for a newer one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.database import JobRow
from nemo_notebook.engine.maintenance import paths_in
from nemo_notebook.engine.pool import OnProgress, WorkerPool, end_tasks
from nemo_notebook.engine.store import SessionRow, Store, uploads_in
from nemo_notebook.files import mark_used
from nemo_notebook.film.provenance import Provenance, hash_of
from nemo_notebook.render.formats import FORMATS, Output, output_for, poster_frame, preview_for
from nemo_notebook.render.job import check, render_film
from nemo_notebook.render.placement import MediaFile
from nemo_notebook.render.plan import FilmPlan, make_plan
from nemo_notebook.render.progress import TimeLeft

BEAT_S: Final = 0.8  # between two signs of life
_log: Final = logging.getLogger(__name__)
_BESIDE: Final = ("poster.jpg", "clip.mp4")
_BEGUN: Final = 0.01  # of an export: before, its workers may still have to start


@dataclass(slots=True)
class _Running:
    task: asyncio.Task[None]
    preview_of: str  # the session, of a preview
    progress: float = 0.0
    time_left: TimeLeft | None = None


class Exports:
    """The exports that this engine runs, and what is known of those of others.

    Args:
        store: Where they are noted.
        pool: What renders.
        previews: What renders previews.
        analyses: What is known of uploads, and waited for.
    """

    def __init__(self, store: Store, pool: WorkerPool, previews: WorkerPool, analyses: Analyses) -> None:
        self._store = store
        self._jobs = store.jobs
        self._pool = pool
        self._previews = previews
        self._analyses = analyses
        self._running: dict[str, _Running] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._heartbeat: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Stop all that run here; once they are released, the next engine that is asked for them goes on."""
        await end_tasks([self._heartbeat] if self._heartbeat else [])
        await end_tasks(running.task for running in self._running.values())

    async def submit(
        self, session: SessionRow, job_id: str, draft: Mapping[str, Any], output: Mapping[str, Any], skill: str = ""
    ) -> JobRow:
        """Begin an export; it waits while another of the session runs.

        Args:
            session: Whose it is.
            job_id: What it is called.
            draft: What is rendered.
            output: `format`, `quality`, `resolution`; of a preview, `preview`: true.
            skill: As which skill the client speaks.

        Raises:
            NemoError: The draft or the output cannot be rendered; nothing has begun then.
        """
        plan = await asyncio.to_thread(self.plan, session.id, draft, output)
        made = await asyncio.to_thread(self._store.provenance, session.id, draft, skill)
        form = {
            "format": plan.output.format,
            "quality": plan.output.quality,
            "resolution": output.get("resolution"),
            "made": made.to_json(),
        }
        if plan.output.in_pieces:
            job = await self._note_preview(session, job_id, draft, {**form, "preview": True})
        else:
            job = await self._store.in_thread(self._jobs.add, job_id, session.id, draft, form)
        self._begin(job)
        return job

    async def _note_preview(
        self, session: SessionRow, job_id: str, draft: Mapping[str, Any], form: Mapping[str, Any]
    ) -> JobRow:
        """Note a preview, and end what it makes needless."""
        known = self._jobs.find(job_id)
        if known is not None and known.status == "cancelled" and (ending := self._end(job_id)):
            await asyncio.gather(ending, return_exceptions=True)  # its end must not be taken for that of the new one
        anew = known is not None and known.status == "completed" and not self.path(known).is_file()
        job, gone = await self._store.in_thread(self._jobs.add_preview, job_id, session.id, draft, form, anew=anew)
        for old in gone:
            self.path(old).unlink(missing_ok=True)
        for other_id, other in self._running.items():
            if other.preview_of == session.id and other_id != job_id:
                other.task.cancel()
        return job

    async def look(self, job: JobRow) -> JobRow:
        """An export as it stands now. One whose engine is gone is taken over and goes on here."""
        if not job.is_left or job.id in self._running:
            return job
        taken = await self._store.in_thread(self._jobs.take_over, job)
        if taken is None:
            return self._jobs.find(job.id) or job
        if taken.is_open:
            self._begin(taken)
        return taken

    def status(self, job: JobRow) -> tuple[float, float | None]:
        """The progress of an export (0–100), and the seconds left if it can be told."""
        running = self._running.get(job.id)
        if running is None or running.time_left is None:
            return job.progress, None
        left_s = running.time_left.look(running.progress, time.monotonic())
        return max(job.progress, round(100 * running.progress, 1)), left_s

    async def cancel(self, job: JobRow) -> None:
        """Stop an export, whoever runs it; one that is over stays as it is."""
        await self._store.in_thread(self._jobs.cancel, job.id)
        self._end(job.id)

    def _end(self, job_id: str) -> asyncio.Task[None] | None:
        """End what runs under an id here; gives its task."""
        running = self._running.get(job_id)
        if running is None:
            return None
        running.task.cancel()
        return running.task

    def path(self, job: JobRow, name: str = "") -> Path:
        """Where the film of an export is, or will be; or its `poster.jpg`, or the `clip.mp4` of its first seconds."""
        film = self._store.folder / "renders" / f"{job.key}.{job.output.get('format', 'mp4')}"
        return film.with_suffix(f".{name}") if name in _BESIDE else film

    def _begin(self, job: JobRow) -> None:
        task = asyncio.create_task(self._run(job))
        self._running[job.id] = _Running(task, job.session_id if job.is_preview else "")
        task.add_done_callback(lambda _: self._running.pop(job.id, None))
        if self._heartbeat is None or self._heartbeat.done():
            self._heartbeat = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        """Show that this engine lives as long as something runs, and stop what is no longer its to do."""
        while self._running:
            await asyncio.sleep(BEAT_S)
            progress = {job_id: 100 * running.progress for job_id, running in self._running.items()}
            try:
                for job_id in await self._store.in_thread(self._jobs.touch, progress):
                    self._end(job_id)
            except (sqlite3.Error, errors.DiskFull) as error:
                _log.warning("No sign of life could be given: %s", error)

    async def _run(self, job: JobRow) -> None:
        """Render, and note how it ended. A cancel comes from who has noted it, or leaves the export to another."""
        try:
            async with self._turn(job):
                if not await self._store.in_thread(self._jobs.begin, job.id):
                    return
                result = await self._render(job)
            if not await self._finish(job, "completed", 100.0, result=result):
                await asyncio.to_thread(self._drop_if_cancelled, job)
        except errors.NemoError as error:
            await self._finish(job, "failed", job.progress, message=f"{error.message} {error.hint}".strip())
        except Exception as error:
            await self._finish(job, "failed", job.progress, message="The engine failed inside; its log says how.")
            raise errors.EngineError("An export failed.") from error

    def _turn(self, job: JobRow) -> contextlib.AbstractAsyncContextManager[object]:
        """What an export waits for: others of its session; a preview waits for none, nor any for it."""
        return contextlib.nullcontext() if job.is_preview else self._turns.setdefault(job.session_id, asyncio.Lock())

    async def _finish(self, job: JobRow, status: str, progress: float, **more: Any) -> bool:
        return await self._store.in_thread(self._jobs.finish, job.id, status, progress, **more)

    def _drop_if_cancelled(self, job: JobRow) -> None:
        """Remove a film that nobody wants; one whose export was taken over is the other engine's as well."""
        now = self._jobs.find(job.id)
        if now is None or now.status == "cancelled":
            for name in ("", *_BESIDE):
                self.path(job, name).unlink(missing_ok=True)

    async def _heard(self, job: JobRow) -> None:
        """Wait until a film's songs were listened to: how loud they play depends on what was found, not on when."""
        if job.is_preview:
            return
        used = await asyncio.to_thread(uploads_in, job.draft)
        rows = [row for row in self._store.media(job.session_id) if row.hash in used and row.info["kind"] == "audio"]
        if waiting := self._analyses.of(rows):
            await asyncio.wait(waiting)

    async def _render(self, job: JobRow) -> dict[str, Any]:
        await self._heard(job)
        plan = await asyncio.to_thread(self.plan, job.session_id, job.draft, job.output)
        running = self._running[job.id]

        def tell(done: float) -> None:
            if running.time_left is None and done > _BEGUN:
                running.time_left = TimeLeft(time.monotonic(), done)
            running.progress = done

        cache, target = self._store.folder / "cache", self.path(job)
        who = self._store.session_user(job.session_id)
        used: set[Path] = set()
        pool = self._previews if job.is_preview else self._pool

        async def run(op: str, args: dict[str, Any], on_progress: OnProgress | None = None) -> dict[str, Any]:
            used.update(paths_in(args, cache))
            return await pool.run(op, args, on_progress, who=who)

        report = await render_film(
            plan,
            run=run,
            cache_dir=cache,
            out_path=target,
            on_progress=tell,
            poster_path=None if job.is_preview else self.path(job, "poster.jpg"),
            poster=poster_frame(job.draft, plan.frames, plan.output.fps),
            clip_path=None if job.is_preview else self.path(job, "clip.mp4"),
            made=await asyncio.to_thread(_provenance, job),
        )
        await asyncio.to_thread(mark_used, used)
        form, is_film = FORMATS[plan.output.format], not job.is_preview
        return {
            "width": plan.output.width if form.pictures else 0,
            "height": plan.output.height if form.pictures else 0,
            "size": report.bytes,
            "shots": report.shots,
            "rendered": report.shots_rendered,
            "poster": form.kind != "score" and is_film,
            "clip": form.kind == "video" and is_film,
        }

    def plan(self, session_id: str, draft: Mapping[str, Any], output: Mapping[str, Any]) -> FilmPlan:
        """What an export of a draft would render.

        Raises:
            NemoError: The draft or the output cannot be rendered.
        """
        plan = make_plan(draft, self._files(session_id), _output(draft, output))
        check(plan)
        return plan

    def _files(self, session_id: str) -> dict[str, MediaFile]:
        files = {}
        for row in self._store.media(session_id):
            info, heard = row.info, self._store.analysis(row.hash) or {}
            files[row.hash] = MediaFile(
                id=row.hash,
                path=self._store.media_path(row.hash),
                **{name: info[name] for name in ("kind", "width", "height", "has_audio", "rotation")},
                duration_ms=round(1000 * info["duration_s"]),
                lufs=heard.get("lufs"),
                beats_ms=tuple(round(1000 * beat_s) for beat_s in heard.get("beats_s", ())),
            )
        return files


def _provenance(job: JobRow) -> Provenance:
    known = Provenance.from_json(job.output.get("made")) or Provenance()
    return replace(known, draft_sha256=hash_of(job.draft))


def _output(draft: Mapping[str, Any], output: Mapping[str, Any]) -> Output:
    if output.get("preview") is True:
        return preview_for(draft)
    resolution = output.get("resolution")
    kind, quality = str(output.get("format") or "mp4"), str(output.get("quality") or "high")
    return output_for(draft, kind, quality, None if resolution is None else str(resolution))
