"""Files that arrive from a page in pieces, and the table of transfers into a session.

A browser and a kernel may keep pieces in flight and deliver them in any order, on any thread. Nothing is buffered in
memory: each piece is checked and written when it arrives.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import re
import shutil
import threading
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from nemo_notebook import errors, media_types, settings
from nemo_notebook.files import disk_full, is_full, temporary_folder
from nemo_notebook.notebook.widgets.part import PIECE_BYTES, problem
from nemo_notebook.outside import plain, redact
from nemo_notebook.session.results import Media, Progress

_MOST_NAME_BYTES: Final = 180  # systems take 255; what is made of a name may be a little longer
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # in a name on Windows
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)")
_EARLY_S: Final = 0.2  # before which no rate can be told


def inbox() -> Path:
    """Where files from pages lie until the backend has them."""
    return settings.home() / "inbox"


def safe_name(name: str, mime: str = "") -> str:
    """A file name that is one on every system and leads nowhere else; never empty.

    Args:
        name: The name as a page tells it.
        mime: The type as the page tells it, for a name that has no ending of its own.
    """
    last = unicodedata.normalize("NFC", plain(name)).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    clean = _FORBIDDEN.sub("_", "".join(mark for mark in last if mark.isprintable())).strip(" .")
    if media_types.kind(clean) == "other" and (ending := _ending(mime)):
        clean = f"{clean or 'file'}.{ending}"
    if _RESERVED.match(clean):
        clean = f"_{clean}"
    stem, dot, ending = clean.rpartition(".") if "." in clean else (clean, "", "")
    room = _MOST_NAME_BYTES - len(f"{dot}{ending}".encode())
    if room < 1:
        stem, dot, ending, room = clean, "", "", _MOST_NAME_BYTES
    short = stem.encode()[:room].decode(errors="ignore").strip(" .")
    return f"{short or 'file'}{dot}{ending}"


class FileFacts(msgspec.Struct, frozen=True):
    """What a page knows of a file before it sends it.

    Attributes:
        name: Its name.
        size: In bytes.
        type: Its MIME type; empty where the browser knows none.
        id: What the page calls it.
    """

    name: str
    size: int
    type: str = ""
    id: str = ""

    @property
    def safe_name(self) -> str:
        """See `safe_name`."""
        return safe_name(self.name, self.type)


def _ending(mime: str) -> str:
    told = mime.partition(";")[0].lower()
    return next((ending for ending, found in media_types.TYPES.items() if found.mime == told), "")


class IncomingFile:
    """One file on its way from a page.

    Args:
        name: A safe name.
        size_bytes: How large it is.

    Attributes:
        path: Where it is written.
        size_bytes: How large it is when it is whole.
        received_bytes: How much of it has come.
        is_gone: Whether it was removed.

    Raises:
        InputError: It cannot be written.
    """

    def __init__(self, name: str, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.received_bytes = 0
        self.is_gone = False
        self._pieces = range(-(-size_bytes // PIECE_BYTES))
        self._missing = set(self._pieces)
        self._lock = threading.Lock()
        try:
            self.path = temporary_folder(inbox().name) / name
            self._file = self.path.open("xb")
        except OSError as error:
            raise _write_failed(error, self.size_bytes) from error

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return not self._missing

    def missing(self) -> list[int]:
        """The numbers of the pieces that have not come."""
        return sorted(self._missing)

    def take(self, number: int, checksum: int, data: bytes | memoryview) -> bool:
        """Write one piece; false if it is not what was sent, and has to come again.

        Args:
            number: Which, from 0.
            checksum: CRC-32 of it.
            data: `PIECE_BYTES` of the file; fewer at its end.

        Raises:
            InputError: It cannot be written.
        """
        start = number * PIECE_BYTES
        is_right_size = number in self._pieces and len(data) == min(PIECE_BYTES, self.size_bytes - start)
        if not is_right_size or zlib.crc32(data) != checksum:
            return False
        with self._lock:
            if self.is_gone or number not in self._missing:
                return True
            try:
                self._file.seek(start)
                self._file.write(data)
                if self._missing == {number}:
                    self._file.close()
            except OSError as error:
                raise _write_failed(error, self.size_bytes) from error
            self._missing.discard(number)
            self.received_bytes += len(data)
        return True

    def remove(self) -> None:
        """Leave nothing of it behind; a second call changes nothing."""
        with self._lock:
            self.is_gone = True
            with contextlib.suppress(OSError):  # what it could not write is removed anyway
                self._file.close()
            shutil.rmtree(self.path.parent, ignore_errors=True)


def _write_failed(error: OSError, size_bytes: int) -> errors.InputError:
    if is_full(error):
        return disk_full("the upload", inbox(), size_bytes)
    hint = "Set NEMO_HOME to a folder that can be written, then try again."
    return errors.InputError("The inbox for files cannot be written.", hint=hint)


_NAME_CHARACTERS: Final = 80


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
        since: When it began to come, and how much of it had come then: its rate is the mean since.
    """

    id: str
    name: str
    size_bytes: int = 0
    incoming: IncomingFile | None = None
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
    since: tuple[float, int] = (0.0, 0)

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

    def receive(self) -> None:
        """Note how much has come from the page."""
        assert self.incoming is not None
        received_bytes, (since_s, before_bytes) = self.incoming.received_bytes, self.since
        self.done = received_bytes / max(1, self.size_bytes)
        elapsed_s = time.monotonic() - since_s
        self.rate = (received_bytes - before_bytes) / elapsed_s if elapsed_s > _EARLY_S else 0.0
        self.left_s = (self.size_bytes - received_bytes) / self.rate if self.rate else None

    def send(self, progress: Progress) -> None:
        """Note how much the backend has."""
        self.job = progress.job or self.job
        self.stage, self.done, self.left_s = progress.stage, progress.done, progress.left_s

    def begin(self, state: str) -> None:
        """Enter another state."""
        self.state, self.error = state, None
        self.done, self.rate, self.left_s = 0.0, 0.0, None
        self.since = (time.monotonic(), self.incoming.received_bytes if self.incoming else 0)

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
        own = "id name state stage left_s is_lost".split()
        told = {
            **{key: getattr(self, key) for key in own},
            "kind": media_types.kind(self.name),
            "size": self.size_bytes,
            "done": round(self.done, 4),
            "rate": round(self.rate),
            "can_retry": self.can_send and not isinstance(self.error, errors.InputError),
            "is_final": isinstance(self.error, (errors.UnsupportedMedia, errors.MediaTooLarge)),
            "has_file": bool(self.url),
        }
        return told if self.error is None else told | problem(self.error)


