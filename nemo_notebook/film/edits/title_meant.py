"""Which titles an edit means, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nemo_notebook.film.drafting import (
    Draft,
    segments_of,
    start_of,
    text_of,
)
from nemo_notebook.film.model import Language
from nemo_notebook.film.phrasing import quoted, say
from nemo_notebook.film.telling import NotPossible

LONGEST_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Which:
    """The titles that are meant.

    Attributes:
        text: Words that are in them; empty for any.
        number: From 1 in the order of time, −1 is the last; None for all that the words leave.
        newest: Whether only the one that was added last is meant.
    """

    text: str = ""
    number: int | None = None
    newest: bool = False


ALL_TITLES: Final = Which()
NEWEST: Final = Which(newest=True)


def titles_meant(film: Draft, which: Which, lang: Language) -> list[Draft]:
    """The titles that are meant, in the order of time.

    Raises:
        NotPossible: there are none like that; it names those that there are.
    """
    titles = sorted(segments_of(film, "title"), key=start_of)
    if not titles:
        raise NotPossible(say(lang, "There is no title on the timeline.", "时间线上没有标题。"))
    wanted = " ".join(which.text.lower().split())
    meant = [title for title in titles if wanted in one_line(title).lower()]
    number = which.number
    if number is not None:
        meant = [meant[number if number < 0 else number - 1]] if 0 < abs(number) <= len(meant) else []
    if which.newest and meant:
        meant = [max(meant, key=newness)]
    if not meant:
        there_en = ", ".join(quoted(one_line(title), "en") for title in titles[:4])
        there_zh = "、".join(quoted(one_line(title), "zh") for title in titles[:4])
        raise NotPossible(
            say(
                lang,
                f"There is no such title on the timeline. There {'is' if len(titles) == 1 else 'are'}: {there_en}.",
                f"时间线上没有这个标题。现有：{there_zh}。",
            )
        )
    return meant


def newness(title: Draft) -> tuple[int, int]:
    """What the newest of several titles has most of: the number in the engine's own ids, then its start."""
    tail = str(title.get("id", "")).rpartition("-")[2]
    return (int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 9 else 0, start_of(title))


def one_line(title: Draft) -> str:
    """A title's words on one line."""
    return " ".join(text_of(title).split())


def cleaned(text: str) -> str:
    """A title's words without needless space, line by line, cut to what fits."""
    return "\n".join(line for line in (" ".join(part.split()) for part in text.splitlines()) if line)[:LONGEST_TEXT]
