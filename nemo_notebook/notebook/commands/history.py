"""`%nemo undo`, `redo` and `history`: back and forth over what the timeline has been."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.grammar import Arguments, Command

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.records import History
    from nemo_notebook.session.results import Reply


async def _undo(call: Call, _: Arguments) -> Reply:
    return await (await call.session()).undo()


async def _redo(call: Call, _: Arguments) -> Reply:
    return await (await call.session()).redo()


async def _history(call: Call, _: Arguments) -> History:
    return await (await call.session()).history()


UNDO = Command(
    name="undo",
    about="Take the last edit back, made by chat or by table.",
    run=_undo,
    example="%nemo undo",
)

REDO = Command(
    name="redo",
    about="Bring back what was undone last.",
    run=_redo,
    example="%nemo redo",
)

HISTORY = Command(
    name="history",
    about="List what the timeline has been, and where in it you are.",
    run=_history,
    example="%nemo history",
)
