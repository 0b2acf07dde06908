"""Lines of a message that begin with a time: captions, each seen until the next one comes."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

from nemo_notebook.engine.agent.picks import When
from nemo_notebook.engine.agent.wishes import CAPTION_LOOK, USUAL_LOOK, AddTitle
from nemo_notebook.engine.agent.words import vocabulary as words

_MOST_LINES: Final = 200
_LAST_MS: Final = 4_000
_STAMP: Final = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:[.,]\d{1,3})?)"
_LINE: Final = re.compile(
    rf"^[ \t]*[-*•]?[ \t]*[\[(]?{_STAMP}(?:[ \t]*(?:-+>?|[–—→~至到]|to)[ \t]*{_STAMP})?[\])]?"
    r"[ \t]*[-–—:：|]?[ \t]*(?P<words>.*?)[ \t]*$",
    re.MULTILINE,
)
_HEAD: Final = re.compile(r"^[^\n:：]{0,60}(?:[:：][ \t]*|)$")
_MEDIA: Final = re.compile(
    r"(?:the )?(?:clip|photo|video|shot|image|picture|片段|照片|视频) ?\d|\S+\.\w{3,4}$", re.IGNORECASE
)
_INLINE: Final = re.compile(
    r"((?:captions?|lyrics?|sub-?titles?|字幕|歌词)[^\n:：]{0,20}[:：])[ \t]*([\[(]?\d{1,3}:\d{2}[^\n]*)", re.IGNORECASE
)
_NEXT_STAMP: Final = re.compile(
    r"(?:[ \t]*[,;/|，；、]|(?<=[^\W\d_])(?<!\bto)(?<!\bat)(?<!\band)(?<!from)(?<!until)(?<![到至从在])[ \t])[ \t]*"
    r"(?=[\[(]?\d{1,3}:\d{2}[^\d])"
)
_QUOTES: Final = "\"'“”「」『』"


@dataclass(frozen=True, slots=True)
class TimedLines:
    """A message parted from its timed lines.

    Attributes:
        rest: What it asks for besides.
        titles: The timed lines.
        head: The line above them that says what they are.
    """

    rest: str
    titles: tuple[AddTitle, ...]
    head: str = ""


def take_timed_lines(message: str) -> TimedLines:
    """Parts a message from the lines in it that begin with a time, such as `0:04 words` or `[00:04.20] words`.

    Their words are no wishes. A single line counts only below a head that speaks of captions, lyrics or titles; a time
    without words ends the line before.
    """
    message = _INLINE.sub(_on_lines, message)
    found = list(itertools.islice(_LINE.finditer(message), _MOST_LINES))
    rest = _LINE.sub("", message)
    lines = [line for line in rest.splitlines() if line.strip()]
    head = next((line for line in lines if _is_head(line)), None)
    sure = len(found) > 1 and not lines and not any(_MEDIA.match(line["words"]) for line in found)
    if not any(line["words"] for line in found) or (head is None and not sure):
        return TimedLines(message, ())
    is_title = head is not None and words.TITLE.search(head.lower()) and not words.CAPTION.search(head.lower())
    look = USUAL_LOOK if is_title else CAPTION_LOOK
    starts = [_milliseconds(*line.group(1, 2, 3)) for line in found]
    titles = []
    for line, start_ms in zip(found, starts, strict=True):
        next_ms = min((other for other in starts if other > start_ms), default=start_ms + _LAST_MS)
        end_ms = _milliseconds(*line.group(4, 5, 6)) if line[5] else next_ms
        when = When(start_ms=start_ms, end_ms=end_ms if end_ms > start_ms else next_ms)
        if line["words"]:
            titles.append(AddTitle(line["words"].strip(_QUOTES), when, look))
    left = [line for line in lines if line is not head]
    return TimedLines("\n".join(left), tuple(titles), head or "")


def _on_lines(found: re.Match[str]) -> str:
    """`lyrics: 0:04 one, 0:08 two` as lines of its own."""
    return f"{found[1]}\n{_NEXT_STAMP.sub(chr(10), found[2])}"


def _is_head(line: str) -> bool:
    low = line.strip().lower()
    return _HEAD.match(low) is not None and (words.CAPTION.search(low) or words.TITLE.search(low)) is not None


def _milliseconds(hours: str | None, minutes: str, seconds: str) -> int:
    return round((int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))) * 1000)
