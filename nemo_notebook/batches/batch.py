"""A batch as its user has it: begun, looked at while it goes on, waited for, cancelled."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook import errors, skills
from nemo_notebook.batches import order as orders, status
from nemo_notebook.batches.ledger import Ledger
from nemo_notebook.batches.order import BatchOrder
from nemo_notebook.batches.scheduler import Scheduler, choose_executor
from nemo_notebook.batches.status import BatchFilm
from nemo_notebook.client import hook as hooks
from nemo_notebook.session.backend import choose_place
from nemo_notebook.session.results import near

if TYPE_CHECKING:
    import pandas as pd

    Files = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

_POSTERS: Final = 24  # in the final table
_POSTERS_MEANWHILE: Final = 8  # they go to the browser again with each change
_TICK_S: Final = 0.1  # how often a wait looks up, so that an interrupt is noticed on Windows too


def batch(
    what: Files,
    *,
    prompt: str,
    out: str | os.PathLike[str],
    workers: int | None = None,
    executor: Executor | Any = None,
    with_: Files = (),
    skill: str | None = None,
    backend: str = "auto",
    format: str | None = None,  # noqa: A002 - the name that users type
    quality: str | None = None,
    resolution: str | None = None,
    preset: str | None = None,
    yes: bool = False,
) -> Batch:
    """Begin to make a film of each of many files; returns the batch at once, while it goes on.

    The same call again resumes it: films that are there are not made again, failed ones are tried again, a changed
    prompt or file makes its film anew. One file that cannot be used stops no other.

    Args:
        what: Files and patterns, such as `songs/*.mp3`.
        prompt: What to make of each.
        out: The folder of the films, which are named after their files. Other files there are never overwritten.
        workers: How many at once; as many as suit the machine if None. One while a tape is in use: its order is kept.
        executor: What runs them: a `concurrent.futures.Executor`, or a Dask client whose workers see the same files.
            If None, threads over one local engine, which makes the films in processes of its own.
        with_: Files and patterns that go into every film.
        skill: The skill; the default one if None.
        backend: `auto`, `local`, `cloud`, or a URL.
        format: The file type of the films; mp4 if None.
        quality: As of an export, like `resolution` and `preset`.
        resolution: See `quality`.
        preset: See `quality`.
        yes: Whether they may cost credits.

    Raises:
        UsageError: An invalid argument, another batch that runs into the same folder, or a cost not agreed to.
        FileMissing: Patterns that match nothing, or files of `with_` that do not exist: it names them all.
        MissingExtra: The local engine is asked for and not installed.
    """
    form = {"format": format, "quality": quality, "resolution": resolution, "preset": preset}
    place = choose_place(backend)
    found, size = choose_executor(executor, workers, is_local=place == "local")
    order = orders.read_order(
        what, with_, prompt=prompt, out=out, skill=skill or skills.DEFAULT, backend=place, form=form
    )
    return _begin(order, found, size, yes=yes)


def _begin(order: BatchOrder, executor: Executor, size: int, *, yes: bool) -> Batch:
    ledger = Ledger(order.out / orders.KEPT_IN)
    with contextlib.ExitStack() as held:
        held.enter_context(ledger.held())
        known = ledger.entries()
        order = order.without({order.out / entry.name for entry in known.values() if entry.film})
        entries = orders.plan(order, known)
        count = sum(entry.state == "waiting" for entry in entries)
        notes = [orders.remade(entries, known), orders.check_cost(order, count, yes=yes)]
        if size > 1 and hooks.current_hook() is not None:
            size = 1
            notes.append("One film at a time, so that the tape can be played again.")
        scheduler = Scheduler(order, entries, ledger, executor, size)
        scheduler.start(held.pop_all())
    return Batch(scheduler, order.out, " ".join(filter(None, notes)))


class Batch:
    """Films that are being made, or were.

    Iterate over it to get the films as they end, the finished ones first: `for film in batch`. In a notebook it shows
    itself as a table.

    Args:
        scheduler: What runs it.
        out: The folder of the films.
        note: A sentence that is shown above the table.
    """

    def __init__(self, scheduler: Scheduler, out: Path, note: str = "") -> None:
        self._scheduler = scheduler
        self.out = out
        self.note = note
        self._was_cancelled = False

    @property
    def films(self) -> tuple[BatchFilm, ...]:
        """One row a file, in their order, as they stand now."""
        return self._scheduler.films()

    @property
    def failures(self) -> tuple[BatchFilm, ...]:
        """Those that failed, each with its `reason` and a `hint`."""
        return tuple(film for film in self.films if film.state == "failed")

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a DataFrame: input, state, left_s, output, duration_s, took_s, reason.

        Times are in seconds; paths are relative to the current folder where they lie below it.
        """
        return status.frame(self.films)

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return not self._scheduler.is_over

    @property
    def status(self) -> str:
        """`running`, `done`, `cancelled`, or `stopped` by an error that `wait` raises."""
        if self.is_running:
            return "running"
        if self._scheduler.error is not None:
            return "stopped"
        return "cancelled" if self._was_cancelled and not all(film.is_over for film in self.films) else "done"

    @property
    def left_s(self) -> float | None:
        """Estimated seconds until its end; None if unknown."""
        return self._scheduler.left_s() if self.is_running else None

    @property
    def changes(self) -> int:
        """How often anything of it has changed: while this is the same, there is nothing new to show but the time."""
        return self._scheduler.changes

    @property
    def summary(self) -> str:
        """How it stands, in a few lines."""
        return self._repr_mimebundle_()["text/plain"]

    def __len__(self) -> int:
        return len(self.films)

    def __iter__(self) -> Iterator[BatchFilm]:
        told: set[int] = set()
        is_last = False
        while not is_last:
            with self._waiting():
                is_last = not self.is_running
                over = [(at, film) for at, film in enumerate(self.films) if film.is_over and at not in told]
            for at, film in over:
                told.add(at)
                yield film
            with self._waiting():
                self._wait_for_change()
        self._raise()

    def wait(self, timeout_s: float | None = None) -> Batch:
        """Wait for its end, or for `timeout_s` seconds; returns the batch.

        In a notebook or a console, an interrupt ends only the waiting; in a program, it stops the batch.

        Raises:
            DeadlineExceeded: It has not ended within that time.
            Detached: The waiting was interrupted; the batch goes on.
            KeyboardInterrupt: A program was interrupted; the batch is stopped.
            NemoError: Something ended it early, such as a lack of credits. A film that failed does not.
        """
        end_s = float("inf") if timeout_s is None else time.monotonic() + timeout_s
        with self._waiting():
            while self.is_running:
                if time.monotonic() >= end_s:
                    raise errors.DeadlineExceeded("The batch is still running.", hint="Wait longer, or go on.")
                self._wait_for_change()
        self._raise()
        return self

    def _wait_for_change(self) -> None:
        with self._scheduler.changed:
            if self.is_running:
                self._scheduler.changed.wait(_TICK_S)

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            if hasattr(sys, "ps1"):  # a notebook or a console, which goes on after an interrupt
                hint = "Wait again, or cancel it: the same call resumes it later."
                raise errors.Detached("Stopped waiting; the batch goes on.", hint=hint) from None
            self.cancel()
            with contextlib.suppress(KeyboardInterrupt):  # whoever is in a hurry interrupts twice
                while not self._scheduler.wait_until_over(_TICK_S):
                    pass
            raise KeyboardInterrupt(f"{self._headline()} {status.next_step(self.films)}") from None

    def cancel(self) -> None:
        """Stop it: nothing more is begun, and what is being made is left. Films that are there stay."""
        self._was_cancelled = True
        self._scheduler.stop()

    def _raise(self) -> None:
        if self._scheduler.error is not None:
            raise self._scheduler.error

    def _headline(self) -> str:
        return status.headline(self.films, near(self.out).as_posix(), is_running=self.is_running, left_s=self.left_s)

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        is_running, films, headline = self.is_running, self.films, self._headline()
        return {
            "text/plain": status.summary(films, headline, is_running=is_running, note=self.note),
            "text/html": status.html_table(
                films,
                [line for line in (self.note, headline, status.first_reply(films)) if line],
                "" if is_running else status.next_step(films),
                is_running=is_running,
                most_posters=_POSTERS_MEANWHILE if is_running else _POSTERS,
            ),
        }
