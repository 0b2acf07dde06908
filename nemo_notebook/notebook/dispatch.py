"""From what was typed to the command that does it: variables are put in, options read, plain words routed.

`{name}`, `{name.attribute}`, `{name[0]}` and `{name[key]}` are filled where the user has something of that name. All
other braces (JSON, sets, code, templates), `$name`, `%` and backslashes stay as they are typed. Doubled braces are let
be: `{{name}}` gives `{name}`.
"""

from __future__ import annotations

import difflib
import keyword
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.grammar import (
    BACKGROUND,
    CELL_OPTIONS,
    DASHES,
    SURELY,
    Arguments,
    Command,
    Option,
    did_you_mean,
    find_flag,
    shorten,
    split_line,
    tokens,
    unquoted_value,
)
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.session.language import Intent

CELL_USAGE: Final = "%%nemo [--out NAME] [--background]"

_HELP: Final = ("--help", "-h", "-?")
_LONGEST_WORD: Final = 60  # characters of a word that is still looked for
_ROUTED: Final = frozenset("export credits status upload".split())
_NO_PROSE: Final = re.compile(r"(?:.*\s)?--[a-z].*|\S*[._/\\*{\d]\S*", re.DOTALL)  # an option; or one path, name or id
_PROSE_WORDS: Final = 4
_BACKGROUND_WORDS: Final = {BACKGROUND.flag, *(f"{dash}background" for dash in DASHES[1:])}
_NAME: Final = r"[^\W\d]\w*+"
_FIELD: Final = re.compile(  # possessive, and from the first brace of a run only: linear whatever is typed
    rf"(?<!\{{)(?P<open>\{{++)(?P<what>(?P<name>{_NAME})"
    rf"(?:\.{_NAME}|\[(?:-?\d++|{_NAME}|'[^'\n]*+'|\"[^\"\n]*+\")\])*+)(?P<close>\}}++)"
)
_BARE_KEY: Final = re.compile(rf"\[({_NAME})\]")
_NO_VALUES: Final = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, type)
_HINT: Final = "Look at the variable, or double the braces to keep them: {{…}}"

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation:
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


def read_line(line: str, names: Variables) -> Invocation:
    """Read what `%nemo LINE` asks for.

    Args:
        line: What follows `%nemo`.
        names: The user's variables.

    Raises:
        UsageError: It cannot be meant.
    """
    text, typed = line.strip(), list[str]()
    while (word := text.split(maxsplit=1)[0] if text else "") in {option.flag for option in CELL_OPTIONS}:
        count = 1 if word == BACKGROUND.flag else 2
        typed += text.split(maxsplit=count)[:count]
        text = "".join(text.split(maxsplit=count)[count:])
    options = read_options(typed, CELL_OPTIONS, CELL_USAGE)[1] if typed else {}
    return _with_options(_read(text, names), options, text)


def read_cell(line: str, cell: str, names: Variables) -> Invocation:
    """Read what a cell of plain words asks for; `%%nemo chat` says them to the editor, whatever they are.

    Raises:
        UsageError: It cannot be meant.
    """
    words, options = read_options(split_line(line), CELL_OPTIONS, CELL_USAGE)
    spoken = COMMANDS.get(words[0]) if len(words) == 1 else None
    if words and not (spoken and spoken.takes_text):
        hint = f"Its form: {CELL_USAGE}, then plain words below."
        raise UsageError(f"{words[0]!r} is no option of a cell.", hint=hint)
    text = interpolate(cell.strip(), names)
    wanted = Invocation(spoken, Arguments(text=text)) if spoken else route(text)
    return _with_options(wanted, options, text)


def _with_options(wanted: Invocation, options: Mapping[str, str], text: str) -> Invocation:
    out = options.get("out", "")
    if "out" in options and (not out.isidentifier() or keyword.iskeyword(out)):
        raise UsageError(f"{out!r} cannot be a variable's name.", hint="Use letters, digits and _.")
    in_background = wanted.in_background or "background" in options
    return replace(wanted, out=out, in_background=in_background, words=wanted.words or redact(text, _LONGEST_WORD))


