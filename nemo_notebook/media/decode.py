"""Sound out of any accepted file, as one row of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.container import InputContainer

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media.opening import MAX_DURATION_S, open_media

ANALYSIS_RATE: Final = 22050


def mono(
    path: Path, filename: str, rate: int = ANALYSIS_RATE, longest_s: float = MAX_DURATION_S
) -> npt.NDArray[np.float32]:
    """Decodes a file's first sound stream, mixed down and resampled.

    FFmpeg drops the encoder's delay (MP3, AAC), so sample 0 is where the song starts. Damaged packets are left out, as
    players do.

    Args:
        path: The file.
        filename: What people call it, for messages.
        rate: Samples per second of the result, in Hz.
        longest_s: The most that is read, in seconds.

    Returns:
        Samples, shape (n,), in −1…1.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it, or none that decodes.
    """
    blocks = [block.to_ndarray().reshape(-1) for block in sound_blocks(path, filename, "mono", rate, longest_s)]
    if not blocks:
        raise UnsupportedMedia(f"{filename}: its sound does not decode; the file is damaged.")
    return np.concatenate(blocks)[: int(longest_s * rate)].astype(np.float32, copy=False)


def sound_blocks(path: Path, filename: str, layout: str, rate: int, longest_s: float) -> Iterator[AudioFrame]:
    """A file's first sound stream, block by block, as interleaved floats at a rate and with the channels of a layout.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it.
    """
    left = int(longest_s * rate)
    with open_media(path, filename) as container:
        if not container.streams.audio:
            raise UnsupportedMedia(f"{filename} has no sound.")
        resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
        for frame in chain(_frames(container), [None]):  # None: what the resampler still holds
            for block in resampler.resample(frame):
                yield block
                left -= block.samples
            if left <= 0:
                return


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    for packet in container.demux(container.streams.audio[0]):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        yield from (frame for frame in frames if isinstance(frame, AudioFrame))
