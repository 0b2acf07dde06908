"""The player: answers requests from a tape, at its pace and by its clock; nothing is ever sent to anybody."""

from __future__ import annotations

import asyncio
import threading
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

from nemo_notebook import errors
from nemo_notebook.client.hook import FILES
from nemo_notebook.clock import Clock
from nemo_notebook.outside import plain
from nemo_notebook.tapes.format import Exchange, Medium, Request, TapeAnswer
from nemo_notebook.tapes.matching import Missing
from nemo_notebook.tapes.recorder import as_response, request_of, whole_response

if TYPE_CHECKING:
    from nemo_notebook.tapes.tape import Tape

SPEEDS: Final = ("recorded", "fast", "once")

_FAST: Final = 10.0  # times as fast
_LONGEST_S: Final = 0.1  # that anything is waited for at fast speed
_MOST_S: Final = 60.0  # that is waited for in all at fast speed: a tape may claim anything
_BREATH_S: Final = 0.002  # always waited: a poll must not take all of a core


class ReplayPace:
    """How fast one tape is played.

    Args:
        speed: `recorded`: as it was, however long that is; `fast`: gaps cut short to a tenth, of 0.1 s at most each and
            60 s in all, after which there are none; `once`: none.
    """

    def __init__(self, speed: str) -> None:
        self.speed = speed
        self._left_s = _MOST_S

    def shortened_s(self, wait_s: float) -> float:
        """What is left of a wait of so many seconds; at fast speed it counts against what is waited for in all."""
        if self.speed == "recorded":
            return max(wait_s, 0.0)
        if self.speed != "fast":
            return 0.0
        short_s = min(max(wait_s, 0.0) / _FAST, _LONGEST_S, self._left_s)
        self._left_s -= short_s
        return short_s


class Stopwatch:
    """Brings what has its times on a tape at the times that they are here.

    Each is reckoned from the first, not from the one before, so that delays do not add up.

    Args:
        pace: How long waits take.
        begun_ms: The time on the tape that it is now.
    """

    def __init__(self, pace: ReplayPace, begun_ms: float) -> None:
        self._pace = pace
        self._last_ms = begun_ms
        self._due_s = asyncio.get_running_loop().time()

    async def wait_for(self, at_ms: float) -> None:
        """Wait until it is that time of the tape."""
        gap_s = self._pace.shortened_s((at_ms - self._last_ms) / 1000)
        self._last_ms = max(at_ms, self._last_ms)
        self._due_s += gap_s
        left_s = self._due_s - asyncio.get_running_loop().time()
        if left_s > 0:
            await asyncio.sleep(left_s)


_SAME_S: Final = 1e-6


class TapeClock(Clock):
    """Tells the time of a tape.

    Args:
        recorded_s: When the tape was begun, in seconds since 1970.
        pace: How long its waits take here; it may be changed.
    """

    def __init__(self, recorded_s: float, pace: ReplayPace) -> None:
        self._recorded_s = recorded_s
        self.pace = pace
        self._lock = threading.Lock()
        self._steps_s = [0.0]  # the times of the tape
        self._seen_s = [time.time()]  # and when, by the machine's clock, each of them was seen last

    def move_to(self, tape_ms: float) -> None:
        """An exchange is over at that time of the tape; what is earlier than now changes nothing."""
        with self._lock:
            if tape_ms / 1000 > self._steps_s[-1]:
                self._steps_s.append(tape_ms / 1000)
                self._seen_s.append(0.0)
            self._seen_s[-1] = time.time()

    def now_s(self) -> float:
        """Seconds since 1970, as they were when the tape was recorded."""
        return self._recorded_s + self._steps_s[-1]

    def monotonic_s(self) -> float:
        """Seconds since the tape was begun."""
        return self._steps_s[-1]

    def local(self, moment_s: float) -> time.struct_time:
        """A moment in UTC, so that it is written in the same way everywhere."""
        return time.gmtime(moment_s)

    def machine_s(self, moment_s: float) -> float:
        """When, by the machine's clock, it was that time of the tape for the last time."""
        with self._lock:
            at = bisect_left(self._steps_s, moment_s - self._recorded_s - _SAME_S)
            return self._seen_s[min(at, len(self._seen_s) - 1)]

    async def sleep(self, wait_s: float) -> None:
        """Wait as long as the tape's pace has it."""
        await asyncio.sleep(max(self.pace.shortened_s(wait_s), _BREATH_S))


