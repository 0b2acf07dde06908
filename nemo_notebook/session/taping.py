"""Tapes for whoever uses sessions: what is asked of a service is recorded, and answered again without it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SPEEDS: Final = ("recorded", "fast", "once")
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
    raise NotImplementedError


def replay(path: Path, *, speed: str = "fast") -> TapeState:
    """Answer every request from a tape from here on; nothing is sent to anybody.

    Args:
        path: The file.
        speed: One of `SPEEDS`: as it was, with the waits cut short, or without any.

    Raises:
        UsageError: Another tape is in use, or there is no such speed.
        TapeError: There is no tape, or none that can be used.
    """
    raise NotImplementedError


def auto(path: Path, *, speed: str = "fast", keep_bytes: int = KEEP_BYTES) -> TapeState:
    """Replay a tape and record what it lacks, if a backend can be reached; a tape that is not there is recorded.

    Raises:
        UsageError: Another tape is in use, or there is no such speed.
        TapeError: The tape cannot be used.
    """
    raise NotImplementedError


def off() -> TapeState | None:
    """End the tape in use, if there is one; a recording is looked through for secrets and saved.

    Returns:
        How it stood in the end; None where no tape was in use.

    Raises:
        TapeSecret: The recording holds a secret: it is not saved. No tape is in use any more.
        TapeError: It cannot be written.
    """
    raise NotImplementedError


def state() -> TapeState | None:
    """How it stands with the tape in use; None where there is none."""
    raise NotImplementedError


def label_cell(label: str) -> None:
    """Say which cell runs from here on, such as `In [3]`; what was played is counted anew."""
    raise NotImplementedError


def was_played() -> bool:
    """Whether an answer came from a tape since `label_cell`."""
    raise NotImplementedError
