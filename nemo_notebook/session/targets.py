"""What an export is to be, and where it goes."""

from __future__ import annotations

import errno
import filecmp
import os
import re
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.client.transfers import disk_error
from nemo_notebook.files import user_path
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.session.presets import EXPORT_FORMATS, EXPORT_QUALITIES, RESOLUTIONS, Preset

_NAME_CHARS: Final = 60  # of a probe's name: with what is added it has to stay a file name
_CLOSED: Final = (errno.EACCES, errno.EPERM, errno.EROFS)  # a folder in which nobody may write, or not we
_OTHER_NAMES: Final = {"jpeg": "jpg", "midi": "mid"}


def choose_output(path: str | Path | None, asked: Mapping[str, str | None], preset: Preset | None) -> dict[str, str]:
    """The form of an export: what is asked for, else the preset's, else as usual.

    Args:
        path: Where it is to go; its ending says a format.
        asked: `format`, which is else the path's ending, `quality`, `resolution`.
        preset: For which platform it is.

    Raises:
        UsageError: A value that there is not, or a path that says otherwise than the format.
    """
    ending = "" if path is None else _format_name(user_path(path).suffix)
    kind = _format_name(asked.get("format") or ending or (preset.format if preset else "mp4"))
    output = {"format": kind, "quality": asked.get("quality") or (preset.quality if preset else "high")}
    if resolution := asked.get("resolution"):
        output["resolution"] = resolution
    allowed = {"format": EXPORT_FORMATS, "quality": EXPORT_QUALITIES, "resolution": RESOLUTIONS}
    for what, value in output.items():
        if value not in allowed[what]:
            hint = f"Choose one of: {', '.join(allowed[what])}."
            raise errors.UsageError(f"There is no {what} {value!r}.", hint=hint)
    if ending and ending != kind:
        raise errors.UsageError(f"The path ends in .{ending}, but the format is {kind}.", hint="Let them agree.")
    return output


def _format_name(written: str) -> str:
    name = written.strip().lower().lstrip(".")
    return _OTHER_NAMES.get(name, name)


def choose_target(path: str | Path | None, title: str, kind: str, promised: Collection[Path] = ()) -> Path:
    """Where an export goes; its folder is there and can be written afterwards.

    Without a path it is a name made from the title that is not taken, and that is not promised to another export.

    Raises:
        UsageError: The path is a folder.
        InputError: Nothing can be written there.
    """
    if path is None:
        return free_path(title, kind, promised=promised)
    target = user_path(path)
    if not target.name or target.is_dir() or str(path).endswith(("/", os.sep)):
        raise errors.UsageError(f"{path} is a folder.", hint=f"Name a file in it, such as video.{kind}.")
    if not target.suffix:
        target = target.with_name(f"{target.name}.{kind}")
    if not target.parent.exists() and not target.parent.parent.exists():
        raise errors.InputError(f"There is no folder {target.parent.parent}.", hint="Check the path, or make it first.")
    probe = target.with_name(f"{target.name[:_NAME_CHARS]}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        told = disk_error(error, target)
        if error.errno in _CLOSED:
            told.hint = f"Name a path that can be written, such as ~/{target.name}."
        raise told from error
    return target


def title_of(timeline: Timeline) -> str:
    """The title in the draft's metadata, or nothing."""
    meta = timeline.draft.get("m")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else ""


def still_free(target: Path, since_s: float | None) -> Path:
    """Where a film that was begun earlier goes: not in the place of a file that was written there since.

    Args:
        target: Where it was to go.
        since_s: When it was begun, in seconds since 1970; None if it may take the place of anything.
    """
    found = target.stat() if target.is_file() else None
    written_s = found.st_mtime if found and found.st_size else 0.0
    if since_s is None or written_s <= since_s:
        return choose_target(target, "", target.suffix.lstrip("."))
    return free_path(target.stem, target.suffix.lstrip("."), target.parent)


def free_path(title: str, ending: str, folder: Path = Path(), promised: Collection[Path] = ()) -> Path:
    """Take a name in a folder that is neither taken nor promised, made from a title.

    Raises:
        InputError: Nothing can be written there.
    """
    path = next_path(title, ending, folder, promised)
    _taken.add(str(path.resolve()))
    try:
        return choose_target(path, title, ending)
    except errors.NemoError:
        _taken.discard(str(path.resolve()))
        raise


def next_path(title: str, ending: str, folder: Path = Path(), promised: Collection[Path] = ()) -> Path:
    """The name that `free_path` would take now.

    Raises:
        InputError: There is none.
    """
    stem = re.sub(r"[^\w\-]+", "-", title.strip().lower()).strip("-_")[:60] or "music-video"
    for number in range(1, 10_000):
        path = folder / (f"{stem}.{ending}" if number == 1 else f"{stem}-{number}.{ending}")
        if str(path.resolve()) not in _taken and path.absolute() not in promised and not path.exists():
            return path
    raise errors.InputError(f"Too many files are called {stem}.", hint="Name a path to export to.")


def release(target: Path | None) -> None:
    """Let a name be given again, as nothing came of the export that it was for."""
    if target is not None:
        _taken.discard(str(target.resolve()))


def drop_duplicate(saved: Path, wanted: Path) -> Path:
    """Where a film is that could not take the place of a file: there all the same, if that file is the film itself.

    So it is where a kernel was killed after the film was saved and before that was noted.
    """
    if saved == wanted or not filecmp.cmp(saved, wanted, shallow=False):
        return saved
    saved.unlink()
    release(saved)
    return wanted


_taken: set[str] = set()  # names that exports of this process have been given
