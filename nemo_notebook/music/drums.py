"""Drums and effects, each made once; mono float32 at 48 kHz, about 1.0 at the peak."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.music import dsp
from nemo_notebook.music.dsp import RATE, Samples, decay, glide, moments, noise, shape, sine


@dataclass(frozen=True, slots=True)
class Drum:
    """A drum and its place in the mix.

    Attributes:
        make: Makes its sound from the length in seconds that the score gives it.
        gain: Level in the mix.
        room: Share that is sent to the reverb.
        key: The drum of General MIDI percussion that comes nearest.
        pan: Where it stands, −1 (left) to 1.
    """

    make: Callable[[float], Samples]
    gain: float
    room: float
    key: int
    pan: float = 0.0


def _n(length_s: float) -> int:
    return round(length_s * RATE)


def _unit(sound: NDArray[Any]) -> Samples:
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _struck(length_s: float, low_hz: float, sweep_hz: float, sweep_s: float, ring_s: float, click: float) -> Samples:
    """A skin: a sine that falls to its pitch, and the click of the beater."""
    n = _n(length_s)
    body = glide(low_hz + sweep_hz * np.exp(-moments(n) / sweep_s)) * decay(n, ring_s)
    beater = noise(n, 41, 1200, 7000) * decay(n, 0.004)
    return _unit(dsp.tanh(1.5 * (body + click * beater)) * shape(n, 0.0008, 0.04))


def _snare() -> Samples:
    n = _n(0.28)
    wires = noise(n, 42, 1200, 9500) * decay(n, 0.065)
    return _unit((0.5 * sine(188, n) * decay(n, 0.05) + 0.4 * wires) * shape(n, 0.0008, 0.05))


def _rock_snare() -> Samples:
    """A deep wooden snare that rings, with the room around it."""
    n = _n(0.42)
    wires = noise(n, 53, 900, 8000) * (decay(n, 0.075) + 0.25 * decay(n, 0.2))
    shell = sine(196, n) * decay(n, 0.08) + 0.5 * sine(331, n) * decay(n, 0.05)
    return _unit(dsp.tanh(1.6 * (0.8 * shell + 0.45 * wires)) * shape(n, 0.0008, 0.1))


def _handclap() -> Samples:
    """A few people clapping by hand."""
    n = _n(0.22)
    t = moments(n)
    hands = sum(np.where(t >= at, np.exp(-(t - at) / 0.012), 0.0) for at in (0.0, 0.004, 0.009, 0.016))
    return _unit(noise(n, 54, 1100, 4500) * hands * shape(n, 0.0008, 0.05))


def _brush() -> Samples:
    """A wire brush swept over a skin."""
    n = _n(0.26)
    return _unit(noise(n, 55, 1800, 8500) * shape(n, 0.05, 0.2))


def _ride() -> Samples:
    """A ride cymbal: the stick's ping, and a wash under it."""
    n = _n(0.9)
    ping = sum(sine(f, n, 0.13 * i) for i, f in enumerate((2680, 3410, 4390, 5530))) * decay(n, 0.12)
    return _unit((0.3 * ping + 0.4 * noise(n, 56, 4500, 11_000) * decay(n, 0.3)) * shape(n, 0.0008, 0.2))


def _slap() -> Samples:
    """The upper edge of a cajón."""
    n = _n(0.2)
    buzz = noise(n, 57, 700, 6500) * decay(n, 0.035)
    return _unit((0.5 * sine(240, n) * decay(n, 0.03) + 0.4 * buzz) * shape(n, 0.0008, 0.05))


def _clap() -> Samples:
    n = _n(0.3)
    t = moments(n)
    hands = sum(np.where(t >= at, np.exp(-(t - at) / fall), 0.0) for at, fall in _HANDS)
    return _unit(noise(n, 43, 900, 6500) * hands * shape(n, 0.0008, 0.08))


def _metal(length_s: float, ring_s: float, low_hz: float, seed: int, attack_s: float = 0.0006) -> Samples:
    """Cymbals: noise with a few clashing partials."""
    n = _n(length_s)
    partials = sum(np.sign(sine(f, n)) for f in (3170, 4231, 5337, 6479, 7771)) * np.float32(0.12)
    hiss = noise(n, seed, low_hz, 16_000)
    ring = np.fft.rfft(partials)
    frequency = np.fft.rfftfreq(n, 1 / RATE)
    ring *= (frequency > low_hz) & (frequency < 17_000)
    return _unit((0.6 * hiss + np.fft.irfft(ring, n)) * decay(n, ring_s) * shape(n, attack_s, 0.02))


def _rim() -> Samples:
    n = _n(0.09)
    wood = sine(1710, n) * decay(n, 0.011) + 0.7 * sine(455, n) * decay(n, 0.018)
    return _unit((wood + 0.2 * noise(n, 44, 2000, 8000) * decay(n, 0.006)) * shape(n, 0.0006, 0.02))


def _tamb() -> Samples:
    return _metal(0.2, 0.05, 6000, 46, 0.004)


def _riser(length_s: float) -> Samples:
    """Noise that grows and opens over the whole of a build, stopping on the beat."""
    n = _n(length_s)
    rise = np.linspace(0, 1, n)
    dark, bright = noise(n, 47, 300, 1500), noise(n, 48, 2500, 11_000)
    return _unit(((1 - rise) * dark + rise * bright) * rise**2.2 * shape(n, 0.05, 0.02))


_HANDS: Final = ((0.0, 0.006), (0.011, 0.006), (0.023, 0.055))


def _drum(make: str, of: Sequence[float] = (), **place: Any) -> Drum:
    made = globals()[f"_{make}"]
    return Drum(made if make == "riser" else lambda _: made(*of), **place)


_TABLE: Final = tomllib.loads(Path(__file__).with_name("drums.toml").read_text("utf-8"))
_DRUMS: Final = {name: _drum(**row) for name, row in _TABLE.items()}

DRUMS: Final = frozenset(_DRUMS)


def drum(name: str) -> Drum:
    """The drum of a name in `DRUMS`."""
    return _DRUMS[name]


@lru_cache(maxsize=32)
def hit(name: str, duration_s: float) -> Samples:
    """The sound of a drum; only a riser asks how long it is."""
    return _DRUMS[name].make(duration_s)
