"""The language of `%nemo`: the words of a line, and what commands and options are.

Commands are declared in `commands.toml`; help, completion and the messages about mistakes are made from them.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook import media_types
from nemo_notebook.errors import UsageError
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.notebook.execution import Call

DASHES: Final = "-‐‑‒–—―−﹣－"
"""The hyphen, and what editors and keyboards make of two."""
SURELY: Final = 0.75
"""So alike, from 0 to 1, one of two words is surely the other mistyped."""
_ALIKE: Final = 0.55
_LONGEST_NAME: Final = 60  # characters of a word that is still looked for
_MANY: Final = 1000  # words of a command that takes any number
_FREE: Final = frozenset({"TEXT", "DIR", "PATH"})  # values that may have spaces
_PATH_MARKS: Final = "*?[{/\\~"
_CURLY: Final = {"“": "”“", "„": "“”", "”": "”", "‘": "’‘", "‚": "‘’", "「": "」", "『": "』"}
_PIECE: Final = re.compile(
    "|".join(
        [
            r'"([^"]*)"',
            r"(?<![^\W_])'(.*?)'(?![^\W_])",  # a single quote rather ends where no letter follows, as in 'it's me'
            r"(?<![^\W_])'([^']*)'",
            r"(?P<open>\"|(?<![^\W_])')(.*)",
            *(rf"(?<![^\s=]){begin}([^{begin}]{{0,1000}}?)[{end}](?!\S)" for begin, end in _CURLY.items()),
            r"\S",
        ]
    ),
    re.DOTALL,
)
_WORD_BEGIN: Final = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class LineWord:
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


def tokens(line: str) -> Iterator[LineWord]:
    """Split a line into words lazily.

    Quotes hold words together, straight ones and those that an office program makes of them. A backslash is literal,
    as in Windows paths, and so is an apostrophe within a word.
    """
    at = 0
    while found := _WORD_BEGIN.search(line, at):
        start = at = found.start()
        text = quote = ""
        while piece := _PIECE.match(line, at):
            text += piece[piece.lastindex or 0]
            quote, at = piece["open"] or "", piece.end()
        yield LineWord(text, start, at, quote)


def split_line(line: str) -> list[str]:
    """The words of a line.

    Raises:
        UsageError: A quote is not closed.
    """
    found = list(tokens(line))
    if any(token.quote for token in found):
        raise UsageError("A quote is not closed.", hint='Write "two words" or leave the quotes out.')
    return [token.text for token in found]


def did_you_mean(word: str, candidates: Sequence[str] | Mapping[str, object]) -> str | None:
    """A "Did you mean …?" for a mistyped word; None where no candidate is alike enough."""
    near = closest(word, candidates)
    return f"Did you mean {near}?" if near else None


def closest(word: str, candidates: Iterable[str], cutoff: float = _ALIKE) -> str | None:
    """The candidate most like a word, regardless of dashes and case; None where none is alike enough."""
    bare = word.lstrip(DASHES).lower()
    by_name = {candidate.lstrip("-").lower(): candidate for candidate in candidates}
    if not 1 < len(bare) <= _LONGEST_NAME:
        return None
    begun = [name for name in by_name if name.startswith(bare)]
    near = begun or difflib.get_close_matches(bare, list(by_name), n=1, cutoff=cutoff)
    return by_name[near[0]] if near else None


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command.

    Attributes:
        flag: As it is typed, such as `--quality`.
        value: What its value is called in the help; empty for a switch.
        about: What it does, in a few words.
        choices: The allowed values, or a function that gives them; empty where any will do.
        open_choices: Whether other values than the choices are allowed too.
    """

    flag: str
    value: str
    about: str
    choices: Sequence[str] | Callable[[], Sequence[str]] = ()
    open_choices: bool = False

    @property
    def form(self) -> str:
        """The option as it is typed, such as `--quality low|medium|high`."""
        return f"{self.flag} {self.value}".rstrip()

    @property
    def name(self) -> str:
        """The option's key in `Arguments.options`."""
        return self.flag.lstrip("-").replace("-", "_")

    def values(self) -> tuple[str, ...]:
        """The choices."""
        return tuple(self.choices() if callable(self.choices) else self.choices)


