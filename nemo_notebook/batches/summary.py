"""The summary of a batch: as text what is there, what failed and why, and what to do next; as HTML also the table."""

from __future__ import annotations

import base64
import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.batches.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.batches.status import MARKS, BatchFilm, one_line, short_name
from nemo_notebook.files import size_words
from nemo_notebook.outside import redact
from nemo_notebook.session.results import relative_url

_MOST_LINES: Final = 12
_MOST_NAMES: Final = 3
_REPLY: Final = 400  # characters

_MOST_ROWS: Final = 60
_CHOSEN_ROWS: Final = 40  # of a longer table in which nothing runs
_ENDS: Final = 3  # rows at its beginning and at its end, and before and behind those that run
_FAILED_ROWS: Final = 20
_COLOURS: Final = {DONE: "#2e9e5b", RUNNING: "#3b82f6", FAILED: "#e5534b", WAITING: "inherit"}  # on white and on black
_FAINT: Final = "opacity:.7"
_FACE: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;max-width:960px"
_TABLE: Final = "width:100%;min-width:320px;table-layout:fixed;border-collapse:collapse;margin:4px 0;font-size:inherit"
_CELL: Final = (
    "text-align:left;vertical-align:middle;padding:5px 6px;border-bottom:1px solid rgba(128,128,128,.25);"
    "overflow-wrap:anywhere"
)
_PICTURE: Final = "height:36px;flex:none;border-radius:3px;vertical-align:middle;margin:0 8px 0 0"
_BESIDE: Final = "display:flex;flex-wrap:wrap;align-items:center"  # the name goes below its picture in a narrow cell
_HEAD: Final = "".join(
    f'<th style="{_CELL};width:{width};{_FAINT}">{name}</th>'
    for name, width in (("input", "32%"), ("state", "25%"), ("output", "43%"))
)

OTHER_WORDS: Final = 'Give another prompt, such as "make a music video with a visualizer".'
_RETRY: Final = "Run the same line again to retry it."
_LATER: Final = "Run the same line again in some minutes."
_HINTS: Final[dict[tuple[type[errors.NemoError], ...], str]] = {
    (errors.NothingToExport,): OTHER_WORDS,
    (errors.SessionNotFound, errors.JobNotFound, errors.Conflict, errors.EngineError, errors.RenderFailed): _RETRY,
    (errors.MediaTooLarge,): "Compress or trim it, or use a skill with a higher limit: `%nemo skills`, and --skill.",
    (errors.RateLimited, errors.DeadlineExceeded): _LATER,
    (errors.NetworkError,): "Check the connection, or work offline with --backend local.",
}


def hint_of(error: errors.NemoError) -> str:
    """What to do about an error of a film: its own hint, unless that is the general one, which is for a session."""
    if error.hint != type(error).hint:
        return error.hint
    return next((hint for kinds, hint in _HINTS.items() if isinstance(error, kinds)), error.hint)


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
        lines += _failures([film for film in films if film.state == FAILED])
        lines += [f"   → {step}" for step in [next_step(films)] if step]
    return "\n".join(line for line in lines if line)


def headline(films: Sequence[BatchFilm], folder: str, *, is_running: bool, left_s: float | None) -> str:
    """How many films are there, and how many failed, run or wait, on one line."""
    count = Counter(film.state for film in films)
    are = "is" if len(films) == 1 or count[DONE] == 1 else "are"
    place = "this folder" if folder == "." else one_line(folder)
    first = f"{count[DONE]} of {len(films)} film{'s' * (len(films) != 1)} {are} in {place}"
    if size := sum(film.size_bytes for film in films if film.state == DONE):
        first += f" ({size_words(size)})"
    parts = [first + _kinds([film for film in films if film.state == DONE])]
    left = count[WAITING] + count[RUNNING]
    if is_running:
        told = [(count[FAILED], "failed"), (count[RUNNING], "being made"), (count[WAITING], "waiting")]
    else:
        told = [(count[FAILED], "failed"), (left, "not made yet")]
    parts += [f"{number} {words}" for number, words in told if number]
    parts += [f"about {duration_words(left_s)} left"] if is_running and left_s else []
    return f"{' · '.join(parts)}."


def _kinds(made: Sequence[BatchFilm]) -> str:
    """Which of the films that are there are new; empty if all are."""
    kinds = Counter("unchanged" if film.was_there else "made anew" if film.is_anew else "new" for film in made)
    if kinds["new"] == len(made):
        return ""
    if kinds["unchanged"] == len(made):
        return ", unchanged"
    return ": " + ", ".join(f"{kinds[kind]} {kind}" for kind in ("new", "unchanged", "made anew") if kinds[kind])


def first_reply(films: Sequence[BatchFilm]) -> str:
    """The reply to the prompt for the first new film: it names what was not understood."""
    film = next((film for film in films if film.reply and not film.was_there), None)
    return "" if film is None else f"The answer for {short_name(film.source.name)}: {redact(film.reply, _REPLY)}"


