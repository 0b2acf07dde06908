"""The classifier of wishes, with the weights that are shipped."""

from __future__ import annotations

import corpus
import pytest
from hypothesis import given, strategies as st

from nemo_notebook.agent.classifiers import likeness_of
from nemo_notebook.agent.lexicon import kinds
from nemo_notebook.agent.tokenizer import Token

NO_FRAME = {"context.context"}
SAMPLE = corpus.sentences()[::40]


def test_it_knows_the_kinds_that_there_are() -> None:
    assert set(likeness_of([])) == set(kinds()) | NO_FRAME


def test_the_sentences_are_of_the_kinds_that_there_are() -> None:
    assert {each.kind for each in corpus.sentences()} == set(kinds()) | NO_FRAME


def test_a_sentence_stands_under_one_kind() -> None:
    texts = [(each.language, each.text.lower()) for each in corpus.sentences()]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("language", corpus.LANGUAGES)
def test_most_sentences_are_recognised(language: str) -> None:
    own = [each for each in SAMPLE if each.language == language]
    shares = [likeness_of(corpus.tokens_of(each)) for each in own]
    right = sum(max(share, key=share.__getitem__) == each.kind for share, each in zip(shares, own, strict=True))
    assert right / len(own) >= 0.9


@given(st.lists(st.tuples(st.text(max_size=20), st.lists(st.sampled_from(["add", "title", "text", "nonsense"])))))
def test_shares_sum_to_one(words: list[tuple[str, list[str]]]) -> None:
    tokens = [Token(0, len(word), word, dict.fromkeys(concepts)) for word, concepts in words]
    shares = likeness_of(tokens)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
    assert min(shares.values()) >= 0
