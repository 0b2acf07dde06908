"""Which turns of chat are being worked on, by which engine."""

from __future__ import annotations

import secrets
import time
from typing import Final

from nemo_notebook.engine.database import Database
from nemo_notebook.engine.presence import SILENCE_S

_FORGOTTEN_S: Final = 3600.0


class Working:
    """The turns of all engines, as one of them sees and notes them.

    Args:
        db: Where they are.
        owner: The name of this engine.
    """

    def __init__(self, db: Database, owner: str) -> None:
        self._db = db
        self._owner = owner

    def begin(self, session_id: str) -> str:
        """Note a turn of this engine; gives its name."""
        turn_id, now_s = secrets.token_hex(8), time.time()
        with self._db.transaction() as db:
            db.execute("DELETE FROM turn WHERE ABS(touched_s - ?) > ?", (now_s, _FORGOTTEN_S))
            db.execute("INSERT INTO turn VALUES (?, ?, ?, ?)", (turn_id, session_id, self._owner, now_s))
        return turn_id

    def end(self, turn_id: str) -> None:
        """It is over."""
        self._db.write("DELETE FROM turn WHERE id = ?", turn_id)

    def touch(self) -> None:
        """Give a sign of life for all turns of this engine."""
        self._db.write("UPDATE turn SET touched_s = ? WHERE owner = ?", time.time(), self._owner)

    def elsewhere(self, session_id: str) -> int:
        """How many turns of a session other engines work on that live."""
        sql = "SELECT COUNT(*) FROM turn WHERE session_id = ? AND owner <> ? AND ABS(touched_s - ?) < ?"
        return int(self._db.read(sql, session_id, self._owner, time.time(), SILENCE_S)[0][0])

    def release(self) -> None:
        """All turns of this engine are over."""
        self._db.write("DELETE FROM turn WHERE owner = ?", self._owner)
