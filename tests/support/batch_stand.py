"""Workers that make no films: what a batch does with them can be looked at without an engine."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

from nemo_notebook.batches.ledger import Ledger, Told
from nemo_notebook.batches.work import Result, Work

FORM = {"format": None, "quality": "preview", "resolution": None, "preset": None}


def write_film(work: Work, content: bytes | None = None) -> Result:
    """What a worker gives that has made a film: here, of its file's bytes and the prompt."""
    film = Path(work.source).read_bytes() + work.prompt.encode() if content is None else content
    Path(work.target).write_bytes(film)
    return Result(True, hashlib.sha256(film).hexdigest(), len(film), duration_s=2.0, took_s=0.5)


def is_wanted(work: Work) -> bool:
    """What a worker asks while it works."""
    return Ledger(Path(work.ledger)).tell(work.place, work.claim, Told("render", 0.5))


class Stand(Executor):
    """Runs a function of the test's own in place of the one that makes films.

    Args:
        does: Given the work, it gives the result or raises.

    Attributes:
        works: What was handed to it.
        most: How many it had at once, at most.
    """

    def __init__(self, does: Callable[[Work], Result] = write_film) -> None:
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

    def submit(self, _: object, /, work: Work) -> Future[Result]:
        self.works.append(work)
        return self._pool.submit(self._run, work)

    def _run(self, work: Work) -> Result:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self._does(work)
        finally:
            with self._lock:
                self._now -= 1


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
