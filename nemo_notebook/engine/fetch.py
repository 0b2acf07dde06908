"""Uploads that are named by their address: fetched from the open internet, with limits on size and time."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.engine.addresses import PublicTransport
from nemo_notebook.engine.receive import MAX_FILES, Received, check_size, clean_name, write_failed

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
    if len(urls) > MAX_FILES:
        raise errors.InputError(f"At most {MAX_FILES} files are taken at once.", hint="Upload them in parts.")
    received: list[Received] = []
    http = httpx.AsyncClient(
        transport=transport or PublicTransport(),
        timeout=settings.READ_TIMEOUT_S,
        trust_env=False,
        follow_redirects=True,
        max_redirects=_REDIRECTS,
        headers={"Accept-Encoding": "identity"},  # what is packed could unpack to any size
    )
    async with http:
        try:
            for url in urls:
                received.append(await _fetch(http, url, folder, max_bytes))  # noqa: PERF401 - kept if one fails
        except BaseException:
            for each in received:
                each.path.unlink(missing_ok=True)
            raise
    return received


async def _fetch(http: httpx.AsyncClient, url: str, folder: Path, max_bytes: int | None) -> Received:
    if len(url) > _MAX_ADDRESS:
        raise errors.InputError("An address is too long to be one.")
    path = folder / f"{secrets.token_hex(16)}.part"
    try:
        async with asyncio.timeout(_TIMEOUT_S), http.stream("GET", url) as response:
            if response.status_code != httpx.codes.OK:
                raise errors.InputError(f"The address answered with HTTP {response.status_code} instead of a file.")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise errors.InputError("The address answers with a packed file.", hint="Upload the file itself.")
            name = unquote(httpx.URL(url).path)
            return Received(path, clean_name(name), await _save(response, path, max_bytes))
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, (httpx.HTTPError, httpx.InvalidURL, TimeoutError)):
            raise errors.InputError(
                "The address could not be fetched.", hint="Download the file and upload it."
            ) from error
        if isinstance(error, OSError):
            raise write_failed(error, folder, settings.TRANSFER_CHUNK_BYTES) from error
        raise


async def _save(response: httpx.Response, path: Path, max_bytes: int | None) -> str:
    """Write a body to a file; gives its SHA-256 in hex."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for chunk in response.aiter_raw(settings.TRANSFER_CHUNK_BYTES):
            before, size = size, size + len(chunk)
            check_size("The file", before, size, path.parent, max_bytes)
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
    return digest.hexdigest()
