"""The words that people have for the tempo of music."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.words.values import with_digits
from nemo_notebook.engine.agent.words.vocabulary import words
from nemo_notebook.film.fields import Tempo
from nemo_notebook.music.recipe import MAX_BPM

_BPM: Final = re.compile(
    r"(?<![\d.])(\d{2,3}(?:\.\d{1,3})?)\s*-?\s*(?:bpm|beats (?:per|a) minute|拍(?!剪|切|换|一)(?:/分|每分钟)?)"
    r"|(?:\bbpm|\btempo|速度|节拍)\s*(?:(?:to|of|at|is|=|:|should be|must be|为|是|调到|设为|改成|改为|到)\s*)*"
    r"(\d{2,3}(?:\.\d{1,3})?)(?!\s*%)"
)
_BARE_BPM: Final = re.compile(r"\bat (\d{2,3})(?: please)?\W*$")
_SLOWEST_BARE: Final = 60.0  # below it a bare number beside a mood is hardly a tempo
_FAST: Final = words(
    r"(?<!so )(?<!that )(?<!too )\b(?:fast|quick|up-?tempo|high[- ]tempo|rapid)\b(?! (?:cuts?|cutting|edit))",
    r"快节奏|快歌|节奏快|快速的?(?:音乐|配乐)",
)
_SLOW: Final = words(
    r"(?<!so )(?<!that )(?<!too )\b(?:slow|down-?tempo|low[- ]tempo)\b(?![- ]?(?:mo\b|motion|cuts?|cutting|edit|zoom))",
    r"慢节奏|慢歌|节奏慢|缓慢的?(?:音乐|配乐)",
)
_FASTER: Final = words(
    r"\b(?:faster|quicker|speed (?:it|the (?:music|song|track|tempo|beat)) up|speed up (?:the )?(?:music|song"
    r"|track|tempo|beat)|too slow|not (?:so|that) slow|(?:raise|increase|up) the tempo)\b",
    r"快一?[点些]|更快|加快|太慢",
)
_SLOWER: Final = words(
    r"\b(?:slower|slow (?:it|the (?:music|song|track|tempo|beat)) down|slow down (?:the )?(?:music|song|track"
    r"|tempo|beat)|too fast|not (?:so|that) fast|(?:lower|decrease|reduce|drop) the tempo)\b",
    r"慢一?[点些]|更慢|放慢|太快",
)
_DOUBLED: Final = words(
    r"\bdouble(?:[- ]time| the tempo| speed| tempo)\b|\btwice (?:as fast|the tempo)\b",
    r"(?:两倍|双倍)(?:速度|节拍|拍速)|速度(?:加倍|翻倍)",
)
_HALVED: Final = words(
    r"\bhalf(?:[- ]time| the tempo| speed| tempo)\b|\bhalve the tempo\b|\bhalf as fast\b",
    r"(?:一半|半)(?:的)?(?:速度|拍速)|速度减半",
)
_STEP: Final = 1.15
_A_BIT: Final = 1.07
_SLIGHTLY: Final = re.compile(r"\b(?:a (?:little|tiny)? ?bit|a little|slightly|a touch)\b|稍微|略|一点点")


def read_bpm(text: str) -> float | None:
    """The tempo in beats per minute that a clause names, or None."""
    found = _BPM.search(with_digits(text))
    return float(found[1] or found[2]) if found else None


def bare_bpm(text: str) -> float | None:
    """The tempo in beats per minute of `happy at 140`: a number at the end of a clause that names a mood, or None."""
    found = _BARE_BPM.search(text)
    return float(found[1]) if found and _SLOWEST_BARE <= float(found[1]) <= MAX_BPM else None


def read_tempo(text: str) -> Tempo:
    """Whether a clause asks for slow or fast music."""
    return "fast" if _FAST.search(text) else "slow" if _SLOW.search(text) else "usual"


def tempo_factor(text: str) -> float | None:
    """How much faster than now a clause wants the music, as a factor, or None."""
    step = _A_BIT if _SLIGHTLY.search(text) else _STEP
    for pattern, factor in ((_DOUBLED, 2.0), (_HALVED, 0.5), (_FASTER, step), (_SLOWER, 1 / step)):
        if pattern.search(text):
            return factor
    return None
