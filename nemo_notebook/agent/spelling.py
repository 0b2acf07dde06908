"""Titles with a word of them written otherwise: "it is Parabéns, with an accent"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from nemo_notebook.agent.match import Match
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.target import Target, of_kind

_ALIKE: Final = 0.7  # of the letters of a title, from which on it is written anew
_ALIKE_SHORTER: Final = 0.85  # where it has fewer words
_SHORTEST_ALIKE: Final = 3  # letters of it
_SHORTEST_WORD: Final = 2
_WORD: Final = re.compile(r"[^\W_]+|[$€£¥]\d+")
_NUMERAL: Final = re.compile(r"\d+|[零一二两三四五六七八九十百千万]+")
_MARKS: Final = ("spelled", "actually", "no", "wrong", "not", "is_now")
_SPELLED: Final = ("file", "ordinary", "number", "song", "speech", "text")


def respelled(match: Match, edits: Sequence[Edit]) -> Edit | None:
    """A title with a word of it as a message writes it: "it is Parabéns, with an accent"."""
    titles = of_kind(match.film, "title")
    if not match.has(*_MARKS) or not any(hasattr(edit, "text") for edit in edits) or not titles:
        return None
    title = next((t for t in titles if t.get("id") in match.situation.touched), titles[-1])
    said = match.said()
    if (text := _alike(said, title.text)) is not None:
        return SetTitle(target=Target(id=str(title["id"])), text=text)
    numbers, said_numbers = _NUMERAL.findall(title.text), _NUMERAL.findall(said)
    is_like = len(numbers) == len(said_numbers) == 1 and (
        len(numbers[0]) == len(said_numbers[0]) or match.has("spelled")
    )
    if is_like and numbers != said_numbers:
        return SetTitle(target=Target(id=str(title["id"])), text=title.text.replace(numbers[0], said_numbers[0]))
    text = _with_word(match, title.text)
    return None if text is None else SetTitle(target=Target(id=str(title["id"])), text=text)


def _with_word(match: Match, text: str) -> str | None:
    """A text with one of its words as a message writes it; None where it writes none of them otherwise."""
    words, is_told = _WORD.findall(text), match.has("spelled")
    named = {word for word in words if any(token.text == word.lower() for token in match.tokens)}
    for token in match.tokens:
        if not token.text.isalnum() or token.is_a("spelled") or (token.concepts and not token.is_a(*_SPELLED)):
            continue
        raw = match.raw(token).strip()
        for word in words:
            far = _distance(token.text, word.lower())
            is_near = 0 < far <= max(1, len(word) // 4) or (is_told and (raw != word if far == 0 else named == {word}))
            if len(word) > _SHORTEST_WORD and is_near:
                return text.replace(word, raw.capitalize() if word[:1].isupper() else raw)
    return None


def reworded(match: Match) -> Edit | None:
    """A word of a title that is said to be written otherwise, where both are said: "Sumer should be Summer"."""
    if not match.has("change", "replace", "spelled", "wrong", "not", "is_now", "title", "typo") or match.has("add"):
        return None
    said = [word.strip("'-") for word in re.findall(r"[A-Za-z\u00c0-\u024f][\w'’-]*", match.said(), re.ASCII)]
    for title in of_kind(match.film, "title"):
        own = re.findall(r"[^\W\d_]+", title.text)
        for word in (each for each in own if len(each) > _SHORTEST_ALIKE and each in said):
            near = [
                each
                for each in said
                if each not in own and 0 < _distance(each.lower(), word.lower()) <= max(1, len(word) // 4)
            ]
            if near:
                return SetTitle(target=Target(id=str(title["id"])), find=word, replace=near[0])
    return None


def _alike(said: str, text: str) -> str | None:
    """The words of a message that are a text written otherwise; None where there are none."""
    is_spaced = " " in text or text.isascii()
    units = said.split() if is_spaced else list(said)
    size = len(text.split()) if is_spaced else len(text)
    best, found = _ALIKE, None
    for length in range(max(1, size - 1), size + 3):
        for at in range(len(units) - length + 1):
            part = (" " if is_spaced else "").join(units[at : at + length]).strip(" .,!?，。！？")
            ratio = SequenceMatcher(None, part.lower(), text.lower(), autojunk=False).ratio()
            least = best if length >= size else max(best, _ALIKE_SHORTER)
            if part != text and ratio > least and len(text) > _SHORTEST_ALIKE:
                best, found = ratio, part
    return found


def _distance(one: str, other: str) -> int:
    """How many letters have to be changed, added or left out to make one word of another (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, row[0] = row[0], at
        for place, wanted in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != wanted))
    return row[-1]
