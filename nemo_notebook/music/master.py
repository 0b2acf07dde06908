"""Loudness and true peaks of a finished mix. Sound is (n, 2) float32 at 48 kHz here.

The mix is measured once, in frames of a millisecond; gain and limiter are then found on the frames alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.music import alike
from nemo_notebook.music.tone import Samples

Floats = NDArray[np.float64]

TARGET_LUFS: Final = -14.0
CEILING: Final = 0.87  # −1.2 dBTP: encoders add a little
_FRAME: Final = 48  # 1 ms
_LOOK: Final = 10  # frames that the limiter sees ahead, and rests after
_FFT: Final = 1 << 16
_MARGIN: Final = 4096 + 32  # samples: what the K weighting remembers
_STEP: Final = (_FFT - 2 * _MARGIN) // _FRAME * _FRAME
_OVERSAMPLED: Final = 4
_MOST_GAIN: Final = 30.0
_ROUNDS: Final = 16
_NEAR_LU: Final = 0.01


@dataclass(frozen=True, slots=True)
class Measure:
    """A sound in frames of a millisecond: K-weighted power, and highest true peak."""

    power: Floats
    peaks: Floats


def measure(sound: Samples) -> Measure:
    """Filters the sound after ITU-R BS.1770-4, and finds its peaks between samples at four times the rate."""
    frames = -(-sound.shape[0] // _FRAME)
    power, peaks = np.zeros(frames), np.zeros(frames)
    weight = _k_weighting()
    turn = 2j * np.pi * np.arange(_FFT // 2 + 1) / _FFT / _OVERSAMPLED
    turns = [np.exp(phase * turn).astype(np.complex64) for phase in range(1, _OVERSAMPLED)]
    for there, piece, spectrum in _spectra(sound):
        loudest = np.abs(piece).max(axis=0)
        for phase in turns:
            between = np.fft.irfft(alike.times(spectrum, phase), _FFT)
            np.maximum(loudest, np.abs(between).max(axis=0), out=loudest)
        power[there] = _weighted(spectrum, weight, there)
        peaks[there] = _frames(loudest, there).max(axis=1)
    return Measure(power, peaks)


def weighted_power(sound: Samples) -> Floats:
    """K-weighted power of each millisecond, for `loudness_lufs`; the power of a `Measure` alone."""
    weight = _k_weighting()
    found = [_weighted(spectrum, weight, there) for there, _, spectrum in _spectra(sound)]
    return np.concatenate(found) if found else np.zeros(0)


def _spectra(sound: Samples) -> Iterator[tuple[slice, Samples, alike.Complex]]:
    """Pieces of a sound with margins at both ends, and their spectra; the slice says which frames they are for."""
    frames = -(-sound.shape[0] // _FRAME)
    for first in range(0, sound.shape[0], _STEP):
        low, high = max(0, first - _MARGIN), min(sound.shape[0], first + _STEP + _MARGIN)
        piece = np.zeros((2, _FFT), np.float32)
        piece[:, low - first + _MARGIN : high - first + _MARGIN] = sound[low:high].T
        yield slice(first // _FRAME, min(frames, (first + _STEP) // _FRAME)), piece, np.fft.rfft(piece)


def _weighted(spectrum: alike.Complex, weight: alike.Complex, there: slice) -> Floats:
    weighted = np.square(np.fft.irfft(alike.times(spectrum, weight), _FFT)).sum(axis=0)
    return np.asarray(_frames(weighted, there).mean(axis=1), np.float64)


def _frames(values: NDArray[np.float32], there: slice) -> NDArray[np.float32]:
    """A piece without its margins as rows of a frame each."""
    count = there.stop - there.start
    return values[_MARGIN : _MARGIN + count * _FRAME].reshape(count, _FRAME)


def _k_weighting() -> NDArray[np.complex64]:
    """Response of the standard's two filters (their coefficients for 48 kHz) at the bins of a piece."""
    z = np.exp(-2j * np.pi * np.arange(_FFT // 2 + 1) / _FFT)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - z) ** 2 / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.asarray(shelf * high_pass, np.complex64)


def loudness_lufs(power: Floats) -> float:
    """Integrated loudness by ITU-R BS.1770-4, with gates at −70 LUFS and 10 LU; −inf for silence.

    Args:
        power: K-weighted power of each millisecond, as `measure` gives it; blocks last 400 ms, one every 100 ms.
    """
    count = power.size // 100
    if not count:
        return float("-inf")
    pieces = power[: count * 100].reshape(count, 100).mean(axis=1)
    width = min(4, count)
    blocks = np.convolve(pieces, np.full(width, 1 / width), "valid")
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not loud.size:
        return float("-inf")
    loud = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def master(sound: Samples, target_lufs: float = TARGET_LUFS) -> None:
    """Brings a mix to a loudness with no true peak over `CEILING`, in place.

    The limiter takes loudness away again, so gain and limiter are found together.
    """
    measured = measure(sound)
    now = loudness_lufs(measured.power)
    if now == float("-inf"):
        return
    gain = 1.0
    curve = np.ones(measured.peaks.size + 1)
    for _ in range(_ROUNDS):
        gain = min(_MOST_GAIN, gain * 10 ** ((target_lufs - now) / 20))
        curve = limiter_curve(measured.peaks * gain, CEILING)
        middle = (curve[:-1] + curve[1:]) / 2
        now = loudness_lufs(measured.power * (gain * middle) ** 2)
        if abs(now - target_lufs) < _NEAR_LU:
            break
    _apply(sound, gain * curve)


def limiter_curve(peaks: Floats, ceiling: float) -> Floats:
    """Gains at the edges of all frames that hold their peaks within the ceiling, turning 10 ms before a peak."""
    needed = np.minimum(1.0, ceiling / np.maximum(np.append(peaks, peaks[-1:]), 1e-9))
    around = np.pad(needed, _LOOK + 1, mode="edge")
    held = np.lib.stride_tricks.sliding_window_view(around, 2 * _LOOK + 3).min(axis=1)
    window = np.hanning(2 * _LOOK + 3)[1:-1]
    return np.asarray(np.convolve(np.pad(held, _LOOK, mode="edge"), window / window.sum(), "valid"))


def _apply(sound: Samples, gains: Floats) -> None:
    edges = np.arange(gains.size)
    for first in range(0, sound.shape[0], _STEP):
        part = sound[first : first + _STEP]
        place = np.arange(first, first + part.shape[0]) / _FRAME
        part *= np.interp(place, edges, gains).astype(np.float32)[:, None]
