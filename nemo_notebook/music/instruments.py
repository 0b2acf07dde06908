"""The voices by name: what plays each, and its place in the mix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nemo_notebook.music.keys import bell, glock, piano, rhodes, toybox, vibes
from nemo_notebook.music.plucked import bass, eight_o_eight, fifth, pluck, string
from nemo_notebook.music.sustained import (
    big_choir,
    brass,
    choir,
    drone,
    ensemble,
    solo,
    stab,
    sung,
    supersaw,
    whistle,
)
from nemo_notebook.music.tone import Samples


@dataclass(frozen=True, slots=True)
class Voice:
    """An instrument and its place in the mix.

    Attributes:
        play: Makes one tone from a frequency (Hz) and a length (s), about 1.0 at its peak: mono, or two rows for left
            and right.
        gain: Level in the mix.
        room: Share that is sent to the reverb.
        duck: How strongly the kick pushes it down, 0–1 of the mood's amount.
        echo: Level of its first echo, three steps later; 0 for none.
        program: The General MIDI program that comes nearest, 0–127.
    """

    play: Callable[[float, float], Samples]
    gain: float
    room: float
    duck: float = 1.0
    echo: float = 0.0
    program: int = 0


VOICES: Final[dict[str, Voice]] = {
    "rhodes": Voice(rhodes, 0.22, 0.5, program=4),
    "piano": Voice(piano, 0.24, 0.7, program=0),
    "vibes": Voice(vibes, 0.24, 0.6, 0.3, program=11),
    "bell": Voice(bell, 0.20, 0.8, 0.4, 0.35, program=14),
    "glock": Voice(glock, 0.11, 0.7, 0.3, program=9),
    "toybox": Voice(toybox, 0.23, 0.8, 0.4, 0.3, program=10),
    "warm": Voice(ensemble(2.0, 0.45, 0.8, 0.0035, 0.4), 0.14, 0.6, program=89),
    "bright": Voice(ensemble(1.3, 0.2, 0.5, 0.005, 0.3), 0.16, 0.5, program=90),
    "strings": Voice(ensemble(1.35, 0.22, 0.7, 0.0028, 0.34), 0.14, 0.8, program=48),
    "choir": Voice(choir, 0.16, 0.9, program=52),
    "bigchoir": Voice(big_choir, 0.17, 0.9, program=52),
    "brass": Voice(brass, 0.17, 0.7, 0.4, program=61),
    "supersaw": Voice(supersaw, 0.21, 0.45, program=81),
    "drone": Voice(drone, 0.28, 0.6, program=95),
    "stab": Voice(stab, 0.20, 0.4, 0.8, program=62),
    "pluck": Voice(pluck, 0.21, 0.5, 0.6, 0.35, program=45),
    "staccato": Voice(pluck, 0.38, 0.8, 0.6, program=45),
    "guitar": Voice(string(0.75, 2.2, 1.1, 0.16, 0.12, 0.10, 0.4), 0.28, 0.45, program=25),
    "nylon": Voice(string(1.3, 1.4, 0.9, 0.3, 0.15, 0.05, 0.35), 0.24, 0.6, program=24),
    "ukulele": Voice(string(1.0, 0.45, 0.6, 0.22, 0.12, 0.10, 0.4), 0.40, 0.4, program=24),
    "muted": Voice(string(1.0, 0.13, 0.5, 0.18, 0.06, 0.12, 0.4), 0.75, 0.5, 0.5, 0.3, program=28),
    "power": Voice(fifth(3.5, 9.0, 4200, 4.0), 0.33, 0.3, 0.3, program=30),
    "chug": Voice(fifth(0.16, 8.0, 2600, 0.18), 0.34, 0.2, 0.3, program=29),
    "flute": Voice(sung(2.6, False, 0.05, 0.2, 0.05, 0.5), 0.17, 0.7, 0.3, 0.3, program=73),
    "violin": Voice(sung(1.25, False, 0.09, 0.25, 0.01, 0.3), 0.20, 0.9, 0.3, program=40),
    "cello": Voice(sung(1.4, False, 0.12, 0.4, 0.02, 0.34), 0.22, 0.9, 0.2, program=42),
    "lead": Voice(sung(1.5, True, 0.01, 0.15, 0.0, 0.4), 0.19, 0.5, 0.3, 0.3, program=80),
    "sawlead": Voice(sung(1.1, False, 0.006, 0.12, 0.0, 0.32), 0.20, 0.5, 0.6, 0.35, program=81),
    "solo": Voice(solo, 0.22, 0.4, 0.2, 0.2, program=30),
    "whistle": Voice(whistle, 0.17, 0.6, 0.2, program=78),
    "horn": Voice(sung(1.7, False, 0.09, 0.35, 0.02, 0.32), 0.26, 0.9, 0.0, program=60),
    "sub": Voice(bass(2.6, 0.15, 1.1, 0.9), 0.20, 0.0, program=38),
    "round": Voice(bass(2.0, 0.2, 1.2, 0.8), 0.19, 0.05, program=33),
    "punch": Voice(bass(1.2, 0.09, 1.6, 0.5), 0.19, 0.03, program=38),
    "low": Voice(bass(1.6, 0.5, 1.3, 2.5), 0.18, 0.2, program=43),
    "growl": Voice(bass(0.9, 0.12, 2.4, 0.25), 0.19, 0.1, program=39),
    "eight": Voice(eight_o_eight, 0.30, 0.0, 0.5, program=38),
    "upright": Voice(string(1.5, 0.55, 2.0, 0.35, 0.06, 0.06), 0.44, 0.08, 0.3, program=32),
    "pick": Voice(string(0.95, 0.8, 1.0, 0.12, 0.05, 0.16), 0.55, 0.04, 0.3, program=34),
}
