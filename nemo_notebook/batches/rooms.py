"""Where films are made: each in a folder to itself beside the ledger, under its own name, until it is whole."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

_OURS: Final = re.compile(r"making-[0-9a-f]{8}-\d+")


def room(folder: Path, claim: str, number: int) -> Path:
    """The folder of one film.

    Args:
        folder: The ledger's.
        claim: By whose order it is made, eight hexadecimal digits.
        number: Which film of those it is.
    """
    return folder / f"making-{claim}-{number}"


def clear(folder: Path) -> None:
    """Take away all that films were made in, and nothing else."""
    for each in folder.glob("*"):
        if _OURS.fullmatch(each.name):
            shutil.rmtree(each, ignore_errors=True)
