"""The visualizer style "bars": rounded bars on a floor that mirrors them, or a low row at the foot of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.palettes import Palette, halve, to_yuv
from nemo_notebook.render.shade import Shade, darken, foot_shade, smooth_step
from nemo_notebook.render.spectrum import BANDS, Spectrum

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

Bytes = npt.NDArray[np.uint8]

_SPAN: Final = 0.84  # of the width
_PITCH_PX: Final = 8  # closer than that, there are fewer bars
_GLOW_STEPS: Final = 12
_GLOW_LUMA: Final = 30.0
_MIRROR: Final = 0.45  # of a bar's height
_MIRROR_LIGHT: Final = 0.30
_OPAQUE: Final = 256


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the bars stand, in pixels; all even, so that chroma falls on whole samples."""

    lefts: tuple[int, ...]
    thickness: int
    floor: int
    tallest: int
    mirrored: int  # height of the tallest mirror image; 0 over pictures


@dataclass(frozen=True, slots=True)
class _Paint:
    """All that is drawn ahead for one canvas: each a triple y, u, v."""

    layout: _Layout
    lit: tuple[Bytes, Bytes, Bytes]  # the tallest bar, one row a height; (tallest, width) and half of it
    mirror: tuple[Bytes, Bytes, Bytes]  # what the mirror image adds
    cap: tuple[
        npt.NDArray[np.int32], npt.NDArray[np.int32]
    ]  # how opaque a bar's round end is, 0–256; full and half size
    glow: tuple[tuple[Bytes, Bytes, Bytes], ...]  # what the glow adds, by strength
    shade: Shade | None  # over pictures


