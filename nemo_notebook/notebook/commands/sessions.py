"""`%nemo sessions`: the sessions that were opened from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.grammar import Arguments, Command

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.records import Sessions


def _sessions(_: Call, __: Arguments) -> Sessions:
    from nemo_notebook.session import sync

    return sync.sessions()


def known_sessions() -> list[str]:
    """What sessions are known by, and their ids, the one used last first."""
    from nemo_notebook.session.journal import Journal

    return [known for session in Journal().sessions() for known in (session.label, session.id) if known]


COMMAND = Command(
    name="sessions",
    about="List the sessions that were opened from here; `connect --session ID` comes back to one.",
    run=_sessions,
    example="%nemo sessions",
)
