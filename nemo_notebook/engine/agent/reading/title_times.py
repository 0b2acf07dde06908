"""When titles are seen, in a clause: one, or several that are listed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.picks import ANY_TIME, When
from nemo_notebook.engine.agent.reading.title_words import read_look
from nemo_notebook.engine.agent.words.values import TIME, read_when, with_digits
from nemo_notebook.engine.agent.words.wording import MARK

_FOREVER_MS: Final = 10**9
_EACH_MS: Final = 3_000  # titles that are listed without times follow one another
LAST_TITLE: Final = re.compile(
    r"\b(?:last|final|closing|end) (?:title|caption|text)|最后(?:一个|的)?(?:标题|字幕|文字)"
)
_LASTS: Final = re.compile(
    r"\b(it|that|this|them|titles?|captions?|text|to|should|must|will|and) last\b(?! \d+ (?:titles|words))"
)
_ENDS_AT: Final = re.compile(rf"\b(?:end|stop|disappear|vanish|go away|leave)s?(?:ing)? (?:at|after) (?={TIME})")
NUMBERED: Final = re.compile(
    r"(?<!\d[ -])\b(first|second|third|fourth|opening|1st|2nd|3rd|4th) (?:title|caption|text)"
    r"|第([一二三四1234])个?(?:标题|字幕|文字)|\b(?:title|caption) (?:number |no\.? ?"
    r"|#)?([1-4])\b(?!\s*(?:s\b|sec|minute|beat|:))"
)
_TO_END: Final = re.compile(r"\b(?:until|till|through) the (?:very )?end\b|一?直?到(?:最后|结尾|片尾|结束)")
_BETWEEN: Final = re.compile(r"\s*(?:,|;|\b(?:and|then|with|plus)\b|和|、|以及|然后|再)\s*")
_BARE_AT: Final = re.compile(
    r"\b(at|for)\s+(\d{1,4}(?:\.\d{1,3})?)(?![\d:.]*\s*(?:%|s\b|sec|min|m\b|ms|px|p\b|x\b|:|beats?|bars?))"
)
_IN_MIDDLE: Final = re.compile(r"\bin the (?:middle|cent(?:er|re))\b(?! of)|(?<!屏幕)(?<!画面)(?<!视频)中间")
_MIDDLE_SAID: Final = {True: "in the middle of the video", False: "视频中间"}
_TIME_FIRST: Final = re.compile(rf"{TIME}\s*[:：]?\s*{MARK}")
MARKS: Final = re.compile(MARK)


def times_of(pieces: Sequence[str], each_ms: int | None, *, together: bool) -> list[When]:
    """When each of several titles is seen: those without any time follow one another, where they share a place."""
    whens = [time_in(piece) for piece in pieces]
    placed = any(read_look(MARKS.sub(" ", piece)).position for piece in pieces[1:])
    if len(pieces) > 1 and not any(when.is_given for when in whens) and not placed:
        length_ms = each_ms or _EACH_MS
        return [When(start_ms=number * length_ms, length_ms=length_ms) for number in range(len(pieces))]
    if each_ms is not None:
        return [replace(when, length_ms=each_ms) for when in whens]
    if len(pieces) > 1 and all(_TIME_FIRST.search(piece) for piece in pieces):
        whens = [When(start_ms=when.length_ms) if when == When(length_ms=when.length_ms) else when for when in whens]
    elif not (together or placed):
        whens = list(itertools.accumulate(whens, following))
    return [_until_next(when, after) for when, after in itertools.zip_longest(whens, whens[1:], fillvalue=ANY_TIME)]


def following(before: When, when: When) -> When:
    """A time of which only the length was said, after that of the title before it where that is known."""
    only_length = when.length_ms is not None and when == When(length_ms=when.length_ms)
    if not only_length or before.length_ms is None or before.end_ms is not None or before.anchor not in (None, "start"):
        return when
    return replace(when, start_ms=(before.start_ms or 0) + before.length_ms)


def middled(pieces: Sequence[str]) -> list[str]:
    """The pieces with `in the middle` as a time, where others of the list stand at the start or the end."""
    if not any(time_in(piece).anchor in ("start", "end") for piece in pieces):
        return list(pieces)
    return [_IN_MIDDLE.sub(lambda found: _MIDDLE_SAID[found[0].isascii()], piece) for piece in pieces]


def _until_next(when: When, after: When) -> When:
    """A time without an end, cut off where the next title of the list starts."""
    if when.start_ms is None or after.start_ms is None or when.length_ms is not None or when.end_ms is not None:
        return when
    gap_ms = after.start_ms - when.start_ms
    return replace(when, length_ms=gap_ms) if 0 < gap_ms < _EACH_MS else when


def pieces_of(text: str) -> list[str]:
    """The text cut between its marks, at the last `and` or comma before each."""
    marks = [found.start() for found in MARKS.finditer(text)]
    cuts = [0]
    for one, other in itertools.pairwise(marks):
        between = list(_BETWEEN.finditer(text, one, other))
        cuts.append(between[-1].start() if between else other)
    return [text[first:last] for first, last in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def time_in(text: str) -> When:
    """The time that a text speaks of; `at 5` and `for 3` are seconds where a title is spoken of."""
    text = NUMBERED.sub(" ", LAST_TITLE.sub(" ", MARKS.sub(" ", with_digits(text))))
    text = _LASTS.sub(r"\1 for", text)
    if not re.search(r"\b(?:start|begin|appear|show|from)", text):
        text = _ENDS_AT.sub("until ", text)
    if _TO_END.search(text) and not read_when(_TO_END.sub(" ", text)).is_given:
        return When(end_ms=_FOREVER_MS)
    return read_when(_BARE_AT.sub(r"\1 \2s", text)) if text.strip() else ANY_TIME


def without_number(text: str) -> str:
    """The text without the words that number a title, such as `the second title`."""
    return NUMBERED.sub(" ", LAST_TITLE.sub(" ", text))
