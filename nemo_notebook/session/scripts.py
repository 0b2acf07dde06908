"""How a script ends in one of our errors: in its own place and the next step, without our inside."""

from __future__ import annotations

import itertools
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

from nemo_notebook.errors import NemoError

_INSIDE: Final = str(Path(__file__).resolve().parent.parent)


def be_brief() -> None:
    """From now on, one of our errors that ends a script is told in two lines; every other error as ever.

    Nothing is changed where somebody else cares for uncaught errors (an IDE, a test runner), nor with `python -X dev`.
    """
    if sys.excepthook is sys.__excepthook__ and not sys.flags.dev_mode:
        sys.excepthook = _tell


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not isinstance(error, NemoError):
        sys.__excepthook__(kind, error, trace)
        return
    frames = traceback.extract_tb(trace)
    before = list(itertools.takewhile(lambda frame: not frame.filename.startswith(_INSIDE), frames))
    place = f"{before[-1].filename}:{before[-1].lineno}: " if before else ""
    hint = f"\n   → {error.hint}" if error.hint else ""
    print(f"{place}{error.message}{hint}", file=sys.stderr)  # noqa: T201 - this is where Python itself would write
