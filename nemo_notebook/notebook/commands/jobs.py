"""`%nemo jobs`, `resume` and `cancel`: what was begun, and the way back to it, also after the kernel has gone."""

from __future__ import annotations

from collections.abc import Sequence

from nemo_notebook.errors import JobNotFound
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Arguments, Command
from nemo_notebook.notebook.listening import Listener, show_reply
from nemo_notebook.session.records import Job, Jobs
from nemo_notebook.session.results import MediaList, Reply, Video
from nemo_notebook.session.sync import Session


def _list(context: Context) -> Jobs:
    from nemo_notebook.session import sync

    found = context.current.jobs(everywhere=True) if context.current else sync.jobs()
    context.screen.show(found)
    return found


def _resume(context: Context, arguments: Arguments) -> Video | Reply | MediaList:
    session, job = _session_of(context, arguments.words, kinds=("turn", "upload", "render"))
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
    session, job = _session_of(context, arguments.words, kinds=("render",))
    cancelled = session.cancel(job.id)
    context.screen.show(cancelled)
    return cancelled


def _session_of(context: Context, words: Sequence[str], kinds: Sequence[str]) -> tuple[Session, Job]:
    """The job that is meant and its session, opened if it is not the current one.

    Without an id it is the newest open one of the current session, else of all.
    """
    from nemo_notebook.session.journal import Journal

    journal, current = Journal(), context.current.id if context.current else None
    if words:
        job = journal.job(words[0])
        if job is None:
            raise JobNotFound(f"There is no job {words[0][:60]!r}.")
    else:
        everywhere = journal.jobs(only_open=True, limit=100)
        candidates = [job for job in everywhere if job.kind in kinds]
        here = [job for job in candidates if job.session_id == current]
        if not candidates:
            raise JobNotFound("There is nothing open to come back to.", hint="`%nemo jobs` lists what was begun.")
        job = (here or candidates)[0]
    if job.session_id == current:
        return context.session(), job
    return context.connect(session=job.session_id), job


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
