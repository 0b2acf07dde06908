"""Parts of the film that are named by their share or by what is seen, as times.

`The second half` of 14 seconds is `the last 7 seconds`, and `when clip2 starts` is `at 8s`.
"""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.shot_words import Mention, mentions
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, with_digits
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.drafting import (
    MUSIC,
    Part,
    on_frame,
)
from nemo_notebook.film.soundtrack import part_start_ms

_OF_OTHERS: Final = (
    r"(?!\s+(?:a\b|an\b|second|of (?:the |my |this )?(?:song|music|track|clip|photo|shot|title|first|last)))"
)
_SHARES: Final = {"half": 2, "third": 3, "quarter": 4, "半": 2, "三分之一": 3, "四分之一": 4}
_EN: Final = re.compile(
    rf"\b(?:the )?(?P<side>first|second|last|other|opening|final) (?P<share>half|third|quarter)\b(?: of (?:the|my"
    rf"|this) (?:video|film|movie))?{_OF_OTHERS}"
)
_ZH: Final = re.compile(
    r"(?:视频|影片|片子)?的?(?P<side>前|后|最后)(?:面的?)?一?(?P<share>半|三分之一|四分之一)(?:段|部分|截|程)?(?!首|个|张|秒)"
)
_FIRST: Final = ("first", "opening", "前")
_SHARE_OF_SHOT: Final = re.compile(
    r"\b(?:the )?(?P<side>first|second|last|other|opening|final) (?P<share>half|third|quarter) (?:of|from)\s+(?:the )?$"
)
_ZH_SHARE_OF_SHOT: Final = re.compile(
    r"(?P<lead>[^,，、;]{0,5}?)(?P<side>前|后|最后)面?一?(?P<share>半|三分之一|四分之一)(?:段|部分|截|程)?(?!首|个|张|秒)"
)
_MIDDLE: Final = re.compile(
    rf"(?P<to>\b(?:down )?to )?\b(?:the )?(?:middle|central) (?P<en>{TIME})"
    rf"(?! of (?:the |my )?(?:song|music|track|clip|first|second))"
    rf"|(?<!屏幕)(?<!画面)(?:视频|影片)?(?:正?中间|中段)的?(?P<zh>{TIME})"
)
_BEGINS: Final = re.compile(r"\s*(?:starts?|begins?|comes? in|appears?|is (?:first )?seen)\b")
_WHEN: Final = re.compile(r"\b(?:when|where|as soon as|once)\s+(?:the )?$")
_START_OF: Final = re.compile(r"\b(?:at|from) the (?:start|beginning) of\s+(?:the )?$")
_DURING: Final = re.compile(r"\b(?:over|on|during|while|throughout|on top of)\s+(?:the )?$")
_ZH_FOR: Final = re.compile(r"(?:给|为|在|把)\s*$")
_ZH_ON: Final = re.compile(r"(?:视频|片段|画面)?(?:上|里)?(?:都)?(?P<verb>加|配上?|写|打上?|标上?|显示)")
_ZH_AT: Final = re.compile(r"(?:出现|开始)(?:的?时候|时)")


_SONG_PART: Final = re.compile(
    r"\b(?:when|as|once|where|at|on) the (?:beat )?(?P<en>drop|chorus|climax)\b"
    r"(?: (?:hits|drops|comes(?: in)?|starts|begins|kicks in|lands))?"
    r"|(?P<zh>高潮|副歌)(?:来临|来|开始|到来)?(?:的?时候|时|处|部分)"
)


def with_times(clause: Clause, context: Context) -> Clause:
    """The clause with parts of the film as seconds; itself where it names none."""
    total_ms = context.film.end_ms
    text = _with_shares(clause.text, context)
    if not total_ms:
        return clause if text == clause.text else Clause(text, text, clause.quotes)
    if _MIDDLE.search(counted := with_digits(text)):
        text = _MIDDLE.sub(lambda found: _middle(found, total_ms), counted)
    text = _EN.sub(lambda found: _said(found, total_ms, "the {side} {s} seconds"), text)
    text = _ZH.sub(lambda found: _said(found, total_ms, "{side}{s}秒"), text)
    if clause.quotes:
        text = _with_shots(_with_song_part(text, context), context)
    return clause if text == clause.text else Clause(text, text, clause.quotes)


