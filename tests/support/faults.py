"""What can go wrong between a client and a service, as data for `fault_proxy`.

Offsets count bytes of the body, without chunked coding. A fault falls on one exchange: a request and its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["response", "request"]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Break:
    """A fault that falls after so many bytes of one side's body."""

    after_bytes: int
    side: Side = "response"


class Cut(_Break):
    """The connection ends in good order (FIN) after so many bytes; chunked coding stays unfinished.

    On the response side it falls as soon as these bytes have gone, and not at all on a shorter body. On the request
    side it falls before the next byte goes; where there is none, the request is whole: it falls when the service begins
    to answer, and the client gets nothing of that (done, and never told).
    """


@dataclass(frozen=True, slots=True)
class HeadersOnly(Cut):
    """The head of the answer, then the end."""

    after_bytes: int = 0


class Reset(_Break):
    """Like `Cut`, but with an RST to both ends."""


class Stall(_Break):
    """Falls like `Cut`; then nothing moves until the client goes. `FaultProxy.clear` lets it go on where it stopped.

    A client that goes in the midst of a large upload is not seen to go, as in life: its FIN waits behind the bytes that
    nobody takes. `clear` and the end of the proxy let go of that too.
    """


@dataclass(frozen=True, slots=True)
class Slice:
    """The body in pieces of this size, each in a send (and in a chunk, where the coding is chunked) of its own."""

    size: int = 1
    side: Side | Literal["both"] = "response"


@dataclass(frozen=True, slots=True)
class Garbage:
    """After so many bytes of the answer comes this, as part of the body, then the end."""

    after_bytes: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Flip:
    """One byte of the answer's body with some of its bits turned over."""

    at_byte: int
    mask: int = 0xFF

    def apply(self, piece: bytes, start: int) -> bytes:
        """A piece of a body that begins at `start`, with that byte changed if it is in it."""
        index = self.at_byte - start
        if not 0 <= index < len(piece):
            return piece
        return piece[:index] + bytes([piece[index] ^ self.mask]) + piece[index + 1 :]


@dataclass(frozen=True, slots=True)
class Status:
    """The proxy answers this itself; the service never sees the request."""

    code: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class StatusAfter:
    """The service does what it was asked to; its answer is thrown away, and the client gets this one."""

    code: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class SlowHeaders:
    """The head of the answer comes byte by byte with a wait before each, the rest of it at once after `longest_s`."""

    delay_s: float = 0.002
    longest_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Refuse:
    """A connection ends (FIN) without an answer: a new one when it is made, a kept one at its next request.

    It is for whatever path, each time counts once, and nothing of it is in the log.
    """


Fault = Cut | Reset | Stall | Slice | Garbage | Flip | Status | StatusAfter | SlowHeaders | Refuse


def limit_of(fault: Fault | None, side: Side) -> int | None:
    """After how many bytes of this side's body the fault falls; None if it does not."""
    if isinstance(fault, Garbage):
        return fault.after_bytes if side == "response" else None
    return fault.after_bytes if isinstance(fault, _Break) and fault.side == side else None


def slice_of(fault: Fault | None, side: Side) -> int | None:
    """The size of the pieces that this side's body goes in; None for as they come."""
    return fault.size if isinstance(fault, Slice) and fault.side in (side, "both") else None
