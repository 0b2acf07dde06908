"""What the engine keeps: sessions, drafts, media, exports, turns, in SQLite and a folder beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.engine.database import Database
from nemo_notebook.engine.drafts import Drafts, uploads_in
from nemo_notebook.engine.jobs import Jobs, RunningTurns
from nemo_notebook.engine.maintenance import Sweeper, Swept, Trash
from nemo_notebook.files import Owner, make_folder
from nemo_notebook.film.model import clean_edits
from nemo_notebook.film.provenance import MOST_EDITS, Provenance

Json = Mapping[str, Any]

_SWEEP_EVERY_S: Final = 3600.0
_SWEEP_AGAIN_S: Final = 300.0  # where something that is in use had to stay
_PART_KEPT_S: Final = 3600.0
_TOLD_FROM: Final = 0.9  # of the quota
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session; `touched_s` is when it was last used, to the hour or so, in seconds since 1970."""

    id: str
    task_id: str
    user_id: str
    language: str
    touched_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One upload of a session; `info` is what probing found, `key` opens it without a token."""

    session_id: str
    hash: str
    filename: str
    key: str
    info: Json


class Store:
    """The engine's memory. Several engines may share one folder: SQLite and content hashes keep them apart.

    What begins or adds waits for its turn to write: on an event loop it is called by `in_thread`.

    Args:
        folder: Where everything is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_folder(folder)
        folder.chmod(0o700)  # media and the keys to them are their owner's
        for name in ("media", "cache", "renders"):
            make_folder(folder / name)
        self._owner = Owner(folder)
        self.sweep_parts(0.0 if self._owner.is_alone else _PART_KEPT_S)
        self._db = Database(folder / "engine.sqlite")
        self.in_thread = self._db.in_thread
        owner = secrets.token_hex(8)
        self.drafts = Drafts(self._db)
        self.jobs = Jobs(self._db, owner)
        self.running_turns = RunningTurns(self._db, owner)
        self.trash = Trash(self._db)
        self.sweeper = Sweeper(folder, self._db, self.trash, self.kept_bytes)

    def sweep_parts(self, older_than_s: float = _PART_KEPT_S) -> None:
        """Remove what an engine that was killed left half-written, and not written to for so long."""
        for part in self.folder.rglob("*.part"):
            with contextlib.suppress(OSError):  # another engine may have been quicker
                if older_than_s == 0 or time.time() - part.stat().st_mtime > older_than_s:
                    part.unlink()

    async def keep_swept(self) -> None:
        """Sweep the folder now and every hour, until this is cancelled."""
        while True:
            swept = await asyncio.to_thread(self._sweep)
            await asyncio.sleep(_SWEEP_AGAIN_S if swept is None or swept.is_over else _SWEEP_EVERY_S)

    def _sweep(self) -> Swept | None:
        try:
            self.sweep_parts()
            return self.sweeper.run()
        except (sqlite3.Error, OSError, errors.DiskFull) as error:
            _log.warning("The folder could not be swept: %s", error)
            return None

    def release(self) -> None:
        """Let go of all that this engine works on; the next one need not wait for its silence."""
        self.running_turns.release()
        self.jobs.release()

    def close(self) -> None:
        """Close the database."""
        self._db.close()
        self._owner.close()

    # Sessions

    def create_session(self, user_id: str, language: str) -> SessionRow:
        """Begin a session; its id has 19 digits, as the service's have."""
        number, now_s = secrets.randbelow(9 * 10**18) + 10**18, time.time()
        row = SessionRow(str(number), f"task_{secrets.token_hex(8)}", user_id, language, now_s)
        self._db.write(
            "INSERT INTO session (id, task_id, user_id, language, created_s, touched_s) VALUES (?, ?, ?, ?, ?, ?)",
            *(row.id, row.task_id, row.user_id, row.language, now_s, now_s),
        )
        return row

    def session(self, session_id: str, user_id: str) -> SessionRow | None:
        """That session, if it is that user's and was not removed."""
        sql = (
            "SELECT * FROM session WHERE id = ? AND user_id = ?"
            " AND id NOT IN (SELECT session_id FROM trash WHERE by_user)"
        )
        rows = self._db.read(sql, session_id, user_id)
        keys = ("id", "task_id", "user_id", "language", "touched_s")
        return SessionRow(*(rows[0][key] for key in keys)) if rows else None

    def touch_session(self, session_id: str) -> None:
        """Note that a session is used; one that went to the trash by itself comes back."""
        with self._db.transaction() as db:
            db.execute("UPDATE session SET touched_s = ?, is_warned = 0 WHERE id = ?", (time.time(), session_id))
            db.execute("DELETE FROM trash WHERE session_id = ? AND NOT by_user", (session_id,))

    def owns(self, session_id: str, user_id: str) -> bool:
        """Whether that session is that user's, in the trash or not."""
        return bool(self._db.read("SELECT 1 FROM session WHERE id = ? AND user_id = ?", session_id, user_id))

    def session_user(self, session_id: str) -> str:
        """Whose session that is; empty if there is none."""
        rows = self._db.read("SELECT user_id FROM session WHERE id = ?", session_id)
        return rows[0]["user_id"] if rows else ""

    def provenance(self, session_id: str, draft: Json, skill: str = "") -> Provenance:
        """What is known of where a draft comes from, but for its hash and what will draw it.

        Args:
            session_id: Whose draft it is.
            draft: It, which may have been shaped anew for an export.
            skill: As which skill the client speaks.
        """
        used, history = uploads_in(draft), self.drafts.history(session_id)
        line = [each for each in history.entries if each.number <= history.current]
        edits = [edit for each in line for edit in each.edits]
        prompts = (f"(table) {each.told}" if each.origin == "table" else each.said for each in line)
        return Provenance(
            skill=skill,
            media=tuple((row.filename, row.hash) for row in self.media(session_id) if row.hash in used),
            prompts=tuple(words for words in prompts if words),
            edits=clean_edits(edits[:MOST_EDITS]),
            edits_left_out=max(0, len(edits) - MOST_EDITS),
        )

    # Media

    def media_path(self, content_hash: str) -> Path:
        """Where the file of that content is kept. Its name has no ending: its content tells what it is."""
        return self.folder / "media" / content_hash

    def thumbnail_path(self, content_hash: str) -> Path:
        """Where its thumbnail is kept: an empty file if there is no picture of it."""
        return self.folder / "media" / f"{content_hash}.jpg"

    def add_media(self, session_id: str, content_hash: str, filename: str, info: Json) -> MediaRow:
        """Note an upload. The same content under the same name counts once."""
        key = secrets.token_urlsafe(16)
        with self._db.transaction() as db:
            same = "SELECT * FROM media WHERE session_id = ? AND hash = ? AND filename = ?"
            if rows := db.execute(same, (session_id, content_hash, filename)).fetchall():
                return _media(rows[0])
            db.execute(
                "INSERT INTO media SELECT ?, COALESCE(MAX(position), 0) + 1, ?, ?, ?, ? FROM media "
                "WHERE session_id = ?",
                (session_id, content_hash, filename, key, json.dumps(info), session_id),
            )
        return MediaRow(session_id, content_hash, filename, key, info)

    def media(self, session_id: str) -> list[MediaRow]:
        """The session's uploads, in their order."""
        return [
            _media(row)
            for row in self._db.read("SELECT * FROM media WHERE session_id = ? ORDER BY position", session_id)
        ]

    def media_by_key(self, key: str) -> MediaRow | None:
        """The upload that a key opens."""
        rows = self._db.read("SELECT * FROM media WHERE key = ?", key)
        return _media(rows[0]) if rows else None

    def kept_bytes(self, session_id: str | None = None) -> int:
        """What the uploads take of all projects that are not in the trash, or of one, each content once."""
        sql = (
            "SELECT DISTINCT hash FROM media WHERE (? IS NULL AND session_id NOT IN (SELECT session_id FROM trash))"
            " OR session_id = ?"
        )
        sizes = 0
        for row in self._db.read(sql, session_id, session_id):
            with contextlib.suppress(OSError):
                sizes += self.media_path(row["hash"]).stat().st_size
        return sizes

    def analysis(self, content_hash: str) -> dict[str, Any] | None:
        """What listening to a file has found, if it has been done."""
        rows = self._db.read("SELECT json FROM analysis WHERE hash = ?", content_hash)
        return json.loads(rows[0]["json"]) if rows else None

    def add_analysis(self, content_hash: str, found: Json) -> None:
        """Keep what listening has found."""
        self._db.write("INSERT OR REPLACE INTO analysis VALUES (?, ?)", content_hash, json.dumps(found))

    def forget_findings(self, content_hash: str) -> None:
        """Let go of what was found in a file that was damaged."""
        self._db.write("DELETE FROM analysis WHERE hash = ?", content_hash)
        self.thumbnail_path(content_hash).unlink(missing_ok=True)

    def storage(self, user_id: str, session_id: str = "") -> Json:
        """What is to be told a user of the room that projects take; each project that went to the trash once.

        Args:
            user_id: The user.
            session_id: The session that is in use.
        """
        told: dict[str, Any] = {}
        if trashed := self.trash.news(user_id):
            told["trashed"] = trashed
        quota_bytes, kept_bytes = settings.stated_bytes(), self.kept_bytes()
        if quota_bytes is not None and kept_bytes > _TOLD_FROM * quota_bytes:
            first = self.trash.warn(user_id, but=session_id)
            told |= {"kept_bytes": kept_bytes, "quota_bytes": quota_bytes, "first": first}
        return told

    # Tokens

    def add_token(self, token_hash: str, user_id: str, lifetime_s: float) -> float:
        """Keep the hash of an anonymous token; gives when it expires, in seconds since 1970."""
        expires_s = time.time() + lifetime_s
        self._db.write("INSERT INTO token (hash, user_id, expires_s) VALUES (?, ?, ?)", token_hash, user_id, expires_s)
        return expires_s

    def token_user(self, token_hash: str) -> str | None:
        """Whose token that is, if it has not expired."""
        rows = self._db.read("SELECT user_id FROM token WHERE hash = ? AND expires_s > ?", token_hash, time.time())
        return rows[0]["user_id"] if rows else None


def _media(row: sqlite3.Row) -> MediaRow:
    return MediaRow(row["session_id"], row["hash"], row["filename"], row["key"], json.loads(row["info"]))
