"""The colour schemes of what is drawn, and three shades of one hue."""

from __future__ import annotations

import colorsys
from typing import Final

from nemo_notebook.film.telling import words_of

Triple = tuple[str, str, str]
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
        between = tuple((a + b) / 2 for a, b in zip(*map(_rgb, colors), strict=True))
        return colors[0], _from_rgb(between), colors[1]
    hue, light, saturation = colorsys.rgb_to_hls(*_rgb(colors[0]))
    if saturation < _COLORLESS:
        return _hex(hue, max(0.3, light - 0.3), 0), _hex(hue, max(0.55, light - 0.1), 0), _hex(hue, max(0.85, light), 0)
    return _hex(hue, min(_DARK, light), saturation), colors[0], _hex(hue, max(_LIGHT, light), saturation)


def colors_of(triple: tuple[str, ...]) -> tuple[str, ...]:
    """The named colours that three were made of by `triple_of`; the three themselves where they have no names."""
    named = words_of("color")
    made = ((color,) for color in (*named, *triple))
    ends = (triple[0], triple[-1])
    found = next((one for one in made if triple_of(one) == triple), None)
    return found or (ends if triple_of(ends) == triple and set(ends) <= set(named) else triple)


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(hue: float, light: float, saturation: float) -> str:
    return _from_rgb(colorsys.hls_to_rgb(hue, min(1.0, light), saturation))


def _from_rgb(rgb: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
