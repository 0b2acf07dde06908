"""Which films of an order take the place of others that batches have made, and why: told before they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nemo_notebook.batches.ledger import Entry

_ASKED: Final = "what is asked for is another"
_FILE: Final = "the file is another"
_EITHER: Final = "what is asked for, or the file, is another"


def words_of(entries: Sequence[Entry], known: Mapping[tuple[str, str], Entry]) -> str:
    """How many films are made anew and why, as a sentence; nothing where none is.

    Args:
        entries: How each file stands.
        known: What was known before, by the place of the file and the film's ending.
    """
    anew = [entry for entry in entries if entry.is_anew]
    if not anew:
        return ""
    reasons = {_reason(entry, known.get((entry.place, entry.ending))) for entry in anew}
    films = "film" if len(entries) == 1 else "films"
    are = "is" if len(anew) == 1 else "are"
    return f"{len(anew)} of {len(entries)} {films} {are} made anew: {reasons.pop() if len(reasons) == 1 else _EITHER}."


def _reason(entry: Entry, old: Entry | None) -> str:
    if old is None or old.key != old.film_key:  # it was tried since, and what it held then is not known any more
        return _EITHER
    return _ASKED if old.sha256 == entry.sha256 else _FILE
