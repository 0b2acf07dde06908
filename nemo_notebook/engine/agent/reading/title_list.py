"""The titles that a clause lists, each with the time and the look that stand next to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.title_times import MARKS, following, middled, pieces_of, times_of
from nemo_notebook.engine.agent.reading.title_words import read_look
from nemo_notebook.engine.agent.wishes import CAPTION_LOOK, LOWER_THIRD_LOOK, USUAL_LOOK, AddTitle, Look
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, with_digits
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.target import newness

ADDS: Final = re.compile(r"\b(?:add|another|insert|write|include|create|give)\b|加(?!粗|大)|再来|写上|打上|插入")
MANY: Final = re.compile(r"\b(?:titles|captions|texts|both|all|every|each)\b|所有|全部|每个|字幕|都")
_AFTER_IT: Final = re.compile(
    r"\b(?:right |directly |just |straight |immediately )?(?:after|behind) (?:it|that|this"
    r"|the (?:first|last|other|previous)(?: one)?)"
    r"(?! \w*(?:second|shot|clip))\b|紧接着|接在(?:它)?后面|接着"
)
_EACH: Final = re.compile(
    rf"(?:\beach\b|\bevery one\b|\ball\b|各|每个|每条)\s*(?:for|lasting|shown for|显示|持续)?\s*({TIME})"
    rf"|({TIME})\s*each\b"
)


def titles_in(clause: Clause, context: Context) -> list[AddTitle]:
    """The titles that a clause lists, each with the time and the look that stand next to it."""
    text = with_digits(clause.text)
    each = _EACH.search(text) if len(clause.quotes) > 1 else None
    pieces = middled(pieces_of(text[: each.start()] + text[each.end() :] if each else text))
    each_ms = milliseconds(each[1] or each[2]) if each else None
    whens = times_of(pieces, each_ms, together=words.CAPTION.search(text) is not None)
    common = _shared_look(pieces)
    usual = usual_over(clause, USUAL_LOOK)
    before = context.last(AddTitle)
    if before is not None and before.look.position is None and read_look(pieces[0]).position is None:
        whens[0] = following(before.when, whens[0])
    shown = context.film.segments("title")
    if before is None and shown and clause.has(_AFTER_IT) and whens[0].start_ms is None:
        whens[0] = replace(whens[0], anchor=None, start_ms=max(shown, key=newness).end_ms)
    if before is not None and not clause.has(words.TITLE) and not clause.has(ADDS):
        usual = replace(before.look, color=None)  # captions: "one" at 1s; "two" at 3s
    titles = []
    for words_of_it, piece, when in zip(clause.quotes, pieces, whens, strict=False):
        own = usual
        if usual == CAPTION_LOOK and clause.has(words.CAPTION) and not MANY.search(text):
            other = words.TITLE.search(piece) and not words.CAPTION.search(piece)
            own = USUAL_LOOK if other else usual
        titles.append(AddTitle(words_of_it, when, read_look(MARKS.sub(" ", piece)).over(common).over(own)))
    return titles


def _shared_look(pieces: Sequence[str]) -> Look:
    """What is said before the first of several titles is meant for all."""
    if len(pieces) < 2:
        return USUAL_LOOK
    found = MARKS.search(pieces[0])
    return read_look(pieces[0][: found.start()] if found else "")


def usual_over(clause: Clause, look: Look) -> Look:
    """A look with what captions and lower thirds usually have where it says nothing."""
    if clause.has(words.LOWER_THIRD):
        return look.over(LOWER_THIRD_LOOK)
    return look.over(CAPTION_LOOK) if clause.has(words.CAPTION) else look