def _said(found: re.Match[str], total_ms: int, form: str) -> str:
    length_s = on_frame(total_ms / _SHARES[found["share"]]) / 1000
    first = found["side"] in _FIRST
    names = ("first", "last") if "seconds" in form else ("前", "最后")
    if found["side"] == "second" and found["share"] != "half":
        return f"from {length_s:g}s to {2 * length_s:g}s"
    return form.format(side=names[0] if first else names[1], s=f"{length_s:g}")


def _middle(found: re.Match[str], total_ms: int) -> str:
    """`The middle 4 seconds` as a stretch of the film."""
    length_ms = min(milliseconds(found["en"] or found["zh"]), total_ms)
    start_s = on_frame((total_ms - length_ms) / 2) / 1000
    end_s = start_s + length_ms / 1000
    if found["zh"]:
        return f"从{start_s:g}秒到{end_s:g}秒"
    return f"{'only the part ' if found['to'] else ''}from {start_s:g}s to {end_s:g}s"


def _with_shares(text: str, context: Context) -> str:
    """The text with `the first half of clip1` as seconds of it, from the last shot that is named to the first."""
    for mention in reversed(mentions(text, context)):
        length_ms = 0 if mention.is_loose else _length_of(mention, context)
        before, behind = text[: mention.start], text[mention.end :]
        if not length_ms:
            continue
        if found := _SHARE_OF_SHOT.search(before):
            share = _said(found, length_ms, "the {side} {s} seconds")
            text = f"{before[: found.start()]}{share} of {text[mention.start :]}"
        elif found := _ZH_SHARE_OF_SHOT.match(behind):
            share = _said(found, length_ms, "{side}{s}秒")
            text = f"{text[: mention.end]}{found['lead']}{share}{behind[found.end() :]}"
    return text


def _length_of(mention: Mention, context: Context) -> int:
    """How long the first shot that is meant lasts, or else the clip itself; 0 for what is neither."""
    if stretch := _stretch_of(mention, context.film.shots):
        return round((stretch[1] - stretch[0]) * 1000)
    found = (item for item in context.situation.media if item.id == mention.pick.media)
    return next((item.duration_ms for item in found), 0)


def _with_shots(text: str, context: Context) -> str:
    """The text with `when clip2 starts` and `over the second clip` as times, from the last to the first."""
    shots = context.film.shots
    for mention in reversed(mentions(text, context)):
        stretch = _stretch_of(mention, shots)
        if stretch is None:
            continue
        before, behind = text[: mention.start], text[mention.end :]
        begins = _BEGINS.match(behind) if _WHEN.search(before) else _ZH_AT.match(behind)
        if begins:
            text = f"{_WHEN.sub('', before)} at {stretch[0]:g}s {behind[begins.end() :]}"
        elif ahead := _ZH_ON.match(behind):
            text = (
                f"{_ZH_FOR.sub('', before)}从{stretch[0]:g}秒到{stretch[1]:g}秒{ahead['verb']}{behind[ahead.end() :]}"
            )
        elif lead := _START_OF.search(before):
            text = f"{before[: lead.start()]} at {stretch[0]:g}s {behind}"
        elif lead := _DURING.search(before):
            text = f"{before[: lead.start()]} from {stretch[0]:g}s to {stretch[1]:g}s {behind}"
    return text


def _stretch_of(mention: Mention, shots: list[Part]) -> tuple[float, float] | None:
    """Start and end of the first shot that is meant, in seconds."""
    pick = mention.pick
    if pick.media is not None:
        found = [shot for shot in shots if shot.meta.get("media") == pick.media]
    elif pick.number is not None and 0 < abs(pick.number) <= len(shots):
        found = [shots[pick.number - 1 if pick.number > 0 else pick.number]]
    else:
        found = []
    return (found[0].start_ms / 1000, found[0].end_ms / 1000) if found else None


def _with_song_part(text: str, context: Context) -> str:
    """The text with `when the drop hits` as the time at which that is heard; itself where it cannot be told."""
    found = _SONG_PART.search(text)
    music = next(iter(context.film.segments(*MUSIC)), None)
    item = music.upload(context.situation) if music is not None else None
    if found is None or music is None or item is None:
        return text
    start_ms = part_start_ms(item, "drop" if found["en"] == "drop" or found["zh"] == "高潮" else "chorus")
    at_ms = (start_ms or 0) - music.in_ms + music.start_ms
    if start_ms is None or not 0 <= at_ms < context.film.end_ms:
        return text
    return f"{text[: found.start()]} at {at_ms / 1000:g}s {text[found.end() :]}"
