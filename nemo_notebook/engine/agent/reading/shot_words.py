"""Words for shots: file names, numbers, times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from nemo_notebook.engine.agent.picks import ALL, Pick, Unit
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.words.hanzi import simplified
from nemo_notebook.engine.agent.words.values import COUNTS, TIME, count_of, milliseconds
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.phrasing import stem

_ORDINALS: Final = {
    **{word: n for n, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth", "seventh"), start=1)},
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "opening": 1,
    "starting": 1,
    "initial": 1,
    "last": -1,
    "final": -1,
    "closing": -1,
    "ending": -1,
    "other": 2,
    "second to last": -2,
    "second-to-last": -2,
    "penultimate": -2,
    "next to last": -2,
}
_EN_UNIT: Final = (
    r"(?P<{0}clip>(?:video )?clips?|videos?|footage)|(?P<{0}photo>photos?|pictures?|images?|pics?|slides?)"
    r"|(?P<{0}shot>shots?|scenes?|segments?|parts?|cuts?|pieces?|ones?)"
)
_ZH_UNIT: Final = (
    r"(?P<{0}clip>视频片段|视频素材|视频|视頻|影片|素材)|(?P<{0}photo>照片|图片|相片|图|相)"
    r"|(?P<{0}shot>镜头|鏡頭|片段|画面|段落|分镜)"
)
_ORDINAL: Final = "|".join(sorted(map(re.escape, _ORDINALS), key=len, reverse=True))
_EN_NTH: Final = re.compile(
    rf"(?<!\d[\s-])\b(?P<word>{_ORDINAL}|\d{{1,3}}(?:st|nd|rd|th))\s+(?:(?P<count>{COUNTS})\s+)?"
    rf"(?:{_EN_UNIT.format('')})\b"
)
_EN_FIRST_OF_TWO: Final = re.compile(
    rf"\b(?P<word>{_ORDINAL})(?P<count>)(?=\s+(?:and|with)\s+(?:the\s+)?(?:{_ORDINAL})\s+(?:{_EN_UNIT.format('')})\b)"
)
_EN_BARE_NTH: Final = re.compile(  # `"Day 1" over the first clip and "Day 2" over the second`
    rf"\b(?:over|during|behind) the (?P<word>{_ORDINAL})(?P<count>)(?=\s*(?:$|[.,;!]|and\b))"
)
_MIDDLE: Final = re.compile(
    rf"\b(?:the )?middle (?:{_EN_UNIT.format('')})\b"
    rf"|中间的?(?:那|这)?一?(?:(?:个|张|段|条)的?(?:{_ZH_UNIT.format('z')})?|(?P<zshotbare>(?={_ZH_UNIT.format('x')})))"
)
_EN_NUMBERED: Final = re.compile(
    rf"\b(?:{_EN_UNIT.format('')})\s*(?:number|no\.?|nr\.?|#)?\s*(?P<number>\d{{1,3}})\b(?!\.\d|\s*(?:s\b|sec|:"
    rf"|%|x\b|times|beats?|bars?))"
)
_ZH_NTH: Final = re.compile(
    rf"(?:第\s*(?P<number>[一二三四五六七八九十\d]{{1,3}})|(?P<last>最后"
    rf"|倒数第)\s*(?P<back>[一二三四五六七八九十两\d]{{1,3}})?)\s*(?:个|张|段|条|支|幅)?\s*(?:{_ZH_UNIT.format('')})"
)
_ZH_BARE_NTH: Final = re.compile(  # `第二段放慢`, without the word for a shot
    r"第\s*(?P<number>[一二三四五六七八九十\d]{1,3})\s*(?:(?P<photo>张)(?![\u4e00-\u9fff]{0,2}(?:照|图|相))"
    r"|(?P<shot>段(?!话|字|文|标|音|歌|乐)|个(?=[也就再都要]?(?:放|移|慢|快|删|静音|变|剪|不要|去掉|调|加速|换|太)|吧?\W*$)))"
)
_ZH_FIRST: Final = re.compile(
    rf"(?P<side>前|后|最后)\s*(?P<count>[一二两三四五六七八九十\d]{{1,3}})\s*(?:个|张|段)\s*(?:{_ZH_UNIT.format('')})"
)
_ZH_FIRST_OF_TWO: Final = re.compile(
    r"第\s*(?P<number>[一二三四五六七八九十\d]{1,3})\s*[个张段](?=\s*[和与跟]\s*(?:第|最后))"
)
_ZH_NUMBERED: Final = re.compile(
    rf"(?:{_ZH_UNIT.format('')})\s*(?P<number>[一二三四五六七八九十\d]{{1,2}})(?![\d:.]*\s*(?:秒|分|倍|个|张|遍|次|成))"
)
_AT: Final = re.compile(
    rf"\b(?:shot|clip|scene|cut|photo|picture|part|segment)\s+(?:that (?:starts|is seen) )?(?:at|around)\s+({TIME})"
    rf"|第?({TIME})(?:处|时|的时候)?的?(?:那个|那段)?(?:镜头|片段|画面)"
)
_EVERY: Final = re.compile(
    rf"\b(?:all(?: of)?|every|each|both)\s+(?:the |my |of the |of my |single )*(?:{_EN_UNIT.format('')})\b"
    rf"|(?:所有|全部|每一?个|每一?张|每一?段|两个|各个?)的?(?:{_ZH_UNIT.format('z')})|(?P<zall>每张)|(?P<zshotall>每个(?=\d)|[每各]一?段)(?!歌|音|标|字|文)"
)
_WHOLE: Final = re.compile(
    r"\b(?:everything|all of (?:it|them)|the whole (?:thing|video|film|movie|clip)|the entire (?:video"
    r"|film)|(?:the|my|this) (?:video|film|movie|footage)"
    r"|(?:the|my|these|those) (?:clips|shots|videos))\b|整个(?:视频|影片|片子)|全部|所有|整体"
)
_PHOTOS: Final = re.compile(r"\b(?:the|my|these|those) (?:photos|pictures|images|pics)\b|(?<!张)(?:照片|图片)")
_THIS: Final = re.compile(
    rf"\b(?:the|this|that|my)\s+(?:{_EN_UNIT.format('')})\b(?! (?:starts|ends|at)\b)|(?:这|那)(?:个|张"
    rf"|段)(?:{_ZH_UNIT.format('z')})"
)

_REVERSED: Final = re.compile(
    r"\b(?:revers(?:e|ed|ing)|backwards?|opposite|inverse|inverted?|flip)\b.{0,20}\border\b"
    r"|\border\b.{0,20}\b(?:revers\w+|backwards?|flipped)\b"
    r"|倒序|逆序|颠倒|[反倒](?:过来|着)排|顺序(?:反|倒)|(?:反|倒)(?:转|过来)?(?:一下)?顺序"
)
_SHUFFLED: Final = re.compile(
    r"\b(?:shuffle[ds]?|randomi[sz]e|mix up|random order|jumble|(?:change|mix|rearrange)(?: up)? the (?:order"
    r"|clips|shots))\b|打乱|随机(?:排|顺序)|乱序|换个?顺序|改变?顺序"
)
_BY_NAME: Final = re.compile(
    r"\b(?:alphabetical(?:ly)?|(?:order of|by) (?:file ?)?names?|sort (?:the )?(?:clips|photos|shots|them))\b"
    r"|按(?:文件)?名(?:称|字)?|字母顺序"
)
ARRANGEMENTS: Final[tuple[tuple[Literal["reversed", "name", "shuffled"], re.Pattern[str]], ...]] = (
    ("reversed", _REVERSED),
    ("shuffled", _SHUFFLED),
    ("name", _BY_NAME),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a text speaks of shots, and which.

    Attributes:
        start: Index of its first character.
        end: Index after its last one.
        pick: Which shots.
        is_loose: Whether any words for the whole would do, such as `the video`.
    """

    start: int
    end: int
    pick: Pick
    is_loose: bool = False


