"""`%nemo sessions`: the sessions that were opened from here, and which of them go or come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.grammar import Arguments, Command, Option

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.records import Sessions


async def _sessions(call: Call, arguments: Arguments) -> Sessions:
    from nemo_notebook.session import sync
    from nemo_notebook.session.client import AsyncClient
    from nemo_notebook.session.journal import Journal

    if removed := arguments.options.get("remove"):
        known, current = Journal().find_session(removed), call.context.current
        if known is not None and current is not None and known.id == current.id:
            raise UsageError("That is the project that you work in.", hint="`%nemo connect` opens another one first.")
    restored, client = arguments.options.get("restore"), AsyncClient()
    try:
        if removed:
            call.screen.say(await client.remove(removed, forever=bool(arguments.options.get("forever"))))
        if restored:
            call.screen.say(await client.restore(restored))
    finally:
        await client.close()
    return sync.sessions()


def known_sessions() -> list[str]:
    """What sessions are known by, and their ids, the one used last first."""
    from nemo_notebook.session.journal import Journal

    return [known for session in Journal().sessions() for known in (session.label, session.id) if known]


def removed_sessions() -> list[str]:
    """The same of those in the trash."""
    from nemo_notebook.session.journal import Journal

    return [known for session in Journal().sessions(removed=True) for known in (session.id, session.name) if known]


COMMAND = Command(
    name="sessions",
    about="List the sessions that were opened from here; `connect --session ID` comes back to one.",
    run=_sessions,
    options=(
        Option(
            "--remove", "ID", "put a project into the trash for a week, by its id or its name", known_sessions, True
        ),
        Option("--forever", "", "with --remove: delete it at once, which makes room"),
        Option("--restore", "ID", "bring one back from the trash", removed_sessions, True),
    ),
    example="%nemo sessions",
)
