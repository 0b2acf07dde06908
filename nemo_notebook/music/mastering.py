"""Mastering of a finished mix: octave balance, loudness, true peaks. Sound is (n, 2) float32 at 48 kHz here.

Loudness is measured once, in frames of a millisecond; gain and limiter are then computed on the frames alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.music import dsp
from nemo_notebook.music.dsp import RATE, Samples

_Floats = NDArray[np.float64]

_CENTRES_HZ: Final = 31.25 * 2.0 ** np.arange(10)  # octaves
_USUAL_DB: Final = np.array([-15.0, -7.0, -7.0, -8.5, -10.0, -12.5, -15.0, -18.5, -23.0, -32.0])  # of all power
_SHARE: Final = 0.6  # of the way; the rest is the mood's own sound
_LOWEST_DB: Final = -6.0
_HIGHEST_DB: Final = 7.0
_WINDOW: Final = 8192
_MOST_WINDOWS: Final = 400
_TAPS: Final = 1024  # on either side
_FFT: Final = 1 << 16
_HOP: Final = _FFT - 2 * _TAPS


def balance(sound: Samples, dark_hz: float | None) -> None:
    """Moves the octaves of a sound towards their usual share, in place; nothing is brought back above `dark_hz`."""
    levels = octave_levels_db(sound)
    wanted = _USUAL_DB - (20 * np.log10(np.hypot(1, (_CENTRES_HZ / dark_hz) ** 2)) if dark_hz else 0.0)
    gains_db = np.clip(_SHARE * (wanted - levels), _LOWEST_DB, _HIGHEST_DB)
    _equalize(sound, _response(gains_db))


def octave_levels_db(sound: Samples) -> _Floats:
    """Power of ten octaves around 31.25 Hz to 16 kHz as shares of the whole, in decibels."""
    mono = sound.sum(axis=1)
    mono = np.pad(mono, (0, max(0, _WINDOW - mono.size)))
    count = min(_MOST_WINDOWS, max(1, 2 * mono.size // _WINDOW - 1))
    starts = np.linspace(0, mono.size - _WINDOW, count).astype(np.int64)
    window = np.hanning(_WINDOW).astype(np.float32)
    power = np.zeros(_WINDOW // 2 + 1)
    for start in starts:
        power += dsp.power(np.fft.rfft(mono[start : start + _WINDOW] * window))
    edges = np.searchsorted(np.fft.rfftfreq(_WINDOW, 1 / RATE), np.append(_CENTRES_HZ, 32_000.0) / 2**0.5)
    shares = np.add.reduceat(power, np.minimum(edges[:-1], power.size - 1))
    return np.asarray(10 * np.log10(shares / max(1e-12, float(power.sum())) + 1e-9))


def _response(gains_db: _Floats) -> NDArray[np.complex64]:
    """Spectrum of a filter without delay whose response runs smoothly through the gains."""
    octave = np.log2(np.maximum(np.fft.rfftfreq(_FFT, 1 / RATE), 1.0) / _CENTRES_HZ[0])
    curve_db = np.interp(octave, np.arange(_CENTRES_HZ.size), gains_db)
    taps = np.fft.irfft(10 ** (curve_db / 20), _FFT)
    fade = np.zeros(_FFT)
    fade[:_TAPS] = np.cos(np.linspace(0, np.pi / 2, _TAPS)) ** 2
    fade[-_TAPS:] = fade[:_TAPS][::-1]
    return np.asarray(np.fft.rfft(taps * fade), np.complex64)


def _equalize(sound: Samples, response: NDArray[np.complex64]) -> None:
    before = np.zeros((2, _TAPS), np.float32)  # what came before, as it was
    for first in range(0, sound.shape[0], _HOP):
        piece = np.zeros((2, _FFT), np.float32)
        piece[:, :_TAPS] = before
        rest = sound[first : first + _HOP + _TAPS].T
        piece[:, _TAPS : _TAPS + rest.shape[1]] = rest
        before = piece[:, _HOP : _HOP + _TAPS].copy()
        part = sound[first : first + _HOP]
        filtered = np.fft.irfft(dsp.times(np.fft.rfft(piece), response), _FFT)
        part[:] = filtered[:, _TAPS : _TAPS + part.shape[0]].T


TARGET_LUFS: Final = -14.0
CEILING: Final = 0.87  # −1.2 dBTP: encoders add a little
_FRAME: Final = 48  # 1 ms
_LOOK: Final = 10  # frames that the limiter sees ahead, and rests after
_MARGIN: Final = 4096 + 32  # samples: what the K weighting remembers
_STEP: Final = (_FFT - 2 * _MARGIN) // _FRAME * _FRAME
_OVERSAMPLED: Final = 4
_MOST_GAIN: Final = 30.0
_ROUNDS: Final = 16
_NEAR_LU: Final = 0.01


@dataclass(frozen=True, slots=True)
class Measure:
    """A sound in frames of a millisecond: K-weighted power, and highest true peak."""

    power: _Floats
    peaks: _Floats


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
            between = np.fft.irfft(dsp.times(spectrum, phase), _FFT)
            np.maximum(loudest, np.abs(between).max(axis=0), out=loudest)
        power[there] = _weighted(spectrum, weight, there)
        peaks[there] = _frames(loudest, there).max(axis=1)
    return Measure(power, peaks)


def weighted_power(sound: Samples) -> _Floats:
    """K-weighted power of each millisecond, for `loudness_lufs`; the power of a `Measure` alone."""
    weight = _k_weighting()
    found = [_weighted(spectrum, weight, there) for there, _, spectrum in _spectra(sound)]
    return np.concatenate(found) if found else np.zeros(0)


def _spectra(sound: Samples) -> Iterator[tuple[slice, Samples, dsp.Complex]]:
    """Pieces of a sound with margins at both ends, and their spectra; the slice says which frames they are for."""
    frames = -(-sound.shape[0] // _FRAME)
    for first in range(0, sound.shape[0], _STEP):
        low, high = max(0, first - _MARGIN), min(sound.shape[0], first + _STEP + _MARGIN)
        piece = np.zeros((2, _FFT), np.float32)
        piece[:, low - first + _MARGIN : high - first + _MARGIN] = sound[low:high].T
        yield slice(first // _FRAME, min(frames, (first + _STEP) // _FRAME)), piece, np.fft.rfft(piece)


def _weighted(spectrum: dsp.Complex, weight: dsp.Complex, there: slice) -> _Floats:
    weighted = np.square(np.fft.irfft(dsp.times(spectrum, weight), _FFT)).sum(axis=0)
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


def loudness_lufs(power: _Floats) -> float:
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


def limiter_curve(peaks: _Floats, ceiling: float) -> _Floats:
    """Gains at the edges of all frames that hold their peaks within the ceiling, turning 10 ms before a peak."""
    needed = np.minimum(1.0, ceiling / np.maximum(np.append(peaks, peaks[-1:]), 1e-9))
    around = np.pad(needed, _LOOK + 1, mode="edge")
    held = np.lib.stride_tricks.sliding_window_view(around, 2 * _LOOK + 3).min(axis=1)
    window = np.hanning(2 * _LOOK + 3)[1:-1]
    return np.asarray(np.convolve(np.pad(held, _LOOK, mode="edge"), window / window.sum(), "valid"))


def _apply(sound: Samples, gains: _Floats) -> None:
    edges = np.arange(gains.size)
    for first in range(0, sound.shape[0], _STEP):
        part = sound[first : first + _STEP]
        place = np.arange(first, first + part.shape[0]) / _FRAME
        part *= np.interp(place, edges, gains).astype(np.float32)[:, None]
