"""Phrases about a web page that is not there, put into words that hold in a notebook.

The agent believes that the user has its page. What describes the content stays; what describes the page is replaced.
Quoted text and titles are never touched: a title may well be "Click the Export button". Secrets are struck out.

A text is read word by word, and what is said for it depends on the words alone. So it does not matter in which pieces
they came.
"""

from __future__ import annotations

import functools
import re
from collections import deque
from dataclasses import dataclass
from typing import Final

from nemo_notebook.session.language.redaction import StruckWords
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


LONGEST_WAIT: Final = 400  # characters that are held back at most, for a phrase

_WORD_OR_SIGN: Final = re.compile(
    r"['’](?:em|til|tis|twas|cause|\d0s)(?![0-9A-Za-z])"
    r"|[0-9A-Za-zÀ-ɏ]+(?:['’-][0-9A-Za-zÀ-ɏ]+)*|`+|.",
    re.DOTALL | re.IGNORECASE,
)
_CLOSING: Final = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "«": "»", "„": "“", '"': '"', "'": "'"}
_LEFT_OF_CLOSING: Final = re.compile(r"[0-9A-Za-zÀ-ɏ)\]]\Z")  # there a straight quote is an inch or an apostrophe
_TAIL: Final = 30  # words, spaces and signs before a title that tell that it is one

_TITLE_WORDS: Final = frozenset(
    ": ： titled entitled captioned named called saying says reading reads 为 是 成 写 着 叫".split()
)
_TITLE: Final = re.compile(
    r"(?:\b(?:titled|entitled|captioned)"
    r"|\b(?:title|text|caption|subtitle|heading|card|label)s? (?:\w+ ){0,2}(?:named|called|saying|says|reading|reads)"
    r"|(?<![A-Za-z])(?:title|text|caption|subtitle|heading)s?[\"”*_)\]]{0,4} ?[:：]"
    r"|(?:标题|字幕|文字|文案|片名)[*_”」]{0,3} ?[:：]"
    r"|(?:标题|字幕|文字|文案|片名)[^，。,.\s]{0,6}(?:为|是|成|写|写着|叫)|名为|题为|写着)\Z",
    re.IGNORECASE,
)
_TITLE_LINE: Final = re.compile(
    r"\s*(?:[-*•#>]\s*|\d+[.)]\s*)*(?:title|caption|heading|标题|字幕|片名)[*_]{0,3} ?[:：]\Z", re.IGNORECASE
)
_BEFORE_A_TITLE: Final = re.compile(r"\b(?:title|caption|subtitle|heading|text) \Z", re.IGNORECASE)


def translate(text: str) -> str:
    """A whole passage with the page's phrases replaced and secrets struck out, quoted text and titles untouched."""
    phrases = PhraseFilter()
    return phrases.feed(text) + phrases.flush()


class PhraseFilter:
    """The same for text that comes in pieces: what may still become a phrase or a secret is held back, no more."""

    def __init__(self) -> None:
        self._words = StruckWords()
        self._place = _Place()
        self._held = ""
        self._rules: Rules | None = None  # those whose phrases begin as what is held back does
        self._shown: list[str] = []
        self._ends_in_command = False
        self._follows_phrase = False

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be shown now."""
        for word in self._words.feed(piece):
            self._read(word)
        return self._take_shown()

    def flush(self) -> str:
        """The rest, when nothing more comes."""
        for word in self._words.flush():
            self._read(word)
        while self._held:
            self._read(self._settle())
        return self._take_shown()

    def _take_shown(self) -> str:
        shown = "".join(self._shown)
        self._shown.clear()
        return shown

    def _read(self, text: str) -> None:
        words = _WORD_OR_SIGN.findall(text)[::-1]
        while words:
            word = words.pop()
            if self._rules:
                self._held += word
                if len(self._held) > LONGEST_WAIT or not self._rules.beginning.fullmatch(self._held):
                    words += _WORD_OR_SIGN.findall(self._settle())[::-1]
            elif rules := self._beginning_with(word):
                self._held, self._rules = word, rules
            else:
                self._show(word)

    def _settle(self) -> str:
        """Show what is said for the phrase that is held back, or its first word if it is none; give what is left."""
        held, rules = self._held, self._rules
        self._held, self._rules = "", None
        if rules and (phrase := rules.find(held)):
            self._say(phrase, held[: phrase.end])
            return held[phrase.end :]
        first = _WORD_OR_SIGN.match(held)
        assert first is not None  # any character is a word
        self._show(first[0])
        return held[first.end() :]

    def _beginning_with(self, word: str) -> Rules | None:
        rules = beginning_with(word)
        if self._follows_phrase and behind().beginning.fullmatch(word):
            rules = behind()
        return None if rules and self._place.is_verbatim(word) else rules

    def _show(self, word: str) -> None:
        is_glued = self._ends_in_command and word[0].isalnum()
        self._shown.append(f" {word}" if is_glued else word)
        self._ends_in_command = self._follows_phrase = False
        self._place.move(word)

    def _say(self, phrase: Phrase, source: str) -> None:
        is_glued = phrase.words.startswith("`") and self._place.before.isalnum()
        self._shown.append(f" {phrase.words}" if is_glued else phrase.words)
        self._ends_in_command = phrase.words.endswith("`") or (self._ends_in_command and not phrase.words)
        self._follows_phrase = bool(phrase.words) and not phrase.is_kept
        self._place.skip(source)


class _Place:
    """Where in a text a word stands: in a quotation, in a title, or in the agent's own words."""

    def __init__(self) -> None:
        self.before = ""
        self._line: deque[str] = deque(maxlen=_TAIL)
        self._closing = ""
        self._title_ends = ""
        self._has_title_begun = False

    def is_verbatim(self, word: str) -> bool:
        """Whether a word is part of a quotation or a title."""
        return bool(self._closing or self._title_ends) or self._begins_title(word)

    def move(self, word: str) -> None:
        """Go past a word."""
        if self._closing:
            self._move_in_quotation(word)
        elif word in _CLOSING or word[0] == "`":
            self._begin_quotation(word)
        elif self._title_ends:
            self._move_in_title(word)
        elif word[0].isupper() and self._begins_title(word):
            self._title_ends, self._has_title_begun = "clause", True
        self.skip(word)
        if word.lower() in _TITLE_WORDS and not self._closing and _TITLE.search(line := "".join(self._line)):
            self._title_ends = "line" if _TITLE_LINE.match(line) else "clause"
            self._has_title_begun = False

    def skip(self, text: str) -> None:
        """Go past a text that changes nothing."""
        self.before = text[-1]
        if text == "\n":
            self._line.clear()
        else:
            self._line.append(text)

    def _begins_title(self, word: str) -> bool:
        return word[0].isupper() and _BEFORE_A_TITLE.search("".join(self._line)) is not None

    def _begin_quotation(self, word: str) -> None:
        if word in "\"'" and _LEFT_OF_CLOSING.search(self.before):
            return
        self._closing = _CLOSING.get(word, word)
        if not self._has_title_begun:
            self._title_ends = ""

    def _move_in_quotation(self, word: str) -> None:
        is_fence = self._closing.startswith("```")
        if word == self._closing or (is_fence and word.startswith(self._closing)) or (word == "\n" and not is_fence):
            self._closing = ""

    def _move_in_title(self, word: str) -> None:
        is_end = word in "，。！？；" or (word.isspace() and self.before in ".,!?;")
        if word == "\n" or (self._title_ends == "clause" and self._has_title_begun and is_end):
            self._title_ends = ""
        self._has_title_begun = self._has_title_begun or word[0].isalnum()
