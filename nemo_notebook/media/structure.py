"""The form of a song: how loud each second is, where its sections start, where its full force sets in.

A section starts where the sound of the bars after differs most from that of the bars before (novelty on timbre and
loudness, after Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000, with the mean of some
bars on either side in place of a checkerboard, so that chords in turn cancel out).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.media.beats import Doubles, Floats, Onsets

_SHORTEST_S: Final = 6.0  # of a section
_PEAK_BARS: Final = 2  # nothing within so many bars is newer than a boundary
_STEP_S: Final = 0.5  # where there are no bars
_REACH_BARS: Final = 4  # chords often come back after four bars
_REACH_S: Final = (4.0, 12.0)
_NOVEL: Final = 0.2  # in natural logs of amplitude; a song of one part has up to 0.19 near its ends
_OF_MOST_NOVEL: Final = 0.25
_GROUP: Final = 4  # mel bands that are looked at as one
_ATTACKS: Final = 4.0  # how much the rises count beside the levels: drums are rises
_LOW_BANDS: Final = 8
_LOW_RISE: Final = 2.0  # in power: the bass comes in
_RISE: Final = 1.4  # in RMS
_FULL: Final = 0.75  # of the song's loud passages
_DROP_APART_S: Final = 8.0
_SILENT: Final = 1e-5
_HEARD: Final = 0.02  # of the song's loud passages: what is quieter leads up to nothing


@dataclass(frozen=True, slots=True)
class Structure:
    """The form of a song.

    Attributes:
        energy: Loudness of each second, 0–1, 1 being the song's loud passages.
        sections: Start in seconds and loudness 0–1 of each section, ascending; the first starts at 0.
        drops_s: Times at which bass and loudness rise for good after a quieter stretch, in seconds, ascending.
    """

    energy: tuple[float, ...]
    sections: tuple[tuple[float, float], ...]
    drops_s: tuple[float, ...]


def find_structure(samples: Floats, rate: int, onsets: Onsets, downbeats_s: tuple[float, ...]) -> Structure:
    """Finds the form of a song.

    Args:
        samples: Mono sound, shape (n,), in −1…1.
        rate: Samples per second, in Hz.
        onsets: Of the same samples, or of their first part.
        downbeats_s: Starts of bars, in seconds; sections and drops start on them. Without, on half seconds.
    """
    energy = measure_energy(samples, rate)
    if not any(energy):
        return Structure(energy, ((0.0, 0.0),) if energy else (), ())
    length_s = len(onsets.bands) / onsets.rate
    bars_s = np.array(downbeats_s if len(downbeats_s) > 2 else np.arange(0, length_s, _STEP_S), np.float64)
    bar_s = float(np.median(np.diff(bars_s))) if len(downbeats_s) > 2 else _REACH_S[0] / 2
    reach_s = float(np.clip(_REACH_BARS * bar_s, *_REACH_S))
    inside = bars_s[(bars_s >= _SHORTEST_S) & (bars_s <= length_s - _SHORTEST_S)]
    starts_s = [0.0, *_boundaries(onsets, inside, reach_s)]
    ends_s = [*starts_s[1:], float(len(energy))]
    loud = np.asarray(energy)
    sections = tuple(
        (round(start_s, 3), round(float(loud[int(start_s) : max(int(start_s) + 1, round(end_s))].mean()), 3))
        for start_s, end_s in zip(starts_s, ends_s, strict=True)
    )
    return Structure(energy, sections, _drops(onsets, inside, reach_s))


def measure_energy(samples: Floats, rate: int) -> tuple[float, ...]:
    """RMS of each second over that of the loud seconds (95th percentile), at most 1."""
    seconds = [samples[first : first + rate] for first in range(0, len(samples), rate)]
    rms = np.array([float(np.sqrt(np.mean(second.astype(np.float64) ** 2))) for second in seconds])
    loud = float(np.percentile(rms, 95)) if len(rms) else 0.0
    if loud < _SILENT:
        return (0.0,) * len(rms)
    return tuple(round(min(1.0, float(value) / loud), 3) for value in rms)


def _boundaries(onsets: Onsets, bars_s: Doubles, reach_s: float) -> list[float]:
    """Bars at which something new starts, in seconds, ascending, as far apart as sections are long."""
    if not len(bars_s):
        return []
    rise = np.zeros_like(onsets.bands)
    np.maximum(np.diff(onsets.bands, axis=0), 0, out=rise[1:])
    grouped = [rows.reshape(len(rows), -1, _GROUP).mean(axis=2) for rows in (onsets.bands, _ATTACKS * rise)]
    means = _Means(np.concatenate(grouped, axis=1), onsets.rate)
    change = means.between(bars_s, bars_s + reach_s) - means.between(bars_s - reach_s, bars_s)
    novelty = np.sqrt((change**2).mean(axis=1))
    return _strongest(bars_s, novelty, max(_NOVEL, _OF_MOST_NOVEL * float(novelty.max())), _SHORTEST_S)


def _drops(onsets: Onsets, bars_s: Doubles, reach_s: float) -> tuple[float, ...]:
    if not len(bars_s):
        return ()
    power = np.expm1(onsets.bands.astype(np.float64)) ** 2
    levels = np.stack([power[:, :_LOW_BANDS].mean(axis=1), power.mean(axis=1)], axis=1)
    means = _Means(levels, onsets.rate)
    after, before = means.between(bars_s, bars_s + reach_s), means.between(bars_s - reach_s, bars_s)
    seconds = np.arange(0.0, len(levels) / onsets.rate, 1.0)
    loud = np.percentile(means.between(seconds, seconds + 1), 95, axis=0) + 1e-12
    low_rise = after[:, 0] / (before[:, 0] + _HEARD * loud[0])
    rise = np.sqrt(after[:, 1] / (before[:, 1] + 1e-12))
    full = np.sqrt(after / loud).min(axis=1) >= _FULL
    heard = np.sqrt(before[:, 1] / loud[1]) >= _HEARD
    score = np.where(full & heard & (rise >= _RISE), low_rise * rise, 0.0)
    return tuple(round(at_s, 3) for at_s in _strongest(bars_s, score, _LOW_RISE * _RISE, _DROP_APART_S))


def _strongest(times_s: Doubles, score: Doubles, least: float, apart_s: float) -> list[float]:
    """Times of the peaks in a score that reach `least`, the highest where they are nearer than `apart_s`; ascending."""
    chosen: list[float] = []
    around = np.pad(score, _PEAK_BARS, constant_values=-np.inf)
    highest = np.lib.stride_tricks.sliding_window_view(around, 2 * _PEAK_BARS + 1).max(axis=1)
    for index in np.argsort(-score, kind="stable"):
        if score[index] < least:
            break
        if score[index] == highest[index] and all(abs(float(times_s[index]) - other) >= apart_s for other in chosen):
            chosen.append(float(times_s[index]))
    return sorted(chosen)


class _Means:
    """Means of rows between times, from running sums."""

    def __init__(self, rows: npt.NDArray[np.floating], frames_s: float) -> None:
        self._sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
        self._frames_s = frames_s

    def between(self, starts_s: Doubles, ends_s: Doubles) -> Doubles:
        """Shape (times, columns); what lies outside the sound does not count."""
        last = len(self._sums) - 1
        starts, ends = (np.clip(np.round(at * self._frames_s).astype(np.int64), 0, last) for at in (starts_s, ends_s))
        ends = np.maximum(ends, np.minimum(starts + 1, last))
        counts = np.maximum(ends - starts, 1)[:, None]
        return np.asarray((self._sums[ends] - self._sums[starts]) / counts, np.float64)
