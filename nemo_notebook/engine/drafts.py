"""The drafts of a session: its history, a pointer to the current draft.

Undo and redo move the pointer; a new edit drops what comes after it. The version is another thing: it grows with every
change, undo and redo included, so that nobody edits a draft that is no longer current (optimistic locking).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, overload

from nemo_notebook.engine.database import Database
from nemo_notebook.film.model import Version
from nemo_notebook.film.tracks import Json, meta_of, read_segments

MOST_KEPT: Final = 100
LEAST_KEPT: Final = 10  # however large they are
KEPT_BYTES: Final = 32 << 20
RECENT: Final = 5  # versions that a turn of chat knows the edits of
_NOW: Final = (
    "SELECT session.draft_version, session.draft_number, draft.json FROM session LEFT JOIN draft"
    " ON draft.session_id = session.id AND draft.version = session.draft_number WHERE session.id = ?"
)
_HISTORY: Final = (
    "SELECT draft_version, draft_number, base, draft.version AS number, made_s, origin, said, told, draft.language,"
    " uploads, edits FROM session LEFT JOIN draft ON draft.session_id = session.id WHERE session.id = ?"
    " ORDER BY draft.version"
)
_EARLIER: Final = "SELECT version AS number, json FROM draft WHERE session_id = ? AND version < ? ORDER BY version DESC"
_LATER: Final = "SELECT version AS number, json FROM draft WHERE session_id = ? AND version > ? ORDER BY version"
_WHOLE: Final = (
    "SELECT version, json FROM draft WHERE session_id = ?1 AND version <= ?2 AND (whole"
    " OR base > 0 AND version = (SELECT MIN(version) FROM draft WHERE session_id = ?1))"
)
_LAST: Final = (
    "SELECT version AS number, made_s, origin, said, told, language, uploads, edits FROM draft"
    " WHERE session_id = ? AND version <= ? ORDER BY version DESC LIMIT ?"
)
_SIZES: Final = "SELECT version AS number, bytes FROM draft WHERE session_id = ? ORDER BY version DESC"
_BEGINS: Final = "SELECT COALESCE(MIN(base), 1) = 0 AS empty FROM draft WHERE session_id = ?"
_STEPS: Final = (
    "SELECT COUNT(CASE WHEN version < draft_number THEN 1 END) + (MIN(base) = 0 AND draft_number > 0) AS back,"
    " COUNT(CASE WHEN version > draft_number THEN 1 END) AS forth"
    " FROM session JOIN draft ON draft.session_id = session.id WHERE session.id = ?"
)
_ADD: Final = (
    "INSERT INTO draft (session_id, version, json, bytes, made_s, origin, said, told, language, uploads, edits, base,"
    " whole) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_POINT: Final = "UPDATE session SET draft_number = ?, draft_version = draft_version + 1 WHERE id = ?"


@dataclass(frozen=True, slots=True)
class History:
    """How the drafts of a session came about, the oldest first, and which of them holds.

    Attributes:
        version: Grows with every change.
        current: The number of the one that holds.
        entries: Those that can be gone to; the first may be the empty timeline before the first draft.
    """

    version: int
    current: int
    entries: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """A draft among the others.

    Attributes:
        version: The session's version.
        draft: The one that holds; empty where there is none.
        earlier: Those before it, the newest last.
        later: Those that were gone back from, the next one first.
        recent: How the last ones up to it came about, the newest last.
    """

    version: int
    draft: dict[str, Any]
    earlier: Sequence[dict[str, Any]] = ()
    later: Sequence[dict[str, Any]] = ()
    recent: Sequence[Version] = ()


class _Kept(Sequence[dict[str, Any]]):
    """Drafts by their numbers, each read when it is first looked at; one that is let go meanwhile is empty."""

    def __init__(self, db: Database, session_id: str, numbers: Sequence[int]) -> None:
        self._db = db
        self._session_id = session_id
        self._numbers = numbers
        self._read: dict[int, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[dict[str, Any]]: ...

    def __getitem__(self, at: int | slice) -> dict[str, Any] | Sequence[dict[str, Any]]:
        if isinstance(at, slice):
            return _Kept(self._db, self._session_id, self._numbers[at])
        number = self._numbers[at]
        if number not in self._read:
            sql = "SELECT json FROM draft WHERE session_id = ? AND version = ?"
            rows = self._db.read(sql, self._session_id, number)
            self._read[number] = _parsed(rows[0]["json"] if rows else None)
        return self._read[number]


class Drafts:
    """What is kept of the drafts of all sessions.

    Whatever changes something names the version that it was made for, and gives the new one; None if that is no longer
    the version, and nothing is done then.

    Args:
        db: Where it is kept.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def now(self, session_id: str) -> tuple[int, dict[str, Any]]:
        """The version, and the draft that holds; 0 and nothing where there is none."""
        rows = self._db.read(_NOW, session_id)
        return (rows[0]["draft_version"], _parsed(rows[0]["json"])) if rows else (0, {})

    def steps(self, session_id: str) -> tuple[int, int]:
        """How many drafts can be gone back to, and how many forth again. None of them is read."""
        row = self._db.read(_STEPS, session_id)[0]
        return row["back"] or 0, row["forth"]

    def around(self, session_id: str) -> Around:
        """The draft that holds, and those before and after it, which are read when they are looked at."""
        rows = self._db.read(_NOW, session_id)
        if not rows:
            return Around(0, {})
        at, numbers = rows[0]["draft_number"], [row["number"] for row in self._db.read(_SIZES, session_id)][::-1]
        earlier = _Kept(self._db, session_id, [number for number in numbers if number < at])
        later = _Kept(self._db, session_id, [number for number in numbers if number > at])
        recent = [_version(row) for row in self._db.read(_LAST, session_id, at, RECENT)][::-1]
        return Around(rows[0]["draft_version"], _parsed(rows[0]["json"]), earlier, later, recent)

    def history(self, session_id: str) -> History:
        """How each draft came about. The drafts themselves are not read."""
        rows = self._db.read(_HISTORY, session_id)
        if not rows:
            return History(0, 0, ())
        entries = tuple(_version(row) for row in rows if row["number"] is not None)
        if entries and rows[0]["base"] == 0:  # else the beginning has been let go
            entries = (Version(), *entries)
        return History(rows[0]["draft_version"], rows[0]["draft_number"], entries)

    def versions(self, session_id: str) -> list[Version]:
        """How the draft that holds was made, for `film.edit.replay`: from the first version that is kept to it.

        Drafts are only read where no edits lead to them: those put in whole, and the first if those before it are gone.
        """
        history = self.history(session_id)
        rows = self._db.read(_WHOLE, session_id, history.current)
        whole = {row["version"]: _parsed(row["json"]) for row in rows}
        line = [each for each in history.entries if 0 < each.number <= history.current]
        return [replace(each, draft=whole.get(each.number)) for each in line]

    def add(self, session_id: str, draft: Json, version: int, made: Version) -> int | None:
        """Keep a new draft after the one that holds; how it was made names the draft itself if no edits lead to it.

        Those after that are let go, and the oldest: at most `MOST_KEPT` stay, as far as they fit in `KEPT_BYTES`, the
        newest `LEAST_KEPT` in any case.
        """
        with self._db.transaction() as db:
            now = db.execute(_NOW, (session_id,)).fetchone()
            return _add(db, session_id, draft, made, now) if _holds(now, version) else None

    def go(self, session_id: str, number: int, version: int) -> int | None:
        """Make a kept draft the one that holds; 0 for the empty timeline before the first.

        Raises:
            LookupError: There is none of that number.
        """
        with self._db.transaction() as db:
            now = db.execute(_NOW, (session_id,)).fetchone()
            return _go(db, session_id, number, now) if _holds(now, version) else None

    def go_where(self, session_id: str, draft: Json, version: int, made: Version, *, forward: bool) -> int | None:
        """Go to the nearest earlier (or later) draft that equals this one; add it where there is none."""
        with self._db.transaction() as db:
            now = db.execute(_NOW, (session_id,)).fetchone()
            if not _holds(now, version):
                return None
            nearest = db.execute(_LATER if forward else _EARLIER, (session_id, now["draft_number"]))
            number = next((row["number"] for row in nearest if _parsed(row["json"]) == draft), None)
            if number is None and not draft and not forward and _begins_empty(db, session_id):
                number = 0
            return _add(db, session_id, draft, made, now) if number is None else _go(db, session_id, number, now)


