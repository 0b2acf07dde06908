"""Where notes and drums start: multi-band log spectral flux.

After the SuperFlux detector (Böck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013): the
rise of each mel band against the maximum of its neighbours a moment before, so that vibrato is no onset. Low, middle
and high bands are levelled apart, so that a hi-hat counts beside a kick.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

HOP: Final = 256  # samples at the analysis rate of 22 050 Hz: 86 frames a second
_WINDOW: Final = 1024
_LEAD: Final = 4  # frames of silence put before the sound, so that an onset at 0 shows
_LAG: Final = 2
_BANDS: Final = 48
_LOW, _MIDDLE = slice(0, 8), slice(8, 28)
_HIGH: Final = slice(28, _BANDS)
_LEVEL_S: Final = 6.0
_BLOCK: Final = 2048


@dataclass(frozen=True, slots=True)
class Onsets:
    """How strongly something starts, frame by frame.

    Attributes:
        strength: All bands together, shape (frames,); frame k is at k / `rate` seconds.
        low: The rise of the low bands alone (kick, bass), shape (frames,).
        bands: Log mel spectrum, shape (frames, 48).
        rate: Frames per second.
    """

    strength: Floats
    low: Floats
    bands: Floats
    rate: float


def measure_onsets(samples: Floats, rate: int) -> Onsets:
    """Measures the onsets of a mono sound.

    Args:
        samples: Shape (n,), in −1…1.
        rate: Samples per second, in Hz; the constants are tuned for 22 050.
    """
    bands = _log_mel(samples, rate)
    before = bands.copy()
    np.maximum(before[:, 1:], bands[:, :-1], out=before[:, 1:])
    np.maximum(before[:, :-1], bands[:, 1:], out=before[:, :-1])
    rise = np.zeros_like(bands)
    np.maximum(bands[_LAG:] - before[:-_LAG], 0, out=rise[_LAG:])
    frames_s = rate / HOP
    low, middle, high = (_levelled(rise[:, part].mean(axis=1), frames_s) for part in (_LOW, _MIDDLE, _HIGH))
    strength = _smooth(1.4 * low + middle + 0.7 * high)
    return Onsets(strength[_LEAD:], low[_LEAD:], bands[_LEAD:], frames_s)


def _log_mel(samples: Floats, rate: int) -> Floats:
    """Shape (frames, bands), with `_LEAD` frames before the sound."""
    padded = np.pad(samples, (_WINDOW // 2 + _LEAD * HOP, _WINDOW // 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    shape = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    filters = _mel_filters(rate)
    bands = np.empty((len(windows), _BANDS), np.float32)
    for first in range(0, len(windows), _BLOCK):
        spectrum = np.abs(np.fft.rfft(windows[first : first + _BLOCK] * shape, axis=1)).astype(np.float32)
        bands[first : first + _BLOCK] = np.log1p(60.0 * (spectrum @ filters))
    return bands


@cache
def _mel_filters(rate: int, lowest_hz: float = 30.0, highest_hz: float = 11000.0) -> Floats:
    """Triangles on the mel scale (2595 log10(1 + f / 700)), each of sum 1; shape (bins, bands)."""
    bins_hz = np.fft.rfftfreq(_WINDOW, 1 / rate)
    lowest, highest = (2595 * np.log10(1 + hz / 700) for hz in (lowest_hz, min(highest_hz, rate / 2)))
    edges_hz = 700 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595) - 1)
    left, centre, right = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - left) / np.maximum(centre - left, 1e-9)
    falling = (right - bins_hz[:, None]) / np.maximum(right - centre, 1e-9)
    filters = np.clip(np.minimum(rising, falling), 0, None)
    for band in np.flatnonzero(filters.sum(axis=0) == 0):  # narrower than a bin
        filters[np.argmin(np.abs(bins_hz - centre[band])), band] = 1
    return np.asarray(filters / filters.sum(axis=0), np.float32)


def _levelled(rise: Floats, frames_s: float) -> Floats:
    """A rise divided by its own running RMS, so that quiet passages count as loud ones."""
    width = int(_LEVEL_S * frames_s)
    padded = np.pad(rise.astype(np.float64) ** 2, (width // 2 + 1, width - width // 2), mode="edge")
    sums = np.cumsum(padded)
    rms = np.sqrt(np.maximum(sums[width:] - sums[:-width], 0)[: len(rise)] / width)
    return np.asarray(rise / (rms + 1e-3 * rise.max(initial=0) + 1e-9), np.float32)


def _smooth(strength: Floats) -> Floats:
    kernel = np.exp(-0.5 * np.arange(-3, 4) ** 2)
    return np.convolve(strength, kernel / kernel.sum(), "same").astype(np.float32)
