"""Volumes, ducking and fades in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal

from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.picture_fade import fades_film
from nemo_notebook.engine.agent.reading.shot_words import mentions
from nemo_notebook.engine.agent.wishes import AddMusic, FadeMusic, SetVolume
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.amounts import UNMUTES, Amount, read_amount
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, read_when, stretch_of, with_digits
from nemo_notebook.engine.agent.words.vocabulary import words as any_of
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.edits.sounds import Duck

_USUAL_FADE_MS: Final = 2_000
Target = Literal["music", "clips", "all"]

_VOICE: Final = (
    r"(?:talk\w*|speak\w*|speech(?:es)?|voices?|dialogu?e?s?|narrat\w*|someone|somebody|people|i say"
    r"|the clips?'? (?:sound|audio)"
    r"|original (?:sound|audio)|vocals?|interview\w*|words)"
)
_DUCK: Final = any_of(
    r"\b(?:auto-?)?duck(?:s|ed|ing)?\b|\bside-?chain\w*\b",
    rf"\b(?:lower|quieter|softer|down|reduce|dip|turn|less|drop|under|below|give way)\b.*\b(?:when|whenever"
    rf"|while|during|under|for|as|to)\b.*\b{_VOICE}\b",
    rf"\b(?:when|whenever|while|during)\b.*\b{_VOICE}\b.*\b(?:lower|quieter|softer|down|reduce|dip|less|quiet)\b",
    rf"\b(?:can'?t|cannot|can not|hard to|hardly) (?:hear|understand)\b.*\b(?:{_VOICE}|me|him|her|them|what)\b"
    rf"|\bdrown\w*\b",
    r"(?:说话|人声|讲话|对白|旁白|对话|有声音|原声(?=.{0,4}时)|台词|采访)(?:出现|响起)?的?(?:时候?|时|期间|部分|地方|处)?.{0,8}(?:小|低|轻|弱|减|让)",
    r"自动(?:减弱|降低|避让|闪避|压低)|闪避|避让|(?:听不清|听不见|盖过|盖住|压过)(?:人声|说话|原声|声音|对白|我)",
)
_SPEECH: Final = any_of(
    r"\b(?:speech(?:es)?|voices?|talking|speakers?|dialogu?es?|narration|interview(?:er)?s?)\b",
    r"人声|说话|讲话|对白|台词",
)
_NO_DUCK: Final = any_of(
    r"\b(?:no|stop|without|don'?t|do not|remove|turn off|disable|undo|cancel)\b.*\b(?:duck\w*|side-?chain\w*)\b",
    r"(?:不要|取消|关闭|关掉|去掉|别).*(?:闪避|避让|自动(?:减弱|降低|压低))",
)
_NO_FADE: Final = any_of(
    r"\b(?:no|without|remove|don'?t|do not|stop|disable|cancel|delete)\b.*\bfad(?:e|es|ing)\b|\bhard (?:end|stop)\b",
    r"(?:不要|取消|去掉|删除|删掉|别|无).*(?:淡入|淡出|渐弱|渐强)",
)
_OF_CUTS: Final = any_of(
    r"\bbetween\b|\btransitions?\b|\bcross\b|\b(?:each|every) (?:clip|cut|shot|photo)\b|\bfade[ds]? (?:to|from"
    r"|through|into) (?!silence|nothing|zero|0)\w+",
    r"转场|之间|每(?:个|段|张)",
)
_PICTURE: Final = any_of(
    r"\b(?:video|film|movie|picture|image|screen|clips?|photos?|visuals?|title)\b", r"视频|画面|影片|片子|图|标题"
)
_OF_A_SONG: Final = re.compile(r"\b(?:song|track)\b|歌")
_SOUND: Final = re.compile(r"\b(?:sound|audio)\b|声音")
_ENDS_OF_FILM: Final = re.compile(
    r"\b(?:end|start|beginning) of the (?:video|film|movie)\b|(?:视频|片子)(?:的)?(?:结尾|开头|最后)"
)
_AT_END_ONLY: Final = re.compile(r"\bend|结尾|最后|末尾|片尾")
_AT_START_ONLY: Final = re.compile(r"\b(?:start|beginning|opening)\b|开头|片头")
_LOOSE_IN: Final = re.compile(r"\bin\b|淡入|渐强|渐入")
_LOOSE_OUT: Final = re.compile(r"\bout\b|淡出|渐弱|渐出")
_LEVEL_ALONE: Final = re.compile(
    r"\s*(?:at|to|make it|set it to|调到|改成|改为|设为)?\s*[+-]?\s?\d+\s*%\s*(?:please|吧)?\W*$"
)
_STEP_ALONE: Final = re.compile(
    r"\W*(?:再|还要?|稍微|太)*调?(?:大|小|轻|响|高|低)(?:一?[点些]|了)(?:声|儿)?[吧呢了]?\W*$"
    r"|\W*(?:still )?(?:a (?:bit|little) )?(?:higher|lower|up|down)"
    r"(?: a (?:bit|little))?(?: please)?\W*$"
)
_CLIPS: Final = any_of(r"\b(?:clips|footage|both)\b", r"素材|片段")
_BACK: Final = any_of(
    r"\b(?:keep|restore|bring back|turn on|enable|put back|hear|want|get back)\b",
    r"保留|恢复|打开|开启|留着|要(?!静音)",
)
_KEPT_LOW: Final = 0.5  # of sound that is to be kept, but softer
_HEAR_LESS: Final = any_of(r"\b(?:subtle|subtler|less prominent|more in the background)\b", r"不那么(?:突出|明显|吵)")
_HEAR_MORE: Final = any_of(
    r"\b(?:can'?t|cannot|can barely|hardly|barely) hear (?:the )?(?:music|song|track)\b",
    r"听不(?:到|见|清)(?:音乐|歌|配乐)",
)
_CLIPS_UNHEARD: Final = any_of(
    r"\b(?:can'?t|cannot|can barely|hardly|barely) hear (?:the |my |any of the )?(?:clips?|videos?|footage)\b",
    r"听不(?:到|见|清)(?:视频|素材|片段)",
)
_BUT_MUSIC: Final = any_of(
    r"\b(?:everything|all)(?: sounds?)? (?:but|except|besides) (?:for )?(?:the )?(?:music|song)\b"
    r"|\bonly (?:keep|hear|leave|play) (?:the )?(?:music|song)\b"
    r"|\b(?:keep|leave) only (?:the )?(?:music|song)\b",
    r"只(?:保留|留|要|听)(?:音乐|歌|配乐)(?:声音?)?",
)
_SILENCE_MS: Final = 2_000
_SILENT_SIDE: Final = re.compile(
    r"\b(?:at|for|in|of|mute|silence) the (?:very )?(?:(?P<start>start|beginning)|end|ending)\b"
    r"|(?P<zh>开头|片头|结尾|最后|片尾)"
)
SOUND_GOES: Final = any_of(
    r"\b(?:remov\w+|delet\w+|strip|kill|drop|cut out|get rid of|turn off|take (?:out|away|off)|disable|no|without"
    r"|don'?t (?:want|need)|do not (?:want|need))"
    r" (?:all |the |its |any |of |their |my |(?:clip|video|shot) ?\d*'s |clips?'?s?'? |videos?'?s?'? "
    r"|original |own |camera )*(?:sounds?|audio|noise)\b(?! (?:track|file))",
    r"(?:原声|原音|原来的声音|(?:视频|片段|素材)里?的声音|杂音)(?:都|全|给我|也)*(?:去掉|去除|关掉|关了|关闭|删|移除|不要|消掉)",
    r"^\W*(?:请)?(?:把|将)?声音(?:都|全|给我)*(?:去掉|去除|关掉|关了|删掉?|移除|不要|消掉|静音)",
    r"(?:去掉|去除|删除|删掉|移除|关掉|关闭|不要)(?:所有|全部|视频|片段|素材|里|中|的|了)*(?:声音|原声|音频|杂音)",
)
_TIMED: Final = re.compile(r"\s+(?:and|but|while|with)\s+|\s*[,;]\s*|[，；、]|并且?|而")


def read_levels(clause: Clause, context: Context) -> bool:
    """Adds the volumes, the ducking and the fades that a clause asks for; whether there were any."""
    if _read_ducking(clause, context):
        return True
    faded = _read_fade(clause, context)
    return _read_volume(clause, context) or faded


def _read_ducking(clause: Clause, context: Context) -> bool:
    if clause.has(words.TITLE) and not clause.has(words.MUSIC):
        return False
    if clause.has(_NO_DUCK):
        context.edits.append(Duck(level=1.0))
        return True
    if not clause.has(_DUCK) or not (context.has_music or clause.has(words.MUSIC) or clause.has(words.SONG)):
        return False
    added = context.last(AddMusic)
    amount = read_amount(clause.text) if "%" in with_digits(clause.text) else None
    if added is not None and amount is None:
        context.replace(added, replace(added, duck=True))
        return True
    context.edits.append(Duck(level=min(amount.value, 1.0)) if amount is not None and not amount.relative else Duck())
    return True


def _read_fade(clause: Clause, context: Context) -> bool:
    seen = (words.TITLE, words.FADE_OF_PICTURE, _OF_CUTS)
    if not clause.has(words.FADE) or any(clause.has(pattern) for pattern in seen):
        return False
    about = any(clause.has(noun) for noun in (words.MUSIC, words.SONG, _SOUND))
    if not about and (clause.has(words.EVERYTHING) or (clause.has(_PICTURE) and not clause.has(_ENDS_OF_FILM))):
        return False  # the picture fades, and takes the sound with it
    if fades_film(clause, context):
        return False
    fades_in, fades_out = clause.has(words.FADE_IN), clause.has(words.FADE_OUT)
    if not fades_in and not fades_out:
        fades_in = not clause.has(_AT_END_ONLY)
        fades_out = not fades_in or not clause.has(_AT_START_ONLY)
    if clause.has(_NO_FADE):
        context.edits.append(FadeMusic(0 if fades_in else None, 0 if fades_out else None))
        return True
    context.edits.append(_fade(clause, fades_in=fades_in, fades_out=fades_out))
    return True


def _fade(clause: Clause, *, fades_in: bool, fades_out: bool) -> FadeMusic:
    text, when = with_digits(clause.text), read_when(clause.text)
    times = [milliseconds(found[0]) for found in re.finditer(TIME, text)]
    loose_in, loose_out = _LOOSE_IN.search(text), _LOOSE_OUT.search(text)
    if len(times) == 2 and fades_in and loose_in and loose_out:
        first, second = times if loose_in.start() < loose_out.start() else reversed(times)
        return FadeMusic(first, second)
    if fades_out and not fades_in and when.start_ms is not None:
        if when.end_ms is not None:
            return FadeMusic(None, when.end_ms - when.start_ms)
        return FadeMusic(out_from_ms=when.start_ms)
    length = when.length_ms or when.end_ms or _USUAL_FADE_MS
    return FadeMusic(length if fades_in else None, length if fades_out else None)


def _read_volume(clause: Clause, context: Context) -> bool:
    if clause.has(_BUT_MUSIC):
        context.edits.append(SetVolume("clips", 0.0))
        return True
    parts = [replace(clause, text=part, raw=part) for part in _TIMED.split(clause.text) if part.strip()]
    read = [edit for part in parts if (edit := _volume(part, context)) is not None]
    if len(read) < 2 or len({(edit.target, edit.pick) for edit in read}) < len(read):
        whole = _volume(clause, context)
        read = [whole] if whole is not None else []
    added = context.last(AddMusic)
    if any(_out_of_silence(edit, clause, context) for edit in read):
        context.edits.append(Duck())  # which lets muted clips be heard
        return True
    for edit in read:
        plain = edit.target == "music" and not edit.relative and edit.start_ms is None
        if added is not None and plain:
            context.replace(added, replace(added, volume=edit.amount))
        else:
            context.edits.append(edit)
    return bool(read)


def _volume(clause: Clause, context: Context) -> SetVolume | None:
    """The volume that a clause, or a part of one, asks for."""
    picks = _picks(clause, context)
    about = any(clause.has(noun) for noun in (words.MUSIC, words.SONG, words.OWN_SOUND, _CLIPS)) or bool(picks)
    named = clause.has(words.VOLUME) or (
        clause.has(words.LEVEL_WORDS) and any(clause.has(noun) for noun in (words.MUSIC, words.SONG, words.OWN_SOUND))
    )
    text = with_digits(clause.text)
    louder, softer = clause.has(_HEAR_MORE), about and clause.has(_HEAR_LESS)
    level = _LEVEL_ALONE.match(text) or louder or softer or (about and "%" in text)
    level = level or (context.topic == "music" and _STEP_ALONE.match(text) is not None)
    level = level or (context.topic == "music" and clause.has(words.LEVEL_WORDS) and "%" in text)
    silent, unheard = SOUND_GOES.search(text) is not None, clause.has(_CLIPS_UNHEARD)
    level = level or clause.has(words.OWN_SOUND, _BACK) or silent or unheard
    if (not named and not level) or (clause.has(words.TITLE) and not about):
        return None
    amount = Amount(0.0) if silent else Amount(1.0) if unheard else read_amount(re.sub(TIME, " ", text))
    if amount is None and (louder or softer):
        amount = read_amount("louder" if louder else "quieter")
    if clause.has(words.OWN_SOUND, _BACK) and not silent:
        amount = Amount(1.0) if amount is None else Amount(_KEPT_LOW) if amount.relative else amount
    if amount is None:
        return None
    start, end = (None, None) if clause.has(words.FADE) else stretch_in(clause, context)
    if start is None and amount == Amount(0.0) and (side := _SILENT_SIDE.search(text)):
        total = context.film.end_ms
        start, end = (
            (0, _SILENCE_MS) if side["start"] or side["zh"] in ("开头", "片头") else (max(0, total - _SILENCE_MS), None)
        )
    edit = SetVolume(_target(clause, context), amount.value, amount.relative, start_ms=start, end_ms=end)
    edit = replace(edit, restores=clause.has(UNMUTES))
    if picks and not clause.has(words.MUSIC) and not clause.has(_OF_A_SONG):
        return replace(edit, target="clips", pick=picks[0])
    return edit


def _out_of_silence(edit: SetVolume, clause: Clause, context: Context) -> bool:
    """Whether speech is to be louder that is not heard at all, under music."""
    louder = edit.target == "clips" and edit.relative and edit.amount > 1 and edit.pick is None
    sounds = [shot["v"] for shot in context.film.segments("clip") if "v" in shot]
    return louder and clause.has(_SPEECH) and bool(sounds) and not any(sounds) and context.has_music


def _picks(clause: Clause, context: Context) -> tuple[Pick, ...]:
    """The single clips that a clause names."""
    single = (mention.pick for mention in mentions(clause.text, context) if not mention.is_loose)
    return tuple(pick for pick in single if pick.media is not None or pick.number is not None or pick.at_ms is not None)


def stretch_in(clause: Clause, context: Context) -> tuple[int | None, int | None]:
    """Start and end of the stretch that a clause speaks of; see `stretch_of`."""
    return stretch_of(read_when(clause.text), context.film.end_ms)


def _target(clause: Clause, context: Context) -> Target:
    if clause.has(words.OWN_SOUND) or (clause.has(SOUND_GOES) and not context.has_music):
        return "clips"
    if clause.has(words.EVERYTHING) or (clause.has(SOUND_GOES) and context.has_music):
        return "all"
    named = clause.has(words.MUSIC) or clause.has(words.SONG)
    if clause.has(_CLIPS) and not named:
        return "clips"
    if named or context.has_music:
        return "music"
    return "music" if not context.has_film and context.situation.of_kind("audio") else "clips"
