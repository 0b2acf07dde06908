"""What the verb of a clause acts on: the first noun after it decides."""

from __future__ import annotations

import re

from nemo_notebook.engine.agent import vocabulary as words
from nemo_notebook.engine.agent.wording import Clause


def object_of(clause: Clause, *verbs: re.Pattern[str]) -> str:
    """The kind of noun after the first of the verbs: the name of a group of `NOUN`, or empty."""
    found = noun_after(clause, *verbs)
    return found.lastgroup or "" if found is not None else ""


def noun_after(clause: Clause, *verbs: re.Pattern[str]) -> re.Match[str] | None:
    """The first noun after the earliest of the verbs."""
    starts = [match.end() for verb in verbs if (match := verb.search(clause.text))]
    return words.NOUN.search(clause.text, min(starts)) if starts else None
