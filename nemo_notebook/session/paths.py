"""Paths as users give them, and the place where a session is used."""

from __future__ import annotations

import os
from pathlib import Path

from nemo_notebook import errors


def user_path(text: str | os.PathLike[str]) -> Path:
    """A path that a user has given, with `~` filled in.

    Raises:
        InputError: It cannot be a path: another type, a character that no path has, or a home that there is not.
    """
    try:
        path = Path(text).expanduser()
        os.fsencode(path)
        path.exists()  # some systems refuse a name only when it is used
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        raise errors.InputError(f"{str(text)[:80]!r} cannot be a path here.", hint="Check its spelling.") from error
    if "\0" in str(path):
        raise errors.InputError("A path cannot hold a NUL character.", hint="Check its spelling.")
    return path


def place() -> str:
    """Where this process works: the notebook's path, which Jupyter's server tells its kernel, else the folder.

    It is the same again after a restart of the kernel; empty where there is no such place.
    """
    try:
        return os.environ.get("JPY_SESSION_NAME") or str(Path.cwd())
    except OSError:  # the folder is gone
        return ""
