"""Tapes for whoever uses sessions: what is asked of a service is recorded, and answered again without it."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nemo_notebook import __version__, errors, settings
from nemo_notebook.session import going_on
from nemo_notebook.session.left_out import LeftOut, film_names, left_out
from nemo_notebook.session.tape_previews import add_previews
from nemo_notebook.tapes import deck as decks
from nemo_notebook.tapes.deck import Deck, Live
from nemo_notebook.tapes.finishing import kept_words
from nemo_notebook.tapes.format import Tape, new_header
from nemo_notebook.tapes.names import Names
from nemo_notebook.tapes.pace import SPEEDS as SPEEDS
from nemo_notebook.tapes.pace import Pace
from nemo_notebook.tapes.places import part_path
from nemo_notebook.tapes.recovering import recover
from nemo_notebook.tapes.tape_file import read

_LOG: Final = logging.getLogger("nemo_notebook.tapes")
KEEP_BYTES: Final = 8 << 20  # of one medium; larger ones are noted by their hash


@dataclass(frozen=True, slots=True)
class TapeState:
    """How it stands with the tape in use.

    Attributes:
        mode: `record`, `replay` or `auto`.
        path: Its file.
        recorded_s: When it was begun, in seconds since 1970.
        exchanges: How many exchanges it holds by now.
        played: How many answers were given from it.
        speed: One of `SPEEDS`.
        is_going_on: Whether what is asked now goes to a service and is recorded.
        media: How many media it keeps.
        size_bytes: How large its file is, or, while it is recorded, what was written so far.
        left_out: What a recording that was saved could not keep.
        obstacle: With `auto`, why what is missing on the tape cannot be recorded here, if that is so.
        note: What is to be told of its file besides, such as that an interrupted recording was recovered.
    """

    mode: str
    path: Path
    recorded_s: float
    exchanges: int
    played: int
    speed: str
    is_going_on: bool
    media: int = 0
    size_bytes: int = 0
    left_out: tuple[LeftOut, ...] = ()
    obstacle: str = ""
    note: str = ""


def record(path: Path, *, keep_bytes: int = KEEP_BYTES, title: str = "") -> TapeState:
    """Record every exchange from here on, until `off`; sessions that are open go on without.

    Args:
        path: The file; it appears, and takes the place of what is there, when the recording ends.
        keep_bytes: Media up to this size are kept in the tape.
        title: What the tape is called.

    Raises:
        UsageError: Another tape is in use.
        TapeError: It cannot be written there.
    """
    return _record(decks.RECORD, _free(path), keep_bytes, title)


def replay(path: Path, *, speed: str = "fast") -> TapeState:
    """Answer every request from a tape from here on; nothing is sent to anybody.

    Args:
        path: The file.
        speed: One of `SPEEDS`: as it was, with the waits cut short, or without any.

    Raises:
        UsageError: Another tape is in use, or there is no such speed.
        TapeError: There is no tape, or none that can be used.
    """
    pace, path = _pace(speed), _free(path)
    note = _recover(path)
    tape = read(path)
    return _use(Deck(decks.REPLAY, path, tape.header, pace, tape), note)


def auto(path: Path, *, speed: str = "fast", keep_bytes: int = KEEP_BYTES) -> TapeState:
    """Replay a tape and record what it lacks, if a backend can be reached; a tape that is not there is recorded.

    Raises:
        UsageError: Another tape is in use, or there is no such speed.
        TapeError: The tape cannot be used.
    """
    pace, path = _pace(speed), _free(path)
    note = _recover(path)
    if not path.exists():
        return _record(decks.AUTO, path, keep_bytes, "")
    tape = read(path)
    known = going_on.known(tape.header)

    async def reach() -> Live:
        return await going_on.reach(tape.header, known)

    names = Names.from_value(known["names"], [str(known.get("url"))]) if known else None
    deck = Deck(decks.AUTO, path, tape.header, pace, tape, names, reach)
    deck.backend = str(known["backend"]) if known else deck.backend
    return _use(deck, note)


def off() -> TapeState | None:
    """End the tape in use, if there is one; a recording is looked through for secrets and saved.

    Of films that were too large for it, the local engine renders a preview that is kept in their place.

    Returns:
        How it stood in the end; None where no tape was in use.

    Raises:
        TapeSecret: The recording holds a secret: it is not saved. No tape is in use any more.
        TapeError: It cannot be written.
        KeyboardInterrupt: It was stopped; where something was recorded, it says how that stands.
    """
    deck = decks.current()
    if deck is None:
        return None
    names = film_names(deck.home) if deck.is_going_on else {}
    with _told_of_stop(deck):
        saved = _close(deck)
    if saved is None:
        return _state_of(deck)
    if deck.header.backend == "local":
        with _told_of_stop(deck):
            saved = add_previews(deck, saved)
    return replace(_state_of(deck), left_out=left_out(saved, names))


def state() -> TapeState | None:
    """How it stands with the tape in use; None where there is none."""
    deck = decks.current()
    return _state_of(deck) if deck else None


def label_cell(label: str) -> None:
    """Say which cell runs from here on, such as `In [3]`; what was played is counted anew."""
    if deck := decks.current():
        deck.label_cell(label)


def was_played(label: str | None = None) -> bool:
    """Whether an answer came from the tape in use for the cell that runs, or for that of a label, since it began."""
    deck = decks.current()
    return deck is not None and (deck.cell if label is None else label) in deck.played_cells


def mismatches() -> list[errors.TapeMismatch]:
    """What the tape in use had no answer for since `label_cell`, also where that was no reason to stop."""
    deck = decks.current()
    return list(deck.mismatches) if deck else []


@contextlib.contextmanager
def _told_of_stop(deck: Deck) -> Iterator[None]:
    """Say of an interrupt where the recording is, which is out of use by then."""
    try:
        yield
    except KeyboardInterrupt:
        if not deck.is_going_on or not deck.exchanges:
            raise
        is_saved = not os.path.lexists(part_path(deck.path))
        told = f"{deck.path.name} is saved; films that were too large for it may have no preview."
        raise KeyboardInterrupt(told if is_saved else kept_words(deck.path)) from None


def _close(deck: Deck) -> Tape | None:
    """Take a tape out of use; gives it if it was recorded and saved."""
    decks.use(None)
    atexit.unregister(_end)
    saved = deck.close()
    if saved is not None:
        going_on.know(deck)
    return saved


def _record(mode: str, path: Path, keep_bytes: int, title: str) -> TapeState:
    _check_place(path)
    note = _recover(path, must=True)
    header = new_header(
        now_s=time.time(), package=__version__, backend="cloud", title=title or path.stem, keep_bytes=keep_bytes
    )
    return _use(Deck(mode, path, header, Pace("recorded")), note)


def _check_place(path: Path) -> None:
    """Refuse where no tape can be written, before anything is recorded for it.

    Raises:
        TapeError: It cannot.
    """
    if not path.parent.is_dir():
        raise errors.TapeError(f"There is no folder {path.parent}.", hint="Check the path, or make it first.")
    if path.is_dir():
        raise errors.TapeError(f"{path.name} is a folder.", hint="Name a file, such as film.nemotape.")
    if path.exists() and not path.is_file():
        raise errors.TapeError(f"{path.name} is no file.", hint="Name a file, such as film.nemotape.")
    if not os.access(path.parent, os.W_OK):
        raise errors.TapeError(f"Nothing can be written to {path.parent}.", hint="Choose another folder.")


def _recover(path: Path, *, must: bool = False) -> str:
    """Save what an interrupted recording has left, if there is something; what is there is not touched.

    Args:
        path: The tape.
        must: Whether its place for recording must be free then; else it is enough that there is a tape.

    Returns:
        What is to be told of that.

    Raises:
        TapeError: It cannot be saved.
    """
    try:
        found = recover(path, _own_tokens())
    except errors.TapeError as error:
        if os.path.lexists(part_path(path)) if must else not path.exists():
            raise
        return f"{error.message} {error.hint}"
    if found is None:
        return ""
    return f"An interrupted recording is now {found.name}, which only you can read: look at it before you share it."


def _own_tokens() -> list[str]:
    try:
        token = settings.token()
    except errors.UsageError:
        return []
    return [token.reveal()] if token else []


def _pace(speed: str) -> Pace:
    if speed not in SPEEDS:
        raise errors.UsageError(f"There is no speed {speed!r}.", hint=f"Choose one of: {', '.join(SPEEDS)}.")
    return Pace(speed)


def _free(path: Path) -> Path:
    """The path, if no other tape is in use."""
    if (deck := decks.current()) is not None:
        raise errors.UsageError(f"The tape {deck.path.name} is in use.", hint="`%nemo tape off` ends it.")
    return Path(path).absolute()


def _use(deck: Deck, note: str = "") -> TapeState:
    deck.note = note
    decks.use(deck)
    atexit.register(_end)
    return _state_of(deck)


def _state_of(deck: Deck) -> TapeState:
    return TapeState(
        mode=deck.mode,
        path=deck.path,
        recorded_s=deck.header.recorded_s,
        exchanges=deck.exchanges,
        played=deck.played,
        speed=deck.pace.speed,
        is_going_on=deck.is_going_on,
        media=len(deck.media),
        size_bytes=deck.size_bytes,
        obstacle=going_on.obstacle(deck.header) if deck.mode == decks.AUTO and not deck.is_going_on else "",
        note=deck.note,
    )


def _end() -> None:
    """The process ends while a tape is in use."""
    try:
        if (deck := decks.current()) is not None:
            _close(deck)
    except errors.TapeError as error:
        _LOG.warning("%s %s", error.message, error.hint)
