"""`%nemo credits`: the balance of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.grammar import Arguments, Command, Option

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.records import Costs
    from nemo_notebook.session.results import Credits


async def _credits(call: Call, arguments: Arguments) -> Credits | Costs:
    session = await call.session()
    return await (session.costs() if "history" in arguments.options else session.credits())


COMMAND = Command(
    name="credits",
    about="Show what is left to spend; the local engine is free.",
    run=_credits,
    options=(Option("--history", "", "what each turn of this session cost"),),
    example="%nemo credits",
)
