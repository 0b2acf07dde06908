"""From what was recorded to a tape: read as anybody will read it, and then put in its place, or set aside for good."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.tapes import lines, places, reading
from nemo_notebook.tapes.format import Medium, Tape
from nemo_notebook.tapes.places import part_path
from nemo_notebook.tapes.values import to_value

_LOST: Final = "not kept: the recording was interrupted"


@dataclass(frozen=True, slots=True)
class Ended:
    """A recording that was read.

    Attributes:
        tape: What it gives.
        size_bytes: How much of its file is good: the half of a line may follow.
        rest: The lines that it lacks.
    """

    tape: Tape
    size_bytes: int
    rest: bytes


def ended(file: FileIO, path: Path, secrets: Iterable[str] = ()) -> Ended:
    """Read what was recorded for a path; what no tape may hold is set aside, where nothing reads it any more.

    Args:
        file: It lies at `part_path`, claimed. It is closed if it is set aside.
        path: The tape.
        secrets: What it may not hold, besides whatever looks like a secret.

    Raises:
        TapeError: It is no tape.
        TapeSecret: It holds a secret.
    """
    part = part_path(path)
    found, good = reading.Reading(part.name, tuple(secrets)), 0
    file.seek(0)
    buffer = io.BufferedReader(file)
    try:
        with _set_aside(file, path):
            for line in reading.pieces(buffer):
                if not line.endswith(b"\n"):
                    break
                found.take(line)
                good += len(line)
            if found.is_ended:  # recordings have no end until they are saved
                raise errors.TapeError(f"{part.name} is no recording that was interrupted.")
            rest = b""
            for value in _endings(found):
                line, _ = lines.chained(value, found.sum)
                found.take(line)
                rest += line
            return Ended(found.tape(), good, rest)
    finally:
        with suppress(ValueError):  # it was closed
            buffer.detach()


def put(file: FileIO, end: Ended, target: Path, mode: int) -> None:
    """Write a recording to where it is to be, as a tape that is whole.

    Raises:
        TapeError: It cannot be written; the recording stays where it is.
    """
    with places.written(target), places.replacing(target, mode) as whole:
        file.seek(0)
        shutil.copyfileobj(file, whole)
        whole.truncate(end.size_bytes)
        whole.seek(end.size_bytes)
        whole.write(end.rest)


def put_beside(file: FileIO, end: Ended, path: Path, word: str, mode: int) -> Path:
    """Write it beside a path, under a name that nobody has, such as `film.new.nemotape`; gives that.

    Raises:
        TapeError: It cannot be written; the recording stays where it is.
    """
    with places.written(path):
        target = places.spare(path.with_name(f"{path.stem}.{word}"), path.suffix)
    try:
        put(file, end, target, mode)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise
    return target


@contextmanager
def left(path: Path) -> Iterator[None]:
    """Say of an error where the recording is."""
    try:
        yield
    except errors.TapeError as error:
        error.hint = f"{kept_words(path)} {error.hint}"
        raise


def kept_words(path: Path) -> str:
    """What is said of a recording that could not be saved yet."""
    told = f"What was recorded is kept in {part_path(path).name}, which only you can read"
    return f"{told}: `%nemo tape replay` or `record` saves it as soon as it can."


def _endings(found: reading.Reading) -> Iterator[dict[str, Any]]:
    lost = {ref.sha256: ref.size_bytes for exchange in found.missing() if (ref := exchange.answer.media)}
    for sha256, size_bytes in lost.items():
        yield to_value(Medium(sha256, size_bytes, "", "", None, _LOST))
    yield {"kind": "end", "lines": found.count + 1}


@contextmanager
def _set_aside(file: FileIO, path: Path) -> Iterator[None]:
    try:
        yield
    except errors.TapeError as error:
        kept = part_path(path)
        with suppress(OSError):
            kept = places.set_aside(file, path)
        way = errors.TapeSecret.hint if error.hint == reading.HARM else error.hint  # it is from nobody else
        error.hint = f"What was recorded is kept in {kept.name}, which only you can read. {way}"
        raise
