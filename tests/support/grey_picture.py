"""A grey picture as planes, to draw on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GreyPicture:
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray


def grey(width, height, light=120):
    half = (height // 2, width // 2)
    return GreyPicture(
        np.full((height, width), light, np.uint8), np.full(half, 128, np.uint8), np.full(half, 128, np.uint8)
    )
