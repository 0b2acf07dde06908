"""The journal of a session on a tape, which is noted in order, and while it is recorded in the user's own, too."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from nemo_notebook import clock, settings
from nemo_notebook.client import hook as hooks
from nemo_notebook.client.hook import Hook
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.records import Job, SessionRecord

P = ParamSpec("P")
T = TypeVar("T")
_own_jobs: Final[WeakKeyDictionary[Hook, dict[str, Job]]] = WeakKeyDictionary()  # by the tape's names of jobs


def new_journal(hook: Hook | None = None) -> Journal:
    """The journal of a session that is opened now, or with a hook."""
    if (hook := hook or hooks.current()) is None:
        return Journal()
    return TapeJournal(hook) if hook.is_recording else Journal(hook.home, hook.clock)


class TapeJournal(Journal):
    """The journal of a tape that is recorded. What is begun is noted in the user's own journal by its real ids as well.

    Args:
        hook: The tape.
    """

    def __init__(self, hook: Hook) -> None:
        super().__init__(hook.home, hook.clock)
        self._hook = hook
        self._own = Journal(settings.home(), clock.MACHINE)
        self._own_jobs = _own_jobs.setdefault(hook, {})

    def note_session(self, session: SessionRecord) -> None:
        """Keep a session in both."""
        super().note_session(session)
        self._own.place = self.place
        ids = {name: self._hook.real(getattr(session, name)) for name in ("id", "task_id", "user_id")}
        backend = self._hook.real_url() if session.backend == self._hook.url else session.backend
        self._own.note_session(replace(session, **ids, backend=backend, begun_s=0.0))

    def begin(
        self, kind: str, session_id: str, title: str, detail: Mapping[str, Any], job_id: str | None = None
    ) -> Job:
        """Note in both that something is about to be sent."""
        job = super().begin(kind, session_id, title, detail, job_id)
        real = self._hook.real
        own_id = real(job.id) if kind == "render" else None
        if kind == "render":
            self._hook.name_film(job.id, title)
        self._own_jobs[job.id] = self._own.begin(kind, real(session_id), real(title), real(dict(detail)), own_id)
        return job

    def settle(self, job: Job, state: str, **detail: Any) -> Job:
        """Note in both how something ended."""
        if own := self._own_jobs.get(job.id):
            self._own_jobs[job.id] = self._own.settle(own, state, **self._hook.real(detail))
        return super().settle(job, state, **detail)

    def bury(self, session_id: str) -> None:
        """Note in both that a session has ended."""
        super().bury(session_id)
        self._own.bury(self._hook.real(session_id))


async def to_thread_in_order(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """`asyncio.to_thread` on one thread, so that jobs that begin at once get the same numbers when they are played."""
    call = partial(contextvars.copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_thread(), call)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="nemo-in-order")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_thread.cache_clear)  # threads do not survive a fork
