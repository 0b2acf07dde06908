"""The words of all languages as one tree: which concepts the words at a place of a text may stand for.

Each language is one file, `languages/*.toml`, of tables whose keys are concepts and whose values are words with ` | `
between them. A concept may carry a value behind a dot (`filter.bw`). Words of `[verbs]` and `[nouns]` are known in
their English forms as well; all others as they stand. The same word may stand for several concepts.

A language may have `[phrases]` in place of such tables: what English is to be read for each of its phrases, in messages
of that language only. Frames, classifier and the finder of titles then read it as well as English. `Message` has the
form in which a message is read; `names_in` are the words for uploads and titles.

A frame is a way in which a wish may be said: it needs some concepts and may take others (`frames.toml`); what it does
stands under its name in a module of `wishes`. Several frames may do wishes of one kind; the kinds are those that the
classifier tells apart (`kinds.toml`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final, NamedTuple, get_args

from nemo_notebook.film.edit import Edit, parse_all
from nemo_notebook.film.model import Filter, MediaItem, Mood, Situation, VisualizerStyle
from nemo_notebook.film.tracks import read_segments
from nemo_notebook.film.wording import stem


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


HAN: Final = "\u3400-\u9fff"
_UNITS: Final = re.compile(rf"[{HAN}]|\d+(?:\.\d+)?|[^\W\d_{HAN}]+(?:'[^\W\d_{HAN}]+)?|[^\s\w]|_")
_VOWELS: Final = "aeiou"
_LEAST_FOR_TYPOS: Final = 6  # letters of a word that may be written with one mistake


class Unit(NamedTuple):
    """A word, a number, a Chinese character, or a sign."""

    text: str
    start: int
    end: int


def units_of(text: str) -> list[Unit]:
    """Split a text in lower case."""
    return [Unit(found[0], found.start(), found.end()) for found in _UNITS.finditer(text)]


@dataclass(slots=True)
class _Node:
    concepts: dict[str, Any] = field(default_factory=dict)
    next: dict[str, _Node] = field(default_factory=dict)


class Lexicon:
    """A tree of words.

    Args:
        tables: Concept → words, as in the files.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self.units: set[str] = set()
        self._near: dict[str, str] = {}
        self._things: dict[str, list[str]] = {}

    def add(self, concept: str, words: str, value: Any = None) -> None:
        """Let some words stand for a concept."""
        node = self._root
        for unit in units_of(words):
            self.units.add(unit.text)
            node = node.next.setdefault(unit.text, _Node())
        if concept == "thing":  # is none of its own: it only says which words name the same
            self._things.setdefault(value, []).append(words)
            return
        node.concepts.setdefault(concept, value)
        if words.isalpha() and words.isascii() and len(words) >= _LEAST_FOR_TYPOS:
            for slip in slips(words):
                self._near.setdefault(slip, words)

    def same(self, word: str) -> Iterator[str]:
        """All words, of any language, for the thing that a word stands for."""
        for words in self._things.values():
            if word in words:
                yield from words

    def matches(self, units: Sequence[Unit], at: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """All words from a place on: how many units they have, and what they may stand for."""
        node = self._root
        for place in range(at, len(units)):
            step = node.next.get(units[place].text)
            if step is None:
                break
            node = step
            if node.concepts:
                yield place - at + 1, node.concepts

    def nearest(self, word: str) -> str | None:
        """The known word that another one is a slip of: one letter more, less, other or in another place."""
        if len(word) < _LEAST_FOR_TYPOS or not word.isalpha():
            return None
        return next((self._near[slip] for slip in (word, *slips(word)) if slip in self._near), None)


def slips(word: str) -> Iterator[str]:
    """A word without one of its letters, but for the first; two words that share one are a slip apart."""
    yield word
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]


