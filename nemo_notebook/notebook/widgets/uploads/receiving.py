"""Files that come from a page in pieces: named safely, held against their hashes, written where they belong.

A browser and a kernel may keep pieces in flight and bring them in any order, on any thread. Nothing is gathered in
memory: a piece is written as it comes.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import threading
import time
import unicodedata
from collections import deque
from pathlib import Path
from typing import Final

from nemo_notebook import errors, media_types, settings
from nemo_notebook.files import disk_full, is_full, temporary_folder
from nemo_notebook.outside import plain

PIECE_BYTES: Final = 1 << 20  # a message of ten times that would close the connection, without a word
_MOST_NAME_BYTES: Final = 180  # systems take 255; what is made of a name may be a little longer
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # in a name on Windows
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)")
_PACE_S: Final = 5.0


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
    return f"{_cut(stem, room).strip(' .') or 'file'}{dot}{ending}"


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def _ending(mime: str) -> str:
    told = mime.partition(";")[0].lower()
    return next((ending for ending, found in media_types.TYPES.items() if found.mime == told), "")


class Incoming:
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
        InputError: From all but `missing`: it cannot be written.
    """

    def __init__(self, name: str, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.received_bytes = 0
        self.is_gone = False
        self._digests: list[bytes | None] = [None] * -(-size_bytes // PIECE_BYTES)
        self._lock = threading.Lock()
        try:
            self.path = temporary_folder(inbox().name) / name
            self._file = self.path.open("xb")
        except OSError as error:
            raise _write_failed(error, self.size_bytes) from error

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return self.received_bytes == self.size_bytes

    def missing(self) -> list[int]:
        """The numbers of the pieces that have not come."""
        return [number for number, digest in enumerate(self._digests) if digest is None]

    def take(self, number: object, digest: object, data: bytes | memoryview) -> bool:
        """Write one piece; false if it is not what was sent, and has to come again.

        Args:
            number: Which, from 0.
            digest: SHA-256 of it, in hex.
            data: `PIECE_BYTES` of the file; fewer at its end.
        """
        if not isinstance(number, int) or not 0 <= number < len(self._digests):
            return False
        start = number * PIECE_BYTES
        own = hashlib.sha256(data)
        if len(data) != min(PIECE_BYTES, self.size_bytes - start) or own.hexdigest() != digest:
            return False
        with self._lock:
            if self._file.closed or self._digests[number] is not None:
                return True
            try:
                self._file.seek(start)
                self._file.write(data)
            except OSError as error:
                raise _write_failed(error, self.size_bytes) from error
            self._digests[number] = own.digest()
            self.received_bytes += len(data)
        return True

    def finish(self, digest: object) -> bool:
        """Close it; false if it is not the file that was sent, in which case it has to come from its start.

        Args:
            digest: SHA-256, in hex, of the SHA-256 of all pieces in their order.
        """
        with self._lock:
            known = [each for each in self._digests if each is not None]
            if self.is_gone or len(known) < len(self._digests) or hashlib.sha256(b"".join(known)).hexdigest() != digest:
                return False
            try:
                self._file.close()
                return self.path.stat().st_size == self.size_bytes
            except OSError as error:
                raise _write_failed(error, self.size_bytes) from error

    def remove(self) -> None:
        """Leave nothing of it behind; a second call changes nothing."""
        with self._lock:
            self.is_gone = True
            with contextlib.suppress(OSError):  # what it could not write is removed anyway
                self._file.close()
            shutil.rmtree(self.path.parent, ignore_errors=True)


class Pace:
    """How fast bytes have been coming lately."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, total_bytes: int, now_s: float | None = None) -> float:
        """Note that so many have come by now; gives bytes per second, 0 where that cannot be told yet."""
        now_s = time.monotonic() if now_s is None else now_s
        self._seen.append((now_s, total_bytes))
        while len(self._seen) > 2 and now_s - self._seen[1][0] >= _PACE_S:
            self._seen.popleft()
        since_s, before = self._seen[0]
        return (total_bytes - before) / (now_s - since_s) if now_s - since_s > 0.2 else 0.0


def _write_failed(error: OSError, size_bytes: int) -> errors.InputError:
    if is_full(error):
        return disk_full("the upload", inbox(), size_bytes)
    hint = "Set NEMO_HOME to a folder that can be written, then try again."
    return errors.InputError("The inbox for files cannot be written.", hint=hint)
