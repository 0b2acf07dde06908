"""A batch as its user has it: begun, looked at while it goes on, waited for, stopped."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook import errors, skills
from nemo_notebook.batches import rows, telling
from nemo_notebook.batches.conducting import Conductor
from nemo_notebook.batches.cost import check_cost, where
from nemo_notebook.batches.ending import has_prompt
from nemo_notebook.batches.ledger import FAILED, WAITING, Ledger
from nemo_notebook.batches.makers import choose_executor
from nemo_notebook.batches.missing import missing
from nemo_notebook.batches.order import KEPT_IN, read_order
from nemo_notebook.batches.page import page
from nemo_notebook.batches.planning import plan
from nemo_notebook.batches.replacing import words_of
from nemo_notebook.batches.rows import Film
from nemo_notebook.batches.standing import State
from nemo_notebook.client import hook as hooks
from nemo_notebook.files import user_path
from nemo_notebook.session.results import near

if TYPE_CHECKING:
    import pandas as pd

    Files = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

_ON_A_TAPE: Final = "One film at a time, so that the tape can be played again."
_POSTERS: Final = 24  # in a table that stands still
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
    """Begin to make a film of each of many files; gives the batch at once, while it goes on.

    The same call again goes on where it was stopped, by whatever: films that are there are not made again, those that
    failed are tried again, a changed prompt or file makes its film anew. One file that cannot be used stops no other.

    Args:
        what: Files and patterns, such as `songs/*.mp3`.
        prompt: What to make of each.
        out: The folder of the films, which are named after their files. Nothing of others is overwritten there.
        workers: How many at once; as many as suit the machine if None. One while a tape is in use: its order is kept.
        executor: What runs them: a `concurrent.futures.Executor`, or a Dask client whose workers see the same files.
            If None, threads over one local engine, which makes the films in processes of its own.
        with_: Files and patterns that go into every film.
        skill: The skill that they are made as; the first of all if None.
        backend: `auto`, `local`, `cloud`, or a URL.
        format: The file type of the films; mp4 if None.
        quality: As of an export.
        resolution: As of an export.
        preset: As of an export.
        yes: Whether they may cost credits.

    Raises:
        UsageError: An argument that cannot be meant, another batch that runs into the same folder, or a cost that
            was not agreed to.
        FileMissing: Patterns that match nothing, or files of `with_` that are not there: it names them all.
        MissingExtra: The local engine is asked for and not installed.
    """
    extra = [with_] if isinstance(with_, (str, os.PathLike)) else list(with_)
    named = [what] if isinstance(what, (str, os.PathLike)) else list(what)
    if absent := missing(named, extra):
        raise errors.FileMissing(" ".join(absent))
    place = where(backend)
    runner, size = choose_executor(executor, workers, is_local=place == "local")
    ledger = Ledger(user_path(out).resolve() / KEPT_IN)
    known = ledger.entries() if ledger.is_there() else {}
    order = read_order(
        named,
        prompt=prompt,
        out=out,
        skill=skill or skills.DEFAULT,
        backend=place,
        form={"format": format, "quality": quality, "resolution": resolution, "preset": preset},
        more=extra,
        made=frozenset(ledger.folder.parent / entry.name for entry in known.values() if entry.film_sha256),
    )
    with contextlib.ExitStack() as held:
        held.enter_context(ledger.held())
        known = ledger.entries()
        entries = plan(order, known)
        notes = [words_of(entries, known)]
        notes += [check_cost(order, sum(entry.state == WAITING for entry in entries), yes=yes)]
        if size > 1 and hooks.current() is not None:
            size = 1
            notes += [_ON_A_TAPE]
        conductor = Conductor(order, [State(entry) for entry in entries], ledger, runner, size)
        begun = Batch(conductor, order.out, " ".join(filter(None, notes)))
        threading.Thread(target=conductor.run, args=(held.pop_all(),), name="nemo-batch-run", daemon=True).start()
    return begun


class Batch:
    """Films that are being made, or were.

    It is iterated as they end, the finished ones first: `for film in batch`, which an interrupt ends as it does `wait`.
    In a notebook it shows itself as a table.

    Args:
        conductor: What runs it.
        out: The folder of the films.
        note: What else there is to say of it, a sentence.
    """

    def __init__(self, conductor: Conductor, out: Path, note: str = "") -> None:
        self._conductor = conductor
        self.out = out
        self.note = note
        self._was_cancelled = False

    @property
    def films(self) -> tuple[Film, ...]:
        """One row a file, in their order, as they stand now."""
        return self._conductor.films()

    @property
    def failures(self) -> tuple[Film, ...]:
        """Those that failed, each with its `reason` and a `hint`."""
        return tuple(film for film in self.films if film.state == FAILED)

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a DataFrame: input, state, left_s, output, duration_s, took_s, reason.

        Times are in seconds; paths are as seen from the current folder where they lie below it.
        """
        return rows.frame(self.films)

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return not self._conductor.is_over

    @property
    def status(self) -> str:
        """`running`, `done`, `cancelled`, or `stopped` by an error that `wait` raises."""
        if self.is_running:
            return "running"
        if self._conductor.error is not None:
            return "stopped"
        return "cancelled" if self._was_cancelled and not all(film.is_over for film in self.films) else "done"

    @property
    def left_s(self) -> float | None:
        """Seconds until its end, as far as that can be told; None where it cannot."""
        return self._conductor.left_s() if self.is_running else None

    @property
    def changes(self) -> int:
        """How often anything of it has changed: while this is the same, there is nothing new to show but the time."""
        return self._conductor.changes

    @property
    def summary(self) -> str:
        """How it stands, in a few lines."""
        return self._told(self.films, is_running=self.is_running)

    def _told(self, films: Sequence[Film], *, is_running: bool) -> str:
        left_s = self.left_s if is_running else None
        return telling.summary(films, self._folder, is_running=is_running, left_s=left_s, note=self.note)

    @property
    def _folder(self) -> str:
        return near(self.out).as_posix()

    def __len__(self) -> int:
        return len(self._conductor.films())

    def __iter__(self) -> Iterator[Film]:
        told: set[int] = set()
        while True:
            with self._waiting():
                is_last = not self.is_running
                over = [(at, film) for at, film in enumerate(self.films) if film.is_over and at not in told]
            told |= {at for at, _ in over}
            for _, film in over:
                yield film
            if is_last:
                self._raise()
                return
            with self._waiting(), self._conductor.changed:
                self._conductor.changed.wait(_TICK_S)

    def wait(self, timeout_s: float | None = None) -> Batch:
        """Wait for its end, or for `timeout_s` seconds; gives the batch.

        An interrupt stops the waiting alone in a notebook or a console; in a program, it stops the batch.

        Raises:
            DeadlineExceeded: It has not ended within that time.
            Detached: The waiting was interrupted; the batch goes on.
            KeyboardInterrupt: A program was interrupted; the batch is stopped.
            NemoError: Something ended it before its time, such as a lack of credits. A film that failed does not.
        """
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        with self._waiting():
            while self.is_running:
                if end_s is not None and time.monotonic() >= end_s:
                    raise errors.DeadlineExceeded("The batch is still running.", hint="Wait longer, or go on.")
                with self._conductor.changed:
                    self._conductor.changed.wait(_TICK_S)
        self._raise()
        return self

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            if not has_prompt():
                self._stop()
                films = self.films
                words = telling.standing(films, self._folder, is_running=False, left_s=None)
                raise KeyboardInterrupt(f"{words} {telling.next_step(films)}") from None
            raise errors.Detached(
                "Stopped waiting; the batch goes on.", hint="Wait again, or cancel it: the same call goes on later."
            ) from None

    def cancel(self) -> None:
        """Stop it: nothing more is begun, and what is being made is left. Films that are there stay."""
        self._was_cancelled = True
        self._conductor.stop()

    def _stop(self) -> None:
        self.cancel()
        with contextlib.suppress(KeyboardInterrupt):  # whoever is in a hurry interrupts twice
            while self.is_running:
                self._conductor.until_over(_TICK_S)

    def _raise(self) -> None:
        if self._conductor.error is not None:
            raise self._conductor.error

    def __repr__(self) -> str:
        return self.summary

    def _page(self, films: Sequence[Film], *, is_running: bool) -> str:
        left_s = self.left_s if is_running else None
        head = telling.standing(films, self._folder, is_running=is_running, left_s=left_s)
        return page(
            films,
            [line for line in (self.note, head, telling.answer(films)) if line],
            "" if is_running else telling.next_step(films),
            is_running=is_running,
            most_posters=_POSTERS_MEANWHILE if is_running else _POSTERS,
        )

    def _repr_html_(self) -> str:
        return self._page(self.films, is_running=self.is_running)

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        is_running, films = self.is_running, self.films
        return {
            "text/plain": self._told(films, is_running=is_running),
            "text/html": self._page(films, is_running=is_running),
        }
