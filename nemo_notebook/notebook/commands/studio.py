"""`%nemo studio`: the panel."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from nemo_notebook.errors import SessionNotFound, UsageError
from nemo_notebook.notebook import seats
from nemo_notebook.notebook.grammar import Arguments, Command, Option

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.notebook.widgets.studio import Studio
    from nemo_notebook.session.sync import Session


async def _studio(call: Call, arguments: Arguments) -> Studio | Timeline:
    """Open the panel over the current session, or the one that this notebook had before its kernel was restarted.

    Where nobody can click, as under nbclient, the timeline is shown instead.
    """
    outlet = call.screen.outlet
    if not outlet.is_rich:
        raise UsageError("The studio is a panel for notebooks.", hint="`python -m nemo_notebook lab` opens one.")
    session = await call.context.connect(call) if "new" in arguments.options else await _session(call)
    if not outlet.has_reader:
        return await session.asynchronous.timeline()
    from nemo_notebook.notebook.widgets.studio import Snapshot

    studio = await asyncio.to_thread(_studio_of, session)
    call.show(studio)
    seats.take(outlet.seat, studio, Snapshot(studio.header, outlet))
    return studio


async def _session(call: Call) -> Session:
    context = call.context
    if context.current is None:
        from nemo_notebook.session.journal import Journal, place

        known = await asyncio.to_thread(Journal().session_at, place())
        if known is not None:
            with contextlib.suppress(SessionNotFound):  # it has ended meanwhile: a new one, as for any first use
                return await context.connect(call, session=known.id)
    return await context.session(call)


def _studio_of(session: Session) -> Studio:
    from nemo_notebook.notebook.widgets.studio import Studio

    return Studio(session)


COMMAND = Command(
    name="studio",
    about="Open a panel to drop files, chat, watch, edit and export, all by clicking.",
    run=_studio,
    options=(Option("--new", "", "begin a new session instead of the one that this notebook had"),),
    example="%nemo studio",
    more=(
        "It works on the same session as the cells: what is done here is seen there, and the other way round. After a "
        "reload or a restart of the kernel, run it again: session, chat and running exports come back."
    ),
)
