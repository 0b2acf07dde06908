"""The words that people have for moods of music."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.vocabulary import words
from nemo_notebook.engine.music import MOODS

# Words → moods, best first: the first one that the composer knows is taken.
MOOD_WORDS: Final = (
    (("lofi",), words(r"\blo-?\s?fi\b|\bstudy\b|\bchillhop\b", r"低保真|学习")),
    (
        ("sad",),
        words(
            r"\b(?:sad(?:der)?|melanchol\w*|emotional|heartbreak\w*|nostalgic"
            r"|moody|blue)\b",
            r"伤感|悲伤|忧伤|难过|催泪|怀旧|抒情",
        ),
    ),
    (
        ("dark", "cinematic"),
        words(r"\b(?:dark(?:er)?|horror|scary|mysterious|suspens\w*|tense|eerie)\b", r"黑暗|恐怖|悬疑|紧张|神秘"),
    ),
    (("romantic", "chill"), words(r"\b(?:romantic|love|wedding|tender|warm)\b", r"浪漫|爱情|婚礼|温馨|温暖|甜")),
    (
        ("cinematic",),
        words(
            r"\b(?:cinematic|epic|dramatic|orchestral|heroic|trailer|inspir\w*"
            r"|hollywood)\b",
            r"史诗|电影感|大气|震撼|管弦|壮观|励志",
        ),
    ),
    (
        ("house", "upbeat"),
        words(r"\b(?:house|techno|edm|dance|club|electronic|party|disco)\b", r"电子|舞曲|派对|蹦迪|浩室|动感"),
    ),
    (("trap", "hiphop", "lofi"), words(r"\b(?:hip[- ]?hop|trap|rap|boom ?bap)\b", r"嘻哈|说唱")),
    (("jazz", "lofi"), words(r"\b(?:jazz\w*|swing|blues)\b", r"爵士")),
    (("rock", "upbeat"), words(r"\b(?:rock|metal|punk|guitar)\b", r"摇滚|吉他")),
    (("piano", "sad"), words(r"\bpiano\b", r"钢琴")),
    (("corporate", "upbeat"), words(r"\b(?:corporate|business|tech|product|startup)\b", r"商务|企业|科技|产品")),
    (
        ("ambient",),
        words(
            r"\b(?:ambient|atmospheric|meditat\w*|sleep|drone|dreamy|space|spa"
            r"|yoga)\b",
            r"氛围|冥想|空灵|梦幻|睡眠",
        ),
    ),
    (
        ("chill",),
        words(
            r"\b(?:chill\w*|relax\w*|calm\w*|soft|peaceful|mellow|gentle|easy"
            r"|laid[- ]?back|quiet|soothing)\b",
            r"舒缓|放松|平静|安静|轻柔|柔和|治愈|慵懒|惬意",
        ),
    ),
    (
        ("upbeat",),
        words(
            r"(?<!it )\bpop\b|\b(?:upbeat|happ(?:y|ier)|cheerful|joyful|energetic|fun|funky"
            r"|lively|bright|summer|exciting|positive|uplifting|driving)\b",
            r"轻快|欢快|快乐|活泼|开心|明快|欢乐|阳光|活力|激情|热血|流行",
        ),
    ),
    (
        ("upbeat",),
        words(
            r"\b(?:travel\w*|vacation|holiday|trip|adventure|vlog|sports?|workout"
            r"|kids)\b",
            r"旅行|旅游|度假|运动|健身|探险",
        ),
    ),
)
DEFAULT_MOOD: Final = "chill"
FILM_MOOD: Final = "upbeat"  # of a music video for which no song was uploaded
BPM: Final = re.compile(r"\b(\d{2,3})\s*bpm\b")


def named_mood(text: str) -> str | None:
    """The mood that a clause asks for, of those that can be composed, or None."""
    for wishes, pattern in MOOD_WORDS:
        if pattern.search(text):
            known = next((wish for wish in wishes if wish in MOODS), None)
            if known is not None:
                return known
    for mood, label in MOODS.items():
        if (label.label_en.lower() in text and len(label.label_en) > 3) or label.label_zh in text:
            return mood
    return None
