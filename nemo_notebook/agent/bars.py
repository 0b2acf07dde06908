"""Bars and beats of the music as times: "for the first two bars" is "for the first 4 seconds" at 120 beats a minute."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nemo_notebook.agent.tokens import HAN_NUMBER, WORD_NUMBER, number_of
from nemo_notebook.film.cutting import Rhythm
from nemo_notebook.film.drafting import MUSIC, Draft, editable, to_ms
from nemo_notebook.film.model import Situation
from nemo_notebook.film.soundtrack import music_rhythm

Named = tuple[str, str, Any]
_COUNT: Final = rf"\d{{1,3}}|(?<![a-z])(?:{WORD_NUMBER})|{HAN_NUMBER}"
_UNIT: Final = r"(?P<unit>bars?|measures?|beats?)(?![a-z])"
_HAN_UNIT: Final = r"个?(?P<unit>小节|拍)"
_ORDINALS: Final = {
    word: number
    for number, words in enumerate("first 1st|second 2nd|third 3rd|fourth 4th|fifth 5th|sixth 6th|seventh 7th|eighth 8th".split("|"), 1)
    for word in words.split()
}  # fmt: skip
_RANGE: Final = (
    re.compile(
        r"(?P<unit>bar|beat)s? (?P<one>\d{1,3}) ?(?P<to>to|until|-|and|through) ?(?:(?P<again>bar|beat) )?(?P<other>\d{1,3})"
    ),
    re.compile(rf"第(?P<one>{_COUNT})(?:个?小节|拍)?(?P<to>到|至)第?(?P<again>(?!))?(?P<other>{_COUNT}){_HAN_UNIT}"),
)
_LENGTH: Final = (re.compile(rf"(?P<count>{_COUNT})[ -]{_UNIT}"), re.compile(rf"(?<!第)(?P<count>{_COUNT}){_HAN_UNIT}"))
_ONE: Final = re.compile(r"(?<=first )(?P<unit>bar|beat)\b|(?<=last )(?P<last>bar|beat)\b")
_AT: Final = re.compile(
    r"(?:(?P<lead>at|on|in|during|from|until|till|to) )?(?P<unit>bar|beat) (?P<number>\d{1,3})(?!\d)"
)
_NTH: Final = re.compile(
    rf"(?P<lead>from|at|on|to|until) (?:the )?(?P<nth>{'|'.join(_ORDINALS)}) (?P<unit>bar|beat)(?![a-z])"
)
_HAN_AT: Final = re.compile(rf"(?P<lead>从|到|在)?第(?P<number>{_COUNT}){_HAN_UNIT}")
_INSIDE: Final = ("in", "during", "在", None)
_USUAL_BAR: Final = 4  # beats
_WORTH: Final = re.compile(r"(?<![a-z])(?:bar|beat|measure)s?(?![a-z])|小节|拍")


def bars_of(text: str, situation: Situation) -> Iterator[Named]:
    """What a message says of bars and beats: its words, a concept of time, and the value; nothing without a beat.

    Args:
        text: The message in lower case.
        situation: Knows the music.
    """
    if not _WORTH.search(text) or not (rhythm := _rhythm(situation)).is_steady:
        return
    rows = {"beat": [to_ms(f) / 1000 for f in rhythm.beats], "bar": [to_ms(f) / 1000 for f in sorted(rhythm.downbeats)]}
    beat_s = _mean_step(rows["beat"])
    per_bar = round(_mean_step(rows["bar"]) / beat_s) if len(rows["bar"]) > 1 else _USUAL_BAR
    steps = {"beat": beat_s, "bar": beat_s * max(1, per_bar)}
    for pattern in _RANGE:
        for found in pattern.finditer(text):
            yield from _range(found, rows, steps)
    for pattern in _LENGTH:
        for found in pattern.finditer(text):
            yield found[0], "time", round(number_of(found["count"]) * steps[_kind(found["unit"])], 3)
    for found in _ONE.finditer(text):
        yield found[0], "time", round(steps[_kind(found[0])], 3)
    for pattern in (_AT, _NTH, _HAN_AT):
        for found in pattern.finditer(text):
            yield from _at(found, rows, steps)


def _range(found: re.Match[str], rows: dict[str, list[float]], steps: dict[str, float]) -> Iterator[Named]:
    """ "From bar 3 to bar 5" ends where the fifth begins, "bars 3 to 5" where it ends."""
    kind, first, last = _kind(found["unit"]), int(number_of(found["one"])), int(number_of(found["other"]))
    start_s, end_s = _nth(rows[kind], first), _nth(rows[kind], last if found["again"] else last + 1)
    if start_s is not None:
        length_s = steps[kind] * (last - first + (0 if found["again"] else 1))
        yield found[0], "range", (start_s, start_s + length_s if end_s is None else end_s)


def _at(found: re.Match[str], rows: dict[str, list[float]], steps: dict[str, float]) -> Iterator[Named]:
    said, kind = found.groupdict(), _kind(found["unit"])
    start_s = _nth(rows[kind], _ORDINALS[said["nth"]] if said.get("nth") else int(number_of(said["number"])))
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
