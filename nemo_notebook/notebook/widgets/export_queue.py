"""The export queue of a session: its rows, their order, and the follow-up of jobs that nobody else follows.

Each export is submitted as soon as the backend has room, so that it shows the timeline of that moment and is rendered
whatever becomes of this kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from nemo_notebook import errors, media_types
from nemo_notebook.files import user_path
from nemo_notebook.notebook.widgets.part import problem
from nemo_notebook.notebook.widgets.served_files import kind_of, relative_path
from nemo_notebook.outside import finite, redact
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.presets import EXPORT_FORMATS, EXPORT_QUALITIES, PRESETS, RESOLUTIONS
from nemo_notebook.session.project import AsyncSession
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Progress, Video

_LIVE: Final = frozenset({"waiting", "beginning", "open", "left"})  # what may still become a film

_NAME_CHARS: Final = 200


class ExportRequest(msgspec.Struct, frozen=True):
    """What an export is to be.

    Attributes:
        name: The file's name or path, as it was typed; empty for one made from the title.
        format: The file type.
        quality: How finely it is encoded; empty for the usual.
        resolution: The picture's size; empty for the timeline's own, or the preset's.
        preset: The platform that it is for; empty for none.
    """

    name: Annotated[str, msgspec.Meta(max_length=_NAME_CHARS, pattern=r"^[^\0]*$")]
    format: str = "mp4"
    quality: str = "high"
    resolution: str = ""
    preset: str = ""

    def __post_init__(self) -> None:
        choices = (("quality", EXPORT_QUALITIES), ("resolution", RESOLUTIONS), ("preset", PRESETS))
        if self.format not in EXPORT_FORMATS or any(
            getattr(self, key) not in ("", *allowed) for key, allowed in choices
        ):
            raise ValueError("There is no such form.")

    @property
    def path(self) -> Path | None:
        """Where it goes, with the ending of its format; None for a name that is yet to be made."""
        name = self.name.strip()
        if not name:
            return None
        return Path(name if media_types.extension(name) in EXPORT_FORMATS else f"{name}.{self.format}")


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export.

    Attributes:
        key: What pages call it by.
        request: What it is to be.
        state: `waiting` until the backend has room, `beginning`, `open`, `left` (open, but it cannot be followed now),
            `done`, `failed` or `cancelled`.
        job: What the journal calls it; empty before it has begun.
        target: Where it goes, once that is known.
        begun_s: When it was begun, in seconds since 1970.
        progress: How far it is.
        is_queued: Whether the backend renders another one first.
        is_stopping: Whether it was cancelled, and the end is yet to be seen.
        duration_s: Its length; 0 where there is none or it is not known.
        width: Pixels across, likewise.
        height: Pixels down, likewise.
        has_poster: Whether there is a small picture of it.
        notes: What else is to be said of it, a sentence each.
        why: What went wrong.
        hint: What to do then.
    """

    key: str
    request: ExportRequest
    state: str
    job: str = ""
    target: Path | None = None
    begun_s: float = 0.0
    progress: Progress | None = None
    is_queued: bool = False
    is_stopping: bool = False
    duration_s: float = 0.0
    width: int = 0
    height: int = 0
    has_poster: bool = False
    notes: tuple[str, ...] = ()
    why: str = ""
    hint: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it may still become a film."""
        return self.state in _LIVE

    @property
    def is_rendered(self) -> bool:
        """Whether some of it is rendered."""
        return self.progress is not None and (self.progress.done > 0 or self.progress.stage != "render")

    def met(self, job: Job) -> ExportRow:
        """The same with what the journal knows of it."""
        duration_s = finite(job.detail.get("duration_s")) or 0.0
        notes = job.detail.get("notes")
        return replace(
            self,
            job=job.id,
            state=job.state,
            target=job.target or self.target,
            begun_s=job.begun_s,
            duration_s=self.duration_s or duration_s,
            is_stopping=self.is_stopping and job.is_open,
            notes=tuple(redact(str(each)) for each in notes) if isinstance(notes, list) else (),
        )

    def saved(self, video: Video) -> ExportRow:
        """The same with the film that came of it."""
        done = replace(self, state="done", target=video.path, has_poster=bool(video.poster), why="", hint="")
        return replace(done, width=video.width, height=video.height, duration_s=video.duration)

    def failed(self, state: str, error: Exception) -> ExportRow:
        """The same with what went wrong."""
        told = problem(error)
        return replace(self, state=state, why=told["error"], hint=told["hint"], is_stopping=False)

    def told(self) -> dict[str, Any]:
        """What pages are told of it."""
        path = self.target or self.request.path
        name = path.name if path else ""
        size_bytes = _size(self.target) if self.state == "done" else 0
        own = "key job is_stopping duration_s width height has_poster why hint".split()
        return {
            **{key: getattr(self, key) for key in own},
            **{key: getattr(self.request, key) for key in ("format", "quality", "preset")},
            **progress_told(self.progress),
            "name": redact(name, _NAME_CHARS),
            "near": relative_path(self.target) if self.target and size_bytes else "",
            "kind": kind_of(name or self.request.format),
            "state": "waiting" if self.is_queued else self.state,
            "is_gone": self.state == "done" and not size_bytes,
            "at_s": self.begun_s,
            "size_bytes": size_bytes,
            "notes": " ".join(self.notes),
        }


def progress_told(progress: Progress | None) -> dict[str, Any]:
    """How far something is, as pages are told."""
    if progress is None:
        return {"stage": "render", "done": 0.0, "left_s": None}
    left_s = None if progress.left_s is None else round(progress.left_s, 1)
    return {"stage": progress.stage, "done": round(progress.done, 3), "left_s": left_s}


def row_of(job: Job) -> ExportRow:
    """A row for an export that the journal knows, with as much as it knows of what was wished for."""
    ending = media_types.extension(job.target.name) if job.target else ""
    request = ExportRequest(
        relative_path(job.target) if job.target else "", ending if ending in EXPORT_FORMATS else "mp4", quality=""
    )
    noted = job.detail.get("output")
    if isinstance(noted, dict):
        with contextlib.suppress(msgspec.ValidationError):  # noted by a version that had others to choose from
            form = {"quality": "", **noted, "name": request.name, "format": request.format}
            request = msgspec.convert(form, ExportRequest)
    return ExportRow(job.id, request, job.state).met(job)


def unused_path(path: Path) -> Path:
    """The path itself, or one beside it that nothing has: `film.mp4`, `film-2.mp4`, …"""
    free, number = path, 1
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path is not None and path.is_file() else 0
    except OSError:
        return 0


LISTED: Final = 50  # exports that are over

# After so long without a word an export is followed here. Whoever follows one tells of it at once, and then whenever
# the backend is asked, which is more seldom where that is far away.
_FOUND_S: Final = {True: 1.5, False: 12.0}
_TOLD_S: Final = {True: 5.0, False: 30.0}


class ExportQueue:
    """The exports of one session. All of it happens on the session's loop.

    An export that somebody tells of, such as a cell that waits for it, is left to them; one that nobody tells of is
    followed and saved here.

    Args:
        session: The session.
        on_change: Called when a row is another one.
        on_progress: Told the key of a row and how far it is.
        on_trouble: Told what went wrong.

    Attributes:
        posters: The small pictures of films that were saved here, by the keys of their rows.
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
        self._rows: dict[str, ExportRow] = {}
        self.posters: dict[str, bytes] = {}
        self._following: dict[str, asyncio.Task[None]] = {}  # by job
        self._due_s: dict[str, float] = {}  # job → when it is followed here, if nobody tells of it until then
        self._room: int | None = None  # how many the backend takes at a time, once it has refused one
        self._beginning: asyncio.Task[None] | None = None
        self._begun: Job | None = None  # what that task has begun
        self._work: set[asyncio.Task[None]] = set()

    @property
    def rows(self) -> list[ExportRow]:
        """What is under way, in the order of its turns; then what is over, the newest first."""
        live: list[ExportRow] = []
        over: list[ExportRow] = []
        for row in self._rows.values():
            is_queued = row.state == "open" and not row.is_rendered and any(each.state == "open" for each in live)
            (live if row.is_live else over).append(replace(row, is_queued=is_queued))
        return [*live, *sorted(over, key=lambda row: row.begun_s, reverse=True)]

    def named(self, key: str) -> ExportRow:
        """The row of that key.

        Raises:
            JobNotFound: It is not listed here.
        """
        if key not in self._rows:
            raise errors.JobNotFound("That export is no longer listed here.")
        return self._rows[key]

    async def find(self) -> None:
        """List what the journal has; what was left open, perhaps by a kernel that is gone, is seen to its end."""
        found = await asyncio.to_thread(Journal().jobs, self._session.id, kind="render", limit=LISTED)
        for job in reversed(found):  # the oldest first
            if self._row_of(job.id) is None and not job.detail.get("hidden"):
                self._list(job)

    def add(self, request: ExportRequest) -> str:
        """Put an export at the end of the row; gives its key."""
        return self._put(ExportRow(uuid.uuid4().hex, request, "waiting")).key

    async def cancel(self, key: str) -> None:
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
        try:
            await self._session.cancel(row.job)
        except errors.NemoError:
            self._put(replace(self._rows.get(row.key, row), is_stopping=False))
            raise
        if was_queued:  # nothing came of it: that is no history
            if task := self._following.get(row.job):
                task.cancel()
            self._forget(row.key)

    async def remove(self, key: str) -> None:
        """Take an export that is over out of the list, for good; its film stays where it is."""
        row = self.named(key)
        if row.is_live:
            raise errors.UsageError("That export is not over.", hint="Cancel it first.")
        await asyncio.to_thread(Journal().hide, row.job)
        self._forget(row.key)

    def retry(self, key: str) -> None:
        """Look again for what could not be followed; else put the same request into the row once more."""
        row = self.named(key)
        if row.state == "left":
            self._put(replace(row, state="open", why="", hint=""))
            self._follow(row.job)
        elif not row.is_live:
            if row.state != "done":
                del self._rows[row.key]
                self._do(asyncio.to_thread(Journal().hide, row.job))
            self.add(row.request)

    # What is told of the session

    def hear_progress(self, progress: Progress) -> None:
        """Somebody follows an export, perhaps we ourselves."""
        row = self._row_of(progress.job)
        if row is None or not row.is_live:
            return
        self._due_s[row.job] = _now_s() + _TOLD_S[self._session.backend.is_local]
        told = replace(row, progress=progress, state="open", why="", hint="")
        self._rows[row.key] = told
        if row.state == "left" or told.is_rendered > row.is_rendered:
            self._changed()
        if row.state == "left":
            self._follow(row.job, self._due_s[row.job])
        self._on_progress(row.key, progress)

    def hear_job(self, job: Job) -> None:
        """An export was begun, or has ended."""
        if job.kind != "render":
            return
        row = self._row_of(job.id)
        if row is not None:
            self._put(row.met(job))
        elif self._beginning is not None and asyncio.current_task() is self._beginning:
            self._begun = job
        else:
            self._list(job)

    # The row

    def _row_of(self, job_id: str) -> ExportRow | None:
        return next((row for row in self._rows.values() if job_id and row.job == job_id), None)

    def _list(self, job: Job) -> None:
        """Put a job into the list that was begun elsewhere; whoever has begun it is likely to follow it."""
        self._put(row_of(job))
        if job.is_open:
            self._follow(job.id, _now_s() + _FOUND_S[self._session.backend.is_local])

    def _put(self, row: ExportRow) -> ExportRow:
        self._rows[row.key] = row
        self._changed()
        return row

    def _changed(self) -> None:
        over = [row.key for row in self.rows if not row.is_live]
        for key in over[LISTED:]:
            del self._rows[key]
        self.posters = {key: poster for key, poster in self.posters.items() if key in self._rows}
        self._on_change()
        if self._has_room():
            row = next((row for row in self._rows.values() if row.state == "waiting"), None)
            if row is not None:
                self._put(replace(row, state="beginning", begun_s=0.0))
                self._beginning = self._do(self._begin(row.key))

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
        request, self._begun = self._rows[key].request, None
        try:
            target = await asyncio.to_thread(unused_path, user_path(request.path)) if request.path else None
            quality, size, preset = (each or None for each in (request.quality, request.resolution, request.preset))
            job = await self._session.submit(
                target, format=request.format, quality=quality, resolution=size, preset=preset
            )
        except Exception as error:
            if isinstance(error, errors.RateLimited) and self._wait(key):
                return
            row, begun = self._rows[key], self._begun
            row = replace(row, job=begun.id, target=begun.target) if begun else row
            self._put(row.failed("left" if begun and begun.is_open else "failed", error))  # it may have begun
            self._on_trouble(error)
            return
        row = self._rows[key]
        if known := self._row_of(job.id):  # the same film to the same place was left open: it is that one
            del self._rows[key]
            row = replace(known, is_stopping=row.is_stopping)
        self._put(row.met(job))
        self._follow(job.id)
        if row.is_stopping:
            try:
                await self.cancel(row.key)
            except errors.NemoError as error:
                self._on_trouble(error)

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

    # Those that nobody else follows

    def _follow(self, job_id: str, due_s: float = 0.0) -> None:
        """Follow an export to its end, unless somebody else does."""
        self._due_s[job_id] = due_s
        if job_id not in self._following:
            self._following[job_id] = self._do(self._see_through(job_id))

    async def _see_through(self, job_id: str) -> None:
        try:
            while (left_s := self._due_s[job_id] - _now_s()) > 0:  # noqa: ASYNC110 - it is put off time and again
                await asyncio.sleep(left_s)
            if (row := self._row_of(job_id)) and row.state == "open":
                video = await self._session.resume(job_id)
                assert isinstance(video, Video)
                if row := self._row_of(job_id):
                    self.posters[row.key] = video.poster
                    self._put(row.saved(video))
        except Exception as error:
            self._lose(job_id, error)
        finally:
            del self._following[job_id]

    def _lose(self, job_id: str, error: Exception) -> None:
        """An export cannot be followed to a film."""
        row = self._row_of(job_id)
        if isinstance(error, errors.RenderFailed) and error.was_cancelled:
            return
        if row is not None and isinstance(error, errors.DeadlineExceeded) and self._is_queued(row.key):
            again_s = _now_s() + _TOLD_S[self._session.backend.is_local]  # it is still to have its turn
            asyncio.get_running_loop().call_soon(self._follow, job_id, again_s)
            return
        if row is not None:
            self._put(row.failed("left" if row.state == "open" else row.state, error))
        self._on_trouble(error)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
