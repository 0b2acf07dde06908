"""The status of each film of a batch: the row that people see, and the same rows as a DataFrame."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nemo_notebook.batches.ledger import BEGUN, DONE, FAILED, RUNNING, WAITING, FilmProgress, LedgerEntry, MadeFilm
from nemo_notebook.files import size_words
from nemo_notebook.outside import plain
from nemo_notebook.session.results import near

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("input", "state", "left_s", "output", "duration_s", "took_s", "reason")
MARKS: Final = {WAITING: "·", RUNNING: "●", DONE: "✓", FAILED: "⚠️"}
_DOING: Final = {
    "": "starting",
    BEGUN: "starting",
    "convert": "converting",
    "upload": "uploading",
    "chat": "editing",
    "render": "rendering",
    "download": "saving",
}
_MEASURED: Final = frozenset({"convert", "render", "download"})  # stages whose share is worth showing
_NAME: Final = 48
_TAIL: Final = 16  # of a long name: numbers and extensions


@dataclass(frozen=True, slots=True)
class BatchFilm:
    """One row: a file, and the film that is made of it.

    Attributes:
        source: The file.
        state: `waiting`, `running`, `done` or `failed`.
        output: The film, once it is there.
        reason: Why there is none.
        hint: What to do about it.
        stage: What is being done now.
        share: How much of that is done, 0–1.
        left_s: Seconds left, if known.
        duration_s: The film's length in seconds.
        size_bytes: The film's size.
        took_s: How long it took to make, in seconds.
        session: The id of its session: `connect(session=…)` opens it for an edit.
        reply: The reply to the prompt.
        poster: A tiny JPEG of it; empty if there is none.
        is_anew: Whether it replaces a film that was made before.
        was_there: Whether it was made before, and is unchanged.
    """

    source: Path
    state: str = WAITING
    output: Path | None = None
    reason: str = ""
    hint: str = ""
    stage: str = ""
    share: float = 0.0
    left_s: float | None = None
    duration_s: float = 0.0
    size_bytes: int = 0
    took_s: float = 0.0
    session: str = ""
    reply: str = field(default="", repr=False)
    poster: bytes = field(default=b"", repr=False)
    is_anew: bool = False
    was_there: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it is done or failed."""
        return self.state in {DONE, FAILED}

    @property
    def doing(self) -> str:
        """Its state in a word or two."""
        if self.state != RUNNING:
            return self.state
        share = "" if self.measured is None else f" {self.measured:.0%}"
        return f"{_DOING.get(self.stage, 'working')}{share}"

    @property
    def measured(self) -> float | None:
        """How much of the current stage is done, 0–1; None if that means little."""
        return self.share if self.state == RUNNING and self.stage in _MEASURED else None

    @property
    def facts(self) -> str:
        """The film's length and size."""
        return f"{self.duration_s:.1f} s, {size_words(self.size_bytes)}"

    def __str__(self) -> str:
        name, mark = short_name(self.source.name), MARKS[self.state]
        if self.state == DONE and self.output is not None:
            return f"{mark} {name} → {short_name(self.output.name)} ({self.facts})"
        if self.state == FAILED:
            reason = one_line(self.reason)
            return f"{mark} {reason}" if reason.startswith(name) else f"{mark} {name}: {reason}"
        return f"{mark} {name} · {self.doing}"


@dataclass(slots=True, eq=False)
class Status:
    """One film while the batch runs.

    Attributes:
        source: Its file.
        entry: Its entry in the ledger.
        progress: What its worker reported last.
        begun_s: When it was begun.
        not_before_s: When it may be begun again.
        tries: How often it was begun.
    """

    source: Path
    entry: LedgerEntry
    progress: FilmProgress = field(default_factory=FilmProgress)
    begun_s: float = 0.0
    not_before_s: float = 0.0
    tries: int = 0
    _row: tuple[LedgerEntry, BatchFilm] | None = None

    def row(self, out: Path) -> BatchFilm:
        """The row as it stands now; it is made again only after a change."""
        entry, progress = self.entry, self.progress  # the scheduler's thread may change them meanwhile
        if self._row is None or self._row[0] is not entry:
            film, is_done = entry.film or MadeFilm("", 0), entry.state == DONE
            row = BatchFilm(
                source=self.source,
                state=entry.state,
                output=out / entry.name if is_done else None,
                reason=entry.reason.replace(str(self.source), near(self.source).as_posix()) if entry.reason else "",
                hint=entry.hint,
                duration_s=film.duration_s,
                size_bytes=film.size_bytes if is_done else 0,
                took_s=film.took_s,
                session=entry.session,
                reply=film.reply if is_done else "",
                poster=film.poster,
                is_anew=entry.is_anew,
                was_there=is_done and not self.tries,
            )
            self._row = (entry, row)
        row = self._row[1]
        if entry.state != RUNNING:
            return row
        return replace(row, stage=progress.stage, share=progress.share, left_s=progress.left_s)


def left_s(states: Sequence[Status], size: int) -> float | None:
    """Estimate the seconds until the end of a batch from the films that it has made so far.

    Args:
        states: All films.
        size: How many are made at once.
    """
    seen = [(state.entry, state.begun_s) for state in states if state.tries or state.entry.state == WAITING]
    took = [entry.film.took_s for entry, _ in seen if entry.state == DONE and entry.film]
    if not took:
        return None
    mean_s, now_s = sum(took) / len(took), time.monotonic()
    begun = sum(max(0.0, mean_s - (now_s - begun_s)) for entry, begun_s in seen if entry.state == RUNNING)
    return (begun + mean_s * sum(entry.state == WAITING for entry, _ in seen)) / size


def frame(films: Sequence[BatchFilm]) -> pd.DataFrame:
    """One row a film, in the order of the files; times in seconds, NaN if unknown; paths as short as possible here."""
    import pandas as pd

    rows = [
        (
            _path(film.source),
            film.state,
            film.left_s,
            _path(film.output) if film.output else "",
            film.duration_s if film.state == DONE else None,
            film.took_s if film.state == DONE else None,
            film.reason,
        )
        for film in films
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({name: float for name in COLUMNS if name.endswith("_s")})


def _path(path: Path) -> str:
    """A path that can be printed: names of files need not be Unicode."""
    return near(path).as_posix().encode("utf-8", "replace").decode("utf-8")


def short_name(name: str) -> str:
    """A name on one line, without its middle if it is long."""
    name = one_line(name)
    return name if len(name) <= _NAME else f"{name[: _NAME - _TAIL - 1]}…{name[-_TAIL:]}"


def one_line(text: str) -> str:
    """A text on one line, without control characters."""
    return " ".join(plain(text).split())
