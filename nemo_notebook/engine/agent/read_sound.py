"""Music, volume and fades in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal

from nemo_notebook.engine.agent import mood_words
from nemo_notebook.engine.agent import vocabulary as words
from nemo_notebook.engine.agent.film_edits import MakeVideo
from nemo_notebook.engine.agent.objects import object_of
from nemo_notebook.engine.agent.reading import Context
from nemo_notebook.engine.agent.scoring import mood_of
from nemo_notebook.engine.agent.sound_edits import AddMusic, FadeMusic, RemoveMusic, SetVolume
from nemo_notebook.engine.agent.values import TIME, milliseconds, read_amount, read_when, with_digits
from nemo_notebook.engine.agent.wording import Clause

_USUAL_FADE_MS: Final = 2_000
_CHANGE: Final = re.compile(
    r"\b(?:change|replace|switch|swap|use|make|try|turn|another|different|other|new|something)\b|换|改|别的|另"
)
_WITH_MUSIC: Final = re.compile(
    r"\b(?:with|to|and|plus)\b.*\b(?:music|soundtrack|bgm|background track)\b|配|加.*(?:音乐|配乐|bgm)"
)
_OWN_SONG: Final = re.compile(
    r"\b(?:this|my|the|that|uploaded) (?:\S+ )?(?:music|song|track|mp3"
    r"|audio|soundtrack)\b|(?:这首|我的|这个|上传的)(?:音乐|歌|曲)"
)
_ALONE: Final = re.compile(
    r"\b(?:creat|generat|compos|mak|produc|writ)(?:e|ing)\b|创作|生成|作曲|写|做|制作|来一?[首段]"
)
_IT: Final = re.compile(r"\b(?:it|that|this)\b|它")
_JUST_MUSIC: Final = re.compile(r"\W*(?:(?:background )?music|soundtrack|bgm|配乐|背景音乐|音乐)(?: please)?\W*$")
_PIECE: Final = re.compile(r"\b(?:song|track|beat|tune|instrumental)\b|歌|曲")
_ADDS: Final = re.compile(r"\b(?:add|create|generate|compose)\b|加(?!大)|创作|生成")


def read_sound(clause: Clause, context: Context) -> bool:
    """Adds the edits of sound that a clause asks for; whether there were any."""
    before = list(context.edits)
    removed = _read_removal(clause, context)
    if not removed:
        _read_music(clause, context)
        _read_fade(clause, context)
        _read_volume(clause, context)
    changed = context.edits != before
    if changed:
        context.topic = "music"
    return changed


def _read_removal(clause: Clause, context: Context) -> bool:
    named = clause.has(words.MUSIC) or (clause.has(words.SONG) and context.has_music)
    pronoun = context.topic == "music" and context.has_music and clause.has(_IT)
    if not clause.has(words.REMOVE) or clause.has(words.FADE) or clause.has(words.TITLE) or clause.has(words.VISUAL):
        return False
    if context.last(MakeVideo) or (words.NO_SONG.search(clause.text) and not context.has_music):
        return False
    if (
        (named or pronoun)
        and not re.search(TIME, clause.text)
        and object_of(clause, words.REMOVE) in ("music", "song", "")
    ):
        context.edits.append(RemoveMusic())
        return True
    return False


def _read_music(clause: Clause, context: Context) -> None:
    mood, made = mood_words.named_mood(clause.text), context.last(MakeVideo)
    if not _wants_music(clause, context, mood, made):
        _read_sync(clause, context)
        return
    amount = read_amount(clause.text) if clause.has(words.VOLUME) or "%" in with_digits(clause.text) else None
    tempo = mood_words.BPM.search(clause.text)
    former = mood_of(context.film)
    length = re.search(rf"({TIME})", with_digits(clause.text))
    another = clause.has(words.ANOTHER) and mood in (None, former)
    edit = AddMusic(
        mood=mood or former or (mood_words.FILM_MOOD if made is not None else mood_words.DEFAULT_MOOD),
        bpm=float(tempo[1]) if tempo else None,
        volume=amount.value if amount and not amount.relative else None,
        cuts=_cuts(clause, made if context.films else None),
        another=another,
        alone=clause.has(_ALONE),
        length_ms=milliseconds(length[1]) if length and not clause.has(words.FADE) else None,
    )
    if made is not None:
        context.replace(made, replace(made, with_song=False))
    context.edits.append(edit)


def _cuts(clause: Clause, made: MakeVideo | None) -> Literal["keep", "meet", "anew"]:
    if made is not None and (clause.has(words.MUSIC_FILM) or clause.has(words.BEAT)):
        return "anew"
    slides = made is not None and made.pictures == "images"
    return "meet" if slides or clause.has(words.TO_CUTS) else "keep"


def _wants_music(clause: Clause, context: Context, mood: str | None, made: MakeVideo | None) -> bool:
    has_song = bool(context.situation.of_kind("audio"))
    if made is not None and context.films:
        asked = clause.has(_WITH_MUSIC) and not clause.has(_OWN_SONG) and not words.NO_SONG.search(clause.text)
        beat = clause.has(words.MUSIC_FILM) or clause.has(words.BEAT)
        films = bool(context.situation.of_kind("video") or context.situation.of_kind("image"))
        return (asked or beat) and not has_song and films and context.last(AddMusic) is None
    if mood is None and context.has_music and clause.has(words.VOLUME) and not clause.has(_ADDS):
        return False
    if _JUST_MUSIC.match(clause.text):
        return not has_song
    thing = object_of(clause, words.ADD, words.COMPOSE)
    if thing == "music" and not clause.has(
        words.FADE, re.compile(r"^(?!.*\b(?:add|create|generate|with)\b)(?!.*[加配])")
    ):
        return not clause.has(_OWN_SONG) or clause.has(_ALONE) or not has_song
    if thing == "song" and clause.has(words.COMPOSE) and not clause.has(_OWN_SONG) and not clause.has(words.INTO_FILM):
        return clause.has(_PIECE)
    changes = (
        clause.has(_CHANGE) and (clause.has(words.MUSIC) or context.topic == "music") and not clause.has(words.FADE)
    )
    named = (
        clause.has(words.MUSIC) or mood_of(context.film) is not None
    )  # a song that was brought has no mood to change
    if changes and named and (mood is not None or clause.has(words.ANOTHER) or mood_words.BPM.search(clause.text)):
        return not clause.has(words.VOLUME) and not clause.has(words.TITLE)
    return mood is not None and clause.has(words.MUSIC) and not clause.has(words.VOLUME)


def _read_sync(clause: Clause, context: Context) -> None:
    """`sync it to the cuts`: of music that was just asked for, or of composed music that is there."""
    if not clause.has(words.SYNC, words.TO_CUTS):
        return
    added = context.last(AddMusic)
    if added is not None:
        context.replace(added, replace(added, cuts="meet"))
        return
    mood = mood_of(context.film)
    about_music = clause.has(words.MUSIC) or context.topic == "music"
    if mood is not None and about_music and context.last(MakeVideo) is None:
        context.edits.append(AddMusic(mood, cuts="meet"))


def _read_fade(clause: Clause, context: Context) -> None:
    if not clause.has(words.FADE) or clause.has(words.TITLE) or clause.has(words.FADE_OF_PICTURE):
        return
    fades_in, fades_out = clause.has(words.FADE_IN), clause.has(words.FADE_OUT)
    if not fades_in and not fades_out:
        fades_in, fades_out = not re.search(r"\bend|结尾|最后", clause.text), True
    length = read_when(clause.text).length_ms or _USUAL_FADE_MS
    context.edits.append(FadeMusic(length if fades_in else None, length if fades_out else None))


def _read_volume(clause: Clause, context: Context) -> None:
    added = context.last(AddMusic)
    named = clause.has(words.VOLUME) or (clause.has(words.LEVEL_WORDS) and clause.has(words.MUSIC))
    level = (clause.has(words.MUSIC) and "%" in with_digits(clause.text)) or re.match(
        r"\s*(?:at|to)?\s*\d+\s*%", clause.text
    )
    if not named and not level:
        return
    amount = read_amount(clause.text)
    if amount is None:
        return
    if added is not None and not amount.relative and not clause.has(words.OWN_SOUND):
        context.replace(added, replace(added, volume=amount.value))
        return
    context.edits.append(SetVolume(_target(clause, context), amount.value, amount.relative))


def _target(clause: Clause, context: Context) -> Literal["music", "clips", "all"]:
    if clause.has(words.OWN_SOUND):
        return "clips"
    if clause.has(words.EVERYTHING):
        return "all"
    if clause.has(words.MUSIC) or clause.has(words.SONG) or context.has_music:
        return "music"
    return "clips" if context.has_film else "music"