def forms_of(words: str, kind: str) -> Iterator[str]:
    """Words in all forms of their kind: the first one of verbs is inflected, the last one of nouns."""
    yield words
    head, _, tail = words.partition(" ")
    if not words.isascii():
        return
    if kind == "verbs":
        stem = head[:-1] if head.endswith("e") and not head.endswith("ee") else head
        is_short = len(head) > 2 and head[-1] not in f"{_VOWELS}wxy" and head[-2] in _VOWELS and head[-3] not in _VOWELS
        doubled = head + head[-1] if is_short else stem
        ends = [
            *language_files()["en"]["irregular"].get(head, "").split(),
            _plural(head),
            f"{doubled}ing",
            f"{doubled}ed" if not head.endswith("y") else f"{head[:-1]}ied",
        ]
        yield from (f"{each} {tail}".strip() for each in ends)
    if kind == "nouns":
        front, _, last = words.rpartition(" ")
        yield f"{front} {_plural(last)}".strip()


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in _VOWELS else f"{word}s"


@cache
def language_files() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """All files of languages, by their names."""
    files = sorted(resources.files(__package__).joinpath("languages").iterdir(), key=lambda each: each.name)
    return {file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


@cache
def common_words() -> Mapping[str, Mapping[str, str]]:
    """The tables of all languages: by kind of words, concept → words."""
    tables: dict[str, dict[str, str]] = {}
    for file in language_files().values():
        for kind, table in file.items():
            for concept, words in (
                table.items() if kind in ("words", "verbs", "nouns", "parted", "slips", "questions", "asides") else ()
            ):
                known = tables.setdefault(kind, {})
                known[concept] = f"{known[concept]} | {words}" if concept in known else words
    return tables


@cache
def lexicon() -> Lexicon:
    """The words of all languages."""
    made = Lexicon()
    for kind, table in common_words().items():
        if kind in ("parted", "slips", "questions", "asides"):
            continue
        for concept, words in table.items():
            name, _, value = concept.partition(".")
            for each in words.split("|"):
                for form in forms_of(" ".join(each.split()), kind):
                    made.add(name, form, int(value) if name == "ordinal" else value or None)
    for concept, names in (("filter", Filter), ("visual", VisualizerStyle), ("mood", Mood)):
        for each in get_args(names):  # those of other packages, too, which have no words but their names
            made.add(concept, re.sub(r"[-_]", " ", each), each)
    return made


@cache
def phrases_of(language: str) -> Lexicon:
    """The phrases of a language that is read by way of English, without accents; each stands for an English one."""
    made, file = Lexicon(), language_files().get(language, {})
    for english, words in file.get("phrases", {}).items():
        for head, ending, tail in re.findall(r"([^|{]+)(?:{(\w+)})?([^|]*)", without_accents(words)):
            for end in file["endings"][ending].split() if ending else ("",):
                made.add(english, f"{head}{end}{tail}")
    return made


def english_in(text: str, language: str) -> Sequence[tuple[int, int, str]]:
    """The phrases of a text in lower case, the last one first: where they begin and end, and the English ones."""
    known = phrases_of(language)
    units = units_of(without_accents(text)) if known.units else []
    found = [(0, 0, "")]
    for at, unit in enumerate(units):
        if unit.start >= found[-1][1]:
            meant = unit._replace(text=known.nearest(unit.text) or "")
            longest = ([*known.matches(units, at)] or [*known.matches([meant], 0)])[-1:]
            found += [(unit.start, units[at + n - 1].end, [*english][-1]) for n, english in longest]
    return found[:0:-1]


def without_accents(text: str) -> str:
    """A text without accents, as long as before."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)


def likeliest_language(text: str, names: str, usual: str) -> str:
    """The language that a text has most words of its own of, of English and those that are read by way of it.

    Args:
        text: What stands in it in quotation marks does not count, nor do file names.
        names: Words that do not count either.
        usual: The language where none has most.
    """
    plain = (re.sub(r'["“«][^"”»]*["”»]|\S+\.\w+', " ", each.lower()) for each in (text, names))
    said, other = ({*re.findall(r"[^\W\d_]{2,}", without_accents(each))} for each in plain)
    en, others = lexicon().units | other, {name: phrases_of(name).units for name in language_files()}
    lead = {name: len((said & own) - en) - len((said & en) - own - other) for name, own in others.items() if own}
    return max([usual, "en", *lead], key=lambda name: lead.get(name, 0))


@cache
def written_for() -> Mapping[tuple[str, str], str]:
    """Words that are written for others: "its to loud"; by the word before and the one that is written."""
    found: dict[tuple[str, str], str] = {}
    for word, words in common_words().get("slips", {}).items():
        meant, *befores = words.split(" | ")
        found |= {(before, word): meant for before in befores}
    return found


@cache
def asides() -> frozenset[tuple[str, str]]:
    """Words that say nothing between others: "I can't really hear"; each with the one before it."""
    table = common_words()["asides"]
    return frozenset((before, word) for word in table for before in table[word].split(" | "))


@cache
def questions() -> re.Pattern[str]:
    """How a question begins, or ends, as tokens with spaces between them."""
    lead, verb, subject, whole, end = (words.replace(" | ", "|") for words in common_words()["questions"].values())
    return re.compile(rf"(?:(?:{lead})\W+)*(?:(?:{verb}) (?:{subject})|{whole})\b|.* (?:{end})$")


@cache
def parted_verbs() -> Mapping[tuple[str, str], Mapping[str, str | None]]:
    """Verbs whose two words may have others between them, as in "turn the music up": the concepts of both."""
    found: dict[tuple[str, str], dict[str, str | None]] = {}
    for concept, words in common_words().get("parted", {}).items():
        name, _, value = concept.partition(".")
        for each in words.split("|"):
            verb, particle = each.split()
            for form in forms_of(verb, "verbs"):
                found.setdefault((form, particle), {})[name] = value or None
    return found


_ROUNDABOUT: Final = 0.3  # how much a frame is worth for a kind that it does in a roundabout way


@dataclass(frozen=True, slots=True)
class Frame:
    """A way in which a wish may be said.

    Attributes:
        domain: What it is about; the module of `wishes` that has its function.
        name: Its own name, and that of its function.
        needs: For each thing that has to be said, the concepts of which one says it.
        takes: The concepts that it may account for besides.
        weight: How much each thing is worth that it needs.
        where: What has to be in the film for it to be likely, if anything; with `!` for it to be possible.
        after: The edits of which one has to be the last one, if any has.
        unless: Concepts that speak against it.
        whole: Whether nothing may be left over.
        alone: Whether it has to be all that is wished for.
        ordered: Whether what it needs has to be said in that order.
        sure: Whether its words mean nothing else, however rarely they are said.
        does: The function that makes its edits, with its module if that is another one (`shots.trim`); that of its own
            name if empty.
        edits: The edits that it makes in place of a function, where they are always the same.
        asks: The question that is asked in place of a function (a name of `[replies]`).
        tells: The reply that is given in place of a function.
    """

    domain: str
    name: str
    needs: tuple[frozenset[str], ...]
    takes: frozenset[str]
    weight: float = 1.0
    where: str = ""
    after: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    whole: bool = False
    alone: bool = False
    ordered: bool = False
    sure: bool = False
    does: str = ""
    edits: tuple[Edit, ...] | None = None
    asks: str = ""
    tells: str = ""


@dataclass(frozen=True, slots=True)
class WishKind:
    """A kind of wish that the classifier knows.

    Attributes:
        frame: The frame that does it where none reads its words; None where there is no such one.
        says: The concepts that the words must have meant, with their values.
        asks: The question that is put where that frame lacks something; empty for none.
    """

    frame: Frame | None
    says: Mapping[str, str | None]
    asks: str


@cache
def _frame_tables() -> dict[str, Any]:
    return _toml("frames")


def concepts_of(words: str) -> frozenset[str]:
    """The concepts that are listed with spaces or `|` between them, those of sets (`$name`) among them."""
    found: set[str] = set()
    for word in words.replace("|", " ").split():
        found |= concepts_of(_frame_tables()["sets"][word[1:]]) if word[0] == "$" else {word}
    return frozenset(found)


def pairs_of(words: str) -> dict[str, str]:
    """Pairs of concepts that are listed as `one>other`."""
    return dict(pair.split(">") for pair in concepts_of(words))


@cache
def frames() -> tuple[Frame, ...]:
    """All frames."""
    made = []
    for domain, table in _frame_tables().items():
        if domain in ("sets", "scores", "topics"):
            continue
        for name, given in table.items():
            row = dict(given)
            needs = tuple(concepts_of(word) for word in row.pop("needs").split())
            takes = concepts_of(row.pop("takes", "")).union(*needs)
            row["edits"] = parse_all(row["edits"]) if "edits" in row else None
            lists: dict[str, Any] = {key: frozenset(row.pop(key, "").split()) for key in ("after", "unless")}
            made.append(Frame(domain, name, needs, takes, **lists, **row))
    return tuple(made)


def scores() -> Mapping[str, float]:
    """What is won and lost where a clause is read by a frame."""
    return dict(_frame_tables()["scores"])


@cache
def topics() -> Mapping[str, tuple[str, ...]]:
    """What somebody may ask how to do, with the concepts that say so."""
    return {name: tuple(words.split()) for name, words in _frame_tables()["topics"].items()}


@cache
def kinds() -> Mapping[str, WishKind]:
    """All kinds by name."""
    own = {f"{frame.domain}.{frame.name}": frame for frame in frames()}
    known = {}
    for name, table in _toml("kinds").items():
        says = [word.partition(".") for word in table.get("says", "").split()]
        frame = own.get(table.get("as", ""))
        known[name] = WishKind(frame, {concept: value or None for concept, _, value in says}, table.get("asks", ""))
    return known


@cache
def kinds_of(domain: str, name: str) -> Mapping[str, float]:
    """The kinds of a frame, each with how well it does them."""
    keys, own = (("also", _ROUNDABOUT), ("frames", 1.0)), f"{domain}.{name}"
    return {
        kind: part for key, part in keys for kind, table in _toml("kinds").items() if own in table.get(key, "").split()
    }


_LONGEST_ERRAND: Final = 80  # words of a text that is nothing but an errand


def errand_of(text: str) -> str:
    """What a text in lower case asks for, if all of it does: `export`, `credits` or `status`; else nothing.

    The words and what they may ask for stand in `errands.toml`.
    """
    words, errands = _errands()
    units = units_of(text)
    if len(units) > _LONGEST_ERRAND:
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
def _errands() -> tuple[Lexicon, list[dict[str, Any]]]:
    file, words = _toml("errands"), Lexicon()
    for concept, said in file["words"].items():
        for each in said.split("|"):
            words.add(concept, each.strip())
    return words, file["errand"]


LONGEST_MESSAGE: Final = 4_000  # characters that are read; nobody describes a film in more
_LIKE: Final = dict(zip("’‘„‟«»–—−～×\t¿¡", '\'\'""""---~x   ', strict=True))
_WIDE: Final = re.compile(f"[{HAN}”》」』】’]")


class Message:
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


def names_in(situation: Situation, words: Lexicon) -> list[tuple[str, str, Any]]:
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
        text = Message(segment.text, situation.spoken).folded.strip()
        if segment.role == "title" and (len(text) > 1 or not text.isascii()) and text:
            found.append((text, "title_text", segment.id))
    return found


def _names(item: MediaItem, words: Lexicon, language: str) -> Iterable[str]:
    full, short, title = (Message(each, language).folded for each in (item.filename, stem(item.filename), item.title))
    yield from {full, short, short.replace("_", " "), title or short}
    for word in _SPLIT.split(short):
        if word.isdigit() and len(word) > 1:
            yield from {word, word.lstrip("0") or word}
        elif len(word) >= _LEAST and word not in _GENERIC and word.isascii():
            yield from {word, word.removesuffix("s") if len(word) > _LEAST + 1 else word}
        elif not word.isascii():
            yield word
        yield from words.same(word)
