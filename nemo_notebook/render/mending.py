"""What became of the cache: files that a failing disk or a machine that went off has damaged are thrown away."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np

from nemo_notebook.render.join import MOST_MISSING_S, UNDECODED
from nemo_notebook.render.layers import SOUND_RATE
from nemo_notebook.render.mix_files import Mix


def drop_damaged(shots: Sequence[tuple[Path, int]], track: Path | None, mix: Mix) -> int:
    """Removes those files of an export that do not hold what they should, so that they are made again.

    Args:
        shots: Files of `render_shot` with their numbers of frames; one that is gone counts as removed.
        track: The sound as it is joined, or None.
        mix: The mix, beside which its spectra are.

    Returns:
        How many were removed.
    """
    dropped = sum(_drop_unless(path, partial(_has_frames, path, count)) for path, count in shots)
    if track is not None and track.exists():
        dropped += _drop_unless(track, partial(_lasts, track, Fraction(mix.length, SOUND_RATE)))
    if mix.peaks.exists():
        dropped += _drop_unless(mix.peaks, lambda: mix.exists and np.load(mix.peaks, allow_pickle=False).ndim == 1)
    spectra = sorted(mix.raw.parent.glob(f"{mix.raw.stem}-*.npz"))
    return dropped + sum(_drop_unless(path, partial(_is_whole_archive, path)) for path in spectra)


def _drop_unless(path: Path, holds: Callable[[], bool]) -> int:
    """1 if the file was damaged or gone, else 0."""
    with contextlib.suppress(av.error.FFmpegError, OSError, ValueError, EOFError, zipfile.BadZipFile):
        if holds():
            return 0
    with contextlib.suppress(OSError):  # another export was quicker
        path.unlink()
    return 1


def _has_frames(path: Path, count: int) -> bool:
    with av.open(str(path), stream_options=[UNDECODED]) as shot:  # type: ignore[list-item]  # the stubs are wrong
        return sum(1 for packet in shot.demux(video=0) if packet.size) == count


def _lasts(path: Path, length_s: Fraction) -> bool:
    with av.open(str(path)) as track:
        ends = [(packet.pts or 0) * packet.time_base for packet in track.demux(audio=0) if packet.size]
    return max(ends, default=Fraction(0)) >= length_s - MOST_MISSING_S


def _is_whole_archive(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return archive.testzip() is None
