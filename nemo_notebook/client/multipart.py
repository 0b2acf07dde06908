"""Bodies of uploads: files read from the disk as they are sent."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nemo_notebook import errors, media_types, settings
from nemo_notebook.client.payloads import Body, Progress


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
