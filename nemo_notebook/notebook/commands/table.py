"""The commands of `%nemo`, in the order of the help. The one place where they are registered."""

from __future__ import annotations

from typing import Final

from nemo_notebook.notebook.commands import (
    apply,
    batch,
    chat,
    connect,
    export,
    history,
    jobs,
    sessions,
    skills,
    status,
    studio,
    tape,
    upload,
)
from nemo_notebook.notebook.commands import credits as credits_command
from nemo_notebook.notebook.commands import help as help_command
from nemo_notebook.notebook.commands import open as open_command
from nemo_notebook.notebook.grammar import Command

_COMMANDS: Final = (
    connect.COMMAND,
    upload.COMMAND,
    chat.COMMAND,
    status.COMMAND,
    apply.COMMAND,
    history.UNDO,
    history.REDO,
    history.HISTORY,
    export.COMMAND,
    batch.COMMAND,
    jobs.JOBS,
    jobs.RESUME,
    jobs.CANCEL,
    sessions.COMMAND,
    credits_command.COMMAND,
    studio.COMMAND,
    open_command.COMMAND,
    tape.COMMAND,
    skills.COMMAND,
)

COMMANDS: Final[dict[str, Command]] = {name: c for c in _COMMANDS for name in (c.name, *c.aliases)}
COMMANDS["help"] = help_command.command(COMMANDS)
