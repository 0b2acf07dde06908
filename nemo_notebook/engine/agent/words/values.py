"""Times and amounts in English and Chinese words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

_UNIT_S = r"(?:seconds?|secs?|s(?![a-z])|秒钟?)"
_UNIT_MIN = r"(?:minutes?|mins?|m(?![a-z])|分钟?)"
_NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
TIME: Final = (
    rf"(?:(?!9:16(?!\d))\d{{1,2}}:\d{{2}}(?:\.\d{{1,3}})?(?![:\d])"
    rf"|{_NUMBER}\s*-?\s*{_UNIT_MIN}(?:\s*(?:and\s*)?{_NUMBER}\s*{_UNIT_S})?"
    rf"|{_NUMBER}\s*-?\s*(?:milliseconds?|ms(?![a-z])|毫秒|{_UNIT_S}))"
)
Anchor = Literal["start", "end", "middle", "whole"]
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
    rf"\b({'|'.join(_EN_NUMBERS)})(?=[\s-]+(?:{_UNIT_S}|{_UNIT_MIN}|beats?|bars?|percent|per cent|bpm))"
)
_ZH_NUMBER_WORD = re.compile(r"([零一二两三四五六七八九十百]{1,5})(?=个?(?:秒|分(?!之)钟?|拍|小节))")
_ZH_PERCENT = re.compile(r"百分之\s*([零一二两三四五六七八九十百\d]{1,5})")
_ZH_TENTHS = re.compile(r"([一二两三四五六七八九\d])成(?!片|为|了|品)")
_LOOSE: Final = (
    (re.compile(r"\bhalf a (?=second|minute)"), "0.5 "),
    (re.compile(r"\b(?:a couple(?: of)?) (?=second|beat)"), "2 "),
    (re.compile(r"\b(?:a few) (?=second|beat)"), "3 "),
    (re.compile(r"\b(?:an?) (?=seconds?\b|minutes?\b)"), "1 "),
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
    return text


def milliseconds(time: str) -> int:
    """The milliseconds of what `TIME` matched."""
    if ":" in time:
        minutes, seconds = time.split(":")
        return round((int(minutes) * 60 + float(seconds)) * 1000)
    total = 0.0
    for number, unit in re.findall(rf"({_NUMBER})\s*-?\s*(毫秒|ms|milli|[sm秒分])", time):
        total += float(number) * {"s": 1000, "秒": 1000, "m": 60_000, "分": 60_000}.get(unit, 1)
    return round(total)


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time as it was asked for, in milliseconds; what was not said is None.

    Attributes:
        anchor: `start`, `end`, `middle` or `whole` of the video.
        start_ms: Start on the timeline.
        end_ms: End on the timeline.
        length_ms: Length.
    """

    anchor: Anchor | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    length_ms: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything was said of time."""
        return self != When()

    def within(self, total_ms: int, length_ms: int, start_ms: int = 0) -> tuple[int, int]:
        """Start and length in a video of `total_ms`; the arguments stand in for what was not said."""
        if self.anchor == "whole":
            return 0, total_ms
        length = min(self.length_ms or length_ms, total_ms)
        start = self.start_ms if self.start_ms is not None else start_ms
        if self.end_ms is not None:
            length = min(max(self.end_ms, start + 1), max(total_ms, start + 1)) - start
            length = min(max(self.end_ms - start, 1), total_ms) if start >= total_ms else length
        elif self.start_ms is None and self.anchor is not None:
            start = {"start": 0, "end": total_ms - length, "middle": (total_ms - length) // 2}[self.anchor]
        if start >= total_ms:
            start = total_ms - length
        return max(0, start), max(1, min(length, total_ms - max(0, start)))


ANY_TIME: Final = When()

_SAID_BEFORE: Final = re.compile(rf"\bseconds?\s+({_NUMBER})(?![\d:.]*\s*(?:{_UNIT_S}|{_UNIT_MIN}|%|beats?))")
_UNIT_ONCE: Final = re.compile(
    rf"((?:\b(?:from|between)|[从第])\s*)({TIME})\s*(to|until|till|and|-|–|—|~|到|至)\s*第?({_NUMBER})"
    rf"(?![\d:.]*\s*(?:{_UNIT_S}|{_UNIT_MIN}|%|:|beats?))"
)
_STARTS_ENDS: Final = re.compile(
    rf"\b(?:start|begin|appear|show)\w*\b.{{0,12}}?\bat ({TIME}).{{1,20}}?\b(?:end|stop|finish"
    rf"|disappear)\w*\s+(?:it )?at ({TIME})"
)
_BEFORE_END: Final = re.compile(rf"({TIME})\s*(?:before|from) the (?:very )?end\b|(?:倒数|距结尾|离结束)\s*({TIME})")
_RANGE = re.compile(rf"(?:({TIME})|({_NUMBER}))\s*(?:to|until|till|through|and|-|–|—|~|到|至)\s*(?:第)?({TIME})")
_TO_END = re.compile(
    r"\b(?:to|until|till|through) the (?:very )?end\b|\bon ?wards?\b|\btill end\b"
    r"|到(?:视频)?(?:结尾|最后|片尾|结束)|一直到|以后一直|起一直"
)
_BARE_RANGE = re.compile(
    rf"\b(?:from|between)\s+({_NUMBER})\s*(?:to|until|till|and|-|–)\s*({_NUMBER})(?![\d:.]*\s*(?:{_UNIT_S}"
    rf"|{_UNIT_MIN}|%|:|beats?))"
)
_FIRST = re.compile(rf"(?:\b(?:first|opening|initial|start(?:ing)?)\s+|(?:前|开头|最初|最开始|片头)的?\s*)({TIME})")
_LAST = re.compile(rf"(?:\b(?:last|final|closing|ending)\s+|(?:最后|末尾|结尾|片尾|后)的?\s*)({TIME})")
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
            r"\bthroughout\b|\b(?:the|its) (?:whole|entire|full) (?:\w+ )?(?:video|film|movie|time|way|song|thing|clip"
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
            r"|\bclosing\b|\bat end\b|结尾|末尾|片尾|最后|结束(?:处|时)"
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


@dataclass(frozen=True, slots=True)
class Amount:
    """A volume: 0–1, or a factor of the present one where `relative`."""

    value: float
    relative: bool = False


_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s*(?:%|percent|per cent|pct)")
_DECIBEL = re.compile(r"([+-]?\s?\d{1,3}(?:\.\d{1,2})?)\s*db\b")
_PLAIN = re.compile(
    r"(?:volume|level|loudness|音量|\bto|\bat|调到|设为|设到|设成|降到"
    r"|升到|到|为)\s*(?:to|at|of|is|=|:|调到|设为|到|为|是)?\s*(\d{1,3}(?:\.\d{1,4})?)(?![\d:.]*\s*(?:s\b"
    r"|sec|秒|分|p\b|beats?|拍|bpm))"
)
_BY = re.compile(
    r"\bby\s+(?:about\s+)?\d|(?:降低|提高|减少|增加|调高|调低|减小|增大|[大小高低响轻])(?:了)?\s*\d"
    r"|(?<!\d)[+-]\s?\d{1,3}\s*%"
    r"|%\s*(?:louder|quieter|softer|lower|higher|more|less|up|down)\b|\b(?:up|down)\s+(?:another\s+)?\d"
    r"|\b(?:increase|raise|reduce|decrease|lower|boost)(?:\s+(?!to\b|at\b)[a-z]+){1,3}\s+\d"
)
_MINUS = re.compile(r"(?<!\d)-\s?\d{1,3}\s*%|\bless\b")
_MUTE = re.compile(
    r"\b(?:mute[ds]?|muting|silence[ds]?|silent|no sound|to (?:zero|nothing))\b"
    r"|归零|静音|消音|(?:关掉|关闭)(?:\S{0,4})(?:声音|原声|音量)|无声"
)
_UNMUTE = re.compile(r"\bun-?mute\b|取消静音|恢复(?:原声|声音)|打开(?:原声|声音)")
_UP = re.compile(
    r"\b(?:louder|increase|raise|boost|turn(?: \S+){0,4} up|higher|up|more volume|too (?:quiet|soft|low))\b"
    r"|(?<!太)大声|大点声|太(?:小|轻)|调大|大一?点|大些|更响|响一点|提高|调高|增加|增大"
)
_DOWN = re.compile(
    r"\b(?:quieter|softer|lower|reduce|decrease|turn(?: \S+){0,4} down"
    r"|less loud|(?:too|so) loud|less volume|down)\b|(?<!太)小声|小点声|调小|小一?点|小些|轻一?点|轻些"
    r"|降低|调低|减少|减小|太大声?|太吵"
)
_SLIGHTLY = re.compile(r"\b(?:a (?:little|tiny)? ?bit|a little|slightly|a touch)\b|稍微|略|一点点")
_MUCH = re.compile(r"\b(?:much|a lot|far|way)\b|很多|大幅|得多")
_HALF = re.compile(r"\b(?:half|halve|50/50)\b|一半|减半")
_RELATIVE_HALF = re.compile(r"\bhalve\b|\bby half\b|half as|减半|小一半|降低一半")
_THREE_QUARTERS = re.compile(r"\b(?:three|3) quarters\b|四分之三")
_QUARTER = re.compile(r"\bquarter\b|四分之一")
_THIRD = re.compile(r"\b(?:a|one) third\b|三分之一")
_DOUBLE = re.compile(r"\b(?:double|twice)\b|加倍|两倍|翻倍|一倍")
_FULL = re.compile(
    r"\b(?:full|max|maximum|original) (?:volume|level|loudness)\b|\bto (?:full"
    r"|max|maximum|the max)\b|\bmax(?:imum)?\b|\ball the way up\b|\bas loud as possible\b|\bfull blast\b|最大|满格"
)


def read_amount(text: str) -> Amount | None:
    """The volume that a clause speaks of, or None."""
    text = with_digits(text)
    down = _DOWN.search(text) is not None or _MINUS.search(text) is not None
    if found := _PERCENT.search(text):
        share = float(found[1]) / 100
        return Amount(max(0.0, 1 - share) if down else 1 + share, relative=True) if _BY.search(text) else _level(share)
    if found := _DECIBEL.search(text):
        decibels = float(found[1].replace(" ", ""))
        return Amount(10 ** ((-abs(decibels) if down else decibels) / 20), relative=True)
    if found := _PLAIN.search(text):
        number = float(found[1])
        return _level(number if number <= 1 else number / 100)
    for pattern, amount in (
        (_UNMUTE, Amount(1.0)),
        (_MUTE, Amount(0.0)),
        (_RELATIVE_HALF, Amount(0.5, relative=True)),
        (_HALF, Amount(0.5)),
        (_THREE_QUARTERS, Amount(0.75)),
        (_QUARTER, Amount(0.25)),
        (_THIRD, Amount(1 / 3)),
        (_DOUBLE, Amount(2.0, relative=True)),
        (_FULL, Amount(1.0)),
    ):
        if pattern.search(text):
            return amount
    step = 1.2 if _SLIGHTLY.search(text) else 2.0 if _MUCH.search(text) else 1.4
    if down:
        return Amount(1 / step, relative=True)
    return Amount(step, relative=True) if _UP.search(text) else None


# A number of things, in digits or words.
COUNTS: Final = rf"\d{{1,3}}|{'|'.join(_EN_NUMBERS)}|[一二两三四五六七八九十]{{1,3}}"


def count_of(word: str) -> int:
    """The number that a match of `COUNTS` stands for."""
    return _EN_NUMBERS.get(word) or _zh_number(word)


def _level(value: float) -> Amount:
    return Amount(min(max(value, 0.0), 1.0))


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
