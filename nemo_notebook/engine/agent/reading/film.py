"""Films in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal

from msgspec import structs

from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.film_wanted import JUST_VISUAL, ZH_FILM, wants_film
from nemo_notebook.engine.agent.reading.pace import PER_PHOTO, photo_ms, read_pace
from nemo_notebook.engine.agent.reading.shot_words import ARRANGEMENTS, mentions
from nemo_notebook.engine.agent.wishes import Arrangement, MakeVideo, Photos
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.cut_words import film_factor
from nemo_notebook.engine.agent.words.objects import said
from nemo_notebook.engine.agent.words.values import TIME, count_of, milliseconds
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.cutting import USUAL_PACE, Pace
from nemo_notebook.film.phrasing import nice_title, say, stem

_FILM_LENGTH: Final = re.compile(
    rf"({TIME})[\s-]*(?:long\s+|的|长的?)?(?:[a-z]+\s+|[\u4e00-\u9fff]{{2,4}}?(?=短片|短?视频|影片|混剪|vlog)|抖音|竖屏|横屏|音乐|卡点|小红书){{0,2}}(?:video"
    rf"|reel|film|movie|short|slideshow|tiktok|montage|mv|teaser|trailer|loop\b|promo|clip\b|story|短?视频|短片|影片|vlog"
    rf"|抖音|片子|混剪|幻灯片|相册)(?!\s+clip)"
)
_NO_LENGTH: Final = re.compile(rf"\bmontage clip|\binto\b(?! an? {TIME})")
_NO_VISUAL: Final = re.compile(r"\b(?:no|without)(?: an?| the)? (?:visuali|bars|waveform)|不要可视化")
_WITHOUT: Final = re.compile(
    r"\b(?:without|except(?: for)?|excluding|but not|leave out|leaving out|skip(?:ping)?|not (?:use|using)"
    r"|don'?t use)\b\s*(?:the\s+)?$|(?:不要|不用|别用|除了|不包括|去掉)\s*$"
)
_NOT_SEEN: Final = re.compile(
    r"\b(?:not|no|without|except|instead of|don'?t use)\s+(?:the |my |any )?(?:photos?|pictures?|images?"
    r"|pics|clips?|videos?)\b"
    r"|(?:不要|不用|别用)(?:照片|图片|视频|片段)"
)
_FIRST: Final = re.compile(
    r"\b(?:start(?:s|ing)?|begin(?:s|ning)?|open(?:s|ing)?|first)\s+(?:it\s+)?(?:with\s+)?(?:the\s+)?$"
    r"|(?:先放|先用|先播放?|先|以|从)\s*$"
)
_LENGTH_AFTER: Final = re.compile(
    rf"\b(?:video|reel|film|movie|short|slideshow|montage|mv|clip|teaser|trailer|loop"
    rf"|promo|intro|ad|advert|commercial|opener)s?\b(?:\s+(?={TIME}(?![a-z])(?!\s*(?:each|per|a\b|for)))|[^\ue000-\uf7ff]{{0,30}}?(?:\bof|\blasting"
    rf"|\bthat (?:is|lasts)|\b(?:have|has|be)\b|\bfor|\bexactly|\bin|,)\s+)(?:exactly |about )?({TIME})(?![a-z])"
    rf"(?!\s*(?:per|each"
    rf"|\w* ?fade|cross))"
    rf"|({TIME})\s+long\b|,\s*({TIME})\s*(?:please|total)?\W*$|(?:长度?|时长|总长)(?:为|是|约|大约)?\s*({TIME})|(?:视频"
    rf"|短片|影片|mv|混剪|片子)[,，]?\s*({TIME})\s*(?:左右|长|[,，]|$)"
)
_LYRIC_FILM: Final = re.compile(r"\blyrics? (?:video|film)|歌词(?:视频|短片|mv)")
_ALL_OF_IT: Final = re.compile(
    r"\ball of (?:it|them)\b|\beverything\b|\ball (?:of )?(?:my |the )?(?:files|media|material|uploads)\b"
    r"|(?:所有|全部)(?:的)?素材"
)
_EACH: Final = re.compile(rf"({TIME})\s*(?:each|apiece)\b|各\s*({TIME})")
_NTH_SONG: Final = re.compile(
    r"(?<!\d[ -])\b(first|second|third|last) (?:song|track|mp3|audio)"
    r"|\b(?:song|track) (?:number )?(\d)\b|第([一二三四五\d])首"
)
_ONCE: Final = re.compile(
    r"\b(?:each|every|all|the) (?:of (?:the|my) )?(?:photo|picture|image|pic|one)s? (?:just |only |exactly )?once\b"
    r"|\bonly once\b"
    r"|\b(?:no|without|don'?t) repeat\w*|(?:每张|各)\D{0,8}(?:一次|一遍)|不(?:要)?重复"
)
_GENTLE: Final = re.compile(r"\b(?:gentle|gently|calm|slow|slowly|relaxed|soft)\b|舒缓|温柔|慢|柔和|平静")
_STYLE_DEFAULT: Final = "bars"


def read_film(clause: Clause, context: Context) -> bool:
    """Adds the film that a clause asks for; whether it asks for one."""
    if not wants_film(clause, context):
        return False
    context.edits.append(_film(clause, context))
    if clause.has(_LYRIC_FILM):
        en = "Give me the lyrics as lines with times, such as 0:04 first line, and I put them in."
        context.edits.append(
            Decline(say(context.situation.spoken, en, "歌词请按行给我，例如：0:04 第一句，我会按时间放上去。"))
        )
    context.topic = "film"
    return True


def read_photos_once(clause: Clause, context: Context) -> bool:
    """Lets each photo of the film be shown once where a clause asks for that alone; whether it does."""
    made = context.last(MakeVideo)
    if not clause.has(_ONCE) or clause.quotes or clause.has(words.SLIDESHOW):
        return False
    if made is not None:
        context.replace(made, replace(made, photos="once"))
    elif context.film.segments("image"):
        context.edits.append(MakeVideo(pictures="images", photos="once"))
    return made is not None or bool(context.film.segments("image"))


def films_named(clause: Clause, context: Context) -> tuple[str, ...]:
    """Ids of the uploads that a clause names to be seen."""
    return _named(said(clause), context)[0]


def style_in(clause: Clause) -> str | None:
    """The visualizer style that a clause names, or None."""
    return next((name for name, pattern in words.STYLES.items() if clause.has(pattern)), None)


def _film(clause: Clause, context: Context) -> MakeVideo:
    text = said(clause)
    visual = (style_in(clause) or _STYLE_DEFAULT) if clause.has(words.VISUAL) and not clause.has(_NO_VISUAL) else None
    named, first, without = _named(text, context)
    length = _length_ms(clause)
    return MakeVideo(
        pictures="none" if clause.has(JUST_VISUAL) else _pictures(clause),
        song=_mentioned_song(clause, context),
        with_song=not clause.has(words.NO_SONG),
        pace=_pace(clause),
        visualizer=visual,
        length_ms=length,
        only=named,
        without=without,
        first=first or named,
        arrange=_arrangement(text),
        photo_ms=photo_ms(text) or _each_ms(clause),
        best_part=length is not None,
        photos=_photos(clause),
    )


def _pace(clause: Clause) -> Pace:
    """The pace that a clause asks for, be it by a word for the film: `a slow, calm video`."""
    pace = read_pace(clause)
    if pace != USUAL_PACE or (clause.has(words.SLIDESHOW) and clause.has(_GENTLE)):
        return pace
    return structs.replace(pace, factor=film_factor(said(clause)))


def _photos(clause: Clause) -> Photos:
    if clause.has(_ONCE):
        return "once"
    if not clause.has(words.SLIDESHOW):
        return "cut"
    return "gently" if clause.has(_GENTLE) else "shown"


def _length_ms(clause: Clause) -> int | None:
    text = PER_PHOTO.sub(" ", said(clause))
    if alone := ZH_FILM.match(text):
        return milliseconds(alone[1]) or None
    found = None if clause.has(_NO_LENGTH) else _FILM_LENGTH.search(text) or _LENGTH_AFTER.search(text)
    return milliseconds(next(filter(None, found.groups()))) or None if found else None


def _each_ms(clause: Clause) -> int | None:
    """`3 seconds each` of a slide show, or of a film of photos."""
    found = _EACH.search(said(clause)) if clause.has(words.SLIDESHOW) or _pictures(clause) == "images" else None
    return milliseconds(found[1] or found[2]) if found else None


def _named(text: str, context: Context) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Uploads that a clause names: those seen (none for all), those that come first, those not seen."""
    found = [(mention, ids) for mention in mentions(text, context) if (ids := _uploads(mention.pick, context))]
    if all(mention.pick == Pick("photo") for mention, _ in found):
        return (), (), ()
    ids = tuple(dict.fromkeys(media for _, meant in found for media in meant))
    start, end = found[0][0].start, found[-1][0].end
    if _WITHOUT.search(text[:start]) or re.match(r"\s*(?:不要|除外|不用|别用)", text[end:]):
        return (), (), ids
    if _FIRST.search(text[:start]) or re.match(
        r"\s*(?:(?:clip|video|photo|picture|shot|one) ?)?(?:comes? |goes? |is )?(?:first\b|at the (?:start|front"
        r"|beginning)|最先|在(?:最前|开头)|开头)",
        text[end:],
    ):
        return (), ids, ()
    return ids, (), ()


