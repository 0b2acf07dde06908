"""The form of a track, and its tempo map: which beat is when, bent a little so that cuts fall on beats or half beats.

Between two cuts the tempo is steady, and as near to the track's own as whole half beats allow. A beat may lie up to
`_SLACK_MS` beside its cut, which nobody sees and which halves the bends; a cut that would still bend too much is
dropped. The choice is the cheapest path through all cuts (dynamic programming); its states are how far a beat lies
beside its cut and the place in the bar, because cuts on downbeats are where sections can begin.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEVELS: Final[dict[str, dict[str, float]]] = tomllib.loads(Path(__file__).with_name("tempo.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Section:
    """Bars `start` to before `end`; `kind` is a key of `LEVELS`."""

    kind: str
    start: int
    end: int


def plan_form(bars: int, cut_bars: Collection[int] = ()) -> tuple[Section, ...]:
    """Sections that fill the bars without a gap; the last bar of all is the ending chord.

    Longer tracks get more sections, not only longer ones: about a minute for a turn of verse, build, drop and break.
    A section begins at one of `cut_bars`, bars whose first beat a cut falls on, where one is near enough.
    """
    if bars < 6:
        return (Section("drop", 0, bars),) if bars < 4 else (Section("intro", 0, 1), Section("drop", 1, bars))
    outro = 1 if bars < 10 else 2 if bars < 24 else 4
    unit = 1 if bars < 10 else 2 if bars < 40 else 4
    shares = _shares(bars)
    total, filled = sum(share for _, share in shares), 0.0
    sections: list[Section] = []
    start = 0
    for kind, share in shares:
        filled += share
        end = min(bars - outro, max(start, round(filled / total * (bars - outro) / unit) * unit))
        end = bars - outro if filled >= total else _at_cut(end, start, bars, cut_bars)
        if end > start:
            sections.append(Section(kind, start, end))
        start = end
    return (*sections, Section("outro", start, bars))


def cut_reach(bars: int) -> int:
    """Bars that a section's start may move to a cut."""
    return 1 + bars // 10


def _at_cut(end: int, start: int, bars: int, cut_bars: Collection[int]) -> int:
    near = [bar for bar in cut_bars if start < bar < bars - 1 and abs(bar - end) <= cut_reach(bars)]
    return min(near, key=lambda bar: (abs(bar - end), bar), default=end)


def _shares(bars: int) -> list[tuple[str, int]]:
    if bars < 20:
        return [("intro", 2), ("build", 2), ("drop", 6)]
    if bars < 36:
        return [("intro", 4), ("build", 4), ("drop", 10), ("break", 4), ("drop", 8)]
    turns = max(1, round((bars - 16) / 30))
    turn = [("verse", 8), ("build", 4), ("drop", 12), ("break", 6)]
    return [("intro", 4), *(turn * turns), ("build", 4), ("drop", 8)]


_Floats = NDArray[np.float64]

