"""Cache of shots and mixes: their keys and paths, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from nemo_notebook.extensions import extension_versions
from nemo_notebook.files import disk_full, is_full, replace_durably
from nemo_notebook.render.formats import Output
from nemo_notebook.render.layers import SOUND_RATE, Shot, SoundPlan, as_json

if TYPE_CHECKING:
    from nemo_notebook.music.dsp import Samples


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name to write to; it becomes `path` when the block ends well and vanishes otherwise.

    Two processes may write the same file at once: each has a name of its own, and the later one wins.

    Raises:
        DiskFull: The disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex[:8]}.part")
    try:
        yield part
        replace_durably(part, path)
    except OSError as error:  # FFmpeg's errors of the system are OSErrors too
        if is_full(error):
            written_bytes = part.stat().st_size if part.exists() else 0
            raise disk_full("what is rendered", path, written_bytes, at_least=True) from error
        raise
    finally:
        part.unlink(missing_ok=True)


SHOT_VERSION: Final = 6  # raise it when the same shot would come out as another picture
SOUND_VERSION: Final = 5  # likewise for the mix
# Where a thing is says nothing about how it looks.
_PLACES: Final = frozenset({"path", "cover_path", "name", "first_frame"})
_ONLY_IF_GIVEN: Final = frozenset({"x", "y"})  # what came later counts where it is used: other shots keep their keys


@lru_cache(maxsize=1)
def drawn_with() -> tuple[str, ...]:
    """The versions of the libraries that pictures and sound depend on: others give others, a little."""
    found = []
    for name in ("av", "numpy", "pillow"):
        with contextlib.suppress(PackageNotFoundError):  # it may be there in another way than as a wheel
            found.append(f"{name} {version(name)}")
    return (*found, *extension_versions())


def shot_key(shot: Shot, output: Output, spectrum_digest: str = "") -> str:
    """Hash of all that is seen in a shot; where it lies on the timeline does not count.

    Args:
        shot: The shot.
        output: Size, rate and quality; the container does not count.
        spectrum_digest: Digest of the spectrum's slice, for a shot that is drawn from the sound.
    """
    form = (output.quality, output.width, output.height, output.fps)
    return _hash(["shot", SHOT_VERSION, drawn_with(), form, as_json(shot), spectrum_digest])


def sound_key(plan: SoundPlan) -> str:
    """Hash of all that is heard in a film; of a mix, which is kept without one, a loudness does not count."""
    heard = {key: value for key, value in as_json(plan).items() if key != "lufs" or value is not None}
    return _hash(["sound", SOUND_VERSION, drawn_with(), heard])


def _hash(value: object) -> str:
    text = json.dumps(_placeless(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def _placeless(value: object) -> object:
    if isinstance(value, Mapping):
        seen = {key: item for key, item in value.items() if key not in _PLACES}
        return {k: _placeless(item) for k, item in seen.items() if item is not None or k not in _ONLY_IF_GIVEN}
    if isinstance(value, (tuple, list)):
        return [_placeless(item) for item in value]
    return value


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
