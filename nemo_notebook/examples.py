"""Where the example notebooks and their media are: in the package when it is installed, beside it in a checkout."""

from __future__ import annotations

import json
import os
import platform
import shutil
from pathlib import Path
from typing import Final

from nemo_notebook.errors import InputError

_PLACES: Final = (Path(__file__).parent / "examples", Path(__file__).parent.parent / "notebooks")


def folder() -> Path:
    """The folder of the notebooks.

    Raises:
        InputError: It is not part of this installation.
    """
    for place in _PLACES:
        if (place / "media" / "song.mp3").is_file():
            return place
    raise InputError("The example notebooks are not part of this installation.", hint="Install the package again.")


def media(*clips: str) -> list[Path]:
    """The bundled song, and all clips behind it, or those of some names: city, dance, lanterns, ride, sea."""
    found = folder() / "media"
    return [found / "song.mp3", *([found / f"{name}.mp4" for name in clips] or sorted(found.glob("*.mp4")))]


def working_copy(target: Path) -> Path:
    """A folder of the notebooks to work in: a checkout's own, where films can be saved beside them.

    Else it is a copy, which keeps what is there already.
    """
    source = folder()
    if source == _PLACES[1] and os.access(source, os.W_OK):
        return source
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            if copy.suffix == ".ipynb":
                _name_version(copy)
    return target


def _name_version(path: Path) -> None:
    """Have a notebook name this Python's version: JupyterLab takes one of another version for changed."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if language := notebook.get("metadata", {}).get("language_info"):
        language["version"] = platform.python_version()
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
