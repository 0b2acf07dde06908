"""What goes out and what comes back: JSON that any server reads, and answers read no further than is sane."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from nemo_notebook import errors, settings

_CODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})  # these unpack to a thousand times their size at most


Progress = Callable[[int, int], None]
"""Told as bytes go: how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. It shows nothing of its body, which can hold a token.

    Attributes:
        status: The HTTP status.
        body: The bytes, unpacked.
        retry_after: The `Retry-After` header, empty where there is none.
    """

    status: int
    body: bytes = field(repr=False)
    retry_after: str = ""


def check_coding(response: httpx.Response) -> None:
    """Refuse a body that could unpack to any size: it comes in a coding that was not asked for.

    Raises:
        ProtocolError: It is packed so.
    """
    if not _is_bounded(response):
        raise errors.ProtocolError("The service packed its answer in a way that was not asked for.")


def is_stream(response: httpx.Response) -> bool:
    """Whether an answer is what was asked for as a stream: no refusal, no data, and no page for people."""
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        return True  # a download begins anew then
    kind = response.headers.get("content-type", "").lower()
    return response.is_success and _is_bounded(response) and "json" not in kind and "html" not in kind


async def read_whole(response: httpx.Response) -> Answer:
    """The answer with all of its body.

    Raises:
        ProtocolError: It is larger than any real one, or packed so that it could be.
    """
    check_coding(response)
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > settings.MAX_ANSWER_BYTES:
            raise errors.ProtocolError("The service's answer is larger than any real one.")
    return Answer(response.status_code, bytes(body), response.headers.get("retry-after", ""))


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request that can be sent more than once, since it is made anew each time.

    Attributes:
        content: Makes it.
        headers: What goes before it.
        files: The files that it is made of, if it is.
    """

    content: Callable[[], Any]
    headers: Mapping[str, str]
    files: tuple[Path, ...] = ()


def json_body(value: object) -> Body:
    """A JSON body; None is no body at all."""
    if value is None:
        return Body(lambda: None, {})
    content = json_bytes(value)
    return Body(lambda: content, {"Content-Type": "application/json"})


def json_bytes(value: object) -> bytes:
    """JSON that any server reads: ASCII, so that lone surrogates pass, and null for what JSON has no number for."""
    try:
        return json.dumps(value, allow_nan=False).encode("ascii")
    except ValueError:
        return json.dumps(_without_nan(value), allow_nan=False).encode("ascii")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_bounded(response: httpx.Response) -> bool:
    return response.headers.get("content-encoding", "").strip().lower() in _CODINGS
