"""What a clause cuts off the film, and how long it makes it."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.pace import read_pace
from nemo_notebook.engine.agent.wishes import AddMusic, FitLength, Trim
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.objects import said
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, read_when
from nemo_notebook.engine.agent.words.wording import Clause

_TO_LENGTH: Final = re.compile(
    rf"(?:\bto|\bonly|\bjust|\bit|\bvideo|\bkeep|\bthis|到|成|在|为|保留"
    rf"|只要|只留)\s*(?:be |last |exactly |about |the |first |前|大约|约)*\s*({TIME})(?:\s*long)?"
)
_BOTH_ENDS: Final = re.compile(r"\s+and\s+|和|,")
_BARE_OFF: Final = re.compile(r"^(\s*\d+(?:\.\d+)?)(?= (?:off|from)\b)")
_OFF_END: Final = re.compile(
    rf"({TIME})\s*(?:of\s+)?(?:off|from|at|of)\s*(?:of\s+)?(?:the\s+)?(?:very\s+)?(?:(?P<start>start"
    rf"|begin(?:ning)?|front|head|opening|intro)|(?P<end>end|ending|tail|back|outro))\b"
    rf"|\b(?:off|from) the (?:very )?(?:(?P<start3>start|beginning|front)|end|ending|tail)\b[\s,]+(?:about )?({TIME})"
    rf"|\b(?P<start2>start|beginning)\b.*?\bby\s+({TIME})|\b(?P<end2>end)\b.*?\bby\s+({TIME})"
)
_LENGTHEN: Final = re.compile(
    r"\b(?:extend|lengthen|stretch|prolong|fill|loop|repeat|make|set|should be|needs? to be|has to be)\b"
    r"|延长|加长|拉长|做成|变成|改成|改为|时长|长度|设"
)
_LENGTH: Final = re.compile(
    rf"\b(?:to|be|for|until it is|is|last|of|=|exactly)\s+(?:exactly |about )?({TIME})|({TIME})\s*long\b"
    rf"|(?:到|成|为|是|长度?|时长)\s*(?:大约|约)?({TIME})"
)
_OF_FILM: Final = re.compile(
    r"\b(?:it|video|film|movie|this|everything|reel|whole thing|length|duration)\b|视频|影片|片子|长度|时长|它|总长"
)
_EXTENDS: Final = re.compile(r"\b(?:extend|lengthen|prolong|stretch)\b|延长|加长|拉长")
_HALF_AS_LONG: Final = re.compile(
    r"\b(?:cut|trim|shorten|make|bring|get) (?:it|this|the (?:video|film)) (?:down )?(?:to|by) half\b"
    r"|\bhalf (?:as long|the length|its length)\b|(?:缩短|剪短|剪掉)(?:到|成)?一半"
)
_TWICE_AS_LONG: Final = re.compile(
    r"\b(?:twice|two times) (?:as long|the length)\b|\bdouble the length\b|(?:延长|加长)一倍"
)
_SHARE: Final = re.compile(r"(\d{1,3})\s*% (shorter|longer)|(缩短|延长)(\d{1,3})%")
_BY: Final = re.compile(
    rf"\b(extend|lengthen|shorten|prolong|reduce|trim|cut) (?:it|this|the (?:video|film|movie"
    rf"|length))\b.{{0,10}}\bby ({TIME})"
    rf"|(?:视频|片子|影片|时长)(延长|加长|缩短)(?:了)?({TIME})"
)
_AT_MOST: Final = re.compile(
    r"\b(?:at most|no (?:more|longer) than|max(?:imum)?|up to|under|below|less than|within"
    r"|not longer than)\b|以内|不超过|最多|之内|以下"
)
_ALL = r"(?:everything|all|the rest|what comes|whatever comes|anything|the part)(?: that (?:comes|is))?"
_ALL_AFTER: Final = re.compile(
    rf"\b{_ALL} (?:after|past|from) ({TIME})(?!\s*(?:to|-|until))|({TIME})(?:之?后|以后)的?(?:都|全|内容"
    rf"|部分|所有)?"
)
_ALL_BEFORE: Final = re.compile(
    rf"\b{_ALL} (?:before|up to|until) ({TIME})|({TIME})(?:之?前|以前)的?(?:都|全|内容|部分|所有)"
)
_BEFORE_AND_AFTER: Final = re.compile(
    rf"\b(?:before|up to|until) ({TIME}) (?:and|or) (?:(?:everything|all|anything) )?(?:after|past) ({TIME})"
    rf"|({TIME})(?:之|以)?前(?:面)?的?[和与、,以及]+({TIME})(?:之|以)?后"
)
_TRIMS_TO: Final = re.compile(  # what is left, and not what goes
    rf"\b(?:trim|crop|shorten)\b(?!.*\b(?:out|away|off|part|parts|section|bit|piece|stretch|scene)\b)"
    rf"|\b(?:cut|clip) (?:it|this|the (?:video|film|clip))? ?(?:down )?to {TIME} ?(?:-|–|to|until)"
    rf"|(?:从|自)第?{TIME}(?:开始)?(?:剪|裁|截)到第?{TIME}"
)
_EACH_END: Final = re.compile(
    r"\b(?:both|each|either) (?:ends?|sides?)\b|\b(?:start|beginning) and (?:the )?(?:end|ending)\b"
    r"|掐头去尾|[头首]尾|开头和?(?:结尾|末尾)|前后各|两头|两端"
)
_ENOUGH: Final = re.compile(
    rf"({TIME}) (?:is|are|would be|will be) (?:enough|fine|plenty|good|ok(?:ay)?)\b|({TIME})就(?:好|够|行|可以)"
)
_ENDS_AT: Final = re.compile(
    rf"^\W*(?:please )?(?:(?:make|let|have) )?(?:(?:it|the (?:video|film)) )?(?:should |must |to )?(?:end|stop|finish)"
    rf"(?: (?:it|the (?:video|film)))? (?:at|after) ({TIME})|(?:在"
    rf"|到)({TIME})(?:处|时)?结束"
)
_STARTS_AT: Final = re.compile(
    rf"^\W*(?:please )?(?:(?:make|let|have) )?(?:(?:it|the (?:video|film)) )?(?:should |must |to )?(?:start|begin)"
    rf"(?: (?:it|the (?:video|film)))? (?:at|from) ({TIME})(?: in)?\W*$"
    rf"|^\W*(?:视频)?从第?({TIME})开始\W*$"
)
_USES: Final = re.compile(
    rf"\b(?:use|take|show|play|want|need|give me|have)\b(?: only| just)? (?:the |its )?(?:very )?"
    rf"(?:first|last|opening|final|initial) {TIME}"
    rf"|\b(?:only|just) (?:the )?(?:first|last) {TIME}"
    rf"|\b(?:down )?to (?:just |only )?(?:the |its )?(?:first|last|opening|final) {TIME}"
    rf"|(?:剪|裁)到(?:只剩)?(?:前|最后){TIME}"
    rf"|(?:用|取|要|放|播放?|留下?)(?:视频"
    rf"|影片)?的?(?:前|最后|后|开头){TIME}"
)
_VERSION: Final = re.compile(rf"({TIME})[\s-]*(?:long )?(?:version|edit|cut|variant)\b|({TIME})的?(?:版本|版)")
_BARE_LENGTH: Final = re.compile(
    rf"^\W*(?:我?想?要|改成|弄成)({TIME})的?\W*$|^\W*(?:(?:shorter|longer|length|duration|total|only|just|about|exactly|时长|总长|长度|短一点|长一点)\W+)*({TIME})\s*(?:long|total"
    rf"|长|左右)?\W*$|,\s*(?:like|maybe|say|about|around|to|at|大概|大约|差不多)?\s*({TIME})\s*(?:long|total|please|长|左右)?\W*$"
)
_SPLITS: Final = re.compile(r"\b(?:split|divide|slice)\b|分割|切开")


def read_trim(clause: Clause, context: Context) -> bool:
    """Adds the trims, or the length of the film, that a clause asks for; whether it asks for any."""
    text = said(clause)
    if clause.has(words.TITLE) or clause.has(words.FADE) or clause.quotes or clause.has(words.VOLUME):
        return False
    pace = read_pace(clause)
    added = context.last(AddMusic)
    if added is not None and added.length_ms and not context.has_film:
        return False  # the length of the music that was just asked for
    if context.films or _SPLITS.search(text) or pace.offset_s or pace.every_s:
        return False
    edits = _trims(clause, text) or _fits(clause, text)
    if not edits:
        return False
    context.edits.extend(edits)
    context.topic = "film"
    return True


def _trims(clause: Clause, text: str) -> list[Trim | FitLength]:
    ends = [_end_trim(_BARE_OFF.sub(r"\1s", part)) for part in _BOTH_ENDS.split(text)] if clause.has(words.TRIM) else []
    if len(ends) == 2 and all(ends):
        return [edit for edit in ends if edit is not None]
    if clause.has(words.TRIM) or "掐头去尾" in text:
        time = re.search(TIME, text)
        if _EACH_END.search(text) and time is not None:
            return [Trim("first", milliseconds(time[0])), Trim("last", milliseconds(time[0]))]
        if both := _BEFORE_AND_AFTER.search(text):
            return [Trim("only", milliseconds(both[1] or both[3]), milliseconds(both[2] or both[4]))]
    if side := _side_cut(clause, text):
        return [side]
    when = read_when(text)
    keeps = clause.has(words.KEEP) or _USES.search(text) is not None
    if clause.has(words.TRIM) and when.start_ms is not None and when.end_ms is not None:
        stays = keeps or _TRIMS_TO.search(text) is not None
        return [Trim("only" if stays else "range", when.start_ms, when.end_ms)]
    if keeps and when.length_ms and when.anchor in (None, "start"):
        return [Trim("keep", when.length_ms)]
    if keeps and when.length_ms and when.anchor == "end":
        return [Trim("keep-last", when.length_ms)]
    if clause.has(words.TRIM) and not _shortens(text) and (end := _end_trim(text)) is not None:
        return [end]
    return []


def _side_cut(clause: Clause, text: str) -> Trim | None:
    """`cut everything after 10 seconds`, `end the video at 0:09`."""
    if end := _ENDS_AT.search(text):
        return Trim("keep", milliseconds(next(filter(None, end.groups()))))
    if start := _STARTS_AT.search(text):
        return Trim("first", milliseconds(next(filter(None, start.groups()))))
    found = _ALL_AFTER.search(text) or _ALL_BEFORE.search(text)
    if found is None or not clause.has(words.TRIM):
        return None
    goes_after = (found.re is _ALL_AFTER) is not clause.has(words.KEEP)
    return Trim("keep" if goes_after else "first", milliseconds(next(filter(None, found.groups()))))


def _fits(clause: Clause, text: str) -> list[Trim | FitLength]:
    """The length that the whole film is to have."""
    if _HALF_AS_LONG.search(text) or _TWICE_AS_LONG.search(text):
        return [FitLength(factor=0.5 if _HALF_AS_LONG.search(text) else 2.0)]
    if share := _SHARE.search(text):
        part = min(float(share[1] or share[4]), 90) / 100
        return [FitLength(factor=1 - part if (share[2] or share[3]) in ("shorter", "缩短") else 1 + part)]
    if by := _BY.search(text):
        ms = milliseconds(by[2] or by[4])
        return [
            FitLength(more_ms=-ms if (by[1] or by[3]).startswith(("shorten", "reduce", "trim", "cut", "缩短")) else ms)
        ]
    most = _AT_MOST.search(text) is not None
    kept = _TO_LENGTH.search(text) if clause.has(words.SHORTEN) else None
    if kept is not None:
        return [FitLength(milliseconds(kept[1]), at_most=most)]
    if version := _VERSION.search(text) or _ENOUGH.search(text):
        return [FitLength(milliseconds(version[1] or version[2]))]
    if bare := _BARE_LENGTH.search(text):
        return [FitLength(milliseconds(next(filter(None, bare.groups()))))]
    named = _EXTENDS.search(text) or (_LENGTHEN.search(text) and _OF_FILM.search(text))
    length = _LENGTH.search(text) if named else None
    return [FitLength(milliseconds(next(filter(None, length.groups()))), at_most=most)] if length else []


def _end_trim(text: str) -> Trim | None:
    """The trim at the start or at the end that some words name, or None."""
    if off := _OFF_END.search(text):
        time = next(filter(None, re.findall(TIME, off[0])), None)
        starts = off["start"] or off["start2"] or off["start3"]
        return Trim("first" if starts else "last", milliseconds(time)) if time else None
    when = read_when(text)
    if not when.length_ms or when.anchor not in ("start", "end"):
        return None
    return Trim("first" if when.anchor == "start" else "last", when.length_ms)


def _shortens(text: str) -> bool:
    return re.search(rf"(?:\bdown to|\bto|到|成)\s*{TIME}", text) is not None
