"""Bars, beats and parts of the music as times: `the first two bars` is `the first 4 seconds` at 120 beats a minute."""

from __future__ import annotations

import itertools
import re
import statistics
from dataclasses import dataclass
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.speed import is_speed
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import COUNTS, count_of, with_digits
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.cutting import Rhythm
from nemo_notebook.film.drafting import MUSIC, to_ms
from nemo_notebook.film.fields import SongPart
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.soundtrack import music_rhythm, part_end_ms, part_start_ms

_UNIT: Final = r"(?P<unit>bars?|measures?|beats?)\b"
_ZH_UNIT: Final = r"个?(?P<unit>小节|拍)"
_LENGTH: Final = (  # so many of them
    re.compile(
        r"(?P<lead>\b(?:first|last|opening|final|closing|for|over|during|lasting|lasts?)\s+(?:about |the |just "
        r"|only |next )*)"
        rf"(?:(?P<count>{COUNTS}|an?)[\s-]+)?{_UNIT}"
    ),
    re.compile(
        rf"(?P<lead>(?:前面?|最?后面?|开头|结尾|片头|片尾|持续|显示|最初|每张(?:照片|图片)?)的?)(?P<count>{COUNTS}){_ZH_UNIT}"
    ),
)
_RANGE: Final = re.compile(
    r"\b(?:from )?(?P<unit>bar|measure|beat)s? (?P<one>\d{1,3})\s*(?P<to>to|until|till|-|–|through|and)\s*"
    r"(?:(?P<again>bar|measure|beat)\s+)?(?P<other>\d{1,3})\b"
)
_ZH_RANGE: Final = re.compile(
    rf"从?第(?P<one>{COUNTS})个?(?:小节|拍)?(?P<to>到|至)第?(?P<other>{COUNTS})个?(?P<unit>小节|拍)"
)
_AT: Final = re.compile(
    r"(?P<lead>\b(?:at|on|in|during|from|until|till) )(?:the )?(?P<unit>bar|measure|beat) (?P<number>\d{1,3})\b"
)
_ZH_AT: Final = re.compile(rf"(?P<lead>[在从到]?)第(?P<number>{COUNTS})个?(?P<unit>小节|拍)")
_ORDINALS: Final = {
    word: number
    for number, words_of_it in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th"), 1
    )
    for word in words_of_it.split()
}
_NTH: Final = re.compile(  # `from the second bar`, and not `for the first bar`, which is a length
    r"(?:(?<=from )|(?<=at )|(?<=on )|(?<=to )|(?<=until ))"
    rf"(?:the )?(?P<nth>{'|'.join(_ORDINALS)}) (?P<unit>bar|beat|measure)\b"
)
_EVERY: Final = re.compile(
    r"\b(?:every|each|per)\s+(?:\d|single|other|second|beats?|bars?|measures?)|\b(?:once|twice|times|cuts?)\b"
    r"|每隔?[\d一二两三四]*个?(?:拍|小节)|隔|剪|切"
)
_THROUGH: Final = re.compile(
    r"\b(?:during|throughout|for|over|through|in) (?:the |its )?(?P<en>intro|chorus|drop|outro)\b(?! (?:title"
    r"|card|text))"
    r"|(?P<zh>(?:前奏|尾奏)(?=的?时候|期间|部分|阶段|时|里|中)|(?:副歌|高潮)(?=期间|阶段|里|中))的?(?:时候|期间|部分|阶段|时|里|中)"
)
_AT_PART: Final = re.compile(
    r"\b(?:at|on|when|in|during) the (?:beat )?(drop|chorus)(?: (?:hits|drops|comes|starts))?\b|在?(副歌"
    r"|高潮)(?:的?时候|时|处|里|部分)?"
)
_PARTS: Final[dict[str, SongPart]] = {
    "intro": "intro", "前奏": "intro", "chorus": "chorus", "副歌": "chorus", "drop": "drop", "高潮": "drop",
    "outro": "end", "尾奏": "end",
}  # fmt: skip
_USUAL_BAR: Final = 4  # beats


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where bars and beats are, in seconds of the timeline."""

    beats: tuple[float, ...]
    bars: tuple[float, ...]
    beat_s: float
    bar_s: float

    @classmethod
    def of(cls, rhythm: Rhythm) -> _Grid:
        """The grid of a steady rhythm."""
        beats = tuple(to_ms(frame) / 1000 for frame in rhythm.beats)
        bars = tuple(to_ms(frame) / 1000 for frame in sorted(rhythm.downbeats))
        beat_s = _mean_step(beats)
        per_bar = round(_mean_step(bars) / beat_s) if len(bars) > 1 else _USUAL_BAR
        return cls(beats, bars, beat_s, beat_s * max(1, per_bar))

    def length(self, unit: str, count: int) -> float:
        """How long so many bars or beats are."""
        return count * (self.beat_s if _is_beat(unit) else self.bar_s)

    def start(self, unit: str, number: int) -> float | None:
        """Where a bar or a beat begins, counted from 1; None where there are not so many."""
        row = self.beats if _is_beat(unit) else self.bars
        return row[number - 1] if 0 < number <= len(row) else None


def with_bars(clause: Clause, context: Context) -> Clause:
    """The clause with bars, beats and parts of the music as seconds; itself where it names none.

    Where no beat is heard the music is named as the reason, and the bars are left out.
    """
    text = clause.text
    if clause.quotes or clause.has(words.TITLE):
        text = _THROUGH.sub(lambda found: _through(found, context), text)
    elif is_speed(text):
        text = _AT_PART.sub(lambda found: _bar_at(found, context), text)
    digits = _NTH.sub(lambda found: f"{found['unit']} {_ORDINALS[found['nth']]}", with_digits(text))
    patterns = (*_LENGTH, _RANGE, _ZH_RANGE, _AT, _ZH_AT)
    if not _EVERY.search(digits) and any(pattern.search(digits) for pattern in patterns):
        text = _counted(digits, context)
    return clause if text == clause.text else Clause(text, text, clause.quotes)


def _bar_at(found: re.Match[str], context: Context) -> str:
    """`At the drop` as the bar that begins there."""
    heard, rhythm = _song(context), _rhythm(context)
    start_ms = part_start_ms(heard[0], _PARTS[found[1] or found[2]]) if heard is not None else None
    if heard is None or start_ms is None or not rhythm.is_steady:
        return found[0]
    start_s = max(0, start_ms + heard[1]) / 1000
    end_s = start_s + _Grid.of(rhythm).bar_s
    return f"from {start_s:g}s to {end_s:g}s" if found[1] else f"从{start_s:g}秒到{end_s:g}秒"


def _counted(text: str, context: Context) -> str:
    rhythm = _rhythm(context)
    if not rhythm.is_steady:
        context.edits.append(Decline(_no_beat(context)))
        return text
    grid = _Grid.of(rhythm)
    for pattern in (_RANGE, _ZH_RANGE):
        text = pattern.sub(lambda found: _range(found, grid), text)
    for pattern in _LENGTH:
        text = pattern.sub(lambda found: _length(found, grid), text)
    for pattern in (_AT, _ZH_AT):
        text = pattern.sub(lambda found: _at(found, grid), text)
    return text


def _length(found: re.Match[str], grid: _Grid) -> str:
    count = found["count"] or "1"
    length_s = grid.length(found["unit"], 1 if count in ("a", "an") else count_of(count))
    return f"{found['lead']}{length_s:.3g}{' seconds' if found['unit'].isascii() else '秒'}"


def _range(found: re.Match[str], grid: _Grid) -> str:
    """`From bar 3 to bar 5` ends where the fifth begins, `bars 3 to 5` where it ends."""
    unit = found["unit"]
    start, last = grid.start(unit, count_of(found["one"])), count_of(found["other"])
    until = "again" in found.groupdict() and found["again"] is not None
    ends_with = str(found["again"]) if until else unit
    end = grid.start(ends_with, last if until else last + 1)
    if start is None:
        return found[0]
    if end is None:
        end = start + grid.length(unit, last - count_of(found["one"]) + (0 if until else 1))
    return f"from {start:g}s to {end:g}s" if unit.isascii() else f"从{start:g}秒到{end:g}秒"


def _at(found: re.Match[str], grid: _Grid) -> str:
    start = grid.start(found["unit"], count_of(found["number"]))
    if start is None:
        return found[0]
    if found["lead"].strip() in ("in", "during", "在", ""):
        end = start + grid.length(found["unit"], 1)
        return f"from {start:g}s to {end:g}s" if found["unit"].isascii() else f"从{start:g}秒到{end:g}秒"
    return f"{found['lead']}{start:g}s" if found["unit"].isascii() else f"{found['lead']}第{start:g}秒"


def _through(found: re.Match[str], context: Context) -> str:
    """`During the intro` as a stretch of the film, as far as the song's sections are known."""
    heard = _song(context)
    if heard is None:
        return found[0]
    song, shift_ms = heard
    part = _PARTS[found["en"] or found["zh"]]
    start_ms = part_start_ms(song, part)
    if start_ms is None or (part == "intro" and len(song.sections) < 2):
        return found[0]
    stop_ms = song.sections[1][0] if part == "intro" else part_end_ms(song, part, start_ms)
    start_s, end_s = max(0, start_ms + shift_ms) / 1000, (stop_ms + shift_ms) / 1000
    total_s = context.film.end_ms / 1000
    end_s = min(end_s, total_s) if total_s else end_s
    if start_s >= end_s:
        return found[0]
    return f"from {start_s:g}s to {end_s:g}s" if found["en"] else f"从{start_s:g}秒到{end_s:g}秒"


