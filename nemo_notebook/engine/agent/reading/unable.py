"""Wishes that cannot be met, each with what can be had instead."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Final

from nemo_notebook.engine.agent.words.vocabulary import words as any_of
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.model import Language
from nemo_notebook.film.phrasing import say

_ADDS_THING: Final = re.compile(
    r"^\W*(?:please |can you |could you )*(?:add|insert|put in|include|draw|give me)\s+(?:an?|some|more|two"
    r"|three|\d)\s+(?P<thing>[a-z][a-z '-]{2,40})"
    r"|^\W*(?:请|帮我)?(?:加|添加|放|来)(?:一?[只个条头位匹辆些])(?P<zh>[\u4e00-\u9fff]{1,8})"
)


@cache
def _refusals() -> tuple[tuple[re.Pattern[str], tuple[str, str]], ...]:
    """Patterns of wishes, each with what to say in English and in Chinese."""
    text = resources.files(__package__).joinpath("unable.toml").read_text(encoding="utf-8")
    return tuple((any_of(*each["patterns"]), (each["en"], each["zh"])) for each in tomllib.loads(text)["refusal"])


def unable_told(clause: Clause, language: Language) -> str | None:
    """What to say to a wish that cannot be met, or None."""
    told = next((told for pattern, told in _refusals() if clause.has(pattern)), None)
    return say(language, *told) if told is not None else None


def invention_told(clause: Clause, language: Language) -> str | None:
    """What to say to `add a dancing cat`: a thing that is nowhere among the words of the trade."""
    return say(language, *_refusals()[-1][1]) if clause.has(_ADDS_THING) and not clause.quotes else None
