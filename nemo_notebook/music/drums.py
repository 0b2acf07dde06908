"""Drums and effects, each made once; mono float32 at 48 kHz, about 1.0 at the peak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nemo_notebook.music import dsp
from nemo_notebook.music.dsp import RATE, Samples, decay, glide, noise, seconds, shape, sine


@dataclass(frozen=True, slots=True)
class Drum:
    """A drum and its place in the mix.

    Attributes:
        make: Makes its sound from the length in seconds that the score gives it.
        gain: Level in the mix.
        room: Share that is sent to the reverb.
        key: The drum of General MIDI percussion that comes nearest.
    """

    make: Callable[[float], Samples]
    gain: float
    room: float
    key: int


def _n(length_s: float) -> int:
    return round(length_s * RATE)


def _unit(sound: NDArray[Any]) -> Samples:
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _struck(length_s: float, low_hz: float, sweep_hz: float, sweep_s: float, ring_s: float, click: float) -> Samples:
    """A skin: a sine that falls to its pitch, and the click of the beater."""
    n = _n(length_s)
    body = glide(low_hz + sweep_hz * np.exp(-seconds(n) / sweep_s)) * decay(n, ring_s)
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
    t = seconds(n)
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
    t = seconds(n)
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

_DRUMS: Final[dict[str, Drum]] = {
    "kick": Drum(lambda _: _struck(0.36, 49, 190, 0.022, 0.13, 0.12), 0.52, 0.02, 36),
    "rockkick": Drum(lambda _: _struck(0.34, 58, 120, 0.014, 0.10, 0.35), 0.50, 0.08, 35),
    "cajon": Drum(lambda _: _struck(0.4, 68, 60, 0.02, 0.09, 0.18), 0.31, 0.15, 64),
    "snare": Drum(lambda _: _snare(), 0.34, 0.25, 38),
    "rocksnare": Drum(lambda _: _rock_snare(), 0.40, 0.3, 40),
    "clap": Drum(lambda _: _clap(), 0.36, 0.3, 39),
    "handclap": Drum(lambda _: _handclap(), 0.28, 0.3, 39),
    "slap": Drum(lambda _: _slap(), 0.28, 0.2, 62),
    "brush": Drum(lambda _: _brush(), 0.28, 0.2, 38),
    "rim": Drum(lambda _: _rim(), 0.26, 0.25, 37),
    "hat": Drum(lambda _: _metal(0.09, 0.018, 7500, 49), 0.18, 0.05, 42),
    "tick": Drum(lambda _: _metal(0.05, 0.010, 7000, 58), 0.15, 0.04, 42),
    "pedal": Drum(lambda _: _metal(0.08, 0.016, 5000, 59, 0.002), 0.24, 0.1, 44),
    "open": Drum(lambda _: _metal(0.3, 0.09, 7000, 50), 0.18, 0.1, 46),
    "ride": Drum(lambda _: _ride(), 0.28, 0.15, 51),
    "shaker": Drum(lambda _: _metal(0.09, 0.03, 6500, 51, 0.012), 0.12, 0.1, 70),
    "tamb": Drum(lambda _: _tamb(), 0.17, 0.2, 54),
    "tom": Drum(lambda _: _struck(0.6, 98, 60, 0.05, 0.16, 0.1), 0.34, 0.4, 45),
    "taiko": Drum(lambda _: _struck(1.2, 62, 55, 0.05, 0.28, 0.16), 0.42, 0.5, 41),
    "boom": Drum(lambda _: _struck(2.2, 36, 60, 0.12, 0.6, 0.04), 0.26, 0.35, 35),
    "crash": Drum(lambda _: _metal(2.6, 0.6, 3500, 52, 0.001), 0.2, 0.4, 49),
    "riser": Drum(_riser, 0.2, 0.3, 55),
}

DRUMS: Final = frozenset(_DRUMS)


def drum(name: str) -> Drum:
    """The drum of a name in `DRUMS`."""
    return _DRUMS[name]


@lru_cache(maxsize=32)
def hit(name: str, duration_s: float) -> Samples:
    """The sound of a drum; only a riser asks how long it is."""
    return _DRUMS[name].make(duration_s)
