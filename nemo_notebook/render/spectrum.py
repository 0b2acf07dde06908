"""What a visualizer draws from: how loud each band is at each frame of the film, and the shape of the wave there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float32]
_Doubles = npt.NDArray[np.float64]  # what is summed or raised: the last bits of that depend on the kind of CPU

BANDS: Final = 48
WAVE_POINTS: Final = 512
LEAD: Final = 48  # frames before a stretch that can be looked back at

_LOWEST_HZ: Final = 40.0
_HIGHEST_HZ: Final = 14000.0
_WINDOW_S: Final = 0.085
_TILT_DB_PER_OCTAVE: Final = 2.5
_RANGE_DB: Final = 40.0
_SILENCE_DB: Final = -70.0
_QUIETEST: Final = 1e-3  # RMS of the loud passages under which a sound is not drawn up any more
_CONTRAST: Final = 1.35
_ATTACK: Final = 0.8
_RELEASE_PER_S: Final = 0.011  # what is left of a peak after a second
_WAVE_S: Final = 0.026
_WAVE_HZ: Final = 6000
_TRIGGER_S: Final = 0.016
_BLOCK: Final = 128  # frames at once: what fits a processor's cache


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Features of a sound, one row a film frame.

    Attributes:
        bands: Loudness of the bands from low to high, shape (frames, BANDS), 0–1.
        level: Loudness of all together, shape (frames,), 0–1.
        wave: A steadied oscillogram, shape (frames, WAVE_POINTS), −127…127.
        lead: `bands` and `level` of the frames before, shape (LEAD, BANDS + 1), or (0, BANDS + 1) where there are none.
    """

    bands: _Floats
    level: _Floats
    wave: npt.NDArray[np.int8]
    lead: _Floats = field(default_factory=lambda: np.zeros((0, BANDS + 1), np.float32))

    def slice(self, first: int, count: int) -> Spectrum:
        """The rows of `count` frames from `first` on; where the sound is over, its last row stays."""
        rows = np.clip(np.arange(first, first + count), 0, len(self.level) - 1)
        past = np.arange(first - LEAD, first)
        known = np.clip(past, 0, len(self.level) - 1)
        lead = np.concatenate([self.bands[known], self.level[known, None]], axis=1) * (past >= 0)[:, None]
        return Spectrum(self.bands[rows], self.level[rows], self.wave[rows], lead.astype(np.float32))

    def before(self, index: int, back: int) -> tuple[_Floats, float]:
        """Bands and level of the frame that lies `back` frames before `index`; silence before the beginning."""
        if index >= back:
            return self.bands[index - back], float(self.level[index - back])
        row = len(self.lead) + index - back
        return (self.lead[row, :-1], float(self.lead[row, -1])) if row >= 0 else (np.zeros(BANDS, np.float32), 0.0)

    def digest(self) -> str:
        """A hash of all that can be seen of it: equal for equal pictures."""
        seen = hashlib.blake2b(digest_size=16)
        for part in (self.bands, self.level, self.lead):
            seen.update(np.round(part * 255).astype(np.uint8).tobytes())
        seen.update(self.wave.tobytes())
        return seen.hexdigest()

    def save(self, path: Path) -> None:
        """Writes a NumPy archive to exactly this path."""
        with path.open("wb") as file:
            np.savez(file, bands=self.bands, level=self.level, wave=self.wave)

    @classmethod
    def load(cls, path: Path) -> Spectrum:
        """Reads what `save` wrote; nothing in the file is run."""
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            return cls(parts["bands"], parts["level"], parts["wave"])


