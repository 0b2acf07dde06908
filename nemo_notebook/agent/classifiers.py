"""Two trained classifiers: where words for titles begin and end, and which kind of wish some words are most like.

What stands in quotation marks is words. Others are found by what stands before, behind and in them: each stretch of
a message has a score, a sum of weights that were trained on the sentences of many people with the words of many
titles in them (`texts.npz`), and the stretches with the best sum are the words.

The other classifier (`likeness.npz`) is linear. It knows nothing of the film and reads no values. It says how likely
each kind of wish is, so that a frame that accounts for the words is held against what people mean by such words, and so
that a wish in words of nobody's list is still known for what it is. `python -m tests train` makes both files from
`tests/sentences`.
"""

from __future__ import annotations

import re
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from nemo_notebook.agent.lexicon import Message, concepts_of
from nemo_notebook.agent.tokenizer import Token
from nemo_notebook.outside import strike

SIZE: Final = 0x40000  # weights; features may share one
_NAMES: Final = ("text", "title_text", "file", "song", "speech")
_WRITTEN, _NO_WORDS = map(concepts_of, ("$written", "$wordless"))
_LONGEST: Final = 24  # tokens of the words for one title
_MOST_TOKENS: Final = 1_000  # of a message in which words for titles are looked for without quotation marks
_AROUND: Final = 4  # tokens beside an edge that each count by themselves
_FAR: Final = 10  # and those that count wherever they stand
_PAIRED: Final = 4  # concepts of each of two tokens
_ACTS: Final = concepts_of("$acts")
_UNTITLED: Final = {"ordinary", "file", "song"}  # what a word may stand for that is one of a title
_CAPITALS: Final = re.compile(
    r"\b[A-Z]{2,}['’!]?(?:[ ,&]+[A-Z\d][A-Z\d'’!]*\b)+(?![a-z])"
    r"|\b[A-Z][a-z'’]+(?:(?: [a-z]{1,3}\b)?(?: & | )[A-Z][a-z'’]+)+"
)
_LETTERS: Final = " ,;:，；：、-=>→"


def with_texts(tokens: Sequence[Token], text: Message, *, is_after: bool = False) -> list[Token]:
    """Put one token with the concept `text` in place of all words for a title.

    Args:
        tokens: The message.
        text: Its letters.
        is_after: Whether the last wish was about a title.
    """
    made = _with_capitals([_as_text(token, tokens) for token in tokens], text)
    is_written = any(token.is_a(*_WRITTEN) for token in made)
    is_spelled = any(token.is_a("spelled") for token in tokens)  # of words that are there
    is_searched = not is_spelled and len(tokens) <= _MOST_TOKENS
    found = find_spans([*map(_without_aside, made)], text, is_after=is_after) if is_searched else ()
    for start, behind in reversed(found):
        end = _end_of(made, start, behind)
        if _is_named(made[start:end], is_written=is_written):
            continue
        if not (is_written or is_after) and _is_remark(made, start, end):
            continue
        if all(token.is_a(*_NO_WORDS) and not token.is_a("file", "title_text") for token in made[start:end]):
            continue
        if all(token.is_a("unable", "manner") for token in made[start:end]):  # "change the title to Comic Sans"
            continue
        named = next((at for at in range(start + 1, end - 1) if made[at].is_a("name_it")), start - 1)
        is_mine = made[start].is_a("my") and not _is_name(made[start], text) and _is_name(made[named + 1], text)
        begin = named + 1 if is_mine else start  # "my band name The Foxes"
        first, last = made[begin].start, made[end - 1].end
        words = text.original(first, last).strip(_LETTERS)
        if strike(words) != words:  # a key that was pasted by mistake is not shown, nor kept
            continue
        made[begin:end] = [Token(first, last, text.folded[first:last], {"text": words})]
    return made if is_spelled or any(token.is_a("text") for token in made) else _with_last(made, text)


