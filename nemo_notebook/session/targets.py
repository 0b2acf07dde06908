"""What an export is to be, and where it goes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.client import transfers
from nemo_notebook.timeline.timeline import Timeline

FORMATS: Final = ("mp4", "mov", "mkv", "webm", "avi", "gif", "mp3", "wav", "m4a", "aac")
QUALITIES: Final = ("low", "medium", "high")
RESOLUTIONS: Final = ("720p", "1080p", "4k")


def choose_format(path: str | Path | None, wanted: str | None, quality: str, resolution: str | None) -> str:
    """The file type of an export: the one named, else the path's ending, else mp4.

    Raises:
        UsageError: A value that there is not, or a path that says otherwise than the format.
    """
    ending = Path(path).suffix.lower().lstrip(".") if path else ""
    kind = (wanted or ending or "mp4").lower()
    for value, allowed, what in (
        (kind, FORMATS, "format"),
        (quality, QUALITIES, "quality"),
        (resolution, RESOLUTIONS, "resolution"),
    ):
        if value is not None and value not in allowed:
            raise errors.UsageError(f"There is no {what} {value!r}.", hint=f"Choose one of: {', '.join(allowed)}.")
    if ending and wanted and ending != kind:
        raise errors.UsageError(f"The path ends in .{ending}, but the format is {kind}.", hint="Let them agree.")
    return kind


def make_folder(target: Path) -> None:
    """Make the folder that an export goes to.

    Raises:
        InputError: It cannot be made.
        UsageError: The path itself is a folder.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise transfers.disk_error(error, target) from error
    if target.is_dir():
        raise errors.UsageError(f"{target} is a folder.", hint=f"Name a file in it: {target.as_posix()}/video.mp4")


def title_of(timeline: Timeline) -> str:
    """The title in the draft's metadata, or nothing."""
    meta = timeline.draft.get("m")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else ""


def free_path(title: str, ending: str, folder: Path = Path()) -> Path:
    """A name in a folder that is not taken, made from a title."""
    stem = re.sub(r"[^\w\-]+", "-", title.strip().lower()).strip("-_")[:60] or "music-video"
    for number in range(1, 10_000):
        path = folder / (f"{stem}.{ending}" if number == 1 else f"{stem}-{number}.{ending}")
        if not path.exists():
            return path
    raise errors.InputError(f"Too many files are called {stem}.", hint="Name a path to export to.")
