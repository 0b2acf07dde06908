"""Moods: the values of `moods.toml` that a track is composed by."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from nemo_notebook.extensions import extensions

PENTATONIC = (0, 2, 4, 7, 9)


@dataclass(frozen=True, slots=True)
class Groove:
    """Rhythms of one bar; empty where a part is silent."""

    drums: dict[str, str]
    bass: str = ""
    chords: str = "9..............."
    arp: str = ""


@dataclass(frozen=True, slots=True)
class Mood:
    """What makes a mood.

    Attributes:
        label_en: Name in English.
        label_zh: Name in Chinese.
        bpm: Lowest and highest tempo.
        progressions: Chord names; one is chosen for a track, another for its middle.
        tonic: The last chord.
        grooves: One is chosen for the full sections, another for the rest.
        melodies: Rhythms of two bars for the lead.
        voices: Part (chords, pad, bass, arp, lead, double, drone) to voice; a part that is missing is silent.
        full_voices: Parts that are played by another voice in the full sections.
        fills: Drum rows of a bar; their second half ends a section, their last quarter a phrase of four bars.
        bars_per_chord: Bars that a chord lasts.
        register: MIDI pitch around which the lead sings.
        scale: Pitch classes of the melody.
        double_shift: Semitones from the lead to what doubles it.
        swing: Delay of the second of two equal notes, in parts of one.
        swing_steps: Sixteenths of a note that swings: 1 or 2.
        strum: Steps from one tone of a chord to the next.
        loose_ms: Spread of human timing in milliseconds.
        reverb: Length in seconds and level of the room.
        duck: How far the kick pushes the other parts down, 0–1.
        drive: Saturation of the whole mix; 0 for none.
        dark_hz: Low-pass of the whole mix in hertz, or None.
        dust: Level of vinyl noise.
        big: Whether risers, rolls and booms mark the sections.
    """

    label_en: str
    label_zh: str
    bpm: tuple[float, float]
    progressions: tuple[str, ...]
    tonic: str
    grooves: tuple[Groove, ...]
    melodies: tuple[str, ...]
    voices: dict[str, str]
    full_voices: dict[str, str] = field(default_factory=dict)
    fills: tuple[dict[str, str], ...] = ()
    bars_per_chord: int = 1
    register: int = 74
    scale: tuple[int, ...] = PENTATONIC
    double_shift: int = 12
    swing: float = 0.0
    swing_steps: int = 1
    strum: float = 0.06
    loose_ms: float = 4.0
    reverb: tuple[float, float] = (1.6, 0.2)
    duck: float = 0.0
    drive: float = 0.0
    dark_hz: float | None = None
    dust: float = 0.0
    big: bool = False


class _Moods(Mapping[str, Mood]):
    """The moods by name, with those of other packages; `moods.toml` is read on first use."""

    def __getitem__(self, name: str) -> Mood:
        return _moods()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_moods())

    def __len__(self) -> int:
        return len(_moods())


MOODS: Final = _Moods()


@cache
def _moods() -> dict[str, Mood]:
    tables = tomllib.loads(Path(__file__).with_name("moods.toml").read_text(encoding="utf-8"))
    return {name: _mood(table) for name, table in (extensions("moods") | tables).items()}


def _mood(table: dict[str, Any]) -> Mood:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    values["grooves"] = tuple(Groove(**groove) for groove in table["grooves"])
    return Mood(**values)
