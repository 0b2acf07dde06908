"""`%nemo batch`: a film of each of many files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import FileMissing, UsageError
from nemo_notebook.notebook.commands.films import export_options
from nemo_notebook.notebook.grammar import Arguments, Option, quote_values, repeated
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.batches.batch import Batch
    from nemo_notebook.notebook.execution import Call

_LINE: Final = "%nemo batch"
_NEEDED: Final = {"prompt": '"make a music video with a visualizer"', "out": "films"}
_LONGEST: Final = 400  # characters of a line that is told
_EXAMPLE: Final = '%nemo batch songs/*.mp3 --prompt "make a music video with a visualizer" --out films'


async def run_batch(call: Call, arguments: Arguments) -> Batch:
    """Begin a batch and follow it to its end; when this is cancelled, the batch is stopped."""
    from nemo_notebook.notebook.batches import BatchView

    with call.outlet.line("Looking at the files…") as line:
        await asyncio.to_thread(_check, arguments)
        begun = await _begun(arguments.words, _how(call, arguments))
        line.clear()
    call.is_shown = True
    await BatchView(call.outlet, begun).follow()
    return begun.wait()


def _check(arguments: Arguments) -> None:
    """Find all that is wrong with a line before anything is made of it.

    Raises:
        UsageError: A value without quotes, an option that is needed, a number that is none, files that are not there.
    """
    from nemo_notebook.notebook.commands.table import COMMANDS

    options = COMMANDS["batch"].options
    line, unquoted = quote_values(arguments.text, options)
    if unquoted:
        has = "has" if len(unquoted) == 1 else "have"
        raise UsageError(
            f"{' and '.join(unquoted)} {has} spaces and no quotes. Nothing was made.",
            hint=f"{_LINE} {redact(line, _LONGEST)}",
        )
    if problems := dict(_problems(arguments, options)):
        raise UsageError(" ".join(problems), hint=next(iter(problems.values())))


def _problems(arguments: Arguments, options: Sequence[Option]) -> Iterator[tuple[str, str]]:
    """What is wrong, a sentence each, with what to do about it."""
    from nemo_notebook.batches.order import find_files

    asked = arguments.options
    if absent := [name for name in _NEEDED if not asked.get(name)]:
        yield f"`batch` needs {' and '.join(f'--{name}' for name in absent)}.", _with(arguments.text, absent)
    for flag in repeated(arguments.text, options):
        several = "one pattern such as clips/*.mp4, or `with_=[…]` in Python" if flag == "--with" else "it once"
        yield f"{flag} is given twice.", f"Give {several}."
    workers = asked.get("workers")
    if workers is not None and not (workers.isascii() and workers.isdigit()):
        yield f"--workers cannot be {redact(workers, 20)!r}.", "Give a number, such as --workers 2."
    try:
        find_files(arguments.words, filter(None, [asked.get("with")]))
    except (FileMissing, UsageError) as error:
        yield error.message, error.hint


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
    return {
        "prompt": asked["prompt"],
        "out": asked["out"],
        "workers": int(asked["workers"][:6]) if asked.get("workers") else None,
        "with_": (asked["with"],) if asked.get("with") else (),
        "skill": asked.get("skill") or defaults.skill,
        "backend": asked.get("backend") or here,
        **export_options(asked, defaults),
        "yes": "yes" in asked,
    }
