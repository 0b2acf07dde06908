"""`%nemo open`: the project in the service's web page."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nemo_notebook.errors import NemoError, UsageError
from nemo_notebook.notebook.grammar import Arguments, Command
from nemo_notebook.outside import Secret

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.sync import Session


async def _open(call: Call, _: Arguments) -> None:
    session, outlet = await call.context.session(call), call.screen.outlet
    if session.backend.is_local or not outlet.is_rich:
        await _in_browser(session)
        call.screen.say("It opens in your browser.")
    elif outlet.has_reader:
        await asyncio.to_thread(_show_button, call, session)
    else:
        raise UsageError("Nobody is here who could open a page.", hint="Run the cell in a notebook on the screen.")
    call.is_shown = True


async def _in_browser(session: Session) -> None:
    """Open the page from here; its address goes to the browser and nowhere else."""
    address = Secret(await session.asynchronous.link())
    try:
        is_open = await asyncio.to_thread(webbrowser.open, address.reveal())
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        raise NemoError("No browser can be opened here.", hint="Run `%nemo open` in a notebook, or on a desktop.")


def _show_button(call: Call, session: Session) -> None:
    from nemo_notebook.notebook.widgets.open_button import OpenButton

    OpenButton(session).show(call.screen.outlet, call.context.shell)


def _is_meant(rest: str, _: Mapping[str, Any]) -> bool:
    return not rest or rest.startswith("-")  # "open with a slow fade" is for the editor


COMMAND = Command(
    name="open",
    about="Open the project in NemoVideo's web page; only for a project in the cloud.",
    run=_open,
    example="%nemo open",
    more=(
        "A button appears; the page opens when it is pressed. Its address gives access to the project for seven days: "
        "it is shown nowhere, and is not saved with the notebook."
    ),
    is_meant=_is_meant,
)
