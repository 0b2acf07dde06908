"""What a clause says, and what its verb acts on: the first noun after it decides."""

from __future__ import annotations

import re

from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import with_digits
from nemo_notebook.engine.agent.words.wording import SEAM, Clause


def said(clause: Clause) -> str:
    """The words of a clause with their numbers as digits, Han and Latin letters side by side."""
    return with_digits(clause.text.replace(SEAM, ""))


def object_of(clause: Clause, *verbs: re.Pattern[str]) -> str:
    """The kind of noun after the first of the verbs: the name of a group of `NOUN`, or empty."""
    found = noun_after(clause, *verbs)
    return found.lastgroup or "" if found is not None else ""


def noun_after(clause: Clause, *verbs: re.Pattern[str]) -> re.Match[str] | None:
    """The first noun after the earliest of the verbs."""
    starts = [match.end() for verb in verbs if (match := verb.search(clause.text))]
    return words.NOUN.search(clause.text, min(starts)) if starts else None
