"""Effects over a picture: light, displaced lines, grain, bars, and parts that are not to be recognised.

All of it is integer arithmetic on the planes, drawn in place, and depends on the number of the frame alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation

from nemo_notebook.render.grading import shade
from nemo_notebook.render.layers import Effect
from nemo_notebook.render.planes import BLACK, Alpha, Plane, Planes, PlaneScaler, mix_plane, share_of, tint

_FLASH_FRAMES: Final = 8
_FLASH: Final = 0.85  # how white a full flash is
_FLASH_LIGHT: Final = (235, 124, 131)
_GLITCH_FRAMES: Final = 5
_BANDS: Final = 9
_TORN: Final = 0.09  # of the width, that a band is displaced by at most
_SPLIT: Final = 0.012  # of the width, that red and blue lie apart from green
_RED, _BLUE = 54, 18  # of 256: their parts of the brightness in BT.709
_GRAIN: Final = 15.0  # levels that full grain reaches
_DARKEST, _BRIGHTEST = np.uint8(16), np.uint8(235)  # black and white
_TILE: Final = 96  # pixels by which the grain of a frame may be displaced
_LEAK_SHRINK: Final = 16
_LEAK_LIGHT: Final = (214, 96, 176)
_LEAK_FRAMES: Final = 190  # in which a leak comes and goes once
_WIDE: Final = 2.39  # width by height of the cinema
_BLUR: Final = (3.0, 30.0)  # times smaller that a blurred picture is in between, at 1080 lines
_BLOCK: Final = (0.025, 0.06)  # of the width, a block's side; in smaller ones faces are still known
_SOFT: Final = 0.012  # of the width, the soft edge of a blurred part


def draw_effect(picture: Planes, effect: Effect, index: int) -> None:
    """Draw an effect onto frame `index` of its shot; a kind that nobody knows changes nothing."""
    draw = _DRAWN.get(effect.kind)
    if draw is not None and effect.amount > 0:
        draw(picture, effect, index)


def _moment(effect: Effect, index: int) -> int:
    """The frame of the segment; its first one also where a blend begins before it."""
    return max(0, effect.skip + index)


def _since_beat(effect: Effect, index: int) -> int:
    """Frames since the last beat; where there are no beats, since the segment began."""
    if not effect.beats:
        return _moment(effect, index)
    return min((index - beat for beat in effect.beats if beat <= index), default=-1)


def _flash(picture: Planes, effect: Effect, index: int) -> None:
    since = _since_beat(effect, index)
    if 0 <= since < _FLASH_FRAMES:
        light = _FLASH * effect.amount * (1 - since / _FLASH_FRAMES) ** 2
        tint(picture, share_of(1 - light), _FLASH_LIGHT, picture)


def _glitch(picture: Planes, effect: Effect, index: int) -> None:
    if not 0 <= _since_beat(effect, index) < _GLITCH_FRAMES:
        return
    chance = np.random.default_rng([11, _moment(effect, index)])
    most = _TORN * effect.amount * picture.width
    for _ in range(round(_BANDS * (0.4 + 0.6 * effect.amount))):
        top = 2 * int(chance.integers(0, picture.height // 2))
        tall = 2 * int(chance.integers(1, max(2, picture.height // 16)))
        band = picture.crop(0, top, picture.width, min(tall, picture.height - top))
        by = 2 * round(float(chance.uniform(-most, most)) / 2)
        for plane, displaced in zip(band, (by, by // 2, by // 2), strict=True):
            plane[...] = np.roll(plane, displaced, axis=1)
    _split(picture, effect, index)


def _split(picture: Planes, effect: Effect, _index: int) -> None:
    by = max(2, 2 * round(_SPLIT * effect.amount * picture.width / 2))
    red, blue = _displaced(picture.y, by), _displaced(picture.y, -by)
    bright = np.multiply(picture.y, np.uint16(256 - _RED - _BLUE), dtype=np.uint16)
    bright += np.multiply(red, np.uint16(_RED), dtype=np.uint16)
    bright += np.multiply(blue, np.uint16(_BLUE), dtype=np.uint16)
    bright >>= np.uint16(8)
    np.copyto(picture.y, bright, casting="unsafe")
    picture.v[...], picture.u[...] = _displaced(picture.v, by // 2), _displaced(picture.u, -by // 2)


def _displaced(plane: Plane, by: int) -> Plane:
    """A plane moved to the right, or to the left if negative; its edge goes on."""
    return np.pad(plane, ((0, 0), (max(by, 0), max(-by, 0))), mode="edge")[:, max(-by, 0) :][:, : plane.shape[1]]


def _grain(picture: Planes, effect: Effect, index: int) -> None:
    grain = _grain_of(picture.width, picture.height, effect.amount)
    x, y = np.random.default_rng([13, _moment(effect, index)]).integers(0, _TILE, 2)
    lit = np.minimum(np.maximum(picture.y, _DARKEST), _BRIGHTEST)
    room = np.minimum(lit - _DARKEST, _BRIGHTEST - lit)  # there is most of it in middle tones
    room >>= np.uint8(2)
    limit = room.view(np.int8)
    seen = np.minimum(grain[y : y + picture.height, x : x + picture.width], limit)
    np.maximum(seen, np.negative(limit, out=limit), out=seen)
    np.add(lit, seen.view(np.uint8), out=picture.y)


@lru_cache(maxsize=2)
def _grain_of(width: int, height: int, amount: float) -> npt.NDArray[np.int8]:
    """Noise of grains of one or two pixels, in levels."""
    noise = np.random.default_rng(13).standard_normal((height + _TILE + 1, width + _TILE + 1), np.float32)
    soft = noise[:-1, :-1] + 0.6 * (noise[1:, :-1] + noise[:-1, 1:])
    levels = np.clip(np.rint(soft * np.float32(0.38 * _GRAIN * amount)), -_GRAIN, _GRAIN)
    return levels.astype(np.int8)


def _vignette(picture: Planes, effect: Effect, _index: int) -> None:
    shade(picture, effect.amount)


def _light_leak(picture: Planes, effect: Effect, index: int) -> None:
    bright, coloured = _leak_at(picture.width, picture.height, effect.amount, _moment(effect, index) // 3)
    for plane, light, share in zip(picture, _LEAK_LIGHT, (bright, coloured, coloured), strict=True):
        mix_plane(plane, np.full((), light, np.uint8), share, plane)


@lru_cache(maxsize=4)
def _leak_at(width: int, height: int, amount: float, moment: int) -> tuple[Alpha, Alpha]:
    """How much of the light there is for brightness and colours; it changes every third frame."""
    turn = 6 * np.pi * moment / _LEAK_FRAMES
    x = np.linspace(0, 1, max(2, width // _LEAK_SHRINK))
    y = np.linspace(0, 1, max(2, height // _LEAK_SHRINK))[:, None]
    right = _falloff((x - 1.02 + 0.06 * np.sin(turn)) / 0.2, (y - 0.35 - 0.15 * np.cos(turn)) / 0.5)
    left = _falloff((x + 0.04) / 0.13, (y - 0.8 + 0.1 * np.sin(1.7 * turn)) / 0.35)
    light = (0.75 + 0.25 * np.sin(turn + 1)) * right + 0.6 * (0.5 - 0.5 * np.cos(turn)) * left
    small = np.rint(np.clip(0.9 * amount * light, 0, 1) * 255).astype(np.uint8)
    sizes = ((width, height), (width // 2, height // 2))
    scaled = (PlaneScaler(Interpolation.BILINEAR).scaled(small, *size).astype(np.uint16) for size in sizes)
    bright, coloured = scaled
    return bright, coloured


def _falloff(across: npt.NDArray[np.float64], down: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Light around a point, close to exp(-d²) and the same on every CPU: (1 + d² / 4)⁻⁴."""
    near = 1 / (1 + (across * across + down * down) / 4)
    return np.asarray((near * near) * (near * near))


