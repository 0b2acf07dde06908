"""Credits: what users have spent, and what is held back for turns that are being worked on."""

from __future__ import annotations

import secrets
import sqlite3
import time
from dataclasses import dataclass

from nemo_notebook.engine.database import Database
from nemo_notebook.engine.presence import SILENCE_S


@dataclass(frozen=True, slots=True)
class Balance:
    """A user's credits: what can be spent, and what running work holds."""

    available: float
    frozen: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.available + self.frozen


class Accounts:
    """The credits of all users. What an engine holds is free again when it gives no signs of life any more.

    Args:
        db: Where they are.
        owner: The name of this engine.
    """

    def __init__(self, db: Database, owner: str) -> None:
        self._db = db
        self._owner = owner

    def balance(self, user_id: str, start: float) -> Balance:
        """A user's balance.

        Args:
            user_id: The user.
            start: What every user has at first.
        """
        frozen, spent = self._db.read(_SUMS, user_id, time.time(), SILENCE_S, user_id)[0]
        return Balance(start - spent - frozen, frozen)

    def hold(self, user_id: str, amount: float, start: float) -> str | None:
        """Hold credits back for work that begins; gives the hold's name, or None if there are too few."""
        hold_id, now_s = secrets.token_hex(8), time.time()
        with self._db.transaction() as db:
            frozen, spent = db.execute(_SUMS, (user_id, now_s, SILENCE_S, user_id)).fetchone()
            if start - spent - frozen < amount:
                return None
            db.execute("INSERT INTO hold VALUES (?, ?, ?, ?, ?)", (hold_id, user_id, amount, self._owner, now_s))
        return hold_id

    def settle(self, hold_id: str, *, charge: bool) -> None:
        """End a hold: spend it, or give it back."""
        with self._db.transaction() as db:
            row = db.execute("DELETE FROM hold WHERE id = ? RETURNING user_id, amount", (hold_id,)).fetchone()
            if row is not None and charge:
                _spend(db, row["user_id"], row["amount"])

    def touch(self) -> None:
        """Give a sign of life for all holds of this engine."""
        self._db.write("UPDATE hold SET touched_s = ? WHERE owner = ?", time.time(), self._owner)

    def release(self) -> None:
        """Give back all that this engine holds."""
        self._db.write("DELETE FROM hold WHERE owner = ?", self._owner)


_SUMS = (
    "SELECT (SELECT COALESCE(SUM(amount), 0) FROM hold WHERE user_id = ? AND ABS(touched_s - ?) < ?), "
    "(SELECT COALESCE(SUM(spent), 0) FROM account WHERE user_id = ?)"
)


def _spend(db: sqlite3.Connection, user_id: str, amount: float) -> None:
    sql = "INSERT INTO account VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET spent = spent + excluded.spent"
    db.execute(sql, (user_id, amount))
