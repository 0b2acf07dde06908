"""Where the mix of a film is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nemo_notebook.render.keys import sound_key
from nemo_notebook.render.layers import SOUND_RATE, SoundPlan

if TYPE_CHECKING:
    from nemo_notebook.render.tape import Samples

_FRAME_BYTES: Final = 8  # two float32
_PEAK_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Mix:
    """The mix on disk.

    It is kept as if the loudest sound had its full volume, so that all may be turned up and down without mixing again,
    and without another picture of what is drawn from it.

    Attributes:
        raw: float32 stereo samples at 48 kHz, without a header; they may pass 1.
        peaks: Their true peaks, a float32 a millisecond, as a NumPy array.
        gain: Factor to the volume that is meant.
        length: Its samples.
        lufs: As in `SoundPlan`, of what is written of it.
    """

    raw: Path
    peaks: Path
    gain: float
    length: int
    lufs: tuple[float, float] | None = None

    @classmethod
    def of(cls, plan: SoundPlan, folder: Path) -> Mix:
        """Where the mix of a plan is kept."""
        key = sound_key(at_full(plan))
        return cls(folder / f"{key}.f32", folder / f"{key}.peaks.npy", _loudest(plan), plan.samples, plan.lufs)

    @property
    def exists(self) -> bool:
        """Whether both files are there and as long as they should be: a machine that goes off may leave less."""
        try:
            return (
                self.raw.stat().st_size == _FRAME_BYTES * self.length
                and self.peaks.stat().st_size >= _PEAK_BYTES * self.length // (SOUND_RATE // 1000)
            )
        except OSError:
            return False

    def samples(self) -> Samples:
        """The mix, shape (n, 2), read from disk as it is used."""
        import numpy as np

        return np.memmap(self.raw, np.float32, mode="r").reshape(-1, 2)


def _loudest(plan: SoundPlan) -> float:
    return max((sound.gain for sound in plan.sounds), default=1.0)


def at_full(plan: SoundPlan) -> SoundPlan:
    """A plan whose loudest sound has its full volume, whatever its loudness is to be."""
    loudest = _loudest(plan)
    sounds = tuple(replace(sound, gain=sound.gain / loudest) for sound in plan.sounds)
    return SoundPlan(plan.samples, sounds)
