"""`%nemo chat`: one turn of chat, nothing routed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Option, Words

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.results import Explanation, Reply


async def _chat(call: Call, arguments: Arguments) -> Reply | Explanation:
    """One turn: the reply is shown while it comes; where the service says nothing, what it changed is told."""
    if arguments.options.get("explain"):
        return await (await call.session()).explain(arguments.text)
    from nemo_notebook.notebook.listening import listening, tell_timeline

    async with listening(call, arguments.text) as listener:
        session = await call.session()
        reply = await session.chat(arguments.text, listener)
        listener.conclude(reply)
    tell_timeline(call, reply)
    return reply


COMMAND = Command(
    name="chat",
    about="Say something to the editor; nothing of it is taken as a command.",
    run=_chat,
    words=Words("TEXT", is_text=True),
    options=(Option("--explain", "", "show how it would be read, and do nothing"), BACKGROUND),
    example='%nemo chat add a title "Urban Dreams" for the first 3 seconds',
    more=(
        "The reply is shown while it comes, then the timeline in brief if it changed. A message is sent once, never "
        "again: after a broken connection the timeline tells what was done. `%%nemo chat` says a whole cell."
    ),
)
