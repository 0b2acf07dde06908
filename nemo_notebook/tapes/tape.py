"""The tape in use: the hook that records or replays a client's requests, and how it begins and ends."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from msgspec import structs

from nemo_notebook import __version__, errors, settings
from nemo_notebook.client import hook
from nemo_notebook.client.hook import CheckUrl
from nemo_notebook.files import temporary_folder
from nemo_notebook.tapes import file as files
from nemo_notebook.tapes.format import Exchange, Header, Medium, Request, TapeAnswer, TapeContent, new_header
from nemo_notebook.tapes.matching import Matcher, Missing, mismatch, needed_files
from nemo_notebook.tapes.names import Names
from nemo_notebook.tapes.player import SPEEDS as SPEEDS, ReplayPace, ReplayTransport, TapeClock
from nemo_notebook.tapes.recorder import PendingExchange, RecordingTransport

KEEP_BYTES: Final = 8 << 20  # of one medium; larger ones are noted by their hash
SERVICE: Final = "https://service.tape"
"""The address of the backend, as sessions on a tape know it."""

_LOG: Final = logging.getLogger("nemo_notebook.tapes")
_LONGEST_LABEL: Final = 200
_PLACES: Final = {"local": "local engine", "cloud": "cloud"}
_cell: ContextVar[tuple[str, str]] = ContextVar("nemo_tape_cell", default=("", ""))  # with the tape's id


@dataclass(eq=False)
class TapeState:
    """The state of a tape, as people see it.

    Attributes:
        mode: `record`, `replay` or `auto`.
        path: Its file.
        recorded_s: When it was begun, in seconds since 1970.
        exchanges: How many exchanges it holds by now.
        played: How many answers were given from it.
        speed: One of `SPEEDS`.
        is_recording: Whether requests go to a backend and are recorded.
        media: How many media it keeps.
        size_bytes: How large its file is, or, while it is recorded, what was written so far.
        left_out: What a recording that was saved could not keep.
        note: What else there is to say of its file, such as where an interrupted recording is kept.
    """

    mode: str
    path: Path
    recorded_s: float
    exchanges: int
    played: int
    speed: str
    is_recording: bool
    media: int = 0
    size_bytes: int = 0
    left_out: tuple[Medium, ...] = ()
    note: str = ""


class Tape(TapeState):
    """A tape in use; see `client.hook.Hook`.

    Args:
        mode: `record`, `replay` or `auto`.
        path: The tape's file.
        header: Its header; where nothing was recorded yet, `connected` fills in the backend.
        pace: How long waits take when it is played.
        content: What is on it; None to record.

    Attributes:
        played_cells: The cells that answers from the tape were for, since each began.
        mismatches: What it had no answer for since the cell began.
        coming: What is being played now, but for streams and files.
        is_over: Whether it is out of use.
    """

    def __init__(
        self, mode: str, path: Path, header: Header, pace: ReplayPace, content: TapeContent | None = None
    ) -> None:
        exchanges = content.exchanges if content else ()
        super().__init__(mode, path, header.recorded_s, len(exchanges), 0, pace.speed, is_recording=content is None)
        self.header = header
        self.pace = pace
        self.content = content
        self.id, self.url, self.backend = header.id, SERVICE, "auto"
        self.names = Names()
        self.matcher = Matcher(exchanges)
        self.clock = TapeClock(header.recorded_s, pace)
        self.home = _new_home()
        self.is_over = False
        self.played_cells: set[str] = set()
        self.mismatches: list[errors.TapeMismatch] = []
        self.secrets: set[str] = set()
        self.coming: list[Exchange] = []
        self.cell = ""
        self.file_names: dict[str, str] = {}
        self._real_url = ""
        self._writer: files.Writer | None = None
        self._turn = 0
        self._lock = threading.RLock()
        self._begun_s = time.monotonic()
        self._process = os.getpid()
        if content:
            self.media = sum(medium.data is not None for medium in content.media.values())
            with contextlib.suppress(OSError):
                self.size_bytes = path.stat().st_size

    @property
    def is_local(self) -> bool:
        """Whether the backend is the local engine."""
        return self.header.backend == "local"

    @property
    def is_anonymous(self) -> bool:
        """Whether a free anonymous token was in use."""
        return self.header.anonymous

    def transport(
        self, base_url: str, sender: Callable[[], httpx.AsyncClient], check_url: CheckUrl | None
    ) -> httpx.AsyncBaseTransport:
        """What answers a client."""
        base = httpx.URL(base_url) if base_url else None
        if self.is_recording:
            return RecordingTransport(sender(), self, base, check_url)
        return ReplayTransport(self, base)

    def new_render_id(self) -> str:
        """The placeholder of an export that is about to begin."""
        return self.names.new_render_id()

    def name_file(self, path: str, name: str) -> None:
        """The user's name for the file at a path or an address."""
        self.file_names[path] = name.replace("\\", "_")

    def real(self, value: Any) -> Any:
        """A JSON value with the backend's own ids."""
        return self.names.real(value)

    def real_url(self) -> str:
        """The backend's own address."""
        return self._real_url

    def needed_files(self) -> str:
        """A hint for uploads whose files are missing; empty while it is recorded."""
        return needed_files(self.content.exchanges) if self.content else ""

    # The cell

    def label_cell(self, label: str) -> None:
        """A cell begins."""
        self.cell = label[:_LONGEST_LABEL]
        _cell.set((self.header.id, self.cell))
        self.played_cells.discard(self.cell)
        self.mismatches.clear()

    @property
    def running_cell(self) -> str:
        """The cell that has begun the running task, as far as that is known."""
        tape, cell = _cell.get()
        return cell if tape == self.header.id else self.cell

    def check_in_use(self) -> None:
        """Refuse requests of sessions on a tape that has ended.

        Raises:
            TapeError: It has.
        """
        if self.is_over:
            hint = "Connect again: `%nemo connect`."
            raise errors.TapeError(f"This session was on the tape {self.path.name}, which has ended.", hint=hint)

    # Recording

    def connected(self, name: str, url: str, *, is_local: bool, is_anonymous: bool) -> None:
        """A session is opened while this is recorded: begin the file, or check that it is the same kind of backend.

        Raises:
            TapeError: Others on this tape are at another kind, or the tape cannot be written.
        """
        with self._lock:
            if self._writer is None:
                self.backend, self._real_url, self.names = name, url, Names([url])
                backend = "local" if is_local else "cloud"
                self.header = structs.replace(self.header, backend=backend, anonymous=is_anonymous)
                self._writer = files.Writer(self.path, self.header)
            elif self.is_local is not is_local:
                hint = "End it with `%nemo tape off`, or stay with one backend."
                raise errors.TapeError(f"This tape has a session at the {_PLACES[self.header.backend]}.", hint=hint)

    def now_ms(self) -> float:
        """How long this has been recorded, to the tenth of a millisecond."""
        return round((time.monotonic() - self._begun_s) * 1000, 1)

    def begin(self, request: Request) -> PendingExchange:
        """A request is about to be sent."""
        with self._lock:
            turn = self._turn
            self._turn += request.method != "GET"
        return PendingExchange(request, self.running_cell, turn, self.now_ms())

    def take(self, pending: PendingExchange, answer: TapeAnswer, medium: Medium | None = None) -> None:
        """Record an exchange that is over.

        Raises:
            TapeError: It cannot be written.
        """
        with self._lock:
            if pending.is_over or self._writer is None:
                return  # the second is so where the recording has ended meanwhile
            pending.is_over = True
            took_ms = round(max(self.now_ms() - pending.at_ms, 0.0), 1)
            if medium is not None:
                self.media += self._writer.add(medium) and medium.data is not None
            number = self.exchanges + 1
            self._writer.add(
                Exchange(number, pending.cell, pending.turn, pending.at_ms, took_ms, pending.request, answer)
            )
            self.exchanges, self.size_bytes = number, self._writer.size_bytes
        self.clock.move_to(pending.at_ms + took_ms)

    def drop(self, pending: PendingExchange) -> None:
        """Forget a request that has reached nobody, and goes to another backend."""
        with self._lock:
            self._turn -= pending.request.method != "GET"

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

    def close(self) -> None:
        """End it: a recording is saved. Its sessions get no answers any more.

        Raises:
            TapeSecret: The recording holds a secret.
            TapeError: It cannot be saved.
        """
        with self._lock:
            self.is_over = True
            self.content, self.matcher = None, Matcher(())  # whoever keeps the state need not keep all films
            writer, self._writer = self._writer, None
        if self._process != os.getpid():
            return  # a fork of the process that records, which goes on with it
        self.note = ""
        with contextlib.suppress(OSError):
            shutil.rmtree(self.home)
        if writer is not None and not self.exchanges:
            writer.abandon()
        elif writer is not None:
            media = writer.finish({*self.secrets, *self.names.secrets()}).media
            self.left_out = tuple(medium for medium in media.values() if medium.data is None)
            self.size_bytes = writer.size_bytes


