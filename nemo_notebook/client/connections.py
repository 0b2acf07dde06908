"""Clients of HTTP: with the environment's proxies, or a hook such as a tape; and where httpx's errors become ours."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import getproxies

import httpcore
import httpx

from nemo_notebook import errors, settings
from nemo_notebook.client.hook import CheckUrl, Hook
from nemo_notebook.outside import strike

_HEAD_BYTES: Final = 64 << 10  # what is smaller goes out in one piece: there is no time to listen in
_READ_BYTES: Final = 64 << 10
_STATUS_AT: Final = len("HTTP/1.1 ")
_ERRORS: Final = (
    *(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError),
    *(httpcore.ProxyError, httpcore.UnsupportedProtocol),
)


class DirectTransport(httpx.AsyncBaseTransport):
    """Connections without a proxy that read an early error response while the request body is still uploading.

    Args:
        limits: How many connections, and how long they are kept.
    """

    def __init__(self, limits: httpx.Limits) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_ListeningBackend(httpcore.AnyIOBackend()),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _httpx_errors():
            answer = await self._pool.handle_async_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_ResponseStream(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class _ResponseStream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._response.aclose()


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """Raise httpcore's errors as httpx's of the same names."""
    try:
        yield
    except _ERRORS as error:
        raise getattr(httpx, type(error).__name__)(str(error)) from error


class _ListeningBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(self, *args: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        return _ListeningStream(await self._inner.connect_tcp(*args, **named))

    async def connect_unix_socket(self, *args: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        return _ListeningStream(await self._inner.connect_unix_socket(*args, **named))

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _ListeningStream(httpcore.AsyncNetworkStream):
    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._coming: asyncio.Task[bytes] | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        coming = self._coming
        if coming is None:
            return await self._inner.read(max_bytes, timeout)
        done, _ = await asyncio.wait({coming}, timeout=timeout)
        if not done:
            raise httpcore.ReadTimeout
        self._coming = None
        return coming.result()

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - likewise
        if self._coming is None and len(buffer) <= _HEAD_BYTES:
            await self._inner.write(buffer, timeout)
            return
        if self._coming is None:
            self._coming = asyncio.create_task(self._inner.read(_READ_BYTES))
            await asyncio.sleep(0)  # it has to begin before the loop looks at the socket
        await asyncio.sleep(0)  # what has arrived is taken in before a write can fail
        writing = asyncio.create_task(self._inner.write(buffer, timeout))
        try:
            await asyncio.wait({self._coming, writing}, return_when=asyncio.FIRST_COMPLETED)
            if _is_refusal(self._coming):
                raise httpcore.WriteError  # httpcore reads the answer then
            await writing
        finally:
            await _stop((writing,))

    async def aclose(self) -> None:
        coming, self._coming = self._coming, None
        await self._inner.aclose()
        if coming is not None:
            await _stop((coming,))

    async def start_tls(self, *args: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        return _ListeningStream(await self._inner.start_tls(*args, **named))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _is_refusal(coming: asyncio.Task[bytes]) -> bool:
    """Whether what came while a body was being sent makes it pointless to send the rest."""
    if not coming.done():
        return False
    if coming.cancelled() or coming.exception() is not None:
        return True
    said = coming.result()
    return not said or said[_STATUS_AT : _STATUS_AT + 1] in (b"4", b"5")


async def _stop(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


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
    if transport is None and not (use_proxy and {"http", "https", "all"} & getproxies().keys()):
        transport = DirectTransport(limits)
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
    return http
