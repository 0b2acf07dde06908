"""The visualizer style "line": a glowing oscillogram through the canvas, or low over a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.curves import Colours, Profile, colours_along, line_profile, steady, stroke
from nemo_notebook.render.palettes import Palette
from nemo_notebook.render.shade import Shade, darken, foot_shade
from nemo_notebook.render.spectrum import WAVE_POINTS, Spectrum

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

Doubles = npt.NDArray[np.float64]

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
        colours: By column.
        profile: Of the line.
        shade: What darkens a picture under the line.
    """

    middle: float
    swing: float
    taper: Doubles
    wobble: Doubles
    smoothing: Doubles
    colours: Colours
    profile: Profile
    shade: Shade | None


def draw_line(planes: Planes, palette: Palette, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _paint(width, height, palette, over_picture)
    if paint.shade is not None:
        darken(planes, paint.shade, height - len(paint.shade.luma), 0, width)
    places = np.linspace(0, WAVE_POINTS - 1, width)
    wave = np.interp(places, np.arange(WAVE_POINTS), spectrum.wave[index] / 127.0)
    quiet = _QUIET * (1 - float(spectrum.level[index]))
    swung = (1 - quiet) * np.convolve(wave, paint.smoothing, "same") + quiet * paint.wobble
    curve = steady(paint.middle - paint.swing * paint.taper * swung)
    stroke(planes, curve, paint.colours, paint.profile)


@lru_cache(maxsize=8)
def _paint(width: int, height: int, palette: Palette, over_picture: bool) -> _Paint:
    short = min(width, height)
    middle, swing = (height - short * 0.14, short * 0.075) if over_picture else (height * 0.5, short * 0.24)
    along = np.linspace(0, 1, width)
    taper = np.sin(np.pi * along) ** 0.8
    kernel = np.hanning(max(5, width // 64, int(swing / 7)))
    return _Paint(
        middle,
        swing,
        taper,
        np.sin(6 * np.pi * along),
        kernel / kernel.sum(),
        colours_along(palette, along),
        line_profile(short, over_picture),
        foot_shade(int(short * 0.3) // 2 * 2) if over_picture else None,
    )