def record_tape(path: Path, *, keep_bytes: int = KEEP_BYTES) -> Tape:
    """Record every exchange from here on, until `end_tape`; sessions that are open go on without.

    Args:
        path: The file; it appears, and takes the place of what is there, when the recording ends.
        keep_bytes: Media up to this size are kept in the tape.

    Raises:
        UsageError: Another tape is in use.
        TapeError: It cannot be written there.
    """
    path = _free(path)
    if not path.parent.is_dir():
        raise errors.TapeError(f"There is no folder {path.parent}.", hint="Check the path, or make it first.")
    if path.exists() and not path.is_file():
        raise errors.TapeError(f"{path.name} is no file.", hint="Name a file, such as film.nemotape.")
    if not os.access(path.parent, os.W_OK):
        raise errors.TapeError(f"Nothing can be written to {path.parent}.", hint="Choose another folder.")
    kept = files.put_aside_interrupted(path)
    header = new_header(now_s=time.time(), package=__version__, backend="cloud", title=path.stem, keep_bytes=keep_bytes)
    tape = _use(Tape("record", path, header, ReplayPace("recorded")))
    if kept:
        tape.note = f"An interrupted recording is kept in {kept.name}, which only you can read."
    return tape


def replay_tape(path: Path, *, speed: str = "fast") -> Tape:
    """Answer every request from a tape from here on; nothing is sent to anybody.

    Args:
        path: The file.
        speed: One of `SPEEDS`: as it was, with the waits cut short, or without any.

    Raises:
        UsageError: Another tape is in use, or there is no such speed.
        TapeError: There is no tape, or none that can be used.
    """
    path = _free(path)
    if speed not in SPEEDS:
        raise errors.UsageError(f"There is no speed {speed!r}.", hint=f"Choose one of: {', '.join(SPEEDS)}.")
    content = files.read_tape(path)
    return _use(Tape("replay", path, content.header, ReplayPace(speed), content))


