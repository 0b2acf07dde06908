"""The notebook of a session in the cloud, and the tape that it plays: `python -m tests tape`.

The tape is recorded from the package's own engine with the cloud's manners: credits, anonymous tokens, generations in
two stages, edits without a word. So it can be made anew by anybody, and says nothing of anybody's account.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
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

INTRO = """\
# A session in the cloud, played from a tape

No account, no credits and no network are needed to run this: **Run → Run All Cells**. Every answer below comes from
`cloud-session.nemotape`, a file beside this notebook. It was recorded from the package's own engine, which behaved as
the cloud does: a turn costs credits, a film comes in two stages, and some edits are made without a word."""

TALK = """\
## The same cells as ever

Nothing in them knows of the tape. The badge below a cell says that it was played, and when it was recorded."""

SILENT = """\
## An edit without a word

Here the service has closed the stream without a text. What it changed is read from the timeline, and told."""

END = """\
## Your own tapes

`%nemo tape record` writes down every exchange of a notebook, `%nemo tape off` saves it. Tokens and ids never reach
the file: they are replaced by names such as `session-tape-1`, and a tape that holds a secret all the same is not
saved. A tape is text, a line for each exchange: commit it beside the notebook, and everybody sees what you saw.
Change a prompt above and run its cell: it is told where it differs, and nothing is asked of anybody. In tests,
`nemo_notebook.testing` does the same."""

CELLS = (
    INTRO,
    "%load_ext nemo_notebook",
    REPLAY,
    TALK,
    '%nemo connect --backend cloud --skill from-music --name "Evening"',
    "%nemo credits",
    "%nemo upload media/song.mp3 media/city.mp4 media/sea.mp4",
    "%%nemo\nmake an 8 second music video from this song, cut on the beat",
    '%nemo add a title "Harbour Lights" for the first 3 seconds',
    "line = %nemo status",
    SILENT,
    "%nemo set the music volume to 60%",
    "%nemo credits --history",
    f"%nemo export {FILM} --quality low --resolution 480p",
    "%nemo tape",
    "%nemo tape off",
    END,
)


def page(first: str = REPLAY) -> Any:
    """The notebook without outputs; `first` is the line that begins the tape."""
    return tidy(v4.new_notebook(cells=list(_cells(first))))


def _cells(first: str) -> Iterator[Any]:
    for text in CELLS:
        is_code = text.startswith(("%", "line"))
        yield v4.new_code_cell(first if text == REPLAY else text) if is_code else v4.new_markdown_cell(text)


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
