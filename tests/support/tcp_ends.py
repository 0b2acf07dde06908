"""An end of a TCP connection that knows when the other end goes, and can leave in good order or with a reset."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
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


class End(asyncio.StreamReader):
    """One end of a connection.

    Attributes:
        gone: Set when the other end has gone; not seen while more than `_BUFFER_BYTES` twice wait to be read.
    """

    writer: asyncio.StreamWriter

    def __init__(self) -> None:
        super().__init__(limit=_BUFFER_BYTES)
        self.gone = asyncio.Event()

    @classmethod
    async def of(cls, connected: socket.socket) -> End:
        """This end of a socket that is connected."""
        end, loop = cls(), asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(lambda: asyncio.StreamReaderProtocol(end), sock=connected)
        end.writer = asyncio.StreamWriter(transport, protocol, end, loop)
        transport.set_write_buffer_limits(high=0)
        return end

    def feed_eof(self) -> None:
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: BaseException) -> None:
        super().set_exception(exc)
        self.gone.set()

    async def read(self, n: int = 64 << 10) -> bytes:
        return await super().read(n)

    async def write(self, data: bytes) -> None:
        """Write; every byte is with the system when this returns."""
        self.writer.write(data)
        await self.writer.drain()

    async def aclose(self) -> None:
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
            while await end.read():
                pass


async def reach(host: str, port: int) -> End:
    """A new connection; OSError if there is none to be had."""
    connected = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    connected.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connected, (host, port))
        return await End.of(connected)
    except BaseException:
        connected.close()
        raise
