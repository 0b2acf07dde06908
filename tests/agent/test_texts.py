"""The finder of words for titles, with the weights that are shipped; `texts.toml` beside this file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import corpus
import pytest
from hypothesis import given, settings, strategies as st

from nemo_notebook.agent.classifiers import with_texts
from nemo_notebook.agent.lexicon import Message
from nemo_notebook.agent.reading import tokens_in

CASES = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))["cases"]


def words_in(message: str, language: str) -> list[str]:
    tokens = tokens_in(message, corpus.usual_film(language).situation)
    return [token.concepts["text"] for token in with_texts(tokens, Message(message)) if "text" in token.concepts]


@pytest.mark.parametrize(("language", "message", "words"), CASES)
def test_words_are_found(language: str, message: str, words: list[str]) -> None:
    assert words_in(message, language) == words


PIECES = st.sampled_from(
    ["title", " ", '"', "“", "「", "'", "写", "标题", "\n", ":", "add ", "İ", "ß", "\u200d", "👩‍👧", "{text}"]
)


@settings(max_examples=60)
@given(st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join), st.sampled_from(corpus.LANGUAGES))
def test_any_message_has_an_end(message: str, language: str) -> None:
    assert all(isinstance(words, str) for words in words_in(message, language))


def test_digits_of_any_script_are_numbers() -> None:
    tokens = tokens_in("第႒张移到最前面", corpus.usual_film("zh").situation)
    assert [token.concepts["ordinal"] for token in tokens if "ordinal" in token.concepts] == [2]


def test_long_messages_are_read() -> None:
    assert isinstance(words_in("write " * 2000, "en"), list)
