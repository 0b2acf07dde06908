"""Uploads as multipart bodies, read ahead of the connection; downloads that resume where they broke off.

Ranges after RFC 9110: section 13.1.5 (`If-Range`), 14.2 (`Range`), 14.4 (`Content-Range`), 15.3.7 (206).
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

import httpcore
import httpx

from nemo_notebook import clock, errors, media_types, settings
from nemo_notebook.client import transport
from nemo_notebook.files import disk_full, is_full, replace_durably

TransferProgress = Callable[[int, int], None]
"""Told as bytes go: how many are done, and of how many."""


def multipart(paths: Sequence[Path], progress: TransferProgress | None = None) -> transport.Body:
    """A `multipart/form-data` body (RFC 7578) of files, each in a field `files`; constant memory.

    Args:
        paths: The files.
        progress: Is told how much of the files has been sent.

    Raises:
        FileMissing: A file is not there. Reading the body raises it too, and `InputError` if a file became shorter.
    """
    boundary = f"nemo-{secrets.token_hex(16)}"
    heads = [_part_head(boundary, path.name) for path in paths]
    sizes = [_size(path) for path in paths]
    tail = f"--{boundary}--\r\n".encode("ascii")
    total = sum(sizes)
    length = total + sum(map(len, heads)) + 2 * len(paths) + len(tail)

    async def content() -> AsyncIterator[bytes]:
        sent = 0
        for path, head, size in zip(paths, heads, sizes, strict=True):
            yield head
            async for chunk in _pieces(path, size):
                yield chunk
                sent += len(chunk)
                if progress:
                    progress(sent, total)
            yield b"\r\n"
        yield tail

    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
    return transport.Body(content, headers, tuple(paths))


def _part_head(boundary: str, name: str) -> bytes:
    # The HTML Standard's escaping of names in form data: these three characters, everything else as UTF-8.
    safe = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{safe}"\r\n'
        f"Content-Type: {media_types.mime(name)}\r\n\r\n"
    ).encode("utf-8", "surrogateescape")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(path) from error


async def _pieces(path: Path, size: int) -> AsyncIterator[bytes]:
    """The first `size` bytes of a file; the next piece is read while one is being sent."""
    disk = ThreadPoolExecutor(1, "nemo-upload")  # one thread: a file is closed after what is being read of it
    left = size
    try:
        file = await asyncio.wrap_future(disk.submit(path.open, "rb", buffering=0))
        try:
            coming = disk.submit(file.read, settings.TRANSFER_CHUNK_BYTES)
            while left and (chunk := await asyncio.wrap_future(coming)):
                coming = disk.submit(file.read, settings.TRANSFER_CHUNK_BYTES)
                yield chunk[:left]  # a file that grows meanwhile must not break the length
                left -= min(left, len(chunk))
        finally:
            disk.submit(file.close)
    except OSError as error:
        raise _unreadable(path) from error
    finally:
        disk.shutdown(wait=False)
    if left:
        raise errors.InputError(f"{path.name} became shorter while it was sent.", hint="Upload it again.")


def _unreadable(path: Path) -> errors.FileMissing:
    return errors.FileMissing(f"{path.name} cannot be read any more.", hint="Check that it is still there.")


_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _ByteRange:
    """Which bytes of a file a body is.

    Attributes:
        start: The first one.
        stop: The one behind the last; None if it is not told.
        total: How many the file has; None if it is not told.
        validator: What the rest can be asked for with, as long as the file is the same; empty if nothing can.
    """

    start: int = 0
    stop: int | None = None
    total: int | None = None
    validator: str = ""

    def is_followed_by(self, later: _ByteRange, size: int) -> bool:
        """Whether a later answer goes on with the same file behind its first `size` bytes."""
        same_total = self.total is None or later.total in (None, self.total)
        same_file = not later.validator or later.validator == self.validator
        return later.start == size and same_total and same_file


def _range_of(response: httpx.Response) -> _ByteRange | None:
    """The range of a body with the status 200 or 206; None if the headers do not tell it, or contradict themselves."""
    headers, is_whole = response.headers, response.status_code == httpx.codes.OK
    if headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        return _ByteRange() if is_whole else None  # lengths and ranges would count the packed bytes
    if is_whole:
        length = headers.get("content-length", "")
        total = int(length) if _NUMBER.fullmatch(length) else None
        return _ByteRange(0, total, total, _validator(headers))
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if not found:
        return None
    start, stop = int(found[1]), int(found[2]) + 1
    total = None if found[3] == "*" else int(found[3])
    is_sound = start < stop and (total is None or stop <= total)
    return _ByteRange(start, stop, total, _validator(headers)) if is_sound else None


def _validator(headers: Mapping[str, str]) -> str:
    tag = headers.get("etag", "").strip()
    is_strong = len(tag) > 2 and tag.startswith('"') and tag.endswith('"')
    found = tag if is_strong else headers.get("last-modified", "").strip()
    return found if found.isascii() and found.isprintable() else ""


_NAME_CHARS: Final = 60  # of the target's name: with what is added it has to stay a file name


class PartFile:
    """Takes the bytes of a file in order; use it as an async context manager.

    A thread of its own does all that touches the disk, one thing after another. So the event loop never waits for the
    disk, a piece is written while the next one comes, and nothing is left open or behind when everything is cancelled.

    Args:
        target: Where the file belongs. What is there stays there, unless `publish` succeeds.

    Attributes:
        size: How many bytes have been taken.

    Raises:
        OSError: From any method: the disk refused, now or at an earlier piece.
    """

    def __init__(self, target: Path) -> None:
        self.size = 0
        self._target = target
        self._path = target.with_name(f"{target.name[:_NAME_CHARS]}.{secrets.token_hex(4)}.part")
        self._thread = ThreadPoolExecutor(1, "nemo-download")
        self._taken: list[bytes] = []
        self._taken_bytes = 0
        self._file: BinaryIO | None = None
        self._work = self._thread.submit(self._open)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        discarded = self._thread.submit(self._discard)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(discarded))

    async def take(self, piece: bytes) -> None:
        """Take the next bytes; waits only where the disk is behind."""
        self._taken.append(piece)
        self._taken_bytes += len(piece)
        self.size += len(piece)
        if self._taken_bytes >= settings.TRANSFER_CHUNK_BYTES:
            await self._write_taken()

    async def shorten(self, count: int) -> None:
        """Forget the last bytes, or all of them if there are no more than that."""
        await self._write_taken()
        self.size = max(0, self.size - count)
        await self._begin(self._cut, self.size)

    async def publish(self) -> None:
        """Put the file under its name, in place of what is there."""
        await self._write_taken()
        await self._begin(self._put_in_place)
        await self._wait()

    async def _write_taken(self) -> None:
        taken, self._taken, self._taken_bytes = self._taken, [], 0
        await self._begin(self._write, taken)

    async def _begin(self, work: Callable[..., None], *args: Any) -> None:
        await self._wait()
        self._work = self._thread.submit(work, *args)

    async def _wait(self) -> None:
        if not self._work.done():
            await asyncio.shield(asyncio.wrap_future(self._work))
        self._work.result()

    def _open(self) -> None:
        self._file = self._path.open("xb")

    def _write(self, pieces: list[bytes]) -> None:
        assert self._file is not None
        self._file.write(b"".join(pieces))  # one write: after each, this thread has to win the interpreter back

    def _cut(self, size: int) -> None:
        assert self._file is not None
        self._file.seek(size)
        self._file.truncate()

    def _put_in_place(self) -> None:
        assert self._file is not None
        self._file.close()
        replace_durably(self._path, self._target)

    def _discard(self) -> None:
        with suppress(OSError):  # a full disk, which was told
            if self._file is not None:
                self._file.close()
        self._path.unlink(missing_ok=True)


Opener = Callable[[Mapping[str, str]], AbstractAsyncContextManager[httpx.Response]]
"""Asks for a file with some headers; gives the answer with its body still unread."""

FILE_HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity"}
_READ_BYTES: Final = 1 << 20
_DOUBTED_BYTES: Final = 64 << 10  # before a break: what broke the connection may have spoilt them, too
_NO_FILM: Final = re.compile(r"text/|.*(?:html|json|xml)", re.IGNORECASE)


async def download(
    opener: Opener, target: Path, progress: TransferProgress | None = None, time: clock.Clock = clock.MACHINE
) -> None:
    """Fetch a file; it appears under its name only when it is whole.

    Where the connection breaks, the rest is asked for; where that cannot be had, the file is fetched anew. It is given
    up when five tries have brought nothing, or the last four nothing more.

    Args:
        opener: Asks for the file; see `asset_opener`.
        target: Where the file belongs. What is there is replaced at the end, or stays.
        progress: Is told how far it is.
        time: Waits between two tries.

    Raises:
        ProtocolError: The address is unsafe, or what is there is not the file.
        NetworkError: It could not be fetched whole; nothing is left behind.
        InputError: It could not be written; nothing is left behind.
    """
    part = PartFile(target)
    work = _Download(opener, part, progress)
    try:
        async with part:
            await work.run(time)
            await part.publish()
    except OSError as error:
        raise disk_error(error, target, work.needed_bytes) from error


def disk_error(error: OSError, target: Path, needed_bytes: int = 0) -> errors.NemoError:
    """What to tell when a file cannot be written, whose size is known or 0."""
    if is_full(error):
        return disk_full(target.name, target, needed_bytes)
    return errors.InputError(f"{target} cannot be written: {error.strerror or error}.", hint="Name another path.")


class _Download:
    """Fetches one file in as many tries as it takes; see `download`."""

    def __init__(self, opener: Opener, part: PartFile, progress: TransferProgress | None) -> None:
        self._opener = opener
        self._part = part
        self._progress = progress
        self._known = _ByteRange()
        self._most_bytes = 0  # that were there at any time

    @property
    def needed_bytes(self) -> int:
        """What the file needs on the disk, as far as that is known."""
        return max(self._known.total or 0, self._most_bytes)

    async def run(self, time: clock.Clock) -> None:
        """Fetch all of it; the clock waits between two tries."""
        waits, most_bytes = transport.backoff_waits(), 0
        while True:
            try:
                return await self._try()
            except errors.NetworkError:
                if self._most_bytes > most_bytes:
                    waits, most_bytes = transport.backoff_waits(), self._most_bytes
                wait_s = next(waits, None)
                if wait_s is None:
                    raise
            await time.sleep(wait_s)

    async def _try(self) -> None:
        """Ask for what is missing, and take it.

        Raises:
            NetworkError: It is not whole yet; another try may bring the rest.
            ProtocolError: No other try would bring it.
        """
        size, validator = self._part.size, self._known.validator
        rest = {"Range": f"bytes={size}-", "If-Range": validator} if size and validator else {}
        with transport.network_errors("downloading the file"):
            async with self._opener({**FILE_HEADERS, **rest}) as response:
                span = self._span(response, bool(rest))
                if span.start == 0:
                    await self._part.shorten(self._part.size)
                    self._known = span
                await self._take(response, span.stop)
        size, due = self._part.size, max(span.stop or 0, self._known.total or 0)
        if not (size or due):
            raise errors.ProtocolError("The file came empty.", hint="Export again.")
        if size < due:
            raise errors.NetworkError(f"The download broke off after {size:,} of {due:,} bytes.", hint="Export again.")

    def _span(self, response: httpx.Response, is_rest: bool) -> _ByteRange:
        """Which bytes of the file an answer has: those that are missing, or all."""
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise errors.NetworkError(f"The file could not be downloaded (HTTP {status}).", hint="Try again later.")
        if status == httpx.codes.OK and not _NO_FILM.match(response.headers.get("content-type", "")):
            transport.check_coding(response)
            return _range_of(response) or _ByteRange()
        if is_rest and status in (httpx.codes.PARTIAL_CONTENT, httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE):
            span = _range_of(response)
            if span and self._known.is_followed_by(span, self._part.size):
                self._known = replace(self._known, total=self._known.total or span.total)
                return span
            self._known = _ByteRange()  # it is another file by now: all of it is asked for
            raise errors.NetworkError("The file changed while it was downloaded.", hint="Try again.")
        raise errors.ProtocolError(f"There is no film where it should be (HTTP {status}).", hint="Export again.")

    async def _take(self, response: httpx.Response, stop: int | None) -> None:
        part, most_bytes = self._part, settings.MAX_FILE_BYTES if stop is None else stop
        try:
            async for piece in _body(response):
                if part.size + len(piece) > most_bytes:
                    raise errors.ProtocolError("The file is longer than it should be.", hint="Export again.")
                await part.take(piece)
                self._most_bytes = max(self._most_bytes, part.size)
                if self._progress:
                    self._progress(self._most_bytes, self.needed_bytes)
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
            try:
                piece = await connection.read(min(left, _READ_BYTES), settings.READ_TIMEOUT_S) if left else b""
            except httpcore.ReadTimeout as error:
                raise httpx.ReadTimeout(str(error)) from error
            except httpcore.ReadError as error:
                raise httpx.ReadError(str(error)) from error
        if left:
            raise httpx.ReadError("The connection ended before the body did.")


_REDIRECTS: Final = 5
_SMALL_BYTES: Final = 1_000_000


def asset_opener(http: httpx.AsyncClient, url: str, *, loopback_ok: bool) -> Opener:
    """Return an opener for an address that the service named; no token, no password and no cookie goes there.

    Redirects are followed, five at most, each to an address that is as safe as the first has to be.

    Raises:
        ProtocolError: From the opener: an address is unsafe, or there is no end of redirects.
    """

    @asynccontextmanager
    async def opened(headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        address = url
        for _ in range(_REDIRECTS + 1):
            transport.check_asset_url(address, loopback_ok=loopback_ok)
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


async def fetch_small(opener: Opener) -> bytes:
    """Fetch a file of at most a megabyte into memory.

    Raises:
        ProtocolError: It is no such file, or larger.
        NetworkError: It could not be fetched.
    """
    with transport.network_errors("fetching a picture"):
        async with opener(FILE_HEADERS) as response:
            if response.status_code != httpx.codes.OK:
                raise errors.ProtocolError(f"The picture could not be fetched (HTTP {response.status_code}).")
            return (await transport.read_whole(response, _SMALL_BYTES)).body
