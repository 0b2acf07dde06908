"""A virtual camera: what it shows in each frame, and that part of a picture drawn onto the canvas.

The scaler of FFmpeg knows whole pixels only, which makes slow movements jerk. So a part that is a little too large is
scaled a little too far and cropped again: among the pairs of whole sizes and offsets there is one that is off by some
hundredths of a pixel.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from av.video.reformatter import Interpolation

from nemo_notebook.film.model import View
from nemo_notebook.render.layers import Camera
from nemo_notebook.render.planes import Planes, PlaneScaler, ease

_PULSE: Final = 0.16  # enlargement at a beat, at full strength
_PULSE_FRAMES: Final = 9  # that it takes to go back
_SHAKE: Final = 0.022  # of the canvas, to either side, at full strength
_TREMBLES: Final = ((0.37, 0.61, 1.9, 0.0), (0.29, 0.67, 0.6, 1.7))  # radians a frame, and phases, of two sines an axis
_INSET: Final = 1.03  # a camera that moves begins a little inside, or there were no choice of sizes there
_SLACK_PX: Final = 48  # the wider the choice of sizes, the nearer one comes to what is wanted


def view_at(camera: Camera, index: int) -> View:
    """What a camera shows in frame `index` of its shot."""
    share = min(1.0, max(0.0, (camera.skip + index) / max(1, camera.of - 1)))
    share = ease(share) if camera.ease == "smooth" else share
    x, y = (first + (last - first) * share for first, last in zip(camera.start[:2], camera.end[:2], strict=True))
    moves = camera.start != camera.end or camera.shake or camera.pulse
    nearer = (camera.end[2] / camera.start[2]) ** share  # even to the eye: by factors
    scale = (_INSET if moves else 1.0) * camera.start[2] * nearer
    since = min((index - beat for beat in camera.beats if beat <= index), default=_PULSE_FRAMES)
    scale *= 1 + _PULSE * camera.pulse * max(0.0, 1 - since / _PULSE_FRAMES) ** 2
    if camera.shake:
        reach = _SHAKE * camera.shake
        scale *= 1 + 2 * reach
        room = 1 - 1 / scale
        x, y = (
            min(1.0, max(0.0, place + reach * _tremble(camera.skip + index, *how) / room))
            for place, how in zip((x, y), _TREMBLES, strict=True)
        )
    return x, y, scale


def _tremble(frame: int, slow: float, fast: float, early: float, late: float) -> float:
    """A smooth movement that seems irregular, −1…1."""
    return 0.62 * math.sin(slow * frame + early) + 0.38 * math.sin(fast * frame + late)


class Framer:
    """Draws a part of a picture onto a canvas; keeps its scalers between frames."""

    def __init__(self) -> None:
        self._scalers = [PlaneScaler(Interpolation.BILINEAR) for _ in range(3)]

    def draw(self, picture: Planes, view: View, canvas: Planes) -> None:
        """Overwrite a canvas with what a camera shows of a picture.

        Args:
            picture: As large as the canvas or larger; pixels of a row lie one after another.
            view: What is shown.
            canvas: Overwritten.
        """
        x, y, scale = view
        for scaler, plane, target in zip(self._scalers, picture, canvas, strict=True):
            (have_h, have_w), (height, width) = plane.shape, target.shape
            ratio = scale * max(width / have_w, height / have_h)
            left, seen_w, large_w, cut_x = _fit(have_w, width, ratio, x)
            top, seen_h, large_h, cut_y = _fit(have_h, height, ratio, y)
            large = scaler.scaled(plane[top : top + seen_h, left : left + seen_w], large_w, large_h)
            np.copyto(target, large[cut_y : cut_y + height, cut_x : cut_x + width])


def _fit(have: int, want: int, ratio: float, place: float) -> tuple[int, int, int, int]:
    """Whole sizes and offsets that show the wanted part of a side, as nearly as whole pixels can.

    Args:
        have: Side of the picture in pixels.
        want: Side of the canvas in pixels.
        ratio: Pixels of the canvas for one of the picture.
        place: Where in the room that there is the part lies, 0–1.

    Returns:
        Where the crop begins, how many pixels it has, how many it is scaled to, and where in those the canvas begins.
    """
    start = place * max(0.0, have - want / ratio)
    end = start + want / ratio
    large = np.arange(want, want + _SLACK_PX)[:, None]
    seen = np.clip(np.rint(large / ratio), 1, have)
    scaled = large / seen
    cut = np.minimum(np.arange(_SLACK_PX)[None, :], large - want)
    begin = np.clip(np.rint(start - cut / scaled), 0, have - seen)
    off = np.abs(begin + cut / scaled - start) + np.abs(begin + (cut + want) / scaled - end)
    best = np.unravel_index(int(np.argmin(off)), off.shape)
    return int(begin[best]), int(seen[best[0], 0]), int(large[best[0], 0]), int(cut[best])
