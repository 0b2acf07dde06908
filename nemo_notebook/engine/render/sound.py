"""The film's sound: mixed once, never too loud, as long as the picture to the sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame

from nemo_notebook.engine.render.files import whole_file
from nemo_notebook.engine.render.layers import SOUND_RATE, Sound, SoundPlan
from nemo_notebook.engine.render.tape import Samples, Tape
from nemo_notebook.errors import RenderFailed

CEILING: Final = 10 ** (-1 / 20)  # −1 dBFS, as decoded from the film
_HEADROOM: Final = 10 ** (-1.5 / 20)  # what is encoded stays lower: AAC overshoots
_BIT_RATE: Final = 192_000
_BLOCK: Final = 1024 * 256
_ATTEMPTS: Final = 4

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Mix:
    """The mix on disk.

    Attributes:
        raw: float32 stereo samples at 48 kHz, without a header.
        aac: The same as AAC in an M4A.
    """

    raw: Path
    aac: Path

    @classmethod
    def at(cls, folder: Path, key: str) -> Mix:
        """Where the mix with this key is kept."""
        return cls(folder / f"{key}.f32", folder / f"{key}.m4a")

    @property
    def exists(self) -> bool:
        """Whether both files are there."""
        return self.raw.is_file() and self.aac.is_file()

    def samples(self) -> Samples:
        """The mix, shape (n, 2), read from disk as it is used."""
        return np.memmap(self.raw, np.float32, mode="r").reshape(-1, 2)


def mix_sound(plan: SoundPlan, mix: Mix, progress: Progress) -> None:
    """Mixes and encodes; does nothing if the mix is there.

    Raises:
        NemoError: A source is missing or unreadable, or the disk is full.
    """
    if mix.exists:
        return
    with whole_file(mix.raw) as raw:
        peak = _mix_to(raw, plan, lambda done: progress(0.5 * done))
        if peak > _HEADROOM:
            _turn_down(raw, _HEADROOM / peak)
        with whole_file(mix.aac) as aac:
            for _ in range(_ATTEMPTS):
                _encode(raw, aac, plan.samples, lambda done: progress(0.5 + 0.4 * done))
                loudest = decoded_peak(aac)
                if loudest <= CEILING:
                    break
                _turn_down(raw, 0.98 * CEILING / loudest)
            else:
                raise RenderFailed("The sound could not be encoded without distortion.", hint="Turn a volume down.")
    progress(1.0)


def decoded_peak(path: Path) -> float:
    """The largest sample of an encoded sound, as a player hears it."""
    peak = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            peak = max(peak, float(np.abs(frame.to_ndarray()).max(initial=0.0)))
    return peak


def _mix_to(path: Path, plan: SoundPlan, progress: Progress) -> float:
    """Adds all sounds up block by block and returns the peak."""
    waiting = sorted(plan.sounds, key=lambda sound: sound.start, reverse=True)
    playing: list[tuple[Sound, Tape]] = []
    peak = 0.0
    with path.open("wb") as file:
        for first in range(0, plan.samples, _BLOCK):
            block = np.zeros((min(_BLOCK, plan.samples - first), 2), np.float32)
            end = first + len(block)
            while waiting and waiting[-1].start < end:
                sound = waiting.pop()
                playing.append((sound, Tape(sound)))
            for sound, tape in playing:
                start, stop = max(first, sound.start), min(end, sound.start + sound.samples)
                block[start - first : stop - first] += tape.take(stop - start)
            playing = [(sound, tape) for sound, tape in playing if sound.start + sound.samples > end]
            peak = max(peak, float(np.abs(block).max()))
            file.write(block.tobytes())
            progress(end / plan.samples)
    return peak


def _turn_down(path: Path, factor: float) -> None:
    samples = np.memmap(path, np.float32, mode="r+")
    for first in range(0, len(samples), _BLOCK):
        samples[first : first + _BLOCK] *= factor
    samples.flush()


def _encode(raw: Path, path: Path, count: int, progress: Progress) -> None:
    samples = np.memmap(raw, np.float32, mode="r").reshape(-1, 2)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        stream.bit_rate = _BIT_RATE
        for first in range(0, count, _BLOCK):
            block = np.ascontiguousarray(samples[first : first + _BLOCK].T)
            frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, first, Fraction(1, SOUND_RATE)
            container.mux(stream.encode(frame))
            progress(min(1.0, (first + _BLOCK) / count))
        container.mux(stream.encode(None))
