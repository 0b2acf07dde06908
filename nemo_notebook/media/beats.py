"""The beats of a song: onsets → how likely a beat is, by a network → likely tempi → the best chain → moved to onsets.

The chain is the beat-pointer hidden Markov model of Krebs, Böck and Widmer ("An efficient state-space model for joint
tempo and meter tracking", ISMIR 2015), solved exactly. Within a beat its pointer only moves on, so a state here is a
whole beat (its start and its period), scored by sums over frames; all starts closer than the shortest period are
solved at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.media.activation import beat_activation, rise_of

Floats = npt.NDArray[np.float32]

HOP: Final = 256  # samples at the analysis rate of 22 050 Hz: 86 frames a second
_WINDOW: Final = 1024
_LEAD: Final = 4  # frames of silence put before the sound, so that an onset at 0 shows
_BANDS: Final = 48
_LOW, _MIDDLE = slice(0, 8), slice(8, 28)
_HIGH: Final = slice(28, _BANDS)
_LEVEL_S: Final = 6.0
_BLOCK: Final = 2048


@dataclass(frozen=True, slots=True)
class Onsets:
    """How strongly something starts, frame by frame.

    Attributes:
        strength: All bands together, shape (frames,); frame k is at k / `rate` seconds.
        low: The rise of the low bands alone (kick, bass), shape (frames,).
        bands: Log mel spectrum, shape (frames, 48).
        rate: Frames per second.
    """

    strength: Floats
    low: Floats
    bands: Floats
    rate: float


def measure_onsets(samples: Floats, rate: int) -> Onsets:
    """Measure the onsets of a mono sound by multi-band log spectral flux.

    After the SuperFlux detector (Böck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013):
    the rise of each mel band against the maximum of its neighbours a moment before, so that vibrato is no onset. Low,
    middle and high bands are levelled apart, so that a hi-hat counts beside a kick.

    Args:
        samples: Shape (n,), in −1…1.
        rate: Samples per second, in Hz; the constants are tuned for 22 050.
    """
    bands = _log_mel(samples, rate)
    rise = rise_of(bands)
    frames_s = rate / HOP
    low, middle, high = (_levelled(rise[:, part].mean(axis=1), frames_s) for part in (_LOW, _MIDDLE, _HIGH))
    kernel = np.exp(-0.5 * np.arange(-3, 4) ** 2)
    strength = np.convolve(1.4 * low + middle + 0.7 * high, kernel / kernel.sum(), "same").astype(np.float32)
    return Onsets(strength[_LEAD:], low[_LEAD:], bands[_LEAD:], frames_s)


def _log_mel(samples: Floats, rate: int) -> Floats:
    """Shape (frames, bands), with `_LEAD` frames before the sound."""
    padded = np.pad(samples, (_WINDOW // 2 + _LEAD * HOP, _WINDOW // 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    shape = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    filters = _mel_filters(rate)
    bands = np.empty((len(windows), _BANDS), np.float32)
    for first in range(0, len(windows), _BLOCK):
        spectrum = np.abs(np.fft.rfft(windows[first : first + _BLOCK] * shape, axis=1)).astype(np.float32)
        bands[first : first + _BLOCK] = np.log1p(60.0 * (spectrum @ filters))
    return bands


@cache
def _mel_filters(rate: int, lowest_hz: float = 30.0, highest_hz: float = 11000.0) -> Floats:
    """Triangles on the mel scale (2595 log10(1 + f / 700)), each of sum 1; shape (bins, bands)."""
    bins_hz = np.fft.rfftfreq(_WINDOW, 1 / rate)
    lowest, highest = (2595 * np.log10(1 + hz / 700) for hz in (lowest_hz, min(highest_hz, rate / 2)))
    edges_hz = 700 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595) - 1)
    left, centre, right = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - left) / np.maximum(centre - left, 1e-9)
    falling = (right - bins_hz[:, None]) / np.maximum(right - centre, 1e-9)
    filters = np.clip(np.minimum(rising, falling), 0, None)
    for band in np.flatnonzero(filters.sum(axis=0) == 0):  # narrower than a bin
        filters[np.argmin(np.abs(bins_hz - centre[band])), band] = 1
    return np.asarray(filters / filters.sum(axis=0), np.float32)


def _levelled(rise: Floats, frames_s: float) -> Floats:
    """A rise divided by its own running RMS, so that quiet passages count as loud ones."""
    width = int(_LEVEL_S * frames_s)
    padded = np.pad(rise.astype(np.float64) ** 2, (width // 2 + 1, width - width // 2), mode="edge")
    sums = np.cumsum(padded)
    rms = np.sqrt(np.maximum(sums[width:] - sums[:-width], 0)[: len(rise)] / width)
    return np.asarray(rise / (rms + 1e-3 * rise.max(initial=0) + 1e-9), np.float32)


Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

METRE: Final = 4
_FEWEST_BEATS: Final = 4 * METRE
_SLOWEST_BPM: Final = 55.0
_FASTEST_BPM: Final = 215.0
_USUAL_OCTAVE_BPM: Final = 110.0
_OCTAVE_SPREAD: Final = 0.6
_RARE_BPM: Final = 180.0  # hardly any song is faster
_RARENESS: Final = 5.0
# Chosen on one set of synthetic songs, measured on another (`tests/bench/bench_beats.py`).
_ACCENTS: Final = 4.0  # what a difference in accents counts against what is usual
_EVEN: Final = 0.6  # beats in turn that differ more than this are a beat and what lies between
_FEW: Final = 0.2  # where less than this lies between beats, they may be all that is played: eighths
_EMPTY: Final = 20.0
_FILLED: Final = 0.65  # what lies between beats, if it is stronger than this, is beats
_REPEATS: Final = 6.0
_ALIKE: Final = 0.1  # of their mean: what differs less is noise
_OFF_BEAT: Final = 1.2
_WAYS: Final = (0.5, 0.4, 0.33)  # from an off-beat to the next beat: straight, swung, in triplets
_QUIET: Final = 0.02
_GROUP: Final = 4  # mel bands that are looked at as one
_DRUMS: Final = slice(0, 28)  # mel bands of kick and snare; hats are above
_BASS: Final = 8
_HARMONY: Final = slice(4, 34)
_NEAR: Final = np.arange(-2, 4)  # frames around a beat in which it may sound
_ATTACK_FRAMES: Final = 3
_HELD_PERCENT: Final = 30.0  # what sounds through a beat, drums being short
_SNARE: Final = 0.5


def octave(onsets: Onsets, frames: Doubles) -> float:
    """Octave correction: what the tempo of a chain of beats has to be multiplied by, 0.5, 1 or 2.

    Drums alternate within a bar and repeat from bar to bar: at the right octave a beat resembles the one four beats on,
    as much as the one eight beats on; kick and snare are on the beat, hats between.

    Args:
        onsets: Of the song.
        frames: The beats, in frames.
    """
    if len(frames) < _FEWEST_BEATS:
        return 1.0
    bpm = 60 * onsets.rate / float(np.median(np.diff(frames)))
    rise = _rise(onsets.bands)
    on, between = _at(rise, frames), _at(rise, _between(frames, 0.5))
    drums = on[:, _DRUMS].mean(axis=1)
    weak, strong = sorted((float(drums[::2].mean()), float(drums[1::2].mean())))
    filled = float(between[:, _DRUMS].mean()) / (float(drums.mean()) + 1e-9)
    groups = _grouped(on)
    groups = (groups - groups.mean(axis=0)) / (groups.std(axis=0) + _ALIKE * groups.mean(axis=0) + 1e-9)
    two_bars, bar = (_resemblance(groups, beats) for beats in (2 * METRE, METRE))
    scores = {1.0: _usual(bpm)}
    if bpm / 2 >= _SLOWEST_BPM:
        uneven = 1 - weak / (strong + 1e-9)
        empty = _EMPTY * uneven * max(0.0, _FEW - filled)
        scores[0.5] = _usual(bpm / 2) + _ACCENTS * (uneven - _EVEN) + empty + _REPEATS * (two_bars - bar)
    if bpm * 2 <= _FASTEST_BPM:
        scores[2.0] = _usual(bpm * 2) + _ACCENTS * (filled - _FILLED)
    return max(scores, key=lambda factor: scores[factor])


def off_beat(onsets: Onsets, frames: Doubles) -> float:
    """How far a chain of beats lies before the beat, in beats: 0, or about half of one where hats drew it away.

    Kick, and what changes within a bar, are on the beat. Swing makes the way there shorter than half a beat.
    """
    if len(frames) < _FEWEST_BEATS:
        return 0.0
    low, rise = onsets.low[:, None], _rise(onsets.bands)
    ways = [(float(_at(low, _between(frames, way)).mean()), way) for way in _WAYS]
    kick, way = max(ways)
    groups = [_grouped(_at(rise, at)) for at in (frames, _between(frames, way))]
    floor = _QUIET * sum(float(group.var()) for group in groups) + 1e-9
    here, there = (max(floor, _resemblance(group - group.mean(axis=0), METRE)) for group in groups)
    evidence = kick / (float(_at(low, frames).mean()) + 1e-9) * float(np.sqrt(there / here))
    return way if evidence > _OFF_BEAT else 0.0


def first_downbeat(onsets: Onsets, frames: Doubles) -> int:
    """Index, 0–3, of the first beat of a bar of four: kicks and new harmonies start bars, snares do not."""
    if len(frames) < 2 * METRE:
        return 0
    kick = _at(onsets.low[:, None], frames)[:, 0]
    snare = _at(_rise(onsets.bands), frames)[:, _BASS:].mean(axis=1)
    change = _harmonic_change(onsets.bands, frames)
    weight = kick / (kick.mean() + 1e-9) + change / (change.mean() + 1e-9) - _SNARE * snare / (snare.mean() + 1e-9)
    return int(np.argmax([weight[phase::METRE].mean() for phase in range(METRE)]))


def _harmonic_change(bands: Floats, frames: Doubles) -> Doubles:
    """How much the notes that are held differ from those of the beat before, shape (beats,)."""
    starts = np.clip(np.round(frames).astype(np.int64), 0, len(bands) - 1)
    ends = np.append(starts[1:], len(bands))
    notes = bands[:, _HARMONY]
    held = np.stack(
        [
            np.percentile(notes[min(start + _ATTACK_FRAMES, end - 1) : end], _HELD_PERCENT, axis=0)
            for start, end in zip(starts, np.maximum(ends, starts + 1), strict=True)
        ]
    )
    change = np.concatenate([[0.0], np.abs(np.diff(held, axis=0)).mean(axis=1)])
    return np.asarray(np.minimum(change, np.percentile(change, 90)), np.float64)  # an ending or a drop is no pattern


def _usual(bpm: float) -> float:
    rare = max(0.0, float(np.log2(bpm / _RARE_BPM)))
    return -0.5 * (float(np.log2(bpm / _USUAL_OCTAVE_BPM)) / _OCTAVE_SPREAD) ** 2 - _RARENESS * rare


def _rise(bands: Floats) -> Floats:
    rise = np.zeros_like(bands)
    np.maximum(bands[2:] - bands[:-2], 0, out=rise[2:])
    return rise


def _at(rows: Floats, frames: Doubles) -> Floats:
    """The largest value of each column near each of the frames, shape (beats, columns)."""
    near = np.clip(np.round(frames).astype(np.int64)[:, None] + _NEAR, 0, len(rows) - 1)
    return np.asarray(rows[near].max(axis=1), np.float32)


def _between(frames: Doubles, way: float) -> Doubles:
    return np.asarray(frames[:-1] + way * np.diff(frames), np.float64)


def _grouped(at: Floats) -> Floats:
    return np.asarray(at.reshape(len(at), -1, _GROUP).mean(axis=2), np.float32)


def _resemblance(groups: Floats, beats: int) -> float:
    """Mean product of each beat and the one so many beats on."""
    return float((groups[: len(groups) - beats] * groups[beats:]).mean())


_TEMPI: Final = 70
_ONSET: Final = 0.2  # what any onset adds to the likelihood of a beat, 0–1: the network has heard no bare clicks
_USUAL_BPM: Final = 120.0
_USUAL_OCTAVES: Final = 0.75
_STEADINESS: Final = 120.0  # how dearly a change of tempo is paid
_ON_BEAT: Final = 16  # the first 1/16 of a beat is where its onset is expected
_SHORTEST_S: Final = 2.0
_SILENT: Final = 10 ** (-50 / 20)  # of the song's loudest frame
_EARLY_FRAMES: Final = 4  # a beat at time 0 may be seen this much before it
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
        return self.beats_s[self.first_downbeat :: METRE]


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
    return Beats(beats, first_downbeat(onsets, beats_s * onsets.rate), _tempo(beats_s))


def _beat_frames(onsets: Onsets) -> Doubles:
    """The beats in frames, between silences as well; none if nothing comes back regularly."""
    periods = _periods(onsets.rate)
    if measure_rhythm(onsets) < _RHYTHM:
        return np.empty(0)
    sounding = np.clip(onsets.strength / (np.percentile(onsets.strength, 98) + 1e-9), 0, 1)
    likely = np.minimum(beat_activation(onsets.bands) + _ONSET * sounding, 1)
    tempi = _tempo_weights(Onsets(likely, onsets.low, onsets.bands, onsets.rate), periods)
    if tempi is None:
        return np.empty(0)
    starts, lengths = _best_chain(likely, periods, tempi)
    usual = float(np.median(lengths)) / octave(onsets, starts.astype(np.float64))
    near = np.abs(np.log2(periods / usual)) <= _NEAR_OCTAVES
    starts, lengths = _best_chain(likely, periods[near], tempi[near])
    way = off_beat(onsets, starts.astype(np.float64))
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


def _best_chain(likely: Floats, periods: Integers, tempi: Doubles) -> tuple[Integers, Integers]:
    """The most likely chain of beats: start frames and lengths in frames, in time order (exact Viterbi).

    The first beat may have begun before frame 0 and the last may end after the sound.
    """
    frames, before = len(likely), int(periods[-1])
    count = len(periods)
    score_of = _BeatScore(likely, periods, before)
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

    A frame in the first sixteenth of a beat should be likely to be one, the others should not.
    """

    def __init__(self, likely: Floats, periods: Integers, before: int) -> None:
        active = likely.astype(np.float64) * 0.96 + 0.02
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
