"""Parts of a song by what is heard: where the drop, the chorus or the end begins."""

from __future__ import annotations

from typing import Final, Literal

from nemo_notebook.film.model import MediaItem

Part = Literal["chorus", "drop", "intro", "end"]
PART_NAMES: Final = {
    "chorus": ("the loudest part", "最响的部分"),
    "drop": ("the drop", "高潮"),
    "intro": ("the beginning", "开头"),
    "end": ("the last part", "最后一段"),
}
_USUAL_END_MS: Final = 15_000
_SHORTEST_PART_MS: Final = 8_000
_WINDOW_S: Final = 8
_AS_LOUD: Final = 0.97  # of the loudest section: what is heard as equally loud
_ALIKE: Final = 0.08  # a range of loudness that nobody hears as louder and calmer


def part_start_ms(song: MediaItem, part: Part, length_ms: int | None = None) -> int | None:
    """Where a part begins, in milliseconds of the song, on a downbeat; None where it cannot be told.

    The chorus is taken for the first of the loudest sections. `length_ms` is how much is wanted of the end: exactly so
    much, not from a downbeat on.
    """
    if part == "intro":
        return 0
    if part == "end":
        if length_ms is not None:
            return max(0, song.duration_ms - length_ms)
        return _on_downbeat(song, max(0, song.duration_ms - _USUAL_END_MS))
    if part == "drop" and song.drops_ms:
        return song.drops_ms[0]
    if len(song.sections) > 1:
        loudest = max(loudness for _, loudness in song.sections)
        return next(start for start, loudness in song.sections if loudness >= _AS_LOUD * loudest)
    if song.drops_ms:
        return song.drops_ms[0]
    return _loudest_ms(song)


def part_end_ms(song: MediaItem, part: Part, start_ms: int) -> int:
    """Where a part that begins at `start_ms` ends: with its section, if that is not too short, else with the song."""
    if part in ("end", "drop"):
        return song.duration_ms
    ends = [ms for ms, _ in song.sections if ms >= start_ms + _SHORTEST_PART_MS]
    return ends[0] if ends else song.duration_ms


def _loudest_ms(song: MediaItem) -> int | None:
    energy = song.energy
    if len(energy) < 2 or max(energy) - min(energy) < _ALIKE:
        return None
    window = min(_WINDOW_S, max(1, len(energy) // 3))
    starts = range(len(energy) - window + 1)
    return _on_downbeat(song, 1000 * max(starts, key=lambda second: sum(energy[second : second + window])))


def _on_downbeat(song: MediaItem, time_ms: int) -> int:
    choices = song.downbeats_ms or song.beats_ms
    return min(choices, key=lambda beat: abs(beat - time_ms), default=time_ms)
