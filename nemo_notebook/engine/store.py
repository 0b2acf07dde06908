"""What the engine keeps: sessions, drafts, media, exports, in SQLite and a folder beside it.

The drafts of a session are its history, with a pointer to the current one. Undo and redo move the pointer; a new edit
drops what comes after it. The version is another thing: it grows with every change, undo and redo included, so that
nobody edits a draft that is no longer current (optimistic locking).
"""

from __future__ import annotations

import contextlib
import functools
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple, overload

from nemo_notebook import settings
from nemo_notebook.engine.database import Database, ExportJobs
from nemo_notebook.engine.maintenance import PART_KEPT_S, Sweeper, Trash, sweep_parts
from nemo_notebook.files import Owner, make_folder
from nemo_notebook.film.model import Version, clean_edits
from nemo_notebook.film.provenance import MOST_EDITS_TOLD, Provenance
from nemo_notebook.film.tracks import Json, meta_of, read_segments

MOST_KEPT: Final = 100
LEAST_KEPT: Final = 10  # however large they are
KEPT_BYTES: Final = 32 << 20
RECENT: Final = 5  # versions that a turn of chat knows the edits of
_NOW: Final = (
    "SELECT session.draft_version, draft.json FROM session LEFT JOIN draft"
    " ON draft.session_id = session.id AND draft.version = session.draft_number WHERE session.id = ?"
)
_LINE: Final = "SELECT version AS number, bytes, base FROM draft WHERE session_id = ? ORDER BY version"
_VERSIONS: Final = (
    "SELECT version AS number, made_s, origin, said, told, language, uploads, edits, base, whole FROM draft"
    " WHERE session_id = ? AND version <= ? ORDER BY version DESC LIMIT ?"
)
_ADD: Final = (
    "INSERT INTO draft (session_id, version, json, bytes, made_s, origin, said, told, language, uploads, edits, base,"
    " whole) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_POINT: Final = "UPDATE session SET draft_number = ?, draft_version = draft_version + 1 WHERE id = ?"

_TOLD_FROM: Final = 0.9  # of the quota


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
        sweep_parts(folder, 0.0 if self._owner.is_alone else PART_KEPT_S)
        self._db = Database(folder / "engine.sqlite")
        self.in_thread = self._db.in_thread
        self.drafts = Drafts(self._db)
        self.jobs = ExportJobs(self._db, secrets.token_hex(8))
        self.trash = Trash(self._db)
        self.sweeper = Sweeper(folder, self._db, self.trash, self.kept_bytes)

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
            edits=clean_edits(edits[:MOST_EDITS_TOLD]),
            edits_left_out=max(0, len(edits) - MOST_EDITS_TOLD),
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


@dataclass(frozen=True, slots=True)
class DraftHistory:
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


class _Place(NamedTuple):
    """Where a session stands in its history."""

    version: int
    current: int  # number of the draft that holds
    numbers: list[int]  # of the drafts that can be gone to; the first is 0 while it began with the empty timeline


class _Kept(Sequence[dict[str, Any]]):
    """Drafts by their numbers, each read when it is first looked at."""

    def __init__(self, read: Callable[[int], dict[str, Any]], numbers: Sequence[int]) -> None:
        self._read = functools.cache(read)
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[dict[str, Any]]: ...

    def __getitem__(self, at: int | slice) -> dict[str, Any] | Sequence[dict[str, Any]]:
        return _Kept(self._read, self._numbers[at]) if isinstance(at, slice) else self._read(self._numbers[at])


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
        place = self._place(session_id)
        back = sum(number < place.current for number in place.numbers)
        return back, sum(number > place.current for number in place.numbers)

    def around(self, session_id: str) -> Around:
        """The draft that holds, and those before and after it, which are read when they are looked at."""
        place, read = self._place(session_id), functools.partial(self._draft, session_id)
        earlier = _Kept(read, [number for number in place.numbers if 0 < number < place.current])
        later = _Kept(read, [number for number in place.numbers if number > place.current])
        recent = [_version(row) for row in self._versions(session_id, place.current, RECENT)]
        return Around(place.version, read(place.current), earlier, later, recent)

    def history(self, session_id: str) -> DraftHistory:
        """How each draft came about. The drafts themselves are not read."""
        place = self._place(session_id)
        entries = [_version(row) for row in self._versions(session_id, place.version)]
        empty = [Version()] if 0 in place.numbers else []
        return DraftHistory(place.version, place.current, (*empty, *entries))

    def versions(self, session_id: str) -> list[Version]:
        """How the draft that holds was made, for `film.edit.replay`: from the first version that is kept to it.

        Drafts are only read where no edits lead to them: those put in whole, and the first if those before it are gone.
        """
        made: list[Version] = []
        for row in self._versions(session_id, self._place(session_id).current):
            is_whole = row["whole"] or (row["base"] and not made)
            draft = self._draft(session_id, row["number"]) if is_whole else None
            made.append(replace(_version(row), draft=draft))
        return made

    def add(self, session_id: str, draft: Json, version: int, made: Version) -> int | None:
        """Keep a new draft after the one that holds; how it was made names the draft itself if no edits lead to it.

        Those after that are let go, and the oldest: at most `MOST_KEPT` stay, as far as they fit in `KEPT_BYTES`, the
        newest `LEAST_KEPT` in any case.
        """
        with self._db.transaction() as db:
            place = self._place(session_id)
            return _add(db, session_id, draft, made, place) if place.version == version else None

    def go(self, session_id: str, number: int, version: int) -> int | None:
        """Make a kept draft the one that holds; 0 for the empty timeline before the first.

        Raises:
            LookupError: There is none of that number.
        """
        with self._db.transaction() as db:
            place = self._place(session_id)
            return _go(db, session_id, number, place) if place.version == version else None

    def go_where(self, session_id: str, draft: Json, version: int, made: Version, *, forward: bool) -> int | None:
        """Go to the nearest earlier (or later) draft that equals this one; add it where there is none."""
        with self._db.transaction() as db:
            place = self._place(session_id)
            if place.version != version:
                return None
            earlier = [number for number in reversed(place.numbers) if number < place.current]
            later = [number for number in place.numbers if number > place.current]
            for number in later if forward else earlier:
                if self._draft(session_id, number) == draft:
                    return _go(db, session_id, number, place)
            return _add(db, session_id, draft, made, place)

    def _place(self, session_id: str) -> _Place:
        """Read where a session stands; within a transaction, before its first change."""
        row = self._db.read("SELECT draft_version, draft_number FROM session WHERE id = ?", session_id)
        line = self._db.read(_LINE, session_id)
        empty = [0] if line and line[0]["base"] == 0 else []
        version, current = tuple(row[0]) if row else (-1, 0)
        return _Place(version, current, [*empty, *(each["number"] for each in line)])

    def _versions(self, session_id: str, last: int, most: int = MOST_KEPT) -> list[sqlite3.Row]:
        return self._db.read(_VERSIONS, session_id, last, most)[::-1]

    def _draft(self, session_id: str, number: int) -> dict[str, Any]:
        """The draft of that number; empty if it was let go."""
        rows = self._db.read("SELECT json FROM draft WHERE session_id = ? AND version = ?", session_id, number)
        return _parsed(rows[0]["json"] if rows else None)


def _add(db: sqlite3.Connection, session_id: str, draft: Json, made: Version, place: _Place) -> int:
    number = place.version + 1  # higher than any that was ever used
    db.execute("DELETE FROM draft WHERE session_id = ? AND version > ?", (session_id, place.current))
    text = json.dumps(draft, ensure_ascii=False)
    edits = json.dumps(list(made.edits), ensure_ascii=False)
    size = len(text.encode("utf-8")) + len(edits.encode("utf-8"))
    how = (made.origin, made.said, made.told, made.language, made.uploads, edits)
    row = (session_id, number, text, size, time.time(), *how, place.current, made.draft is not None)
    db.execute(_ADD, row)
    _forget(db, session_id)
    db.execute(_POINT, (number, session_id))
    return number


def _forget(db: sqlite3.Connection, session_id: str) -> None:
    """Let go of the oldest drafts that are too many or too much."""
    taken = 0
    for place, row in enumerate(reversed(db.execute(_LINE, (session_id,)).fetchall())):
        taken += row["bytes"]
        if place >= MOST_KEPT or (place >= LEAST_KEPT and taken > KEPT_BYTES):
            db.execute("DELETE FROM draft WHERE session_id = ? AND version <= ?", (session_id, row["number"]))
            return


def _go(db: sqlite3.Connection, session_id: str, number: int, place: _Place) -> int:
    if number == place.current:
        return place.version
    if number not in place.numbers:
        raise LookupError(number)
    db.execute(_POINT, (number, session_id))
    return place.version + 1


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
