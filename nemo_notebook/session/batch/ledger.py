"""What has come of each file, kept beside the films in SQLite: so a batch that was killed goes on where it was.

Several processes may use it: whoever conducts the batch writes what holds, whoever makes a film tells how far it is,
and is told whether it is still wanted.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.client.downloads import disk_error

WAITING: Final = "waiting"
RUNNING: Final = "running"
MADE: Final = "made"  # and on its way to its name
DONE: Final = "done"
FAILED: Final = "failed"

_BUSY_S: Final = 10.0
_PATIENCE_S: Final = 5.0  # for a batch that was just stopped
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS batch (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS film (
    place TEXT PRIMARY KEY, key TEXT NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, film_sha256 TEXT NOT NULL,
    film_bytes INTEGER NOT NULL, duration_s REAL NOT NULL, took_s REAL NOT NULL, reason TEXT NOT NULL,
    hint TEXT NOT NULL, poster BLOB NOT NULL,
    claim TEXT NOT NULL DEFAULT '', stage TEXT NOT NULL DEFAULT '', share REAL NOT NULL DEFAULT 0, left_s REAL
)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file and its film, as they are kept.

    Attributes:
        place: Where the file lies, seen from the films.
        key: What is asked for, of which content.
        sha256: Of the file; empty where it could not be read.
        size_bytes: Of the file.
        mtime_ns: When the file was changed last.
        state: `waiting`, `running`, `made`, `done` or `failed`.
        name: The film's name.
        film_sha256: Of the film that was made last; empty where there is none.
        film_bytes: Its size.
        duration_s: Its length in seconds.
        took_s: How long it took to make, in seconds.
        reason: Why it failed.
        hint: What to do about it.
        poster: A tiny JPEG of it; empty where there is none.
    """

    place: str
    key: str
    sha256: str = ""
    size_bytes: int = 0
    mtime_ns: int = 0
    state: str = WAITING
    name: str = ""
    film_sha256: str = ""
    film_bytes: int = 0
    duration_s: float = 0.0
    took_s: float = 0.0
    reason: str = ""
    hint: str = ""
    poster: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """How far a film is.

    Attributes:
        stage: What is being done: `upload`, `chat`, `render`, …
        share: How much of that is done, 0–1.
        left_s: Seconds left of it, where that can be told.
    """

    stage: str = ""
    share: float = 0.0
    left_s: float | None = None


_COLUMNS: Final = ", ".join(each.name for each in fields(Entry))
_MARKS: Final = ", ".join("?" for _ in fields(Entry))


class Ledger:
    """The ledger in one folder.

    Args:
        folder: Where it is kept; it is made with the first note.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "ledger.sqlite"

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)) as db:
                db.row_factory = sqlite3.Row
                if db.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
                    _bring_up(db)
                yield db
        except sqlite3.OperationalError as error:
            hint = "Free some space, or name another folder with --out."
            raise errors.InputError(f"{self._path} cannot be used now: {error}.", hint=hint) from error
        except sqlite3.DatabaseError as error:
            hint = f"Move {self.folder} away to begin anew; the films stay."
            raise errors.InputError(f"{self._path} is damaged.", hint=hint) from error
        except OSError as error:
            raise disk_error(error, self._path) from error

    def is_there(self) -> bool:
        """Whether anything was noted here before."""
        return self._path.is_file()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one who conducts a batch here. The system lets go of it when the process ends, in whatever way.

        Raises:
            UsageError: Another batch runs into this folder.
        """
        with self._open():
            pass  # the folder is there, and can be written
        with closing(
            sqlite3.connect(
                self.folder / "running.sqlite", timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
        ) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise errors.UsageError(
                    f"Another batch is making films in {self.folder.parent.name}.",
                    hint="Wait for it, or name another folder with --out.",
                ) from error
            yield

    def id(self) -> str:
        """What all batches of this folder have in common, and no others."""
        with self._open() as db:
            return str(db.execute("SELECT id FROM batch").fetchone()["id"])

    def entries(self) -> dict[str, Entry]:
        """All files that are known here, by their place."""
        with self._open() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM film").fetchall()  # noqa: S608 - our own names
        return {row["place"]: Entry(**dict(row)) for row in rows}

    def save(self, entries: Iterable[Entry], claim: str = "") -> None:
        """Note how files stand now.

        Args:
            entries: The files.
            claim: Who makes their films; those who did before are not wanted any more.
        """
        sql = f"INSERT OR REPLACE INTO film ({_COLUMNS}, claim) VALUES ({_MARKS}, ?)"  # noqa: S608 - our own names
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(sql, [(*astuple(entry), claim) for entry in entries])
            db.execute("COMMIT")

    def tell(self, place: str, claim: str, told: Told) -> bool:
        """Tell how far a film is; gives whether it is still wanted of who tells it."""
        sql = "UPDATE film SET stage = ?, share = ?, left_s = ? WHERE place = ? AND claim = ? AND state = 'running'"
        with self._open() as db:
            return db.execute(sql, (told.stage, told.share, told.left_s, place, claim)).rowcount == 1

    def told(self) -> dict[str, Told]:
        """How far the films are that are being made, by the place of their file."""
        with self._open() as db:
            rows = db.execute("SELECT place, stage, share, left_s FROM film WHERE state = 'running'").fetchall()
        return {row["place"]: Told(row["stage"], row["share"], row["left_s"]) for row in rows}


def _bring_up(db: sqlite3.Connection) -> None:
    # No write-ahead log: it needs shared memory, and those who make films may be other machines on one drive.
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone()[0] < _VERSION:  # another process may have been quicker
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute("INSERT INTO batch VALUES (?)", (secrets.token_hex(4),))
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")
