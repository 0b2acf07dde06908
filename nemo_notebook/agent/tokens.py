"""A message as tokens: stretches of it with the concepts that they may stand for, and values that are read already.

A stretch is a number with its unit, a time, a colour, the name of an upload, a word of the lexicon, or a word that
nobody knows. Which of its concepts is meant is decided by the frames that take it (`frames.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from itertools import pairwise
from typing import Any, Final

from nemo_notebook.agent.frames import pairs_of
from nemo_notebook.agent.lexicon import (
    HAN,
    Lexicon,
    Unit,
    asides,
    english_in,
    parted_verbs,
    slips,
    units_of,
    written_for,
)
from nemo_notebook.agent.values import values_in
from nemo_notebook.film.draft import read_segments
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.wording import stem

_LEAST_LETTERS: Final = 5  # of a name that may be written with one mistake
_LONGEST_TOO: Final = 8  # letters of "too" by itself, in any language
OPPOSITES: Final = pairs_of("$opposites")
ABBREVIATED: Final = frozenset("dr mr mrs ms st vs ep no vol feat ft jr sr".split())
_ARTICLES: Final = frozenset("the a an my your our his her their this that these each every all both".split())
_BEHIND: Final = (
    "at from to until for in on before after between with again also now_on position under can_you by".split()
)
_PLACING: Final = tuple("at in until to from towards before by".split())
_BETWEEN: Final = 7  # tokens that a verb in two parts may go over
_OWN: Final = ("file", "song", "speech", "title_text")
LONGEST_MESSAGE: Final = 4_000  # characters that are read; nobody describes a film in more


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of a message.

    Attributes:
        start: Where it begins in the message.
        end: Where it ends.
        text: The stretch in lower case, with simplified characters.
        concepts: What it may stand for, each with its value (or None); empty for a word that nobody knows.
        carried: Whether it stands in another clause, which this one goes on from.
    """

    start: int
    end: int
    text: str
    concepts: Mapping[str, Any]
    carried: bool = False

    def is_a(self, *concepts: str) -> bool:
        """Whether it may stand for one of some concepts."""
        return not self.concepts.keys().isdisjoint(concepts)

    def meaning(self, concepts: Mapping[str, Any]) -> Token:
        """The same stretch with other concepts."""
        return replace(self, concepts=concepts)


class Text:
    """A message in the form in which it is read: in lower case, with phrases of some languages in English.

    Args:
        raw: The message.
        language: In which it is written.
    """

    def __init__(self, raw: str, language: str = "en") -> None:
        self.raw = raw[:LONGEST_MESSAGE]
        letters: list[str] = []
        self.places: list[tuple[int, int]] = []
        for place, letter in enumerate(self.raw):
            if letter.isascii():
                letters.append(" " if letter == "\t" else letter.lower())
                self.places.append((place, place + 1))
                continue
            for each in simplified(unicodedata.normalize("NFKC", letter)).lower():
                letters.append(str(unicodedata.decimal(each)) if each.isdecimal() else _LIKE.get(each, each))
                self.places.append((place, place + 1))
        for start, end, words in english_in("".join(letters), language):
            letters[start:end] = words
            self.places[start:end] = [(self.places[start][0], self.places[end - 1][1])] * len(words)
        self.places.append((len(self.raw), len(self.raw)))
        self.folded = "".join(letters)

    def parts(self, start: int, end: int) -> bool:
        """Whether a gap parts two tokens: a new line, or a space in Chinese, unless all words have one."""
        gap = self.folded[start:end]
        if not gap.isspace():
            return False
        sides = [_WIDE.search(letter) is not None for letter in (self.folded[start - 1], self.folded[end])]
        return "\n" in gap or all(sides) or (any(sides) and not self._is_spaced)

    @cached_property
    def _is_spaced(self) -> bool:
        """Whether Chinese and Latin letters have spaces between them as a matter of style."""
        return re.search(rf"[{HAN}][a-z]|[a-z][{HAN}]", self.folded) is None

    def original(self, start: int, end: int) -> str:
        """What was written between two places of the folded text."""
        return self.raw[self.places[start][0] : self.places[end - 1][1]] if end > start else ""


