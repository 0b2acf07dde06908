"""What the journal holds: sessions, jobs, turns and costs, as records and as tables in text and HTML."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from nemo_notebook import clock
from nemo_notebook.film.table import padded, width
from nemo_notebook.outside import finite, plain

if TYPE_CHECKING:
    import pandas as pd

_R = TypeVar("_R")
_CELL: Final = 48
_SHORT: Final = 28
_WIDEST: Final = 110  # characters of a row, as terminals are wide


class Records(list[_R], Generic[_R]):
    """A list that shows itself as a table."""

    columns: ClassVar[tuple[str, ...]] = ()
    nothing: ClassVar[str] = "Nothing yet."

    def row(self, record: _R) -> tuple[object, ...]:
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
        if not self:
            return self.nothing
        columns, rows = self._told()
        while len(columns) > 2 and _width(columns, rows) > _WIDEST:
            columns, rows = columns[:-1], [row[:-1] for row in rows]  # the last one can be done without best
        return "\n".join([*self.head, _text_table(columns, rows)])

    @property
    def head(self) -> tuple[str, ...]:
        """What is to be said before the table."""
        return ()

    def __str__(self) -> str:
        return self.words

    def _told(self) -> tuple[Sequence[str], list[list[str]]]:
        """Columns and rows as text, without the columns in which nothing differs or nothing is."""
        rows = [[_cell(value) for value in self.row(record)] for record in self]
        same = {i for i in range(len(self.columns)) if len({row[i] for row in rows}) == 1}
        empty = {i for i in same if rows[0][i] in {"", "–"}}
        alike = {i for i in same if self.columns[i] == "session" and i > 0}
        kept = [i for i in range(len(self.columns)) if i not in empty | alike]
        return [self.columns[i] for i in kept], [[row[i] for i in kept] for row in rows]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self:
            return {"text/plain": self.nothing, "text/html": f"<p>{html.escape(self.nothing)}</p>"}
        columns, rows = self._told()
        head = "".join(f'<th style="text-align:left">{html.escape(name)}</th>' for name in columns)
        body = "".join(f"<tr>{''.join(_html_cell(cell) for cell in row)}</tr>" for row in rows)
        words = "".join(f"<p>{html.escape(line)}</p>" for line in self.head)
        return {"text/plain": self.words, "text/html": f"{words}<table><tr>{head}</tr>{body}</table>"}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        printer.text(self.words)  # without this, IPython shows any list in its own way


def when(seconds: float) -> str:
    """A moment (seconds since 1970) as people here write it: the time of today, else the date too."""
    then = clock.local(seconds)
    is_today = then[:3] == clock.local(clock.now_s())[:3]
    return time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", then)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    text = plain(f"{value:g}" if isinstance(value, float) else str(value))
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _html_cell(cell: str) -> str:
    weight = ";font-weight:600" if cell in {"open", "ready to be saved"} or cell.startswith("rendering") else ""
    wraps = "normal" if len(cell) > _SHORT else "nowrap"  # an id or a moment in one piece, what was said in lines
    return f'<td style="text-align:left;white-space:{wraps}{weight}">{html.escape(cell)}</td>'


def _width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    return sum(max(map(width, column)) + 2 for column in zip(columns, *rows, strict=True))


def _text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = zip(*map(padded, zip(columns, *rows, strict=True)), strict=True)
    return "\n".join("  ".join(line).rstrip() for line in lines)


_TITLE: Final = 48
_LABEL: Final = 24  # characters of a file's name in what a session is known by
_WAYS_BACK: Final = {
    "render": "`%nemo resume {id}` saves the film when it is there.",
    "upload": "`%nemo resume {id}` sees it to its end.",
    "turn": "`%nemo resume {id}` tells what it has done.",
}


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
        first_upload: The first file that was uploaded to it, or its address.
        place: Where it was first used: a notebook or a folder.
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
    first_upload: str = ""
    place: str = ""

    @property
    def label(self) -> str:
        """What people know it by: its name, else its first upload, its notebook or its skill, with the date."""
        notebook = self.place if self.place.endswith(".ipynb") else ""
        known_by = PurePath(self.first_upload or notebook or self.skill).stem[:_LABEL]
        if self.name or not self.begun_s:
            return self.name
        return f"{plain(known_by)} {time.strftime('%Y-%m-%d %H:%M', clock.local(self.begun_s))}"


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
        session: What people know its session by, where that was asked.
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
    session: str = field(default="", compare=False)

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
        title, how = plain(self.title)[:_TITLE], self.now or self.state
        if not self.is_open:
            return f"{title}: {how} ({self.id})"
        verb = "Rendering" if self.kind == "render" else "Open:"
        return f"{verb} {title}. {_WAYS_BACK[self.kind].format(id=self.id)}"

    def __str__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        page = re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(self.words))
        return {"text/plain": self.words, "text/html": f"<p>{page}</p>"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of chat, as the journal has it.

    Attributes:
        id: What it is called.
        message: What was said; of a long message the first 20,000 characters.
        reply: What the user was shown of it, likewise; for one that failed, why. Empty where that was not kept.
        state: `open` until its end was seen; then `done` or `failed`.
        begun_s: When, in seconds since 1970.
        ended_s: When its end was seen, if it was.
        session_id: Its session.
        credits_before: Credits available before it, where they were read.
        credits_after: Credits available after it, likewise.
    """

    id: str
    message: str
    reply: str
    state: str
    begun_s: float
    ended_s: float | None = None
    session_id: str = ""
    credits_before: float | None = None
    credits_after: float | None = None

    @classmethod
    def read(cls, job: Job) -> Turn:
        """A turn from the journal."""
        message, reply = str(job.detail.get("said") or job.title), str(job.detail.get("reply") or "")
        balances = (finite(job.detail.get(key)) for key in ("credits_before", "credits_after"))
        return cls(job.id, message, reply, job.state, job.begun_s, job.ended_s, job.session_id, *balances)

    @property
    def cost(self) -> float | None:
        """Credits spent, where both balances are known."""
        before, after = self.credits_before, self.credits_after
        return None if before is None or after is None else before - after


