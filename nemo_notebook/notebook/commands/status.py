"""`%nemo status`: the timeline as a table."""

from __future__ import annotations

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command
from nemo_notebook.timeline.timeline import Timeline


def status(context: Context) -> Timeline:
    """Show the timeline as it is now."""
    timeline = context.session().timeline()
    context.screen.show(timeline)
    return timeline


COMMAND = Command(
    name="status",
    takes="",
    about="Show the timeline: one line, a picture and a table.",
    run=lambda context, _: status(context),
    example="%nemo status",
    aliases=("timeline",),
)