def _failures(failed: Sequence[BatchFilm]) -> list[str]:
    """Why films failed: each reason once, and below those with the same hint that hint."""
    groups: dict[str, dict[str, list[BatchFilm]]] = {}
    for film in failed:
        reason = str(film) if film.source.name in film.reason else one_line(film.reason)
        groups.setdefault(film.hint, {}).setdefault(reason, []).append(film)
    lines: list[str] = []
    for hint, reasons in groups.items():
        for films in list(reasons.values())[:_MOST_LINES]:
            names, more = (
                ", ".join(short_name(film.source.name) for film in films[:_MOST_NAMES]),
                len(films) - _MOST_NAMES,
            )
            others = f" and {more} more" if more > 0 else ""
            reason = f"{MARKS[FAILED]} {names}{others}: {one_line(films[0].reason)}"
            lines.append(reason if len(films) > 1 else str(films[0]))
        if more := sum(map(len, list(reasons.values())[_MOST_LINES:])):
            lines.append(f"… and {more} more; `.frame` has them all")
        lines += [f"   → {one_line(hint)}"] if hint else []
    return lines


def next_step(films: Sequence[BatchFilm]) -> str:
    """What to do when a batch has ended; empty if there is nothing to do, or a row says it."""
    failed = [film for film in films if film.state == FAILED]
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
    rows: list[str] = []
    before = -1
    for at in _chosen(films):
        if left_out := Counter(film.state for film in films[before + 1 : at]):
            kinds = " · ".join(f"{left_out[state]} {state}" for state in (DONE, FAILED, WAITING) if left_out[state])
            rows.append(f'<tr><td colspan="3" style="{_CELL};{_FAINT}">⋯ {kinds}</td></tr>')
        most_posters -= bool(films[at].poster)
        rows.append(_row(films[at], has_poster=bool(films[at].poster) and most_posters >= 0))
        before = at
    over = sum(1.0 if film.is_over else film.measured or 0.0 for film in films)
    words = "".join(f"<div>{html.escape(line)}</div>" for line in above)
    bar = _bar(over / max(1, len(films)), "6px 0") if is_running else ""
    end = f'<div style="{_FAINT}">→ {html.escape(below)}</div>' if below else ""
    table = f'<div style="overflow-x:auto"><table style="{_TABLE}"><tr>{_HEAD}</tr>{"".join(rows)}</table></div>'
    return f'<div style="{_FACE}">{words}{bar}{table}{end}</div>'


def _chosen(films: Sequence[BatchFilm]) -> list[int]:
    """The rows that are shown: all; of a long table its ends, what failed, what runs and is near it, else the first."""
    everything = range(len(films))
    if len(films) <= _MOST_ROWS:
        return list(everything)
    running = [at for at in everything if films[at].state == RUNNING]
    bad = [at for at in everything if films[at].state == FAILED][:_FAILED_ROWS]
    chosen = {*running, *bad, *everything[:_ENDS], *everything[-_ENDS:]}
    if running:
        chosen |= {*everything[max(0, running[0] - _ENDS) : running[0]], *everything[running[-1] :][: _ENDS + 1]}
    else:
        chosen |= set(everything[: max(_ENDS, _CHOSEN_ROWS - len(chosen))])
    return sorted(chosen)


def _row(film: BatchFilm, *, has_poster: bool) -> str:
    faint = f";{_FAINT}" if film.state == WAITING else ""
    name = f'<td style="{_CELL}{faint}">{_name(film.source)}</td>'
    mark = f'<span style="color:{_COLOURS[film.state]}">{MARKS[film.state]}</span>'
    if film.state == FAILED:  # a reason needs room
        hint = f'<div style="{_FAINT}">→ {html.escape(one_line(film.hint))}</div>' if film.hint else ""
        return f'<tr>{name}<td colspan="2" style="{_CELL}">{mark} {html.escape(one_line(film.reason))}{hint}</td></tr>'
    doing = "unchanged" if film.was_there else "made anew" if film.is_anew and film.state == DONE else film.doing
    bar = _bar(film.measured or 0.0, "4px 0 0") if film.state == RUNNING else ""
    state = f'<td style="{_CELL}{faint}">{mark}&nbsp;{doing}{bar}</td>'
    return f'<tr>{name}{state}<td style="{_CELL}">{_output(film, has_poster=has_poster)}</td></tr>'


def _output(film: BatchFilm, *, has_poster: bool) -> str:
    if film.output is None:
        return f'<span style="{_FAINT}">about {duration_words(film.left_s)} left</span>' if film.left_s else ""
    data = base64.b64encode(film.poster).decode("ascii")
    picture = f'<img src="data:image/jpeg;base64,{data}" alt="" style="{_PICTURE}">' if has_poster else ""
    link = f'<a href="{html.escape(relative_url(film.output))}">{_name(film.output)}</a>'
    facts = f'<span style="{_FAINT};white-space:nowrap">({film.facts})</span>'
    return f'<div style="{_BESIDE}">{picture}<div style="flex:1 1 120px">{link} {facts}</div></div>'


def _name(path: Path) -> str:
    """A file's name; its extension stays behind it in every script."""
    return f'<bdi dir="ltr">{html.escape(short_name(path.name))}</bdi>'


def _bar(share: float, margin: str) -> str:
    style = f"display:block;width:100%;height:6px;margin:{margin};accent-color:{_COLOURS[RUNNING]}"
    return f'<progress aria-hidden="true" value="{share:.3f}" style="{style}"></progress>'
