from __future__ import annotations

import pytest

from nemo_notebook.session.language import is_chinese


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("加标题“城市之梦”", True),
        ('add a title "城市之梦"', False),
        ("add the title 《城市之梦》 at the end", False),
        ("把标题改成“Urban Dreams”", True),
        ('"城市之梦"', True),
        ("make it faster", False),
        ("", False),
    ],
)
def test_language__is_that_of_the_words_not_of_what_they_quote(text: str, is_so: bool) -> None:
    assert is_chinese(text) is is_so
