"""`%nemo studio`: the panel."""

from __future__ import annotations

from typing import Any

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command


def _run(context: Context) -> Any:
    from nemo_notebook.notebook.widgets.studio import Studio

    studio = Studio(context.session())
    context.screen.show(studio)
    return studio


COMMAND = Command(
    name="studio",
    takes="",
    about="Open a panel with a prompt, the timeline and an Export button.",
    run=lambda context, _: _run(context),
    example="%nemo studio",
)
