"""Which part of a picture to keep where much has to be cropped: the one with most to see, near the middle."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.render.picture import Planes
from nemo_notebook.render.scaling import PlaneScaler

Focus = tuple[float, float]  # across and down: 0 keeps the left or top end, 1 the other

CENTRE: Final[Focus] = (0.5, 0.5)
_SMALL_PX: Final = 96  # longer side of the picture that is looked at
_TO_MIDDLE: Final = 0.25  # what a part at the very edge counts less
_WORTH: Final = 1.06  # how much more than in the middle there must be to see
_HIGH: Final = 0.28  # of a tall picture: heads are above the middle, so a tie goes there
# Blue and red difference of skin of all tones: D. Chai, K. N. Ngan, "Face segmentation using skin-color map", 1999.
_SKIN: Final = (77, 127, 133, 173)
_SKIN_COUNTS: Final = 1.8


def focus_of(picture: Planes, width: int, height: int) -> Focus:
    """Where to crop a picture to a part of `width` × `height` pixels.

    What there is to see is measured as contrast between neighbours and as colour, on a small copy.
    """
    scale = _SMALL_PX / max(picture.width, picture.height)
    size = [max(4, round(side * scale)) for side in (picture.width, picture.height)]
    y, u, v = (
        PlaneScaler().scaled(np.ascontiguousarray(plane), *size).astype(np.float64)
        for plane in (picture.y, picture.u, picture.v)
    )
    down, across = np.gradient(y)
    worth = np.hypot(down, across) + 0.1 * np.hypot(u - np.median(u), v - np.median(v))
    worth *= np.where((u > _SKIN[0]) & (u < _SKIN[1]) & (v > _SKIN[2]) & (v < _SKIN[3]), _SKIN_COUNTS, 1.0)
    return (
        _best(worth.sum(axis=0), width / picture.width, 0.5),
        _best(worth.sum(axis=1), height / picture.height, _HIGH),
    )


def _best(worth: npt.NDArray[np.float64], share: float, middle: float) -> float:
    """The place of the window of that share with the greatest sum, or the middle where that is about as good."""
    window = min(len(worth), max(1, round(len(worth) * share)))
    room = len(worth) - window
    if share > 0.999 or room == 0:
        return 0.5
    # What is in the window's middle counts most: it shall come to lie there.
    sums = np.convolve(worth, 0.35 + np.hanning(window + 2)[1:-1], "valid")
    places = np.arange(room + 1) / room
    counted = sums * (1 - _TO_MIDDLE * (2 * (places - middle)) ** 2)
    best = int(np.argmax(counted))
    at_middle = counted[round(middle * room)]
    return float(places[best]) if counted[best] > at_middle * _WORTH else middle
