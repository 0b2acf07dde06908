"""As much of HTTP/1.1 (RFC 9112) as a proxy in a test needs: heads, and where bodies end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

_PIECE_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Head:
    """A start line and its fields, as they came."""

    raw: bytes

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Head:
        """The next head; EOFError if the connection ends before it does."""
        return cls(await reader.readuntil(b"\r\n\r\n"))

    @property
    def words(self) -> list[str]:
        """The start line's words: method, target, version; or version, status, reason."""
        return self.raw.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.words[1])

    def get(self, name: str) -> str:
        """The first field of that name, in lower case; empty if there is none."""
        for line in self.raw.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.encode("ascii"):
                return value.strip().decode("latin-1").lower()
        return ""

    def with_host(self, host: str) -> Head:
        """The same, asking for another host."""
        lines = self.raw.split(b"\r\n")
        kept = [f"Host: {host}".encode("ascii") if line.lower().startswith(b"host:") else line for line in lines]
        return Head(b"\r\n".join(kept))

    @property
    def wants_close(self) -> bool:
        """Whether the connection ends with this exchange."""
        return "close" in self.get("connection") or b"HTTP/1.0" in self.raw.split(b"\r\n", 1)[0]


@dataclass(frozen=True, slots=True)
class Framing:
    """Where a body ends: at its length, at its last chunk, else (neither) with the connection."""

    length: int | None
    chunked: bool = False

    @classmethod
    def of_request(cls, head: Head) -> Framing:
        """That of a request: without a word about it there is no body."""
        return cls._declared(head) or cls(0)

    @classmethod
    def of_response(cls, head: Head, method: str) -> Framing:
        """That of an answer to a request of that method."""
        if method == "HEAD" or head.status < 200 or head.status in (204, 304):
            return cls(0)
        return cls._declared(head) or cls(None)

    @classmethod
    def _declared(cls, head: Head) -> Framing | None:
        if "chunked" in head.get("transfer-encoding"):
            return cls(None, chunked=True)
        length = head.get("content-length")
        return cls(int(length)) if length else None


class BodyReader:
    """A body, piece by piece.

    Attributes:
        is_over: Whether it is known that nothing follows.
    """

    def __init__(self, reader: asyncio.StreamReader, framing: Framing) -> None:
        self._reader = reader
        self._framing = framing
        self._left = framing.length or 0  # of the body, or of the chunk
        self.is_over = framing.length == 0

    async def read(self) -> bytes:
        """The next piece, as it comes; empty at the end. EOFError if the connection ends before the body does."""
        if self.is_over:
            return b""
        if self._framing.chunked and not self._left and not await self._next_chunk():
            return b""
        if not self._left:
            piece = await self._reader.read(_PIECE_BYTES)
            self.is_over = not piece
            return piece
        piece = await self._reader.read(min(self._left, _PIECE_BYTES))
        if not piece:
            raise EOFError("The body broke off.")
        self._left -= len(piece)
        if not self._left:
            await self._end_part()
        return piece

    async def _end_part(self) -> None:
        if self._framing.chunked:
            await self._reader.readexactly(2)
        else:
            self.is_over = True

    async def _next_chunk(self) -> bool:
        self._left = int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16)
        if not self._left:
            while await self._reader.readuntil(b"\r\n") != b"\r\n":
                pass  # trailers; nobody here sends any
            self.is_over = True
        return not self.is_over


class BodyWriter:
    """Writes a body; every piece is with the kernel when `send` returns."""

    def __init__(self, writer: asyncio.StreamWriter, *, chunked: bool) -> None:
        self._writer = writer
        self._chunked = chunked
        self._owed = 0  # bytes that the chunk under way still lacks
        writer.transport.set_write_buffer_limits(high=0)

    async def send(self, piece: bytes, declared: int) -> None:
        """A piece in a send of its own; it begins a chunk of `declared` bytes, or goes on with one."""
        if not self._chunked:
            self._writer.write(piece)
        elif piece:
            start = b"" if self._owed else b"%x\r\n" % declared
            self._owed = (self._owed or declared) - len(piece)
            self._writer.write(start + piece + (b"" if self._owed else b"\r\n"))
        await self._writer.drain()

    async def finish(self) -> None:
        """The last chunk."""
        if self._chunked:
            self._writer.write(b"0\r\n\r\n")
            await self._writer.drain()
