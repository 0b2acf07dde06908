"""The status of a batch: a row for each film, shown as text, as a table and as a DataFrame."""

from __future__ import annotations

import base64
import html
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nemo_notebook import errors
from nemo_notebook.batches.ledger import State
from nemo_notebook.files import size_words
from nemo_notebook.outside import plain, redact
from nemo_notebook.session.results import near, relative_url

if TYPE_CHECKING:
    import pandas as pd

FILM_COLUMNS: Final = ("input", "state", "left_s", "output", "duration_s", "took_s", "reason")
MARKS: Final[dict[State, str]] = {"waiting": "·", "running": "●", "done": "✓", "failed": "⚠️"}
_MEASURED: Final = frozenset({"convert", "render", "download"})  # stages whose share is worth showing
_NAME: Final = 48
_TAIL: Final = 16  # of a long name: numbers and extensions

_MOST_LINES: Final = 12
_MOST_NAMES: Final = 3
_REPLY: Final = 400  # characters

_MOST_ROWS: Final = 60
_CHOSEN_ROWS: Final = 36  # of a longer table in which nothing runs
_ENDS: Final = 3  # rows at its beginning and at its end, and before and behind those that run
_FAILED_ROWS: Final = 20
_DATA: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_STAGES: Final[dict[str, str]] = _DATA["stages"]
_HINTS: Final[dict[str, str]] = _DATA["hints"]
_COLOURS: Final[dict[str, str]] = _DATA["colours"]
_STYLES: Final[dict[str, str]] = _DATA["styles"]
OTHER_WORDS: Final = _HINTS["NothingToExport"]


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
    state: State = "waiting"
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
        return self.state in {"done", "failed"}

    @property
    def doing(self) -> str:
        """Its state in a word or two."""
        if self.was_there:
            return "unchanged"
        if self.state != "running":
            return "made anew" if self.is_anew and self.state == "done" else self.state
        share = "" if self.measured is None else f" {self.measured:.0%}"
        return f"{_STAGES.get(self.stage, 'working')}{share}"

    @property
    def measured(self) -> float | None:
        """How much of the current stage is done, 0–1; None if that means little."""
        return self.share if self.state == "running" and self.stage in _MEASURED else None

    @property
    def facts(self) -> str:
        """The film's length and size."""
        return f"{self.duration_s:.1f} s, {size_words(self.size_bytes)}"

    def __str__(self) -> str:
        name, mark = short_name(self.source.name), MARKS[self.state]
        if self.state == "done" and self.output is not None:
            return f"{mark} {name} → {short_name(self.output.name)} ({self.facts})"
        if self.state == "failed":
            reason = one_line(self.reason)
            return f"{mark} {reason}" if reason.startswith(name) else f"{mark} {name}: {reason}"
        return f"{mark} {name} · {self.doing}"


def frame(films: Sequence[BatchFilm]) -> pd.DataFrame:
    """One row a film, in the order of the files; times in seconds, NaN if unknown; paths as short as possible here."""
    import pandas as pd

    rows = [
        (_path(film.source), film.state, film.left_s, _path(film.output), film.duration_s, film.took_s, film.reason)
        for film in films
    ]
    table = pd.DataFrame(rows, columns=list(FILM_COLUMNS)).astype(
        {name: float for name in FILM_COLUMNS if name.endswith("_s")}
    )
    table.loc[table["state"] != "done", ["duration_s", "took_s"]] = float("nan")
    return table


def _path(path: Path | None) -> str:
    """A path that can be printed: names of files need not be Unicode."""
    return near(path).as_posix().encode("utf-8", "replace").decode("utf-8") if path else ""


def short_name(name: str) -> str:
    """A name on one line, without its middle if it is long."""
    name = one_line(name)
    return name if len(name) <= _NAME else f"{name[: _NAME - _TAIL - 1]}…{name[-_TAIL:]}"


def one_line(text: str) -> str:
    """A text on one line, without control characters."""
    return " ".join(plain(text).split())


def hint_of(error: errors.NemoError) -> str:
    """What to do about an error of a film: its own hint, unless that is the general one, which is for a session."""
    if error.hint != type(error).hint:
        return error.hint
    return next((_HINTS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _HINTS), error.hint)


