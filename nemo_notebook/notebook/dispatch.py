"""From what was typed to the command that does it."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook import grammar
from nemo_notebook.notebook.commands.chat import chat
from nemo_notebook.notebook.commands.credits import balance
from nemo_notebook.notebook.commands.export import export
from nemo_notebook.notebook.commands.status import status
from nemo_notebook.notebook.commands.table import COMMANDS
from nemo_notebook.notebook.commands.upload import upload
from nemo_notebook.notebook.context import Context

CELL_OPTIONS: Final = (grammar.Option("--out", "NAME", "a variable for the result"),)
_HELP: Final = ("--help", "-h", "-?")
CELL_USAGE: Final = "%%nemo [--out NAME]"

# Commands to come: until then they must not be taken for something to say, which may cost credits.
_PLANNED: Final = frozenset("open batch tape".split())
_PLANNED_WITH_WORDS: Final = frozenset("batch tape".split())


def run_line(context: Context, line: str, names: Mapping[str, Any]) -> Any:
    """What `%nemo LINE` does.

    Raises:
        NemoError: It cannot be done; the message says what to do next.
    """
    text = grammar.interpolate(line.strip(), names)
    word, rest = [*text.split(maxsplit=1), "", ""][:2]
    command = COMMANDS.get(word or "help")
    if word in _HELP or (command is not None and rest in _HELP):
        asked = "" if word in _HELP else word
        return COMMANDS["help"].run(context, COMMANDS["help"].parse(asked))
    if command is not None:
        try:
            arguments = command.parse(rest)
        except UsageError:
            if not _is_said(word, text):
                raise
            return route(context, text)
        return command.run(context, arguments)
    if word in _PLANNED and (not rest or word in _PLANNED_WITH_WORDS):
        raise UsageError(f"`%nemo {word}` is not there yet.", hint=f"To say it to the editor: %nemo chat {text}")
    if word.startswith("-"):
        raise UsageError(f"{word} belongs to a command.", hint="`%nemo help` shows which.")
    if not rest and (near := grammar.nearest(word, COMMANDS)):
        raise UsageError(f"There is no command {word!r}.", hint=f"{near} To say it to the editor: %nemo chat {word}")
    return route(context, text)


def run_cell(context: Context, line: str, cell: str, names: dict[str, Any]) -> Any:
    """What a cell of plain words does; its result goes into the variable that `--out` names, if it does.

    Raises:
        NemoError: It cannot be done; the message says what to do next.
    """
    words, options = grammar.read_options(grammar.split(line), CELL_OPTIONS, CELL_USAGE)
    if words:
        raise UsageError(
            f"{words[0]!r} is no option of a cell.", hint=f"Its form: {CELL_USAGE}, then plain words below."
        )
    out = options.get("out")
    if out is not None and (not out.isidentifier() or keyword.iskeyword(out)):
        raise UsageError(f"{out!r} cannot be a variable's name.", hint="Use letters, digits and _.")
    result = route(context, grammar.interpolate(cell.strip(), names))
    if out is not None:
        names[out] = result
        return None
    return result


def _is_said(word: str, text: str) -> bool:
    """Whether a line that is no command of that name asks for the same in plain words: `export it as a gif`."""
    from nemo_notebook.session.language.routing import classify

    return classify(text).action == word


def route(context: Context, text: str) -> Any:
    """Do what plain words ask for: an export, a look at the credits or the timeline, an upload, or a turn of chat."""
    from nemo_notebook.session.language.routing import classify

    intent = classify(text)
    if intent.action == "export":
        return export(context, intent.path, format=intent.format, resolution=intent.resolution)
    if intent.action == "credits":
        return balance(context)
    if intent.action == "status":
        return status(context)
    if intent.action == "upload":
        return upload(context, intent.arguments)
    return chat(context, text)
