"""`%nemo batch`: a film of each of many files, in a table that fills while they are made."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.commands.production import export_options
from nemo_notebook.notebook.display import Bundle, LiveDisplay
from nemo_notebook.notebook.grammar import Arguments, unquoted_value
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.batches.batch import Batch
    from nemo_notebook.notebook.display import Outlet
    from nemo_notebook.notebook.execution import Call

_STILL_S: Final = 1.0  # where nothing changes but the time that is left
_TICK_S: Final = 0.1
_GOODBYE_TICKS: Final = 15
_LONGEST: Final = 400  # characters of a line that is told


async def run_batch(call: Call, arguments: Arguments) -> Batch:
    """Begin a batch and follow it to its end; when this is cancelled, the batch is stopped."""
    with call.outlet.line("Looking at the files…") as end:
        await asyncio.to_thread(_check, arguments)
        begun = await _begun(arguments.words, _how(call, arguments))
        end("")
    call.is_shown = True
    await BatchView(call.outlet, begun).follow()
    return begun.wait()


def _check(arguments: Arguments) -> None:
    """Find all that is wrong with a line before anything is made of it.

    Raises:
        UsageError: A value without quotes, an option that is needed, a number that is none, files that are not there.
    """
    from nemo_notebook.batches.order import find_files
    from nemo_notebook.notebook.commands.registry import COMMANDS

    if unquoted := unquoted_value(arguments.text, COMMANDS["batch"].options):
        flag = unquoted.split(maxsplit=1)[0]
        raise UsageError(
            f"{flag} has spaces and no quotes. Nothing was made.", hint=f"Write {redact(unquoted, _LONGEST)}"
        )
    asked, workers = arguments.options, arguments.options.get("workers", "1")
    if absent := [f"--{name}" for name in ("prompt", "out") if not asked.get(name)]:
        raise UsageError(f"`batch` needs {' and '.join(absent)}.", hint=f"For example: {COMMANDS['batch'].example}")
    if not (workers.isascii() and workers.isdigit()):
        raise UsageError(f"--workers cannot be {redact(workers, 20)!r}.", hint="Give a number, such as --workers 2.")
    find_files(arguments.words, filter(None, [asked.get("with")]))


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


class BatchView:
    """Shows a batch in one display of a notebook, or line by line in a terminal.

    Args:
        outlet: Where to.
        batch: The batch.
    """

    def __init__(self, outlet: Outlet, batch: Batch) -> None:
        self._outlet = outlet
        self._batch = batch
        self._display = LiveDisplay(outlet)
        self._next_s = 0.0
        self._changes = -1
        self._told: set[int] = set()

    async def follow(self) -> None:
        """Show it to its end; when this is cancelled, so is the batch."""
        try:
            if self._batch.note and not self._outlet.is_rich:  # in a notebook it stands above the table
                self._outlet.print(self._batch.note)
            while self._batch.is_running:
                self._refresh()
                await asyncio.sleep(_TICK_S)
        except asyncio.CancelledError:
            self._batch.cancel()
            for _ in range(_GOODBYE_TICKS):
                if not self._batch.is_running:
                    break
                await asyncio.sleep(_TICK_S)
            raise
        finally:
            await asyncio.to_thread(self._conclude)

    def _refresh(self) -> None:
        now_s, changes = time.monotonic(), self._batch.changes
        if changes == self._changes and now_s < self._next_s:
            return
        if not self._outlet.is_rich:
            self._print_ended()
        elif not self._display.draw(self._table):
            return
        self._changes, self._next_s = changes, time.monotonic() + _STILL_S

    def _table(self) -> Bundle:
        faces = self._batch._repr_mimebundle_()
        return Bundle(faces["text/plain"], text_html=faces["text/html"])

    def _conclude(self) -> None:
        """The table as it stays; its pictures and its last words."""
        if self._outlet.is_rich:
            self._display.draw(lambda: self._batch, is_last=True)
        else:
            self._print_ended()
            self._outlet.print(self._batch.summary.removeprefix(f"{self._batch.note}\n"))  # said at the beginning

    def _print_ended(self) -> None:
        for at, film in enumerate(self._batch.films):
            if film.is_over and at not in self._told:
                self._told.add(at)
                if not film.was_there:
                    self._outlet.print(str(film))
