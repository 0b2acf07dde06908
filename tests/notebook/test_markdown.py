"""Replies in Markdown as the trees that the chat's pages draw, and as the HTML that notebooks keep."""

from __future__ import annotations

import random
import re
import time

import pytest
from cases import cases
from hostile_replies import REPLIES, RUNS, formulas_in, harm_in
from hypothesis import given, settings, strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from nemo_notebook import outside
from nemo_notebook.notebook.markdown import GrowingMarkdown, Tree, read_markdown, write_html

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
    "fence": f"{'`' * 9_000}\n" + "code\n" * 2_000,
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


@cases
def test_markdown__is_drawn_as_it_is_meant(text: str, drawn: str) -> None:
    assert html(*read_markdown(text)) == drawn


def harmless(text: str) -> None:
    """A page has nothing that runs or loads, and stays so where a notebook is exported to Markdown."""
    page = write_html(read_markdown(outside.plain(text)))
    for each in (page, str(markdown2html_mistune(page))):
        assert harm_in(each) == []
        assert formulas_in(each) == []


@pytest.mark.parametrize("hostile", REPLIES)
def test_html__brings_nothing_to_life_wherever_it_is_cut(hostile: str) -> None:
    for cut in range(1, len(hostile) + 1):
        harmless(hostile[:cut])
        harmless(hostile[cut:])


PIECES = [
    *"ab <&\\`*[](){}:!|$~>#-_\n",
    *("```", "~~~", "    ", "\n\n", "- ", "1. ", "](", "![", "https://x.test", "javascript:", "$$", "\\(", "mermaid\n"),
    *("\\begin{a}", "\\end{a}", "&lt;", "\x1b[3", "[x](https://y.test)"),
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_html__has_no_tag_of_a_text(raw: str) -> None:
    for end in (RUNS, "[x](javascript:alert(1))", "$\\href{javascript:x}{y}$"):
        harmless(raw + end)


@cases
def test_html__is_one_line_with_what_was_meant(text: str, page: str) -> None:
    assert write_html(read_markdown(text)) == page


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
