"""Tests of what is made with this package: without a network, a token or credits, from a tape.

    from nemo_notebook.testing import tape

    with tape("tapes/film.nemotape"):
        session = nemo.connect()
        session.upload("song.mp3", "clips/*.mp4")
        assert "on the beat" in session.chat("make a music video, cut on the beat").text

For pytest there is the fixture `nemo_tape` besides, which finds a test's tape by the test's name:
`pytest --nemo-tape=record` records all that are asked for, and without the option they are replayed.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nemo_notebook.errors import TapeError, UsageError
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.tapes.tape import TapeState

__all__ = ["MODES", "tape"]

MODES: Final = ("replay", "record", "auto")
_usual: list[str] = [MODES[0]]  # what no test says otherwise: pytest's option sets it


@contextlib.contextmanager
def tape(path: str | Path, *, mode: str | None = None, speed: str = "once") -> Iterator[TapeState]:
    """Within it, all that is asked of a backend is answered from a tape, or recorded on one.

    Sessions have to be opened within it; where nothing is asked of any while it is recorded, a warning says so. A
    request that the tape does not hold is an error where it is made; it is raised once more at the end, in case the
    code that is tested has swallowed it.

    Args:
        path: The tape; its folder is made when it is recorded.
        mode: `replay`, `record`, or `auto`: replay the tape if it is there, else record it. Without it, what
            pytest was told by `--nemo-tape`, else `replay`.
        speed: `once` without any waits, `fast` with waits cut short, `recorded` as it was.

    Yields:
        How it stands, now and later.

    Raises:
        TapeError: The tape is missing, damaged, or does not hold what was asked for.
        TapeSecret: What was recorded holds a secret: it is not saved.
        UsageError: There is no such mode or speed, or another tape is in use.
    """
    from nemo_notebook.tapes import tape as taping

    mode, file = mode or _usual[0], Path(path)
    if mode not in MODES:
        raise UsageError(f"There is no mode {redact(mode, 40)!r} of a tape.", hint=f"Modes: {', '.join(MODES)}.")
    if mode == "replay" and not file.is_file():
        raise TapeError(
            f"There is no tape {file}.", hint='Record it with `pytest --nemo-tape=record`, or mode="record".'
        )
    if mode != "replay":
        file.parent.mkdir(parents=True, exist_ok=True)
    if mode == "record":
        begun = taping.record_tape(file)
    else:
        begun = (
            taping.replay_tape(file, speed=speed) if mode == "replay" else taping.replay_or_record(file, speed=speed)
        )
    taping.label_cell(file.stem)
    try:
        yield begun
        if missed := taping.mismatches():
            raise missed[0]
    finally:
        taping.end_tape()
    if begun.is_recording and not begun.exchanges:
        told = f"Nothing was asked on {file.name}, which was not written: open the sessions of a test within its tape."
        warnings.warn(told, stacklevel=2)


def use_mode(mode: str) -> None:
    """The mode of every tape that says none itself."""
    _usual[0] = mode
