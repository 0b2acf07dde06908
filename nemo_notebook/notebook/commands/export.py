"""`%nemo export`: render the timeline, save it and show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.commands.files import matching_files
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Option, Words
from nemo_notebook.session.outputs import FORMATS, QUALITIES, RESOLUTIONS

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.records import Job
    from nemo_notebook.session.results import Video


async def _export(call: Call, arguments: Arguments) -> Video | Job:
    """Export with progress; or begin an export without waiting for it, and say how to come back."""
    session, asked, defaults = await call.session(), arguments.options, call.defaults
    path = arguments.words[0] if arguments.words else None
    kind, quality = asked.get("format"), asked.get("quality") or defaults.quality
    resolution = asked.get("resolution") or defaults.resolution or None
    if "no_wait" in asked:
        return await session.submit(path, format=kind, quality=quality, resolution=resolution)
    with call.screen.meter() as meter:
        return await session.export(path, format=kind, quality=quality, resolution=resolution, on_progress=meter)


COMMAND = Command(
    name="export",
    about="Render the timeline, save the film and show it.",
    run=_export,
    words=Words("[PATH]", choices=matching_files),
    options=(
        Option("--format", "F", "the file type; else the path's ending, else mp4", FORMATS),
        Option("--quality", "low|medium|high", "how finely it is encoded; `preview` is small and quick", QUALITIES),
        Option("--resolution", "720p|1080p|4k", "the picture's size; else the timeline's own", RESOLUTIONS),
        Option("--no-wait", "", "only begin it; `%nemo resume` saves the film, also in another kernel"),
        BACKGROUND,
    ),
    example="%nemo export film.mp4",
    more=(
        "Without a path, the film is named after the project and never takes an existing file's place. With "
        "`--background` the film is saved and shown here while other cells run; `--no-wait` only begins the export."
    ),
)
