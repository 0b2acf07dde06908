"""How loud a sound is, as broadcasters measure it."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.filter.context import FilterContext

from nemo_notebook.media.decode import sound_blocks
from nemo_notebook.media.opening import open_media

_QUIETEST_LUFS: Final = -60.0
_RATE: Final = 48_000


def integrated_lufs(path: Path, filename: str, longest_s: float) -> float | None:
    """Integrated loudness by EBU R 128 (ITU-R BS.1770 with gates), measured by FFmpeg; None for silence.

    Args:
        path: The file.
        filename: What people call it, for messages.
        longest_s: So much of it is measured, in seconds.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it.
    """
    with open_media(path, filename) as container:
        alone = bool(container.streams.audio) and container.streams.audio[0].codec_context.channels == 1
    layout = "mono" if alone else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=_RATE, format="flt", layout=layout, time_base=Fraction(1, _RATE))
    # One channel is played by two loudspeakers.
    meter, sink = graph.add("ebur128", "metadata=1:dualmono=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    told, done = "", 0
    for block in sound_blocks(path, filename, layout, _RATE, longest_s):
        block.pts = done
        done += block.samples
        source.push(block)
        told = _read(sink) or told
    lufs = float(told) if told else -math.inf
    return round(lufs, 2) if lufs > _QUIETEST_LUFS else None


def _read(sink: FilterContext) -> str:
    """The newest reading of the meter; empty where there is none."""
    told = ""
    while True:
        try:
            told = sink.pull().metadata.get("lavfi.r128.I", told)
        except (BlockingIOError, av.error.EOFError):
            return told
