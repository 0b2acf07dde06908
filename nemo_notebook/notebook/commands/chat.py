"""`%nemo chat`: one turn of chat, nothing routed."""

from __future__ import annotations

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command
from nemo_notebook.notebook.listening import Listener, show_reply
from nemo_notebook.session.results import Reply


def chat(context: Context, message: str) -> Reply:
    """One turn: the reply is shown while it comes; where the service says nothing, what it changed is told."""
    session = context.session()
    stream = context.screen.stream()
    try:
        reply = session.chat(message, Listener(stream))
    except BaseException:
        stream.close()
        raise
    show_reply(context, reply, stream)
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