def mentions(text: str, context: Context) -> tuple[Mention, ...]:
    """What a clause says of shots, in order; where two readings overlap the more definite one counts."""
    found: list[Mention] = []
    for mention in (*_names(text, context), *_times(text), *_numbers(text), *_wholes(text, context)):
        if all(mention.end <= other.start or other.end <= mention.start for other in found):
            found.append(mention)
    return tuple(sorted(found, key=lambda mention: mention.start))


def named_media(text: str, context: Context) -> tuple[str, ...]:
    """Ids of the clips and images that a text names, in the order in which it does."""
    found = sorted(_names(text, context), key=lambda mention: (mention.start, -mention.end))
    return tuple(dict.fromkeys(mention.pick.media for mention in found if mention.pick.media is not None))


@lru_cache(maxsize=512)
def name_pattern(filename: str) -> re.Pattern[str]:
    """A file's name in words, with or without its ending: `clip2`, `clip 2`, `clip_2.mp4`."""
    name = simplified(stem(filename).lower())
    parts = re.findall(r"[^\W\d_]+|\d+|[^\w\s]+", name)
    loose = r"[\s_-]*".join(map(re.escape, parts)) if parts else re.escape(name)
    ending = re.escape(filename.lower()[len(name) :])
    return re.compile(rf"(?<![a-z0-9])(?:{loose})(?:{ending})?(?![a-z0-9])")


