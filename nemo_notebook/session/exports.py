"""Exports: reshaped for a platform, noted before they are submitted, polled to their end, and saved when whole."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.client.service import RenderStatus
from nemo_notebook.film.dialect import EditedDraft
from nemo_notebook.film.draft import Part, editable, on_frame, to_frame, to_ms
from nemo_notebook.film.model import clean_prompt
from nemo_notebook.film.provenance import Provenance, hash_of, provenance
from nemo_notebook.film.timeline import SoundAnalysis, Timeline
from nemo_notebook.film.tracks import Json, Segment, duration_ms, items, meta_of, words
from nemo_notebook.outside import finite, redact, strike
from nemo_notebook.session.core import Core, SessionPart, SessionState
from nemo_notebook.session.language import say
from nemo_notebook.session.presets import STILLS, Preset, check_duration, choose_preset
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import ReportProgress, StageMeter, Video
from nemo_notebook.session.targets import choose_output, choose_target, drop_duplicate, release, still_free, title_of

GOING_ON: Final = frozenset({"pending", "processing", "queued", "unknown"})
"""What a service says of a render that has not ended."""

_POLL_GROWTH: Final = {True: 1.15, False: 1.5}  # by whether the backend is on this machine
_POLL_MISSES: Final = 5
_POLL_MAX_S: Final = {True: 1.0, False: 10.0}


async def follow(
    core: Core, render_id: str, tell: StageMeter, comes_back: str, pauses_s: tuple[float, float] | None = None
) -> RenderStatus:
    """Poll a render with backoff until it is done.

    Args:
        core: Whose it is.
        render_id: What it is called.
        tell: Told how far it is.
        comes_back: The hint for coming back to a render that is no longer polled, a sentence.
        pauses_s: First and longest wait between polls, in seconds; those of exports if None.

    Raises:
        RenderFailed: It failed or was cancelled.
        DeadlineExceeded: It takes longer than it may.
    """
    deadline_s = core.clock.monotonic_s() + settings.EXPORT_TIMEOUT_S
    is_local = core.backend.is_local
    pause_s, most_s = pauses_s or (min(settings.poll_s(), 0.05 if is_local else math.inf), _POLL_MAX_S[is_local])
    misses = without_address = 0
    tell.at(0.0)
    while core.clock.monotonic_s() < deadline_s:
        try:
            status = await core.service.render_status(render_id)
        except (errors.NetworkError, errors.ServiceError) as error:
            misses += 1  # the render goes on, whatever a single look at it says
            if misses > _POLL_MISSES:
                if not isinstance(error, (errors.JobNotFound, errors.SessionNotFound)):
                    error.hint = f"The export goes on: {comes_back}"
                raise
        else:
            misses = 0
            without_address += status.status == "completed" and not status.url
            if status.status == "completed" and (status.url or without_address > _POLL_MISSES):
                tell.at(1.0)
                return status  # without an address, the service itself may have the file
            if status.status not in {*GOING_ON, "completed"}:
                raise _bad_end(status)
            tell.at(status.progress / 100, left_s=status.eta_s)
        await core.clock.sleep(pause_s)
        pause_s = min(pause_s * _POLL_GROWTH[is_local], most_s)
    raise errors.DeadlineExceeded("The export took too long.", hint=f"It goes on: {comes_back}")


def _bad_end(status: RenderStatus) -> errors.RenderFailed:
    reason = f": {redact(status.message)}" if status.message else "."
    was_cancelled = status.status in {"cancelled", "canceled"}
    words = "The export was cancelled." if was_cancelled else f"The export ended as {redact(status.status, 40)}{reason}"
    error = errors.RenderFailed(words)
    error.was_cancelled = was_cancelled
    return error


_MOST: Final = 1000  # turns and uploads of a session


def provenance_of(path: Path, core: Core, job: Job) -> Provenance | None:
    """What a film was made of; None where that cannot be told. Reads the file and the journal: call it in a thread.

    A service in the cloud writes no record, and its films are left as they are. Of those it is known what was uploaded,
    and said before the export, including what was taken back later.

    Args:
        path: The film.
        core: Whose it is.
        job: The export.
    """
    try:
        return provenance(path) or _noted(path, core, job)
    except errors.NemoError:
        return None  # an ornament: the film is there


def _noted(path: Path, core: Core, job: Job) -> Provenance:
    def before(kind: str) -> list[Job]:
        jobs = core.journal.jobs(job.session_id, kind=kind, limit=_MOST)[::-1]
        return [each for each in jobs if each.state == "done" and each.begun_s <= job.begun_s]

    uploads = [
        (each.title, str(each.detail.get("sha256") or each.detail.get("hash") or "")) for each in before("upload")
    ]
    asked = job.detail.get("output")
    form = {"format": path.suffix.lstrip(".").lower(), **(asked if isinstance(asked, dict) else {})}
    return Provenance(
        skill=core.skill.name,
        media=tuple(uploads),
        prompts=tuple(clean_prompt(str(each.detail.get("said") or each.title)) for each in before("turn")),
        draft_sha256=str(job.detail.get("draft") or ""),
        output=tuple((str(name), str(value)) for name, value in form.items()),
    )


_LOOP_MS: Final = 500
_FADES: Final = ("fade_in_ms", "fade_out_ms")
_OF_A_FILE: Final = frozenset({"clip", "song", "speech"})  # roles whose segments begin somewhere in a file


def reshaped(draft: Json, preset: Preset, start_ms: float = 0.0) -> dict[str, Any]:
    """A draft as a platform takes it; the draft itself stays as it is.

    The canvas is the platform's. Pictures fill one that is not wide, where nothing was said of that; a film that is cut
    to length there is cut. The keys are those that the local engine reads (see `film/tracks.py`): a service that
    knows others renders its own form.

    Args:
        draft: Any draft.
        preset: For which platform.
        start_ms: Where the part begins that is kept, if a part is.
    """
    made = dict(draft)
    whole_ms, longest_ms = duration_ms(draft), 1000 * (preset.longest_s or 0.0)
    if preset.if_longer == "cut" and whole_ms > longest_ms:
        made = excerpt(draft, on_frame(max(0.0, min(start_ms, whole_ms - longest_ms))), longest_ms)
    meta = {**meta_of(made), "width": preset.width, "height": preset.height}
    if preset.width <= preset.height and not meta.get("fit"):
        meta["fit"] = "crop"
    if preset.loops:
        meta = {key: value for key, value in meta.items() if key not in _FADES}
        meta.setdefault("loop_ms", _LOOP_MS)
    made["m"] = meta
    return made


def excerpt(draft: Json, start_ms: float, length_ms: float) -> dict[str, Any]:
    """A part of a film: what lies outside is left out, what reaches out of it is cut, every other key is kept."""
    film = editable(draft)
    edited = None if film.is_form_of(draft) else EditedDraft(draft, film)
    begin, end = to_frame(start_ms), to_frame(start_ms + length_ms)
    for track in film["t"]:
        track["sg"] = [part for part in track["sg"] if part.first < end and part.last > begin]
        for part in track["sg"]:
            first, last = max(part.first, begin), min(part.last, end)
            if isinstance(part.get("m"), dict):
                _cut_within(part, first - part.first, part.last - last, is_first=first == begin)
            part.place(first - begin, last - begin)
    poster_ms = finite(film.meta.get("poster_ms"))
    if poster_ms is not None:
        film.meta["poster_ms"] = max(0.0, poster_ms - start_ms)
    film.measure()
    return edited.written() if edited else dict(film)


def strongest_ms(timeline: Timeline, length_ms: float) -> float:
    """Where the part of a film begins that stands for it best.

    That is the shot which holds its poster, else where it is loudest for so long, on a bar; else its beginning.
    """
    poster_ms = finite(meta_of(timeline.draft).get("poster_ms"))
    if poster_ms is not None and poster_ms >= 0:
        starts = (s.start_ms for track in timeline.tracks if track.kind == "video" for s in track.segments)
        return max((start for start in starts if poster_ms - length_ms < start <= poster_ms), default=poster_ms)
    heard = (s for track in timeline.tracks if track.kind == "audio" for s in track.segments if s.volume != 0)
    latest_ms = 1000 * timeline.duration_s - length_ms
    found = (_loudest_ms(segment, timeline.sounds.of(segment), length_ms, latest_ms) for segment in heard)
    return next((start for start in found if start is not None), 0.0)


def _loudest_ms(segment: Segment, sound: SoundAnalysis | None, length_ms: float, latest_ms: float) -> float | None:
    """Where on the timeline a sound is loudest for so long, from a bar on; None where that is not known."""
    if sound is None or not sound.peaks or sound.duration_ms <= 0:
        return None
    earlier_ms = (finite(meta_of(segment.raw).get("in_ms")) or 0.0) - segment.start_ms
    step_ms = sound.duration_ms / len(sound.peaks)
    window = max(1, round(length_ms / step_ms))
    places = [at for at in range(len(sound.peaks) - window + 1) if 0 <= at * step_ms - earlier_ms <= latest_ms]
    if not places:
        return None
    wanted_ms = max(places, key=lambda at: sum(sound.peaks[at : at + window])) * step_ms - earlier_ms
    bars = (bar - earlier_ms for bar in sound.downbeats_ms if 0 <= bar - earlier_ms <= latest_ms)
    return min(bars, key=lambda bar: abs(bar - wanted_ms), default=wanted_ms)


def _cut_within(part: Part, head: int, tail: int, *, is_first: bool) -> None:
    """What a segment's metadata says of a beginning or an end of so many frames that is cut off."""
    if head > 0 and part.meta.get("role") in _OF_A_FILE:
        part.meta["in_ms"] = part.in_ms + round(to_ms(head) * part.speed)
    if is_first:
        part.meta.pop("transition", None)  # there is nothing before it any more
    for key, frames in zip(_FADES, (head, tail), strict=True):
        if frames > 0:
            part.meta.pop(key, None)


