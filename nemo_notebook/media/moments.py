"""What is worth showing of a video: which seconds are sharp and steady, where the eye goes, how the picture travels.

The travel between two frames is the peak of their phase correlation (Kuglin and Hines, 1975), found between pixels by
a Gaussian through it: on photos that were moved by known ways it is right to a fiftieth of a pixel of 64 × 36.
Sharpness is the width of edges, which does not depend on contrast (after Marziliano and others, "A no-reference
perceptual blur metric", ICIP 2002). The place where the eye goes has contrast, colour, movement or skin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]
_Floats = npt.NDArray[np.float32]
_Pixels = npt.NDArray[np.uint8]
_Spectrum = npt.NDArray[np.complexfloating]
_Pairs = tuple[tuple[float, float], ...]

WIDTH, HEIGHT = 64, 36
_PEAK_PX: Final = 1.2  # standard deviation of the correlation's peak
_LEAST_PEAK: Final = 0.12  # of that of two equal pictures; unrelated ones reach 0.08
_CHANGED: Final = 6.0  # mean difference, in levels of luma, of frames that are not alike at all
_LOST: Final = 0.01  # widths of shake that a frame is given that is not like the one before
_SHAKE_S: Final = 0.5  # what comes and goes within this is shaking; what is slower is a pan
_SHAKE: Final = 0.0022  # widths, root mean square: 4 pixels of 1920 halve the steadiness
_SLOWEST_FPS: Final = 5.0  # below, a hand's shaking is not seen
_EDGE_PX: Final = 8  # of 640: over which the step of an edge is measured
_EDGE_LEVELS: Final = 24  # the least step
_EDGES: Final = 0.02  # share of the picture that is taken for its edges
_BLURRED, _SHARP = 0.14, 0.52  # steepest pixel of an edge as a share of its step: of a ramp of 8 pixels, of a crisp one
_GREY: Final = 128  # of the two colours of a pixel: none
_SKIN: Final = (77, 127, 133, 173)  # as in `render/fit.py`
_SKIN_COUNTS: Final = 1.8
_COLOUR_COUNTS: Final = 0.25
_SPOT: Final = (0.02, 0.14)  # of the sides: standard deviations of a spot that stands out, and of what is around it
_MOTION_COUNTS: Final = 1.5
_MOST_MOVING: Final = 0.35  # of the picture: where more moves, movement tells nothing
_NOISE: Final = 2.0  # levels that pixels change by without any movement
_OUTER: Final = 0.5  # what a place at the edge counts less
_REACH: Final = 0.16  # of the sides: standard deviation of the part whose middle is told
_STANDS_OUT: Final = (1.3, 2.0)  # the best place over the mean: not at all, wholly


@dataclass(frozen=True, slots=True)
class Moments:
    """What each second of a video is like; see `film.model.MediaItem` for the fields."""

    sharpness: tuple[float, ...] = ()
    steadiness: tuple[float, ...] = ()
    focus: _Pairs = ()
    pan: _Pairs = ()
    colors: tuple[float, ...] = ()


class MomentMeter:
    """Measures a video while its frames come in.

    Args:
        aspect: Height of the stored picture over its width.
        quarters: Counterclockwise quarter turns that bring the stored picture upright.
    """

    def __init__(self, aspect: float, quarters: int = 0) -> None:
        self._aspect = aspect
        self._quarters = quarters % 4
        self._travels = _Travels()
        self._sharp: list[tuple[int, float]] = []
        self._colors: list[float] = []
        self._still: dict[int, _Floats] = {}
        self._moving: dict[int, _Floats] = {}

    def see(self, time_s: float, picture: _Pixels, large: _Pixels | None) -> None:
        """Take in the next frame.

        Args:
            time_s: Since the first one.
            picture: `yuv420p` planes of `WIDTH` × `HEIGHT`, one below the other, as PyAV gives them.
            large: Its luma, 640 pixels on the longer side, now and then: what costs most is measured there.
        """
        second, luma = int(time_s), picture[:HEIGHT].astype(np.float32)
        before = self._travels.luma
        travel = self._travels.add(time_s, luma)
        if before is not None:
            back = np.roll(before, (round(travel[1]), round(travel[0])), (0, 1))
            moved = np.maximum(np.abs(luma - back) - np.float32(_NOISE), 0)
            self._moving[second] = self._moving.get(second, np.float32(0)) + moved
        if large is not None:
            self._sharp.append((second, edge_sharpness(large)))
            self._colors.append(float(np.abs(picture[HEIGHT:].astype(np.float32) - _GREY).mean()) / _GREY)
            self._still[second] = self._still.get(second, np.float32(0)) + _contrast(picture)

    def moments(self, cuts_s: Sequence[float], count: int, *, keyframes: bool = False) -> Moments:
        """All that was measured.

        Args:
            cuts_s: Times of the first frames after cuts.
            count: How many seconds there are.
            keyframes: Whether too few frames were seen to tell how they follow each other.
        """
        seen, sharp = zip(*self._sharp, strict=True) if self._sharp else ((), ())
        sharpness = each_second(np.array(seen, np.int64), np.array(sharp, np.float64), count)
        colors = tuple(round(v, 4) for v in each_second(np.array(seen, np.int64), np.array(self._colors), count))
        best = max(sharpness, default=0.0)
        focus: list[tuple[float, float]] = []
        for second in range(count):
            if second in self._still:
                still, moving = self._still[second], self._moving.get(second)
                x, y = _focus(still, None if keyframes else moving)
                focus.append(_turned_place(x, y, self._quarters))
            else:
                focus.append(focus[-1] if focus else (0.5, 0.5))
        relative = tuple(round(value / max(best, 1e-9) ** 0.5, 3) for value in sharpness)
        if keyframes:
            return Moments(relative, focus=tuple(focus), colors=colors)
        steadiness, pan = self._travels.judged(cuts_s, count, self._aspect)
        return Moments(relative, steadiness, tuple(focus), tuple(_turned(*way, self._quarters) for way in pan), colors)


class _Travels:
    """How the whole picture moves from frame to frame."""

    def __init__(self) -> None:
        self.luma: _Floats | None = None
        self._spectrum: _Spectrum | None = None
        self._found: list[tuple[float, float, float, bool, bool]] = []  # time, x and y in sides, alike, changed

    def add(self, time_s: float, luma: _Floats) -> tuple[float, float]:
        """How far a picture has moved since the one before, in its pixels; (0, 0) where they are not alike."""
        spectrum = np.fft.rfft2((luma - luma.mean()) * _TAPER)
        x = y = 0.0
        alike, changed = False, False
        if self._spectrum is not None and self.luma is not None:
            x, y, peak = _shift(self._spectrum, spectrum)
            alike = peak >= _LEAST_PEAK
            changed = not alike and float(np.abs(luma - self.luma).mean()) >= _CHANGED
            x, y = (x, y) if alike else (0.0, 0.0)
        self._found.append((time_s, x / WIDTH, y / HEIGHT, alike, changed))
        self.luma, self._spectrum = luma, spectrum
        return x, y

    def judged(self, cuts_s: Sequence[float], count: int, aspect: float) -> tuple[tuple[float, ...], _Pairs]:
        """Steadiness and pan of each second."""
        found = np.array(self._found)
        times_s, gaps_s = found[1:, 0], np.diff(found[:, 0])
        if not len(gaps_s) or np.median(gaps_s) > 1 / _SLOWEST_FPS:
            return (1.0,) * count, ((0.0, 0.0),) * count
        cut = np.isin(np.round(times_s, 3), np.round(cuts_s, 3))
        known = (found[1:, 3] > 0) & ~cut
        speed = found[1:, 1:3] / gaps_s[:, None]
        if known.any():
            at = np.arange(len(speed))
            speed = np.stack([np.interp(at, at[known], speed[known, axis]) for axis in (0, 1)], axis=1)
        path = np.cumsum(speed * gaps_s[:, None], axis=0)
        shake = np.hypot(*(_wobble(path, float(np.median(gaps_s))) * (1, aspect)).T)
        shake[(found[1:, 4] > 0) & ~cut] = _LOST
        seconds = times_s.astype(np.int64)
        power = each_second(seconds, shake**2, count)
        steadiness = tuple(round(1 / (1 + each / _SHAKE**2), 3) for each in power)
        across, down = (each_second(seconds, speed[:, axis], count) for axis in (0, 1))
        return steadiness, tuple((round(x, 3), round(y, 3)) for x, y in zip(across, down, strict=True))


_TAPER: Final = (np.hanning(HEIGHT + 2)[1:-1, None] * np.hanning(WIDTH + 2)[None, 1:-1]).astype(np.float32)
_SMOOTH: Final = np.exp(
    -2 * (np.pi * _PEAK_PX) ** 2 * (np.fft.fftfreq(HEIGHT)[:, None] ** 2 + np.fft.rfftfreq(WIDTH)[None] ** 2)
).astype(np.float32)
_FULL_PEAK: Final = float(np.fft.irfft2(_SMOOTH, (HEIGHT, WIDTH))[0, 0])


def _shift(before: _Spectrum, after: _Spectrum) -> tuple[float, float, float]:
    """How far a picture has moved, in pixels right and down, and how high the peak is, 1 for equal pictures."""
    cross = after * np.conj(before)
    cross *= _SMOOTH / (np.abs(cross) + np.float32(1e-6))
    peaks = np.fft.irfft2(cross, (HEIGHT, WIDTH))
    y, x = divmod(int(peaks.argmax()), WIDTH)
    height = float(peaks[y, x])
    right = x + _between(float(peaks[y, x - 1]), height, float(peaks[y, (x + 1) % WIDTH]))
    down = y + _between(float(peaks[y - 1, x]), height, float(peaks[(y + 1) % HEIGHT, x]))
    return (right + WIDTH / 2) % WIDTH - WIDTH / 2, (down + HEIGHT / 2) % HEIGHT - HEIGHT / 2, height / _FULL_PEAK


def _between(left: float, middle: float, right: float) -> float:
    """Where between neighbours a Gaussian through three values has its top, −0.5…0.5."""
    logs = np.log(np.maximum((left, middle, right), 1e-6))
    bend = logs[0] - 2 * logs[1] + logs[2]
    return float(np.clip(0.5 * (logs[0] - logs[2]) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _wobble(path: _Doubles, gap_s: float) -> _Doubles:
    """How far each point of a path is from the smooth one around it; straight lines are kept."""
    reach = min(max(1, round(_SHAKE_S / gap_s / 2)), len(path) - 1)
    if reach < 1:
        return np.zeros_like(path)
    weights = np.hanning(2 * reach + 3)[1:-1] / np.hanning(2 * reach + 3).sum()
    padded = np.pad(path, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    smooth = np.stack([np.convolve(padded[:, axis], weights, "valid") for axis in (0, 1)], axis=1)
    return np.asarray(path - smooth, np.float64)


def edge_sharpness(luma: _Pixels) -> float:
    """How steep the edges of a picture are, 0–1; 0 where it has none.

    Args:
        luma: 640 pixels on the longer side, so that a small picture counts as the soft one that it is when enlarged.
    """
    values: list[float] = []
    for way in (luma, luma.T):
        signed = np.ascontiguousarray(way[::2]).astype(np.int16)
        steps = np.abs(signed[:, _EDGE_PX:] - signed[:, :-_EDGE_PX]).astype(np.uint8)
        steep = np.abs(np.diff(signed, axis=1)).astype(np.uint8)
        width = steps.shape[1]
        steepest = steep[:, :width].copy()
        for at in range(1, _EDGE_PX):
            np.maximum(steepest, steep[:, at : at + width], out=steepest)
        counts = np.bincount(steps.reshape(-1), minlength=256)[::-1].cumsum()[::-1]
        least = max(_EDGE_LEVELS, int(np.searchsorted(-counts, -_EDGES * steps.size)))
        edges = steps >= least
        if int(edges.sum()) >= 20:
            ratio = steepest[edges].astype(np.float32) / steps[edges]
            values.append(float(np.minimum(ratio, 1).mean()))
    if not values:
        return 0.0
    return float(np.clip((np.mean(values) - _BLURRED) / (_SHARP - _BLURRED), 0, 1))


def find_focus(picture: _Pixels) -> tuple[float, float]:
    """Where in a still picture the eye goes, as shares of its width and height.

    Args:
        picture: `yuv420p` planes of `WIDTH` × `HEIGHT`, one below the other.
    """
    return _focus(_contrast(picture), None)


def _contrast(picture: _Pixels) -> _Floats:
    """How much there is to see in each place of a still picture, shape (36, 64)."""
    luma = picture[:HEIGHT].astype(np.float32)
    chroma = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2).repeat(2, axis=1).repeat(2, axis=2)
    across, down = np.gradient(luma, axis=1), np.gradient(luma, axis=0)
    u, v = chroma.astype(np.float32)
    spots = _soft(luma, _SPOT[0]) - _soft(luma, _SPOT[1])
    worth = 0.5 * np.hypot(across, down) + np.abs(spots) + _COLOUR_COUNTS * np.hypot(u - np.median(u), v - np.median(v))
    skin = (u > _SKIN[0]) & (u < _SKIN[1]) & (v > _SKIN[2]) & (v < _SKIN[3])
    return np.asarray(worth * np.where(skin, _SKIN_COUNTS, 1.0), np.float32)


def _focus(still: _Floats, moving: _Floats | None) -> tuple[float, float]:
    """The middle of the part that stands out most; the nearer to the picture's middle the less it stands out."""
    worth = still.astype(np.float64) / (still.mean() + 1e-6)
    if moving is not None and moving.max() > 0:
        motion = moving.astype(np.float64)
        share = (
            motion.mean() ** 2 / np.square(motion).mean()
        )  # of the picture that moves: waves and leaves are no subject
        worth = worth + _MOTION_COUNTS * max(0.0, 1 - share / _MOST_MOVING) * motion / motion.mean()
    height, width = worth.shape
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    soft = _soft(worth, _REACH)
    counted = soft * (1 - _OUTER * (2 * x - 1) ** 2) * (1 - _OUTER * (2 * y - 1) ** 2)[:, None]
    row, column = divmod(int(counted.argmax()), width)
    near = np.exp(-0.5 * ((x - x[column]) / _REACH) ** 2) * np.exp(-0.5 * ((y - y[row]) / _REACH) ** 2)[:, None]
    weights = np.maximum(worth - worth.mean(), 0) * near
    total = float(weights.sum()) + 1e-9
    low, high = _STANDS_OUT
    share = float(np.clip((soft[row, column] / (soft.mean() + 1e-9) - low) / (high - low), 0, 1))
    right, down = (float((weights * (at - 0.5)).sum()) / total for at in (x, y[:, None]))
    return 0.5 + share * right, 0.5 + share * down


