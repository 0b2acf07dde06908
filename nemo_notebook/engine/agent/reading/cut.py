"""Cuts and trims in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from msgspec import structs

from nemo_notebook.engine.agent.picks import ALL
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.levels import stretch_in
from nemo_notebook.engine.agent.reading.pace import is_tempo_said, read_pace
from nemo_notebook.engine.agent.reading.shot_words import mentions
from nemo_notebook.engine.agent.reading.song_words import PARTS
from nemo_notebook.engine.agent.reading.speed import photos_shown_for
from nemo_notebook.engine.agent.reading.trims import read_trim
from nemo_notebook.engine.agent.wishes import AddMusic, CutToBeat, MakeVideo, SetSpeed
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.cut_words import film_factor
from nemo_notebook.engine.agent.words.objects import object_of, said
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.cutting import USUAL_PACE, Pace
from nemo_notebook.film.phrasing import say

_ABOUT_CUTS: Final = re.compile(
    r"\b(?:faster|slower|more|fewer|quick|calm)\w* (?:cuts|cutting|shots)\b"
    r"|\b(?:cut|edit)\w*(?: it)? (?:faster|slower|quicker)\b"
    r"|(?:快|慢)剪|剪得|剪[快慢]"
)
_NO_CUTS: Final = re.compile(
    r"\b(?:no|without|don'?t) (?:any )?cut(?:s|ting)? (?:in|during|for|until|before)\b|(?:前|开头|前奏).*(?:不要|别)剪"
)
_CHANGING_PACE: Final = re.compile(
    r"\b(?:start|begin)(?:s|ning|ing)? (?:out |off )?slow(?:ly)?\b|\b(?:get|gets|getting|become) (?:faster|slower)\b"
    r"|\b(?:faster and faster|slower and slower)\b|越[来剪]越[快慢]|先慢后快|先快后慢"
)
_OF_LENGTH: Final = re.compile(
    r"\b(?:clips?|photos?|pictures?|images?)\b.*\b(?:longer|shorter|too (?:short|long))\b"
    r"|\b(?:longer|shorter) (?:clips?|photos?|pictures?|images?)\b"
)
_OF_CUTS: Final = re.compile(
    r"\b(?:cuts?|cutting|edit\w*|pac(?:e|ed|ing)|shots?|beats?|rhythm|chang\w+|switch\w*|altern\w+)\b|剪|切|节奏|镜头"
)
_PLAYS: Final = re.compile(
    r"\b(?:the|my|this|whole) (?:video|film|movie|clips?|footage)\b|\b(?:video|clips?) (?:should )?(?:plays?"
    r"|runs?|goes?|go)\b"
    r"|视频|影片|片子|素材"
)


def read_cuts(clause: Clause, context: Context) -> bool:
    """Adds the trim or the new cut that a clause asks for; whether there was one."""
    if (declined := _pace_of_part(clause, context)) is not None:
        context.edits.append(declined)
        return True
    trimmed = read_trim(clause, context)
    if trimmed and not clause.has(_ABOUT_CUTS):
        return True
    return _read_cut(clause, context) or trimmed


def _pace_of_part(clause: Clause, context: Context) -> Decline | None:
    """What to say to `cut faster in the chorus`: there is one pace, which follows the music by itself."""
    part = any(clause.has(pattern) for _, pattern in PARTS) or stretch_in(clause, context)[0] is not None
    changing = clause.has(_CHANGING_PACE)
    if (
        not (changing or clause.has(_NO_CUTS) or (part and clause.has(_ABOUT_CUTS)))
        or context.films
        or not (context.has_film and context.has_music)
    ):
        return None
    lang = context.situation.spoken
    en = 'I cut the whole video at one pace, faster where the music is loud. Say "faster cuts" or "cut every 2 beats".'
    return Decline(say(lang, en, "我对整个视频用一种节奏，音乐越响剪得越快。可以说“剪得快一点”或“每两拍剪一刀”。"))


def _read_cut(clause: Clause, context: Context) -> bool:
    pace, another = read_pace(clause), clause.has(words.ANOTHER_CUT)
    made = context.last(MakeVideo)
    if made is not None and pace == USUAL_PACE and not context.films:
        pace = structs.replace(pace, factor=film_factor(said(clause)))
    has_song = bool(context.film.segments("song") or (not context.has_film and context.situation.of_kind("audio")))
    if is_tempo_said(clause) and (context.last(AddMusic) is not None or not (made is not None or has_song)):
        return False  # the tempo of composed music
    if is_tempo_said(clause) and made is None and not context.has_film:
        context.edits.append(CutToBeat(pace))
        return True
    films = context.has_film or made is not None
    paced = pace != USUAL_PACE and (clause.has(words.CUTS) or clause.has(words.BEAT) or films)
    synced = clause.has(words.BEAT) and (clause.has(words.CUTS) or clause.has(words.SYNC))
    if clause.has(words.VOLUME) or clause.has(words.TITLE) or not (paced or synced or another):
        return False
    if object_of(clause, words.ADD, words.COMPOSE) == "music" or context.last(AddMusic) is not None:
        return False  # `add music and sync it`: the reader of sound knows
    plays = clause.has(_PLAYS) or not (context.has_music or made is not None)
    single = any(not mention.is_loose and mention.pick != ALL for mention in mentions(said(clause), context))
    if _is_relative(pace) and ((plays and clause.has(_OF_LENGTH)) or (single and made is None)):
        return False
    if _is_relative(pace) and made is None and photos_shown_for(pace.factor, context):
        return True
    if _is_relative(pace) and clause.has(words.FADE) and not clause.has(_OF_CUTS):
        return False
    if _is_relative(pace) and not clause.has(_OF_CUTS) and plays:
        context.edits.append(SetSpeed(1.5 if pace.factor < 1 else 0.67, relative=True))
        return True
    if made is not None:
        context.replace(made, replace(made, pace=pace if pace != USUAL_PACE else made.pace))
        return True
    if clause.has(words.MUSIC) and not (another or clause.has(words.CUTS) or is_tempo_said(clause)):
        return False
    before = context.last(CutToBeat)
    if before is not None and not another:
        context.replace(before, replace(before, pace=pace, relative=_is_relative(pace)))
        return True
    context.edits.append(CutToBeat(pace, relative=_is_relative(pace), another=another))
    return True


def _is_relative(pace: Pace) -> bool:
    return pace.every is None and pace.every_s is None and pace.factor != 1.0 and pace.tempo == 1.0
