"""The sentences beside this file: loaded by kind, with words in place of placeholders, and as tokens of the reader."""

from __future__ import annotations

import itertools
import random
import re
import tomllib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import material

from nemo_notebook.agent.classifiers import with_texts
from nemo_notebook.agent.clauses import atoms_of
from nemo_notebook.agent.lexicon import Message
from nemo_notebook.agent.reading import negated, tokens_in
from nemo_notebook.agent.tokenizer import Token
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import Situation

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")
_HELD = 10  # a sentence of so many is held out
_ODDS_OF_OPTIONAL = 0.5  # of `<symbol?>` in a grammar


class Sentence(NamedTuple):
    """A sentence with placeholders, and the kind of wish that it is."""

    language: str
    kind: str
    text: str

    @property
    def is_held_out(self) -> bool:
        return zlib.crc32(self.text.encode()) % _HELD == 0

    @property
    def random(self) -> random.Random:
        """A generator of its own, so that its placeholders are filled the same way each time."""
        return random.Random(self.text)


class Film(NamedTuple):
    """Uploads, and how people call them."""

    language: str
    situation: Situation
    names: Mapping[str, Sequence[str]]


@cache
def sentences() -> list[Sentence]:
    """All sentences, in the order of the files."""
    return [
        Sentence(language, f"{path.stem}.{kind}", line)
        for language in LANGUAGES
        for path in sorted((FOLDER / language).glob("*.toml"))
        for kind, lines in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for line in lines.strip().splitlines()
    ]


@cache
def films() -> Mapping[str, Film]:
    """The films that the sentences may be about, by the name of their uploads."""
    tables = tomllib.loads((FOLDER / "films.toml").read_text(encoding="utf-8"))
    return {name: Film(names.pop("language"), _situation(name), names) for name, names in tables.items()}


def usual_film(language: str) -> Film:
    """The first film of a language."""
    return next(film for film in films().values() if film.language == language)


def _situation(name: str) -> Situation:
    """A film with everything that a wish may be about: titles, music, a visualizer and a voice."""
    media, draft = material.MATERIAL[name], material.begun(name, "titled")
    edits: list[dict[str, object]] = [{"edit": "set_visualizer", "style": "bars"}]
    if not any(item.content == "speech" for item in media):
        media = (*media, material.speech("旁白.m4a" if name.startswith("zh") else "narration.m4a", 20))
        edits.append({"edit": "add_sound", "media": media[-1].id})
    film = apply_edits(draft, list(map(parse, edits)), Situation(draft, media, seed=7)).draft
    return Situation(film, media)


def filled(text: str, film: Film, chance: random.Random) -> str:
    """A sentence with a name of the film for each placeholder but `{text}`."""
    return re.sub(r"\{(file|song|voice|title)\}", lambda found: chance.choice(film.names[found[1]]), text)


class Grammar:
    """Titles and wishes for them by rules: `titles/<language>.toml`."""

    def __init__(self, language: str) -> None:
        rules = tomllib.loads((FOLDER / "titles" / f"{language}.toml").read_text(encoding="utf-8"))
        self._rules = {name: rule.splitlines() if isinstance(rule, str) else rule for name, rule in rules.items()}

    def expand(self, symbol: str, chance: random.Random) -> str:
        """One of the lines of a symbol, with all symbols in it expanded."""

        def chosen(found: re.Match[str]) -> str:
            name, low, high, optional = found.groups()
            if optional and chance.random() >= _ODDS_OF_OPTIONAL:
                return ""
            return self.expand(name, chance) if name else str(chance.randint(int(low), int(high)))

        line = re.sub(r"<(?:([a-z_]+)|(\d+)-(\d+))(\?)?>", chosen, chance.choice(self._rules[symbol]))
        return re.sub(" {2,}", " ", line)

    def title(self, chance: random.Random) -> str:
        """Words for a title, in the letters that people write them in."""
        words = self.expand("words", chance).strip(" ,")
        cases = (str, str, str.lower, str.capitalize, lambda each: re.sub(r"\b[a-z](?!\b)", _upper, each), str.upper)
        words = chance.choices(cases, (30, 10, 20, 15, 15, 6))[0](words) if words.isascii() else words
        return words + (self.expand("flourish", chance) if chance.random() < 0.07 else "")


def _upper(found: re.Match[str]) -> str:
    return found[0].upper()


@cache
def grammar(language: str) -> Grammar:
    """The grammar of a language."""
    return Grammar(language)


def message_of(sentence: Sentence) -> str:
    """A sentence about the usual film of its language, the same each time."""
    title = grammar(sentence.language).title(sentence.random)
    return filled(sentence.text, usual_film(sentence.language), sentence.random).replace("{text}", title)


def tokens_of(sentence: Sentence) -> list[Token]:
    """A sentence as the tokens that the classifier sees: with words for titles found, without what is not meant."""
    message, film = message_of(sentence), usual_film(sentence.language)
    text = Message(message)
    tokens = negated(with_texts(tokens_in(message, film.situation), text))
    return list(itertools.chain(*atoms_of(tokens, text)))


def by_language(items: Sequence[Sentence]) -> Iterator[tuple[str, list[int]]]:
    """The places of the sentences of each language."""
    for language in LANGUAGES:
        yield language, [at for at, item in enumerate(items) if item.language == language]