_SUBMITS: Final = 2
_LOOKS: Final = 2


class ExportPart(SessionPart):
    """The exports of one session."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._saving = asyncio.Lock()
        self._saved: dict[tuple[str, Path], Path] = {}  # where films went, by their jobs and where they were to go

    async def export(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str | None = None,
        resolution: str | None = None,
        preset: str | None = None,
        on_progress: ReportProgress | None = None,
    ) -> Video:
        """Render the timeline and save it. An export of the same film that was left before is come back to.

        Args:
            path: Where to; without one, a free name made from the title, in the working directory.
            format: File type; without one, the path's ending, else mp4.
            quality: `low`, `medium` or `high`; without one, the preset's, else `high`.
            resolution: `720p`, `1080p` or `4k`; without one, the timeline's own.
            preset: For which platform, by a name in `session/presets.py`, such as `tiktok`: a copy of the timeline is
                given its shape and, where it must be, its length. A cloud backend gets the same fields of the draft as
                the local engine; whether it heeds them is its own matter.
            on_progress: Told how far it is.

        Raises:
            NothingToExport: The timeline is empty.
            UsageError: There is no such form, or the platform would refuse a film of this length.
            RenderFailed: The render failed or was cancelled.
        """
        output = {"format": format, "quality": quality, "resolution": resolution, "preset": preset}
        async with self._core.exporting:
            job = await self._begin_export(path, output, waits=True)
        return await self._finish_export(job, on_progress)

    async def submit(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the name that users type
        quality: str | None = None,
        resolution: str | None = None,
        preset: str | None = None,
    ) -> Job:
        """Begin an export as `export` does, without waiting for it; `resume` saves it later."""
        output = {"format": format, "quality": quality, "resolution": resolution, "preset": preset}
        async with self._core.exporting:
            return await self._begin_export(path, output, waits=False)

    async def _begin_export(self, path: str | Path | None, output: Mapping[str, str | None], *, waits: bool) -> Job:
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
        core = self._core
        preset = choose_preset(output.get("preset"))
        wanted = choose_output(path, output, preset)
        timeline = (await self._look_to_export()).timeline
        draft, notes = await asyncio.to_thread(_shaped, timeline, preset)
        others = await core.note(core.journal.jobs, kind="render", only_open=True)
        promised = {job.target for job in others if job.target is not None}
        title = core.name or title_of(timeline)
        title = f"{title} {preset.name}" if preset else title
        target = await asyncio.to_thread(choose_target, path, title, wanted["format"], promised)
        if target.resolve() in core.sources:
            raise errors.UsageError(f"{target.name} is one of your uploads.", hint="Name another path to export to.")
        film = hash_of([draft, wanted])
        detail: dict[str, Any] = {
            "target": str(target.absolute()),
            "film": film,
            "duration_s": duration_ms(draft) / 1000,
            "draft": hash_of(timeline.draft),  # of which state of the timeline it is
            "output": {key: value for key, value in output.items() if value},
            "notes": list(notes),
        }
        for job in others:
            is_it = job.session_id == core.id and job.detail.get("film") == film
            if is_it and (waits or job.target == target) and await self._still_there(job):
                if path is None and job.target is not None:  # it has its name
                    release(target)
                    detail["target"] = str(job.target)
                return await core.note(core.journal.settle, job, "open", **detail)
        return await self._submit(draft, wanted, detail)

    async def _finish_export(self, job: Job, on_progress: ReportProgress | None = None) -> Video:
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
        meter = StageMeter("render", on_progress, job.id, target.name)
        try:
            status = await follow(core, job.id, meter, f"`%nemo resume {job.id}` comes back to it.")
        except (errors.RenderFailed, errors.JobNotFound, errors.SessionNotFound) as error:
            cancelled = isinstance(error, errors.RenderFailed) and error.was_cancelled
            await self._end(job, "cancelled" if cancelled else "failed")
            raise
        async with self._saving:
            saved = self._saved.get((job.id, target)) if job.is_open else None
            # A panel and a cell may both have followed it: one of them saves it.
            target = saved or await self._save(job, target, status, on_progress)
        is_still = target.suffix.lower() in STILLS
        return Video(
            target,
            strike(status.url),
            0.0 if is_still else float(job.detail.get("duration_s") or 0.0),
            status.width,
            status.height,
            poster=await self._ornament(status.poster_url),
            clip=await self._ornament(status.clip_url),
            notes=tuple(dict.fromkeys(words(note) for note in items(job.detail.get("notes")))),
            provenance=await asyncio.to_thread(provenance_of, target, core, job),
        )

    async def _save(self, job: Job, target: Path, status: RenderStatus, on_progress: ReportProgress | None) -> Path:
        """Save a film that is rendered; gives where it is."""
        core, wanted = self._core, target
        since_s = core.clock.machine_s(job.begun_s) if job.is_open else None
        target = await asyncio.to_thread(still_free, target, since_s)
        saving = StageMeter("download", on_progress, job.id).bytes(target.name)
        try:
            await core.service.download(job.id, status.url, target, saving)
        except (errors.JobNotFound, errors.ProtocolError) as error:
            await self._end(job, "failed")  # rendered, but gone: no later look would find it
            error.hint = "Export again: the timeline is unchanged."
            raise
        target = await asyncio.to_thread(drop_duplicate, target, wanted)
        self._saved[job.id, wanted] = target
        await core.note(core.journal.settle, job, "done", target=str(target.absolute()))
        return target

    async def _cancel_export(self, job: Job) -> Job:
        """Stop an export at the service."""
        core = self._core
        with contextlib.suppress(errors.JobNotFound):  # it never began, so it cannot go on
            await core.service.cancel_render(job.id)
        return await self._end(job, "cancelled")

    async def _end(self, job: Job, state: str) -> Job:
        """Settle an export that gives no film."""
        release(job.target)
        return await self._core.note(self._core.journal.settle, job, state)

    async def _export_state(self, job: Job) -> str:
        """How an export stands at the service, in a word or two; nothing where that cannot be told now."""
        try:
            status = await self._core.service.render_status(job.id)
        except errors.JobNotFound:
            return "unknown to the service"
        except errors.NemoError:
            return ""
        if status.status == "processing":
            return f"rendering {min(max(status.progress, 0), 100):.0f} %"
        return "ready to be saved" if status.status == "completed" else redact(status.status, 20)

    async def _look_to_export(self) -> SessionState:
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
        if lost := core.take_lost_notice():  # the film would not be what the user has edited
            raise errors.Conflict(lost, hint=say("export again", chinese=core.is_chinese))
        if not timeline.is_ready:
            raise errors.NothingToExport("There is nothing to export yet: the timeline is empty.")
        return replace(state, timeline=timeline)

    async def _still_there(self, job: Job) -> bool:
        """A left export, if the service still has it and it has not come to a bad end."""
        with contextlib.suppress(errors.JobNotFound):
            status = await self._core.service.render_status(job.id)
            if status.status in {*GOING_ON, "completed"}:
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
            except errors.NemoError as error:
                taken = await self._was_taken(job) if error.may_have_acted else False
                if taken:
                    return job
                if taken is None:
                    error.hint = f"It may have begun all the same: `%nemo resume {job.id}` looks."
                    raise
                await self._end(job, "failed")
                if attempt == _SUBMITS or not (isinstance(error, errors.NetworkError) or _failed_inside(error)):
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
                await self._core.clock.sleep(settings.backoff_s())  # what is new may be known a little later
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


def _shaped(timeline: Timeline, preset: Preset | None) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """What is exported of a timeline, and what there is to say of that."""
    if preset is None:
        return timeline.draft, ()
    notes = check_duration(preset, timeline.duration_s)
    start_ms = strongest_ms(timeline, 1000 * preset.longest_s) if preset.longest_s else 0.0
    return reshaped(timeline.draft, preset, start_ms), notes


def _failed_inside(error: errors.NemoError) -> bool:
    """Whether the service failed at a request that it would otherwise have taken."""
    return type(error) in {errors.ServiceError, errors.ProtocolError} or isinstance(error, errors.RateLimited)
