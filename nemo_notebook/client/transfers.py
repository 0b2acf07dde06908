"""Bytes on their way: multipart bodies read from disk as they are sent, and downloads that appear when whole."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.client import media_types
from nemo_notebook.client.wire import Body, network_errors

Progress = Callable[[int, int], None]
"""Told as bytes go: how many are done, and of how many."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine; such requests must not go to a proxy."""
    return urlsplit(url).hostname in _LOOPBACK


def multipart(paths: Sequence[Path], progress: Progress | None = None) -> Body:
    """A `multipart/form-data` body (RFC 7578) of files, each in a field `files`; constant memory."""
    boundary = f"nemo-{secrets.token_hex(16)}"
    heads = [_part_head(boundary, path.name) for path in paths]
    sizes = [path.stat().st_size for path in paths]
    tail = f"--{boundary}--\r\n".encode("ascii")
    total = sum(sizes)
    length = total + sum(map(len, heads)) + 2 * len(paths) + len(tail)

    async def content() -> AsyncIterator[bytes]:
        sent = 0
        for path, head, size in zip(paths, heads, sizes, strict=True):
            yield head
            left = size
            async for chunk in _read(path):
                chunk = chunk[:left]  # noqa: PLW2901 - a file that grows meanwhile must not break the length
                yield chunk
                left -= len(chunk)
                sent += len(chunk)
                if progress:
                    progress(sent, total)
            if left:
                raise errors.InputError(f"{path.name} became shorter while it was sent.", hint="Upload it again.")
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


async def _read(path: Path) -> AsyncIterator[bytes]:
    try:
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, settings.TRANSFER_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise errors.FileMissing(
            f"{path.name} cannot be read any more.", hint="Check that it is still there."
        ) from error


def check_asset_url(url: str) -> None:
    """Refuse an address that a file must not be fetched from.

    Raises:
        ProtocolError: Neither https nor this machine.
    """
    scheme = urlsplit(url).scheme
    if scheme == "https" or (scheme == "http" and is_loopback(url)):
        return
    raise errors.ProtocolError("The service named an unsafe address for the file.", hint="Nothing was fetched from it.")


async def download(http: httpx.AsyncClient, url: str, target: Path, progress: Progress | None = None) -> None:
    """Fetch a file without the bearer token; it appears under its name only when it is whole.

    Raises:
        ProtocolError: The address is none that a file may be fetched from.
        NetworkError: It could not be fetched whole; nothing is left behind.
        InputError: It could not be written; nothing is left behind.
    """
    check_asset_url(url)
    with network_errors("downloading the file"):
        async with http.stream("GET", url) as response:
            is_page = "html" in response.headers.get("content-type", "")
            if not response.is_success or is_page:
                raise errors.NetworkError(f"The file could not be downloaded (HTTP {response.status_code}).")
            await keep(response, target, progress)


async def keep(response: httpx.Response, target: Path, progress: Progress | None = None) -> None:
    """Write the body of an open answer to a file; it appears under its name only when it is whole."""
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with network_errors("downloading the file"):
            await _save(response, part, progress)
        await asyncio.to_thread(part.replace, target)
    except OSError as error:
        raise disk_error(error, target) from error
    finally:
        part.unlink(missing_ok=True)


async def fetch_small(http: httpx.AsyncClient, url: str, limit_bytes: int = 1_000_000) -> bytes:
    """Fetch a small file into memory.

    Raises:
        NetworkError: It could not be fetched, or is larger than the limit.
    """
    check_asset_url(url)
    body = bytearray()
    with network_errors("fetching a picture"):
        async with http.stream("GET", url) as response:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > limit_bytes:
                    raise errors.NetworkError("The picture is larger than it may be.")
            if not response.is_success:
                raise errors.NetworkError(f"The picture could not be fetched (HTTP {response.status_code}).")
    return bytes(body)


async def _save(response: httpx.Response, part: Path, progress: Progress | None) -> None:
    declared = response.headers.get("content-length", "")
    total = int(declared) if declared.isdigit() and "content-encoding" not in response.headers else 0
    done = 0
    with await asyncio.to_thread(part.open, "wb") as file:
        async for chunk in response.aiter_bytes(settings.TRANSFER_CHUNK_BYTES):
            await asyncio.to_thread(file.write, chunk)
            done += len(chunk)
            if progress:
                progress(done, max(total, done))
    if done == 0:
        raise errors.NetworkError("The file came empty.", hint="Export again.")
    if total and done != total:
        raise errors.NetworkError(f"The download broke off after {done:,} of {total:,} bytes.", hint="Export again.")


def disk_error(error: OSError, target: Path) -> errors.NemoError:
    """What to tell when a file cannot be written."""
    if error.errno == 28:  # ENOSPC, the same number everywhere
        return errors.InputError(
            f"The disk is full: {target.name} was not written.", hint="Free some space, then repeat."
        )
    return errors.InputError(f"{target} cannot be written: {error.strerror or error}.", hint="Name another path.")
