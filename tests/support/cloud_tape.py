"""The notebook of a session in the cloud, and the tape that it plays: `python -m tests tape`.

Its cells are those of `cloud_tape.toml`. The tape is recorded from the package's own engine with the cloud's manners:
credits, anonymous tokens, generations in two stages, edits without a word. So it can be made anew by anybody, and says
nothing of anybody's account.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import nbformat
from cloud_service import Manners
from engine_server import serving
from nbformat import v4
from saved_outputs import run_in, tidy

from nemo_notebook import examples

NAME = "cloud-session"
TAPE = f"{NAME}.nemotape"
FILM = "cloud-film.mp4"
CLOUD = Manners(private_urls=False, credits=300, stages="after", stage_pause_s=2.0, silent_every=2)
REPLAY = f"%nemo tape replay {TAPE}"
RECORD = f"%nemo tape record {TAPE}"


def page(first: str = REPLAY) -> Any:
    """The notebook without outputs; `first` is the line that begins the tape."""
    cells = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["cell"]
    kinds = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell}
    made = [kinds[kind](first if text == REPLAY else text) for cell in cells for kind, text in cell.items()]
    return tidy(v4.new_notebook(cells=made))


def record(folder: Path) -> None:
    """Record the tape into a folder that holds the media."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, serving(Path(scratch), CLOUD) as cloud:
        run_in(folder, page(RECORD), NEMO_API_URL=cloud.url)


def main() -> None:
    """Make the tape anew, and the notebook with the outputs that it gives."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "notebooks"
        shutil.copytree(examples.folder() / "media", folder / "media")
        record(folder)
        (folder / FILM).unlink()
        notebook = run_in(folder, page())
        shutil.copyfile(folder / TAPE, examples.folder() / TAPE)
    nbformat.write(notebook, examples.folder() / f"{NAME}.ipynb")


if __name__ == "__main__":
    main()
