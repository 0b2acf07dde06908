"""What was begun, kept between runs: sessions, turns, uploads and exports, in SQLite under `NEMO_HOME`.

Everything is noted *before* it is sent, so that a process that is killed at any moment leaves behind what is needed to
come back. Several processes may write at once: each call opens the database for itself, and SQLite keeps them apart.
No token is ever noted, and no address with a signature.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from nemo_notebook import clock, errors, files, settings
from nemo_notebook.client import hook as hooks
from nemo_notebook.client.hook import Hook
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full, make_folder, other_version
from nemo_notebook.outside import strike
from nemo_notebook.session.records import Job, SessionRecord

_P = ParamSpec("_P")
_T = TypeVar("_T")
_LOG: Final = logging.getLogger("nemo_notebook.journal")
_ROOM: Final = "Free some space, or set NEMO_HOME to a folder that can be written."
_TITLE: Final = 200
_SHOWN: Final = 20
_FEWEST: Final = 4  # characters of an id that may stand for it
_TABLES: Final = (
    """CREATE TABLE session (
    id TEXT PRIMARY KEY, backend TEXT NOT NULL, skill TEXT NOT NULL, language TEXT NOT NULL, name TEXT NOT NULL,
    task_id TEXT NOT NULL, user_id TEXT NOT NULL, begun_s REAL NOT NULL, used_s REAL NOT NULL,
    is_removed INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE job (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, session_id TEXT NOT NULL,
    title TEXT NOT NULL, state TEXT NOT NULL, begun_s REAL NOT NULL, ended_s REAL, detail TEXT NOT NULL)""",
    "CREATE INDEX job_by_session ON job (session_id, number)",
    """CREATE TABLE place (
    place TEXT NOT NULL, session_id TEXT NOT NULL, used_s REAL NOT NULL, PRIMARY KEY (place, session_id))""",
)


def current_place() -> str:
    """Where this process works: the notebook's path, which Jupyter's server tells its kernel, else the folder.

    It is the same again after a restart of the kernel; empty where there is no such place.
    """
    try:
        return os.environ.get("JPY_SESSION_NAME") or str(Path.cwd())
    except OSError:  # the folder is gone
        return ""


class Journal:
    """The journal in one folder.

    Args:
        folder: Where it is kept; without one, `NEMO_HOME`, or the folder of the tape in use.
        time: What it goes by; the clock in use if None.

    Attributes:
        path: The file.
        place: Where what is noted here is done: the notebook, or the folder.
    """

    def __init__(self, folder: Path | None = None, time: clock.Clock | None = None) -> None:
        self.path = (folder or hooks.journal_home()) / "journal.sqlite"
        self._clock = time or clock.current_clock()
        self.place = _storable(current_place())

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            make_folder(self.path.parent)
            try:
                db = self._connect()
            except sqlite3.DatabaseError as error:
                if not files.is_damaged(error):
                    raise
                aside = files.set_aside(self.path).name
                _LOG.warning("The journal was damaged; it is kept as %s, and a new one begins.", aside)
                db = self._connect()
            with closing(db):
                yield db
        except files.OtherVersion as error:
            raise other_version(self.path, "Set NEMO_HOME to another folder") from error
        except (sqlite3.OperationalError, OSError) as error:
            if is_full(error, self.path):
                raise disk_full("the journal", self.path, DATABASE_BYTES) from error
            is_busy = isinstance(error, sqlite3.Error) and files.is_busy(error)
            hint = "Run it again in a moment." if is_busy else _ROOM
            raise errors.InputError(f"The journal {self.path} cannot be used now: {error}.", hint=hint) from error
        except sqlite3.IntegrityError as error:
            raise errors.InputError("That is in the journal already.", hint="`%nemo jobs` lists what is.") from error
        except sqlite3.DatabaseError as error:
            aside = files.set_aside(self.path).name
            hint = "A new one begins with the next command; `%nemo connect` opens a session in it."
            raise errors.InputError(f"The journal was damaged; it is kept as {aside}.", hint=hint) from error

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            self.path.touch(mode=0o600)
        return files.open_database(self.path, _TABLES)

    def _run(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._open() as db:
            return db.execute(sql, values).fetchall()

    # Sessions

    def note_session(self, session: SessionRecord) -> None:
        """Keep a session, or what is new of it, and that it is used here."""
        self._run(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (id) DO UPDATE SET"
            " is_removed = 0, backend = excluded.backend, skill = excluded.skill, language = excluded.language,"
            " name = CASE excluded.name WHEN '' THEN name ELSE excluded.name END,"
            " task_id = CASE excluded.task_id WHEN '' THEN task_id ELSE excluded.task_id END,"
            " user_id = CASE excluded.user_id WHEN '' THEN user_id ELSE excluded.user_id END,"
            " used_s = excluded.used_s",
            *(session.id, session.backend, session.skill, session.language, _storable(session.name)),
            *(session.task_id, session.user_id, session.begun_s or self._clock.now_s(), self._clock.now_s()),
        )
        self._run(_USED_HERE, self.place, session.id, self._clock.now_s())

    def remove(self, session_id: str) -> None:
        """Take a session off the list; it is known as before."""
        self._run("UPDATE session SET is_removed = 1 WHERE id = ?", session_id)
        self._run("DELETE FROM place WHERE session_id = ?", session_id)

    def restore(self, session_id: str) -> None:
        """Put it on the list again."""
        self._run("UPDATE session SET is_removed = 0 WHERE id = ?", session_id)

    def session_at(self, place: str, backend: str | None = None) -> SessionRecord | None:
        """The session that was used last at a place, if there is one that has not ended.

        Args:
            place: A notebook or a folder; see `current_place`.
            backend: Only one of this backend: `local`, or a base URL.
        """
        found = self._sessions(
            "JOIN place ON session.id = place.session_id WHERE place.place = ? AND place.place != ''"
            " AND (? IS NULL OR backend = ?) ORDER BY place.used_s DESC LIMIT 1",
            *(_storable(place), backend, backend),
        )
        return found[0] if found else None

    def session(self, session_id: str) -> SessionRecord | None:
        """That session, if it is known here."""
        return next(iter(self._sessions("WHERE id = ?", session_id)), None)

    def find_session(self, text: str) -> SessionRecord | None:
        """The session of that id, or the only one of that name, or whose id begins so; listed ones go first."""
        if found := self.session(text):
            return found
        for is_removed in (False, True):
            known = self.sessions(limit=-1, removed=is_removed)
            named = [session for session in known if text and text in (session.name, session.label)]
            begun = [session for session in known if len(text) >= _FEWEST and session.id.startswith(text)]
            for group in (named, begun):
                if len(group) == 1:
                    return group[0]
        return None

    def sessions(self, limit: int = 20, *, removed: bool = False) -> list[SessionRecord]:
        """The sessions, the one used last first, each with its last words and the number of its open jobs.

        Args:
            limit: How many at most; -1 for all.
            removed: Those that were taken off the list, instead of those that are on it.
        """
        return self._sessions("WHERE is_removed = ? ORDER BY session.used_s DESC LIMIT ?", removed, limit)

    def _sessions(self, which: str, *values: object) -> list[SessionRecord]:
        return [SessionRecord(**dict(row)) for row in self._run(f"{_SESSIONS} {which}", *values)]

    # Jobs

    def begin(
        self, kind: str, session_id: str, title: str, detail: Mapping[str, Any], job_id: str | None = None
    ) -> Job:
        """Note that something is about to be sent. Without an id of its own it gets one, such as `turn_12`."""
        now_s = self._clock.now_s()
        words = _storable(" ".join(strike(title).split()))[:_TITLE]
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            number = db.execute(
                "INSERT INTO job (id, kind, session_id, title, state, begun_s, detail)"
                " VALUES (?, ?, ?, ?, 'open', ?, ?)",
                (job_id or f"?{time.time_ns()}", kind, session_id, words, now_s, _dump(detail)),
            ).lastrowid
            name = job_id or f"{kind}_{number}"
            db.execute("UPDATE job SET id = ? WHERE number = ?", (name, number))
            db.execute("UPDATE session SET used_s = ? WHERE id = ?", (now_s, session_id))
            db.execute(_USED_HERE, (self.place, session_id, now_s))
            db.execute("COMMIT")
        return Job(name, kind, session_id, words, "open", now_s, None, dict(detail))

    def settle(self, job: Job, state: str, **detail: Any) -> Job:
        """Note how something ended: `done`, `failed` or `cancelled`; `open` to note only the details.

        What has ended stays so, whoever has seen it. What was done stands, whether it can be noted or not: a journal
        that cannot be written now is only logged.
        """
        ended_s = None if state == "open" else self._clock.now_s()
        settled = replace(job, state=state, ended_s=ended_s, detail={**job.detail, **detail}, now="", session="")
        try:
            self._run(
                "UPDATE job SET state = ?, ended_s = ?, detail = ? WHERE id = ? AND (state = 'open' OR ? != 'open')",
                *(settled.state, settled.ended_s, _dump(settled.detail), job.id, settled.state),
            )
        except errors.InputError as error:
            _LOG.warning("%s", error)
        return settled

    def hide(self, job_id: str) -> None:
        """Mark a job that is over as `hidden`, so that no list of a panel has it any more."""
        if job := self.job(job_id):
            self._run("UPDATE job SET detail = ? WHERE id = ?", _dump({**job.detail, "hidden": True}), job_id)

    def job(self, job_id: str) -> Job | None:
        """That job, if there is one."""
        return next(map(_job, self._run("SELECT * FROM job WHERE id = ?", job_id)), None)

    def end_session(self, session_id: str) -> None:
        """Note that a session has ended at the service, and with it all that was open in it."""
        sql = "UPDATE job SET state = 'failed', ended_s = ? WHERE session_id = ? AND state = 'open'"
        self._run(sql, self._clock.now_s(), session_id)
        self._run("DELETE FROM place WHERE session_id = ?", session_id)

    def recent(self, session_id: str | None = None) -> list[Job]:
        """What is open, and the newest of what is not; the newest first, with what their sessions are known by."""
        found = {job.id: job for only_open in (True, False) for job in self.jobs(session_id, only_open=only_open)}
        labels = {session.id: session.label for session in self.sessions(limit=-1)}
        told = [replace(job, session=labels.get(job.session_id, "")) for job in found.values()]
        return sorted(told, key=lambda job: job.begun_s, reverse=True)

    def jobs(
        self,
        session_id: str | None = None,
        *,
        kind: str | None = None,
        only_open: bool = False,
        limit: int | None = None,
    ) -> list[Job]:
        """The jobs of a session or of all, the newest first. Without a limit: all that are open, twenty of all."""
        rows = self._run(
            "SELECT * FROM job WHERE (? IS NULL OR session_id = ?) AND (? IS NULL OR kind = ?)"
            " AND (state = 'open' OR NOT ?) ORDER BY number DESC LIMIT ?",
            *(session_id, session_id, kind, kind, only_open, limit or (-1 if only_open else _SHOWN)),
        )
        return [_job(row) for row in rows]


_SESSIONS: Final = """SELECT id, backend, skill, language, name, task_id, user_id, begun_s, session.used_s,
    coalesce((SELECT title FROM job WHERE session_id = session.id AND kind = 'turn'
        ORDER BY number DESC LIMIT 1), '') AS last_words,
    (SELECT count(*) FROM job WHERE session_id = session.id AND state = 'open') AS open_jobs,
    coalesce((SELECT title FROM job WHERE session_id = session.id AND kind = 'upload'
        ORDER BY number LIMIT 1), '') AS first_upload,
    coalesce((SELECT place FROM place WHERE session_id = session.id ORDER BY rowid LIMIT 1), '') AS place
    FROM session"""
_USED_HERE: Final = (
    "INSERT INTO place VALUES (?, ?, ?) ON CONFLICT (place, session_id) DO UPDATE SET used_s = excluded.used_s"
)
_PATHS: Final = frozenset({"path", "target", "sent_as"})  # must be found again as they are


def _dump(detail: Mapping[str, Any]) -> str:
    try:
        return json.dumps({k: v if k in _PATHS else map_texts(strike, v) for k, v in detail.items()}, ensure_ascii=True)
    except RecursionError:
        raise errors.ProtocolError("The service gave a timeline that is nested without end.") from None


def _storable(text: str) -> str:
    """Without what SQLite cannot keep: half of a character, as broken file names have them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def map_texts(change: Callable[[str], str], value: Any) -> Any:
    """A value as of JSON with each text in it changed, but for keys."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: map_texts(change, item) for key, item in value.items()}
    return [map_texts(change, item) for item in value] if isinstance(value, (list, tuple)) else value


def _job(row: sqlite3.Row) -> Job:
    values = {name: row[name] for name in row.keys() if name != "number"}  # noqa: SIM118 - a Row has no `in`
    return Job(**{**values, "detail": json.loads(row["detail"])})


_own_jobs: Final[WeakKeyDictionary[Hook, dict[str, Job]]] = WeakKeyDictionary()  # by the tape's names of jobs


def new_journal(hook: Hook | None = None) -> Journal:
    """The journal of a session that is opened now, or with a hook."""
    if (hook := hook or hooks.current_hook()) is None:
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
        self._own_jobs[job.id] = self._own.begin(kind, real(session_id), real(title), real(dict(detail)), own_id)
        return job

    def settle(self, job: Job, state: str, **detail: Any) -> Job:
        """Note in both how something ended."""
        if own := self._own_jobs.get(job.id):
            self._own_jobs[job.id] = self._own.settle(own, state, **self._hook.real(detail))
        return super().settle(job, state, **detail)

    def end_session(self, session_id: str) -> None:
        """Note in both that a session has ended."""
        super().end_session(session_id)
        self._own.end_session(self._hook.real(session_id))


async def to_thread_in_order(work: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """`asyncio.to_thread` on one thread, so that jobs that begin at once get the same numbers when they are played."""
    call = partial(contextvars.copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_thread(), call)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="nemo-in-order")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_thread.cache_clear)  # threads do not survive a fork
