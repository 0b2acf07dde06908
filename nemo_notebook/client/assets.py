"""Files that a service has for us: from where they may be fetched, and how they are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx

from nemo_notebook import errors
from nemo_notebook.client.connections import is_loopback, network_errors
from nemo_notebook.client.downloads import FILE_HEADERS, Opener
from nemo_notebook.client.payloads import check_coding

_REDIRECTS: Final = 5
_SMALL_BYTES: Final = 1_000_000


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
    if loopback_ok and parsed.scheme == "http" and is_loopback(url):
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
            # httpx makes a header of a user and a password, whatever it is told.
            bare = httpx.URL(address).copy_with(userinfo=b"")
            request = http.build_request("GET", bare, headers=dict(headers))
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
