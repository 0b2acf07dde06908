"""`%nemo upload`: send files, patterns and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.commands.files import media_files
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Words

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.results import MediaList


async def _upload(call: Call, arguments: Arguments) -> MediaList:
    """Upload with progress."""
    session = await call.session()
    with call.screen.meter() as meter:
        return await session.upload(*arguments.words, on_progress=meter)


COMMAND = Command(
    name="upload",
    about="Send songs, clips and pictures.",
    run=_upload,
    words=Words("PATH|GLOB|URL …", most=1000, choices=media_files),
    options=(BACKGROUND,),
    example="%nemo upload song.mp3 clips/*.mp4",
    more="Quote names with spaces. `{files}` sends what a variable holds: a path, or a list of paths.",
)