def _with_last(tokens: list[Token], text: Message) -> list[Token]:
    """Take words that nobody knows for those of a title where they end a message: "… with the title 城市之梦"."""
    pairs = enumerate(pairwise(tokens), start=2)
    heads = [
        at for at, (before, token) in pairs if token.is_a("title") and before.is_a("filler", "with", "add", "write")
    ]
    rest = tokens[heads[-1] :] if heads else []
    unknown = [token.concepts.keys() <= _UNTITLED or _is_name(token, text) for token in rest]
    is_wish = any(token.is_a("it", "them") for token in rest) or any(token.is_a(*_ACTS) for token in rest[:1])
    is_title = any(each.text.isalnum() for each, is_unknown in zip(rest, unknown, strict=True) if is_unknown)
    if is_wish or not is_title or not unknown[-1] or sum(unknown) * 2 < len(rest):
        return tokens
    first, last = rest[0].start, rest[-1].end
    words = {"text": text.original(first, last)}
    return [*tokens[: heads[-1]], Token(first, last, text.folded[first:last], words)]


def _is_name(token: Token, text: Message) -> bool:
    """Whether a word has a capital where the message has small letters."""
    return text.original(token.start, token.end)[:1].isupper() and not text.raw.istitle()


def _without_aside(token: Token) -> Token:
    """A token as what it is beside being an aside, or somebody, of which nothing was learned."""
    return replace(token, concepts={c: v for c, v in token.concepts.items() if c not in ("aside", "speaker")})


def _end_of(tokens: Sequence[Token], start: int, end: int) -> int:
    """Where words end, without what is said behind them of all wishes ("lol", "pls") and of where they stand."""
    while end - start > 1 and (
        tokens[end - 1].is_a("aside")
        or (tokens[end - 1].is_a("bigger", "smaller") and not tokens[end - 2].text[-1:].isalnum())
        or (tokens[end - 1].is_a("position") and " " in tokens[end - 1].text)
    ):
        end -= 1
    if [token.text for token in tokens[end : end + 1]] == ["on"] and any(
        t.is_a("platform") for t in tokens[end + 1 :][:1]
    ):
        return end + 2  # "find us on instagram"
    is_goodbye = end + 2 == len(tokens) and tokens[end + 1].is_a("bye") and end - start > 1
    return len(tokens) if is_goodbye else end  # 谢谢大家，下次见


def _is_named(tokens: Sequence[Token], *, is_written: bool) -> bool:
    """Whether a stretch says nothing but the name of an upload and what becomes of it, or asks for the song's name."""
    is_known = all(token.is_a("file") or (token.concepts and not token.is_a("ordinary")) for token in tokens)
    if all(token.is_a("color", "position", *(() if is_written else ("mood",))) for token in tokens):
        return True
    names = ("song_name",) if is_written else ("file", "song", "speech", "photo", "clip", "song_name")
    return is_known and any(token.is_a(*names) for token in tokens)


def _with_capitals(tokens: list[Token], text: Message) -> list[Token]:
    """Take several words in capitals behind a verb for the words of a title: "put DRUMS ON PIER 9 at the start"."""
    for found in _CAPITALS.finditer(text.raw) if text.raw.upper() != text.raw else ():
        places = [(text.places[each.start][0], text.places[each.end - 1][1]) for each in tokens]
        inside = [at for at, (start, end) in enumerate(places) if found.start() <= start and end <= found.end()]
        before = tokens[inside[0] - 1] if inside and inside[0] else None
        verbs = () if found[0][1].islower() else ("add", "write", "says")
        if before is not None and before.is_a("title", *verbs) and not tokens[inside[0]].is_a("text"):
            words = Token(tokens[inside[0]].start, tokens[inside[-1]].end, found[0].lower(), {"text": found[0]})
            return [*tokens[: inside[0]], words, *tokens[inside[-1] + 1 :]]
    return tokens


def _as_text(token: Token, tokens: Sequence[Token]) -> Token:
    """What stands in quotation marks is words, unless it names something that is no title's."""
    if "quote" not in token.concepts or token.is_a("title_text"):
        return token
    if token.is_a("file", "song"):
        others = [each for each in tokens if each is not token and not each.is_a("filler", "add")]
        at = tokens.index(token)
        if others and not any(each.is_a(*_WRITTEN) for each in tokens[max(0, at - 3) : at]):
            return token
    return Token(token.start, token.end, token.text, {"text": token.concepts["quote"]})


