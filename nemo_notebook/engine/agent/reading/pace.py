"""How fast the cuts follow, in a clause: every so many beats or seconds, at a tempo, earlier or later."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.words.cut_words import cut_factor
from nemo_notebook.engine.agent.words.objects import said
from nemo_notebook.engine.agent.words.values import TIME, milliseconds
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.cutting import Pace

_EVERY: Final = re.compile(
    r"(?:\bevery(?: single)?|\beach|\bper|\bon (?:every|each|the)|每隔?一?)\s*(?:(\d{1,2}|third|fourth"
    r"|eighth)(?:rd|th|st|nd)?\s*个?)?\s*(beats?\b"
    r"|bars?\b|measures?\b|downbeats?|拍|小节|节拍)"
)
_NTH: Final = {"1": 1, "third": 3, "fourth": 4, "eighth": 8}
_ON_EVERY: Final = re.compile(
    r"\bon (?:the )?(?:down ?beats?|bars?|measures?)\b|\bonce (?:a|per) (bar|beat)\b|强拍|重拍"
)
_PER_BAR: Final = re.compile(
    r"\b(twice|two times|2 times|four times|4 times) (?:a|per|every|in each) (?:bar|measure)|每小节(?:剪"
    r"|切)?(两次|两刀|四次|四刀)"
)
_EVERY_OTHER: Final = re.compile(r"\bevery (?:other|second) (beat|bar|measure)|隔一?(拍|小节)")
_EVERY_TIME: Final = re.compile(
    rf"(?:\bevery|\beach|\bper|每隔?)\s*({TIME})|\b(?:cuts?|shots?|clips?) (?:of|every|that last"
    rf"|lasting) ({TIME})|({TIME})\s*(?:shots|cuts|per (?:shot|clip|cut))"
    rf"|\b(?:each|every) (?:shot|cut|clip)\b.{{0,15}}?({TIME})|每(?:个|段)?(?:镜头|片段|画面)\D{{0,4}}({TIME})"
)
_EVERY_SECOND: Final = re.compile(r"\b(?:every|each|per|once a) second\b(?! (?:beat|bar|measure|clip|shot|photo))|每秒")
_HALF_TIME: Final = re.compile(
    r"\bhalf[- ]?time\b|\bhalf (?:the )?(?:tempo|bpm)\b|\bhalve the (?:tempo|bpm|beat)|\bdown tempo\b"
    r"|\b(?:tempo|bpm|beat)s? (?:is|are) (?:twice as fast|double|too fast)|(?:速度|节拍|bpm)(?:减半"
    r"|是?快了一倍)|半速节拍"
    r"|慢一半的节拍"
)
_DOUBLE_TIME: Final = re.compile(
    r"\bdouble[- ]?time\b|\bdouble (?:the )?(?:tempo|bpm)\b|\b(?:tempo|bpm|beat)s? (?:is"
    r"|are) (?:half as fast|too slow)|(?:速度|节拍|bpm)(?:加倍|翻倍|两倍)"
)
_BPM: Final = re.compile(
    r"\b(?:bpm|tempo)\b\s*(?:of (?:the|this|my) (?:song|track|music) )?(?:is|are|=|:|should be|to|of|at"
    r"|actually)*\s*(?:actually |really |about )?(\d{2,3}(?:\.\d{1,3})?)(?!\s*%)"
    r"|(?:bpm|速度|曲速|节奏)\s*(?:应该)?(?:是|为|设为|=|:|设成|改成)?\s*(\d{2,3}(?:\.\d{1,3})?)(?!\s*%|倍)"
    r"|\b(\d{2,3}(?:\.\d{1,3})?)\s*bpm\b"
)
_SHIFT: Final = re.compile(
    r"\b(?:offset|shift|delay|nudge|push|move|bring)\b.*\b(?:cuts|beats|edits|beat grid)\b|\boff ?set\b"
    r"|\b(?:cuts|beats|edits)\b.*\b(?:later|earlier|offset|late|early|off by)\b"
    r"|偏移|(?:剪辑|切点|卡点|剪)\D{0,6}(?:提前|推后|延后|推迟|晚|早)|(?:剪辑|切)点\D{0,4}(?:往?[前后]移|往[前后])|(?:提前|推后|延后|推迟)"
)
_OFF_BEAT: Final = re.compile(r"\boff[- ]?beats?\b|反拍|后半拍")
_EARLIER: Final = re.compile(r"\b(?:earlier|back(?:wards?)?|too late|late)\b|提前|前移|往前|(?<!太)早|太晚|晚了")
_TOO_EARLY: Final = re.compile(r"\b(?:too early|(?:are|feel|come|comes|is|seem)\w* (?:\w+ ){0,3}early)\b|太早|早了")
_BEATS_OFF: Final = re.compile(
    r"(\bhalf an?|\ba half|\ba quarter(?: of a)?|\ban?|\bone|\d(?:\.\d+)?|半|一|四分之一)\s*(?:个)?(?:beats?\b|拍)"
)
_PARTS: Final = {
    "half a": 0.5,
    "half an": 0.5,
    "a half": 0.5,
    "半": 0.5,
    "a quarter": 0.25,
    "a quarter of a": 0.25,
    "四分之一": 0.25,
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "一": 1.0,
}
PER_PHOTO: Final = re.compile(
    rf"({TIME})\s*(?:per|for (?:each|every)|each|a)\s*(?:photo|picture|image|pic|slide)"
    rf"|\b(?:each|every|per|all)\s+(?:of (?:the|my) )?(?:photo|picture|image|pic|slide)s?\b.{{0,40}}?({TIME})"
    rf"|\b(?:photos|pictures|images|slides|pics)\b.{{0,30}}?({TIME})\s*(?:each|apiece)"
    rf"|每一?(?:[张幅](?:照片|图片?|相片)?|个(?:照片|图片))\D{{0,8}}?({TIME})"
    rf"|(?:照片|图片)(?:每张|各|都|显示|停留|播放)\D{{0,6}}?({TIME})"
)
_COUNT: Final = re.compile(
    r"(?:\b(?P<bound>at least|at most|no more than|(?:fewer|less) than|more than|over|only|just|about|around"
    r"|exactly|with|into|have|make|want|need)|^\W*)\s*(?:(?:just|only|about|around|exactly|at least|at most) )?"
    r"(?P<count>\d{1,3}) (?P<what>cuts?|shots?)\b(?! (?:of|from|after|before|later|earlier)\b)"
    r"|(?:剪|切)(?:成|出)?(?:至少|大约|大概|差不多)?(?P<zh>\d{1,3})(?P<zwhat>刀|次|个镜头)"
)
_SLOWEST_BPM, _FASTEST_BPM = 40.0, 240.0
_USUAL_SHIFT_MS: Final = 100
_SHORTEST_S, _LONGEST_S, _MOST_SHOTS = 0.4, 600.0, 500


def read_pace(clause: Clause) -> Pace:
    """The pace that a clause speaks of; the usual one where it does not."""
    text = said(clause)
    shift_ms, shift_beats = _shift(text)
    if shift_ms or shift_beats:
        return Pace(offset_s=shift_ms / 1000, offset_beats=shift_beats)
    bpm = _bpm(text)
    if (shots := _shots(text)) is not None:
        return Pace(shots=shots, bpm=bpm)
    if twice := _PER_BAR.search(text):
        return Pace(every=1 if "four" in twice[0] or "4" in twice[0] or "四" in twice[0] else 2, bpm=bpm)
    if other := _EVERY_OTHER.search(text):
        return Pace(every=2 if (other[1] or other[2]) in ("beat", "拍") else 8, bpm=bpm)
    if every := _EVERY.search(text):
        bars = every[2].startswith(("bar", "measure", "小节", "downbeat"))
        if every[1] or bars or not every[0].startswith("on the"):
            number = _NTH.get(every[1] or "1") or int(every[1])
            return Pace(every=max(1, min(number * (4 if bars else 1), 64)), bpm=bpm)
    if on := _ON_EVERY.search(text):
        return Pace(every=1 if on[1] == "beat" else 4, bpm=bpm)
    if (timed := _EVERY_TIME.search(text)) and (ms := milliseconds(next(filter(None, timed.groups())))):
        return Pace(every_s=min(max(ms / 1000, _SHORTEST_S), _LONGEST_S))
    if _HALF_TIME.search(text):
        return Pace(tempo=0.5, factor=2.0, bpm=bpm)
    if _DOUBLE_TIME.search(text):
        return Pace(tempo=2.0, factor=0.5, bpm=bpm)
    if _EVERY_SECOND.search(text):
        return Pace(every_s=1.0)
    return Pace(factor=cut_factor(text), bpm=bpm)


def photo_ms(text: str) -> int | None:
    """How long each photo is to be seen, in milliseconds; None where that is not said. Numbers are digits."""
    found = PER_PHOTO.search(text)
    return milliseconds(next(filter(None, found.groups()))) or None if found else None


def is_tempo_said(clause: Clause) -> bool:
    """Whether a clause tells the tempo of the music that is there."""
    return _bpm(said(clause)) is not None


def _bpm(text: str) -> float | None:
    found = _BPM.search(text)
    number = float(next(filter(None, found.groups()))) if found else 0.0
    return number if _SLOWEST_BPM <= number <= _FASTEST_BPM else None


def _shots(text: str) -> int | None:
    """How many shots a text asks for; one more than cuts. Numbers are digits."""
    found = _COUNT.search(text)
    if found is None:
        return None
    count = int(found["count"] or found["zh"]) + (
        1 if (found["what"] or found["zwhat"]).startswith(("cut", "刀", "次")) else 0
    )
    count += {"more than": 1, "over": 1, "fewer than": -1, "less than": -1}.get(found["bound"] or "", 0)
    return min(max(count, 1), _MOST_SHOTS)


def _shift(text: str) -> tuple[int, float]:
    """How much later the cuts come: milliseconds, beats."""
    if not _SHIFT.search(text) and not _OFF_BEAT.search(text):
        return 0, 0.0
    if _OFF_BEAT.search(text):
        return 0, 0.5
    sign = -1 if _EARLIER.search(text) and not _TOO_EARLY.search(text) else 1
    if beats := _BEATS_OFF.search(text):
        part = _PARTS.get(beats[1])
        return 0, sign * (part if part is not None else min(float(beats[1]), 4.0))
    time = re.search(TIME, text)
    return sign * min(milliseconds(time[0]), 5_000) if time else sign * _USUAL_SHIFT_MS, 0.0
