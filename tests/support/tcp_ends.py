"""An end of a TCP connection that knows when the other end goes, and can leave in good order or with a reset."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from typing import Final

_BUFFER_BYTES: Final = 256 << 10
_LINGER_S: Final = 5.0
_TURNS: Final = 3  # of the loop, from an accepted socket to its transport
NO_LINGER: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


def listen() -> socket.socket:
    """A socket that listens on loopback, at a free port."""
    # Named as TCP: to sockets of any other protocol number asyncio gives no TCP_NODELAY, and answers take 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener


class End(asyncio.StreamReaderProtocol):
    """One end of a connection.

    Args:
        on_connection: Told of this end when it is connected.

    Attributes:
        gone: Set when the other end has gone; not seen while more than `_BUFFER_BYTES` twice wait to be read.
    """

    def __init__(self, on_connection: Callable[[End], None] | None = None) -> None:
        self.reader = asyncio.StreamReader(limit=_BUFFER_BYTES)
        super().__init__(self.reader)
        self._tell = on_connection
        self.gone = asyncio.Event()
        self._when_gone: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self.writer = asyncio.StreamWriter(transport, self, self.reader, asyncio.get_running_loop())
        if self._tell:
            self._tell(self)

    def eof_received(self) -> bool | None:
        self._note_end()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._note_end()
        super().connection_lost(exc)

    def _note_end(self) -> None:
        self.gone.set()
        if self._when_gone:
            self._when_gone()

    def when_gone(self, then: Callable[[], None] | None) -> None:
        """Call this when the other end goes, at once if it has gone; None for nothing."""
        self._when_gone = then
        if self.gone.is_set() and then:
            then()

    def close(self) -> None:
        """Leave; what is under way still goes out."""
        self.writer.close()

    async def leave(self) -> None:
        """Leave at once; afterwards there is nothing left of it."""
        self.writer.transport.abort()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def reset(self) -> None:
        """Leave with an RST."""
        if not self.writer.transport.is_closing():
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.writer.transport.abort()


async def stop_accepting(server: asyncio.Server) -> None:
    """Take no more connections, and make those that are accepted: asyncio leaves them open once a server is closed."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # a loop that does not select
        for listener in server.sockets:
            loop.remove_reader(listener)
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def linger(end: End) -> None:
    """Leave with a FIN, and take what still comes: closing with bytes unread would send an RST."""
    with contextlib.suppress(OSError):
        async with asyncio.timeout(_LINGER_S):
            end.writer.write_eof()
            while await end.reader.read(_BUFFER_BYTES):
                pass


async def reach(host: str, port: int) -> End:
    """A new connection; OSError if there is none to be had."""
    _, end = await asyncio.get_running_loop().create_connection(End, host, port)
    return end
