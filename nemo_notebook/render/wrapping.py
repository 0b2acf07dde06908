"""Breaking a title into lines of about the same length."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

Measure = Callable[[str], float]

# Characters that Chinese and Japanese may break between; the punctuation stays with what it belongs to.
_WIDE: Final = r"[\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_CLOSING: Final = r"[、。，．！？：；）」』】》〉”’…—～ー々!?,.:;)\]}]"
_OPENING: Final = r"[（「『【《〈“‘(\[{]"
_WORD: Final = re.compile(rf"\s+|{_OPENING}*{_WIDE}{_CLOSING}*|(?:(?!{_WIDE})\S)+")


def wrapped(text: str, measure: Measure, width: float, break_words: bool) -> list[str] | None:
    """Breaks a text into as few lines as fit.

    Args:
        text: The text; its own line breaks stay.
        measure: Width of a line of text.
        width: Room for a line.
        break_words: Whether words wider than a line may be broken.

    Returns:
        The lines, or None if a word is wider than a line and may not be broken.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        words = _words(paragraph, measure, width, break_words)
        if words is None:
            return None
        lines += _filled(words, measure, width)
    return lines


def balanced(text: str, measure: Measure, width: float, break_words: bool) -> list[str]:
    """The same number of lines as `wrapped`, each paragraph's as even as they can be; none if it does not fit."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _evened(_words(paragraph, measure, width, break_words) or [], measure, width)
    return lines


def _words(paragraph: str, measure: Measure, width: float, break_words: bool) -> list[str] | None:
    words: list[str] = []
    for word in _WORD.findall(paragraph.strip()):
        if word.isspace():
            words.append(" ")
        elif measure(word) <= width:
            words.append(word)
        elif break_words:
            words += _pieces(word, measure, width)
        else:
            return None
    return words


def _pieces(word: str, measure: Measure, width: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and measure(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _evened(words: Sequence[str], measure: Measure, width: float) -> list[str]:
    lines = _filled(words, measure, width)
    if len(lines) < 2:
        return lines
    low, high = max(measure(word) for word in words), width
    for _ in range(8):  # narrower until a line more would be needed
        middle = (low + high) / 2
        narrower = _filled(words, measure, middle)
        if len(narrower) > len(lines):
            low = middle
        else:
            high, lines = middle, narrower
    return lines


def _filled(words: Sequence[str], measure: Measure, width: float) -> list[str]:
    lines = [""]
    for word in words:
        if lines[-1].strip() and measure((lines[-1] + word).rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines if line.strip()]
