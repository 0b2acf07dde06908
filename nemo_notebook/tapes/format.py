"""The tape format: a file of JSON lines, each a struct below with a checksum over itself and all lines before it.

`README.md` beside this file documents it for people.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from nemo_notebook import errors
from nemo_notebook.outside import plain, redact

VERSION: Final = 2
MAX_KEEP_BYTES: Final = 64 << 20
"""The largest medium that a tape can keep."""
TOO_LARGE: Final = "larger than"
"""How the note of a medium begins that was not kept for its size."""
MAX_TAPE_LINE_BYTES: Final = 96 << 20
MAX_VALUES: Final = 8_000_000  # of a whole tape: small values take much more room in memory than on the disk
MAX_TAPE_BYTES: Final = 512 << 20
REQUEST_HEADERS: Final = frozenset({"accept", "content-type", "range", "x-skill-source", "x-skill-version"})
ANSWER_HEADERS: Final = frozenset({"content-type", "retry-after", "content-range", "accept-ranges", "location"})
"""The only headers that a tape holds."""

_SEALED: Final = re.compile(rb',"sum":"([0-9a-f]{16})"\}\n\Z')
_SUM_BYTES: Final = 27
_RECORD_AGAIN: Final = "Record it again with `%nemo tape record`."

_Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Count = Annotated[int, Meta(ge=0, le=1 << 53)]
_Milliseconds = Annotated[float, Meta(ge=0, le=1e12)]
_Line = Annotated[str, Meta(max_length=200)]
"""A text that people see: on reading it is brought onto one line, without what a terminal would act on."""
_Name = Annotated[str, Meta(max_length=400)]
_Text = Annotated[str, Meta(max_length=2000)]
_Texts = Annotated[dict[_Text, _Text], Meta(max_length=64)]


class _Part(Struct, frozen=True, kw_only=False, omit_defaults=True):
    """A part of a tape; keys that are not known are left out."""

    def _tidy(self, *fields: str) -> None:
        for name in fields:
            force_setattr(self, name, " ".join(plain(getattr(self, name)).split()))

    def _keep_headers(self, allowed: frozenset[str]) -> None:
        force_setattr(self, "headers", kept_headers(self.headers, allowed))  # type: ignore[attr-defined]


class Header(_Part, frozen=True, tag="tape", tag_field="kind"):
    """The first line; `new_header` makes one.

    Attributes:
        recorded_s: When the recording began, in whole seconds since 1970.
        package: The version of the package that has recorded it.
        keep_bytes: The largest medium that was kept.
        id: What the tape is known by.
        anonymous: Whether a free anonymous token was in use: words of refusals depend on it.
    """

    version: Literal[2]
    recorded_s: Annotated[float, Meta(ge=0, le=1e11)]
    package: Annotated[str, Meta(max_length=40)]
    backend: Literal["local", "cloud"]
    title: _Line
    keep_bytes: Annotated[int, Meta(ge=0, le=MAX_KEEP_BYTES)]
    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
    anonymous: bool = False

    def __post_init__(self) -> None:
        self._tidy("package", "title")


class SentFile(_Part, frozen=True, rename={"size_bytes": "bytes"}):
    """A file that was uploaded: what it is known by, without its content."""

    name: _Name
    size_bytes: _Count
    sha256: _Hash


class Request(_Part, frozen=True):
    """A request, with placeholders for ids, tokens and addresses.

    Attributes:
        path: Below the backend's address; an absolute address for what lies elsewhere.
        headers: Those of `REQUEST_HEADERS`.
        json: The body, if it is JSON; None is no body.
        files: The files, if they are what the body is made of.
    """

    method: Annotated[str, Meta(pattern=r"^[A-Z]{1,10}\Z")]
    path: Annotated[str, Meta(pattern=r"^(?:/|https?://)[!-~]*\Z", max_length=2000)]
    query: _Texts
    headers: _Texts
    json: Any = None
    files: tuple[SentFile, ...] = ()

    def __post_init__(self) -> None:
        self._keep_headers(REQUEST_HEADERS)


class EventBlock(_Part, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A block of an event stream with the blank line that ends it, and when it came, counted like `Exchange.at_ms`."""

    at_ms: _Milliseconds
    text: str