@dataclass(frozen=True, slots=True)
class Step:
    """One draft of a session's history.

    Attributes:
        number: What it is called by; 0 is the empty timeline before the first edit.
        made_s: When it came about, in seconds since 1970; 0 where that is not known.
        origin: `chat`, `edit` or `table`; empty where that is not known.
        said: What was said for it.
        told: What it changed, in words.
        is_current: Whether it is the one that holds now.
        edits: The typed edits that made it of the version before, as JSON.
    """

    number: int
    made_s: float = 0.0
    origin: str = ""
    said: str = ""
    told: str = ""
    is_current: bool = False
    edits: Sequence[Mapping[str, Any]] = field(default=(), repr=False)


class Jobs(Records[Job]):
    """The jobs, the newest first."""

    columns: ClassVar = ("job", "what", "state", "begun", "session")
    nothing: ClassVar = "Nothing was begun yet."

    @property
    def head(self) -> tuple[str, ...]:
        """The session, where all jobs are of the same one."""
        (session, *others) = {job.session for job in self}
        return () if others or not session else (f"Session: {plain(session)}",)

    def row(self, record: Job) -> tuple[object, ...]:
        """One job."""
        state, session = record.now or record.state, record.session or record.session_id
        return record.id, record.title, state, when(record.begun_s), session


class Sessions(Records[SessionRecord]):
    """The sessions, the one used last first."""

    columns: ClassVar = ("session", "name", "last words", "used", "open jobs", "skill", "backend")
    nothing: ClassVar = "No session was opened yet."

    def row(self, record: SessionRecord) -> tuple[object, ...]:
        """One session."""
        used = when(record.used_s)
        return record.id, record.label, record.last_words, used, record.open_jobs, record.skill, record.backend


class Costs(Records[Turn]):
    """What turns cost, the newest first.

    Attributes:
        free: Whether the backend costs nothing at all.
    """

    free: bool = False

    @property
    def head(self) -> tuple[str, ...]:
        """What is to be said before the table."""
        return ("The local engine is free: no turn costs anything.",) if self.free else ()

    columns: ClassVar = ("turn", "message", "when", "before", "after", "cost", "session")
    nothing: ClassVar = "No turn was taken yet."

    def row(self, record: Turn) -> tuple[object, ...]:
        """One turn."""
        numbers = (record.credits_before, record.credits_after, record.cost)
        return record.id, " ".join(record.message.split()), when(record.begun_s), *numbers, record.session_id


class Turns(Records[Turn]):
    """What was said in a session, the oldest first."""

    columns: ClassVar = ("turn", "when", "said", "reply", "state", "cost")
    nothing: ClassVar = "Nothing was said yet."

    def row(self, record: Turn) -> tuple[object, ...]:
        """One turn, each text on one line."""
        said, reply = (" ".join(text.split()) for text in (record.message, record.reply))
        return record.id, when(record.begun_s), said, reply, record.state, record.cost


class History(Records[Step]):
    """The drafts of a session, the newest first; an arrow marks the one that holds. Those above it were undone."""

    columns: ClassVar = ("now", "number", "when", "said", "changed")
    nothing: ClassVar = "Nothing was edited yet."

    def row(self, record: Step) -> tuple[object, ...]:
        """One draft."""
        when_made = when(record.made_s) if record.made_s else ""
        said = record.said or (f"({record.origin})" if record.origin not in ("chat", "") else "")
        told = record.told or ("(empty)" if record.number == 0 else "")
        return "→" if record.is_current else "", record.number, when_made, said, told


@dataclass(frozen=True, slots=True)
class KeptVersion(Generic[_R]):
    """A version of a film.

    Attributes:
        step: When and how it came about.
    """

    step: Step
    _restore: Callable[[int], _R]

    @property
    def edits(self) -> Sequence[Mapping[str, Any]]:
        """The typed edits that made it of the version before, as JSON."""
        return self.step.edits

    def restore(self) -> _R:
        """Go back, or forth, to it."""
        return self._restore(self.step.number)


class Versions(dict[int, KeptVersion[_R]]):
    """The versions of a film by number.

    Args:
        history: Their steps.
        restore: Goes to one of them.
    """

    def __init__(self, history: History, restore: Callable[[int], _R]) -> None:
        super().__init__((step.number, KeptVersion(step, restore)) for step in history)
        self._history = history

    def __repr__(self) -> str:
        return str(self._history)

    def _repr_mimebundle_(self, **how: Any) -> dict[str, str]:
        return self._history._repr_mimebundle_(**how)
