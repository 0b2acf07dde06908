"""`%nemo upload`: send files, patterns and addresses."""

from __future__ import annotations

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command
from nemo_notebook.session.results import MediaList


def upload(context: Context, what: tuple[str, ...]) -> MediaList:
    """Upload with progress, and show what has come of it."""
    session = context.session()
    meter = context.screen.meter()
    try:
        media = session.upload(*what, on_progress=meter)
    finally:
        meter.close()
    context.screen.show(media)
    return media


COMMAND = Command(
    name="upload",
    takes="PATH|GLOB|URL …",
    about="Send songs, clips and pictures.",
    run=lambda context, arguments: upload(context, arguments.words),
    example="%nemo upload song.mp3 clips/*.mp4",
    max_words=1000,
    completes="files",
)
