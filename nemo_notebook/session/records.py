"""What the journal hands back: sessions, jobs and costs, as plain data and as tables that show themselves."""

from __future__ import annotations

import html
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from nemo_notebook.outside import plain

if TYPE_CHECKING:
    import pandas as pd

R = TypeVar("R")
_CELL: Final = 60


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session that was opened from here.

    Attributes:
        id: Its id at the service.
        backend: `local`, or the base URL of the service.
        skill: The skill it was opened with.
        language: The language asked for, or `auto`.
        name: What the user calls the project.
        task_id: The service's id of the project.
        user_id: The service's id of the user.
        begun_s: When it was opened, in seconds since 1970.
        used_s: When it was last used, likewise.
        last_words: The last message that was sent in it.
        open_jobs: How many of its jobs were not seen to their end.
    """

    id: str
    backend: str
    skill: str
    language: str = "auto"
    name: str = ""
    task_id: str = ""
    user_id: str = ""
    begun_s: float = 0.0
    used_s: float = 0.0
    last_words: str = ""
    open_jobs: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A turn, an upload or an export that was begun.

    Attributes:
        id: What it is called: `turn_12`, `upload_13`, or the render's id at the service.
        kind: `turn`, `upload` or `render`.
        session_id: The session that it belongs to.
        title: The message, the file's name, or where the film goes.
        state: `open` until its end was seen here; then `done`, `failed` or `cancelled`.
        begun_s: When, in seconds since 1970.
        ended_s: When its end was seen, if it was.
        detail: What is needed to come back to it.
        now: How it stands at the service, where that was asked.
    """

    id: str
    kind: str
    session_id: str
    title: str
    state: str
    begun_s: float
    ended_s: float | None = None
    detail: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    now: str = field(default="", compare=False)

    @property
    def is_open(self) -> bool:
        """Whether its end was not seen yet."""
        return self.state == "open"

    @property
    def target(self) -> Path | None:
        """For an export, where the film goes."""
        path = self.detail.get("target")
        return Path(path) if isinstance(path, str) else None

    @property
    def words(self) -> str:
        """The job in one line."""
        how = self.now or self.state
        way_back = f" · `%nemo resume {self.id}`" if self.is_open else ""
        return f"{self.id} · {plain(self.title)[:_CELL]} · {how}{way_back}"

    def __str__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.words, "text/html": f"<p>{html.escape(self.words)}</p>"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one turn cost.

    Attributes:
        job: The turn's id.
        session_id: Its session.
        message: What was said.
        begun_s: When, in seconds since 1970.
        before: Credits available before it, where they were read.
        after: Credits available after it, likewise.
    """

    job: str
    session_id: str
    message: str
    begun_s: float
    before: float | None
    after: float | None

    @property
    def cost(self) -> float | None:
        """Credits spent, where both balances are known."""
        return None if self.before is None or self.after is None else self.before - self.after


class Records(list[R], Generic[R]):
    """A list that shows itself as a table."""

    columns: ClassVar[tuple[str, ...]] = ()
    nothing: ClassVar[str] = "Nothing yet."

    def row(self, record: R) -> tuple[object, ...]:
        """The cells of one record."""
        raise NotImplementedError

    @property
    def frame(self) -> pd.DataFrame:
        """The same as a DataFrame."""
        import pandas as pd

        return pd.DataFrame([self.row(record) for record in self], columns=list(self.columns))

    @property
    def words(self) -> str:
        """The same as text, columns aligned."""
        return _text_table(self.columns, self._cells()) if self else self.nothing

    def _cells(self) -> list[list[str]]:
        return [[_cell(value) for value in self.row(record)] for record in self]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self:
            return {"text/plain": self.nothing, "text/html": f"<p>{html.escape(self.nothing)}</p>"}
        head = "".join(f'<th style="text-align:left">{html.escape(name)}</th>' for name in self.columns)
        rows = "".join(
            "<tr>" + "".join(f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in row) + "</tr>"
            for row in self._cells()
        )
        return {"text/plain": self.words, "text/html": f"<table><tr>{head}</tr>{rows}</table>"}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        printer.text(self.words)  # without this, IPython shows any list in its own way


class Jobs(Records[Job]):
    """The jobs, the newest first."""

    columns: ClassVar = ("job", "what", "state", "begun", "session")
    nothing: ClassVar = "Nothing was begun yet."

    def row(self, record: Job) -> tuple[object, ...]:
        """One job."""
        return record.id, record.title, record.now or record.state, when(record.begun_s), record.session_id


class Sessions(Records[SessionRecord]):
    """The sessions, the one used last first."""

    columns: ClassVar = ("session", "name", "skill", "backend", "used", "open jobs", "last words")
    nothing: ClassVar = "No session was opened yet."

    def row(self, record: SessionRecord) -> tuple[object, ...]:
        """One session."""
        used = when(record.used_s)
        return record.id, record.name, record.skill, record.backend, used, record.open_jobs, record.last_words


class Costs(Records[Cost]):
    """What turns cost, the newest first."""

    columns: ClassVar = ("turn", "message", "when", "before", "after", "cost", "session")
    nothing: ClassVar = "No turn was taken yet."

    def row(self, record: Cost) -> tuple[object, ...]:
        """One turn."""
        numbers = (record.before, record.after, record.cost)
        return record.job, record.message, when(record.begun_s), *numbers, record.session_id


def when(seconds: float) -> str:
    """A moment (seconds since 1970) as people here write it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _cell(value: object) -> str:
    if value is None:
        return "–"
    text = plain(f"{value:g}" if isinstance(value, float) else str(value))
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (columns, *rows))
    return "\n".join(line.rstrip() for line in lines)
