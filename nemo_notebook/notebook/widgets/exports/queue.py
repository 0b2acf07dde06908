"""Exports of one session: begun in their order, followed where nobody else does, and kept in a list.

Each is handed to the backend as soon as it is wished for, so that it is of the timeline as it was then, and is rendered
whatever becomes of this kernel; one that the backend has no room for waits here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.files import user_path
from nemo_notebook.notebook.widgets.exports.rows import Row, Wish, ordered, row_of, unused
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.project import AsyncSession
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Progress, Video

LISTED: Final = 50  # exports that are over

_TICK_S: Final = 0.25
# After so long without a word nobody follows an export. Who does tells of it at once, and then whenever it is asked
# for, which is more seldom where the backend is far away.
_BEGUN_S: Final = 1.0
_FOUND_S: Final = {True: 1.5, False: 12.0}
_TOLD_S: Final = {True: 5.0, False: 30.0}

_followed: Final[set[str]] = set()  # jobs that some queue of this process follows


class ExportQueue:
    """The exports of one session. All of it happens on the session's loop.

    An export that a cell waits for is the cell's. One that nobody tells of is followed and saved here; when somebody
    else begins to follow it, it is left to them.

    Args:
        session: The session.
        on_change: Called when a row is another one.
        on_progress: Told the key of a row and how far it is.
        on_trouble: Told what went wrong.
    """

    def __init__(
        self,
        session: AsyncSession,
        on_change: Callable[[], None],
        on_progress: Callable[[str, Progress], None],
        on_trouble: Callable[[Exception], None],
    ) -> None:
        self._session = session
        self._on_change = on_change
        self._on_progress = on_progress
        self._on_trouble = on_trouble
        self._rows: dict[str, Row] = {}
        self._posters: dict[str, bytes] = {}
        self._following: dict[str, asyncio.Task[None]] = {}  # by job
        self._due_s: dict[str, float] = {}  # job → when it is followed here, if nobody tells of it until then
        self._told: dict[str, Progress] = {}  # job → what was told of it last, by whomever
        self._own: dict[str, Progress] = {}  # job → what was told last by who follows it here
        self._room: int | None = None  # how many the backend takes at a time, once it has refused one
        self._meanwhile: dict[str, Job] | None = None  # what was begun while we begin one: it may be ours
        self._work: set[asyncio.Task[None]] = set()
        self._tending: asyncio.Task[None] | None = None

    @property
    def rows(self) -> list[Row]:
        """What is under way, in the order of its turns; then what is over, the newest first."""
        return ordered(self._rows.values())

    def poster(self, key: str) -> bytes:
        """The small picture of a film that was saved here; empty where there is none."""
        return self._posters.get(key, b"")

    def named(self, key: object) -> Row:
        """The row of that key.

        Raises:
            JobNotFound: It is not listed here.
        """
        row = self._rows.get(key) if isinstance(key, str) else None
        if row is None:
            raise errors.JobNotFound("That export is no longer listed here.")
        return row

    async def find(self) -> None:
        """List what the journal has; what was left open, perhaps by a kernel that is gone, is seen to its end."""
        journal = Journal()
        found = await asyncio.to_thread(journal.jobs, self._session.id, kind="render", only_open=True)
        found += await asyncio.to_thread(journal.jobs, self._session.id, kind="render", limit=LISTED)
        for job in sorted({job.id: job for job in found}.values(), key=lambda each: each.begun_s):
            if self._row_of(job.id) is None and not job.detail.get("hidden"):
                self._meet(job, _FOUND_S[self._session.backend.is_local])

    def add(self, wish: Wish) -> str:
        """Put an export at the end of the row; gives its key."""
        return self._put(Row(uuid.uuid4().hex, wish, "waiting")).key

    async def cancel(self, key: object) -> None:
        """Stop an export, whoever waits for it, or take it out of the row."""
        row = self.named(key)
        if row.state == "waiting":
            self._forget(row.key)
            return
        if not row.is_live:
            raise errors.UsageError("That export is over.", hint="There is nothing to stop.")
        was_queued = self._is_queued(row.key)
        self._put(replace(row, is_stopping=True))
        if row.state == "beginning":
            return  # it is stopped as soon as it has a name
        await self._cancel(row)
        if was_queued:  # nothing came of it: that is no history
            if task := self._following.get(row.job):
                task.cancel()
            self._forget(row.key)

    async def remove(self, key: object) -> None:
        """Take an export that is over out of the list, for good; its film stays where it is."""
        row = self.named(key)
        if row.is_live:
            raise errors.UsageError("That export is not over.", hint="Cancel it first.")
        await asyncio.to_thread(Journal().hide, row.job)
        self._posters.pop(row.key, None)
        self._forget(row.key)

    async def _cancel(self, row: Row) -> None:
        try:
            await self._session.cancel(row.job)
        except errors.NemoError:
            self._put(replace(self._rows.get(row.key, row), is_stopping=False))
            raise

    def retry(self, key: object) -> None:
        """Look again for what could not be followed; else put the same wish into the row once more."""
        row = self.named(key)
        if row.state == "left":
            self._put(replace(row, state="open", why="", hint=""))
            self._follow(row.job)
        elif not row.is_live:
            if row.state != "done":
                del self._rows[row.key]
                self._do(asyncio.to_thread(Journal().hide, row.job))
            self.add(row.wish)

    # What is told of the session

    def hear_progress(self, progress: Progress) -> None:
        """Somebody follows an export, perhaps we ourselves."""
        job_id = progress.job
        row = self._row_of(job_id)
        if row is None or not row.is_live:
            return
        task = self._following.get(job_id)
        if task and self._told.get(job_id) is not self._own.get(job_id):  # the last word was not ours
            task.cancel()
        self._told[job_id] = progress
        self._due_s[job_id] = _now_s() + _TOLD_S[self._session.backend.is_local]
        was_rendered = row.is_rendered
        self._rows[row.key] = row = replace(row, progress=progress)
        if row.state == "left":
            self._put(replace(row, state="open", why="", hint=""))
            self._tend()
        elif row.is_rendered and not was_rendered:
            self._changed()
        self._on_progress(row.key, progress)

    def hear_job(self, job: Job) -> None:
        """An export was begun, or has ended."""
        if job.kind != "render":
            return
        row = self._row_of(job.id)
        if row is None and self._meanwhile is not None:
            self._meanwhile[job.id] = job
        elif row is None:
            self._meet(job, _BEGUN_S)
        else:
            self._ended_elsewhere(job)
            self._put(row.met(job))

    def _ended_elsewhere(self, job: Job) -> None:
        task, own = self._following.get(job.id), self._own.get(job.id)
        if task and job.state == "done" and not (own and own.stage == "download"):
            task.cancel()  # another one has saved it: a second copy would be nobody's wish

    # The row

    def _row_of(self, job_id: str) -> Row | None:
        return next((row for row in self._rows.values() if job_id and row.job == job_id), None)

    def _meet(self, job: Job, patience_s: float) -> None:
        self._put(row_of(job))
        if job.is_open:
            self._due_s[job.id] = _now_s() + patience_s
            self._tend()

    def _put(self, row: Row) -> Row:
        self._rows[row.key] = row
        self._changed()
        return row

    def _changed(self) -> None:
        over = [row.key for row in self.rows if not row.is_live]
        for key in over[LISTED:]:
            self._posters.pop(key, None)
            del self._rows[key]
        self._on_change()
        if self._has_room():
            row = next((row for row in self._rows.values() if row.state == "waiting"), None)
            if row is not None:
                self._put(replace(row, state="beginning", begun_s=0.0))
                self._do(self._begin(row.key))

    def _has_room(self) -> bool:
        """Whether another one can be begun: one at a time, and no more than the backend takes."""
        states = [row.state for row in self._rows.values()]
        return "beginning" not in states and (self._room is None or states.count("open") < self._room)

    def _is_queued(self, key: str) -> bool:
        return any(row.is_queued for row in self.rows if row.key == key)

    def _forget(self, key: str) -> None:
        self._rows.pop(key, None)
        self._changed()

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def _begin(self, key: str) -> None:
        wish, self._meanwhile = self._rows[key].wish, {}
        try:
            target = await asyncio.to_thread(unused, user_path(wish.path)) if wish.path else None
            quality, size, preset = (each or None for each in (wish.quality, wish.resolution, wish.preset))
            job = await self._session.submit(
                target, format=wish.format, quality=quality, resolution=size, preset=preset
            )
        except Exception as error:
            begun, self._meanwhile = self._meanwhile, None
            if isinstance(error, errors.RateLimited) and self._wait(key):
                return
            self._put(self._rows[key].failed("failed", error))
            for other in begun.values():
                if other.is_open:  # it may have begun all the same
                    self._meet(other, _BEGUN_S)
            self._on_trouble(error)
            return
        begun, self._meanwhile = self._meanwhile, None
        self._begun(key, job, [each for each in begun.values() if each.id != job.id])

    def _wait(self, key: str) -> bool:
        """Put one that was refused back into the row, if room for it will come."""
        under_way = [row for row in self._rows.values() if row.state == "open"]
        if not under_way:
            return False
        self._room = len(under_way)
        if self._rows[key].is_stopping:
            self._forget(key)
        else:
            self._put(replace(self._rows[key], state="waiting"))
        return True

    def _begun(self, key: str, job: Job, others: Sequence[Job]) -> None:
        row = self._rows[key]
        known = self._row_of(job.id)
        if known is not None:  # the same film to the same place was left open: it is that one
            del self._rows[key]
            row = replace(known, is_stopping=row.is_stopping)
        row = self._put(row.met(job))
        for other in others:
            if other.target != job.target:  # a first try of ours has come to nothing: the second tells of both
                self._meet(other, _BEGUN_S)
        self._follow(job.id)
        if row.is_stopping:
            self._do(self._stop(row))

    async def _stop(self, row: Row) -> None:
        try:
            await self._cancel(row)
        except errors.NemoError as error:
            self._on_trouble(error)

    # Those that nobody follows

    def _tend(self) -> None:
        if self._tending is None or self._tending.done():
            self._tending = self._do(self._take_up())

    async def _take_up(self) -> None:
        while alone := [
            row.job for row in self._rows.values() if row.state == "open" and row.job not in self._following
        ]:
            for job_id in alone:
                if job_id not in _followed and self._due_s.get(job_id, 0.0) <= _now_s():
                    self._follow(job_id)
            await asyncio.sleep(_TICK_S)

    def _follow(self, job_id: str) -> None:
        if job_id in _followed:
            self._tend()
            return
        _followed.add(job_id)
        for words in (self._told, self._own):
            words.pop(job_id, None)
        self._following[job_id] = self._do(self._see_through(job_id))

    async def _see_through(self, job_id: str) -> None:
        def tell(progress: Progress) -> None:
            self._own[job_id] = progress

        try:
            video = await self._session.resume(job_id, on_progress=tell)
        except Exception as error:
            row = self._row_of(job_id)
            was_cancelled = isinstance(error, errors.RenderFailed) and error.was_cancelled
            if row is not None and isinstance(error, errors.DeadlineExceeded) and self._is_queued(row.key):
                return  # it is still to have its turn
            if row is not None and not was_cancelled:
                self._put(row.failed("left" if row.state == "open" else row.state, error))
            if not was_cancelled:
                self._on_trouble(error)
        else:
            assert isinstance(video, Video)
            row = self._row_of(job_id)
            if row is not None:
                self._posters[row.key] = video.poster
                self._put(row.saved(video))
        finally:
            _followed.discard(job_id)
            del self._following[job_id]
            self._due_s[job_id] = _now_s() + _TOLD_S[self._session.backend.is_local]
            self._tend()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
