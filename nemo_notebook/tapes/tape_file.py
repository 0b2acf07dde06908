"""A tape's file: written line by line beside its place, and put there when it is whole and holds no secret."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO, Any, Final

from nemo_notebook import errors
from nemo_notebook.tapes import lines, reading
from nemo_notebook.tapes.format import Exchange, Header, Medium, Tape
from nemo_notebook.tapes.reading import read as read
from nemo_notebook.tapes.values import from_value, to_value

_ROOM: Final = "Choose a folder that can be written and has room."
_FAR: Final = 1 << 40  # behind every end: what is locked there can be read and written all the same
_LOST: Final = "not kept: the recording was interrupted"


def part_path(path: Path) -> Path:
    """Where a tape lies while it is recorded."""
    return path.with_name(f"{path.name}.part")


class Writer:
    """Records a tape; any thread may add to it. Every line is in the file as soon as it is added.

    Args:
        path: Where the tape is to be; what is there stays until `finish`.
        header: Its first line.
        before: A tape that it goes on from.

    Raises:
        TapeError: It cannot be written there, or another recording of that name goes on or was interrupted.
    """

    def __init__(self, path: Path, header: Header, before: Tape | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._sum = ""
        self._count = self._values = self._bytes = 0
        self._media: set[str] = set()
        with _written(path):
            self._file = _created(part_path(path))
        try:
            self._write(to_value(header))
            earlier: list[Exchange | Medium] = [*before.media.values(), *before.exchanges] if before else []
            for item in earlier:
                self.add(item)
        except BaseException:
            self.abandon()
            raise

    @property
    def size_bytes(self) -> int:
        """How much was written so far."""
        return self._bytes

    def add(self, item: Exchange | Medium) -> None:
        """Write an exchange or a medium; a medium that is there already is not written again.

        Raises:
            TapeError: It cannot be part of a tape, the tape is full, it has ended, or the disk refused. The tape is as
                it was before.
        """
        value = to_value(item)
        from_value(value)  # what is written can be read
        with self._lock:
            if isinstance(item, Medium) and item.sha256 in self._media:
                return
            self._write(value)
            if isinstance(item, Medium):
                self._media.add(item.sha256)

    def finish(self, secrets: Iterable[str] = ()) -> Tape:
        """End the tape, read it as anybody will, and put it in its place.

        Args:
            secrets: What it may not hold, besides whatever looks like a secret.

        Raises:
            TapeSecret: It would hold a secret.
            TapeError: It would hold a script, or cannot be written. Either way what was recorded stays beside the
                place, in a file that only its owner can read.
        """
        with self._lock:
            self._write({"kind": "end", "lines": self._count + 1})
            with _written(self._path):
                os.fsync(self._file.fileno())
                self._file.close()
            return _published(self._path, secrets)

    def abandon(self) -> None:
        """Leave nothing of the recording behind; after `finish` nothing happens."""
        with self._lock:
            if not self._file.closed:
                with _written(self._path):
                    self._file.close()
                    part_path(self._path).unlink(missing_ok=True)

    def _write(self, value: dict[str, Any]) -> None:
        if self._file.closed:
            raise errors.TapeError("The recording has ended.", hint="Begin another with `%nemo tape record`.")
        line, own = lines.chained(value, self._sum)
        size, values = self._bytes + len(line), self._values + lines.weight(line)
        if len(line) > lines.MAX_LINE_BYTES or size > reading.MAX_TAPE_BYTES or values > lines.MAX_VALUES:
            raise errors.TapeError("The tape is full.", hint="End it with `%nemo tape off`, and go on with another.")
        with _written(self._path):
            try:
                left = memoryview(line)
                while left:
                    left = left[self._file.write(left) :]
            except OSError:
                with contextlib.suppress(OSError):
                    self._file.truncate(self._bytes)
                    self._file.seek(self._bytes)
                raise
        self._sum, self._count, self._bytes, self._values = own, self._count + 1, size, values


def recover(path: Path, secrets: Iterable[str] = ()) -> Tape | None:
    """Put in its place what an interrupted recording has left; None where there is nothing.

    Raises:
        TapeError: It goes on in another kernel, or cannot be saved; it stays as it is then.
        TapeSecret: It would hold a secret.
    """
    part = part_path(path)
    if not part.is_file():
        return None
    with _written(path), part.open("r+b") as file:
        _claim(file, part)
        with _kept(part):
            found, good = reading.Reading(part.name, tuple(secrets)), 0
            for line in reading.pieces(file):
                if found.is_ended or not line.endswith(b"\n"):
                    break
                found.take(line)
                good += len(line)
        file.seek(good)
        file.truncate()
        for value in () if found.is_ended else _endings(found):
            line, found.sum = lines.chained(value, found.sum)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return _published(path, secrets)


def _endings(found: reading.Reading) -> Iterator[dict[str, Any]]:
    """The lines that an interrupted recording lacks."""
    count = found.count + 1
    lost = {ref.sha256: ref.size_bytes for exchange in found.missing() if (ref := exchange.answer.media)}
    for sha256, size_bytes in lost.items():
        yield to_value(Medium(sha256, size_bytes, "", "", None, _LOST))
        count += 1
    yield {"kind": "end", "lines": count}


def _published(path: Path, secrets: Iterable[str]) -> Tape:
    part = part_path(path)
    with _kept(part):
        tape = read(part, secrets)
    with _written(path):
        part.replace(path)
    return tape


def _created(part: Path) -> FileIO:
    try:
        file = FileIO(part, "x", opener=lambda name, flags: os.open(name, flags, 0o600))
    except FileExistsError:
        hint = f"Delete {part.name} if nothing records on it any more and you do not need it."
        raise errors.TapeError(f"There is an unfinished recording: {part.name}.", hint=hint) from None
    _claim(file, part)
    return file


def _claim(file: IO[bytes] | FileIO, part: Path) -> None:
    """Keep other processes from taking the recording for one that was interrupted; some network drives cannot."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        hint = "End it there with `%nemo tape off`, or choose another name."
        raise errors.TapeError(f"Another kernel records on {part.name} now.", hint=hint) from None
    except OSError:
        file.seek(0)


@contextmanager
def _kept(part: Path) -> Iterator[None]:
    try:
        yield
    except errors.TapeError as error:
        error.hint = f"What was recorded is kept in {part.name}, which only you can read. {error.hint}"
        raise


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise errors.TapeError(f"The tape {path.name} cannot be written: {reason}.", hint=_ROOM) from error
