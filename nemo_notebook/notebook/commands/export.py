"""`%nemo export`: render the timeline, save it and show it."""

from __future__ import annotations

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Arguments, Command, Option
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Video
from nemo_notebook.session.targets import FORMATS, QUALITIES, RESOLUTIONS


def export(context: Context, path: str | None = None, **how: str | None) -> Video:
    """Export with progress, and show the film."""
    session = context.session()
    quality = how.get("quality") or context.defaults.quality
    resolution = how.get("resolution") or context.defaults.resolution or None
    meter = context.screen.meter()
    try:
        video = session.export(
            path, format=how.get("format"), quality=quality, resolution=resolution, on_progress=meter
        )
    finally:
        meter.close()
    context.screen.show(video)
    return video


def submit(context: Context, path: str | None, **how: str | None) -> Job:
    """Begin an export without waiting for it, and say how to come back."""
    session = context.session()
    job = session.submit(
        path,
        format=how.get("format"),
        quality=how.get("quality") or context.defaults.quality,
        resolution=how.get("resolution") or context.defaults.resolution or None,
    )
    context.screen.show(job)
    return job


def _run(context: Context, arguments: Arguments) -> Video | Job:
    how = dict(arguments.options)
    begin = submit if how.pop("no_wait", None) else export
    return begin(context, arguments.words[0] if arguments.words else None, **how)


COMMAND = Command(
    name="export",
    takes="[PATH]",
    about="Render the timeline, save the film and show it.",
    run=_run,
    options=(
        Option("--format", "F", "the file type; else the path's ending, else mp4", FORMATS),
        Option("--quality", "low|medium|high", "how finely it is encoded; `preview` is small and quick", QUALITIES),
        Option("--resolution", "720p|1080p|4k", "the picture's size; else the timeline's own", RESOLUTIONS),
        Option("--no-wait", "", "begin it and go on; `%nemo resume` saves the film"),
    ),
    example="%nemo export film.mp4",
    max_words=1,
    completes="files",
)
