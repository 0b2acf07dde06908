"""Scaling of single planes, without copying what lies in a frame already."""

from __future__ import annotations

from typing import Final

import numpy as np
from av import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from nemo_notebook.render.picture import Plane

_AREA_FROM: Final = 2.0  # shrinking further than that, a bilinear filter would leave out pixels
_CUBIC_FROM: Final = 2.0  # growing further than that, it would show its squares


class PlaneScaler:
    """Scales planes; it keeps its filters for as long as the sizes stay.

    Args:
        how: The filter; without one, what suits the sizes.
    """

    def __init__(self, how: Interpolation | None = None) -> None:
        self._how = how
        self._scale = VideoReformatter()

    def scaled(self, plane: Plane, width: int, height: int) -> Plane:
        """A plane at another size.

        Args:
            plane: Pixels of a row lie one after another; rows may have a stride.
            width: Pixels across.
            height: Pixels down.

        Returns:
            A view of the scaler's own memory for this call.
        """
        if plane.shape == (height, width):
            return plane
        shrinks = max(plane.shape[0] / height, plane.shape[1] / width)
        grows = max(height / plane.shape[0], width / plane.shape[1])
        how = self._how or Interpolation.BILINEAR
        if self._how is None and (shrinks >= _AREA_FROM or grows >= _CUBIC_FROM):
            how = Interpolation.AREA if shrinks >= grows else Interpolation.BICUBIC
        # The scaler may read a little over a row's end: an array of its own is copied to where there is room for that.
        frame_of = VideoFrame.from_ndarray if plane.flags.owndata else VideoFrame.from_numpy_buffer
        frame = frame_of(plane, format="gray")
        scaled = self._scale.reformat(frame, width, height, interpolation=how, threads=1).planes[0]
        return np.frombuffer(memoryview(scaled), np.uint8).reshape(-1, scaled.line_size)[:height, :width]
