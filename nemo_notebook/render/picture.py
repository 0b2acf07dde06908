"""Pictures as three planes: brightness and two colours at half size (YUV 4:2:0, BT.709, limited range)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

Plane = npt.NDArray[np.uint8]

BLACK: Final = (16, 128, 128)


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture; the arrays may be views with a stride of their own.

    Attributes:
        y: Brightness, uint8 of shape (height, width), 16–235.
        u: Blue difference, uint8 of shape (height / 2, width / 2), 16–240, 128 is none.
        v: Red difference, likewise.
    """

    y: Plane
    u: Plane
    v: Plane

    @classmethod
    def black(cls, width: int, height: int) -> Planes:
        """A black picture of even size."""
        half = (height // 2, width // 2)
        y, u, v = BLACK
        return cls(np.full((height, width), y, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8))

    @classmethod
    def from_rgb(cls, rgb: npt.NDArray[np.uint8]) -> Planes:
        """A picture from uint8 RGB of shape (height, width, 3), both even."""
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP,
        )
        return cls.of_frame(frame).copy()

    @classmethod
    def of_frame(cls, frame: VideoFrame) -> Planes:
        """The planes of a yuv420p or yuva420p frame as views: writing to them writes to the frame."""
        y, u, v = (
            np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
            for plane in frame.planes[:3]
        )
        return cls(y, u, v)

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.y.shape[0])

    def copy(self) -> Planes:
        """A picture of its own, without strides."""
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def crop(self, x: int, y: int, width: int, height: int) -> Planes:
        """A view of a part; all four numbers even."""
        half = (slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2))
        return Planes(self.y[y : y + height, x : x + width], self.u[half], self.v[half])

    def turned(self, quarters: int) -> Planes:
        """A view turned counterclockwise by quarters of a full turn."""
        return Planes(np.rot90(self.y, quarters), np.rot90(self.u, quarters), np.rot90(self.v, quarters))

    def paste(self, other: Planes) -> None:
        """Overwrites this picture with another of the same size."""
        self.y[...], self.u[...], self.v[...] = other.y, other.u, other.v

    def to_video_frame(self) -> VideoFrame:
        """A frame of its own, tagged as what it is."""
        frame = VideoFrame(self.width, self.height, "yuv420p")
        tag(frame)
        Planes.of_frame(frame).paste(self)
        return frame


def tag(frame: VideoFrame) -> None:
    """Marks a frame as BT.709 in limited range."""
    frame.colorspace = Colorspace.ITU709
    frame.color_range = ColorRange.MPEG
