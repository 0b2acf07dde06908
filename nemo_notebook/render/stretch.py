"""Sound played faster or slower at the same pitch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, chain
from operator import mul
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext

from nemo_notebook.render.layers import SOUND_RATE

Samples = npt.NDArray[np.float32]

_MOST: Final = 2.0  # in one step: beyond, the filter leaves sound out in place of overlapping it
_WINDOW: Final = 2048  # samples, of the filter at 48 kHz
_EARLY: Final = 614  # samples by which each step is heard too early, measured: between none and half its first window


def stretched(blocks: Iterator[Samples], speed: float) -> Iterator[Samples]:
    """Plays blocks of shape (n, 2) at 48 kHz `speed` times as fast, some at a time."""
    steps = tuple(_steps(speed))
    graph = Graph()
    source = graph.add_abuffer(sample_rate=SOUND_RATE, format="flt", layout="stereo", time_base=Fraction(1, SOUND_RATE))
    last = source
    for step in steps:
        tempo = graph.add("atempo", f"{step:.9f}")
        last.link_to(tempo)
        last = tempo
    sink = graph.add("abuffersink")
    last.link_to(sink)
    graph.configure()
    at = 0
    lead = np.zeros((_lead(steps), 2), np.float32)
    for block in chain([lead], blocks, [np.zeros((_WINDOW, 2), np.float32)]):
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        at += len(block)
        source.push(frame)
        yield from _ready(sink)
    source.push(None)
    yield from _ready(sink)


def _steps(speed: float) -> Iterator[float]:
    """Factors of 0.5–2 whose product is the speed."""
    while speed > _MOST:
        yield _MOST
        speed /= _MOST
    while speed < 1 / _MOST:
        yield 1 / _MOST
        speed *= _MOST
    yield speed


def _lead(steps: Sequence[float]) -> int:
    """Samples of silence that go first, so that what is heard is in step."""
    return round(_EARLY * sum(accumulate(steps[:-1], mul, initial=1.0)))


def _ready(sink: FilterContext) -> Iterator[Samples]:
    while True:
        try:
            frame = sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield np.asarray(frame.to_ndarray().reshape(-1, 2), np.float32)
