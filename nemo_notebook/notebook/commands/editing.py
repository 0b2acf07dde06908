"""The film in work: `%nemo chat`, `status`, `apply`, `undo`, `redo` and `history`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.grammar import nearest

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.notebook.context import Call
    from nemo_notebook.notebook.grammar import Arguments
    from nemo_notebook.session.records import History
    from nemo_notebook.session.results import Explanation, Reply

_TABLES: Final = frozenset({"DataFrame", "Timeline"})


async def run_chat(call: Call, arguments: Arguments) -> Reply | Explanation:
    """One turn: the reply is streamed; where the service says nothing, its changes are told."""
    if arguments.options.get("explain"):
        return await (await call.session()).explain(arguments.text)
    from nemo_notebook.notebook.stream import show_timeline, streamed

    async with streamed(call, arguments.text) as stream:
        session = await call.session()
        reply = await session.chat(arguments.text, stream)
        stream.conclude(reply)
    show_timeline(call, reply)
    return reply


async def run_status(call: Call, _: Arguments) -> Timeline:
    """The timeline."""
    session = await call.session()
    if session.model is not None:
        call.outlet.say(f"Behind the chat: {session.model}.")
    return await session.timeline()


async def run_apply(call: Call, arguments: Arguments) -> Reply:
    """Put an edited table back into the timeline."""
    names, (name,) = call.context.shell.user_ns, arguments.words
    if not _is_table(names.get(name)):
        hint = nearest(name, _tables(names)) or "For example: %nemo apply frame"
        raise UsageError(f"There is no table {name!r}.", hint=hint)
    return await (await call.session()).apply(names[name])


def is_apply_meant(rest: str, names: Mapping[str, Any]) -> bool:
    """Whether a variable is named, or a table with a slip; `%nemo apply a sepia filter` is for the editor."""
    return not rest or rest in names or nearest(rest, _tables(names)) is not None


def table_names(_: str) -> list[str]:
    """The user's variables that can be applied."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return _tables(shell.user_ns if shell else {})


def _is_table(value: object) -> bool:
    return type(value).__name__ in _TABLES


def _tables(names: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in list(names.items()) if _is_table(value) and not name.startswith("_"))


async def run_undo(call: Call, _: Arguments) -> Reply:
    """Take the last edit back."""
    return await (await call.session()).undo()


async def run_redo(call: Call, _: Arguments) -> Reply:
    """Bring back what was undone last."""
    return await (await call.session()).redo()


async def run_history(call: Call, _: Arguments) -> History:
    """The undo history."""
    return await (await call.session()).history()