def _holds(now: sqlite3.Row | None, version: int) -> bool:
    return now is not None and now["draft_version"] == version


def _add(db: sqlite3.Connection, session_id: str, draft: Json, made: Version, now: sqlite3.Row) -> int:
    number = int(now["draft_version"]) + 1  # higher than any that was ever used
    db.execute("DELETE FROM draft WHERE session_id = ? AND version > ?", (session_id, now["draft_number"]))
    text = json.dumps(draft, ensure_ascii=False)
    edits = json.dumps(list(made.edits), ensure_ascii=False)
    size = len(text.encode("utf-8")) + len(edits.encode("utf-8"))
    how = (made.origin, made.said, made.told, made.language, made.uploads, edits)
    row = (session_id, number, text, size, time.time(), *how, now["draft_number"], made.draft is not None)
    db.execute(_ADD, row)
    _forget(db, session_id)
    db.execute(_POINT, (number, session_id))
    return number


def _forget(db: sqlite3.Connection, session_id: str) -> None:
    """Let go of the oldest drafts that are too many or too much."""
    taken = 0
    for place, row in enumerate(db.execute(_SIZES, (session_id,)).fetchall()):
        taken += row["bytes"]
        if place >= MOST_KEPT or (place >= LEAST_KEPT and taken > KEPT_BYTES):
            db.execute("DELETE FROM draft WHERE session_id = ? AND version <= ?", (session_id, row["number"]))
            return


def _go(db: sqlite3.Connection, session_id: str, number: int, now: sqlite3.Row) -> int:
    version = int(now["draft_version"])
    if number == now["draft_number"]:
        return version
    kept = db.execute("SELECT 1 FROM draft WHERE session_id = ? AND version = ?", (session_id, number)).fetchone()
    if kept is None and (number != 0 or not _begins_empty(db, session_id)):
        raise LookupError(number)
    db.execute(_POINT, (number, session_id))
    return version + 1


def _begins_empty(db: sqlite3.Connection, session_id: str) -> bool:
    """Whether the first draft that is kept was made of the empty timeline."""
    return bool(db.execute(_BEGINS, (session_id,)).fetchone()["empty"])


def _version(row: sqlite3.Row) -> Version:
    names = ("number", "made_s", "origin", "said", "told", "language", "uploads")
    return Version(**{name: row[name] for name in names}, edits=json.loads(row["edits"]))


def _parsed(text: str | None) -> dict[str, Any]:
    draft: dict[str, Any] = json.loads(text or "{}")
    return draft


_HASHES: Final = ("media", "cover")


def uploads_in(draft: Json) -> set[str]:
    """The content hashes of the uploads that a draft shows or plays."""
    parts = (meta_of(segment.raw) for segment in read_segments(draft))
    return {str(meta[key]) for meta in parts for key in _HASHES if meta.get(key)}
