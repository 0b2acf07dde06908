"""Replies in Markdown as the trees that the chat's pages draw."""

from __future__ import annotations

import random
import re
import time

import pytest
from hostile_replies import REPLIES

from nemo_notebook.notebook.widgets.markdown_trees import GrowingMarkdown, Tree, read_markdown

TAGS = set("a blockquote br code div em hr li ol p pre s strong table tbody td th thead tr ul".split())
ATTRIBUTES = {"aria-level", "class", "dir", "href", "role", "start", "style"}
LONG = {
    "one word": "x" * 1_000_000,
    "words": "many words in one line " * 9_000,
    "list": "- an item\n" * 9_000,
    "table": "a|b\n-|-\n" + "one | two\n" * 9_000,
    "code": "```\n" + "code\n" * 20_000,
    "quote": "> quoted\n" * 9_000,
    "emphasis": "*a **b _c " * 9_000,
    "brackets": "[" * 100_000,
    "links": "[a](" * 25_000,
    "ticks": "`".join("a" * 20_000),
    "quotes in quotes": "> " * 5_000,
    "lists in lists": "\n".join(f"{' ' * 2 * n}- a" for n in range(300)),
}


def html(*trees: Tree) -> str:
    """Trees as a page would write them, texts as they are."""
    drawn = ""
    for tree in trees:
        if isinstance(tree, str):
            drawn += tree
        else:
            tag, attributes, *children = tree
            told = "".join(f" {name}={value!r}" for name, value in attributes.items() if name != "dir")
            drawn += f"<{tag}{told}>{html(*children)}</{tag}>"
    return drawn


def text_of(*trees: Tree) -> str:
    return "".join(tree if isinstance(tree, str) else text_of(*tree[2:]) for tree in trees)


def elements(*trees: Tree) -> list[list]:
    """All elements of some trees."""
    found = [tree for tree in trees if isinstance(tree, list)]
    return found + [each for tree in found for each in elements(*tree[2:])]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("# Head *one*", "<div class='nemo-md-heading nemo-md-h1' role='heading' aria-level=4>Head <em>one</em></div>"),
        ("**a**, `b <i>`, ~~c~~", "<p><strong>a</strong>, <code>b <i></code>, <s>c</s></p>"),
        ("***both*** snake_case_name 2 * 3 \\*x\\*", "<p><em><strong>both</strong></em> snake_case_name 2 * 3 *x*</p>"),
        ("**重点：**内容，**“引用”**结束", "<p><strong>重点：</strong>内容，<strong>“引用”</strong>结束</p>"),
        ("one\ntwo  \nthree", "<p>one\ntwo<br></br>three</p>"),
        (
            "- a\n  - b\n    1. c",
            "<ul><li><p>a</p><ul><li><p>b</p><ol start=1><li><p>c</p></li></ol></li></ul></li></ul>",
        ),
        ("3. a\n\n   more\n4. b", "<ol start=3><li><p>a</p><p>more</p></li><li><p>b</p></li></ol>"),
        ("> a\n> - b", "<blockquote><p>a</p><ul><li><p>b</p></li></ul></blockquote>"),
        ('```py\nx = "<script>"\n```', "<pre class='nemo-md-code'><code>x = \"<script>\"</code></pre>"),
        ("~~~\nan open fence\n", "<pre class='nemo-md-code'><code>an open fence</code></pre>"),
        ("---", "<hr></hr>"),
        (
            "Before\na | b\n--|--:\n1 | 2 \\| 3",
            "<p>Before</p><div class='nemo-md-table'>"
            "<table><thead><tr><th>a</th><th style='text-align: end'>b</th></tr></thead>"
            "<tbody><tr><td>1</td><td style='text-align: end'>2 | 3</td></tr></tbody></table></div>",
        ),
        ("<b>x</b> &lt;", "<p><b>x</b> &lt;</p>"),
        ("see https://a.test/b_(c). Then", "<p>see <a href='https://a.test/b_(c)'>https://a.test/b_(c)</a>. Then</p>"),
        ("看https://a.test/x。然后", "<p>看<a href='https://a.test/x'>https://a.test/x</a>。然后</p>"),
        (
            "[x](https://a.test) ![y](https://b.test)",
            "<p><a href='https://a.test'>x</a> <a href='https://b.test'>y</a></p>",
        ),
        ("[x https://b.test](https://a.test)", "<p><a href='https://a.test'>x https://b.test</a></p>"),
    ],
)
def test_markdown__is_drawn_as_it_is_meant(text: str, drawn: str) -> None:
    assert html(*read_markdown(text)) == drawn


@pytest.mark.parametrize("text", [*REPLIES, "\n\n".join(REPLIES)])
def test_markdown__is_of_known_elements_and_text(text: str) -> None:
    for tag, attributes, *_ in elements(*read_markdown(text)):
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES
        assert tag == "a" or "href" not in attributes  # the page looks where a link leads
        assert re.fullmatch("|text-align: (end|center)", attributes.get("style", ""))


@pytest.mark.parametrize("seed", range(3))
def test_markdown__is_the_same_whatever_pieces_it_comes_in(seed: int) -> None:
    rnd = random.Random(seed)
    for text in (*REPLIES, *("\n\n".join(rnd.sample(REPLIES, 8)) * 5 for _ in range(5)), LONG["code"][:9_000]):
        whole, grown, page, at = GrowingMarkdown(), GrowingMarkdown(), [], 0
        whole.append(text)
        while at < len(text):
            step = rnd.choice((1, 2, 3, 7, 30, 900))
            first = grown.append(text[at : at + step])
            page = [*page[:first], *grown.blocks[first:]]
            at += step
        assert page == grown.blocks == whole.blocks


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_markdown__a_long_one_costs_little_and_loses_nothing(text: str) -> None:
    grown, begun_s = GrowingMarkdown(), time.perf_counter()
    for at in range(0, len(text), 2_000):
        grown.append(text[at : at + 2_000])
    assert time.perf_counter() - begun_s < 60  # many times what it takes; what grows with the square takes minutes
    drawn = text_of(*grown.blocks)
    for word in ("x", "words", "item", "one", "code", "quoted", "a", "["):
        assert drawn.count(word) >= text.count(word) or word not in text


def test_markdown__long_code_is_code_to_its_end() -> None:
    grown = GrowingMarkdown()
    grown.append("Before\n```py\n" + "x = 1\n" * 2_000 + "```\n**after**")
    assert {tree[0] for tree in grown.blocks[1:-1]} == {"pre"}
    assert html(grown.blocks[-1]) == "<p><strong>after</strong></p>"