def media_key(media: Media) -> str:
    """What tells one file of a session from another."""
    return f"{media.filename}|{media.hash}"


def media_rows(media: Iterable[Media]) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Rows of media, each with the number of its thumbnail in the bytes beside them, -1 without."""
    rows: list[dict[str, Any]] = []
    pictures: list[bytes] = []
    for each in media:
        row = {"key": media_key(each), "name": each.filename, "size": each.size_bytes}
        row |= {name: getattr(each, name) for name in ("kind", "duration_s", "width", "height")}
        rows.append({**row, "picture": len(pictures) if each.thumbnail else -1})
        pictures += [each.thumbnail] if each.thumbnail else []
    return rows, pictures


def url_name(url: str) -> str:
    """What to call what lies at an address: its last step, without a query, which may be signed.

    Raises:
        UsageError: It is no address of the web.
    """
    with contextlib.suppress(ValueError):  # of an address that is broken
        parts = urlsplit(url.strip())
        if parts.hostname and parts.scheme.lower() in {"http", "https"}:
            last = plain(unquote(parts.path.rstrip("/").rpartition("/")[2]))
            return redact(last or parts.hostname, _NAME_CHARACTERS)
    raise errors.UsageError("That is no address of a file.", hint="It begins with https:// or http://.")


_tables: Final[dict[str, TransferTable]] = {}


class TransferTable:
    """The transfers of one session, by what pages call them.

    Attributes:
        transfers: All that have not arrived.
        changing: Held by whoever changes them.
        hearers: What tells the pages of each uploader, by the uploader's id.
    """

    def __init__(self) -> None:
        self.transfers: dict[str, Transfer] = {}
        self.changing = threading.RLock()
        self.hearers: dict[str, Callable[[Mapping[str, Any], Sequence[bytes]], None]] = {}

    def tell(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Tell all uploaders, whoever's a transfer is."""
        for hear in list(self.hearers.values()):
            hear(content, buffers)

    def forget(self, transfer: Transfer) -> None:
        """It is on its way no more."""
        with self.changing:
            if self.transfers.get(transfer.id) is transfer:
                del self.transfers[transfer.id]


def transfers_of(session_id: str) -> TransferTable:
    """The table of a session."""
    return _tables.setdefault(session_id, TransferTable())
