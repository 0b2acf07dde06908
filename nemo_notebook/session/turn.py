"""The events of a turn on their way to people: never silent for long, and in words that hold in a notebook."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from nemo_notebook.client.events import Event, Heartbeat, Text, TextFinal
from nemo_notebook.errors import DeadlineExceeded
from nemo_notebook.session.language.phrases import PhraseFilter, translate


async def ticking(events: AsyncIterator[Event], every_s: float, longest_s: float) -> AsyncIterator[Event]:
    """The same events, with a heartbeat of our own where none comes for a while.

    Raises:
        DeadlineExceeded: They go on for longer than `longest_s`.
    """
    coming: asyncio.Future[Event] | None = None
    end_s = time.monotonic() + longest_s
    try:
        while True:
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                raise DeadlineExceeded("The turn took too long.")
            coming = coming or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({coming}, timeout=max(min(every_s, left_s), 0.01))
            if not done:
                yield Heartbeat()
                continue
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield event
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        await _close(events)


async def readable(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """The same events, with phrases about the service's web page put into our words."""
    phrases = PhraseFilter()
    try:
        async for event in events:
            if isinstance(event, Text):
                if shown := phrases.feed(event.text):
                    yield Text(shown)
            elif isinstance(event, TextFinal):
                phrases = PhraseFilter()
                yield replace(event, text=translate(event.text))
            else:
                yield event
        if rest := phrases.flush():
            yield Text(rest)
    finally:
        await _close(events)


def spoken(events: Sequence[Event]) -> str:
    """The reply's text: final passages where there are some, and the pieces that no final one replaced."""
    passages: list[str] = []
    pieces: list[str] = []
    for event in events:
        if isinstance(event, TextFinal):
            passages.append(event.text)
            pieces.clear()
        elif isinstance(event, Text):
            pieces.append(event.text)
    return "\n\n".join(text.strip() for text in (*passages, "".join(pieces)) if text.strip())


async def _close(events: AsyncIterator[Event]) -> None:
    close: Any = getattr(events, "aclose", None)
    if close is not None:
        await close()
