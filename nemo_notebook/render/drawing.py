"""What visualizers draw with: palettes and backdrops, shades under them, bars of any direction, glowing curves.

Every pixel knows ahead which bar it belongs to and how tall that must be to reach it: a frame is then one comparison a
pixel, with round ends and smooth edges for nothing. A line is drawn by distance: how far a pixel lies from the curve,
straightened by the curve's slope, is looked up in the line's profile; only the tiles that the curve runs through are
touched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import toml

from nemo_notebook.errors import UsageError
from nemo_notebook.render.planes import BLACK, Planes

Rgb = tuple[int, int, int]
_Doubles = npt.NDArray[np.float64]

# A glow: centre x, y and radius as shares of the canvas' width, height and longer side; gradient stop; strength.
_GLOWS: Final = ((0.50, 0.66, 0.42, 0.50, 0.20), (0.12, 0.16, 0.36, 0.05, 0.13), (0.92, 0.30, 0.40, 0.95, 0.15))
_VIGNETTE: Final = 0.45
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_LEAST_LIGHT: Final = 0.42  # luma of a bright colour of a palette, 0–1, so that it shows on its dark ground
_DARK: Final = (0.07, 0.15)  # what is left of a colour at the top and at the bottom of its ground


@dataclass(frozen=True, slots=True)
class Gradient:
    """A gradient of three bright colours, and the dark colours that it stands on (top, bottom); sRGB 0–255."""

    bright: tuple[Rgb, Rgb, Rgb]
    dark: tuple[Rgb, Rgb]

    def colours(self, where: _Doubles) -> _Doubles:
        """Bright colours at places 0–1 of the gradient; shape where.shape + (3,), 0–255."""
        stops = np.array(self.bright, np.float64)
        places = np.linspace(0, 1, len(stops))
        return np.stack([np.interp(where, places, stops[:, channel]) for channel in range(3)], axis=-1)


PALETTES: Final = toml.decode(Path(__file__).with_name("palettes.toml").read_bytes(), type=dict[str, Gradient])


def palette_of(name: str, colors: Sequence[str] = ()) -> Gradient:
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
        return Gradient((low, middle, high), (dark[0], dark[1]))
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


def to_yuv(rgb: _Doubles) -> _Doubles:
    """Turns sRGB 0–255 into Y'CbCr of BT.709 in limited range (ITU-R BT.709-6, 3.2–3.5); last axis 3."""
    red, green, blue = (rgb[..., channel] / 255 for channel in range(3))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return np.stack([16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748], axis=-1)