def _uploads(pick: Pick, context: Context) -> tuple[str, ...]:
    """Ids of the uploads that are meant by name or number, or as `the photos`."""
    if pick.media is not None:
        return (pick.media,)
    kinds = {"clip": ("video",), "photo": ("image",)}.get(pick.unit, ())
    items = [item for item in context.situation.media if item.kind in kinds]
    if pick == Pick("photo"):
        return tuple(item.id for item in items)
    if pick.number is None or not 0 < abs(pick.number) <= len(items):
        return ()
    first = pick.number - 1 if pick.number > 0 else len(items) + pick.number + 1 - pick.count
    return tuple(item.id for item in items[max(0, first) : max(0, first) + pick.count])


def _arrangement(text: str) -> Arrangement:
    found = (name for name, pattern in ARRANGEMENTS if pattern.search(text))
    return next(found, "uploaded")


def _pictures(clause: Clause) -> Literal["all", "clips", "images"]:
    groups = {match.lastgroup for match in words.NOUN.finditer(_NOT_SEEN.sub(" ", clause.text))}
    if clause.has(words.SLIDESHOW):
        groups.add("images")
    if {"clips", "images"} <= groups or clause.has(_ALL_OF_IT):
        return "all"
    return "images" if "images" in groups else "clips" if "clips" in groups and not clause.has(words.SYNC) else "all"


def _mentioned_song(clause: Clause, context: Context) -> str | None:
    """The song whose name is in the clause, whole, as a file or as a title; or that it counts."""
    songs = context.situation.of_kind("audio")
    if len(songs) > 1 and (nth := _NTH_SONG.search(said(clause))):
        number = {"first": 1, "second": 2, "third": 3, "last": -1}.get(nth[1] or "") or count_of(
            nth[2] or nth[3] or "1"
        )
        if 0 < abs(number) <= len(songs):
            return songs[number - 1 if number > 0 else number].id
    for item in context.situation.of_kind("audio"):
        for name in (item.filename, stem(item.filename), nice_title(item)):
            plain = " ".join(re.sub(r"[_\s-]+", " ", name.lower()).split())
            sentence = re.sub(r"[_\s-]+", " ", clause.text)
            if (
                len(plain) > 2
                and plain not in ("song", "track", "music", "audio", "mp3")
                and _has_word(sentence, plain)
            ):
                return item.id
    return None


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
