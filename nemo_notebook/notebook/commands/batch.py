"""`%nemo batch`: a film of each of many files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import FileMissing, UsageError
from nemo_notebook.notebook.commands.connect import skill_names
from nemo_notebook.notebook.commands.files import media_files
from nemo_notebook.notebook.grammar import BACKGROUND, Arguments, Command, Option, Words
from nemo_notebook.notebook.tearing import mend, repeated
from nemo_notebook.outside import redact
from nemo_notebook.session.presets import FORMATS, PRESETS, QUALITIES, RESOLUTIONS

if TYPE_CHECKING:
    from nemo_notebook.batches.batch import Batch
    from nemo_notebook.notebook.call import Call

_LINE: Final = "%nemo batch"
_NEEDED: Final = {"prompt": '"make a music video with a visualizer"', "out": "films"}
_FREE: Final = ("--prompt", "--out", "--with")
_LONGEST: Final = 400  # characters of a line that is told
_EXAMPLE = '%nemo batch songs/*.mp3 --prompt "make a music video with a visualizer" --out films'


async def _batch(call: Call, arguments: Arguments) -> Batch:
    """Begin a batch and follow it to its end; when this is cancelled, the batch is stopped."""
    from nemo_notebook.notebook.batches import BatchView

    with call.screen.line("Looking at the files…") as line:
        await asyncio.to_thread(_check, arguments)
        batch = await _begun(arguments.words, _how(call, arguments))
        line.clear()
    call.is_shown = True
    await BatchView(call.screen.outlet, batch).follow()
    return batch.wait()


def _check(arguments: Arguments) -> None:
    """Find all that is wrong with a line before anything is made of it.

    Raises:
        UsageError: A value without quotes, an option that is needed, a number that is none, files that are not there.
    """
    line, torn = mend(arguments.text, COMMAND.options, _FREE)
    if torn:
        raise UsageError(
            f"{' and '.join(torn)} {'has' if len(torn) == 1 else 'have'} spaces and no quotes. Nothing was made.",
            hint=f"{_LINE} {redact(line, _LONGEST)}",
        )
    if problems := dict(_problems(arguments)):
        raise UsageError(" ".join(problems), hint=next(iter(problems.values())))


def _problems(arguments: Arguments) -> Iterator[tuple[str, str]]:
    """What is wrong, a sentence each, with what to do about it."""
    from nemo_notebook.batches.missing import missing

    asked = arguments.options
    if absent := [name for name in _NEEDED if not asked.get(name)]:
        yield f"`batch` needs {' and '.join(f'--{name}' for name in absent)}.", _with(arguments.text, absent)
    for flag in repeated(arguments.text, COMMAND.options):
        several = "one pattern such as clips/*.mp4, or `with_=[…]` in Python" if flag == "--with" else "it once"
        yield f"{flag} is given twice.", f"Give {several}."
    workers = asked.get("workers")
    if workers is not None and not (workers.isascii() and workers.isdigit()):
        yield f"--workers cannot be {redact(workers, 20)!r}.", "Give a number, such as --workers 2."
    for sentence in missing(arguments.words, filter(None, [asked.get("with")])):
        yield sentence, FileMissing.hint


def _with(line: str, needed: list[str]) -> str:
    """A line with what it lacks; another where that is there and empty."""
    if any(f"--{name}" in line for name in needed):
        return f"For example: {_EXAMPLE}"
    return f"For example: {_LINE} {redact(line, _LONGEST)} {' '.join(f'--{name} {_NEEDED[name]}' for name in needed)}"


async def _begun(files: tuple[str, ...], how: dict[str, Any]) -> Batch:
    from nemo_notebook.batches.batch import batch

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
    here = defaults.backend
    if current is not None:
        here = "local" if current.backend.is_local else current.backend.url
    usual = (None, None) if asked.get("preset") else (defaults.quality, defaults.resolution or None)
    return {
        "prompt": asked["prompt"],
        "out": asked["out"],
        "workers": int(asked["workers"][:6]) if asked.get("workers") else None,
        "with_": (asked["with"],) if asked.get("with") else (),
        "skill": asked.get("skill") or defaults.skill,
        "backend": asked.get("backend") or here,
        "format": asked.get("format"),
        "quality": asked.get("quality") or usual[0],
        "resolution": asked.get("resolution") or usual[1],
        "preset": asked.get("preset"),
        "yes": "yes" in asked,
    }


COMMAND = Command(
    name="batch",
    about="Make a film of each of many files, in a table that fills; the same line again goes on where it stopped.",
    run=_batch,
    words=Words("PATH|GLOB …", most=1000, choices=media_files),
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
