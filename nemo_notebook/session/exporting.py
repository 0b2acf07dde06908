"""Exports: noted before they are submitted, followed to their end, saved when whole, and come back to by their id."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.client.service import RenderStatus
from nemo_notebook.film.draft import duration_ms, items, words
from nemo_notebook.film.provenance import hash_of
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import redact, strike
from nemo_notebook.session.core import Core, State
from nemo_notebook.session.following import GOING_ON, follow
from nemo_notebook.session.language.words import say
from nemo_notebook.session.made import made_of
from nemo_notebook.session.meter import Meter, OnProgress
from nemo_notebook.session.outputs import STILLS
from nemo_notebook.session.presets import Preset, check_length, choose_preset
from nemo_notebook.session.records import Job
from nemo_notebook.session.reshaping import reshaped, strongest_ms
from nemo_notebook.session.results import Video
from nemo_notebook.session.targets import choose_output, choose_target, kept_once, release, still_free, title_of

_SUBMITS: Final = 2
_LOOKS: Final = 2


class Exporter:
    """The exports of one session.

    Args:
        core: The session's shared middle.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._followers: Counter[str] = Counter()  # of exports
        self._saving: dict[str, asyncio.Lock] = {}
        self._saved: dict[tuple[str, Path], Path] = {}  # where films went, by their jobs and where they were to go

    async def begin(self, path: str | Path | None, output: Mapping[str, str | None], *, waits: bool) -> Job:
        """Submit an export, or find the one of the same film that was left; gives it with where the film goes.

        Args:
            path: Where the film is to go.
            output: What it is to be: `format`, `quality`, `resolution`, `preset`; what is not said is the preset's, or
                as usual.
            waits: Whether it is waited for. One that is not, and goes elsewhere, is a job of its own.

        Raises:
            NothingToExport: The timeline is empty.
            UsageError: There is no such form, or a film of this length is refused where the preset is for.
        """
        async with self._core.exporting:
            return await self._begin(path, output, waits=waits)

    async def _begin(self, path: str | Path | None, output: Mapping[str, str | None], *, waits: bool) -> Job:
        core = self._core
        preset = choose_preset(output.get("preset"))
        wanted = choose_output(path, output, preset)
        timeline = (await self.look()).timeline
        draft, notes = await asyncio.to_thread(_shaped, timeline, preset)
        others = await core.note(core.journal.jobs, kind="render", only_open=True)
        promised = {job.target for job in others if job.target is not None}
        title = core.name or title_of(timeline)
        title = f"{title} {preset.name}" if preset else title
        target = await asyncio.to_thread(choose_target, path, title, wanted["format"], promised)
        if target.resolve() in core.sources:
            raise errors.UsageError(f"{target.name} is one of your uploads.", hint="Name another path to export to.")
        film = hash_of([draft, wanted])
        detail: dict[str, Any] = {"target": str(target.absolute()), "film": film}
        detail["duration_s"] = duration_ms(draft) / 1000
        detail["draft"] = hash_of(timeline.draft)  # of which state of the timeline it is
        detail["output"] = {key: value for key, value in output.items() if value}
        if notes:
            detail["notes"] = list(notes)
        for job in others:
            is_it = job.session_id == core.id and job.detail.get("film") == film
            if is_it and (waits or job.target == target) and await self._still_there(job):
                if path is None and job.target is not None:  # it has its name
                    release(target)
                    detail["target"] = str(job.target)
                return await core.note(core.journal.settle, job, "open", **detail)
        return await self._submit(draft, wanted, detail)

    async def finish(self, job: Job, on_progress: OnProgress | None = None) -> Video:
        """Follow an export to its end and save the film.

        Raises:
            RenderFailed: It failed or was cancelled.
            DeadlineExceeded: It takes longer than it may; it can be come back to.
        """
        core = self._core
        on_progress = core.watched(on_progress)
        target = job.target
        if target is None:
            raise errors.JobNotFound(f"{job.id} is no export.")
        try:
            comes_back = f"`%nemo resume {job.id}` comes back to it."
            with self._followed(job):
                status = await follow(core, job.id, Meter("render", on_progress, job.id, target.name), comes_back)
        except (errors.RenderFailed, errors.JobNotFound, errors.SessionNotFound) as error:
            cancelled = isinstance(error, errors.RenderFailed) and error.was_cancelled
            await self._end(job, "cancelled" if cancelled else "failed")
            raise
        async with self._saving.setdefault(job.id, asyncio.Lock()):
            saved = self._saved.get((job.id, target)) if job.is_open else None
            # A panel and a cell may both have followed it: one of them saves it.
            target = saved or await self._save(job, target, status, on_progress)
        is_still = target.suffix.lower() in STILLS
        duration_s = 0.0 if is_still else float(job.detail.get("duration_s") or 0.0)
        return Video(
            target,
            strike(status.url),
            duration_s,
            status.width,
            status.height,
            poster=await self._ornament(status.poster_url),
            clip=await self._ornament(status.clip_url),
            notes=_notes(job),
            provenance=await asyncio.to_thread(made_of, target, core, job),
        )

    @contextlib.contextmanager
    def _followed(self, job: Job) -> Iterator[None]:
        """While an export is followed here; a tape learns when nobody does any more because all were stopped."""
        self._followers[job.id] += 1
        try:
            yield
        except asyncio.CancelledError:
            if self._followers[job.id] == 1:
                self._core.service.leave_render(job.id)
            raise
        finally:
            self._followers[job.id] -= 1

    async def _save(self, job: Job, target: Path, status: RenderStatus, on_progress: OnProgress | None) -> Path:
        """Save a film that is rendered; gives where it is."""
        core, wanted = self._core, target
        since_s = core.clock.machine_s(job.begun_s) if job.is_open else None
        target = await asyncio.to_thread(still_free, target, since_s)
        await self._download(job, target, status, on_progress)
        target = await asyncio.to_thread(kept_once, target, wanted)
        self._saved[job.id, wanted] = target
        await core.note(core.journal.settle, job, "done", target=str(target.absolute()))
        return target

    async def _download(self, job: Job, target: Path, status: RenderStatus, on_progress: OnProgress | None) -> None:
        core, saving = self._core, Meter("download", on_progress, job.id).bytes(target.name)
        try:
            await core.service.download(job.id, status.url, target, saving)
        except (errors.JobNotFound, errors.ProtocolError) as error:
            await self._end(job, "failed")  # rendered, but gone: no later look would find it
            error.hint = "Export again: the timeline is unchanged."
            raise

    async def cancel(self, job: Job) -> Job:
        """Stop an export at the service."""
        core = self._core
        with contextlib.suppress(errors.JobNotFound):  # it never began, so it cannot go on
            await core.service.cancel_render(job.id)
        return await self._end(job, "cancelled")

    async def _end(self, job: Job, state: str) -> Job:
        """Note that nothing comes of an export."""
        release(job.target)
        return await self._core.note(self._core.journal.settle, job, state)

    async def stands(self, job: Job) -> str:
        """How an export stands at the service, in a word or two; nothing where that cannot be told now."""
        try:
            status = await self._core.service.render_status(job.id)
        except errors.JobNotFound:
            return "unknown to the service"
        except errors.NemoError:
            return ""
        if status.status == "completed":
            return "ready to be saved"
        return (
            f"rendering {min(max(status.progress, 0), 100):.0f} %"
            if status.status == "processing"
            else redact(status.status, 20)
        )

    async def look(self) -> State:
        """The session as it is, with the timeline that would be exported now.

        Raises:
            NothingToExport: The timeline is empty.
            Conflict: It is not what the user has edited.
        """
        core = self._core
        try:
            state = await core.look()
        except errors.SessionNotFound as ended:
            await core.renew(ended)
            raise errors.NothingToExport("There is nothing to export yet: the session had ended.") from ended
        timeline = core.with_edits(state)
        if lost := core.told_lost():  # the film would not be what the user has edited
            raise errors.Conflict(lost, hint=say("export again", chinese=core.is_chinese))
        if not timeline.is_ready:
            raise errors.NothingToExport("There is nothing to export yet: the timeline is empty.")
        return replace(state, timeline=timeline)

    async def _still_there(self, job: Job) -> bool:
        """A left export, if the service still has it and it has not come to a bad end."""
        core = self._core
        try:
            status = await core.service.render_status(job.id)
        except errors.JobNotFound:
            await self._end(job, "failed")
            return False
        if status.status in GOING_ON or status.status == "completed":
            return True
        await self._end(job, "failed")
        return False

    async def _submit(self, draft: Mapping[str, Any], output: Mapping[str, str], detail: Mapping[str, Any]) -> Job:
        """Submit, and once more under a new id if the first try came to nothing."""
        core = self._core
        title = Path(str(detail["target"])).name
        for attempt in range(1, _SUBMITS + 1):
            job = await core.note(core.journal.begin, "render", core.id, title, detail, core.service.new_render_id())
            try:
                await core.service.submit_render(core.id, draft, output, job.id)
            except (errors.NetworkError, errors.ServiceError) as error:
                taken = await self._was_taken(job) if error.may_have_acted else False
                if taken:
                    return job
                if taken is None:
                    error.hint = f"It may have begun all the same: `%nemo resume {job.id}` looks."
                    raise
                await self._end(job, "failed")
                again = isinstance(error, errors.NetworkError) or _failed_inside(error)
                if not again or attempt == _SUBMITS:
                    raise
            except errors.NemoError:
                await self._end(job, "failed")
                raise
            else:
                return job
        raise AssertionError("unreachable")

    async def _was_taken(self, job: Job) -> bool | None:
        """Whether the service knows an export though its answer was lost; None if that cannot be told now."""
        for _ in range(_LOOKS):
            try:
                await self._core.service.render_status(job.id)
            except errors.JobNotFound:
                await self._core.clock.sleep(
                    settings.backoff_s()
                )  # what was just submitted may be known a little later
            except errors.NemoError:
                return None
            else:
                return True
        return False

    async def _ornament(self, url: str) -> bytes:
        """A poster or a clip; empty where there is none, as the film is there without it."""
        try:
            return await self._core.service.fetch_small(url) if url else b""
        except errors.NemoError:
            return b""


def _notes(job: Job) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words(note) for note in items(job.detail.get("notes"))))


def _shaped(timeline: Timeline, preset: Preset | None) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """What is exported of a timeline, and what there is to say of that."""
    if preset is None:
        return timeline.draft, ()
    notes = check_length(preset, timeline.duration_s)
    start_ms = strongest_ms(timeline, 1000 * preset.longest_s) if preset.longest_s else 0.0
    return reshaped(timeline.draft, preset, start_ms), notes


def _failed_inside(error: errors.NemoError) -> bool:
    """Whether the service failed at a request that it would otherwise have taken."""
    return type(error) in {errors.ServiceError, errors.ProtocolError} or isinstance(error, errors.RateLimited)
