"""`%nemo studio`: the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nemo_notebook.notebook.grammar import Arguments, Command

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call


def _studio(call: Call, _: Arguments) -> Any:
    from nemo_notebook.notebook.widgets.studio import Studio

    return Studio(call.bridge.run(call.context.session(call)))


COMMAND = Command(
    name="studio",
    about="Open a panel with a prompt, the timeline and an Export button.",
    run=_studio,
    example="%nemo studio",
)
