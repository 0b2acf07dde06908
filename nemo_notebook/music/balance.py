"""The balance of a finished mix: broad corrections towards that of records. Sound is (n, 2) float32 at 48 kHz here."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.music import alike
from nemo_notebook.music.tone import RATE, Samples

Floats = NDArray[np.float64]

_CENTRES_HZ: Final = 31.25 * 2.0 ** np.arange(10)  # octaves
_USUAL_DB: Final = np.array([-15.0, -7.0, -7.0, -8.5, -10.0, -12.5, -15.0, -18.5, -23.0, -32.0])  # of all power
_SHARE: Final = 0.6  # of the way; the rest is the mood's own sound
_LOWEST_DB: Final = -6.0
_HIGHEST_DB: Final = 7.0
_WINDOW: Final = 8192
_MOST_WINDOWS: Final = 400
_TAPS: Final = 1024  # on either side
_FFT: Final = 1 << 16
_STEP: Final = _FFT - 2 * _TAPS


def balance(sound: Samples, dark_hz: float | None) -> None:
    """Moves the octaves of a sound towards their usual share, in place; nothing is brought back above `dark_hz`."""
    levels = octave_levels_db(sound)
    wanted = _USUAL_DB - (20 * np.log10(np.hypot(1, (_CENTRES_HZ / dark_hz) ** 2)) if dark_hz else 0.0)
    gains_db = np.clip(_SHARE * (wanted - levels), _LOWEST_DB, _HIGHEST_DB)
    _filter(sound, _response(gains_db))


def octave_levels_db(sound: Samples) -> Floats:
    """Power of ten octaves around 31.25 Hz to 16 kHz as shares of the whole, in decibels."""
    mono = sound.sum(axis=1)
    mono = np.pad(mono, (0, max(0, _WINDOW - mono.size)))
    count = min(_MOST_WINDOWS, max(1, 2 * mono.size // _WINDOW - 1))
    starts = np.linspace(0, mono.size - _WINDOW, count).astype(np.int64)
    window = np.hanning(_WINDOW).astype(np.float32)
    power = np.zeros(_WINDOW // 2 + 1)
    for start in starts:
        power += alike.power(np.fft.rfft(mono[start : start + _WINDOW] * window))
    edges = np.searchsorted(np.fft.rfftfreq(_WINDOW, 1 / RATE), np.append(_CENTRES_HZ, 32_000.0) / 2**0.5)
    shares = np.add.reduceat(power, np.minimum(edges[:-1], power.size - 1))
    return np.asarray(10 * np.log10(shares / max(1e-12, float(power.sum())) + 1e-9))


def _response(gains_db: Floats) -> NDArray[np.complex64]:
    """Spectrum of a filter without delay whose response runs smoothly through the gains."""
    octave = np.log2(np.maximum(np.fft.rfftfreq(_FFT, 1 / RATE), 1.0) / _CENTRES_HZ[0])
    curve_db = np.interp(octave, np.arange(_CENTRES_HZ.size), gains_db)
    taps = np.fft.irfft(10 ** (curve_db / 20), _FFT)
    fade = np.zeros(_FFT)
    fade[:_TAPS] = np.cos(np.linspace(0, np.pi / 2, _TAPS)) ** 2
    fade[-_TAPS:] = fade[:_TAPS][::-1]
    return np.asarray(np.fft.rfft(taps * fade), np.complex64)


def _filter(sound: Samples, response: NDArray[np.complex64]) -> None:
    before = np.zeros((2, _TAPS), np.float32)  # what came before, as it was
    for first in range(0, sound.shape[0], _STEP):
        piece = np.zeros((2, _FFT), np.float32)
        piece[:, :_TAPS] = before
        rest = sound[first : first + _STEP + _TAPS].T
        piece[:, _TAPS : _TAPS + rest.shape[1]] = rest
        before = piece[:, _STEP : _STEP + _TAPS].copy()
        part = sound[first : first + _STEP]
        filtered = np.fft.irfft(alike.times(np.fft.rfft(piece), response), _FFT)
        part[:] = filtered[:, _TAPS : _TAPS + part.shape[0]].T
