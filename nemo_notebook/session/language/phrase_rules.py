"""Looks for phrases about a web page as a text comes in, by the tables of such phrases.

From each expression a second one is made that also takes the *beginning* of a phrase: the text may end instead of each
word or character. So it is known after each word whether what is held back can still become a phrase. All gaps are
bounded: so is what is held back.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from nemo_notebook.session.language.words import read_words

_ING: Final = {"run": "running", "ask": "asking", "see": "seeing", "name": "naming"}
_WORD_ENDS: Final = r"(?:(?<![0-9A-Za-zÀ-ɏ])|(?![0-9A-Za-zÀ-ɏ-]))"
_ATOM: Final = re.compile(
    r"(\(\?[-i]*:|[()|]|[?*+]\??|\{\d+(?:,\d+)?\}\??)|\[(?:\\.|[^\]\\])*\]|\\.|[A-Za-z]+(?![?*+{])|[^\\]"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that a text begins with.

    Attributes:
        words: What is said instead.
        end: Where it ends.
        is_kept: Whether it stays as it is.
    """

    words: str
    end: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of phrase and what is said instead of it.

    Attributes:
        beginning: Fits, as a whole, a text that is such a phrase or the beginning of one.
    """

    beginning: re.Pattern[str]
    _whole: re.Pattern[str]
    _words: str

    def find(self, text: str) -> Phrase | None:
        """The phrase that a text begins with, if there is one."""
        if not (found := self._whole.match(text)):
            return None
        is_kept = self._words == "{0}"
        return Phrase(found[0] if is_kept else _said(found, self._words), found.end(), is_kept)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules whose phrases may begin with a word.

    Attributes:
        beginning: Fits, as a whole, a text that is a phrase of one of them or the beginning of one.
    """

    beginning: re.Pattern[str]
    _rules: tuple[Rule, ...]

    def find(self, text: str) -> Phrase | None:
        """The phrase that a text begins with, by the first rule that fits."""
        return next((phrase for rule in self._rules if (phrase := rule.find(text))), None)


@functools.lru_cache(maxsize=4096)
def beginning_with(word: str) -> Rules | None:
    """The rules whose phrases may begin with a word, if there are any."""
    rules = tuple(rule for rule in _rules(word[0] >= "\u2e80") if rule.beginning.fullmatch(word))
    return _together(rules) if rules else None


@functools.cache
def behind() -> Rules:
    """The rule for what may follow a phrase and belongs to it."""
    return _together((_rule(*read_words("en")["page"]["behind"]),))


@functools.cache
def _together(rules: tuple[Rule, ...]) -> Rules:
    return Rules(re.compile("|".join(rule.beginning.pattern for rule in rules), re.IGNORECASE), rules)


@functools.cache
def _rules(is_chinese: bool) -> tuple[Rule, ...]:
    return tuple(_rule(*rule) for rule in read_words("zh" if is_chinese else "en")["page"]["rules"])


@functools.cache
def _parts() -> dict[str, str]:
    return {**read_words("en")["page"]["parts"], **read_words("zh")["page"]["parts"]}


def _rule(source: str, words: str) -> Rule:
    while (expanded := re.sub(r"<(\w+)>", lambda part: f"(?:{_parts()[part[1]]})", source)) != source:
        source = expanded
    whole = _ATOM.sub(lambda atom: "[ \xa0]" if atom[0] == " " else atom[0], source)
    beginning = _ATOM.sub(_as_far_as_it_goes, source).replace("(?: |", "(?:[ \xa0]|")
    return Rule(re.compile(beginning, re.IGNORECASE), re.compile(whole + _WORD_ENDS, re.IGNORECASE), words)


def _as_far_as_it_goes(atom: re.Match[str]) -> str:
    if atom[1]:
        return "(?:" if atom[1] == "(" else atom[1]
    return rf"(?:{atom[0]}|\Z)"


def _said(phrase: re.Match[str], words: str) -> str:
    """The words for a phrase, with its parts put in, in the form of its verb and as large as it begins."""

    def filled(place: re.Match[str]) -> str:
        return phrase[int(place[1])] or place[2] or ""

    said = re.sub(r"\{(\d)(?:\|([^}]*))?\}", filled, words)
    verb, space, rest = said.partition(" ")
    if verb in _ING and phrase[0].split()[0].lower().endswith("ing"):
        said = _ING[verb] + space + rest
    return said[:1].upper() + said[1:] if phrase[0][:1].isupper() else said
