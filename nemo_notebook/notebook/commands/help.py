"""`%nemo help`: all commands, or one."""

from __future__ import annotations

from collections.abc import Mapping

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Arguments, Command, nearest
from nemo_notebook.notebook.screen import Bundle


def overview(commands: Mapping[str, Command]) -> str:
    """All commands in Markdown."""
    rows = [f"- `{command.usage}`  \n  {command.about}" for command in unique(commands)]
    return "\n".join(
        [
            "**%nemo** makes music videos by chat.",
            "",
            *rows,
            "- `%nemo TEXT` or a cell that begins with `%%nemo`  \n  Plain words: an export, a question or an edit.",
            "",
            "`%nemo help export` explains one command; Tab completes; `{name}` puts a variable in.",
        ]
    )


def details(command: Command) -> str:
    """One command in Markdown."""
    options = [
        f"- `{option.form}`: {option.about}"
        + (f" ({', '.join(option.values())})" if option.values() and not option.open_choices else "")
        for option in command.options
    ]
    names = f"Also: {', '.join(f'`%nemo {alias}`' for alias in command.aliases)}" if command.aliases else ""
    example = f"Example: `{command.example}`" if command.example else ""
    blocks = (f"`{command.usage}`", command.about, "\n".join(options), names, example)
    return "\n\n".join(block for block in blocks if block)


def unique(commands: Mapping[str, Command]) -> list[Command]:
    """The commands without their aliases, in their order."""
    return list(dict.fromkeys(commands.values()))


def command(commands: Mapping[str, Command]) -> Command:
    """The help command over a table of commands."""

    def run(context: Context, arguments: Arguments) -> Bundle:
        if not arguments.words:
            markdown = overview(commands)
        elif arguments.words[0] in commands:
            markdown = details(commands[arguments.words[0]])
        else:
            word = arguments.words[0]
            raise UsageError(f"There is no command {word!r}.", hint=nearest(word, commands) or "Try: %nemo help")
        shown = Bundle(markdown.replace("  \n", "\n"), text_markdown=markdown)
        context.screen.show(shown)
        return shown

    return Command(
        name="help",
        takes="[COMMAND]",
        about="Explain all commands, or one.",
        run=run,
        example="%nemo help export",
        max_words=1,
        completes="commands",
    )
