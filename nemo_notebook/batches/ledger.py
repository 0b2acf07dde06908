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

from nemo_notebook import database, errors
from nemo_notebook.batches.layout import TABLES, damaged, shut, trouble
from nemo_notebook.batches.names import is_name
from nemo_notebook.files import make_folder
from nemo_notebook.outside import finite
from nemo_notebook.session.presets import FORMATS

WAITING: Final = "waiting"
RUNNING: Final = "running"
MADE: Final = "made"  # and on its way to its name
DONE: Final = "done"
FAILED: Final = "failed"

BEGUN: Final = "begin"  # the first stage of a film: its worker has it

STATES: Final = frozenset({WAITING, RUNNING, MADE, DONE, FAILED})

_PATIENCE_S: Final = 5.0  # for a batch that was just stopped
_MOST_POSTER: Final = 10_000  # bytes


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
        ending: The film's type: a file has a film of each.
        said: What is said, of which content: films of one file in several formats have it in common.
        film_key: The `key` that the film was made by that was made last.
        earlier_sha256: Of the film that makes room for that one; empty where there was none.
        session: The id of the session that it was made in.
        is_anew: Whether there was a film of this file, made of something else or in another way, when the batch began.
        reply: What was answered to the prompt of the film that was made last.
        ended: How often the workers ended while it was made, since it was made last or asked for in this way.
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
    ending: str = ""
    said: str = ""
    film_key: str = ""
    earlier_sha256: str = ""
    session: str = ""
    is_anew: bool = False
    ended: int = 0
    reply: str = ""


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
        folder: Where it is kept, within the folder of the films.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "ledger.sqlite"

    @contextlib.contextmanager
    def _open(self, *, begins: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if begins:
                make_folder(self.folder)
            elif not self._path.is_file():  # SQLite would make one
                raise shut(self._path, "it is not there any more")
            # no log: who makes films may be another machine on the same drive, without shared memory
            with closing(database.connect(self._path, TABLES, has_log=False)) as db:
                yield db
        except (sqlite3.Error, OSError) as error:
            raise trouble(error, self._path) from error

    def is_there(self) -> bool:
        """Whether anything was noted here before.

        Raises:
            InputError: The folder cannot be looked into.
        """
        try:
            return self._path.is_file()
        except OSError as error:
            raise trouble(error, self._path) from error

    def begin(self) -> None:
        """Make it where there is none, and see that films can be made beside it.

        Raises:
            InputError: Nothing can be written there.
        """
        with self._open(begins=True):
            pass
        self.check()

    def check(self) -> None:
        """See that films can be put beside it.

        Raises:
            InputError: Nothing can be written there.
        """
        probe = self.folder.parent / f".nemo-{secrets.token_hex(4)}.part"
        try:
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise trouble(error, probe.parent) from error

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one who conducts a batch here. The system lets go of it when the process ends, in whatever way.

        Raises:
            UsageError: Another batch runs into this folder.
            InputError: Nothing can be written there.
        """
        self.begin()
        path = self.folder / "running.sqlite"
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(closing(database.lock(path, _PATIENCE_S)))
            except sqlite3.Error as error:
                if database.is_busy(error):
                    raise errors.UsageError(
                        f"Another batch is making films in {self.folder.parent.name}.",
                        hint="Wait for it, or name another folder with --out.",
                    ) from error
                raise trouble(error, path, hint="Delete it: nothing is kept in it.") from error
            self._settle()
            yield

    def _settle(self) -> None:
        """Note that nobody makes a film here now: those of a batch that was killed are not wanted any more."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("UPDATE film SET state = 'waiting', claim = '' WHERE state = 'running'")
            db.execute("UPDATE batch SET id = id")  # something is written: so it is known that it can be
            db.execute("COMMIT")

    def id(self) -> str:
        """What all batches of this folder have in common, and no others."""
        with self._open() as db:
            found = db.execute("SELECT id FROM batch").fetchone()
        if found is None:
            raise damaged(self._path)
        return str(found["id"])

    def entries(self) -> dict[tuple[str, str], Entry]:
        """All films that are known here, by the place of their file and their ending.

        Raises:
            InputError: It holds what was not written here.
        """
        with self._open() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM film").fetchall()  # noqa: S608 - our own names
        entries = [Entry(**{**row, "is_anew": bool(row["is_anew"])}) for row in map(dict, rows)]
        if not all(map(_is_sound, entries)):
            raise damaged(self._path)
        return {(entry.place, entry.ending): entry for entry in entries}

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
        return {row["place"]: _told(row) for row in rows}


def _told(row: sqlite3.Row) -> Told:
    return Told(str(row["stage"]), finite(row["share"]) or 0.0, finite(row["left_s"]))


def _is_sound(entry: Entry) -> bool:
    """Whether it can have been written here: a ledger is a file like any other."""
    values = [(each.type, getattr(entry, each.name)) for each in fields(Entry)]
    return (
        all(type(value).__name__ == kind for kind, value in values)
        and all(finite(value) is not None for kind, value in values if kind == "float")
        and entry.state in STATES
        and entry.ending in FORMATS
        and is_name(entry.name, entry.ending)
        and len(entry.poster) <= _MOST_POSTER
    )
