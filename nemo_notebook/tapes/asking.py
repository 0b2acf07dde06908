"""Requests: what a tape knows them by, and how they are sent."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import httpx

from nemo_notebook import errors
from nemo_notebook.tapes.format import REQUEST_HEADERS, Request, SentFile, kept_headers
from nemo_notebook.tapes.names import GIVEN_HOST, MEDIA_HOST, Names

FILES: Final = "nemo_files"
"""The extension of a request that holds the paths of the files in its body."""
UNRECORDED: Final = "nemo_unrecorded"
"""The extension of a request that is true where no tape may know of it: its answer is a secret."""
_NAMED: Final = frozenset({GIVEN_HOST, MEDIA_HOST})


async def known_by(request: httpx.Request, names: Names, base: httpx.URL | None) -> Request:
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
                found.append(SentFile(path.name, file.tell(), digest))
        except OSError as error:
            raise errors.FileMissing(f"{path.name} cannot be read any more.") from error
    return tuple(found)