def _names(text: str, context: Context) -> Iterator[Mention]:
    media = [item for item in context.situation.media if item.kind != "audio"]
    for item in sorted(media, key=lambda item: -len(item.filename)):
        if len(stem(item.filename)) > 1 and not _is_plain_word(stem(item.filename)):
            for found in name_pattern(item.filename).finditer(text):
                yield Mention(found.start(), found.end(), Pick(_unit(item), item.id))


def _times(text: str) -> Iterator[Mention]:
    for found in _AT.finditer(text):
        yield Mention(found.start(), found.end(), Pick(at_ms=milliseconds(found[1] or found[2])))


def _numbers(text: str) -> Iterator[Mention]:
    for found in (*_EN_NTH.finditer(text), *_EN_FIRST_OF_TWO.finditer(text), *_EN_BARE_NTH.finditer(text)):
        word = found["word"]
        number = _ORDINALS.get(word) or int(re.sub(r"\D", "", word))
        count = count_of(found["count"]) if found["count"] else 1
        start = found.start("word") if found.re is _EN_BARE_NTH else found.start()
        yield Mention(start, found.end(), Pick(_unit_of(found), number=number, count=max(1, count)))
    for found in _ZH_FIRST.finditer(text):
        number = 1 if found["side"] == "前" else -1
        yield Mention(found.start(), found.end(), Pick(_unit_of(found), number=number, count=count_of(found["count"])))
    for found in _ZH_FIRST_OF_TWO.finditer(text):
        yield Mention(found.start(), found.end(), Pick(_unit_of(found), number=max(1, count_of(found["number"]))))
    for found in _ZH_BARE_NTH.finditer(text):
        yield Mention(found.start(), found.end(), Pick(_unit_of(found), number=max(1, count_of(found["number"]))))
    for found in _ZH_NTH.finditer(text):
        back = count_of(found["back"]) if found["back"] else 1
        several = found["last"] == "最后" and back > 1
        number = count_of(found["number"]) if found["number"] else -1 if several else -back
        yield Mention(found.start(), found.end(), Pick(_unit_of(found), number=number, count=back if several else 1))
    for pattern in (_EN_NUMBERED, _ZH_NUMBERED):
        for found in pattern.finditer(text):
            yield Mention(found.start(), found.end(), Pick(_unit_of(found), number=max(1, count_of(found["number"]))))


def _wholes(text: str, context: Context) -> Iterator[Mention]:
    for found in _EVERY.finditer(text):
        unit = "photo" if found["zall"] else _unit_of(found)
        yield Mention(found.start(), found.end(), Pick(unit))
    for found in _WHOLE.finditer(text):
        yield Mention(found.start(), found.end(), ALL, is_loose=True)
    for found in _MIDDLE.finditer(text):
        pick = _middle(_unit_of(found), context)
        if pick is not None:
            yield Mention(found.start(), found.end(), pick)
    for found in _PHOTOS.finditer(text):
        yield Mention(found.start(), found.end(), Pick("photo"), is_loose=True)
    alone = len(context.film.shots) <= 1
    for found in _THIS.finditer(text) if alone else ():
        yield Mention(found.start(), found.end(), ALL)


def _middle(unit: Unit, context: Context) -> Pick | None:
    """The one in the middle of an odd number of shots, or of uploads where these are counted."""
    if unit != "shot" and context.film.is_cut_to_music:
        count = len({shot["m"].get("media") for shot in context.film.shots})
    else:
        count = len(context.film.shots)
    return Pick(unit, number=(count + 1) // 2) if count % 2 and count > 1 else None


def _unit(item: MediaItem) -> Unit:
    return "photo" if item.kind == "image" else "clip"


def _unit_of(found: re.Match[str]) -> Unit:
    groups = found.groupdict()
    units: tuple[Unit, ...] = ("clip", "photo", "shot")
    return next((unit for unit in units if groups.get(unit) or groups.get(f"z{unit}")), "shot")


def _is_plain_word(name: str) -> bool:
    return name.lower() in (
        "clip",
        "video",
        "photo",
        "image",
        "picture",
        "shot",
        "movie",
        "film",
        "part",
        "title",
        "music",
    )