def summary(films: Sequence[BatchFilm], headline: str, *, is_running: bool, note: str = "") -> str:
    """The whole summary, in a few lines.

    Args:
        films: The rows.
        headline: See `headline`.
        is_running: Whether the batch goes on.
        note: What goes before.
    """
    lines = [note, headline, first_reply(films)]
    if not is_running:
        lines += _failures([film for film in films if film.state == "failed"])
        lines += [f"   → {step}" for step in [next_step(films)] if step]
    return "\n".join(line for line in lines if line)


def headline(films: Sequence[BatchFilm], folder: str, *, is_running: bool, left_s: float | None) -> str:
    """How many films are there, and how many failed, run or wait, on one line."""
    count = Counter(film.state for film in films)
    are = "is" if len(films) == 1 or count["done"] == 1 else "are"
    place = "this folder" if folder == "." else one_line(folder)
    first = f"{count['done']} of {len(films)} film{'s' * (len(films) != 1)} {are} in {place}"
    if size := sum(film.size_bytes for film in films if film.state == "done"):
        first += f" ({size_words(size)})"
    parts = [first + _kinds([film for film in films if film.state == "done"])]
    left = count["waiting"] + count["running"]
    if is_running:
        told = [(count["failed"], "failed"), (count["running"], "being made"), (count["waiting"], "waiting")]
    else:
        told = [(count["failed"], "failed"), (left, "not made yet")]
    parts += [f"{number} {words}" for number, words in told if number]
    parts += [f"about {duration_words(left_s)} left"] if is_running and left_s else []
    return f"{' · '.join(parts)}."


def _kinds(made: Sequence[BatchFilm]) -> str:
    """Which of the films that are there are new; empty if all are."""
    kinds = Counter(film.doing for film in made)
    if kinds["done"] == len(made):
        return ""
    if kinds["unchanged"] == len(made):
        return ", unchanged"
    words = {"done": "new", "unchanged": "unchanged", "made anew": "made anew"}
    return ": " + ", ".join(f"{kinds[kind]} {word}" for kind, word in words.items() if kinds[kind])


def first_reply(films: Sequence[BatchFilm]) -> str:
    """The reply to the prompt for the first new film: it names what was not understood."""
    film = next((film for film in films if film.reply and not film.was_there), None)
    return "" if film is None else f"The answer for {short_name(film.source.name)}: {redact(film.reply, _REPLY)}"


def _failures(failed: Sequence[BatchFilm]) -> list[str]:
    """Why films failed: each reason once, and below those with the same hint that hint."""
    by_hint: dict[str, dict[str, list[BatchFilm]]] = {}
    for film in failed:
        reason = str(film) if film.source.name in film.reason else one_line(film.reason)
        by_hint.setdefault(film.hint, {}).setdefault(reason, []).append(film)
    lines: list[str] = []
    for hint, by_reason in by_hint.items():
        groups = list(by_reason.values())
        lines += [_failure(films) for films in groups[:_MOST_LINES]]
        if more := sum(map(len, groups[_MOST_LINES:])):
            lines.append(f"… and {more} more; `.frame` has them all")
        lines += [f"   → {one_line(hint)}"] if hint else []
    return lines


def _failure(films: Sequence[BatchFilm]) -> str:
    """Films that failed for one reason."""
    if len(films) == 1:
        return str(films[0])
    names = ", ".join(short_name(film.source.name) for film in films[:_MOST_NAMES])
    others = f" and {len(films) - _MOST_NAMES} more" if len(films) > _MOST_NAMES else ""
    return f"{MARKS['failed']} {names}{others}: {one_line(films[0].reason)}"


def next_step(films: Sequence[BatchFilm]) -> str:
    """What to do when a batch has ended; empty if there is nothing to do, or a row says it."""
    failed = [film for film in films if film.state == "failed"]
    if any(not film.is_over for film in films):
        return "Run the same line again to go on where it stopped."
    if not failed or all(film.hint == OTHER_WORDS for film in failed):
        return ""
    return f"{'Then run' if any(film.hint for film in failed) else 'Run'} the same line again to retry what failed."


