"""A batch as a table: as data, as text, as HTML that stays small however many films there are."""

from __future__ import annotations

import base64
import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nemo_notebook.outside import plain
from nemo_notebook.session.batch.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.session.results import relative_url, size_words

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("input", "state", "left_s", "output", "duration_s", "took_s", "reason")
_MARKS: Final = {WAITING: "·", RUNNING: "●", DONE: "✓", FAILED: "⚠️"}
_DOING: Final = {
    "": "starting",
    "convert": "converting",
    "upload": "uploading",
    "chat": "editing",
    "render": "rendering",
    "download": "saving",
}
_MEASURED: Final = frozenset({"convert", "render", "download"})  # stages whose share says something to people
_MOST_ROWS: Final = 60
_MOST_POSTERS: Final = 24
_MOST_TOLD: Final = 12
_NAME: Final = 48
_FIRST: Final = {RUNNING: 0, FAILED: 1, DONE: 2, WAITING: 3}  # what is shown where not all can be


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
        poster: A tiny JPEG of it; empty where there is none.
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
    poster: bytes = field(default=b"", repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of it now."""
        return self.state in {DONE, FAILED}

    @property
    def doing(self) -> str:
        """Its state in a word or two."""
        if self.state != RUNNING:
            return self.state
        share = f" {self.share:.0%}" if self.stage in _MEASURED else ""
        return f"{_DOING.get(self.stage, 'working')}{share}"

    def __str__(self) -> str:
        name, mark = _short(self.source.name), _MARKS[self.state]
        if self.state == DONE and self.output is not None:
            return f"{mark} {name} → {self.output.name} ({self.duration_s:.1f} s, {size_words(self.size_bytes)})"
        if self.state == FAILED:
            reason = plain(self.reason)
            return f"{mark} {reason}" if reason.startswith(name) else f"{mark} {name}: {reason}"
        return f"{mark} {name} · {self.doing}"


def frame(films: Sequence[Film]) -> pd.DataFrame:
    """One row a film, in the order of the files; times in seconds, NaN where they are not known."""
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


def summary(films: Sequence[Film], folder: str, *, is_running: bool, left_s: float | None, note: str = "") -> str:
    """How a batch stands, in a few lines: how many films there are and where, what failed and why, how to go on."""
    count = Counter(film.state for film in films)
    parts = [f"{count[DONE]} of {_many(len(films), 'film')} {'are' if count[DONE] != 1 else 'is'} in {plain(folder)}"]
    if size := sum(film.size_bytes for film in films if film.state == DONE):
        parts[0] += f" ({size_words(size)})"
    if count[FAILED]:
        parts.append(f"{count[FAILED]} failed")
    if is_running:
        left = f", about {_span(left_s)} left" if left_s else ""
        parts.append(f"{count[RUNNING]} being made{left}")
    elif count[WAITING] + count[RUNNING]:
        parts.append(f"{count[WAITING] + count[RUNNING]} not made yet")
    lines = [*([note] if note else []), f"{' · '.join(parts)}."]
    if not is_running:
        lines += _reasons([film for film in films if film.state == FAILED])
        if count[WAITING] + count[RUNNING]:
            lines.append("   → The same line again goes on where it stopped.")
        elif count[FAILED]:
            lines.append("   → The same line again tries those that failed, and leaves the others as they are.")
    return "\n".join(lines)


def _reasons(failed: Sequence[Film]) -> list[str]:
    told = [str(film) for film in failed[:_MOST_TOLD]]
    more = len(failed) - len(told)
    return [*told, *([f"… and {more} more; `.frame` has them all"] if more else [])]


def page(films: Sequence[Film], head: str, *, with_posters: bool) -> str:
    """The table as HTML, under some lines of words.

    Args:
        films: The rows.
        head: The words.
        with_posters: Whether finished films show a picture; for a table that stands still.
    """
    shown = _chosen(films)
    posters = {id(film) for film in [film for film in shown if film.poster][:_MOST_POSTERS]} if with_posters else set()
    body = "".join(_row(film, has_poster=id(film) in posters) for film in shown)
    more = len(films) - len(shown)
    rest = f'<tr><td colspan="4">… and {more} more; <code>.frame</code> has them all</td></tr>' if more else ""
    titles = "".join(f'<th style="text-align:left">{name}</th>' for name in ("input", "state", "left", "output"))
    words = "".join(f"<div>{html.escape(line)}</div>" for line in head.splitlines()[:1])
    return f"{words}<table><tr>{titles}</tr>{body}{rest}</table>"


def _chosen(films: Sequence[Film]) -> list[Film]:
    """All rows, or the most telling ones where there are many, in their order."""
    if len(films) <= _MOST_ROWS:
        return list(films)
    best = sorted(range(len(films)), key=lambda at: (_FIRST[films[at].state], at))[:_MOST_ROWS]
    return [films[at] for at in sorted(best)]


def _row(film: Film, *, has_poster: bool) -> str:
    output = ""
    if film.state == FAILED:
        output = html.escape(plain(f"{film.reason} {film.hint}".strip()))
    elif film.output is not None:
        picture = ""
        if has_poster:
            data = base64.b64encode(film.poster).decode("ascii")
            picture = f'<img src="data:image/jpeg;base64,{data}" alt="" style="height:32px;vertical-align:middle"> '
        address = html.escape(relative_url(film.output))
        facts = f"{film.duration_s:.1f} s, {size_words(film.size_bytes)}"
        output = f'{picture}<a href="{address}">{html.escape(film.output.name)}</a> ({facts})'
    left = _span(film.left_s) if film.state == RUNNING and film.left_s else ""
    cells = (html.escape(_short(film.source.name)), f"{_MARKS[film.state]} {film.doing}", left, output)
    return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"


def _short(name: str) -> str:
    name = plain(name)
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _path(path: Path) -> str:
    """A path as it can be printed: names of files need not be Unicode."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _span(seconds: float | None) -> str:
    whole = max(1, round(seconds or 0))
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02d} s"
