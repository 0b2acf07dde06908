"""Pictures that lie in a box over others: pictures in a picture, and the parts of a split screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from nemo_notebook.render.formats import Output
from nemo_notebook.render.layers import Overlay
from nemo_notebook.render.planes import BLACK, WHITE, WHOLE, Alpha, Planes, mix_plane
from nemo_notebook.render.sources import source_frames

_CORNER: Final = 0.06  # radius of a corner, as a share of the box's shorter side
_EDGE: Final = 1 / 240  # width of the line around a box, as a share of the canvas' shorter side
_LEAST_PX: Final = 16

Masks = tuple[Alpha, Alpha]  # of luma and of chroma: how much of a box is seen, 0–256


def overlay_drawer(layer: Overlay, output: Output, count: int) -> Callable[[Planes, int], None]:
    """What draws the frames of an overlay over a canvas, in place; it is called for one frame after another.

    A box that touches no edge of the canvas has round corners and a light line around it; one that does is a part of a
    split screen, and has a dark line towards the others.

    Args:
        layer: The picture and its box.
        output: Size and rate of the canvas.
        count: Frames of the shot.
    """
    left, top, right, bottom = pixels_of(layer.box, output.width, output.height)
    width, height = right - left, bottom - top
    frames = source_frames(layer.picture, replace(output, width=width, height=height), count)
    is_free = left > 0 and top > 0 and right < output.width and bottom < output.height
    edge_px = max(1.0, min(output.width, output.height) * _EDGE)
    whole, inner = (rounded(width, height, inset) for inset in (0.0, edge_px)) if is_free else (None, None)
    sides = (left > 0, top > 0, right < output.width, bottom < output.height)

    def draw(canvas: Planes, _index: int) -> None:
        below, picture = canvas.crop(left, top, width, height), Planes.of_frame(next(frames))
        if whole is None or inner is None:
            below.paste(picture)
            _part(below, sides, 2 * max(1, round(edge_px / 2)))
            return
        _fill(below, whole)
        for under, over, mask in zip(below, picture, (inner[0], inner[1], inner[1]), strict=True):
            mix_plane(under, over, mask, under)

    return draw


def _part(picture: Planes, sides: tuple[bool, ...], edge_px: int) -> None:
    """Draws half of the line between the parts of a split screen along some sides (left, top, right, bottom)."""
    width, height = picture.width, picture.height
    lines = (
        (0, 0, edge_px, height),
        (0, 0, width, edge_px),
        (width - edge_px, 0, edge_px, height),
        (0, height - edge_px, width, edge_px),
    )
    for line in (line for line, is_drawn in zip(lines, sides, strict=True) if is_drawn):
        for plane, level in zip(picture.crop(*line), BLACK, strict=True):
            plane[...] = level


def _fill(canvas: Planes, mask: Masks) -> None:
    for under, level, share in zip(canvas, WHITE, (mask[0], mask[1], mask[1]), strict=True):
        mix_plane(under, np.full_like(under, level), share, under)


def pixels_of(box: tuple[float, ...], width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a box in pixels of the canvas, all even; neighbours have their edge in common.

    Args:
        box: Left, top, width and height, 0–1 of the canvas.
        width: Pixels of the canvas, even.
        height: Likewise.
    """
    x, y, wide, high = box
    left, right = _ends(x, x + wide, width)
    top, bottom = _ends(y, y + high, height)
    return left, top, right, bottom


def _ends(start: float, end: float, size: int) -> tuple[int, int]:
    first, last = (2 * round(edge * size / 2) for edge in (start, end))
    first = max(0, min(first, size - _LEAST_PX))
    return first, min(size, max(last, first + _LEAST_PX))


@lru_cache(maxsize=16)
def rounded(width: int, height: int, inset_px: float) -> Masks:
    """A box with round corners, smaller by `inset_px` on each side: how much of each pixel is seen.

    Args:
        width: Pixels of the box, even.
        height: Likewise.
        inset_px: What is left out along its edges.
    """
    radius = max(0.0, min(width, height) * _CORNER - inset_px)
    away = [np.abs(np.arange(size) + 0.5 - size / 2) - (size / 2 - inset_px - radius) for size in (height, width)]
    down, across = np.maximum(away[0], 0)[:, None], np.maximum(away[1], 0)[None, :]
    outside = np.round(np.sqrt(down * down + across * across), 3) - radius
    seen = np.clip(0.5 - outside, 0, 1)
    halves = seen.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    luma, chroma = (np.round(each * WHOLE).astype(np.uint16) for each in (seen, halves))
    return luma, chroma
