"""What `upload` takes: files, patterns and addresses, looked at before a byte is sent."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.client import media_types
from nemo_notebook.session.results import size_words
from nemo_notebook.skills import Skill

_MAGIC: Final = "*?["


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be uploaded: files of this machine, and addresses that the service fetches itself."""

    paths: tuple[Path, ...]
    urls: tuple[str, ...]


def resolve(what: Iterable[str | Path], skill: Skill) -> Wanted:
    """Find the files behind paths, patterns and addresses, and check every one of them.

    Raises:
        FileMissing: A path does not exist or is empty, or a pattern matches nothing.
        UnsupportedMedia: A file type that the service does not take.
        MediaTooLarge: A file over the skill's limit.
    """
    paths: list[Path] = []
    urls: list[str] = []
    for item in what:
        text = str(item)
        if text.startswith(("http://", "https://")):
            urls.append(text)
        else:
            paths.extend(_expand(text))
    if not paths and not urls:
        raise errors.UsageError("There is nothing to upload.", hint="Name files: %nemo upload song.mp3 clips/*.mp4")
    unique = tuple(dict.fromkeys(paths))
    for path in unique:
        _check(path, skill)
    return Wanted(unique, tuple(dict.fromkeys(urls)))


def _expand(text: str) -> list[Path]:
    path = Path(text).expanduser()
    if path.exists() or not any(mark in text for mark in _MAGIC):
        return [path]
    found = sorted(Path(name) for name in glob.glob(str(path), recursive=True))
    files = [file for file in found if file.is_file() and media_types.kind(file.name) != "other"]
    if not files:
        raise errors.FileMissing(f"Nothing matches {text}.")
    return files


def _check(path: Path, skill: Skill) -> None:
    if not path.exists():
        raise errors.FileMissing(f"There is no file {path}.")
    if path.is_dir():
        raise errors.FileMissing(f"{path} is a folder.", hint=f"Name its files: {path.as_posix()}/*")
    if media_types.kind(path.name) == "other":
        raise errors.UnsupportedMedia(f"{path.name} is not a type of file that can be used.")
    size = path.stat().st_size
    if size == 0:
        raise errors.FileMissing(f"{path.name} is empty.", hint="Record or download it again.")
    if size > skill.max_bytes:
        raise errors.MediaTooLarge(
            f"{path.name} has {size_words(size)}; the limit of {skill.title} is {skill.max_size_mb} MB."
        )
