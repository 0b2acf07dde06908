"""The scheduler of a batch: it submits films to an executor, never more than so many at once, and keeps the ledger.

A pool whose process ends takes all its films with it, and which of them ended it cannot be seen. So those that had
begun are made last and one at a time, and one whose worker ends a second time fails.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent import futures
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.batches.folder import free_name, mark_of, move_new
from nemo_notebook.batches.ledger import FilmProgress, Ledger, LedgerEntry, MadeFilm, trouble
from nemo_notebook.batches.order import BatchOrder
from nemo_notebook.batches.status import BatchFilm
from nemo_notebook.batches.work import Work, make_film
from nemo_notebook.client.transfers import disk_error
from nemo_notebook.files import replace_durably
from nemo_notebook.outside import plain
from nemo_notebook.session.results import near

_LOG: Final = logging.getLogger("nemo_notebook.batch")
_TICK_S: Final = 0.2
_HEAR_S: Final = 0.5
_GOODBYE_S: Final = 15.0
_TRIES: Final = 3
_RETRY_S: Final = 1.0
_GROWTH: Final = 4.0
_MOST_ENDED: Final = 2  # workers that end while they have a film, until it fails
_FEWER: Final = "The machine may be short of memory: try fewer workers."

_MOST: Final = 64  # films at once
_USUAL: Final = 16  # at most, where nobody says how many
_MOST_IN_CLOUD: Final = 2  # what a service with limits takes from one user


def choose_executor(executor: Any, workers: int | None, *, is_local: bool) -> tuple[Executor, int]:
    """What runs the work, and how many films at once.

    The local engine works in processes of its own, one for each core; so threads that wait for it are enough, and one
    engine serves them all.

    Args:
        executor: A `concurrent.futures.Executor`, a Dask client, or None for threads of this process.
        workers: How many at once; as many as suit it if None.
        is_local: Whether the local engine makes the films.

    Raises:
        UsageError: It is no executor, or the number is invalid.
    """
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= _MOST):
        raise errors.UsageError(f"workers cannot be {workers!r}.", hint=f"Give a number from 1 to {_MOST}.")
    if executor is None:
        found: Executor = futures.ThreadPoolExecutor(_MOST, "nemo-batch")
        size = min(max(2, settings.cores()), _USUAL)
    elif hasattr(executor, "get_executor"):  # Dask's client
        found, size = executor.get_executor(), sum(executor.ncores().values())
    elif hasattr(executor, "submit"):
        found, size = executor, getattr(executor, "_max_workers", 2)
    else:
        hint = "Give a concurrent.futures.Executor, or a Dask client."
        raise errors.UsageError(f"{type(executor).__name__} runs no work.", hint=hint)
    return found, max(1, min(workers or size, _MOST if is_local else _MOST_IN_CLOUD))


def _executor_error(error: BaseException, *, has_begun: bool = True) -> errors.NemoError:
    """Error for an executor that was closed, or one of whose processes was killed."""
    hint = "Run the same call again with a fresh executor to go on where it stopped."
    if not has_begun:
        hint += ' A program that starts processes needs the line `if __name__ == "__main__":` before it does.'
    elif isinstance(error, BrokenExecutor):
        hint += f" What was being made comes last then. {_FEWER}"
    return errors.NemoError(f"The executor takes no more work: {type(error).__name__}.", hint=hint)


@dataclass(slots=True, eq=False)
class _FilmState:
    """One film while the batch runs: its file, ledger entry and last report, and when it was begun how often."""

    source: Path
    entry: LedgerEntry
    progress: FilmProgress = field(default_factory=FilmProgress)
    begun_s: float = 0.0
    not_before_s: float = 0.0
    tries: int = 0

    def row(self, out: Path) -> BatchFilm:
        entry, progress = self.entry, self.progress  # the scheduler's thread may change them meanwhile
        film, is_done = entry.film or MadeFilm("", 0), entry.state == "done"
        row = BatchFilm(
            source=self.source,
            state=entry.state,
            output=out / entry.name if is_done else None,
            reason=entry.reason.replace(str(self.source), near(self.source).as_posix()) if entry.reason else "",
            hint=entry.hint,
            duration_s=film.duration_s,
            size_bytes=film.size_bytes if is_done else 0,
            took_s=film.took_s,
            session=entry.session,
            reply=film.reply if is_done else "",
            poster=film.poster,
            is_anew=entry.is_anew,
            was_there=is_done and not self.tries,
        )
        if entry.state != "running":
            return row
        return replace(row, stage=progress.stage, share=progress.share, left_s=progress.left_s)


class Scheduler:
    """Runs a batch to its end, on a thread of its own.

    Args:
        order: What is asked for.
        entries: How each film stands, in the order of their files.
        ledger: Where that is kept.
        executor: What runs the work.
        size: How many films at once.

    Attributes:
        changed: Notified whenever an entry changes, and at the end.
        changes: How often anything has changed, including progress.
        is_over: Whether it has ended.
        error: What ended the batch early.
    """

    def __init__(
        self, order: BatchOrder, entries: Sequence[LedgerEntry], ledger: Ledger, executor: Executor, size: int
    ) -> None:
        self._order = order
        self._states = [_FilmState(source, entry) for source, entry in zip(order.sources, entries, strict=True)]
        self._ledger = ledger
        self._executor = executor
        self._size = size
        self._making = ledger.folder / "making"  # films are made here, until they are whole
        self._claim, self._batch_id = secrets.token_hex(4), ledger.id()
        self._flying: dict[Future[LedgerEntry], _FilmState] = {}
        self._stop = threading.Event()
        self._last: errors.NemoError | None = None  # nothing more is begun, but what is being made is finished
        self.changed = threading.Condition()
        self.changes = 0
        self.is_over = False
        self.error: errors.NemoError | None = None

    def start(self, held: contextlib.ExitStack) -> None:
        """Start the thread, which closes `held`, the lock on the folder, at the end."""
        threading.Thread(target=self._run, args=(held,), name="nemo-batch-run", daemon=True).start()

    def stop(self) -> None:
        """Begin nothing more, and end what is being made; what is finished stays."""
        self._stop.set()

    def films(self) -> tuple[BatchFilm, ...]:
        """The rows as they stand now."""
        return tuple(state.row(self._order.out) for state in self._states)

    def left_s(self) -> float | None:
        """Seconds until the end, estimated from the films made so far; None if there are none."""
        seen = [state for state in self._states if state.tries or state.entry.state == "waiting"]
        took = [state.entry.film.took_s for state in seen if state.entry.state == "done" and state.entry.film]
        if not took:
            return None
        mean_s, now_s = sum(took) / len(took), time.monotonic()
        running = sum(max(0.0, mean_s - (now_s - s.begun_s)) for s in seen if s.entry.state == "running")
        return (running + mean_s * sum(s.entry.state == "waiting" for s in seen)) / self._size

    def wait_until_over(self, timeout_s: float) -> bool:
        """Wait for the end, at most so long. Returns whether it has come."""
        with self.changed:
            return self.changed.wait_for(lambda: self.is_over, timeout_s)

    def end_with_program(self) -> None:
        """Stop it, as the program ends."""
        was_stopped = self._stop.is_set()
        self.stop()
        with contextlib.suppress(KeyboardInterrupt):  # whoever is in a hurry interrupts twice
            self.wait_until_over(_GOODBYE_S)
        if not was_stopped:
            _LOG.warning("The program has ended before its batch. Call `wait()`; the same call again resumes it.")

    # On the scheduler's own thread

    def _run(self, held: contextlib.ExitStack) -> None:
        _register_at_exit()
        _RUNNING.add(self)
        try:
            with held:
                try:
                    self._ledger.save(state.entry for state in self._states)
                    self._schedule()
                finally:
                    self._leave()
        except errors.NemoError as error:
            self.error = error
        except Exception as error:
            _LOG.exception("A batch failed.")
            self.error = errors.NemoError(f"The batch failed inside: {type(error).__name__}.", hint="The log says how.")
        finally:
            _RUNNING.discard(self)
            with self.changed:
                self.is_over = True
                self.changes += 1
                self.changed.notify_all()

    def _schedule(self) -> None:
        next_s = 0.0
        while not self._stop.is_set() and (self._flying or (self._last is None and self._waiting())):
            if self._last is None:
                self._submit_next()
            if not self._flying:
                self._stop.wait(_TICK_S)
            for future in sorted(futures.wait(self._flying, _TICK_S, futures.FIRST_COMPLETED).done, key=_is_broken):
                if not threading.main_thread().is_alive():
                    return  # the program ends: what fails now says nothing of the film
                if state := self._flying.pop(future, None):
                    self._take(state, future)
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + _HEAR_S
                self._read_reports()
        if self._last is not None:
            raise self._last

    def _waiting(self) -> list[_FilmState]:
        """The films that wait, in the order in which they are begun."""
        return sorted((s for s in self._states if s.entry.state == "waiting"), key=lambda state: state.entry.ended)

    def _submit_next(self) -> None:
        for state in self._waiting():
            beside = [*self._flying.values(), state]
            is_alone = len(beside) > 1 and any(each.entry.ended for each in beside)
            if is_alone or len(beside) > self._size:
                return
            if state.not_before_s <= time.monotonic():
                self._submit(state)

    def _submit(self, state: _FilmState) -> None:
        running = replace(state.entry, state="running", reason="", hint="")
        self._ledger.save([running], self._claim)
        work = replace(self._work(state), entry=running)
        try:
            Path(work.target).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise trouble(error, self._ledger.folder) from error
        try:
            future = self._executor.submit(make_film, work)
        except Exception as error:
            self._ledger.save([state.entry])
            if isinstance(error, BrokenExecutor):
                self._pool_broke()
            raise _executor_error(error) from error
        state.tries += 1
        state.begun_s, state.progress = time.monotonic(), FilmProgress()
        self._flying[future] = state
        self._set(state, running)

    def _work(self, state: _FilmState) -> Work:
        directory = self._making / f"{self._claim}-{self._states.index(state)}"
        return Work(
            source=str(state.source),
            order=replace(self._order, sources=()),
            entry=state.entry,
            target=str(directory / state.entry.name),
            ledger=str(self._ledger.folder),
            batch=self._batch_id,
            claim=self._claim,
        )

    def _take(self, state: _FilmState, future: Future[LedgerEntry]) -> None:
        """Keep what came of a film."""
        try:
            entry = future.result()
        except BrokenExecutor as error:
            has_begun = self._pool_broke(state)
            if not self._waiting():
                return
            raise _executor_error(error, has_begun=has_begun) from error
        except futures.CancelledError as error:  # which says nothing of the film
            raise _executor_error(error) from error
        except errors.NemoError as error:
            self._last, entry = error, replace(state.entry, state="waiting")
        except BaseException as error:  # its worker ended
            reason = f"Its worker ended: {type(error).__name__}."
            entry = replace(state.entry, state="failed", reason=reason, hint=_FEWER)
        if entry.state == "made":
            entry = self._publish(state, entry)
        elif entry.state == "waiting" and entry.reason and state.tries >= _TRIES:
            entry = replace(entry, state="failed")
        elif entry.state == "waiting":
            state.not_before_s = time.monotonic() + _RETRY_S * _GROWTH ** (state.tries - 1)
            entry = replace(entry, reason="", hint="")
        self._set(state, entry)
        self._ledger.save([entry])

    def _publish(self, state: _FilmState, entry: LedgerEntry) -> LedgerEntry:
        """Move a finished film to its name. A file there that no batch has made stays: the film gets another name."""
        before = state.entry
        ours = {entry.earlier_sha256, before.earlier_sha256} - {""}
        working, target = Path(self._work(state).target), self._order.out / entry.name
        try:
            if os.path.lexists(target) and mark_of(target).sha256 in ours:
                self._ledger.save([entry], self._claim)  # before the move, so that a batch killed here finds the film
                replace_durably(working, target)
                return replace(entry, state="done")
            while True:
                entry = replace(entry, name=free_name(target.parent, target.stem, entry.ending))
                self._ledger.save([entry], self._claim)
                with contextlib.suppress(FileExistsError):  # it appeared this moment
                    move_new(working, target.parent / entry.name)
                    return replace(entry, state="done")
        except OSError as error:
            self._ledger.check()  # if nothing can be written there, no other film need be made
            failure = disk_error(error, target)
            return replace(before, state="failed", reason=plain(failure.message), hint=plain(failure.hint))

    def _pool_broke(self, *over: _FilmState) -> bool:
        """Keep which films the workers had when they ended. Returns whether there are any."""
        begun = {place for place, progress in self._ledger.reports().items() if progress.stage}
        lost = {*over, *self._flying.values()}
        for state in self._states:
            entry = state.entry
            if state in lost:
                entry = replace(entry, state="waiting", ended=entry.ended + (entry.place in begun))
            if entry.state == "waiting" and entry.ended >= _MOST_ENDED:
                hint = f"Check that the file plays. {_FEWER}"
                entry = replace(entry, state="failed", reason="Its worker ended twice while this was made.", hint=hint)
            self._set(state, entry)
        self._flying.clear()
        self._ledger.save(state.entry for state in self._states)
        return bool(begun)

    def _set(self, state: _FilmState, entry: LedgerEntry) -> None:
        with self.changed:
            state.entry = entry
            self.changes += 1
            self.changed.notify_all()

    def _read_reports(self) -> None:
        reports = self._ledger.reports()
        for state in self._flying.values():
            if (progress := reports.get(state.entry.place, state.progress)) != state.progress:
                state.progress = progress
                self.changes += 1

    def _leave(self) -> None:
        """End what is still being made, and leave no half of it behind."""
        left = [state for state in self._states if state.entry.state == "running"]
        for state in left:
            self._set(state, replace(state.entry, state="waiting"))
        try:
            self._ledger.save(state.entry for state in left)  # without the claim: so their workers stop
        except errors.NemoError as error:  # nor can these report anything, which ends them too
            _LOG.warning("%s", error)
        for future in self._flying:
            future.cancel()
        futures.wait(self._flying, timeout=_GOODBYE_S)
        shutil.rmtree(self._making, ignore_errors=True)


def _is_broken(future: Future[LedgerEntry]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), BrokenExecutor)


_RUNNING: Final[set[Scheduler]] = set()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_RUNNING.clear)  # the batch is the parent's


@cache
def _register_at_exit() -> None:
    # `atexit` comes when pools of threads take no more work, and so nobody could stop anything.
    register = getattr(threading, "_register_atexit", atexit.register)
    try:
        register(_end_all)
    except RuntimeError:  # the program ends this moment
        atexit.register(_end_all)


def _end_all() -> None:
    for scheduler in list(_RUNNING):
        scheduler.end_with_program()
