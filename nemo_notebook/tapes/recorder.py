"""The recorder: sends requests to a backend and records the exchanges; the client sees only what is on the tape."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote, unquote

import httpx
import msgspec

from nemo_notebook import errors, settings
from nemo_notebook.client.events import EventStreamDecoder, ServerEvent
from nemo_notebook.client.hook import FILES, UNRECORDED, CheckUrl
from nemo_notebook.client.transport import check_coding, read_whole, retry_after_s
from nemo_notebook.tapes.format import (
    ANSWER_HEADERS,
    REQUEST_HEADERS,
    TOO_LARGE,
    EventBlock,
    MediaRef,
    Medium,
    Request,
    SentFile,
    TapeAnswer,
    kept_headers,
)
from nemo_notebook.tapes.names import GIVEN_HOST, MEDIA_HOST, PLACEHOLDER, Names
from nemo_notebook.tapes.scan import findings_in_media

if TYPE_CHECKING:
    from nemo_notebook.tapes.tape import Tape

_BEARER: Final = "Bearer "
_NAMED: Final = frozenset({GIVEN_HOST, MEDIA_HOST})


async def request_of(request: httpx.Request, names: Names, base: httpx.URL | None) -> Request:
    """What a tape knows a request by: what it asks for, with names for all that is only of the day.

    Args:
        request: As the client makes it.
        names: The tape's.
        base: The address of the backend; None for what is fetched from elsewhere.
    """
    body = await _json(request)
    path, query = _place(request.url, base)
    names.learn(path, body)
    paths = request.extensions.get(FILES, ())
    files = await asyncio.to_thread(_sent_files, paths) if paths else ()
    return Request(
        method=request.method,
        path=names.shown(path),
        query=names.shown(query),
        headers=kept_headers(request.headers, REQUEST_HEADERS),
        json=names.shown(body, asked=True),
        files=files,
    )


async def as_sent(request: httpx.Request, names: Names, base: httpx.URL | None) -> httpx.Request:
    """The request with what the names stand for; what goes elsewhere than to the backend tells nothing of it.

    Args:
        request: As the client makes it.
        names: The tape's.
        base: The address of the backend; None for what is fetched from elsewhere.
    """
    url = request.url
    if url.host in _NAMED:
        url = httpx.URL(names.real(str(url)))
    elif base is not None:
        raw_path, _, query = url.raw_path.partition(b"?")
        steps = "/".join(_step(step, names) for step in raw_path.decode("ascii").split("/"))
        raw = steps.encode("ascii") + (b"?" + query if query else b"")
        url = url.copy_with(raw_path=raw)
    extensions = {key: value for key, value in request.extensions.items() if key not in (FILES, UNRECORDED)}
    headers = request.headers.copy()
    headers["host"] = url.netloc.decode("ascii")
    body = await _json(request)
    if body is None:
        return httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=extensions)
    del headers["content-length"]
    content = json.dumps(names.real(body)).encode("ascii")
    return httpx.Request(request.method, url, headers=headers, content=content, extensions=extensions)


async def _json(request: httpx.Request) -> Any:
    if "json" not in request.headers.get("content-type", ""):
        return None
    return json.loads(await request.aread())


def _place(url: httpx.URL, base: httpx.URL | None) -> tuple[str, dict[str, str]]:
    if base is None:
        return str(url), {}
    path = url.raw_path.partition(b"?")[0].decode("ascii")
    return path.removeprefix(base.path.rstrip("/")), dict(url.params)


def _step(step: str, names: Names) -> str:
    named = unquote(step)
    real: str = names.real(named)
    return step if real == named else quote(real, safe="").replace(".", "%2E")


def _sent_files(paths: Iterable[Path]) -> tuple[SentFile, ...]:
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                name = path.name.encode("utf-8", "replace").decode()
                found.append(SentFile(name, file.tell(), digest))
        except OSError as error:
            raise errors.FileMissing(f"{path.name} cannot be read any more.") from error
    return tuple(found)


def shown_block(event: ServerEvent, names: Names) -> str:
    """A block of an event stream with names for what is only of the day: in the JSON of its data, where it is JSON."""
    value = _parsed(event.data)
    names.learn("", value)
    shown = names.shown(value)
    data = names.shown(event.data) if shown == value else json.dumps(shown)
    lines = [f"id: {names.shown(event.id)}"] if event.id else []
    lines += [f"event: {event.event}"] if event.event != "message" else []
    return "".join(f"{line}\n" for line in [*lines, *(f"data: {line}" for line in data.split("\n")), ""])


def _parsed(data: str) -> Any:
    try:
        return json.loads(data) if data.lstrip()[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None


_TYPE: Final = re.compile(r"(?a:[\w.+-]{1,80}/[\w.+-]{1,80})")


@dataclass(slots=True)
class PendingExchange:
    """An exchange that is being recorded."""

    request: Request
    cell: str
    turn: int
    at_ms: float
    is_over: bool = False


@dataclass(eq=False)
class _RecordedBody(httpx.AsyncByteStream):
    """A body that is recorded when it is over: read to its end, broken, or left by whoever reads it."""

    response: httpx.Response
    headers: dict[str, str]
    tape: Tape
    pending: PendingExchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            check_coding(self.response)
            async for chunk in self.response.aiter_bytes():
                for piece in self._pieces(chunk):
                    yield piece
        except httpx.HTTPError:
            self._end(was_cut=True)
            raise
        self._end(was_cut=False)

    async def aclose(self) -> None:
        try:
            self._end(was_cut=True)
        finally:
            await self.response.aclose()

    def _end(self, *, was_cut: bool) -> None:
        if not self.pending.is_over:
            self.tape.take(self.pending, *self._taken(was_cut=was_cut))

    def _pieces(self, chunk: bytes) -> list[bytes]:
        raise NotImplementedError

    def _taken(self, *, was_cut: bool) -> tuple[TapeAnswer, Medium | None]:
        raise NotImplementedError


@dataclass(eq=False)
class _RecordedEvents(_RecordedBody):
    """An event stream, handed on block by block; comments, which only keep a connection alive, are left out."""

    _decoder: EventStreamDecoder = field(default_factory=EventStreamDecoder, init=False)
    _events: list[EventBlock] = field(default_factory=list, init=False)

    def _pieces(self, chunk: bytes) -> list[bytes]:
        events = self._decoder.feed(chunk)
        pieces = [EventBlock(self.tape.now_ms(), shown_block(event, self.tape.names)) for event in events]
        self._events += pieces
        return [piece.text.encode("utf-8", "replace") for piece in pieces]

    def _taken(self, *, was_cut: bool) -> tuple[TapeAnswer, Medium | None]:
        status = self.response.status_code
        return TapeAnswer(status, self.headers, events=tuple(self._events), was_cut=was_cut), None


@dataclass(eq=False)
class _RecordedFile(_RecordedBody):
    """A file, of which the tape keeps a hash, and the bytes too if they are not too many."""

    _kept: bytearray = field(default_factory=bytearray, init=False)
    _size_bytes: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._digest = hashlib.sha256()
        self._keep_bytes = self.tape.header.keep_bytes

    def _pieces(self, chunk: bytes) -> list[bytes]:
        self._digest.update(chunk)
        self._size_bytes += len(chunk)
        if self._size_bytes <= self._keep_bytes:
            self._kept += chunk
        else:
            self._kept.clear()
        return [chunk]

    def _taken(self, *, was_cut: bool) -> tuple[TapeAnswer, Medium | None]:
        sha256, is_kept = self._digest.hexdigest(), self._size_bytes <= self._keep_bytes
        found_type = _TYPE.match(self.headers.get("content-type", ""))
        kind = found_type[0] if found_type else ""
        data = bytes(self._kept) if is_kept else None
        note = "" if is_kept else f"{TOO_LARGE} {self._keep_bytes / 1e6:.1f} MB: not kept"
        if found := findings_in_media(kind, data):
            data, note = None, f"{found[0].what}: not kept"
        path = self.pending.request.path
        name = self.tape.file_names.get(path) or path.rstrip("/").rpartition("/")[2][:200]
        medium = Medium(sha256, self._size_bytes, kind, name, data, note)
        ref = MediaRef(sha256, self._size_bytes)
        return TapeAnswer(self.response.status_code, self.headers, media=ref, was_cut=was_cut), medium


@dataclass(eq=False)
class RecordingTransport(httpx.AsyncBaseTransport):
    """Sends requests on, and records them with their answers.

    Attributes:
        plain: Sends them.
        tape: The tape.
        base: The address of the backend; None for a client of files that lie anywhere.
        check_url: Looks at the real addresses of such files.
    """

    plain: httpx.AsyncClient
    tape: Tape
    base: httpx.URL | None
    check_url: CheckUrl | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; give the answer as it is on the tape."""
        tape = self.tape
        tape.check_in_use()
        self._learn_secrets(request)
        if request.extensions.get(UNRECORDED):
            return await self._send(await as_sent(request, tape.names, self.base))
        pending = tape.begin(await request_of(request, tape.names, self.base))
        try:
            sent = await as_sent(request, tape.names, self.base)
            if self.check_url:
                self.check_url(str(sent.url))
            response = await self._send(sent)
            return await self._answer(response, sent.url, pending)
        except BaseException as error:
            self._fail(pending, error)
            raise

    async def aclose(self) -> None:
        """Close the connections."""
        await self.plain.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        return await self.plain.send(request, stream=True, auth=None, follow_redirects=False)

    def _learn_secrets(self, request: httpx.Request) -> None:
        token = request.headers.get("authorization", "").removeprefix(_BEARER)
        told = (token, request.headers.get("x-client-id", ""))
        self.tape.secrets |= {secret for secret in told if secret and not PLACEHOLDER.fullmatch(secret)}

    def _fail(self, pending: PendingExchange, error: BaseException) -> None:
        kind = _failure(error)
        is_left = kind == "connect" and self.tape.header.backend == "local" and pending.request.method != "GET"
        if pending.is_over:
            return
        if is_left:
            self.tape.drop(pending)  # it is asked again of the engine that comes in the place of one that has ended
        else:
            self.tape.take(pending, TapeAnswer(0, {}, error=kind))

    async def _answer(self, response: httpx.Response, url: httpx.URL, pending: PendingExchange) -> httpx.Response:
        headers = self._headers(response, url)
        kind = response.headers.get("content-type", "").lower()
        if response.is_success and "text/event-stream" in kind:
            events = _RecordedEvents(response, headers, self.tape, pending)
            return as_response(response.status_code, headers, stream=events)
        if response.is_success and _is_medium(kind, is_file=self.base is None):
            medium = _RecordedFile(response, headers, self.tape, pending)
            length = response.headers.get("content-length", "")
            is_packed = "content-encoding" in response.headers
            more = {"content-length": length} if length and not is_packed else {}
            return as_response(response.status_code, {**headers, **more}, stream=medium)
        try:
            body = (await read_whole(response, settings.MAX_ANSWER_BYTES)).body
        finally:
            await response.aclose()
        answer = _whole(response.status_code, headers, body, self.tape.names, pending.request.path)
        self.tape.take(pending, answer)
        return whole_response(answer)

    def _headers(self, response: httpx.Response, url: httpx.URL) -> dict[str, str]:
        headers = {name: value for name, value in response.headers.items() if name.lower() in ANSWER_HEADERS}
        if "location" in headers:
            headers["location"] = self.tape.names.url(str(url.join(headers["location"])))
        if (wait_s := retry_after_s(headers.get("retry-after", ""), time.time())) is not None:
            headers["retry-after"] = f"{wait_s:.0f}"  # a date says something else on another day
        return kept_headers(headers, ANSWER_HEADERS)


