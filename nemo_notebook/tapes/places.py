"""The files of a tape, side by side: none is written through a link, none takes the place of what others put there."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO, Final

from nemo_notebook import errors

OWN: Final = 0o600
"""The mode of a file that only its owner can read."""
SHARED: Final = 0o666
"""The mode of any other file, as far as the umask grants it."""

_ROOM: Final = "Choose a folder that can be written and has room."
_FAR: Final = 1 << 40  # behind every end: what is locked there can be read and written all the same
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # where there are such, and pipes

Look = tuple[int, int, int]
"""What a file is known by, as long as nobody writes it; `NOTHING` where there is none."""
NOTHING: Final[Look] = (0, 0, 0)


def part_path(path: Path) -> Path:
    """Where a tape lies while it is recorded."""
    return path.with_name(f"{path.name}.part")


def look(path: Path) -> Look:
    """What lies at a place."""
    try:
        there = path.stat()
    except OSError:
        return NOTHING
    return there.st_ino, there.st_size, there.st_mtime_ns


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Say of what the system refuses that it is the tape that cannot be written.

    Raises:
        TapeError: It cannot.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise errors.TapeError(f"The tape {path.name} cannot be written: {reason}.", hint=_ROOM) from error


def created(part: Path) -> FileIO:
    """A new file for a recording, which only its owner can read, and which is claimed until it is closed.

    Raises:
        TapeError: There is one, of another kernel or of one that has ended.
        OSError: It cannot be made.
    """
    try:
        file = FileIO(part, "x+", opener=lambda name, flags: os.open(name, flags, OWN))
    except FileExistsError:
        if left := opened(part):
            left.close()
        hint = "`%nemo tape record` saves it under another name, and begins anew."
        raise errors.TapeError(f"There is an unfinished recording: {part.name}.", hint=hint) from None
    if not _is_claimed(file, part):
        raise _elsewhere(part)
    return file


def opened(part: Path) -> FileIO | None:
    """The file of an unfinished recording of this user, claimed until it is closed; None where there is none.

    Raises:
        TapeError: It is recorded in another kernel, or it is no file of this user's.
        OSError: It cannot be opened.
    """
    if not os.path.lexists(part):
        return None
    there = part.lstat()
    is_own = sys.platform == "win32" or there.st_uid == os.geteuid()
    if not (stat.S_ISREG(there.st_mode) and is_own):
        hint = "Look what it is: delete it, or choose another name for the tape."
        raise errors.TapeError(f"{part.name} is no recording of yours.", hint=hint)
    file = FileIO(part, "r+", opener=lambda name, flags: os.open(name, flags | _NO_LINKS))
    return file if _is_claimed(file, part) else None


@contextmanager
def replacing(path: Path, mode: int) -> Iterator[IO[bytes]]:
    """A new file that takes the place of what is at a path when it is whole; a link there is replaced, not followed.

    Args:
        path: The place.
        mode: Who can read it: `OWN` or `SHARED`.

    Raises:
        OSError: It cannot be written; what is at the path is as it was.
    """
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def spare(path: Path, ending: str = "") -> Path:
    """A name like a path's that nobody has, taken by an empty file that only its owner can read.

    Raises:
        OSError: It cannot be taken.
    """
    number = 1
    while True:
        name = path.with_name(f"{path.name}{number if number > 1 else ''}{ending}")
        try:
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN))
        except FileExistsError:
            number += 1
        else:
            return name


def keep_old(path: Path) -> None:
    """Copy a tape that is about to be replaced, if there is one, to where only its owner can read it.

    Raises:
        TapeError: It cannot be copied.
    """
    try:
        if path.is_file():
            with path.open("rb") as old, replacing(path.with_name(f"{path.name}.bak"), OWN) as kept:
                shutil.copyfileobj(old, kept)
    except OSError as error:
        told = f"The tape that is there cannot be kept as {path.name}.bak: {error.strerror or error}."
        raise errors.TapeError(told, hint=_ROOM) from error


def remove(file: FileIO, part: Path) -> None:
    """Delete a recording's file and close it.

    Raises:
        OSError: It cannot be deleted.
    """
    _let_go(file, lambda: part.unlink(missing_ok=True))


def set_aside(file: FileIO, path: Path) -> Path:
    """Close a recording's file and name it so that nothing reads it any more; gives where it is.

    Raises:
        OSError: It cannot be named so.
    """
    aside = spare(path.with_name(f"{path.name}.refused"))
    part_path(path).chmod(OWN)
    _let_go(file, lambda: part_path(path).replace(aside))
    return aside


def _let_go(file: FileIO, move: Callable[[], object]) -> None:
    """Move a file away before others can claim it; not everywhere can that be done with open files."""
    try:
        move()
    except PermissionError:
        file.close()
        move()
    finally:
        file.close()


def _is_claimed(file: FileIO, part: Path) -> bool:
    """Keep other processes from taking the recording for one that was interrupted; some network drives cannot.

    Returns:
        Whether it still lies where it was; else the file is closed.
    """
    try:
        _lock(file)
        with contextlib.suppress(FileNotFoundError):
            if sys.platform == "win32" or os.path.samestat(part.lstat(), os.fstat(file.fileno())):
                return True
    except (BlockingIOError, PermissionError):
        file.close()
        raise _elsewhere(part) from None
    file.close()
    return False


def _lock(file: FileIO) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise
    except OSError:
        pass
    finally:
        file.seek(0)


def _elsewhere(part: Path) -> errors.TapeError:
    hint = "End it there with `%nemo tape off`, or choose another name."
    return errors.TapeError(f"Another kernel records on {part.name} now.", hint=hint)
