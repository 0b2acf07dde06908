"""Colours by name, the colour schemes of what is drawn, and three shades of one hue."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from typing import Final

Triple = tuple[str, str, str]
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
_LIGHT, _DARK = 0.82, 0.36  # lightness of the two colours beside one of a middle lightness
_COLORLESS: Final = 0.08


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
