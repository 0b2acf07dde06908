"""Bars of any direction: every pixel knows ahead which bar it belongs to and how tall that must be to reach it.

A frame is then one comparison a pixel, with round ends and smooth edges for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

Doubles = npt.NDArray[np.float64]
Box = tuple[slice, slice]  # rows and columns of luma, all even

_UNIT: Final = 64  # heights are counted in 1/64 pixel


@dataclass(frozen=True, slots=True)
class Ink:
    """The pixels of one plane that bars can reach, shape (n,) each.

    Attributes:
        at: Places in the flattened box.
        bar: Index of the nearest bar.
        needs: Height of that bar at which the pixel is just not reached, in 1/64 pixel of the full canvas.
        colour: What a reached pixel becomes.
    """

    at: npt.NDArray[np.intp]
    bar: npt.NDArray[np.intp]
    needs: npt.NDArray[np.int32]
    colour: npt.NDArray[np.int32]


def ink_of(needs: Doubles, bar: npt.NDArray[np.integer], colour: Doubles, tallest: float) -> Ink:
    """The pixels of a box that a bar of the height `tallest` reaches; three arrays of the box's shape."""
    rows, columns = np.nonzero(needs < tallest)
    units = np.maximum(np.round(needs[rows, columns] * _UNIT), -(1 << 20)).astype(np.int32)
    return Ink(
        (rows * needs.shape[1] + columns).astype(np.intp),
        bar[rows, columns].astype(np.intp),
        units,
        np.round(colour[rows, columns]).astype(np.int32),
    )


def draw_ink(planes: Planes, inks: tuple[Ink, Ink, Ink], box: Box, heights_px: Doubles) -> None:
    """Draws bars of these heights, one for each index that the inks name, in place."""
    heights = np.round(heights_px * _UNIT).astype(np.int32)
    half = half_box(box)
    for plane, ink, part in zip((planes.y, planes.u, planes.v), inks, (box, half, half), strict=True):
        opacity = heights[ink.bar]
        opacity -= ink.needs
        seen = np.flatnonzero(opacity > 0)
        at, opacity = ink.at[seen], np.minimum(opacity[seen], _UNIT)
        pixels = plane[part].copy()  # planes may be views with a stride: one row of pixels needs a copy
        flat = pixels.reshape(-1)
        under = flat[at].astype(np.int32)
        flat[at] = under + (((ink.colour[seen] - under) * opacity) >> 6)
        plane[part] = pixels


def half_box(box: Box) -> Box:
    """The same box in chroma."""
    return slice(box[0].start // 2, box[0].stop // 2), slice(box[1].start // 2, box[1].stop // 2)
