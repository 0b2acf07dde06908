"""`%nemo jobs`, `resume` and `cancel`: what was begun, and the way back to it, also after the kernel has gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from nemo_notebook.errors import JobNotFound, UsageError
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Words
from nemo_notebook.outside import plain

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.records import Job, Jobs
    from nemo_notebook.session.results import MediaList, Reply, Video


async def _jobs(call: Call, _: Arguments) -> Jobs:
    from nemo_notebook.session import sync

    current = call.context.current
    return await current.asynchronous.jobs(everywhere=True) if current else sync.jobs()


async def _resume(call: Call, arguments: Arguments) -> Video | Reply | MediaList:
    from nemo_notebook.notebook.listening import listening, tell_timeline
    from nemo_notebook.session.results import Reply

    job = _choose(call, arguments.words, "resume", kinds=("turn", "upload", "render"), everywhere=True)
    async with _session_of(call, job) as session:
        if job.kind != "turn":
            with call.screen.meter() as meter:
                return await session.resume(job.id, on_progress=meter)
        async with listening(call) as listener:
            found = await session.resume(job.id, on_event=listener)
            assert isinstance(found, Reply)
            listener.conclude(found)
    tell_timeline(call, found)
    return found


async def _cancel(call: Call, arguments: Arguments) -> Job:
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
    if not here and candidates and (everywhere is False) and current is not None:
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
        call.screen.say(f"In another project, {plain(known.label) if known else job.session_id}:")
        async with AsyncClient() as client:
            yield await client.connect(session=job.session_id)


def known_jobs(begun: str) -> list[str]:
    """The ids of jobs that begin so, open ones first."""
    from nemo_notebook.session.journal import Journal

    found = sorted(Journal().jobs(limit=50), key=lambda job: not job.is_open)
    return [job.id for job in found if job.id.startswith(begun)]


JOBS = Command(
    name="jobs",
    about="List what was begun: turns, uploads and exports, and which of them are open.",
    run=_jobs,
    example="%nemo jobs",
)

RESUME = Command(
    name="resume",
    about="Come back to something that was left, also by a kernel that has gone; without an id, the newest.",
    run=_resume,
    words=Words("[JOB]", choices=known_jobs),
    options=(BACKGROUND,),
    example="%nemo resume",
)

CANCEL = Command(
    name="cancel",
    about="Stop an export at the service; without an id, the newest open one.",
    run=_cancel,
    words=Words("[JOB]", choices=known_jobs),
    example="%nemo cancel",
)
