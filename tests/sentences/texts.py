"""Train the finder of words for titles: `nemo_notebook/agent/texts.npz` from `tests/sentences`.

Messages are made of the sentences and of the grammars in `titles/`, with words for titles in them whose places are
known; some have two wishes, some have quotation marks, and many have no title at all. The weights are those of a
structured perceptron with a margin (steps as in AdaGrad), averaged over its later epochs. It is trained twice, as the
classifier is: without the sentences that are held out, and on all of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import numpy as np
from corpus import Film, Sentence, grammar

from nemo_notebook.agent import classifiers
from nemo_notebook.agent.classifiers import Spans, feature_key
from nemo_notebook.agent.lexicon import Message
from nemo_notebook.agent.reading import tokens_in

WEIGHTS = Path(classifiers.__file__).with_name("texts.npz")
Place = tuple[int, int]
_START, _END = "\ue000\ue001"  # around words for a title
_QUOTES = {"en": ('""', "“”", "''"), "zh": ('""', "“”", "「」", "《》")}
_MOST_TOKENS = 60
_MESSAGES = {"titles": 36_000, "other": 28_000}
_TRIED = 3  # messages of each sentence that is held out
_EPOCHS, _STEP, _MARGIN = 6, 0.1, 1.0
_LEAST_WEIGHT = 0.015  # weights below are left out
_HAS_WORDS = re.compile(r"\{text\}|[\"“]")
_ARE_TITLES = ("titles.add", "titles.change")
_CLOSE = ("titles.", "context.", "history.", "talk.", "facts.", "chat.")  # kinds whose words look most like titles


class Example(NamedTuple):
    """A message as keys of features: those of each edge and token, and those of each stretch that may be words."""

    length: int
    starts: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
    ends: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
    inside: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
    stretches: np.ndarray[Any, Any]
    pairs: np.ndarray[Any, Any]
    right: tuple[Place, ...]


class Messages:
    """Messages of one language, made up with marks around the words for titles.

    Args:
        language: Theirs.
        known: The sentences that they are made of.
        chance: What chooses.
    """

    def __init__(self, language: str, known: Iterable[Sentence], chance: random.Random) -> None:
        own = [each for each in known if each.language == language]
        self._titles = [each.text for each in own if each.kind in _ARE_TITLES and "{text}" in each.text]
        others = [each for each in own if each.kind not in _ARE_TITLES and not _HAS_WORDS.search(each.text)]
        self._others = [each.text for each in others]
        self._close = [each.text for each in others if each.kind.startswith(_CLOSE)]
        self._films = [film for film in corpus.films().values() if film.language == language]
        self._rules, self._language, self._chance = grammar(language), language, chance

    def with_title(self) -> Example | None:
        chance = self._chance
        symbol = "answer" if chance.random() < 0.05 else "wish"
        is_collected = chance.random() < 0.62
        text = chance.choice(self._titles) if is_collected else self._rules.expand(symbol, chance).strip()
        if chance.random() < 0.1:
            text += self._rules.expand("behind", chance)
        return self._example(text, is_after=(not is_collected and symbol == "answer") or chance.random() < 0.2)

    def without_title(self) -> Example | None:
        chance = self._chance
        is_rule = chance.random() < 0.06
        text = self._rules.expand("other", chance) if is_rule else chance.choice(self._any_other())
        return self._example(text, is_after=chance.random() < 0.2)

    def of(self, text: str) -> Example | None:
        """A message of one sentence, with nothing around it."""
        return example_of(self._marked(text, self._chance.choice(self._films)), self._films[0])

    def _any_other(self) -> Sequence[str]:
        return self._close if self._chance.random() < 0.5 else self._others

    def _example(self, text: str, *, is_after: bool) -> Example | None:
        chance, film = self._chance, self._chance.choice(self._films)
        parts = [self._marked(text, film)]
        if chance.random() < 0.35:
            parts.append(self._marked(chance.choice(self._others), film))
            chance.shuffle(parts)
        message = self._rules.expand("between", chance).join(parts)
        if chance.random() < 0.35 and self._language == "en" and message[0] != _START:
            message = message[0].upper() + message[1:]
        if chance.random() < 0.2 and message[-1] not in "。！？!?.":
            message += self._rules.expand("full_stop", chance)
        return example_of(message, film, is_after=is_after)

    def _marked(self, text: str, film: Film) -> str:
        """A sentence with words for its placeholders, those of titles between marks or in quotation marks."""
        chance = self._chance
        text = corpus.filled(text, film, chance)
        while "{text}" in text:
            language = self._language if chance.random() > 0.07 else chance.choice(corpus.LANGUAGES)
            words = grammar(language).title(chance)
            if chance.random() < 0.06:
                longer = self._rules.expand("longer", chance).replace("{text}", words)
                words = corpus.filled(longer, film, chance)
            left, right = _START, _END
            if chance.random() < 0.12:
                left, right = chance.choice(_QUOTES[self._language])
                words = words.replace('"', "")
            text = text.replace("{text}", left + words + right, 1)
        return text


def example_of(marked: str, film: Film, *, is_after: bool = False) -> Example | None:
    """A message with marks as an example; nothing where its tokens do not end with the words, or are too many."""
    raw = marked.replace(_START, "").replace(_END, "")
    text = Message(raw)
    tokens = tokens_in(raw, film.situation)
    tokens = [classifiers._as_text(token, tokens) for token in tokens]
    right = []
    for start, end in _marks(marked):
        places = [(text.places[token.start], text.places[token.end - 1]) for token in tokens]
        inside = [at for at, (first, last) in enumerate(places) if first < end and last >= start]
        if not inside or _bare(text.original(tokens[inside[0]].start, tokens[inside[-1]].end)) != _bare(raw[start:end]):
            return None
        right.append((inside[0], inside[-1] + 1))
    if not tokens or len(tokens) > _MOST_TOKENS:
        return None
    spans = Spans(tokens, text, is_after=is_after)
    stretches = [(start, end) for end in range(1, len(tokens) + 1) for start in _possible_starts(spans, end)]
    pairs = [[feature_key(name) % classifiers.SIZE for name in spans.between(*stretch)] for stretch in stretches]
    keys = (_keys(spans.starts), _keys(spans.ends), _keys(spans.inside))
    as_places = np.array(stretches, np.int16).reshape(-1, 2)
    return Example(len(tokens), *keys, as_places, np.array(pairs, np.int32).reshape(-1, 3), tuple(right))


def _marks(marked: str) -> Iterator[Place]:
    """Where the marked words stand in a message without its marks."""
    at = start = 0
    for letter in marked:
        if letter == _START:
            start = at
        elif letter == _END:
            yield start, at
        else:
            at += 1


def _bare(words: str) -> str:
    return words.strip(" .!?！？，,~…❤️:)")


def _possible_starts(spans: Spans, end: int) -> Iterator[int]:
    for start in range(end - 1, max(-1, end - classifiers._LONGEST - 1), -1):
        if not spans.may_hold(start, end):
            return
        yield start


def _keys(features: Sequence[Sequence[str]]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The keys of the features of all places, and the place of each."""
    keys = np.array([feature_key(name) % classifiers.SIZE for names in features for name in names], np.int32)
    return keys, np.repeat(np.arange(len(features), dtype=np.int16), [len(names) for names in features])


