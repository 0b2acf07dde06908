"""The events of a turn on their way to the screen."""

from __future__ import annotations

import time

from nemo_notebook import settings
from nemo_notebook.client.events import Begun, Event, Heartbeat, Notice, Text, TextFinal, ToolCall
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.screen import RichStream, TextStream
from nemo_notebook.outside import plain
from nemo_notebook.session.results import Reply


class Listener:
    """Shows the events of a turn as they come.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: RichStream | TextStream) -> None:
        self._stream = stream
        self._last_s = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Show one event, or keep quiet about it."""
        now_s = time.monotonic()
        if isinstance(event, Text):
            self._stream.feed(event.text)
        elif isinstance(event, TextFinal):
            self._stream.replace(event.text)
        elif isinstance(event, Begun):
            self._stream.begin(event.job)
        elif isinstance(event, Notice):
            self._stream.notice(event.text)
        elif isinstance(event, ToolCall):
            self._stream.note("Editing the timeline…")
        elif isinstance(event, Heartbeat) and now_s - self._last_s >= settings.notice_s():
            self._stream.note("⏳ Still working...")
        else:
            return
        self._last_s = now_s


def show_reply(context: Context, reply: Reply, stream: RichStream | TextStream) -> None:
    """Show what of a reply has not been streamed, and the timeline in a line."""
    if not reply.shown:
        stream.replace(plain(reply.text))
    stream.close()
    context.screen.say(reply.timeline.summary)
    context.screen.already_shown(reply)
