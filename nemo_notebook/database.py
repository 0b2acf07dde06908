"""SQLite files that several processes use: connections, versions, damage and locks."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_POLL_S: Final = 0.05
_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class OtherVersion(sqlite3.DatabaseError):
    """Error for a database whose tables are not the expected ones."""


def connect(
    path: Path, tables: Sequence[str], *, wait_s: float = 10.0, is_shared: bool = False, has_log: bool = True
) -> sqlite3.Connection:
    """Open a database in autocommit mode; create the tables of a new one.

    What was committed survives a power loss. The version is a checksum of the tables, kept as `user_version`.

    Args:
        path: The file.
        tables: The statements that make a new database.
        wait_s: How long to wait for other processes, in seconds.
        is_shared: Whether several threads use the connection.
        has_log: Whether to use a write-ahead log where the drive can; it needs memory that all processes share.

    Raises:
        OtherVersion: The tables were made by other statements.
        sqlite3.Error: The file cannot be used.
    """
    db = sqlite3.connect(path, timeout=wait_s, check_same_thread=not is_shared, isolation_level=None)
    try:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA fullfsync = ON")  # on macOS
        expected = zlib.crc32("\n".join(tables).encode()) >> 1 or 1
        if _version(db) == 0:
            if has_log:
                _use_log(db, wait_s)
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]:
                for statement in (*tables, f"PRAGMA user_version = {expected}"):
                    db.execute(statement)
            db.execute("COMMIT")
        if _version(db) != expected:
            raise OtherVersion(f"{path.name} has version {_version(db)}, not {expected}")
    except BaseException:
        db.close()
        raise
    return db


def lock(path: Path, wait_s: float = 0.0) -> sqlite3.Connection:
    """Lock a file until the connection is closed or the process ends; works on every system.

    Raises:
        sqlite3.Error: Another process holds it, or the file cannot be used.
    """
    db = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    try:
        db.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        db.close()
        raise
    return db


def set_aside(path: Path) -> Path:
    """Rename a database and its log, so that a new one can begin; returns the new name."""
    aside = path.with_name(f"{path.name}.aside-{time.time_ns()}")
    for ending in ("-wal", "-shm", ""):  # a log that stayed would be replayed into the new database
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    return aside


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process is using the database."""
    return _code(error) in _BUSY


def is_damaged(error: sqlite3.Error) -> bool:
    """Whether the file is no database, or a damaged one."""
    return _code(error) in _DAMAGED


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF


def _use_log(db: sqlite3.Connection, wait_s: float) -> None:
    """Switch the write-ahead log on; SQLite itself does not wait for a process that is doing the same."""
    deadline_s = time.monotonic() + wait_s
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                return  # some network drives have no shared memory
            if time.monotonic() > deadline_s:
                raise
            time.sleep(_POLL_S)
        else:
            return
