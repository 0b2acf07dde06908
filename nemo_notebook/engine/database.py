"""The engine's SQLite database: read without waiting, written in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from nemo_notebook import database
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full

P = ParamSpec("P")
T = TypeVar("T")

_TABLES: Final = (
    """CREATE TABLE session (
    id TEXT PRIMARY KEY, task_id TEXT NOT NULL, user_id TEXT NOT NULL, language TEXT NOT NULL,
    created_s REAL NOT NULL, touched_s REAL NOT NULL, is_warned INTEGER NOT NULL DEFAULT 0,
    draft_number INTEGER NOT NULL DEFAULT 0, draft_version INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE draft (
    session_id TEXT NOT NULL REFERENCES session(id), version INTEGER NOT NULL, json TEXT NOT NULL,
    bytes INTEGER NOT NULL, made_s REAL NOT NULL, origin TEXT NOT NULL, said TEXT NOT NULL, told TEXT NOT NULL,
    language TEXT, uploads INTEGER NOT NULL, edits TEXT NOT NULL, base INTEGER NOT NULL, whole INTEGER NOT NULL,
    PRIMARY KEY (session_id, version))""",
    """CREATE TABLE media (
    session_id TEXT NOT NULL REFERENCES session(id), position INTEGER NOT NULL, hash TEXT NOT NULL,
    filename TEXT NOT NULL, key TEXT NOT NULL UNIQUE, info TEXT NOT NULL,
    PRIMARY KEY (session_id, position))""",
    "CREATE TABLE analysis (hash TEXT PRIMARY KEY, json TEXT NOT NULL)",
    """CREATE TABLE job (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL, progress REAL NOT NULL, draft TEXT NOT NULL, bytes INTEGER NOT NULL, output TEXT NOT NULL,
    result TEXT NOT NULL, message TEXT NOT NULL, created_s REAL NOT NULL, owner TEXT NOT NULL,
    touched_s REAL NOT NULL, takeovers INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE token (
    hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_s REAL NOT NULL, address TEXT NOT NULL)""",
    """CREATE TABLE turn (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL, owner TEXT NOT NULL, touched_s REAL NOT NULL)""",
    """CREATE TABLE trash (
    session_id TEXT PRIMARY KEY, since_s REAL NOT NULL, days TEXT NOT NULL, by_user INTEGER NOT NULL,
    is_told INTEGER NOT NULL)""",
    "CREATE TABLE account (user_id TEXT PRIMARY KEY, spent REAL NOT NULL)",
    """CREATE TABLE hold (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, amount REAL NOT NULL, owner TEXT NOT NULL, touched_s REAL NOT NULL)""",
    "CREATE INDEX draft_sizes ON draft (session_id, version, bytes)",  # sizes without the drafts themselves
    "CREATE INDEX job_sizes ON job (session_id, bytes)",
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
            if not (database.is_damaged(error) or isinstance(error, database.OtherVersion)):
                raise
            if _identity(path) == seen:  # else another engine has replaced it
                aside = database.set_aside(path)
                _log.warning(
                    "The database cannot be used (%s): it is kept as %s, and a new one begins.", error, aside.name
                )
            self._writer = _open(path)
        self._reader = database.connect(path, _TABLES, wait_s=_WAIT_S, is_shared=True)
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

    async def in_thread(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
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
    db = database.connect(path, _TABLES, wait_s=_WAIT_S, is_shared=True)
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
