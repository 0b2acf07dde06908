"""What was meant by a word that is not quite right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

DASHES: Final = "-‐‑‒–—―−﹣－"
"""The hyphen, and what editors and keyboards make of two."""
ALIKE: Final = 0.55
"""How alike two words are, from 0 to 1, of which one may be the other mistyped."""
LONGEST_NAME: Final = 60
"""Characters of a word that is still looked for."""


def nearest(word: str, candidates: Sequence[str] | Mapping[str, object]) -> str | None:
    """A question after the candidate that is most like a word, if one is."""
    near = closest(word, candidates)
    return f"Did you mean {near}?" if near else None


def closest(word: str, candidates: Iterable[str], cutoff: float = ALIKE) -> str | None:
    """The candidate that is most like a word, whatever dashes and case; None where none is alike enough."""
    bare = word.lstrip(DASHES).lower()
    by_name = {candidate.lstrip("-").lower(): candidate for candidate in candidates}
    if not 1 < len(bare) <= LONGEST_NAME:
        return None
    begun = [name for name in by_name if name.startswith(bare)]
    near = begun or difflib.get_close_matches(bare, list(by_name), n=1, cutoff=cutoff)
    return by_name[near[0]] if near else None
