"""The files of a batch: their hashes, the names of films, and the move of a finished film to its name."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import stat
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nemo_notebook.files import sync_folder
from nemo_notebook.outside import plain

_MOST_CHARS: Final = 80
_MOST_BYTES: Final = 180  # with a suffix it has to stay a valid file name
_LONGEST: Final = 120  # characters of a name with its number
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*%{}$`\']+')
_DEVICES: Final = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


@dataclass(frozen=True, slots=True)
class FileMark:
    """Content hash, size and modification time of a file; empty if it could not be read."""

    sha256: str = ""
    size_bytes: int = 0
    mtime_ns: int = 0


def mark_of(path: Path, known: FileMark | None = None) -> FileMark:
    """Hash a file. One whose size and modification time are unchanged is not read again."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return FileMark()  # reading a pipe or a device may never end
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if known and known.sha256 and (known.size_bytes, known.mtime_ns) == (found.st_size, found.st_mtime_ns):
                return known
            return FileMark(hashlib.file_digest(file, "sha256").hexdigest(), found.st_size, found.st_mtime_ns)
    except OSError:
        return FileMark()  # the worker reports what is wrong with it


def stem_of(source: Path) -> str:
    """The name of a file's film without its extension, valid on every file system."""
    text = unicodedata.normalize("NFC", plain(source.stem))
    text = " ".join(_NOT_IN_NAMES.sub("-", text).split())
    text = text[:_MOST_CHARS].encode("utf-8")[:_MOST_BYTES].decode("utf-8", "ignore")
    text = text.strip(" .").lstrip("-~ .")
    return f"{text}-film" if _DEVICES.fullmatch(text) else text or "film"


def free_name(folder: Path, stem: str, ending: str, taken: Collection[str] = ()) -> str:
    """The first of `stem.mp4`, `stem-2.mp4`, … that is neither in the folder nor among the `folded` names."""
    names = (f"{stem}{f'-{number}' if number > 1 else ''}.{ending}" for number in itertools.count(1))
    return next(name for name in names if folded(name) not in taken and not os.path.lexists(folder / name))


def is_name(name: str, ending: str) -> bool:
    """Whether a film with that extension can have been given that name here."""
    stem = name.removesuffix(f".{ending}")
    is_plain = plain(name) == name and not _NOT_IN_NAMES.search(name) and not name.startswith(".")
    return is_plain and 0 < len(stem) < len(name) <= _LONGEST


def folded(name: str) -> str:
    """The form in which names compare equal that are one file on some systems."""
    return unicodedata.normalize("NFC", name).casefold()


def move_new(working: Path, target: Path) -> None:
    """Move a file to a name that is free.

    Raises:
        FileExistsError: It is not.
    """
    try:
        os.link(working, target)  # unlike a rename, it never replaces a file
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        working.rename(target)
    else:
        working.unlink()
    sync_folder(target.parent)