def replay_or_record(path: Path, *, speed: str = "fast", keep_bytes: int = KEEP_BYTES) -> Tape:
    """Replay a tape if it is there, else record it.

    Raises:
        UsageError: Another tape is in use, or there is no such speed for one that is there.
        TapeError: The tape cannot be used.
    """
    tape = replay_tape(path, speed=speed) if Path(path).exists() else record_tape(path, keep_bytes=keep_bytes)
    tape.mode = "auto"
    return tape


def end_tape() -> Tape | None:
    """End the tape in use, if there is one; a recording is scanned for secrets and saved.

    Returns:
        How it stood in the end; None where no tape was in use.

    Raises:
        TapeSecret: The recording holds a secret: it is not saved. No tape is in use any more.
        TapeError: It cannot be written.
        KeyboardInterrupt: It was stopped; where something was recorded, it says where that is.
    """
    tape = current_tape()
    if tape is None:
        return None
    try:
        _close(tape)
    except KeyboardInterrupt:
        if not tape.is_recording or not tape.exchanges:
            raise
        is_saved = not os.path.lexists(files.part_path(tape.path))
        told = f"{tape.path.name} is saved." if is_saved else files.kept_words(tape.path)
        raise KeyboardInterrupt(told) from None
    return tape


def current_tape() -> Tape | None:
    """The tape in use, if there is one."""
    found = hook.current_hook()
    return found if isinstance(found, Tape) else None


def label_cell(label: str) -> None:
    """Say which cell runs from here on, such as `In [3]`; what was played is counted anew."""
    if tape := current_tape():
        tape.label_cell(label)


def was_played(label: str | None = None) -> bool:
    """Whether an answer came from the tape in use for the cell that runs, or for that of a label, since it began."""
    tape = current_tape()
    return tape is not None and (tape.cell if label is None else label) in tape.played_cells


def mismatches() -> list[errors.TapeMismatch]:
    """What the tape in use had no answer for since `label_cell`, also where the error was handled."""
    tape = current_tape()
    return list(tape.mismatches) if tape else []


def _free(path: Path) -> Path:
    """The path, if no other tape is in use."""
    if (tape := current_tape()) is not None:
        raise errors.UsageError(f"The tape {tape.path.name} is in use.", hint="`%nemo tape off` ends it.")
    return Path(path).absolute()


def _use(tape: Tape) -> Tape:
    hook.use_hook(tape)
    atexit.register(_end)
    return tape


def _close(tape: Tape) -> None:
    hook.use_hook(None)
    atexit.unregister(_end)
    tape.close()


def _end() -> None:
    """The process ends while a tape is in use."""
    try:
        if (tape := current_tape()) is not None:
            _close(tape)
    except errors.TapeError as error:
        _LOG.warning("%s %s", error.message, error.hint)


def _new_home() -> Path:
    place = settings.home() / "tapes"
    try:
        return temporary_folder(place.name)
    except OSError as error:
        hint = "Set NEMO_HOME to a folder that can be written."
        raise errors.TapeError(f"There is no place to keep what a tape's sessions note: {place}.", hint=hint) from error