def _read(text: str, names: Variables) -> Invocation:
    word = text.split(maxsplit=1)[0] if text else ""
    command = COMMANDS.get(word.rstrip(";") or "help")
    if command is not None and not command.takes_text:
        text = _without_remark(text).removesuffix(";").rstrip()  # notebooks know a last `;` as a wish for quiet
    word, rest = [*text.split(maxsplit=1), "", ""][:2]
    command = COMMANDS.get(word or "help")
    if word in _HELP or (command is not None and rest in _HELP):
        return Invocation(COMMANDS["help"], Arguments(words=() if word in _HELP else (word,)))
    if command is not None and (command.is_meant is None or command.is_meant(rest.strip(), names)):
        return _read_command(command, text, rest, names)
    if word.startswith("-"):
        raise UsageError(f"{word} belongs to a command.", hint="`%nemo help` shows which.")
    if command is None and (near := _meant(word, rest, names)):
        hint = f"{near} To say it to the editor: %nemo chat {shorten(text)}"
        raise UsageError(f"There is no command {shorten(word)!r}.", hint=hint)
    return route(interpolate(text, names))


def _read_command(command: Command, text: str, rest: str, names: Variables) -> Invocation:
    """Read a line that begins with a command's name: `rest` follows it."""
    try:
        arguments = parse_arguments(command, rest, names)
    except UsageError as error:
        said = interpolate(text, names)
        if rest and _intent_of(said).action == command.name:  # the same in plain words: `export it as a gif`
            return route(said)
        if len(rest.split()) >= _PROSE_WORDS and not _NO_PROSE.fullmatch(rest):
            raise UsageError(error.message, hint=f"To say it to the editor: %nemo chat {shorten(text)}") from None
        raise
    words = arguments.text
    if not command.takes_text:
        words = " ".join(part for part in text.split() if part != BACKGROUND.flag)
    return Invocation(command, arguments, in_background="background" in arguments.options, words=words)


def _without_remark(text: str) -> str:
    """The line of a command without the remark behind it, as in Python's lines."""
    remark = next((word.start for word in tokens(text) if text[word.start :].split(maxsplit=1)[0] == "#"), len(text))
    return text[:remark].rstrip()


def _meant(word: str, rest: str, names: Variables) -> str | None:
    """A question after the command that is meant by a word which is none; without one, the line is prose.

    Prose that is taken for a slip costs a second line; a slip that is taken for prose costs a turn of chat.
    """
    if not rest:
        return did_you_mean(word, COMMANDS)
    for near in difflib.get_close_matches(word[:_LONGEST_WORD].lower(), list(COMMANDS), n=1, cutoff=SURELY):
        command = COMMANDS[near]
        is_named = near == "help" and rest in COMMANDS
        is_table = command.is_meant is not None and command.is_meant(rest, names)
        is_action = near in _ROUTED and _intent_of(f"{near} {rest}").action == near
        if is_named or is_table or is_action or _NO_PROSE.fullmatch(rest):
            return f"Did you mean {near}?"
    return None


def route(text: str) -> Invocation:
    """What plain words ask for: an export, the credits, the timeline, an upload, or a turn of chat."""
    intent = _intent_of(text)
    options = {name: value for name in ("format", "resolution") if (value := getattr(intent, name))}
    words = tuple(filter(None, (intent.path, *intent.arguments)))
    return Invocation(COMMANDS[intent.action], Arguments(words, options, text))


def _intent_of(text: str) -> Intent:
    from nemo_notebook.session.language import classify

    return classify(text)


