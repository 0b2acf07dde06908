"""Transitions and fades of the picture in a clause."""

from __future__ import annotations

import re
from typing import Final, get_args

from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.picture_fade import END, GOES, IT, QUICK_MS, START, TO_WHITE
from nemo_notebook.engine.agent.reading.shot_words import mentions
from nemo_notebook.engine.agent.wishes import SetTransition
from nemo_notebook.engine.agent.words import look_words
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, with_digits
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.fields import TransitionKind
from nemo_notebook.film.phrasing import say
from nemo_notebook.outside import finite

_SLOW_MS: Final = 1_000
_LONGEST_AGAIN_MS: Final = 5_000  # `make it 30 seconds` is the film
_BETWEEN: Final = re.compile(r"\b(?:between|from)\b|之间|中间|[和到与]")
_OUT_OF: Final = re.compile(r"\b(?:after|out of|at the end of)\b|之?后")
_INTO: Final = re.compile(r"\b(?:before|into|at the start of|to)\b|之?前")
_NTH_CUT: Final = re.compile(
    r"(?<!\d[ -])\b(first|second|third|fourth|last|1st|2nd|3rd|4th) (?:cut|transition)\b"
    r"|第([一二三四\d])个?(?:剪辑点|转场|切换)"
)
_ORDER: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1, "一": 1, "二": 2, "三": 3, "四": 4}
_AT: Final = re.compile(rf"\b(?:cut|transition)\b.*?\bat (?:the )?({TIME})|\bat ({TIME})|第?({TIME})处")
_DROP: Final = re.compile(r"\b(?:at|on|when) the (?:beat )?drops?\b|高潮|副歌处|鼓点爆发")
_JOIN: Final = r"(?:transitions?|cross[- ]?fad\w+|dissolv\w+|wipes?|pushe?s?|flash\w*|fades?|叠化|转场|闪白|闪黑)"
_JOIN_LENGTH: Final = re.compile(
    rf"(?P<before>{TIME})(?:[- ]long)?(?=[ 的]*(?:\w+ )?{_JOIN})|{_JOIN} (?:of|lasting|for) (?P<of>{TIME})"
)
_PAIR: Final = re.compile(
    r"\bbetween (?:the )?(first|second|third|fourth|1st|2nd|3rd|4th) (?:\w+ )?and (?:the )?\w+ (?:clip|shot"
    r"|photo|picture|video|one)"
    r"|第([一二三四\d])个?(?:片段|镜头|张?照片|视频)?[和与到]第[一二三四五\d]"
)
_FIRST_TWO: Final = re.compile(r"\bbetween (?:the )?first (?:two|2)\b|前[两二2]个?(?:片段|镜头|视频|张照片)?之间")
_PER_PHOTO: Final = re.compile(r"\bper\b|\beach (?:photo|clip)|每张")
_NO_SLIDES: Final = re.compile(r"\bslides? ?shows?\b|\bflash ?back\b|\bslides\b(?= with| of| from)")
_CUTS_FIRST: Final = re.compile(r"^\W*(?:please |and |then )*(?:cut|sync|edit)\b|卡点")
_ONLY: Final = re.compile(r"\b(?:only|just)\b|只")
_LONGER: Final = re.compile(
    r"\b(?:(?P<more>longer|softer)|shorter)\b|(?:\b(?:them|those|it)\b.*)\b(?:(?P<slow>slower)|quicker|faster|snappier)\b"
    r"|(?P<zh>[长慢]一?[点些]|太[快短])|[短快]一?[点些]|太[慢长]"
)
_HAN_PACE: Final = re.compile(r"[快慢]")  # of a film that is cut to music: its cuts
_MORE: Final = 2.0
_OTHER_KINDS: Final = re.compile(
    r"\b(?:whip|glitch\w*|spin\w*|morph\w*|page|burn\w*|leaks?|ink|cube|flip\w*|rotat\w+|pixel\w*|blur\w*|warp|shake|3d|mosaic"
    r"|heart|star)\b|甩|翻页|旋转|故障|立方|水墨|百叶窗|马赛克|漏光|模糊|爱心|星形|抖动"
)
_NOT_JOINS: Final = re.compile(
    r"\b(?:cuts|cutting|pace|video|film|movie|clips?|shots?|music|song|title|photos?)\b|剪|镜头|视频|音乐|歌|标题|照片|片段"
)


def is_about_joins(clause: Clause) -> bool:
    """Whether a clause is about transitions, not about where it is cut."""
    text = _NO_SLIDES.sub(" ", clause.text)
    named = any(pattern.search(text) for _, pattern in look_words.TRANSITIONS)
    about = named or look_words.TRANSITION.search(text) is not None or look_words.HARD_CUTS.search(text) is not None
    return about and not clause.has(_CUTS_FIRST)


def without_join_length(clause: Clause) -> Clause:
    """The clause without the length of transitions, which is not that of the film."""

    def blank(found: re.Match[str]) -> str:
        return found[0].replace(found["of"], " " * len(found["of"])) if found["of"] else " " * len(found[0])

    return Clause(_JOIN_LENGTH.sub(blank, clause.text), _JOIN_LENGTH.sub(blank, clause.raw), clause.quotes)