def halve(values: _Doubles) -> _Doubles:
    """Means of 2 × 2 neighbours: a picture at the resolution of chroma."""
    return np.asarray((values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4)


def dithered(values: _Doubles, seed: int) -> npt.NDArray[np.uint8]:
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
    yuv = to_yuv(_light(palette_of(palette, colors), width, height))
    luma = dithered(yuv[..., 0], seed=1)
    return Planes(luma, dithered(halve(yuv[..., 1]), seed=2), dithered(halve(yuv[..., 2]), seed=3))


def _light(palette: Gradient, width: int, height: int) -> _Doubles:
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


_STRENGTH: Final = 0.62
_LIGHT: Final = 256


@dataclass(frozen=True, slots=True)
class Shade:
    """What is left of a picture's light in each pixel (of 256), for luma and for chroma."""

    luma: npt.NDArray[np.uint16]
    chroma: npt.NDArray[np.uint16]


@lru_cache(maxsize=8)
def foot_shade(rows: int) -> Shade:
    """A shade that grows towards the bottom row; `rows` is even."""
    along = np.linspace(0, 1, rows)
    left = np.round(_LIGHT * (1 - _STRENGTH * smooth_step(along))).astype(np.uint16)[:, None]
    return Shade(left, left[::2])


def darken_foot(planes: Planes, shade: Shade | None) -> None:
    """Lays a shade of the whole width over the foot of a picture, in place; nothing where there is none."""
    if shade is not None:
        darken(planes, shade, planes.height - len(shade.luma), 0, planes.width)


def darken(planes: Planes, shade: Shade, top: int, left: int, width: int) -> None:
    """Lays a shade over the box that starts at (left, top) and is `width` wide, all even, in place."""
    lights = (shade.luma, shade.chroma, shade.chroma)
    for plane, light, step, neutral in zip(planes, lights, (1, 2, 2), BLACK, strict=True):
        box = plane[top // step : top // step + len(light), left // step : (left + width) // step]
        box[:] = (box * light + neutral * (_LIGHT - light)) >> 8


def smooth_step(along: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """0 to 1 without a corner at either end."""
    along = np.clip(along, 0, 1)
    return along * along * (3 - 2 * along)


Box = tuple[slice, slice]  # rows and columns of luma, all even

_BAR_UNIT: Final = 64  # heights are counted in 1/64 pixel


@dataclass(frozen=True, slots=True)
class Ink:
    """The pixels of one plane that bars can reach, shape (n,) each.

    Attributes:
        at: Places in the flattened box.
        bar: Index of the nearest bar.
        needs: Height of that bar at which the pixel is just not reached, in 1/64 pixel of the full canvas.
        colour: What a reached pixel becomes.
    """

    at: npt.NDArray[np.intp]
    bar: npt.NDArray[np.intp]
    needs: npt.NDArray[np.int32]
    colour: npt.NDArray[np.int32]


Inks = tuple[Ink, Ink, Ink]


def inks_of(needs: _Doubles, bar: npt.NDArray[np.integer], yuv: _Doubles, tallest: float) -> Inks:
    """The pixels of all three planes of a box that bars reach; `yuv` is the colour of each, last axis 3."""
    half = slice(None, None, 2), slice(None, None, 2)
    return (
        _ink_of(needs, bar, yuv[..., 0], tallest),
        _ink_of(needs[half], bar[half], halve(yuv[..., 1]), tallest),
        _ink_of(needs[half], bar[half], halve(yuv[..., 2]), tallest),
    )


def _ink_of(needs: _Doubles, bar: npt.NDArray[np.integer], colour: _Doubles, tallest: float) -> Ink:
    """The pixels of a box that a bar of the height `tallest` reaches; three arrays of the box's shape."""
    rows, columns = np.nonzero(needs < tallest)
    units = np.maximum(np.round(needs[rows, columns] * _BAR_UNIT), -(1 << 20)).astype(np.int32)
    at, bars = rows * needs.shape[1] + columns, bar[rows, columns]
    return Ink(at.astype(np.intp), bars.astype(np.intp), units, np.round(colour[rows, columns]).astype(np.int32))


def draw_ink(planes: Planes, inks: Inks, box: Box, heights_px: _Doubles) -> None:
    """Draws bars of these heights, one for each index that the inks name, in place."""
    heights = np.round(heights_px * _BAR_UNIT).astype(np.int32)
    half = half_box(box)
    for plane, ink, part in zip(planes, inks, (box, half, half), strict=True):
        opacity = heights[ink.bar]
        opacity -= ink.needs
        seen = np.flatnonzero(opacity > 0)
        at, opacity = ink.at[seen], np.minimum(opacity[seen], _BAR_UNIT)
        pixels = plane[part].copy()  # planes may be views with a stride: one row of pixels needs a copy
        flat = pixels.reshape(-1)
        under = flat[at].astype(np.int32)
        flat[at] = under + (((ink.colour[seen] - under) * opacity) >> 6)
        plane[part] = pixels


def half_box(box: Box) -> Box:
    """The same box in chroma."""
    return slice(box[0].start // 2, box[0].stop // 2), slice(box[1].start // 2, box[1].stop // 2)


Ints = npt.NDArray[np.int16]
Colours = tuple[Ints, Ints, Ints]  # luma and chroma by column, shapes (n,), (n / 2,), (n / 2,)
Profile = Ints  # opacity (0–128) by distance in 1/8 pixel

_TILE_PX: Final = 96
_LINE_UNIT: Final = 8  # distances are counted in 1/8 pixel
_LINE_OPAQUE: Final = 128  # opaque; so small that 16 bits suffice
_STEEPEST: Final = 0.28  # cosine: at a turn after a steeper rise, the glow would shoot beyond it
_PLACES: Final = 4  # of a row after its point
_GRAIN_ROWS: Final = 256  # in steps of so many, so that a few sizes serve all


def colours_along(palette: Gradient, along: _Doubles) -> Colours:
    """The colours of columns at places 0–1 of a palette."""
    yuv = np.round(to_yuv(palette.colours(along))).astype(np.int16)
    return yuv[:, 0].copy(), yuv[::2, 1].copy(), yuv[::2, 2].copy()


def line_profile(short_px: int, over_picture: bool) -> Profile:
    """A solid core with soft edges, and a glow that fades to nothing; wider on wider canvases."""
    core, glow = max(0.8, short_px / 400), short_px / (60 if over_picture else 34)
    away = np.arange(int(glow * 2.4 * _LINE_UNIT) + 2) / _LINE_UNIT
    solid = np.clip(core - away + 0.5, 0, 1)
    soft = (0.30 if over_picture else 0.34) * np.exp(-((away / glow) ** 2) * 1.6)
    opacity = np.round(_LINE_OPAQUE * np.maximum(solid, soft * np.clip((away[-1] - away) / away[-1] * 2, 0, 1)))
    opacity[-1] = 0
    return np.asarray(opacity, np.int16)


def steadied(curve: _Doubles) -> _Doubles:
    """A curve without its last bits, which depend on the kind of CPU, and would show where a pixel is just reached."""
    return np.round(curve, _PLACES)


def stroke(planes: Planes, curve: _Doubles, colours: Colours, profile: Profile) -> None:
    """Draws a line along a curve, given as a row for each column, in place."""
    slope = np.gradient(curve)
    flatten = np.maximum(1 / np.sqrt(1 + slope * slope), _STEEPEST)
    _stroke(planes.y, curve, flatten, colours[0], profile, 1)
    for plane, colour in ((planes.u, colours[1]), (planes.v, colours[2])):
        _stroke(plane, curve[::2] / 2, flatten[::2], colour, profile, 2)


def _stroke(
    plane: npt.NDArray[np.uint8], curve: _Doubles, flatten: _Doubles, colour: Ints, profile: Profile, scale: int
) -> None:
    """Blends the line into one plane; `scale` is how many luma pixels one of its pixels is wide."""
    reach = len(profile) / _LINE_UNIT / scale
    tile = _TILE_PX // scale
    for first in range(0, len(curve), tile):
        part = slice(first, first + tile)
        steepest = reach / float(flatten[part].min())
        top = max(0, int(curve[part].min() - steepest))
        bottom = min(len(plane), int(curve[part].max() + steepest) + 2)
        rows = (np.arange(top, bottom, dtype=np.float32) + 0.5)[:, None]
        factor = (flatten[part] * _LINE_UNIT * scale).astype(np.float32)
        distance = np.abs(rows * factor - (curve[part] * factor).astype(np.float32)).astype(np.intp)
        opacity = profile.take(distance, mode="clip")
        box = plane[top:bottom, first : first + len(factor)]
        under = box.astype(np.int16)
        box[:] = under + (((colour[part] - under) * opacity) >> 7)


@dataclass(frozen=True, slots=True)
class Veil:
    """How opaque the area under a curve is, from its highest row down to its floor, 0–1, in rows of two pixels."""

    floor: int
    opacity: npt.NDArray[np.float32]

    @classmethod
    def of(cls, floor: int, rows: int, top: float) -> Veil:
        """From `top` at `rows` pixels above the floor to nothing at the floor; both are even."""
        return cls(floor, (top * np.linspace(1, 0, rows // 2) ** 1.3).astype(np.float32))


def fill(planes: Planes, curves: Sequence[_Doubles], colours: Colours, veils: Sequence[Veil]) -> None:
    """Fills what lies under each curve, down to its veil's floor, all in the same colours, in place.

    It is measured at half size: a line along the curve hides the steps.
    """
    top = min(
        max(veil.floor // 2 - len(veil.opacity), int(c.min()) // 2) for c, veil in zip(curves, veils, strict=True)
    )
    bottom = max(veil.floor for veil in veils) // 2
    if top >= bottom:
        return
    clear = np.ones((bottom - top, len(curves[0]) // 2), np.float32)
    for curve, veil in zip(curves, veils, strict=True):
        first = max(top, veil.floor // 2 - len(veil.opacity))
        rows = np.arange(first, veil.floor // 2, dtype=np.float32)[:, None]
        inside = np.clip(rows - (curve[: len(curve) // 2 * 2 : 2] / 2 - 0.5).astype(np.float32), 0, 1)
        inside *= veil.opacity[len(veil.opacity) - len(rows) :, None]
        clear[first - top : veil.floor // 2 - top] *= 1 - inside
    opacity = np.round((1 - clear) * _LINE_OPAQUE).astype(np.int16)
    for plane, colour in ((planes.u, colours[1]), (planes.v, colours[2])):
        _blend(plane[top:bottom], colour, opacity)
    _blend(planes.y[2 * top : 2 * bottom], colours[0], opacity.repeat(2, axis=0).repeat(2, axis=1))


def _blend(box: npt.NDArray[np.uint8], colour: Ints, opacity: Ints) -> None:
    under = box.astype(np.int16)
    # A fixed grain instead of rounding: faint gradients show no bands.
    rows, columns = box.shape
    grain = _grain(-(-rows // _GRAIN_ROWS) * _GRAIN_ROWS, columns)[:rows]
    box[:] = under + (((colour - under) * opacity + grain) >> 7)


@lru_cache(maxsize=16)
def _grain(rows: int, columns: int) -> Ints:
    return np.random.default_rng(7).integers(0, _LINE_OPAQUE, (rows, columns), dtype=np.int16)
