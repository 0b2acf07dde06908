"""Curves over a picture: glowing lines along them, and the areas under them.

A line is drawn by distance: how far a pixel lies from the curve, straightened by the curve's slope, is looked up in the
line's profile. Only the tiles that the curve runs through are touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.palettes import Palette, to_yuv

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

Ints = npt.NDArray[np.int16]
Doubles = npt.NDArray[np.float64]
Colours = tuple[Ints, Ints, Ints]  # luma and chroma by column, shapes (n,), (n / 2,), (n / 2,)
Profile = Ints  # opacity (0–128) by distance in 1/8 pixel

_TILE_PX: Final = 96
_UNIT: Final = 8  # distances are counted in 1/8 pixel
_WHOLE: Final = 128  # opaque; so small that 16 bits suffice
_STEEPEST: Final = 0.28  # cosine: at a turn after a steeper rise, the glow would shoot beyond it
_PLACES: Final = 4  # of a row after its point
_GRAIN_ROWS: Final = 256  # in steps of so many, so that a few sizes serve all


def colours_along(palette: Palette, along: Doubles) -> Colours:
    """The colours of columns at places 0–1 of a palette."""
    yuv = np.round(to_yuv(palette.colours(along))).astype(np.int16)
    return yuv[:, 0].copy(), yuv[::2, 1].copy(), yuv[::2, 2].copy()


def line_profile(short_px: int, over_picture: bool) -> Profile:
    """A solid core with soft edges, and a glow that fades to nothing; wider on wider canvases."""
    core, glow = max(0.8, short_px / 400), short_px / (60 if over_picture else 34)
    away = np.arange(int(glow * 2.4 * _UNIT) + 2) / _UNIT
    solid = np.clip(core - away + 0.5, 0, 1)
    soft = (0.30 if over_picture else 0.34) * np.exp(-((away / glow) ** 2) * 1.6)
    opacity = np.round(_WHOLE * np.maximum(solid, soft * np.clip((away[-1] - away) / away[-1] * 2, 0, 1)))
    opacity[-1] = 0
    return np.asarray(opacity, np.int16)


def steady(curve: Doubles) -> Doubles:
    """A curve without its last bits, which depend on the kind of CPU, and would show where a pixel is just reached."""
    return np.round(curve, _PLACES)


def stroke(planes: Planes, curve: Doubles, colours: Colours, profile: Profile) -> None:
    """Draws a line along a curve, given as a row for each column, in place."""
    slope = np.gradient(curve)
    flatten = np.maximum(1 / np.sqrt(1 + slope * slope), _STEEPEST)
    _stroke(planes.y, curve, flatten, colours[0], profile, 1)
    for plane, colour in ((planes.u, colours[1]), (planes.v, colours[2])):
        _stroke(plane, curve[::2] / 2, flatten[::2], colour, profile, 2)


def _stroke(
    plane: npt.NDArray[np.uint8], curve: Doubles, flatten: Doubles, colour: Ints, profile: Profile, scale: int
) -> None:
    """Blends the line into one plane; `scale` is how many luma pixels one of its pixels is wide."""
    reach = len(profile) / _UNIT / scale
    tile = _TILE_PX // scale
    for first in range(0, len(curve), tile):
        part = slice(first, first + tile)
        steepest = reach / float(flatten[part].min())
        top = max(0, int(curve[part].min() - steepest))
        bottom = min(len(plane), int(curve[part].max() + steepest) + 2)
        rows = (np.arange(top, bottom, dtype=np.float32) + 0.5)[:, None]
        factor = (flatten[part] * _UNIT * scale).astype(np.float32)
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


def fill(planes: Planes, curves: Sequence[Doubles], colours: Colours, veils: Sequence[Veil]) -> None:
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
    opacity = np.round((1 - clear) * _WHOLE).astype(np.int16)
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
    return np.random.default_rng(7).integers(0, _WHOLE, (rows, columns), dtype=np.int16)
