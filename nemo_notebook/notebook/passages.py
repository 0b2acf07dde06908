"""From the pieces of a reply to displays of a notebook: what is shown in which one, and when.

Nothing is shown here: pieces go in, what to show comes out. The text of a reply is spread over displays, its *places*.
The last one is open and is shown again as it grows; what is finished is sealed in a place of its own and never sent
again, so that what is sent stays in proportion to the reply.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nemo_notebook.notebook.text import Fence

_INTERVAL_S: Final = 0.25  # between two messages about the open place; also the pause after which a text has paused
_OLDEST_S: Final = 2.0  # no text waits for longer
# What may be sent for each byte of the reply: while it flows, and when it pauses. The rest is for sealing.
_FLOWING: Final = 5.5
_PAUSING: Final = 7.0
_FREE_BYTES: Final = 8_000  # what may be sent in advance: short replies are shown as fast as they come
_MESSAGE_BYTES: Final = 700  # of a message, beside its text
_SHORT: Final = 800  # characters that are worth a place of their own
_LONGEST: Final = 4_000  # characters of a place
_EARLY: Final = 12  # places that are so small; JupyterLab folds up what comes behind the 50th output of a cell
_LATE_SHORT: Final = 3_200
_LATE_LONGEST: Final = 6_400
_STEP: Final = (
    256  # characters that are read at once, so that a text that comes whole is cut as one that comes in pieces
)
_LOOK_BACK: Final = 32  # characters that an escape sequence of a terminal may have
_SENTENCE_END: Final = re.compile(r"[.!?…][)\"'”’*_]{0,3}\s+|[。！？；][”’」』）]?")
_TABLE_RULE: Final = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


@dataclass(frozen=True, slots=True)
class Show:
    """Show this in a place, instead of what is there.

    Attributes:
        place: Its number; places are shown in the order of their numbers.
        text: A part of the reply.
        opening: What goes before it, so that it reads by itself: the fence or the head of the table that was cut.
        closing: What goes behind it, likewise.
        is_last: Whether the place is sealed with it.
    """

    place: int
    text: str
    opening: str = ""
    closing: str = ""
    is_last: bool = False

    @property
    def whole(self) -> str:
        """All that is to be seen."""
        return f"{self.opening}{self.text}{self.closing}"


@dataclass(frozen=True, slots=True)
class Clear:
    """Leave nothing in a place."""

    place: int


@dataclass(slots=True)
class _Reading:
    """How far the open text has been read, line by line."""

    opening: str = ""
    fence: Fence | None = None
    table: str = ""  # the head of the table that the last line belongs to
    before: str = ""  # the line before
    begin: int = 0  # where the first line begins that is not read to its end
    seam: int = 0  # where the last block begins, if Markdown survives a cut there

    @classmethod
    def of(cls, opening: str) -> _Reading:
        """At the begin of a place."""
        reading = cls(opening)
        reading.read(opening)
        reading.begin = reading.seam = 0
        return reading

    def read(self, text: str, end: int | None = None) -> None:
        """Read the lines of a text that are new, up to `end`."""
        limit = len(text) if end is None else end
        while True:
            line_end = text.find("\n", self.begin, limit)
            line = text[self.begin : line_end if line_end >= 0 else limit]
            if self.fence is None and self.begin and not self.before.strip() and line.strip() and line[0] not in " \t":
                self.seam = self.begin
            if line_end < 0:
                return
            self._take(line)
            self.begin = line_end + 1

    def _take(self, line: str) -> None:
        if self.fence is not None:
            self.fence = None if self.fence.is_closed_by(line) else self.fence
        elif fence := Fence.read(line):
            self.fence, self.table = fence, ""
        elif "|" not in line:
            self.table = ""
        elif not self.table and "|" in self.before and _TABLE_RULE.fullmatch(line):
            self.table = f"{self.before}\n{line}\n"
        self.before = line

    def dress(self, cut_line: str, rest: str) -> tuple[str, str]:
        """What closes a text that is cut here, in the middle of a line or behind one, and what opens the rest."""
        if self.fence is None:
            return "", self.table if "|" in rest.partition("\n")[0] else ""
        mark = self.fence.mark
        return f"\n{mark}" if cut_line else mark, f"{mark}{self.fence.info}\n"


@dataclass(frozen=True, slots=True)
class _Sealed:
    place: int
    text: str
    opening: str  # of the next place


class Passages:
    """The places of a reply. Times are seconds of any clock that does not go back.

    A reply has passages: each comes in pieces, then perhaps whole.
    """

    def __init__(self) -> None:
        self._sealed: list[_Sealed] = []  # of the passage that is coming
        self._text = ""  # of the open place
        self._reading = _Reading()
        self._place: int | None = None  # the open place, once something is shown in it
        self._spare: list[int] = []  # places to be used again
        self._next_place = 0
        self._shown = 0  # characters of the open text
        self._received_bytes = 0
        self._sent_bytes = 0
        self._sent_s = self._piece_s = self._waiting_s = float("-inf")

    def feed(self, piece: str, now_s: float) -> Iterator[Show]:
        """A further piece has come."""
        if not piece:
            return
        if len(self._text) == self._shown:
            self._waiting_s = now_s
        self._piece_s = now_s
        yield from self._add(piece, now_s)
        yield from self.tick(now_s)

    def tick(self, now_s: float) -> Iterator[Show]:
        """Time has passed."""
        if self._is_due(now_s):
            yield self._show(self._text, now_s)
            self._shown = len(self._text)

    def replace(self, passage: str, now_s: float) -> Iterator[Show | Clear]:
        """The passage that came in pieces, whole: what it begins with stays, the rest is shown anew."""
        kept = at = 0
        for each in self._sealed:
            if not passage.startswith(each.text, at):
                break
            kept, at = kept + 1, at + len(each.text)
        self._spare = [each.place for each in self._sealed[kept:]]
        if self._place is not None:
            self._spare.append(self._place)
        self._place, self._text, self._shown = None, "", 0
        self._reading = _Reading.of(self._sealed[kept - 1].opening if kept else "")
        del self._sealed[kept:]
        yield from self._add(passage[at:], now_s)
        yield from self.end(now_s)

    def part(self, now_s: float) -> Iterator[Show]:
        """Something else is to be shown behind what is there: the rest of the passage comes in a new place."""
        if self._text.strip():
            yield self._seal(len(self._text), now_s)

    def end(self, now_s: float) -> Iterator[Show | Clear]:
        """The passage is over."""
        if self._text.strip():
            yield self._show(self._text, now_s, is_last=True)
        elif self._place is not None:
            self._spare.append(self._place)
        yield from (Clear(place) for place in self._spare)
        self._spare, self._sealed = [], []
        self._place, self._text, self._shown = None, "", 0
        self._reading = _Reading()

    def _add(self, piece: str, now_s: float) -> Iterator[Show]:
        for begin in range(0, len(piece), _STEP):
            part = piece[begin : begin + _STEP]
            self._received_bytes += len(part.encode("utf-8", "replace"))
            self._text += part
            self._reading.read(self._text)
            while cut := self._cut():
                yield self._seal(cut, now_s)

    def _cut(self) -> int:
        """How much of the open text is to be sealed."""
        is_early = len(self._sealed) < _EARLY
        if self._reading.seam >= (_SHORT if is_early else _LATE_SHORT):
            return self._reading.seam
        longest = _LONGEST if is_early else _LATE_LONGEST
        return (self._reading.seam or best_cut(self._text, longest)) if len(self._text) > longest else 0

    def _seal(self, cut: int, now_s: float) -> Show:
        """Seal the open text up to there."""
        reading = _Reading.of(self._reading.opening)
        reading.read(self._text, cut)
        closing, opening = reading.dress(self._text[reading.begin : cut], self._text[cut:])
        show = self._show(self._text[:cut], now_s, closing=closing, is_last=True)
        self._sealed.append(_Sealed(show.place, show.text, opening))
        self._text, self._place, self._shown, self._waiting_s = self._text[cut:], None, 0, now_s
        self._reading = _Reading.of(opening)
        self._reading.read(self._text)
        return show

    def _is_due(self, now_s: float) -> bool:
        if len(self._text) == self._shown or not self._text.strip() or now_s - self._sent_s < _INTERVAL_S:
            return False
        if now_s - self._waiting_s >= _OLDEST_S:
            return True
        ratio = _PAUSING if now_s - self._piece_s >= _INTERVAL_S else _FLOWING
        cost = _MESSAGE_BYTES + len(self._text.encode("utf-8", "replace"))
        return self._sent_bytes + cost <= ratio * self._received_bytes + _FREE_BYTES

    def _show(self, text: str, now_s: float, *, closing: str = "", is_last: bool = False) -> Show:
        if self._place is None:
            self._place = self._spare.pop(0) if self._spare else self._next_place
            self._next_place = max(self._next_place, self._place + 1)
        faces = 2 if is_last else 1
        self._sent_bytes += _MESSAGE_BYTES + faces * len(text.encode("utf-8", "replace"))
        self._sent_s = now_s
        return Show(self._place, text, self._reading.opening, closing, is_last)


def best_cut(text: str, longest: int) -> int:
    """Where to cut a text, after at most `longest` characters: behind a line, a sentence, a word, else anywhere."""
    least = longest // 4
    line_end = text.rfind("\n", least, longest)
    if line_end >= 0:
        return line_end + 1
    sentence_end = max((found.end() for found in _SENTENCE_END.finditer(text, least, longest)), default=0)
    if sentence_end:
        return sentence_end
    space = text.rfind(" ", least, longest)
    if space >= 0:
        return space + 1
    escape = text.rfind("\x1b", longest - _LOOK_BACK, longest)
    if escape >= 0:
        return escape
    for cut in range(longest, longest - _LOOK_BACK, -1):
        if not _belongs_to_the_one_before(text, cut):
            return cut
    return longest


def _belongs_to_the_one_before(text: str, at: int) -> bool:
    """Whether a character is no beginning: an accent, a variation or colour of an emoji, what is joined to another."""
    if at >= len(text):
        return False
    character = text[at]
    return (
        bool(unicodedata.combining(character))
        or character in "\u200d\ufe0e\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\udc00" <= character <= "\udfff"
        or text[at - 1] == "\u200d"
    )
