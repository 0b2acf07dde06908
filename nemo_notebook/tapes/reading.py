"""Reads a tape that anybody may have written: whole, unchanged, of a version that is known, and harmless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

from nemo_notebook import errors
from nemo_notebook.outside import redact
from nemo_notebook.tapes import lines
from nemo_notebook.tapes.format import Exchange, Header, Medium, Tape
from nemo_notebook.tapes.scanning import Finding, findings, findings_in_media
from nemo_notebook.tapes.values import check_version, from_value

MAX_TAPE_BYTES: Final = 512 << 20
MARK: Final = {"kind": "secret"}
"""What stands in a recording behind a line that holds a secret of its session: it never becomes a tape."""
HARM: Final = "Nothing of it was played. Use tapes only from people whom you trust, or record it again."
"""What to do about a tape with something that would come to life where it is shown."""

_CELL_CHARS: Final = 40
_CRLF: Final = b"\r\n"  # as git ends lines on Windows
_POINTER: Final = b"version https://git-lfs"
_POINTED: Final = "It only says where git keeps the tape: `git lfs pull` fetches it."
_AGAIN: Final = "Take another copy of the tape, or record it again with `%nemo tape record`."


def read(path: Path, secrets: Iterable[str] = ()) -> Tape:
    """A tape from its file.

    Args:
        path: The file.
        secrets: What it may not hold, besides whatever looks like a secret.

    Raises:
        TapeError: There is none, or it is damaged, edited, not whole, of a newer version, or holds a script.
        TapeSecret: It holds what looks like a secret.
    """
    try:
        if not path.exists():
            hint = f"Check the path, or record one with `%nemo tape record {path.name}`."
            raise errors.TapeError(f"There is no tape {path.name}.", hint=hint)
        if not path.is_file():
            raise errors.TapeError(f"{path.name} is no file.", hint="Check the path of the tape.")
        if path.stat().st_size > MAX_TAPE_BYTES:
            raise errors.TapeError(f"{path.name} is larger than any tape.", hint=_AGAIN)
        with path.open("rb") as file:
            return read_from(file, path.name, secrets)
    except (OSError, ValueError) as error:
        raise errors.TapeError(f"The tape {path.name} cannot be read: {error}.", hint="Check the file.") from error


def read_from(file: IO[bytes], name: str, secrets: Iterable[str] = ()) -> Tape:
    """A tape from an open file; see `read`."""
    reading = Reading(name, tuple(secrets))
    for line in pieces(file):
        reading.take(line)
    return reading.tape()


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The lines with their ends; one that is too long comes without."""
    while line := file.readline(lines.MAX_LINE_BYTES + 1):
        yield line


class Reading:
    """Takes the lines of a tape in order.

    Attributes:
        count: How many were good.
        sum: The sum of the last one.
        is_ended: Whether the last one was the end.
    """

    def __init__(self, name: str, secrets: tuple[str, ...] = ()) -> None:
        self.count = 0
        self.sum = ""
        self.is_ended = False
        self._name = name
        self._secrets = secrets
        self._values = 0
        self._header: Header | None = None
        self._exchanges: dict[int, Exchange] = {}
        self._media: dict[str, Medium] = {}

    def take(self, line: bytes) -> None:
        """Take the next line.

        Raises:
            TapeError: It is not as it should be there; what was taken before stays.
        """
        if line.endswith(_CRLF):
            line = line.removesuffix(_CRLF) + b"\n"
        try:
            self._take(line)
        except errors.TapeSecret:
            raise
        except errors.TapeError as error:
            if not self.count and self._is_foreign(line):
                hint = _POINTED if line.startswith(_POINTER) else "Check the path of the tape."
                raise errors.TapeError(f"{self._name} is no tape.", hint=hint) from None
            raise errors.TapeError(f"Line {self.count + 1} of {self._name} {error.message}", hint=error.hint) from None

    def tape(self) -> Tape:
        """What was read.

        Raises:
            TapeError: It is not whole.
        """
        if self._header is None or not self.is_ended:
            told = f"{self._name} breaks off after line {self.count}: it is not whole."
            raise errors.TapeError(told if self.count else f"{self._name} is empty.", hint=_AGAIN)
        kept = {medium.sha256 for medium in self._media.values() if medium.data is not None}
        for medium in self._media.values():
            if medium.preview and medium.preview not in kept:
                raise errors.TapeError(f"{self._name} lacks the preview of {redact(medium.name, 60)}.", hint=_AGAIN)
        if missing := self.missing():
            raise errors.TapeError(f"{self._name} lacks the file of request {missing[0].number}.", hint=_AGAIN)
        exchanges = tuple(self._exchanges[number] for number in sorted(self._exchanges))
        return Tape(self._header, exchanges, self._media)

    def missing(self) -> list[Exchange]:
        """The exchanges whose medium has no line."""
        refs = ((exchange, exchange.answer.media) for exchange in self._exchanges.values())
        return [exchange for exchange, ref in refs if ref and ref.sha256 not in self._media]

    def _is_foreign(self, line: bytes) -> bool:
        try:
            return lines.parsed(line).get("kind") != "tape"
        except errors.TapeError:
            return True

    def _take(self, line: bytes) -> None:
        if self.is_ended:
            raise errors.TapeError("comes after the end of the tape.", hint=_AGAIN)
        if not self.count:
            check_version(lines.parsed(line))
        self._values += lines.weight(line)
        if self._values > lines.MAX_VALUES:
            raise errors.TapeError("is one more than a tape can have.", hint=_AGAIN)
        value, own = lines.unchained(line, self.sum)
        if value == MARK:
            raise errors.TapeSecret(f"Line {self.count} of {self._name} holds a secret of its session.")
        if value.get("kind") == "end":
            if value.get("lines") != self.count + 1:
                raise errors.TapeError("tells of more or fewer lines than there are.", hint=_AGAIN)
            self.is_ended = True
        else:
            item = from_value(value)
            self._search(value, item)
            self._keep(item)
        self.count, self.sum = self.count + 1, own

    def _keep(self, item: Header | Exchange | Medium) -> None:
        if isinstance(item, Header) is bool(self.count):
            raise errors.TapeError("stands where it cannot: a tape begins with its header, and has one.", hint=_AGAIN)
        if isinstance(item, Header):
            self._header = item
        elif isinstance(item, Exchange):
            if item.number in self._exchanges:
                raise errors.TapeError("has the number of another request.", hint=_AGAIN)
            self._exchanges[item.number] = item
        else:
            if item.sha256 in self._media:
                raise errors.TapeError("is a medium that is there already.", hint=_AGAIN)
            self._media[item.sha256] = item

    def _search(self, value: dict[str, Any], item: Header | Exchange | Medium) -> None:
        found: list[Finding] = []
        if isinstance(item, Medium):
            value = {key: part for key, part in value.items() if key != "data"}
            found = findings_in_media(item.type, item.data, self._secrets)
        found += findings(value, self._secrets)
        where = f"Line {self.count + 1} of {self._name}"
        if isinstance(item, Exchange) and item.cell and all(finding.where != "cell" for finding in found):
            where += f" ({redact(item.cell, _CELL_CHARS)})"
        for finding in found:
            if finding.is_secret:
                raise errors.TapeSecret(f"{where} holds what looks like {finding.what}: {finding.where}.")
            raise errors.TapeError(f"holds {finding.what}: {finding.where}.", hint=HARM)
