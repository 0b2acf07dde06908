"""Exports as the panel lists them: what was wished for, how far each is, and what came of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, media_types
from nemo_notebook.notebook.widgets.part import message
from nemo_notebook.outside import finite, redact
from nemo_notebook.session.presets import FORMATS, PRESETS, QUALITIES, RESOLUTIONS
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Progress, Video

LIVE: Final = frozenset({"waiting", "beginning", "open", "left"})  # what may still become a film

_NAME_CHARS: Final = 200
_KINDS: Final = {"gif": "picture", "mid": "score", "avi": "film", "mkv": "film"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What an export is to be.

    Attributes:
        name: The file's name or path, as it was typed; empty for one made from the title.
        format: The file type.
        quality: How finely it is encoded; empty for the usual.
        resolution: The picture's size; empty for the timeline's own, or the preset's.
        preset: The platform that it is for; empty for none.
    """

    name: str = ""
    format: str = "mp4"
    quality: str = "high"
    resolution: str = ""
    preset: str = ""

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Wish:
        """From what a page says.

        Raises:
            UsageError: There is no such value.
        """
        own = cls()
        name = content.get("name")
        if not isinstance(name, str) or len(name) > _NAME_CHARS or "\0" in name:
            raise errors.UsageError("That cannot be a file's name.", hint="Choose a shorter one.")
        chosen = {
            "format": (FORMATS, own.format),
            "quality": (("", *QUALITIES), own.quality),
            "resolution": (("", *RESOLUTIONS), own.resolution),
            "preset": (("", *PRESETS), own.preset),
        }
        found = {}
        for key, (allowed, default) in chosen.items():
            found[key] = value = content.get(key, default)
            if value not in allowed:
                raise errors.UsageError(f"There is no such {key}.", hint=f"Choose one of: {', '.join(allowed)}.")
        return cls(name.strip(), **found)

    @property
    def path(self) -> Path | None:
        """Where it goes, with the ending of its format; None for a name that is yet to be made."""
        if not self.name:
            return None
        return Path(self.name if _ending(self.name) in FORMATS else f"{self.name}.{self.format}")


