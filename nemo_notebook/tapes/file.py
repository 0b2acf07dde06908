"""Tape files: read with every check, written line by line beside their place, and moved there when they are whole."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO, Any, Final

from nemo_notebook import errors
from nemo_notebook.outside import redact
from nemo_notebook.tapes import format as fmt
from nemo_notebook.tapes.format import End, Exchange, Header, Item, Medium, TapeContent
from nemo_notebook.tapes.scan import Finding, findings, findings_in_media

_OWN: Final = 0o600
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_ROOM: Final = "Choose a folder that can be written and has room."
_HARM: Final = "Nothing of it was played. Use tapes only from people whom you trust, or record it again."
_POINTED: Final = "It only says where git keeps the tape: `git lfs pull` fetches it."


def read_tape(path: Path, secrets: Iterable[str] = ()) -> TapeContent:
    """Read a tape.

    Args:
        path: The file.
        secrets: What it may not hold, besides whatever looks like a secret.

    Raises:
        TapeError: There is none, or it is damaged, edited, not whole, of another version, or holds a script.
        TapeSecret: It holds what looks like a secret.
    """
    try:
        if not path.exists():
            hint = f"Check the path, or record one with `%nemo tape record {path.name}`."
            if os.path.lexists(part_path(path)):
                hint = f"An unfinished recording is kept in {part_path(path).name}. {hint}"
            raise errors.TapeError(f"There is no tape {path.name}.", hint=hint)
        if not path.is_file():
            raise errors.TapeError(f"{path.name} is no file.", hint="Check the path of the tape.")
        if path.stat().st_size > fmt.MAX_TAPE_BYTES:
            raise errors.TapeError(f"{path.name} is larger than any tape.")
        with path.open("rb") as file:
            return read_tape_from(file, path.name, secrets)
    except (OSError, ValueError) as error:
        raise errors.TapeError(f"The tape {path.name} cannot be read: {error}.", hint="Check the file.") from error


def read_tape_from(file: IO[bytes], name: str, secrets: Iterable[str] = ()) -> TapeContent:
    """Read a tape from an open file; see `read_tape`."""
    items: list[Item] = []
    known, own_sum, values = tuple(secrets), "", 0
    while line := file.readline(fmt.MAX_TAPE_LINE_BYTES + 1):
        if line.endswith(b"\r\n"):  # as git ends lines on Windows
            line = line.removesuffix(b"\r\n") + b"\n"
        values += fmt.weight(line)
        try:
            if not items:
                fmt.check_version(fmt.parse_line(line))
            if values > fmt.MAX_VALUES:
                raise errors.TapeError("is one more than a tape can have.")
            item, value, own_sum = fmt.unseal(line, own_sum)
            _search(item, value, known, f"Line {len(items) + 1} of {name}")
            _check_place(item, items)
        except errors.TapeSecret:
            raise
        except errors.TapeError as error:
            if not items and _is_foreign(line):
                hint = _POINTED if line.startswith(b"version https://git-lfs") else "Check the path of the tape."
                raise errors.TapeError(f"{name} is no tape.", hint=hint) from None
            raise errors.TapeError(f"Line {len(items) + 1} of {name} {error.message}", hint=error.hint) from None
        items.append(item)
    return _content(items, name)


def _check_place(item: Item, before: Sequence[Item]) -> None:
    if before and isinstance(before[-1], End):
        raise errors.TapeError("comes after the end of the tape.")
    if isinstance(item, Header) is bool(before):
        raise errors.TapeError("stands where it cannot: a tape begins with its header, and has one.")
    if isinstance(item, End) and item.lines != len(before) + 1:
        raise errors.TapeError("tells of more or fewer lines than there are.")


def _content(items: Sequence[Item], name: str) -> TapeContent:
    """The tape, if it is whole and says nothing twice."""
    if not items or not isinstance(items[-1], End) or not isinstance(items[0], Header):
        words = f"{name} breaks off after line {len(items)}: it is not whole." if items else f"{name} is empty."
        raise errors.TapeError(words)
    exchanges = {item.number: item for item in items if isinstance(item, Exchange)}
    media = {item.sha256: item for item in items if isinstance(item, Medium)}
    if len(exchanges) + len(media) + 2 != len(items):
        raise errors.TapeError(f"{name} holds a request or a medium twice.")
    for exchange in exchanges.values():
        if exchange.answer.media and exchange.answer.media.sha256 not in media:
            raise errors.TapeError(f"{name} lacks the file of request {exchange.number}.")
    return TapeContent(items[0], tuple(exchanges[number] for number in sorted(exchanges)), media)


def _search(item: Item, value: dict[str, Any], secrets: Iterable[str], where: str) -> None:
    """Refuse a line for what it holds; `where` is its place in the file."""
    found: list[Finding] = []
    if isinstance(item, Medium):
        value = {key: part for key, part in value.items() if key != "data"}
        found = findings_in_media(item.type, item.data, secrets)
    found += findings(value, secrets)
    if isinstance(item, Exchange) and item.cell and all(finding.where != "cell" for finding in found):
        where += f" ({redact(item.cell, 40)})"
    for finding in found:
        if finding.is_secret:
            raise errors.TapeSecret(f"{where} holds what looks like {finding.what}: {finding.where}.")
        raise errors.TapeError(f"holds {finding.what}: {finding.where}.", hint=_HARM)


class Writer:
    """Records a tape; whoever shares it takes turns. Every line is in the part file as soon as it is added.

    Args:
        path: Where the tape is to be; what is there stays until `finish`.
        header: Its first line.

    Attributes:
        size_bytes: How much was written so far.

    Raises:
        TapeError: It cannot be written there, or another recording of that name goes on.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.size_bytes = 0
        self._sum = ""
        self._count = self._values = 0
        self._media: set[str] = set()
        self._part = part_path(path)
        put_aside_interrupted(path)
        with written(path):
            self._file = FileIO(self._part, "x+", opener=lambda name, flags: os.open(name, flags, _OWN))
            _lock(self._file)
        try:
            self.add(header)
        except BaseException:
            self.abandon()
            raise

    def add(self, item: Item) -> bool:
        """Write an item; a medium that is there already is not written again. Returns whether it was written.

        Raises:
            TapeError: It cannot be part of a tape, the tape is full, it has ended, or the disk refused. The tape is as
                it was before.
        """
        if isinstance(item, Medium) and item.sha256 in self._media:
            return False
        if self._file.closed:
            raise errors.TapeError("The recording has ended.", hint="Begin another with `%nemo tape record`.")
        line, own = fmt.seal(item, self._sum)
        size, values = self.size_bytes + len(line), self._values + fmt.weight(line)
        if len(line) > fmt.MAX_TAPE_LINE_BYTES or size > fmt.MAX_TAPE_BYTES or values > fmt.MAX_VALUES:
            hint = "End it with `%nemo tape off`, and go on with another."
            raise errors.TapeError("The tape is full.", hint=hint)
        with written(self.path):
            self._write(line)
        self._sum, self.size_bytes, self._values, self._count = own, size, values, self._count + 1
        if isinstance(item, Medium):
            self._media.add(item.sha256)
        return True

    def _write(self, line: bytes) -> None:
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            with contextlib.suppress(OSError):
                self._file.truncate(self.size_bytes)
                self._file.seek(self.size_bytes)
            raise

    def finish(self, secrets: Iterable[str] = ()) -> TapeContent:
        """End the tape: read it as anybody will, and put it in its place; the tape before stays as `NAME.bak`.

        Args:
            secrets: What it may not hold, besides whatever looks like a secret.

        Raises:
            TapeSecret: It would hold a secret: what was recorded is set aside, where only its owner can read it.
            TapeError: It would hold a script, and is set aside too; or it cannot be written, and stays where it is.
        """
        try:
            self.add(End(self._count + 1))
            with written(self.path):
                os.fsync(self._file.fileno())
                self._file.close()
                content = self._checked(secrets)
                self._place()
        except errors.TapeError as error:
            self._file.close()
            if os.path.lexists(self._part):
                error.hint = f"{kept_words(self.path)} {error.hint}"
            raise
        return content

    def _checked(self, secrets: Iterable[str]) -> TapeContent:
        try:
            with self._part.open("rb") as file:
                return read_tape_from(file, self._part.name, secrets)
        except errors.TapeError as error:
            aside = spare(self.path.with_name(f"{self.path.name}.refused"))
            self._part.chmod(_OWN)
            self._part.replace(aside)
            way = errors.TapeSecret.hint if error.hint == _HARM else error.hint  # it is from nobody else
            error.hint = f"What was recorded is kept in {aside.name}, which only you can read. {way}"
            raise

    def _place(self) -> None:
        path = self.path
        if path.is_file():
            mode, old = stat.S_IMODE(path.stat().st_mode), path.with_name(f"{path.name}.bak")
            path.replace(old)
            if not old.is_symlink():
                old.chmod(_OWN)
        else:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            mode = stat.S_IMODE(path.stat().st_mode)
        self._part.chmod(mode)
        self._part.replace(path)

    def abandon(self) -> None:
        """Leave nothing of the recording behind; after `finish` nothing happens."""
        if not self._file.closed:
            self._file.close()
            with written(self.path):
                self._part.unlink(missing_ok=True)


