"""Clauses that go on about a title without the word: `make it red`, `at the bottom`, `show it longer`."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.rewording import HAN, MOVE, OTHERS
from nemo_notebook.engine.agent.reading.title_times import time_in
from nemo_notebook.engine.agent.reading.title_words import read_look
from nemo_notebook.engine.agent.reading.unquoted import is_only_look
from nemo_notebook.engine.agent.wishes import Look
from nemo_notebook.engine.agent.words import look_words
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.parting import BARE_FADE, FADES_OF_FILM
from nemo_notebook.engine.agent.words.values import TIME, read_when
from nemo_notebook.engine.agent.words.wording import Clause, is_short
from nemo_notebook.film.fields import Position
from nemo_notebook.film.target import newness

_LENGTH_OF_FILM_MS: Final = 10_000  # `make it 20 seconds` after a title was added is hardly meant of that
_LONGER_MS, _SHORTER_MS = 2_000, -1_000
IT: Final = re.compile(r"\b(?:it|that|this|them)\b|它")
_LONG: Final = re.compile(r"\blong\b|总长|秒长|长度|时长")
_NO_MORE: Final = re.compile(r"^\W*(?:还是)?(?:不要了?|不用了?|去掉吧?|删了吧?|删掉吧?|remove|delete)\W*$")
_TIMED: Final = re.compile(r"\b(?:for|at|from|until)\b|[在从到第]")
SHIFT: Final = re.compile(
    rf"(?:\bby\s+)?({TIME})\s*(?:later|earlier|sooner|longer|shorter)"
    rf"|\b(?:delay|postpone|shorten|extend|lengthen|prolong|cut|advance)\w*\b[^,]*?\bby\s+({TIME})"
    rf"|\bdelay\w*\b[^,]*?({TIME})"
    rf"|(?:推迟|延后|晚|往后移?|提前|早|往前移?|延长|缩短|多显示|少显示)\s*({TIME})"
    rf"|({TIME})\s*(?:之?后再?(?=出现|显示))"
)
_ON_SCREEN: Final = re.compile(
    r"\b(?:show|keep|leave|display|stay|hold)\w*\b.{0,30}\b(?:longer|shorter)\b|\bon (?:the )?screen\b"
    r"|显示|停留|停|出现|(?:久|长)一?[点些](?=\W*$)"
)
_ABOVE: Final[dict[str, Position]] = {  # else the top
    "bottom": "center",
    "lower-third": "center",
    "bottom-left": "left",
    "left": "top-left",
    "top-left": "top-left",
    "bottom-right": "right",
    "right": "top-right",
    "top-right": "top-right",
}
_BELOW: Final[dict[str, Position]] = {  # else the bottom
    "top": "center",
    "top-left": "left",
    "left": "bottom-left",
    "bottom-left": "bottom-left",
    "top-right": "right",
    "right": "bottom-right",
    "bottom-right": "bottom-right",
}
_UP: Final = re.compile(r"\b(?:higher|up(?!\w))\b|往上|上移|高一?[点些]|向上")
_DOWN: Final = re.compile(r"\b(?:lower(?! third)|down)\b|往下|下移|低一?[点些]|向下")
_LONGER: Final = re.compile(
    r"\blonger\b|\btoo (?:short|briefly?|quick)\b|久|长一?[点些]|太短|延长|多(?:停|显示|留)一会儿?"
)
_SHORTER: Final = re.compile(r"\bshorter\b|\btoo long\b|短一?[点些]|太[长久]|缩短")


def lasts_by_ms(clause: Clause, *, about_title: bool) -> int:
    """By how much longer a title is to be seen where no number is said; below 0 for shorter, 0 where nothing is."""
    if re.search(TIME, clause.text) or not (about_title or clause.has(_ON_SCREEN)):
        return 0
    return _LONGER_MS if clause.has(_LONGER) else _SHORTER_MS if clause.has(_SHORTER) else 0


def place_after(clause: Clause, context: Context) -> Position | None:
    """Where the newest title stands after `a bit higher`; None where a clause does not say so."""
    titles = context.film.segments("title")
    up, down = clause.has(_UP), clause.has(_DOWN)
    if not titles or up == down:
        return None
    now = str(max(titles, key=newness).meta.get("position"))
    return (_ABOVE if up else _BELOW).get(now, "top" if up else "bottom")


def goes_on_about_title(clause: Clause, context: Context) -> bool:
    """Whether a clause without the word goes on about a title."""
    looks = (pattern for _, pattern in look_words.FILTERS)
    others = any(clause.has(pattern) for pattern in (OTHERS, FADES_OF_FILM, words.VOLUME, words.VISUAL, *looks))
    if not context.has_titles or others or (context.edits and clause.has(BARE_FADE)):
        return False
    if context.topic != "title":
        return _is_look_of_titles(clause)
    if (clause.has(words.REMOVE, IT) or clause.has(_NO_MORE)) and not read_when(clause.text).is_given:
        return True
    look, when = read_look(clause.text), time_in(clause.text)
    if place_after(clause, context) is not None and (is_short(clause) or clause.has(IT)):
        return True
    if lasts_by_ms(clause, about_title=False):
        return True
    if when.length_ms and not when.anchor and (when.length_ms >= _LENGTH_OF_FILM_MS or clause.has(_LONG)):
        return look.is_given
    if look.is_given:
        return is_only_look(IT.sub(" ", MOVE.sub(" ", clause.text))) or look != Look(color=look.color)
    if when.is_given and clause.has(_TIMED) and is_only_look(clause.text):
        return True
    return clause.has(SHIFT) or (
        when.is_given and clause.has(MOVE) and (clause.has(IT) or HAN.search(clause.text) is not None)
    )


def _is_look_of_titles(clause: Clause) -> bool:
    """Whether a clause says only how something looks, and only titles can look so: `typewriter, at the top`."""
    look = read_look(clause.text)
    of_titles = look.position is not None or look.animate_in == "type" or look.style in ("box", "outline")
    return of_titles and is_only_look(IT.sub(" ", MOVE.sub(" ", clause.text)))
