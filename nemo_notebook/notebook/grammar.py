"""The language of `%nemo`: which commands there are, what they take, and how a line is read.

Declarations stand in `commands.toml`; help, completion and the messages about mistakes are made from them.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook import media_types
from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.interpolation import interpolate, interpolate_value, interpolate_word
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
_NO_NAMES: Final[Mapping[str, Any]] = {}
_MARK: Final = " "  # before words and values, so that argparse takes none for an option
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
        yield Token(text, start, at, quote)


def split(line: str) -> list[str]:
    """The words of a line.

    Raises:
        UsageError: A quote is not closed.
    """
    found = list(tokens(line))
    if any(token.quote for token in found):
        raise UsageError("A quote is not closed.", hint='Write "two words" or leave the quotes out.')
    return [token.text for token in found]


def nearest(word: str, candidates: Sequence[str] | Mapping[str, object]) -> str | None:
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

    def read(self, value: str | None, names: Mapping[str, Any]) -> str:
        """Validate a value as it was typed, with the user's variables put in; `yes` for a switch.

        Raises:
            UsageError: A value that is missing, not allowed, or given to a switch.
        """
        if not self.value:
            if value is not None:
                raise UsageError(f"{self.flag} takes no value.", hint=f"Write {self.flag} alone.")
            return "yes"
        if value is None:
            raise UsageError(f"{self.flag} needs a value.", hint=f"Its form: {self.form}")
        value = interpolate_value(value, names)
        choices = () if self.open_choices else self.values()
        if not choices or value in choices:
            return value
        for choice in choices:
            if choice.lower() == value.lower():
                return choice
        hint = f"{nearest(value, choices) or ''} Choose one of: {', '.join(choices)}.".strip()
        raise UsageError(f"{self.flag} cannot be {_short(value)!r}.", hint=hint)


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

    def parse(self, rest: str, names: Mapping[str, Any] = _NO_NAMES) -> Arguments:
        """Parse what follows the command's name, with the user's variables for `{name}`.

        Raises:
            UsageError: An unknown option, value or variable, or too many or too few words.
        """
        if self.takes_text:
            found = self._parse_text(rest.strip(), names)
        else:
            words, options = read_options(split(rest), self.options, self.usage, names)
            if len(words) > self.most_words:
                raise self._surplus(words, rest)
            found = Arguments(tuple(words), options, rest.strip())
        is_needed = self.takes and not self.takes.startswith("[")
        if is_needed and not (found.text if self.takes_text else found.words):
            raise UsageError(f"`{self.name}` needs {self.takes}.", hint=f"For example: {self.example}")
        return found

    def _parse_text(self, text: str, names: Mapping[str, Any]) -> Arguments:
        """A text as it is, but for options before it and `--background` behind it."""
        by_flag = {option.flag: option for option in self.options}
        options: dict[str, str] = {}
        while text:
            first, *more = itertools.islice(tokens(text), 2)
            if first.text == "--":
                return Arguments((), options, interpolate(text[first.end :].strip(), names))
            flag, value = find_flag(first.text, by_flag, SURELY)
            if flag is None:
                break
            end = first.end
            if by_flag[flag].value and value is None and more:
                value, end = more[0].text, more[0].end
            options[by_flag[flag].name] = by_flag[flag].read(value, names)
            text = text[end:].lstrip()
        parts = text.rsplit(maxsplit=1)
        if BACKGROUND in self.options and len(parts) == 2 and _is_background(parts[1]):
            text, options[BACKGROUND.name] = parts[0].rstrip(), "yes"
        return Arguments((), options, interpolate(text, names))

    def _surplus(self, words: Sequence[str], rest: str) -> UsageError:
        most = self.most_words
        whole, unquoted = quote_values(rest, self.options)
        if unquoted:
            hint = f"Quote a value that has spaces: {_short(whole)}"
        elif not self.takes:
            hint = f"To say it to the editor: %nemo chat {self.name} {_short(rest)}"
        else:
            hint = f'Quote what has spaces: "{_short(" ".join(words[most - 1 : most + 1]))}".'
            hint += f" `%nemo help {self.name}` explains."
        takes = f" beside {self.takes}" if self.takes else ""
        return UsageError(f"`{self.name}` does not take {_short(words[most])!r}{takes}.", hint=hint)


def read_options(
    words: Sequence[str], options: Sequence[Option], usage: str, names: Mapping[str, Any] = _NO_NAMES
) -> tuple[list[str], dict[str, str]]:
    """Separate plain words from options, and put the user's variables in.

    Raises:
        UsageError: An unknown option, one without a value, or a value that is not allowed.
    """
    by_flag = {option.flag: option for option in options}
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for option in options:
        how: dict[str, Any] = {} if option.value else {"action": "store_const", "const": None}
        parser.add_argument(option.flag, dest=option.name, default=argparse.SUPPRESS, **how)
    queue, line = iter(words), list[str]()
    for word in itertools.takewhile(lambda word: word != "--", queue):
        flag, value = find_flag(word, by_flag)
        if flag is None and word.startswith("--"):
            raise UsageError(f"There is no option {_short(word)}.", hint=f"The form: {usage}")
        line.append(_MARK + word if flag is None else flag if value is None else f"{flag}={_MARK}{value}")
    try:
        given, plain = parser.parse_known_args([*line, *(_MARK + word for word in queue)])
    except argparse.ArgumentError as error:
        option = by_flag[error.argument_name or ""]
        option.read(None if option.value else "", names)  # tells what is wrong with it
        raise
    read: dict[str, str] = {}
    for option in options:
        if hasattr(given, option.name):
            value = getattr(given, option.name)
            read[option.name] = option.read(value and value[1:], names)
    return [each for word in plain for each in interpolate_word(word[1:], names)], read


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
        raise UsageError(f"There is no option {_short(head)}.", hint=f"Did you mean {near}?")
    return None, None


def quote_values(line: str, options: Sequence[Option]) -> tuple[str, tuple[str, ...]]:
    """The line with quotes around values that lack them, and the options that these belong to.

    A word behind a free value is taken for the rest of it unless it looks like a file, or is one.

    Raises:
        UsageError: An option that is mistyped.
    """
    by_flag = {option.flag: option for option in options}
    unquoted: list[str] = []
    found = list(tokens(line))
    for at in range(len(found) - 1, -1, -1):  # backwards, so that the positions before stay valid
        flag, value = find_flag(found[at].text, by_flag)
        if flag is None or by_flag[flag].value not in _FREE:
            continue
        begin = found[at] if value is not None else found[at + 1] if at + 1 < len(found) else None
        more = _rest_of_value(found[at + (1 if value is not None else 2) :], by_flag)
        if begin is not None and more:
            first = begin.text if value is None else value
            start = begin.start if value is None else line.index("=", begin.start) + 1
            whole = " ".join([first, *(token.text for token in more)])
            line = f"{line[:start]}{_quoted(whole)}{line[more[-1].end :]}"
            unquoted.append(flag)
    return line, tuple(reversed(unquoted))


def repeated(line: str, options: Sequence[Option]) -> list[str]:
    """The options that a line gives more than once."""
    by_flag = {option.flag: option for option in options}
    count = Counter(find_flag(token.text, by_flag)[0] for token in tokens(line))
    return [flag for flag, times in count.items() if flag is not None and times > 1]


def _rest_of_value(behind: Sequence[Token], by_flag: Mapping[str, Option]) -> list[Token]:
    more = list(
        itertools.takewhile(
            lambda token: not token.text.startswith("--") and find_flag(token.text, by_flag)[0] is None, behind
        )
    )
    if not more or _may_be_file(more[0].text):
        return []
    while _may_be_file(more[-1].text):
        more.pop()
    return more


def _may_be_file(word: str) -> bool:
    if any(mark in word for mark in _PATH_MARKS) or media_types.kind(word) != "other":
        return True
    try:
        return Path(word).exists()
    except (OSError, ValueError):  # too long for a name, or none at all
        return False


def _quoted(value: str) -> str:
    if '"' not in value:
        return f'"{value}"'
    return f"'{value}'" if "'" not in value else '"' + value.replace('"', "'") + '"'


def _is_background(word: str) -> bool:
    return word in {BACKGROUND.flag, *(f"{dash}background" for dash in DASHES[1:])}


def _short(text: str) -> str:
    return redact(text, _LONGEST_NAME)
