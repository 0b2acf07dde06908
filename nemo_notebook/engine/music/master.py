"""Loudness and peaks of a finished mix. Sound is (n, 2) float32 at 48 kHz here."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.engine.music.tone import RATE, Samples

TARGET_LUFS: Final = -14.0
CEILING: Final = 0.88
_FRAME: Final = 48  # 1 ms
_LOOK: Final = 5  # frames that the limiter sees ahead, and rests after
_CHUNK: Final = 4800 * 50


def loudness_lufs(sound: Samples) -> float:
    """Integrated loudness by ITU-R BS.1770-4 (K weighting, gates at −70 LUFS and 10 LU), −inf for silence.

    The weighting is applied to the spectrum of pieces of 100 ms, which is within 0.2 LU of filtering.
    """
    piece = RATE // 10
    count = sound.shape[0] // piece
    if not count:
        return float("-inf")
    weight = _k_weighting(piece)
    power = np.empty(count)
    for first in range(0, count, 50):
        part = sound[first * piece : min(count, first + 50) * piece].reshape(-1, piece, 2)
        power[first : first + part.shape[0]] = (np.abs(np.fft.rfft(part, axis=1)) ** 2 * weight[:, None]).sum(
            axis=(1, 2)
        )
    blocks = np.convolve(power, np.full(min(4, count), 1 / min(4, count)), "valid")
    return _gated(blocks)


def _gated(power: NDArray[np.float64]) -> float:
    loud = power[power > 10 ** ((-70 + 0.691) / 10)]
    if not loud.size:
        return float("-inf")
    loud = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def _k_weighting(piece: int) -> NDArray[np.float64]:
    """Power weights of the bins of a real spectrum, so that their sum is the weighted mean square of the piece."""
    z = np.exp(-2j * np.pi * np.arange(piece // 2 + 1) / piece)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - z) ** 2 / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    weight = 2 * np.abs(shelf * high_pass) ** 2 / piece**2
    weight[[0, -1]] /= 2
    return np.asarray(weight)


def master(sound: Samples, target_lufs: float = TARGET_LUFS) -> None:
    """Brings a mix to a loudness with no sample over `CEILING`, in place.

    The limiter lowers the loudness again, so gain and limit are set twice.
    """
    for _ in range(2):
        now = loudness_lufs(sound)
        if now == float("-inf"):
            return
        sound *= np.float32(min(30.0, 10 ** ((target_lufs - now) / 20)))
        limit(sound, CEILING)


def limit(sound: Samples, ceiling: float) -> None:
    """Holds every sample within the ceiling, in place, by a gain that turns 5 ms before a peak."""
    n = sound.shape[0]
    frames = -(-n // _FRAME)
    peaks = np.zeros(frames + 1)
    for first in range(0, n, _CHUNK):
        loud = np.abs(sound[first : first + _CHUNK]).max(axis=1)
        loud = np.pad(loud, (0, -loud.size % _FRAME)).reshape(-1, _FRAME).max(axis=1)
        peaks[first // _FRAME : first // _FRAME + loud.size] = loud
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    held = np.lib.stride_tricks.sliding_window_view(np.pad(needed, _LOOK + 1, mode="edge"), 2 * _LOOK + 3).min(axis=1)
    window = np.hanning(2 * _LOOK + 3)[1:-1]
    gain = np.convolve(np.pad(held, _LOOK, mode="edge"), window / window.sum(), "valid")
    for first in range(0, n, _CHUNK):
        part = sound[first : first + _CHUNK]
        place = np.arange(first, first + part.shape[0]) / _FRAME
        part *= np.interp(place, np.arange(frames + 1), gain).astype(np.float32)[:, None]
