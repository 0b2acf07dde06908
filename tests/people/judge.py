"""What comes of a message, held against what its writer expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import facts

Outcome = Literal["right", "asked", "partly", "missed", "damage"]
GOOD: Final = ("right", "asked", "partly")


@dataclass(frozen=True)
class Verdict:
    """How a message was handled.

    Attributes:
        conversation: Its id.
        language: `en`, `zh` or `mixed`.
        kind: What kind of message it is.
        said: The message.
        reply: What was answered.
        outcome: `right`; `asked`: a question, a refusal or an answer where one is as good; `partly`: a wish of several
            is not met, and the reply names it; `missed`: nothing was changed; `damage`: something else was changed, or
            a wish was dropped without a word.
        detail: What is untrue, or was changed besides.
    """

    conversation: str
    language: str
    kind: str
    said: str
    reply: str
    outcome: Outcome
    detail: str = ""


def judge(turn: Mapping[str, Any], was: facts.Film, now: facts.Film, reply: str) -> tuple[Outcome, str]:
    """Judge a message by the film before and after it, and the reply."""
    if turn.get("wishes") or turn.get("must"):
        wishes = turn.get("wishes") or [{"must": turn["must"], "about": []}]
    else:
        wishes = []
    other = facts.changed(was, now, turn.get("changes", []))
    if other:
        return "damage", f"changed too: {', '.join(sorted(other))}"
    untrue = [[each for each in wish["must"] if not facts.holds(each, was, now, reply)] for wish in wishes]
    says, instead = turn.get("says", []), turn.get("instead", [])
    is_said = not says or any(word in reply.lower() for word in says)
    if wishes and not any(untrue) and (is_said or now == was):
        return "right", ""
    detail = "; ".join(each for wish in untrue for each in wish) or f"says none of {says}"
    if now == was:
        is_told = is_said and ("refuse" in instead or "answer" in instead)
        is_question = "ask" in instead and ("?" in reply or "？" in reply or (bool(says) and is_said))
        return ("asked", "") if is_told or is_question else ("missed", detail)
    dropped = [wish for wish, each in zip(wishes, untrue, strict=True) if each]
    is_named = all(any(word.lower() in reply.lower() for word in wish["about"]) for wish in dropped)
    if wishes and len(dropped) < len(wishes) and is_named:
        return "partly", ""
    return "damage", detail
