"""Tab completion of `%nemo` lines and cells, made from the table of commands.

It looks at what is typed, at the user's variables, at the disk and at the journal. It contacts nothing and raises
nothing, and what would take too long is left out.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nemo_notebook.media_types import kind
from nemo_notebook.notebook.grammar import BACKGROUND, CELL_OPTIONS, Command, LineWord, Option, tokens
from nemo_notebook.outside import plain

_LINE: Final = re.compile(
    r"\s*(?:%%?(?:time|timeit|prun)\s(?:\s*-\S+)*\s*)?(?:[^\s=%#][^=%#]{0,200}=\s*)?%nemo(?P<rest>\s.*)", re.DOTALL
)
_CELL: Final = re.compile(r"\s*%%nemo(?P<rest>[^\S\n][^\n]*)?(?P<body>\n.*)?", re.DOTALL)
_FIELD: Final = re.compile(r"\{(?P<name>(?:[^\W\d]\w*)?)$")
_PATIENCE_S: Final = 0.05
_PATHS: Final = frozenset({"PATH", "FILE", "DIR"})  # what options call a value that is one
_MOST_NAMES: Final = 200
_MOST_FILES: Final = 500  # as many as IPython shows


@dataclass(frozen=True, slots=True)
class Completions:
    """What the text before the cursor may become.

    Attributes:
        fragment: Its end, which is replaced.
        texts: By what.
        kind: What these are: `command`, `option`, `value`, `word` or `variable`.
    """

    fragment: str
    texts: tuple[str, ...] = ()
    kind: str = "word"


def complete(before: str, after: str = "", names: Iterable[str] = ()) -> Completions | None:
    """Complete a cell at the cursor.

    Args:
        before: The cell up to the cursor.
        after: The rest of the cursor's line.
        names: The variables that may be put in.

    Returns:
        None where the cursor is in no `%nemo` line or cell.
    """
    cell = _CELL.fullmatch(before)
    found = cell or _LINE.fullmatch(before.split("\n")[-1])
    if found is None or (found["rest"] is None and not found.groupdict().get("body")):
        return None
    if field := _FIELD.search(before):
        return _variables(field["name"], after, names)
    if cell and cell["body"]:
        return Completions("")  # plain words
    rest = found["rest"]
    typed = list(tokens(rest))
    is_begun = bool(typed) and typed[-1].end == len(rest)
    token = typed.pop() if is_begun else LineWord("", len(rest), len(rest))
    words = [each.text for each in typed]
    later = [each.text for each in tokens(after[len(_tail(after)) :])]
    flags = {word.partition("=")[0] for word in (*words, *later) if word.startswith("--")}
    kind, texts = _candidates(words, token.text, flags, is_cell=bool(cell))
    raw = rest[token.start :]
    if kind == "value" and raw.startswith("--"):
        raw = raw.partition("=")[2]
    return Completions(raw, _fitted(texts, raw, token.quote, after), kind)


def _variables(begun: str, after: str, names: Iterable[str]) -> Completions:
    end = "" if after.startswith("}") else "}"
    found = sorted(name for name in names if name.startswith(begun))[:_MOST_NAMES]
    return Completions(begun, tuple(name + end for name in found), "variable")


def _candidates(words: Sequence[str], begun: str, given: set[str], *, is_cell: bool) -> tuple[str, Sequence[str]]:
    """Of what kind the word is that is being typed on a `%nemo` line or the first of a cell, and what it may become."""
    from nemo_notebook.notebook.commands.registry import COMMANDS
    from nemo_notebook.notebook.reference import unique

    at, awaited = 0, None
    while at < len(words) and (awaited or _option(words[at], CELL_OPTIONS)):
        awaited = _awaited(words[at], awaited, CELL_OPTIONS)
        at += 1
    if awaited:
        return "variable", ()  # a name of the user's choice
    is_behind = at < len(words)
    if is_behind and not is_cell:
        command = COMMANDS.get(words[at])
        return _behind(command, words[at + 1 :], begun, given) if command else ("word", ())
    if begun.startswith("-") or (is_cell and (is_behind or not begun)):
        return "option", _starting(begun, _unused(CELL_OPTIONS, given))
    offered = [command for command in unique(COMMANDS) if command.takes_text or not is_cell]
    names = [name for name, command in COMMANDS.items() if command in offered]
    return "command", _starting(begun, names if begun else [command.name for command in offered])


def _behind(command: Command, words: Sequence[str], begun: str, given: set[str]) -> tuple[str, Sequence[str]]:
    """Of what kind the word is that is being typed behind a command, and what it may become."""
    number, awaited = 0, None
    for word in words:
        number += awaited is None and _option(word, command.options) is None
        awaited = _awaited(word, awaited, command.options)
    if awaited:
        return "value", _values(awaited, begun)
    if "=" in begun and (option := _option(begun, command.options)):
        return "value", _values(option, begun.partition("=")[2])
    flags = _unused(command.options, given)
    if command.takes_text and number:
        flags = [flag for flag in flags if flag == BACKGROUND.flag and begun]
    if begun.startswith("-"):
        return "option", _starting(begun, flags)
    choices = command.complete[min(number, len(command.complete) - 1)] if command.complete else None
    named = _starting(begun, _soon(lambda: choices(begun))) if choices and number < command.most_words else []
    return ("word", named) if named or begun else ("option", flags)


def _awaited(word: str, before: Option | None, options: Sequence[Option]) -> Option | None:
    """The option whose value comes next, behind a word that may be the value of the option `before` it."""
    option = None if before else _option(word, options)
    return option if option and option.value and "=" not in word else None


def _values(option: Option, begun: str) -> Sequence[str]:
    if option.value in _PATHS:
        return _soon(lambda: matching_files(begun))
    return _starting(begun, _soon(option.values))


def _option(word: str, options: Sequence[Option]) -> Option | None:
    flag = word.partition("=")[0]
    return next((option for option in options if option.flag == flag), None)


def _unused(options: Sequence[Option], given: set[str]) -> list[str]:
    return [option.flag for option in options if option.flag not in given]


def _starting(begun: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name and name.startswith(begun)]


def _soon(look: Callable[[], Sequence[str]]) -> Sequence[str]:
    """What is found within a moment: a disk that sleeps or a journal that is locked must not hold the editor up."""
    found: list[str] = []

    def run() -> None:
        with contextlib.suppress(Exception):  # whatever is wrong there shows when the command runs
            found.extend(look())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_PATIENCE_S)
    return found


def _fitted(texts: Sequence[str], raw: str, quote: str, after: str) -> tuple[str, ...]:
    """The texts as they have to be typed; where some end in what follows the cursor, those alone, up to there."""
    whole = [text for text in (_quoted(text, quote) for text in texts) if text]
    tail = _tail(after)
    inner = [text.removesuffix(tail) for text in whole if tail and text.endswith(tail)]
    return tuple([text for text in inner if text.startswith(raw)] or whole)


def _tail(after: str) -> str:
    """The rest of the word that the cursor is in."""
    return after.split(maxsplit=1)[0] if after[:1].strip() else ""


def _quoted(text: str, quote: str) -> str:
    """In quotes if it has to be, or if one is open, which stays so behind a folder; empty if it cannot be typed."""
    if not quote and [token.text for token in tokens(text)] == [text]:
        return text
    mark = next((mark for mark in (quote, '"', "'") if mark and mark not in text), "")
    return f"{mark}{text}{'' if text.endswith('/') else mark}" if mark else ""


def media_files(begun: str) -> list[str]:
    """The same where only songs, clips, pictures and folders are of use."""
    return matching_files(begun, lambda name: kind(name) != "other")


def matching_files(begun: str, is_wanted: Callable[[str], bool] = lambda _: True) -> list[str]:
    """The files and folders that a begun path may become, as they would be typed; folders end in a slash.

    Args:
        begun: What is typed so far, without quotes: relative, absolute, or in `~/`.
        is_wanted: Whether a file of that name is of use; folders always are.

    Returns:
        At most 500, in their order; hidden ones only if the name begins with a dot.

    Raises:
        OSError: What is typed so far is no folder.
    """
    start = os.path.split(begun)[1]
    head = begun.removesuffix(start)
    folder = Path(head).expanduser()
    names = sorted(name for name in os.listdir(folder) if name.startswith(start))  # noqa: PTH208 - quicker than paths
    found = (
        name
        for name in names
        if (start or not name.startswith("."))
        and (is_wanted(name) or (folder / name).is_dir())
        and plain(name) == name
        and len(name.splitlines()) == 1
    )
    return [
        f"{head or ('./' if name.startswith('-') else '')}{name}{'/' if (folder / name).is_dir() else ''}"
        for name in itertools.islice(found, _MOST_FILES)
    ]


def matches(context: Any) -> dict[str, Any]:
    """The answer to IPython's completer: ours alone in a `%nemo` line or cell, nothing elsewhere."""
    from IPython.core.completer import SimpleCompletion

    try:
        lines = context.full_text.split("\n")
        line, column = lines[context.cursor_line], context.cursor_position
        before = "\n".join([*lines[: context.cursor_line], line[:column]])
        found = complete(before, line[column:], _users_names()) if "%nemo" in before else None
    except Exception:  # a key that is pressed must not end in a traceback
        found = None
    if found is None:
        return {"completions": [], "suppress": False}
    return {
        "completions": _Ours(SimpleCompletion(text, type=found.kind) for text in found.texts),
        "matched_fragment": found.fragment,
        "ordered": True,
        "suppress": True,
        "do_not_suppress": set(),
    }


class _Ours(list[Any]):
    """A list that is never taken for empty: IPython suppresses its own guesses only where something was found."""

    def __len__(self) -> int:
        return max(1, super().__len__())


def _users_names() -> list[str]:
    from IPython.core.getipython import get_ipython

    from nemo_notebook.notebook.dispatch import is_value

    shell = get_ipython()
    if shell is None:
        return []
    hidden: Mapping[str, Any] = shell.user_ns_hidden
    return [
        name
        for name, value in list(shell.user_ns.items())
        if not name.startswith("_") and is_value(value) and hidden.get(name, shell) is not value
    ]
