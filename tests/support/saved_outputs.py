"""The notebooks with their outputs, run anew from the top: `python -m tests outputs`, or only those that are named."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
MADE_ELSEWHERE = ("reference",)  # by `python -m tests reference`
TIMEOUT_S = 600
_PLAYER = re.compile(
    r'<video controls preload="metadata"([^>]*)><source src="[^"]*"><source src="(data:video/mp4;[^"]*)"[^>]*>'
)
_MOVING = r'<video autoplay loop muted playsinline\1 src="\2">'


def run(notebook: Any) -> Any:
    """The notebook with the outputs of a first run, on the machine of a stranger who has just been given it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "notebooks"
        shutil.copytree(NOTEBOOKS / "media", folder / "media")
        for tape in NOTEBOOKS.glob("*.nemotape"):
            shutil.copyfile(tape, folder / tape.name)
        return run_in(folder, notebook)


def run_in(folder: Path, notebook: Any, **more: str) -> Any:
    """A notebook with its outputs: run in a folder, with a home of its own; neither is told in it, nor when it ran."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        execute(notebook, folder, Path(scratch), **more)
        show_clips(notebook)
        text = nbformat.writes(notebook).replace(f"{folder.as_posix()}/", "")
        assert scratch not in text
    assert str(folder) not in text
    return tidy(nbformat.reads(text, as_version=4))


def execute(notebook: Any, folder: Path, scratch: Path, **more: str) -> None:
    """Run a notebook in a folder, with whatever is kept between runs in another; it stops at the first error."""
    own = {"NEMO_HOME": str(scratch / "home"), "IPYTHONDIR": str(scratch / "ipython"), **more}
    env = {name: value for name, value in os.environ.items() if not name.startswith("NEMO_")} | own
    client = NotebookClient(notebook, timeout=TIMEOUT_S, kernel_name="python3", record_timing=False)
    client.execute(cwd=str(folder), env=env)


def show_clips(notebook: Any) -> None:
    """Replace players by the clips within the notebook: the films are not beside it before its first run.

    Where Jupyter does not trust a notebook, it takes the clip out, and a picture without controls is left.
    """
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        if page := output.get("data", {}).get("text/html"):
            output.data["text/html"] = _PLAYER.sub(_MOVING, page)


def tidy(notebook: Any) -> Any:
    """The notebook without what differs from run to run or from machine to machine."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    # JupyterLab adds a missing one.
    language = {key: told for key, told in notebook.metadata.items() if key == "language_info"}
    notebook.metadata = {"kernelspec": kernel, **language}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell.metadata.pop("execution", None)
    nbformat.validate(notebook)
    return notebook


def main(names: Sequence[str]) -> None:
    """Run what is named, or all."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if path.stem in names or (not names and path.stem not in MADE_ELSEWHERE):
            nbformat.write(run(nbformat.read(path, as_version=4)), path)
            print(f"{path.name}  {path.stat().st_size / 1e3:.0f} kB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
