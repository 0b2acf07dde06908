"""What `upload` takes: files, patterns and addresses, looked at before a byte is sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from nemo_notebook import errors, media_types, settings
from nemo_notebook.files import check_room, size_words
from nemo_notebook.session.backend import engine_installed
from nemo_notebook.session.conversion import check_target
from nemo_notebook.session.paths import user_path
from nemo_notebook.skills import Skill

_MAGIC: Final = "*?["


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be uploaded.

    Attributes:
        paths: Files of this machine.
        urls: Addresses that the service fetches itself.
        targets: The types that some of the paths have to be converted to first.
    """

    paths: tuple[Path, ...]
    urls: tuple[str, ...]
    targets: Mapping[Path, str]


def resolve(what: Iterable[str | Path], skill: Skill, *, is_local: bool = False) -> Wanted:
    """Find the files behind paths, patterns and addresses, and check every one of them.

    Args:
        what: Paths, patterns and addresses.
        skill: Whose limits hold for what leaves this machine.
        is_local: Whether nothing does. The engine looks into files itself, and its disk is the only limit.

    Raises:
        FileMissing: A path does not exist or is empty, or a pattern matches nothing.
        UnsupportedMedia: A file type that the service does not take and that cannot be converted here, or a file whose
            first bytes are those of no media.
        MediaTooLarge: A file over the skill's limit.
        InputError: An address holds a password.
    """
    paths: list[Path] = []
    urls: list[str] = []
    for item in what:
        text = os.fspath(user_path(item)) if isinstance(item, os.PathLike) else item
        if not isinstance(text, str):
            raise errors.UsageError(f"{text!r} is no file.", hint='Name files: upload("song.mp3", "clips/*.mp4")')
        if text.lower().startswith(("http://", "https://")):
            urls.append(_checked_url(text))
        else:
            paths.extend(expand(text))
    if not paths and not urls:
        raise errors.UsageError("There is nothing to upload.", hint="Name files: %nemo upload song.mp3 clips/*.mp4")
    unique = tuple(dict.fromkeys(paths))
    targets = {path: _check(path, skill, is_local=is_local) for path in unique}
    return Wanted(unique, tuple(dict.fromkeys(urls)), {path: target for path, target in targets.items() if target})


def check_facts(name: str, size_bytes: int, skill: Skill, *, is_local: bool, target: str | None = None) -> None:
    """Hold what is known of a file against the rules, before it need be there.

    Args:
        name: Its name.
        size_bytes: How large it is.
        skill: Whose limits hold for what leaves this machine.
        is_local: Whether nothing does.
        target: The type that its content has to be converted to, if that is known; else its name tells.

    Raises:
        FileMissing: It is empty.
        UnsupportedMedia: A file type that the service does not take and that cannot be converted here.
        MediaTooLarge: It is over the skill's limit.
    """
    target = target or media_types.convertible_to(name)
    is_sent_so = target is None and media_types.is_accepted(name)
    if not is_sent_so:
        check_target(name, target)
    if size_bytes <= 0:
        raise errors.FileMissing(f"{name} is empty.", hint="Record or download it again.")
    if is_sent_so and not is_local:
        _check_bytes(name, size_bytes, skill)


def check_size(path: Path, skill: Skill, *, is_local: bool) -> None:
    """Hold a file that is to be sent against the limit: of the skill, or of the engine's disk.

    Raises:
        MediaTooLarge: It is over the skill's.
        InputError: The disk has no room for it.
    """
    size_bytes = path.stat().st_size
    if is_local:
        check_room(path.name, size_bytes, settings.home() / "engine")
    else:
        _check_bytes(path.name, size_bytes, skill)


def _check_bytes(name: str, size_bytes: int, skill: Skill) -> None:
    if size_bytes > skill.max_bytes:
        raise errors.MediaTooLarge(
            f"{name} has {size_words(size_bytes)}; the limit of {skill.title} is {skill.max_size_mb} MB."
        )


def _checked_url(url: str) -> str:
    try:
        has_login = "@" in urlsplit(url).netloc
    except ValueError:  # no cause: it would show the address
        has_login = "@" in url
    if has_login:
        hint = "Download the file yourself, then upload it."
        raise errors.InputError("An address with a user name or password is not sent.", hint=hint)
    return url


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
    accepted = [file for file in found if media_types.is_accepted(file.name)]
    media = [file for file in found if media_types.kind(file.name) != "other"]
    # Where nothing can be converted, a stray picture must not spoil a folder; if there is nothing else, it is refused.
    files = media if engine_installed() or not accepted else accepted
    if not files:
        raise errors.FileMissing(f"Nothing matches {text}.")
    return files


def _matches(pattern: Path) -> Iterator[Path]:
    """The paths that match. `**` does not follow links to folders, which may lead round in circles."""
    fixed = next(i for i, part in enumerate(pattern.parts) if any(mark in part for mark in _MAGIC))
    return Path(*pattern.parts[:fixed]).glob(str(Path(*pattern.parts[fixed:])))


def _check(path: Path, skill: Skill, *, is_local: bool) -> str | None:
    """Check a file; gives the type that it has to be converted to first, if it has to."""
    if not path.exists():
        raise errors.FileMissing(f"There is no file {path}.")
    if path.is_dir():
        raise errors.FileMissing(f"{path} is a folder.", hint=f"Name its files: {path.as_posix()}/*")
    if not path.is_file():
        raise errors.UnsupportedMedia(f"{path} is no ordinary file.")
    try:
        head, size = media_types.read_head(path), path.stat().st_size
    except OSError as error:
        raise errors.FileMissing(f"{path.name} cannot be read.", hint="Check who may read it.") from error
    target = media_types.target_of(path.name, head)
    check_facts(path.name, size, skill, is_local=is_local, target=target)
    # A link named like a film may lead to a private file; whatever is converted is decoded first.
    if target is None and not is_local and not media_types.sniff(head):
        raise errors.UnsupportedMedia(f"{path.name} holds no video, picture or sound; nothing was sent.")
    return target
