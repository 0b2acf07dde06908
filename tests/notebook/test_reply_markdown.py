from __future__ import annotations

import re
import time

import mistune
import pytest
from hostile_replies import REPLIES, RUNS, formulas_in, harm_in
from hypothesis import given, settings, strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from nemo_notebook import outside
from nemo_notebook.notebook.markdown import markdown

PLUGINS = ["url", "table", "strikethrough", "footnotes", "task_lists", "def_list", "abbr"]
READERS = {
    "CommonMark": mistune.create_markdown(escape=False),
    "GitHub's kind": mistune.create_markdown(escape=False, plugins=PLUGINS),
    "nbconvert": markdown2html_mistune,
}
READ = pytest.mark.parametrize("reader", READERS)


def page_of(text: str, reader: str = "nbconvert") -> str:
    return str(READERS[reader](markdown(text))).replace('<a class="anchor-link"', "<a")


def seen(text: str) -> str:
    """What is to be read of a text in the end."""
    page = re.sub(r"<a [^>]*anchor-link.*?</a>", "", page_of(text))
    page = re.sub(r"<[^>]*>", "", page).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    return page.replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&").replace("\u200b", "").strip()


@pytest.mark.parametrize("hostile", ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07x", "a\x00b\x08c", "\u202egnp.exe"])
def test_plain__has_no_control_codes(hostile: str) -> None:
    assert not re.search(r"[\x00-\x08\x1b\u202e]", outside.plain(hostile))


def test_plain__keeps_marks_of_direction_behind_letters_that_need_them() -> None:
    assert outside.plain("\u200fsong\u200e.mp3") == "song.mp3"
    assert outside.plain("\u200eשלום!\u200f") == "שלום!\u200f"


@READ
@pytest.mark.parametrize("hostile", REPLIES)
def test_markdown__brings_nothing_to_life(hostile: str, reader: str) -> None:
    page = page_of(hostile, reader)
    assert harm_in(page) == []
    assert formulas_in(page) == []


@pytest.mark.parametrize("hostile", REPLIES)
def test_markdown__is_harmless_wherever_it_is_cut(hostile: str) -> None:
    for cut in range(1, len(hostile)):
        assert harm_in(page_of(hostile[:cut])) == []
        assert harm_in(page_of(hostile[cut:])) == []


PIECES = [
    *"ab <&\\`*[](){}:!|$~>#-_\n",
    *(
        "```",
        "~~~",
        "    ",
        "\n\n",
        "- ",
        "1. ",
        "](",
        "![",
        "https://x.test",
        "javascript:",
        "$$",
        "\\(",
        "\\begin{a}",
    ),
    *("\\end{a}", "mermaid\n", "&lt;", "\x1b[3", "[x](https://y.test)"),
]


@READ
@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_markdown__no_text_becomes_a_tag(reader: str, raw: str) -> None:
    for text in (f"{raw}{RUNS}", f"{raw}[x](javascript:alert(1))", f"{raw}$\\href{{javascript:x}}{{y}}$"):
        page = page_of(text, reader)
        assert harm_in(page) == []
        assert formulas_in(page) == []


@pytest.mark.parametrize(
    "text",
    [
        "**bold** and [a link](https://x.test)",
        "# Title\n\n1. one\n2. *two*\n\n- a\n  - b\n\n> quoted\n\n---\n\n| a | b |\n|---|---|\n| 1 | `x` |",
        "see https://x.test/a_b(c), or mailto:a@b.test.",
        "`code` and ``co`de``",
        "~~old~~ new, 100%, R2D2, key: value, 16:9",
    ],
)
def test_markdown__keeps_what_is_meant_to_be_markdown(text: str) -> None:
    assert markdown(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $10",
        "R&B, AT&T &amp; &lt;b&gt;",
        "if a < b and <c>",
        "C:\\Users\\me\\new",
        "array[0], [ ] open, [1]",
        "it's ` alone",
        "a `<b>` c",
        "`C:\\new $x$ $$`",
    ],
)
def test_markdown__shows_what_was_typed(text: str) -> None:
    assert seen(text) == text.replace("`", "") if text.count("`") == 2 else seen(text) == text


@pytest.mark.parametrize("language", ["", "python", "html"])
def test_code__looks_as_it_was_typed(language: str) -> None:
    code = 'print("<b>&amp;\\n</b>", a < b, `x`, $x$, r"\\d\\\\")\n\n    [x](y) **z**'
    for mark in ("```", "~~~", "````"):
        assert (
            markdown(f"So:\n{mark}{language}\n{code}\n{mark}\nDone.") == f"So:\n\n```{language}\n{code}\n```\n\nDone."
        )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1. a\n   ```\n   x <\n     y\n   ```\n2. b", "x <\n  y"),
        ("> ```\n> x <\n> ```\n> on", "x <"),
        ("- ```py\n  x <\n  ```\n- b", "x <"),
        ("So:\n\n    x <\n\n      y\n\nDone.", "x <\n\n  y"),
        ("\tx <", "x <"),
        ("```\nx <", "x <"),
        ("````\n```\n````", "```"),
    ],
)
def test_code__is_found_where_it_is(text: str, code: str) -> None:
    assert f"\n{code}\n```" in markdown(text)


@pytest.mark.parametrize("language", ["mermaid", "Mermaid", "math", "geojson", 'python" onload="x', "{=html}"])
def test_code__is_nothing_but_code(language: str) -> None:
    assert "```\nx\n```" in markdown(f"```{language}\nx\n```")


def test_indented_lines__within_a_list_stay_in_it() -> None:
    assert markdown("- a\n\n    on\n\n- b") == "- a\n\n    on\n\n- b"


def test_pictures__become_links() -> None:
    assert markdown("See ![cover](https://x.test/c.png)!") == "See [cover](https://x.test/c.png)!"


def test_addresses__are_written_so_that_all_read_the_same() -> None:
    link = "[https://x.test/?a=1&amp;copy=2](https://x.test/?a=1&amp;copy=2)"
    assert markdown("<https://x.test/?a=1&copy=2>") == link
    assert markdown("https://x.test/?a=1&copy=2.") == f"{link}."
    assert 'href="https://x.test/?a=1&amp;copy=2"' in page_of("[x](https://x.test/?a=1&copy=2)")


@pytest.mark.parametrize(
    "unit",
    ["[", "](", "`", "``", "` ``", "\\", "<", "$", "x", "[x](https://x", "https://...", "(", "![", "~~~", "> ", "&"],
)
def test_markdown__takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        begun_s = time.process_time()
        markdown(text)
        return time.process_time() - begun_s

    assert seconds(400_000) < 40 * max(seconds(40_000), 0.02)


def test_fence__knows_its_end() -> None:
    code = "  x\n~~~\n````"
    assert markdown("  ~~~~ python x\n    x\n~~~\n````\n~~~~~ \n*on*") == f"`````python\n{code}\n`````\n\n*on*"
    assert "<code>" not in page_of("``` a`b")
