from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.notebook import text


@pytest.mark.parametrize("hostile", ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07x", "a\x00b\x08c", "\u202egnp.exe"])
def test_plain__has_no_control_codes(hostile: str) -> None:
    assert not re.search(r"[\x00-\x08\x1b\u202e]", text.plain(hostile))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt\\:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "![x](data:text/html,hi)",
        "<javascript:alert(1)>",
    ],
)
def test_markdown__brings_nothing_to_life(hostile: str) -> None:
    shown = text.markdown(hostile)
    assert not re.search(r"(?<!\\)[<&]", shown)
    assert not re.search(r"(javascript|data)[\s\\]*:", shown, re.IGNORECASE)


@given(st.text(alphabet="ab <&\\`*[](:)\n"))
def test_markdown__every_angle_and_ampersand_is_escaped(raw: str) -> None:
    assert len(re.findall(r"\\[<&]", text.markdown(raw))) >= raw.count("<") + raw.count("&")


def test_markdown__keeps_what_is_meant_to_be_markdown() -> None:
    assert text.markdown("**bold** and [a link](https://x.test)") == "**bold** and [a link](https://x.test)"