def _soft(plane: npt.NDArray[np.floating], reach: float) -> _Doubles:
    """A Gaussian blur with a standard deviation of that share of the sides; nothing is beyond the edges."""
    for _ in range(2):
        size = plane.shape[0]
        kernel = np.exp(-0.5 * (np.subtract.outer(np.arange(size), np.arange(size)) / (reach * size)) ** 2)
        plane = np.einsum("ij,jk->ki", kernel / kernel.sum(axis=1, keepdims=True), plane)
    return np.asarray(plane, np.float64)


def _turned_place(x: float, y: float, quarters: int) -> tuple[float, float]:
    right, down = _turned(x - 0.5, y - 0.5, quarters)
    return round(0.5 + right, 3), round(0.5 + down, 3)


def _turned(x: float, y: float, quarters: int) -> tuple[float, float]:
    """A way in a picture that is turned counterclockwise."""
    for _ in range(quarters):
        x, y = y, -x
    return x, y


def each_second(seconds: npt.NDArray[np.int64], values: _Doubles, count: int) -> list[float]:
    """Means of each second; a second without a value (or only NaN) has that of the one before."""
    known = np.isfinite(values) & (seconds < count)
    sums = np.bincount(seconds[known], values[known], count)
    counts = np.bincount(seconds[known], minlength=count)
    means: list[float] = []
    for total, number in zip(sums.tolist(), counts.tolist(), strict=True):
        means.append(total / number if number else means[-1] if means else 0.0)
    return means
