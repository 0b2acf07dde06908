"""The answer to a question that the agent asked: the words of a title, said by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nemo_notebook.engine.agent.model import Reading
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.languages import HAN
from nemo_notebook.engine.agent.words.wording import Clause, clauses_of

_LONGEST: Final = 60  # characters of an answer; more is another wish
_ASKS_BACK: Final = re.compile(r"[?？]\s*$")
_INTRO: Final = re.compile(r"\b(?:intro|outro|opening|ending|end (?:screen|card))\b|片头|片尾|开场|结尾")
_END: Final = re.compile(r"加个?(?:片尾|结尾)")
_REQUEST: Final = re.compile(r"\W*(?:帮我|请帮|麻烦|能不能|可不可以|(?:can|could|would) you\b)", re.IGNORECASE)
_NAMELIKE: Final = re.compile(r"^\W*[A-Z][\w'’]*(?:\W+(?:[A-Z\d][\w'’]*|of|the|in|and|a|to|at|on|for|with))+\W*$")


def answered(message: str, asked: str, read: Callable[[str], Reading]) -> str:
    """A message as the answer to the question that another one left open; itself where it is a wish of its own.

    Args:
        message: What is said now.
        asked: What was said before, to which the agent asked back; or empty.
        read: What a message means by itself.
    """
    said = " ".join(message.split()).strip(" \"'“”‘’「」《》.。")
    if not asked or not said or len(said) > _LONGEST or _ASKS_BACK.search(message) or "\n" in message.strip():
        return message
    if not _lacks_words(asked) or _orders(said):
        return message
    by_itself = read(message)
    is_wish = isinstance(by_itself, tuple) or type(by_itself).__name__ == "Remark"
    if is_wish and not _NAMELIKE.fullmatch(said):
        return message
    mark = "“{}”" if HAN.search(asked) else '"{}"'
    wish = asked.rstrip(" .!。！")
    if not any(clause.has(words.TITLE) for clause in clauses_of(asked)):
        wish = _END.sub("结尾加标题", wish) if HAN.search(asked) else f"{wish}: title"
    return f"{wish} {mark.format(said)}"


def _lacks_words(asked: str) -> bool:
    """Whether a wish is for a title of which the words were not said."""
    clauses = clauses_of(asked)
    return any(_is_title(clause) for clause in clauses) and not any(clause.quotes for clause in clauses)


def _is_title(clause: Clause) -> bool:
    return clause.has(words.TITLE) or clause.has(_INTRO)


def _orders(said: str) -> bool:
    """Whether words begin as a request or with a verb of the trade, and so are a wish: `make it vertical`."""
    return _REQUEST.match(said) is not None or any(
        (found := pattern.match(clause.text.strip())) is not None and found.end() > 0
        for clause in clauses_of(said)
        for pattern in (words.MAKE, words.USE, words.ADD, words.REMOVE, words.CHANGE, words.TRIM)
    )
