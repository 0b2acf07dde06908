"""What a recording has left whose process ended before it could save it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Final

from nemo_notebook.tapes import finishing, places
from nemo_notebook.tapes.places import part_path, written

_BLOCK_BYTES: Final = 1 << 20


def recover(path: Path, secrets: Iterable[str] = ()) -> Path | None:
    """Save what an interrupted recording has left; a tape that is there is not touched.

    Args:
        path: The tape that was recorded.
        secrets: What it may not hold, besides what was known when it was recorded and whatever looks like a secret.

    Returns:
        Where it is now, in a file that only its owner can read: at the path if nothing was there, else beside it under
        a name of its own. None where there is nothing, or nothing that is not on the tape.

    Raises:
        TapeError: It goes on in another kernel, is not of this user, or cannot be saved: it stays as it is then. Or it
            is no tape, and is set aside.
        TapeSecret: It holds a secret, and is set aside.
    """
    with written(path):
        file = places.opened(part_path(path))
        if file is None:
            return None
        with contextlib.closing(file):
            target = None
            if not _is_on(path, file):
                end = finishing.ended(file, path, secrets)
                with finishing.left(path):
                    target = _saved(file, end, path) if end.tape.exchanges else None
            places.remove(file, part_path(path))
            return target


def _saved(file: FileIO, end: finishing.Ended, path: Path) -> Path:
    if os.path.lexists(path):
        return finishing.put_beside(file, end, path, "recovered", places.OWN)
    finishing.put(file, end, path, places.OWN)
    return path


def _is_on(path: Path, file: FileIO) -> bool:
    """Whether a tape begins with all that is in a file of a recording, and so has nothing to lose with it."""
    if not os.fstat(file.fileno()).st_size:
        return True
    if not path.is_file():
        return False
    with path.open("rb") as tape:
        while block := file.read(_BLOCK_BYTES):
            if tape.read(len(block)) != block:
                return False
    return True
