"""Colours: named gradients, and the dark backdrops made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.errors import UsageError

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

Rgb = tuple[int, int, int]
Doubles = npt.NDArray[np.float64]

# A glow: centre x, y and radius as shares of the canvas' width, height and longer side; gradient stop; strength.
_GLOWS: Final = (
    (0.50, 0.66, 0.42, 0.50, 0.20),
    (0.12, 0.16, 0.36, 0.05, 0.13),
    (0.92, 0.30, 0.40, 0.95, 0.15),
)
_VIGNETTE: Final = 0.45
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_LEAST_LIGHT: Final = 0.42  # luma of a bright colour of a palette, 0–1, so that it shows on its dark ground
_DARK: Final = (0.07, 0.15)  # what is left of a colour at the top and at the bottom of its ground


@dataclass(frozen=True, slots=True)
class Palette:
    """A gradient of three bright colours, and the dark colours that it stands on (top, bottom); sRGB 0–255."""

    bright: tuple[Rgb, Rgb, Rgb]
    dark: tuple[Rgb, Rgb]

    def colours(self, where: Doubles) -> Doubles:
        """Bright colours at places 0–1 of the gradient; shape where.shape + (3,), 0–255."""
        stops = np.array(self.bright, np.float64)
        places = np.linspace(0, 1, len(stops))
        return np.stack([np.interp(where, places, stops[:, channel]) for channel in range(3)], axis=-1)


PALETTES: Final = {
    "aurora": Palette(((72, 244, 186), (70, 190, 255), (170, 118, 255)), ((5, 10, 26), (8, 28, 40))),
    "sunset": Palette(((255, 212, 96), (255, 124, 92), (236, 74, 156)), ((24, 9, 32), (46, 16, 30))),
    "neon": Palette(((0, 232, 255), (128, 96, 255), (255, 58, 178)), ((7, 5, 22), (18, 8, 38))),
    "ocean": Palette(((132, 255, 232), (58, 186, 255), (64, 112, 255)), ((3, 12, 28), (4, 30, 48))),
    "fire": Palette(((255, 232, 120), (255, 140, 40), (255, 62, 44)), ((20, 6, 4), (40, 12, 6))),
    "forest": Palette(((206, 240, 120), (92, 214, 128), (38, 166, 140)), ((5, 16, 12), (10, 32, 22))),
    "candy": Palette(((255, 190, 222), (255, 128, 190), (150, 146, 255)), ((26, 8, 28), (40, 14, 44))),
    "gold": Palette(((255, 240, 190), (246, 202, 104), (206, 146, 52)), ((14, 11, 6), (32, 24, 10))),
    "ice": Palette(((240, 252, 255), (168, 224, 255), (112, 176, 240)), ((6, 12, 22), (14, 28, 44))),
    "mono": Palette(((255, 255, 255), (224, 228, 236), (168, 176, 190)), ((12, 13, 15), (26, 28, 32))),
}


def palette_of(name: str, colors: Sequence[str] = ()) -> Palette:
    """A palette.

    Args:
        name: A name in `PALETTES`.
        colors: Three of `#rrggbb` from low to high, which go before the name; anything else is passed over. Dark ones
            are drawn lighter.

    Raises:
        UsageError: There is no palette of that name.
    """
    if len(colors) == 3 and all(_HEX.fullmatch(color) for color in colors):
        low, middle, high = (_lightened(color) for color in colors)
        dark = [_scaled(middle, share) for share in _DARK]
        return Palette((low, middle, high), (dark[0], dark[1]))
    if name not in PALETTES:
        raise UsageError(f"There is no palette '{name}'.", hint=f"There are: {', '.join(PALETTES)}.")
    return PALETTES[name]


def _lightened(color: str) -> Rgb:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    light = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    if light >= _LEAST_LIGHT:
        return red, green, blue
    # First brighter in its own hue, then paler, as far as is needed.
    gain = min(_LEAST_LIGHT / max(light, 0.01), 255 / max(red, green, blue, 1))
    red, green, blue = _scaled((red, green, blue), gain)
    light = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    pale = max(0.0, (_LEAST_LIGHT - light) / (1 - light))
    return round(red + (255 - red) * pale), round(green + (255 - green) * pale), round(blue + (255 - blue) * pale)


def _scaled(rgb: Rgb, share: float) -> Rgb:
    red, green, blue = (min(255, round(part * share)) for part in rgb)
    return red, green, blue


def to_yuv(rgb: Doubles) -> Doubles:
    """Turns sRGB 0–255 into Y'CbCr of BT.709 in limited range (ITU-R BT.709-6, 3.2–3.5); last axis 3."""
    red, green, blue = (rgb[..., channel] / 255 for channel in range(3))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return np.stack([16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748], axis=-1)


def halve(values: Doubles) -> Doubles:
    """Means of 2 × 2 neighbours: a picture at the resolution of chroma."""
    return np.asarray((values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4)


def dithered(values: Doubles, seed: int) -> npt.NDArray[np.uint8]:
    """Rounded to whole levels with triangular noise of ±1 level, so that dark gradients show no bands."""
    noise = np.random.default_rng(seed).random((2, *values.shape), dtype=np.float32)
    return np.asarray(np.clip(np.floor(values + noise[0] + noise[1] - 0.5), 0, 255), np.uint8)


def backdrop(width: int, height: int, palette: str, colors: Sequence[str] = ()) -> Planes:
    """A dark gradient with soft glows in the palette's colours.

    Args:
        width: Pixels, even.
        height: Pixels, even.
        palette: A name in `PALETTES`.
        colors: Three of `#rrggbb` in its place, see `palette_of`.

    Raises:
        UsageError: There is no such palette.
    """
    from nemo_notebook.render.picture import Planes

    yuv = to_yuv(_light(palette_of(palette, colors), width, height))
    luma = dithered(yuv[..., 0], seed=1)
    return Planes(luma, dithered(halve(yuv[..., 1]), seed=2), dithered(halve(yuv[..., 2]), seed=3))


def _light(palette: Palette, width: int, height: int) -> Doubles:
    """The backdrop in sRGB, shape (height, width, 3)."""
    x, y = (np.arange(width) + 0.5) / width, ((np.arange(height) + 0.5) / height)[:, None]
    top, bottom = (np.array(colour, np.float64) for colour in palette.dark)
    light = np.broadcast_to(top + (bottom - top) * (y * y * (3 - 2 * y))[..., None], (height, width, 3)).copy()
    longer = max(width, height)
    for centre_x, centre_y, radius, stop, strength in _GLOWS:
        away = ((x - centre_x) * width / longer) ** 2 + ((y - centre_y) * height / longer) ** 2
        glow = np.exp(-away / (2 * (radius * 0.55) ** 2)) * strength
        light += glow[..., None] * palette.colours(np.array(stop))
    edge = np.clip(((x - 0.5) * 2) ** 2 + ((y - 0.5) * 2) ** 2, 0, 2) / 2
    return np.asarray(light * (1 - _VIGNETTE * edge**1.5)[..., None])
