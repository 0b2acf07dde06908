"""Where the sessions of a tape keep what they note, while it is in use."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

from nemo_notebook import errors, settings

_LEFT_S: Final = 86_400.0  # after which a folder of a process that was killed is nobody's


def new_home() -> Path:
    """A private folder that nothing is in.

    Raises:
        TapeError: There is no place for it.
    """
    place = settings.home() / "tapes"
    try:
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("use-*"):  # of processes that were killed
            if old.stat().st_mtime < time.time() - _LEFT_S:
                shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix="use-", dir=place))
    except OSError as error:
        hint = "Set NEMO_HOME to a folder that can be written."
        raise errors.TapeError(f"There is no place to keep what a tape's sessions note: {place}.", hint=hint) from error
