"""The agent's own sentences, from the tables `[replies]` of the languages: files that begin with `en` are English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from nemo_notebook.agent.lexicon import language_files
from nemo_notebook.film.telling import Told


def reply(name: str, /, **values: object) -> Told:
    """A sentence of the agent's, in no language yet."""
    return Told({language: table[name] for language, table in _tables().items() if name in table}, **values)


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, tables in language_files().items():
        found.setdefault(name.partition("_")[0], {}).update(tables.get("replies", {}))
    return found
