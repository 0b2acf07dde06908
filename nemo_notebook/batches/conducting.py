"""A batch while it runs: work is handed out a little at a time, and what comes back is noted and shown."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import replace
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.batches import breaking, ending, standing
from nemo_notebook.batches.layout import trouble
from nemo_notebook.batches.ledger import FAILED, RUNNING, WAITING, Entry, Ledger, Told
from nemo_notebook.batches.makers import ended
from nemo_notebook.batches.order import Order
from nemo_notebook.batches.planning import failed, publish, waiting
from nemo_notebook.batches.rooms import clear, room
from nemo_notebook.batches.rows import Film
from nemo_notebook.batches.standing import State
from nemo_notebook.batches.work import Result, Work, film_id, make

_LOG: Final = logging.getLogger("nemo_notebook.batches")
_TICK_S: Final = 0.2
_HEAR_S: Final = 0.5
_GOODBYE_S: Final = 15.0
_TRIES: Final = 3
_GROWTH: Final = 4.0


class Conductor:
    """Runs a batch to its end.

    Args:
        order: What is asked for.
        states: How each film stands, in the order of their files.
        ledger: Where that is noted.
        executor: What runs the work.
        size: How many films at once.

    Attributes:
        changed: Notified whenever a film stands otherwise, and at the end.
        changes: How often anything has changed, also how far a film is.
        is_over: Whether nothing more is done.
        error: What ended the batch before its time.
    """

    def __init__(self, order: Order, states: Sequence[State], ledger: Ledger, executor: Executor, size: int) -> None:
        self._order = order
        self._films = list(states)
        self._ledger = ledger
        self._executor = executor
        self._size = size
        self._claim, self._batch_id = secrets.token_hex(4), ledger.id()
        self._flying: dict[Future[Result], int] = {}
        self._stop = threading.Event()
        self._last: errors.NemoError | None = None
        self.changed = threading.Condition()
        self.changes = 0
        self.is_over = False
        self.error: errors.NemoError | None = None

    def stop(self) -> None:
        """Begin nothing more, and end what is being made; what is finished stays."""
        self._stop.set()

    def run(self, held: contextlib.AbstractContextManager[object]) -> None:
        """Run to the end.

        Args:
            held: The hold on the folder, given back at the end.
        """
        ending.before_the_end(self, self._end)
        try:
            with held:
                try:
                    self._run()
                finally:
                    self._leave()
        except errors.NemoError as error:
            self.error = error
        except Exception as error:
            _LOG.exception("A batch failed.")
            self.error = errors.NemoError(f"The batch failed inside: {type(error).__name__}.", hint="The log says how.")
        finally:
            ending.not_any_more(self)
            with self.changed:
                self.is_over = True
                self.changes += 1
                self.changed.notify_all()

    def until_over(self, timeout_s: float) -> bool:
        """Wait for the end, at most so long; gives whether it has come."""
        with self.changed:
            return self.changed.wait_for(lambda: self.is_over, timeout_s)

    def _end(self) -> None:
        was_meant = self._stop.is_set()
        self.stop()
        with contextlib.suppress(KeyboardInterrupt):  # whoever is in a hurry interrupts twice
            self.until_over(_GOODBYE_S)
        if not was_meant:
            _LOG.warning(
                "The program has ended before its batch. `wait()` waits for it; the same call goes on with it."
            )

    def films(self) -> tuple[Film, ...]:
        """The rows as they stand now."""
        return standing.rows(self._films, self._order)

    def left_s(self) -> float | None:
        """Seconds until the end, as far as it can be told from the films that were made so far."""
        return standing.left_s(self._films, self._size)

    # On the conductor's own thread

    def _run(self) -> None:
        self._ledger.save(state.entry for state in self._films)
        next_s = 0.0
        while not self._stop.is_set() and (self._flying or self._has_more()):
            if self._last is None:
                self._hand_out()
            if self._flying:
                over = wait(self._flying, timeout=_TICK_S, return_when=FIRST_COMPLETED).done
                for future in sorted(over, key=_is_broken):
                    if not threading.main_thread().is_alive():
                        return  # the program ends: what fails now says nothing of the film
                    if future in self._flying:
                        self._take(self._flying.pop(future), future)
            else:
                self._stop.wait(_TICK_S)
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + _HEAR_S
                self._hear()
        if self._last is not None:
            raise self._last

    def _has_more(self) -> bool:
        return self._last is None and any(state.entry.state == WAITING for state in self._films)

    def _hand_out(self) -> None:
        now_s = time.monotonic()
        for at in breaking.in_turn(self._films):
            if len(self._flying) >= self._size or self._is_one_alone(at):
                return
            if self._films[at].not_before_s <= now_s:
                self._begin(at)

    def _is_one_alone(self, at: int) -> bool:
        """Whether a film cannot be begun beside those that are being made."""
        beside = [self._films[each].entry for each in self._flying.values()]
        return bool(beside) and any(map(breaking.is_made_alone, [self._films[at].entry, *beside]))

    def _begin(self, at: int) -> None:
        state = self._films[at]
        running = replace(waiting(state.entry), state=RUNNING)
        self._ledger.save([running], self._claim)
        work = self._work(at)
        try:
            Path(work.target).parent.mkdir(exist_ok=True)
        except OSError as error:
            raise trouble(error, self._ledger.folder) from error
        try:
            future = self._executor.submit(make, work)
        except Exception as error:
            self._ledger.save([state.entry])
            if isinstance(error, BrokenExecutor):
                self._broke()
            raise ended(error) from error
        state.tries += 1
        state.begun_s, state.told = time.monotonic(), Told()
        self._flying[future] = at
        self._set(at, running)

    def _work(self, at: int) -> Work:
        order, entry, source = self._order, self._films[at].entry, self._order.sources[at]
        return Work(
            source=str(source),
            more=tuple(str(path) for path in order.more),
            prompt=order.prompt,
            skill=order.skill,
            backend=order.backend,
            form=dict(order.form),
            target=str(room(self._ledger.folder, self._claim, at) / entry.name),
            film=film_id(entry, self._batch_id),
            ledger=str(self._ledger.folder),
            place=entry.place,
            claim=self._claim,
        )

    def _take(self, at: int, future: Future[Result]) -> None:
        """Note what came of a film."""
        state = self._films[at]
        try:
            result = future.result()
        except BrokenExecutor as error:
            has_begun = self._broke(at)
            if all(state.entry.state != WAITING for state in self._films):
                return
            raise ended(error, has_begun=has_begun) from error
        except CancelledError as error:  # which says nothing of the film
            self._set(at, waiting(state.entry))
            raise ended(error) from error
        except BaseException as error:  # its worker ended
            reason = f"Its worker ended: {type(error).__name__}."
            result = Result(reason=reason, hint="The machine may be short of memory: try fewer workers.")
        if result.is_made:
            self._set(at, self._keep(at, result))
        elif result.was_stopped:
            self._set(at, waiting(state.entry))
        elif result.ends_all:
            self._set(at, waiting(state.entry))
            self._ledger.save([state.entry])
            self._last = errors.NemoError(result.reason, hint=result.hint)
            if not result.others_may_end:
                raise self._last
        elif result.again_s is not None and state.tries < _TRIES:
            state.not_before_s = time.monotonic() + result.again_s * _GROWTH ** (state.tries - 1)
            self._set(at, waiting(state.entry))
        else:
            session = state.entry.session if state.entry.film_sha256 else result.session  # a film there keeps its own
            why = replace(state.entry, reason=result.reason, hint=result.hint)
            self._set(at, replace(why, state=FAILED, session=session))
        if state.entry.state != RUNNING:
            self._ledger.save([state.entry])

    def _broke(self, *over: int) -> bool:
        """Note with which films the workers have ended; gives whether there are any."""
        begun = {place for place, told in self._ledger.told().items() if told.stage}
        for each in (*over, *self._flying.values()):
            entry = self._films[each].entry
            self._set(each, breaking.with_its_worker(entry) if entry.place in begun else waiting(entry))
        self._flying.clear()
        for each, state in enumerate(self._films):
            self._set(each, breaking.given_up(state.entry))
        self._ledger.save(state.entry for state in self._films)
        return bool(begun)

    def _keep(self, at: int, result: Result) -> Entry:
        """A film that was made, under its name."""
        before = self._films[at].entry
        made = replace(
            before,
            film_key=before.key,
            film_sha256=result.sha256,
            earlier_sha256=before.film_sha256,
            film_bytes=result.size_bytes,
            duration_s=result.duration_s,
            took_s=result.took_s,
            session=result.session,
            reply=result.reply,
            ended=0,
            poster=result.poster,
        )
        working = Path(self._work(at).target)
        try:
            return publish(working, before, made, self._order, lambda entry: self._ledger.save([entry], self._claim))
        except errors.NemoError as error:
            self._ledger.check()  # where nothing can be kept, no other film need be made
            return failed(before, error)

    def _set(self, at: int, entry: Entry) -> None:
        with self.changed:
            self._films[at].entry = entry
            self.changes += 1
            self.changed.notify_all()

    def _hear(self) -> None:
        told = self._ledger.told()
        for at in self._flying.values():
            state = self._films[at]
            if (news := told.get(state.entry.place, state.told)) != state.told:
                state.told = news
                self.changes += 1

    def _leave(self) -> None:
        """End what is still being made, and leave no half of it behind."""
        left = [at for at, state in enumerate(self._films) if state.entry.state == RUNNING]
        for at in left:
            self._set(at, waiting(self._films[at].entry))
        try:
            self._ledger.save(self._films[at].entry for at in left)  # without the claim: nobody wants them any more
        except errors.NemoError as error:  # nor can those who make them note anything, which ends them too
            _LOG.warning("%s", error)
        for future in self._flying:
            future.cancel()
        wait(self._flying, timeout=_GOODBYE_S)
        clear(self._ledger.folder)


def _is_broken(future: Future[Result]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), BrokenExecutor)
