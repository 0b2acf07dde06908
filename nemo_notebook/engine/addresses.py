"""Which network addresses may be fetched from: public ones, and those only that were looked at.

A name is resolved once, all that it stands for is checked, and the connection goes to what was checked: a name that
stands for something else a moment later (DNS rebinding) gains nothing. That holds for every redirect anew.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import httpx

from nemo_notebook import errors

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
