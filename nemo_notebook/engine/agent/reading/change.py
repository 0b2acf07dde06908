"""Changes of the music that is there, or was just asked for, in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.levels import stretch_in
from nemo_notebook.engine.agent.reading.music_wanted import AGAIN, CHANGE, FOOTAGE, SUITS
from nemo_notebook.engine.agent.reading.shot_words import named_media
from nemo_notebook.engine.agent.reading.sound import music_in
from nemo_notebook.engine.agent.wishes import AddMusic, MakeVideo, SetVolume, UseSong
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.mood_words import LOOKS, OCCASIONS, Wish, named_wish, neighbour
from nemo_notebook.engine.agent.words.objects import object_of
from nemo_notebook.engine.agent.words.tempo_words import read_bpm, read_tempo, tempo_factor
from nemo_notebook.engine.agent.words.wording import Clause, is_short
from nemo_notebook.film.fields import USUAL_MOOD
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.scoring import mood_of, tempo_of
from nemo_notebook.music.recipe import MAX_BPM, MIN_BPM

_OF_SONG: Final = re.compile(r"\b(?:of|from|in) (?:the |my )?(?:song|music|track)\b")
_TEMPO: Final = re.compile(r"\b(?:tempo|bpm|beats per minute)\b|速度|拍速|节拍")
_BEATS_TO_CUTS: Final = re.compile(
    r"\bbeats?\b.*\b(?:hit|hits|fall|falls|land|lands|match|align|be)\b.*\bcuts?\b|(?:节拍|鼓点).*(?:落在|对上"
    r"|对齐).*(?:剪辑点|切换|镜头)"
)
_ONE: Final = re.compile(r"\bone\b|首")


def read_music_alone(clause: Clause, context: Context) -> bool:
    """Adds the edits of a clause that changes or silences the music that is there and asks for nothing else."""
    if clause.quotes or clause.has(words.TITLE) or clause.has(words.VISUAL):
        return False
    if context.last(MakeVideo) is not None or object_of(clause, words.MAKE) == "film":
        return False
    edit = _silenced(clause, context) or _brought_to_cuts(clause, context) or _changed(clause, context)
    if edit is None:
        return False
    added = context.last(AddMusic)
    if added is not None and isinstance(edit, AddMusic):
        context.replace(added, _joined(added, edit))
    else:
        context.edits.append(edit)
    context.topic = "music"
    return True


def _joined(added: AddMusic, edit: AddMusic) -> AddMusic:
    """Music that was just asked for, with what a later clause says of it."""
    return replace(
        edit,
        volume=added.volume if edit.volume is None else edit.volume,
        duck=added.duck or edit.duck,
        cuts=edit.cuts if edit.cuts != "keep" else added.cuts,
        alone=added.alone,
        every=edit.every or added.every,
        length_ms=edit.length_ms or added.length_ms,
        kind=edit.kind or (added.kind if edit.mood == added.mood else ""),
        instrument=edit.instrument or added.instrument,
        key=edit.key or added.key,
    )


def _silenced(clause: Clause, context: Context) -> SetVolume | None:
    """`remove the music from 0:05 to 0:08`: for a while, and the pictures stay."""
    if not context.has_music or not clause.has(words.REMOVE) or clause.has(words.FADE):
        return None
    if object_of(clause, words.REMOVE) not in ("music", "song") or clause.has(_OF_SONG):
        return None
    start, end = stretch_in(clause, context)
    return None if start is None else SetVolume("music", 0.0, start_ms=start, end_ms=end)


def _changed(clause: Clause, context: Context) -> AddMusic | UseSong | Decline | None:
    """What a clause changes of the music that is there or was just asked for, or None."""
    added = context.last(AddMusic)
    former = (added.mood if added is not None else None) or mood_of(context.film)
    about = clause.has(words.MUSIC) or clause.has(words.SONG) or clause.has(_TEMPO)
    of_pictures = clause.has(FOOTAGE) or bool(named_media(clause.text, context))
    if clause.has(words.FADE) or (not about and of_pictures) or clause.has(words.REMOVE):
        return None
    if clause.has(words.VOLUME) and not clause.has(words.MUSIC):
        return None
    if former is None and added is None:
        return _other_song(clause, context)
    if not about and context.topic != "music" and added is None:
        return None
    wish, energy = named_wish(clause.text), neighbour(clause.text, former or USUAL_MOOD)
    if wish is not None and not about and added is None and LOOKS.search(clause.text):
        wish = None
    bpm, factor = read_bpm(clause.text), tempo_factor(clause.text)
    again, paced = clause.has(AGAIN), read_tempo(clause.text) != "usual"
    suits = clause.has(SUITS) and clause.has(FOOTAGE) and not clause.has(words.TO_CUTS)
    if energy is not None and (wish is None or clause.has(CHANGE)) and not again:
        wish = Wish(energy)
    elif wish is not None and not (
        clause.has(CHANGE) or again or bpm is not None or (is_short(clause) and (about or not clause.has(OCCASIONS)))
    ):
        return None
    if wish is None and bpm is None and factor is None and not (again or suits or paced):
        return None
    if factor is not None and bpm is None and wish is None:
        bpm = _scaled(context, added, factor)
    edit = music_in(clause, wish)
    mood = wish.mood if wish is not None else None if suits else former
    bpm = edit.bpm if bpm is None else bpm  # of `happy at 140` too
    return replace(edit, mood=mood, bpm=bpm, another=again and (wish is None or wish.mood == former))


def _brought_to_cuts(clause: Clause, context: Context) -> AddMusic | None:
    mood = mood_of(context.film)
    if mood is None or not clause.has(_BEATS_TO_CUTS):
        return None
    return AddMusic(mood, bpm=tempo_of(context.film, context.situation))


def _scaled(context: Context, added: AddMusic | None, factor: float) -> float | None:
    now = added.bpm if added is not None and added.bpm is not None else tempo_of(context.film, context.situation)
    return None if now is None else round(min(max(now * factor, MIN_BPM), MAX_BPM), 1)


def _other_song(clause: Clause, context: Context) -> UseSong | Decline | None:
    """Another song for a film that has one: the other upload, or how to have one."""
    songs = context.situation.of_kind("audio")
    about = clause.has(words.SONG) or (context.topic == "music" and clause.has(_ONE))
    playing = {segment["m"].get("media") for segment in context.film.segments("song")}
    lang = context.situation.spoken
    if playing and (clause.has(words.SONG) or clause.has(words.MUSIC)) and tempo_factor(clause.text) is not None:
        en = "I cannot change the tempo of your song. I can cut faster or slower, or start it elsewhere: "
        en += 'say "start the song at 0:30".'
        return Decline(
            say(lang, en, "我不能改变歌曲的速度，但可以让剪辑更快或更慢，或从别的地方开始，例如“歌从0:30开始”。")
        )
    if not playing or not clause.has(AGAIN) or not about or clause.has(FOOTAGE) or clause.has(words.MUSIC):
        return None
    if named_wish(clause.text) is not None:
        return None
    other = next((song for song in reversed(songs) if song.id not in playing), None)
    if other is not None:
        return UseSong(other.id)
    en = 'You have uploaded one song only. Upload another, or say "replace the music with upbeat background music".'
    return Decline(say(lang, en, "目前只上传了一首歌。可以再上传一首，或说“把音乐换成轻快的背景音乐”。"))