_LIKE: Final = dict(zip("’‘„‟«»–—−～×\t¿¡", '\'\'""""---~x   ', strict=True))


def tokens_of(text: Text, names: Sequence[tuple[str, str, Any]], words: Lexicon) -> list[Token]:
    """Cut a text into tokens: the longest stretches that stand for something, and the words between them.

    Args:
        text: The message.
        names: What else is known by a name here: words, concept and value (uploads, titles).
        words: The lexicon.
    """
    units = units_of(text.folded)
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for start, end, concepts in _found_in(text, units, names, words):
        said = found.setdefault((start, end), {})
        said.update({name: value for name, value in concepts.items() if value is not None or name not in said})
        if any(said.get(name) for name in _OWN):  # what has the name of an upload is one
            for name in ("unable", "unfit", "people", "creature", "start", "finish"):
                said.pop(name, None)
    kept: list[Token] = []
    taken = bytearray(len(text.folded))
    for start, end in sorted(found, key=lambda each: ("quote" not in found[each], each[0] - each[1], -each[0])):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append(Token(start, end, text.folded[start:end], found[start, end]))
    for unit in units:
        if not taken[unit.start]:
            meant = words.nearest(unit.text) or _nearest_name(unit.text, names) or unit.text.partition("'s")[0]
            if meant and (named := {concept: value for name, concept, value in names if name == meant}):
                kept.append(Token(unit.start, unit.end, unit.text, named))
                continue
            concepts = dict(words.matches(units_of(meant), 0)).get(1, {}) if meant else {}
            kept.append(Token(unit.start, unit.end, unit.text, concepts))
    kept = [_quiet_dot(token, kept) for token in kept]
    return _timed(_turned(_with_parted(_placed(_stated(_nouns(sorted(kept, key=lambda each: each.start)))))))


def _timed(tokens: list[Token]) -> list[Token]:
    """Take a number for a time where one before it has a unit: "each clip for 4 seconds, and the logo for 6"."""
    for at in range(len(tokens) - 3, 0, -1):  # "seconds 1 to 3 …, and 2 to 5 …"
        first, *link, last = tokens[at : at + 3]
        is_range = first.is_a("number") and last.is_a("number") and any(each.is_a("to", "until") for each in link)
        if is_range and any(token.is_a("range") for token in tokens[:at]):
            said = {"range": (first.concepts["number"], last.concepts["number"])}
            tokens[at : at + 3] = [Token(first.start, last.end, f"{first.text} to {last.text}", said)]
    is_length = False
    for at, token in enumerate(tokens):
        is_length = is_length or (token.is_a("time") and not token.is_a("at") and ":" not in token.text)
        is_last = at + 1 == len(tokens) or not tokens[at + 1].text[:1].isalnum() or tokens[at + 1].is_a("of")
        before = ("for", "it", "to", "at", "ordinal")
        if is_last and is_length and token.is_a("number") and at and tokens[at - 1].is_a(*before):
            tokens[at] = Token(token.start, token.end, token.text, {"time": token.concepts["number"]})
    return tokens


def _stated(tokens: list[Token]) -> list[Token]:
    """Take the meaning of a question from "is the" behind what it speaks of: "the beach is the …"."""
    for at in range(1, len(tokens)):
        token, before = tokens[at], tokens[at - 1]
        if token.is_a("joint") and token.is_a("after") and before.is_a("time"):  # 10秒之后
            tokens[at] = token.meaning({"after": None})
        is_verb = token.is_a("last_for") and before.is_a("joint", "modal", "to", "it", "title", "quote")
        if is_verb and any(each.is_a("time") for each in tokens[at + 1 : at + 2]):  # "… and last 2 seconds"
            tokens[at] = token.meaning({"last_for": None, "for": None})
        if token.is_a("may_go"):  # "the logo can go", but "the logo can go last"
            is_last = at + 1 == len(tokens) or not re.match(r"\w", tokens[at + 1].text) or tokens[at + 1].is_a("joint")
            tokens[at] = token.meaning({"remove" if is_last else "move": None})
        if token.is_a("is_there") and before.is_a(
            "file", "photo", "clip", "film", "music", "song", "title", "shot", "speech", "it"
        ):
            tokens[at] = token.meaning({c: v for c, v in token.concepts.items() if c != "is_there"})
    return tokens


