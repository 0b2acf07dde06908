"""From counts of bytes and shares of work to progress with the time left."""

from __future__ import annotations

import time
from collections.abc import Callable

from nemo_notebook.client import payloads
from nemo_notebook.session.results import Progress

OnProgress = Callable[[Progress], None]


class Meter:
    """Turns counts into `Progress`, with the seconds left worked out from the pace so far."""

    def __init__(self, stage: str, on_progress: OnProgress | None, job: str = "", name: str = "") -> None:
        self._stage = stage
        self._job = job
        self._name = name  # of what it is about, unless a call names it
        self._tell = on_progress
        self._begun_s = time.monotonic()

    def at(self, done: float, note: str = "", left_s: float | None = None) -> None:
        """Tell how far it is: 0–1."""
        if self._tell is None:
            return
        if done <= 0:
            self._begun_s = time.monotonic()  # to wait for one's turn is no pace
        spent_s = time.monotonic() - self._begun_s
        if left_s is None and done > 0.05 and spent_s > 1:
            left_s = spent_s * (1 - done) / done
        self._tell(Progress(self._stage, min(max(done, 0.0), 1.0), note or self._name, left_s, self._job))

    def fraction(self, note: str) -> Callable[[float], None]:
        """Tell it of one file, by the share that is done; begins with nothing."""
        self.at(0.0, note)
        return lambda done: self.at(done, note)

    def bytes(self, note: str, before: int = 0, total: int = 0) -> payloads.Progress:
        """Tell it by the bytes of one file, the `before` bytes of others being done, out of `total` in all."""

        def tell(done: int, of: int) -> None:
            whole = total or of
            self.at((before + done) / whole if whole else 1.0, note)

        return tell
