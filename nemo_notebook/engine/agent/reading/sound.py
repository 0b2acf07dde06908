"""Music in a clause: composed, changed, removed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal

from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.levels import read_levels
from nemo_notebook.engine.agent.reading.music_wanted import (
    AGAIN,
    ALONE,
    CHANGE,
    NAMED_INSTRUMENT,
    PIECE,
    SUITS,
    WISHES,
    wants_music,
    wish_in,
)
from nemo_notebook.engine.agent.reading.pace import read_pace
from nemo_notebook.engine.agent.reading.shot_words import mentions
from nemo_notebook.engine.agent.reading.songs import read_song_of_film
from nemo_notebook.engine.agent.wishes import AddMusic, MakeVideo, PlaceMusic, UseSong
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.amounts import read_amount
from nemo_notebook.engine.agent.words.mood_words import FILM_MOOD, KEY, Wish, named_wish
from nemo_notebook.engine.agent.words.objects import object_of
from nemo_notebook.engine.agent.words.tempo_words import bare_bpm, read_bpm, read_tempo, tempo_factor
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, read_when, with_digits
from nemo_notebook.engine.agent.words.vocabulary import words as any_of
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.scoring import mood_of, tempo_of

_IT: Final = re.compile(r"\b(?:it|that|this)\b|它")
_OFF: Final = re.compile(
    r"\b(?:don'?t|do not) (?:want|need|like) (?:any |the |this )?(?:background )?(?:music"
    r"|soundtrack)(?: any ?more)?\W*$"
    r"|\b(?:only|just) (?:keep )?the original (?:sound|audio)\b|\b(?:turn|switch) it off\b"
    r"|\b(?:turn|switch) (?:the |my )?(?:music|song|soundtrack) off\b|\bstop (?:the |playing )?(?:music|song)\b"
    r"|(?:停掉|关了)音乐"
)
_CUT_TO_IT: Final = any_of(
    r"\b(?:cut|edit|re-?cut|cuts|chop|snap)\b.*\b(?:on|to) (?:the |its |every |each |(?:every|each) (?:second|other) )?"
    r"(?:beats?|bars?|music|rhythm|song)\b|\b(?:match|align|fit)\b (?:the |my |all )?(?:cuts|clips|shots|video|pictures"
    r"|edit|footage)\b.*\bto\b.*\b(?:music|beats?|song|rhythm)\b"
    r"|\bbeat[- ]sync\w*\b",
    r"卡点|踩点|按.*(?:音乐|节拍|节奏).*剪|剪.*(?:对齐|跟着|按照).*(?:音乐|节拍|节奏)",
)
_FIRST: Final = re.compile(r"\bfirst\b|\bopening\b|前|开头")
_ORIGINAL: Final = re.compile(r"\b(?:only|just) (?:keep )?the original (?:sound|audio)\b")
_STOPS: Final = re.compile(r"\b(?:stops?|ends?|finish(?:es)?) (?:\w+ )?at\b")
_SUNG: Final = re.compile(
    r"(?<!without )(?<!no )(?<!any )\b(?:vocals?|sing(?:ing|s|er)?|sung|lyrics)\b|演唱|唱歌|人声演唱"
)


def read_sound(clause: Clause, context: Context) -> bool:
    """Adds the edits of sound that a clause asks for; whether there were any."""
    before = list(context.edits)
    read_song_of_film(clause, context)
    if not _read_removal(clause, context):
        _read_music(clause, context)
        read_levels(clause, context)
    changed = context.edits != before
    if changed:
        context.topic = "music"
    return changed


def _read_removal(clause: Clause, context: Context) -> bool:
    named = clause.has(words.MUSIC) or ((clause.has(words.SONG) or clause.has(_ORIGINAL)) and context.has_music)
    pronoun = context.topic == "music" and context.has_music and clause.has(_IT)
    if (
        not (clause.has(words.REMOVE) or clause.has(_OFF))
        or clause.has(words.FADE)
        or clause.has(words.TITLE)
        or clause.has(words.VISUAL)
    ):
        return False
    if context.last(MakeVideo) or (words.NO_SONG.search(clause.text) and not context.has_music):
        return False
    if (
        (named or pronoun)
        and not re.search(TIME, clause.text)
        and (object_of(clause, words.REMOVE) in ("music", "song", "") or clause.has(_OFF))
    ):
        context.edits.append(Remove(target="music"))
        return True
    return False


def _read_music(clause: Clause, context: Context) -> None:
    wish, made = wish_in(clause), context.last(MakeVideo)
    if not wants_music(clause, context, wish, made):
        _read_sync(clause, context)
        return
    if made is None and _means_the_song(clause, context, wish):
        context.edits.append(UseSong(under=True))
        return
    edit = music_in(clause, wish)
    if wish is None and made is not None and not clause.has(SUITS):
        edit = replace(edit, mood=FILM_MOOD)
    if made is not None:
        context.replace(made, replace(made, with_song=False))
        if context.films and (clause.has(words.MUSIC_FILM) or clause.has(words.BEAT)):
            edit = replace(edit, cuts="anew")
    context.edits.append(edit)
    named = [mention for mention in mentions(clause.text, context) if not mention.is_loose]
    if len(named) > 1 and not context.films and named_wish(clause.text[named[0].end :]) is not None:
        en = "One piece of composed music plays under the whole video; I cannot give each clip its own."
        context.edits.append(
            Decline(say(context.situation.spoken, en, "整个视频只有一段原创音乐，还不能给每个片段配不同的音乐。"))
        )
    if clause.has(_SUNG) and not clause.has(words.OWN_SOUND, words.VOLUME):
        en = "I cannot sing: it is instrumental music."
        context.edits.append(Decline(say(context.situation.spoken, en, "我不会演唱，这是纯音乐。")))
    when = read_when(clause.text)
    if made is None and (
        when.start_ms is not None or (when.length_ms and when.anchor == "start" and clause.has(_FIRST))
    ):
        end = when.end_ms if when.start_ms is not None else when.length_ms
        stops = end is None and clause.has(_STOPS)
        context.edits.append(PlaceMusic(0, when.start_ms) if stops else PlaceMusic(when.start_ms or 0, end))
    elif made is None and when.length_ms and when.anchor == "end" and not clause.has(words.FADE):
        context.edits.append(PlaceMusic(last_ms=when.length_ms))


def music_in(clause: Clause, wish: Wish | None) -> AddMusic:
    """Music as a clause describes it, without what it is that is there."""
    text = with_digits(clause.text)
    amount = read_amount(clause.text) if clause.has(words.VOLUME) or "%" in text else None
    length, factor = re.search(rf"({TIME})", text), tempo_factor(clause.text)
    tempo = read_tempo(clause.text)
    if tempo == "usual" and factor is not None:
        tempo = "fast" if factor > 1 else "slow"
    pace, bpm = read_pace(clause), read_bpm(clause.text)
    if bpm is None and wish is not None and amount is None:
        bpm = bare_bpm(clause.text)
    anew = clause.has(_CUT_TO_IT) or pace.every is not None
    return AddMusic(
        mood=wish.mood if wish is not None else None,
        bpm=bpm,
        tempo=tempo,
        volume=amount.value if amount and not amount.relative else None,
        cuts="anew" if anew else "keep",
        every=pace.every,
        alone=clause.has(ALONE) or clause.has(WISHES, PIECE),
        length_ms=milliseconds(length[1]) if length and not clause.has(words.FADE) else None,
        kind=wish.kind if wish is not None else "",
        instrument=named[0] if (named := NAMED_INSTRUMENT.search(clause.text)) else "",
        key=re.sub(r"^(?:in|key of|key) ", "", key[0]) if (key := KEY.search(clause.text)) else "",
    )


def _means_the_song(clause: Clause, context: Context, wish: Wish | None) -> bool:
    """Whether music that is asked for without any word of how it sounds is the song that was uploaded."""
    said = music_in(clause, wish)
    described = wish is not None or said.bpm is not None or said.tempo != "usual" or said.length_ms is not None
    own = not clause.has(words.COMPOSE) and not clause.has(AGAIN) and not clause.has(SUITS) and not clause.has(CHANGE)
    return own and not described and bool(context.situation.of_kind("audio")) and mood_of(context.film) is None


def _read_sync(clause: Clause, context: Context) -> None:
    """`sync it to the cuts`: of music that was just asked for, or of composed music that is there."""
    if not clause.has(words.SYNC, words.TO_CUTS) and not clause.has(_CUT_TO_IT):
        return
    cuts: Literal["keep", "anew"] = "anew" if clause.has(_CUT_TO_IT) else "keep"
    added = context.last(AddMusic)
    if added is not None:
        context.replace(added, replace(added, cuts=cuts))
        return
    mood = mood_of(context.film)
    about_music = clause.has(words.MUSIC) or context.topic == "music"
    if mood is not None and about_music and cuts == "keep" and context.last(MakeVideo) is None:
        context.edits.append(AddMusic(mood, bpm=tempo_of(context.film, context.situation)))
