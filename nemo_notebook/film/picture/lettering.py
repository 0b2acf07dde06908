"""How wide words are, in a terminal and in a picture, and how they are cut to fit."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW: Final = frozenset("iljI|!.,:;'`()[]{}/\\ ftr-")
_BROAD: Final = frozenset("mwMW@%—…")
_JOINER: Final = "\u200d"
_SKIN: Final = range(0x1F3FB, 0x1F400)


@lru_cache(maxsize=4096)
def cells(char: str) -> int:
    """Columns of a terminal that a character takes: 2 for Chinese and emoji, 0 for what joins the one before it."""
    if _is_joined(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(maxsize=4096)
def ems(char: str) -> float:
    """Width of a character in a sans-serif font, by its size; an estimate for the wider ones of such fonts."""
    wide = cells(char)
    if wide != 1:
        return 0.5 * wide + 0.1 * (wide > 0 and ord(char) >= 0x1F000)
    if char in _NARROW:
        return 0.38
    if char in _BROAD:
        return 0.95
    return 0.7 if char.isupper() else 0.62


def width(text: str, measure: Callable[[str], float] = cells) -> float:
    """Width of a text, in the unit of its measure."""
    return sum(map(measure, text))


def fit(text: str, most: float, measure: Callable[[str], float] = cells) -> str:
    """A text on one line, cut where it is wider than `most`; empty where not even a character fits."""
    so_far, kept, mark = 0.0, 0, measure("…")
    for at, char in enumerate(text):
        so_far += measure(char)
        if so_far <= most - mark:
            kept = at + 1
        if so_far > most:
            while kept and (_is_joined(text[kept]) or text[kept - 1] == _JOINER):
                kept -= 1  # not within what is seen as one character
            return f"{text[:kept].rstrip()}…" if kept else ""
    return text


def escape(text: str) -> str:
    """A text within XML, also within quotes; without what no XML may hold."""
    return html.escape(_NO_XML.sub("", text))


def _is_joined(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me", "Cf"} or ord(char) in _SKIN
