"""Files that the service does not take, made into such that it takes. Pure file work, at constant memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nemo_notebook.media.convert_files import Job
from nemo_notebook.media.convert_picture import convert_picture
from nemo_notebook.media.convert_sound import convert_sound
from nemo_notebook.media.convert_video import convert_video

_WAYS: Final = {"wav": convert_sound, "m4a": convert_sound, "mp4": convert_video, "png": convert_picture}
_NAME_BYTES: Final = 240


def convert(source: Path, folder: Path, target: str, *, max_bytes: int, tell: Callable[[float], None]) -> Path:
    """Convert one file. The source stays as it is.

    Args:
        source: The file.
        folder: Where the result goes; it is there and holds nothing of its name.
        target: `wav`, `m4a`, `mp4` or `png`. A WAV that would be too large becomes an M4A, a film without pictures too,
            and a picture that would be a needlessly large PNG a JPEG.
        max_bytes: Most bytes that the result may have.
        tell: Told the fraction done, 0–1.

    Returns:
        The result: the source's name with the ending of its type.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: It cannot be read, or it is damaged.
        MediaTooLarge: It has more pixels or hours than are worked with, or its result more bytes than it may.
        DiskFull: There is no room left.
    """
    job = Job(source, source.name, folder, max_bytes, tell)
    # FFmpeg reads more than a name out of some names, so that it gets a plain one to write to.
    plain = _WAYS[target](job, folder.resolve() / f"converted.{target}")
    result = plain.replace(folder / f"{_short(source.stem)}{plain.suffix}")
    tell(1.0)
    return result


def _short(stem: str) -> str:
    """Short enough for a file system, also where the new ending is longer than the old one."""
    raw = os.fsencode(stem)
    return stem if len(raw) <= _NAME_BYTES else raw[:_NAME_BYTES].decode("utf-8", "ignore")
