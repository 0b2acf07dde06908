"""Lines that would be taken for something else: values with spaces and no quotes, options that are given twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from nemo_notebook import media_types
from nemo_notebook.notebook.grammar import Option, find_flag
from nemo_notebook.notebook.splitting import Token, tokens

_OF_FILES: Final = "*?[{/\\~"


def mend(line: str, options: Sequence[Option], free: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The same line with quotes around values that were torn at their spaces, and the options that these belong to.

    A word behind a value is taken for the rest of it unless it looks like a file, or is one.

    Args:
        line: What follows the command's name.
        options: All of its options.
        free: Those whose value may have spaces.

    Raises:
        UsageError: An option that is mistyped.
    """
    by_flag = {option.flag: option for option in options}
    torn: list[str] = []
    found = list(tokens(line))
    for at in range(len(found) - 1, -1, -1):  # from behind, so that what is found before stays where it is
        flag, value = find_flag(found[at].text, by_flag)
        if flag not in free:
            continue
        rest = found[at + 1 :] if value is not None else found[at + 2 :]
        more = _rest_of_value(rest, by_flag)
        if flag is not None and more:
            begin = found[at] if value is not None else found[at + 1]
            first = begin.text if value is None else value
            start = begin.start if value is None else line.index("=", begin.start) + 1
            whole = _quoted(" ".join([first, *(token.text for token in more)]))
            line = f"{line[:start]}{whole}{line[more[-1].end :]}"
            torn.append(flag)
    return line, tuple(reversed(torn))


def repeated(line: str, options: Sequence[Option]) -> list[str]:
    """The options that a line gives more than once, of which only the last would hold."""
    by_flag = {option.flag: option for option in options}
    count = Counter(find_flag(token.text, by_flag)[0] for token in tokens(line))
    return [flag for flag, times in count.items() if flag is not None and times > 1]


def _rest_of_value(behind: Sequence[Token], by_flag: Mapping[str, Option]) -> list[Token]:
    """The words behind a value that belong to it."""
    more: list[Token] = []
    for token in behind:
        if token.text.startswith("--") or find_flag(token.text, by_flag)[0] is not None:
            break
        more.append(token)
    if not more or _may_be_file(more[0].text):
        return []
    while _may_be_file(more[-1].text):
        more.pop()
    return more


def _may_be_file(word: str) -> bool:
    if any(mark in word for mark in _OF_FILES) or media_types.kind(word) != "other":
        return True
    try:
        return Path(word).exists()
    except (OSError, ValueError):  # too long for a name, or none at all
        return False


def _quoted(value: str) -> str:
    if '"' not in value:
        return f'"{value}"'
    return f"'{value}'" if "'" not in value else '"' + value.replace('"', "'") + '"'
