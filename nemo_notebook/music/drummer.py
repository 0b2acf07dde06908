"""Whoever plays drums: the groove, its fills, and what marks the seams and the cuts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nemo_notebook.music.band import pick_grooves
from nemo_notebook.music.moods import Groove, Mood
from nemo_notebook.music.recipe import Recipe
from nemo_notebook.music.score import STEPS_PER_BAR, Bar, Note, Pen, read_row

_TOPS: Final = frozenset({"hat", "open", "shaker", "tamb", "tick", "ride", "pedal", "brush"})
_LOW: Final = ("kick", "rockkick", "boom", "taiko", "cajon")
_PANS: Final = {"hat": 0.22, "open": -0.2, "shaker": 0.45, "tamb": -0.45, "rim": -0.18, "tom": 0.2} | {
    "tick": 0.15,
    "ride": 0.3,
    "pedal": -0.2,
    "brush": -0.3,
    "handclap": -0.12,
    "slap": 0.1,
}
_USUAL_FILLS: Final = ({"snare": "........3.4.5566"}, {"snare": "..........5.4566", "kick": "........7......."})
_TAIKO_FILL: Final = {"tom": "........34455667", "taiko": "........6...6.78"}
_CRASH_BARS: Final = 2  # crashes at cuts keep so far apart


class Drummer:
    """Plays bars on drums; silent, but for cuts, where the groove has none."""

    def __init__(self, recipe: Recipe, mood: Mood) -> None:
        self._mood = mood
        self._pen = Pen(recipe, mood, 7)
        self._grooves = pick_grooves(mood, recipe.seed)
        self._crash = -_CRASH_BARS

    def bar(self, bar: Bar) -> Iterator[Note]:
        """All notes of a bar."""
        fill, filled_from = self._fill(bar)
        for drum, row in self._groove(bar).drums.items():
            until = filled_from
            if bar.section.kind == "build" and bar.last and drum in _LOW:
                until = min(until, 12)  # the breath before the drop
            yield from self._play(bar, drum, row, 0, until)
        for drum, row in fill.items():
            yield from self._play(bar, drum, row, filled_from, STEPS_PER_BAR)
        yield from self._seam(bar)
        yield from self._accents(bar)

    def ending(self, bar: Bar) -> Iterator[Note]:
        """The last hit."""
        for drum in (drum for drum in _LOW if drum in self._groove(bar).drums):
            yield self._hit(bar, 0, drum, 0.9)
        if self._mood.big or "rockkick" in self._groove(bar).drums:
            yield self._hit(bar, 0, "crash", 0.6)
        yield from self._accents(bar)

    def _groove(self, bar: Bar) -> Groove:
        return self._grooves[1 if bar.full else 0]

    def _play(self, bar: Bar, drum: str, row: str, first: int, until: int) -> Iterator[Note]:
        level = bar.levels.get("tops" if drum in _TOPS else "drums", 0.0)
        if drum in _LOW and bar.section.kind == "outro":
            level = 0.8
        for step, velocity, _ in read_row(row) if level else ():
            if first <= step < until:
                yield self._hit(bar, step, drum, velocity * level)

    def _fill(self, bar: Bar) -> tuple[dict[str, str], int]:
        """The fill of a bar and the step from which it takes the groove's place; 16 where there is none."""
        if not self._groove(bar).drums or bar.section.kind not in ("drop", "verse"):
            return {}, STEPS_PER_BAR
        usual = (_TAIKO_FILL,) if "taiko" in self._groove(bar).drums else _USUAL_FILLS
        fills = self._mood.fills or usual
        fill = fills[bar.index // 4 % len(fills)]
        if bar.last:
            return fill, 8
        return (fill, 12) if bar.place % 4 == 3 else ({}, STEPS_PER_BAR)

    def _seam(self, bar: Bar) -> Iterator[Note]:
        """A riser and a roll lead to a drop; a crash and a boom open it."""
        if not self._mood.big:
            if bar.full and bar.place == 0 and bar.index and "rockkick" in self._groove(bar).drums:
                yield self._crashed(bar, 0, 0.8)
            return
        if bar.section.kind == "drop" and bar.place == 0 and bar.index:
            yield self._crashed(bar, 0, 0.8)
            yield self._hit(bar, 0, "boom", 0.8)
        if bar.section.kind != "build":
            return
        if bar.place == 0:
            steps = (bar.section.end - bar.section.start) * STEPS_PER_BAR
            yield self._pen.write(bar, 0, steps, "drums", "riser", 0, 0.7, 0.0)
        if bar.last and self._groove(bar).drums:
            drum = "tom" if "taiko" in self._groove(bar).drums else "snare"
            for step in (*range(0, 8, 2), *range(8, 12), *(s / 2 for s in range(24, 31))):
                yield self._hit(bar, step, drum, 0.22 + 0.5 * step / STEPS_PER_BAR)

    def _accents(self, bar: Bar) -> Iterator[Note]:
        """A low drum at every cut, and a crash where the last one has rung out."""
        drums = self._groove(bar).drums
        low = next((drum for drum in _LOW if drum in drums), "")
        for step in bar.cuts:
            if low:
                yield self._hit(bar, step, low, 0.95 if bar.levels.get("drums") else 0.6, straight=True)
            if drums and bar.levels.get("tops") and bar.index - self._crash >= _CRASH_BARS:
                yield self._crashed(bar, step, 0.6 if bar.full else 0.4)

    def _crashed(self, bar: Bar, step: float, velocity: float) -> Note:
        self._crash = bar.index
        return self._hit(bar, step, "crash", velocity, straight=True)

    def _hit(self, bar: Bar, step: float, drum: str, velocity: float, straight: bool = False) -> Note:
        return self._pen.write(bar, step, 1, "drums", drum, 0, velocity, _PANS.get(drum, 0.0), straight=straight)
