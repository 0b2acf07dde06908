"""Colours: their names, the schemes of what is drawn, and three of one hue."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping
from typing import Final

Triple = tuple[str, str, str]
PALETTES: Final[Mapping[str, str]] = {
    "aurora": "极光",
    "sunset": "日落",
    "neon": "霓虹",
    "ocean": "海洋",
    "fire": "火焰",
    "forest": "森林",
    "candy": "糖果",
    "gold": "金色",
    "ice": "冰川",
    "mono": "黑白",
}
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
COLOR_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "#ffd700": ("gold", "金色"),
    "#c0c0c0": ("silver", "银色"),
    "#2a4b9b": ("navy", "深蓝色"),
    "#7ec8ff": ("light blue", "浅蓝色"),
    "#a4f76b": ("lime", "浅绿色"),
    "#ff3b30": ("red", "红色"),
    "#ff9500": ("orange", "橙色"),
    "#ffd60a": ("yellow", "黄色"),
    "#34c759": ("green", "绿色"),
    "#40e0d0": ("turquoise", "青色"),
    "#2f80ff": ("blue", "蓝色"),
    "#ff2fd0": ("magenta", "洋红色"),
    "#af52de": ("purple", "紫色"),
    "#ff6fae": ("pink", "粉色"),
    "#f5e9d3": ("cream", "米色"),
    "#8b5a2b": ("brown", "棕色"),
    "#ffffff": ("white", "白色"),
    "#111111": ("black", "黑色"),
    "#8e8e93": ("grey", "灰色"),
}
HEX_COLOR: Final = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b")
_LIGHT, _DARK = 0.82, 0.36  # lightness of the two colours beside one of a middle lightness
_COLORLESS: Final = 0.08


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


def triple_of(colors: tuple[str, ...]) -> Triple:
    """Three colours from low to high: shades of one, a run between two, or the first three.

    Args:
        colors: One or more of `#rrggbb`.
    """
    if len(colors) >= 3:
        return colors[0], colors[1], colors[2]
    if len(colors) == 2:
        return colors[0], _mixed(colors[0], colors[1]), colors[1]
    hue, light, saturation = colorsys.rgb_to_hls(*_rgb(colors[0]))
    if saturation < _COLORLESS:
        return _hex(hue, max(0.3, light - 0.3), 0), _hex(hue, max(0.55, light - 0.1), 0), _hex(hue, max(0.85, light), 0)
    return _hex(hue, min(_DARK, light), saturation), colors[0], _hex(hue, max(_LIGHT, light), saturation)


def colors_of(triple: tuple[str, ...]) -> tuple[str, ...]:
    """The named colours that three were made of by `triple_of`; the three themselves where they have no names."""
    made = ((color,) for color in (*COLOR_NAMES, *triple))
    ends = (triple[0], triple[-1])
    named = next((one for one in made if triple_of(one) == triple), None)
    return named or (ends if triple_of(ends) == triple and set(ends) <= set(COLOR_NAMES) else triple)


def color_told(color: str) -> tuple[str, str]:
    """A colour by its name in English and Chinese, or by its code where it has none."""
    return COLOR_NAMES.get(color, (color, color))


def _mixed(one: str, other: str) -> str:
    return _from_rgb(tuple((a + b) / 2 for a, b in zip(_rgb(one), _rgb(other), strict=True)))


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(hue: float, light: float, saturation: float) -> str:
    return _from_rgb(colorsys.hls_to_rgb(hue, min(1.0, light), saturation))


def _from_rgb(rgb: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