_SLACK_MS: Final = 38.0
_BESIDE_MS: Final = np.linspace(-_SLACK_MS, _SLACK_MS, 7)
_PHASES: Final = 8  # half beats of a bar
_USUAL_BEND: Final = 0.02
_WIDE_BEND: Final = 0.055  # from here on the price rises steeply
_LET_GO: Final = 32.0  # price of a cut that no beat falls on
_MOST_LET_GO: Final = 2  # in a row
_BESIDE_PRICE: Final = 0.6
_PHASE_PRICE: Final = np.array([0.0, 2.0, 1.6, 2.0, 1.2, 2.0, 1.6, 2.0])
_SECTION_PRICE: Final = (4.0, 24.0)  # of a section that begins off the downbeat; of a drop
_END_PRICE: Final = np.array([0.0, 6.0, 4.0, 6.0, 1.0, 6.0, 4.0, 6.0])
_NEAREST_BEATS: Final = 0.25  # cuts closer together are one
_TAIL_BEATS: Final = 16.0
_WORK: Final = 4_000  # cuts times tempi that are tried at once
_WORST: Final = 1e12


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Times of beats; the tempo is steady between knots, and goes on past the last.

    Attributes:
        beats: Beats of the knots, ascending from 0.
        times_ms: Their times in milliseconds, ascending from 0.
        cut_beats: Beats (whole or half ones) on which cuts fall, ascending.
    """

    beats: tuple[float, ...]
    times_ms: tuple[float, ...]
    cut_beats: tuple[float, ...] = ()

    @property
    def total_beats(self) -> float:
        """Length of the track in beats, with its fraction."""
        return self.beats[-2]

    def ms_at(self, beat: float) -> float:
        """Time of a beat in milliseconds."""
        return float(np.interp(beat, self.beats, self.times_ms))

    def beat_at(self, time_ms: float) -> float:
        """The beat, with its fraction, at a time."""
        return float(np.interp(time_ms, self.times_ms, self.beats))

    def bpm_at(self, beat: float) -> float:
        """Tempo at a beat, in beats per minute."""
        place = min(max(int(np.searchsorted(self.beats, beat, "right")) - 1, 0), len(self.beats) - 2)
        beats = self.beats[place + 1] - self.beats[place]
        return 60_000.0 * beats / (self.times_ms[place + 1] - self.times_ms[place])


def tidy_cuts(cuts_ms: Iterable[float], length_ms: float, bpm: float) -> tuple[float, ...]:
    """Cuts within a track, ascending, without those that lie too close to the one before or to an end."""
    near_ms = _NEAREST_BEATS * 60_000.0 / bpm
    kept: list[float] = []
    for cut in sorted(cuts_ms):
        if (kept[-1] if kept else 0.0) + near_ms <= cut <= length_ms - near_ms:
            kept.append(float(cut))
    return tuple(kept)


@lru_cache(maxsize=64)
def tempo_map(bpm: float, length_ms: int, cuts_ms: tuple[int, ...] = ()) -> TempoMap:
    """The tempo map of a track.

    Args:
        bpm: Base tempo in beats per minute, kept where there are no cuts.
        length_ms: Length in milliseconds.
        cuts_ms: Times of cuts in milliseconds; those outside the track are passed over.
    """
    cuts = tidy_cuts(cuts_ms, length_ms, bpm)
    if not cuts:
        total = length_ms * bpm / 60_000.0
        return _finished([0.0, total], [0.0, float(length_ms)])
    _, paths = _solve(np.array([bpm]), np.array([0.0, *cuts, float(length_ms)]))
    beats, times = [0.0], [0.0]
    for cut_ms, beside_ms, half_beats in paths:
        times.append(cut_ms + beside_ms)
        beats.append(beats[-1] + half_beats / 2)
    return _finished(beats, times)


def _finished(beats: list[float], times_ms: list[float]) -> TempoMap:
    beat_ms = (times_ms[-1] - times_ms[-2]) / (beats[-1] - beats[-2])
    ends = [*beats, beats[-1] + _TAIL_BEATS], [*times_ms, times_ms[-1] + _TAIL_BEATS * beat_ms]
    return TempoMap(tuple(ends[0]), tuple(ends[1]), tuple(beats[1:-1]))


def least_bent(wanted: float, low: float, high: float, length_ms: int, cuts_ms: tuple[int, ...]) -> float:
    """The tempo between `low` and `high` that has to be bent least for the cuts; of two alike the one near `wanted`."""
    cuts = tidy_cuts(cuts_ms, length_ms, high)
    count = max(5, min(60, _WORK // (len(cuts) + 1)))
    tempi = np.unique(np.round(np.append(np.geomspace(low, high, count), wanted), 4))
    prices, _ = _solve(tempi, np.array([0.0, *cuts, float(length_ms)]))
    return float(tempi[int(np.argmin(prices + (np.log(tempi / wanted) / 0.1) ** 2))])


def _solve(tempi: _Floats, times_ms: _Floats) -> tuple[_Floats, list[tuple[float, float, int]]]:
    """Prices of the best paths of all tempi, and the first tempo's path as (cut in ms, ms beside it, half beats)."""
    sides, count = _BESIDE_MS.size, times_ms.size
    phase_prices = _phase_prices(times_ms, float(np.median(tempi)))
    prices = np.full((count, tempi.size, sides, _PHASES), _WORST)
    prices[0, :, sides // 2, 0] = 0.0
    origin = np.zeros((count, sides, _PHASES, 3), np.int32)  # of the first tempo: cut, side, half beats
    for to in range(1, count):
        for back in range(max(0, to - 1 - _MOST_LET_GO), to):
            price, side, halves = _stretch(prices[back], tempi, times_ms[to] - times_ms[back])
            price = price + _LET_GO * (to - 1 - back)
            better = price < prices[to]
            prices[to] = np.where(better, price, prices[to])
            found = np.stack((np.full_like(side[0], back), side[0], halves[0]), -1)
            origin[to] = np.where(better[0, ..., None], found, origin[to])
        prices[to] += phase_prices[to]
        prices[to] += _BESIDE_PRICE * ((_BESIDE_MS / _SLACK_MS) ** 2)[:, None]
    last = prices[-1, :, sides // 2, :]
    return last.min(axis=1), _walk_back(origin, times_ms, int(last[0].argmin()))


def _phase_prices(times_ms: _Floats, bpm: float) -> _Floats:
    """What each place in the bar costs a cut: where a section is due, anything but a downbeat is dear."""
    prices = np.tile(_PHASE_PRICE, (times_ms.size, 1))
    prices[-1] = _END_PRICE
    bar_ms, cuts = 4 * 60_000.0 / bpm, times_ms[1:-1]
    sections = plan_form(max(1, int(times_ms[-1] / bar_ms)))
    for section in sections[1:]:
        late_ms = np.abs(cuts - section.start / sections[-1].end * times_ms[-1])
        nearest = int(late_ms.argmin()) if cuts.size else 0
        if cuts.size and late_ms[nearest] < cut_reach(sections[-1].end) * bar_ms:
            prices[nearest + 1, 1:] = max(prices[nearest + 1, 1], _SECTION_PRICE[section.kind == "drop"])
    return prices


def _stretch(before: _Floats, tempi: _Floats, gap_ms: float) -> tuple[_Floats, NDArray[Any], NDArray[Any]]:
    """Cheapest way over one stretch, for each tempo, side and phase at its end: price, side before, half beats."""
    length_ms = np.maximum(gap_ms + _BESIDE_MS[None, :] - _BESIDE_MS[:, None], 1.0)  # [side before, side after]
    natural = length_ms[None] * tempi[:, None, None] / 30_000.0
    floor = np.maximum(1.0, np.floor(natural))
    halves = np.stack((floor, floor + 1), 1).astype(np.int32)  # [tempo, option, side before, side after]
    bend = np.abs(np.log(halves / natural[:, None]))
    price = (bend / _USUAL_BEND) ** 2 + (bend / _WIDE_BEND) ** 6
    phase = (np.arange(_PHASES) - halves[..., None]) % _PHASES
    tempo, side = np.arange(tempi.size)[:, None, None, None, None], np.arange(_BESIDE_MS.size)[:, None, None]
    all_ways = before[tempo, side, phase] + price[..., None]
    ways = all_ways.reshape(tempi.size, -1, *all_ways.shape[3:])
    best = ways.argmin(axis=1)
    cheapest = np.take_along_axis(ways, best[:, None], 1)[:, 0]
    flat = halves.reshape(tempi.size, -1, _BESIDE_MS.size)
    taken = flat[np.arange(tempi.size)[:, None, None], best, np.arange(_BESIDE_MS.size)[:, None]]
    return cheapest, best % _BESIDE_MS.size, taken


def _walk_back(origin: NDArray[np.int32], times_ms: _Floats, phase: int) -> list[tuple[float, float, int]]:
    side, at = _BESIDE_MS.size // 2, times_ms.size - 1
    path: list[tuple[float, float, int]] = []
    while at:
        back, before, halves = (int(v) for v in origin[at, side, phase])
        path.append((float(times_ms[at]), float(_BESIDE_MS[side]), halves))
        at, side, phase = back, before, (phase - halves) % _PHASES
    return path[::-1]
