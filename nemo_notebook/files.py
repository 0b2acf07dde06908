"""Files on disk: durable replacement, temporary folders that no kill leaves behind, and the error of a full disk.

And SQLite files that several processes use: connections, versions, damage and locks.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from nemo_notebook import errors, settings

_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
MIN_FREE_BYTES: Final = 500_000_000  # stay free beside whatever is taken
_UNCLEAR: Final = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
DATABASE_BYTES: Final = 10_000_000  # what SQLite may need beside its file while it writes
_POLL_S: Final = 0.05
_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def replace_durably(part: Path, target: Path) -> None:
    """Give a finished file its name. Once this returns, a power loss takes neither its content nor its name.

    Raises:
        OSError: The disk refused.
    """
    with part.open("rb+") as file:  # Windows syncs only what is open for writing
        _sync(file.fileno())
    part.replace(target)
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that a power loss does not take them.

    Raises:
        OSError: The disk refused.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, where the system and the file system can."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # some network drives have no such thing
        handle = os.open(folder, os.O_RDONLY)
        try:
            _sync(handle)
        finally:
            os.close(handle)


def _sync(handle: int) -> None:
    if sys.platform == "darwin":  # where `fsync` leaves it in the drive's cache
        import fcntl

        with contextlib.suppress(OSError):  # not on every file system
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


class Owner:
    """This process, as the owner of temporary folders below another one.

    It holds a lock that the system gives back when the process ends, in whatever way: then its folders are nobody's,
    and the next owner removes them.

    Args:
        folder: That folder.

    Attributes:
        token: What the names of its own folders begin with.
        is_alone: Whether no other process was an owner there when this one began.
    """

    def __init__(self, folder: Path) -> None:
        self.token = secrets.token_hex(4)
        self.is_alone = False
        self._lock: sqlite3.Connection | None = None
        self._locks = folder / "locks"
        self._locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(sqlite3.Error):  # some network drives have no locks: nothing is removed there
            beginning = lock_file(self._locks / "beginning.lock", _BEGIN_S)  # nobody else begins meanwhile
            with contextlib.closing(beginning):
                living = [lock for lock in self._locks.glob("????????.lock") if not _remove_left(folder, lock)]
                self.is_alone = not living
                self._lock = lock_file(self._path)

    @property
    def _path(self) -> Path:
        return self._locks / f"{self.token}.lock"

    def close(self) -> None:
        """Own nothing any more."""
        if self._lock is not None:
            self._lock.close()
            self._path.unlink(missing_ok=True)


def owner() -> Owner:
    """The owner of this process's temporary folders under `NEMO_HOME`; what killed processes left there is removed."""
    home = settings.home().absolute()
    with _owning:
        if home not in _owners:
            _owners[home] = Owner(home)
        return _owners[home]


def temporary_folder(kind: str) -> Path:
    """Make a private folder in a folder of `NEMO_HOME`; if this process is killed, the next one removes it.

    Raises:
        OSError: The disk refused.
    """
    place, token = settings.home() / kind, owner().token
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{token}-", dir=place))


@contextlib.contextmanager
def passing_folder() -> Iterator[Path]:
    """A temporary folder that is removed with all that is in it."""
    folder = temporary_folder("tmp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_BEGIN_S: Final = 10.0
_owners: Final[dict[Path, Owner]] = {}
_owning: Final = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_owners.clear)  # they are the parent's


def _remove_left(folder: Path, lock: Path) -> bool:
    """Remove what an owner has left, if it is gone; gives whether it is."""
    try:
        lock_file(lock).close()
    except sqlite3.Error:
        return False
    for left in folder.glob(f"*/{lock.stem}-*"):
        shutil.rmtree(left, ignore_errors=True)
    with contextlib.suppress(OSError):
        lock.unlink()
    return True


