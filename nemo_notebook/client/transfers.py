"""Bytes on their way: multipart bodies read from disk as they are sent, and downloads that appear when whole."""

from __future__ import annotations

import asyncio
import errno
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.client import media_types
from nemo_notebook.client.downloads import FILE_HEADERS, Download
from nemo_notebook.client.part_file import PartFile
from nemo_notebook.client.payloads import Body, check_coding
from nemo_notebook.client.wire import network_errors

Progress = Callable[[int, int], None]
"""Told as bytes go: how many are done, and of how many."""

Opener = Callable[[Mapping[str, str]], AbstractAsyncContextManager[httpx.Response]]
"""Asks for a file with some headers; gives the answer with its body still unread."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_REDIRECTS: Final = 5
_SMALL_BYTES: Final = 1_000_000


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine; such requests must not go to a proxy."""
    try:
        return httpx.URL(url).host in _LOOPBACK
    except httpx.InvalidURL:
        return False


def check_asset_url(url: str, *, loopback_ok: bool) -> None:
    """Refuse an address that a file must not be fetched from.

    Args:
        url: The address, as the service or a redirect named it.
        loopback_ok: Whether it may be on this machine without https: only where the service is.

    Raises:
        ProtocolError: It is neither https nor, where that is allowed, this machine.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.host and parsed.scheme == "https":
        return
    if loopback_ok and parsed.scheme == "http" and parsed.host in _LOOPBACK:
        return
    raise errors.ProtocolError("The service named an unsafe address for the file.", hint="Nothing was fetched from it.")


def asset_opener(http: httpx.AsyncClient, url: str, *, loopback_ok: bool) -> Opener:
    """What asks for a file at an address that the service named; no token, no password and no cookie goes there.

    Redirects are followed, five at most, each to an address that is as safe as the first has to be.

    Raises:
        ProtocolError: From the opener: an address is unsafe, or there is no end of redirects.
    """

    @asynccontextmanager
    async def opened(headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        address = url
        for _ in range(_REDIRECTS + 1):
            check_asset_url(address, loopback_ok=loopback_ok)
            request = http.build_request("GET", address, headers=dict(headers))
            for name in ("authorization", "cookie"):
                request.headers.pop(name, None)
            response = await http.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                if response.next_request is None:
                    yield response
                    return
            finally:
                await response.aclose()
            address = str(response.next_request.url)
        raise errors.ProtocolError("The file's address leads from one to the next without end.")

    return opened


async def fetch_small(http: httpx.AsyncClient, url: str, *, loopback_ok: bool) -> bytes:
    """Fetch a file of at most a megabyte into memory.

    Raises:
        ProtocolError: The address is none that a file may be fetched from, or what is there is no such file.
        NetworkError: It could not be fetched.
    """
    body = bytearray()
    with network_errors("fetching a picture"):
        async with asset_opener(http, url, loopback_ok=loopback_ok)(FILE_HEADERS) as response:
            if response.status_code != httpx.codes.OK:
                raise errors.ProtocolError(f"The picture could not be fetched (HTTP {response.status_code}).")
            check_coding(response)
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _SMALL_BYTES:
                    raise errors.ProtocolError("The picture is larger than it may be.")
    return bytes(body)


async def download(opener: Opener, target: Path, progress: Progress | None = None) -> None:
    """Fetch a file; it appears under its name only when it is whole.

    Where the connection breaks, the rest is asked for; where that cannot be had, the file is fetched anew. It is given
    up when five tries have brought nothing, or the last four nothing more.

    Args:
        opener: Asks for the file; see `asset_opener`.
        target: Where the file belongs. What is there is replaced at the end, or stays.
        progress: Is told how far it is.

    Raises:
        ProtocolError: The address is unsafe, or what is there is not the file.
        NetworkError: It could not be fetched whole; nothing is left behind.
        InputError: It could not be written; nothing is left behind.
    """
    try:
        async with PartFile(target) as part:
            await Download(opener, part, progress).run()
            await part.publish()
    except OSError as error:
        raise disk_error(error, target) from error


def disk_error(error: OSError, target: Path) -> errors.NemoError:
    """What to tell when a file cannot be written."""
    if error.errno == errno.ENOSPC:
        return errors.InputError(
            f"The disk is full: {target.name} was not written.", hint="Free some space, then repeat."
        )
    return errors.InputError(f"{target} cannot be written: {error.strerror or error}.", hint="Name another path.")


def multipart(paths: Sequence[Path], progress: Progress | None = None, names: Sequence[str] | None = None) -> Body:
    """A `multipart/form-data` body (RFC 7578) of files, each in a field `files`; constant memory.

    Args:
        paths: The files.
        progress: Is told how much of the files has been sent.
        names: What to call them, one for each; else each has its own name.

    Raises:
        FileMissing: A file is not there. Reading the body raises it too, and `InputError` if a file became shorter.
    """
    boundary = f"nemo-{secrets.token_hex(16)}"
    heads = [_part_head(boundary, name) for name in names or [path.name for path in paths]]
    sizes = [_size(path) for path in paths]
    tail = f"--{boundary}--\r\n".encode("ascii")
    total = sum(sizes)
    length = total + sum(map(len, heads)) + 2 * len(paths) + len(tail)

    async def content() -> AsyncIterator[bytes]:
        sent = 0
        for path, head, size in zip(paths, heads, sizes, strict=True):
            yield head
            async for chunk in _read(path, size):
                yield chunk
                sent += len(chunk)
                if progress:
                    progress(sent, total)
            yield b"\r\n"
        yield tail

    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
    return Body(content, headers)


def _part_head(boundary: str, name: str) -> bytes:
    # The HTML Standard's escaping of names in form data: these three characters, everything else as UTF-8.
    safe = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{safe}"\r\n'
        f"Content-Type: {media_types.mime(name)}\r\n\r\n"
    ).encode("utf-8", "surrogateescape")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(path) from error


async def _read(path: Path, size: int) -> AsyncIterator[bytes]:
    """The first `size` bytes of a file; the next piece is read while one is being sent."""
    disk = ThreadPoolExecutor(1, "nemo-upload")  # one thread: a file is closed after what is being read of it
    left = size
    try:
        file = await asyncio.wrap_future(disk.submit(path.open, "rb", buffering=0))
        try:
            coming = disk.submit(file.read, settings.TRANSFER_CHUNK_BYTES)
            while left and (chunk := await asyncio.wrap_future(coming)):
                coming = disk.submit(file.read, settings.TRANSFER_CHUNK_BYTES)
                yield chunk[:left]  # a file that grows meanwhile must not break the length
                left -= min(left, len(chunk))
        finally:
            disk.submit(file.close)
    except OSError as error:
        raise _unreadable(path) from error
    finally:
        disk.shutdown(wait=False)
    if left:
        raise errors.InputError(f"{path.name} became shorter while it was sent.", hint="Upload it again.")


def _unreadable(path: Path) -> errors.FileMissing:
    return errors.FileMissing(f"{path.name} cannot be read any more.", hint="Check that it is still there.")
