"""Uploads on their way in, from a form or from addresses: streamed to disk and hashed, at constant memory.

Addresses are fetched from the public internet only, with limits on size and time. A name is resolved once, all that it
stands for is checked, and the connection goes to what was checked: a name that stands for something else a moment later
(DNS rebinding) gains nothing. That holds for every redirect anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import ipaddress
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Self
from urllib.parse import unquote

import httpx
from python_multipart.multipart import MultipartParser, parse_options_header

from nemo_notebook import errors, settings
from nemo_notebook.files import check_room, disk_full, is_full, mark_used, replace_durably

_MAX_PORT: Final = 65535
_INSTEAD: Final = "Add the file itself: drop it, or upload it by its path."
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_DOCUMENTATION: Final = ipaddress.ip_network("3fff::/20")  # RFC 9637, younger than the lists of some Pythons
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


class Receiver:
    """Writes the files of one upload to disk as they come; used as a context manager, it removes them if that fails.

    Args:
        folder: Where they are kept for now.
        max_bytes: The largest file; what the disk takes if None.

    Attributes:
        received: The files that are whole.

    Raises:
        InputError: Leaving it, if the disk refused.
    """

    def __init__(self, folder: Path, max_bytes: int | None) -> None:
        self.received: list[Received] = []
        self._folder = folder
        self._max_bytes = max_bytes
        self._file: IO[bytes] | None = None
        self._path = folder
        self._digest = hashlib.sha256()
        self._name = ""
        self._size = self._written_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            return
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
        for each in self.received:
            each.path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_failed(error, self._folder, self._written_bytes) from error

    @property
    def is_open(self) -> bool:
        """Whether a file has begun and not ended."""
        return self._file is not None

    def begin_file(self, name: str) -> None:
        """Begin a file of that name."""
        self._name, self._size, self._digest = clean_name(name), 0, hashlib.sha256()
        self._path = self._folder / f"{secrets.token_hex(16)}.part"
        self._file = self._path.open("wb")

    def write(self, piece: bytes | memoryview) -> None:
        """Write the next bytes of the file that is open, if one is.

        Raises:
            MediaTooLarge: It is over the limit.
            InputError: It would leave the disk nearly full, which is looked at now and then.
        """
        if self._file is None:
            return  # a plain field of a form
        before, self._size = self._size, self._size + len(piece)
        if self._max_bytes is not None and self._size > self._max_bytes:
            raise errors.MediaTooLarge(f"{self._name} is larger than {self._max_bytes / 1e6:g} MB.")
        if before // _LOOK_BYTES != self._size // _LOOK_BYTES:
            check_room(self._name, None, self._folder)
        self._digest.update(piece)
        self._written_bytes += len(piece)
        self._file.write(piece)

    def end_file(self) -> None:
        """Close the file that is open, if one is: it is whole."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self.received.append(Received(self._path, self._name, self._digest.hexdigest()))


