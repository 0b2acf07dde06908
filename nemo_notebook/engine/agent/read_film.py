"""Films, cuts and trims in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal

from nemo_notebook.engine.agent import vocabulary as words
from nemo_notebook.engine.agent.cutting import Pace
from nemo_notebook.engine.agent.film_edits import CutToBeat, MakeVideo, Trim
from nemo_notebook.engine.agent.language import nice_title, stem
from nemo_notebook.engine.agent.objects import noun_after, object_of
from nemo_notebook.engine.agent.reading import Context
from nemo_notebook.engine.agent.sound_edits import AddMusic
from nemo_notebook.engine.agent.values import TIME, milliseconds, read_when, with_digits
from nemo_notebook.engine.agent.wording import Clause

_EVERY: Final = re.compile(r"(?:\bevery|\beach|\bper|每隔?)\s*(?:(\d{1,2})\s*个?)?\s*(beats?|bars?|拍|小节)")
_EVERY_OTHER: Final = re.compile(r"\bevery (?:other|second) (beat|bar)")
_FILM_LENGTH: Final = re.compile(
    rf"({TIME})[\s-]*(?:long\s+|的|长的?)?(?:[a-z]+\s+|抖音|竖屏|横屏|音乐|卡点|小红书){{0,2}}(?:video"
    rf"|reel|film|movie|short|slideshow|tiktok|montage|mv|视频|短片|影片)(?!\s+clip)"
)
_NO_LENGTH: Final = re.compile(r"\bmontage clip|\binto\b")
_DEFINITE: Final = re.compile(r"\b(?:the|this|that|my|our|your)\s+(?:\S+\s+)?$|(?:这个|这段|该)$")
_PLAIN_MAKE: Final = re.compile(r"\bmak(?:e|ing)\b|\bturn\b|\bedit\b|\bwant\b|\bneed\b|\bdo\b|变|弄|转|想要")
_ALTERS_IT: Final = re.compile(r"\b(?:make|turn|convert|change|edit|do) (?:it|this|that|them)\b(?! (?:again|anew))")
_JUST_VISUAL: Final = re.compile(
    r"\b(?:visuali[sz]er|audiogram)[- ](?:video|film)\b|\b(?:just|only) (?:a "
    r"|the )?(?:visuali[sz]er|bars|waveform)|(?:纯|只要)可视化|可视化视频"
)
_TO_LENGTH: Final = re.compile(
    rf"(?:\bto|\bonly|\bjust|\bit|\bvideo|\bkeep|\bthis|到|成|在|为|保留"
    rf"|只要|只留)\s*(?:be |exactly |about |the |first |前|大约|约)*\s*({TIME})(?:\s*long)?"
)
_JUST_FILM: Final = re.compile(r"\W*(?:a )?(?:music )?(?:video|mv|slideshow|视频|音乐视频)(?: please)?\W*$")
_BOTH_ENDS: Final = re.compile(r"\s+and\s+|和|,")
_ONLY: Final = re.compile(r"\bonly\b|\bjust\b|只用|仅用")
_STYLE_DEFAULT: Final = "bars"


def read_film(clause: Clause, context: Context) -> bool:
    """Adds the film that a clause asks for; whether it asks for one."""
    if not _wants_film(clause, context):
        return False
    context.edits.append(_film(clause, context))
    context.topic = "film"
    return True


def read_cuts(clause: Clause, context: Context) -> bool:
    """Adds the trim or the new cut that a clause asks for; whether there was one."""
    return _read_trim(clause, context) or _read_cut(clause, context)


def style_in(clause: Clause) -> str | None:
    """The visualizer style that a clause names, or None."""
    return next((name for name, pattern in words.STYLES.items() if clause.has(pattern)), None)


def _wants_film(clause: Clause, context: Context) -> bool:
    if _JUST_FILM.match(clause.text):
        return not context.has_film
    if context.has_film and clause.has(_ALTERS_IT):
        return False
    if clause.has(words.USE) and not clause.has(words.TITLE) and _mentioned_pictures(clause, context):
        return True
    verb = noun_after(clause, words.MAKE)
    thing, used = object_of(clause, words.MAKE), object_of(clause, words.USE)
    first = object_of(clause, words.MAKE, words.ADD, words.USE)
    if clause.has(words.INTO_FILM) and first not in ("music", "title", "visual") and not _names_part(clause):
        return not (context.has_film and clause.has(re.compile(r"(?:做|变|转)成")) and _is_shape(clause))
    if verb is not None and thing == "film":
        definite = _DEFINITE.search(clause.text[: verb.start()]) is not None
        return not (definite and context.has_film and (clause.has(_PLAIN_MAKE) or _is_shape(clause)))
    if verb is not None and thing in ("clips", "images", "song") and not context.has_film:
        return thing != "song" or _DEFINITE.search(clause.text[: verb.start()]) is not None
    if used in ("clips", "images", "song", "film") and not clause.has(words.TITLE):
        return not context.has_film or clause.has(_ONLY) or used == "song"
    return clause.has(words.SLIDESHOW) and not context.has_film and not clause.quotes


def _names_part(clause: Clause) -> bool:
    return object_of(clause, words.ADD) in ("music", "title", "visual")


def _is_shape(clause: Clause) -> bool:
    shapes = (pattern for pattern, _ in words.SHAPES)
    platforms = (row[0] for row in words.PLATFORMS)
    return any(clause.has(p) for p in (*shapes, *platforms, words.RATIO, *(p for p, _ in words.RESOLUTIONS)))


def _film(clause: Clause, context: Context) -> MakeVideo:
    length = None if clause.has(_NO_LENGTH) else _FILM_LENGTH.search(with_digits(clause.text))
    visual = (style_in(clause) or _STYLE_DEFAULT) if clause.has(words.VISUAL) else None
    if visual is not None and clause.has(
        re.compile(r"\b(?:no|without)(?: an?| the)? (?:visuali|bars|waveform)|不要可视化")
    ):
        visual = None
    return MakeVideo(
        pictures="none" if clause.has(_JUST_VISUAL) else _pictures(clause),
        song=_mentioned_song(clause, context),
        with_song=not clause.has(words.NO_SONG),
        pace=_pace(clause),
        visualizer=visual,
        length_ms=milliseconds(length[1]) if length else None,
        only=_mentioned_pictures(clause, context) if clause.has(_ONLY) or clause.has(words.USE) else (),
    )


def _pictures(clause: Clause) -> Literal["all", "clips", "images"]:
    groups = {match.lastgroup for match in words.NOUN.finditer(clause.text)}
    if clause.has(words.SLIDESHOW):
        groups.add("images")
    if {"clips", "images"} <= groups:
        return "all"
    return "images" if "images" in groups else "clips" if "clips" in groups and not clause.has(words.SYNC) else "all"


def _pace(clause: Clause) -> Pace:
    text = with_digits(clause.text)
    if other := _EVERY_OTHER.search(text):
        return Pace(every=2 if other[1] == "beat" else 8)
    if every := _EVERY.search(text):
        beats = int(every[1] or 1) * (4 if every[2].startswith(("bar", "小节")) else 1)
        return Pace(every=max(1, min(beats, 64)))
    return Pace(factor=0.6 if clause.has(words.FASTER) else 1.7 if clause.has(words.SLOWER) else 1.0)


def _mentioned_song(clause: Clause, context: Context) -> str | None:
    """The song whose name is in the clause, whole, as a file or as a title."""
    for item in context.situation.of_kind("audio"):
        for name in (item.filename, stem(item.filename), nice_title(item)):
            plain = " ".join(re.sub(r"[_\s-]+", " ", name.lower()).split())
            said = re.sub(r"[_\s-]+", " ", clause.text)
            if len(plain) > 2 and plain not in ("song", "track", "music", "audio", "mp3") and _has_word(said, plain):
                return item.id
    return None


def _mentioned_pictures(clause: Clause, context: Context) -> tuple[str, ...]:
    items = [item for item in context.situation.media if item.kind != "audio"]
    names = {item.id: (item.filename.lower(), stem(item.filename).lower()) for item in items}
    return tuple(i for i, forms in names.items() if any(len(f) > 1 and _has_word(clause.text, f) for f in forms))


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None


def _read_cut(clause: Clause, context: Context) -> bool:
    pace, another = _pace(clause), clause.has(words.ANOTHER_CUT)
    paced = pace != Pace() and (clause.has(words.CUTS) or clause.has(words.BEAT) or context.has_film)
    synced = clause.has(words.BEAT) and (clause.has(words.CUTS) or clause.has(words.SYNC))
    made = context.last(MakeVideo)
    if clause.has(words.VOLUME) or clause.has(words.TITLE) or not (paced or synced or another):
        return False
    if object_of(clause, words.ADD, words.COMPOSE) == "music" or context.last(AddMusic) is not None:
        return False  # `add music and sync it`: the reader of sound knows
    if made is not None:
        context.replace(made, replace(made, pace=pace if pace != Pace() else made.pace))
        return True
    if clause.has(words.MUSIC) and not clause.has(words.CUTS):
        return False
    context.edits.append(CutToBeat(pace, relative=pace.every is None and pace.factor != 1.0, another=another))
    return True


def _read_trim(clause: Clause, context: Context) -> bool:
    if clause.has(words.TITLE) or clause.has(words.FADE) or clause.quotes or clause.has(words.VOLUME):
        return False
    text = with_digits(clause.text)
    ends = [_end_trim(part) for part in _BOTH_ENDS.split(text)] if clause.has(words.TRIM) else []
    if len(ends) == 2 and all(ends):
        context.edits.extend(edit for edit in ends if edit is not None)
        return True
    when = read_when(clause.text)
    kept = _TO_LENGTH.search(text)
    if clause.has(words.TRIM) and when.start_ms is not None and when.end_ms is not None:
        edit = Trim("range", when.start_ms, when.end_ms)
    elif clause.has(words.KEEP) and when.length_ms and when.anchor in (None, "start"):
        edit = Trim("keep", when.length_ms)
    elif clause.has(words.TRIM) and not _shortens(text) and (end := _end_trim(clause.text)) is not None:
        edit = end
    elif clause.has(words.SHORTEN) and kept is not None:
        edit = Trim("keep", milliseconds(kept[1]))
    else:
        return False
    context.edits.append(edit)
    context.topic = "film"
    return True


def _end_trim(text: str) -> Trim | None:
    """The trim at the start or at the end that some words name, or None."""
    when = read_when(text)
    if not when.length_ms or when.anchor not in ("start", "end"):
        return None
    return Trim("first" if when.anchor == "start" else "last", when.length_ms)


def _shortens(text: str) -> bool:
    return re.search(rf"(?:\bdown to|\bto|到|成)\s*{TIME}", text) is not None
