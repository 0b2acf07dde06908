"""The words that people have for moods and kinds of music."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nemo_notebook.engine.agent.words.vocabulary import words
from nemo_notebook.music import MOODS

# Words → moods. Kinds of music go before feelings, so that "sad lo-fi" is lo-fi; feelings go before instruments, so
# that "sad piano" is sad.
MOOD_WORDS: Final = (
    ("lofi", words(r"\blo-?\s?fi\b|\bstud(?:y|ying)\b|\bchill ?-?hop\b|\bchill hip[- ]?hop\b", r"低保真|学习|自习")),
    ("jazz", words(r"\bjazz\w*\b", r"爵士")),
    ("hiphop", words(r"\bhip[- ]?hop\b|\brap(?! around)\b|\bboom[- ]?bap\b", r"嘻哈|说唱")),
    ("rock", words(r"\brock\b|\belectric guitars?\b", r"摇滚|电吉他")),
    ("house", words(r"\bhouse(?! party)\b", r"浩室")),
    ("edm", words(r"\bedm\b|\belectr(?:onic|o)a?\b|\bdance\b|\bclub\b|\brave\b", r"电子|电音|舞曲|蹦迪")),
    (
        "epic",
        words(
            r"\bepic\b|\bheroic\b|\btrailer\b|\bbattle\b|\bintense\b|\bangry\b|\baggressive(?<!too aggressive)\b",
            r"史诗|震撼|壮观|热血|燃",
        ),
    ),
    (
        "ambient",
        words(r"\bambient\b|\bmeditat\w*\b|\bsleep\w*\b|\bdrone\b(?! (?:shot|foot|vid))", r"氛围|冥想|睡眠|助眠"),
    ),
    (
        "acoustic",
        words(r"\bacoustic\w*\b|\bfolk\w*\b|\bunplugged\b", r"原声(?:吉他|音乐|配乐|风格|曲)|木吉他|民谣|不插电"),
    ),
    (
        "corporate",
        words(r"\b(?:corporate|business|start-?up|presentation|explainer)\b", r"商务|企业|商业|公司|宣传片"),
    ),
    (
        "romantic",
        words(
            r"\b(?:romantic|romance|love (?:song|story|theme|music|ballad)|wedding|tender|valentine\w*)\b",
            r"浪漫|爱情|婚礼|温馨|甜蜜|甜美",
        ),
    ),
    (
        "sad",
        words(
            r"\b(?:sad(?:der)?|melanchol\w*|emotional|heart-?break\w*|heart-?broken|nostalgi\w*|moody"
            r"|sorrow\w*|tragic"
            r"|lonely|tearful)\b",
            r"伤感|悲伤|忧伤|忧郁|难过|催泪|怀旧|抒情|悲情|孤独",
        ),
    ),
    (
        "dark",
        words(
            r"\b(?:dark(?:er)?|horror|scary|spooky|mysterious|suspens\w*|tense|eerie|sinister|creepy|ominous"
            r"|halloween|gloomy|haunting|thriller|menacing)\b",
            r"黑暗|暗黑|恐怖|悬疑|紧张|神秘|阴森",
        ),
    ),
    (
        "cinematic",
        words(
            r"\b(?:cinematic|dramatic|orchestra\w*|symphon\w*|inspir\w*|motivational|hollywood|film score"
            r"|majestic|strings|triumphant|victor(?:y|ious)|elegant|powerful|hopeful|optimis\w+"
            r"|magical|touching|moving)\b",
            r"电影感|电影配乐|电影般|大气|管弦|交响|弦乐|励志",
        ),
    ),
    (
        "happy",
        words(
            r"\b(?:happ(?:y|ier)|cheer(?:ful|y)|joy(?:ful|ous)|playful|cute|kids|children|ukulele|whistl\w+"
            r"|birthday|funny|comedy|comic(?:al)?|quirky|silly|goofy|merry)\b",
            r"欢快|快乐|活泼|开心|欢乐|俏皮|可爱|儿童|生日|尤克里里",
        ),
    ),
    (
        "upbeat",
        words(
            r"(?<!it )(?<!k-)(?<!j-)(?<![kj] )(?<!colors )(?<!colours )\bpop\b|\b(?:upbeat|energetic|fun"
            r"|lively|bright|summer(?:y)?|exciting|hyped?"
            r"|positive|uplifting|driving|feel[- ]good"
            r"|catchy|groovy|bouncy|sunny)\b"
            r"|\b(?:fresh|modern|trendy|cool|vibrant)(?= (?:\w+ )?(?:music|track|song|beat|soundtrack|bgm"
            r"|tune|score)\b)",
            r"轻快|明快|阳光|活力|激情|流行|动感|律动|积极|节奏感",
        ),
    ),
    ("romantic", words(r"\bpianos?\b", r"钢琴")),
    ("acoustic", words(r"\bguitars?\b", r"吉他")),
    (
        "chill",
        words(
            r"\b(?:chill\w*|relax\w*|calm\w*|soft(?!er)|peaceful|mellow|gentle|easy[- ]going|laid[- ]?back"
            r"|soothing|smooth|tranquil|serene|cozy|cosy|unobtrusive|quiet"
            r"(?= (?:\w+ )?(?:music|track|song|piano|background)))\b",
            r"舒缓|放松|平静|安静|轻柔|柔和|治愈|慵懒|惬意|轻松|悠闲|温柔",
        ),
    ),
    ("ambient", words(r"\b(?:atmospheric|dreamy|space|spa|yoga|ethereal|floating)\b", r"空灵|梦幻|飘渺|太空|瑜伽")),
    ("corporate", words(r"\b(?:tech|technology|product)\b", r"科技|产品")),
    (
        "upbeat",
        words(
            r"\b(?:travel\w*|vacation|holiday|trip|adventure|vlog|sports?|party)\b", r"旅行|旅游|度假|运动|探险|派对"
        ),
    ),
    ("edm", words(r"\b(?:workout|gym|fitness|gaming)\b", r"健身|游戏|电竞")),
    ("romantic", words(r"\bwarm\b", r"温暖")),
)

# Kinds that cannot be composed as such, and what comes nearest.
NEAREST: Final = (
    ("hiphop", words(r"\btrap\b|\bdrill\b|\bphonk\b|\bgrime\b|\breggaeton\b", r"陷阱")),
    (
        "edm",
        words(
            r"\btechno\b|\btrance\b|\bdub-?step\b|\bdrum (?:and|&|n) bass\b|\bdnb\b|\bsynth-?wave\b|\b80s\b"
            r"|\bhyperpop\b",
            r"迷幻|科技舞曲",
        ),
    ),
    ("house", words(r"\bdisco\b|\bfunk\w*\b|\bafro-?beats?\b|\bgarage\b", r"迪斯科|放克")),
    (
        "happy",
        words(
            r"\bk-?pop\b|\bj-?pop\b|\blatin\b|\bsalsa\b|\bsamba\b|\bmariachi\b|\bchristmas\b|\bxmas\b|\bpolka\b",
            r"韩流|圣诞|新年|春节|喜庆|拉丁",
        ),
    ),
    ("chill", words(r"\breggae\b|\bska\b|\bbossa(?: nova)?\b|\btropical\b", r"雷鬼|波萨诺瓦|海岛")),
    ("rock", words(r"\bmetal\b|\bpunk\b|\bgrunge\b|\bindie\b", r"金属|朋克")),
    (
        "acoustic",
        words(
            r"\bcountry\b|\bbluegrass\b|\bceltic\b|\bmedieval\b|\bchinese (?:style|traditional)\b"
            r"|\btraditional\b",
            r"乡村|古风|国风|中国风|古筝|民乐",
        ),
    ),
    (
        "jazz",
        words(r"\bblues\b|\bswing\b|\br ?& ?b\b|\brnb\b|\bsoul\b|\bsax\w*\b", r"布鲁斯|蓝调|灵魂乐|萨克斯"),
    ),
    (
        "romantic",
        words(r"\bclassical\b|\bballad\b|\bwaltz\b|\bviolins?\b|\blullaby\b", r"古典|小提琴|圆舞曲|摇篮曲"),
    ),
    ("sad", words(r"\bminor(?: key)?\b", r"小调")),
    ("happy", words(r"\bmajor key\b", r"大调")),
)
KEY: Final = re.compile(
    r"\b(?:in|key(?: of)?)\s+(?:the key of\s+)?[a-g](?:\s?(?:#|♯|b|♭|sharp|flat|-flat|-sharp))?\s+"
    r"(?P<mode>minor|major)\b(?! key)"
)
_KINDS: Final = ("lofi", "jazz", "hiphop", "rock", "house", "edm", "ambient", "acoustic")
FILM_MOOD: Final = "upbeat"  # of a music video for which no song was uploaded

OCCASIONS: Final = re.compile(  # which say what a film is about, and alone nothing of its music
    r"\b(?:travel\w*|vacation|holiday|trip|adventure|vlog|sports?|party|wedding|birthday|kids|children|workout|gym|fitness"
    r"|gaming|space|product|tech(?:nology)?|halloween|valentine\w*|love story|start-?up|business|summer|sleep|battle)\b"
    r"|旅行|旅游|度假|运动|探险|派对|婚礼|生日|儿童|健身|游戏|电竞|太空|科技|产品|企业|公司|商业|学习|睡眠|阳光"
)
LOOKS: Final = re.compile(
    r"\b(?:warm\w*|dark\w*|bright\w*|dreamy|cinematic|vivid|pop|vintage|soft\w*)\b|温暖|电影感|黑暗|明快|梦幻|柔和"
)
_KIND_OF_SONG: Final = re.compile(r"\b(?:an?|some)\s+(?:[\w'&-]+\s+){1,3}(?:tracks?|songs?|beats?|tunes?)\b")

_LIVELIER: Final = words(
    r"\btoo (?:calm|boring|sleepy|soft|sad|chill|gloomy)\b|\b(?:more|much|way|bit|add"
    r"|with) (?:more )?(?:energ\w+|power\w*|lively|intens\w+|excit\w+|drive"
    r"|punch\w*|hype|force)\b",
    r"\blivelier\b|\bhype(?:d)? (?:it|the music) up\b|\b(?:less|not so) (?:calm|boring|sleepy|slow|sad)\b",
    r"更(?:有活力|激烈|有力|劲爆|燃|带感|嗨|有能量|热烈|强烈)|(?:激烈|劲爆|燃|带感|嗨)一?[点些]",
)
_CALMER: Final = words(
    r"\b(?:calmer|less (?:epic|heavy|wild|hard|happy|cheerful|upbeat|energ\w+|intens\w+|busy|hectic"
    r"|aggressive|dramatic)|more (?:calm\w*|relax\w*"
    r"|mellow|gentle|subtle)"
    r"|gentler|mellower|too (?:aggressive|intense|energ\w+|dramatic|hectic|busy|wild|hard|heavy|much)"
    r"|(?:tone|calm) (?:it|the music|the track) down)\b",
    r"更(?:平静|安静|舒缓|柔和|轻柔|放松)|(?:平静|安静|舒缓|柔和|轻柔|放松)一?[点些]|别那么(?:激烈|吵|燃)",
)
_UP: Final = {
    "ambient": "chill", "chill": "upbeat", "lofi": "hiphop", "sad": "cinematic", "romantic": "acoustic",
    "acoustic": "happy", "jazz": "upbeat", "corporate": "upbeat", "happy": "upbeat", "upbeat": "edm", "house": "edm",
    "hiphop": "house", "cinematic": "epic", "dark": "epic", "epic": "edm", "rock": "edm",
}  # fmt: skip
_DOWN: Final = {
    "edm": "house", "house": "upbeat", "upbeat": "chill", "happy": "acoustic", "corporate": "chill", "hiphop": "lofi",
    "rock": "acoustic", "epic": "cinematic", "dark": "ambient", "cinematic": "ambient", "jazz": "lofi",
    "acoustic": "chill", "romantic": "ambient", "sad": "ambient", "lofi": "ambient", "chill": "ambient",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """A mood that was asked for.

    Attributes:
        mood: A key of `MOODS`.
        kind: The word for a kind of music that cannot be composed, of which the mood is the nearest; else empty.
        is_kind: Whether it was named as a kind of music, and not as a feeling.
    """

    mood: str
    kind: str = ""
    is_kind: bool = False


def named_wish(text: str) -> Wish | None:
    """The mood that a clause asks for, of those that can be composed, or None."""
    said, text = text, KEY.sub(" ", text)
    kinds = [Wish(mood, is_kind=True) for mood, pattern in MOOD_WORDS if mood in _KINDS and pattern.search(text)]
    near = [Wish(mood, found[0], is_kind=True) for mood, pattern in NEAREST if (found := pattern.search(text))]
    if not kinds and near and near[0].mood in _KINDS:
        return near[0]  # "dark techno" is rather techno
    for mood, pattern in MOOD_WORDS:
        if pattern.search(text):
            return Wish(mood, is_kind=mood in _KINDS and not LOOKS.search(text))
    if near:
        return near[0]
    if found := KEY.search(said):
        return Wish("sad" if found["mode"] == "minor" else "happy")
    return next((Wish(mood) for mood, label in MOODS.items() if _is_named(label.label_en, label.label_zh, text)), None)


def names_kind_of_song(text: str) -> bool:
    """Whether a clause speaks of some song of a kind, such as `a house track`: one to be composed."""
    return any(named_wish(found[0]) is not None for found in _KIND_OF_SONG.finditer(text))


def named_mood(text: str) -> str | None:
    """The mood that a clause asks for, of those that can be composed, or None."""
    wish = named_wish(text)
    return wish.mood if wish is not None else None


def neighbour(text: str, mood: str) -> str | None:
    """The mood with more or less energy than `mood`, where a clause asks for that; itself where there is none."""
    ladder = _UP if _LIVELIER.search(text) else _DOWN if _CALMER.search(text) else None
    if ladder is None:
        return None
    return ladder.get(mood, mood)


def _is_named(label_en: str, label_zh: str, text: str) -> bool:
    return (len(label_en) > 3 and re.search(rf"\b{re.escape(label_en.lower())}\b", text) is not None) or (
        label_zh in text and label_zh != "原声"
    )  # which is also what clips sound like
