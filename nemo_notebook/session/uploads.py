"""What `upload` takes: files, patterns and addresses, looked at before a byte is sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.client import media_types
from nemo_notebook.files import size_words
from nemo_notebook.session.backend import engine_installed
from nemo_notebook.session.conversion import check_convertible
from nemo_notebook.session.paths import user_path
from nemo_notebook.skills import Skill

MAX_SOURCE_BYTES: Final = 4_000_000_000  # of a file that is converted
_MAGIC: Final = "*?["


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be uploaded.

    Attributes:
        paths: Files of this machine.
        urls: Addresses that the service fetches itself.
        convertible: Those of the paths that have to be converted first.
    """

    paths: tuple[Path, ...]
    urls: tuple[str, ...]
    convertible: frozenset[Path]


def resolve(what: Iterable[str | Path], skill: Skill) -> Wanted:
    """Find the files behind paths, patterns and addresses, and check every one of them.

    Raises:
        FileMissing: A path does not exist or is empty, or a pattern matches nothing.
        UnsupportedMedia: A file type that the service does not take and that cannot be converted here.
        MediaTooLarge: A file over the skill's limit, or too large to be converted.
    """
    paths: list[Path] = []
    urls: list[str] = []
    for item in what:
        text = os.fspath(user_path(item)) if isinstance(item, os.PathLike) else item
        if not isinstance(text, str):
            raise errors.UsageError(f"{text!r} is no file.", hint='Name files: upload("song.mp3", "clips/*.mp4")')
        if text.lower().startswith(("http://", "https://")):
            urls.append(text)
        else:
            paths.extend(expand(text))
    if not paths and not urls:
        raise errors.UsageError("There is nothing to upload.", hint="Name files: %nemo upload song.mp3 clips/*.mp4")
    unique = tuple(dict.fromkeys(paths))
    for path in unique:
        _check(path, skill)
    return Wanted(unique, tuple(dict.fromkeys(urls)), frozenset(path for path in unique if not _is_accepted(path)))


def check_facts(name: str, size_bytes: int, skill: Skill) -> None:
    """Hold what is known of a file against the rules, before it need be there.

    Raises:
        FileMissing: It is empty.
        UnsupportedMedia: A file type that the service does not take and that cannot be converted here.
        MediaTooLarge: It is over the skill's limit, or too large to be converted.
    """
    is_accepted = media_types.kind(name) != "other"
    if not is_accepted:
        check_convertible(Path(name))
    if size_bytes <= 0:
        raise errors.FileMissing(f"{name} is empty.", hint="Record or download it again.")
    if is_accepted:
        _check_bytes(name, size_bytes, skill)
    elif size_bytes > MAX_SOURCE_BYTES:
        raise errors.MediaTooLarge(
            f"{name} has {size_words(size_bytes)}; at most {size_words(MAX_SOURCE_BYTES)} can be converted."
        )


def check_size(path: Path, skill: Skill) -> None:
    """Hold a file that is to be sent against the limit.

    Raises:
        MediaTooLarge: It is over it.
    """
    _check_bytes(path.name, path.stat().st_size, skill)


def _check_bytes(name: str, size_bytes: int, skill: Skill) -> None:
    if size_bytes > skill.max_bytes:
        raise errors.MediaTooLarge(
            f"{name} has {size_words(size_bytes)}; the limit of {skill.title} is {skill.max_size_mb} MB."
        )


def expand(text: str) -> list[Path]:
    """The files behind a path or a pattern; of a path it is not asked here whether it is there.

    As in a shell, a pattern finds hidden files (such as the `._song.mp3` that a Mac leaves on other disks) only if it
    begins with a dot itself.

    Raises:
        FileMissing: A pattern matches nothing, or cannot be searched.
    """
    path = user_path(text)
    if path.exists() or not any(mark in text for mark in _MAGIC):
        return [path]
    try:
        finds_hidden = path.name.startswith(".")
        found = sorted(
            file for file in _matches(path) if file.is_file() and (finds_hidden or not file.name.startswith("."))
        )
    except (OSError, ValueError, NotImplementedError) as error:
        raise errors.FileMissing(f"{text} cannot be searched.") from error
    accepted = [file for file in found if _is_accepted(file)]
    media = [file for file in found if _is_accepted(file) or media_types.convertible_to(file.name)]
    # Where nothing can be converted, a stray picture must not spoil a folder; if there is nothing else, it is refused.
    files = media if engine_installed() or not accepted else accepted
    if not files:
        raise errors.FileMissing(f"Nothing matches {text}.")
    return files


def _is_accepted(path: Path) -> bool:
    return media_types.kind(path.name) != "other"


def _matches(pattern: Path) -> Iterator[Path]:
    """The paths that match. `**` does not follow links to folders, which may lead round in circles."""
    fixed = next(i for i, part in enumerate(pattern.parts) if any(mark in part for mark in _MAGIC))
    return Path(*pattern.parts[:fixed]).glob(str(Path(*pattern.parts[fixed:])))


def _check(path: Path, skill: Skill) -> None:
    if not path.exists():
        raise errors.FileMissing(f"There is no file {path}.")
    if path.is_dir():
        raise errors.FileMissing(f"{path} is a folder.", hint=f"Name its files: {path.as_posix()}/*")
    if not path.is_file():
        raise errors.UnsupportedMedia(f"{path} is no ordinary file.")
    if not _is_accepted(path):
        check_convertible(path)
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise errors.FileMissing(f"{path.name} cannot be read.", hint="Check who may read it.") from error
    check_facts(path.name, size, skill)
