from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.session.phrases import PhraseFilter, translate

CASES = [
    ("Done! Click the Export button to save it.", "Done! run `%nemo export` to save it."),
    ("Open the music panel to see more.", "run `%nemo status` to see more."),
    ("You can drag it to the timeline.", "You can ask for it in the chat."),
    ("Preview it in the timeline now.", "see it with `%nemo status` now."),
    ("完成了，点击右上角的导出按钮即可。", "完成了，运行 `%nemo export`即可。"),
    ("打开音乐面板看看。", "运行 `%nemo status`看看。"),
    ('The title is "Click the Export button".', 'The title is "Click the Export button".'),
    ("标题是“点击导出按钮”。", "标题是“点击导出按钮”。"),
    ("I opened with a wide shot of the click track.", "I opened with a wide shot of the click track."),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_translate__replaces_the_page_and_keeps_the_content(text: str, wanted: str) -> None:
    assert translate(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_filter__gives_the_same_whatever_the_pieces(text: str, wanted: str) -> None:
    for size in (1, 3, 7):
        phrases = PhraseFilter()
        shown = "".join(phrases.feed(text[i : i + size]) for i in range(0, len(text), size)) + phrases.flush()
        assert shown == wanted


def test_filter__plain_words_do_not_wait_for_the_sentence_to_end() -> None:
    assert PhraseFilter().feed("Made a film with bars ") == "Made a film with bars "


@given(st.lists(st.text(alphabet='abc .\n“”"', max_size=6)))
def test_filter__loses_nothing(pieces: list[str]) -> None:
    phrases = PhraseFilter()
    assert "".join(phrases.feed(piece) for piece in pieces) + phrases.flush() == "".join(pieces)
