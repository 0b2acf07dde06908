"""`%nemo help`: all commands, or one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.grammar import Arguments, Command, Words
from nemo_notebook.notebook.nearest import nearest

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.notebook.outlet import Bundle


def command(commands: Mapping[str, Command]) -> Command:
    """The help command over a table of commands."""

    def run(_: Call, arguments: Arguments) -> Bundle:
        from nemo_notebook.film.edit import all_edits
        from nemo_notebook.notebook import reference
        from nemo_notebook.notebook.outlet import Bundle

        word = arguments.words[0].lstrip("%") if arguments.words else ""
        if word in {"", "nemo"}:
            markdown = reference.overview(commands)
        elif word in commands:
            markdown = reference.details(commands[word])
        elif word == "edits":
            markdown = reference.edits()
        elif word in all_edits():
            markdown = reference.edit_details(word)
        else:
            near = nearest(word, [*commands, "edits", *all_edits()]) or "`%nemo help` lists them."
            raise UsageError(f"There is no command {word[:60]!r}.", hint=near)
        return Bundle(reference.as_plain(markdown), text_markdown=markdown)

    return Command(
        name="help",
        about="Explain all commands, one of them, or the edits that Python can make (`help edits`).",
        run=run,
        words=Words("[COMMAND|EDIT]", choices=lambda begun: [name for name in commands if name.startswith(begun)]),
        example="%nemo help export",
    )
