"""`%nemo status`: the timeline as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.grammar import Arguments, Command

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.notebook.call import Call


async def _status(call: Call, _: Arguments) -> Timeline:
    session = await call.session()
    if session.model is not None:
        call.screen.say(f"Behind the chat: {session.model}.")
    return await session.timeline()


COMMAND = Command(
    name="status",
    about="Show the timeline: one line, a picture and a table.",
    run=_status,
    example="line = %nemo status",
    aliases=("timeline",),
    more="`line.frame` is the table as a pandas DataFrame; edited, it goes back by `session.apply(frame)`.",
)
