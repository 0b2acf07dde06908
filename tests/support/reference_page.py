"""The reference page among the notebooks, made from the tables of commands and edits: `python -m tests reference`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat import v4
from saved_outputs import run

from nemo_notebook import examples
from nemo_notebook.film.edit import all_edits
from nemo_notebook.notebook import reference
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.defaults import Defaults

INTRO = """\
# Every command

Read it, or run it from the top: **Run → Run All Cells**. It works on this machine alone, with the song and the clips in
`media/`. `%nemo help` says the same in any notebook, `%nemo help export` explains one command, and Tab completes
commands, options, values, files, jobs and sessions."""

FORMS = """\
## Lines, cells and results

| you type | what it does |
| --- | --- |
| `%nemo export film.mp4` | a command |
| `%nemo make the music quieter` | plain words: an export, a question or an edit |
| `%%nemo` and words below | the same with a whole cell |
| `line = %nemo status` | keeps the object that is shown |
| `%%nemo --out reply` | keeps it, for a cell |
| `%nemo --background export film.mp4` | goes on while other cells run; gives a handle: `wait`, `cancel`, `status` |
| `%nemo upload {files}` | puts a variable in: a path, a list of paths, a column of a table |
| `%nemo upload "my clip.mp4"` | quotes hold a name with spaces together |
| `%nemo chat -- --fast` | behind `--` nothing is an option |

`{name}`, `{clip.title}`, `{rows[0]}` and `{table[key]}` are filled from your variables. All other braces stay as they
are, JSON too, and `{{name}}` gives `{name}`. A cell can be stopped at any time: what the backend has begun goes on, and
`%nemo resume` comes back to it."""

EDITS = """\
## Edits

Every change of a film is a list of edits, whoever makes it: words, a table, the panel or Python. Each has a method:
`session.film.titles.add("Urban Dreams", start_s=0, end_s=3)`, `session.film.shots[2].trim(end_s=1.5)`; and a name:
`session.edit("set_volume", target={"kind": "music"}, volume=0.35)`. Only
what is marked as needed has to be given."""

PROJECT = """\
A project's own defaults stand in the nearest `pyproject.toml`, and are read when the extension is loaded:

```toml
[tool.nemo]
skill = "music-maker"
quality = "medium"
```

There, `backend` may be `auto`, `local` or `cloud`, but no address: a file that comes with a project must not decide
where media and tokens go."""

RUNNABLE = {
    "connect": ["%nemo connect --skill from-music --backend local"],
    "upload": ["%nemo upload media/song.mp3 media/*.mp4"],
    "chat": [
        "%nemo chat create a video from this music with beat-synced cuts",
        'title = "Paper Lanterns"',
        '%%nemo --out reply\nadd a title "{title}" for the first 3 seconds',
        "reply.changes",
    ],
    "status": ["line = %nemo status", "line.frame.query(\"kind == 'text'\")"],
    "apply": ['frame = line.frame\nframe.loc[frame.kind == "text", "end_s"] = 5.0\n%nemo apply frame'],
    "undo": ["%nemo undo"],
    "redo": ["%nemo redo"],
    "history": ["%nemo history"],
    "export": ["%nemo export preview.mp4 --quality preview"],
    "batch": ['%nemo batch media/*.mp3 --prompt "make a music video with a visualizer" --out films --quality preview'],
    "credits": ["%nemo credits"],
    "skills": ["%nemo skills"],
    "help": ["%nemo help export"],
}
"""For each command, the cells that show it at work."""


def page() -> Any:
    """The page without outputs."""
    return v4.new_notebook(cells=list(_cells()))


def _cells() -> Iterator[Any]:
    yield v4.new_markdown_cell(INTRO)
    yield v4.new_code_cell("%load_ext nemo_notebook")
    yield v4.new_markdown_cell(FORMS)
    yield v4.new_markdown_cell("## Commands")
    for command in reference.unique(COMMANDS):
        yield v4.new_markdown_cell(reference.details(command, is_section=True))
        for code in RUNNABLE.get(command.name, []):
            yield v4.new_code_cell(code)
    yield v4.new_markdown_cell(EDITS)
    for name in sorted(all_edits()):
        yield v4.new_markdown_cell(reference.edit_details(name))
    yield v4.new_markdown_cell(f'## Settings\n\nSet with `%config NemoMagics.skill = "music-maker"`.\n\n{settings()}')
    yield v4.new_markdown_cell(PROJECT)


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