def measure_spectrum(sound: _Floats, rate: int, fps: int) -> Spectrum:
    """Measures a whole sound; loudness is relative to the sound's own loud passages.

    Args:
        sound: Stereo samples, shape (n, 2), in −1…1.
        rate: Samples per second, in Hz.
        fps: Film frames per second.

    Returns:
        round(n / rate · fps) rows, one at least; row k belongs to the sound around k / fps seconds.
    """
    mono = (sound[:, 0] + sound[:, 1]) * np.float32(0.5)
    frames = max(1, round(len(mono) * fps / rate))
    centres = np.round(np.arange(frames) * (rate / fps)).astype(np.int64)
    size = 1 << round(np.log2(_WINDOW_S * rate))
    padded = np.pad(mono, (size, 2 * size))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)
    power = np.empty((frames, BANDS))
    rms = np.empty(frames, np.float32)
    shape = np.hanning(size).astype(np.float32)
    filters = _filters(rate, size)
    for first in range(0, frames, _BLOCK):
        rows = slice(first, first + _BLOCK)
        block = windows[centres[rows] + size - size // 2]
        lines = np.fft.rfft(block * shape, axis=1)[:, : len(filters)]
        power[rows] = (np.square(lines.real, dtype=np.float64) + np.square(lines.imag, dtype=np.float64)) @ filters
        middle = block[:, size // 4 : -size // 4]
        rms[rows] = np.sqrt(np.einsum("fs,fs->f", middle, middle) / middle.shape[1])
    loud = max(float(np.percentile(rms, 98)), _QUIETEST)
    bands = _glide(_scaled(power / (size * loud * loud)), fps)
    level = _glide((rms / loud).clip(0, 1)[:, None], fps)[:, 0]
    return Spectrum(bands, level, _waves(mono, centres, rate))


@cache
def _filters(rate: int, size: int) -> _Doubles:
    """Triangles evenly spaced in log frequency, each of sum 1; shape (bins up to the highest that counts, BANDS)."""
    bins_hz = np.fft.rfftfreq(size, 1 / rate)
    edges_hz = np.geomspace(_LOWEST_HZ, min(_HIGHEST_HZ, 0.45 * rate), BANDS + 2)
    spacing_hz = rate / size
    centre = edges_hz[1:-1]
    left, right = np.minimum(edges_hz[:-2], centre - spacing_hz), np.maximum(edges_hz[2:], centre + spacing_hz)
    rising, falling = (bins_hz[:, None] - left) / (centre - left), (right - bins_hz[:, None]) / (right - centre)
    filters = np.clip(np.minimum(rising, falling), 0, None)
    used = int(np.flatnonzero(filters.any(axis=1))[-1]) + 1
    return np.asarray(filters[:used] / filters.sum(axis=0))


def _scaled(power: _Doubles) -> _Floats:
    """Powers, relative to the loud passages, to 0–1.

    In dB, tilted as music falls off, and half levelled band by band, so that every band lives.
    """
    tilt = _TILT_DB_PER_OCTAVE * np.log2(_HIGHEST_HZ / _LOWEST_HZ) * np.linspace(-0.5, 0.5, BANDS)
    decibels = 10 * np.log10(power + 10 ** (_SILENCE_DB / 10)) + tilt
    loud = np.maximum(np.percentile(decibels, 99, axis=0), _SILENCE_DB + _RANGE_DB)
    top = 0.5 * loud + 0.5 * loud.max()
    share = np.clip((decibels - top) / _RANGE_DB + 1, 0, 1) ** _CONTRAST
    edged = np.pad(share, ((0, 0), (1, 1)), mode="edge")
    return np.asarray(0.2 * edged[:, :-2] + 0.6 * share + 0.2 * edged[:, 2:], np.float32)


def _glide(values: _Floats, fps: int) -> _Floats:
    """Quick up, slow down, as the eye likes it; shape (frames, n)."""
    keep = np.float32(_RELEASE_PER_S ** (1 / fps))
    attack = np.float32(_ATTACK)
    out = np.empty(values.shape, np.float32)
    now = values[0].astype(np.float32)
    for index, target in enumerate(values):
        now = np.where(target > now, now + attack * (target - now), np.maximum(target, now * keep))
        out[index] = now
    return out


def _waves(mono: _Floats, centres: npt.NDArray[np.int64], rate: int) -> npt.NDArray[np.int8]:
    """Stretches that start where the bass crosses zero upwards, so that the curve stands instead of jumping."""
    step = max(1, rate // _WAVE_HZ)
    coarse = np.add.reduceat(mono, np.arange(0, len(mono), step)) / np.float32(step) if len(mono) else mono
    search, length = round(_TRIGGER_S * rate / step), round(_WAVE_S * rate / step)
    padded = np.pad(coarse.astype(np.float32), (0, search + length + 2))
    smooth = _moving_mean(_moving_mean(padded, 8), 5)
    bass = _moving_mean(padded, max(2, rate // step // 150))
    rising = (bass[:-1] < 0) & (bass[1:] >= 0)
    first = np.minimum(centres // step, len(coarse))
    first = first + np.lib.stride_tricks.sliding_window_view(rising, search)[first].argmax(axis=1)
    values = np.lib.stride_tricks.sliding_window_view(smooth, length + 1)[first] @ _stretch(length + 1)
    loud = max(float(np.percentile(np.abs(values[:: max(1, len(values) // 500)]), 99)), 1e-4)
    return np.asarray(np.round(127 * np.tanh(values / loud)), np.int8)  # round where a limit would cut flat


@cache
def _stretch(points: int) -> _Doubles:
    """Linear interpolation of a row of points to `WAVE_POINTS`, as a matrix."""
    places = np.linspace(0, points - 1, WAVE_POINTS)
    return np.asarray(np.maximum(0, 1 - np.abs(np.arange(points)[:, None] - places)))


def _moving_mean(values: _Floats, width: int) -> _Floats:
    sums = np.cumsum(np.pad(values.astype(np.float64), (width // 2 + 1, width - width // 2 - 1)))
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)
