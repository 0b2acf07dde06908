"""A batch as HTML: a table that stays small however many films there are, in the colours of whatever page it is on."""

from __future__ import annotations

import base64
import html
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from nemo_notebook.batches.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.batches.rows import MARKS, Film, one_line, short
from nemo_notebook.batches.telling import span
from nemo_notebook.session.results import relative_url

_MOST_ROWS: Final = 60
_CHOSEN_ROWS: Final = 40  # of a longer table that stands still
_ENDS: Final = 3  # rows at its beginning and at its end, and before and behind those that run
_FAILED_ROWS: Final = 20
_COLOURS: Final = {DONE: "#2e9e5b", RUNNING: "#3b82f6", FAILED: "#e5534b", WAITING: "inherit"}  # on white and on black
_GREY: Final = "rgba(128,128,128,.25)"
_FAINT: Final = "opacity:.7"
_FACE: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;max-width:960px"
_TABLE: Final = "width:100%;min-width:320px;table-layout:fixed;border-collapse:collapse;margin:4px 0;font-size:inherit"
_CELL: Final = (
    f"text-align:left;vertical-align:middle;padding:5px 6px;border-bottom:1px solid {_GREY};overflow-wrap:anywhere"
)
_PICTURE: Final = "height:36px;flex:none;border-radius:3px;vertical-align:middle;margin:0 8px 0 0"
_BESIDE: Final = "display:flex;flex-wrap:wrap;align-items:center"  # the name below its picture where there is no room
_COLUMNS: Final = (("input", "32%"), ("state", "25%"), ("output", "43%"))


def page(films: Sequence[Film], above: Sequence[str], below: str = "", *, is_running: bool, most_posters: int) -> str:
    """The table, between some lines of words.

    Args:
        films: The rows.
        above: The lines above it.
        below: The line below it; empty for none.
        is_running: Whether more is to come.
        most_posters: How many finished films show a picture.
    """
    shown = _chosen(films)
    posters = set(itertools.islice((at for at in shown if films[at].poster), most_posters))
    titles = "".join(f'<th style="{_CELL};width:{width};{_FAINT}">{name}</th>' for name, width in _COLUMNS)
    body = "".join(_rows(films, shown, posters))
    words = "".join(f"<div>{html.escape(line)}</div>" for line in above)
    end = f'<div style="{_FAINT}">→ {html.escape(below)}</div>' if below else ""
    table = f'<div style="overflow-x:auto"><table style="{_TABLE}"><tr>{titles}</tr>{body}</table></div>'
    return f'<div style="{_FACE}">{words}{_bar(films) if is_running else ""}{table}{end}</div>'


def _chosen(films: Sequence[Film]) -> list[int]:
    """Which rows are shown: all, or in a long table its ends, what failed, what runs and is near it, else the first."""
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


def _rows(films: Sequence[Film], shown: Sequence[int], posters: set[int]) -> Iterator[str]:
    before = -1
    for at in shown:
        if at > before + 1:
            yield _gap(films[before + 1 : at])
        yield _row(films[at], has_poster=at in posters)
        before = at


def _gap(films: Sequence[Film]) -> str:
    """A row in place of those that are not shown."""
    count = Counter(film.state for film in films)
    kinds = " · ".join(f"{count[state]} {state}" for state in (DONE, FAILED, WAITING) if count[state])
    return f'<tr><td colspan="3" style="{_CELL};{_FAINT}">⋯ {kinds}</td></tr>'


def _row(film: Film, *, has_poster: bool) -> str:
    faint = "" if film.state != WAITING else f";{_FAINT}"
    cells = f'<td style="{_CELL}{faint}">{_name(film.source)}</td>'
    if film.state == FAILED:  # a reason needs room
        reason = html.escape(one_line(film.reason))
        hint = f'<div style="{_FAINT}">→ {html.escape(one_line(film.hint))}</div>' if film.hint else ""
        return f'<tr>{cells}<td colspan="2" style="{_CELL}">{_mark(film)} {reason}{hint}</td></tr>'
    bar = _track(film.measured or 0.0) if film.state == RUNNING else ""
    cells += f'<td style="{_CELL}{faint}">{_mark(film)}&nbsp;{_word(film)}{bar}</td>'
    return f'<tr>{cells}<td style="{_CELL}">{_output(film, has_poster=has_poster)}</td></tr>'


def _mark(film: Film) -> str:
    return f'<span style="color:{_COLOURS[film.state]}">{MARKS[film.state]}</span>'


def _word(film: Film) -> str:
    if film.state != DONE:
        return film.doing
    return "as it was" if film.was_there else "made anew" if film.is_anew else "done"


def _output(film: Film, *, has_poster: bool) -> str:
    if film.state == RUNNING and film.left_s:
        return f'<span style="{_FAINT}">about {span(film.left_s)} left</span>'
    if film.output is None:
        return ""
    picture = ""
    if has_poster:
        data = base64.b64encode(film.poster).decode("ascii")
        picture = f'<img src="data:image/jpeg;base64,{data}" alt="" style="{_PICTURE}">'
    address = html.escape(relative_url(film.output))
    words = (
        f'<a href="{address}">{_name(film.output)}</a> <span style="{_FAINT};white-space:nowrap">({film.facts})</span>'
    )
    return f'<div style="{_BESIDE}">{picture}<div style="flex:1 1 120px">{words}</div></div>'


def _name(path: Path) -> str:
    """A file's name, in which the ending stays behind it in every script."""
    return f'<bdi dir="ltr">{html.escape(short(path.name))}</bdi>'


def _track(share: float) -> str:
    """A bar for one film; what it says is said in words beside it."""
    return _bars([(share, _COLOURS[RUNNING])], "4px 0 0")


def _bar(films: Sequence[Film]) -> str:
    """A bar for all of them."""
    count = Counter(film.state for film in films)
    begun = sum(film.measured or 0.0 for film in films)
    parts = ((count[DONE], DONE), (count[FAILED], FAILED), (begun, RUNNING))
    return _bars([(part / max(1, len(films)), _COLOURS[state]) for part, state in parts], "6px 0")


def _bars(parts: Sequence[tuple[float, str]], margin: str) -> str:
    pieces = "".join(
        f'<div style="width:{100 * share:.1f}%;background:{colour}"></div>' for share, colour in parts if share > 0
    )
    return (
        f'<div aria-hidden="true" style="display:flex;height:4px;border-radius:2px;overflow:hidden;margin:{margin};'
        f'background:{_GREY}">{pieces}</div>'
    )