def part_path(path: Path) -> Path:
    """Where a tape is while it is recorded."""
    return path.with_name(f"{path.name}.part")


def kept_words(path: Path) -> str:
    """What is said of a recording that could not be saved."""
    return f"What was recorded is kept in {part_path(path).name}, which only you can read."


def spare(path: Path) -> Path:
    """A name like a path's that nobody has, taken by an empty file.

    Raises:
        OSError: It cannot be taken.
    """
    for number in itertools.count(1):
        name = path.with_name(f"{path.name}{number if number > 1 else ''}")
        with contextlib.suppress(FileExistsError):
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN))
            return name
    raise AssertionError


def put_aside_interrupted(path: Path) -> Path | None:
    """Rename what an interrupted recording has left, so that another can begin; gives where it is.

    Raises:
        TapeError: It goes on in another kernel, or is not of this user.
    """
    part = part_path(path)
    if not os.path.lexists(part):
        return None
    there = part.lstat()
    if not stat.S_ISREG(there.st_mode) or (sys.platform != "win32" and there.st_uid != os.geteuid()):
        hint = "Look what it is: delete it, or choose another name for the tape."
        raise errors.TapeError(f"{part.name} is no recording of yours.", hint=hint)
    with written(path):
        with FileIO(part, "r+", opener=lambda name, flags: os.open(name, flags | _NO_LINKS)) as file:
            _lock(file)
        kept = spare(path.with_name(f"{path.name}.interrupted"))
        part.replace(kept)
    return kept


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Turn an `OSError` into the error of a tape that cannot be written.

    Raises:
        TapeError: It cannot.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise errors.TapeError(f"The tape {path.name} cannot be written: {reason}.", hint=_ROOM) from error


def _is_foreign(line: bytes) -> bool:
    try:
        return fmt.parse_line(line).get("kind") != "tape"
    except errors.TapeError:
        return True


def _lock(file: FileIO) -> None:
    """Claim a part file for this process, until it is closed; some network drives cannot.

    Raises:
        TapeError: Another process has it.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 40)  # behind every end: what is locked there can be read and written all the same
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        hint = "End it there with `%nemo tape off`, or choose another name."
        raise errors.TapeError(f"Another kernel records on {Path(str(file.name)).name} now.", hint=hint) from None
    except OSError:
        pass
    finally:
        file.seek(0)