def _song(context: Context) -> tuple[MediaItem, int] | None:
    """The song that is heard, or would be, and by how much later than in the song its times are on the timeline."""
    music = next(iter(context.film.segments(*MUSIC)), None)
    if music is not None:
        item = music.upload(context.situation)
        return None if item is None else (item, music.start_ms - music.in_ms)
    songs = () if context.film.end_ms else context.situation.of_kind("audio")
    return (songs[-1], 0) if songs else None


def _rhythm(context: Context) -> Rhythm:
    if context.film.segments(*MUSIC):
        return music_rhythm(context.film, context.situation)
    heard = _song(context)
    return Rhythm() if heard is None else Rhythm.of(heard[0].beats_ms, heard[0].downbeats_ms)


def _no_beat(context: Context) -> str:
    lang = context.situation.spoken
    if not context.has_music:
        en = "There are no bars to count yet: there is no music. Say a time, for example: for the first 3 seconds."
        return say(lang, en, "还没有音乐，无法数小节。请说时间，例如：前3秒。")
    en = "The music has no steady beat to count bars by. Say a time, for example: for the first 3 seconds."
    return say(lang, en, "音乐没有稳定的节拍，无法数小节。请说时间，例如：前3秒。")


def _mean_step(times: tuple[float, ...]) -> float:
    """The usual distance of times: the mean of those distances that are near the middle one."""
    steps = [other - one for one, other in itertools.pairwise(times)]
    middle = statistics.median(steps)
    return statistics.fmean(step for step in steps if abs(step - middle) <= middle / 4)


def _is_beat(unit: str) -> bool:
    return unit.startswith("beat") or unit == "拍"
