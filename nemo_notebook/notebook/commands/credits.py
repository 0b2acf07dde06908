"""`%nemo credits`: the balance of the account."""

from __future__ import annotations

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Arguments, Command, Option
from nemo_notebook.session.records import Costs
from nemo_notebook.session.results import Credits


def balance(context: Context) -> Credits:
    """Show the balance."""
    found = context.session().credits()
    context.screen.show(found)
    return found


def _run(context: Context, arguments: Arguments) -> Credits | Costs:
    if "history" not in arguments.options:
        return balance(context)
    costs = context.session().costs()
    context.screen.show(costs)
    return costs


COMMAND = Command(
    name="credits",
    takes="",
    about="Show what is left to spend; the local engine is free.",
    run=_run,
    options=(Option("--history", "", "what each turn of this session cost"),),
    example="%nemo credits",
)