def is_full(error: BaseException, place: Path | None = None) -> bool:
    """Whether an error of the system or of SQLite means that the disk, or the user's share of it, is full.

    Args:
        error: The error.
        place: Of SQLite, its file: where it has no room for a log beside that, it speaks of another failure.
    """
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        has_no_room = place is not None and code in _UNCLEAR and free_bytes(place) < DATABASE_BYTES
        return code == sqlite3.SQLITE_FULL or has_no_room
    return getattr(error, "errno", None) in _FULL  # FFmpeg's are not all errors of the system


def disk_full(what: str, place: Path, needed_bytes: int, *, at_least: bool = False) -> errors.DiskFull:
    """The error of a full disk.

    Args:
        what: What could not be written.
        place: Where it was to go; it need not be there.
        needed_bytes: What it needs; 0 where that is not known.
        at_least: Whether more may be needed than that.
    """
    needs = f"needs {'at least ' if at_least else ''}{size_words(needed_bytes)}" if needed_bytes else "has no room"
    folder = _existing(place)
    free = size_words(shutil.disk_usage(folder).free)
    return errors.DiskFull(f"The disk is full: {what} {needs}, and {free} are free in {folder}.")


def other_version(path: Path, instead: str) -> errors.InputError:
    """Error for a database that another version of this package has written.

    Args:
        path: The file.
        instead: How to use another one: "Set … to another folder".
    """
    hint = f"{instead}, or use the version that wrote it."
    return errors.InputError(f"{path} was written by another version of nemo-notebook.", hint=hint)


def free_bytes(place: Path) -> int:
    """What is free on the disk of a path, which need not be there."""
    return shutil.disk_usage(_existing(place)).free


def room_bytes(place: Path) -> int:
    """How many bytes of media may be written there; negative on a disk that is nearly full."""
    return free_bytes(place) - MIN_FREE_BYTES


def check_room(what: str, size_bytes: int | None, folder: Path, *, copies: int = 1, reserved_bytes: int = 0) -> None:
    """Refuse a file that would leave the disk nearly full.

    Args:
        what: What people call it.
        size_bytes: How large it is; None where that is not known.
        folder: Where it goes; it need not be there.
        copies: How many times it is written there.
        reserved_bytes: What others need that are still to come.

    Raises:
        DiskFull: There is not enough room.
    """
    room = (room_bytes(folder) - reserved_bytes) // copies
    if (size_bytes or 0) > room:
        told = f"{what} has {size_words(size_bytes)}, but" if size_bytes else f"There is too little room for {what}:"
        left = f"the disk has room for {size_words(max(0, room))} ({size_words(MIN_FREE_BYTES)} have to stay free)"
        raise errors.DiskFull(f"{told} {left}.")


def _existing(place: Path) -> Path:
    return next(each for each in (place, *place.absolute().parents) if each.is_dir())


def size_words(size_bytes: float) -> str:
    """A size as people write it, in powers of ten as shops and systems count."""
    if size_bytes < 1e6:
        return f"{size_bytes / 1e3:.0f} kB"
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes < 1e9 else f"{size_bytes / 1e9:.2f} GB"


def mark_used(paths: Iterable[Path]) -> None:
    """Set the access and modification time of files to now, so that a cache drops them last."""
    for path in paths:
        with contextlib.suppress(OSError):
            os.utime(path)


def user_path(text: str | os.PathLike[str]) -> Path:
    """A path that a user has given, with `~` filled in.

    Raises:
        InputError: It cannot be a path: another type, a character that no path has, or a home that there is not.
    """
    try:
        path = Path(text).expanduser()
        os.fsencode(path)
        path.exists()  # some systems refuse a name only when it is used
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        raise errors.InputError(f"{str(text)[:80]!r} cannot be a path here.", hint="Check its spelling.") from error
    if "\0" in str(path):
        raise errors.InputError("A path cannot hold a NUL character.", hint="Check its spelling.")
    return path


class OtherVersion(sqlite3.DatabaseError):
    """Error for a database whose tables are not the expected ones."""


def open_database(
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


def lock_file(path: Path, wait_s: float = 0.0) -> sqlite3.Connection:
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
