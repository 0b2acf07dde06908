from __future__ import annotations

import re

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook import outside
from nemo_notebook.notebook import text


@pytest.mark.parametrize("hostile", ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07x", "a\x00b\x08c", "\u202egnp.exe"])
def test_plain__has_no_control_codes(hostile: str) -> None:
    assert not re.search(r"[\x00-\x08\x1b\u202e]", outside.plain(hostile))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "\\<img src=https://evil.test/x.png onerror=alert(1)>",
        "\\\\<img src=x>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt\\:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "\\&lt;",
        "![t](https://evil.test/track.png)",
        "\\![t](https://evil.test/track.png)",
        "![t][r]\n\n[r]: https://evil.test/track.png",
        "<javascript:alert(1)>",
        "`code` <b>x</b> ```\n<i>\n```",
    ],
)
def test_markdown__brings_nothing_to_life(hostile: str) -> None:
    page = RENDER(text.markdown(hostile))
    assert not re.search(r"<(?!/?(p|a|code|pre|em|strong|br|h\d|ul|ol|li|blockquote|hr)\b)", page), page
    assert not re.search(r"href=\"\s*(javascript|data|vbscript):", page, re.IGNORECASE)


RENDER = mistune.create_markdown(escape=False)


@given(st.text(alphabet="ab <&\\`*[](:)!\n", max_size=40))
def test_markdown__no_text_becomes_a_tag(raw: str) -> None:
    page = RENDER(text.markdown(f"{raw}<img src=x>"))
    assert "<img" not in page


def test_markdown__keeps_what_is_meant_to_be_markdown() -> None:
    assert text.markdown("**bold** and [a link](https://x.test)") == "**bold** and [a link](https://x.test)"
