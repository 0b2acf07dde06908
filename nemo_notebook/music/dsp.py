"""What instruments are built from: band-limited wave tables, envelopes, filters. Mono float32 at 48 kHz.

All arithmetic gives the same bits on every kind of CPU. These differ in the last bit of an exponential, and in whether
a product is rounded before it is added to another. So functions of float32 are computed in float64 and rounded once,
which hides such a bit but for one value in some thousand million, and products of complex numbers are written out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complexfloating[Any, Any]]
Real = TypeVar("Real", np.float32, np.float64)


def exp(values: NDArray[Real]) -> NDArray[Real]:
    """Exponential; as many digits as it is given."""
    return _rounded_once(np.exp, values)


def sin(values: NDArray[Real]) -> NDArray[Real]:
    """Sine; likewise."""
    return _rounded_once(np.sin, values)


def cos(values: NDArray[Real]) -> NDArray[Real]:
    """Cosine; likewise."""
    return _rounded_once(np.cos, values)


def tanh(values: NDArray[Real]) -> NDArray[Real]:
    """Hyperbolic tangent; likewise."""
    return _rounded_once(np.tanh, values)


def times(one: Complex, other: Complex) -> Complex:
    """The products of complex numbers; shapes are broadcast."""
    product = np.empty(np.broadcast_shapes(one.shape, other.shape), np.result_type(one, other))
    product.real = one.real * other.real - one.imag * other.imag
    product.imag = one.real * other.imag + one.imag * other.real
    return product


def power(values: Complex) -> NDArray[np.floating[Any]]:
    """The squares of the absolute values of complex numbers."""
    return np.asarray(np.square(values.real) + np.square(values.imag))


def _rounded_once(function: Callable[[Any], Any], values: NDArray[Real]) -> NDArray[Real]:
    return np.asarray(function(values.astype(np.float64)), values.dtype)


Samples = NDArray[np.float32]

RATE: Final = 48_000
_TABLE: Final = 16_384
_HIGHEST_HZ: Final = 15_000.0


def hertz(pitch: float) -> float:
    """Frequency of a MIDI pitch, equal temperament at 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def moments(count: int) -> NDArray[np.float64]:
    """Times of `count` samples in seconds."""
    return np.arange(count) / RATE


def count_of(duration_s: float, tail_s: float) -> int:
    """Samples of a tone that is held and then dies away."""
    return max(64, round((duration_s + tail_s) * RATE))


def wave(frequency: float, count: int, slope: float, odd: bool = False, start: float = 0.0) -> Samples:
    """A steady tone whose k-th harmonic is k**−slope loud, without aliasing.

    Args:
        frequency: Pitch in hertz.
        count: Length in samples.
        slope: 1.0 is a sawtooth (or a square if odd), 2.0 soft, 4.0 nearly a sine.
        odd: Whether only odd harmonics sound.
        start: Phase in turns at the first sample.
    """
    table = _table(max(1, min(48, int(_HIGHEST_HZ / frequency))), slope, odd)
    phase = (np.arange(count, dtype=np.float64) * (frequency / RATE) + start) * _TABLE
    return np.asarray(table[phase.astype(np.int64) & (_TABLE - 1)])


@lru_cache(maxsize=128)
def _table(harmonics: int, slope: float, odd: bool) -> Samples:
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
    numbers = np.arange(1, harmonics + 1, 2 if odd else 1)
    spectrum[numbers] = -0.5j * _TABLE * numbers.astype(float) ** -slope
    return np.fft.irfft(spectrum).astype(np.float32)


def sine(frequency: float, count: int, start: float = 0.0) -> Samples:
    """A sine tone; phase in turns."""
    return wave(frequency, count, 9.0, start=start)


def decay(count: int, time_s: float) -> Samples:
    """An exponential that falls to 1/e in `time_s`."""
    return exp(np.arange(count, dtype=np.float32) * np.float32(-1.0 / (RATE * time_s)))


def shape(count: int, attack_s: float, release_s: float) -> Samples:
    """An envelope of ones that rises at the start and falls to zero at the very end, both as half a cosine."""
    envelope = np.ones(count, np.float32)
    rise, fall = (max(2, min(count // 2, round(s * RATE))) for s in (attack_s, release_s))
    envelope[:rise] *= 0.5 - 0.5 * cos(np.linspace(0, np.pi, rise, dtype=np.float32))
    envelope[-fall:] *= 0.5 + 0.5 * cos(np.linspace(0, np.pi, fall, dtype=np.float32))
    return envelope


@lru_cache(maxsize=16)
def noise(count: int, seed: int, low_hz: float = 0.0, high_hz: float = 24_000.0) -> Samples:
    """White noise between two frequencies (second-order edges), RMS 1; the same for the same seed, read only."""
    size = 1 << max(10, (count - 1).bit_length())
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(size, np.float32))
    frequency = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 1.0)
    spectrum /= np.sqrt((1 + (frequency / high_hz) ** 4) * (1 + (low_hz / frequency) ** 4)).astype(np.float32)
    sound = np.fft.irfft(spectrum)[:count]
    even = np.asarray(sound / max(1e-9, float(np.sqrt(np.mean(sound**2)))), np.float32)
    even.setflags(write=False)
    return even


def string_tone(
    frequency: float, count: int, slope: float, ring_s: float, damping: float, position: float = 0.27
) -> Samples:
    """A plucked string after Karplus and Strong, in tune: every period is the one before, its highs a little weaker.

    Args:
        frequency: Pitch in hertz.
        count: Length in samples.
        slope: The k-th harmonic begins k**−slope loud.
        ring_s: Time in which the fundamental falls to 1/e.
        damping: How much sooner a harmonic dies for each kilohertz above.
        position: Where the string is plucked, 0–1 of its length; harmonics that rest there are silent.
    """
    harmonics = np.arange(1, max(2, min(60, int(_HIGHEST_HZ / frequency))))
    points = 1 << max(6, int(4 * harmonics.size - 1).bit_length())
    periods = int(count * frequency / RATE) + 2
    loud = np.sin(np.pi * harmonics * position) * harmonics**-slope
    rate = (1.0 + damping * (harmonics - 1) * frequency / 1000.0) / (ring_s * frequency)
    spectrum = np.zeros((periods, points // 2 + 1), np.complex64)
    spectrum[:, harmonics] = -0.5j * points * loud * np.exp(-np.arange(periods)[:, None] * rate)
    flat = np.fft.irfft(spectrum, axis=1).astype(np.float32).ravel()
    place = np.arange(count) * (frequency / RATE * points)
    first = place.astype(np.int64)
    share = (place - first).astype(np.float32)
    sound = flat[first] * (1 - share) + flat[first + 1] * share
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def filtered(sound: Samples, low_hz: float, high_hz: float, order: int = 2) -> Samples:
    """Sound between two frequencies, Butterworth edges without delay; any rows."""
    size = 1 << (sound.shape[-1] + 2047).bit_length()
    frequency = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 1.0)
    passed = 1 / np.sqrt((1 + (frequency / high_hz) ** (2 * order)) * (1 + (low_hz / frequency) ** (2 * order)))
    heard = np.fft.irfft(np.fft.rfft(sound, size) * passed.astype(np.float32), size)
    return np.asarray(heard[..., : sound.shape[-1]], np.float32)


def glide(frequency: NDArray[np.float64]) -> Samples:
    """A sine that follows a frequency for each sample, from phase 0."""
    turns = np.cumsum(frequency) / RATE
    return np.asarray(np.sin(2 * np.pi * (turns - turns[0])).astype(np.float32))