class MediaRef(_Part, frozen=True, rename={"size_bytes": "bytes"}):
    """A body that is a medium of the tape."""

    sha256: _Hash
    size_bytes: _Count


class TapeAnswer(_Part, frozen=True, rename={"was_cut": "cut"}):
    """A response: at most one of `json`, `text`, `events`, `media` and `error`; none is an empty body.

    Attributes:
        status: The HTTP status; 0 with an `error`.
        headers: Those of `ANSWER_HEADERS`.
        json: The body, if it is JSON and not null.
        text: The body, if it is anything else that is read whole.
        was_cut: Whether the event stream or the file broke after what is there.
        error: The kind of failure, if there was no response.
    """

    status: Annotated[int, Meta(ge=0, le=599)]
    headers: _Texts
    json: Any = None
    text: str | None = None
    events: tuple[EventBlock, ...] | None = None
    was_cut: bool = False
    media: MediaRef | None = None
    error: Literal["", "connect", "timeout", "broken"] = ""

    def __post_init__(self) -> None:
        self._keep_headers(ANSWER_HEADERS)
        bodies = (self.json, self.text, self.events, self.media, self.error or None)
        if sum(body is not None for body in bodies) > 1 or bool(self.error) is (self.status >= 100):
            raise ValueError("`answer` is neither one response nor one error")


class Exchange(_Part, frozen=True, tag="exchange", tag_field="kind"):
    """A request and its answer.

    Attributes:
        number: Its place among the requests, from 1.
        cell: The label of the cell that was running, such as `In [3]`.
        turn: How many requests before it were no GET.
        at_ms: When it was sent, in milliseconds since the recording began.
        took_ms: How long it took to the answer's end.
    """

    number: Annotated[int, Meta(ge=1, le=1 << 53)]
    cell: _Line
    turn: _Count
    at_ms: _Milliseconds
    took_ms: _Milliseconds
    request: Request
    answer: TapeAnswer

    def __post_init__(self) -> None:
        self._tidy("cell")


class Medium(_Part, frozen=True, tag="media", tag_field="kind", rename={"size_bytes": "bytes"}):
    """A file that came.

    Attributes:
        data: The file; None where it was not kept.
        note: Why it was not kept.
    """

    sha256: _Hash
    size_bytes: _Count
    type: Annotated[str, Meta(pattern=r"^(?:[A-Za-z0-9_.+-]{1,80}/[A-Za-z0-9_.+-]{1,80})?\Z")]
    name: Annotated[str, Meta(pattern=r"^[^/\\\x00-\x1f]*\Z", max_length=400)]
    data: bytes | None = None
    note: _Line = ""

    def __post_init__(self) -> None:
        self._tidy("name", "note")
        if self.data is not None and (
            len(self.data) != self.size_bytes or hashlib.sha256(self.data).hexdigest() != self.sha256
        ):
            raise ValueError("the medium is not the one that was recorded: its hash is another")

    @property
    def is_too_large(self) -> bool:
        """Whether it was not kept for its size; else, where it was not kept, for what it holds."""
        return self.note.startswith(TOO_LARGE)

    @property
    def keep_mb(self) -> int:
        """The room for one file, in MB, with which it is kept; 0 where no tape keeps it."""
        return math.ceil(self.size_bytes / 1e6) if self.size_bytes <= MAX_KEEP_BYTES else 0


class End(_Part, frozen=True, tag="end", tag_field="kind"):
    """The last line, with the number of lines."""

    lines: _Count


class TapeContent(Struct, frozen=True):
    """A whole tape: its exchanges in the order of their numbers, its media by their hash."""

    header: Header
    exchanges: tuple[Exchange, ...]
    media: Mapping[str, Medium]


