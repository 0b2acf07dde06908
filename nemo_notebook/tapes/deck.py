"""The one tape that is in use in this process, and how far it is."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Final

from nemo_notebook import clock, errors, settings
from nemo_notebook.tapes import places
from nemo_notebook.tapes.folders import new_home
from nemo_notebook.tapes.format import Answer, Exchange, Header, Medium, Request, Tape
from nemo_notebook.tapes.live import Live as Live
from nemo_notebook.tapes.live import Taking as Taking
from nemo_notebook.tapes.matching import Matcher, Missing
from nemo_notebook.tapes.names import Names
from nemo_notebook.tapes.pace import Pace
from nemo_notebook.tapes.tape_clock import TapeClock
from nemo_notebook.tapes.tape_file import Writer
from nemo_notebook.tapes.telling import mismatch

SERVICE: Final = "https://service.tape"
"""Where a backend is, as sessions on a tape know it."""
RECORD, REPLAY, AUTO = "record", "replay", "auto"

_LONGEST_LABEL: Final = 200
_cell: ContextVar[tuple[str, str]] = ContextVar("nemo_tape_cell", default=("", ""))  # with the tape's id


class Deck:
    """A tape in use. Sessions keep the deck that was there when they were opened.

    Args:
        mode: `record`, `replay` or `auto`.
        path: The tape's file.
        header: Its header; where nothing was recorded yet, `meet` fills in what is known of the backend.
        pace: How long waits take when it is played.
        tape: What is on it already.
        names: What is known from its recording here.
        reach: Finds a backend to go on with.

    Attributes:
        clock: Tells the time of the tape.
        home: A folder for what sessions note: it is empty at the begin, and goes with the deck.
        played: How many answers were given from the tape.
        played_cells: Which cells they were for, since each began.
        mismatches: What it had no answer for since the cell began.
        coming: What is being played now, but for streams and files.
        is_going_on: Whether what is asked now goes to a backend and is recorded.
        is_over: Whether it is out of use.
        backend: As the backend that is recorded was asked for.
        url: Where that is.
        live: The backend that is gone on with.
        note: What is to be told of its file.
    """

    def __init__(
        self,
        mode: str,
        path: Path,
        header: Header,
        pace: Pace,
        tape: Tape | None = None,
        names: Names | None = None,
        reach: Callable[[], Awaitable[Live]] | None = None,
    ) -> None:
        self.mode = mode
        self.path = path
        self.header = header
        self.pace = pace
        self.tape = tape
        self.names = names or Names()
        self.reach = reach
        self.matcher = Matcher(tape.exchanges if tape else ())
        self.clock = TapeClock(header.recorded_s, pace)
        self.home = new_home()
        self.is_going_on = tape is None
        self.is_over = False
        self.played = 0
        self.mismatches: list[errors.TapeMismatch] = []
        self.exchanges = len(tape.exchanges) if tape else 0
        self.media = {sha for sha, medium in tape.media.items() if medium.data is not None} if tape else set[str]()
        self.secrets: set[str] = set()
        self.coming: list[Exchange] = []
        self.backend, self.url = "auto", ""
        self.live: Live | None = None
        self.cell = ""
        self.played_cells: set[str] = set()
        self.note = ""
        self._writer: Writer | None = None
        self._turn = self._renders = 0
        self._lock = threading.RLock()
        self._begun_s = time.monotonic()
        self._seen = places.look(path)
        self._process = os.getpid()

    # The cell

    def label_cell(self, label: str) -> None:
        """A cell begins."""
        self.cell = label[:_LONGEST_LABEL]
        _cell.set((self.header.id, self.cell))
        self.played_cells.discard(self.cell)
        self.mismatches.clear()

    def new_render_id(self) -> str:
        """The name of an export that is about to begin."""
        with self._lock:
            self._renders += 1
            return f"render_tape_{self._renders}"

    @property
    def running_cell(self) -> str:
        """The cell that the running task was begun by, as far as that is known."""
        tape, cell = _cell.get()
        return cell if tape == self.header.id else self.cell

    def check_in_use(self) -> None:
        """Refuse to work for sessions of a tape that has ended.

        Raises:
            TapeError: It has.
        """
        if self.is_over:
            hint = "Connect again: `%nemo connect`."
            raise errors.TapeError(f"This session was on the tape {self.path.name}, which has ended.", hint=hint)

    # Recording

    def meet(self, name: str, url: str, *, is_local: bool, is_anonymous: bool) -> None:
        """A session is opened while this is recorded: at which backend.

        Args:
            name: As the backend was asked for.
            url: Where it is.
            is_local: Whether it is the engine on this machine.
            is_anonymous: Whether a free anonymous token is used there.

        Raises:
            TapeError: Others on this tape are at another kind, or the tape cannot be written.
        """
        backend = "local" if is_local else "cloud"
        with self._lock:
            if self._writer is None:
                self.backend, self.url, self.names = name, url, Names([url])
                self.header = replace(self.header, backend=backend, anonymous=is_anonymous)
                self._writer = Writer(self.path, self.header, seen=self._seen)
            elif self.header.backend != backend:
                hint = "End it with `%nemo tape off`, or stay with one backend."
                raise errors.TapeError(f"This tape has a session at the {_PLACES[self.header.backend]}.", hint=hint)

    def go_on(self, live: Live) -> None:
        """From here on, record what is asked of a backend, behind what was played.

        Raises:
            TapeError: The tape cannot be written.
        """
        with self._lock:
            if not self.is_going_on:
                assert self.tape is not None
                self._writer = Writer(self.path, self.header, self.tape, self._seen)
                self._turn = self.matcher.turn
                self._begun_s = time.monotonic() - self.clock.monotonic_s()
                self.clock.pace = Pace("recorded")
                self.live, self.url = live, live.url
                if live.token is not None:
                    self.secrets.add(live.token.reveal())
                self.is_going_on = True

    def now_ms(self) -> float:
        """How long this has been recorded, to the tenth of a millisecond."""
        return round((time.monotonic() - self._begun_s) * 1000, 1)

    def begin(self, request: Request) -> Taking:
        """A request is about to be sent."""
        with self._lock:
            turn = self._turn
            self._turn += request.method != "GET"
        return Taking(request, self.running_cell, turn, self.now_ms())

    def take(self, taking: Taking, answer: Answer, medium: Medium | None = None) -> None:
        """An exchange is over: record it.

        Raises:
            TapeError: It cannot be written.
        """
        with self._lock:
            if taking.is_over or self._writer is None:
                return  # the second is so where the recording has ended meanwhile
            taking.is_over = True
            took_ms = round(max(self.now_ms() - taking.at_ms, 0.0), 1)
            secrets = self._known_secrets()
            if medium is not None:
                self._writer.add(medium, secrets)
                if medium.data is not None:
                    self.media.add(medium.sha256)
            number = self.exchanges + 1
            exchange = Exchange(number, taking.cell, taking.turn, taking.at_ms, took_ms, taking.request, answer)
            self._writer.add(exchange, secrets)
            self.exchanges = number
        self.clock.move_to(taking.at_ms + took_ms)

    def drop(self, taking: Taking) -> None:
        """A request has not reached anybody, and goes to another backend: as if it had not been."""
        with self._lock:
            self._turn -= taking.request.method != "GET"

    # Replaying

    def find(self, request: Request) -> Exchange | Missing:
        """What answers a request."""
        with self._lock:
            found = self.matcher.find(request)
            if isinstance(found, Exchange):
                self.played += 1
                self.played_cells.add(self.running_cell)
            return found

    def end(self, exchange: Exchange) -> None:
        """An exchange was played to its end."""
        with self._lock:
            self.matcher.end(exchange)
        self.clock.move_to(exchange.at_ms + exchange.took_ms)

    def missing(self, request: Request, missing: Missing) -> errors.TapeMismatch:
        """The error of a request that nothing answers."""
        error = mismatch(request, self.running_cell, missing)
        self.mismatches.append(error)
        return error

    # The end

    @property
    def size_bytes(self) -> int:
        """How large the tape is by now."""
        if self._writer is not None:
            return self._writer.size_bytes
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def close(self) -> Tape | None:
        """End it: a recording is saved. Its sessions get no answers any more.

        Raises:
            TapeSecret: The recording holds a secret.
            TapeError: It cannot be saved.
        """
        with self._lock:
            self.is_over = True
            writer, self._writer = self._writer, None
        if self._process != os.getpid():
            return None  # a fork of the process that records, which goes on with it
        self.note = ""
        with contextlib.suppress(OSError):
            shutil.rmtree(self.home)
        if writer is None:
            return None
        if not self.exchanges:
            writer.abandon()
            return None
        saved = writer.finish(self._known_secrets(), keeps_old=self.tape is None)
        if writer.path != self.path:
            told = "was changed by others since, and is left to them: this recording is"
            self.note, self.path = f"{self.path.name} {told} {writer.path.name}.", writer.path
        return saved

    def _known_secrets(self) -> set[str]:
        return {*self.secrets, *self.names.secrets()}


_PLACES: Final = {"local": "local engine", "cloud": "cloud"}
_deck: Deck | None = None


def current() -> Deck | None:
    """The tape in use, if there is one."""
    return _deck


def home() -> Path:
    """Where sessions that are opened now keep what they note."""
    return _deck.home if _deck else settings.home()


def use(deck: Deck | None) -> None:
    """Put a tape into use, and its clock with it; None takes the one that is out."""
    global _deck  # noqa: PLW0603 - one for the process
    _deck = deck
    clock.use(deck.clock if deck else clock.MACHINE)