def parse_arguments(command: Command, rest: str, names: Variables) -> Arguments:
    """Parse what follows a command's name, with the user's variables for `{name}`.

    Raises:
        UsageError: An unknown option, value or variable, or too many or too few words.
    """
    if command.takes_text:
        found = _parse_text(command, rest.strip(), names)
    else:
        words, options = read_options(split_line(rest), command.options, command.usage, names)
        if len(words) > command.most_words:
            raise _surplus(command, words, rest)
        found = Arguments(tuple(words), options, rest.strip())
    is_needed = command.takes and not command.takes.startswith("[")
    if is_needed and not (found.text if command.takes_text else found.words):
        raise UsageError(f"`{command.name}` needs {command.takes}.", hint=f"For example: {command.example}")
    return found


def _parse_text(command: Command, text: str, names: Variables) -> Arguments:
    """A text as it is, but for switches before it and `--background` behind it."""
    flags = [option.flag for option in command.options]
    switches: list[str] = []
    is_plain = False
    while text and not is_plain:
        first = next(tokens(text))
        is_plain = first.text == "--"
        if not is_plain and find_flag(first.text, flags, SURELY)[0] is None:
            break
        switches.append(first.text)
        text = text[first.end :].lstrip()
    parts = text.rsplit(maxsplit=1)
    if not is_plain and BACKGROUND.flag in flags and len(parts) == 2 and parts[1] in _BACKGROUND_WORDS:
        text = parts[0].rstrip()
        switches.append(BACKGROUND.flag)
    _, options = read_options(switches, command.options, command.usage, names)
    return Arguments((), options, interpolate(text, names))


def _surplus(command: Command, words: Sequence[str], rest: str) -> UsageError:
    most = command.most_words
    if unquoted := unquoted_value(rest, command.options):
        hint = f"Quote a value that has spaces: {shorten(unquoted)}"
    elif not command.takes:
        hint = f"To say it to the editor: %nemo chat {command.name} {shorten(rest)}"
    else:
        hint = f'Quote what has spaces: "{shorten(" ".join(words[most - 1 : most + 1]))}".'
        hint += f" `%nemo help {command.name}` explains."
    takes = f" beside {command.takes}" if command.takes else ""
    return UsageError(f"`{command.name}` does not take {shorten(words[most])!r}{takes}.", hint=hint)


def read_options(
    words: Sequence[str], options: Sequence[Option], usage: str, names: Variables | None = None
) -> tuple[list[str], dict[str, str]]:
    """Separate plain words from options (`yes` for a switch), and put the user's variables in.

    Raises:
        UsageError: An unknown option, one without a value, or a value that is not allowed.
    """
    known, by_flag = names or {}, {option.flag: option for option in options}
    plain, given, queue = list[str](), dict[str, str](), iter(words)
    for word in queue:
        if word == "--":
            plain += queue
            break
        flag, value = find_flag(word, by_flag)
        if flag is None and word.startswith("--"):
            raise UsageError(f"There is no option {shorten(word)}.", hint=f"The form: {usage}")
        if flag is None:
            plain.append(word)
            continue
        option = by_flag[flag]
        if option.name in given:
            hint = "Give it once; a pattern such as clips/*.mp4 names several."
            raise UsageError(f"{flag} is given twice.", hint=hint)
        if option.value:
            given[option.name] = _read_value(
                option, _take_value(option, queue, by_flag) if value is None else value, known
            )
        elif value is None:
            given[option.name] = "yes"
        else:
            raise UsageError(f"{flag} takes no value.", hint=f"Write {flag} alone.")
    return [each for word in plain for each in interpolate_word(word, known)], given


def _take_value(option: Option, queue: Iterator[str], flags: Mapping[str, object]) -> str:
    value = next(queue, "--")
    if value == "--" or find_flag(value, flags)[0] is not None:
        raise UsageError(f"{option.flag} needs a value.", hint=f"Its form: {option.form}")
    return value


