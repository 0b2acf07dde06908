"""Times and numbers in English and Chinese words."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.picks import When
from nemo_notebook.film.fields import Anchor

_UNIT_S = r"(?:seconds?|secs?|s(?![a-z])|秒钟?)"
_UNIT_MIN = r"(?:minutes?|mins?|m(?![a-z])|分钟?)"
_NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
TIME: Final = (
    rf"(?:(?!9:16(?!\d))\d{{1,2}}:\d{{2}}(?:\.\d{{1,3}})?(?![:\d])"
    rf"|{_NUMBER}\s*-?\s*{_UNIT_MIN}(?:\s*(?:and\s*)?{_NUMBER}\s*{_UNIT_S})?"
    rf"|{_NUMBER}\s*-?\s*(?:milliseconds?|ms(?![a-z])|毫秒|{_UNIT_S}))"
)
_FOREVER_MS: Final = 10**9

_EN_NUMBERS: Final = dict(
    zip(
        (
            "one two three four five six seven eight nine ten eleven twelve fifteen twenty "
            "thirty forty fifty sixty ninety"
        ).split(),
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 40, 50, 60, 90),
        strict=True,
    )
)
_ZH_DIGITS: Final = dict(zip("零一二两三四五六七八九", (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_EN_NUMBER_WORD = re.compile(
    rf"\b({'|'.join(_EN_NUMBERS)})(?= and a half |[\s-]+(?:{_UNIT_S}|{_UNIT_MIN}|beats?|bars?|percent|per cent|bpm))"
)
_ZH_NUMBER_WORD = re.compile(r"([零一二两三四五六七八九十百]{1,5})(?=个?(?:秒|分(?!之)钟?|拍|小节))")
_ZH_PERCENT = re.compile(r"百分之\s*([零一二两三四五六七八九十百\d]{1,5})")
_ZH_TENTHS = re.compile(r"([一二两三四五六七八九\d])成(?!片|为|了|品)")
_COUNTED: Final = (  # what `a second` is the number of, and no length
    r"(?:(?:video )?clip|video|film|shot|photo|picture|title|caption|text|song|track|one|version|cut|time"
    r"|layer|line)s?\b"
)
_LOOSE: Final = (
    (re.compile(r"\b(\d{1,3}) and a half (?=second|minute|beat)"), r"\1.5 "),
    (re.compile(r"(\d{1,3})(秒|分)半(?!段|部)"), r"\1.5\2"),
    (re.compile(r"\bhalf a (?=second|minute)"), "0.5 "),
    (re.compile(r"\b(?:a couple(?: of)?) (?=second|beat)"), "2 "),
    (re.compile(r"\b(?:a few) (?=second|beat)"), "3 "),
    (re.compile(rf"\b(?:an?) (?=seconds?\b(?! {_COUNTED})|minutes?\b)"), "1 "),
    (re.compile(r"(?<=\bfirst )(?=(?:second|minute)\b)|(?<=\blast )(?=(?:second|minute)\b)"), "1 "),
    (re.compile(r"半(?=秒|分钟)"), "0.5"),
)


def with_digits(text: str) -> str:
    """The text with number words before units as digits: `three seconds` → `3 seconds`, `百分之五十` → `50%`."""
    text = _EN_NUMBER_WORD.sub(lambda m: str(_EN_NUMBERS[m[1]]), text)
    text = _ZH_PERCENT.sub(lambda m: f"{_zh_number(m[1])}%", text)
    text = _ZH_TENTHS.sub(lambda m: f"{_zh_number(m[1]) * 10}%", text)
    text = _ZH_NUMBER_WORD.sub(lambda m: str(_zh_number(m[1])), text)
    for pattern, digits in _LOOSE:
        text = pattern.sub(digits, text)
    return _SECONDS_FROM_TO.sub(r"\1s to \2s", text)


def milliseconds(time: str) -> int:
    """The milliseconds of what `TIME` matched."""
    if ":" in time:
        minutes, seconds = time.split(":")
        return round((int(minutes) * 60 + float(seconds)) * 1000)
    total = 0.0
    for number, unit in re.findall(rf"({_NUMBER})\s*-?\s*(毫秒|ms|milli|[sm秒分])", time):
        total += float(number) * {"s": 1000, "秒": 1000, "m": 60_000, "分": 60_000}.get(unit, 1)
    return round(total)


_SAID_BEFORE: Final = re.compile(rf"\bseconds?\s+({_NUMBER})(?![\d:.]*\s*(?:{_UNIT_S}|{_UNIT_MIN}|%|beats?))")
_SECONDS_FROM_TO: Final = re.compile(
    rf"\b(?:seconds?|secs?)\s+({_NUMBER})\s*(?:to|until|till|through|thru|and|-|–|—|~)\s*(?:seconds?\s+)?({_NUMBER})"
    rf"(?![\d:.]*\s*(?:{_UNIT_S}|{_UNIT_MIN}|%|beats?))"
)
_UNIT_ONCE: Final = re.compile(
    rf"((?:\b(?:from|between)|[从第])\s*)({TIME})\s*(to|until|till|and|-|–|—|~|到|至)\s*第?({_NUMBER})"
    rf"(?![\d:.]*\s*(?:{_UNIT_S}|{_UNIT_MIN}|%|:|beats?))"
)
_STARTS_ENDS: Final = re.compile(
    rf"\b(?:start|begin|appear|show)\w*\b.{{0,12}}?\bat ({TIME}).{{1,20}}?\b(?:end|stop|finish"
    rf"|disappear)\w*\s+(?:it )?at ({TIME})"
)
_BEFORE_END: Final = re.compile(rf"({TIME})\s*(?:before|from) the (?:very )?end\b|(?:倒数|距结尾|离结束)\s*({TIME})")
_RANGE = re.compile(
    rf"(?:({TIME})|(?<![a-z\d.:])({_NUMBER}))\s*(?:to|until|till|through|and|-|–|—|~|[剪截裁播放]?到|至)\s*(?:第)?({TIME})"
)
_TO_END = re.compile(
    r"\b(?:to|until|till|through) the (?:very )?end\b|\bon ?wards?\b|\btill end\b"
    r"|到(?:视频)?(?:结尾|最后|片尾|结束)|一直到|以后一直|起一直"
)
_BARE_RANGE = re.compile(
    rf"\b(?:from|between)\s+({_NUMBER})\s*(?:to|until|till|through|and|-|–)\s*({_NUMBER})(?![\d:.]*\s*(?:{_UNIT_S}"
    rf"|{_UNIT_MIN}|%|:|beats?))"
)
_FIRST = re.compile(rf"(?:\b(?:first|opening|initial|start(?:ing)?)\s+|(?:前面?|开头|最初|最开始|片头)的?\s*)({TIME})")
_LAST = re.compile(rf"(?:\b(?:last|final|closing|ending)\s+|(?:最后面?|末尾|结尾|片尾|后面?)的?\s*)({TIME})")
_AT = re.compile(
    rf"(?:\b(?:at|@|from|after|starting(?: at| from)?|beginning at|begins? at|starts? at)\s+(?:about\s+|around\s+)?"
    rf"(?:the\s+)?)({TIME})|(?:第|从)\s*({TIME})|({TIME})(?:处|时|的时候|开始|起|之?后|的?位置)"
    rf"|({TIME})\s+(?:in(?:to (?:the|it))?(?=$|\s*[,.])|into)\b"
)
_UNTIL = re.compile(rf"(?:\b(?:until|till)\s+|到)({TIME})")
_ANY = re.compile(TIME)
_ANCHORS: Final[tuple[tuple[Anchor, re.Pattern[str]], ...]] = (
    (
        "whole",
        re.compile(
            r"\bthroughout\b|\b(?:(?:the|its) )?(?:whole|entire|full) (?:\w+ )?(?:video|film|movie|time"
            r"|way|song|thing|clip"
            r"|length|duration|track)|\b(?:all|the whole) the (?:time|way)\b|\bthe (?:length"
            r"|duration) of the (?:video|film)"
            r"|\ball through\b|\bfrom (?:the )?(?:start|beginning) to (?:the )?(?:end|finish)\b"
            r"|全程|整个(?:视频|影片|片子|过程)|整段|全片|始终|一直|从头到尾|自始至终|贯穿"
        ),
    ),
    (
        "start",
        re.compile(
            r"\b(?:at|in|from|to|near) the (?:very )?(?:start|beginning|opening)\b"
            r"|\bintro\b|\bopening\b|\bat (?:first|start)\b|\bfrom the (?:start|beginning)\b"
            r"|开头|片头|开场|一开始|最开始|开始(?:处|时|的时候)"
        ),
    ),
    (
        "end",
        re.compile(
            r"\b(?:at|in|to|near) the (?:very )?end(?:ing)?\b|\bending\b|\boutro\b"
            r"|\bclosing\b|\bat end\b|\bend[- ](?:card|title|credits?|screen|slate)s?\b"
            r"|\b(?:at|in) the (?:final|finish)\W*$|结尾|末尾|片尾|最后|结束(?:处|时)"
        ),
    ),
    ("middle", re.compile(r"\bhalfway\b|\bin the middle of the (?:video|film|song|clip)|视频中间|中段")),
)


def read_when(text: str) -> When:
    """The stretch of time that a clause speaks of; bare numbers of a range are seconds."""
    text = _SAID_BEFORE.sub(r"\1s", with_digits(text))
    text = _UNIT_ONCE.sub(r"\1\2 \3 \4s", _BARE_RANGE.sub(r"\1s to \2s", text))
    if found := _STARTS_ENDS.search(text):
        return When(start_ms=milliseconds(found[1]), end_ms=milliseconds(found[2]))
    if found := _RANGE.search(text):
        end = milliseconds(found[3])
        start = milliseconds(found[1]) if found[1] else _like(found[2], found[3])
        if start < end:
            return When(start_ms=start, end_ms=end)
    if found := _FIRST.search(text):
        return When("start", length_ms=milliseconds(found[1]))
    if found := _LAST.search(text) or _BEFORE_END.search(text):
        return When("end", length_ms=milliseconds(next(group for group in found.groups() if group)))
    start_at: int | None = None
    if found := _AT.search(text):
        start_at = milliseconds(next(group for group in found.groups() if group))
        text = text[: found.start()] + " " + text[found.end() :]
    if start_at is not None and _TO_END.search(text):
        return When(start_ms=start_at, end_ms=_FOREVER_MS)
    if found := _UNTIL.search(text):
        return When(start_ms=start_at, end_ms=milliseconds(found[1]))
    length = _ANY.search(text)
    anchor = next((name for name, pattern in _ANCHORS if pattern.search(text)), None)
    return When(anchor, start_at, None, (milliseconds(length[0]) or None) if length else None)


def stretch_of(when: When, total_ms: int) -> tuple[int | None, int | None]:
    """Start and end of a stretch of a film of `total_ms`, in milliseconds; an end of None is the film's.

    A start of None is no stretch.
    """
    if when.start_ms is not None:
        length = when.length_ms
        end = when.end_ms if when.end_ms is not None else when.start_ms + length if length else None
        return when.start_ms, end if end is None or not total_ms or end < total_ms else None
    if when.length_ms and when.anchor == "start":
        return 0, when.length_ms
    if when.length_ms and when.anchor == "end" and total_ms:
        return max(0, total_ms - when.length_ms), None
    if when.end_ms is not None:
        return 0, when.end_ms
    return None, None


# A number of things, in digits or words.
COUNTS: Final = rf"\d{{1,3}}|{'|'.join(_EN_NUMBERS)}|[一二两三四五六七八九十]{{1,3}}"


def count_of(word: str) -> int:
    """The number that a match of `COUNTS` stands for."""
    return _EN_NUMBERS.get(word) or _zh_number(word)


def _like(number: str, time: str) -> int:
    """A bare number with the unit of another time: the 5 in `5 to 8 s`."""
    return round(float(number) * (60_000 if re.search(_UNIT_MIN, time) else 1000))


def _zh_number(word: str) -> int:
    if word.isascii():
        return int(word)
    total, digit = 0, 0
    for char in word:
        if char in _ZH_DIGITS:
            digit = _ZH_DIGITS[char]
        elif char.isdigit():
            digit = int(char)
        else:
            total += max(digit, 1) * (10 if char == "十" else 100)
            digit = 0
    return total + digit
