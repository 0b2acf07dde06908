"""The ledger of a batch: the entry of each film, kept beside the films in SQLite, so a killed batch can be resumed.

It is also the one channel between processes: the scheduler writes the entries and claims, and a worker reports its
progress and reads whether its claim still holds.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from nemo_notebook import errors, files
from nemo_notebook.batches.folder import FileMark, is_name, mark_of
from nemo_notebook.client.transfers import disk_error
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full, make_folder, other_version
from nemo_notebook.session.presets import EXPORT_FORMATS

State = Literal["waiting", "running", "made", "done", "failed"]
"""`made`: the film is there and about to be moved to its name."""

BEGUN: Final = "begin"  # the first stage of a film: its worker has it

_Kept = TypeVar("_Kept")
_PATIENCE_S: Final = 5.0  # for a batch that was just stopped
_MOST_POSTER: Final = 10_000  # bytes
_SHUT: Final = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")
TABLES: Final = (
    "CREATE TABLE batch (id TEXT NOT NULL)",
    "INSERT INTO batch VALUES (lower(hex(randomblob(4))))",
    """CREATE TABLE film (
    place TEXT NOT NULL, ending TEXT NOT NULL, entry TEXT NOT NULL, claim TEXT NOT NULL,
    progress TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (place, ending)
    )""",
)


@dataclass(frozen=True, slots=True)
class MadeFilm:
    """A film that was made.

    Attributes:
        sha256: Of the file.
        size_bytes: Of the file.
        duration_s: Its length in seconds.
        took_s: How long it took to make, in seconds.
        reply: The reply to the prompt.
        poster: A tiny JPEG; empty if there is none.
    """

    sha256: str
    size_bytes: int
    duration_s: float = 0.0
    took_s: float = 0.0
    reply: str = ""
    poster: Annotated[bytes, msgspec.Meta(max_length=_MOST_POSTER)] = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One source and its film, as the ledger keeps them.

    Attributes:
        place: The key of the source: its path relative to the films.
        ending: The film's file type: a source has a film of each.
        name: The film's file name.
        source: What the source held when it was last seen.
        state: `made` is a film that is about to be moved to its name.
        key: Cache key of the film that is asked for.
        said: Cache key of its session, which films of one source in several formats share.
        film: The film that was made last.
        film_key: The `key` by which it was made.
        earlier_sha256: Of the film that it replaced.
        session: The id of the session that the film was made in.
        reason: Why it failed.
        hint: What to do about it.
        is_anew: Whether there was a film of the source, made of something else, when the batch began.
        ended: How often a worker ended while it had the film, since it was last made or asked for in this way.
    """

    place: str
    ending: str
    name: str = ""
    source: FileMark = field(default_factory=FileMark)
    state: State = "waiting"
    key: str = ""
    said: str = ""
    film: MadeFilm | None = None
    film_key: str = ""
    earlier_sha256: str = ""
    session: str = ""
    reason: str = ""
    hint: str = ""
    is_anew: bool = False
    ended: int = 0

    def with_film(self, film: MadeFilm, session: str) -> LedgerEntry:
        """The entry once its film is made, and not yet at its name."""
        earlier = self.film.sha256 if self.film else ""
        made = replace(self, state="made", film=film, film_key=self.key, earlier_sha256=earlier)
        return replace(made, session=session, ended=0)

    def without_film(self, state: State, reason: str, hint: str, session: str) -> LedgerEntry:
        """The entry where no film was made; one that is there keeps its session."""
        return replace(self, state=state, reason=reason, hint=hint, session=self.session if self.film else session)

    def has_film(self, folder: Path) -> bool:
        """Whether a file of the name and size of the film is there."""
        with contextlib.suppress(OSError):
            path = folder / self.name
            return self.film is not None and path.is_file() and path.stat().st_size == self.film.size_bytes
        return False

    def has_content(self, folder: Path) -> bool:
        """Whether the file of the film's name is the film, to the byte."""
        return self.film is not None and mark_of(folder / self.name).sha256 == self.film.sha256


