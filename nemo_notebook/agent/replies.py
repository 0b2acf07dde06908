"""The agent's own sentences, from the tables `[replies]` of the languages: files that begin with `en` are English."""

from __future__ import annotations

from nemo_notebook.agent.lexicon import language_files
from nemo_notebook.film.telling import Told


def reply(name: str, /, **values: object) -> Told:
    """A sentence of the agent's, in no language yet."""
    tables = ((file.partition("_")[0], each.get("replies", {})) for file, each in language_files().items())
    return Told({language: table[name] for language, table in tables if name in table}, **values)
