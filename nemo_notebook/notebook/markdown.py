"""Replies in Markdown as trees of elements with known tags and attributes only, all else is text; and as HTML.

A tree is a text, or a list: tag, attributes, children. mistune parses, by CommonMark. The panel's page itself checks
where links lead (`chat.js`), as its browser reads addresses; in HTML they lead to the web or to a mailbox.
"""

from __future__ import annotations

import html
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

import mistune

Tree = str | list[Any]

_SECTION: Final = 4_000  # characters that are parsed anew with each piece; what comes before them is finished
_LONGEST_FENCE: Final = 100  # characters of the line that opens a block of code
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)\n?", re.MULTILINE)
# The address of a bare link: none of the marks that follow one in English and in Chinese sentences.
_ADDRESS: Final = r"https?://[^\s<>\"'`|\\^{}[\]\u3000-\u303f\uff00-\uffef]{1,2000}"
# CommonMark takes marks of emphasis beside punctuation for text where there are no spaces, as in Chinese.
_JOINER: Final = "\u115f"  # a letter without a picture, for as long as the text is parsed
_SIGNS: Final = "[\u2018-\u201d\u3000-\u303f\uff00-\uffef]"
_BESIDE_MARK: Final = re.compile(rf"(?<={_SIGNS})(?=\*)|(?<=\*)(?={_SIGNS})")
_SAFE_ADDRESS: Final = re.compile(r"https?://|mailto:")
_FORMULA: Final = re.compile(r"[$\\]")  # MathJax looks for `$…$`, `\(…\)` and `\begin…` within runs of text
_TAGS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def _parser() -> mistune.Markdown:
    parser = mistune.create_markdown(renderer=None, plugins=["strikethrough", "table"])
    parser.inline.register("bare_link", _ADDRESS, _bare_link, before="link")
    return parser


def _bare_link(_: mistune.InlineParser, found: re.Match[str], state: mistune.InlineState) -> int:
    address = found[0].rstrip(".,:;!?*_~]" if "(" in found[0] else ".,:;!?*_~])")
    if state.in_link:
        state.append_token({"type": "text", "raw": address})
    else:
        link = {"type": "link", "children": [{"type": "text", "raw": address}], "attrs": {"url": address}}
        state.append_token(link)
    return found.start() + len(address)


def read_markdown(text: str) -> list[Tree]:
    """The blocks of a text."""
    whole = GrowingMarkdown()
    whole.append(text)
    return whole.blocks


def _read_section(text: str) -> list[Tree]:
    tokens, _ = _parser().parse(_BESIDE_MARK.sub(_JOINER, text.replace(_JOINER, "")))
    assert isinstance(tokens, list)
    return [tree for token in tokens for tree in _trees(token)]


def _trees(token: dict[str, Any]) -> list[Tree]:
    """What is drawn of a token: one tree, or none."""
    kind, attributes = token["type"], token.get("attrs", {})
    text = token.get("raw", "").replace(_JOINER, "")
    children = [tree for child in token.get("children", ()) for tree in _trees(child)]
    match kind:
        case "blank_line":
            return []
        case "softbreak":
            return ["\n"]
        case "block_code":
            return [["pre", {"class": "nemo-md-code"}, ["code", {}, text.removesuffix("\n")]]]
        case "block_html":
            return [["p", {"dir": "auto"}, text.strip()]]
        case "heading":  # below the headings of the page, and of the notebook
            level = attributes["level"]
            look = {"class": f"nemo-md-heading nemo-md-h{level}", "role": "heading", "aria-level": min(level + 3, 6)}
            return [["div", {**look, "dir": "auto"}, *children]]
        case "image" | "link":
            shown = [part for child in children for part in _without_link(child)] or [attributes["url"]]
            return [["a", {"href": attributes["url"]}, *shown]]
        case "list":
            start = {"start": attributes.get("start", 1)} if attributes["ordered"] else {}
            return [["ol" if attributes["ordered"] else "ul", start, *children]]
        case "table":
            return [["div", {"class": "nemo-md-table"}, ["table", {}, *children]]]
        case "table_head":
            return [["thead", {}, ["tr", {}, *children]]]
        case "table_cell":
            side = {"right": "end", "center": "center"}.get(attributes["align"], "")
            align = {"style": f"text-align: {side}"} if side else {}
            return [["th" if attributes["head"] else "td", {**align, "dir": "auto"}, *children]]
        case _ if kind in _TAGS:
            direction = {"dir": "auto"} if _TAGS[kind] == "p" else {}
            return [[_TAGS[kind], direction, *children, *([text] if text else [])]]
        case _:
            return [text]


def _without_link(tree: Tree) -> list[Tree]:
    """What is drawn of a tree within a link, which holds no other."""
    return tree[2:] if isinstance(tree, list) and tree[0] == "a" else [tree]


class GrowingMarkdown:
    """Markdown that comes in pieces, read section by section; the same whatever the pieces are.

    Attributes:
        blocks: What is drawn of it.
    """

    def __init__(self) -> None:
        self.blocks: list[Tree] = []
        self._finished = 0  # blocks that stay as they are
        self._rest = ""  # the text of the others

    def append(self, text: str) -> int:
        """Add a piece; gives the number of the first block that is another one now."""
        first = self._finished
        del self.blocks[first:]
        self._rest += text
        while len(self._rest) > _SECTION:
            at = _section_end(self._rest[:_SECTION])
            self.blocks += _read_section(self._rest[:at])
            self._rest = _open_fence(self._rest[:at]) + self._rest[at:]
            self._finished = len(self.blocks)
        self.blocks += _read_section(self._rest)
        return first


def _section_end(text: str) -> int:
    """Where to cut: between blocks, else behind a line or a word, else at the end."""
    ends = (text.rfind(sign) + len(sign) for sign in ("\n\n", "\n", " "))
    return next((end for end in ends if end > len(text) // 2), len(text))


def _open_fence(text: str) -> str:
    """The line that opens the block of code in which a text ends; empty where it ends in none."""
    opened = ""
    for fence in _FENCE.finditer(text):
        mark = fence[1][:_LONGEST_FENCE]
        if not opened:
            opened = mark
        elif mark.startswith(opened) and not fence[2].strip():
            opened = ""
    return opened and f"{opened}\n"


def write_html(trees: list[Tree]) -> str:
    """Trees as HTML in one line, so that a blank line in it ends nothing where it stands within Markdown."""
    return "".join(map(_html_of, trees))


def _html_of(tree: Tree) -> str:
    if isinstance(tree, str):
        return _FORMULA.sub(r"<span>\g<0></span>", _escaped(tree)).replace("&#10;", "<br>")
    tag, attributes, *children = tree
    if tag in ("br", "hr"):
        return f"<{tag}>"
    if "aria-level" in attributes:
        tag = f"h{attributes['aria-level']}"
    content = "".join(map(_escaped, children)) if tag == "code" else write_html(children)
    if tag == "a" and not _SAFE_ADDRESS.match(attributes["href"]):
        return content
    kept = [f' {name}="{_escaped(str(attributes[name]))}"' for name in ("href", "start", "style") if name in attributes]
    return f"<{tag}{''.join(kept)}>{content}</{tag}>"


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "&#10;")
