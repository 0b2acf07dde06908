"""How a batch stands, in words: how many films there are and where, what failed and why, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from nemo_notebook.batches.hints import OTHER_WORDS
from nemo_notebook.batches.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.batches.rows import MARKS, Film, one_line, short
from nemo_notebook.files import size_words
from nemo_notebook.outside import redact

_MOST_TOLD: Final = 12
_MOST_NAMES: Final = 3
_ANSWER: Final = 400  # characters


def summary(films: Sequence[Film], folder: str, *, is_running: bool, left_s: float | None, note: str = "") -> str:
    """All there is to say of it, in a few lines.

    Args:
        films: The rows.
        folder: Where the films are, as people here write it.
        is_running: Whether it goes on.
        left_s: Seconds until its end, where that can be told.
        note: What is said before.
    """
    lines = [note, standing(films, folder, is_running=is_running, left_s=left_s), answer(films)]
    lines = [line for line in lines if line]
    if not is_running:
        lines += _reasons([film for film in films if film.state == FAILED])
        lines += [f"   → {step}" for step in [next_step(films)] if step]
    return "\n".join(lines)


def standing(films: Sequence[Film], folder: str, *, is_running: bool, left_s: float | None) -> str:
    """How many films there are, and how it stands with the others; one line."""
    count = Counter(film.state for film in films)
    is_one = len(films) == 1 or count[DONE] == 1
    place = "this folder" if folder == "." else one_line(folder)
    first = f"{count[DONE]} of {many(len(films), 'film')} {'is' if is_one else 'are'} in {place}"
    if size := sum(film.size_bytes for film in films if film.state == DONE):
        first += f" ({size_words(size)})"
    parts = [first + _kinds([film for film in films if film.state == DONE])]
    if count[FAILED]:
        parts.append(f"{count[FAILED]} failed")
    if is_running:
        parts += [
            f"{count[state]} {word}" for state, word in ((RUNNING, "being made"), (WAITING, "waiting")) if count[state]
        ]
        parts += [f"about {span(left_s)} left"] if left_s else []
    elif count[WAITING] + count[RUNNING]:
        parts.append(f"{count[WAITING] + count[RUNNING]} not made yet")
    return f"{' · '.join(parts)}."


def answer(films: Sequence[Film]) -> str:
    """What the prompt came to with the first film that was made now, which tells of what came to nothing."""
    film = next((film for film in films if film.reply and not film.was_there), None)
    return "" if film is None else f"The answer for {short(film.source.name)}: {redact(film.reply, _ANSWER)}"


def _kinds(made: Sequence[Film]) -> str:
    """Which of the films that are there are new; nothing where all are."""
    there, anew = sum(film.was_there for film in made), sum(film.is_anew for film in made)
    was = "as it was" if there == 1 else "as they were"
    if not there + anew:
        return ""
    if there == len(made):
        return f", {was}"
    kinds = ((len(made) - there - anew, "new"), (there, was), (anew, "made anew"))
    return f": {', '.join(f'{count} {words}' for count, words in kinds if count)}"


def _reasons(failed: Sequence[Film]) -> list[str]:
    """Why each failed, what several share said once, and below those that need the same what that is."""
    alike: dict[str, dict[str, list[Film]]] = {}
    for film in failed:
        alike.setdefault(film.hint, {}).setdefault(str(film) if _is_named(film) else film.reason, []).append(film)
    lines: list[str] = []
    for hint, reasons in alike.items():
        told = [_shared(films) for films in reasons.values()]
        lines += told[:_MOST_TOLD]
        more = sum(len(films) for films in list(reasons.values())[_MOST_TOLD:])
        lines += [f"… and {more} more; `.frame` has them all"] if more else []
        lines += [f"   → {one_line(hint)}"] if hint else []
    return lines


def _is_named(film: Film) -> bool:
    return film.source.name in film.reason


def _shared(films: Sequence[Film]) -> str:
    if len(films) == 1:
        return str(films[0])
    names = ", ".join(short(film.source.name) for film in films[:_MOST_NAMES])
    more = len(films) - _MOST_NAMES
    return f"{MARKS[FAILED]} {names}{f' and {more} more' if more > 0 else ''}: {one_line(films[0].reason)}"


def next_step(films: Sequence[Film]) -> str:
    """What to do when a batch is over; nothing where all is done, or a row says it."""
    failed = [film for film in films if film.state == FAILED]
    if any(not film.is_over for film in films):
        return "The same line again goes on where it stopped."
    if not failed or all(film.hint == OTHER_WORDS for film in failed):
        return ""
    head = "Then the same line again" if any(film.hint for film in failed) else "The same line again"
    others = len(films) - len(failed)
    if not others:
        return f"{head} tries {'it' if len(failed) == 1 else 'them all'} once more."
    tries = "the one that failed" if len(failed) == 1 else "those that failed"
    leaves = "the other as it is" if others == 1 else "the others as they are"
    return f"{head} tries {tries}, and leaves {leaves}."


def many(count: int, what: str) -> str:
    """A number of things."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def span(seconds: float | None) -> str:
    """A time as people say it."""
    whole = max(1, round(seconds or 0))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{whole // 60} min {whole % 60:02d} s" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
