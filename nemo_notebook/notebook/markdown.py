"""Text from outside, made fit to show: a reply must not bring markup, links, pictures or formulas to life.

A reply is Markdown by CommonMark, but its readers differ: JupyterLab's, VS Code's, GitHub's and nbconvert's each have a
parser of their own, and nbconvert's pages take raw HTML as it is. So it is not searched for what could do harm. It is
written anew, line by line, in the few forms on which all readers agree: code that is recognised is fenced by us, a link
that is recognised is written by us, and every other character that could begin one is written as an entity, which is
never taken for markup. Each line and each piece of a text is safe by itself, wherever it is cut.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from nemo_notebook.outside import plain

_LINES: Final = re.compile("[\u2028\u2029]")
_FENCE: Final = re.compile(
    r"(?P<lead>[ \t>]*(?P<item>(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<mark>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)"
)
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_INDENTED: Final = re.compile(r"(?: {4}| {0,3}\t)(?=[ \t]*\S)")
# Colours for the eye alone. Others can be more than that: `mermaid` and `math` draw, and nbconvert does so unescaped.
_LANGUAGES: Final = frozenset(
    "bash c console cpp css diff html ini java javascript js json markdown md powershell py python sh shell sql text "
    "toml ts typescript xml yaml yml".split()
)
_ADDRESS: Final = r"(?:https?://|mailto:)(?:[\w.~:/?#@!$&*+,;=%-]|\([\w.~:/?#@!$&*+,;=%-]{0,200}\)){1,2000}"
_INLINE: Final = re.compile(
    r"(?P<ticks>`{1,9})(?!`)(?P<code>.{1,1000}?)(?<!`)(?P=ticks)(?!`)"
    rf"|!?\[(?P<words>[^\[\]]{{0,1000}})\]\([ \t]*(?P<address>{_ADDRESS})[ \t]*(?:\"[^\"]{{0,300}}\"[ \t]*)?\)"
    rf"|<(?P<bracketed>{_ADDRESS})>|(?P<bare>{_ADDRESS}(?<![.,:;!?*_~]))"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?<!~)~~(?P<struck>[^\s~`](?:[^~`]{0,1000}[^\s~`])?)~~(?!~)"  # other tildes could end within code
    r"|!(?=!{0,9}(?:[<\[]|https?:|mailto:))|`+|[<&\[\]$\\~]",
    re.IGNORECASE,
)
# MathJax looks for `$…$`, `\(…\)` and `\begin…` in the finished page too, but not across elements.
_LITERALS: Final = {
    "<": "&lt;",
    "&": "&amp;",
    "[": "&#91;",
    "]": "&#93;",
    "`": "&#96;",
    "!": "&#33;",
    "~": "&#126;",
    "$": "<span>&#36;</span>",
    "\\": "<span>&#92;</span>",
}
_ESCAPED: Final = {**_LITERALS, "(": "&#40;", ")": "&#41;"}  # a backslash goes into an address that a reader finds
_IN_CODE: Final = re.compile(r"<(?=[a-z/!?])|\$(?=\$)|\\(?=begin\{|\\\[)", re.IGNORECASE)
_LONG_WORD: Final = 300
_IN_ADDRESS: Final = {"&": "&amp;", "$": "%24", "*": "%2A"}


def _is_closed(fence: re.Match[str], line: str) -> bool:
    """Whether a line ends the block of code that a fence began."""
    mark = line.strip(" \t>")
    return len(mark) >= len(fence["mark"]) and not mark.strip(fence["mark"][0])


def _inside(fence: re.Match[str], line: str) -> str:
    """A line of a block of code without the indent that the whole block has."""
    begin = 0
    while begin < min(len(fence["lead"]), len(line)) and line[begin] in " \t>":
        begin += 1
    return line[begin:]


def markdown(text: str) -> str:
    """As Markdown without raw HTML, without live links other than to the web or a mailbox, pictures and formulas.

    What is taken out of life is still to be read: a picture becomes a link, everything else is shown as it was typed.
    Code looks as it should.
    """
    writer = _Writer()
    for line in _LINES.sub("\n", plain(text)).split("\n"):
        writer.take(line)
    return writer.finish()


def inline(line: str) -> str:
    """One line of Markdown that is not in a block of code, likewise."""
    return _INLINE.sub(_literal, line)


def _literal(found: re.Match[str], *, in_link: bool = False) -> str:
    if found["code"]:
        apart = "<span></span>" if _ends_in_address(found.string, found.start()) else ""
        return apart + found["ticks"] + _IN_CODE.sub("\\g<0>\u200b", found["code"]) + found["ticks"]
    if found["address"] and not in_link:
        return f"[{_words(found['words'])}]({_address(found['address'])})"
    if (bare := found["bracketed"] or found["bare"]) and not in_link:
        is_plain = found["bare"] and not _IN_ADDRESS.keys() & set(bare)
        return bare if is_plain else f"[{_words(bare)}]({_address(bare)})"
    if struck := found["struck"]:
        return f"~~{_INLINE.sub(partial(_literal, in_link=in_link), struck)}~~"
    if escaped := found["escaped"]:
        return _ESCAPED.get(escaped, f"\\{escaped}")
    return "".join(_LITERALS.get(each, each) for each in found[0])


def _words(text: str) -> str:
    """The words of a link, which hold no other one."""
    return _INLINE.sub(partial(_literal, in_link=True), text)


def _address(text: str) -> str:
    return "".join(_IN_ADDRESS.get(each, each) for each in text)


def _ends_in_address(line: str, end: int) -> bool:
    """Whether a reader could find an address there that goes on with what follows, be it code."""
    before = line[max(0, end - _LONG_WORD) : end]
    word = "" if not before or before[-1].isspace() else before.split()[-1]
    return len(word) == _LONG_WORD or any(each in word for each in ".:@/")


class _Writer:
    """Writes a text line by line: prose as it is, but harmless, and blocks of code within fences of our own."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._code: list[str] = []
        self._fence: re.Match[str] | None = None
        self._is_indented = False  # code without a fence
        self._in_list = False
        self._after_blank = True

    def take(self, line: str) -> None:
        """A further line."""
        is_blank = not line.strip()
        if self._fence is not None:
            if _is_closed(self._fence, line):
                self._end_code(self._fence["info"])
                is_blank = True
            else:
                self._code.append(_inside(self._fence, line))
        elif self._is_indented and (is_blank or _INDENTED.match(line)):
            self._code.append(_INDENTED.sub("", line, count=1))
        else:
            self._end_code()
            self._begin(line, is_blank=is_blank)
        self._after_blank = is_blank

    def finish(self) -> str:
        """All that was written."""
        self._end_code(self._fence["info"] if self._fence else "")
        return "\n".join(self._written)

    def _begin(self, line: str, *, is_blank: bool) -> None:
        """A line that does not go on with a block of code."""
        if fence := _FENCE.fullmatch(line):
            self._fence = fence
            if fence["item"]:
                self._written.append(fence["lead"].rstrip())
            return
        if _ITEM.match(line):
            self._in_list = True
        elif not is_blank and self._after_blank and line[0] not in " \t":
            self._in_list = False
        if self._after_blank and not self._in_list and _INDENTED.match(line):
            self._is_indented = True
            self._code.append(_INDENTED.sub("", line, count=1))
        else:
            self._written.append(inline(line))

    def _end_code(self, info: str = "") -> None:
        """Write the block of code that is over, if there is one, so that nothing in it ends it."""
        if self._fence is not None or self._is_indented:
            while self._is_indented and not self._code[-1].strip():
                self._code.pop()
            longest = max((len(run) for line in self._code for run in re.findall("`+", line)), default=0)
            mark = "`" * max(3, longest + 1)
            language = info.split(maxsplit=1)[0].lower() if info.strip() else ""
            if self._written and self._written[-1]:
                self._written.append("")
            self._written += [f"{mark}{language if language in _LANGUAGES else ''}", *self._code, mark, ""]
        self._code, self._fence, self._is_indented = [], None, False
