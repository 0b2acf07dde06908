"""The engine's SQLite database, and in it the exports, each leased to the engine that works on it.

Engines that share a folder renew their leases with a heartbeat. When one is silent for `SILENCE_S`, its exports are
free for the engine that takes them over first.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from nemo_notebook import files
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full
from nemo_notebook.film.tracks import Json

_P = ParamSpec("_P")
_T = TypeVar("_T")

_TABLES: Final = (
    """CREATE TABLE session (
    id TEXT PRIMARY KEY, task_id TEXT NOT NULL, user_id TEXT NOT NULL, language TEXT NOT NULL,
    created_s REAL NOT NULL, touched_s REAL NOT NULL, is_warned INTEGER NOT NULL DEFAULT 0,
    draft_number INTEGER NOT NULL DEFAULT 0, draft_version INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE draft (
    session_id TEXT NOT NULL REFERENCES session(id), version INTEGER NOT NULL,
    bytes INTEGER NOT NULL, made_s REAL NOT NULL, origin TEXT NOT NULL, said TEXT NOT NULL, told TEXT NOT NULL,
    language TEXT, uploads INTEGER NOT NULL, edits TEXT NOT NULL, base INTEGER NOT NULL, whole INTEGER NOT NULL,
    json TEXT NOT NULL, PRIMARY KEY (session_id, version))""",
    """CREATE TABLE media (
    session_id TEXT NOT NULL REFERENCES session(id), position INTEGER NOT NULL, hash TEXT NOT NULL,
    filename TEXT NOT NULL, key TEXT NOT NULL UNIQUE, info TEXT NOT NULL,
    PRIMARY KEY (session_id, position))""",
    "CREATE TABLE analysis (hash TEXT PRIMARY KEY, json TEXT NOT NULL)",
    """CREATE TABLE job (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL, progress REAL NOT NULL, draft TEXT NOT NULL, output TEXT NOT NULL,
    result TEXT NOT NULL, message TEXT NOT NULL, created_s REAL NOT NULL, owner TEXT NOT NULL,
    touched_s REAL NOT NULL, takeovers INTEGER NOT NULL DEFAULT 0)""",
    "CREATE TABLE token (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_s REAL NOT NULL)",
    """CREATE TABLE trash (
    session_id TEXT PRIMARY KEY, since_s REAL NOT NULL, days TEXT NOT NULL, by_user INTEGER NOT NULL,
    is_told INTEGER NOT NULL)""",
    "CREATE INDEX draft_line ON draft (session_id, version, bytes, base)",  # without the drafts themselves
)
_WAIT_S: Final = 5.0
_log: Final = logging.getLogger(__name__)


class Database:
    """SQLite with a write-ahead log, used by several engines at once.

    A file that is damaged, or of another version, is set aside, and a new one begins.

    Reading has a connection of its own: with a write-ahead log a reader waits for no writer, so that it may happen on
    an event loop. Writing waits for other engines, for 5 s at most: from an event loop it is called by `in_thread`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        seen = _identity(path)
        try:
            self._writer = _open(path)
        except sqlite3.DatabaseError as error:
            if not (files.is_damaged(error) or isinstance(error, files.OtherVersion)):
                raise
            if _identity(path) == seen:  # else another engine has replaced it
                aside = files.set_aside(path)
                _log.warning(
                    "The database cannot be used (%s): it is kept as %s, and a new one begins.", error, aside.name
                )
            self._writer = _open(path)
        self._reader = files.open_database(path, _TABLES, wait_s=_WAIT_S, is_shared=True)
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    def read(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a SELECT."""
        with self._reading:
            return self._reader.execute(sql, values).fetchall()

    def write(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Do one statement that changes something; gives what it returns."""
        with self.transaction() as db:
            return db.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Statements that nobody comes between, and that count together or not at all.

        Raises:
            DiskFull: There is no room for them.
        """
        with self._writing:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except sqlite3.Error as error:
                if is_full(error, self._path):
                    raise disk_full("the project", self._path, DATABASE_BYTES) from error
                raise
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    async def in_thread(self, work: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> _T:
        """Call something that writes, in the one thread that does: who waits for it holds up nobody else."""
        call = functools.partial(work, *args, **named)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def close(self) -> None:
        """Finish what is being written, then close."""
        self._thread.shutdown()
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()


def _open(path: Path) -> sqlite3.Connection:
    db = files.open_database(path, _TABLES, wait_s=_WAIT_S, is_shared=True)
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            error = sqlite3.DatabaseError(str(found))
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
    except BaseException:
        db.close()
        raise
    return db


def _identity(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


SILENCE_S: Final = 5.0
RELEASED_S: Final = 0.0  # the sign of life of what its engine has let go of


MAX_TAKEOVERS: Final = 3
PREVIEWS_KEPT: Final = 3  # of a session, with the newest
_OURS: Final = "id = ? AND owner = ? AND status IN ('pending', 'processing')"
_END: Final = "UPDATE job SET status = 'cancelled', message = ? WHERE id = ? AND status IN ('pending', 'processing')"
_FATAL: Final = "It ended the engine, and three more tries ended it too."


@dataclass(frozen=True, slots=True)
class JobRow:
    """One export.

    Attributes:
        id: The client's name for it.
        session_id: Whose film it is.
        key: Opens its file without a token.
        status: `pending`, `processing`, `completed`, `failed` or `cancelled`.
        progress: 0–100.
        draft: What is rendered.
        output: `format`, `quality`, `resolution`; of a preview, `preview`: true; `made`: what is known of where the
            draft comes from.
        result: What was made.
        message: Why it failed or was cancelled.
        owner: The engine that runs it.
        touched_s: That engine's last sign of life, in seconds since 1970.
        takeovers: How many engines have taken it over from one that ended in the middle of it.
    """

    id: str
    session_id: str
    key: str
    status: str
    progress: float
    draft: Json
    output: Json
    result: Json
    message: str
    owner: str
    touched_s: float
    takeovers: int

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in {"pending", "processing"}

    @property
    def is_preview(self) -> bool:
        """Whether it is a preview: for a look at the timeline, in pieces, and kept for a short while."""
        return self.output.get("preview") is True

    @property
    def is_left(self) -> bool:
        """Whether it is still to be done and the engine that did it is gone.

        A sign of life from the future counts as none: the clock was set back, and an engine that lives gives another.
        """
        return self.is_open and abs(time.time() - self.touched_s) >= SILENCE_S


class ExportJobs:
    """The exports of all engines, as one of them sees and changes them.

    Args:
        db: Where they are.
        owner: The name of this engine.
    """

    def __init__(self, db: Database, owner: str) -> None:
        self._db = db
        self.owner = owner

    def find(self, job_id: str) -> JobRow | None:
        """That export."""
        return next(map(_job, self._db.read("SELECT * FROM job WHERE id = ?", job_id)), None)

    def by_key(self, key: str) -> JobRow | None:
        """The export that a key opens."""
        return next(map(_job, self._db.read("SELECT * FROM job WHERE key = ?", key)), None)

    def add(self, job_id: str, session_id: str, draft: Json, output: Json) -> JobRow:
        """Note an export of this engine.

        Raises:
            sqlite3.IntegrityError: The id is taken.
        """
        with self._db.transaction() as db:
            return self._add(db, job_id, session_id, draft, output)

    def add_preview(
        self, job_id: str, session_id: str, draft: Json, output: Json, *, anew: bool = False
    ) -> tuple[JobRow, list[JobRow]]:
        """Note a preview of this engine; what the session has of others is ended, and all but the newest let go.

        Args:
            job_id: What it is called.
            session_id: Whose it is.
            draft: What is rendered.
            output: Its form.
            anew: Whether it takes the place of one of that id whose file is gone.

        Returns:
            It, and those that were let go: their files are of no use any more.

        Raises:
            sqlite3.IntegrityError: The id is taken by what is under way or done, or by another session's.
        """
        with self._db.transaction() as db:
            sql = "SELECT * FROM job WHERE session_id = ? AND json_extract(output, '$.preview') = 1"
            kept = [_job(row) for row in db.execute(f"{sql} ORDER BY created_s DESC", (session_id,))]
            gone = [job for job in kept if job.id == job_id and not job.is_open and (anew or job.status != "completed")]
            others = [job for job in kept if job.id != job_id]
            gone += others[PREVIEWS_KEPT - 1 :]
            for job in others:
                db.execute(_END, ("A newer preview has taken its place.", job.id))
            for job in gone:
                db.execute("DELETE FROM job WHERE id = ?", (job.id,))
            return self._add(db, job_id, session_id, draft, output), gone

    def _add(self, db: sqlite3.Connection, job_id: str, session_id: str, draft: Json, output: Json) -> JobRow:
        now_s, key = time.time(), secrets.token_urlsafe(16)
        rows = db.execute(
            "INSERT INTO job (id, session_id, key, status, progress, draft, output, result, message, created_s, "
            "owner, touched_s) VALUES (?, ?, ?, 'pending', 0, ?, ?, '{}', '', ?, ?, ?) RETURNING *",
            (job_id, session_id, key, json.dumps(draft), json.dumps(output), now_s, self.owner, now_s),
        )
        return _job(rows.fetchall()[0])

    def begin(self, job_id: str) -> bool:
        """Note that it is being rendered; whether it is still this engine's to do."""
        return self._change(job_id, status="processing", touched_s=time.time())

    def finish(self, job_id: str, status: str, progress: float, result: Json | None = None, message: str = "") -> bool:
        """Note how it ended; whether it was still this engine's to do."""
        return self._change(job_id, status=status, progress=progress, result=json.dumps(result or {}), message=message)

    def _change(self, job_id: str, **values: object) -> bool:
        columns = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE job SET {columns} WHERE {_OURS} RETURNING id"  # noqa: S608 - our own names
        return bool(self._db.write(sql, *values.values(), job_id, self.owner))

    def cancel(self, job_id: str) -> None:
        """Cancel it, whoever runs it; one that is over stays as it is."""
        self._db.write(_END, "It was cancelled.", job_id)

    def touch(self, progress: Mapping[str, float]) -> set[str]:
        """Give a sign of life for exports of this engine.

        Args:
            progress: How far each is, 0–100, by its id.

        Returns:
            Those that are no longer this engine's to do: cancelled, or taken over.
        """
        sql = f"UPDATE job SET touched_s = ?, progress = MAX(progress, ?) WHERE {_OURS} RETURNING id"  # noqa: S608
        with self._db.transaction() as db:
            return {
                job_id
                for job_id, done in progress.items()
                if not db.execute(sql, (time.time(), done, job_id, self.owner)).fetchall()
            }

    def take_over(self, job: JobRow) -> JobRow | None:
        """Make an export that was left this engine's own; None if another was quicker.

        One that has ended too many engines is failed instead. An engine that was closed in order did not end by it.
        """
        takeovers = job.takeovers + (job.touched_s != RELEASED_S)
        status, message = ("pending", "") if takeovers <= MAX_TAKEOVERS else ("failed", _FATAL)
        rows = self._db.write(
            "UPDATE job SET owner = ?, touched_s = ?, takeovers = ?, status = ?, message = ? "  # noqa: S608
            f"WHERE {_OURS} AND touched_s = ? RETURNING *",
            *(self.owner, time.time(), min(takeovers, MAX_TAKEOVERS), status, message),
            *(job.id, job.owner, job.touched_s),
        )
        return next(map(_job, rows), None)

    def release(self) -> None:
        """Let go of all that this engine has not finished, so that the next takes it over at once."""
        self._db.write(
            "UPDATE job SET touched_s = ? WHERE owner = ? AND status IN ('pending', 'processing')",
            *(RELEASED_S, self.owner),
        )


def _job(row: sqlite3.Row) -> JobRow:
    values = {name: row[name] for name in JobRow.__slots__}
    return JobRow(**values | {name: json.loads(values[name]) for name in ("draft", "output", "result")})
