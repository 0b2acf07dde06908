"""A file on its way to the disk: beside its target while it comes, and under its name only when it is whole."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import Any, Final, Self

from nemo_notebook import settings
from nemo_notebook.files import replace_durably

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
        self._work: Future[None] | None = None
        self._file: FileIO | None = None
        self._taken: list[bytes] = []
        self._taken_bytes = 0

    async def __aenter__(self) -> Self:
        try:
            await self._begin(self._open)
            await self._idle()
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._leave()

    async def take(self, piece: bytes) -> None:
        """Take the next bytes; waits only where the disk is behind."""
        self._taken.append(piece)
        self._taken_bytes += len(piece)
        self.size += len(piece)
        if self._taken_bytes >= settings.TRANSFER_CHUNK_BYTES:
            await self._write_taken()

    async def restart(self) -> None:
        """Forget all bytes so far."""
        self._taken, self._taken_bytes, self.size = [], 0, 0
        await self._begin(self._cut, 0)

    async def shorten(self, count: int) -> None:
        """Forget the last bytes, or all of them if there are no more than that."""
        await self._write_taken()
        self.size = max(0, self.size - count)
        await self._begin(self._cut, self.size)

    async def publish(self) -> None:
        """Put the file under its name, in place of what is there."""
        await self._write_taken()
        await self._begin(self._put_in_place)
        await self._idle()

    async def _write_taken(self) -> None:
        taken, self._taken, self._taken_bytes = self._taken, [], 0
        await self._begin(self._write, taken)

    async def _begin(self, work: Callable[..., None], *args: Any) -> None:
        await self._idle()
        self._work = self._thread.submit(work, *args)

    async def _idle(self) -> None:
        if self._work is None:
            return
        if not self._work.done():
            await asyncio.shield(asyncio.wrap_future(self._work))
        self._work.result()

    async def _leave(self) -> None:
        discarded = self._thread.submit(self._discard)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(discarded))

    def _open(self) -> None:
        self._file = self._path.open("xb", buffering=0)

    def _write(self, pieces: list[bytes]) -> None:
        assert self._file is not None
        left = memoryview(
            b"".join(pieces)
        )  # one call to the disk: at each, this thread has to win the interpreter back
        while left:
            left = left[self._file.write(left) :]

    def _cut(self, size: int) -> None:
        assert self._file is not None
        self._file.seek(size)
        self._file.truncate()

    def _put_in_place(self) -> None:
        assert self._file is not None
        self._file.close()
        replace_durably(self._path, self._target)

    def _discard(self) -> None:
        try:
            if self._file is not None:
                self._file.close()
        finally:
            self._path.unlink(missing_ok=True)
