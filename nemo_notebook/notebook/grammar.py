"""The language of `%nemo`: what commands there are and what they take. Apart from the work that they do.

Help, completion and the messages about mistakes are all made from these tables.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.interpolation import interpolate, interpolate_value, interpolate_word
from nemo_notebook.notebook.nearest import ALIKE, DASHES, LONGEST_NAME, closest, nearest
from nemo_notebook.notebook.splitting import tokens
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call

_SURELY: Final = 0.75  # so alike, an option at the beginning of a text is one that was mistyped
_NO_NAMES: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command.

    Attributes:
        flag: As it is typed, such as `--quality`.
        value: What its value is called in the help; empty for a switch, which has none.
        about: What it does, in a few words.
        choices: The values that it may have, or a function that gives them; empty where any will do.
        open_choices: Whether other values than the choices may be given too.
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
        """The option's name without its dashes."""
        return self.flag.lstrip("-").replace("-", "_")

    def values(self) -> tuple[str, ...]:
        """The choices."""
        return tuple(self.choices() if callable(self.choices) else self.choices)


BACKGROUND: Final = Option("--background", "", "go on meanwhile; gives a handle with wait, cancel and status")
CELL_OPTIONS: Final = (Option("--out", "NAME", "a variable for the result"), BACKGROUND)


@dataclass(frozen=True, slots=True)
class Words:
    """What a command takes beside its options.

    Attributes:
        form: How the help writes it: `PATH|GLOB|URL …`, `TEXT`, or in brackets what may be left out: `[JOB]`.
        most: How many words there may be.
        choices: What a word may become that begins so; for completion only.
        then: The same for the words behind the first, where these are of another kind.
        is_text: Whether all that follows is one text.
    """

    form: str
    most: int = 1
    choices: Callable[[str], Sequence[str]] | None = None
    then: Callable[[str], Sequence[str]] | None = None
    is_text: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether the command cannot do without."""
        return not self.form.startswith("[")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a command was given: words in their order, options by name (`yes` for a switch), or one text."""

    words: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: As it is typed.
        about: What it does, in one sentence.
        run: Does it, and gives the object that is shown; a coroutine function runs on the loop, a plain one on the
            cell's own thread.
        words: What it takes beside its options.
        options: Its options.
        example: A line that works.
        aliases: Other names.
        more: What its own help says further, in Markdown.
        is_meant: Whether a line that begins with its name is meant for it, by what follows and the user's variables;
            else the line is plain words.
    """

    name: str
    about: str
    run: Callable[[Call, Arguments], Any]
    words: Words | None = None
    options: tuple[Option, ...] = ()
    example: str = ""
    aliases: tuple[str, ...] = ()
    more: str = ""
    is_meant: Callable[[str, Mapping[str, Any]], bool] | None = None

    @property
    def usage(self) -> str:
        """The whole form, as in `%nemo export [PATH] [--format F]`."""
        words = [self.words.form] if self.words else []
        options = [f"[{option.form}]" for option in self.options]
        is_text = self.words is not None and self.words.is_text
        return " ".join(["%nemo", self.name, *(options + words if is_text else words + options)])

    def parse(self, rest: str, names: Mapping[str, Any] = _NO_NAMES) -> Arguments:
        """Read what follows the command's name, and put the user's variables in.

        Args:
            rest: What follows.
            names: The user's variables, for `{name}`.

        Raises:
            UsageError: An option, a value or a variable that there is not, or too many or too few words.
        """
        if self.words is not None and self.words.is_text:
            found = self._read_text(rest.strip(), names)
        else:
            read = _read(split(rest), self.options, self.usage, names)
            self._check_number(read, rest)
            found = Arguments(tuple(read.words), read.options, rest.strip())
        if self.words is not None and self.words.is_needed and not (found.text if self.words.is_text else found.words):
            raise UsageError(f"`{self.name}` needs {self.words.form}.", hint=f"For example: {self.example}")
        return found

    def _read_text(self, text: str, names: Mapping[str, Any]) -> Arguments:
        """A text whole, but for the options before it, and `--background` behind it."""
        by_flag = {option.flag: option for option in self.options}
        options: dict[str, str] = {}
        while text:
            first, *more = itertools.islice(tokens(text), 2)
            if first.text == "--":  # all behind it is meant
                return Arguments((), options, interpolate(text[first.end :].strip(), names))
            flag, value = find_flag(first.text, by_flag, _SURELY)
            if flag is None:
                break
            end = first.end
            if by_flag[flag].value and value is None and more:
                value, end = more[0].text, more[0].end
            options[by_flag[flag].name] = _value(by_flag[flag], value, names)
            text = text[end:].lstrip()
        parts = text.rsplit(maxsplit=1)
        if BACKGROUND in self.options and len(parts) == 2 and _is_background(parts[1]):
            text, options[BACKGROUND.name] = parts[0].rstrip(), "yes"
        return Arguments((), options, interpolate(text, names))

    def _check_number(self, read: _Read, rest: str) -> None:
        most = self.words.most if self.words else 0
        if len(read.words) <= most:
            return
        surplus = read.words[most]
        torn = next((at for at, flag in enumerate(read.behind[: most + 1]) if flag), None)
        if torn is not None:
            value = f"{read.options[Option(read.behind[torn], '', '').name]} {read.words[torn]}"
            hint = f'Quote a value that has spaces: {read.behind[torn]} "{_short(value)}"'
        elif self.words is None:
            hint = f"To say it to the editor: %nemo chat {self.name} {_short(rest)}"
        else:
            both = _short(" ".join(read.words[most - 1 : most + 1]))
            hint = f'Quote what has spaces: "{both}". `%nemo help {self.name}` explains.'
        takes = f" beside {self.words.form}" if self.words else ""
        raise UsageError(f"`{self.name}` does not take {_short(surplus)!r}{takes}.", hint=hint)


@dataclass(slots=True)
class _Read:
    """Words and options as they were typed; for each word, the option with a free value that it stands behind."""

    words: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)


def read_options(
    words: Sequence[str], options: Sequence[Option], usage: str, names: Mapping[str, Any] = _NO_NAMES
) -> tuple[list[str], dict[str, str]]:
    """Part plain words from options, and put the user's variables in.

    Raises:
        UsageError: An option that there is not, one without a value, or a value that it may not have.
    """
    read = _read(words, options, usage, names)
    return read.words, read.options


def _read(words: Sequence[str], options: Sequence[Option], usage: str, names: Mapping[str, Any]) -> _Read:
    by_flag = {option.flag: option for option in options}
    read, behind = _Read(), ""
    queue = iter(words)
    for word in queue:
        if word == "--":
            break
        flag, value = find_flag(word, by_flag)
        if flag is None and word.startswith("--"):
            raise UsageError(f"There is no option {_short(word)}.", hint=f"The form: {usage}")
        if flag is None:
            plain = interpolate_word(word, names)
            read.words += plain
            read.behind += [behind, *[""] * len(plain)][: len(plain)]
            behind = ""
            continue
        option = by_flag[flag]
        if option.value and value is None:
            value = next(queue, None)
            if value is not None and find_flag(value, by_flag)[0] is not None:
                value = None  # the next option is no value of this one
        read.options[option.name] = _value(option, value, names)
        behind = flag if option.value and (option.open_choices or not option.choices) else ""
    for word in queue:  # behind `--`
        read.words += (plain := interpolate_word(word, names))
        read.behind += [""] * len(plain)
    return read


def find_flag(word: str, flags: Iterable[str], cutoff: float = ALIKE) -> tuple[str | None, str | None]:
    """The option that a word is, with its value if that is there behind `=`; without one, it is a word.

    Raises:
        UsageError: It is none, but so like one that it is a mistake.
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


