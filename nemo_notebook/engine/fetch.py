"""Uploads that are named by their address, fetched from the public internet only, with limits on size and time.

A name is resolved once, all that it stands for is checked, and the connection goes to what was checked: a name that
stands for something else a moment later (DNS rebinding) gains nothing. That holds for every redirect anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.engine.receive import MAX_FILES, Received, check_size, clean_name, write_failed

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_MAX_PORT: Final = 65535
_INSTEAD: Final = "Add the file itself: drop it, or upload it by its path."
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_DOCUMENTATION: Final = ipaddress.ip_network("3fff::/20")  # RFC 9637, younger than the lists of some Pythons


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system; numbers in any of their old spellings are such addresses too."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


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


class PublicTransport(httpx.AsyncBaseTransport):
    """Connects to public addresses only; the name goes along in the `Host` header and in the TLS greeting.

    Args:
        resolver: What finds the addresses of a host.
        allow_private: Whether any address will do; for tests.
        inner: What does the rest.
    """

    def __init__(
        self,
        resolver: Resolve = resolve,
        *,
        allow_private: bool = False,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._resolve = resolver
        self._allow_private = allow_private
        self._inner = inner or httpx.AsyncHTTPTransport(retries=0)

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
        address = await self._address(url)
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,  # `Host` among them: it still says the name
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return await self._inner.handle_async_request(pinned)

    async def _address(self, url: httpx.URL) -> str:
        port = url.port or (443 if url.scheme == "https" else 80)
        if port > _MAX_PORT:
            raise _not_found()
        try:
            found = await self._resolve(url.host, port)
        except (OSError, ValueError) as error:
            raise _not_found() from error
        if not found:
            raise _not_found()
        if not self._allow_private and not all(is_public(address) for address in found):
            raise errors.InputError(
                "Only public addresses are fetched, none within this machine or its network.", hint=_INSTEAD
            )
        return found[0]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _not_found() -> errors.InputError:
    return errors.InputError("The address could not be found.", hint="Check it, or upload the file itself.")


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
