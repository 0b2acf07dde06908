"""Read an early error response while the request body is still uploading.

A service that refuses an upload responds at once and closes the connection. The next write then fails, and the response
that was not read yet is lost. So reading begins while the body is written; an error response ends the writing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpcore
import httpx

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
