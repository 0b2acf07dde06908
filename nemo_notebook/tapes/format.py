"""What a tape is made of. `README.md` beside this file documents how it is written."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

VERSION: Final = 1
MAX_KEEP_BYTES: Final = 64 << 20
"""The largest medium that a tape can keep."""
REQUEST_HEADERS: Final = frozenset({"accept", "content-type", "range", "x-skill-source", "x-skill-version"})
ANSWER_HEADERS: Final = frozenset({"content-type", "retry-after", "content-range", "accept-ranges", "location"})
"""The only headers that a tape holds."""

_LONGEST_HEADER: Final = 200


@dataclass(frozen=True, slots=True)
class Header:
    """The first line; `new_header` makes one.

    Attributes:
        recorded_s: When the recording began, in whole seconds since 1970.
        package: The version of the package that has recorded it.
        backend: `local` or `cloud`.
        keep_bytes: The largest medium that was kept.
        id: What the tape is known by, 16 hex digits.
        anonymous: Whether a free anonymous token was in use: words of refusals hang on it.
    """

    version: int
    recorded_s: float
    package: str
    backend: str
    title: str
    keep_bytes: int
    id: str
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was uploaded: what it is known by, without what is in it."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, with placeholders for whatever is only of that day.

    Attributes:
        path: Below the backend's address; an absolute address for what lies elsewhere.
        headers: Those of `kept_headers`.
        json: The body, if it is JSON; None is no body.
        files: The files, if they are what the body is made of.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    json: Any = None
    files: tuple[SentFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of an event stream with the blank line that ends it, and when it came, counted like `Exchange.at_ms`."""

    at_ms: float
    text: str


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A body that is a medium of the tape."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: at most one of `json`, `text`, `events`, `media` and `error`; none is an empty body.

    Attributes:
        status: The HTTP status; 0 with an `error`.
        headers: Those of `kept_headers`.
        json: The body, if it is JSON and not null.
        text: The body, if it is anything else that is read whole.
        was_cut: Whether the event stream broke after these pieces, or the file after these bytes.
        error: `connect`, `timeout` or `broken`, if there was no answer.
        was_left: Whether an event stream was cut, or nothing more was asked, because whoever asked was stopped.
    """

    status: int
    headers: Mapping[str, str]
    json: Any = None
    text: str | None = None
    events: tuple[Piece, ...] | None = None
    was_cut: bool = False
    media: MediaRef | None = None
    error: str = ""
    was_left: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    Attributes:
        number: Its place among the requests, from 1.
        cell: What the cell that was running is called, such as `In [3]`.
        turn: How many requests before it were more than a look (no GET).
        at_ms: When it was sent, in milliseconds since the recording began.
        took_ms: How long it took to the answer's end.
    """

    number: int
    cell: str
    turn: int
    at_ms: float
    took_ms: float
    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that came.

    Attributes:
        data: The file; None where it was not kept.
        note: Why it was not kept.
        preview: The hash of another medium that may stand for it.
    """

    sha256: str
    size_bytes: int
    type: str
    name: str
    data: bytes | None = field(repr=False)
    note: str = ""
    preview: str = ""


@dataclass(frozen=True, slots=True)
class Tape:
    """A whole tape: its exchanges in the order of their numbers, its media by their hash."""

    header: Header
    exchanges: tuple[Exchange, ...]
    media: Mapping[str, Medium]


def new_header(
    *, now_s: float, package: str, backend: str, title: str, keep_bytes: int, anonymous: bool = False
) -> Header:
    """The header of a recording that begins now."""
    kept = max(0, min(keep_bytes, MAX_KEEP_BYTES))
    return Header(VERSION, float(int(now_s)), package, backend, title[:200], kept, secrets.token_hex(8), anonymous)


def kept_headers(headers: Mapping[str, str], allowed: frozenset[str]) -> dict[str, str]:
    """What a tape keeps of headers: those of `REQUEST_HEADERS` or `ANSWER_HEADERS`, in small letters, no boundary."""
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in allowed}
    if "content-type" in kept:
        kept["content-type"] = re.sub(r";\s*boundary=.*", "", kept["content-type"])
    return {name: value for name, value in kept.items() if re.fullmatch(rf"[ -~]{{0,{_LONGEST_HEADER}}}", value)}
