"""`%nemo chat`: one turn of chat, nothing routed."""

from __future__ import annotations

import time

from nemo_notebook import settings
from nemo_notebook.client.events import Event, Heartbeat, Text, TextFinal, ToolCall
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command
from nemo_notebook.notebook.screen import RichStream, TextStream
from nemo_notebook.outside import plain
from nemo_notebook.session.results import Reply


class _Listener:
    """Shows the events of a turn as they come."""

    def __init__(self, stream: RichStream | TextStream) -> None:
        self._stream = stream
        self._last_s = time.monotonic()

    def __call__(self, event: Event) -> None:
        now_s = time.monotonic()
        if isinstance(event, Text):
            self._stream.feed(event.text)
        elif isinstance(event, TextFinal):
            self._stream.replace(event.text)
        elif isinstance(event, ToolCall):
            self._stream.note("Editing the timeline…")
        elif isinstance(event, Heartbeat) and now_s - self._last_s >= settings.notice_s():
            self._stream.note("⏳ Still working...")
        else:
            return
        self._last_s = now_s


def chat(context: Context, message: str) -> Reply:
    """One turn: the reply is shown while it comes; where the service says nothing, what it changed is told."""
    session = context.session()
    stream = context.screen.stream()
    try:
        reply = session.chat(message, _Listener(stream))
        if not reply.shown:
            stream.replace(plain(reply.text))
    finally:
        stream.close()
    context.screen.say(reply.timeline.summary)
    context.screen.already_shown(reply)
    return reply


UNDO = Command(
    name="undo",
    takes="",
    about="Take the last edit back.",
    run=lambda context, _: chat(context, "undo"),
    example="%nemo undo",
)

COMMAND = Command(
    name="chat",
    takes="TEXT",
    about="Say something to the editor; nothing of it is taken as a command.",
    run=lambda context, arguments: chat(context, arguments.text),
    example='%nemo chat add a title "Urban Dreams" for the first 3 seconds',
    takes_text=True,
)
