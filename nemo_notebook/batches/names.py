"""Names of films, made from those of their songs: fit for any file system, and none twice."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nemo_notebook.outside import plain

_MOST_CHARS: Final = 80
_MOST_BYTES: Final = 180  # with what is added it has to stay a file name
_LONGEST: Final = 120  # with what counts it on
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*%{}$`\']+')
_DEVICES: Final = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def stem_of(source: Path) -> str:
    """The name of a file's film, without its ending."""
    text = unicodedata.normalize("NFC", plain(source.stem))
    text = " ".join(_NOT_IN_NAMES.sub("-", text).split())
    text = text[:_MOST_CHARS].encode("utf-8")[:_MOST_BYTES].decode("utf-8", "ignore")
    text = text.strip(" .").lstrip("-~ .")
    return f"{text}-film" if _DEVICES.fullmatch(text) else text or "film"


def free_name(stem: str, ending: str, is_taken: Callable[[str], bool]) -> str:
    """The first of `stem.mp4`, `stem-2.mp4`, … that is not taken."""
    for number in itertools.count(1):
        name = f"{stem}.{ending}" if number == 1 else f"{stem}-{number}.{ending}"
        if not is_taken(name):
            return name
    raise AssertionError("unreachable")


def is_name(name: str, ending: str) -> bool:
    """Whether a film with that ending can have been given that name here."""
    stem = name.removesuffix(f".{ending}")
    is_plain = plain(name) == name and not _NOT_IN_NAMES.search(name) and not name.startswith(".")
    return is_plain and 0 < len(stem) < len(name) <= _LONGEST


def folded(name: str) -> str:
    """What two names have in common that are one file on some systems."""
    return unicodedata.normalize("NFC", name).casefold()
