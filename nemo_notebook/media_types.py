"""Every type of file that is taken, as one table: what it is, what reads it, and what it is converted to first.

The service takes some types as they are; the others are converted, where the engine is installed. What the first bytes
of a file say goes before the ending of its name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

_HEAD_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class FileType:
    """One type of file.

    Attributes:
        kind: `video`, `image` or `audio`.
        mime: Its MIME type.
        readers: FFmpeg's names of what reads it; Pillow's, in capitals, of a still picture.
        target: The type that it is converted to first; empty where the service takes it as it is.
    """

    kind: str
    mime: str
    readers: tuple[str, ...]
    target: str = ""


def _types(rows: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, FileType]]:
    for endings, row in rows.items():
        kind, readers = row["mime"].partition("/")[0], tuple(row["readers"].split())
        for ending in endings.split():
            yield ending, FileType(kind, row["mime"], readers, row.get("target", ""))


_TABLE: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
TYPES: Final[Mapping[str, FileType]] = dict(_types(_TABLE["types"]))
"""By the ending of its name."""

ACCEPTED: Final = tuple(ending for ending, found in TYPES.items() if not found.target)
CONVERTIBLE: Final[Mapping[str, str]] = {ending: found.target for ending, found in TYPES.items() if found.target}

_SIGNATURES: Final = tuple(
    (re.compile(pattern.encode("ascii"), re.DOTALL), tuple(endings.split()))
    for endings, pattern in _TABLE["signatures"].items()
)


def extension(name: str) -> str:
    """The file type that a name ends in, lower case and without the dot; `jpeg` is `jpg`."""
    suffix = PurePath(name).suffix.lower().lstrip(".")
    return "jpg" if suffix == "jpeg" else suffix


def kind(name: str) -> str:
    """`video`, `image` or `audio` by the file's name, `other` where it is none that can be used."""
    found = TYPES.get(extension(name))
    return found.kind if found else "other"


def mime(name: str) -> str:
    """The MIME type to send for a file of that name."""
    found = TYPES.get(extension(name))
    return found.mime if found else "application/octet-stream"


def is_accepted(name: str) -> bool:
    """Whether the service takes a file of that name as it is."""
    return extension(name) in ACCEPTED


def convertible_to(name: str) -> str | None:
    """The type that a file of that name is converted to before it is sent; None where it cannot be or need not be."""
    return CONVERTIBLE.get(extension(name))


def sniff(head: bytes) -> tuple[str, ...]:
    """The endings that fit how a file begins; empty where that is like no known type."""
    for begin in (head, head.lstrip(b"\0")):  # an MP3 may be led by zeros
        for pattern, endings in _SIGNATURES:
            if pattern.match(begin):
                return endings
    return ()


def conversion_target(name: str, head: bytes) -> str | None:
    """As `convertible_to`, but what the content shows goes before the ending where the two disagree."""
    fitting, ending = sniff(head), extension(name)
    if ending in TYPES and fitting and ending not in fitting and (target := CONVERTIBLE.get(fitting[0])):
        return target
    return CONVERTIBLE.get(ending)


def readers(endings: Iterable[str], *, stills: bool) -> list[str]:
    """What reads types of these endings: Pillow's formats of still pictures, else FFmpeg's of films and sound."""
    return [*dict.fromkeys(each for ending in endings for each in TYPES[ending].readers if each.isupper() == stills)]


def file_head(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
