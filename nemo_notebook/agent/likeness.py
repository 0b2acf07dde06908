"""Which kind of wish some words are most like: a linear classifier, trained on the sentences of many people.

It knows nothing of the film and reads no values. It says how likely each kind is, so that a frame that accounts for
the words is held against what people mean by such words, and so that a wish in words of nobody's list is still
known for what it is. `likeness.npz` has its weights; `python -m tests train` makes them from `tests/sentences`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from nemo_notebook.agent.tokens import Token

_NAMES: Final = ("text", "title_text", "file")  # tokens that are names: their words say nothing of the kind
_LENGTHS: Final = (3, 4, 5)  # of pieces of words in letters; Chinese ones are as long as one or two characters


class _Weights(NamedTuple):
    kinds: tuple[str, ...]
    rows: Mapping[int, int]
    weights: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]


def features_of(token: Token) -> Iterator[str]:
    """What a token says of the kind of a wish: its concepts, and, unless it is a name, its word and pieces of it."""
    for concept in token.concepts:
        yield f"c:{concept}"
    text = token.text
    if token.is_a(*_NAMES) or any(map(str.isdigit, text)):
        return
    yield f"w:{text}"
    word = f" {text} "
    lengths = _LENGTHS if text.isascii() else (3, 4)
    for length in lengths:
        for at in range(len(word) - length + 1):
            yield f"n:{word[at : at + length]}"


def _name(token: Token) -> str:
    if token.is_a(*_NAMES):
        return "#"
    return "0" if any(map(str.isdigit, token.text)) else token.text


def features_in(tokens: Sequence[Token]) -> Iterator[str]:
    """What all tokens of a sentence say of its kind, each by itself and every two neighbours together."""
    for token in tokens:
        yield from features_of(token)
    yield from (f"p:{one} {other}" for one, other in _pairs(tokens))


def _pairs(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    return pairwise(["^", *map(_name, tokens), "$"])


def key_of(feature: str) -> int:
    """The number under which the weights of a feature are kept."""
    return zlib.crc32(feature.encode())


@cache
def _weights() -> _Weights:
    with resources.files(__package__).joinpath("likeness.npz").open("rb") as file, np.load(file) as arrays:
        rows = {int(key): at for at, key in enumerate(arrays["keys"])}
        weights = arrays["weights"].astype(np.float32) * arrays["scale"].astype(np.float32)
        return _Weights(tuple(arrays["kinds"].tolist()), rows, weights, arrays["bias"])


def _sum(features: Iterator[str]) -> np.ndarray[Any, Any]:
    known = _weights()
    at = [known.rows[key] for key in map(key_of, features) if key in known.rows]
    return known.weights[at].sum(axis=0) if at else np.zeros(len(known.kinds), np.float32)


@lru_cache(maxsize=4096)
def _of_token(text: str, concepts: frozenset[str]) -> np.ndarray[Any, Any]:
    return _sum(features_of(Token(0, 0, text, dict.fromkeys(concepts))))


@lru_cache(maxsize=4096)
def _of_pair(one: str, other: str) -> np.ndarray[Any, Any]:
    return _sum(iter((f"p:{one} {other}",)))


def likeness_of(tokens: Sequence[Token]) -> Mapping[str, float]:
    """How likely each kind of wish is, by its name; the sum is 1."""
    known = _weights()
    total = known.bias.copy()
    for token in tokens:
        total += _of_token(token.text, frozenset(token.concepts))
    for one, other in _pairs(tokens):
        total += _of_pair(one, other)
    share = np.exp(total - total.max())
    return dict(zip(known.kinds, (share / share.sum()).tolist(), strict=True))
