"""The reference page among the notebooks, made from the table of commands: `python -m tests reference`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import v4

from nemo_notebook import examples
from nemo_notebook.notebook import reference
from nemo_notebook.notebook.commands.table import COMMANDS
from nemo_notebook.notebook.magics import NemoMagics

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
    "credits": ["%nemo credits"],
    "skills": ["%nemo skills"],
    "help": ["%nemo help export"],
}
"""For each command, the cells that show it at work."""


def page() -> Any:
    """The page without outputs."""
    return finished(_cells())


def finished(cells: Iterable[Any]) -> Any:
    """A notebook of these cells, which have the same ids each time that it is made."""
    cells = list(cells)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    return notebook


def _cells() -> Iterator[Any]:
    yield v4.new_markdown_cell(INTRO)
    yield v4.new_code_cell("%load_ext nemo_notebook")
    yield v4.new_markdown_cell(FORMS)
    yield v4.new_markdown_cell("## Commands")
    for command in reference.unique(COMMANDS):
        yield v4.new_markdown_cell(reference.section(command))
        for code in RUNNABLE.get(command.name, []):
            yield v4.new_code_cell(code)
    traits = NemoMagics.class_own_traits(config=True)
    yield v4.new_markdown_cell(
        f'## Settings\n\nSet with `%config NemoMagics.skill = "music-maker"`.\n\n{reference.settings(traits)}'
    )
    yield v4.new_markdown_cell(PROJECT)


def run(notebook: Any) -> Any:
    """The page with its outputs: run in a folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "notebooks"
        shutil.copytree(examples.folder() / "media", folder / "media")
        return run_in(folder, notebook)


def run_in(folder: Path, notebook: Any, **more: str) -> Any:
    """A notebook with its outputs: run in a folder, with a home of its own; neither is told in it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        own = {"NEMO_HOME": str(Path(scratch) / "home"), "IPYTHONDIR": str(Path(scratch) / "ipython"), **more}
        env = {name: value for name, value in os.environ.items() if not name.startswith("NEMO_")} | own
        client = NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False)
        client.execute(cwd=str(folder), env=env)
        text = nbformat.writes(notebook).replace(f"{folder.as_posix()}/", "")
        assert scratch not in text
    assert str(folder) not in text
    notebook = nbformat.reads(text, as_version=4)
    notebook.metadata.pop("language_info", None)
    return notebook


def main() -> None:
    """Make the page anew."""
    notebook = run(page())
    nbformat.validate(notebook)
    nbformat.write(notebook, examples.folder() / "reference.ipynb")


if __name__ == "__main__":
    main()
