"""A command carried out: waited for, or in the background."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from typing import Any, Final

from nemo_notebook import clock
from nemo_notebook.errors import Detached, NemoError
from nemo_notebook.notebook.call import Call
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.dispatch import Wanted
from nemo_notebook.notebook.handle import Handle
from nemo_notebook.notebook.outlet import Outlet
from nemo_notebook.notebook.screen import Screen

_EDITS: Final = frozenset({"apply", "undo", "redo"})  # done at once or not at all, and no jobs


def perform(context: Context, wanted: Wanted) -> Any:
    """Do what was asked for, and show it; gives what is shown, or a handle to what goes on.

    Raises:
        NemoError: It cannot be done; the message says what to do next.
        Detached: It was interrupted; what the backend has begun goes on.
    """
    call = Call(context, Screen(Outlet(context.shell)))
    takes_time = inspect.iscoroutinefunction(wanted.command.run)
    if takes_time and wanted.in_background:
        return _begin(call, wanted)
    begun_s = clock.now_s()
    try:
        work = wanted.command.run(call, wanted.arguments)
        value = call.bridge.run(work) if takes_time else work
        call.show(value)
    except (KeyboardInterrupt, asyncio.CancelledError, concurrent.futures.CancelledError):  # the others on a tape
        raise _detached(context, wanted, begun_s) from None
    context.echo.mute(value)
    return value


def _detached(context: Context, wanted: Wanted, begun_s: float) -> Detached:
    """What is told of an interrupt: the way back to what was begun since."""
    try:
        left = context.left()
    except (NemoError, KeyboardInterrupt):  # whoever is in a hurry interrupts twice
        return Detached("Stopped.", hint="`%nemo jobs` shows what is open.")
    if wanted.command.name == "batch":
        hint = "Films that are there stay. The same line again goes on where it stopped."
        return Detached("Stopped the batch.", hint=hint)
    if wanted.command.name in _EDITS:
        return Detached("Stopped.", hint="`%nemo history` shows whether it was done.")
    if not left:
        return Detached("Stopped.", hint="Nothing was left behind: run the cell again.")
    if left[0].begun_s < begun_s:
        return Detached("Stopped.", hint="Run the cell again; `%nemo jobs` shows what is open.")
    hint = f"`%nemo resume {left[0].id}` comes back to it."
    return Detached("Stopped waiting; what was begun goes on.", hint=hint)


def _begin(call: Call, wanted: Wanted) -> Handle[Any]:
    handle: Handle[Any] = Handle(wanted.words, call.bridge)
    call.handle = handle
    shown = call.screen.outlet.show(handle) if call.screen.outlet.is_rich else None
    handle.start(_alone(call, wanted), shown)
    call.context.keep(handle)
    if shown is not None:
        call.context.echo.mute(handle)
    return handle


async def _alone(call: Call, wanted: Wanted) -> Any:
    """Work that nobody waits for shows its own end."""
    try:
        value = await wanted.command.run(call, wanted.arguments)
    except NemoError as error:
        call.screen.tell_error(error)
        raise
    except Exception as error:  # not foreseen: told all the same, as nobody may ever wait for it
        call.screen.tell_error(
            NemoError(f"It failed: {type(error).__name__}.", hint="The handle's `wait()` raises it.")
        )
        raise
    await asyncio.to_thread(call.show, value)  # a table or a film takes a moment to be drawn
    call.badge()
    return value
