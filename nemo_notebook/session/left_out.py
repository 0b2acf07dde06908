"""What a tape could not keep, told by the names that the user gave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.tape_previews import render_of
from nemo_notebook.tapes.format import MAX_KEEP_BYTES, Medium, Tape

_MOST: Final = 1000  # exports of a recording


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that came, and that a tape holds only the hash of.

    Attributes:
        name: What it is called here.
        size_bytes: How large it is.
        preview_bytes: How large the preview is that a replay has in its place; 0 where it has nothing.
        keep_mb: The room for one file, in MB, with which it is kept; 0 where no tape keeps it.
        is_too_large: Whether that is why; else it is not kept for what it holds.
    """

    name: str
    size_bytes: int
    preview_bytes: int
    keep_mb: int
    is_too_large: bool


def film_names(home: Path) -> dict[str, str]:
    """What the films are called that the sessions of a tape have exported, by their exports.

    Args:
        home: Where these sessions keep what they note.
    """
    try:
        jobs = Journal(home).jobs(kind="render", limit=_MOST)
    except errors.InputError:
        return {}  # they are told by the names of the service
    return {job.id: job.target.name if job.target else job.title for job in jobs}


def left_out(tape: Tape, names: Mapping[str, str]) -> tuple[LeftOut, ...]:
    """What is missing on a tape, in the order in which it came.

    Args:
        tape: The tape.
        names: As of `film_names`.
    """
    refs = dict.fromkeys(each.answer.media.sha256 for each in tape.exchanges if each.answer.media)
    media = (tape.media[sha256] for sha256 in refs)
    return tuple(_told(tape, medium, names) for medium in media if medium.data is None)


def _told(tape: Tape, medium: Medium, names: Mapping[str, str]) -> LeftOut:
    job = render_of(tape, medium.sha256) or {}
    own = medium.name if "." in medium.name else "a preview" if str(job.get("id")).startswith("preview_") else "a file"
    return LeftOut(
        name=names.get(str(job.get("id")), own),
        size_bytes=medium.size_bytes,
        preview_bytes=tape.media[medium.preview].size_bytes if medium.preview else 0,
        keep_mb=math.ceil(medium.size_bytes / 1e6) if medium.size_bytes <= MAX_KEEP_BYTES else 0,
        is_too_large=medium.size_bytes > tape.header.keep_bytes,
    )
