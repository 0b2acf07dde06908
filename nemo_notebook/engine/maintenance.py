"""Maintenance of the engine's folder: the trash and the sweeper.

Projects that were removed, by their user or for want of room, can come back from the trash for a week. A clock that
jumps must not end a week: besides the time that has passed, a sweep has to have been made on seven days after the one
on which a project went there. Where the user has said how much may be kept (`NEMO_CACHE_GB`), uploads alone are more
than that, and the user was told, projects go to the trash, the least recently used first.

Several engines may share the folder. Whatever another engine must not come between is done within a transaction: who
begins an upload or an export has to write first, and waits for it. While any engine renders, the cache is left alone.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nemo_notebook import settings
from nemo_notebook.engine.database import Database
from nemo_notebook.engine.jobs import SILENCE_S

KEPT_DAYS: Final = 7
_DAY_S: Final = 86_400.0
_USED_S: Final = 3600.0  # a project that was used so lately is not taken for one that nobody needs
IN_USE: Final = "status IN ('pending', 'processing') AND ABS(touched_s - ?) < ?"
_IDLE: Final = (
    "SELECT id FROM session WHERE touched_s < ? AND id NOT IN (SELECT session_id FROM trash)"  # noqa: S608 - from the line above
    f" AND id NOT IN (SELECT session_id FROM job WHERE {IN_USE})"
)


class Trash:
    """The projects in the trash.

    Args:
        db: Where it is kept.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, session_id: str, *, by_user: bool) -> None:
        """Put a project there. One that its user has not removed comes back by itself when it is used."""
        self._db.write(
            "INSERT INTO trash VALUES (?, ?, '[]', ?, ?)"
            " ON CONFLICT (session_id) DO UPDATE SET by_user = MAX(by_user, excluded.by_user)",
            *(session_id, time.time(), by_user, by_user),
        )

    def restore(self, session_id: str) -> bool:
        """Take a project out of it; gives whether it was there."""
        with self._db.transaction() as db:
            db.execute("UPDATE session SET touched_s = ?, is_warned = 0 WHERE id = ?", (time.time(), session_id))
            return bool(db.execute("DELETE FROM trash WHERE session_id = ?", (session_id,)).rowcount)

    def add_warned(self) -> str | None:
        """Put there the project that was used longest ago, if its user was told that it goes; gives its id."""
        first = self._idle("AND is_warned ORDER BY touched_s LIMIT 1")
        for session_id in first:
            self.add(session_id, by_user=False)
        return first[0] if first else None

    def warn(self, user_id: str, but: str) -> str | None:
        """The project of a user that would go first, but for one; noted as told."""
        first = self._idle("AND user_id = ? AND id != ? ORDER BY touched_s LIMIT 1", user_id, but)
        for session_id in first:
            self._db.write("UPDATE session SET is_warned = 1 WHERE id = ?", session_id)
        return first[0] if first else None

    def news(self, user_id: str) -> list[str]:
        """The projects of a user that went there by themselves, each told once."""
        sql = (
            "UPDATE trash SET is_told = 1 WHERE NOT is_told"
            " AND session_id IN (SELECT id FROM session WHERE user_id = ?) RETURNING session_id"
        )
        return [row["session_id"] for row in self._db.write(sql, user_id)]

    def empty(self) -> int:
        """Delete what was there for a week; gives how many projects that were."""
        now_s, gone = time.time(), list[str]()
        with self._db.transaction() as db:
            for row in db.execute("SELECT session_id, since_s, days FROM trash").fetchall():
                days = {*json.loads(row["days"]), int(now_s // _DAY_S)}
                db.execute("UPDATE trash SET days = ? WHERE session_id = ?", (json.dumps([*days]), row["session_id"]))
                if len(days) > KEPT_DAYS and abs(now_s - row["since_s"]) >= KEPT_DAYS * _DAY_S:
                    gone.append(row["session_id"])
        for session_id in gone:
            self.delete(session_id)
        return len(gone)

    def delete(self, session_id: str) -> None:
        """Delete a project for good; the next sweep removes its files."""
        with self._db.transaction() as db:
            for table in ("draft", "media", "job", "turn", "trash"):
                db.execute(f"DELETE FROM {table} WHERE session_id = ?", (session_id,))  # noqa: S608 - our own names
            db.execute("DELETE FROM session WHERE id = ?", (session_id,))

    def _idle(self, more: str, *values: object) -> list[str]:
        now_s = time.time()
        rows = self._db.read(f"{_IDLE} {more}", now_s - _USED_S, now_s, SILENCE_S, *values)
        return [row["id"] for row in rows]


_SETTLED_S: Final = 3600.0  # a file younger than this may be on its way to the row that refers to it
_FILM_KEPT_S: Final = 86_400.0
_PREVIEW_KEPT_S: Final = 3600.0
_RECENT_S: Final = 600.0  # used just now: an edit is likely to need it again
_TOKEN_KEPT_S: Final = 86_400.0
_BATCH_S: Final = 0.2  # others may wait so long to write
_CONTENT: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Swept:
    """What was thrown away.

    Attributes:
        sessions: How many projects that were in the trash for a week.
        trashed: How many projects went to the trash.
        files: How many files.
        bytes: What they took.
        is_over: Whether more is kept than should be, because it is in use.
    """

    sessions: int
    trashed: int
    files: int
    bytes: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    bytes: int
    used_s: float


class Sweeper:
    """Keeps the engine's folder small.

    Args:
        folder: Where everything is kept.
        db: What refers to it.
        trash: Where projects go.
        kept_bytes: What the uploads of projects take that are not there.
    """

    def __init__(self, folder: Path, db: Database, trash: Trash, kept_bytes: Callable[[], int]) -> None:
        self._folder = folder
        self._db = db
        self._trash = trash
        self._kept_bytes = kept_bytes
        self._files = self._bytes = 0

    def run(self, quota_bytes: int | None = None) -> Swept:
        """Sweep once.

        Args:
            quota_bytes: What media, cache and films may take together; by the settings if None.
        """
        self._files = self._bytes = 0
        sessions, trashed = self._trash.empty(), 0
        self._db.write("DELETE FROM token WHERE expires_s < ?", time.time() - _TOKEN_KEPT_S)
        self._old_previews()
        self._unreferenced("media", "SELECT hash AS name FROM media")
        self._unreferenced("renders", "SELECT key AS name FROM job")
        self._db.write("DELETE FROM analysis WHERE hash NOT IN (SELECT hash FROM media)")
        fits = self._fit(quota_bytes if quota_bytes is not None else self._quota())
        stated_bytes = settings.stated_bytes()
        while stated_bytes is not None and self._kept_bytes() > stated_bytes and self._trash.add_warned():
            trashed += 1
        return Swept(sessions, trashed, self._files, self._bytes, is_over=not fits)

    def _quota(self) -> int:
        """What may be taken: 10 GB or a fifth of what is free, whichever is less, but for the user's own setting."""
        taken = sum(file.bytes for name in ("media", "cache", "renders") for file in _files(self._folder / name))
        return settings.cache_bytes(shutil.disk_usage(self._folder).free + taken)

    def _old_previews(self) -> None:
        """Let go of what nobody looks at any more; a preview is quickly made again."""
        sql = "DELETE FROM job WHERE json_extract(output, '$.preview') = 1 AND created_s < ? AND NOT ({})"
        self._db.write(sql.format(IN_USE), time.time() - _PREVIEW_KEPT_S, time.time(), SILENCE_S)

    def _unreferenced(self, name: str, sql: str) -> None:
        """Remove files that no row refers to by the first part of their name."""
        old_s = time.time() - _SETTLED_S
        if name == "media" and any(self._folder.glob("engine.sqlite.aside-*")):
            return  # what that one refers to is not known any more
        with self._db.transaction() as db:
            known = {row["name"] for row in db.execute(sql)}
            for file in _files(self._folder / name):
                stem = file.path.name.split(".", 1)[0]
                ours = name == "renders" or _CONTENT.fullmatch(stem)
                if ours and stem not in known and file.used_s < old_s:
                    self._remove(file)

    def _fit(self, quota_bytes: int) -> bool:
        """Remove what was used longest ago until the rest fits: first of the cache, then films that were fetched."""
        now_s = time.time()
        cache = [file for file in _files(self._folder / "cache") if file.used_s < now_s - _RECENT_S]
        films = [file for file in _files(self._folder / "renders") if file.used_s < now_s - _FILM_KEPT_S]
        taken = sum(file.bytes for name in ("media", "cache", "renders") for file in _files(self._folder / name))
        over = taken - quota_bytes
        queue = iter([*sorted(cache, key=_last_use), *sorted(films, key=_last_use)])
        while over > 0:
            freed = self._batch(queue, over)
            if not freed:
                return False
            over -= freed
        return True

    def _batch(self, queue: Iterator[_File], over: int) -> int:
        """Remove some; gives how many bytes that were, 0 if there is nothing more to remove now."""
        freed, begun_s = 0, time.monotonic()
        with self._db.transaction() as db:
            if _is_rendering(db):
                return 0
            for file in queue:
                freed += self._remove(file)
                if freed >= over or time.monotonic() - begun_s > _BATCH_S:
                    break
        return freed

    def _remove(self, file: _File) -> int:
        with contextlib.suppress(OSError):  # another engine was quicker, or somebody reads it on Windows
            if file.path.stat().st_mtime > file.used_s:
                return 0  # it was used meanwhile
            file.path.unlink()
            self._files += 1
            self._bytes += file.bytes
            return file.bytes
        return 0


def _is_rendering(db: sqlite3.Connection) -> bool:
    sql = f"SELECT EXISTS (SELECT 1 FROM job WHERE {IN_USE})"  # noqa: S608 - from the line above
    return bool(db.execute(sql, (time.time(), SILENCE_S)).fetchone()[0])


def _files(folder: Path) -> Iterator[_File]:
    """The files below a folder that are whole, with the time of their last use: that of their change."""
    for path in folder.rglob("*"):
        if path.suffix == ".part":
            continue
        with contextlib.suppress(OSError):
            if path.is_file() and not path.is_symlink():
                seen = path.stat()
                yield _File(path, seen.st_size, seen.st_mtime)


def _last_use(file: _File) -> float:
    return file.used_s


def paths_in(args: object, folder: Path) -> Iterator[Path]:
    """The paths below a folder that the arguments of an operation name."""
    if isinstance(args, str) and args.startswith(str(folder)):
        yield Path(args)
    elif isinstance(args, Mapping):
        for value in args.values():
            yield from paths_in(value, folder)
    elif isinstance(args, (list, tuple)):
        for value in args:
            yield from paths_in(value, folder)
