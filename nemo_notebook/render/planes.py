"""Pictures as three planes of YUV 4:2:0 (BT.709, limited range): conversion, scaling, mixing. Alphas are 0–256."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

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

    def __iter__(self) -> Iterator[Plane]:
        return iter((self.y, self.u, self.v))

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
        return Planes(*(plane.copy() for plane in self))

    def crop(self, x: int, y: int, width: int, height: int) -> Planes:
        """A view of a part; all four numbers even."""
        half = (slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2))
        return Planes(self.y[y : y + height, x : x + width], self.u[half], self.v[half])

    def turned(self, quarters: int) -> Planes:
        """A view turned counterclockwise by quarters of a full turn."""
        return Planes(*(np.rot90(plane, quarters) for plane in self))

    def mirrored(self, flip: str) -> Planes:
        """A view with left and right changed (`h`), top and bottom (`v`), or both (`hv`)."""
        down, across = (slice(None, None, -1 if way in flip else 1) for way in "vh")
        return Planes(*(plane[down, across] for plane in self))

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
    for below, above, target in zip(under, over, out, strict=True):
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
    for plane, level, target in zip(picture, color, out, strict=True):
        part = np.multiply(plane, np.uint16(share), dtype=np.uint16)
        part += np.uint16(level * (WHOLE - share) + _HALF)
        part >>= np.uint16(8)
        np.copyto(target, part, casting="unsafe")


def dim(picture: Planes, share: int, out: Planes) -> None:
    """As `tint`, before black."""
    tint(picture, share, BLACK, out)
