"""The trash: projects that were removed, by their user or for want of room, and can come back for a week.

A clock that jumps must not end a week: besides the time that has passed, a sweep has to have been made on seven days
after the one on which a project went there.
"""

from __future__ import annotations

import json
import time
from typing import Final

from nemo_notebook.engine.database import Database
from nemo_notebook.engine.presence import SILENCE_S

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