class Perceptron:
    """Weights of features, and the stretches of a message with the best sum of them."""

    def __init__(self) -> None:
        self._weights = np.zeros(classifiers.SIZE, np.float32)
        self._squares = np.full(self._weights.size, 1e-6, np.float32)

    def fit(self, examples: Sequence[Example]) -> None:
        total = np.zeros(self._weights.size)
        for epoch in range(_EPOCHS):
            order = list(range(len(examples)))
            random.Random(epoch).shuffle(order)
            for at in order:
                self._learn(examples[at])
            if epoch >= _EPOCHS // 2:
                total += self._weights
        mean = (total / (_EPOCHS - _EPOCHS // 2)).astype(np.float32)
        self._weights = np.where(np.abs(mean) < _LEAST_WEIGHT, 0, mean)

    def found(self, example: Example, margin: float = 0.0) -> list[Place]:
        """The best stretches; with a margin, right ones are that much harder to find."""
        one = example
        starts, ends, inside = (
            np.bincount(places, self._weights[keys], one.length + 1)
            for keys, places in (one.starts, one.ends, one.inside)
        )
        held = np.concatenate([[0], np.cumsum(inside)])
        first, last = one.stretches.T
        scores = starts[first] + ends[last] + held[last] - held[first] + self._weights[one.pairs].sum(axis=1)
        best: list[tuple[float, tuple[Place, ...]]] = [(0.0, ())] * (one.length + 1)
        by_end = zip(map(tuple, one.stretches.tolist()), scores.tolist(), strict=True)
        reached = 0
        for stretch, score in by_end:
            start, end = stretch
            best[reached + 1 : end + 1] = [best[reached]] * (end - reached)
            reached = end
            value = best[start][0] + score + (-margin if stretch in one.right else margin)
            if value > best[end][0]:
                best[end] = value, (*best[start][1], stretch)
        return list(best[reached][1])

    def save(self, path: Path) -> None:
        """Write the weights as bytes with one scale."""
        scale = np.abs(self._weights).max() / 127
        np.savez_compressed(path, weights=np.round(self._weights / scale).astype(np.int8), scale=np.float32(scale))

    def _learn(self, example: Example) -> None:
        found = self.found(example, _MARGIN)
        missed, wrong = set(example.right) - set(found), set(found) - set(example.right)
        keys = [self._keys_of(example, stretches) for stretches in (missed, wrong)]
        if not any(map(len, keys)):
            return
        signs = np.repeat([1.0, -1.0], [len(each) for each in keys])
        features, at = np.unique(np.concatenate(keys), return_inverse=True)
        change = np.bincount(at, signs)
        self._squares[features] += change**2
        self._weights[features] += _STEP * change / np.sqrt(self._squares[features])

    def _keys_of(self, example: Example, stretches: Iterable[Place]) -> np.ndarray[Any, Any]:
        """The keys of all features of some stretches."""
        parts: list[np.ndarray[Any, Any]] = [np.zeros(0, np.int32)]
        for start, end in stretches:
            (firsts, first_at), (lasts, last_at), (insides, inside_at) = example.starts, example.ends, example.inside
            parts += [firsts[first_at == start], lasts[last_at == end]]
            parts.append(insides[(inside_at >= start) & (inside_at < end)])
            parts.append(example.pairs[(example.stretches == (start, end)).all(axis=1)].ravel())
        return np.concatenate(parts)


def train() -> None:
    """Print how the finder does on what is held out, train it on everything and write its weights."""
    everything = corpus.sentences()
    report(_trained([each for each in everything if not each.is_held_out]), everything)
    finder = _trained(everything)
    finder.save(WEIGHTS)
    print(f"{sum(_MESSAGES.values())} messages: {WEIGHTS.name}, {WEIGHTS.stat().st_size // 1000} kB")


def _trained(known: Sequence[Sentence]) -> Perceptron:
    chance = random.Random(5)
    examples: list[Example | None] = []
    for language in corpus.LANGUAGES:
        messages = Messages(language, known, chance)
        examples += [messages.with_title() for _ in range(_MESSAGES["titles"] // len(corpus.LANGUAGES))]
        examples += [messages.without_title() for _ in range(_MESSAGES["other"] // len(corpus.LANGUAGES))]
    finder = Perceptron()
    finder.fit([each for each in examples if each is not None])
    return finder


def report(finder: Perceptron, everything: Sequence[Sentence]) -> None:
    """Print how often the words of a title are found as they are, and how often words are found where none are."""
    print("language  with a title    right  without one   right")
    for language in corpus.LANGUAGES:
        held = [each for each in everything if each.is_held_out and each.language == language]
        messages = Messages(language, held, random.Random(1))
        shares = []
        for sentences in (messages._titles * _TRIED, messages._others):
            examples = [each for each in map(messages.of, sentences) if each is not None]
            shares += [len(examples), np.mean([finder.found(each) == list(each.right) for each in examples])]
        print("{:8}  {:12}  {:6.1%}  {:11}  {:6.1%}".format(language, *shares))


if __name__ == "__main__":
    train()
