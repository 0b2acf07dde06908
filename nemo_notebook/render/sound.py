"""The film's sound: mixed once, as long as the picture to the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nemo_notebook.render.dynamics import Floats, at_samples, levels_db, presence, true_peaks
from nemo_notebook.render.files import whole_file
from nemo_notebook.render.layers import Sound, SoundPlan
from nemo_notebook.render.mix_files import Mix, at_full
from nemo_notebook.render.tape import Samples, Tape

CEILING: Final = 10 ** (-1 / 20)  # −1 dBTP, of every file as it is decoded
BLOCK: Final = 48 * 5000  # samples at once, a whole number of milliseconds

Progress = Callable[[float], None]
Presences = dict[bool, Floats]
"""How much is spoken at each moment: for music, by clips and voice-overs; for clips (true), by voice-overs alone."""


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
        full = at_full(plan)
        with whole_file(mix.peaks) as peaks, whole_file(mix.raw) as raw:
            found = _write(raw, full, _presences(full, lambda done: progress(0.5 * done)), progress)
            with peaks.open("wb") as file:
                np.save(file, found)
    progress(1.0)
    return mix


def _presences(plan: SoundPlan, progress: Progress) -> Presences:
    voices = [sound for sound in plan.sounds if sound.voice]
    found: Presences = {}
    for is_voice, heard in ((False, voices), (True, [sound for sound in voices if sound.duck >= 1])):
        if heard and any(sound.duck < 1 and sound.voice == is_voice for sound in plan.sounds):
            levels = [levels_db(block) for block in _play(heard, plan.samples, {}, progress)]
            found[is_voice] = presence(np.concatenate(levels))
    return found


def _write(path: Path, plan: SoundPlan, away: Presences, progress: Progress) -> Floats:
    """Writes the samples and gives their peaks."""
    peaks = [np.zeros(0, np.float32)]
    with path.open("wb") as file:
        for block in _play(plan.sounds, plan.samples, away, progress):
            file.write(block.tobytes())
            peaks.append(true_peaks(block, CEILING))
    return np.concatenate(peaks)


def _play(sounds: Sequence[Sound], samples: int, away: Presences, progress: Progress) -> Iterator[Samples]:
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
            if sound.duck < 1 and sound.voice in away:
                spoken = at_samples(away[sound.voice], start, stop - start)
                heard *= (1 - (1 - np.float32(sound.duck)) * spoken)[:, None]
            block[start - first : stop - first] += heard
        playing = [(sound, tape) for sound, tape in playing if sound.start + sound.samples > end]
        yield block
        progress(end / samples)