def _value(option: Option, value: str | None, names: Mapping[str, Any]) -> str:
    if not option.value:
        if value is not None:
            raise UsageError(f"{option.flag} takes no value.", hint=f"Write {option.flag} alone.")
        return "yes"
    if value is None:
        raise UsageError(f"{option.flag} needs a value.", hint=f"Its form: {option.form}")
    value = interpolate_value(value, names)
    choices = () if option.open_choices else option.values()
    if not choices or value in choices:
        return value
    for choice in choices:
        if choice.lower() == value.lower():
            return choice
    hint = f"{nearest(value, choices) or ''} Choose one of: {', '.join(choices)}.".strip()
    raise UsageError(f"{option.flag} cannot be {_short(value)!r}.", hint=hint)


def _is_background(word: str) -> bool:
    return word in {BACKGROUND.flag, *(f"{dash}background" for dash in DASHES[1:])}


def split(line: str) -> list[str]:
    """The words of a line. Quotes hold words together; a backslash is just that, as in Windows' paths.

    Raises:
        UsageError: A quote is not closed.
    """
    found = list(tokens(line))
    if any(token.quote for token in found):
        raise UsageError("A quote is not closed.", hint='Write "two words" or leave the quotes out.')
    return [token.text for token in found]


def _short(text: str) -> str:
    return redact(text, LONGEST_NAME)
