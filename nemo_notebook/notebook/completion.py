"""Tab completion of `%nemo` lines, also behind `x = `, made from the table of commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

_LINE: Final = re.compile(r"^\s*(?:[A-Za-z_][\w.,\s]*=\s*)?%%?nemo(?P<rest>\s.*)?$")


def candidates(line: str) -> tuple[str, list[str]] | None:
    """For a line up to the cursor: the word that is being typed, and what it may become.

    Gives None where the line is no `%nemo` line.
    """
    found = _LINE.match(line)
    if not found or found["rest"] is None:
        return None
    from nemo_notebook.notebook.commands.help import unique
    from nemo_notebook.notebook.commands.jobs import known_jobs
    from nemo_notebook.notebook.commands.table import COMMANDS

    words = found["rest"].split()
    word = "" if line[-1].isspace() else words.pop()
    if line.lstrip().startswith("%%"):
        return word, _starting(word, ["--out"])
    if not words:
        return word, _starting(word, [command.name for command in unique(COMMANDS)])
    command = COMMANDS.get(words[0])
    if command is None or command.takes_text:
        return word, []
    options = {option.flag: option for option in command.options}
    if words[-1] in options and options[words[-1]].value:
        return word, _starting(word, options[words[-1]].values())
    if word.startswith("-"):
        return word, _starting(word, [flag for flag in options if flag not in words])
    named = _files(word) if command.completes == "files" else []
    named += _starting(word, COMMANDS) if command.completes == "commands" else []
    named += _starting(word, known_jobs()) if command.completes == "jobs" else []
    return word, named or (_starting(word, [flag for flag in options if flag not in words]) if not word else [])


def _starting(word: str, names: Any) -> list[str]:
    return [name for name in names if name.startswith(word)]


def _files(word: str) -> list[str]:
    quote = word[:1] if word[:1] in {'"', "'"} else ""
    typed = word.removeprefix(quote)
    head, slash, start = typed.rpartition("/")
    try:
        folder = Path(head + slash).expanduser() if slash else Path()
        names = sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())
    except (OSError, ValueError, RuntimeError):
        return []  # what is typed so far is no folder
    wanted = [
        head + slash + name for name in names if name.startswith(start) and name.startswith(".") <= (start[:1] == ".")
    ]
    return [f"{quote}{path}{quote}" if quote else f'"{path}"' if " " in path else path for path in wanted]


def matcher(context: Any) -> Any:
    """For IPython's `Completer.custom_matchers`: ours alone on a `%nemo` line, nothing elsewhere."""
    from IPython.core.completer import SimpleCompletion

    line = context.full_text.split("\n")[context.cursor_line][: context.cursor_position]
    found = candidates(line)
    if found is None:
        return {"completions": [], "suppress": False}
    word, names = found
    return {
        "completions": [SimpleCompletion(name, type="nemo") for name in names],
        "matched_fragment": word,
        "suppress": True,
        "do_not_suppress": set(),
    }


matcher.matcher_api_version = 2  # type: ignore[attr-defined]
matcher.matcher_identifier = "nemo_notebook"  # type: ignore[attr-defined]
