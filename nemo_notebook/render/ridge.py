"""The visualizer style "spectrum": the spectrum as a glowing ridge, before the ridges of the moments just gone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.curves import Colours, Profile, Veil, colours_along, fill, line_profile, steady, stroke
from nemo_notebook.render.palettes import Palette
from nemo_notebook.render.shade import Shade, darken, foot_shade, smooth_step
from nemo_notebook.render.spectrum import BANDS, Spectrum

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

Doubles = npt.NDArray[np.float64]

_BACK: Final = (12, 6)  # frames: how long ago the ridges behind were in front, furthest first
_RISE: Final = 0.16  # how much higher each ridge behind stands, in heights of the tallest
_FAR: Final = 0.78  # height of a ridge behind against the one before it
_LIGHT: Final = (0.75, 0.42, 0.30)  # opacity of the fill at its top: in front, behind, behind that
_SHORTEST: Final = 0.03
_MARGIN: Final = 0.16  # of the width, at each end, over which the ridge comes down


@dataclass(frozen=True, slots=True)
class _Ridge:
    """One row of the range: how far back, how tall at most, on which floor, and its light."""

    back: int
    tallest: float
    floor: float
    veil: Veil


@dataclass(frozen=True, slots=True)
class _Paint:
    """All that is drawn ahead for one canvas.

    Attributes:
        ridges: From back to front.
        taper: How much of its height each column has.
        smoothing: A kernel that rounds the steps between bands.
        colours: By column.
        profile: Of the line on the front ridge.
        shade: What darkens a picture under the ridges.
    """

    ridges: tuple[_Ridge, ...]
    taper: Doubles
    smoothing: Doubles
    colours: Colours
    profile: Profile
    shade: Shade | None


def draw_ridge(planes: Planes, palette: Palette, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _paint(width, height, palette, over_picture)
    if paint.shade is not None:
        darken(planes, paint.shade, height - len(paint.shade.luma), 0, width)
    curves = [_curve(ridge, paint, spectrum.before(index, ridge.back)[0], width) for ridge in paint.ridges]
    fill(planes, curves, paint.colours, [ridge.veil for ridge in paint.ridges])
    stroke(planes, curves[-1], paint.colours, paint.profile)


def _curve(ridge: _Ridge, paint: _Paint, bands: npt.NDArray[np.float32], width: int) -> Doubles:
    places = np.linspace(-0.5, BANDS - 0.5, width)
    level = np.convolve(np.interp(places, np.arange(BANDS), bands), paint.smoothing, "same")
    return steady(ridge.floor - ridge.tallest * paint.taper * (_SHORTEST + (1 - _SHORTEST) * level))


@lru_cache(maxsize=8)
def _paint(width: int, height: int, palette: Palette, over_picture: bool) -> _Paint:
    short = min(width, height)
    floor, tallest = (height - 2, short * 0.17) if over_picture else (height * 0.74, min(height * 0.52, width * 0.5))
    along = np.linspace(0, 1, width)
    kernel = np.hanning(max(5, width // 24, int(tallest / 6)))
    ridges = []
    for place, back in enumerate((*_BACK, 0)):
        behind = len(_BACK) - place
        tall = tallest * _FAR**behind
        # Rows of a veil are whole and even; those behind are fainter, and all grow clear towards the floor.
        rows = int(tall + behind * _RISE * tallest) // 2 * 2 + 2
        veil = Veil.of(int(floor) // 2 * 2, rows, _LIGHT[behind])
        ridges.append(_Ridge(back, tall, floor - behind * _RISE * tallest, veil))
    return _Paint(
        tuple(ridges),
        smooth_step(np.minimum(along, 1 - along) / _MARGIN),
        kernel / kernel.sum(),
        colours_along(palette, along),
        line_profile(short, over_picture),
        foot_shade(int(short * 0.34) // 2 * 2) if over_picture else None,
    )
