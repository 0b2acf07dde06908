"""A remark on a shot, and a wish for `it`: `clip2 is too dark, make it brighter`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.shot_words import mentions
from nemo_notebook.engine.agent.words.objects import said
from nemo_notebook.engine.agent.words.vocabulary import NOUN
from nemo_notebook.engine.agent.words.wording import Clause

_BEFORE: Final = re.compile(r"\W*(?:(?:but|and|also|so|i (?:think|feel(?: like)?|find))\W+)*(?:the )?")
_REMARK: Final = re.compile(
    r"\s*(?:is|are|looks?|seems?|feels?|sounds?|lasts|runs|goes on|drags|was|were)\b"
    r"|\s*(?:的?(?:画面|颜色|声音))?(?:有点|实在|还是)*(?:[太过很]|有点|不(?!要|用|需))"
)
_IT: Final = re.compile(r"\b(?:it|that|this|them)\b|它")
_UNCHANGED: Final = re.compile(  # `clip1 in sepia, clip2 stays as it is`
    r"\s*(?:,|\b(?:and|but|while)\b)\s*(?:keep |leave |the |let )*[\w ]{1,16}\b(?:stays?|remains?|as|keeps?) "
    r"(?:the same|it is|they are|unchanged|normal|(?:as )?(?:it|they) (?:is|are|was|were))\W*$"
    r"|\s*[,、]\s*[^,、]{1,12}(?:保持|都|就)?不[变动]\W*$"
)
_ALL_UNCHANGED: Final = re.compile(
    r"\W*(?:please |but |and )?(?:keep|leave) [\w ]{1,24}? (?:the same|unchanged|alone"
    r"|(?:as )?(?:it|they) (?:is|are|was|were))\W*|\W*[^,、]{1,12}(?:保持|都|就)不变\W*"
)
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def with_shots_named(clauses: tuple[Clause, ...], context: Context) -> tuple[Clause, ...]:
    """The clauses without remarks on a shot, which is named in place of `it` in the wish that follows."""
    found: list[Clause] = []
    name = ""
    clauses = tuple(_without_unchanged(clause) for clause in clauses)
    if len(clauses) > 1:
        changing = tuple(clause for clause in clauses if clause.quotes or not _ALL_UNCHANGED.fullmatch(clause.text))
        clauses = changing or clauses
    for number, clause in enumerate(clauses):
        follows = clauses[number + 1] if number + 1 < len(clauses) else None
        remarked = _remarked(clause, context)
        if remarked and follows is not None and _takes(follows, context):
            name = remarked
            continue
        found.append(_naming(clause, name) if name else clause)
        name = ""
    return tuple(found)


def _without_unchanged(clause: Clause) -> Clause:
    left = clause.text if clause.quotes else _UNCHANGED.sub("", clause.text)
    return clause if left == clause.text or not left.strip() else replace(clause, text=left, raw=left)


def _remarked(clause: Clause, context: Context) -> str:
    """The words for the shot that a clause only says something of, or none."""
    text = said(clause)
    named = [mention for mention in mentions(text, context) if not mention.is_loose]
    if len(named) != 1 or clause.quotes or not _BEFORE.fullmatch(text[: named[0].start]):
        return ""
    return text[named[0].start : named[0].end] if _REMARK.match(text[named[0].end :]) else ""


def _takes(clause: Clause, context: Context) -> bool:
    """Whether a clause leaves open what it is about."""
    if clause.quotes or any(not mention.is_loose for mention in mentions(said(clause), context)):
        return False
    if _IT.search(clause.text):
        return True
    return _HAN.search(clause.text) is not None and NOUN.search(clause.text) is None


def _naming(clause: Clause, name: str) -> Clause:
    text = _IT.sub(name, clause.text, count=1) if _IT.search(clause.text) else f"把{name}{clause.text}"
    return replace(clause, text=text, raw=text)
