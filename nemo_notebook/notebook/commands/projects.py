"""Projects: `%nemo connect`, `sessions`, `credits`, `skills`, `studio` and `open`."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nemo_notebook import skills
from nemo_notebook.errors import NemoError, SessionNotFound, UsageError
from nemo_notebook.notebook.display import Bundle, register_panels
from nemo_notebook.outside import Secret
from nemo_notebook.session.journal import Journal, current_place

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.notebook.execution import Call
    from nemo_notebook.notebook.grammar import Arguments
    from nemo_notebook.notebook.widgets.studio import Studio
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.records import Costs, Sessions
    from nemo_notebook.session.results import Credits
    from nemo_notebook.session.sync import Session


async def run_connect(call: Call, arguments: Arguments) -> Session:
    """Open a session, or come back to one."""
    session = await call.context.connect(call, **arguments.options)
    if "session" in arguments.options:
        call.outlet.say(await _welcome(session.asynchronous))
    call.is_shown = True
    return session


async def _welcome(session: AsyncSession) -> str:
    left = [job for job in await session.jobs() if job.is_open]
    name = f"{session.name}: " if session.name else ""
    more = f" Open: {', '.join(job.id for job in left[:3])} (`%nemo resume`)." if left else ""
    return f"{name}{(await session.timeline()).summary}{more}"


async def run_sessions(call: Call, arguments: Arguments) -> Sessions:
    """List sessions, or move one to the trash and back."""
    from nemo_notebook.session import sync
    from nemo_notebook.session.project import AsyncClient

    if removed := arguments.options.get("remove"):
        known, current = Journal().find_session(removed), call.context.current
        if known is not None and current is not None and known.id == current.id:
            raise UsageError("That is the project that you work in.", hint="`%nemo connect` opens another one first.")
    restored, client = arguments.options.get("restore"), AsyncClient()
    try:
        if removed:
            call.outlet.say(await client.remove(removed, forever=bool(arguments.options.get("forever"))))
        if restored:
            call.outlet.say(await client.restore(restored))
    finally:
        await client.close()
    return sync.sessions()


def known_sessions() -> list[str]:
    """The labels and ids of sessions, the one used last first."""
    return [known for session in Journal().sessions() for known in (session.label, session.id) if known]


def removed_sessions() -> list[str]:
    """The ids and names of sessions in the trash."""
    return [known for session in Journal().sessions(removed=True) for known in (session.id, session.name) if known]


def skill_names() -> Sequence[str]:
    """The skills there are."""
    return [skill.name for skill in skills.all_skills()]


async def run_credits(call: Call, arguments: Arguments) -> Credits | Costs:
    """The balance of the account, or what each turn cost."""
    session = await call.session()
    return await (session.costs() if "history" in arguments.options else session.credits())


def run_skills(call: Call, _: Arguments) -> Bundle:
    """All skills, with the chosen one marked."""
    from nemo_notebook.notebook.reference import table

    context = call.context
    chosen = context.current.skill.name if context.current else call.defaults.skill
    lines: list[str] = []
    rows: list[tuple[str, ...]] = []
    for skill in skills.all_skills():
        mark, formats = "→" if skill.name == chosen else " ", " ".join(skill.formats)
        lines.append(f'{mark} {skill.name:<22} up to {skill.max_size_mb} MB · {formats} · "{skill.example}"')
        rows.append((mark, skill.name, skill.title, f"{skill.max_size_mb} MB", formats, skill.example, skill.tip))
    head = ("", "name", "title", "limit", "best", "say", "tip")
    return Bundle("\n".join(lines), text_markdown=table(head, rows))


async def run_studio(call: Call, arguments: Arguments) -> Studio | Timeline:
    """Open the panel over the current session, or the one that this notebook had before its kernel was restarted.

    Where nobody can click, as under nbclient, the timeline is shown instead.
    """
    outlet = call.outlet
    if not outlet.is_rich:
        raise UsageError("The studio is a panel for notebooks.", hint="`python -m nemo_notebook lab` opens one.")
    session = await call.context.connect(call) if "new" in arguments.options else await _session(call)
    if not outlet.has_reader:
        return await session.asynchronous.timeline()
    from nemo_notebook.notebook.widgets.studio import Snapshot, Studio

    panel = await asyncio.to_thread(Studio, session)
    call.show(panel)
    register_panels(outlet.run, panel, Snapshot(panel.header, outlet))
    return panel


async def _session(call: Call) -> Session:
    context = call.context
    if context.current is None:
        known = await asyncio.to_thread(Journal().session_at, current_place())
        if known is not None:
            with contextlib.suppress(SessionNotFound):  # it has ended meanwhile: a new one, as for any first use
                return await context.connect(call, session=known.id)
    return await context.session(call)


async def run_open(call: Call, _: Arguments) -> None:
    """Open the project in the service's web page."""
    session, outlet = await call.context.session(call), call.outlet
    if session.backend.is_local or not outlet.is_rich:
        await _in_browser(session)
        outlet.say("It opens in your browser.")
    elif outlet.has_reader:
        await asyncio.to_thread(_show_button, call, session)
    else:
        raise UsageError("Nobody is here who could open a page.", hint="Run the cell in a notebook on the screen.")
    call.is_shown = True


async def _in_browser(session: Session) -> None:
    address = Secret(await session.asynchronous.link())  # goes to the browser and nowhere else
    try:
        is_open = await asyncio.to_thread(webbrowser.open, address.reveal())
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        raise NemoError("No browser can be opened here.", hint="Run `%nemo open` in a notebook, or on a desktop.")


def _show_button(call: Call, session: Session) -> None:
    from nemo_notebook.notebook.widgets.open_button import OpenButton

    OpenButton(session).show(call.outlet, call.context.shell)


def is_open_meant(rest: str, _: Mapping[str, Any]) -> bool:
    """`%nemo open with a slow fade` is for the editor."""
    return not rest or rest.startswith("-")
