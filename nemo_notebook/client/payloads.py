"""Request and response bodies: JSON that any server reads, files read while they are sent, bounded responses."""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from nemo_notebook import errors, media_types, settings

_CODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})  # these unpack to a thousand times their size at most


Progress = Callable[[int, int], None]
"""Told as bytes go: how many are done, and of how many."""


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
    """Refuse a body that could unpack to any size: it comes in a coding that was not asked for.

    Raises:
        ProtocolError: It is packed so.
    """
    if not _is_bounded(response):
        raise errors.ProtocolError("The service packed its answer in a way that was not asked for.")


def is_stream(response: httpx.Response) -> bool:
    """Whether an answer is what was asked for as a stream: no refusal, no data, and no page for people."""
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        return True  # a download begins anew then
    kind = response.headers.get("content-type", "").lower()
    return response.is_success and _is_bounded(response) and "json" not in kind and "html" not in kind


async def read_whole(response: httpx.Response) -> Answer:
    """The answer with all of its body.

    Raises:
        ProtocolError: It is larger than any real one, or packed so that it could be.
    """
    check_coding(response)
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > settings.MAX_ANSWER_BYTES:
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
        return json.dumps(_without_nan(value), allow_nan=False).encode("ascii")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_bounded(response: httpx.Response) -> bool:
    return response.headers.get("content-encoding", "").strip().lower() in _CODINGS


def multipart(paths: Sequence[Path], progress: Progress | None = None) -> Body:
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
            async for chunk in _read(path, size):
                yield chunk
                sent += len(chunk)
                if progress:
                    progress(sent, total)
            yield b"\r\n"
        yield tail

    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
    return Body(content, headers, tuple(paths))


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


async def _read(path: Path, size: int) -> AsyncIterator[bytes]:
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
