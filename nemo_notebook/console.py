"""Progress in a terminal: a bar that redraws itself, or lines where there is no cursor to move."""

from __future__ import annotations

import math
import sys
from typing import Final, TextIO

from nemo_notebook.session.results import Progress

STAGES: Final = {"convert": "Converting", "upload": "Uploading", "render": "Rendering", "download": "Saving"}
_WIDTH: Final = 28
_STEP: Final = 0.25


def progress_words(progress: Progress) -> str:
    """How far something is, in words."""
    left = f" · {_clock(progress.left_s)} left" if progress.left_s and progress.done < 1 else ""
    note = f" {progress.note} …" if progress.note else ""
    return f"{STAGES[progress.stage]}{note} {math.floor(100 * progress.done)} %{left}"


def _clock(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02d} s"


class TextBar:
    """Shows one thing's progress in a terminal; in a file or a pipe, a line at each quarter.

    Args:
        out: Where to; standard output if None.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._moves = self._out.isatty()
        self._last = ""
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        """Show the newest progress."""
        line = progress_words(progress)
        if self._moves:
            filled = round(_WIDTH * progress.done)
            write_text(self._out, f"\r{'█' * filled}{'░' * (_WIDTH - filled)} {line}\x1b[K")
        elif progress.done >= self._next:
            self._next = min(1.0, (progress.done // _STEP + 1) * _STEP) if progress.done < 1 else 2.0
            write_text(self._out, f"  {line}\n")
        self._last = line

    def close(self) -> None:
        """Wipe the bar, so that the next line begins on a clean one."""
        if self._moves and self._last:
            write_text(self._out, "\r\x1b[K")


def write_text(out: TextIO, text: str) -> None:
    """Write at once, in what characters there are: some consoles have no block characters."""
    try:
        out.write(text)
    except UnicodeEncodeError:
        out.write(text.encode("ascii", "replace").decode("ascii"))
    out.flush()
