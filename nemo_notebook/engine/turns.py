"""A turn of chat as the service streams it: events in the form of Google ADK's API server."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

_FIRST = {"en": "The pictures are ready; music and titles follow.", "zh": "画面已经好了，音乐和标题随后就来。"}
_WORDS = re.compile(r"\S+\s*|[\u3000-\u9fff]")


class EventWriter:
    """Writes the events of one turn as lines of an event stream."""

    def __init__(self) -> None:
        self._turn = f"e-{uuid.uuid4()}"

    def event(
        self, content: Mapping[str, Any] | None = None, state: Mapping[str, Any] | None = None, **more: Any
    ) -> bytes:
        """One event."""
        payload = {
            **({"content": content} if content else {}),
            **more,
            "invocationId": self._turn,
            "author": "nemo_agent",
            "actions": {"stateDelta": state or {}, "artifactDelta": {}},
            "id": str(uuid.uuid4()),
            "timestamp": time.time(),
        }
        return b"data: " + json.dumps(payload, ensure_ascii=False).encode("utf-8") + b"\n\n"

    def text(self, text: str) -> Iterator[bytes]:
        """A reply: its words one after another, then the whole."""
        for word in _WORDS.findall(text):
            yield self.event({"parts": [{"text": word}], "role": "model"}, partial=True)
        yield self.event({"parts": [{"text": text}], "role": "model"}, partial=False)

    def call(self, name: str, args: Mapping[str, Any], call_id: str) -> bytes:
        """The use of a tool."""
        return self.event({"parts": [{"functionCall": {"id": call_id, "name": name, "args": args}}], "role": "model"})

    def answer(
        self, name: str, response: Mapping[str, Any], call_id: str, state: Mapping[str, Any] | None = None
    ) -> bytes:
        """The answer of a tool."""
        part = {"functionResponse": {"id": call_id, "name": name, "response": response}}
        return self.event({"parts": [part], "role": "user"}, state)

    def stage(self, version: int, language: str) -> Iterator[bytes]:
        """The first stage of a generation: its tool, and a sentence."""
        name, call_id = "generate_video", f"generate-{version}"
        yield self.call(name, {"version": version}, call_id)
        yield self.answer(name, {"status": "ok"}, call_id, {"draft_version": version})
        yield from self.text(_FIRST.get(language, _FIRST["en"]))

    def error(self, message: str) -> bytes:
        """A failure in the middle of the turn: the last frame."""
        return b"data: " + json.dumps({"error": message}, ensure_ascii=False).encode("utf-8") + b"\n\n"

    @staticmethod
    def heartbeat() -> bytes:
        """A sign of life."""
        return b": still at work\n\n"