def _nouns(tokens: list[Token]) -> list[Token]:
    """Take "cut" behind an article, or behind "every", for the noun alone."""
    for at, (before, token) in enumerate(pairwise(tokens), start=1):
        if before.is_a("praise") and before.is_a("filter") and token.is_a("film", "musicvideo", "slideshow", "title"):
            tokens[at - 1] = before.meaning({"praise": None, "filler": None})  # "a cool video"
        if token.is_a("cuts") and (before.text in _ARTICLES or before.is_a("every", "all")):
            tokens[at] = token.meaning({"cuts": token.concepts["cuts"]})
    return tokens


def _quiet_dot(token: Token, tokens: Sequence[Token]) -> Token:
    """The dot of an abbreviation, which ends no sentence."""
    if token.text != "." or not any(each.end == token.start and each.text in ABBREVIATED for each in tokens):
        return token
    return token.meaning({"filler": None})


def _placed(tokens: list[Token]) -> list[Token]:
    """Take a place as one that has the name of a title as well: "at the end"."""
    for at in range(1, len(tokens)):
        token = tokens[at]
        if token.is_a("title_text") and token.is_a("start", "finish", "middle") and tokens[at - 1].is_a(*_PLACING):
            said = {
                concept: value for concept, value in token.concepts.items() if concept not in ("title_text", "text_end")
            }
            tokens[at] = token.meaning(said)
    return tokens


def _turned(tokens: list[Token]) -> list[Token]:
    """Give a word behind "too" the meaning of what is wished for: "too small" asks for something larger."""
    for at in range(1, len(tokens)):
        token, before = tokens[at], tokens[at - 1]
        is_less = before.is_a("less") and not before.is_a(*OPPOSITES) and before.text.isascii()  # not that slow
        if not is_less and (not before.is_a("too") or len(before.text) > _LONGEST_TOO):
            continue
        turned = {OPPOSITES.get(concept, concept): value for concept, value in token.concepts.items()}
        tokens[at] = token.meaning(turned)
    return tokens


def _nearest_name(word: str, names: Sequence[tuple[str, str, Any]]) -> str | None:
    """The name that a word is a slip of the pen for: with two of its letters changed over, or one left out."""
    if len(word) < _LEAST_LETTERS or not word.isalpha():
        return None
    for name, _, _ in names:
        is_near = (
            abs(len(name) - len(word)) <= 1 and name[:1] == word[:1] and name.isalpha() and len(name) >= _LEAST_LETTERS
        )
        if is_near and (sorted(name) == sorted(word) or {*slips(name)} & {*slips(word)}):
            return name
    return None


def _with_parted(tokens: list[Token]) -> list[Token]:
    """Give the second word of a verb in two parts the meaning of both, and the first one none."""
    verbs = parted_verbs()
    for at, token in enumerate(tokens):
        for behind in range(at + 2, min(at + _BETWEEN, len(tokens))):
            if re.fullmatch(r"[^\w\s]", tokens[behind].text):
                break
            is_noun = tokens[behind - 1].text in ("the", "a", "an", "my", "your") or _leads(tokens, behind)
            other = tokens[behind]
            particle, _, degree = other.text.partition(" ")
            if degree and not other.is_a("bit"):
                continue
            if not is_noun and (meant := verbs.get((token.text, particle))):
                tokens[at] = token.meaning({"filler": None})
                kept = {"bit": None} if degree else {"off": None} if "trim" in meant else {}
                tokens[behind] = other.meaning(dict(meant) | kept)
                break
    return tokens


def _leads(tokens: Sequence[Token], at: int) -> bool:
    """Whether a preposition goes on to what it belongs to: "put … on | the shelf", and not "put … on | please"."""
    if at + 1 == len(tokens) or not tokens[at].is_a("in", "on", "over"):
        return False
    following = tokens[at + 1]
    if following.text in _ARTICLES:
        return True
    return following.text[:1].isalpha() and not following.is_a("filler", "joint", "time", "when", "gradual", *_BEHIND)


