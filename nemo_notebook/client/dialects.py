"""From server-sent events to the events of a turn.

Two dialects share the stream: the events of Google ADK's API server (`content.parts`, `partial`, `actions`) and small
typed objects (`{"type": "text", …}`). Each object tells by its keys which one it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nemo_notebook.client.events import (
    Artifact,
    Event,
    Heartbeat,
    StateChange,
    StreamError,
    Text,
    TextFinal,
    ToolCall,
    ToolResult,
)
from nemo_notebook.client.sse import ServerEvent

# The agent appends this to replies that were fine; it is shown only where it is all there is.
APOLOGY = "I encountered a temporary issue"


class TurnReader:
    """Reads the events of one turn in order, and knows whether the turn came to its end.

    Attributes:
        failed: The error that ended the turn, if one did.
    """

    def __init__(self) -> None:
        self.failed: StreamError | None = None
        self._deltas: list[str] = []
        self._has_text = False
        self._open_calls: set[str] = set()

    @property
    def was_cut(self) -> bool:
        """Whether the stream, if it ends here, ended too early: deltas lack their final, or a call its result."""
        return bool(self._deltas or self._open_calls)

    def read(self, event: ServerEvent) -> list[Event]:
        """The turn's events that one server-sent event holds."""
        if not event.data.strip():
            return [Heartbeat()]
        try:
            payload = json.loads(event.data)
        except (ValueError, RecursionError):
            # Old servers write their last error as invalid JSON; whatever else cannot be read is a sign of life.
            return [self._fail("error", event.data) if event.data.lstrip().startswith('{"error"') else Heartbeat()]
        if not isinstance(payload, Mapping):
            return [Heartbeat()]
        return list(self._typed(payload) if isinstance(payload.get("type"), str) else self._adk(payload))

    def _fail(self, code: str, message: str) -> StreamError:
        self.failed = StreamError(code, message)
        return self.failed

    def _typed(self, payload: Mapping[str, Any]) -> Iterator[Event]:
        kind, name, call = payload["type"], _text(payload.get("name")), _text(payload.get("id"))
        if kind == "text":
            text = _text(payload.get("content") or payload.get("text"))
            self._has_text = self._has_text or bool(text)
            yield Text(text)
        elif kind == "tool_call":
            yield ToolCall(name, _mapping(payload.get("args")), call)
        elif kind == "tool_result":
            yield ToolResult(name, payload.get("result", payload.get("response")), call)
        elif kind == "error":
            yield self._fail(
                _text(payload.get("code")) or "error", _text(payload.get("message") or payload.get("error"))
            )
        else:
            yield Heartbeat()

    def _adk(self, payload: Mapping[str, Any]) -> Iterator[Event]:
        if payload.get("error") is not None:
            yield self._fail("error", _text(payload["error"]))
            return
        if payload.get("errorCode") or payload.get("errorMessage"):
            yield self._fail(_text(payload.get("errorCode")) or "error", _text(payload.get("errorMessage")))
            return
        parts = _mapping(payload.get("content")).get("parts")
        parts = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
        text = "".join(_text(part.get("text")) for part in parts if not part.get("thought"))
        if payload.get("partial") is True:
            if text:
                self._deltas.append(text)
                yield from self._delta(text)
            return
        if text:
            yield from self._final(text)
        yield from self._calls(parts)
        actions = _mapping(payload.get("actions"))
        if delta := _mapping(actions.get("stateDelta")):
            yield StateChange(delta)
        if delta := _mapping(actions.get("artifactDelta")):
            yield Artifact(delta)

    def _delta(self, text: str) -> Iterator[Event]:
        if self._has_text:
            passage = "".join(self._deltas)
            if APOLOGY.startswith(passage) or passage.startswith(APOLOGY):
                return
            if APOLOGY.startswith(passage.removesuffix(text)):
                text = passage  # what was held back turned out to be something else
        yield Text(text)

    def _final(self, text: str) -> Iterator[Event]:
        self._deltas.clear()
        if self._has_text and text.lstrip().startswith(APOLOGY):
            yield TextFinal("")
        else:
            self._has_text = True
            yield TextFinal(text)

    def _calls(self, parts: list[Mapping[str, Any]]) -> Iterator[Event]:
        for part in parts:
            call, answer = _mapping(part.get("functionCall")), _mapping(part.get("functionResponse"))
            if call:
                self._open_calls.add(_text(call.get("id")) or _text(call.get("name")))
                yield ToolCall(_text(call.get("name")), _mapping(call.get("args")), _text(call.get("id")))
            elif answer:
                self._open_calls.discard(_text(answer.get("id")) or _text(answer.get("name")))
                yield ToolResult(_text(answer.get("name")), answer.get("response"), _text(answer.get("id")))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
