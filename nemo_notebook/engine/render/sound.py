"""The film's sound: mixed once, as long as the picture to the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from nemo_notebook.engine.render.dynamics import Floats, at_samples, levels_db, presence, true_peaks
from nemo_notebook.engine.render.files import whole_file
from nemo_notebook.engine.render.layers import Sound, SoundPlan, sound_key
from nemo_notebook.engine.render.tape import Samples, Tape

CEILING: Final = 10 ** (-1 / 20)  # −1 dBTP, of every file as it is decoded
BLOCK: Final = 48 * 5000  # samples at once, a whole number of milliseconds

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Mix:
    """The mix on disk.

    It is kept as if the loudest sound had its full volume, so that all may be turned up and down without mixing again,
    and without another picture of what is drawn from it.

    Attributes:
        raw: float32 stereo samples at 48 kHz, without a header; they may pass 1.
        peaks: Their true peaks, a float32 a millisecond, as a NumPy array.
        gain: Factor to the volume that is meant.
    """

    raw: Path
    peaks: Path
    gain: float

    @classmethod
    def of(cls, plan: SoundPlan, folder: Path) -> Mix:
        """Where the mix of a plan is kept."""
        key = sound_key(_at_full(plan))
        return cls(folder / f"{key}.f32", folder / f"{key}.peaks.npy", _loudest(plan))

    @property
    def exists(self) -> bool:
        """Whether both files are there."""
        return self.raw.is_file() and self.peaks.is_file()

    def samples(self) -> Samples:
        """The mix, shape (n, 2), read from disk as it is used."""
        return np.memmap(self.raw, np.float32, mode="r").reshape(-1, 2)


def mix_sound(plan: SoundPlan, folder: Path, progress: Progress) -> Mix:
    """Mixes; does nothing if the mix is there.

    Raises:
        NemoError: A source is missing or unreadable, or the disk is full.
    """
    mix = Mix.of(plan, folder)
    if mix.exists:
        mix.raw.touch()  # the cache keeps what was used last
        mix.peaks.touch()
    else:
        full = _at_full(plan)
        with whole_file(mix.peaks) as peaks, whole_file(mix.raw) as raw:
            away = None
            if any(sound.voice for sound in full.sounds) and any(_gives_way(sound) for sound in full.sounds):
                away = presence(_voice_levels(full, lambda done: progress(0.5 * done)))
            found = _write(raw, full, away, progress)
            with peaks.open("wb") as file:
                np.save(file, found)
    progress(1.0)
    return mix


def _loudest(plan: SoundPlan) -> float:
    return max((sound.gain for sound in plan.sounds), default=1.0)


def _at_full(plan: SoundPlan) -> SoundPlan:
    loudest = _loudest(plan)
    return replace(plan, sounds=tuple(replace(sound, gain=sound.gain / loudest) for sound in plan.sounds))


def _gives_way(sound: Sound) -> bool:
    return sound.duck < 1 and not sound.voice


def _voice_levels(plan: SoundPlan, progress: Progress) -> Floats:
    voices = tuple(sound for sound in plan.sounds if sound.voice)
    return np.concatenate([levels_db(block) for block in _play(voices, plan.samples, None, progress)])


def _write(path: Path, plan: SoundPlan, away: Floats | None, progress: Progress) -> Floats:
    """Writes the samples and gives their peaks."""
    peaks = [np.zeros(0, np.float32)]
    with path.open("wb") as file:
        for block in _play(plan.sounds, plan.samples, away, progress):
            file.write(block.tobytes())
            peaks.append(true_peaks(block, CEILING))
    return np.concatenate(peaks)


def _play(sounds: Sequence[Sound], samples: int, away: Floats | None, progress: Progress) -> Iterator[Samples]:
    """The sum of all sounds, block by block; `away` is how much those that are ducked give way."""
    waiting = sorted(sounds, key=lambda sound: sound.start, reverse=True)
    playing: list[tuple[Sound, Tape]] = []
    for first in range(0, samples, BLOCK):
        block = np.zeros((min(BLOCK, samples - first), 2), np.float32)
        end = first + len(block)
        while waiting and waiting[-1].start < end:
            sound = waiting.pop()
            playing.append((sound, Tape(sound)))
        for sound, tape in playing:
            start, stop = max(first, sound.start), min(end, sound.start + sound.samples)
            heard = tape.take(stop - start)
            if away is not None and _gives_way(sound):
                heard *= (1 - (1 - np.float32(sound.duck)) * at_samples(away, start, stop - start))[:, None]
            block[start - first : stop - first] += heard
        playing = [(sound, tape) for sound, tape in playing if sound.start + sound.samples > end]
        yield block
        progress(end / samples)
