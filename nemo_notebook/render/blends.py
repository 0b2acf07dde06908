"""One picture going over into another: eight ways, each drawn whole into the canvas.

Progress runs from just over 0 in the first frame to just under 1 in the last: before, the picture under is seen alone,
and after, the one over it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import pi, sin
from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render import planes
from nemo_notebook.render.planes import BLACK, WHOLE, Plane, Planes, PlaneScaler, ease, mix, mix_plane, share_of, tint

Distances = npt.NDArray[np.int16]

_SHUTTER: Final = 0.5  # of a frame's time is open, as in film: that much of a move is smeared
_MAX_SMEAR_PX: Final = 255  # so many bytes add up to less than 65536
_LEFT_BEHIND: Final = 0.28  # of the move: what a picture gives way that another slides over
_IN_SHADE: Final = 0.45  # how much darker it gets
_SHADOW: Final = 0.05  # of the width: the shadow of what slides over
_SOFT_WIPE: Final = 0.16  # of the width
_SOFT_CIRCLE: Final = 0.05  # of the diagonal
_ZOOM_IN: Final = 2.0  # the last scale of the picture that goes
_ZOOM_FROM: Final = 0.72  # the first scale of the one that comes
_ZOOM_BLUR: Final = 9.0  # times smaller in the middle of a zoom, and larger again
_ZOOM_MIX: Final = (0.36, 0.64)  # progress between which both are seen


class Blender:
    """Draws a blend of one kind; keeps what its frames have in common.

    Args:
        kind: As in `layers.Blend`; an unknown one is a dissolve.
        of: Frames of the whole blend.
    """

    def __init__(self, kind: str, of: int) -> None:
        self._of = of
        self._scalers = [PlaneScaler() for _ in range(12)]
        self._draw: Callable[[Planes, Planes, Planes, float], None] = {
            "black": _through(BLACK),
            "white": _through(planes.WHITE),
            "slide": _slide,
            "push": self._push,
            "wipe": _wipe,
            "zoom": self._zoom,
            "circle": _circle,
        }.get(kind, _dissolve)

    def draw(self, under: Planes, over: Planes, out: Planes, frame: int) -> None:
        """Overwrites `out`, which is neither of the pictures, with frame number `frame` of the blend."""
        self._draw(under, over, out, (frame + 1) / (self._of + 1))

    def _push(self, under: Planes, over: Planes, out: Planes, at: float) -> None:
        """Both move to the left together, as if they were one strip; smeared as much as they move."""
        step = _SHUTTER / (self._of + 1)
        gone = _even(out.width * ease(at))
        smear = (ease(at + step / 2) - ease(at - step / 2)) * out.width
        for number, (one, two, target) in enumerate(zip(under, over, out, strict=True)):
            scale = 1 if number == 0 else 2
            strip = np.concatenate([one, two], axis=1)
            _smear(strip, gone // scale, min(_MAX_SMEAR_PX, max(1, round(smear / scale))), target)

    def _zoom(self, under: Planes, over: Planes, out: Planes, at: float) -> None:
        """Into the picture that goes and out of its blur into the one that comes, in one move."""
        moved, blur = ease(at), 1 + (_ZOOM_BLUR - 1) * sin(pi * at) ** 2
        begin, end = _ZOOM_MIX
        share = share_of(ease((at - begin) / (end - begin)))
        for number, (one, two, target) in enumerate(zip(under, over, out, strict=True)):
            tools = self._scalers[4 * number : 4 * number + 4]
            goes = self._zoomed(tools[:2], one, _ZOOM_IN**moved, blur) if share < WHOLE else target
            comes = self._zoomed(tools[2:], two, _ZOOM_FROM ** (1 - moved), blur) if share else target
            mix_plane(goes, comes, share, target)

    @staticmethod
    def _zoomed(tools: list[PlaneScaler], plane: Plane, scale: float, blur: float) -> Plane:
        """A plane from its middle, blurred; where it does not reach to the edge, it is mirrored there."""
        height, width = plane.shape
        low, wide = max(2, round(height / blur)), max(2, round(width / blur))
        if scale >= 1:
            seen_h, seen_w = round(height / scale), round(width / scale)
            top, left = (height - seen_h) // 2, (width - seen_w) // 2
            return tools[1].scaled(
                tools[0].scaled(plane[top : top + seen_h, left : left + seen_w], wide, low), width, height
            )
        inner = tools[0].scaled(plane, max(2, round(wide * scale)), max(2, round(low * scale)))
        rooms = (low - inner.shape[0], wide - inner.shape[1])
        mirrored = np.pad(inner, [(room // 2, room - room // 2) for room in rooms], mode="symmetric")
        return tools[1].scaled(mirrored, width, height)


def _smear(strip: Plane, start: int, length: int, out: Plane) -> None:
    """Overwrites `out` with the means of `length` neighbours in a row, from column `start` on."""
    width = out.shape[1]
    start = min(max(0, start - length // 2), strip.shape[1] - width - length)
    total = strip[:, start : start + width + length - 1].astype(np.uint16)
    count = 1
    while 2 * count <= length:
        total = total[:, :-count] + total[:, count:]
        count *= 2
    if length > count:  # sums of a power of two overlap, which weighs the middle more and saves a division
        total = total[:, : count - length] + total[:, length - count :]
        count *= 2
    total += np.uint16(count // 2)
    np.copyto(out, total >> np.uint16(count.bit_length() - 1), casting="unsafe")


def _dissolve(under: Planes, over: Planes, out: Planes, at: float) -> None:
    mix(under, over, share_of(ease(at)), out)


def _through(color: tuple[int, int, int]) -> Callable[[Planes, Planes, Planes, float], None]:
    """Into a colour until the middle, and out of it."""

    def draw(under: Planes, over: Planes, out: Planes, at: float) -> None:
        tint(under if at < 0.5 else over, share_of(ease(abs(2 * at - 1))), color, out)

    return draw


def _slide(under: Planes, over: Planes, out: Planes, at: float) -> None:
    """One comes from the right over the other, which gives way a little and lies in its shadow."""
    moved = ease(at)
    edge = out.width - _even(out.width * moved)
    away = _even((out.width - edge) * _LEFT_BEHIND)
    if edge:
        seen = under.crop(away, 0, edge, out.height)
        tint(seen, share_of(1 - _IN_SHADE * moved), BLACK, out.crop(0, 0, edge, out.height))
    rest = out.width - edge
    if rest:
        out.crop(edge, 0, rest, out.height).paste(over.crop(0, 0, rest, out.height))
    reach = min(edge, _even(out.width * _SHADOW))
    if reach:
        # Brightness alone carries a shadow.
        shade = np.rint(WHOLE * (1 - 0.5 * np.linspace(0, 1, reach) ** 2 * ease(4 * (1 - at)))).astype(np.uint16)
        box = out.y[:, edge - reach : edge]
        mix_plane(np.full((), BLACK[0], np.uint8), box, shade, box)


def _wipe(under: Planes, over: Planes, out: Planes, at: float) -> None:
    """A soft edge runs from left to right."""
    reach = max(2, _even(out.width * _SOFT_WIPE))
    front = _even((out.width + reach) * ease(at))
    first, last = max(0, front - reach), min(out.width, front)
    for number, (one, two, target) in enumerate(zip(under, over, out, strict=True)):
        scale = 1 if number == 0 else 2
        begin, end = first // scale, last // scale
        target[:, :begin], target[:, end:] = two[:, :begin], one[:, end:]
        along = (front - (np.arange(first, last, scale) + scale / 2)) / reach
        share = np.rint(WHOLE * along * along * (3 - 2 * along)).astype(np.uint16)
        mix_plane(one[:, begin:end], two[:, begin:end], share, target[:, begin:end])


def _circle(under: Planes, over: Planes, out: Planes, at: float) -> None:
    """A hole with a soft edge opens from the middle."""
    away = _distances(out.width, out.height)
    radius = np.int16(round((int(away.max()) + WHOLE) * ease(at)))
    share = np.clip(radius - away, 0, WHOLE).astype(np.uint16)
    half = share[::2, ::2]
    for one, two, target, part in zip(under, over, out, (share, half, half), strict=True):
        mix_plane(one, two, part, target)


@lru_cache(maxsize=2)
def _distances(width: int, height: int) -> Distances:
    """Distance from the middle, counted so that the soft edge is `WHOLE` wide."""
    x, y = np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2
    return np.asarray(np.hypot(x, y[:, None]) * (WHOLE / (np.hypot(width, height) * _SOFT_CIRCLE)), np.int16)


def _even(value: float) -> int:
    return 2 * round(value / 2)
