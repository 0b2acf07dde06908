"""`%nemo jobs`, `resume` and `cancel`: what was begun, and the way back to it, also after the kernel has gone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from nemo_notebook.errors import JobNotFound, UsageError
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Arguments, Command
from nemo_notebook.notebook.listening import Listener, show_reply
from nemo_notebook.outside import plain
from nemo_notebook.session.records import Job, Jobs
from nemo_notebook.session.results import MediaList, Reply, Video
from nemo_notebook.session.sync import Session


def _list(context: Context) -> Jobs:
    from nemo_notebook.session import sync

    found = context.current.jobs(everywhere=True) if context.current else sync.jobs()
    context.screen.show(found)
    return found


def _resume(context: Context, arguments: Arguments) -> Video | Reply | MediaList:
    job = _choose(context, arguments.words, "resume", kinds=("turn", "upload", "render"), everywhere=True)
    with _session_of(context, job) as session:
        stream, meter = context.screen.stream(), context.screen.meter()
        try:
            found = session.resume(job.id, on_event=Listener(stream), on_progress=meter)
        except BaseException:
            stream.close()
            raise
        finally:
            meter.close()
        if isinstance(found, Reply):
            show_reply(context, found, stream)
        else:
            context.screen.show(found)
    return found


def _cancel(context: Context, arguments: Arguments) -> Job:
    job = _choose(context, arguments.words, "cancel", kinds=("render",), everywhere=False)
    if not job.is_open:
        raise UsageError(f"{job.id} ({plain(job.title)}) is over: {job.state}.", hint="There is nothing to stop.")
    with _session_of(context, job) as session:
        cancelled = session.cancel(job.id)
    context.screen.show(cancelled)
    return cancelled


def _choose(context: Context, words: Sequence[str], verb: str, kinds: Sequence[str], *, everywhere: bool) -> Job:
    """The job that is meant: by its id, else the newest open one of this session, else perhaps of another."""
    from nemo_notebook.session.journal import Journal

    journal, current = Journal(), context.current.id if context.current else None
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


@contextlib.contextmanager
def _session_of(context: Context, job: Job) -> Iterator[Session]:
    """The session of a job. In a new kernel it becomes the current one; else the current one stays what it is."""
    if context.current is not None and context.current.id == job.session_id:
        yield context.session()
    elif context.current is None:
        yield context.connect(session=job.session_id)
    else:
        from nemo_notebook.session.sync import connect

        context.screen.say(f"In another project, session {job.session_id}:")
        with connect(session=job.session_id) as other:
            yield other


def known_jobs() -> list[str]:
    """The ids of jobs to complete to, open ones first."""
    from nemo_notebook.session.journal import Journal

    return [job.id for job in sorted(Journal().jobs(limit=50), key=lambda job: not job.is_open)]


JOBS = Command(
    name="jobs",
    takes="",
    about="List what was begun: turns, uploads and exports, and which of them are open.",
    run=lambda context, _: _list(context),
    example="%nemo jobs",
)

RESUME = Command(
    name="resume",
    takes="[JOB]",
    about="Come back to something that was left, also by a kernel that has gone; without an id, the newest.",
    run=_resume,
    example="%nemo resume",
    max_words=1,
    completes="jobs",
)

CANCEL = Command(
    name="cancel",
    takes="[JOB]",
    about="Stop an export at the service; without an id, the newest open one.",
    run=_cancel,
    example="%nemo cancel",
    max_words=1,
    completes="jobs",
)
