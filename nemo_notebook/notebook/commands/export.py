"""`%nemo export`: render the timeline, save it and show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook.notebook.commands.files import matching_files
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Option, Words
from nemo_notebook.session.presets import FORMATS, PRESETS, QUALITIES, RESOLUTIONS

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.records import Job
    from nemo_notebook.session.results import Video


async def _export(call: Call, arguments: Arguments) -> Video | Job:
    """Export with progress; or begin an export without waiting for it, and say how to come back."""
    session, asked, defaults = await call.session(), arguments.options, call.defaults
    path = arguments.words[0] if arguments.words else None
    # What a platform takes goes before what is usual here.
    usual = (None, None) if asked.get("preset") else (defaults.quality, defaults.resolution or None)
    how = {
        "format": asked.get("format"),
        "quality": asked.get("quality") or usual[0],
        "resolution": asked.get("resolution") or usual[1],
        "preset": asked.get("preset"),
    }
    if "no_wait" in asked:
        return await session.submit(path, **how)
    with call.screen.meter() as meter:
        return await session.export(path, on_progress=meter, **how)


COMMAND = Command(
    name="export",
    about="Render the timeline, save the film and show it.",
    run=_export,
    words=Words("[PATH]", choices=matching_files),
    options=(
        Option("--format", "F", "the file type; else the path's ending, else mp4", FORMATS),
        Option("--quality", "low|medium|high", "how finely it is encoded; `preview` is small and quick", QUALITIES),
        Option("--resolution", "720p|1080p|4k", "the picture's size; else the timeline's own", RESOLUTIONS),
        Option("--preset", "NAME", "in the shape that a platform takes", tuple(PRESETS)),
        Option("--no-wait", "", "only begin it; `%nemo resume` saves the film, also in another kernel"),
        BACKGROUND,
    ),
    example="%nemo export film.mp4",
    more=(
        "Without a path, the film is named after the project and never takes an existing file's place. With "
        "`--background` the film is saved and shown here while other cells run; `--no-wait` only begins the export.\n\n"
        "A preset exports a copy in the platform's shape, filled with the picture; the timeline stays as it is. Other "
        "options go before what the preset says.\n\n"
        + "\n".join(f"- `{preset.name}`: {preset.words}" for preset in PRESETS.values())
    ),
)
