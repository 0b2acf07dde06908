"""From what was typed to the command that does it."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook import grammar
from nemo_notebook.notebook.commands.table import COMMANDS
from nemo_notebook.notebook.grammar import BACKGROUND, CELL_OPTIONS, Arguments, Command, nearest, tokens
from nemo_notebook.notebook.interpolation import interpolate
from nemo_notebook.outside import redact

_HELP: Final = ("--help", "-h", "-?")
CELL_USAGE: Final = "%%nemo [--out NAME] [--background]"

_TITLE: Final = 60  # characters
_ROUTED: Final = frozenset("export credits status upload".split())
_NO_PROSE: Final = re.compile(r"(?:.*\s)?--[a-z].*|\S*[._/\\*{\d]\S*", re.DOTALL)  # an option; or one path, name or id
_PROSE_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line or a cell asks for.

    Attributes:
        command: What does it.
        arguments: With what.
        out: The variable that gets the result, if one is named.
        in_background: Whether it goes on while other cells run.
        words: What was typed, for people.
    """

    command: Command
    arguments: Arguments
    out: str = ""
    in_background: bool = False
    words: str = ""


def read_line(line: str, names: Mapping[str, Any]) -> Wanted:
    """What `%nemo LINE` asks for.

    Args:
        line: What follows `%nemo`.
        names: The user's variables.

    Raises:
        UsageError: It cannot be meant.
    """
    text = line.strip()
    options, rest = _leading_options(text)
    if options:
        return _with_options(_read(rest, names), options, rest)
    return _read(text, names)


def read_cell(line: str, cell: str, names: Mapping[str, Any]) -> Wanted:
    """What a cell of plain words asks for; `%%nemo chat` says them to the editor, whatever they are.

    Raises:
        UsageError: It cannot be meant.
    """
    words, options = grammar.read_options(grammar.split(line), CELL_OPTIONS, CELL_USAGE)
    spoken = COMMANDS.get(words[0]) if len(words) == 1 else None
    if words and not (spoken and spoken.takes_text):
        hint = f"Its form: {CELL_USAGE}, then plain words below."
        raise UsageError(f"{words[0]!r} is no option of a cell.", hint=hint)
    text = interpolate(cell.strip(), names)
    wanted = Wanted(spoken, Arguments(text=text), words=_title(text)) if spoken else route(text)
    return _with_options(wanted, options, text)


def _read(text: str, names: Mapping[str, Any]) -> Wanted:
    text = _without_semicolon(_without_remark(text))
    word, rest = [*text.split(maxsplit=1), "", ""][:2]
    command = COMMANDS.get(word or "help")
    if word in _HELP or (command is not None and rest in _HELP):
        return _help("" if word in _HELP else word)
    if command is not None and (command.is_meant is None or command.is_meant(rest.strip(), names)):
        try:
            arguments = command.parse(rest, names)
        except UsageError as error:
            said = interpolate(text, names)
            if rest and _is_said(word, said):
                return route(said)
            if len(rest.split()) >= _PROSE_WORDS and not _NO_PROSE.fullmatch(rest):
                raise UsageError(error.message, hint=f"To say it to the editor: %nemo chat {_title(text)}") from None
            raise
        said = arguments.text
        if not command.takes_text:
            said = " ".join(part for part in text.split() if part != BACKGROUND.flag)
        return Wanted(command, arguments, in_background="background" in arguments.options, words=_title(said))
    if word.startswith("-"):
        raise UsageError(f"{word} belongs to a command.", hint="`%nemo help` shows which.")
    if command is None and (near := _meant(word, rest, names)):
        hint = f"{near} To say it to the editor: %nemo chat {_title(text)}"
        raise UsageError(f"There is no command {redact(word, _TITLE)!r}.", hint=hint)
    return route(interpolate(text, names))


def _without_remark(text: str) -> str:
    """The line of a command without the remark behind it, as in Python's lines; a text keeps its `#`."""
    command = COMMANDS.get(text.split(maxsplit=1)[0]) if text else None
    if command is None or command.takes_text:
        return text
    remark = next((word.start for word in tokens(text) if text[word.start :].split(maxsplit=1)[0] == "#"), len(text))
    return text[:remark].rstrip()


def _without_semicolon(text: str) -> str:
    """The line without the `;` at its end, which notebooks know as a wish for quiet; a text keeps it."""
    bare = text.removesuffix(";").rstrip()
    command = COMMANDS.get(bare.split(maxsplit=1)[0]) if bare else None
    is_text = command is None or command.takes_text
    return text if bare and is_text else bare


def _meant(word: str, rest: str, names: Mapping[str, Any]) -> str | None:
    """A question after the command that is meant by a word which is none; without one, the line is prose.

    Prose that is taken for a slip costs a second line; a slip that is taken for prose costs a turn of chat.
    """
    if not rest:
        return nearest(word, COMMANDS)
    for near in difflib.get_close_matches(word[:_TITLE].lower(), list(COMMANDS), n=1, cutoff=grammar.SURELY):
        command = COMMANDS[near]
        is_named = near == "help" and rest in COMMANDS
        is_table = command.is_meant is not None and command.is_meant(rest, names)
        is_action = near in _ROUTED and _is_said(near, f"{near} {rest}")
        if is_named or is_table or is_action or _NO_PROSE.fullmatch(rest):
            return f"Did you mean {near}?"
    return None


def _help(name: str) -> Wanted:
    return Wanted(COMMANDS["help"], Arguments(words=(name,) if name else ()))


def _leading_options(text: str) -> tuple[dict[str, str], str]:
    """The options of a cell that a line begins with, and what follows them."""
    flags = {option.flag: option for option in CELL_OPTIONS}
    options: dict[str, str] = {}
    while (word := text.split(maxsplit=1)[0] if text else "") in flags:
        option, text = flags[word], text.removeprefix(word).lstrip()
        value = "yes"
        if option.value:
            value, _, text = text.partition(" ")
        options[option.name] = value
    return options, text


def _with_options(wanted: Wanted, options: Mapping[str, str], text: str) -> Wanted:
    out = options.get("out", "")
    if "out" in options and (not out.isidentifier() or keyword.iskeyword(out)):
        raise UsageError(f"{out!r} cannot be a variable's name.", hint="Use letters, digits and _.")
    in_background = wanted.in_background or "background" in options
    return Wanted(wanted.command, wanted.arguments, out, in_background, wanted.words or _title(text))


def _is_said(word: str, text: str) -> bool:
    """Whether a line that is no command of that name asks for the same in plain words: `export it as a gif`."""
    from nemo_notebook.session.language import classify

    return classify(text).action == word


def route(text: str) -> Wanted:
    """What plain words ask for: an export, the credits, the timeline, an upload, or a turn of chat."""
    from nemo_notebook.session.language import classify

    intent, title = classify(text), _title(text)
    if intent.action == "export":
        asked = {"format": intent.format, "resolution": intent.resolution}
        options = {name: value for name, value in asked.items() if value}
        return Wanted(COMMANDS["export"], Arguments((intent.path,) if intent.path else (), options), words=title)
    if intent.action in {"credits", "status"}:
        return Wanted(COMMANDS[intent.action], Arguments(), words=title)
    if intent.action == "upload":
        return Wanted(COMMANDS["upload"], Arguments(tuple(intent.arguments)), words=title)
    return Wanted(COMMANDS["chat"], Arguments(text=text), words=title)


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"
