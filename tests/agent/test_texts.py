"""The finder of words for titles, with the weights that are shipped."""

from __future__ import annotations

import corpus
import pytest
from hypothesis import given, settings, strategies as st

from nemo_notebook.agent.classifiers import with_texts
from nemo_notebook.agent.lexicon import Text
from nemo_notebook.agent.reading import tokens_in


def words_in(message: str, language: str) -> list[str]:
    tokens = tokens_in(message, corpus.usual_film(language).situation)
    return [token.concepts["text"] for token in with_texts(tokens, Text(message)) if "text" in token.concepts]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('add the title "Night train to Riga" at the start', ["Night train to Riga"]),
        ("write “all our harvests” on the second photo", ["all our harvests"]),
        ("put Grandma's Garden at the bottom in yellow", ["Grandma's Garden"]),
        ("add a title saying see you in october", ["see you in october"]),
        ("change the title to Winter at the lake", ["Winter at the lake"]),
        ('write "Hello" at the start and "Goodbye" at the end', ["Hello", "Goodbye"]),
        ("make the title bigger and move it to the top", []),
        ("turn the music down a bit", []),
        ("put the boat clip first", []),
        ("make a video with all of this", []),
    ],
)
def test_words_are_found_in_english(message: str, words: list[str]) -> None:
    assert words_in(message, "en") == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("加个标题“外婆的菜园”", ["外婆的菜园"]),
        ("片头写「秋天来了」", ["秋天来了"]),
        ("在开头写上我们的小院", ["我们的小院"]),
        ("把标题改成湖边的冬天", ["湖边的冬天"]),
        ("标题大一点", []),
        ("音乐小声一点", []),
        ("把灯笼放到最前面", []),
    ],
)
def test_words_are_found_in_chinese(message: str, words: list[str]) -> None:
    assert words_in(message, "zh") == words


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
