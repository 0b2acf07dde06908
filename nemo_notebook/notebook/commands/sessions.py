"""`%nemo sessions`: the sessions that were opened from here."""

from __future__ import annotations

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command
from nemo_notebook.session.records import Sessions


def _run(context: Context) -> Sessions:
    from nemo_notebook.session import sync

    found = sync.sessions()
    context.screen.show(found)
    return found


def known_sessions() -> list[str]:
    """The ids of sessions to complete to, the one used last first."""
    from nemo_notebook.session.journal import Journal

    return [session.id for session in Journal().sessions()]


COMMAND = Command(
    name="sessions",
    takes="",
    about="List the sessions that were opened from here; `connect --session ID` comes back to one.",
    run=lambda context, _: _run(context),
    example="%nemo sessions",
)
