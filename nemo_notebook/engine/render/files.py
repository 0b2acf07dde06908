"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from nemo_notebook.errors import RenderFailed

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name to write to; it becomes `path` when the block ends well and vanishes otherwise.

    Two processes may write the same file at once: each has a name of its own, and the later one wins.

    Raises:
        RenderFailed: The disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex[:8]}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:  # FFmpeg's errors of the system are OSErrors too
        if error.errno in _FULL:
            raise RenderFailed(
                "The disk is full.", hint=f"Free some space where {os.fspath(path.parent)} is, then export again."
            ) from error
        raise
    finally:
        part.unlink(missing_ok=True)
