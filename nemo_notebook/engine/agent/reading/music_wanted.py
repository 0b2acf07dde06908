"""Whether a clause asks for composed music."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.song_words import ONLY_WHEN
from nemo_notebook.engine.agent.wishes import AddMusic, MakeVideo
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.amounts import read_amount
from nemo_notebook.engine.agent.words.mood_words import LOOKS, Wish, named_wish, names_kind_of_song
from nemo_notebook.engine.agent.words.objects import object_of
from nemo_notebook.engine.agent.words.tempo_words import read_bpm
from nemo_notebook.engine.agent.words.values import TIME
from nemo_notebook.engine.agent.words.vocabulary import words as any_of
from nemo_notebook.engine.agent.words.wording import Clause, is_short

CHANGE: Final = any_of(
    r"\b(?:change|replace|switch|swap|use|make|try|turn|want|need|prefer|give|more|less|instead|same|but"
    r"|go with|rather)\b|\w+er\b",
    r"换|改|来|要|更|一?[点些]$|再|用",
)
AGAIN: Final = any_of(
    r"\b(?:another|different|new|other|something else|else|re-?generate|re-?compose|re-?roll|again|retry"
    r"|don'?t like|not this)\b",
    r"另|别的|换一?(?:首|个|段|种|下)|再来一?[首个段]|不同|新的|重新(?:生成|创作|作曲|来)|不喜欢|换掉",
)
SUITS: Final = any_of(
    r"\b(?:match(?:es|ing)?|fit(?:s|ting)?|suit(?:s|ing)?|go(?:es)? (?:well )?with|appropriate|right for"
    r"|based on|according to)\b",
    r"一致|匹配|符合|适合|贴合|配合|相配|搭配|根据|合适",
)
_WITH_MUSIC: Final = re.compile(
    r"\b(?:with|to|and|plus)\b.*\b(?:music|soundtrack|bgm|background track|beats?)\b|配|加.*(?:音乐|配乐|bgm)"
)
_OWN_SONG: Final = re.compile(
    r"\b(?:this|my|the|that|uploaded) (?:\S+ )?(?:music|song|track|mp3"
    r"|audio|soundtrack)\b|(?:这首|我的|这个|上传的)(?:音乐|歌|曲)"
)
ALONE: Final = re.compile(
    r"\b(?:creat|generat|compos|mak|produc|writ)(?:e|ing)\b|创作|生成|作曲|写|做|制作|来一?[首段]"
)
_JUST_MUSIC: Final = re.compile(
    r"\W*(?:(?:some |more )?(?:background )?music|soundtrack|bgm"
    r"|(?:来|加|配|放|要)?(?:一?[点些段首])?(?:配乐|背景音乐|音乐))(?: please)?\W*$"
)
_A_BEAT: Final = re.compile(
    r"\W*(?:please |can you |now )*(?:add|put|make|give me|lay)(?: down)? (?:an?|some) (?:\w+ )?beats?\b(?! per)"
)
_SOME_MUSIC: Final = re.compile(
    r"\W*(?:(?:please|i want|i need|i'd like|need|want|give me|also|maybe|now|just)\W+)*(?:some|a bit of|a little)\s+"
    r"(?:\w+ ){0,2}music\b"
)
PIECE: Final = re.compile(r"\b(?:songs?|tracks?|beats?|tunes?|instrumental|loop|melody)\b|歌|曲|节拍|伴奏|旋律|纯音乐")
_ADDS: Final = re.compile(r"\b(?:add|create|generate|compose)\b|加(?!大)|创作|生成")
_THE_MUSIC: Final = re.compile(r"\b(?:the|this|that|my) (?:background )?(?:music|soundtrack|bgm|score)\b")
_DESCRIBED: Final = re.compile(  # how it sounds
    r"(?:(?!with\b|and\b|video\b|film\b)[\w'&-]+ ){1,3}(?:music|soundtrack|bgm|beats?|track)\b|[^,，]{1,8}(?:音乐|配乐)"
)
FOOTAGE: Final = re.compile(
    r"\b(?:cuts?|cutting|shots?|clips?|video|film|pictures?|photos?|footage|scenes?|title|text|visuali\w+)\b|剪"
    r"|镜头|画面|视频|片段|照片|标题"
)
_WITH_KIND: Final = re.compile(
    r"\bwith (?:some |a (?:bit|little) of )?(?:[\w-]+ ){0,2}[\w-]+\W*$"
    r"|\bwith (?:some )?[\w-]+(?= and\b|,)"
)
_LISTED: Final = re.compile(r"(?<=,)\s*(?:\w[\w&-]* ?){1,3}(?=,|\W*$)")  # `montage, techno, fast cuts`
_INSTRUMENT: Final = re.compile(
    r"\b(?:pianos?|guitars?|strings|orchestra\w*|ukulele|violins?|drums?|synths?|melody|beats?)\b|钢琴|吉他|弦乐|小提琴|尤克里里"
)
NAMED_INSTRUMENT: Final = re.compile(
    r"\b(?:pianos?|guitars?|ukuleles?|violins?|cellos?|flutes?|saxophones?|sax|trumpets?|harps?|organ|accordion|drums"
    r"|banjo|harmonica)\b|钢琴|吉他|小提琴|大提琴|尤克里里|长笛|萨克斯|小号|竖琴|手风琴|古筝|二胡|笛子|琵琶"
)
_BY_ARTIST: Final = re.compile(r"\b(?:song|track|music|hit) (?:by|from) (?!me\b|my\b|the\b|\d)[a-z]+")
_IN_PLACE: Final = re.compile(r"\b(?:replace|swap|exchange|substitute)\b.*\b(?:with|by|for)\b|换成|替换")
WISHES: Final = re.compile(r"\b(?:want|need|give me|like|make|would love)\b|想要|要|来一?[首段个]|给我")


def wish_in(clause: Clause) -> Wish | None:
    """The mood that a clause asks for: rather the one next to the word for music than that of the pictures."""
    described = (named_wish(found[0]) for found in _DESCRIBED.finditer(clause.text))
    return next((wish for wish in described if wish is not None), None) or named_wish(clause.text)


def wants_music(clause: Clause, context: Context, wish: Wish | None, made: MakeVideo | None) -> bool:
    """Whether a clause asks for composed music where there is none of it yet."""
    has_song = bool(context.situation.of_kind("audio"))
    if clause.has(_BY_ARTIST):
        return False
    if made is not None and context.films:
        return _film_wants_music(clause, context, wish)
    levelled = clause.has(words.VOLUME) or read_amount(clause.text) is not None
    if wish is None and context.has_music and levelled and not clause.has(_ADDS):
        return False
    if wish is None and context.has_music and clause.has(_THE_MUSIC) and not clause.has(_ADDS):
        return False
    suits = clause.has(SUITS) or clause.has(words.SYNC, words.TO_CUTS)
    if suits and clause.has(words.MUSIC) and not has_song and not context.has_music:
        return True
    if _JUST_MUSIC.match(clause.text):
        return not has_song
    if (_SOME_MUSIC.match(clause.text) or _A_BEAT.match(clause.text)) and not has_song and not context.has_music:
        return True
    if clause.has(words.MUSIC, ONLY_WHEN) and not has_song and not context.has_music and clause.has(re.compile(TIME)):
        return True
    if wish is not None and names_kind_of_song(clause.text) and not clause.has(words.VOLUME):
        return True
    if wish is not None and read_bpm(clause.text) is not None and not clause.has(FOOTAGE):
        return True  # `epic, at 90 bpm`
    thing = object_of(clause, words.ADD, words.COMPOSE)
    if thing == "music" and not clause.has(
        words.FADE, re.compile(r"^(?!.*\b(?:add|create|generate|with)\b)(?!.*[加配])")
    ):
        return not clause.has(_OWN_SONG) or clause.has(ALONE) or not has_song
    composes = (
        (clause.has(words.COMPOSE) or clause.has(WISHES))
        and not clause.has(_OWN_SONG)
        and not clause.has(words.INTO_FILM)
    )
    if wish is not None and wish.is_kind and thing == "" and clause.has(words.COMPOSE) and not clause.has(FOOTAGE):
        return True
    if composes and (thing == "song" or (thing in ("", "music") and clause.has(PIECE) and not clause.has(FOOTAGE))):
        return clause.has(PIECE)
    changes = clause.has(CHANGE) and clause.has(words.MUSIC) and not clause.has(words.FADE)
    if changes and (wish is not None or clause.has(AGAIN) or read_bpm(clause.text) is not None):
        return not (clause.has(words.VOLUME) and context.has_music) and not clause.has(words.TITLE)
    if wish is not None and (wish.is_kind or clause.has(_INSTRUMENT)) and not clause.has(FOOTAGE):
        adds = clause.has(words.ADD) and thing in ("", "music")
        if adds or (is_short(clause) and not context.has_music):
            return bool(context.situation.media) or context.has_film
    if clause.has(words.ADD, NAMED_INSTRUMENT) and thing == "" and not clause.has(FOOTAGE) and context.has_film:
        return True
    if thing == "song" and not has_song and not clause.has(_OWN_SONG) and not clause.has(words.COMPOSE):
        return True
    named = clause.has(words.MUSIC) or (clause.has(words.SONG) and (not has_song or clause.has(_IN_PLACE)))
    return wish is not None and named and (not clause.has(words.VOLUME) or not context.has_music)


def _film_wants_music(clause: Clause, context: Context, wish: Wish | None) -> bool:
    """Whether the film that a clause asks for is to have composed music."""
    has_song = bool(context.situation.of_kind("audio"))
    asked = clause.has(_WITH_MUSIC) and not clause.has(_OWN_SONG) and not words.NO_SONG.search(clause.text)
    said = [found[0] for pattern in (_WITH_KIND, _LISTED) for found in pattern.finditer(clause.text)]
    kinds = [kind for part in said if (kind := named_wish(part)) and (kind.is_kind or _INSTRUMENT.search(part))]
    listed = any(named_wish(found[0]) for found in _LISTED.finditer(clause.text) if not LOOKS.search(found[0]))
    asked = asked or bool(kinds) or (listed and not has_song)
    beat = clause.has(words.MUSIC_FILM) or clause.has(words.BEAT)
    films = bool(context.situation.of_kind("video") or context.situation.of_kind("image"))
    wanted = asked or beat or (wish is not None and clause.has(words.MUSIC))
    described = any(named_wish(found[0]) is not None for found in _DESCRIBED.finditer(clause.text))
    instead = asked and (described or bool(kinds))
    return wanted and (not has_song or instead) and films and context.last(AddMusic) is None
