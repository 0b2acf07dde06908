"""The agent's own sentences, from the tables `[replies]` of the languages: files that begin with `en` are English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from nemo_notebook.film.telling import Told


def reply(name: str, /, **values: object) -> Told:
    """A sentence of the agent's, in no language yet."""
    return Told({language: table[name] for language, table in _tables().items() if name in table}, **values)


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for file in resources.files(__package__).joinpath("languages").iterdir():
        if file.name.endswith(".toml"):
            language = file.name.removesuffix(".toml").partition("_")[0]
            table = tomllib.loads(file.read_text(encoding="utf-8")).get("replies", {})
            found.setdefault(language, {}).update(table)
    return found
