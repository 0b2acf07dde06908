"""The engine's SQLite database: read without waiting, written in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

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
    "CREATE TABLE token (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_s REAL NOT NULL)",
    """CREATE TABLE turn (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL, owner TEXT NOT NULL, touched_s REAL NOT NULL)""",
    """CREATE TABLE trash (
    session_id TEXT PRIMARY KEY, since_s REAL NOT NULL, days TEXT NOT NULL, by_user INTEGER NOT NULL,
    is_told INTEGER NOT NULL)""",
    "CREATE INDEX draft_sizes ON draft (session_id, version, bytes)",  # sizes without the drafts themselves
    "CREATE INDEX job_sizes ON job (session_id, bytes)",
)
_VERSION: Final = zlib.crc32("\n".join(_TABLES).encode()) >> 1 or 1  # another one as soon as a table changes
_WAIT_S: Final = 5.0
_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
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
            if not _is_unusable(error):
                raise
            if _identity(path) == seen:  # else another engine has begun anew meanwhile
                _move_aside(path, error)
            self._writer = _open(path)
        self._reader = _connect(path)
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


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_WAIT_S, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


def _open(path: Path) -> sqlite3.Connection:
    db = _connect(path)
    try:
        _keep_log(db)
        db.execute("PRAGMA synchronous = FULL")  # what was told to be done outlives a power loss
        db.execute("PRAGMA fullfsync = ON")  # on macOS
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise _unusable(str(found))
        db.execute("BEGIN IMMEDIATE")
        if db.execute("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]:
            for statement in (*_TABLES, f"PRAGMA user_version = {_VERSION}"):
                db.execute(statement)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version != _VERSION:
            raise _unusable(f"of version {version}, not {_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def _keep_log(db: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. SQLite does not wait for another that does the same to a new file at this moment."""
    deadline_s = time.monotonic() + _WAIT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)
        else:
            return


def _unusable(found: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(found)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _is_unusable(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _DAMAGED


def _identity(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _move_aside(path: Path, error: sqlite3.DatabaseError) -> None:
    aside = path.with_name(f"{path.name}.aside-{time.time_ns() // 1_000_000}")
    for ending in ("-wal", "-shm", ""):  # a log that stayed would be played into the new file
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    _log.warning("The database cannot be used (%s): it is kept as %s, and a new one begins.", error, aside.name)