def draw_bars(planes: Planes, palette: Palette, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _paint(width, height, palette, over_picture)
    layout = paint.layout
    if paint.shade is not None:
        darken(planes, paint.shade, height - len(paint.shade.luma), 0, width)
    else:
        _shine(planes, paint, float(spectrum.bands[index, :8].mean()))
    bands = _grouped(spectrum.bands[index], len(layout.lefts))
    shortest = layout.thickness
    heights = shortest + np.round(bands * (layout.tallest - shortest)).astype(np.int64)
    for left, tall in zip(layout.lefts, heights.tolist(), strict=True):
        _stand(planes, paint, left, tall)
    _round_off(planes, paint, heights)


def _grouped(bands: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    if count == BANDS:
        return bands
    edges = np.linspace(0, BANDS, count + 1).astype(np.int64)
    return np.maximum.reduceat(bands, edges[:-1])


def _stand(planes: Planes, paint: _Paint, left: int, tall: int) -> None:
    """One bar without its round end, and its mirror image."""
    layout = paint.layout
    body = tall - layout.thickness // 2
    image = min(int(tall * _MIRROR), layout.mirrored)
    for plane, lit, mirror, step in zip(
        (planes.y, planes.u, planes.v), paint.lit, paint.mirror, (1, 2, 2), strict=True
    ):
        columns = slice(left // step, (left + layout.thickness) // step)
        floor, rows = layout.floor // step, body // step
        if rows:
            plane[floor - rows : floor, columns] = lit[-rows:, columns]
        if image >= step:
            plane[floor : floor + image // step, columns] += mirror[: image // step, columns]


def _round_off(planes: Planes, paint: _Paint, heights: npt.NDArray[np.int64]) -> None:
    """The round ends of all bars at once."""
    layout = paint.layout
    lefts = np.array(layout.lefts)
    bodies = heights - layout.thickness // 2
    for plane, lit, step, cap in zip(
        (planes.y, planes.u, planes.v), paint.lit, (1, 2, 2), (paint.cap[0], paint.cap[1], paint.cap[1]), strict=True
    ):
        up = np.arange(len(cap))[::-1] + 1  # rows above the body, highest first
        above = (bodies // step)[:, None] + up
        columns = (lefts // step)[:, None] + np.arange(cap.shape[1])
        at = (layout.floor // step - above)[:, :, None], columns[:, None, :]
        colour = lit[(len(lit) - np.minimum(above, len(lit)))[:, :, None], columns[:, None, :]].astype(np.int32)
        under = plane[at].astype(np.int32)
        plane[at] = under + (((colour - under) * cap) >> 8)


def _shine(planes: Planes, paint: _Paint, strength: float) -> None:
    step = min(_GLOW_STEPS - 1, int(strength * _GLOW_STEPS))
    top = paint.layout.floor - paint.layout.tallest
    for plane, glow, scale in zip((planes.y, planes.u, planes.v), paint.glow[step], (1, 2, 2), strict=True):
        rows = plane[top // scale : top // scale + len(glow)]
        np.add(rows, glow, out=rows)  # bytes wrap: what lowers chroma is added as its complement


@lru_cache(maxsize=8)
def _paint(width: int, height: int, palette: Palette, over_picture: bool) -> _Paint:
    layout = _layout(width, height, over_picture)
    where = np.clip((np.arange(width) - layout.lefts[0]) / max(1, layout.lefts[-1] - layout.lefts[0]), 0, 1)
    colours = palette.colours(where)
    rise = np.linspace(1, 0, layout.tallest)[:, None, None]  # lighter towards the top
    lit = to_yuv(colours * (0.72 + 0.28 * rise) + (255 - colours) * 0.18 * rise**2)
    fade = _MIRROR_LIGHT * np.linspace(1, 0, max(2, layout.mirrored))[:, None] ** 1.5
    image = to_yuv(np.broadcast_to(colours * 0.72, (len(fade), width, 3)))
    return _Paint(
        layout,
        (_bytes(lit[..., 0]), _bytes(halve(lit[..., 1])), _bytes(halve(lit[..., 2]))),
        (
            _bytes((image[..., 0] - 16) * fade),
            _bytes(halve((image[..., 1] - 128) * fade)),
            _bytes(halve((image[..., 2] - 128) * fade)),
        ),
        _caps(layout.thickness),
        () if over_picture else _glows(width, layout, colours),
        foot_shade((height - layout.floor + layout.tallest * 3 // 2) // 2 * 2) if over_picture else None,
    )


def _layout(width: int, height: int, over_picture: bool) -> _Layout:
    count = min(BANDS, max(4, int(width * _SPAN) // _PITCH_PX))
    pitch = max(4, int(width * _SPAN / count) // 2 * 2)
    thickness = max(2, round(pitch * 0.62 / 2) * 2)
    left = (width - (count - 1) * pitch - thickness) // 4 * 2
    short = min(width, height)
    floor, tallest = (
        (height - short * 0.05, short * 0.15) if over_picture else (height * 0.64, min(height * 0.40, width * 0.42))
    )
    tallest_px = max(thickness + 2, int(tallest) // 2 * 2)
    mirrored = 0 if over_picture else int(tallest_px * _MIRROR) // 2 * 2
    lefts = tuple(left + number * pitch for number in range(count))
    return _Layout(lefts, thickness, int(floor) // 2 * 2, tallest_px, mirrored)


def _caps(thickness: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Upper half of a disc as wide as a bar, antialiased; one row more than half its width, for odd heights."""
    radius = thickness / 2
    rows = (thickness // 2 + 1) // 2 * 2
    x, y = np.arange(thickness) + 0.5 - radius, (rows - np.arange(rows) - 0.5)[:, None]
    cap = np.clip(radius - np.hypot(x, y) + 0.5, 0, 1) * _OPAQUE
    return cap.astype(np.int32), halve(cap).astype(np.int32)


def _glows(width: int, layout: _Layout, colours: npt.NDArray[np.float64]) -> tuple[tuple[Bytes, Bytes, Bytes], ...]:
    rows = (layout.tallest + 2 * layout.mirrored) // 2 * 2
    x = np.linspace(-1, 1, width)
    y = ((np.arange(rows) - layout.tallest) / layout.tallest)[:, None]
    shape = np.exp(-((x / 0.55) ** 2)) * np.exp(-((y / 0.38) ** 2))
    ends = np.arange(rows)[:, None] / (0.3 * layout.tallest)
    shape *= smooth_step(ends) * smooth_step(ends[::-1])
    tint = to_yuv(colours) - (16, 128, 128)
    noise = np.random.default_rng(5).random((rows, width))
    steps = []
    for step in range(_GLOW_STEPS):
        light = shape * (step + 1) / _GLOW_STEPS * _GLOW_LUMA
        share = halve(light) / 160
        chroma = (np.floor(share * tint[None, ::2, channel] + noise[::2, ::2]) for channel in (1, 2))
        blue, red = (_bytes(values) for values in chroma)
        steps.append((_bytes(np.floor(light + noise)), blue, red))
    return tuple(steps)


def _bytes(values: npt.NDArray[np.float64]) -> Bytes:
    """Rounded, negative ones as their complement, so that adding bytes subtracts."""
    return np.asarray(np.round(values).astype(np.int64) & 255, np.uint8)
