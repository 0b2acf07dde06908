"""Maintenance of the engine's folder: the trash and the sweeper.

Projects that were removed, by their user or for want of room, can come back from the trash for a week. A clock that
jumps must not end a week: besides the time that has passed, a sweep has to have been made on seven days after the one
on which a project went there. Where the user has said how much may be kept (`NEMO_CACHE_GB`), uploads alone are more
than that, and the user was told, projects go to the trash, the least recently used first.

Several engines may share the folder. Whatever another engine must not come between is done within a transaction: who
begins an upload or an export has to write first, and waits for it. While any engine renders, the cache is left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nemo_notebook import errors, settings
from nemo_notebook.engine.database import SILENCE_S, Database

KEPT_DAYS: Final = 7
_log: Final = logging.getLogger(__name__)
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

    def add_warned(self) -> bool:
        """Put there the project that was used longest ago, if its user was told that it goes; whether there is one."""
        first = self._idle("is_warned")
        if first is not None:
            self.add(first, by_user=False)
        return first is not None

    def warn(self, user_id: str, but: str) -> str | None:
        """The project of a user that would go first, but for one; noted as told."""
        first = self._idle("user_id = ? AND id != ?", user_id, but)
        self._db.write("UPDATE session SET is_warned = 1 WHERE id = ?", first)
        return first

    def news(self, user_id: str) -> list[str]:
        """The projects of a user that went there by themselves, each told once."""
        sql = (
            "UPDATE trash SET is_told = 1 WHERE NOT is_told"
            " AND session_id IN (SELECT id FROM session WHERE user_id = ?) RETURNING session_id"
        )
        return [row["session_id"] for row in self._db.write(sql, user_id)]

    def empty(self) -> None:
        """Delete what was there for a week."""
        now_s, gone = time.time(), list[str]()
        with self._db.transaction() as db:
            for row in db.execute("SELECT session_id, since_s, days FROM trash").fetchall():
                days = {*json.loads(row["days"]), int(now_s // _DAY_S)}
                db.execute("UPDATE trash SET days = ? WHERE session_id = ?", (json.dumps([*days]), row["session_id"]))
                if len(days) > KEPT_DAYS and abs(now_s - row["since_s"]) >= KEPT_DAYS * _DAY_S:
                    gone.append(row["session_id"])
        for session_id in gone:
            self.delete(session_id)

    def delete(self, session_id: str) -> None:
        """Delete a project for good; the next sweep removes its files."""
        with self._db.transaction() as db:
            for table in ("draft", "media", "job", "trash"):
                db.execute(f"DELETE FROM {table} WHERE session_id = ?", (session_id,))  # noqa: S608 - our own names
            db.execute("DELETE FROM session WHERE id = ?", (session_id,))

    def _idle(self, which: str, *values: object) -> str | None:
        """Of some projects, the one that was used longest ago, unless that is a short while or it is exported."""
        now_s = time.time()
        sql = f"{_IDLE} AND {which} ORDER BY touched_s LIMIT 1"
        rows = self._db.read(sql, now_s - _USED_S, now_s, SILENCE_S, *values)
        return rows[0]["id"] if rows else None


_EVERY_S: Final = 3600.0
_AGAIN_S: Final = 300.0  # where something that is in use had to stay
PART_KEPT_S: Final = 3600.0
_SETTLED_S: Final = 3600.0  # a file younger than this may be on its way to the row that refers to it
_FILM_KEPT_S: Final = 86_400.0
_PREVIEW_KEPT_S: Final = 3600.0
_RECENT_S: Final = 600.0  # used just now: an edit is likely to need it again
_TOKEN_KEPT_S: Final = 86_400.0
_CONTENT: Final = re.compile(r"[0-9a-f]{64}")


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

    async def keep_swept(self) -> None:
        """Sweep the folder now and every hour, until this is cancelled."""
        while True:
            is_done = False
            try:
                is_done = await asyncio.to_thread(self.run)
            except (sqlite3.Error, OSError, errors.DiskFull) as error:
                _log.warning("The folder could not be swept: %s", error)
            await asyncio.sleep(_EVERY_S if is_done else _AGAIN_S)

    def run(self, quota_bytes: int | None = None) -> bool:
        """Sweep once; gives whether what is left fits: more is kept while it is in use.

        Args:
            quota_bytes: What media, cache and films may take together; by the settings if None.
        """
        sweep_parts(self._folder)
        self._trash.empty()
        now_s = time.time()
        self._db.write("DELETE FROM token WHERE expires_s < ?", now_s - _TOKEN_KEPT_S)
        previews = f"json_extract(output, '$.preview') = 1 AND created_s < ? AND NOT ({IN_USE})"
        self._db.write(f"DELETE FROM job WHERE {previews}", now_s - _PREVIEW_KEPT_S, now_s, SILENCE_S)  # noqa: S608
        self._unreferenced("media", "SELECT hash AS name FROM media")
        self._unreferenced("renders", "SELECT key AS name FROM job")
        self._db.write("DELETE FROM analysis WHERE hash NOT IN (SELECT hash FROM media)")
        taken = sum(file.bytes for name in ("media", "cache", "renders") for file in _files(self._folder / name))
        if quota_bytes is None:
            quota_bytes = settings.cache_bytes(shutil.disk_usage(self._folder).free + taken)
        fits, stated_bytes = self._fit(taken - quota_bytes), settings.stated_bytes()
        while stated_bytes is not None and self._kept_bytes() > stated_bytes and self._trash.add_warned():
            pass
        return fits

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
                    _remove(file)

    def _fit(self, over_bytes: int) -> bool:
        """Remove what was used longest ago until the rest fits: first of the cache, then films that were fetched."""
        now_s = time.time()
        cache = [file for file in _files(self._folder / "cache") if file.used_s < now_s - _RECENT_S]
        films = [file for file in _files(self._folder / "renders") if file.used_s < now_s - _FILM_KEPT_S]
        for file in (*sorted(cache, key=_last_use), *sorted(films, key=_last_use)):
            if over_bytes <= 0:
                break
            with self._db.transaction() as db:
                rendering = f"SELECT 1 FROM job WHERE {IN_USE}"  # noqa: S608 - from the line above
                if db.execute(rendering, (time.time(), SILENCE_S)).fetchone():
                    return False
                over_bytes -= _remove(file)
        return over_bytes <= 0


def _remove(file: _File) -> int:
    """Remove a file, unless it was used meanwhile; gives how many bytes that were."""
    with contextlib.suppress(OSError):  # another engine was quicker, or somebody reads it on Windows
        if file.path.stat().st_mtime <= file.used_s:
            file.path.unlink()
            return file.bytes
    return 0


def sweep_parts(folder: Path, older_than_s: float = PART_KEPT_S) -> None:
    """Remove what an engine that was killed left half-written, and not written to for so long."""
    for part in folder.rglob("*.part"):
        with contextlib.suppress(OSError):  # another engine may have been quicker
            if older_than_s == 0 or time.time() - part.stat().st_mtime > older_than_s:
                part.unlink()


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
