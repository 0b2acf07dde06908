"""The summary of a batch as text: how many films there are and where, what failed and why, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from nemo_notebook import errors
from nemo_notebook.batches.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.batches.status import MARKS, Film, one_line, short
from nemo_notebook.files import size_words
from nemo_notebook.outside import redact

_MOST_LINES: Final = 12
_MOST_NAMES: Final = 3
_REPLY: Final = 400  # characters

OTHER_WORDS: Final = 'Give another prompt, such as "make a music video with a visualizer".'
_RETRY: Final = "Run the same line again to retry it."
_LATER: Final = "Run the same line again in some minutes."
_HINTS: Final[tuple[tuple[type[errors.NemoError], str], ...]] = (
    (errors.NothingToExport, OTHER_WORDS),
    (errors.SessionNotFound, _RETRY),
    (errors.JobNotFound, _RETRY),
    (errors.Conflict, _RETRY),
    (errors.EngineError, _RETRY),
    (errors.RenderFailed, _RETRY),
    (errors.MediaTooLarge, "Compress or trim it, or choose a skill with a higher limit: `%nemo skills`, and --skill."),
    (errors.RateLimited, _LATER),
    (errors.DeadlineExceeded, _LATER),
    (errors.NetworkError, "Check the connection, or work offline with --backend local."),
)


def hint_of(error: errors.NemoError) -> str:
    """What to do about an error of a film: its own hint, unless that is the general one, which is for a session."""
    if error.hint != type(error).hint:
        return error.hint
    return next((hint for kind, hint in _HINTS if isinstance(error, kind)), error.hint)


def summary(films: Sequence[Film], headline: str, *, is_running: bool, note: str = "") -> str:
    """The whole summary, in a few lines.

    Args:
        films: The rows.
        headline: See `headline`.
        is_running: Whether the batch goes on.
        note: What goes before.
    """
    lines = [note, headline, answer(films)]
    if not is_running:
        lines += _failures([film for film in films if film.state == FAILED])
        lines += [f"   → {step}" for step in [next_step(films)] if step]
    return "\n".join(line for line in lines if line)


def headline(films: Sequence[Film], folder: str, *, is_running: bool, left_s: float | None) -> str:
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
    parts += [f"about {span(left_s)} left"] if is_running and left_s else []
    return f"{' · '.join(parts)}."


def _kinds(made: Sequence[Film]) -> str:
    """Which of the films that are there are new; empty if all are."""
    kinds = Counter("unchanged" if film.was_there else "made anew" if film.is_anew else "new" for film in made)
    if kinds["new"] == len(made):
        return ""
    if kinds["unchanged"] == len(made):
        return ", unchanged"
    return ": " + ", ".join(f"{kinds[kind]} {kind}" for kind in ("new", "unchanged", "made anew") if kinds[kind])


def answer(films: Sequence[Film]) -> str:
    """The reply to the prompt for the first new film: it names what was not understood."""
    film = next((film for film in films if film.reply and not film.was_there), None)
    return "" if film is None else f"The answer for {short(film.source.name)}: {redact(film.reply, _REPLY)}"


def _failures(failed: Sequence[Film]) -> list[str]:
    """Why films failed: a shared reason once, and below those with the same hint that hint."""
    by_hint: dict[str, dict[str, list[Film]]] = {}
    for film in failed:
        reason = str(film) if film.source.name in film.reason else film.reason
        by_hint.setdefault(film.hint, {}).setdefault(reason, []).append(film)
    lines: list[str] = []
    for hint, reasons in by_hint.items():
        groups = list(reasons.values())
        lines += map(_group, groups[:_MOST_LINES])
        more = sum(map(len, groups[_MOST_LINES:]))
        lines += [f"… and {more} more; `.frame` has them all"] if more else []
        lines += [f"   → {one_line(hint)}"] if hint else []
    return lines


def _group(films: Sequence[Film]) -> str:
    if len(films) == 1:
        return str(films[0])
    names, more = ", ".join(short(film.source.name) for film in films[:_MOST_NAMES]), len(films) - _MOST_NAMES
    return f"{MARKS[FAILED]} {names}{f' and {more} more' if more > 0 else ''}: {one_line(films[0].reason)}"


def next_step(films: Sequence[Film]) -> str:
    """What to do when a batch has ended; empty if there is nothing to do, or a row says it."""
    failed = [film for film in films if film.state == FAILED]
    if any(not film.is_over for film in films):
        return "Run the same line again to go on where it stopped."
    if not failed or all(film.hint == OTHER_WORDS for film in failed):
        return ""
    return f"{'Then run' if any(film.hint for film in failed) else 'Run'} the same line again to retry what failed."


def span(seconds: float) -> str:
    """A time in words."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{whole // 60} min {whole % 60:02d} s" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
