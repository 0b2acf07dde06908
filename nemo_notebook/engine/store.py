"""What the engine keeps: sessions, drafts, media, jobs, in SQLite and a folder beside it."""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Json = Mapping[str, Any]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, task_id TEXT NOT NULL, user_id TEXT NOT NULL, language TEXT NOT NULL,
    created_s REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS draft (
    session_id TEXT NOT NULL REFERENCES session(id), version INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (session_id, version)
);
CREATE TABLE IF NOT EXISTS media (
    session_id TEXT NOT NULL REFERENCES session(id), position INTEGER NOT NULL, hash TEXT NOT NULL,
    filename TEXT NOT NULL, key TEXT NOT NULL UNIQUE, info TEXT NOT NULL,
    PRIMARY KEY (session_id, position)
);
CREATE TABLE IF NOT EXISTS analysis (hash TEXT PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL, progress REAL NOT NULL, draft TEXT NOT NULL, output TEXT NOT NULL, result TEXT NOT NULL,
    message TEXT NOT NULL, created_s REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS token (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_s REAL NOT NULL);
"""
_DRAFTS_KEPT: Final = 100
_PART_KEPT_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session."""

    id: str
    task_id: str
    user_id: str
    language: str


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One upload of a session; `info` is what probing found, `key` opens it without a token."""

    session_id: str
    hash: str
    filename: str
    key: str
    info: Json


@dataclass(frozen=True, slots=True)
class JobRow:
    """One export; `key` opens its file without a token."""

    id: str
    session_id: str
    key: str
    status: str
    progress: float
    draft: Json
    output: Json
    result: Json
    message: str


class Store:
    """The engine's memory. Several engines may share one folder: SQLite and content hashes keep them apart.

    Args:
        folder: Where everything is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # media and the keys to them are their owner's
        for name in ("media", "cache", "renders"):
            (folder / name).mkdir(exist_ok=True)
        self._sweep()
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / "engine.sqlite", timeout=5, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_SCHEMA)

    def _sweep(self) -> None:
        """Remove what an engine that was killed left half-written long ago."""
        for part in self.folder.rglob("*.part"):
            with contextlib.suppress(OSError):  # another engine may have been quicker
                if time.time() - part.stat().st_mtime > _PART_KEPT_S:
                    part.unlink()

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def _run(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # Sessions and drafts

    def create_session(self, user_id: str, language: str) -> SessionRow:
        """Begin a session; its id has 19 digits, as the service's have."""
        number = secrets.randbelow(9 * 10**18) + 10**18
        row = SessionRow(str(number), f"task_{secrets.token_hex(8)}", user_id, language)
        self._run(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
            *(row.id, row.task_id, row.user_id, row.language, time.time()),
        )
        return row

    def session(self, session_id: str, user_id: str) -> SessionRow | None:
        """That session, if it is that user's."""
        rows = self._run("SELECT * FROM session WHERE id = ? AND user_id = ?", session_id, user_id)
        return SessionRow(*(rows[0][key] for key in ("id", "task_id", "user_id", "language"))) if rows else None

    def drafts(self, session_id: str) -> tuple[int, list[dict[str, Any]]]:
        """The number of the newest draft (0 where there is none) and all that are kept, the newest last."""
        rows = self._run("SELECT version, json FROM draft WHERE session_id = ? ORDER BY version", session_id)
        return (rows[-1]["version"] if rows else 0), [json.loads(row["json"]) for row in rows]

    def add_draft(self, session_id: str, draft: Json) -> int:
        """Keep a new draft; the oldest beyond a hundred is let go. Gives its number."""
        text = json.dumps(draft, ensure_ascii=False)
        rows = self._run(
            "INSERT INTO draft SELECT ?, COALESCE(MAX(version), 0) + 1, ? FROM draft WHERE session_id = ? "
            "RETURNING version",
            *(session_id, text, session_id),
        )
        version = int(rows[0]["version"])
        self._run("DELETE FROM draft WHERE session_id = ? AND version <= ?", session_id, version - _DRAFTS_KEPT)
        return version

    def go_back(self, session_id: str, draft: Json) -> int:
        """Make an earlier draft the newest by letting go of those after it. Gives its number; 0 where none is left."""
        version, drafts = self.drafts(session_id)
        while drafts and drafts[-1] != draft:
            drafts.pop()
            self._run("DELETE FROM draft WHERE session_id = ? AND version = ?", session_id, version)
            version, _ = self.drafts(session_id)
        return version

    # Media

    def media_path(self, content_hash: str) -> Path:
        """Where the file of that content is kept. Its name has no ending: its content tells what it is."""
        return self.folder / "media" / content_hash

    def add_media(self, session_id: str, content_hash: str, filename: str, info: Json) -> MediaRow:
        """Note an upload. The same content under the same name counts once."""
        for row in self.media(session_id):
            if (row.hash, row.filename) == (content_hash, filename):
                return row
        row = MediaRow(session_id, content_hash, filename, secrets.token_urlsafe(16), info)
        self._run(
            "INSERT INTO media SELECT ?, COALESCE(MAX(position), 0) + 1, ?, ?, ?, ? FROM media WHERE session_id = ?",
            *(session_id, content_hash, filename, row.key, json.dumps(info), session_id),
        )
        return row

    def media(self, session_id: str) -> list[MediaRow]:
        """The session's uploads, in their order."""
        return [
            _media(row) for row in self._run("SELECT * FROM media WHERE session_id = ? ORDER BY position", session_id)
        ]

    def media_by_key(self, key: str) -> MediaRow | None:
        """The upload that a key opens."""
        rows = self._run("SELECT * FROM media WHERE key = ?", key)
        return _media(rows[0]) if rows else None

    def analysis(self, content_hash: str) -> dict[str, Any] | None:
        """What listening to a file has found, if it has been done."""
        rows = self._run("SELECT json FROM analysis WHERE hash = ?", content_hash)
        return json.loads(rows[0]["json"]) if rows else None

    def add_analysis(self, content_hash: str, found: Json) -> None:
        """Keep what listening has found."""
        self._run("INSERT OR REPLACE INTO analysis VALUES (?, ?)", content_hash, json.dumps(found))

    # Jobs

    def add_job(self, job_id: str, session_id: str, draft: Json, output: Json) -> JobRow:
        """Note an export.

        Raises:
            sqlite3.IntegrityError: The id is taken.
        """
        row = JobRow(job_id, session_id, secrets.token_urlsafe(16), "pending", 0.0, draft, output, {}, "")
        self._run(
            "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(row.id, row.session_id, row.key, row.status, row.progress, json.dumps(draft), json.dumps(output)),
            *("{}", "", time.time()),
        )
        return row

    def update_job(
        self, job_id: str, status: str, progress: float, result: Json | None = None, message: str = ""
    ) -> None:
        """Note where an export stands."""
        self._run(
            "UPDATE job SET status = ?, progress = ?, result = ?, message = ? WHERE id = ?",
            *(status, progress, json.dumps(result or {}), message, job_id),
        )

    def job(self, job_id: str) -> JobRow | None:
        """That export."""
        rows = self._run("SELECT * FROM job WHERE id = ?", job_id)
        return _job(rows[0]) if rows else None

    def job_by_key(self, key: str) -> JobRow | None:
        """The export that a key opens."""
        rows = self._run("SELECT * FROM job WHERE key = ?", key)
        return _job(rows[0]) if rows else None

    # Tokens

    def add_token(self, token_hash: str, user_id: str, lifetime_s: float) -> float:
        """Keep the hash of an anonymous token; gives when it expires, in seconds since 1970."""
        expires_s = time.time() + lifetime_s
        self._run("INSERT OR REPLACE INTO token VALUES (?, ?, ?)", token_hash, user_id, expires_s)
        return expires_s

    def token_user(self, token_hash: str) -> str | None:
        """Whose token that is, if it has not expired."""
        rows = self._run("SELECT user_id FROM token WHERE hash = ? AND expires_s > ?", token_hash, time.time())
        return rows[0]["user_id"] if rows else None


def _media(row: sqlite3.Row) -> MediaRow:
    return MediaRow(row["session_id"], row["hash"], row["filename"], row["key"], json.loads(row["info"]))


def _job(row: sqlite3.Row) -> JobRow:
    draft, output, result = (json.loads(row[key]) for key in ("draft", "output", "result"))
    return JobRow(
        row["id"], row["session_id"], row["key"], row["status"], row["progress"], draft, output, result, row["message"]
    )
