"""`%nemo credits`: the balance of the account."""

from __future__ import annotations

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command
from nemo_notebook.session.results import Credits


def balance(context: Context) -> Credits:
    """Show the balance."""
    found = context.session().credits()
    context.screen.show(found)
    return found


COMMAND = Command(
    name="credits",
    takes="",
    about="Show what is left to spend; the local engine is free.",
    run=lambda context, _: balance(context),
    example="%nemo credits",
)
