"""Uploads on their way in: streamed to disk and hashed, at constant memory."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from python_multipart.multipart import MultipartParser, parse_options_header

from nemo_notebook import errors
from nemo_notebook.files import check_room, disk_full, is_full

MAX_FILES: Final = 200
_FORM_BYTES: Final = 1 << 20  # what a form may need around its files
_HEADER_BYTES: Final = 16 << 10  # of one part of a form
_MAX_NAME: Final = 200
_LOOK_BYTES: Final = 64 << 20  # after so many more of a file, the disk is looked at again


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has come in: a temporary path, its name and the SHA-256 of its content in hex."""

    path: Path
    filename: str
    hash: str


class _Sink:
    """Takes the parts of one multipart body and writes each file to disk as it comes."""

    def __init__(self, folder: Path, max_bytes: int | None) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._path = folder
        self._size = 0
        self._name = ""
        self._header = (bytearray(), bytearray())
        self._headers_bytes = 0
        self.written_bytes = 0  # of all files
        self.received: list[Received] = []

    def callbacks(self) -> Any:
        """What the parser calls, by its own names."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._add(self._header[0], data[start:end]),
            "on_header_value": lambda data, start, end: self._add(self._header[1], data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._name, self._size, self._digest = "", 0, hashlib.sha256()
        self._headers_bytes = 0

    def _add(self, to: bytearray, piece: bytes) -> None:
        self._headers_bytes += len(piece)
        if self._headers_bytes > _HEADER_BYTES:
            raise errors.InputError("A part of the upload has a head that is too long.")
        to.extend(piece)

    def _header_end(self) -> None:
        field, value = self._header
        if field.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(value))
            name = options.get(b"filename", b"").decode("utf-8", "replace")
            self._name = name.replace("%22", '"').replace("%0D", " ").replace("%0A", " ")
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        if self._name:
            if len(self.received) >= MAX_FILES:
                raise errors.InputError(f"At most {MAX_FILES} files are taken at once.", hint="Upload them in parts.")
            self._path = self._folder / f"{secrets.token_hex(16)}.part"
            self._file = self._path.open("wb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            return  # a plain field of the form
        before, self._size = self._size, self._size + end - start
        check_size(clean_name(self._name), before, self._size, self._folder, self._max_bytes)
        piece = memoryview(data)[start:end]
        self._digest.update(piece)
        self.written_bytes += len(piece)
        self._file.write(piece)

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self.received.append(Received(self._path, clean_name(self._name), self._digest.hexdigest()))

    @property
    def is_open(self) -> bool:
        """Whether a file has begun and not ended."""
        return self._file is not None

    def discard(self) -> None:
        """Close and remove what has come so far."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
        for each in self.received:
            each.path.unlink(missing_ok=True)


def check_size(what: str, before: int, size: int, folder: Path, max_bytes: int | None) -> None:
    """Look at a file that grows while it comes, from `before` to `size` bytes; now and then at its disk, too.

    Raises:
        MediaTooLarge: It is over the limit.
        InputError: It would leave the disk nearly full.
    """
    if max_bytes is not None and size > max_bytes:
        raise errors.MediaTooLarge(f"{what} is larger than {max_bytes / 1e6:g} MB.")
    if before // _LOOK_BYTES != size // _LOOK_BYTES:
        check_room(what, None, folder)


def check_length(content_length: str, folder: Path, max_bytes: int | None = None) -> None:
    """Refuse a form before it is read, as far as its header tells its length in bytes.

    Raises:
        MediaTooLarge: No file within the limit makes a form of that length.
        InputError: The disk has no room for it.
    """
    length = int(content_length[:20]) if content_length.isdecimal() else 0
    if max_bytes is not None and length > max_bytes + _FORM_BYTES:
        raise errors.MediaTooLarge(f"The upload is larger than {max_bytes / 1e6:g} MB.")
    check_room("The upload", length, folder)


async def receive_form(
    body: AsyncIterator[bytes], content_type: str, folder: Path, max_bytes: int | None = None
) -> list[Received]:
    """Read a multipart body into files below `folder`, each of at most `max_bytes` (by default what the disk takes).

    Raises:
        MediaTooLarge: A file is over the limit; nothing is left behind.
        InputError: The body is no multipart form, or it broke off, or the disk is full.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise errors.InputError("The upload is not a form with files.")
    sink = _Sink(folder, max_bytes)
    try:
        parser = MultipartParser(options[b"boundary"], sink.callbacks())
        async for chunk in body:
            await _to_its_end(parser.write, chunk)
        parser.finalize()
        if sink.is_open:
            raise errors.InputError("The upload broke off.", hint="Upload it again.")
    except OSError as error:
        sink.discard()
        raise write_failed(error, folder, sink.written_bytes) from error
    except BaseException as error:
        sink.discard()
        if isinstance(error, ValueError):
            raise errors.InputError("The upload broke off.", hint="Upload it again.") from error
        raise
    if not sink.received:
        raise errors.InputError("The upload holds no file.")
    return sink.received


async def _to_its_end(write: Callable[[bytes], object], chunk: bytes) -> None:
    """Write in a thread; also when cancelled, wait for it: what it writes is removed afterwards, and not before."""
    writing = asyncio.ensure_future(asyncio.to_thread(write, chunk))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise


def clean_name(name: str) -> str:
    """The last part of a file name, without what could lead elsewhere or hide; never empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(mark for mark in last if mark.isprintable()).strip()
    return visible[-_MAX_NAME:] or "file"


def write_failed(error: OSError, folder: Path, written_bytes: int = 0) -> errors.InputError:
    """What to tell when the engine cannot write."""
    if is_full(error):
        return disk_full("the upload", folder, written_bytes, at_least=True)
    return errors.InputError(f"The engine cannot write: {error.strerror}.", hint="See that it can, then repeat.")
