"""The visualizer style "waveform": a glowing oscillogram through the canvas, or low over a picture.

The line is drawn by distance: how far a pixel lies from the curve, straightened by the curve's slope, is looked up in
the line's profile. Only the tiles that the curve runs through are touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.engine.render.palettes import palette_named, to_yuv
from nemo_notebook.engine.render.shade import Shade, darken, foot_shade
from nemo_notebook.engine.render.spectrum import WAVE_POINTS, Spectrum

if TYPE_CHECKING:
    from nemo_notebook.engine.render.picture import Planes

Ints = npt.NDArray[np.int16]
Doubles = npt.NDArray[np.float64]

_TILE_PX: Final = 96
_UNIT: Final = 8  # distances are counted in 1/8 pixel
_WHOLE: Final = 128  # opaque; so small that 16 bits suffice
_QUIET: Final = 0.10  # of the amplitude: what is drawn in silence, so that the line never dies


@dataclass(frozen=True, slots=True)
class _Paint:
    """All that is drawn ahead for one canvas.

    Attributes:
        middle: Its row at rest.
        swing: Its largest way from there, in pixels.
        taper: How much of the swing each column has, shape (width,).
        wobble: A calm curve for quiet passages, −1…1, like `taper`.
        smoothing: A kernel that takes the steps out of the wave's few levels.
        colours: Luma and chroma by column, shapes (n,), (n / 2,), (n / 2,).
        profile: Opacity (0–128) by distance in 1/8 pixel.
        shade: What darkens a picture under the line.
    """

    middle: float
    swing: float
    taper: Doubles
    wobble: Doubles
    smoothing: Doubles
    colours: tuple[Ints, Ints, Ints]
    profile: npt.NDArray[np.int16]
    shade: Shade | None


def draw_waveform(planes: Planes, palette: str, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _paint(width, height, palette, over_picture)
    if paint.shade is not None:
        darken(planes, paint.shade, height - len(paint.shade.luma), 0, width)
    places = np.linspace(0, WAVE_POINTS - 1, width)
    wave = np.interp(places, np.arange(WAVE_POINTS), spectrum.wave[index] / 127.0)
    quiet = _QUIET * (1 - float(spectrum.level[index]))
    swung = (1 - quiet) * np.convolve(wave, paint.smoothing, "same") + quiet * paint.wobble
    curve = paint.middle - paint.swing * paint.taper * swung
    slope = np.gradient(curve)
    flatten = 1 / np.sqrt(1 + slope * slope)
    _line(planes.y, curve, flatten, paint.colours[0], paint.profile, 1)
    for plane, colour in ((planes.u, paint.colours[1]), (planes.v, paint.colours[2])):
        _line(plane, curve[::2] / 2, flatten[::2], colour, paint.profile, 2)


def _line(
    plane: npt.NDArray[np.uint8],
    curve: Doubles,
    flatten: Doubles,
    colour: Ints,
    profile: npt.NDArray[np.int16],
    scale: int,
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


@lru_cache(maxsize=8)
def _paint(width: int, height: int, palette: str, over_picture: bool) -> _Paint:
    short = min(width, height)
    middle, swing = (height - short * 0.14, short * 0.075) if over_picture else (height * 0.5, short * 0.24)
    along = np.linspace(0, 1, width)
    taper = np.sin(np.pi * along) ** 0.8
    kernel = np.hanning(max(5, (width) // 64))
    colours = to_yuv(palette_named(palette).colours(along))
    chroma = [np.round(colours[::2, channel]).astype(np.int16) for channel in (1, 2)]
    return _Paint(
        middle,
        swing,
        taper,
        np.sin(6 * np.pi * along),
        kernel / kernel.sum(),
        (np.round(colours[:, 0]).astype(np.int16), chroma[0], chroma[1]),
        _profile(short, over_picture),
        foot_shade(int(short * 0.3) // 2 * 2) if over_picture else None,
    )


def _profile(short: int, over_picture: bool) -> npt.NDArray[np.int16]:
    """A solid core with soft edges, and a glow that fades to nothing; wider on wider canvases."""
    core, glow = max(0.8, short / 400), short / (60 if over_picture else 34)
    away = np.arange(int(glow * 2.4 * _UNIT) + 2) / _UNIT
    solid = np.clip(core - away + 0.5, 0, 1)
    soft = (0.30 if over_picture else 0.34) * np.exp(-((away / glow) ** 2) * 1.6)
    opacity = np.round(_WHOLE * np.maximum(solid, soft * np.clip((away[-1] - away) / away[-1] * 2, 0, 1)))
    opacity[-1] = 0
    return np.asarray(opacity, np.int16)