def _letterbox(picture: Planes, effect: Effect, _index: int) -> None:
    shape = max(picture.width / picture.height, 16 / 9)  # a tall picture loses as much of its height as a wide one
    bar = 2 * round(effect.amount * picture.height * max(0.0, 1 - shape / _WIDE) / 4)
    for plane, level, tall in zip(picture, BLACK, (bar, bar // 2, bar // 2), strict=True):
        if tall:
            plane[:tall], plane[-tall:] = level, level


def _blur(picture: Planes, effect: Effect, _index: int) -> None:
    part = _part(picture, effect)
    least, most = _BLUR
    shrink = (least + (most - least) * effect.amount) * picture.height / 1080
    for plane in part:
        height, width = plane.shape
        small = (max(2, round(width / shrink)), max(2, round(height / shrink)))
        less = np.ascontiguousarray(PlaneScaler(Interpolation.AREA).scaled(plane, *small))
        soft = PlaneScaler(Interpolation.BICUBIC).scaled(less, width, height)
        if effect.region:
            mix_plane(plane, soft, _edge(width, height, max(1, round(_SOFT * picture.width))), plane)
        else:
            np.copyto(plane, soft)


@lru_cache(maxsize=8)
def _edge(width: int, height: int, reach: int) -> Alpha:
    """A mask that is 256 but near its edges, where it goes down to 0."""
    across, down = (np.minimum(np.arange(side), np.arange(side)[::-1]) for side in (width, height))
    near = np.minimum(across[None, :], down[:, None]) + 1
    return np.asarray(np.minimum(256, near * 256 // (reach + 1)), np.uint16)


def _pixelate(picture: Planes, effect: Effect, _index: int) -> None:
    part = _part(picture, effect)
    least, most = _BLOCK
    side = max(4, 4 * round((least + (most - least) * effect.amount) * picture.width / 4))
    for plane, block in zip(part, (side, side // 2, side // 2), strict=True):
        height, width = plane.shape
        for top in range(0, height, block):
            rows = plane[top : top + block]
            starts = np.arange(0, width, block)
            sums = np.add.reduceat(rows.sum(axis=0, dtype=np.uint32), starts)
            counts = np.diff(np.append(starts, width)) * len(rows)
            rows[...] = np.repeat((sums // counts.astype(np.uint32)).astype(np.uint8), block)[:width]


def _part(picture: Planes, effect: Effect) -> Planes:
    """The part of a picture that an effect works on, on whole pairs of pixels."""
    if not effect.region:
        return picture
    x, y, width, height = effect.region
    left, top = 2 * int(x * picture.width / 2), 2 * int(y * picture.height / 2)
    right, bottom = (x + width) * picture.width, (y + height) * picture.height
    wide, tall = (max(4, 2 * round((end - begin) / 2)) for begin, end in ((left, right), (top, bottom)))
    left, top = min(left, max(0, picture.width - wide)), min(top, max(0, picture.height - tall))
    return picture.crop(left, top, min(wide, picture.width), min(tall, picture.height))


_DRAWN: Final[Mapping[str, Callable[[Planes, Effect, int], None]]] = {
    "flash": _flash,
    "glitch": _glitch,
    "rgb_split": _split,
    "grain": _grain,
    "vignette": _vignette,
    "light_leak": _light_leak,
    "letterbox": _letterbox,
    "blur": _blur,
    "pixelate": _pixelate,
}
