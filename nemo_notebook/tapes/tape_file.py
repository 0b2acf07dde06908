"""A tape's file: written line by line beside its place, and put there when it is whole and holds no secret."""

from __future__ import annotations

import contextlib
import stat
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nemo_notebook import errors
from nemo_notebook.tapes import finishing, lines, places, reading
from nemo_notebook.tapes.format import Exchange, Header, Medium, Tape
from nemo_notebook.tapes.places import Look, part_path, written
from nemo_notebook.tapes.reading import read as read
from nemo_notebook.tapes.scanning import holds_known
from nemo_notebook.tapes.values import from_value, to_value


class Writer:
    """Records a tape; any thread may add to it. Every line is in the file as soon as it is added.

    Args:
        path: Where the tape is to be; what is there stays until `finish`.
        header: Its first line.
        before: A tape that it goes on from.
        seen: What lay there when it was begun; without it, what lies there now.

    Attributes:
        path: Where the tape is to be; when it is finished, where it is: beside what others have put there meanwhile.

    Raises:
        TapeError: It cannot be written there, or another recording of that name goes on or was interrupted.
    """

    def __init__(self, path: Path, header: Header, before: Tape | None = None, seen: Look | None = None) -> None:
        self.path = self._path = path
        self._seen = seen or places.look(path)
        self._lock = threading.Lock()
        self._sum = ""
        self._count = self._values = self._bytes = 0
        self._media: set[str] = set()
        with written(path):
            self._file = places.created(part_path(path))
        try:
            self._write(to_value(header))
            earlier: list[Exchange | Medium] = [*before.media.values(), *before.exchanges] if before else []
            for item in earlier:
                self.add(item)
        except BaseException:
            self.abandon()
            raise

    @property
    def size_bytes(self) -> int:
        """How much was written so far."""
        return self._bytes

    def add(self, item: Exchange | Medium, secrets: Iterable[str] = ()) -> None:
        """Write an exchange or a medium; a medium that is there already is not written again.

        Args:
            item: What is written.
            secrets: What is known to be secret. A recording that holds it becomes no tape, whoever comes upon it.

        Raises:
            TapeError: It cannot be part of a tape, the tape is full, it has ended, or the disk refused. The tape is as
                it was before.
        """
        value = to_value(item)
        from_value(value)  # what is written can be read
        data = item.data if isinstance(item, Medium) else None
        is_secret = holds_known({key: part for key, part in value.items() if key != "data"}, data, secrets)
        with self._lock:
            if isinstance(item, Medium) and item.sha256 in self._media:
                return
            self._write(value, *([reading.MARK] if is_secret else []))
            if isinstance(item, Medium):
                self._media.add(item.sha256)

    def finish(self, secrets: Iterable[str] = (), *, keeps_old: bool = False) -> Tape:
        """End the tape: read it as anybody will, and put it in its place.

        Args:
            secrets: What it may not hold, besides whatever looks like a secret.
            keeps_old: Whether the tape that it takes the place of is kept as `NAME.bak`.

        Raises:
            TapeSecret: It would hold a secret: what was recorded is set aside, where only its owner can read it.
            TapeError: It would hold a script, and is set aside too; or it cannot be written, and stays where it is.
        """
        with self._lock:
            self._check_open()
            with contextlib.closing(self._file), written(self._path):
                end = finishing.ended(self._file, self._path, secrets)
                with finishing.left(self._path), written(self._path):
                    self.path = self._placed(end, keeps_old=keeps_old)
                places.remove(self._file, part_path(self._path))
            return end.tape

    def _placed(self, end: finishing.Ended, *, keeps_old: bool) -> Path:
        path = self._path
        if places.look(path) not in (self._seen, places.NOTHING):
            return finishing.put_beside(self._file, end, path, "new", places.SHARED)
        if keeps_old:
            places.keep_old(path)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else places.SHARED
        finishing.put(self._file, end, path, mode)
        return path

    def abandon(self) -> None:
        """Leave nothing of the recording behind; after `finish` nothing happens."""
        with self._lock:
            if not self._file.closed:
                with written(self._path):
                    places.remove(self._file, part_path(self._path))

    def _check_open(self) -> None:
        if self._file.closed:
            raise errors.TapeError("The recording has ended.", hint="Begin another with `%nemo tape record`.")

    def _write(self, *values: Mapping[str, Any]) -> None:
        """Write lines, all or none."""
        self._check_open()
        data, own, weight = b"", self._sum, 0
        for value in values:
            line, own = lines.chained(value, own)
            if len(line) > lines.MAX_LINE_BYTES:
                raise _full()
            data, weight = data + line, weight + lines.weight(line)
        size, values_now = self._bytes + len(data), self._values + weight
        if size > reading.MAX_TAPE_BYTES or values_now > lines.MAX_VALUES:
            raise _full()
        with written(self._path):
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError:
                with contextlib.suppress(OSError):
                    self._file.truncate(self._bytes)
                    self._file.seek(self._bytes)
                raise
        self._sum, self._bytes, self._values = own, size, values_now


def _full() -> errors.TapeError:
    return errors.TapeError("The tape is full.", hint="End it with `%nemo tape off`, and go on with another.")
