"""What happens in a turn of chat: one set of events, whichever dialect the service speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
