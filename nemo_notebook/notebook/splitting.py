"""A typed line taken apart into words, with where each begins and ends; the same for commands and for completion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SINGLE_END: Final = re.compile(r"'(?![^\W_])")
_CURLY: Final = {
    opening: re.compile(rf"(?P<end>[{closing}])(?!\S)|{opening}")  # another one that opens: this one was none
    for opening, closing in {"“": "”“", "„": "“”", "”": "”", "‘": "’‘", "‚": "‘’", "「": "」", "『": "』"}.items()
}
_LONGEST_CURLY: Final = 1000  # characters; whatever is longer is no quoted name


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a line.

    Attributes:
        text: What it says, without its quotes.
        start: Where it begins in the line, quotes and all.
        end: Where it ends.
        quote: The quote that is still open at the line's end; empty where none is.
    """

    text: str
    start: int
    end: int
    quote: str = ""


def tokens(line: str) -> Iterator[Token]:
    """The words of a line, one after another.

    Quotes hold words together, straight ones and those that an office program makes of them. A backslash is just that,
    as in Windows' paths, and so is an apostrophe within a word.
    """
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        token = _token(line, at)
        yield token
        at = token.end


def _token(line: str, start: int) -> Token:
    parts: list[str] = []
    at = start
    while at < len(line) and not line[at].isspace():
        mark = line[at]
        end = at
        if mark == '"' or (mark == "'" and not (at > start and line[at - 1].isalnum())):
            end = _end(line, at)
            if end < 0:
                return Token("".join([*parts, line[at + 1 :]]), start, len(line), mark)
            parts.append(line[at + 1 : end])
        elif mark in _CURLY and (at == start or line[at - 1] == "="):
            closing = _CURLY[mark].search(line, at + 1, at + _LONGEST_CURLY)
            end = closing.start() if closing and closing["end"] else at
            parts.append(line[at + 1 : end] if end > at else mark)
        else:
            parts.append(mark)
        at = end + 1
    return Token("".join(parts), start, at)


def _end(line: str, at: int) -> int:
    """Where a straight quote closes, -1 if it does not: a single one rather not before a letter, as in 'it's me'."""
    better = _SINGLE_END.search(line, at + 1) if line[at] == "'" else None
    return better.start() if better else line.find(line[at], at + 1)
