"""Fades of the picture from and to black in a clause."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.wishes import FadePicture, MakeVideo
from nemo_notebook.engine.agent.words import look_words
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import read_when
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.drafting import editable

_USUAL_FADE_MS, _USUAL_MUSIC_FADE_MS = 1_000, 2_000
QUICK_MS: Final = 200
GOES: Final = re.compile(
    r"\b(?:remov\w+|delete|no|don'?t (?:use|want|need|like)|without(?: any)?|drop (?:the|all|those)|get rid of"
    r"|turn off|disable|lose"
    r"|take (?:out|away|off))\b"
    r"|去掉|不要|取消|删|移除|关掉|没有|无"
)
IT: Final = re.compile(r"\b(?:it|that|them|those)\b|它")
_FADE_BETWEEN: Final = re.compile(
    r"\bfad\w+ (?:\w+ ){0,3}between\b|\bbetween\b.*\bfad(?:e|es|ing)\b|之间.{0,8}淡[入出]|淡[入出].{0,6}之间"
)
_BLACK: Final = re.compile(r"\bblack\b|黑")
_OF_ALL: Final = re.compile(
    r"\b(?:everything|all|whole (?:thing|video)|the (?:whole |entire )?(?:video|film|movie|clip)|it all"
    r"|this video|my video)\b"
    r"|视频|影片|全部|所有|整个|片子"
)
_CUT_TO_BLACK: Final = re.compile(r"\bcut to black\b")
_OF_EVERYTHING: Final = re.compile(r"\beverything\b|全部")
_OF_PICTURE: Final = re.compile(r"\b(?:pictures?|image|screen|visuals?|footage|black|white)\b|画面|黑场|黑屏|黑")
_OF_SOUND: Final = re.compile(
    r"\b(?:music|song|track|sound(?:track)?|audio|bgm|volume|voice)\b|音乐|歌|音量|配乐|声音|bgm"
)
_FADES: Final = re.compile(
    r"\bfad(?:e|es|ed|ing)\b|\bcut to black\b|\b(?:end|finish|close|start|begin|open)\w* (?:with|on|in"
    r"|from) (?:an? )?black\b|\bblack screen\b|淡[入出]"
    r"|渐[入出隐显黑]|淡到黑|黑场|(?:结尾|最后|片尾|末尾|结束)[^,]{0,6}(?:变黑|黑屏|黑掉)"
)
_IN: Final = re.compile(
    r"\bfad\w+[- ](?:\w+ ){0,3}in\b(?! \d)(?! the (?:last|first))|\bfad\w+ (?:\w+ ){0,3}(?:up |in )?from (?:black|dark)"
    r"|\bfrom black\b|\bfade[- ]in|淡入|渐入|渐显|从黑"
)
_OUT: Final = re.compile(
    r"\bfad\w+[- ](?:\w+ ){0,5}(?:out|away)\b|\b(?:fad\w+|dip|cut) (?:\w+ ){0,4}?(?:in)?to (?:black|dark)"
    r"|\bto black\b|\bfade[- ]out"
    r"|\bin and out\b|淡出|渐出|渐隐|(?:到|至|成|变|渐)黑|黑场结束|黑屏结束|(?:结尾|最后|片尾|末尾)[^,]{0,4}黑屏"
)
TO_WHITE: Final = re.compile(r"\bfad\w+ (?:\w+ ){0,3}(?:to|from|into) white\b|淡[入出]?到?白|白场")
_NOT: Final = re.compile(r"\b(?:don'?t|do not|never)\b|别|没有|不(?:要|用|需要)?(?:再)?淡")
_NO_FADES: Final = re.compile(
    r"^\W*(?:please )?(?:no|without(?: any| a)?|remove the|don'?t) fad(?:e|es|ing)\b\W*(?:out\b)?\W*$"
    r"|^\W*(?:不要|没有|取消|去掉|别)(?:再)?(?:淡[出入])+\W*$"
)
_FADE_BOTH: Final = re.compile(
    r"^\W*(?:please |now )?(?:add (?:an? )?)?fad(?:e|es|ing)[- ]in (?:and|&) (?:fad(?:e|ing)[- ])?out\W*$"
    r"|^\W*(?:请)?(?:加|做|来)?(?:个|一个|上)?淡入(?:和|、)?淡出(?:的?效果)?[吧]?\W*$"
)
START: Final = re.compile(r"\b(?:start|beginning|first|opening|intro)\b|开头|开始|片头|前")
END: Final = re.compile(r"\b(?:end|ending|last|final|close|outro)\b|结尾|最后|片尾|结束|末")


def read_picture_fade(clause: Clause, context: Context) -> bool:
    """Adds the fade from or to black that a clause asks for; whether there was one."""
    if clause.has(_FADE_BETWEEN) or clause.has(TO_WHITE):
        return False
    if not clause.has(_FADES) or clause.has(words.TITLE) or clause.has(look_words.TRANSITION):
        return False
    in_picture = clause.has(_OF_PICTURE)
    in_all = clause.has(_OF_ALL) and not (
        clause.has(_OF_SOUND) and not re.search(r"\band\b|everything|和|全部", clause.text)
    )
    silent = not context.has_music and not clause.has(_OF_SOUND)
    in_all = in_all or fades_film(clause, context)
    if not (in_picture or in_all or silent):
        return False
    comes, goes = clause.has(_IN), clause.has(_OUT)
    if not comes and not goes:
        comes, goes = (True, True) if clause.has(START) == clause.has(END) else (clause.has(START), clause.has(END))
    with_music = (
        ((in_all or silent) and not clause.has(_BLACK))
        or (clause.has(_OF_SOUND) and in_picture)
        or clause.has(_OF_EVERYTHING)
    ) and (context.has_music or _films_song(context))
    usual = (
        _USUAL_MUSIC_FADE_MS
        if with_music and context.has_music
        else QUICK_MS
        if clause.has(_CUT_TO_BLACK)
        else _USUAL_FADE_MS
    )
    length = 0 if clause.has(GOES) or clause.has(_NOT) else read_when(clause.text).length_ms or usual
    context.edits.append(FadePicture(length if comes else None, length if goes else None, with_music))
    if not context.films:
        context.topic = "fade"
    return True


def _films_song(context: Context) -> bool:
    """Whether a film with an uploaded song was just asked for."""
    made = context.last(MakeVideo)
    return made is not None and made.with_song and bool(context.situation.of_kind("audio"))


def fades_film(clause: Clause, context: Context) -> bool:
    """Whether a clause lets the film as a whole fade: it speaks of its start or end, and of nothing that fades."""
    of_part = clause.has(_OF_SOUND) or clause.has(words.TITLE) or clause.has(look_words.TRANSITION)
    meant = context.topic == "music" and (
        clause.has(IT) or not (context.has_film or context.last(MakeVideo) is not None)
    )
    if clause.has(_FADE_BOTH) and not (context.topic == "music" and not _made_last(context)):
        return True
    ends = clause.has(END) or clause.has(START) or clause.has(_NO_FADES)
    return clause.has(_FADES) and ends and not of_part and not meant


def _made_last(context: Context) -> bool:
    """Whether the last turn made the pictures."""
    before = editable(context.situation.earlier[-1] if context.situation.earlier else {})
    return len(before.shots) != len(context.film.shots)
