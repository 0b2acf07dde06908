"""The visualizer style "circular": bars that radiate from a ring, bass at the foot, the same on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.ink import Box, Ink, draw_ink, ink_of
from nemo_notebook.render.palettes import Palette, halve, to_yuv
from nemo_notebook.render.shade import Shade, darken, smooth_step
from nemo_notebook.render.spectrum import BANDS, Spectrum

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

Doubles = npt.NDArray[np.float64]

_BARS: Final = 2 * BANDS
_THICK: Final = 0.58  # of the space between two bars, at the ring
_SHORTEST: Final = 0.05
_GLOW_STEPS: Final = 10
_SHADE: Final = 0.38
_LIGHT_WITHIN: Final = 0.75  # how much of the shade is missing in the middle of the ring


@dataclass(frozen=True, slots=True)
class _Paint:
    inks: tuple[Ink, Ink, Ink]
    tallest: float
    box: Box  # that bars, glow and shade fill
    glow: tuple[npt.NDArray[np.uint8], ...]
    shade: Shade | None  # over pictures


def draw_ring(planes: Planes, palette: Palette, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _paint(width, height, palette, over_picture)
    if paint.shade is None:
        _shine(planes, paint, float(spectrum.bands[index, :8].mean()))
    else:
        rows, columns = paint.box
        darken(planes, paint.shade, rows.start, columns.start, columns.stop - columns.start)
    bands = spectrum.bands[index]
    around = np.concatenate([bands, bands[::-1]])
    draw_ink(planes, paint.inks, paint.box, (_SHORTEST + (1 - _SHORTEST) * around) * paint.tallest)


def _shine(planes: Planes, paint: _Paint, strength: float) -> None:
    box = planes.y[paint.box]
    np.add(box, paint.glow[min(_GLOW_STEPS - 1, int(strength * _GLOW_STEPS))], out=box)


@lru_cache(maxsize=8)
def _paint(width: int, height: int, palette: Palette, over_picture: bool) -> _Paint:
    short = min(width, height)
    radius, tallest = (short * 0.17, short * 0.13) if over_picture else (short * 0.195, short * 0.175)
    centre = (width / 2, height / 2)
    reach = (radius + tallest) * (1.3 if over_picture else 1.25)
    box = _even_box(centre, reach, width, height)
    y, x = np.mgrid[box]
    across, down = x + 0.5 - centre[0], y + 0.5 - centre[1]
    away = np.hypot(across, down)
    turn = (np.arctan2(-across, down) / (2 * np.pi)) % 1  # 0 at the foot, clockwise
    bar = np.minimum((turn * _BARS).astype(np.int64), _BARS - 1)
    needs = _needs(away, turn, bar, radius)
    low_to_high = 1 - np.abs(2 * turn - 1)
    yuv = to_yuv(palette.colours(low_to_high))
    inks = (
        ink_of(needs, bar, yuv[..., 0], tallest),
        *(ink_of(needs[::2, ::2], bar[::2, ::2], halve(yuv[..., c]), tallest) for c in (1, 2)),
    )
    glow = () if over_picture else _glow(away, radius)
    return _Paint(
        (inks[0], inks[1], inks[2]), tallest, box, glow, _shade(away, radius, reach) if over_picture else None
    )


def _even_box(centre: tuple[float, float], reach: float, width: int, height: int) -> Box:
    def span(middle: float, size: int) -> slice:
        return slice(max(0, int(middle - reach) // 2 * 2), min(size, int(middle + reach + 2) // 2 * 2))

    return span(centre[1], height), span(centre[0], width)


def _needs(away: Doubles, turn: Doubles, bar: npt.NDArray[np.int64], radius: float) -> Doubles:
    """The bar height in pixels that just does not reach each pixel; infinite where none does.

    A bar is a capsule: it reaches a pixel at `along` and `aside` of its axis when its end, half a disc, does. What is
    lit at half height at its edge stays soft over one pixel.
    """
    angle = (turn - (bar + 0.5) / _BARS) * 2 * np.pi
    along, aside = away * np.cos(angle) - radius, np.abs(away * np.sin(angle))
    half = max(0.75, np.pi * radius / _BARS * _THICK * 1.15)
    within = np.clip(half + 0.5 - aside, 0, 1)
    end = along - np.sqrt(np.maximum(half**2 - aside**2, 0)) + half - 0.5
    start = np.sqrt(np.maximum(half**2 - aside**2, 0)) - half
    reached = (within > 0) & (along > start)
    ring = np.abs(away - radius + half * 1.6)
    needs = np.where(reached, end + (1 - within) * 2, np.inf)
    return np.where(ring < 1.0, -10.0, needs)


def _glow(away: Doubles, radius: float) -> tuple[npt.NDArray[np.uint8], ...]:
    """Light around and within the ring, by strength."""
    shape = np.exp(-(((away - radius) / (radius * 0.55)) ** 2)) * 0.75 + np.exp(-((away / radius) ** 2)) * 0.25
    noise = np.random.default_rng(6).random(away.shape)
    steps = ((shape * 44 * (step + 1) / _GLOW_STEPS) for step in range(_GLOW_STEPS))
    return tuple(np.floor(light + noise).astype(np.uint8) for light in steps)


def _shade(away: Doubles, radius: float, reach: float) -> Shade:
    """Dark under the bars, softly less outwards and within the ring: a whole disc would look like dirt."""
    within = smooth_step((radius - away) / (radius * 0.7))
    dark = _SHADE * smooth_step((reach - away) / (reach * 0.5)) * (1 - _LIGHT_WITHIN * within)
    left = np.round(256 * (1 - dark)).astype(np.uint16)
    return Shade(left, left[::2, ::2])
