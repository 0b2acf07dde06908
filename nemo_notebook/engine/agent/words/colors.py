"""The words that people have for colours and colour schemes."""

from __future__ import annotations

import re
from typing import Final

PALETTE_WORDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("aurora", re.compile(r"\baurora\b|\bnorthern lights\b|极光")),
    ("sunset", re.compile(r"\bsunset\b|\bsunrise\b|\bwarm\b|日落|夕阳|晚霞|暖")),
    ("neon", re.compile(r"\bneon\b|\bcyber ?punk\b|\bsynth ?wave\b|\bvapor ?wave\b|霓虹|赛博")),
    ("ocean", re.compile(r"\bocean\b|\bsea (?:colou?rs?|palette)\b|\baqua\b|\bcool\b|海洋|大海|海水|冷色")),
    ("fire", re.compile(r"\bfire\b|\bfiery\b|\bflames?\b|\blava\b|火焰|烈火|熔岩")),
    ("forest", re.compile(r"\bforest\b|\bnature\b|\bjungle\b|森林|自然色")),
    ("candy", re.compile(r"\bcandy\b|\bpastels?\b|\bbubble ?gum\b|糖果|马卡龙")),
    ("gold", re.compile(r"\bgold(?:en)?\b|\bluxur\w+\b|金色|金")),
    ("ice", re.compile(r"\bice\b|\bicy\b|\bfrost\w*\b|\bfrozen\b|冰")),
    ("mono", re.compile(r"\bmono(?:chrome)?\b|\bblack (?:and|&) white\b|\bgr[ae]yscale\b|单色|黑白")),
)
COLORS: Final = (
    ("#ffd700", re.compile(r"\bgold(?:en)?\b|金色")),
    ("#c0c0c0", re.compile(r"\bsilver\b|银色")),
    ("#2a4b9b", re.compile(r"\bnavy(?: blue)?\b|\bdark blue\b|深蓝|海军蓝")),
    ("#7ec8ff", re.compile(r"\b(?:light|sky|baby) blue\b|浅蓝|天蓝")),
    ("#a4f76b", re.compile(r"\b(?:lime|light green)\b|浅绿|荧光绿")),
    ("#ff3b30", re.compile(r"\bred\b|(?<![洋品粉])红")),
    ("#ff9500", re.compile(r"\borange\b|橙|橘")),
    ("#ffd60a", re.compile(r"\byellow\b|黄")),
    ("#34c759", re.compile(r"\bgreen\b|绿")),
    ("#40e0d0", re.compile(r"\b(?:teal|turquoise|cyan|aqua)\b|青色?")),
    ("#2f80ff", re.compile(r"\bblue\b|蓝")),
    ("#ff2fd0", re.compile(r"\b(?:magenta|fuchsia)\b|洋红|品红")),
    ("#af52de", re.compile(r"\b(?:purple|violet|lavender)\b|紫")),
    ("#ff6fae", re.compile(r"\bpink\b|粉红?")),
    ("#f5e9d3", re.compile(r"\b(?:cream|beige|ivory)\b|米色|米白|奶油")),
    ("#8b5a2b", re.compile(r"\bbrown\b|棕|褐")),
    ("#ffffff", re.compile(r"\bwhite\b|白")),
    ("#111111", re.compile(r"\bblack\b|黑")),
    ("#8e8e93", re.compile(r"\bgr[ae]y\b|灰")),
)
HEX_COLOR: Final = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b")


def long_hex(code: str) -> str:
    """`#rrggbb` of a code that may be `#rgb`."""
    digits = code[1:]
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def palette_in(text: str) -> str | None:
    """The palette that a text names, or None."""
    return next((name for name, pattern in PALETTE_WORDS if pattern.search(text)), None)


def colors_in(text: str) -> tuple[str, ...]:
    """The colours that a text names, each once, in the order in which they stand."""
    found: dict[str, int] = {}
    for code in HEX_COLOR.finditer(text):
        found[long_hex(code[0])] = code.start()
    left = HEX_COLOR.sub(" ", text)
    for color, pattern in COLORS:
        if match := pattern.search(left):
            found.setdefault(color, match.start())
            left = left[: match.start()] + " " * len(match[0]) + left[match.end() :]
    return tuple(sorted(found, key=lambda color: found[color]))
