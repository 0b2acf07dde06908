"""Volumes in English and Chinese words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nemo_notebook.engine.agent.words.values import with_digits
from nemo_notebook.film.draft import MAX_VOLUME


@dataclass(frozen=True, slots=True)
class Amount:
    """A volume, 1 as recorded, or a factor of the present one where `relative`."""

    value: float
    relative: bool = False


_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s*(?:%|percent|per cent|pct)")
_DECIBEL = re.compile(r"((?:[+-]|\bminus|\bplus)?\s?\d{1,3}(?:\.\d{1,2})?)\s*db\b")
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
UNMUTES: Final = re.compile(r"\bun-?mute\b|取消静音|恢复(?:原声|声音)|打开(?:原声|声音)")
_UP = re.compile(
    r"\b(?:music|song|sound|voices?|speech|dialogue) up\b"
    r"|\b(?:louder|increase|raise|boost|turn(?: \S+){0,4} up|higher|up|more volume|too (?:quiet|soft|low))\b"
    r"|(?<!太)大声|大点声|(?:太|有点|有些|偏)(?:小|轻)|调大|大一?点|大些|更响|响一点|提高|调高|增加|增大"
)
_DOWN = re.compile(
    r"\b(?:quieter|softer|lower|reduce|decrease|turn(?: \S+){0,4} down"
    r"|less loud|(?:too|so) loud|(?:a (?:little |tiny )?bit|a little|quite|rather|pretty|slightly) loud"
    r"|less volume|down)\b|(?<!太)(?<!有点)(?<!有些)(?<!偏)小声|小点声|调小|压低|压一?下|小一?点|小些|轻一?点|轻些"
    r"|降低|调低|减少|减小|(?:太|有点|有些|偏)(?:大声?|吵|响)"
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
        decibels = float(found[1].replace("minus", "-").replace("plus", "").replace(" ", ""))
        return Amount(10 ** ((-abs(decibels) if down else decibels) / 20), relative=True)
    if found := _PLAIN.search(text):
        number = float(found[1])
        return _level(number if number <= 1 else number / 100)
    for pattern, amount in (
        (UNMUTES, Amount(1.0)),
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


def _level(value: float) -> Amount:
    return Amount(min(max(value, 0.0), MAX_VOLUME))