def duration_words(seconds: float) -> str:
    """A time in words."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{whole // 60} min {whole % 60:02d} s" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"


def html_table(
    films: Sequence[BatchFilm], above: Sequence[str], below: str = "", *, is_running: bool, most_posters: int
) -> str:
    """The table, between some lines of text.

    Args:
        films: The rows.
        above: The lines above it.
        below: The line below it; empty for none.
        is_running: Whether the batch goes on.
        most_posters: How many finished films show a picture.
    """
    rows = [_row("input", "state", "output")]
    before = -1
    for at in _chosen(films):
        if left_out := Counter(film.state for film in films[before + 1 : at]):
            counts = " · ".join(f"{left_out[state]} {state}" for state in MARKS if left_out[state])
            rows.append(_row(f"⋯ {counts}", "", ""))
        most_posters -= bool(films[at].poster)
        output = _output(films[at], has_poster=bool(films[at].poster) and most_posters >= 0)
        rows.append(_row(_name(films[at].source), _state(films[at]), output))
        before = at
    over = sum(1.0 if film.is_over else film.measured or 0.0 for film in films)
    words = "".join(f"<div>{html.escape(line)}</div>" for line in above)
    bar = _bar(over / max(1, len(films)), "6px 0") if is_running else ""
    end = f'<div style="{_STYLES["faint"]}">→ {html.escape(below)}</div>' if below else ""
    table = f'<div style="overflow-x:auto"><table style="{_STYLES["table"]}">{"".join(rows)}</table></div>'
    return f'<div style="{_STYLES["page"]}">{words}{bar}{table}{end}</div>'


def _chosen(films: Sequence[BatchFilm]) -> list[int]:
    """The rows that are shown: all; of a long table its ends, what failed, what runs and is near it, else the first."""
    everything = range(len(films))
    if len(films) <= _MOST_ROWS:
        return list(everything)
    bad = [at for at in everything if films[at].state == "failed"][:_FAILED_ROWS]
    running = [at for at in everything if films[at].state == "running"]
    near_running = {at + step for at in running for step in range(-_ENDS, _ENDS + 1)}
    chosen = {*everything[:_ENDS], *everything[-_ENDS:], *bad, *(near_running or range(_CHOSEN_ROWS - len(bad)))}
    return sorted(chosen.intersection(everything))


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f'<td style="{_STYLES["cell"]}">{cell}</td>' for cell in cells) + "</tr>"


def _state(film: BatchFilm) -> str:
    mark = f'<span style="color:{_COLOURS[film.state]}">{MARKS[film.state]}</span>'
    if film.state == "failed":
        hint = f'<div style="{_STYLES["faint"]}">→ {html.escape(one_line(film.hint))}</div>' if film.hint else ""
        return f"{mark} {html.escape(one_line(film.reason))}{hint}"
    return f"{mark}&nbsp;{film.doing}{_bar(film.measured or 0.0, '4px 0 0') if film.state == 'running' else ''}"


def _output(film: BatchFilm, *, has_poster: bool) -> str:
    if film.output is None:
        return (
            f'<span style="{_STYLES["faint"]}">about {duration_words(film.left_s)} left</span>' if film.left_s else ""
        )
    data = base64.b64encode(film.poster).decode("ascii")
    picture = f'<img src="data:image/jpeg;base64,{data}" alt="" style="{_STYLES["picture"]}">' if has_poster else ""
    link = f'<a href="{html.escape(relative_url(film.output))}">{_name(film.output)}</a>'
    facts = f'<span style="{_STYLES["faint"]};white-space:nowrap">({film.facts})</span>'
    return f'<div style="{_STYLES["film"]}">{picture}<div style="flex:1 1 120px">{link} {facts}</div></div>'


def _name(path: Path) -> str:
    """A file's name; its extension stays behind it in every script."""
    return f'<bdi dir="ltr">{html.escape(short_name(path.name))}</bdi>'


def _bar(share: float, margin: str) -> str:
    style = f"display:block;width:100%;height:6px;margin:{margin};accent-color:{_COLOURS['running']}"
    return f'<progress aria-hidden="true" value="{share:.3f}" style="{style}"></progress>'
