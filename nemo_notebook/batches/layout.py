"""The tables of a ledger, and the errors of one that cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from nemo_notebook import database, errors
from nemo_notebook.client.downloads import disk_error
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full, other_version

TABLES: Final = (
    "CREATE TABLE batch (id TEXT NOT NULL)",
    "INSERT INTO batch VALUES (lower(hex(randomblob(4))))",
    """CREATE TABLE film (
    place TEXT NOT NULL, ending TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, film_sha256 TEXT NOT NULL,
    film_bytes INTEGER NOT NULL, duration_s REAL NOT NULL, took_s REAL NOT NULL, reason TEXT NOT NULL,
    hint TEXT NOT NULL, poster BLOB NOT NULL, said TEXT NOT NULL DEFAULT '', film_key TEXT NOT NULL DEFAULT '',
    earlier_sha256 TEXT NOT NULL DEFAULT '', session TEXT NOT NULL DEFAULT '', is_anew INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0, reply TEXT NOT NULL DEFAULT '',
    claim TEXT NOT NULL DEFAULT '', stage TEXT NOT NULL DEFAULT '', share REAL NOT NULL DEFAULT 0, left_s REAL,
    PRIMARY KEY (place, ending)
    )""",
)
_SHUT: Final = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")


def trouble(error: sqlite3.Error | OSError, path: Path, hint: str | None = None) -> errors.NemoError:
    """What to tell when a file of a ledger cannot be used; with a hint of its own where that is damaged."""
    if isinstance(error, OSError):
        return disk_error(error, path, DATABASE_BYTES) if is_full(error) else shut(path, error.strerror or str(error))
    if isinstance(error, database.OtherVersion):
        return other_version(path, "Name another folder with --out")
    if database.is_busy(error):
        return errors.InputError(f"{path} is in use by another process.", hint="Run it again in a moment.")
    if is_full(error, path):
        return disk_full(path.name, path, DATABASE_BYTES)
    if _name(error).startswith(_SHUT):
        return shut(path, str(error))
    return damaged(path, hint)


def shut(path: Path, reason: str) -> errors.InputError:
    """What to tell when nothing can be written where films are to be."""
    hint = "Check who may write there, and that the drive is still there; or name another folder with --out."
    return errors.InputError(f"{path} cannot be written: {reason}.", hint=hint)


def damaged(path: Path, hint: str | None = None) -> errors.InputError:
    """What to tell of a ledger that holds what nobody here has written."""
    return errors.InputError(
        f"{path} is damaged.", hint=hint or f"Move {path.parent} away to begin anew; the films stay."
    )


def _name(error: sqlite3.Error) -> str:
    return str(getattr(error, "sqlite_errorname", ""))
