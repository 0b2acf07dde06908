"""Bars and beats of the music as times: "for the first two bars" is "for the first 4 seconds" at 120 beats a minute."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nemo_notebook.agent.values import bar_patterns, number_of
from nemo_notebook.film.cutting import Rhythm
from nemo_notebook.film.drafting import MUSIC, Draft, editable, to_ms
from nemo_notebook.film.model import Situation
from nemo_notebook.film.soundtrack import music_rhythm

Named = tuple[str, str, Any]
_INSIDE: Final = ("in", "during", "在", None)
_USUAL_BAR: Final = 4  # beats


def bars_of(text: str, situation: Situation) -> Iterator[Named]:
    """What a message says of bars and beats: its words, a concept of time, and the value; nothing without a beat.

    Args:
        text: The message in lower case.
        situation: Knows the music.
    """
    if not any(each.search(text) for each in bar_patterns("worth")) or not (rhythm := _rhythm(situation)).is_steady:
        return
    rows = {"beat": [to_ms(f) / 1000 for f in rhythm.beats], "bar": [to_ms(f) / 1000 for f in sorted(rhythm.downbeats)]}
    beat_s = _mean_step(rows["beat"])
    per_bar = round(_mean_step(rows["bar"]) / beat_s) if len(rows["bar"]) > 1 else _USUAL_BAR
    steps = {"beat": beat_s, "bar": beat_s * max(1, per_bar)}
    for found in _found("range", text):
        yield from _range(found, rows, steps)
    for found in _found("length", text):
        yield found[0], "time", round(number_of(found["count"]) * steps[_kind(found["unit"])], 3)
    for found in _found("one", text):
        yield found[0], "time", round(steps[_kind(found[0])], 3)
    for found in _found("at", text):
        yield from _at(found, rows, steps)


def _found(name: str, text: str) -> Iterator[re.Match[str]]:
    return (found for pattern in bar_patterns(name) for found in pattern.finditer(text))


def _range(found: re.Match[str], rows: dict[str, list[float]], steps: dict[str, float]) -> Iterator[Named]:
    """A stretch: "from bar 3 to bar 5" ends where the fifth begins, "bars 3 to 5" where it ends."""
    kind, first, last = _kind(found["unit"]), int(number_of(found["one"])), int(number_of(found["other"]))
    start_s, end_s = _nth(rows[kind], first), _nth(rows[kind], last if found["again"] else last + 1)
    if start_s is not None:
        length_s = steps[kind] * (last - first + (0 if found["again"] else 1))
        yield found[0], "range", (start_s, start_s + length_s if end_s is None else end_s)


def _at(found: re.Match[str], rows: dict[str, list[float]], steps: dict[str, float]) -> Iterator[Named]:
    said, kind = found.groupdict(), _kind(found["unit"])
    start_s = _nth(rows[kind], int(number_of(said.get("nth") or said["number"])))
    if start_s is None:
        return
    lead = said["lead"]
    own = found[0].removeprefix(lead or "").strip() if lead else found[0]
    if lead in _INSIDE:
        yield found[0], "range", (start_s, start_s + steps[kind])
    else:
        yield own, "time", start_s
        yield own, "at", None


def _rhythm(situation: Situation) -> Rhythm:
    film: Draft = editable(situation.draft)
    if film.segments(*MUSIC):
        return music_rhythm(film, situation)
    songs = () if film.end_ms else situation.of_kind("audio")
    return Rhythm.of(songs[-1].beats_ms, songs[-1].downbeats_ms) if songs else Rhythm()


def _kind(unit: str) -> str:
    return "beat" if unit.startswith("beat") or unit == "拍" else "bar"


def _nth(row: Sequence[float], number: int) -> float | None:
    return row[number - 1] if 0 < number <= len(row) else None


def _mean_step(times: Sequence[float]) -> float:
    """The usual distance of times: the mean of those distances that are near the middle one."""
    steps = [other - one for one, other in itertools.pairwise(times)]
    middle = statistics.median(steps)
    return statistics.fmean(step for step in steps if abs(step - middle) <= middle / 4)
