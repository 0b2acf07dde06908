"""The reference page among the notebooks: `python -m tests reference`.

It is made from the tables of commands and edits, with the prose and the cells of `reference_page.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4
from saved_outputs import run

from nemo_notebook import examples
from nemo_notebook.film.edit import all_edits
from nemo_notebook.notebook import reference
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.defaults import Defaults

TEXTS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
RUNNABLE: dict[str, list[str]] = TEXTS["runnable"]
"""For each command, the cells that show it at work."""


def page() -> Any:
    """The page without outputs."""
    return v4.new_notebook(cells=list(_cells()))


def _cells() -> Iterator[Any]:
    yield v4.new_markdown_cell(TEXTS["intro"])
    yield v4.new_code_cell("%load_ext nemo_notebook")
    yield v4.new_markdown_cell(TEXTS["forms"])
    yield v4.new_markdown_cell("## Commands")
    for command in reference.unique(COMMANDS):
        yield v4.new_markdown_cell(reference.details(command, is_section=True))
        for code in RUNNABLE.get(command.name, []):
            yield v4.new_code_cell(code)
    yield v4.new_markdown_cell(TEXTS["edits"])
    for name in sorted(all_edits()):
        yield v4.new_markdown_cell(reference.edit_details(name))
    yield v4.new_markdown_cell(f'## Settings\n\nSet with `%config NemoMagics.skill = "music-maker"`.\n\n{settings()}')
    yield v4.new_markdown_cell(TEXTS["project"])


def settings() -> str:
    """The settings of `%config NemoMagics` as a table in Markdown."""
    rows = []
    for name, trait in sorted(Defaults.class_traits(config=True).items()):
        values = ", ".join(f"`{value}`" for value in getattr(trait, "values", ()) or () if value)
        rows.append((f"`{name}`", f"`{trait.default_value!r}`", trait.help + (f" One of: {values}." if values else "")))
    return reference.table(("setting", "default", "meaning"), rows)


def main() -> None:
    """Make the page anew."""
    nbformat.write(run(page()), examples.folder() / "reference.ipynb")


if __name__ == "__main__":
    main()
