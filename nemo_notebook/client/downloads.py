"""One file from afar, in as many tries as it takes: what breaks off goes on where it was, if the file is the same."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import httpcore
import httpx

from nemo_notebook import clock, errors, settings
from nemo_notebook.client import ranges, retry
from nemo_notebook.client.connections import network_errors
from nemo_notebook.client.part_file import PartFile
from nemo_notebook.client.payloads import Progress, check_coding
from nemo_notebook.files import disk_full, is_full

Opener = Callable[[Mapping[str, str]], AbstractAsyncContextManager[httpx.Response]]
"""Asks for a file with some headers; gives the answer with its body still unread."""

FILE_HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity"}
_READ_BYTES: Final = 1 << 20
_DOUBTED_BYTES: Final = 64 << 10  # before a break: what broke the connection may have spoilt them, too
_NO_FILM: Final = re.compile(r"text/|.*(?:html|json|xml)", re.IGNORECASE)


async def download(
    opener: Opener, target: Path, progress: Progress | None = None, time: clock.Clock = clock.MACHINE
) -> None:
    """Fetch a file; it appears under its name only when it is whole.

    Where the connection breaks, the rest is asked for; where that cannot be had, the file is fetched anew. It is given
    up when five tries have brought nothing, or the last four nothing more.

    Args:
        opener: Asks for the file; see `assets.asset_opener`.
        target: Where the file belongs. What is there is replaced at the end, or stays.
        progress: Is told how far it is.
        time: Waits between two tries.

    Raises:
        ProtocolError: The address is unsafe, or what is there is not the file.
        NetworkError: It could not be fetched whole; nothing is left behind.
        InputError: It could not be written; nothing is left behind.
    """
    needed_bytes = 0

    def tell(done: int, total: int) -> None:
        nonlocal needed_bytes
        needed_bytes = total
        if progress:
            progress(done, total)

    try:
        async with PartFile(target) as part:
            await _Download(opener, part, tell, time).run()
            await part.publish()
    except OSError as error:
        raise disk_error(error, target, needed_bytes) from error


def disk_error(error: OSError, target: Path, needed_bytes: int = 0) -> errors.NemoError:
    """What to tell when a file cannot be written, whose size is known or 0."""
    if is_full(error):
        return disk_full(target.name, target, needed_bytes)
    return errors.InputError(f"{target} cannot be written: {error.strerror or error}.", hint="Name another path.")


class _Download:
    """Fetches one file in as many tries as it takes.

    Args:
        opener: Asks for the file.
        part: Takes its bytes.
        progress: Is told how many bytes there are, and of how many.
        time: Waits between two tries.
    """

    def __init__(self, opener: Opener, part: PartFile, progress: Progress | None, time: clock.Clock) -> None:
        self._clock = time
        self._opener = opener
        self._part = part
        self._progress = progress
        self._known = ranges.Span(0, None, None, "")
        self._most_bytes = 0  # that were there at any time

    async def run(self) -> None:
        """Fetch all of it.

        Raises:
            NetworkError: Five tries have brought nothing, or the last four nothing more.
            ProtocolError: What is there is not the file.
        """
        waits, most_bytes = retry.waits(), 0
        while True:
            try:
                return await self._try()
            except errors.NetworkError:
                if self._most_bytes > most_bytes:
                    waits, most_bytes = retry.waits(), self._most_bytes
                wait_s = next(waits, None)
                if wait_s is None:
                    raise
            await self._clock.sleep(wait_s)

    async def _try(self) -> None:
        """Ask for what is missing, and take it.

        Raises:
            NetworkError: It is not whole yet; another try may bring the rest.
            ProtocolError: No other try would bring it.
        """
        rest = ranges.rest(self._part.size, self._known.validator)
        with network_errors("downloading the file"):
            async with self._opener({**FILE_HEADERS, **rest}) as response:
                span = self._span(response, bool(rest))
                if span.start == 0:
                    await self._part.restart()
                    self._known = span
                await self._take(response, span.stop)
        size, due = self._part.size, max(span.stop or 0, self._known.total or 0)
        if not (size or due):
            raise errors.ProtocolError("The file came empty.", hint="Export again.")
        if size < due:
            raise errors.NetworkError(f"The download broke off after {size:,} of {due:,} bytes.", hint="Export again.")

    def _span(self, response: httpx.Response, is_rest: bool) -> ranges.Span:
        """Which bytes of the file an answer has: those that are missing, or all."""
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise errors.NetworkError(f"The file could not be downloaded (HTTP {status}).", hint="Try again later.")
        if status == httpx.codes.OK and not _NO_FILM.match(response.headers.get("content-type", "")):
            check_coding(response)
            return ranges.whole(response.headers)
        if is_rest and status in (httpx.codes.PARTIAL_CONTENT, httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE):
            span = ranges.partial(response.headers)
            if status == httpx.codes.PARTIAL_CONTENT and span and self._known.is_followed_by(span, self._part.size):
                self._known = replace(self._known, total=self._known.total or span.total)
                return span
            self._known = ranges.Span(0, None, None, "")  # it is another file by now: all of it is asked for
            raise errors.NetworkError("The file changed while it was downloaded.", hint="Try again.")
        raise errors.ProtocolError(f"There is no film where it should be (HTTP {status}).", hint="Export again.")

    async def _take(self, response: httpx.Response, stop: int | None) -> None:
        part, tell, total = self._part, self._progress, self._known.total or 0
        most_bytes = settings.MAX_FILE_BYTES if stop is None else stop
        try:
            async for piece in _body(response):
                if part.size + len(piece) > most_bytes:
                    raise errors.ProtocolError("The file is longer than it should be.", hint="Export again.")
                await part.take(piece)
                self._most_bytes = max(self._most_bytes, part.size)
                if tell:
                    tell(self._most_bytes, max(total, self._most_bytes))
        except httpx.HTTPError:
            await part.shorten(_DOUBTED_BYTES)
            raise


async def _body(response: httpx.Response) -> AsyncIterator[bytes]:
    """The bytes of a body as they come.

    Where its length is told, all but the first piece is read straight from the connection, which httpx hands out for
    such uses: parsed as HTTP, each byte would be copied three times more. The connection is of no use afterwards.
    """
    connection, length = response.extensions.get("network_stream"), response.headers.get("content-length", "")
    is_plain = not response.headers.keys() & {"transfer-encoding", "content-encoding"}
    if connection is None or not is_plain or not length.isdigit() or response.http_version != "HTTP/1.1":
        async for piece in response.aiter_bytes():
            yield piece
        return
    left = int(length)
    parsed = cast(AsyncGenerator[bytes, None], response.aiter_raw())
    async with aclosing(parsed):
        piece = await anext(parsed, b"")
        while left and piece:
            yield piece
            left -= len(piece)
            piece = await _read(connection, min(left, _READ_BYTES), response.request) if left else b""
        if left:
            raise httpx.ReadError("The connection ended before the body did.", request=response.request)


async def _read(connection: Any, count: int, request: httpx.Request) -> bytes:
    try:
        piece: bytes = await connection.read(count, settings.READ_TIMEOUT_S)
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout("Nothing came.", request=request) from error
    except httpcore.NetworkError as error:
        raise httpx.ReadError("The connection broke.", request=request) from error
    return piece
