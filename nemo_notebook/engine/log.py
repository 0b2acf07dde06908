"""The engine's log: the same message once a second at most, in a file that stays small."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Final, TextIO

MOST_BYTES: Final = 4 << 20
_APART_S: Final = 1.0
_MOST_KNOWN: Final = 1000  # messages


def set_up_log(path: Path | None = None) -> None:
    """Write warnings and errors of all libraries to the standard error.

    Args:
        path: The file that the standard error goes to, if it is to be rotated.
    """
    handler = _Rotated(path) if path else logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Repeats())
    logging.getLogger().addHandler(handler)


class Repeats(logging.Filter):
    """Leave out what was written less than a second ago; the next that is written tells how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a record."""
        message, now_s = record.getMessage(), time.monotonic()
        key = record.name, message, repr(record.exc_info and record.exc_info[1])
        written_s, left_out = self._known.get(key, (-math.inf, 0))
        if now_s - written_s < _APART_S:
            self._known[key] = written_s, left_out + 1
            return False
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = now_s, 0
        if left_out:
            record.msg, record.args = f"{message} (and {left_out} times more before)", ()
        return True


class _Rotated(logging.StreamHandler[TextIO]):
    """Writes to the standard error, a file that other processes write to as well: it is emptied, not replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(sys.stderr)
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        with contextlib.suppress(OSError):
            seen = os.fstat(2)
            if seen.st_size > MOST_BYTES and os.path.samestat(seen, self._path.stat()):
                shutil.copyfile(self._path, self._path.with_suffix(".old.log"))
                os.ftruncate(2, 0)
                os.lseek(2, 0, os.SEEK_SET)  # where the system does not append by itself (Windows)
