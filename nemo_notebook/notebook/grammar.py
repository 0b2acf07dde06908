"""The language of `%nemo`: what commands there are and what they take. Apart from the work that they do.

Help, completion and the messages about mistakes are all made from these tables.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError

if TYPE_CHECKING:
    from nemo_notebook.notebook.context import Context

_NAME: Final = re.compile(r"\{([A-Za-z_]\w*)\}")


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


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a command was given: words in their order, and options by name."""

    words: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: As it is typed.
        takes: What follows it, for the help: `PATH …`, `TEXT`, or nothing.
        about: What it does, in one sentence.
        run: Does it; gives the object that is shown.
        options: Its options.
        example: A line that works.
        takes_text: Whether all that follows is one text, options or not.
        max_words: How many words may follow.
        completes: What its words complete to: `files`, `commands`, `jobs`, or nothing.
        aliases: Other names.
    """

    name: str
    takes: str
    about: str
    run: Callable[[Context, Arguments], Any]
    options: tuple[Option, ...] = ()
    example: str = ""
    takes_text: bool = False
    max_words: int = 0
    completes: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """The whole form, as in `%nemo export [PATH] [--format F]`."""
        parts = ["%nemo", self.name, self.takes, *(f"[{option.form}]" for option in self.options)]
        return " ".join(part for part in parts if part)

    def parse(self, rest: str) -> Arguments:
        """Read what follows the command's name.

        Raises:
            UsageError: An option or a value that there is not; the nearest right one is named.
        """
        if self.takes_text:
            return Arguments(text=rest.strip())
        words, options = read_options(split(rest), self.options, self.usage)
        if len(words) > self.max_words:
            raise UsageError(f"`{self.name}` does not take {words[self.max_words]!r}.", hint=f"Its form: {self.usage}")
        return Arguments(tuple(words), options, rest.strip())


def read_options(words: Sequence[str], options: Sequence[Option], usage: str) -> tuple[list[str], dict[str, str]]:
    """Part plain words from options.

    Raises:
        UsageError: An option that there is not, one without a value, or a value that it may not have.
    """
    by_flag = {option.flag: option for option in options}
    plain: list[str] = []
    found: dict[str, str] = {}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("--"):
            plain.append(word)
            continue
        flag, has_value, value = word.partition("=")
        option = by_flag.get(flag)
        if option is None:
            raise UsageError(f"There is no option {flag}.", hint=nearest(flag, by_flag) or f"The form: {usage}")
        if not option.value:
            if has_value:
                raise UsageError(f"{flag} takes no value.", hint=f"The form: {usage}")
            found[option.name] = "yes"
            continue
        if not has_value:
            if not queue:
                raise UsageError(f"{flag} needs a value.", hint=f"The form: {usage}")
            value = queue.pop(0)
        choices = () if option.open_choices else option.values()
        if choices and value not in choices:
            hint = nearest(value, choices) or ""
            raise UsageError(
                f"{flag} cannot be {value!r}.", hint=f"{hint} Choose one of: {', '.join(choices)}.".strip()
            )
        found[option.name] = value
    return plain, found


def nearest(word: str, candidates: Sequence[str] | Mapping[str, object]) -> str | None:
    """A question after the candidate that is most like a word, if one is."""
    near = difflib.get_close_matches(word, list(candidates), n=1, cutoff=0.55)
    return f"Did you mean {near[0]}?" if near else None


def split(line: str) -> list[str]:
    """The words of a line. Quotes hold words together; a backslash is just that, as in Windows' paths.

    Raises:
        UsageError: A quote is not closed.
    """
    reader = shlex.shlex(line, posix=True, punctuation_chars=False)
    reader.whitespace_split = True
    reader.escape = ""
    reader.commenters = ""
    try:
        return list(reader)
    except ValueError as error:
        raise UsageError("A quote is not closed.", hint='Write "two words" or leave the quotes out.') from error


def interpolate(text: str, names: Mapping[str, Any]) -> str:
    """Put variables in for `{name}`; braces that name none, and all other braces, stay as they are."""
    return _NAME.sub(lambda found: str(names[found[1]]) if found[1] in names else found[0], text)
