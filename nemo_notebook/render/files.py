"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from nemo_notebook.files import disk_full, is_full, replace_durably


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name to write to; it becomes `path` when the block ends well and vanishes otherwise.

    Two processes may write the same file at once: each has a name of its own, and the later one wins.

    Raises:
        DiskFull: The disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex[:8]}.part")
    try:
        yield part
        replace_durably(part, path)
    except OSError as error:  # FFmpeg's errors of the system are OSErrors too
        if is_full(error):
            written_bytes = part.stat().st_size if part.exists() else 0
            raise disk_full("what is rendered", path, written_bytes, at_least=True) from error
        raise
    finally:
        part.unlink(missing_ok=True)
