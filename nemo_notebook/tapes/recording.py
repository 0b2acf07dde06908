"""Records what passes between a client and a backend; the client sees only what will be on the tape."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.tapes import asking, lines
from nemo_notebook.tapes.deck import Deck, Taking
from nemo_notebook.tapes.format import ANSWER_HEADERS, Answer, Medium, Request, kept_headers
from nemo_notebook.tapes.names import PLACEHOLDER, Names
from nemo_notebook.tapes.streams import EventsPassing, MediumPassing

_CODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})  # these unpack to a thousand times their size at most
_BEARER: Final = "Bearer "
CheckUrl = Callable[[str, str], None]
"""Refuses an address that nothing may be fetched from, where the backend is at another; empty is the client's own."""


class RecordingTransport(httpx.AsyncBaseTransport):
    """Sends requests on, and records them with their answers.

    Args:
        plain: Sends them.
        deck: The tape.
        base: The address of the backend; None for a client of files that lie anywhere.
        check_url: Looks at the real addresses of such files.
    """

    def __init__(
        self, plain: httpx.AsyncBaseTransport, deck: Deck, base: httpx.URL | None, check_url: CheckUrl | None = None
    ) -> None:
        self._plain = plain
        self._deck = deck
        self._base = base
        self._check_url = check_url

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; give the answer as it is on the tape."""
        deck = self._deck
        deck.check_in_use()
        self._learn_secrets(request)
        if request.extensions.get(asking.UNRECORDED):
            return await self._plain.handle_async_request(await asking.as_sent(request, deck.names, self._base))
        taking = deck.begin(await asking.known_by(request, deck.names, self._base))
        try:
            sent = await asking.as_sent(request, deck.names, self._base)
            if self._check_url:
                self._check_url(str(sent.url), deck.live.url if deck.live else "")
            response = await self._plain.handle_async_request(sent)
            return await self._answer(response, sent.url, taking)
        except BaseException as error:
            self._fail(taking, error)
            raise

    async def aclose(self) -> None:
        """Close the connections."""
        await self._plain.aclose()

    def _learn_secrets(self, request: httpx.Request) -> None:
        token = request.headers.get("authorization", "").removeprefix(_BEARER)
        told = (token, request.headers.get("x-client-id", ""))
        self._deck.secrets |= {secret for secret in told if secret and not PLACEHOLDER.fullmatch(secret)}

    def _fail(self, taking: Taking, error: BaseException) -> None:
        kind = _failure(error)
        is_left = kind == "connect" and self._deck.header.backend == "local" and taking.request.method != "GET"
        if taking.is_over:
            return
        if is_left:
            self._deck.drop(taking)  # it is asked again of the engine that comes in the place of one that has ended
        else:
            self._deck.take(taking, Answer(0, {}, error=kind))

    async def _answer(self, response: httpx.Response, url: httpx.URL, taking: Taking) -> httpx.Response:
        headers = self._headers(response, url)
        kind = response.headers.get("content-type", "").lower()
        if response.headers.get("content-encoding", "").strip().lower() not in _CODINGS:
            await response.aclose()
            raise httpx.DecodingError("The answer is packed in a way that was not asked for.")

        def on_end(answer: Answer, medium: Medium | None) -> None:
            self._deck.take(taking, answer, medium)

        if response.is_success and "text/event-stream" in kind:
            events = EventsPassing(response, headers, on_end, self._deck.names, self._deck.now_ms)
            return as_response(response.status_code, headers, stream=events)
        if response.is_success and _is_medium(kind, is_file=self._base is None):
            name, keep = _name(taking.request.path), self._deck.header.keep_bytes
            medium = MediumPassing(response, headers, on_end, name, keep)
            length = response.headers.get("content-length", "")
            is_packed = "content-encoding" in response.headers
            more = {"content-length": length} if length and not is_packed else {}
            return as_response(response.status_code, {**headers, **more}, stream=medium)
        answer = _whole(response.status_code, headers, await _read(response), self._deck.names, taking.request.path)
        self._deck.take(taking, answer)
        return whole_response(answer)

    def _headers(self, response: httpx.Response, url: httpx.URL) -> dict[str, str]:
        headers = {name: value for name, value in response.headers.items() if name.lower() in ANSWER_HEADERS}
        if "location" in headers:
            headers["location"] = self._deck.names.url(str(url.join(headers["location"])))
        if "retry-after" in headers:
            headers["retry-after"] = _in_seconds(headers["retry-after"], time.time())
        return kept_headers(headers, ANSWER_HEADERS)


def leave(deck: Deck, path: str) -> None:
    """Record that whoever has looked somewhere again and again was stopped, if something is recorded.

    Args:
        deck: The tape.
        path: Where, below the backend's address.
    """
    if deck.is_going_on:
        with contextlib.suppress(errors.TapeError):  # it is told where something else is asked
            taking = deck.begin(Request("GET", path, {}, {}))
            deck.take(taking, Answer(0, {}, error="broken", was_left=True))


def whole_response(answer: Answer) -> httpx.Response:
    """An answer that was read whole, as the client gets it."""
    body = lines.canonical(answer.json) if answer.json is not None else (answer.text or "").encode("utf-8", "replace")
    return as_response(answer.status, answer.headers, content=body)


def as_response(status: int, headers: Mapping[str, str], **body: Any) -> httpx.Response:
    """An answer as the client gets it."""
    return httpx.Response(status, headers=dict(headers), extensions={"http_version": b"HTTP/1.1"}, **body)


def _is_medium(kind: str, *, is_file: bool) -> bool:
    if not kind:
        return is_file
    return "json" not in kind and "xml" not in kind and not kind.startswith("text/")


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2][:_NAME_CHARS]


_NAME_CHARS: Final = 200


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > settings.MAX_ANSWER_BYTES:
                raise httpx.ReadError("The answer is larger than any real one.")
    finally:
        await response.aclose()
    return bytes(body)


def _whole(status: int, headers: dict[str, str], body: bytes, names: Names, path: str) -> Answer:
    """An answer as the tape has it. Of what is no JSON nobody reads the body: it is left out."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return Answer(status, headers, text="") if body else Answer(status, headers)
    names.learn(path, value)
    value = names.shown(value)
    try:
        lines.canonical(value)
    except errors.TapeError:
        return Answer(status, headers, text=json.dumps(value))
    return Answer(status, headers, text="null") if value is None else Answer(status, headers, json=value)


def _failure(error: BaseException) -> str:
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
        return "connect"
    return "timeout" if isinstance(error, httpx.TimeoutException) else "broken"


def _in_seconds(header: str, now_s: float) -> str:
    """A `Retry-After` as a number of seconds: a date says something else on another day."""
    try:
        return str(max(0, round(parsedate_to_datetime(header).timestamp() - now_s)))
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return header
