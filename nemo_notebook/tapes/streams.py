"""Bodies that pass through a recording: handed on as they come, and recorded when they are over."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

import httpx

from nemo_notebook.tapes import event_blocks
from nemo_notebook.tapes.event_blocks import EventBlocks
from nemo_notebook.tapes.format import Answer, MediaRef, Medium, Piece
from nemo_notebook.tapes.names import Names
from nemo_notebook.tapes.scanning import findings_in_media

_TYPE: Final = re.compile(r"(?a:[\w.+-]{1,80}/[\w.+-]{1,80})")
OnEnd = Callable[[Answer, Medium | None], None]
"""Told once what has come, when nothing more comes."""


class _Passing(httpx.AsyncByteStream):
    """A body that is told of when it is over: read to its end, broken, or left by whoever reads it."""

    def __init__(self, response: httpx.Response, headers: Mapping[str, str], on_end: OnEnd) -> None:
        self._response = response
        self._headers = headers
        self._on_end = on_end
        self._is_over = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_bytes():
                for piece in self._pieces(chunk):
                    yield piece
            for piece in self._rest():
                yield piece
        except httpx.HTTPError:
            self._end(was_cut=True)
            raise
        self._end(was_cut=False)

    async def aclose(self) -> None:
        try:
            self._end(was_cut=True)
        finally:
            await self._response.aclose()

    def _end(self, *, was_cut: bool) -> None:
        if not self._is_over:
            self._is_over = True
            self._on_end(*self._taken(was_cut=was_cut))

    def _pieces(self, chunk: bytes) -> list[bytes]:
        raise NotImplementedError

    def _rest(self) -> list[bytes]:
        return []

    def _taken(self, *, was_cut: bool) -> tuple[Answer, Medium | None]:
        raise NotImplementedError


class EventsPassing(_Passing):
    """An event stream, handed on block by block.

    Args:
        now_ms: The time of the tape.
    """

    def __init__(
        self,
        response: httpx.Response,
        headers: Mapping[str, str],
        on_end: OnEnd,
        names: Names,
        now_ms: Callable[[], float],
    ) -> None:
        super().__init__(response, headers, on_end)
        self._names = names
        self._now_ms = now_ms
        self._blocks = EventBlocks()
        self._events: list[Piece] = []

    def _pieces(self, chunk: bytes) -> list[bytes]:
        return self._named(self._blocks.feed(chunk))

    def _rest(self) -> list[bytes]:
        return self._named(self._blocks.finish())

    def _named(self, blocks: list[str]) -> list[bytes]:
        pieces = [Piece(self._now_ms(), event_blocks.shown(block, self._names)) for block in blocks]
        self._events += pieces
        return [piece.text.encode("utf-8", "replace") for piece in pieces]

    def _taken(self, *, was_cut: bool) -> tuple[Answer, Medium | None]:
        task = asyncio.current_task()
        was_left = was_cut and task is not None and task.cancelling() > 0
        events = tuple(self._events)
        status = self._response.status_code
        return Answer(status, self._headers, events=events, was_cut=was_cut, was_left=was_left), None


class MediumPassing(_Passing):
    """A file, of which the tape keeps a hash, and the bytes too if they are not too many.

    Args:
        name: What it is called.
        keep_bytes: How many bytes are kept.
    """

    def __init__(
        self, response: httpx.Response, headers: Mapping[str, str], on_end: OnEnd, name: str, keep_bytes: int
    ) -> None:
        super().__init__(response, headers, on_end)
        self._name = name
        self._keep_bytes = keep_bytes
        self._digest = hashlib.sha256()
        self._kept = bytearray()
        self._size_bytes = 0

    def _pieces(self, chunk: bytes) -> list[bytes]:
        self._digest.update(chunk)
        self._size_bytes += len(chunk)
        if self._size_bytes <= self._keep_bytes:
            self._kept += chunk
        else:
            self._kept.clear()
        return [chunk]

    def _taken(self, *, was_cut: bool) -> tuple[Answer, Medium | None]:
        sha256, is_kept = self._digest.hexdigest(), self._size_bytes <= self._keep_bytes
        found_type = _TYPE.match(self._headers.get("content-type", ""))
        kind = found_type[0] if found_type else ""
        data = bytes(self._kept) if is_kept else None
        note = "" if is_kept else f"larger than {self._keep_bytes / 1e6:.1f} MB: not kept"
        if found := findings_in_media(kind, data):
            data, note = None, f"{found[0].what}: not kept"
        medium = Medium(sha256, self._size_bytes, kind, self._name, data, note)
        ref = MediaRef(sha256, self._size_bytes)
        return Answer(self._response.status_code, self._headers, media=ref, was_cut=was_cut), medium
