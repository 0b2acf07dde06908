"""Visualizers: pictures of sound, drawn straight into the planes of a film frame.

Each style prepares once for a canvas what its frames have in common (`_…_paint`, cached), and has a function that draws
one frame from a row of the `Spectrum`. Over a picture it is a discreet band at the foot, else it fills the canvas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.errors import UsageError
from nemo_notebook.extensions import extensions
from nemo_notebook.render import drawing
from nemo_notebook.render.planes import Planes
from nemo_notebook.render.spectrum import BANDS, LEAD, WAVE_POINTS, Spectrum

Bytes = npt.NDArray[np.uint8]
_Triple = tuple[Bytes, Bytes, Bytes]
_Opacity = npt.NDArray[np.int32]

_BARS_SPAN: Final = 0.84  # of the width
_BARS_PITCH_PX: Final = 8  # closer than that, there are fewer bars
_BARS_GLOW_STEPS: Final = 12
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
class _BarsPaint:
    """All that is drawn ahead for one canvas: each a triple y, u, v."""

    layout: _Layout
    lit: _Triple  # the tallest bar, one row a height; (tallest, width) and half of it
    mirror: _Triple  # what the mirror image adds
    cap: tuple[_Opacity, _Opacity]  # of a bar's round end, 0–256; full and half size
    glow: tuple[_Triple, ...]  # what the glow adds, by strength
    shade: drawing.Shade | None  # over pictures


def draw_bars(planes: Planes, palette: drawing.Gradient, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _bars_paint(width, height, palette, over_picture)
    layout = paint.layout
    drawing.darken_foot(planes, paint.shade)
    if paint.shade is None:
        _shine_bars(planes, paint, float(spectrum.bands[index, :8].mean()))
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


def _stand(planes: Planes, paint: _BarsPaint, left: int, tall: int) -> None:
    """One bar without its round end, and its mirror image."""
    layout = paint.layout
    body = tall - layout.thickness // 2
    image = min(int(tall * _MIRROR), layout.mirrored)
    for plane, lit, mirror, step in zip(planes, paint.lit, paint.mirror, (1, 2, 2), strict=True):
        columns = slice(left // step, (left + layout.thickness) // step)
        floor, rows = layout.floor // step, body // step
        if rows:
            plane[floor - rows : floor, columns] = lit[-rows:, columns]
        if image >= step:
            plane[floor : floor + image // step, columns] += mirror[: image // step, columns]


def _round_off(planes: Planes, paint: _BarsPaint, heights: npt.NDArray[np.int64]) -> None:
    """The round ends of all bars at once."""
    layout = paint.layout
    lefts = np.array(layout.lefts)
    bodies = heights - layout.thickness // 2
    whole, half = paint.cap
    for plane, lit, step, cap in zip(planes, paint.lit, (1, 2, 2), (whole, half, half), strict=True):
        up = np.arange(len(cap))[::-1] + 1  # rows above the body, highest first
        above = (bodies // step)[:, None] + up
        columns = (lefts // step)[:, None] + np.arange(cap.shape[1])
        at = (layout.floor // step - above)[:, :, None], columns[:, None, :]
        colour = lit[(len(lit) - np.minimum(above, len(lit)))[:, :, None], columns[:, None, :]].astype(np.int32)
        under = plane[at].astype(np.int32)
        plane[at] = under + (((colour - under) * cap) >> 8)


def _shine_bars(planes: Planes, paint: _BarsPaint, strength: float) -> None:
    step = min(_BARS_GLOW_STEPS - 1, int(strength * _BARS_GLOW_STEPS))
    top = paint.layout.floor - paint.layout.tallest
    for plane, glow, scale in zip(planes, paint.glow[step], (1, 2, 2), strict=True):
        rows = plane[top // scale : top // scale + len(glow)]
        np.add(rows, glow, out=rows)  # bytes wrap: what lowers chroma is added as its complement


@lru_cache(maxsize=8)
def _bars_paint(width: int, height: int, palette: drawing.Gradient, over_picture: bool) -> _BarsPaint:
    layout = _layout(width, height, over_picture)
    where = np.clip((np.arange(width) - layout.lefts[0]) / max(1, layout.lefts[-1] - layout.lefts[0]), 0, 1)
    colours = palette.colours(where)
    rise = np.linspace(1, 0, layout.tallest)[:, None, None]  # lighter towards the top
    lit = drawing.to_yuv(colours * (0.72 + 0.28 * rise) + (255 - colours) * 0.18 * rise**2)
    fade = _MIRROR_LIGHT * np.linspace(1, 0, max(2, layout.mirrored))[:, None] ** 1.5
    image = drawing.to_yuv(np.broadcast_to(colours * 0.72, (len(fade), width, 3)))
    return _BarsPaint(
        layout,
        (_bytes(lit[..., 0]), _bytes(drawing.halve(lit[..., 1])), _bytes(drawing.halve(lit[..., 2]))),
        (
            _bytes((image[..., 0] - 16) * fade),
            _bytes(drawing.halve((image[..., 1] - 128) * fade)),
            _bytes(drawing.halve((image[..., 2] - 128) * fade)),
        ),
        _caps(layout.thickness),
        () if over_picture else _glows(width, layout, colours),
        drawing.foot_shade((height - layout.floor + layout.tallest * 3 // 2) // 2 * 2) if over_picture else None,
    )


def _layout(width: int, height: int, over_picture: bool) -> _Layout:
    count = min(BANDS, max(4, int(width * _BARS_SPAN) // _BARS_PITCH_PX))
    pitch = max(4, int(width * _BARS_SPAN / count) // 2 * 2)
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


def _caps(thickness: int) -> tuple[_Opacity, _Opacity]:
    """Upper half of a disc as wide as a bar, antialiased; one row more than half its width, for odd heights."""
    radius = thickness / 2
    rows = (thickness // 2 + 1) // 2 * 2
    x, y = np.arange(thickness) + 0.5 - radius, (rows - np.arange(rows) - 0.5)[:, None]
    cap = np.clip(radius - np.hypot(x, y) + 0.5, 0, 1) * _OPAQUE
    return cap.astype(np.int32), drawing.halve(cap).astype(np.int32)


def _glows(width: int, layout: _Layout, colours: npt.NDArray[np.float64]) -> tuple[_Triple, ...]:
    rows = (layout.tallest + 2 * layout.mirrored) // 2 * 2
    x = np.linspace(-1, 1, width)
    y = ((np.arange(rows) - layout.tallest) / layout.tallest)[:, None]
    shape = np.exp(-((x / 0.55) ** 2)) * np.exp(-((y / 0.38) ** 2))
    ends = np.arange(rows)[:, None] / (0.3 * layout.tallest)
    shape *= drawing.smooth_step(ends) * drawing.smooth_step(ends[::-1])
    tint = drawing.to_yuv(colours) - (16, 128, 128)
    noise = np.random.default_rng(5).random((rows, width))
    steps = []
    for step in range(_BARS_GLOW_STEPS):
        light = shape * (step + 1) / _BARS_GLOW_STEPS * _GLOW_LUMA
        share = drawing.halve(light) / 160
        chroma = (np.floor(share * tint[None, ::2, channel] + noise[::2, ::2]) for channel in (1, 2))
        blue, red = (_bytes(values) for values in chroma)
        steps.append((_bytes(np.floor(light + noise)), blue, red))
    return tuple(steps)


def _bytes(values: npt.NDArray[np.float64]) -> Bytes:
    """Rounded, negative ones as their complement, so that adding bytes subtracts."""
    return np.asarray(np.round(values).astype(np.int64) & 255, np.uint8)


_WAVEFORM_SPAN: Final = 0.88  # of the width
_WAVEFORM_PITCH_PX: Final = 9  # closer than that, there are fewer bars
_WAVEFORM_THICK: Final = 0.56  # of the space between two bars
_WAVEFORM_SHORTEST: Final = 0.05
_CURVE: Final = 1.4  # loud is taller, quiet is lower


@dataclass(frozen=True, slots=True)
class _WaveformPaint:
    """All that is drawn ahead for one canvas.

    Attributes:
        inks: The pixels that bars can reach, in luma and chroma.
        box: Rows and columns of luma that they lie in.
        back: How many frames ago each bar was in the middle, shape (bars,).
        tallest: Half the height of each bar at its loudest, in pixels, shape (bars,).
        shade: What darkens a picture under the bars.
    """

    inks: drawing.Inks
    box: drawing.Box
    back: npt.NDArray[np.intp]
    tallest: npt.NDArray[np.float64]
    shade: drawing.Shade | None


def draw_waveform(
    planes: Planes, palette: drawing.Gradient, spectrum: Spectrum, index: int, over_picture: bool
) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _waveform_paint(width, height, palette, over_picture)
    drawing.darken_foot(planes, paint.shade)
    levels = np.array([spectrum.before(index, back)[1] for back in range(int(paint.back.max()) + 1)])
    loud = _WAVEFORM_SHORTEST + (1 - _WAVEFORM_SHORTEST) * levels[paint.back] ** _CURVE
    drawing.draw_ink(planes, paint.inks, paint.box, loud * paint.tallest)


@lru_cache(maxsize=8)
def _waveform_paint(width: int, height: int, palette: drawing.Gradient, over_picture: bool) -> _WaveformPaint:
    short = min(width, height)
    middle, tallest = (height - short * 0.12, short * 0.075) if over_picture else (height * 0.5, short * 0.30)
    side = min(LEAD - 1, max(3, int(width * _WAVEFORM_SPAN / _WAVEFORM_PITCH_PX) // 2 - 1))
    pitch = width * _WAVEFORM_SPAN / (2 * side + 1)
    top, bottom = int(middle - tallest - 2) // 2 * 2, min(height, int(middle + tallest + 4) // 2 * 2)
    box = slice(max(0, top), bottom), slice(0, width // 2 * 2)
    y, x = np.mgrid[box]
    bar = np.clip(np.floor((x + 0.5 - width / 2) / pitch + 0.5), -side, side)
    aside = np.abs(x + 0.5 - width / 2 - bar * pitch)
    radius = max(0.8, pitch * _WAVEFORM_THICK / 2)
    reach = np.abs(y + 0.5 - middle)
    # A bar is a capsule: its end is half a disc, and its edges are soft over one pixel.
    round_end = radius - np.sqrt(np.maximum(radius**2 - aside**2, 0))
    within = np.clip(radius + 0.5 - aside, 0, 1)
    needs = np.where(within > 0, reach + round_end - 0.5 + (1 - within) * 2, np.inf)
    yuv = drawing.to_yuv(palette.colours(np.clip(np.abs(bar) / side, 0, 1)))
    number = (bar + side).astype(np.intp)
    places = np.abs(np.arange(-side, side + 1))
    taper = np.cos(places / (side + 1) * np.pi / 2) ** 0.7
    return _WaveformPaint(
        drawing.inks_of(needs, number, yuv, tallest),
        box,
        places,
        tallest * taper,
        drawing.foot_shade(int(short * 0.30) // 2 * 2) if over_picture else None,
    )


_Doubles = npt.NDArray[np.float64]

_BARS: Final = 2 * BANDS
_RING_THICK: Final = 0.58  # of the space between two bars, at the ring
_RING_SHORTEST: Final = 0.05
_RING_GLOW_STEPS: Final = 10
_SHADE: Final = 0.38
_LIGHT_WITHIN: Final = 0.75  # how much of the shade is missing in the middle of the ring


@dataclass(frozen=True, slots=True)
class _RingPaint:
    inks: drawing.Inks
    tallest: float
    box: drawing.Box  # that bars, glow and shade fill
    glow: tuple[npt.NDArray[np.uint8], ...]
    shade: drawing.Shade | None  # over pictures


def draw_ring(planes: Planes, palette: drawing.Gradient, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _ring_paint(width, height, palette, over_picture)
    if paint.shade is None:
        box, strength = planes.y[paint.box], float(spectrum.bands[index, :8].mean())
        np.add(box, paint.glow[min(_RING_GLOW_STEPS - 1, int(strength * _RING_GLOW_STEPS))], out=box)
    else:
        rows, columns = paint.box
        drawing.darken(planes, paint.shade, rows.start, columns.start, columns.stop - columns.start)
    bands = spectrum.bands[index]
    around = np.concatenate([bands, bands[::-1]])
    drawing.draw_ink(planes, paint.inks, paint.box, (_RING_SHORTEST + (1 - _RING_SHORTEST) * around) * paint.tallest)


@lru_cache(maxsize=8)
def _ring_paint(width: int, height: int, palette: drawing.Gradient, over_picture: bool) -> _RingPaint:
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
    yuv = drawing.to_yuv(palette.colours(low_to_high))
    inks = drawing.inks_of(needs, bar, yuv, tallest)
    glow = () if over_picture else _glow(away, radius)
    return _RingPaint(inks, tallest, box, glow, _shade(away, radius, reach) if over_picture else None)


def _even_box(centre: tuple[float, float], reach: float, width: int, height: int) -> drawing.Box:
    def span(middle: float, size: int) -> slice:
        return slice(max(0, int(middle - reach) // 2 * 2), min(size, int(middle + reach + 2) // 2 * 2))

    return span(centre[1], height), span(centre[0], width)


def _needs(away: _Doubles, turn: _Doubles, bar: npt.NDArray[np.int64], radius: float) -> _Doubles:
    """The bar height in pixels that just does not reach each pixel; infinite where none does.

    A bar is a capsule: it reaches a pixel at `along` and `aside` of its axis when its end, half a disc, does. What is
    lit at half height at its edge stays soft over one pixel.
    """
    angle = (turn - (bar + 0.5) / _BARS) * 2 * np.pi
    along, aside = away * np.cos(angle) - radius, np.abs(away * np.sin(angle))
    half = max(0.75, np.pi * radius / _BARS * _RING_THICK * 1.15)
    within = np.clip(half + 0.5 - aside, 0, 1)
    end = along - np.sqrt(np.maximum(half**2 - aside**2, 0)) + half - 0.5
    start = np.sqrt(np.maximum(half**2 - aside**2, 0)) - half
    reached = (within > 0) & (along > start)
    ring = np.abs(away - radius + half * 1.6)
    needs = np.where(reached, end + (1 - within) * 2, np.inf)
    return np.where(ring < 1.0, -10.0, needs)


def _glow(away: _Doubles, radius: float) -> tuple[npt.NDArray[np.uint8], ...]:
    """Light around and within the ring, by strength."""
    shape = np.exp(-(((away - radius) / (radius * 0.55)) ** 2)) * 0.75 + np.exp(-((away / radius) ** 2)) * 0.25
    noise = np.random.default_rng(6).random(away.shape)
    steps = ((shape * 44 * (step + 1) / _RING_GLOW_STEPS) for step in range(_RING_GLOW_STEPS))
    return tuple(np.floor(light + noise).astype(np.uint8) for light in steps)


def _shade(away: _Doubles, radius: float, reach: float) -> drawing.Shade:
    """Dark under the bars, softly less outwards and within the ring: a whole disc would look like dirt."""
    within = drawing.smooth_step((radius - away) / (radius * 0.7))
    dark = _SHADE * drawing.smooth_step((reach - away) / (reach * 0.5)) * (1 - _LIGHT_WITHIN * within)
    left = np.round(256 * (1 - dark)).astype(np.uint16)
    return drawing.Shade(left, left[::2, ::2])


_BACK: Final = (12, 6)  # frames: how long ago the ridges behind were in front, furthest first
_RISE: Final = 0.16  # how much higher each ridge behind stands, in heights of the tallest
_FAR: Final = 0.78  # height of a ridge behind against the one before it
_LIGHT: Final = (0.75, 0.42, 0.30)  # opacity of the fill at its top: in front, behind, behind that
_RIDGE_SHORTEST: Final = 0.03
_MARGIN: Final = 0.16  # of the width, at each end, over which the ridge comes down


@dataclass(frozen=True, slots=True)
class _Ridge:
    """One row of the range: how far back, how tall at most, on which floor, and its light."""

    back: int
    tallest: float
    floor: float
    veil: drawing.Veil


@dataclass(frozen=True, slots=True)
class _RidgePaint:
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
    taper: _Doubles
    smoothing: _Doubles
    colours: drawing.Colours
    profile: drawing.Profile
    shade: drawing.Shade | None


def draw_ridge(planes: Planes, palette: drawing.Gradient, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _ridge_paint(width, height, palette, over_picture)
    drawing.darken_foot(planes, paint.shade)
    curves = [_curve(ridge, paint, spectrum.before(index, ridge.back)[0], width) for ridge in paint.ridges]
    drawing.fill(planes, curves, paint.colours, [ridge.veil for ridge in paint.ridges])
    drawing.stroke(planes, curves[-1], paint.colours, paint.profile)


def _curve(ridge: _Ridge, paint: _RidgePaint, bands: npt.NDArray[np.float32], width: int) -> _Doubles:
    places = np.linspace(-0.5, BANDS - 0.5, width)
    level = np.convolve(np.interp(places, np.arange(BANDS), bands), paint.smoothing, "same")
    return drawing.steadied(
        ridge.floor - ridge.tallest * paint.taper * (_RIDGE_SHORTEST + (1 - _RIDGE_SHORTEST) * level)
    )


@lru_cache(maxsize=8)
def _ridge_paint(width: int, height: int, palette: drawing.Gradient, over_picture: bool) -> _RidgePaint:
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
        veil = drawing.Veil.of(int(floor) // 2 * 2, rows, _LIGHT[behind])
        ridges.append(_Ridge(back, tall, floor - behind * _RISE * tallest, veil))
    return _RidgePaint(
        tuple(ridges),
        drawing.smooth_step(np.minimum(along, 1 - along) / _MARGIN),
        kernel / kernel.sum(),
        drawing.colours_along(palette, along),
        drawing.line_profile(short, over_picture),
        drawing.foot_shade(int(short * 0.34) // 2 * 2) if over_picture else None,
    )


_QUIET: Final = 0.10  # of the amplitude: what is drawn in silence, so that the line never dies


@dataclass(frozen=True, slots=True)
class _LinePaint:
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
    taper: _Doubles
    wobble: _Doubles
    smoothing: _Doubles
    colours: drawing.Colours
    profile: drawing.Profile
    shade: drawing.Shade | None


def draw_line(planes: Planes, palette: drawing.Gradient, spectrum: Spectrum, index: int, over_picture: bool) -> None:
    """Draws frame `index` in place."""
    height, width = planes.y.shape
    paint = _line_paint(width, height, palette, over_picture)
    drawing.darken_foot(planes, paint.shade)
    places = np.linspace(0, WAVE_POINTS - 1, width)
    wave = np.interp(places, np.arange(WAVE_POINTS), spectrum.wave[index] / 127.0)
    quiet = _QUIET * (1 - float(spectrum.level[index]))
    swung = (1 - quiet) * np.convolve(wave, paint.smoothing, "same") + quiet * paint.wobble
    curve = drawing.steadied(paint.middle - paint.swing * paint.taper * swung)
    drawing.stroke(planes, curve, paint.colours, paint.profile)


@lru_cache(maxsize=8)
def _line_paint(width: int, height: int, palette: drawing.Gradient, over_picture: bool) -> _LinePaint:
    short = min(width, height)
    middle, swing = (height - short * 0.14, short * 0.075) if over_picture else (height * 0.5, short * 0.24)
    along = np.linspace(0, 1, width)
    taper = np.sin(np.pi * along) ** 0.8
    kernel = np.hanning(max(5, width // 64, int(swing / 7)))
    return _LinePaint(
        middle,
        swing,
        taper,
        np.sin(6 * np.pi * along),
        kernel / kernel.sum(),
        drawing.colours_along(palette, along),
        drawing.line_profile(short, over_picture),
        drawing.foot_shade(int(short * 0.3) // 2 * 2) if over_picture else None,
    )


Draw = Callable[["Planes", drawing.Gradient, Spectrum, int, bool], None]

STYLES: Final[dict[str, Draw]] = {
    "bars": draw_bars,
    "waveform": draw_waveform,
    "circular": draw_ring,
    "spectrum": draw_ridge,
    "line": draw_line,
}


def styles() -> dict[str, Draw]:
    """The visualizers by name, with those of other packages."""
    return {**STYLES, **{name: draw for name, draw in extensions("visualizers").items() if name not in STYLES}}


def draw(
    planes: Planes,
    style: str,
    palette: str,
    spectrum: Spectrum,
    index: int,
    over_picture: bool,
    colors: Sequence[str] = (),
) -> None:
    """Draws one frame of a visualizer in place.

    Args:
        planes: The frame so far: a picture, or the palette's `backdrop`.
        style: A name in `styles()`.
        palette: A name in `PALETTES`.
        spectrum: Features of the sound from the shot's first frame on.
        index: The frame, counted from there.
        over_picture: Whether a picture lies below: then it is a discreet band at the foot, else it fills the canvas.
        colors: Three of `#rrggbb` in place of the palette's, see `palette_of`.

    Raises:
        UsageError: There is no such style or palette.
    """
    known = styles()
    if style not in known:
        raise UsageError(f"There is no visualizer '{style}'.", hint=f"There are: {', '.join(known)}.")
    known[style](planes, drawing.palette_of(palette, colors), spectrum, index, over_picture)
