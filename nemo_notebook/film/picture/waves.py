"""What is heard, drawn: waveforms under their volume, and the places of beats."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from nemo_notebook.film.draft import Segment
from nemo_notebook.film.known import Playing, Sound, Sounds, meta
from nemo_notebook.film.picture.axis import Scale, num
from nemo_notebook.film.picture.blocks import Block
from nemo_notebook.outside import finite

_BAR: Final = 3.0  # from one bar of a waveform to the next, in units of the picture
_LINED: Final = 20.0  # narrower blocks have no line for their volume
_NEAREST: Final = 5.0  # beats closer together are not told apart
_NEARLY_MS: Final = 0.5  # frames are no whole milliseconds
_MOST_BARS: Final = 240  # of a lane; more only where sounds overlap
_MOST_LINE: Final = 1_500  # characters, likewise
_CURVE: Final = (6, 4.0)  # a fade has at most so many straight pieces, none shorter than that
_MEANT: Final = (0.9, 0.5)  # how high a downbeat and a beat stand where no waveform is known


@dataclass(frozen=True, slots=True)
class BeatPlaces:
    """Where beats lie, in units of the picture; empty where they lie too close."""

    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.beats or self.downbeats)


def beat_places(segments: Iterable[Segment], sounds: Sounds, scale: Scale) -> BeatPlaces:
    """The beats of the sounds of a lane, each within its own segment; those that begin a bar apart from the others."""
    beats: set[float] = set()
    downs: set[float] = set()
    for segment in segments:
        sound = sounds.of(segment)
        if sound is None:
            continue
        for moments, places in ((sound.beats_ms, beats), (sound.downbeats_ms, downs)):
            places.update(_places(segment, moments, scale))
    return BeatPlaces(_apart(beats - downs, beats | downs), _apart(downs, downs))


def waves(blocks: Sequence[Block], sounds: Sounds, scale: Scale, top: float, height: float) -> list[str]:
    """Waveforms as bars, as high as the sound is loud there, and its volume as a line above them."""
    bars: list[str] = []
    lines: list[str] = []
    for block in blocks:
        if block.segment is None or block.width < 3 * _BAR:
            continue
        sound, volume = sounds.of(block.segment), _Volume.of(block.segment)
        if block.width >= _LINED and sum(map(len, lines)) < _MOST_LINE:
            lines.append(_line(block, volume, scale, top, height))
        for x, level in _levels(block, sound, scale) if sound and len(bars) < _MOST_BARS else ():
            tall = max(1.0, (height - 2) * level * volume.at((x - scale.left) / scale.per_ms))
            bars.append(f"M{num(x)} {num(top + height)}v-{num(tall)}")
    drawn = (
        ('stroke="#7fe0bd" stroke-opacity=".75" stroke-width="2"', bars),
        ('stroke="#fff" stroke-opacity=".6"', lines),
    )
    return [f'<path {how} fill="none" d="{"".join(paths)}"/>' for how, paths in drawn if paths]


@dataclass(frozen=True, slots=True)
class _Volume:
    """How high a segment's volume stands over time, with its fades; 0–1. Half as loud is more than half as high."""

    start_ms: float
    end_ms: float
    level: float
    fade_in_ms: float
    fade_out_ms: float

    @classmethod
    def of(cls, segment: Segment) -> _Volume:
        own, level = meta(segment), 1.0 if segment.volume is None else min(max(segment.volume, 0.0), 1.0)
        fades = [min(max(finite(own.get(k)) or 0.0, 0.0), segment.duration_ms) for k in ("fade_in_ms", "fade_out_ms")]
        return cls(segment.start_ms, segment.end_ms, level, *fades)

    def at(self, time_ms: float) -> float:
        come = (time_ms - self.start_ms) / self.fade_in_ms if self.fade_in_ms else 1.0
        go = (self.end_ms - time_ms) / self.fade_out_ms if self.fade_out_ms else 1.0
        return math.sqrt(self.level * max(0.0, min(come, go, 1.0)))


def _line(block: Block, volume: _Volume, scale: Scale, top: float, height: float) -> str:
    """The volume from the first to the last moment; fades are curves."""
    come = [volume.start_ms + volume.fade_in_ms * step for step in _steps(volume.fade_in_ms * scale.per_ms)]
    go = [volume.end_ms - volume.fade_out_ms * step for step in _steps(volume.fade_out_ms * scale.per_ms)]
    times = sorted({volume.start_ms, *come, *go, volume.end_ms})
    last = block.x + block.width - 1
    points = [(min(scale.x(ms), last), top + height - 1 - (height - 2) * volume.at(ms)) for ms in times]
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)


def _steps(width: float) -> list[float]:
    """Where the pieces of a curve of that width meet, 0–1: closer together where it is steep."""
    pieces = max(1, min(_CURVE[0], int(width / _CURVE[1])))
    return [(step / pieces) ** 2 for step in range(pieces + 1)]


def _levels(block: Block, sound: Sound, scale: Scale) -> Iterable[tuple[float, float]]:
    """Where the bars of a block stand and how high, 0–1: from the waveform, else from the beats."""
    segment = block.segment
    assert segment is not None
    if not (sound.peaks and sound.duration_ms):
        downs = _places(segment, sound.downbeats_ms, scale)
        beats = _places(segment, sound.beats_ms, scale) - downs
        places = _apart(beats, beats | downs)
        return [(x, _MEANT[x not in downs]) for x in sorted({*places, *_apart(downs, downs)})]
    each_ms, playing = sound.duration_ms / len(sound.peaks), Playing.of(segment)
    step_ms = _BAR / scale.per_ms * playing.speed
    found: list[tuple[float, float]] = []
    for k in range(int((block.width - 2) / _BAR)):
        x = block.x + 2 + k * _BAR
        first_ms = playing.moment_at((x - scale.left) / scale.per_ms)
        span = sound.peaks[max(0, int(first_ms / each_ms)) : max(0, int((first_ms + step_ms) / each_ms)) + 1]
        if span and first_ms + step_ms >= 0:
            found.append((x, max(span) / 100))
    return found


def _places(segment: Segment, moments_ms: Sequence[float], scale: Scale) -> set[float]:
    """Where moments of a sound, in order, lie that a segment plays; to a tenth of the picture's units."""
    playing = Playing.of(segment)
    first = bisect_left(moments_ms, playing.moment_at(segment.start_ms - _NEARLY_MS))
    last = bisect_right(moments_ms, playing.moment_at(segment.end_ms + _NEARLY_MS))
    return {round(scale.x(playing.time_of(moment)), 1) for moment in moments_ms[first:last]}


def _apart(places: set[float], among: set[float]) -> tuple[float, ...]:
    """The places in order, or none if they lie too close together to be told apart."""
    ordered = sorted(among)
    gaps = sorted(after - before for before, after in pairwise(ordered))
    return tuple(sorted(places)) if not gaps or gaps[len(gaps) // 2] >= _NEAREST else ()