def find_spans(tokens: Sequence[Token], text: Message, *, is_after: bool = False) -> list[tuple[int, int]]:
    """Where words for titles begin and end: the places of their first tokens, and those behind their last ones."""
    weights = _weights()
    spans = Spans(tokens, text, is_after=is_after)
    starts, ends, inside = (
        [sum(weights[feature_key(each) % SIZE] for each in features) for features in part]
        for part in (spans.starts, spans.ends, spans.inside)
    )
    best: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())]
    for end in range(1, len(tokens) + 1):
        found, held = best[-1], 0.0
        for start in range(end - 1, max(-1, end - _LONGEST - 1), -1):
            if not spans.may_hold(start, end):
                break
            held += inside[start]
            pair = sum(weights[feature_key(each) % SIZE] for each in spans.between(start, end))
            score = best[start][0] + starts[start] + ends[end] + held + pair
            if score > found[0]:
                found = score, (*best[start][1], (start, end))
        best.append(found)
    return list(best[-1][1])


class Spans:
    """What speaks for and against the stretches of a message being words for a title, as names of features.

    Args:
        tokens: The message.
        text: Its letters.
        is_after: Whether the last wish was about a title.
    """

    def __init__(self, tokens: Sequence[Token], text: Message, *, is_after: bool = False) -> None:
        self._tokens, self._text = tokens, text
        self._first = "^t" if is_after else "^"
        self._words = [self._first] * 3 + [*map(_word, tokens), "$", "$", "$"]
        self._signs = [[f"w{_word(token)}", *(f"c{concept}" for concept in token.concepts or "?")] for token in tokens]
        self._own_signs = [
            signs if token.concepts else ["c?"] for signs, token in zip(self._signs, tokens, strict=True)
        ]
        self.starts = [[*self._edge(at, -1), *self._own("F", at)] for at in range(len(tokens))]
        self.ends = [[*self._edge(at, 1), *self._own("Z", at - 1)] for at in range(len(tokens) + 1)]
        self.inside = [[f"I{sign}" for sign in (*signs, self._shape(at))] for at, signs in enumerate(self._own_signs)]

    def may_hold(self, start: int, end: int) -> bool:
        """Whether a stretch may begin one token earlier than at `start + 1`."""
        token = self._tokens[start]
        gap = self._text.folded[token.end : self._tokens[start + 1].start] if start + 1 < end else ""
        return "text" not in token.concepts and "\n" not in gap

    def between(self, start: int, end: int) -> Iterator[str]:
        """What the two edges of a stretch say together."""
        before, behind = self._words[start + 2], self._words[end + 3]
        yield f"P{before}|{behind}"
        yield f"N{min(end - start, 6)}"
        yield f"E{'^$'[: (start == 0) + 2 * (end == len(self._tokens))]}"

    def _edge(self, at: int, way: int) -> Iterator[str]:
        """The tokens beyond an edge, seen from it."""
        name, place = ("L", at - 1) if way < 0 else ("R", at)
        near = [place + way * step for step in range(_AROUND)]
        for step, each in enumerate(near):
            is_there = 0 <= each < len(self._signs)
            yield from (f"{name}{step}{sign}" for sign in (self._signs[each] if is_there else [self._first]))
        one, two, three = (self._words[max(0, min(len(self._words) - 1, each + 3))] for each in near[:3])
        yield from (f"{name}p{one} {two}", f"{name}t{one} {two} {three}", f"{name}g{self._gap(at)}{one}")
        first, second = (self._concepts(each) for each in near[:2])
        yield from (f"{name}k{a} {b}" for a in first for b in second)
        far = {c for each in near + [near[-1] + way * n for n in range(1, _FAR)] for c in self._concepts(each, 99)}
        yield from (f"{name}f{concept}" for concept in far)

    def _own(self, name: str, at: int) -> Iterator[str]:
        """The token inside an edge."""
        if 0 <= at < len(self._signs):
            yield from (f"{name}{sign}" for sign in self._own_signs[at])
            yield f"{name}s{self._shape(at)}"
            yield f"{name}s{self._shape(at)}{'^' if at == 0 else self._shape(at - 1)}"

    def _concepts(self, at: int, most: int = _PAIRED) -> list[str]:
        return [*self._tokens[at].concepts][:most] if 0 <= at < len(self._tokens) else []

    def _gap(self, at: int) -> str:
        """What lies between a token and the one before it: nothing, a space or a new line."""
        if not 0 < at < len(self._tokens):
            return "|"
        return self._text.folded[self._tokens[at - 1].end : self._tokens[at].start][:1]

    def _shape(self, at: int) -> str:
        """Whether a word is written with a capital letter, and is more than the first one."""
        token = self._tokens[at]
        raw = self._text.original(token.start, token.end)
        return ("A" if raw[:1].isupper() and raw != "I" else "a") + ("" if at else "^")