_PATIENCE_S: Final = 5.0  # for what was recorded before, and may be on its way here
_IDLE_S: Final = 1.0  # after which nothing is on its way, if nothing is being answered
_LOOKS_S: Final = 0.01
_ORDERLY: Final = 25  # breaths that an answer waits for another that came before it
_CHUNK_BYTES: Final = 256 << 10
_ERRORS: Final = {"connect": httpx.ConnectError, "timeout": httpx.ReadTimeout, "broken": httpx.ReadError}


@dataclass(eq=False)
class ReplayTransport(httpx.AsyncBaseTransport):
    """Answers requests from a tape.

    Attributes:
        tape: The tape.
        base: The address of the backend; None for a client of files that lie anywhere.
    """

    tape: Tape
    base: httpx.URL | None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request.

        Raises:
            TapeMismatch: The tape has no answer for it.
        """
        self.tape.check_in_use()
        with self.tape.matcher.asking():
            asked = await request_of(request, self.tape.names, self.base)
        found = await self.find(asked)
        if isinstance(found, Missing):
            raise self.tape.missing(asked, found)
        return await self.play(request, found)

    async def find(self, asked: Request) -> Exchange | Missing:
        """The exchange that answers a request, once it is its turn."""
        left_s, idle_s = _PATIENCE_S, 0.0
        while isinstance(found := self.tape.find(asked), Missing) and found.may_come:
            if left_s <= 0 or idle_s >= _IDLE_S:
                break
            await asyncio.sleep(_LOOKS_S)
            left_s -= _LOOKS_S
            idle_s = 0.0 if self.tape.matcher.is_busy else idle_s + _LOOKS_S
        return found

    async def play(self, request: httpx.Request, found: Exchange) -> httpx.Response:
        """The answer of an exchange, at its times."""
        answer, watch = found.answer, Stopwatch(self.tape.pace, found.at_ms)
        if request.extensions.get(FILES) and isinstance(request.stream, httpx.AsyncByteStream):
            async for _ in request.stream:  # so that its progress is told
                pass
        if answer.events is not None:
            return self._stream(request, found, _events(found, watch), {})
        if answer.media is not None:
            data = self._data(found)
            length = {} if answer.was_cut else {"content-length": str(len(data))}
            return self._stream(request, found, _medium(found, data, watch), length)
        await self._wait(found, watch)
        self.tape.end(found)
        if answer.error:
            raise _ERRORS[answer.error]("As it was recorded.", request=request)
        return whole_response(answer)

    async def _wait(self, found: Exchange, watch: Stopwatch) -> None:
        """Wait until an answer is due, and those are given that came before it when they were recorded."""
        self.tape.coming.append(found)
        try:
            await asyncio.sleep(_BREATH_S)
            await watch.wait_for(_end_ms(found))
            for _ in range(_ORDERLY):
                if all(_end_ms(other) >= _end_ms(found) for other in list(self.tape.coming)):
                    break
                await asyncio.sleep(_BREATH_S)
        finally:
            self.tape.coming.remove(found)

    def _stream(
        self, request: httpx.Request, found: Exchange, pieces: AsyncIterator[bytes], length: Mapping[str, str]
    ) -> httpx.Response:
        answer = found.answer
        stream = _Playing(pieces, request, lambda: self.tape.end(found), answer)
        return as_response(answer.status, {**answer.headers, **length}, stream=stream)

    def _data(self, found: Exchange) -> bytes:
        assert self.tape.content is not None
        assert found.answer.media is not None
        medium = self.tape.content.media[found.answer.media.sha256]
        if medium.data is None:
            self.tape.end(found)
            raise self._not_kept(medium)
        return medium.data

    def _not_kept(self, medium: Medium) -> errors.TapeFileMissing:
        size = f"{medium.size_bytes / 1e6:.1f} MB"
        keep = f"`%nemo tape record {plain(self.tape.path.name)} --keep {medium.keep_mb}`"
        if not medium.is_too_large:
            hint = "It was left out for what it holds."
        elif medium.keep_mb:
            hint = f"Record it again with more room: {keep}."
        else:
            hint = "It is larger than any tape keeps."
        return errors.TapeFileMissing(f"{medium.name or 'The file'} ({size}) was not kept on the tape.", hint=hint)


@dataclass(eq=False)
class _Playing(httpx.AsyncByteStream):
    """A body that comes from a tape: `pieces`, at their times; `on_end` is called when it is over or left."""

    pieces: AsyncIterator[bytes]
    request: httpx.Request
    on_end: Callable[[], None]
    answer: TapeAnswer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self.pieces:
            yield piece
        self.on_end()
        if self.answer.was_cut:
            raise httpx.ReadError("As it was recorded.", request=self.request)

    async def aclose(self) -> None:
        self.on_end()


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
