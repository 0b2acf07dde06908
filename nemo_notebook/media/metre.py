"""How beats make bars: which octave of the tempo, beat or off-beat, and where bars start.

All three look at the song beat by beat. Drums alternate within a bar and repeat from bar to bar: at the right octave a
beat resembles the one four beats on, as much as the one eight beats on; kick and snare are on the beat, hats between.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.media.onsets import Floats, Onsets

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

METRE: Final = 4
_FEWEST_BEATS: Final = 4 * METRE
_SLOWEST_BPM: Final = 55.0
_FASTEST_BPM: Final = 215.0
_USUAL_BPM: Final = 110.0
_USUAL_OCTAVES: Final = 0.6
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
    """What the tempo of a chain of beats has to be multiplied by: 0.5, 1 or 2.

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
    return -0.5 * (float(np.log2(bpm / _USUAL_BPM)) / _USUAL_OCTAVES) ** 2 - _RARENESS * rare


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
