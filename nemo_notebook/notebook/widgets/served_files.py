"""Files that a page may read piece by piece, where no server gives them to it.

A page names a file by a key that it was given, never by a path: what was not offered cannot be read. What is read is
the very file that was offered, as it was then.
"""

from __future__ import annotations

import os
import secrets
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from nemo_notebook import errors, media_types
from nemo_notebook.notebook.widgets.part import PIECE_BYTES, PageAnswer
from nemo_notebook.outside import redact

_V = TypeVar("_V")
_KEPT: Final = 256
_KINDS: Final = {"gif": "picture", "mid": "score", "midi": "score", "avi": "film", "mkv": "film"}


@dataclass(frozen=True, slots=True)
class _Offered:
    """A file as it was when it was offered."""

    path: Path
    device: int
    inode: int
    size_bytes: int
    changed_ns: int


def kind_of(name: str) -> str:
    """What a browser finds in a file: `video`, `sound`, `picture`; `film` or `score` where it plays none."""
    ending = media_types.extension(name) or name
    known = {"audio": "sound", "image": "picture", "video": "video"}
    return _KINDS.get(ending) or known.get(media_types.kind(f"x.{ending}"), "film")


def relative_path(path: Path) -> str:
    """A path relative to the working directory, which is the notebook's, with `/` on every system."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except (ValueError, OSError):  # another drive, or the working directory is gone
        return path.as_posix()


def keep_newest(kept: dict[str, _V], key: str, value: _V, most: int) -> None:
    """Remember something as the newest; of more than so many, forget the oldest."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]


class ServedFiles:
    """The files that the pages of one part may read. It may be used from any thread."""

    def __init__(self) -> None:
        self._offered: dict[str, _Offered] = {}
        self._lock = threading.Lock()

    def offer(self, path: str | Path) -> str:
        """Let pages read a file; gives the key that they name it by, the same for as long as the file is the same.

        Raises:
            FileMissing: There is no such file, or it is none that can be read.
        """
        offered = _seen(path)
        with self._lock:
            key = next((key for key, each in self._offered.items() if each == offered), None)
            key = key or secrets.token_urlsafe(12)
            keep_newest(self._offered, key, offered, _KEPT)
        return key

    def size(self, key: str) -> int:
        """How many bytes an offered file has.

        Raises:
            FileMissing: It is not offered.
        """
        return self._find(key).size_bytes

    def read(self, key: str, offset: int, size: int) -> PageAnswer:
        """A piece of a file, for the page that asks: `{offset, total}`, and the bytes as the one buffer.

        Args:
            key: What `offer` gave.
            offset: Where the piece begins, in bytes.
            size: How many bytes; at most `PIECE_BYTES` are given, and no more than there are.

        Raises:
            FileMissing: It is not offered, gone, or another one by now.
            UsageError: There are no such bytes.
        """
        wanted = self._find(key)
        if offset > wanted.size_bytes:
            raise errors.UsageError(f"{_name(wanted.path)} has no bytes there.")
        try:
            if _seen(wanted.path) != wanted:  # before it is opened: it may be a pipe by now, which makes one wait
                hint = "Export it again, or look at it where it is."
                raise errors.FileMissing(f"{_name(wanted.path)} has been changed meanwhile.", hint=hint)
            with wanted.path.open("rb") as file:
                file.seek(offset)
                data = file.read(min(size, PIECE_BYTES, wanted.size_bytes - offset))
        except OSError as error:
            raise _gone(wanted.path) from error
        return PageAnswer({"offset": offset, "total": wanted.size_bytes}, [data])

    def _find(self, key: str) -> _Offered:
        with self._lock:
            found = self._offered.get(key)
        if found is None:
            raise errors.FileMissing("That file is not on offer.", hint="Reload the page, or run the cell again.")
        return found


def _seen(path: str | Path) -> _Offered:
    """A file as it is now."""
    try:
        real = Path(path).resolve(strict=True)
        found = real.stat()
    except (OSError, RuntimeError, ValueError) as error:  # gone, links in a circle, a name that cannot be
        raise _gone(Path(path)) from error
    if not stat.S_ISREG(found.st_mode):
        raise _gone(real)
    return _Offered(real, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _gone(path: Path) -> errors.FileMissing:
    hint = "It may have been moved or removed; export it again."
    return errors.FileMissing(f"{_name(path)} cannot be read.", hint=hint)


def _name(path: Path) -> str:
    return redact(path.name) or "The file"
