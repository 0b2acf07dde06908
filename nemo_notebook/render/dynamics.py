"""Gain over time, a value a millisecond: what brings to a loudness, limits peaks, and makes room for a voice."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.music import loudness_lufs
from nemo_notebook.render.layers import SOUND_RATE

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

STEP: Final = SOUND_RATE // 1000  # samples
_TAPS: Final = 12  # of each phase of the four-fold interpolation, as in ITU-R BS.1770-4, annex 2
_NEAR_PEAK: Final = 0.6  # beside a sample that is lower than this share of a level, the wave hardly reaches it

_LOOK_AHEAD: Final = 5  # ms, by which the limiter turns down before a peak
_RECOVERY_DB: Final = 0.06  # in a millisecond: 6 dB in a tenth of a second; faster, and bass would be bent

_LOUD_LUFS: Final = -14.0  # what the limiter takes away is made up for as far as this
_MOST_UP_DB: Final = 6.0  # a voice that is heard now and then is not blown up for the quiet around it
_NEAR_LU: Final = 0.05
_ROUNDS: Final = 8

_ATTACK: Final = 20  # ms before a voice in which others give way
_RELEASE: Final = 400  # ms after it in which they come back
_HOLD: Final = 200  # ms that a voice may pause, as between words
_VOICE_BELOW_DB: Final = 22.0  # what is so much quieter than its loud passages is no voice but what is around it
_VOICE_LEAST_DB: Final = -50.0


def _phases() -> npt.NDArray[np.float64]:
    """Interpolation at a quarter, half and three quarters between two samples; shape (_TAPS, 3)."""
    places = np.arange(_TAPS)[:, None] - (_TAPS / 2 - 1) - np.array([0.25, 0.5, 0.75])
    taps = np.sinc(places) * np.cos(np.pi * places / _TAPS) ** 2
    return np.asarray(taps / taps.sum(axis=0))


_PHASES: Final = _phases()


def true_peaks(sound: Floats, floor: float) -> Floats:
    """The highest level of the wave itself, also between samples, in each millisecond.

    Args:
        sound: Shape (n, 2).
        floor: Peaks under this need not be exact: some are those of their samples.

    Returns:
        Shape (⌈n / 48⌉,).
    """
    count = -(-len(sound) // STEP)
    highest = np.zeros(count, np.float32)
    for channel in np.ascontiguousarray(sound.T, np.float32):
        level = np.abs(channel)
        peaks = np.pad(level, (0, count * STEP - len(level))).reshape(-1, STEP).max(axis=1)
        # Near the ends there is too little around a sample to tell.
        inner = level[_TAPS // 2 : -_TAPS // 2]
        before, after = level[_TAPS // 2 - 1 : -_TAPS // 2 - 1], level[_TAPS // 2 + 1 : len(level) - _TAPS // 2 + 1]
        bumps = _TAPS // 2 + np.flatnonzero((inner > _NEAR_PEAK * floor) & (inner >= before) & (inner >= after))
        if bumps.size:
            windows = np.lib.stride_tricks.sliding_window_view(channel, _TAPS)
            for shift in (0, 1):  # the wave is highest between the highest sample and one of its neighbours
                # With twice the digits: the last bits of a product of matrices depend on the kind of CPU.
                between = np.abs(windows[bumps - _TAPS // 2 + shift].astype(np.float64) @ _PHASES).max(axis=1)
                np.maximum.at(peaks, bumps // STEP, between.astype(np.float32))
        highest = np.maximum(highest, peaks)
    return highest


def limiting(peaks: Floats, ceiling: float) -> Floats:
    """Gain that holds peaks under a ceiling: down 5 ms ahead of a peak, and back so slowly that bass stays clean.

    Args:
        peaks: One a millisecond, from `true_peaks`.
        ceiling: The most that is left of them.

    Returns:
        Gains of 0–1, as many as there are peaks.
    """
    needed_db = 20 * np.log10(np.minimum(1.0, ceiling / np.maximum(peaks.astype(np.float64), 1e-9)))
    ahead = np.pad(needed_db, (_LOOK_AHEAD, _LOOK_AHEAD + 1))
    held_db = np.lib.stride_tricks.sliding_window_view(ahead, 2 * _LOOK_AHEAD + 2).min(axis=1)
    rise = _RECOVERY_DB * np.arange(len(held_db))
    # Backwards in time it jumps, forwards it climbs: the lowest line of that slope through all that was needed so far.
    slow_db = np.minimum.accumulate(held_db - rise) + rise
    gain = 10 ** (np.minimum(slow_db, held_db) / 20)
    smooth = np.hanning(_LOOK_AHEAD + 2)[1:-1]
    edge = _LOOK_AHEAD // 2
    return np.asarray(np.convolve(np.pad(gain, edge, mode="edge"), smooth / smooth.sum(), "valid"), np.float32)


def gain_to(lufs: tuple[float, float], power: Doubles, peaks: Floats, ceiling: float) -> float:
    """Gain that brings a sound to a loudness before its peaks are limited, which takes loudness away again.

    Args:
        lufs: The least and the most that it is to be.
        power: K-weighted, of each millisecond.
        peaks: True peaks of each millisecond.
        ceiling: What these are limited to.

    Returns:
        A factor; to a hundredth of a decibel, as the last bits of the power depend on the kind of CPU.
    """
    now = loudness_lufs(power)
    if now == float("-inf"):
        return 1.0
    wanted = min(max(now, lufs[0]), lufs[1])
    gain_db = round(min(wanted - now, _MOST_UP_DB), 2)
    for _ in range(_ROUNDS):
        gain = 10 ** (gain_db / 20)
        missing = min(wanted, _LOUD_LUFS) - loudness_lufs(power * (gain * limiting(gain * peaks, ceiling)) ** 2)
        more_db = round(min(gain_db + missing, _MOST_UP_DB), 2)
        if missing < _NEAR_LU or more_db <= gain_db:
            break
        gain_db = more_db
    return float(10 ** (gain_db / 20))


def levels_db(sound: Floats) -> Floats:
    """Loudness of each millisecond in dB of full scale; shape (⌈n / 48⌉,)."""
    count = -(-len(sound) // STEP)
    power = np.square(sound, dtype=np.float32).mean(axis=1)
    power = np.pad(power, (0, count * STEP - len(power))).reshape(-1, STEP).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-12), np.float32)


def presence(voice_db: Floats) -> Floats:
    """How much a voice asks others to give way, 0–1, smooth.

    It is 1 while the voice is heard and in its short pauses, and comes and goes within 20 and 400 ms.

    Args:
        voice_db: Its loudness in each millisecond.
    """
    width = 2 * _ATTACK + 1
    power = np.convolve(10 ** (voice_db.astype(np.float64) / 10), np.full(width, 1 / width), "same")[: len(voice_db)]
    level_db = 10 * np.log10(power + 1e-12)
    audible = level_db[level_db > _VOICE_LEAST_DB]
    if not audible.size:
        return np.zeros(len(voice_db), np.float32)
    heard = level_db > max(_VOICE_LEAST_DB, float(np.percentile(audible, 95)) - _VOICE_BELOW_DB)
    place, never = np.arange(len(heard)), 10 * len(heard) + 10_000
    since = place - np.maximum.accumulate(np.where(heard, place, -never))
    until = np.minimum.accumulate(np.where(heard, place, never)[::-1])[::-1] - place
    share = np.maximum(1 - (since - _HOLD) / _RELEASE, 1 - until / _ATTACK).clip(0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def at_samples(curve: Floats, first: int, count: int) -> Floats:
    """A curve of a value a millisecond, at each of `count` samples from `first` on; shape (count,)."""
    middles = (np.arange(first, first + count) + 0.5) / STEP - 0.5
    return np.interp(middles, np.arange(len(curve)), curve).astype(np.float32)
