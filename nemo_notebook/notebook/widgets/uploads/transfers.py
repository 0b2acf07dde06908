"""What is on its way into a session: files from a page, and addresses; their state as a page shows it."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from nemo_notebook import errors, media_types
from nemo_notebook.notebook.widgets.part import message
from nemo_notebook.notebook.widgets.uploads.receiving import Incoming, Pace
from nemo_notebook.outside import plain, redact
from nemo_notebook.session.results import Media, Progress

_NAME_CHARACTERS: Final = 80
_KINDS: Final[dict[type[errors.NemoError], str]] = {
    errors.UnsupportedMedia: "type",
    errors.MediaTooLarge: "large",
    errors.DiskFull: "large",
    errors.FileMissing: "empty",
}


@dataclass(eq=False, slots=True)
class Transfer:
    """One of them.

    Attributes:
        id: What the page calls it.
        name: What people call it.
        size_bytes: How large it is; 0 where that is not known.
        incoming: What comes from the page; None for an address, and before the page has begun.
        url: The address, of one.
        part: The id of the uploader whose page brings it.
        state: `queued` until the page begins, then `receiving`, `sending` or `stopped`.
        done: How far that is, 0–1.
        stage: While it is sent: `upload`, or `convert` before that.
        left_s: Seconds left, where it can be told.
        job: What the journal calls it.
        error: Why it stopped.
        is_lost: Whether the page that brought it is gone: the file has to be chosen again.
        sending: What sends it.
        told_s: When the page was told last, on the monotonic clock.
    """

    id: str
    name: str
    size_bytes: int = 0
    incoming: Incoming | None = None
    url: str = field(default="", repr=False)
    part: str = ""
    state: str = "receiving"
    done: float = 0.0
    stage: str = "upload"
    rate: float = 0.0
    left_s: float | None = None
    job: str = ""
    error: Exception | None = None
    is_lost: bool = False
    sending: concurrent.futures.Future[Any] | None = field(default=None, repr=False)
    told_s: float = 0.0
    pace: Pace = field(default_factory=Pace, repr=False)

    @property
    def what(self) -> str | Path:
        """What the session is to upload."""
        assert self.url or self.incoming is not None
        return self.url if self.incoming is None else self.incoming.path

    @property
    def can_send(self) -> bool:
        """Whether it can be sent (again) without a page: an address, or a file that has come whole."""
        return bool(self.url) or (self.is_held and self.incoming is not None and self.incoming.is_whole)

    @property
    def is_held(self) -> bool:
        """Whether something of it lies on the disk."""
        return self.incoming is not None and not self.incoming.is_gone

    def is_coming(self, size_bytes: int) -> bool:
        """Whether it is a file of that size that a page can go on with."""
        return self.is_held and self.size_bytes == size_bytes

    def receive(self) -> None:
        """Note how much has come from the page."""
        assert self.incoming is not None
        self.done = self.incoming.received_bytes / max(1, self.size_bytes)
        self.rate = self.pace.at(self.incoming.received_bytes)
        left_bytes = self.size_bytes - self.incoming.received_bytes
        self.left_s = left_bytes / self.rate if self.rate else None

    def send(self, progress: Progress) -> None:
        """Note how much the backend has."""
        self.job = progress.job or self.job
        self.stage, self.done, self.left_s = progress.stage, progress.done, progress.left_s

    def begin(self, state: str) -> None:
        """Enter another state."""
        self.state, self.error, self.done, self.rate, self.left_s, self.pace = state, None, 0.0, 0.0, None, Pace()

    def stop(self, error: Exception) -> None:
        """It goes no further by itself. What is no use to try again is let go."""
        self.state, self.error = "stopped", error
        if isinstance(error, errors.InputError) and self.incoming is not None:
            self.release()

    def lose(self) -> bool:
        """The page that brings it is gone; gives whether that matters, as not all of it has come."""
        if self.state not in {"queued", "receiving"}:
            return False
        self.state, self.is_lost = "stopped", True
        self.release()
        return True

    def release(self) -> None:
        """Leave nothing of it behind on the disk."""
        if self.incoming is not None:
            self.incoming.remove()

    def row(self) -> dict[str, Any]:
        """What a page is told."""
        told = {
            "id": self.id,
            "name": self.name,
            "kind": media_types.kind(self.name),
            "size": self.size_bytes,
            "state": self.state,
            "stage": self.stage,
            "done": round(self.done, 4),
            "rate": round(self.rate),
            "left_s": self.left_s,
            "can_retry": self.can_send and not isinstance(self.error, errors.InputError),
            "is_final": isinstance(self.error, (errors.UnsupportedMedia, errors.MediaTooLarge)),
            "is_lost": self.is_lost,
            "has_file": bool(self.url),
        }
        return told if self.error is None else told | problem(self.error)


def problem(error: Exception) -> dict[str, str]:
    """An error, as a row tells it."""
    hint = error.hint if isinstance(error, errors.NemoError) else ""
    return {"error": message(error), "hint": redact(hint)}


def why(error: errors.NemoError) -> str:
    """The kind of a refusal, for a line that tells of many: `type`, `large`, `empty` or `other`."""
    return _KINDS.get(type(error), "other")


def media_key(media: Media) -> str:
    """What tells one file of a session from another."""
    return f"{media.filename}|{media.hash}"


def _media_row(media: Media) -> dict[str, Any]:
    return {
        "key": media_key(media),
        "name": media.filename,
        "kind": media.kind,
        "size": media.size_bytes,
        "duration_s": media.duration_s,
        "width": media.width,
        "height": media.height,
    }


def media_rows(media: Iterable[Media]) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Rows of media, each with the number of its thumbnail in the bytes beside them, -1 without."""
    rows: list[dict[str, Any]] = []
    pictures: list[bytes] = []
    for each in media:
        rows.append(_media_row(each) | {"picture": len(pictures) if each.thumbnail else -1})
        pictures += [each.thumbnail] if each.thumbnail else []
    return rows, pictures


def name_of(url: str) -> str:
    """What to call what lies at an address: its last step, without a query, which may be signed.

    Raises:
        UsageError: It is no address of the web.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme.lower() not in {"http", "https"}:
        raise errors.UsageError("That is no address of a file.", hint="It begins with https:// or http://.")
    last = plain(unquote(parts.path.rstrip("/").rpartition("/")[2]))
    return redact(last or host, _NAME_CHARACTERS)
