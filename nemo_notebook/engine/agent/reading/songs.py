"""Uploaded songs in a clause: which one, from where to where, how long."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.model import Wish
from nemo_notebook.engine.agent.reading import song_words
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.film_wanted import SHORT_FILM
from nemo_notebook.engine.agent.reading.shot_words import name_pattern
from nemo_notebook.engine.agent.wishes import AddMusic, FitLength, MakeVideo, PlaceMusic, UseSong
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.amounts import read_amount
from nemo_notebook.engine.agent.words.mood_words import named_mood
from nemo_notebook.engine.agent.words.objects import object_of
from nemo_notebook.engine.agent.words.values import TIME, count_of, milliseconds, read_when, with_digits
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.drafting import MUSIC
from nemo_notebook.film.fields import SongPart
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.phrasing import nice_title, say, stem
from nemo_notebook.film.scoring import mood_of

_TO_END_MS: Final = 10**8
_LATER_MS: Final = 2_000
_QUIET: Final = 0.3
_TIMES: Final = {"th": 3, "fo": 4, "3": 3, "4": 4, "三": 3, "四": 4}


def read_song(clause: Clause, context: Context) -> bool:
    """Adds the edits of a clause that is about the music's place or a song's part and about nothing else."""
    if clause.quotes or clause.has(words.TITLE) or clause.has(words.VISUAL) or clause.has(words.FADE):
        return False
    if len(context.situation.of_kind("audio")) > 1 and clause.has(song_words.BOTH):
        en = 'A film is first cut to one song. To hear the others too, say "use both songs" or "crossfade the songs".'
        zh = "视频先按一首歌剪辑。想接着放其他的歌，可以说“两首歌都用上”或“两首歌交叉淡化”。"
        context.edits.append(Decline(say(context.situation.spoken, en, zh)))
        return context.has_film
    song = mentioned_song(clause, context)
    about = clause.has(song_words.ABOUT) or song is not None or (context.topic == "music" and clause.has(song_words.IT))
    about = about or (
        _plays(context)
        and not clause.has(song_words.SEEN)
        and (_part_in(clause) in ("chorus", "drop") or _says_part(clause) or _skips_intro(clause))
    )
    if not about or clause.has(song_words.COMPOSES):
        return False
    edit: Wish | None = _fitted(clause, context)
    if edit is None and makes_film(clause, context):
        return False
    if edit is None and _skips_intro(clause) and _plays(context):
        edit = _after_intro(context)
    edit = edit or _placed(clause, context) or _taken(clause, context, song)
    made = context.last(MakeVideo)
    if edit is None and made is not None and made.with_song and song_words.JUST_THIS.fullmatch(clause.text):
        return True  # what the film has by itself
    if edit is None:
        return False
    if isinstance(edit, UseSong) and not (edit.loop or edit.under) and (made is not None or not context.film.end_ms):
        film = _with_stretch(made or MakeVideo(), edit)
        context.edits.append(film) if made is None else context.replace(made, film)
    else:
        if isinstance(edit, UseSong) and edit.under and made is not None:
            context.replace(made, replace(made, with_song=False))  # the clips as they are, with the song below
        context.edits.append(edit)
    context.topic = "music"
    return True


def _with_stretch(made: MakeVideo, use: UseSong) -> MakeVideo:
    """A film that was just asked for, of the song and the part of it that a later clause names."""
    out_ms = use.out_ms or (None if use.length_ms else _TO_END_MS)
    song, length_ms = use.song or made.song, use.length_ms or made.length_ms
    return replace(made, song=song, part=use.part, in_ms=use.in_ms, out_ms=out_ms, length_ms=length_ms)


def read_song_of_film(clause: Clause, context: Context) -> bool:
    """Lets the film that a clause makes be cut to the song, and to the part of it, that the clause names."""
    made = context.last(MakeVideo)
    if made is None or not context.films or not context.situation.of_kind("audio"):
        return False
    song, part, when = mentioned_song(clause, context) or made.song, _part_in(clause), read_when(clause.text)
    stretch = replace(made, song=song)
    heard = clause.has(song_words.ABOUT)
    if part in ("chorus", "drop") or (part is not None and heard):
        stretch = replace(stretch, part=part, out_ms=_TO_END_MS if clause.has(song_words.BEGINS) else None)
    elif heard and when.start_ms is not None and when.end_ms is None and clause.has(song_words.BEGINS):
        stretch = replace(stretch, in_ms=when.start_ms)
    elif heard and when.start_ms is not None and when.end_ms is not None:
        stretch = replace(stretch, in_ms=when.start_ms, out_ms=when.end_ms)
    elif heard and when.length_ms and when.anchor in ("start", "end") and clause.has(song_words.OF_SONG):
        stretch = replace(stretch, part="intro" if when.anchor == "start" else "end", length_ms=when.length_ms)
    if clause.quotes or clause.has(words.TITLE):
        stretch = replace(made, song=song)
    context.replace(made, stretch)
    return stretch != made


def makes_film(clause: Clause, context: Context) -> bool:
    """Whether a clause speaks of making a film, be it of a song."""
    if clause.has(words.INTO_FILM) or clause.has(words.SLIDESHOW) or clause.has(SHORT_FILM):
        return True
    made = object_of(clause, words.MAKE)
    cuts = clause.has(words.BEAT) or clause.has(words.MUSIC_FILM)
    definite = re.search(r"\b(?:the|my|this) (?:video|film|clips)\b|视频里|视频中", clause.text) is not None
    return (made == "film" and not (definite and context.has_film)) or (cuts and not clause.has(song_words.FITS))


def mentioned_song(clause: Clause, context: Context) -> str | None:
    """The id of the song that a clause names by file, title or number; no id of any where there is none such."""
    songs = context.situation.of_kind("audio")
    for item in sorted(songs, key=lambda song: -len(song.filename)):
        if is_named(item, clause.text):
            return item.id
    number, other = _number_in(clause.text), song_words.EN_NTH.search(clause.text)
    if (other is not None and other[1] == "other") or song_words.ZH_OTHER.search(clause.text):
        played = (segment.upload(context.situation) for segment in context.film.segments("song"))
        playing = {upload.id for upload in played if upload is not None}
        left = [item.id for item in songs if item.id not in playing] if playing else [s.id for s in songs[:-1]]
        return left[-1] if left else "another" if songs else None
    if number is None or not songs:
        return None
    index = number - 1 if number > 0 else len(songs) + number
    return songs[index].id if 0 <= index < len(songs) else str(number)


def _number_in(text: str) -> int | None:
    if found := song_words.EN_NTH.search(text):
        return song_words.ORDINALS.get(found[1])
    if found := song_words.EN_NUMBER.search(text):
        return int(found[1])
    if found := song_words.ZH_NTH.search(text):
        return count_of(found[1])
    return -1 if song_words.ZH_LAST.search(text) else None


def is_named(item: MediaItem, text: str) -> bool:
    """Whether a text names an audio file by its name or its title."""
    names = (item.filename, f"{stem(item.filename)}", nice_title(item))
    if re.search(rf"(?<![a-z0-9]){re.escape(item.filename.lower())}(?![a-z0-9])", text):
        return True
    return any(
        len(name) > 2 and stem(name).lower() not in song_words.PLAIN_NAMES and name_pattern(name).search(text)
        for name in names
    )


def _fitted(clause: Clause, context: Context) -> PlaceMusic | FitLength | UseSong | None:
    """`loop the music`, `trim the music to the video`."""
    pictures = clause.has(
        re.compile(r"\b(?:loop|repeat) (?:the |my |all )?(?:clips?|videos?|photos?|pictures)\b|循环(?:视频|片段)")
    )
    if clause.has(song_words.LOOP) and not pictures:
        times = song_words.TIMES.search(clause.text)
        if times is not None and context.film.is_cut_to_music and _plays(context):
            return FitLength(factor=float(_TIMES.get((times[1] or times[2] or "")[:2].strip(), 2)))
        return PlaceMusic(loop=True) if context.has_music else UseSong(loop=True, under=True)
    if clause.has(song_words.EXTENDS) and re.search(TIME, with_digits(clause.text)) is None:
        return PlaceMusic(loop=True) if context.has_music else None
    if (clause.has(song_words.FITS) or clause.has(song_words.TRIMS)) and not clause.has(song_words.NOT_FIT):
        return PlaceMusic() if context.has_music else UseSong(under=True)
    return None


def _placed(clause: Clause, context: Context) -> PlaceMusic | None:
    """`stop the music at 0:10`, `the music comes in at 0:05`, `music only from 0:05 to 0:10`."""
    when, text = read_when(clause.text), with_digits(clause.text)
    time = re.search(TIME, text)
    if not context.has_music or clause.has(words.VOLUME):
        return None
    now = min((int(s["s"]) for s in context.film.segments(*MUSIC)), default=0)
    if time is None:
        return PlaceMusic(now + _LATER_MS) if clause.has(song_words.LATER) else None
    if clause.has(song_words.ONLY_WHEN) and when.start_ms is not None and when.end_ms is not None:
        return PlaceMusic(when.start_ms, when.end_ms)
    if clause.has(song_words.ONLY_WHEN) and when.length_ms and when.anchor == "start":
        return PlaceMusic(0, when.length_ms)
    if clause.has(song_words.ONLY_WHEN) and when.length_ms and when.anchor == "end":
        return PlaceMusic(last_ms=when.length_ms)
    if clause.has(song_words.STOPS) and when.anchor == "end" and when.length_ms:
        return PlaceMusic(None, max(context.film.end_ms - when.length_ms, 0) or None)
    if clause.has(song_words.STOPS):
        return PlaceMusic(None, when.end_ms if when.end_ms is not None else milliseconds(time[0]))
    composed = not context.situation.of_kind("audio") or mood_of(context.film) is not None
    starts = clause.has(re.compile(r"\b(?:start|begin)s?\b|开始"))
    if clause.has(song_words.ENTERS) or (composed and starts and not context.film.segments("song")):
        start = when.start_ms if when.start_ms is not None else milliseconds(time[0])
        return PlaceMusic(now + start if clause.has(song_words.DELAY) else start, when.end_ms)
    return None


def _taken(clause: Clause, context: Context, song: str | None) -> UseSong | MakeVideo | None:
    """`use the second song`, `start the song at 0:30`, `my song as background music`."""
    if context.last(AddMusic) is not None:
        return None
    if not context.situation.of_kind("audio"):  # which says that there is none
        return UseSong() if clause.has(song_words.USES_MINE) and not clause.has(words.VOLUME) else None
    part = _song_part(clause, context)
    own = clause.has(song_words.OWN) or song is not None
    level = clause.has(words.VOLUME) or "%" in with_digits(clause.text)
    amount = read_amount(clause.text) if level else None
    volume = amount.value if amount is not None and not amount.relative else None
    volume = _QUIET if clause.has(song_words.QUIETLY) and volume is None else volume
    if part is not None:
        return replace(part, song=song, volume=volume)
    if words.REMOVE.search(song_words.NO_CUTS.sub(" ", clause.text)) and song is None:
        return None
    if own and clause.has(song_words.UNDER) and clause.has(song_words.TAKES) and named_mood(clause.text) is None:
        return UseSong(song, under=True, volume=volume)
    if (
        song is not None
        and (clause.has(song_words.TAKES) or len(clause.text.split()) <= 4)
        and (volume is None) == (not level)
    ):
        return UseSong(song, volume=volume) if context.has_film else MakeVideo(song=song)
    takes = clause.has(re.compile(r"\b(?:use|add|put|lay|play|with|instead)\b|用|加|放|换成|配"))
    if song_words.JUST_THIS.fullmatch(clause.text) and not context.has_film and context.last(MakeVideo) is None:
        return MakeVideo()
    if clause.has(song_words.OWN) and takes and context.has_film and not _plays(context) and not level:
        return UseSong() if named_mood(clause.text) is None else None
    return None


def _plays(context: Context) -> bool:
    return bool(context.film.segments("song"))


def _song_part(clause: Clause, context: Context) -> UseSong | None:
    """The part of a song that a clause asks for, or None."""
    text, when, part = with_digits(clause.text), read_when(clause.text), _part_in(clause)
    if mood_of(context.film) is not None and not clause.has(words.SONG):
        return None
    if "%" in text and not clause.has(song_words.BEGINS) and not clause.has(song_words.SKIPS):
        return None  # `the music at 20% from 0:05 to 0:10`
    if clause.has(words.VOLUME) or not (clause.has(song_words.STARTS) or clause.has(song_words.SKIPS)):
        return None
    skips = clause.has(song_words.SKIPS)
    of_song = song_words.OF_SONG.search(text) or (not skips and song_words.SHARE_OF_SONG.search(text))
    songs = context.film.segments("song")
    now = songs[0].in_ms if songs else 0
    if when.length_ms and when.anchor in ("start", "end") and of_song:
        if skips:
            return UseSong(in_ms=now + when.length_ms) if when.anchor == "start" else None
        if when.anchor == "start":
            return UseSong(in_ms=0, out_ms=when.length_ms)
        return UseSong(part="end", length_ms=when.length_ms)
    if part is not None and clause.has(song_words.STARTS):
        length = re.search(rf"({TIME})", text)
        return UseSong(part=part, length_ms=milliseconds(length[1]) if length else None)
    if clause.has(song_words.WHOLE) and clause.has(song_words.STARTS):
        return UseSong(in_ms=0, out_ms=_TO_END_MS)
    if when.start_ms is not None and clause.has(song_words.STARTS) and not skips:
        end = when.end_ms if when.end_ms is None or when.end_ms < context.film.end_ms + 10**8 else None
        return UseSong(in_ms=when.start_ms, out_ms=end)
    skipped = re.search(rf"(?:\b(?:skip|jump|go) (?:to|ahead to|forward to)|跳到)\s*(?:the )?({TIME})", text)
    return UseSong(in_ms=milliseconds(skipped[1])) if skipped else None


def _skips_intro(clause: Clause) -> bool:
    return clause.has(song_words.SKIPS) and clause.has(song_words.INTRO)


def _after_intro(context: Context) -> Wish:
    """The song from its second section on, as far as it is known where that begins."""
    song = context.film.segments("song")[0]
    item = song.upload(context.situation)
    later = [start for start, _ in item.sections if start > song.in_ms] if item is not None else []
    if later:
        return UseSong(in_ms=later[0])
    en = 'I cannot hear where the intro ends. Say the time, for example "start the song at 0:10".'
    return Decline(say(context.situation.spoken, en, "听不出前奏在哪里结束，请告诉我时间，例如“歌从0:10开始”。"))


def _says_part(clause: Clause) -> bool:
    return clause.has(
        re.compile(r"\b(?:use|take|play) (?:only )?the (?:part|bit|section) from\b|用.*(?:这段|这一段|部分)")
    )


def _part_in(clause: Clause) -> SongPart | None:
    return next((part for part, pattern in song_words.PARTS if clause.has(pattern)), None)