@dataclass(frozen=True, slots=True)
class FilmProgress:
    """How far a film is.

    Attributes:
        stage: What is being done: `upload`, `chat`, `render`, …
        share: How much of that is done, 0–1.
        left_s: Seconds left of it, if known.
    """

    stage: str = ""
    share: float = 0.0
    left_s: float | None = None


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
            with closing(files.open_database(self._path, TABLES, has_log=False)) as db:
                yield db
        except (sqlite3.Error, OSError) as error:
            raise trouble(error, self._path) from error

    def begin(self) -> None:
        """Create it if there is none, and check that films can be written beside it.

        Raises:
            InputError: Nothing can be written there.
        """
        with self._open(begins=True):
            pass
        self.check()

    def check(self) -> None:
        """Check that films can be written beside it.

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
        """Hold the lock on the folder of the films. The system releases it when the process ends, in whatever way.

        Raises:
            UsageError: Another batch runs into this folder.
            InputError: Nothing can be written there.
        """
        self.begin()
        path = self.folder / "running.sqlite"
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(closing(files.lock_file(path, _PATIENCE_S)))
            except sqlite3.Error as error:
                if files.is_busy(error):
                    raise errors.UsageError(
                        f"Another batch is making films in {self.folder.parent.name}.",
                        hint="Wait for it, or name another folder with --out.",
                    ) from error
                raise trouble(error, path, hint="Delete it: nothing is kept in it.") from error
            with self._open() as db:  # the claims of a batch that was killed end
                db.execute("BEGIN IMMEDIATE")
                db.execute("UPDATE film SET claim = ''")
                db.execute("UPDATE batch SET id = id")  # something is written: so it is known that it can be
                db.execute("COMMIT")
            yield

    def id(self) -> str:
        """A random id of this ledger, shared by all batches of its folder."""
        rows = self._rows("SELECT id FROM batch")
        if not rows:
            raise damaged(self._path)
        return str(rows[0]["id"])

    def entries(self) -> dict[tuple[str, str], LedgerEntry]:
        """All entries, by place and file type.

        Raises:
            InputError: It holds what was not written here.
        """
        entries = [self._decode(row["entry"], LedgerEntry) for row in self._rows("SELECT entry FROM film")]
        if not all(entry.ending in EXPORT_FORMATS and is_name(entry.name, entry.ending) for entry in entries):
            raise damaged(self._path)
        return {(entry.place, entry.ending): entry for entry in entries}

    def save(self, entries: Iterable[LedgerEntry], claim: str = "") -> None:
        """Save entries.

        Args:
            entries: The entries.
            claim: Who makes their films; any earlier claim ends.
        """
        rows = [(each.place, each.ending, msgspec.json.encode(each).decode(), claim) for each in entries]
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT OR REPLACE INTO film (place, ending, entry, claim) VALUES (?, ?, ?, ?)", rows)
            db.execute("COMMIT")

    def report(self, place: str, claim: str, progress: FilmProgress) -> bool:
        """Report how far a film is. Returns whether the claim on it still holds."""
        values = (msgspec.json.encode(progress).decode(), place, claim)
        with self._open() as db:
            return db.execute("UPDATE film SET progress = ? WHERE place = ? AND claim = ?", values).rowcount == 1

    def reports(self) -> dict[str, FilmProgress]:
        """How far the claimed films are, by place."""
        return {
            row["place"]: self._decode(row["progress"], FilmProgress)
            for row in self._rows("SELECT place, progress FROM film WHERE claim != ''")
        }

    def _rows(self, sql: str) -> list[sqlite3.Row]:
        with self._open() as db:
            return db.execute(sql).fetchall()

    def _decode(self, text: str, kind: type[_Kept]) -> _Kept:
        try:
            return msgspec.json.decode(text, type=kind)
        except (msgspec.MsgspecError, TypeError) as error:
            raise damaged(self._path) from error


def trouble(error: sqlite3.Error | OSError, path: Path, hint: str | None = None) -> errors.NemoError:
    """Error for a file of a ledger that cannot be used; `hint` is for a damaged one."""
    if isinstance(error, OSError):
        return disk_error(error, path, DATABASE_BYTES) if is_full(error) else shut(path, error.strerror or str(error))
    if isinstance(error, files.OtherVersion):
        return other_version(path, "Name another folder with --out")
    if files.is_busy(error):
        return errors.InputError(f"{path} is in use by another process.", hint="Run it again in a moment.")
    if is_full(error, path):
        return disk_full(path.name, path, DATABASE_BYTES)
    if str(getattr(error, "sqlite_errorname", "")).startswith(_SHUT):
        return shut(path, str(error))
    return damaged(path, hint)


def shut(path: Path, reason: str) -> errors.InputError:
    """Error for a folder of films that cannot be written."""
    hint = "Check who may write there, and that the drive is still there; or name another folder with --out."
    return errors.InputError(f"{path} cannot be written: {reason}.", hint=hint)


def damaged(path: Path, hint: str | None = None) -> errors.InputError:
    """Error for a ledger that holds what was not written here."""
    return errors.InputError(
        f"{path} is damaged.", hint=hint or f"Move {path.parent} away to begin anew; the films stay."
    )