def _found_in(
    text: Text, units: Sequence[Unit], names: Sequence[tuple[str, str, Any]], words: Lexicon
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    for found in _QUOTED.finditer(text.folded):
        start, end = next(found.span(group) for group in range(1, 8) if found[group] is not None)
        inner = text.folded[start:end].strip()
        named = {concept: value for name, concept, value in names if name == inner}
        yield *found.span(), {"quote": text.original(start, end).strip(), **named}
    yield from values_in(text.folded)
    for name, concept, value in names:
        edge = r"(?<![a-z0-9])" if name[:1].isascii() else "", r"(?:'s|s)?(?![a-z0-9])" if name[-1:].isascii() else ""
        for found in re.finditer(f"{edge[0]}{re.escape(name)}{edge[1]}", text.folded):
            yield *found.span(), {concept: value}
    plain = [unit for before, unit in pairwise([*units[:1], *units]) if (before.text, unit.text) not in asides()]
    for at in range(len(plain)) if len(plain) < len(units) else ():
        yield from ((plain[at].start, plain[at + n - 1].end, found) for n, found in words.matches(plain, at) if n > 1)
    for at, unit in enumerate(units):
        meant = written_for().get((units[at - 1].text, unit.text)) if at else None
        as_meant = words.matches([unit._replace(text=meant), *units[at + 1 : at + 3]], 0) if meant else ()
        yield from ((unit.start, units[at + n - 1].end, concepts) for n, concepts in as_meant if n > 1)
        for length, concepts in words.matches(units, at):
            if not any(text.parts(one.end, other.start) for one, other in pairwise(units[at : at + length])):
                yield unit.start, units[at + length - 1].end, concepts


_WIDE: Final = re.compile(f"[{HAN}”》」』】’]")
_QUOTED: Final = re.compile(
    r"\"([^\"\n]+)\"|“([^”\n]+)”|(?<![a-z0-9])'([^'\n]{2,})'(?![a-z0-9])|《([^》\n]+)》|「([^」\n]+)」|『([^』\n]+)』|【([^】\n]+)】"
)


@cache
def _simple() -> Mapping[int, int]:
    """Traditional Chinese characters with the simplified ones, as pairs in `hanzi.txt`."""
    pairs = resources.files(__package__).joinpath("hanzi.txt").read_text(encoding="utf-8").replace("\n", "")
    return str.maketrans(pairs[::2], pairs[1::2])


def simplified(text: str) -> str:
    """The text with simplified characters; as long as before."""
    return text.translate(_simple())


_SPLIT: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_GENERIC: Final = frozenset(
    "the and for with img dsc mvi vid mov clip clips video videos photo photos picture image song music track audio "
    "final file new copy edit version my our you are not all one two off me is".split()
)
_LEAST: Final = 3  # letters of a word that stands for a file
_KINDS: Final = {"video": "file", "image": "file"}


def names_of(situation: Situation, words: Lexicon) -> list[tuple[str, str, Any]]:
    """What a message may call uploads and titles: the words, a concept, and its value.

    A clip or photo is a `file`, music a `song` and a voice recording `speech`; the value is the ids of the uploads that
    the words may mean. A title is a `title_text` with its id.
    """
    called: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in situation.media:
        concept = _KINDS.get(item.kind) or ("speech" if item.content == "speech" else "song")
        for name in _names(item, words, situation.spoken):
            ids = called[name, concept]
            if item.id not in ids:
                ids.append(item.id)
    found: list[tuple[str, str, Any]] = [(name, concept, tuple(ids)) for (name, concept), ids in called.items()]
    for segment in read_segments(situation.draft):
        text = Text(segment.text, situation.spoken).folded.strip()
        if segment.role == "title" and (len(text) > 1 or not text.isascii()) and text:
            found.append((text, "title_text", segment.id))
    return found


def _names(item: MediaItem, words: Lexicon, language: str) -> Iterable[str]:
    full, short, title = (Text(each, language).folded for each in (item.filename, stem(item.filename), item.title))
    yield from {full, short, short.replace("_", " "), title or short}
    for word in _SPLIT.split(short):
        if word.isdigit() and len(word) > 1:
            yield from {word, word.lstrip("0") or word}
        elif len(word) >= _LEAST and word not in _GENERIC and word.isascii():
            yield from {word, word.removesuffix("s") if len(word) > _LEAST + 1 else word}
        elif not word.isascii():
            yield word
        yield from words.same(word)
