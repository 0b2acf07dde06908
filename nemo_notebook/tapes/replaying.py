"""Answers from a tape; nothing is ever sent to anybody."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

import httpx

from nemo_notebook import errors
from nemo_notebook.outside import plain
from nemo_notebook.tapes import asking
from nemo_notebook.tapes.deck import Deck
from nemo_notebook.tapes.format import MAX_KEEP_BYTES, Answer, Exchange, Medium, Request
from nemo_notebook.tapes.matching import Missing
from nemo_notebook.tapes.pace import Stopwatch
from nemo_notebook.tapes.recording import as_response, whole_response

_PATIENCE_S: Final = 5.0  # for what was recorded before, and may be on its way here
_IDLE_S: Final = 1.0  # after which nothing is on its way, if nothing is being answered
_LOOKS_S: Final = 0.01
_BREATH_S: Final = 0.002  # what is asked for side by side is so here too
_ORDERLY: Final = 25  # breaths that an answer waits for another that came before it
_CHUNK_BYTES: Final = 256 << 10
_ERRORS: Final = {"connect": httpx.ConnectError, "timeout": httpx.ReadTimeout, "broken": httpx.ReadError}


class ReplayTransport(httpx.AsyncBaseTransport):
    """Answers requests from a tape.

    Args:
        deck: The tape.
        base: The address of the backend; None for a client of files that lie anywhere.
    """

    def __init__(self, deck: Deck, base: httpx.URL | None) -> None:
        self._deck = deck
        self._base = base

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request.

        Raises:
            TapeMismatch: The tape has no answer for it.
        """
        self._deck.check_in_use()
        asked = await self.asked(request)
        found = await self.find(asked)
        if isinstance(found, Missing):
            raise self._deck.missing(asked, found)
        return await self.play(request, found)

    async def asked(self, request: httpx.Request) -> Request:
        """What a tape knows a request by."""
        with self._deck.matcher.asking():
            return await asking.known_by(request, self._deck.names, self._base)

    async def find(self, asked: Request) -> Exchange | Missing:
        """The exchange that answers a request, once it is its turn."""
        left_s, idle_s = _PATIENCE_S, 0.0
        while isinstance(found := self._deck.find(asked), Missing) and found.may_come:
            if left_s <= 0 or idle_s >= _IDLE_S:
                break
            await asyncio.sleep(_LOOKS_S)
            left_s -= _LOOKS_S
            idle_s = 0.0 if self._deck.matcher.is_busy else idle_s + _LOOKS_S
        return found

    async def play(self, request: httpx.Request, found: Exchange) -> httpx.Response:
        """The answer of an exchange, at its times."""
        answer, watch = found.answer, Stopwatch(self._deck.pace, found.at_ms)
        if request.extensions.get(asking.FILES) and isinstance(request.stream, httpx.AsyncByteStream):
            async for _ in request.stream:  # so that its progress is told
                pass
        if answer.events is not None:
            return self._stream(request, found, _events(found, watch), {})
        if answer.media is not None:
            data = self._data(found)
            length = {} if answer.was_cut else {"content-length": str(len(data))}
            return self._stream(request, found, _medium(found, data, watch), length)
        await self._wait(found, watch)
        self._deck.end(found)
        if answer.was_left:
            raise asyncio.CancelledError  # as whoever asked was stopped then
        if answer.error:
            raise _ERRORS[answer.error]("As it was recorded.", request=request)
        return whole_response(answer)

    async def _wait(self, found: Exchange, watch: Stopwatch) -> None:
        """Wait until an answer is due, and those are given that came before it when they were recorded."""
        self._deck.coming.append(found)
        try:
            await asyncio.sleep(_BREATH_S)
            await watch.wait_for(_end_ms(found))
            for _ in range(_ORDERLY):
                if all(_end_ms(other) >= _end_ms(found) for other in list(self._deck.coming)):
                    break
                await asyncio.sleep(_BREATH_S)
        finally:
            self._deck.coming.remove(found)

    def _stream(
        self, request: httpx.Request, found: Exchange, pieces: AsyncIterator[bytes], length: Mapping[str, str]
    ) -> httpx.Response:
        answer = found.answer
        stream = _Playing(pieces, request, lambda: self._deck.end(found), answer)
        return as_response(answer.status, {**answer.headers, **length}, stream=stream)

    def _data(self, found: Exchange) -> bytes:
        assert self._deck.tape is not None
        assert found.answer.media is not None
        media = self._deck.tape.media
        medium = media[found.answer.media.sha256]
        if medium.data is None and medium.preview:
            medium = media[medium.preview]
        if medium.data is None:
            self._deck.end(found)
            raise self._not_kept(medium)
        return medium.data

    def _not_kept(self, medium: Medium) -> errors.TapeError:
        size = f"{medium.size_bytes / 1e6:.1f} MB"
        keep = f"`%nemo tape record {plain(self._deck.path.name)} --keep {math.ceil(medium.size_bytes / 1e6)}`"
        if medium.size_bytes <= self._deck.header.keep_bytes:
            hint = "It was left out for what it holds."
        elif medium.size_bytes <= MAX_KEEP_BYTES:
            hint = f"Record it again with more room: {keep}."
        else:
            hint = "It is larger than any tape keeps."
        return errors.TapeError(f"{medium.name or 'The file'} ({size}) was not kept on the tape.", hint=hint)


class _Playing(httpx.AsyncByteStream):
    """A body that comes from a tape.

    Args:
        pieces: It, at its times.
        request: What it answers.
        on_end: Called once, when it is over or left.
        answer: Tells whether it breaks at its end.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], request: httpx.Request, on_end: Callable[[], None], answer: Answer
    ) -> None:
        self._pieces = pieces
        self._request = request
        self._on_end = on_end
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield piece
        self._on_end()
        if self._answer.was_left:
            raise asyncio.CancelledError
        if self._answer.was_cut:
            raise httpx.ReadError("As it was recorded.", request=self._request)

    async def aclose(self) -> None:
        self._on_end()


def _end_ms(exchange: Exchange) -> float:
    return exchange.at_ms + exchange.took_ms


async def _events(found: Exchange, watch: Stopwatch) -> AsyncIterator[bytes]:
    for piece in found.answer.events or ():
        await asyncio.sleep(0)
        await watch.wait_for(piece.at_ms)
        yield piece.text.encode("utf-8", "replace")
    await asyncio.sleep(_BREATH_S)
    await watch.wait_for(_end_ms(found))


async def _medium(found: Exchange, data: bytes, watch: Stopwatch) -> AsyncIterator[bytes]:
    for at in range(0, len(data), _CHUNK_BYTES):
        await asyncio.sleep(0)
        await watch.wait_for(found.at_ms + found.took_ms * min(1.0, (at + _CHUNK_BYTES) / len(data)))
        yield data[at : at + _CHUNK_BYTES]
    await asyncio.sleep(_BREATH_S)
