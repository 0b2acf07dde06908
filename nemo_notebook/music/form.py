"""The shape of a track: sections by proportion, and how loud each part plays in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

LEVELS: Final[dict[str, dict[str, float]]] = {
    "intro": {"pad": 1.0, "drone": 1.0, "chords": 0.95, "arp": 0.8, "tops": 0.45},
    "verse": {"pad": 0.6, "drone": 0.8, "chords": 0.8, "bass": 0.85, "drums": 0.8, "tops": 0.7, "lead": 0.6},
    "build": {"pad": 0.9, "drone": 0.9, "chords": 0.8, "arp": 0.7, "bass": 0.65, "drums": 0.6, "tops": 0.7},
    "drop": {
        "pad": 0.8,
        "drone": 0.8,
        "chords": 1.0,
        "arp": 0.8,
        "bass": 1.0,
        "drums": 1.0,
        "tops": 1.0,
        "lead": 1.0,
        "double": 0.7,
    },
    "break": {"pad": 1.0, "drone": 1.0, "chords": 0.8, "arp": 0.65, "lead": 0.6},
    "outro": {"pad": 0.8, "drone": 0.8, "chords": 0.7, "arp": 0.4, "bass": 0.7, "tops": 0.5, "drums": 0.5},
}


@dataclass(frozen=True, slots=True)
class Section:
    """Bars `start` to before `end`; `kind` is a key of `LEVELS`."""

    kind: str
    start: int
    end: int


def plan_form(bars: int, cut_bars: Collection[int] = ()) -> tuple[Section, ...]:
    """Sections that fill the bars without a gap; the last bar of all is the ending chord.

    Longer tracks get more sections, not only longer ones: about a minute for a turn of verse, build, drop and break.
    A section begins at one of `cut_bars`, bars whose first beat a cut falls on, where one is near enough.
    """
    if bars < 6:
        return (Section("drop", 0, bars),) if bars < 4 else (Section("intro", 0, 1), Section("drop", 1, bars))
    outro = 1 if bars < 10 else 2 if bars < 24 else 4
    unit = 1 if bars < 10 else 2 if bars < 40 else 4
    shares = _shares(bars)
    total, filled = sum(share for _, share in shares), 0.0
    sections: list[Section] = []
    start = 0
    for kind, share in shares:
        filled += share
        end = min(bars - outro, max(start, round(filled / total * (bars - outro) / unit) * unit))
        end = bars - outro if filled >= total else _at_cut(end, start, bars, cut_bars)
        if end > start:
            sections.append(Section(kind, start, end))
        start = end
    return (*sections, Section("outro", start, bars))


def cut_reach(bars: int) -> int:
    """Bars that a section's start may move to a cut."""
    return 1 + bars // 10


def _at_cut(end: int, start: int, bars: int, cut_bars: Collection[int]) -> int:
    near = [bar for bar in cut_bars if start < bar < bars - 1 and abs(bar - end) <= cut_reach(bars)]
    return min(near, key=lambda bar: (abs(bar - end), bar), default=end)


def _shares(bars: int) -> list[tuple[str, int]]:
    if bars < 20:
        return [("intro", 2), ("build", 2), ("drop", 6)]
    if bars < 36:
        return [("intro", 4), ("build", 4), ("drop", 10), ("break", 4), ("drop", 8)]
    turns = max(1, round((bars - 16) / 30))
    turn = [("verse", 8), ("build", 4), ("drop", 12), ("break", 6)]
    return [("intro", 4), *(turn * turns), ("build", 4), ("drop", 8)]