def read_transition(clause: Clause, context: Context) -> bool:
    """Adds the transitions that a clause asks for or away; whether there were any."""
    text = _NO_SLIDES.sub(" ", with_digits(clause.text))
    kind = next((name for name, pattern in look_words.TRANSITIONS if pattern.search(text)), None)
    general = look_words.TRANSITION.search(text) is not None
    hard = look_words.HARD_CUTS.search(text) is not None
    if clause.has(TO_WHITE) and (clause.has(END) or clause.has(START)):
        en = 'The picture can fade to black, not to white: say "fade to black at the end".'
        context.edits.append(Decline(say(context.situation.spoken, en, "画面只能淡到黑场，例如“结尾淡出到黑场”。")))
        return True
    if clause.has(words.TITLE) and not general and kind != "dissolve" and not context.films:
        return False
    if _read_length_again(text, context) or _read_place_again(text, context):
        return True
    follows = context.topic == "transition" and IT.search(text) is not None
    if not general and kind is None and not hard and not (follows and GOES.search(text)):
        return False
    if hard or (GOES.search(text) and not re.search(r"\bno longer than\b", text)):
        context.edits.append(SetTransition(None, None, *_place(text, context)))
        return True
    if _DROP.search(text) and context.situation.of_kind("audio"):
        context.edits.append(SetTransition(kind or "white", _length_in(text, context), at_drop=True))
        return True
    length_ms = _length_in(text, context)
    if length_ms is None and look_words.SHORT.search(text) and not context.films:
        length_ms = QUICK_MS
    elif length_ms is None and look_words.LONG.search(text) and not context.films:
        length_ms = _SLOW_MS
    context.edits.append(SetTransition(kind or "dissolve", length_ms, *_place(text, context)))
    if kind is None and _OTHER_KINDS.search(text):
        lang = context.situation.spoken
        en = "There is no such transition; "
        en += "there are dissolves, dips to black or white, slides, pushes, wipes, zooms and circles."
        context.edits.append(Decline(say(lang, en, "没有这种转场；有叠化、闪黑、闪白、滑动、推移、擦除、缩放和圆形。")))
    if not context.films:
        context.topic = "transition"
    return True


def goes_on_about_joins(clause: Clause, context: Context) -> bool:
    """Whether a clause says how long the transitions are that the last turn set: `make it slower`, `慢一点`."""
    again = _length_again(with_digits(clause.text), context)
    return again is not None and (again.length_ms or 0) <= _LONGEST_AGAIN_MS


def _read_length_again(text: str, context: Context) -> bool:
    again = _length_again(text, context)
    if again is not None:
        context.edits.append(again)
    return again is not None


def _length_again(text: str, context: Context) -> SetTransition | None:
    """`make them longer`, `make it 1 second`: of the transitions that the last turn set."""
    set_now = [shot.meta.get("transition") for shot in context.film.shots]
    known = [join for join in set_now if isinstance(join, dict) and join.get("kind") in get_args(TransitionKind)]
    if context.topic != "transition" or not known or _NOT_JOINS.search(text) or look_words.TRANSITION.search(text):
        return None
    said, changed = re.search(TIME, text), _LONGER.search(text)
    if said is None and (changed is None or (_HAN_PACE.search(text) and context.film.is_cut_to_music)):
        return None
    now = finite(known[0].get("ms")) or _SLOW_MS
    factor = _MORE if changed is None or changed["more"] or changed["slow"] or changed["zh"] else 1 / _MORE
    length_ms = milliseconds(said[0]) if said is not None else round(now * factor)
    return SetTransition(known[0]["kind"], length_ms)


def _read_place_again(text: str, context: Context) -> bool:
    """`only at the drop`, `just the first cut`: of the transitions that the last turn set."""
    set_now = [join for shot in context.film.shots if isinstance(join := shot.meta.get("transition"), dict)]
    kind = set_now[0].get("kind") if set_now else None
    if context.topic != "transition" or kind not in get_args(TransitionKind) or not _ONLY.search(text):
        return False
    drop, place = _DROP.search(text) is not None, _place(text, context)
    if not drop and not any(place):
        return False
    length = finite(set_now[0].get("ms"))
    context.edits.append(SetTransition(None))
    context.edits.append(SetTransition(kind, round(length) if length else None, *place, at_drop=drop))
    return True


def _length_in(text: str, context: Context) -> int | None:
    """The length of transitions that a text speaks of: next to their name, or anywhere where no film is made."""
    if near := _JOIN_LENGTH.search(text):
        return milliseconds(near["before"] or near["of"])
    if context.films or _PER_PHOTO.search(text):
        return None
    said = re.search(TIME, _AT.sub(" ", text))
    return milliseconds(said[0]) if said else None


def _place(text: str, context: Context) -> tuple[Pick | None, Pick | None, int | None, int | None]:
    """What is before and after the cut that a text means, its number and its time; all None for every cut."""
    if found := _NTH_CUT.search(text):
        said = found[1] or found[2]
        return None, None, _ORDER.get(said) or int(said[0]), None
    if _FIRST_TWO.search(text):
        return None, None, 1, None
    if found := _PAIR.search(text):
        said = found[1] or found[2]
        return None, None, _ORDER.get(said) or int(said[0]), None
    named = [
        mention
        for mention in mentions(text, context)
        if not mention.is_loose and mention.pick not in (Pick(), Pick("clip"), Pick("photo"))
    ]
    if len(named) >= 2 and _BETWEEN.search(text):
        return named[0].pick, named[1].pick, None, None
    if len(named) == 1:
        before = text[: named[0].start]
        behind = text[named[0].end :]
        if _OUT_OF.search(before[-14:]) or re.match(r"\s*(?:之?后|结尾)", behind):
            return named[0].pick, None, None, None
        if _INTO.search(before[-14:]) or re.match(r"\s*(?:之?前|开头)", behind):
            return None, named[0].pick, None, None
    if found := _AT.search(text):
        return None, None, None, milliseconds(found[1] or found[2] or found[3])
    return None, None, None, None
