"""Clients of HTTP: with the environment's proxies, or a hook such as a tape; and where httpx's errors become ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.client.early import listen_while_sending
from nemo_notebook.client.hook import CheckUrl, Hook
from nemo_notebook.outside import strike

_KEEPALIVE_S: Final = 3.0  # less than servers keep a connection: one that they are just closing would lose a message
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine; such requests must not go to a proxy."""
    try:
        return httpx.URL(url).host in _LOOPBACK
    except httpx.InvalidURL:
        return False


def bare(error: BaseException, outer: BaseException | None) -> None:
    """Take frames and secrets off an error and off what led to it: the transport's hold headers, and ours answers.

    Args:
        error: The error.
        outer: What was being handled before all this (`sys.exception()`), which is left as it is.
    """
    link: BaseException | None = error
    seen = {id(outer)}
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        link.__traceback__ = None
        link.args = tuple(strike(word) if isinstance(word, str) else word for word in link.args)
        link = link.__cause__ or link.__context__


@contextmanager
def network_errors(doing: str) -> Iterator[None]:
    """Translate the transport's failures into `NetworkError`; `doing` completes "… while …"."""
    outer = sys.exception()
    try:
        yield
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, UnicodeError) as error:
        bare(error, outer)
        failure = _ours(error, doing)
        if isinstance(error, (httpx.LocalProtocolError, UnicodeError)):
            raise failure from None  # its words would show the header
        raise failure from error


def _ours(error: Exception, doing: str) -> errors.NemoError:
    if isinstance(error, (httpx.LocalProtocolError, UnicodeError)):
        return errors.UsageError("A setting holds characters that cannot be sent.", hint="See the README.")
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return errors.UsageError("The address of the backend is not a URL.", hint="Use one like https://host.")
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
        failure = errors.NetworkError(f"The service could not be reached while {doing}.")
        failure.may_have_acted = False
        return failure
    if isinstance(error, httpx.TimeoutException):
        return errors.DeadlineExceeded(f"The service did not answer in time while {doing}.")
    return errors.NetworkError(f"The connection broke while {doing}.")


def new_client(
    base_url: str = "",
    *,
    use_proxy: bool,
    transport: httpx.AsyncBaseTransport | None = None,
    hook: Hook | None = None,
    check_url: CheckUrl | None = None,
) -> httpx.AsyncClient:
    """A client that follows the environment's proxies, if it is to.

    Args:
        base_url: The backend; empty for a client of files that lie anywhere.
        use_proxy: Whether the environment's proxies count.
        transport: For tests: what answers instead of the network.
        hook: Answers instead of the network, such as a tape.
        check_url: Refuses what such files must not be fetched from, as seen from the address of the backend.

    Raises:
        UsageError: The address, or one of the proxies', is not a URL.
    """
    if hook is None:
        return _plain(base_url, use_proxy=use_proxy, transport=transport)

    def sender() -> httpx.AsyncBaseTransport:
        return _Through(_plain("", use_proxy=use_proxy, transport=transport))

    return _plain(base_url, use_proxy=False, transport=hook.transport(base_url, sender, check_url))


class _Through(httpx.AsyncBaseTransport):
    """Sends requests by a client, with its proxies; they are sent as they are."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._http.send(request, stream=True, auth=None, follow_redirects=False)

    async def aclose(self) -> None:
        await self._http.aclose()


def _plain(base_url: str, *, use_proxy: bool, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    limits = httpx.Limits(keepalive_expiry=_KEEPALIVE_S)
    timeout = httpx.Timeout(settings.READ_TIMEOUT_S, connect=settings.CONNECT_TIMEOUT_S)
    try:
        with network_errors("connecting"):
            http = httpx.AsyncClient(
                base_url=base_url, transport=transport, trust_env=use_proxy, limits=limits, timeout=timeout
            )
    except ValueError as error:
        bare(error, None)
        # No cause: it would show the proxy's address, and with it a password.
        hint = "Look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY."
        raise errors.UsageError("A proxy of the environment has no usable address.", hint=hint) from None
    listen_while_sending(http)
    return http
