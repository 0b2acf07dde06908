"""Sums of pictures, byte by byte: what blends, fades and looks are made of. Alphas are 0–256."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.picture import BLACK, Plane, Planes

Alpha = npt.NDArray[np.uint16]

WHOLE: Final = 256
_HALF: Final = 128
WHITE: Final = (235, 128, 128)


def share_of(amount: float) -> int:
    """An amount of 0–1 as alpha."""
    return round(min(1.0, max(0.0, amount)) * WHOLE)


def ease(at: float) -> float:
    """0 to 1 without a corner at either end."""
    at = min(1.0, max(0.0, at))
    return at * at * (3 - 2 * at)


def mix(under: Planes, over: Planes, share: int, out: Planes) -> None:
    """Overwrites `out` with `share` of one picture before the rest of the other; it may be one of them."""
    if share in (0, WHOLE):
        out.paste(over if share else under)
        return
    for below, above, target in zip(_each(under), _each(over), _each(out), strict=True):
        mix_plane(below, above, share, target)


def mix_plane(under: Plane, over: Plane, share: int | Alpha, out: Plane) -> None:
    """As `mix`, for one plane; the share may be a mask that broadcasts to its shape."""
    share = np.asarray(share, np.uint16)
    total = np.empty(out.shape, np.uint16)
    np.multiply(over, share, out=total, dtype=np.uint16)
    total += np.multiply(under, np.uint16(WHOLE) - share, dtype=np.uint16)
    total += np.uint16(_HALF)
    total >>= np.uint16(8)
    np.copyto(out, total, casting="unsafe")


def tint(picture: Planes, share: int, color: tuple[int, int, int], out: Planes) -> None:
    """Overwrites `out` with a picture of which `share` is left before a plain colour; it may be the picture."""
    if share == WHOLE:
        if out is not picture:
            out.paste(picture)
        return
    for plane, level, target in zip(_each(picture), color, _each(out), strict=True):
        part = np.multiply(plane, np.uint16(share), dtype=np.uint16)
        part += np.uint16(level * (WHOLE - share) + _HALF)
        part >>= np.uint16(8)
        np.copyto(target, part, casting="unsafe")


def dim(picture: Planes, share: int, out: Planes) -> None:
    """As `tint`, before black."""
    tint(picture, share, BLACK, out)


def _each(planes: Planes) -> tuple[Plane, Plane, Plane]:
    return planes.y, planes.u, planes.v
