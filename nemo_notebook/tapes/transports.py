"""What answers a client while a tape is in use: the tape, a backend that is recorded, or the one after the other."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from nemo_notebook import errors
from nemo_notebook.tapes.deck import SERVICE, Deck, Live
from nemo_notebook.tapes.matching import Missing
from nemo_notebook.tapes.recording import CheckUrl, RecordingTransport
from nemo_notebook.tapes.replaying import ReplayTransport

Connect = Callable[[str], httpx.AsyncBaseTransport]
"""Gives what sends requests to the backend at an address, or, without one, to that of the client."""


def taped(deck: Deck, base_url: str, connect: Connect, check_url: CheckUrl | None) -> httpx.AsyncBaseTransport:
    """What answers a client.

    Args:
        deck: The tape.
        base_url: The address of the backend; empty for a client of files that lie anywhere.
        connect: Gives what sends requests; called only where something is sent.
        check_url: Looks at the real addresses of such files.
    """
    base = httpx.URL(base_url) if base_url else None
    if deck.tape is None:
        return RecordingTransport(connect(""), deck, base, check_url)
    return ReplayTransport(deck, base) if deck.reach is None else _Auto(deck, base, connect, check_url)


class _Auto(ReplayTransport):
    """Answers from a tape; at its end, from a backend, which is recorded behind it.

    Once it was gone on, nothing comes from the tape any more: what was so then may be so no longer.
    """

    def __init__(self, deck: Deck, base: httpx.URL | None, connect: Connect, check_url: CheckUrl | None) -> None:
        super().__init__(deck, base)
        self._connect = connect
        self._check_url = check_url
        self._recording: RecordingTransport | None = None
        self._is_alone = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request.

        Raises:
            TapeMismatch: The tape has no answer for it, and is not at its end, or no backend can be gone on with.
        """
        deck = self._deck
        deck.check_in_use()
        if not deck.is_going_on:
            asked = await self.asked(request)
            if not (deck.matcher.is_behind_end(asked) and await self._sees_further()):
                found = await self.find(asked)
                if not isinstance(found, Missing):
                    return await self.play(request, found)
                if found.due is not None or deck.reach is None:
                    raise deck.missing(asked, found)
                try:
                    await self._go_on()
                except errors.NemoError as error:
                    told = deck.missing(asked, found)
                    told.hint = f"It cannot be gone on with here: {error.message}"
                    raise told from error
        return await self._record(request)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._recording is not None:
            await self._recording.aclose()

    async def _go_on(self) -> None:
        assert self._deck.reach is not None
        self._deck.go_on(await self._deck.reach())

    async def _sees_further(self) -> bool:
        """Go on for the sake of a look; where that cannot be, it is answered with what was so on the tape."""
        if not self._is_alone:
            try:
                await self._go_on()
            except errors.NemoError:
                self._is_alone = True  # it is not tried anew with each look
        return not self._is_alone

    async def _record(self, request: httpx.Request) -> httpx.Response:
        live = self._deck.live
        assert live is not None
        if self._recording is None:
            sender = _AtBackend(self._connect(live.url), live)
            self._recording = RecordingTransport(sender, self._deck, self._base, self._check_url)
        return await self._recording.handle_async_request(request)


class _AtBackend(httpx.AsyncBaseTransport):
    """Sends to a backend what a session on a tape believes to send to the tape's."""

    def __init__(self, plain: httpx.AsyncBaseTransport, live: Live) -> None:
        self._plain = plain
        self._live = live

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        there = httpx.URL(self._live.url)
        if request.url.copy_with(raw_path=b"/") == httpx.URL(f"{SERVICE}/"):
            path = there.raw_path.rstrip(b"/") + request.url.raw_path
            request.url = there.copy_with(raw_path=path)
            request.headers["host"] = there.netloc.decode("ascii")
            if self._live.token is not None:
                request.headers["authorization"] = f"Bearer {self._live.token.reveal()}"
        return await self._plain.handle_async_request(request)

    async def aclose(self) -> None:
        await self._plain.aclose()
