"""What is said about commands and edits in help, in `%nemo?` and on the reference page: all from their definitions."""

from __future__ import annotations

import html
import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from nemo_notebook.film.edit import all_edits, fields_of

if TYPE_CHECKING:
    from nemo_notebook.film.edit import Edit
    from nemo_notebook.notebook.grammar import Command, Option

_TITLE: Final = "**%nemo** makes music videos by chat."
_WIDTH: Final = 80  # characters of a line in a terminal
_CODE: Final = re.compile(r"`([^`\n]*--[^`\n]*)`")
_FLAG: Final = re.compile(r"\[--[^\]]+\]|--[\w-]+(?: [^\s\[]+)?")
_WHOLE: Final = r'<span style="white-space:nowrap">\g<0></span>'
_TAG: Final = re.compile(r"</?(?:code|span)[^>]*>")
_LAST: Final = (
    "`%nemo help export` explains one command, Tab completes, `{name}` puts a variable in, "
    "`x = %nemo status` and `%%nemo --out x` keep what is shown."
)


def overview(commands: Mapping[str, Command]) -> str:
    """All commands in Markdown, a line each."""
    lines = [f"- `{_short_form(command)}`: {command.about}" for command in unique(commands)]
    lines += ["- `%nemo TEXT`, or a cell that begins with `%%nemo`: Plain words: an export, a question or an edit."]
    return _unbroken("\n".join([_TITLE, "", *lines, "", _LAST]))


def details(command: Command, *, is_section: bool = False) -> str:
    """One command in Markdown: its own help, or a section of the reference page with a table of options."""
    names = ", ".join(f"`%nemo {alias}`" for alias in command.aliases)
    usage, options = f"`{command.usage}`", [f"- `{option.form}`: {_about(option)}" for option in command.options]
    blocks = (
        *((f"### {command.name}", command.about, usage) if is_section else (usage, command.about)),
        _table_of(command.options) if is_section else "\n".join(options),
        command.more,
        f"Also: {names}" if names else "",
        "" if command.example in {"", command.usage} else f"For example: `{command.example}`",
    )
    return _unbroken("\n\n".join(block for block in blocks if block))


def edits() -> str:
    """All edits in Markdown, a line each."""
    lines = [f"- `{name}`: {_summary(kind)}" for name, kind in sorted(all_edits().items())]
    example = 'session.edit("add_title", text="Urban Dreams", start_s=0, end_s=3)'
    return "\n".join(["**Edits** change the film from Python.", "", *lines, "", f"For example `{example}`."])


def edit_details(name: str) -> str:
    """One edit in Markdown, with its fields."""
    kind = all_edits()[name]
    needed = {field.name for field in msgspec.structs.fields(kind) if field.required}
    rows = [
        (f"`{field}`{', needed' if field in needed else ''}", allowed, about)
        for field, allowed, about in fields_of(kind)
    ]
    return "\n\n".join([f"### {name}", inspect.cleandoc(str(kind.__doc__)), table(("field", "takes", "meaning"), rows)])


def _summary(kind: type[Edit]) -> str:
    return str(kind.__doc__).partition("\n\n")[0].replace("\n", " ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; a bar within a cell is part of its text."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def unique(commands: Mapping[str, Command]) -> list[Command]:
    """The commands without their aliases, in their order."""
    return list({command.name: command for command in commands.values()}.values())


def as_plain(markdown: str) -> str:
    """The Markdown of this module as it reads in a terminal: in lines that are broken at spaces only."""
    text = re.sub(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*", lambda found: found[1] or found[2], markdown)
    return "\n".join(_folded(html.unescape(_TAG.sub("", line))) for line in text.split("\n"))


def _folded(line: str) -> str:
    indent = re.match(r" *(?:- )?", line)
    assert indent is not None
    return textwrap.fill(
        line, _WIDTH, subsequent_indent=" " * indent.end(), break_on_hyphens=False, break_long_words=False
    )


def _unbroken(markdown: str) -> str:
    """The same where no line breaks within an option: a browser would do so behind its hyphens."""
    return _CODE.sub(lambda found: f"<code>{_FLAG.sub(_WHOLE, html.escape(found[1], quote=False))}</code>", markdown)


def _short_form(command: Command) -> str:
    """The form for a list of all: without the options where there are many."""
    words = f" {command.takes}" if command.takes else ""
    return f"%nemo {command.name}{words} [options]" if len(command.options) > 1 else command.usage


def _table_of(options: Sequence[Option]) -> str:
    """Options as a table; without code around values, as not all front ends let bars be within it."""
    if not options:
        return ""
    if not any(option.value for option in options):
        return table(("option", "what it does"), [(f"`{option.flag}`", option.about) for option in options])
    rows = [
        (f"`{option.flag}`", ", ".join(_values(option)) or option.value.replace("|", ", "), option.about)
        for option in options
    ]
    return table(("option", "value", "what it does"), rows)


def _values(option: Option) -> Sequence[str]:
    return () if option.open_choices else option.values()


def _about(option: Option) -> str:
    values = _values(option)
    if not values or "|".join(values) == option.value:
        return option.about
    return f"{option.about} ({', '.join(values)})"
