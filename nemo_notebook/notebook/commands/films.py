"""Files in and films out: `%nemo upload`, `export`, `jobs`, `resume` and `cancel`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from nemo_notebook.errors import JobNotFound, UsageError
from nemo_notebook.outside import plain

if TYPE_CHECKING:
    from nemo_notebook.notebook.context import Call
    from nemo_notebook.notebook.defaults import Defaults
    from nemo_notebook.notebook.grammar import Arguments
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.records import Job, Jobs
    from nemo_notebook.session.results import MediaList, Reply, Video


async def run_upload(call: Call, arguments: Arguments) -> MediaList:
    """Upload with progress."""
    session = await call.session()
    with call.outlet.meter() as meter:
        return await session.upload(*arguments.words, on_progress=meter)


def export_options(asked: Mapping[str, str], defaults: Defaults) -> dict[str, str | None]:
    """The form of a film: what was asked for, else the user's defaults unless a preset says more."""
    usual = (None, None) if asked.get("preset") else (defaults.quality, defaults.resolution or None)
    return {
        "format": asked.get("format"),
        "quality": asked.get("quality") or usual[0],
        "resolution": asked.get("resolution") or usual[1],
        "preset": asked.get("preset"),
    }


async def run_export(call: Call, arguments: Arguments) -> Video | Job:
    """Export with progress; or begin an export without waiting for it, and say how to come back."""
    session, asked = await call.session(), arguments.options
    path = arguments.words[0] if arguments.words else None
    how = export_options(asked, call.defaults)
    if "no_wait" in asked:
        return await session.submit(path, **how)
    with call.outlet.meter() as meter:
        return await session.export(path, on_progress=meter, **how)


async def run_jobs(call: Call, _: Arguments) -> Jobs:
    """What was begun, and what of it is open."""
    from nemo_notebook.session import sync

    current = call.context.current
    return await current.asynchronous.jobs(everywhere=True) if current else sync.jobs()


async def run_resume(call: Call, arguments: Arguments) -> Video | Reply | MediaList:
    """Come back to a turn, an upload or an export."""
    from nemo_notebook.notebook.stream import show_timeline, streamed
    from nemo_notebook.session.results import Reply

    job = _choose(call, arguments.words, "resume", kinds=("turn", "upload", "render"), everywhere=True)
    async with _session_of(call, job) as session:
        if job.kind != "turn":
            with call.outlet.meter() as meter:
                return await session.resume(job.id, on_progress=meter)
        async with streamed(call) as stream:
            found = await session.resume(job.id, on_event=stream)
            assert isinstance(found, Reply)
            stream.conclude(found)
    show_timeline(call, found)
    return found


async def run_cancel(call: Call, arguments: Arguments) -> Job:
    """Stop an export."""
    job = _choose(call, arguments.words, "cancel", kinds=("render",), everywhere=False)
    if not job.is_open:
        raise UsageError(f"{job.id} ({plain(job.title)}) is over: {job.state}.", hint="There is nothing to stop.")
    async with _session_of(call, job) as session:
        return await session.cancel(job.id)


def _choose(call: Call, words: Sequence[str], verb: str, kinds: Sequence[str], *, everywhere: bool) -> Job:
    """The job that is meant: by its id, else the newest open one of this session, else perhaps of another."""
    from nemo_notebook.session.journal import Journal

    journal, current = Journal(), call.context.current.id if call.context.current else None
    if words:
        job = journal.job(words[0])
        if job is None:
            raise JobNotFound(f"There is no job {words[0][:60]!r}.")
        return job
    candidates = [job for job in journal.jobs(only_open=True) if job.kind in kinds]
    here = [job for job in candidates if job.session_id == current]
    if not here and candidates and not everywhere and current is not None:
        other = candidates[0]
        hint = f"In another project, {plain(other.title)} is: `%nemo {verb} {other.id}`"
        raise JobNotFound(f"There is nothing to {verb} in this session.", hint=hint)
    if not candidates:
        raise JobNotFound(f"There is nothing open to {verb}.", hint="`%nemo jobs` lists what was begun.")
    return (here or candidates)[0]


@asynccontextmanager
async def _session_of(call: Call, job: Job) -> AsyncIterator[AsyncSession]:
    """The session of a job. In a new kernel it becomes the current one; else the current one stays what it is."""
    current = call.context.current
    if current is None:
        yield (await call.context.connect(call, session=job.session_id)).asynchronous
    elif current.id == job.session_id:
        yield await call.session()
    else:
        from nemo_notebook.session.client import AsyncClient
        from nemo_notebook.session.journal import Journal

        known = Journal().session(job.session_id)
        call.outlet.say(f"In another project, {plain(known.label) if known else job.session_id}:")
        async with AsyncClient() as client:
            yield await client.connect(session=job.session_id)


def known_jobs(_: str) -> list[str]:
    """The ids of jobs, open ones first."""
    from nemo_notebook.session.journal import Journal

    return [job.id for job in sorted(Journal().jobs(limit=50), key=lambda job: not job.is_open)]
