"""HTTP transport: connections, proxies and hooks; request bodies, bounded responses; retries, deadlines and errors."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.request import getproxies

import httpcore
import httpx

from nemo_notebook import errors, settings
from nemo_notebook.client.hook import CheckUrl, Hook
from nemo_notebook.outside import strike

_CODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})  # these unpack to a thousand times their size at most
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
        url, sent = request.url, request.headers.raw
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        asked = httpcore.Request(
            request.method, target, headers=sent, content=request.stream, extensions=request.extensions
        )
        with _httpx_errors():
            got = await self._pool.handle_async_request(asked)
        return httpx.Response(got.status, headers=got.headers, stream=_ResponseStream(got), extensions=got.extensions)

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
            await _cancel(writing)

    async def aclose(self) -> None:
        coming, self._coming = self._coming, None
        await self._inner.aclose()
        if coming is not None:
            await _cancel(coming)

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


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


_KEEPALIVE_S: Final = 3.0  # less than servers keep a connection: one that they are just closing would lose a message
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


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
    with suppress(httpx.InvalidURL):
        parsed = httpx.URL(url)
        is_near = loopback_ok and parsed.scheme == "http" and parsed.host in _LOOPBACK
        if is_near or (parsed.scheme == "https" and parsed.host):
            return
    raise errors.ProtocolError("The service named an unsafe address for the file.", hint="Nothing was fetched from it.")


def strip_traceback(error: BaseException, outer: BaseException | None) -> None:
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
        strip_traceback(error, outer)
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
    if hook is not None:
        sender = partial(new_client, use_proxy=use_proxy, transport=transport)
        use_proxy, transport = False, hook.transport(base_url, sender, check_url)
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
        strip_traceback(error, None)
        # No cause: it would show the proxy's address, and with it a password.
        hint = "Look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY."
        raise errors.UsageError("A proxy of the environment has no usable address.", hint=hint) from None
    return http


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. It shows nothing of its body, which can hold a token.

    Attributes:
        status: The HTTP status.
        body: The bytes, unpacked.
        retry_after: The `Retry-After` header, empty where there is none.
    """

    status: int
    body: bytes = field(repr=False)
    retry_after: str = ""


def check_coding(response: httpx.Response) -> None:
    """Refuse a content coding that was not asked for: its body could decompress to any size.

    Raises:
        ProtocolError: The body has such a coding.
    """
    if response.headers.get("content-encoding", "").strip().lower() not in _CODINGS:
        raise errors.ProtocolError("The service packed its answer in a way that was not asked for.")


async def read_whole(response: httpx.Response, max_bytes: int) -> Answer:
    """Read an answer with all of its body.

    Raises:
        ProtocolError: It is larger than allowed, or compressed so that it could be.
    """
    check_coding(response)
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise errors.ProtocolError("The service's answer is larger than any real one.")
    return Answer(response.status_code, bytes(body), response.headers.get("retry-after", ""))


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request that can be sent more than once, since it is made anew each time.

    Attributes:
        content: Makes it.
        headers: What goes before it.
        files: The files that it is made of, if it is.
    """

    content: Callable[[], Any]
    headers: Mapping[str, str]
    files: tuple[Path, ...] = ()


def json_body(value: object) -> Body:
    """A JSON body; None is no body at all."""
    if value is None:
        return Body(lambda: None, {})
    content = json_bytes(value)
    return Body(lambda: content, {"Content-Type": "application/json"})


def json_bytes(value: object) -> bytes:
    """JSON that any server reads: ASCII, so that lone surrogates pass, and null for what JSON has no number for."""
    try:
        return json.dumps(value, allow_nan=False).encode("ascii")
    except ValueError:
        finite = json.loads(json.dumps(value), parse_constant=lambda _: None)
        return json.dumps(finite).encode("ascii")


REPEATS: Final = 4
_GROWTH: Final = 2.0
_LONGEST_S: Final = 20.0
_UNITS: Final = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def backoff_waits(chance: Callable[[], float] = random.random) -> Iterator[float]:
    """The waits in seconds before each repeat; when they are over, it is time to give up.

    Args:
        chance: Gives numbers in [0, 1): each wait is shortened by up to a half, so that not all come back at once.
    """
    wait_s = settings.backoff_s()
    for _ in range(REPEATS):
        yield min(wait_s, _LONGEST_S) * (1 - chance() / 2)
        wait_s *= _GROWTH


def next_wait_s(error: errors.NemoError, waits: Iterator[float]) -> float | None:
    """Seconds until the same request may be answered; None if it will not be, or not soon.

    Args:
        error: What became of the request.
        waits: The waits that are left.
    """
    if isinstance(error, errors.NetworkError):
        return next(waits, None)
    if not isinstance(error, errors.ServiceError) or not error.may_have_acted:
        return None
    asked_s = error.retry_after_s or 0.0
    wait_s = next(waits, None)
    return None if wait_s is None or asked_s > settings.RETRY_AFTER_MAX_S else max(wait_s, asked_s)


def retry_after_s(header: str, now_s: float) -> float | None:
    """Seconds to wait by a `Retry-After` header (RFC 9110, 10.2.3): a number or a date; None if it is neither.

    Args:
        header: Its value.
        now_s: The time now, in seconds since 1970.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])  # longer than anyone lives, and still a number
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now_s)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def wait_words(wait_s: float) -> str:
    """A wait as people say it, in the largest unit that it fills, rounded up."""
    size, unit = next(((size, unit) for size, unit in _UNITS if wait_s >= size), _UNITS[-1])
    count = -int(-wait_s // size) or 1
    return f"{count} {unit}{'s' if count != 1 else ''}"


@asynccontextmanager
async def deadline(after_s: float | None, doing: str) -> AsyncIterator[asyncio.Timeout]:
    """Let what is done inside take no longer; `doing` completes "… while …".

    Raises:
        DeadlineExceeded: It took longer.
    """
    limit = asyncio.timeout(after_s)
    try:
        async with limit:
            yield limit
    except TimeoutError:
        if not limit.expired():
            raise
        raise errors.DeadlineExceeded(f"The service did not come to an end in time while {doing}.") from None