def _read_value(option: Option, typed: str, names: Variables) -> str:
    """A value with the user's variables put in; one of the choices, where there are any.

    Raises:
        UsageError: It is not allowed.
    """
    value = interpolate(typed, names, _as_word)
    choices = {choice.lower(): choice for choice in (() if option.open_choices else option.values())}
    if not choices:
        return value
    if value.lower() in choices:
        return choices[value.lower()]
    hint = f"{did_you_mean(value, choices) or ''} Choose one of: {', '.join(choices.values())}.".strip()
    raise UsageError(f"{option.flag} cannot be {shorten(value)!r}.", hint=hint)


def is_value(value: object) -> bool:
    """Whether something can be put into a text: `{open}` in a sentence is no wish for IPython's function."""
    return not isinstance(value, _NO_VALUES)


def interpolate(text: str, names: Variables, write: Callable[[Any], str] = str) -> str:
    """Put variables into a text.

    Args:
        text: What was typed.
        names: The user's variables.
        write: Gives a value as text.

    Raises:
        UsageError: A variable that there is has no such attribute or item, or cannot be written as text.
    """

    def fill(found: re.Match[str]) -> str:
        if found["name"] not in names:
            return found[0]
        depth = min(len(found["open"]), len(found["close"]))
        kept = depth // 2  # of each pair of braces one stays, as in Python's own templates
        before, after = found["open"][depth - kept :], found["close"][depth - kept :]
        if depth % 2 == 0:
            return f"{before}{found['what']}{after}"
        value = _value(found, names)
        if not is_value(value):
            return found[0]
        try:
            return f"{before}{write(value)}{after}"
        except Exception as error:
            raise _unusable(found, error) from error

    return _FIELD.sub(fill, text) if "{" in text else text


def interpolate_word(word: str, names: Variables) -> list[str]:
    """Put variables into one word of a command: a path, a name, an id.

    A word that is a list's field and nothing else gives a word for each of its items.

    Raises:
        UsageError: As `interpolate`; also for a list with an item that is neither a text nor a path.
    """
    found = _FIELD.fullmatch(word)
    if not found or found["name"] not in names or len(found["open"]) != 1 or len(found["close"]) != 1:
        return [interpolate(word, names, _as_word)]
    items, what = _items(_value(found, names)), shorten(found["what"])
    if items is None:
        return [interpolate(word, names, _as_word)]
    if not items:
        raise UsageError(f"{{{what}}} is empty.", hint="Fill it first.")
    for item in items:
        if not isinstance(item, (str, os.PathLike)) and not _is_ours(item):
            told = f"{{{what}}} holds {shorten(repr(item))}, and not only texts and paths."
            raise UsageError(told, hint="Choose those items that are meant.")
    return [_as_word(item) for item in items]


def _value(found: re.Match[str], names: Variables) -> Any:
    """What a field stands for: the variable, with the attributes and items that are asked for."""
    what = _BARE_KEY.sub(r"['\1']", found["what"])
    try:
        return eval(what, {"__builtins__": {}}, names)  # noqa: S307 - names, attributes and keys: no more is matched
    except Exception as error:
        raise _unusable(found, error) from error


def _unusable(found: re.Match[str], error: Exception) -> UsageError:
    why = redact(f"{type(error).__name__}: {error}", 120)
    return UsageError(f"{{{shorten(found['what'])}}} cannot be put in ({why}).", hint=_HINT)


def _items(value: Any) -> list[Any] | None:
    """The items of a list, or of what pandas and numpy have for lists; None for anything else."""
    if isinstance(value, (list, tuple)):
        return list(value)
    return list(value.tolist()) if getattr(value, "ndim", 0) == 1 else None


def _as_word(value: Any) -> str:
    """A path for what has one, an id for what has that, else its text."""
    if isinstance(value, (str, os.PathLike)):
        return os.fsdecode(value)
    if _is_ours(value):
        for name in ("path", "filename", "id"):
            if isinstance(part := getattr(value, name, None), (str, os.PathLike)):
                return os.fsdecode(part)
    return str(value)


def _is_ours(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == __name__.partition(".")[0]
