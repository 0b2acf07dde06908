"""`%nemo batch`: a film of each of many files."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.commands.connect import skill_names
from nemo_notebook.notebook.commands.files import matching_files
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Option, Words
from nemo_notebook.session.outputs import FORMATS, QUALITIES, RESOLUTIONS
from nemo_notebook.session.presets import PRESETS

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.batch.batch import Batch

_EXAMPLE = '%nemo batch songs/*.mp3 --prompt "make a music video with a visualizer" --out films'


async def _batch(call: Call, arguments: Arguments) -> Batch:
    """Begin a batch and follow it to its end; when this is cancelled, the batch is stopped."""
    from nemo_notebook.notebook.batches import BatchView

    how = _how(call, arguments)
    with call.screen.line("Looking at the files…") as line:
        batch = await _begun(arguments.words, how)
        line.clear()
    call.is_shown = True
    await BatchView(call.screen.outlet, batch).follow()
    return batch.wait()


async def _begun(files: tuple[str, ...], how: dict[str, Any]) -> Batch:
    from nemo_notebook.session.batch.batch import batch

    beginning = asyncio.ensure_future(asyncio.to_thread(partial(batch, files, **how)))
    try:
        return await asyncio.shield(beginning)
    except asyncio.CancelledError:
        beginning.add_done_callback(_stop)  # it may be begun all the same, a moment later
        raise


def _stop(beginning: asyncio.Future[Batch]) -> None:
    if not beginning.cancelled() and beginning.exception() is None:
        beginning.result().cancel()


def _how(call: Call, arguments: Arguments) -> dict[str, Any]:
    """What the batch is to be, by the line and by what is usual here."""
    asked, defaults, current = arguments.options, call.defaults, call.context.current
    for needed, example in (("prompt", '"make a music video with a visualizer"'), ("out", "films")):
        if not asked.get(needed):
            raise UsageError(f"`batch` needs --{needed}.", hint=f"For example: --{needed} {example}")
    here = defaults.backend
    if current is not None:
        here = "local" if current.backend.is_local else current.backend.url
    usual = (None, None) if asked.get("preset") else (defaults.quality, defaults.resolution or None)
    return {
        "prompt": asked["prompt"],
        "out": asked["out"],
        "workers": _number(asked.get("workers")),
        "with_": (asked["with"],) if asked.get("with") else (),
        "skill": asked.get("skill") or defaults.skill,
        "backend": asked.get("backend") or here,
        "format": asked.get("format"),
        "quality": asked.get("quality") or usual[0],
        "resolution": asked.get("resolution") or usual[1],
        "preset": asked.get("preset"),
        "yes": "yes" in asked,
    }


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"--workers cannot be {text[:20]!r}.", hint="Give a number, such as --workers 2.")
    return int(text[:6])


COMMAND = Command(
    name="batch",
    about="Make a film of each of many files, in a table that fills; the same line again goes on where it stopped.",
    run=_batch,
    words=Words("PATH|GLOB …", most=1000, choices=matching_files),
    options=(
        Option("--prompt", "TEXT", "what to make of each"),
        Option("--out", "DIR", "the folder of the films, which are named after their files"),
        Option("--workers", "N", "how many at once; else as many as suit the machine"),
        Option("--with", "PATH", "what goes into every film: a file, or a pattern such as clips/*.mp4"),
        Option("--skill", "NAME", "the skill that they are made as", skill_names),
        Option("--backend", "auto|local|cloud|URL", "where the work is done", ("auto", "local", "cloud"), True),
        Option("--format", "F", "the file type of the films; else mp4", FORMATS),
        Option("--quality", "low|medium|high", "how finely they are encoded", QUALITIES),
        Option("--resolution", "720p|1080p|4k", "the pictures' size; else the timeline's own", RESOLUTIONS),
        Option("--preset", "NAME", "in the shape that a platform takes", tuple(PRESETS)),
        Option("--yes", "", "agree to what it costs in the cloud, which is told first"),
        BACKGROUND,
    ),
    example=_EXAMPLE,
    more=(
        "A file that cannot be used stops no other: its row says why. Films that are there are not made again; those "
        "that failed are tried again, and a changed prompt or file makes its film anew. Nothing of others is "
        "overwritten.\n\n"
        "`films = %nemo batch …` keeps the batch: `films.frame`, `films.failures`. Stopping the cell stops the batch. "
        "In Python, `nemo.batch(…, executor=…)` runs it on any executor, or on a Dask client."
    ),
)
