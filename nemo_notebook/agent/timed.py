"""Lines of a message that begin with a time: captions, each seen until the next one comes.

`0:04 words`, `[00:04.20] words`, and the blocks of subtitle files (`00:00:01,000 --> 00:00:03,000`, the words below).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_MOST_LINES: Final = 200
_LAST_S: Final = 4.0  # how long the last one is seen
_STAMP: Final = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:[.,]\d{1,3})?)"
_LINE: Final = re.compile(
    rf"^[ \t]*[-*•]?[ \t]*[\[(]?{_STAMP}(?:[ \t]*(?:-+>?|[–—→~至到]|to)[ \t]*{_STAMP})?[\])]?"
    r"[ \t]*[-–—:：|]?[ \t]*(?P<words>.*?)[ \t]*$"
)
_HEAD: Final = re.compile(r"^([^\n:：]{1,60}[:：])[ \t]*([\[(]?\d{1,3}:\d{2}.*)$")
_NEXT_STAMP: Final = re.compile(
    r"(?:[ \t]*[,;/|，；、]|(?<=[^\W\d_])(?<!\bto)(?<!\bat)(?<!\band)(?<!from)(?<!until)(?<![到至从在])[ \t])[ \t]*"
    r"(?=[\[(]?\d{1,3}:\d{2}[^\d])"
)
_NUMBER: Final = re.compile(r"\s*\d{1,4}\s*")
_MEDIA: Final = re.compile(r"\S+\.\w{3,4}$")
_QUOTES: Final = "\"'“”「」『』"


@dataclass(frozen=True, slots=True)
class Line:
    """Words with the time at which they are seen."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TimedLines:
    """A message parted from its timed lines.

    Attributes:
        rest: What it asks for besides.
        head: The line above them that says what they are.
        lines: The timed lines.
    """

    rest: str
    head: str = ""
    lines: tuple[Line, ...] = ()


def part_timed_lines(message: str, is_head: Callable[[str], bool]) -> TimedLines:
    """Part a message from the lines in it that begin with a time; their words are no wishes.

    Args:
        message: The message.
        is_head: Whether a line speaks of captions or titles; a single timed line counts only below such a one.
    """
    rows = [row for line in message.splitlines() for row in _rows(line, is_head)]
    found = [(at, stamp) for at, row in enumerate(rows) if (stamp := _LINE.match(row)) is not None][:_MOST_LINES]
    stamped = {at for at, _ in found}
    below = {at + 1 for at, stamp in found if not stamp["words"] and stamp[5] and at + 1 < len(rows)} - stamped
    numbers = {at - 1 for at in stamped if at and _NUMBER.fullmatch(rows[at - 1])}
    others = [row for at, row in enumerate(rows) if at not in stamped | below | numbers and row.strip()]
    head = next((row for row in others if is_head(row)), "")
    said = [(stamp, stamp["words"] or (rows[at + 1] if at + 1 in below else "")) for at, stamp in found]
    is_list = len(found) > 1 and not others and not any(_MEDIA.match(words) for _, words in said)
    if not any(words for _, words in said) or not (head or is_list):
        return TimedLines(message)
    return TimedLines("\n".join(row for row in others if row is not head), head, tuple(_lines(said)))


def _rows(line: str, is_head: Callable[[str], bool]) -> list[str]:
    """`lyrics: 0:04 one, 0:08 two` as lines of its own."""
    found = _HEAD.match(line)
    return [found[1], *_NEXT_STAMP.split(found[2])] if found is not None and is_head(found[1]) else [line]


def _lines(said: list[tuple[re.Match[str], str]]) -> Iterator[Line]:
    starts = [_seconds(stamp, 1) for stamp, _ in said]
    for (stamp, words), start_s in zip(said, starts, strict=True):
        next_s = min((other for other in starts if other > start_s), default=start_s + _LAST_S)
        end_s = _seconds(stamp, 4) if stamp[5] else next_s
        if words.strip(_QUOTES + " "):
            yield Line(words.strip().strip(_QUOTES), start_s, end_s if end_s > start_s else next_s)


def _seconds(stamp: re.Match[str], first: int) -> float:
    hours, minutes, seconds = stamp.group(first, first + 1, first + 2)
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