BACKGROUND: Final = Option("--background", "", "go on meanwhile; gives a handle with wait, cancel and status")
CELL_OPTIONS: Final = (Option("--out", "NAME", "a variable for the result"), BACKGROUND)


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a command was given: words in their order, options by name (`yes` for a switch), and the raw text."""

    words: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: As it is typed.
        about: What it does, in one sentence.
        run: Does it and returns the object to show; a coroutine function runs on the loop, a plain one on the cell's
            own thread.
        takes: What it takes beside its options: `PATH|GLOB|URL …` for any number, `TEXT` for the rest of the line as
            it is, in brackets what may be left out: `[JOB]`; empty for nothing.
        options: Its options.
        example: A line that works.
        aliases: Other names.
        more: What its own help says further, in Markdown.
        complete: For completion: what a begun word may become; one function a word, the last one for all further.
        is_meant: Whether a line that begins with its name is meant for it, by what follows and the user's variables;
            else the line is plain words.
    """

    name: str
    about: str
    run: Callable[[Call, Arguments], Any]
    takes: str = ""
    options: tuple[Option, ...] = ()
    example: str = ""
    aliases: tuple[str, ...] = ()
    more: str = ""
    complete: tuple[Callable[[str], Sequence[str]], ...] = ()
    is_meant: Callable[[str, Mapping[str, Any]], bool] | None = None

    @property
    def takes_text(self) -> bool:
        """Whether all that follows is one text."""
        return self.takes == "TEXT"

    @property
    def most_words(self) -> int:
        """How many words it takes at most."""
        return _MANY if self.takes.endswith("…") else len(self.takes.split())

    @property
    def usage(self) -> str:
        """The whole form, as in `%nemo export [PATH] [--format F]`."""
        words = [self.takes] if self.takes else []
        options = [f"[{option.form}]" for option in self.options]
        return " ".join(["%nemo", self.name, *(options + words if self.takes_text else words + options)])


def find_flag(word: str, flags: Iterable[str], cutoff: float = _ALIKE) -> tuple[str | None, str | None]:
    """The option that a word is, and its value if that follows a `=`; (None, None) for a plain word.

    Raises:
        UsageError: It is no option, but so like one that it is a mistake.
    """
    head, has_value, value = word.partition("=")
    stem = head.lstrip(DASHES)
    if stem == head or not stem:
        return None, None
    flag = "--" + "".join("-" if mark in DASHES or mark == "_" else mark for mark in stem).lower()
    if flag in flags:
        return flag, value if has_value else None
    if near := closest(flag, flags, cutoff):
        raise UsageError(f"There is no option {shorten(head)}.", hint=f"Did you mean {near}?")
    return None, None


def unquoted_value(line: str, options: Sequence[Option]) -> str | None:
    """The first option of a line whose value goes on without quotes, with that value in quotes; None without one.

    A word behind a value is taken for the rest of it unless it looks like a file, or is one.

    Raises:
        UsageError: An option that is mistyped.
    """
    by_flag = {option.flag: option for option in options}
    words = [token.text for token in tokens(line)]
    for at, word in enumerate(words):
        flag, value = find_flag(word, by_flag)
        if flag is None or by_flag[flag].value not in _FREE:
            continue
        behind = words[at + 1 :] if value is None else [value, *words[at + 1 :]]
        if more := list(itertools.takewhile(_is_prose, behind[1:])):
            whole = " ".join([behind[0], *more]).replace('"', "'")
            return f'{flag} "{whole}"'
    return None


def _is_prose(word: str) -> bool:
    return word[:1] not in DASHES and not _may_be_file(word)


def _may_be_file(word: str) -> bool:
    if any(mark in word for mark in _PATH_MARKS) or media_types.kind(word) != "other":
        return True
    try:
        return Path(word).exists()
    except (OSError, ValueError):  # too long for a name, or none at all
        return False


def shorten(text: str) -> str:
    """A part of what was typed, for a message."""
    return redact(text, _LONGEST_NAME)