Item = Header | Exchange | Medium | End
_DECODER: Final[msgspec.json.Decoder[Item]] = msgspec.json.Decoder(Item)


def new_header(*, now_s: float, package: str, backend: str, title: str, keep_bytes: int) -> Header:
    """The header of a recording that begins now."""
    kept = max(0, min(keep_bytes, MAX_KEEP_BYTES))
    kind: Literal["local", "cloud"] = "local" if backend == "local" else "cloud"
    return Header(VERSION, float(int(now_s)), package, kind, title[:200], kept, secrets.token_hex(8))


def kept_headers(headers: Mapping[str, str], allowed: frozenset[str]) -> dict[str, str]:
    """The headers that a tape keeps, in small letters, without the boundary of a form."""
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in allowed}
    if "content-type" in kept:
        kept["content-type"] = re.sub(r";\s*boundary=.*", "", kept["content-type"])
    return {name: value for name, value in kept.items() if re.fullmatch(r"[ -~]{0,200}", value)}


def seal(item: Item, before: str) -> tuple[bytes, str]:
    """A line with its checksum, and the checksum; `before` is that of the line before, empty for the first.

    Raises:
        TapeError: It is no JSON, or could not be read back.
    """
    try:
        body = msgspec.json.encode(item)
        _DECODER.decode(body)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise errors.TapeError("A value cannot be written to a tape.") from error
    own = _sum(body, before)
    return body[:-1] + b',"sum":"' + own.encode() + b'"}\n', own


def unseal(line: bytes, before: str) -> tuple[Item, dict[str, Any], str]:
    """The item of a line, the JSON value that it was read from, and the checksum.

    Raises:
        TapeError: It is not as `seal` has written it; the message completes "Line 7 of film.nemotape …".
    """
    if not line.endswith(b"\n"):
        raise errors.TapeError("breaks off: the tape is not whole.")
    value, found = parse_line(line), _SEALED.search(line, len(line) - _SUM_BYTES)
    body = line[:-_SUM_BYTES] + b"}"
    value.pop("sum", None)
    if found is None or _sum(body, before) != found[1].decode() or msgspec.json.encode(value) != body:
        raise errors.TapeError("is not as it was recorded: it was changed, or a line before it is missing.")
    try:
        return _DECODER.decode(body), value, found[1].decode()
    except (msgspec.ValidationError, RecursionError) as error:
        raise errors.TapeError(f"cannot be read: {redact(str(error), 200)}.") from None


def parse_line(line: bytes) -> dict[str, Any]:
    """A line's JSON object, whatever its checksum.

    Raises:
        TapeError: It is none; the message completes "Line 7 of film.nemotape …".
    """
    if weight(line) > MAX_VALUES or len(line) > MAX_TAPE_LINE_BYTES:
        raise errors.TapeError("is larger than any that was recorded.")
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (ValueError, RecursionError):
        raise errors.TapeError("is no JSON object: the tape is damaged.") from None


def check_version(value: Mapping[str, Any]) -> None:
    """Refuse the first line of a tape of another version.

    Raises:
        TapeError: It is; the message completes "Line 1 of film.nemotape …".
    """
    version = value.get("version")
    if type(version) is int and version != VERSION:
        is_newer = version > VERSION
        hint = "Update the package: pip install -U nemo-notebook" if is_newer else _RECORD_AGAIN
        words = f"is of {'a newer' if is_newer else 'an older'} version, {version}"
        raise errors.TapeError(f"{words}; this package plays tapes of version {VERSION}.", hint=hint)


def weight(line: bytes) -> int:
    """How many values a line can hold at most."""
    return line.count(b",") + 1


def line_schema() -> dict[str, Any]:
    """JSON Schema of a line, without its checksum."""
    return msgspec.json.schema(Item)


def _sum(body: bytes, before: str) -> str:
    return hashlib.sha256(before.encode() + body).hexdigest()[:16]
