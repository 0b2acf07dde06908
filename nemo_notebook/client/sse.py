"""Server-sent events as a pure byte machine: bytes in, events out, no I/O.

Follows the HTML Standard, section 9.2.6 "Interpreting an event stream": only CR, LF and CRLF end a line, one leading
BOM is dropped, invalid UTF-8 becomes U+FFFD, a block without data is no event, and a block that the end of the stream
cuts off is none either. (`str.splitlines` and line iterators built on it also split at U+2028 and U+0085, which occur
raw inside JSON.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nemo_notebook.errors import ProtocolError

MAX_LINE_BYTES: Final = 32 << 20
MAX_EVENT_BYTES: Final = 64 << 20
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One dispatched event: its data lines joined by LF, its type and the last event id at that point."""

    data: str
    event: str = "message"
    id: str = ""


class EventStreamDecoder:
    """Turns the bytes of one stream, fed in any pieces, into events.

    Attributes:
        comments: How many comment lines have been read; servers send them to keep a connection alive.
        retry_ms: The reconnection time that the server asked for, if it did.
    """

    def __init__(self) -> None:
        self.comments = 0
        self.retry_ms: int | None = None
        self._begun = False
        self._after_cr = False
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._event = b""
        self._id = ""

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Take the next bytes; give the events that they complete.

        Raises:
            ProtocolError: A line or an event is larger than any real one.
        """
        if not self._begun:
            chunk = self._begin(chunk)
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[0] == 0x0A:
                chunk = chunk[1:]
        if not chunk:
            return []
        lines = chunk.splitlines(keepends=True)
        unfinished = b"" if lines[-1][-1] in b"\r\n" else lines.pop()
        self._after_cr = chunk[-1] == 0x0D
        events: list[ServerEvent] = []
        if lines and self._tail:
            lines[0] = b"".join((*self._tail, lines[0]))
            self._tail.clear()
            self._tail_bytes = 0
        for line in lines:
            self._line(line.rstrip(b"\r\n"), events)
        if unfinished:
            self._tail.append(unfinished)
            self._tail_bytes += len(unfinished)
            if self._tail_bytes > MAX_LINE_BYTES:
                raise ProtocolError("The service sent a line without end.")
        return events

    def _begin(self, chunk: bytes) -> bytes:
        head = b"".join((*self._tail, chunk))
        self._tail.clear()
        self._tail_bytes = 0
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._tail = [head] if head else []
            self._tail_bytes = len(head)
            return b""
        self._begun = True
        return head.removeprefix(_BOM)

    def _line(self, line: bytes, events: list[ServerEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        field, colon, value = line.partition(b":")
        if colon and not field:
            self.comments += 1
            return
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_bytes += len(value) + 1
            if self._data_bytes > MAX_EVENT_BYTES:
                raise ProtocolError("The service sent an event without end.")
        elif field == b"event":
            self._event = value
        elif field == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif field == b"retry" and value.isdigit() and len(value) < 10:
            self.retry_ms = int(value)

    def _dispatch(self, events: list[ServerEvent]) -> None:
        if self._data:
            data = (self._data[0] if len(self._data) == 1 else b"\n".join(self._data)).decode("utf-8", "replace")
            events.append(ServerEvent(data, self._event.decode("utf-8", "replace") or "message", self._id))
            self._data = []
            self._data_bytes = 0
        self._event = b""
