"""The event stream of a turn: bytes → server-sent events → the events of a turn, without I/O.

Server-sent events follow the HTML Standard, section 9.2.6 "Interpreting an event stream": only CR, LF and CRLF end a
line, one leading BOM is dropped, invalid UTF-8 becomes U+FFFD, a block without data is no event, and a block that the
end of the stream cuts off is none either. (`str.splitlines` and line iterators built on it also split at U+2028 and
U+0085, which occur raw inside JSON.)

Two dialects share the stream: the events of Google ADK's API server (`content.parts`, `partial`, `actions`), whose
keys are in camel case or, from other versions of it, in snake case; and small typed objects (`{"type": "text", …}`).
Each object tells by its keys which one it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from nemo_notebook.errors import ProtocolError
from nemo_notebook.outside import PlainText, as_mapping, as_text, finite, plain


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the reply, to be shown behind what is there."""

    text: str


@dataclass(frozen=True, slots=True)
class TextFinal:
    """A passage of the reply, whole: it replaces the pieces that came since the last final one."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The agent uses a tool. Not for the user's eyes, beyond that work is going on."""

    name: str
    args: Mapping[str, Any] = field(repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool has answered."""

    name: str
    response: Any = field(repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class StateChange:
    """Keys of the session's state were set."""

    delta: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Artifact:
    """Files were made; name → version."""

    delta: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The service is alive and at work."""


@dataclass(frozen=True, slots=True)
class StreamError:
    """The turn failed at the service; its text can hold secrets and is cleaned before it is shown."""

    code: str
    message: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """The turn has been noted under this id, by which one comes back to it; its message is sent next."""

    job: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A word of the client's own about the turn: a broken connection, a first result, what changed meanwhile."""

    text: str


Event = Text | TextFinal | ToolCall | ToolResult | StateChange | Artifact | Heartbeat | StreamError | Begun | Notice


MAX_LINE_BYTES: Final = 32 << 20
MAX_EVENT_CHARS: Final = 64 << 20
_BOM: Final = b"\xef\xbb\xbf"


class ServerEvent(NamedTuple):  # made in half the time of a frozen dataclass, and a stream has many
    """One dispatched event: its data lines joined by LF, its type and the last event id at that point."""

    data: str
    event: str = "message"
    id: str = ""


class EventStreamDecoder:
    """Turns the bytes of one stream, fed in any pieces, into events.

    A reconnection time is not read: a turn is never asked for again.
    """

    def __init__(self) -> None:
        self._begun = False
        self._after_cr = False
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._data: list[str] = []
        self._data_chars = 0
        self._event = ""
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
        self._after_cr = chunk[-1] == 0x0D
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        if not end:
            self._keep(chunk)
            return []
        lines = b"".join((*self._tail, chunk[:end])) if self._tail else chunk[:end]
        self._tail, self._tail_bytes = [], 0
        if end < len(chunk):
            self._keep(chunk[end:])
        # All at once: no line end is part of a longer sequence, so each line reads the same as it would alone.
        text = lines.decode("utf-8", "replace")
        return self._read(text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)

    def _begin(self, chunk: bytes) -> bytes:
        head = b"".join((*self._tail, chunk))
        self._tail, self._tail_bytes = [], 0
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._keep(head)
            return b""
        self._begun = True
        return head.removeprefix(_BOM)

    def _keep(self, unfinished: bytes) -> None:
        self._tail.append(unfinished)
        self._tail_bytes += len(unfinished)
        if self._tail_bytes > MAX_LINE_BYTES:
            raise ProtocolError("The service sent a line without end.")

    def _read(self, text: str) -> list[ServerEvent]:
        """Read whole lines. Most events are one `data: …` line, and take the short way."""
        events: list[ServerEvent] = []
        is_new = not self._data and not self._event
        find, starts, at, size = text.find, text.startswith, 0, len(text)
        while at < size:
            end = find("\n", at)
            if is_new and starts("data: ", at) and starts("\n", end + 1):
                events.append(ServerEvent(text[at + 6 : end], "message", self._id))
                at = end + 2
                continue
            self._line(text[at:end], events)
            is_new = not self._data and not self._event
            at = end + 1
        return events

    def _line(self, line: str, events: list[ServerEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        field, colon, value = line.partition(":")
        if colon and not field:
            return  # a comment; servers send them to keep a connection alive
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
            self._data_chars += len(value) + 1
            if self._data_chars > MAX_EVENT_CHARS:
                raise ProtocolError("The service sent an event without end.")
        elif field == "event":
            self._event = value
        elif field == "id" and "\0" not in value:
            self._id = value

    def _dispatch(self, events: list[ServerEvent]) -> None:
        if self._data:
            events.append(ServerEvent("\n".join(self._data), self._event or "message", self._id))
            self._data, self._data_chars = [], 0
        self._event = ""


_BLANK: Final = " \t\r\n\ufeff"
_BROKEN_ERROR: Final = re.compile(r'\{\s*"error')
_raw_decode: Final = json.JSONDecoder().raw_decode


def parse_json(text: str) -> Any:
    """The same as `json.loads`, three times as fast for the small objects that streams are made of.

    Raises:
        ValueError: It is no JSON.
    """
    if text.startswith("{"):
        value, end = _raw_decode(text)
        if end == len(text):
            return value
    return json.loads(text)


class TurnReader:
    """Reads the events of one turn in order, and knows whether the turn came to its end.

    Attributes:
        failed: The error that ended the turn, if one did.
        lacks_final: Whether the reply ended, so far, with deltas that no final event repeats.
    """

    def __init__(self) -> None:
        self.failed: StreamError | None = None
        self.lacks_final = False
        self._is_over = False
        self._has_reply = False
        self._plain = PlainText()
        self._passage = ApologyFilter(has_reply=False)
        self._open_calls: list[tuple[str, str]] = []

    @property
    def was_cut(self) -> bool:
        """Whether the stream, if it ends here, ended too early: a call lacks its result, or deltas their final event.

        Some agents send deltas only. Then a body that ends as HTTP says it should (see `finish`) is the whole reply.
        """
        return bool(self._open_calls) or (self.lacks_final and not self._is_over)

    def read(self, event: ServerEvent) -> list[Event]:
        """The turn's events that one server-sent event holds."""
        data = event.data.strip(_BLANK)
        if not data:
            return [Heartbeat()]
        try:
            payload = parse_json(data)
        except (ValueError, RecursionError):
            # Old servers write their last error as invalid JSON; whatever else cannot be read is a sign of life.
            return [self._fail("error", data)] if _BROKEN_ERROR.match(data) else [Heartbeat()]
        if not isinstance(payload, Mapping):
            return [Heartbeat()]
        if isinstance(payload.get("type"), str):
            return list(self._typed(payload))
        return [*self._adk(payload), *self._failure(payload)]

    def finish(self, *, is_over: bool = True) -> list[Event]:
        """What is left to show when the stream has ended: words that were held back, as they could be an apology.

        Args:
            is_over: Whether the body is known to be complete: by its length, its last chunk or the end of its stream.
        """
        self._is_over = is_over
        rest = self._passage.finish()
        return [Text(rest)] if rest else []

    def _fail(self, code: str, message: str) -> StreamError:
        self.failed = StreamError(code, message)
        return self.failed

    def _failure(self, payload: Mapping[str, Any], *, is_typed: bool = False) -> Iterator[Event]:
        """The error that an object tells of in one of its many forms, if it does."""
        error = payload.get("error")
        inner = as_mapping(error)
        is_error = is_typed or error == "" or bool(error)
        code = _either(payload, "errorCode", "error_code")
        code = code or (payload.get("code") if is_error else _refusal(payload.get("code"))) or inner.get("code")
        message = _either(payload, "errorMessage", "error_message")
        if is_error or code or message:
            message = message or inner.get("message") or error or payload.get("message")
            yield self._fail(_text(code) or "error", _text(message) or as_text(payload.get("content")))

    def _typed(self, payload: Mapping[str, Any]) -> Iterator[Event]:
        kind, name, call = payload["type"], _text(payload.get("name")), _text(payload.get("id"))
        if kind == "text":
            yield from self._piece(as_text(_either(payload, "content", "text")))
        elif kind == "tool_call":
            self._open_calls.append((call, name))
            yield ToolCall(name, as_mapping(payload.get("args")), call)
        elif kind == "tool_result":
            self._close_call(call, name)
            yield ToolResult(name, _either(payload, "result", "response"), call)
        elif kind == "error":
            yield from self._failure(payload, is_typed=True)
        else:
            yield Heartbeat()

    def _adk(self, payload: Mapping[str, Any]) -> Iterator[Event]:
        parts = as_mapping(payload.get("content")).get("parts")
        parts = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
        text = "".join(as_text(part.get("text")) for part in parts if not part.get("thought"))
        if payload.get("partial") is True:
            self.lacks_final = self.lacks_final or bool(text)
            yield from self._piece(text)
            return
        if text:
            yield self._final(text)
        yield from self._calls(parts, _either(payload, "longRunningToolIds", "long_running_tool_ids"))
        actions = as_mapping(payload.get("actions"))
        if delta := as_mapping(_either(actions, "stateDelta", "state_delta")):
            yield StateChange(delta)
        if delta := as_mapping(_either(actions, "artifactDelta", "artifact_delta")):
            yield Artifact(delta)

    def _piece(self, text: str) -> Iterator[Event]:
        if shown := self._passage.feed(self._plain.feed(text)):
            yield Text(shown)

    def _final(self, text: str) -> Event:
        shown = without_apology(plain(text), has_reply=self._has_reply)
        self.lacks_final = False
        self._plain = PlainText()
        self._has_reply = self._has_reply or bool(shown.strip())
        self._passage = ApologyFilter(has_reply=self._has_reply)
        return TextFinal(shown)

    def _calls(self, parts: list[Mapping[str, Any]], unawaited: object) -> Iterator[Event]:
        for part in parts:
            call = as_mapping(_either(part, "functionCall", "function_call"))
            answer = as_mapping(_either(part, "functionResponse", "function_response"))
            name, ident = _text((call or answer).get("name")), _text((call or answer).get("id"))
            if call:
                if not (isinstance(unawaited, list) and ident in unawaited):  # these answer in a later turn, if ever
                    self._open_calls.append((ident, name))
                yield ToolCall(name, as_mapping(call.get("args")), ident)
            elif answer:
                self._close_call(ident, name)
                yield ToolResult(name, answer.get("response"), ident)

    def _close_call(self, ident: str, name: str) -> None:
        """A call was answered: the one of that id, else of that name, else the first one."""
        same = [call for call in self._open_calls if ident and call[0] == ident]
        same = same or [call for call in self._open_calls if name and call[1] == name] or self._open_calls
        if same:
            self._open_calls.remove(same[0])


def _either(mapping: Mapping[str, Any], *names: str) -> Any:
    """The value of the first of these names that has one."""
    return next((mapping[name] for name in names if mapping.get(name) is not None), None)


def _refusal(value: object) -> str:
    """The code of an envelope that refuses, as a number or in digits; nothing if it does not."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
        value = int(value)
    number = finite(value)
    return "" if number in (None, 0, 200) else f"{number:.0f}"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "…"


APOLOGY: Final = "I encountered a temporary issue"

_STOPS: Final = ".!?。！？…"
_SENTENCE: Final = rf"[^{_STOPS}\n]{{0,200}}[{_STOPS}]{{0,3}}\s{{0,20}}"  # bounded, as is all that is held back
_TO_THE_END: Final = re.compile(rf"{APOLOGY}(?:(?!\w){_SENTENCE})?(?:(?:Please|Try)\b{_SENTENCE})?\Z")
_MORE_TO_COME: Final = re.compile(rf"{APOLOGY}(?!\w){_SENTENCE}(?:P|Pl|Ple|Plea|Pleas|T|Tr)\Z")
_GOES_ON: Final = ",;:，；：、([{（【“‘«-–—/&+="  # what stands before the words in these is no whole reply
_MEMORY_CHARS: Final = 64


class ApologyFilter:
    """Passes on a text that comes in pieces, and holds back what may be the apology at its end.

    Args:
        has_reply: Whether a reply has been given before this text begins.
    """

    def __init__(self, *, has_reply: bool) -> None:
        self._has_reply = has_reply
        self._before = ""  # the end of what has been passed on
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be shown by now."""
        text = self._held + piece
        at = next((at for at in _candidates(text) if self._is_trailing(text, at)), len(text))
        shown, self._held = text[:at], text[at:]
        self._before = (self._before + shown)[-_MEMORY_CHARS:]
        return shown

    def finish(self) -> str:
        """What was held back and is no apology, now that the text is over."""
        held, self._held = self._held, ""
        return "" if held.startswith(APOLOGY) else held

    def _is_trailing(self, text: str, at: int) -> bool:
        if len(text) - at > len(APOLOGY) and not (_TO_THE_END.match(text, at) or _MORE_TO_COME.match(text, at)):
            return False
        before = (self._before + text[max(0, at - _MEMORY_CHARS) : at])[-_MEMORY_CHARS:]
        return _is_whole(before) if before.strip() else self._has_reply


def without_apology(text: str, *, has_reply: bool) -> str:
    """A whole text without an apology at its end, unless that is all that there is."""
    apology = ApologyFilter(has_reply=has_reply)
    shown = apology.feed(text) + apology.finish()
    return text if shown == text else shown.rstrip()


def _candidates(text: str) -> Iterator[int]:
    """Where the apology begins, or could begin if more came."""
    at = text.find(APOLOGY)
    while at >= 0:
        yield at
        at = text.find(APOLOGY, at + 1)
    for at in range(max(0, len(text) - len(APOLOGY) + 1), len(text)):
        if APOLOGY.startswith(text[at:]):
            yield at


def _is_whole(before: str) -> bool:
    """Whether what goes before is a reply of its own, rather than the beginning of the same sentence."""
    said = before.rstrip()
    gap = before[len(said) :]
    if "\n" in gap or said[-1] in _STOPS:
        return True
    return not (said[-1].isalnum() or said[-1] in _GOES_ON) if gap else said[-1].isalnum()
