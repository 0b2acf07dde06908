"""Phrases that stand for one typed edit: sounds laid beside others, voices, silence, crossfades, inserted shots."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent.model import Wish
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.levels import stretch_in
from nemo_notebook.engine.agent.reading.shot_words import Mention, mentions
from nemo_notebook.engine.agent.reading.song_words import BOTH
from nemo_notebook.engine.agent.reading.songs import is_named, makes_film
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.amounts import read_amount
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, read_when, with_digits
from nemo_notebook.engine.agent.words.vocabulary import words as any_of
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.draft import MAX_VOLUME
from nemo_notebook.film.drafting import MUSIC, SPEECH
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.shots import AddShot, Move
from nemo_notebook.film.edits.sounds import AddSound, Crossfade, RemoveSilence, SetContent, SetVolume
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.soundtrack import content_of, songs_of
from nemo_notebook.film.target import Target

_VOICE: Final = any_of(
    r"\b(?:voice ?-?overs?|narrat(?:ion|or)|voice|speech|commentary|(?:voice |audio )?recordings?)\b",
    r"旁白|配音|人声|录音|解说",
)
_LAYS: Final = any_of(r"\b(?:add|lay|put|place|insert|include)\b", r"加|放|垫|铺|插|添")
_PLAYS: Final = any_of(r"\b(?:play|start|use|begin|move)\b", r"播|用|移")
_ELSE: Final = any_of(r"\b(?:replace|instead|swap|switch|change)\b", r"换|改")
_BESIDE: Final = any_of(
    r"\b(?:under(?:neath)?|beneath|behind|below|beside|on top|along ?side|over|as well|too|also)\b",
    r"垫|铺|下面|底下|同时|也",
)
_BLENDS: Final = any_of(
    r"\b(?:cross-? ?fad(?:e|es|ing)|blend|overlap|mix)\b", r"交叉(?:淡化|渐变|淡入淡出)|(?:自然)?(?:过渡|衔接)|重叠"
)
_SONGS: Final = any_of(
    r"\b(?:songs|tracks|tunes|pieces of music)\b", r"(?:[两几]首|这些)(?:歌|音乐|曲)|(?:歌曲?|音乐)之?间"
)
_CUTS_OUT: Final = any_of(
    r"\b(?:cut|trim|remove|delete|drop|tighten|close|get rid of|take out|skip|edit out|kill|strip)\b",
    r"去掉|剪掉|剪去|删|去除|移除|跳过|不要",
)
_SILENCE: Final = any_of(
    r"\bdead air\b|\bsilen(?:ces?|t (?:parts?|bits?|stretches|moments|gaps|sections))\b|\bpauses\b"
    r"|\b(?:gaps|pause) (?:in|between) (?:the |my )?(?:talk\w*|speech|narration|voice\w*|words|sentences)\b",
    r"静音(?!音乐)|空白|停顿|冷场|(?:没有?|无)(?:声音|人声|人说话)的",
)
_IS: Final = re.compile(
    r"(?:\b(?:is(?:n't)?|as|that's|it's)\b|(?P<zh_not>不)?是|当[作成]|算)\s*(?P<not>not\b)?\s*"
    r"(?:actually |really |just )?(?:an? |the |my |some |一?[段首个])?"
    r"(?:(?P<music>music|songs?|an? instrumental|音乐|歌曲?|伴奏|配乐)"
    r"|voice(?: ?-?over| recording| memo)?|speech|narration|spoken words?|(?:some(?:one|body) )?(?:talking|speaking)"
    r"|人声|旁白|语音|录音|说话|讲话|配音|解说)\W*(?:,? ?(?:and )?not (?:an? |the )?\w+|[,，]?不是\S{1,4})?\W*$"
)
_NOT: Final = re.compile(r"\bisn't\b")
_THIS: Final = re.compile(r"^\W*(?:no\W+)?(?:this|that|it)\b|^\W*[这那它]")
_INSERTS: Final = re.compile(
    r"(?:\b(?:insert|add|put|place|drop(?: in)?)|插入|插|加入?|放|把|将)[\s\u200b]*"
    r"(?:the |my |an? |in |clip |photo |file )*$"
)
_TIMED: Final = re.compile(TIME)
_AT: Final = re.compile(rf"(?:在|\bto)\s*({TIME})")
_A_PHOTO: Final = re.compile(r"\b(?:the|my|a) (?:photo|picture|image)\b|(?:这张|那张|我的)?(?:照片|图片)")
_THEN: Final = re.compile(r"\b(?P<before>before)\b|\bafter\b|\bbetween\b|(?P<zh_before>之?前)|之?后|之间")


def read_phrases(clause: Clause, context: Context) -> bool:
    """Adds the edits of a clause that says nothing else; whether there were any."""
    if clause.quotes or clause.has(words.TITLE):
        return False
    for reader in _READERS:
        if edits := reader(clause, context):
            context.edits += edits
            if not isinstance(edits[0], AddShot):
                context.topic = "music"
            return True
    return False


def _content(clause: Clause, context: Context) -> Sequence[Wish]:
    """`rain.mp3 is not music`, `这是人声`."""
    found, audio = _IS.search(clause.text), context.situation.of_kind("audio")
    named = [item for item in audio if is_named(item, clause.text)] or (audio[-1:] if clause.has(_THIS) else ())
    if found is None or not named:
        return ()
    is_denied = bool(found["not"] or found["zh_not"]) or clause.has(_NOT)
    return [SetContent(media=named[-1].id, content="music" if bool(found["music"]) != is_denied else "speech")]


def _voice_gone(clause: Clause, context: Context) -> Sequence[Wish]:
    """`remove the voice-over`."""
    is_all = clause.has(words.REMOVE, _VOICE) and not clause.has(words.MUSIC) and not clause.has(_TIMED)
    if not is_all or not context.film.segments(*SPEECH):
        return ()
    item = _named(clause, context)
    named = item.id if item is not None and is_named(item, clause.text) else None
    return [Remove(target=Target(kind="speech", media=named))]


def _silence(clause: Clause, context: Context) -> Sequence[Wish]:
    """`trim the dead air`, `cut pauses longer than 1 s`."""
    if not clause.has(_CUTS_OUT, _SILENCE):
        return ()
    single = [mention.pick.target for mention in mentions(clause.text, context) if not mention.is_loose]
    is_of_voice = clause.has(_VOICE) and context.film.segments(*SPEECH)
    target = Target(kind="speech") if is_of_voice else tuple(single) or None
    return [RemoveSilence(target=target, **_length("longest_s", clause, 60.0))]


def _crossfade(clause: Clause, context: Context) -> Sequence[Wish]:
    """`crossfade the two songs`, `use both songs`; those that are not heard yet are laid after the others."""
    named = [item for item in context.situation.of_kind("audio") if is_named(item, clause.text)]
    blends = clause.has(_BLENDS) and (len(named) > 1 or clause.has(_SONGS))
    if not context.has_film or not (blends or clause.has(BOTH)) or clause.has(words.REMOVE) or clause.has(_ELSE):
        return ()
    songs = named if len(named) > 1 else songs_of(context.film, context.situation)
    heard = {segment.meta.get("media") for segment in context.film.segments(*MUSIC)}
    if len(songs) < 2:
        return ()
    target = tuple(Target(kind="song", media=item.id) for item in named) if len(named) > 1 else Target(kind="music")
    laid = [AddSound(media=item.id, role="song") for item in songs if item.id not in heard]
    return [*laid, *([Crossfade(target=target, **_length("duration_s", clause, 30.0))] if blends else [])]


def _level(clause: Clause, context: Context) -> Sequence[Wish]:
    """`boost the voice-over to 150%`, where a voice recording is heard."""
    is_about = clause.has(_VOICE) and not clause.has(words.MUSIC) and not clause.has(words.FADE)
    if not is_about or not context.film.segments(*SPEECH):
        return ()
    said = clause.has(words.VOLUME) or clause.has(words.LEVEL_WORDS) or "%" in with_digits(clause.text)
    amount = read_amount(re.sub(TIME, " ", with_digits(clause.text)))
    if amount is None or not said:
        return ()
    start, end = stretch_in(clause, context)
    volume, factor = (None, amount.value) if amount.relative else (min(amount.value, MAX_VOLUME), None)
    times: dict[str, Any] = (
        {"start_s": start / 1000, "end_s": None if end is None else end / 1000} if start is not None else {}
    )
    return [SetVolume(target=Target(kind="speech"), volume=volume, factor=factor, **times)]


def _sound(clause: Clause, context: Context) -> Sequence[Wish]:
    """`add the narration at 0:05`, `lay rain.mp3 under the film`."""
    item = _named(clause, context)
    if item is None or clause.has(_ELSE) or clause.has(words.VISUAL) or makes_film(clause, context):
        return ()
    is_laid = any(s.meta.get("media") == item.id for s in context.film.segments(*MUSIC, *SPEECH))
    at_ms = _at_ms(clause)
    at_s = None if at_ms is None else at_ms / 1000
    amount = read_amount(clause.text) if "%" in with_digits(clause.text) else None
    if clause.has(_VOICE) or content_of(context.film, item) == "speech":
        if not clause.has(_LAYS) and not clause.has(_PLAYS):
            return ()
        if is_laid and at_s is None:
            words_of = f"{item.filename} is heard already.", f"{item.filename} 已经在播放。"
            return [Decline(say(context.situation.spoken, *words_of))]
        if is_laid:
            return [Move(target=Target(kind="sound", media=item.id), at_s=at_s)]
        return [AddSound(media=item.id, role="speech", at_s=at_s, volume=amount.value if amount else None)]
    is_beside = context.has_film and context.has_music and not is_laid
    if not is_beside or not clause.has(_LAYS) or (at_s is None and not clause.has(_BESIDE)):
        return ()
    return [AddSound(media=item.id, at_s=at_s or 0.0, volume=amount.value if amount else None)]


def _insert(clause: Clause, context: Context) -> Sequence[Wish]:
    """`insert sea.mp4 at 0:04`, `put the photo after the second shot`."""
    found = mentions(clause.text, context)
    named = next((mention for mention in found if mention.pick.media is not None), None)
    item = _photo(clause, context) if named is None else named.pick.media
    start = named.start if named is not None else m.start() if (m := _A_PHOTO.search(clause.text)) else 0
    if item is None or not context.has_film or not _INSERTS.search(clause.text[:start]):
        return ()
    is_seen = any(shot.meta.get("media") == item for shot in context.film.shots)
    if is_seen and "insert" not in clause.text and "插" not in clause.text:
        return ()
    at_ms, when = _at_ms(clause), read_when(clause.text)
    duration_s = max(when.length_ms / 1000, 0.1) if when.length_ms and not clause.has(_AT) else None
    if at_ms:
        return [AddShot(media=item, at_s=at_ms / 1000, duration_s=duration_s)]
    return _inserted_beside(clause, item, [mention for mention in found if mention is not named], duration_s)


def _inserted_beside(clause: Clause, item: str, others: Sequence[Mention], duration_s: float | None) -> Sequence[Wish]:
    place = _THEN.search(clause.text)
    single = [mention for mention in others if not mention.is_loose]
    if place is None or not single:
        return ()
    is_before = bool(place["before"] or place["zh_before"])
    beside = single[0].pick.target
    return [AddShot(media=item, place="before" if is_before else "after", beside=beside, duration_s=duration_s)]


def _length(field: str, clause: Clause, most_s: float) -> dict[str, Any]:
    """The length that a clause says, as a field of an edit; nothing where it says none."""
    time = re.search(TIME, with_digits(clause.text))
    return {field: min(max(milliseconds(time[0]) / 1000, 0.1), most_s)} if time is not None else {}


def _at_ms(clause: Clause) -> int | None:
    at, when = _AT.search(clause.text), read_when(clause.text)
    if at is not None:
        return milliseconds(at[1])
    return 0 if when.start_ms is None and when.anchor == "start" and not when.length_ms else when.start_ms


def _named(clause: Clause, context: Context) -> MediaItem | None:
    """The audio file that a clause names; the newest voice recording where it speaks of a voice."""
    audio = context.situation.of_kind("audio")
    named = [item for item in audio if is_named(item, clause.text)]
    voices = [item for item in audio if content_of(context.film, item) == "speech"] if clause.has(_VOICE) else []
    return next(reversed(named or voices), None)


def _photo(clause: Clause, context: Context) -> str | None:
    photos = context.situation.of_kind("image")
    return photos[0].id if len(photos) == 1 and clause.has(_A_PHOTO) else None


_READERS: Final[tuple[Callable[[Clause, Context], Sequence[Wish]], ...]] = (
    _content,
    _silence,
    _voice_gone,
    _crossfade,
    _level,
    _sound,
    _insert,
)
