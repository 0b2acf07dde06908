"""The visualizer style "waveform": the loudness of this moment in the middle, running outwards as it passes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.ink import Box, Ink, draw_ink, ink_of
from nemo_notebook.render.palettes import Palette, halve, to_yuv
from nemo_notebook.render.shade import Shade, darken, foot_shade
from nemo_notebook.render.spectrum import LEAD, Spectrum

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

_SPAN: Final = 0.88  # of the width
_PITCH_PX: Final = 9  # closer than that, there are fewer bars
_THICK: Final = 0.56  # of the space between two bars
_SHORTEST: Final = 0.05
_CURVE: Final = 1.4  # loud is taller, quiet is lower


@dataclass(frozen=True, slots=True)
class _Paint:
    """All that is drawn ahead for one canvas.

    Attributes:
        inks: The pixels that bars can reach, in luma and chroma.
        box: Rows and columns of luma that they lie in.
        back: How many frames ago each bar was in the middle, shape (bars,).
        tallest: Half the height of each bar at its loudest, in pixels, shape (bars,).
        shade: What darkens a picture under the bars.
    """

    inks: tuple[Ink, Ink, Ink]
    box: Box
    back: npt.NDArray[np.intp]
    tallest: npt.NDArray[np.float64]
    shade: Shade | None


def draw_waveform(planes: Planes, palette: Palette, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _paint(width, height, palette, over_picture)
    if paint.shade is not None:
        darken(planes, paint.shade, height - len(paint.shade.luma), 0, width)
    levels = np.array([spectrum.before(index, back)[1] for back in range(int(paint.back.max()) + 1)])
    loud = _SHORTEST + (1 - _SHORTEST) * levels[paint.back] ** _CURVE
    draw_ink(planes, paint.inks, paint.box, loud * paint.tallest)


@lru_cache(maxsize=8)
def _paint(width: int, height: int, palette: Palette, over_picture: bool) -> _Paint:
    short = min(width, height)
    middle, tallest = (height - short * 0.12, short * 0.075) if over_picture else (height * 0.5, short * 0.30)
    side = min(LEAD - 1, max(3, int(width * _SPAN / _PITCH_PX) // 2 - 1))
    pitch = width * _SPAN / (2 * side + 1)
    top, bottom = int(middle - tallest - 2) // 2 * 2, min(height, int(middle + tallest + 4) // 2 * 2)
    box = slice(max(0, top), bottom), slice(0, width // 2 * 2)
    y, x = np.mgrid[box]
    bar = np.clip(np.floor((x + 0.5 - width / 2) / pitch + 0.5), -side, side)
    aside = np.abs(x + 0.5 - width / 2 - bar * pitch)
    radius = max(0.8, pitch * _THICK / 2)
    reach = np.abs(y + 0.5 - middle)
    # A bar is a capsule: its end is half a disc, and its edges are soft over one pixel.
    round_end = radius - np.sqrt(np.maximum(radius**2 - aside**2, 0))
    within = np.clip(radius + 0.5 - aside, 0, 1)
    needs = np.where(within > 0, reach + round_end - 0.5 + (1 - within) * 2, np.inf)
    yuv = to_yuv(palette.colours(np.clip(np.abs(bar) / side, 0, 1)))
    number = (bar + side).astype(np.intp)
    inks = (
        ink_of(needs, number, yuv[..., 0], tallest),
        *(ink_of(needs[::2, ::2], number[::2, ::2], halve(yuv[..., channel]), tallest) for channel in (1, 2)),
    )
    places = np.abs(np.arange(-side, side + 1))
    taper = np.cos(places / (side + 1) * np.pi / 2) ** 0.7
    return _Paint(
        (inks[0], inks[1], inks[2]),
        box,
        places,
        tallest * taper,
        foot_shade(int(short * 0.30) // 2 * 2) if over_picture else None,
    )