class _Form:
    """Hands the files of a multipart body to a receiver."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._name = ""
        self._field, self._value = bytearray(), bytearray()
        self._head_bytes = 0

    def callbacks(self) -> Any:
        """What the parser calls, by its own names."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": functools.partial(self._add, self._field),
            "on_header_value": functools.partial(self._add, self._value),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self._receiver.end_file,
        }

    def _begin(self) -> None:
        self._name, self._head_bytes = "", 0

    def _add(self, to: bytearray, data: bytes, start: int, end: int) -> None:
        self._head_bytes += end - start
        if self._head_bytes > _HEADER_BYTES:
            raise errors.InputError("A part of the upload has a head that is too long.")
        to.extend(data[start:end])

    def _end_header(self) -> None:
        if self._field.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            name = options.get(b"filename", b"").decode("utf-8", "replace")
            self._name = name.replace("%22", '"').replace("%0D", " ").replace("%0A", " ")
        self._field.clear()
        self._value.clear()

    def _open(self) -> None:
        if self._name:
            _check_count(len(self._receiver.received) + 1)
            self._receiver.begin_file(self._name)

    def _write(self, data: bytes, start: int, end: int) -> None:
        self._receiver.write(memoryview(data)[start:end])


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise errors.InputError(f"At most {MAX_FILES} files are taken at once.", hint="Upload them in parts.")


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
    with Receiver(folder, max_bytes) as receiver:
        try:
            parser = MultipartParser(options[b"boundary"], _Form(receiver).callbacks())
            async for chunk in body:
                await _to_its_end(parser.write, chunk)
            parser.finalize()
        except ValueError as error:
            raise errors.InputError("The upload broke off.", hint="Upload it again.") from error
        if receiver.is_open:
            raise errors.InputError("The upload broke off.", hint="Upload it again.")
    if not receiver.received:
        raise errors.InputError("The upload holds no file.")
    return receiver.received


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


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, and so are those that lie hidden in it."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    hidden: list[ipaddress.IPv4Address] = []
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = [inner for inner in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if inner is not None]
        if ip in _NAT64:
            return _is_global(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return all(_is_global(each) for each in (ip, *hidden))


def _is_global(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    special = ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local or ip.is_unspecified
    if isinstance(ip, ipaddress.IPv6Address):
        special |= ip.is_site_local or ip in _DOCUMENTATION
    return ip.is_global and not special


class PublicTransport(httpx.AsyncHTTPTransport):
    """Connects to public addresses only; the name goes along in the `Host` header and in the TLS greeting.

    Args:
        allow_private: Whether any address will do; for tests.
    """

    def __init__(self, *, allow_private: bool = False) -> None:
        super().__init__(retries=0)
        self._allow_private = allow_private

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, by the system; numbers in any of their old spellings are such addresses too."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(entry[4][0]) for entry in found]

    async def connect(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the address that it names."""
        return await super().handle_async_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, a redirected one too.

        Raises:
            InputError: The address is none that may be fetched.
        """
        url = request.url
        if url.scheme not in {"http", "https"} or not url.host:
            raise errors.InputError("Only http and https addresses can be fetched.", hint=_INSTEAD)
        if url.userinfo:
            raise errors.InputError("Addresses with a user name or password are not fetched.", hint=_INSTEAD)
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=await self._address(url)),
            headers=request.headers,  # `Host` among them: it still says the name
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return await self.connect(pinned)

    async def _address(self, url: httpx.URL) -> str:
        port = url.port or (443 if url.scheme == "https" else 80)
        found: Sequence[str] = ()
        with contextlib.suppress(OSError, ValueError):
            found = await self.resolve(url.host, port) if port <= _MAX_PORT else ()
        if not found:
            raise errors.InputError("The address could not be found.", hint="Check it, or upload the file itself.")
        if not self._allow_private and not all(is_public(address) for address in found):
            raise errors.InputError(
                "Only public addresses are fetched, none within this machine or its network.", hint=_INSTEAD
            )
        return found[0]


_TIMEOUT_S: Final = 120.0
_REDIRECTS: Final = 3
_MAX_ADDRESS: Final = 4096


async def receive_urls(
    urls: Sequence[str], folder: Path, *, transport: PublicTransport | None = None, max_bytes: int | None = None
) -> list[Received]:
    """Fetch files, all or none.

    Args:
        urls: Their addresses.
        folder: Where they are kept for now.
        transport: What connects; to public addresses only if None.
        max_bytes: The largest file; what the disk takes if None.

    Raises:
        InputError: An address is none that may be fetched, or does not answer with a file.
        MediaTooLarge: A file is over the limit; nothing is left behind.
    """
    _check_count(len(urls))
    http = httpx.AsyncClient(
        transport=transport or PublicTransport(),
        timeout=settings.READ_TIMEOUT_S,
        trust_env=False,
        follow_redirects=True,
        max_redirects=_REDIRECTS,
        headers={"Accept-Encoding": "identity"},  # what is packed could unpack to any size
    )
    with Receiver(folder, max_bytes) as receiver:
        async with http:
            for url in urls:
                await _fetch(http, url, receiver)
    return receiver.received


async def _fetch(http: httpx.AsyncClient, url: str, receiver: Receiver) -> None:
    if len(url) > _MAX_ADDRESS:
        raise errors.InputError("An address is too long to be one.")
    try:
        async with asyncio.timeout(_TIMEOUT_S), http.stream("GET", url) as response:
            if response.status_code != httpx.codes.OK:
                raise errors.InputError(f"The address answered with HTTP {response.status_code} instead of a file.")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise errors.InputError("The address answers with a packed file.", hint="Upload the file itself.")
            receiver.begin_file(unquote(httpx.URL(url).path))
            async for chunk in response.aiter_raw(settings.TRANSFER_CHUNK_BYTES):
                await _to_its_end(receiver.write, chunk)
            receiver.end_file()
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise errors.InputError("The address could not be fetched.", hint="Download the file and upload it.") from error


def keep_file(part: Path, target: Path) -> bool:
    """Give a file its place; gives whether it took that of a damaged one. A whole one stays: it may have readers.

    Raises:
        InputError: The disk refused.
    """
    try:
        was_there = target.exists()
        if was_there and is_whole(target, part.stat().st_size):
            part.unlink()
            mark_used([target])  # until it is noted whose it is, its age alone keeps it
            return False
        replace_durably(part, target)
    except OSError as error:
        raise write_failed(error, target.parent) from error
    return was_there


def is_whole(path: Path, size_bytes: int | None = None) -> bool:
    """Whether an upload is as it was kept, by its SHA-256, which is its name; and by its size, where that is known."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if size_bytes is None or os.fstat(file.fileno()).st_size == size_bytes:
            return hashlib.file_digest(file, "sha256").hexdigest() == path.name
    return False
