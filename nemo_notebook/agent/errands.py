"""What a text asks of the notebook instead of the editor: an export, the credits, the timeline."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import Any, Final

from nemo_notebook.agent.lexicon import Lexicon, units_of

_LONGEST: Final = 80  # words of a text that is nothing but an errand


def errand_of(text: str) -> str:
    """What a text in lower case asks for, if all of it does: `export`, `credits` or `status`; else nothing.

    The words and what they may ask for stand in `errands.toml`.
    """
    words, errands = _known()
    units = units_of(text)
    if len(units) > _LONGEST:
        return ""
    for errand in errands:
        needs, known = set(errand["needs"].split()), {*errand["needs"].split(), *errand["takes"].split()}
        met_at = defaultdict(set, {0: {frozenset[str]()}})  # by the place up to which all words belong to it
        for at in range(len(units)):
            for length, concepts in words.matches(units, at) if met_at[at] else ():
                if said := known & concepts.keys():
                    met_at[at + length] |= {met | (said & needs) for met in met_at[at]}
        if needs in met_at[len(units)]:
            return str(errand["action"])
    return ""


@cache
def _known() -> tuple[Lexicon, list[dict[str, Any]]]:
    file = tomllib.loads(resources.files(__package__).joinpath("errands.toml").read_text(encoding="utf-8"))
    words = Lexicon()
    for concept, said in file["words"].items():
        for each in said.split("|"):
            words.add(concept, each.strip())
    return words, file["errand"]
