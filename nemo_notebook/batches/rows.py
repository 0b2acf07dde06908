"""A batch as a table of data: a row a film, and what each says of itself in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nemo_notebook.batches.ledger import BEGUN, DONE, FAILED, RUNNING, WAITING
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
_MEASURED: Final = frozenset({"convert", "render", "download"})  # stages whose share says something to people
_NAME: Final = 48
_TAIL: Final = 16  # of a long name: where numbers and endings are


@dataclass(frozen=True, slots=True)
class Film:
    """One row: a file, and the film that is made of it.

    Attributes:
        source: The file.
        state: `waiting`, `running`, `done` or `failed`.
        output: The film, once it is there.
        reason: Why there is none.
        hint: What to do about it.
        stage: What is being done now.
        share: How much of that is done, 0–1.
        left_s: Seconds left, where that can be told.
        duration_s: The film's length in seconds.
        size_bytes: The film's size.
        took_s: How long it took to make, in seconds.
        session: What its session is called: `connect(session=…)` opens it for an edit.
        reply: What was answered to the prompt.
        poster: A tiny JPEG of it; empty where there is none.
        is_anew: Whether it takes the place of a film that was made before.
        was_there: Whether it was made before, and is as it was.
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
        """Whether nothing more is to come of it now."""
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
        """How much is done of what is being done now, 0–1; None where that says nothing."""
        return self.share if self.state == RUNNING and self.stage in _MEASURED else None

    @property
    def facts(self) -> str:
        """The film's length and size."""
        return f"{self.duration_s:.1f} s, {size_words(self.size_bytes)}"

    def __str__(self) -> str:
        name, mark = short(self.source.name), MARKS[self.state]
        if self.state == DONE and self.output is not None:
            return f"{mark} {name} → {short(self.output.name)} ({self.facts})"
        if self.state == FAILED:
            reason = one_line(self.reason)
            return f"{mark} {reason}" if reason.startswith(name) else f"{mark} {name}: {reason}"
        return f"{mark} {name} · {self.doing}"


def frame(films: Sequence[Film]) -> pd.DataFrame:
    """One row a film, in the order of the files; times in seconds, NaN where they are not known.

    Paths are as people here write them: seen from the working directory, where they lie under it.
    """
    import pandas as pd

    rows = [
        (
            _path(film.source),
            film.state,
            film.left_s if film.state == RUNNING else None,
            _path(film.output) if film.output else "",
            film.duration_s if film.state == DONE else None,
            film.took_s if film.state == DONE else None,
            film.reason,
        )
        for film in films
    ]
    numbers = {"left_s": float, "duration_s": float, "took_s": float}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(numbers)


def _path(path: Path) -> str:
    """A path as it can be printed: names of files need not be Unicode."""
    return near(path).as_posix().encode("utf-8", "replace").decode("utf-8")


def short(name: str) -> str:
    """A name on one line, without its middle where it is long."""
    name = one_line(name)
    return name if len(name) <= _NAME else f"{name[: _NAME - _TAIL - 1]}…{name[-_TAIL:]}"


def one_line(text: str) -> str:
    """A text on one line, fit to be shown."""
    return " ".join(plain(text).split())
