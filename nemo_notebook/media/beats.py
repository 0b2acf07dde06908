"""The beats of a song: onset strength → likely tempi → the best chain of beats → its octave → beats moved to onsets.

The chain is the beat-pointer hidden Markov model of Krebs, Böck and Widmer ("An efficient state-space model for joint
tempo and meter tracking", ISMIR 2015), solved exactly. Within a beat its pointer only moves on, so a state here is a
whole beat (its start and its period), scored by sums over frames; all starts closer than the shortest period are
solved at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.media import metre
from nemo_notebook.media.onsets import Floats, Onsets, measure_onsets

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_SLOWEST_BPM: Final = 55.0
_FASTEST_BPM: Final = 215.0
_TEMPI: Final = 70
_USUAL_BPM: Final = 120.0
_USUAL_OCTAVES: Final = 0.75
_STEADINESS: Final = 120.0  # how dearly a change of tempo is paid
_ON_BEAT: Final = 16  # the first 1/16 of a beat is where its onset is expected
_SHORTEST_S: Final = 2.0
_SILENT: Final = 10 ** (-50 / 20)  # of the song's loudest frame
_EARLY_FRAMES: Final = 2  # a beat at time 0 may be seen this much before it
_NEAR_OCTAVES: Final = 0.2  # how far from its usual tempo a song goes, also where only other rhythms sound
_ENDING_S: Final = 0.05  # a beat in the last moment starts nothing
# How far the best tempo stands out: noise and speech reach 0.2, more in a short sound; songs 0.5 and more.
_RHYTHM: Final = 0.28
_RHYTHM_SHORT: Final = 0.5  # divided by the root of the seconds


@dataclass(frozen=True, slots=True)
class Beats:
    """What a song's rhythm is.

    Attributes:
        beats_s: Times of the beats, in seconds.
        first_downbeat: Index of the first beat that starts a bar of four (a guess), 0–3.
        tempo: Beats per minute, by regression over all beats; 0 where there are none.
    """

    beats_s: tuple[float, ...] = ()
    first_downbeat: int = 0
    tempo: float = 0.0

    @property
    def downbeats_s(self) -> tuple[float, ...]:
        """Times of the beats that start a bar, in seconds."""
        return self.beats_s[self.first_downbeat :: metre.METRE]


def track_beats(samples: Floats, rate: int, onsets: Onsets | None = None) -> Beats:
    """Finds the beats of a song.

    Args:
        samples: Mono sound, shape (n,), in −1…1.
        rate: Samples per second, in Hz; tuned for 22 050.
        onsets: Of the same samples, where they were measured before.

    Returns:
        The beats from the first sound to the last. Silence, noise, speech and anything under two seconds have none.
    """
    if len(samples) < _SHORTEST_S * rate or float(np.ptp(samples)) < 2e-4:
        return Beats()
    onsets = onsets or measure_onsets(samples, rate)
    frames = _beat_frames(onsets)
    beats_s = _sounding(frames / onsets.rate, samples, rate)
    if len(beats_s) < 2:
        return Beats()
    beats = tuple(round(float(beat), 4) for beat in beats_s)
    return Beats(beats, metre.first_downbeat(onsets, beats_s * onsets.rate), _tempo(beats_s))


def _beat_frames(onsets: Onsets) -> Doubles:
    """The beats in frames, between silences as well; none if nothing comes back regularly."""
    periods = _periods(onsets.rate)
    tempi = _tempo_weights(onsets, periods)
    if tempi is None:
        return np.empty(0)
    starts, lengths = _best_chain(onsets.strength, periods, tempi)
    usual = float(np.median(lengths)) / metre.octave(onsets, starts.astype(np.float64))
    near = np.abs(np.log2(periods / usual)) <= _NEAR_OCTAVES
    starts, lengths = _best_chain(onsets.strength, periods[near], tempi[near])
    way = metre.off_beat(onsets, starts.astype(np.float64))
    if way:
        starts, lengths = _moved_on(way, starts, lengths, len(onsets.low))
    return _onto_onsets(onsets.strength, starts, lengths)


def _periods(frames_s: float) -> Integers:
    """The beat lengths that are looked for, in frames, shortest first."""
    bpm = np.geomspace(_FASTEST_BPM, _SLOWEST_BPM, _TEMPI)
    return np.unique(np.round(60 * frames_s / bpm).astype(np.int64))


def _tempo_weights(onsets: Onsets, periods: Integers) -> Doubles | None:
    """How likely each period is over the whole song, 0–1: autocorrelation at 1, 2, 3 and 4 beats, times what is usual.

    None if nothing comes back regularly.
    """
    salience = _salience(onsets, periods)
    if salience is None or _stands_out(salience, onsets) < _RHYTHM:
        return None
    octaves = np.log2(60 * onsets.rate / periods / _USUAL_BPM)
    weights = np.maximum(salience, 0) * np.exp(-0.5 * (octaves / _USUAL_OCTAVES) ** 2)
    return np.asarray(weights / (weights.max() + 1e-9) + 0.02, np.float64)


def measure_rhythm(onsets: Onsets) -> float:
    """How far the best tempo stands out of the others, less what a short sound reaches by chance."""
    salience = _salience(onsets, _periods(onsets.rate)) if len(onsets.strength) else None
    return 0.0 if salience is None else _stands_out(salience, onsets)


def _salience(onsets: Onsets, periods: Integers) -> Doubles | None:
    """Autocorrelation at 1, 2, 3 and 4 beats of each period; None where nothing starts."""
    centred = onsets.strength.astype(np.float64) - onsets.strength.mean()
    size = 1 << int(np.ceil(np.log2(2 * len(centred))))
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    likeness = np.fft.irfft(power)[: len(centred)]
    if likeness[0] <= 1e-9:
        return None
    likeness /= likeness[0]
    lags = np.arange(len(likeness))
    combs = ((1, 1.0), (2, 0.7), (3, 0.35), (4, 0.6))
    return sum((weight * np.interp(periods * beats, lags, likeness) for beats, weight in combs), np.zeros(len(periods)))


def _stands_out(salience: Doubles, onsets: Onsets) -> float:
    chance = _RHYTHM_SHORT / np.sqrt(len(onsets.strength) / onsets.rate)
    return float(salience.max() - np.median(salience) - chance)


def _best_chain(strength: Floats, periods: Integers, tempi: Doubles) -> tuple[Integers, Integers]:
    """The most likely chain of beats: start frames and lengths in frames, in time order (exact Viterbi).

    The first beat may have begun before frame 0 and the last may end after the sound.
    """
    frames, before = len(strength), int(periods[-1])
    count = len(periods)
    score_of = _BeatScore(strength, periods, before)
    change = _tempo_changes(periods, tempi)
    # Row t + before is a beat that starts at frame t. best: its score up to its start; came: the period before it.
    best = np.full((frames + before, count), -np.inf)
    came = np.full((frames + before, count), -1, np.int16)
    starts = np.arange(-before, 1)
    best[: before + 1] = np.where(starts[:, None] > -periods, np.log(tempi), -np.inf)
    block = int(periods[0])
    columns = np.arange(count)
    for first in range(1, frames, block):
        rows = np.arange(first, min(first + block, frames)) + before
        earlier = rows[:, None] - periods
        reached = best[earlier, columns] + score_of.beats(earlier)
        options = reached[:, :, None] + change
        came[rows] = chosen = options.argmax(axis=1)
        best[rows] = np.take_along_axis(options, chosen[:, None, :], axis=1)[:, 0]
    return _trace(best, came, score_of, periods, before)


def _trace(
    best: Doubles, came: npt.NDArray[np.int16], score_of: _BeatScore, periods: Integers, before: int
) -> tuple[Integers, Integers]:
    rows = np.arange(len(best))[:, None]
    last = np.where(rows + periods >= len(best), best + score_of.beats(np.repeat(rows, len(periods), axis=1)), -np.inf)
    row, column = (int(i) for i in np.unravel_index(last.argmax(), last.shape))
    chain: list[tuple[int, int]] = []
    while True:
        chain.append((row - before, int(periods[column])))
        previous = int(came[row, column])
        if previous < 0:
            break
        row, column = row - int(periods[previous]), previous
    chain.reverse()
    table = np.array([beat for beat in chain if beat[0] >= -_EARLY_FRAMES], np.int64).reshape(-1, 2)
    return np.maximum(table[:, 0], 0), table[:, 1]


class _BeatScore:
    """Log likelihood of whole beats, from running sums over frames.

    A frame in the first sixteenth of a beat should be an onset, the others should not.
    """

    def __init__(self, strength: Floats, periods: Integers, before: int) -> None:
        active = np.clip(strength / (np.percentile(strength, 98) + 1e-9), 0, 1).astype(np.float64) * 0.96 + 0.02
        after = int(periods[-1])
        self._on = _running_sum(np.log(active), before, after)
        self._off = _running_sum(np.log((1 - active) / (_ON_BEAT - 1)), before, after)
        self._periods = periods
        self._onset_frames = -(-periods // _ON_BEAT)

    def beats(self, rows: Integers) -> Doubles:
        """Scores of beats that start at `rows` (shape (…, periods)), one period a column; outside the sound is 0."""
        split, end = rows + self._onset_frames, rows + self._periods
        return np.asarray(self._on[split] - self._on[rows] + self._off[end] - self._off[split], np.float64)


def _running_sum(values: Doubles, before: int, after: int) -> Doubles:
    return np.concatenate([[0.0], np.cumsum(np.pad(values, (before, after)))])


def _tempo_changes(periods: Integers, tempi: Doubles) -> Doubles:
    """Log probability of going from one period (row) to another (column) at a beat."""
    cost = -_STEADINESS * np.abs(periods[None, :] / periods[:, None] - 1)
    cost = np.where(cost < -25, -1e9, cost)
    cost -= np.log(np.exp(cost).sum(axis=1, keepdims=True))
    return np.asarray(cost + 0.12 * np.log(tempi)[None, :], np.float64)


def _moved_on(way: float, starts: Integers, lengths: Integers, frames: int) -> tuple[Integers, Integers]:
    """The chain with each beat `way` of its length later."""
    moved, first = starts + np.round(way * lengths).astype(np.int64), starts[0] - round((1 - way) * int(lengths[0]))
    if first >= -_EARLY_FRAMES:
        moved, lengths = np.append(max(first, 0), moved), np.append(lengths[0], lengths)
    inside = moved < frames
    return moved[inside], lengths[inside]


def _onto_onsets(strength: Floats, starts: Integers, lengths: Integers) -> Doubles:
    """Each beat moved to the strongest frame near its start, and between frames by a parabola; in frames."""
    moved: list[float] = []
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        first = max(0, start - 1)
        peak = first + int(strength[first : start + max(1, length // _ON_BEAT) + 1].argmax())
        offset = 0.0
        if 0 < peak < len(strength) - 1:
            left, middle, right = (float(v) for v in strength[peak - 1 : peak + 2])
            bend = left - 2 * middle + right
            offset = 0.5 * (left - right) / bend if bend < -1e-9 else 0.0
        moved.append(peak + min(0.5, max(-0.5, offset)))
    return np.unique(np.array(moved, np.float64))


def _sounding(beats_s: Doubles, sound: Floats, rate: int) -> Doubles:
    """The beats between the first and the last that sound; a pause within the song keeps its beats."""
    if len(beats_s) < 2:
        return beats_s
    step = max(1, rate // 100)
    frames = np.abs(sound[: len(sound) // step * step].reshape(-1, step)).max(axis=1)
    reach = max(2, int(0.5 * float(np.median(np.diff(beats_s))) * 100))
    loud = np.flatnonzero(frames > _SILENT * frames.max()) / 100
    starts = np.searchsorted(loud, beats_s - 0.03)
    ends = np.searchsorted(loud, beats_s + reach / 100)
    heard = np.flatnonzero((ends > starts) & (beats_s < len(sound) / rate - _ENDING_S))
    return beats_s[heard[0] : heard[-1] + 1] if len(heard) else beats_s[:0]


def _tempo(beats_s: Doubles) -> float:
    usual_s = float(np.median(np.diff(beats_s)))
    numbers = np.concatenate([[0], np.cumsum(np.maximum(1, np.round(np.diff(beats_s) / usual_s)))])
    slope_s = float(np.polyfit(numbers, beats_s, 1)[0])
    return round(60 / slope_s, 3)