def whole_response(answer: TapeAnswer) -> httpx.Response:
    """An answer that was read whole, as the client gets it."""
    body = (
        msgspec.json.encode(answer.json) if answer.json is not None else (answer.text or "").encode("utf-8", "replace")
    )
    return as_response(answer.status, answer.headers, content=body)


def as_response(status: int, headers: Mapping[str, str], **body: Any) -> httpx.Response:
    """An answer as the client gets it."""
    return httpx.Response(status, headers=dict(headers), extensions={"http_version": b"HTTP/1.1"}, **body)


def _is_medium(kind: str, *, is_file: bool) -> bool:
    if not kind:
        return is_file
    return "json" not in kind and "xml" not in kind and not kind.startswith("text/")


def _whole(status: int, headers: dict[str, str], body: bytes, names: Names, path: str) -> TapeAnswer:
    """An answer that was read whole. Of what is no JSON nobody reads the body: it is left out."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return TapeAnswer(status, headers, text="") if body else TapeAnswer(status, headers)
    names.learn(path, value)
    value = names.shown(value)
    try:
        value = msgspec.json.decode(msgspec.json.encode(value))  # numbers that are none become null
    except (ValueError, RecursionError):
        return TapeAnswer(status, headers, text=json.dumps(value))
    return TapeAnswer(status, headers, text="null") if value is None else TapeAnswer(status, headers, json=value)


def _failure(error: BaseException) -> Literal["connect", "timeout", "broken"]:
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
        return "connect"
    return "timeout" if isinstance(error, httpx.TimeoutException) else "broken"
