"""Darkening the foot of a picture, so that what is drawn there reads on bright and dark ones alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

_STRENGTH: Final = 0.62
_WHOLE: Final = 256


@dataclass(frozen=True, slots=True)
class Shade:
    """What is left of a picture's light in each pixel (of 256), for luma and for chroma."""

    luma: npt.NDArray[np.uint16]
    chroma: npt.NDArray[np.uint16]


@lru_cache(maxsize=8)
def foot_shade(rows: int) -> Shade:
    """A shade that grows towards the bottom row; `rows` is even."""
    along = np.linspace(0, 1, rows)
    left = np.round(_WHOLE * (1 - _STRENGTH * smooth_step(along))).astype(np.uint16)[:, None]
    return Shade(left, left[::2])


def darken(planes: Planes, shade: Shade, top: int, left: int, width: int) -> None:
    """Lays a shade over the box that starts at (left, top) and is `width` wide, all even, in place."""
    columns = slice(left, left + width), slice(left // 2, (left + width) // 2)
    for plane, light, first, across, neutral in (
        (planes.y, shade.luma, top, columns[0], 16),
        (planes.u, shade.chroma, top // 2, columns[1], 128),
        (planes.v, shade.chroma, top // 2, columns[1], 128),
    ):
        box = plane[first : first + len(light), across]
        box[:] = (box * light + neutral * (_WHOLE - light)) >> 8


def smooth_step(along: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """0 to 1 without a corner at either end."""
    along = np.clip(along, 0, 1)
    return along * along * (3 - 2 * along)
