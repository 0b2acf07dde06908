"""Workers, orders and entries of batches that make no films, so that no engine is needed."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import nemo_notebook as nemo
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.folder import mark_of
from nemo_notebook.batches.ledger import FilmProgress, Ledger, LedgerEntry, MadeFilm
from nemo_notebook.batches.order import BatchOrder
from nemo_notebook.batches.work import Work

FORM = {"format": None, "quality": "preview", "resolution": None, "preset": None}


def write_film(work: Work, content: bytes | None = None, reply: str = "", session: str = "") -> LedgerEntry:
    """What a worker gives that has made a film: here, of its file's bytes and the prompt."""
    film = Path(work.source).read_bytes() + work.order.prompt.encode() if content is None else content
    Path(work.target).write_bytes(film)
    made = MadeFilm(hashlib.sha256(film).hexdigest(), len(film), duration_s=2.0, took_s=0.5, reply=reply)
    return work.entry.with_film(made, session)


def refuse(work: Work, reason: str = "no", hint: str = "", session: str = "") -> LedgerEntry:
    """What a worker gives that has made none."""
    return work.entry.without_film("failed", reason, hint, session)


def is_wanted(work: Work) -> bool:
    """What a worker asks while it works."""
    return Ledger(Path(work.ledger)).report(work.entry.place, work.claim, FilmProgress("render", 0.5))


class Stand(Executor):
    """Runs a function of the test's own in place of the one that makes films.

    Args:
        does: Given the work, it gives the result or raises.

    Attributes:
        works: What was handed to it.
        most: How many it had at once, at most.
    """

    def __init__(self, does: Callable[[Work], LedgerEntry] = write_film) -> None:
        self._does = does
        self._pool = ThreadPoolExecutor(16)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0
        self.works: list[Work] = []

    @property
    def names(self) -> list[str]:
        """The files that it was given, in order."""
        return [Path(work.source).name for work in self.works]

    def submit(self, _: object, /, work: Work) -> Future[LedgerEntry]:
        self.works.append(work)
        return self._pool.submit(self._run, work)

    def _run(self, work: Work) -> LedgerEntry:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self._does(work)
        finally:
            with self._lock:
                self._now -= 1


class Gate(Stand):
    """Makes no film of the named files, or of any if none is named, until it is opened."""

    def __init__(self, *names: str) -> None:
        super().__init__(self._make)
        self._names = names
        self._opened = threading.Event()
        self.open = self._opened.set

    def _make(self, work: Work) -> LedgerEntry:
        if not self._names or Path(work.source).name in self._names:
            self._opened.wait(60)
        return write_film(work)


class Meeting(Stand):
    """Makes films only while so many are made at once."""

    def __init__(self, size: int) -> None:
        super().__init__(self._make)
        self._meeting = threading.Barrier(size)

    def _make(self, work: Work) -> LedgerEntry:
        self._meeting.wait(60)
        return write_film(work)


def begin(folder: Path, executor: Any, **more: Any) -> Batch:
    """A batch of the files in `songs`, into `films`."""
    how: dict[str, Any] = {"prompt": "a film", "out": folder / "films", "backend": "local", "workers": 2, **more}
    return nemo.batch(folder / "songs" / "*", executor=executor, **how)


def write_files(folder: Path, *names: str) -> list[Path]:
    """Files whose content is their name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text(path.name, encoding="utf-8")
    return paths


def until(is_so: Callable[[], object], timeout_s: float = 60) -> None:
    """Wait until something is so."""
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline_s, "it never came"
        time.sleep(0.01)


def order_of(sources: list[Path], out: Path, prompt: str = "a film", **more: object) -> BatchOrder:
    out.mkdir(exist_ok=True)
    return BatchOrder(tuple(sources), prompt, out, "from-music", "local", FORM, "mp4", **more)  # type: ignore[arg-type]


def by_place(entries: list[LedgerEntry]) -> dict[tuple[str, str], LedgerEntry]:
    return {(entry.place, entry.ending): entry for entry in entries}


def made(order: BatchOrder, entries: list[LedgerEntry], state: str = "done") -> dict[tuple[str, str], LedgerEntry]:
    """The entries after all their films were made."""
    for entry in entries:
        (order.out / entry.name).write_text(f"film of {entry.place}")
    marks = [mark_of(order.out / entry.name) for entry in entries]
    return by_place(
        [
            replace(entry, state=state, film_key=entry.key, film=MadeFilm(mark.sha256, mark.size_bytes))
            for entry, mark in zip(entries, marks, strict=True)
        ]
    )
