"""A clause that speaks of a title and of other things too, as one clause for each."""

from __future__ import annotations

import re
from typing import Final, Literal

from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import TIME
from nemo_notebook.engine.agent.words.wording import MARK, Clause

_Kind = Literal["title", "other", "more"]
_BETWEEN: Final = re.compile(r"\s*(?:,|;|&|\+|\b(?:and|with|plus|also|then)\b|[和、]|以及|并且?|然后)[\s,]*")
_OF_ITS_OWN: Final = re.compile(
    r"^\W*(?:for|over|at|in|on|from|until|till|during|throughout|of|to|as|using|在|从|到)\b|^[在从到]"
)
_OTHER: Final = re.compile(
    r"\btransitions?\b|\bcross ?-?fades?\b|\bdissolves?\b|\bfilters?\b|\bvisuali\w+|\bbars\b|\b(?:vertical"
    r"|square|portrait"
    r"|landscape|tiktok|reels?|shorts|youtube)\b|\bbeats?\b|\bfad\w+ (?:to|from) black|转场|叠化|滤镜"
    r"|^\W*(?:黑白|复古|电影感|怀旧|胶片|暖色|冷色|梦幻)|^\W*(?:sepia|vintage|cinematic|noir|gr[ae]yscale)\W*$"
    r"|可视化"
    r"|竖屏|横屏|方形"
)
FADES_OF_FILM: Final = re.compile(
    r"^\W*(?:add )?(?:(?:the video|everything|picture)\s+)?fad\w+ (?:everything |the \w+ )?(?:in|out|to|from)\b.*"
    r"\b(?:end|start|beginning|last|first|black)\b"
    r"|^\W*加?(?:视频|画面|影片)?(?:结尾|开头|片尾|片头|最后)\S{0,6}(?:淡出|淡入|渐隐)|^\W*加?从?黑场"
)
BARE_FADE: Final = re.compile(rf"^\W*(?:and |then )*fade (?:in|out)(?: over| for)?(?: {TIME})?\W*$")
_MARK: Final = re.compile(MARK)
_GOES: Final = re.compile(
    r"^\W*(?:(?:please|now|then|can you|could you|just|and)\s+)*(?:remove|delete|get rid of|take out|drop"
    r"|hide|lose|erase"
    r"|clear|no)\b|^\W*(?:请|把|帮我|再)*(?:删|去掉|移除|去除|不要|拿掉)|(?:去掉|删掉|删除|移除|去除|拿掉)[了吧]?\W*$"
)
_A_SHOT_GOES: Final = re.compile(rf"(?:{_GOES.pattern}).*\b(?:shot|scene)\b")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def parts_of(clause: Clause) -> tuple[Clause, ...]:
    """The parts of a clause: what is about titles apart from what is about other things, in order.

    A part that has lost its verb gets `add` or `remove`, as the whole began.
    """
    if not clause.quotes and not clause.has(words.TITLE):
        return (clause,)
    groups = _groups(clause.text)
    if len(groups) < 2:
        return (clause,)
    removes = clause.has(_GOES)
    lead = _lead(clause, removes=removes)
    quotes = iter(clause.quotes)
    parts = []
    for number, (start, end) in enumerate(groups):
        text, raw = clause.text[start:end], clause.raw[start:end]
        inside = tuple(next(quotes, "") for _ in _MARK.findall(text))
        bare = number > 0 if not removes else not _GOES.search(text)
        if bare and not (words.ADD.search(text) or words.REMOVE.search(text) or words.MAKE.search(text)):
            text, raw = lead + text, lead + raw
        parts.append(Clause(text, raw, inside))
    return tuple(parts)


def _lead(clause: Clause, *, removes: bool) -> str:
    if clause.has(_HAN):
        return "去掉" if removes else "加"
    return "remove " if removes else "add "


def _groups(text: str) -> list[tuple[int, int]]:
    """Stretches of the text that are about the same kind of thing, without the words between them."""
    found: list[tuple[_Kind, int, int]] = []
    start = 0
    for stop, next_start in [*((m.start(), m.end()) for m in _BETWEEN.finditer(text)), (len(text), len(text))]:
        piece = text[start:stop]
        if piece.strip():
            kind = "other" if not found and BARE_FADE.match(piece) else _kind(piece)
            if found and (kind in ("more", found[-1][0])):
                found[-1] = (found[-1][0], found[-1][1], stop)
            elif found and found[-1][0] == "more":
                found[-1] = (kind, found[-1][1], stop)
            else:
                found.append((kind, start, stop))
        start = next_start
    return [(first, last) for _, first, last in found]


def _kind(piece: str) -> _Kind:
    if _MARK.search(piece) or words.TITLE.search(piece) or words.OF_SONG.search(piece):
        return "title"
    if FADES_OF_FILM.search(piece) or _A_SHOT_GOES.search(piece):
        return "other"
    if _OF_ITS_OWN.search(piece):
        return "more"
    return "other" if words.NOUN.search(piece) or _OTHER.search(piece) else "more"
