"""What a stranger sees who has just been given the notebooks: they are run on a machine that knows nothing of them.

`python strangers.py FOLDER [--cpu N] [--only NAME …]` runs the notebooks in FOLDER one after another, with one home
beside it, and prints what came of each as a line of JSON. It needs nbclient and nbformat, and nothing of the package.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import v4

TIMEOUT_S = 900
PROBE = """\
import json
_last = %nemo status
print(json.dumps(_last.draft))"""
"""A last cell: the timeline as the notebook leaves it, as a table and as its draft."""


def visit(path: Path, home: Path) -> dict[str, Any]:
    """Run a notebook where it lies, and tell what came of it.

    Returns:
        `name`; `film_s`, the seconds from the start of the kernel to the first film in a cell, and `film_bytes`, its
        size; `all_s`; `outputs`, what the cells show; `table` and `draft`; `files`, the SHA-256 of each that was made.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(v4.new_code_cell(PROBE))
    before = {file: file.stat().st_mtime_ns for file in path.parent.iterdir()}
    films: list[tuple[float, str]] = []

    def look(cell: Any, **_: Any) -> None:
        shown = " ".join(output.get("data", {}).get("text/html", "") for output in cell.get("outputs", []))
        if 'src="' in shown and "<video" in shown:
            films.append((time.monotonic() - begun_s, shown.split('<source src="', 1)[1].split('"', 1)[0]))

    how = {"timeout": TIMEOUT_S, "kernel_name": "python3", "record_timing": False}
    client = NotebookClient(notebook, on_cell_executed=look, **how)
    begun_s = time.monotonic()
    client.execute(cwd=str(path.parent), env=_environment(home))
    all_s = time.monotonic() - begun_s
    made = [file for file in path.parent.iterdir() if file.is_file() and before.get(file) != file.stat().st_mtime_ns]
    *cells, probe = [cell for cell in notebook.cells if cell.cell_type == "code"]
    film_s, film = films[0] if films else (0.0, "")
    return {
        "name": path.stem,
        "film_s": round(film_s, 1),
        "film_bytes": (path.parent / film).stat().st_size if film else 0,
        "all_s": round(all_s, 1),
        "outputs": [[_plain(output) for output in cell.outputs] for cell in cells],
        "draft": "".join(output.text for output in probe.outputs if output.output_type == "stream"),
        "table": next(output.data["text/html"] for output in probe.outputs if "data" in output),
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(made)},
    }


def _environment(home: Path) -> dict[str, str]:
    own = {"NEMO_HOME": home / "nemo", "IPYTHONDIR": home / "ipython", "JUPYTER_DATA_DIR": home / "jupyter"}
    for path in own.values():
        path.mkdir(parents=True, exist_ok=True)
    known = {name: value for name, value in os.environ.items() if not name.startswith("NEMO_")}
    return known | {name: str(path) for name, path in own.items()}


def _plain(output: Any) -> dict[str, Any]:
    """What an output shows, without the run that it came from."""
    return output.get("data") or {"text": output.get("text", "")}


def main(arguments: Sequence[str] | None = None) -> None:
    """Visit the notebooks of a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--cpu", type=int, help="the one core to run on, where that can be said")
    options = parser.parse_args(arguments)
    if options.cpu is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.cpu})
    folder = options.folder.resolve()
    for path in [folder / f"{name}.ipynb" for name in options.only] or sorted(folder.glob("*.ipynb")):
        print(json.dumps(visit(path, folder.parent / "home")), flush=True)


if __name__ == "__main__":
    main()
