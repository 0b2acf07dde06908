"""Any picture onto the canvas: cropped to fill it, or whole before a blurred copy of itself or black."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from av import VideoFrame
from av.video.format import VideoFormat
from av.video.reformatter import ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from nemo_notebook.film.fitting import Fitted, fit_size
from nemo_notebook.film.model import View
from nemo_notebook.render.camera import Framer
from nemo_notebook.render.grading import apply, pq_grade
from nemo_notebook.render.planes import BLACK, Planes, PlaneScaler, mix_plane, tag

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
    y, u, v = (PlaneScaler().scaled(np.ascontiguousarray(plane), *size).astype(np.float64) for plane in picture)
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


_MUCH_LOSS: Final = 0.25  # of the picture: then it is worth looking for what matters in it
_BLUR_SHRINK: Final = 16
_BLUR_DIM: Final = 0.6
_HD_HEIGHT: Final = 720  # a file that does not say: HD is BT.709, smaller is BT.601, as players take it
_UNSAID_MATRIX: Final = 2
_RGB_MATRIX: Final = 0
_EXACT: Final = int(Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP)
_SWS_MATRICES: Final = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}  # frame tag (ITU-T H.273) → swscale's table


class Fitter:
    """Fits decoded frames onto one canvas size; keeps its scalers between frames.

    The first frame that loses much to cropping tells which part stays (`focus_of`), and it does so for all.

    Args:
        width: Of the canvas in pixels, even.
        height: Likewise.
        how: As in `fit_size`.
        flip: As in `layers.Clip`.
        turn: Likewise.
    """

    def __init__(self, width: int, height: int, how: str = "auto", flip: str = "", turn: int = 0) -> None:
        self._width = width
        self._height = height
        self._how = how
        self._flip = flip
        self._quarters = -turn // 90  # counterclockwise
        self._focus: Focus | None = None
        self._scale = VideoReformatter()
        self._shrink = VideoReformatter()
        self._grow = VideoReformatter()
        self._framer = Framer()
        self._whole: Planes | None = None

    def place(self, frame: VideoFrame, pixel_aspect: float, canvas: Planes, view: View | None = None) -> None:
        """Draws a decoded frame of any size, format, colour and rotation onto the canvas.

        Args:
            frame: As decoded.
            pixel_aspect: Width of a pixel divided by its height.
            canvas: Overwritten.
            view: What a camera shows of it; without one as much as there is room for.
        """
        if view is not None:
            self._framer.draw(self.whole(frame, pixel_aspect), view, canvas)
            return
        target, upright = self._upright(frame, pixel_aspect)
        if not target.fills:
            self._inside(target, upright, canvas)
            return
        if self._focus is None:
            self._focus = focus_of(upright, self._width, self._height) if target.loss > _MUCH_LOSS else CENTRE
        canvas.paste(_part(upright, self._width, self._height, self._focus))

    def whole(self, frame: VideoFrame, pixel_aspect: float) -> Planes:
        """All of a decoded frame that can be shown: it covers the canvas, and may go beyond it on two sides.

        Rows are whole, for a scaler. It may be the frame's own memory, or the fitter's, that the next frame overwrites.
        """
        target, upright = self._upright(frame, pixel_aspect)
        if not target.fills:
            if self._whole is None:
                self._whole = Planes.of_frame(Planes.black(self._width, self._height).to_video_frame())
            self._inside(target, upright, self._whole)
            return self._whole
        return upright if upright.y.strides[1] == 1 else Planes.of_frame(upright.to_video_frame())

    def _upright(self, frame: VideoFrame, pixel_aspect: float) -> tuple[Fitted, Planes]:
        """A frame as it is to be seen, scaled to where it lands on the canvas."""
        target, quarters = self._target(frame, pixel_aspect), self._quarters_of(frame)
        if self._is_ready(frame, pixel_aspect):
            upright = Planes.of_frame(frame)
        else:
            size = (target.height, target.width) if quarters % 2 else (target.width, target.height)
            upright = _flat(_scaled(self._scale, frame, *size)).turned(quarters)
        return target, upright.mirrored(self._flip) if self._flip else upright

    def _inside(self, target: Fitted, upright: Planes, canvas: Planes) -> None:
        """Draws a picture whole, before a blurred copy of itself or black."""
        if self._how == "pad":
            canvas.paste(Planes.black(self._width, self._height))
        else:
            self._blurred(upright, canvas)
        _part(canvas, target.width, target.height).paste(upright)

    def _quarters_of(self, frame: VideoFrame) -> int:
        return (round(frame.rotation / 90) + self._quarters) % 4

    def chooses_a_part(self, frame: VideoFrame, pixel_aspect: float) -> bool:
        """Whether so much is cropped that it matters which frame comes first."""
        return self._focus is None and self._target(frame, pixel_aspect).loss > _MUCH_LOSS

    def _target(self, frame: VideoFrame, pixel_aspect: float) -> Fitted:
        shown = (frame.width * pixel_aspect, float(frame.height))
        wide, high = shown[::-1] if self._quarters_of(frame) % 2 else shown
        return fit_size(wide, high, self._width, self._height, self._how)

    def fits_as_is(self, frame: VideoFrame, pixel_aspect: float) -> bool:
        """Whether the frame already is what `place` would draw without a camera."""
        return not self._flip and self._is_ready(frame, pixel_aspect)

    def _is_ready(self, frame: VideoFrame, pixel_aspect: float) -> bool:
        """Whether the frame has the size and the colours of the canvas."""
        return (
            frame.format.name == "yuv420p"
            and (frame.width, frame.height) == (self._width, self._height)
            and _matrix(frame) == Colorspace.ITU709
            and frame.color_range != ColorRange.JPEG
            and self._quarters_of(frame) == 0
            and pixel_aspect == 1.0
            and frame.color_trc != ColorTrc.SMPTE2084
        )

    def _blurred(self, upright: Planes, canvas: Planes) -> None:
        """Fills the canvas with the picture, blurred at a sixteenth of its size and dimmed."""
        aspect = self._width / self._height
        width = min(upright.width, int(upright.height * aspect)) // 2 * 2
        height = min(upright.height, int(upright.width / aspect)) // 2 * 2
        part = _part(upright, max(2, width), max(2, height)).to_video_frame()
        small_width, small_height = (max(2, side // _BLUR_SHRINK // 2 * 2) for side in (self._width, self._height))
        small = Planes.of_frame(_scaled(self._shrink, part, small_width, small_height, Interpolation.AREA)).copy()
        radius = max(1, min(small_width, small_height) // 16)
        parts = zip(small, BLACK, (radius, *2 * [max(1, radius // 2)]), strict=True)
        dimmed = ((_soft(plane, reach) - level) * _BLUR_DIM + level for plane, level, reach in parts)
        soft = Planes(*(np.rint(plane).astype(np.uint8) for plane in dimmed))
        large = _scaled(self._grow, soft.to_video_frame(), self._width, self._height, Interpolation.BICUBIC)
        canvas.paste(Planes.of_frame(large))


def _scaled(
    scaler: VideoReformatter, frame: VideoFrame, width: int, height: int, how: Interpolation = Interpolation.BICUBIC
) -> VideoFrame:
    smaller = width * height <= frame.width * frame.height
    sharp = Interpolation.BILINEAR if smaller and how == Interpolation.BICUBIC else how
    matrix = _matrix(frame)
    scaled = scaler.reformat(
        frame,
        width,
        height,
        "yuva420p" if _has_alpha(frame.format.name) else "yuv420p",
        src_colorspace=matrix,
        dst_colorspace=Colorspace.ITU709,
        interpolation=int(sharp) | _EXACT,
        src_color_range=ColorRange.JPEG if _is_full(frame) else ColorRange.MPEG,
        dst_color_range=ColorRange.MPEG,
        threads=1,
    )
    if frame.color_trc == ColorTrc.SMPTE2084:
        planes = Planes.of_frame(scaled)
        apply(pq_grade(), planes, planes)
    tag(scaled)
    return scaled


def _matrix(frame: VideoFrame) -> int:
    said = int(frame.colorspace)
    if said in (_UNSAID_MATRIX, _RGB_MATRIX):
        return int(Colorspace.ITU709 if frame.height >= _HD_HEIGHT or frame.format.is_rgb else Colorspace.ITU601)
    return _SWS_MATRICES.get(said, int(Colorspace.ITU709))


def _is_full(frame: VideoFrame) -> bool:
    return frame.color_range == ColorRange.JPEG or frame.format.is_rgb or frame.format.name.startswith("yuvj")


def _part(planes: Planes, width: int, height: int, focus: Focus = CENTRE) -> Planes:
    """A view of a part; a focus of 0 is its left or top end, of 1 the other."""
    x, y = (
        2 * int(room * at / 2) for room, at in zip((planes.width - width, planes.height - height), focus, strict=True)
    )
    return planes.crop(x, y, width, height)


def _flat(frame: VideoFrame) -> Planes:
    """The planes of a scaled frame; where it is transparent, over black."""
    planes = Planes.of_frame(frame)
    if not _has_alpha(frame.format.name):
        return planes
    alpha = frame.planes[3]
    opaque = np.frombuffer(memoryview(alpha), np.uint8).reshape(-1, alpha.line_size)[: frame.height, : frame.width]
    share = opaque.astype(np.uint16)
    share += share >> np.uint16(7)  # 255 is opaque, and alphas are 0–256
    for plane, level, part in zip(planes, BLACK, (share, *2 * [share[::2, ::2]]), strict=True):
        mix_plane(np.full((), level, np.uint8), plane, part, plane)
    return planes


@lru_cache(maxsize=64)
def _has_alpha(name: str) -> bool:
    return any(component.is_alpha for component in VideoFormat(name).components)


def _soft(plane: npt.NDArray[np.uint8], radius: int) -> npt.NDArray[np.float32]:
    """Three running means in both directions: close to a Gaussian."""
    soft = plane.astype(np.float32)
    size = 2 * radius + 1
    for axis in (0, 1) * 3:
        padding = [(0, 0), (0, 0)]
        padding[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(soft, padding, mode="edge"), axis=axis, dtype=np.float64)
        count = soft.shape[axis]
        ends = np.take(total, range(size, size + count), axis=axis) - np.take(total, range(count), axis=axis)
        soft = (ends / size).astype(np.float32)
    return soft
