"""The table of all commands: their declarations in `commands.toml`, and what does them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.commands import batch, chat, production, projects, tape
from nemo_notebook.notebook.completion import matching_files, media_files
from nemo_notebook.notebook.display import Bundle
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Option, did_you_mean
from nemo_notebook.session.presets import EXPORT_FORMATS, EXPORT_QUALITIES, PRESETS, RESOLUTIONS
from nemo_notebook.settings import MODEL_PLACES

if TYPE_CHECKING:
    from nemo_notebook.notebook.execution import Call

_Choices = Mapping[str, Sequence[str] | Callable[[], Sequence[str]]]
_CHOICES: Final[_Choices] = {
    "format": EXPORT_FORMATS,
    "quality": EXPORT_QUALITIES,
    "resolution": RESOLUTIONS,
    "preset": tuple(PRESETS),
    "skill": projects.skill_names,
    "speed": tape.speeds,
}
"""The allowed values of options, by their names."""
_SUGGESTIONS: Final[_Choices] = {
    "backend": ("auto", "local", "cloud"),
    "language": ("auto", "en", "zh-CN"),
    "model": ("none", *MODEL_PLACES),
    "session": projects.known_sessions,
    "remove": projects.known_sessions,
    "restore": projects.removed_sessions,
}
"""Values of options that may have others, too."""


def run_help(_: Call | None, arguments: Arguments) -> Bundle:
    """Explain all commands, one of them, or the edits."""
    from nemo_notebook.film.edit import all_edits
    from nemo_notebook.notebook import reference

    word = arguments.words[0].lstrip("%") if arguments.words else ""
    if word in {"", "nemo"}:
        markdown = reference.overview(COMMANDS)
    elif word in COMMANDS:
        markdown = reference.details(COMMANDS[word])
    elif word == "edits":
        markdown = reference.edits()
    elif word in all_edits():
        markdown = reference.edit_details(word)
    else:
        near = did_you_mean(word, [*COMMANDS, "edits", *all_edits()]) or "`%nemo help` lists them."
        raise UsageError(f"There is no command {word[:60]!r}.", hint=near)
    return Bundle(reference.as_plain(markdown), text_markdown=markdown)


_RUN: Final[Mapping[str, Callable[..., Any]]] = {
    name.removeprefix("run_"): each
    for module in (projects, chat, production, batch, tape)
    for name, each in vars(module).items()
    if name.startswith("run_")
} | {"help": run_help}
_COMPLETE: Final[Mapping[str, tuple[Callable[[str], Sequence[str]], ...]]] = {
    "upload": (media_files,),
    "apply": (production.table_names,),
    "style": (production.style_names,),
    "export": (matching_files,),
    "batch": (media_files,),
    "resume": (production.known_jobs,),
    "cancel": (production.known_jobs,),
    "tape": (tape.verbs, tape.tape_files),
    "help": (lambda _: list(COMMANDS),),
}
_IS_MEANT: Final = {
    "apply": production.is_apply_meant,
    "style": production.is_style_meant,
    "open": projects.is_open_meant,
    "tape": tape.is_tape_meant,
}


def _option(name: str, value: str, about: str) -> Option:
    return Option(f"--{name}", value, about, _CHOICES.get(name, _SUGGESTIONS.get(name, ())), name in _SUGGESTIONS)


def _load() -> dict[str, Command]:
    declared = tomllib.loads(Path(__file__).with_name("commands.toml").read_text(encoding="utf-8"))
    presets = "\n".join(f"- `{preset.name}`: {preset.words}" for preset in PRESETS.values())
    found: dict[str, Command] = {}
    for name, row in declared.items():
        if name not in _RUN:
            raise LookupError(f"commands.toml has [{name}], but no module of commands/ has run_{name}.")
        options = tuple(_option(option, *form) for option, form in row.get("options", {}).items())
        command = Command(
            name,
            row["about"],
            _RUN[name],
            takes=row.get("takes", ""),
            options=(*options, BACKGROUND) if row.get("background") else options,
            example=row["example"],
            aliases=tuple(row.get("aliases", ())),
            more=row.get("more", "").strip().replace("{presets}", presets),
            complete=_COMPLETE.get(name, ()),
            is_meant=_IS_MEANT.get(name),
        )
        found |= dict.fromkeys((name, *command.aliases), command)
    return found


COMMANDS: Final[Mapping[str, Command]] = _load()
"""All commands by their names and aliases, in the order of the help."""