def _word(token: Token, names: Sequence[str] = _NAMES) -> str:
    if token.is_a(*names):
        return "#"
    return "0" if any(map(str.isdigit, token.text)) else token.text


@lru_cache(maxsize=50_000)
def feature_key(feature: str) -> int:
    """The number under which the weights of a feature are kept."""
    return zlib.crc32(feature.encode())


@cache
def _weights() -> array[float]:
    with resources.files(__package__).joinpath("texts.npz").open("rb") as file, np.load(file) as arrays:
        return array("f", (arrays["weights"].astype(np.float32) * arrays["scale"]).astype(np.float32).tobytes())


_KIND_NAMES: Final = ("text", "title_text", "file")  # tokens that are names: their words say nothing of the kind
_LENGTHS: Final = (3, 4, 5)  # of pieces of words in letters; Chinese ones are as long as one or two characters


class _KindWeights(NamedTuple):
    kinds: tuple[str, ...]
    rows: Mapping[int, int]
    weights: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]


def features_of(token: Token) -> Iterator[str]:
    """What a token says of the kind of a wish: its concepts, and, unless it is a name, its word and pieces of it."""
    for concept in token.concepts:
        yield f"c:{concept}"
    text = token.text
    if token.is_a(*_KIND_NAMES) or any(map(str.isdigit, text)):
        return
    yield f"w:{text}"
    word = f" {text} "
    for length in _LENGTHS if text.isascii() else _LENGTHS[:2]:
        for at in range(len(word) - length + 1):
            yield f"n:{word[at : at + length]}"


def features_in(tokens: Sequence[Token]) -> Iterator[str]:
    """What all tokens of a sentence say of its kind, each by itself and every two neighbours together."""
    for token in tokens:
        yield from features_of(token)
    yield from (f"p:{one} {other}" for one, other in _pairs(tokens))


def _pairs(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    return pairwise(["^", *(_word(token, _KIND_NAMES) for token in tokens), "$"])


@cache
def _kind_weights() -> _KindWeights:
    with resources.files(__package__).joinpath("likeness.npz").open("rb") as file, np.load(file) as arrays:
        rows = {int(key): at for at, key in enumerate(arrays["keys"])}
        weights = arrays["weights"].astype(np.float32) * arrays["scale"].astype(np.float32)
        return _KindWeights(tuple(arrays["kinds"].tolist()), rows, weights, arrays["bias"])


def _sum(features: Iterator[str]) -> np.ndarray[Any, Any]:
    known = _kind_weights()
    at = [known.rows[key] for key in map(feature_key, features) if key in known.rows]
    return known.weights[at].sum(axis=0) if at else np.zeros(len(known.kinds), np.float32)


@lru_cache(maxsize=4096)
def _of_token(text: str, concepts: frozenset[str]) -> np.ndarray[Any, Any]:
    return _sum(features_of(Token(0, 0, text, dict.fromkeys(concepts))))


@lru_cache(maxsize=4096)
def _of_pair(one: str, other: str) -> np.ndarray[Any, Any]:
    return _sum(iter((f"p:{one} {other}",)))


def likeness_of(tokens: Sequence[Token]) -> Mapping[str, float]:
    """How likely each kind of wish is, by its name; the sum is 1."""
    known = _kind_weights()
    total = known.bias.copy()
    for token in tokens:
        total += _of_token(token.text, frozenset(token.concepts))
    for one, other in _pairs(tokens):
        total += _of_pair(one, other)
    share = np.exp(total - total.max())
    return dict(zip(known.kinds, (share / share.sum()).tolist(), strict=True))


def _is_remark(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a stretch without quotation marks is all between two signs, and other words stand beyond them."""
    sides = [tokens[start - 1] if start else None, tokens[end] if end < len(tokens) else None]
    is_between = all(
        each is None or each.is_a("joint") or (not each.concepts and not each.text.isalnum()) for each in sides
    )
    return is_between and any(sides) and not any(token.is_a("text", "quote") for token in tokens[start:end])
