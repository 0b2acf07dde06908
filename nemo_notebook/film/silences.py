"""Silent stretches of what lies on the timeline, in frames of the film."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from nemo_notebook.film.drafting import Draft, end_of, in_ms_of, meta, speed_of, start_of, to_frame
from nemo_notebook.film.layout import SHORTEST_SHOT
from nemo_notebook.film.model import FPS, MediaItem

Stretch = tuple[int, int]
_LEAST: Final = 6  # frames that are worth a cut


def dead_stretches(part: Draft, item: MediaItem | None, longest_ms: float, keep_ms: float) -> list[Stretch]:
    """The silence in a clip or a voice recording that is too long, without what is kept of it on either side.

    A clip that is silent from its start to its end is left alone: it is there to be seen.
    """
    start, end = to_frame(start_of(part)), to_frame(end_of(part))
    dead: list[Stretch] = []
    for at_ms, to_ms in _silences(part, item):
        if to_ms - at_ms <= longest_ms:
            continue
        first = math.ceil(round((at_ms + keep_ms) * FPS / 1000, 3)) if at_ms > start_of(part) else start
        last = math.floor(round((to_ms - keep_ms) * FPS / 1000, 3)) if to_ms < end_of(part) else end
        first = start if first - start < SHORTEST_SHOT else first
        last = end if end - last < SHORTEST_SHOT else last
        is_whole = (first, last) == (start, end) and meta(part).get("role") == "clip"
        if last - first >= _LEAST and not is_whole:
            dead.append((first, last))
    return dead


def spoken_stretches(part: Draft, item: MediaItem | None) -> list[Stretch]:
    """The stretches of a voice recording that are no silence."""
    silent = [(math.ceil(a * FPS / 1000), math.floor(b * FPS / 1000)) for a, b in _silences(part, item)]
    return list(_rest((to_frame(start_of(part)), to_frame(end_of(part))), silent))


def without(stretches: Iterable[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """What is left of some stretches where none of the others is, if it is worth a cut."""
    left = (rest for stretch in stretches for rest in _rest(stretch, others))
    return [(first, last) for first, last in left if last - first >= _LEAST]


def _rest(stretch: Stretch, others: Sequence[Stretch]) -> Iterator[Stretch]:
    at, end = stretch
    for first, last in sorted(others):
        if first >= end or last <= at:
            continue
        if first > at:
            yield at, first
        at = max(at, last)
    if at < end:
        yield at, end


def _silences(part: Draft, item: MediaItem | None) -> Iterator[tuple[float, float]]:
    """The silences of the upload that are heard in a part, in milliseconds of the film."""
    start, speed, begin, end = in_ms_of(part), speed_of(part), start_of(part), end_of(part)
    for first, last in item.silences_ms if item is not None else ():
        at = max(begin, begin + (first - start) / speed)
        to = min(end, begin + (last - start) / speed)
        if to > at:
            yield at, to
