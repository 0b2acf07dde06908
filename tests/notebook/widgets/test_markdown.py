"""Markdown as the chat's pages draw it: in a browser, without a notebook."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import chromium
from hostile_replies import REPLIES
from playwright.sync_api import Page, sync_playwright

from nemo_notebook.notebook.widgets import part

FOLDER = Path(part.__file__).parent
SAMPLE = """# Head *one*

Some **bold**, *italic*, `code <b>`, ~~gone~~, ***both***, snake_case_name, 2 * 3 * 4 and \\*stars\\*
on a second line: https://example.com/a_b(c). [site](https://there.test/x "t") [x](http://no.test) ![img](https://a.test/b.png)

- one
- two
  - nested **b**
    1. deep
- three

3. third

   more of it
4. fourth

> a quote
> - within

```py
x = "<script>"
```
| a | b |
|---|--:|
| 1 | `2` |
| 3 | 4 \\| 5 |

---
Before a table
c | d
--|--
1 | 2

https://google.com@evil.test/x
~~~
an open fence
"""
DRAW = """([whole, pieces]) => {
  const draw = (all) => {
    const root = document.createElement("div");
    const drawn = new Markdown(root);
    all.forEach((each) => drawn.append(each));
    return root;
  };
  const root = draw(pieces);
  return {
    html: root.innerHTML,
    isSame: root.innerHTML === draw([whole]).innerHTML,
    text: root.textContent,
    tags: [...new Set([...root.querySelectorAll("*")].map((each) => each.localName))],
    attributes: [...new Set([...root.querySelectorAll("*")].flatMap((each) => each.getAttributeNames()))],
    links: [...root.querySelectorAll("a")].map((each) => [each.href, each.rel, each.nextSibling?.textContent ?? ""]),
  };
}"""
TAGS = set("a blockquote br code div em hr li ol p pre s span strong table tbody td th thead tr ul".split())
ATTRIBUTES = set("aria-label aria-level class dir href rel role start style tabindex target title".split())


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    found = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_content("<div id=out></div>")
        sources = (FOLDER / f"{name}.js" for name in ("kit", "markdown"))
        source = "\n".join(each.read_text(encoding="utf-8") for each in sources)
        page.add_script_tag(content=f"{source}\nwindow.Markdown = Markdown;")
        yield page
        browser.close()


def pieces(text: str, seed: int) -> list[str]:
    rnd, at, cut = random.Random(seed), 0, []
    while at < len(text):
        step = rnd.choice((1, 1, 2, 3, 7, 30))
        cut.append(text[at : at + step])
        at += step
    return cut


def test_markdown__is_drawn_as_it_is_meant(page: Page) -> None:
    drawn = page.evaluate(DRAW, [SAMPLE, [SAMPLE]])
    for part_of_it in (
        "Head <em>one</em>",
        "<strong>bold</strong>, <em>italic</em>, <code>code &lt;b&gt;</code>, <s>gone</s>, <strong>",
        "<strong><em>both</em></strong>",
        "snake_case_name, 2 * 3 * 4 and *stars*<br>on a second line",
        ">https://example.com/a_b(c)</a>. ",
        '>site</a><span class="nemo-md-host"> (there.test)</span> [x](http://no.test)',
        ">img</a>",
        '<ul><li><p dir="auto">nested <strong>b</strong></p><ol start="1"><li><p dir="auto">deep</p></li></ol></li>',
        '<ol start="3"><li><p dir="auto">third</p><p dir="auto">more of it</p></li>',
        '<blockquote><p dir="auto">a quote</p><ul><li><p dir="auto">within</p></li></ul></blockquote>',
        '<code>x = "&lt;script&gt;"</code>',
        '<td dir="auto" style="text-align: end;">4 | 5</td>',
        '<p dir="auto">Before a table</p><div class="nemo-md-table"',
        '@evil.test/x</a><span class="nemo-md-host"> (evil.test)</span>',
        "<code>an open fence</code>",
    ):
        assert part_of_it in drawn["html"]


@pytest.mark.parametrize("seed", range(3))
def test_markdown__is_the_same_whatever_pieces_it_comes_in(page: Page, seed: int) -> None:
    rnd = random.Random(seed)
    for text in (SAMPLE, *REPLIES, *("\n\n".join(rnd.sample(REPLIES, 8)) for _ in range(5))):
        assert page.evaluate(DRAW, [text, pieces(text, seed)])["isSame"], text


def test_markdown__brings_nothing_to_life(page: Page) -> None:
    for text in (*REPLIES, "\n\n".join(REPLIES)):
        drawn = page.evaluate(DRAW, [text, [text]])
        assert set(drawn["tags"]) <= TAGS
        assert set(drawn["attributes"]) <= ATTRIBUTES
        for address, relation, behind in drawn["links"]:
            assert address.startswith("https://")
            assert "noopener" in relation
            assert behind.startswith(" (") or address.partition("/")[0] in text


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "many words in one line " * 9_000,
        "- an item\n" * 9_000,
        "a|b\n-|-\n" + "one | two\n" * 9_000,
        "```\n" + "code\n" * 20_000,
        "> quoted\n" * 9_000,
        "*a **b _c " * 9_000,
        "[" * 100_000,
        "`".join("a" * 20_000),
        "> " * 5_000,
        "\n".join(f"{' ' * 2 * n}- a" for n in range(300)),
    ],
    ids=lambda text: text[:12].strip(),
)
def test_markdown__a_long_one_costs_little_and_loses_nothing(page: Page, text: str) -> None:
    cut = [text[at : at + 2_000] for at in range(0, len(text), 2_000)]
    drawn = page.evaluate(
        """(pieces) => {
            const root = document.getElementById("out");
            root.replaceChildren();
            const drawn = new Markdown(root);
            const begun = performance.now();
            pieces.forEach((each) => { drawn.append(each); root.getBoundingClientRect(); });
            return { ms: performance.now() - begun, text: root.textContent };
        }""",
        cut,
    )
    assert drawn["ms"] < 20_000  # many times what it takes; what grows with the square takes minutes
    for word in ("x", "words", "item", "one", "code", "quoted", "a", "["):
        assert drawn["text"].count(word) >= text.count(word) or word not in text
