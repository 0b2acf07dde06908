"""The files that a begun path may become, for completion. Only what is on a disk is looked at."""

from __future__ import annotations

import heapq
import itertools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nemo_notebook.media_types import kind
from nemo_notebook.outside import plain

_MOST_READ: Final = 20_000  # entries of one folder
_MOST_GIVEN: Final = 500  # as many as IPython shows
_ON_WINDOWS: Final = os.name == "nt"


def media_files(begun: str) -> list[str]:
    """The same where only songs, clips, pictures and folders are of use."""
    return matching_files(begun, lambda name: kind(name) != "other")


def matching_files(
    begun: str, is_wanted: Callable[[str], bool] = lambda _: True, *, is_windows: bool = _ON_WINDOWS
) -> list[str]:
    """The files and folders that a begun path may become, as they would be typed; folders end in a slash.

    Args:
        begun: What is typed so far, without quotes: relative, absolute, or in `~/`.
        is_wanted: Whether a file of that name is of use; folders always are.
        is_windows: Whether a backslash parts folders, and a colon ends a drive.

    Returns:
        At most 500, in their order; hidden ones only if the name begins with a dot.
    """
    end = max((begun.rfind(mark) for mark in ("/\\:" if is_windows else "/")), default=-1) + 1
    head, start = begun[:end], begun[end:]
    if is_windows and re.match(r"[\\/]{2}", head):
        return []  # another machine's share
    folder = Path.home() / head[2:] if re.match(r"~[\\/]", head) else Path(head)
    if head.startswith("~") and folder == Path(head):
        return []  # another user's home, which only the network may know
    slash = "\\" if is_windows and "\\" in head else "/"
    try:
        with os.scandir(folder) as entries:
            found = [
                (entry.name, entry)
                for entry in itertools.islice(entries, _MOST_READ)
                if entry.name.startswith(start)
                and (start or not entry.name.startswith("."))
                and (is_wanted(entry.name) or entry.is_dir())
            ]
        names = heapq.nsmallest(_MOST_GIVEN, found, key=lambda each: each[0])
        return [
            f"{head or ('./' if name.startswith('-') else '')}{name}{slash if entry.is_dir() else ''}"
            for name, entry in names
            if plain(name) == name and len(name.splitlines()) == 1
        ]
    except (OSError, ValueError, RuntimeError):
        return []  # what is typed so far is no folder