@dataclass(frozen=True, slots=True)
class Row:
    """One export.

    Attributes:
        key: What pages call it by.
        wish: What it is to be.
        state: `waiting` until the backend has room, `beginning`, `open`, `left` (open, but it cannot be followed now),
            `done`, `failed` or `cancelled`.
        job: What the journal calls it; empty before it has begun.
        target: Where it goes, once that is known.
        begun_s: When it was begun, in seconds since 1970.
        progress: How far it is.
        is_queued: Whether the backend renders another one first.
        is_stopping: Whether it was cancelled, and the end is yet to be seen.
        duration_s: Its length; 0 where there is none or it is not known.
        width: Pixels across, likewise.
        height: Pixels down, likewise.
        has_poster: Whether there is a small picture of it.
        notes: What else is to be said of it, a sentence each.
        why: What went wrong.
        hint: What to do then.
    """

    key: str
    wish: Wish
    state: str
    job: str = ""
    target: Path | None = None
    begun_s: float = 0.0
    progress: Progress | None = None
    is_queued: bool = False
    is_stopping: bool = False
    duration_s: float = 0.0
    width: int = 0
    height: int = 0
    has_poster: bool = False
    notes: tuple[str, ...] = ()
    why: str = ""
    hint: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it may still become a film."""
        return self.state in LIVE

    @property
    def is_rendered(self) -> bool:
        """Whether some of it is rendered."""
        return self.progress is not None and (self.progress.done > 0 or self.progress.stage != "render")

    def met(self, job: Job) -> Row:
        """The same with what the journal knows of it."""
        duration_s = finite(job.detail.get("duration_s")) or 0.0
        notes = job.detail.get("notes")
        return replace(
            self,
            job=job.id,
            state=job.state,
            target=job.target or self.target,
            begun_s=job.begun_s,
            duration_s=self.duration_s or duration_s,
            is_stopping=self.is_stopping and job.is_open,
            notes=tuple(redact(str(each)) for each in notes) if isinstance(notes, list) else (),
        )

    def saved(self, video: Video) -> Row:
        """The same with the film that came of it."""
        done = replace(self, state="done", target=video.path, has_poster=bool(video.poster), why="", hint="")
        return replace(done, width=video.width, height=video.height, duration_s=video.duration)

    def failed(self, state: str, error: Exception) -> Row:
        """The same with what went wrong."""
        hint = error.hint if isinstance(error, errors.NemoError) else ""
        return replace(self, state=state, why=message(error), hint=redact(hint), is_stopping=False)

    def told(self) -> dict[str, Any]:
        """What pages are told of it."""
        path = self.target or self.wish.path
        name = path.name if path else ""
        size_bytes = _size(self.target) if self.state == "done" else 0
        return {
            "key": self.key,
            "job": self.job,
            "name": redact(name, _NAME_CHARS),
            "near": near(self.target) if size_bytes else "",
            "kind": kind_of(name or self.wish.format),
            "state": "waiting" if self.is_queued else self.state,
            "is_stopping": self.is_stopping,
            "is_gone": self.state == "done" and not size_bytes,
            "at_s": self.begun_s,
            "size_bytes": size_bytes,
            "duration_s": self.duration_s,
            "width": self.width,
            "height": self.height,
            "has_poster": self.has_poster,
            "format": self.wish.format,
            "quality": self.wish.quality,
            "preset": self.wish.preset,
            "notes": " ".join(self.notes),
            "why": self.why,
            "hint": self.hint,
            **progress_told(self.progress),
        }


def progress_told(progress: Progress | None) -> dict[str, Any]:
    """How far something is, as pages are told."""
    if progress is None:
        return {"stage": "render", "done": 0.0, "left_s": None}
    left_s = None if progress.left_s is None else round(progress.left_s, 1)
    return {"stage": progress.stage, "done": round(progress.done, 3), "left_s": left_s}


def row_of(job: Job) -> Row:
    """A row for an export that the journal knows, with as much as it knows of what was wished for."""
    ending = _ending(job.target.name) if job.target else ""
    wish = Wish(near(job.target), ending if ending in FORMATS else "mp4", quality="")
    noted = job.detail.get("output")
    if isinstance(noted, dict):
        with contextlib.suppress(errors.UsageError):  # noted by a version that had others to choose from
            wish = Wish.read({"quality": "", **noted, "name": wish.name, "format": wish.format})
    return Row(job.id, wish, job.state).met(job)


def ordered(rows: Iterable[Row]) -> list[Row]:
    """What is under way, in the order of its turns; then what is over, the newest first."""
    live: list[Row] = []
    over: list[Row] = []
    for row in rows:
        is_queued = row.state == "open" and not row.is_rendered and any(each.state == "open" for each in live)
        (live if row.is_live else over).append(replace(row, is_queued=is_queued))
    return [*live, *sorted(over, key=lambda row: row.begun_s, reverse=True)]


def unused(path: Path) -> Path:
    """The path itself, or one beside it that nothing has: `film.mp4`, `film-2.mp4`, …"""
    free, number = path, 1
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def kind_of(name: str) -> str:
    """What a player finds in a file: `video`, `sound`, `picture`; `film` or `score` where a browser plays none."""
    ending = _ending(name) or name
    if ending in _KINDS:
        return _KINDS[ending]
    found = media_types.kind(f"x.{ending}")
    return {"audio": "sound", "image": "picture"}.get(found, "video")


def near(path: Path | None) -> str:
    """A path relative to the working directory, with `/` on every system; empty without one."""
    if path is None:
        return ""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except (ValueError, OSError):  # another drive, or the working directory is gone
        return path.as_posix()


def _ending(name: str) -> str:
    return media_types.extension(name)


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path is not None and path.is_file() else 0
    except OSError:
        return 0
