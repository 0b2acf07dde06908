"""Uploads on their way in: streamed to disk and hashed, at constant memory."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit

import httpx
from python_multipart.multipart import MultipartParser, parse_options_header

from nemo_notebook import errors, settings

MAX_BYTES: Final = 500_000_000
_FORM_BYTES: Final = 1 << 20  # what a form may need around its files
_MAX_NAME: Final = 200
_URL_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has come in: a temporary path, its name and the SHA-256 of its content in hex."""

    path: Path
    filename: str
    hash: str


class _Sink:
    """Takes the parts of one multipart body and writes each file to disk as it comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._path = folder
        self._size = 0
        self._name = ""
        self._header = (bytearray(), bytearray())
        self.received: list[Received] = []

    def callbacks(self) -> Any:
        """What the parser calls, by its own names."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._name, self._size, self._digest = "", 0, hashlib.sha256()

    def _header_end(self) -> None:
        field, value = self._header
        if field.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(value))
            name = options.get(b"filename", b"").decode("utf-8", "replace")
            self._name = name.replace("%22", '"').replace("%0D", " ").replace("%0A", " ")
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        if self._name:
            self._path = self._folder / f"{secrets.token_hex(16)}.part"
            self._file = self._path.open("wb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            return  # a plain field of the form
        self._size += end - start
        if self._size > MAX_BYTES:
            raise errors.MediaTooLarge(f"{self._name} is larger than {MAX_BYTES // 1_000_000} MB.")
        piece = memoryview(data)[start:end]
        self._digest.update(piece)
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


def check_length(content_length: str) -> None:
    """Refuse a form before it is read, as far as its header tells its length in bytes.

    Raises:
        MediaTooLarge: No file within the limit makes a form of that length.
    """
    if content_length.isdecimal() and int(content_length[:20]) > MAX_BYTES + _FORM_BYTES:
        raise errors.MediaTooLarge(f"The upload is larger than {MAX_BYTES // 1_000_000} MB.")


async def receive_form(body: AsyncIterator[bytes], content_type: str, folder: Path) -> list[Received]:
    """Read a multipart body into files below `folder`.

    Raises:
        MediaTooLarge: A file is over the limit; nothing is left behind.
        InputError: The body is no multipart form, or it broke off, or the disk is full.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise errors.InputError("The upload is not a form with files.")
    sink = _Sink(folder)
    parser = MultipartParser(options[b"boundary"], sink.callbacks())
    try:
        async for chunk in body:
            await _to_its_end(parser.write, chunk)
        parser.finalize()
        if sink.is_open:
            raise errors.InputError("The upload broke off.", hint="Upload it again.")
    except OSError as error:
        sink.discard()
        raise disk_full(error) from error
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


async def receive_urls(urls: Sequence[str], folder: Path, *, allow_private: bool = False) -> list[Received]:
    """Fetch files from public addresses, all or none; see `receive_url`."""
    received: list[Received] = []
    try:
        for url in urls:
            received.append(await receive_url(url, folder, allow_private=allow_private))  # noqa: PERF401 - kept if one fails
    except BaseException:
        for each in received:
            each.path.unlink(missing_ok=True)
        raise
    return received


async def receive_url(url: str, folder: Path, *, allow_private: bool = False) -> Received:
    """Fetch a file from a public address.

    Raises:
        InputError: The address is none that may be fetched, or does not answer with a file.
        MediaTooLarge: It is over the limit; nothing is left behind.
    """
    await _check_public(url, allow_private=allow_private)
    path = folder / f"{secrets.token_hex(16)}.part"
    digest, size = hashlib.sha256(), 0
    try:
        async with (
            asyncio.timeout(_URL_TIMEOUT_S),
            httpx.AsyncClient(timeout=settings.READ_TIMEOUT_S, trust_env=False) as http,
            http.stream("GET", url) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise errors.InputError(f"The address answered with HTTP {response.status_code} instead of a file.")
            with path.open("wb") as file:
                async for chunk in response.aiter_bytes(settings.TRANSFER_CHUNK_BYTES):
                    size += len(chunk)
                    if size > MAX_BYTES:
                        raise errors.MediaTooLarge(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
                    digest.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, (httpx.HTTPError, httpx.InvalidURL, TimeoutError)):
            raise errors.InputError(
                "The address could not be fetched.", hint="Download the file and upload it."
            ) from error
        if isinstance(error, OSError):
            raise disk_full(error) from error
        raise
    return Received(path, clean_name(unquote(urlsplit(url).path)), digest.hexdigest())


async def _check_public(url: str, *, allow_private: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise errors.InputError("Only http and https addresses can be fetched.")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise errors.InputError(
            "The address could not be found.", hint="Check it, or upload the file itself."
        ) from error
    if not allow_private and not all(ipaddress.ip_address(entry[4][0]).is_global for entry in found):
        raise errors.InputError("Addresses within this machine or its network are not fetched.")


def clean_name(name: str) -> str:
    """The last part of a file name, without what could lead elsewhere or hide; never empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(mark for mark in last if mark.isprintable()).strip()
    return visible[-_MAX_NAME:] or "file"


def disk_full(error: OSError) -> errors.InputError:
    """What to tell when the engine cannot write."""
    full = error.errno == 28  # ENOSPC, the same number everywhere
    message = "The disk is full." if full else f"The engine cannot write: {error.strerror}."
    return errors.InputError(message, hint="Free some space, then repeat.")
