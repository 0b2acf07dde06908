"""The events of a turn on their way to the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from nemo_notebook.client.events import Begun, Event, Notice, Text, TextFinal, ToolCall
from nemo_notebook.notebook.call import Call
from nemo_notebook.notebook.outlet import Bundle
from nemo_notebook.notebook.stream import RichStream, TextStream, kind_of_work, stream
from nemo_notebook.outside import plain
from nemo_notebook.session.language.words import is_chinese
from nemo_notebook.session.results import Reply

_TICK_S: Final = 0.1


class Listener:
    """Shows the events of a turn as they come.

    Args:
        shown: Where to.
        chinese: Whether our own words are Chinese.
    """

    def __init__(self, shown: RichStream | TextStream, *, chinese: bool = False) -> None:
        self._stream = shown
        self._chinese = chinese

    def __call__(self, event: Event) -> None:
        """Show one event, or keep quiet about it."""
        if isinstance(event, Text):
            self._stream.feed(event.text)
        elif isinstance(event, TextFinal):
            self._stream.replace(event.text)
        elif isinstance(event, Begun):
            self._stream.begin(event.job)
        elif isinstance(event, Notice):
            self._stream.notice(event.text)
        elif isinstance(event, ToolCall):
            self._stream.note(kind_of_work(event.name, chinese=self._chinese))

    def conclude(self, reply: Reply) -> None:
        """Show what of a reply has not been streamed."""
        if not reply.shown:
            self._stream.replace(plain(reply.text))


@asynccontextmanager
async def listening(call: Call, message: str = "") -> AsyncIterator[Listener]:
    """A listener whose text grows, and whose clock runs, while the body of the `async with` does.

    Args:
        call: Whose cell it shows in.
        message: What is said; our own words are in its language.
    """
    chinese = is_chinese(message)
    on_stop = None if call.handle is None else call.handle.cancel
    shown = stream(call.screen.outlet, on_stop=on_stop, chinese=chinese)
    ticking = asyncio.create_task(_tick(shown))
    try:
        yield Listener(shown, chinese=chinese)
    finally:
        ticking.cancel()
        shown.close()


async def _tick(shown: RichStream | TextStream) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        shown.tick()


def tell_timeline(call: Call, reply: Reply) -> None:
    """After a reply that has changed it: the timeline in brief, which opens to a picture in a notebook."""
    outlet, timeline = call.screen.outlet, reply.timeline
    if reply.changes and outlet.is_rich:
        outlet.show(Bundle(timeline.brief, text_html=timeline.folded))
    elif reply.changes:
        outlet.print(timeline.brief)
    call.is_shown = True
