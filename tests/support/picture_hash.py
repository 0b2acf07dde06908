"""Fingerprints of pictures: the same for what looks the same, whatever the codec or the rounding did to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nemo_notebook.render.planes import Planes

_GRID = 8


class Fingerprint(NamedTuple):
    """A difference hash of the brightness (64 bits, as hex), and the means of the three planes."""

    hash: str
    y: float
    u: float
    v: float


def fingerprint(planes: Planes) -> Fingerprint:
    """The hash says for 8 × 8 places whether the brightness grows to the right."""
    rows = np.array_split(planes.y.astype(float), _GRID)
    cells = np.array([[part.mean() for part in np.array_split(row, _GRID + 1, axis=1)] for row in rows])
    bits = "".join("1" if grows else "0" for grows in (np.diff(cells, axis=1) > 0.5).ravel())
    return Fingerprint(f"{int(bits, 2):016x}", *(round(float(p.mean()), 1) for p in (planes.y, planes.u, planes.v)))


def look_alike(one: Fingerprint, other: Fingerprint, bits: int = 4, levels: float = 1.5) -> bool:
    """Whether at most so many bits differ, and the means by so many levels."""
    apart = bin(int(one.hash, 16) ^ int(other.hash, 16)).count("1")
    return apart <= bits and all(abs(a - b) <= levels for a, b in zip(one[1:], other[1:], strict=True))


def colour_card(width: int, height: int, turned: bool = False) -> Planes:
    """A picture with grey steps, strong colours, skin tones, edges and soft gradients; `turned` is another one."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    rgb = np.stack([60 + 160 * x, 40 + 150 * (1 - y), 90 + 120 * (1 - x) * y], axis=-1)
    if turned:
        rgb = 0.35 * rgb[::-1, ::-1, ::-1]
    rgb[(np.hypot(x - 0.3, (y - 0.45) * height / width) < 0.12)] = (226, 172, 140)
    rgb[(y > 0.8) & (x < 0.5)] = (250, 245, 240)
    rgb[(y > 0.8) & (x >= 0.5)] = (12, 10, 14)
    rgb[(np.abs(x - 0.75) < 0.06) & (y < 0.6)] = (30, 90, 210) if turned else (210, 40, 30)
    return Planes.from_rgb(rgb.astype(np.uint8))
