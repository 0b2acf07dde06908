"""How fast clips play, in a clause."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.picks import ALL, Pick
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.lacking import asks_for_speed
from nemo_notebook.engine.agent.reading.shot_words import Mention
from nemo_notebook.engine.agent.wishes import SetSpeed, TrimShots
from nemo_notebook.engine.agent.words.values import count_of, read_when, stretch_of

_FASTER, _SLOWER = 1.5, 0.67
_NUMBER: Final = r"\d{1,2}(?:\.\d{1,3})?"
_TIMES: Final = re.compile(
    rf"({_NUMBER}) (?:times )?speed\b|({_NUMBER})\s*(?:x(?![a-z0-9])|×|倍速?)|\bx\s?({_NUMBER})\b|\bspeed\s+(?:of |to "
    rf"|at )?({_NUMBER})(?![\d%]|\s*%|\s*s)"
)
_PERCENT: Final = re.compile(r"(\d{1,3})\s*%")
_WORDS: Final = re.compile(
    r"\bspeed(?:s|ed|ing)?\b|\bslow(?:ed|ing|s)?[- ]?mo(?:tion)?\b|\bslow(?:ed|ing|s)?\b.{0,30}\bdown\b"
    r"|\bslow(?:ed)? (?:clip|shot|video|the|it|this)\b|\bfast[- ]?(?:forward|motion)\b|\btime ?-?lapse\b"
    r"|\bplay(?:s|ed|ing)?\b.{0,30}\b(?:faster|slower|speed|fast|slow|\d(?:\.\d)?x)|\baccelerat\w+"
    r"|\b\d(?:\.\d+)?x(?![a-z0-9])|\b(?:twice|half) as (?:fast|slow)"
    r"|倍速|\d倍|[一二两三四五半]倍(?:速|慢)?|慢动作|慢放|慢速|快放|快进|快速播放|加速|减速|变速|放慢|调慢"
    r"|调快|速度|升格"
)
_OTHER: Final = re.compile(
    r"\b(?:cuts?|cutting|music|song|track|tempo|bpm|beats?|pace|edit|zoom|title|fade|visuali\w+"
    r"|transitions?|ramp\w*)\b|剪辑速度|音乐|歌|节奏|节拍|转场|标题"
)
_KEEPS_MUSIC: Final = re.compile(
    r"\b(?:keep(?:ing)?|but not|without changing|leave)\b.{0,12}\b(?:music|song|track)\b.*|(?:保持|不改变?)音乐.*"
)
_FASTER_SLOWER: Final = re.compile(
    r"\b(?:faster|slower|quicker|more (?:fast|slow))\b|[快慢]一?[点些]|更[快慢]|变[快慢]"
)
_NORMAL: Final = re.compile(r"\b(?:normal|original|regular|real|usual|1x) ?(?:speed|time)?\b|正常|原速|原来的速度|恢复")
_HALF: Final = re.compile(r"\bhalf(?: the)? speed\b|\bhalf as fast\b|\btwice as slow\b|\bby half\b|一半|半速|半倍|0\.5")
_QUARTER: Final = re.compile(r"\bquarter(?: the)? speed\b|四分之一")
_DOUBLE: Final = re.compile(r"\b(?:double|twice)\b(?:[- ]?(?:the )?speed|[- ]?time| as fast)?|两倍|二倍|加倍|翻倍")
_TRIPLE: Final = re.compile(r"\btriple\b|\bthree times\b|三倍")
_SLOW: Final = re.compile(r"\bslow\w*\b|慢|减速|升格")
_SLOW_MOTION: Final = re.compile(r"\bslow[- ]?mo(?:tion)?\b|慢动作|慢放|慢镜头|升格")
_LAPSE: Final = re.compile(r"\btime ?-?lapse\b|\bfast[- ]?forward\b|快进")
_ALL_BUT: Final = re.compile(
    r"\b(?:everything|all|all the \w+|the rest|others)\b.{0,12}\b(?:except(?: for)?|but|apart from|other than)\b"
    r"|除了?.*(?:以外|之外|都|全)"
)
_MUCH: Final = re.compile(r"\b(?:much|a lot|way)\b|很多|大幅")
_SLIGHTLY: Final = re.compile(r"\b(?:a (?:little|tiny)? ?bit|a little|slightly|a touch)\b|稍微|略|一点点")
_BY: Final = re.compile(r"\bby\b|\bfaster\b|\bslower\b|提高|加快|降低|放慢|快了?\s*\d|慢了?\s*\d")
_ZH_TIMES: Final = re.compile(r"([一二两三四五六七八九十])倍")


def read_speed(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    """Adds the speed that a clause asks for; whether it asks for one."""
    said = _KEEPS_MUSIC.sub(" ", text)
    named = any(not mention.is_loose for mention in found) and _FASTER_SLOWER.search(said)
    if not (named or _WORDS.search(said)) or (_OTHER.search(said) and not _SLOW_MOTION.search(said)):
        return False
    if asks_for_speed(said):
        return False
    factor, relative = _factor(said)
    if relative and photos_shown_for(1 / factor, context):
        return True
    picks = [mention.pick for mention in found if not mention.is_loose] or [ALL]
    if _ALL_BUT.search(said) and picks != [ALL]:
        context.edits.append(SetSpeed(factor, ALL, relative))
        context.edits.extend(SetSpeed(1.0, pick) for pick in picks)
        return True
    start, end = stretch_of(read_when(said), context.film.end_ms)
    context.edits.extend(SetSpeed(factor, pick, relative, start, end) for pick in picks)
    return True


def photos_shown_for(longer: float, context: Context) -> bool:
    """Lets photos be seen for longer or shorter by a factor where the film is a row of nothing else; whether it is."""
    shots = context.film.shots
    if not shots or context.film.segments("clip") or context.film.is_cut_to_music:
        return False
    context.edits.append(TrimShots(Pick("photo"), "to", round(shots[0]["d"] * longer)))
    return True


def is_speed(text: str) -> bool:
    """Whether a text speaks of how fast something plays."""
    return _WORDS.search(text) is not None


def _factor(text: str) -> tuple[float, bool]:
    """A speed, and whether it counts against the present one."""
    slow = _SLOW.search(text) is not None
    if times := _TIMES.search(text):
        number = float(next(filter(None, times.groups())))
        return (1 / number if slow and number > 1 else number) or 1.0, False
    if times := _ZH_TIMES.search(text):
        number = count_of(times[1]) + (1 if times[1] == "一" else 0)  # `快一倍` is twice as fast
        return 1 / number if slow else float(number), False
    if percent := _PERCENT.search(text):
        share = min(float(percent[1]), 900) / 100
        if _BY.search(text):
            return (max(0.1, 1 - share) if slow or "降低" in text else 1 + share), True
        return max(share, 0.1), False
    for pattern, factor in ((_NORMAL, 1.0), (_QUARTER, 0.25), (_HALF, 0.5), (_TRIPLE, 3.0)):
        if pattern.search(text):
            return factor, False
    if _DOUBLE.search(text):
        return (0.5 if slow else 2.0), False
    if _SLOW_MOTION.search(text):
        return 0.5, False
    if _LAPSE.search(text):
        return 4.0, False
    step = 1.2 if _SLIGHTLY.search(text) else 2.0 if _MUCH.search(text) else _FASTER
    return (round(1 / step, 2) if slow else step), True
