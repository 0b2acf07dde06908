"""A message as clauses: quotes taken out, letters levelled, one command in each clause."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from nemo_notebook.engine.agent.words.hanzi import simplified
from nemo_notebook.engine.agent.words.spelling import corrected
from nemo_notebook.engine.agent.words.vocabulary import NOUN

_QUOTES: Final = (
    '"',
    '"',
    "“",
    "”",
    "「",
    "」",
    "『",
    "』",
    "《",
    "》",
    "«",
    "»",
    "„",
    "“",
    "‘",
    "’",
    "`",
    "`",
    "＂",
    "＂",
)
_FEW_WORDS, _FEW_LETTERS = 3, 24
FIRST_MARK: Final = 0xE000
_MARKS: Final = 0x1800
MARK: Final = "[\ue000-\uf7ff]"

_PAIRS = "|".join(
    f"{re.escape(o)}([^{re.escape(c)}]*){re.escape(c)}" for o, c in zip(_QUOTES[::2], _QUOTES[1::2], strict=True)
)
_MIXED = r"[“”\"]([^“”\"]*)[“”\"]"
_SINGLE = r"(?<![\w'])'([^']*?[^\s'])'(?![\w'])"
_UNCLOSED = r"[“\"「『《]([^“”\"]+)$"
_WITH = re.compile(
    r"\bw/ ?(?!o\b)|(?<=\s)w (?=(?:an? |the |my |some )?[a-z]+ (?:music|beat|title|text|song))", re.IGNORECASE
)
_QUOTED = re.compile(f"{_PAIRS}|{_MIXED}|{_SINGLE}|{_UNCLOSED}")

_START_EN = (
    r"(?:please\s+|also\s+|just\s+|to\s+){0,3}(?:add|put|set|make|create"
    r"|generate|compose|write|show|cut|trim|fade|remove|delete|drop"
    r"|shuffle|(?:join|combine|merge|stitch) (?:them|all|everything|these|those|the)|extend|duplicate|skip|"
    r"change|turn|use|sync|synchroni[sz]e|match|mute|lower|raise|increase"
    r"|decrease|reduce|export|render|download|crop|move|"
    r"place|give|shorten|keep|replace|rename|undo|switch|let|draw|insert|boost|resize|convert|format|apply|blur|slow"
    r"|speed|swap|reverse|split|loop|dim|brighten|darken|play|pick|choose|flash|duck|repeat|animate|display|letterbox"
    r"|(?:start|end|finish|open|close)\s+(?:it|with|the|on|over)|dip\s+to|"
    r"title\s*[\ue000-\uf7ff]|(?:title|caption|text|heading)s?\b[^,;:]{0,24}:\s*|volume|no\s+(?:music|title|visuali)|without|halve|double|include)\b"
)
_START_ZH = (
    r"(?:请|再|并|也|还|就|帮我|给我|要|然后|在[^,，]{1,8}?|给[^,，]{1,6}?){0,3}"
    r"(?:加|添|放|把|将|做|制作|生成|剪|裁|删|去掉|移除|换|改|调|设"
    r"|用|导出|配|淡|静音|撤|卡点|对齐|同步|标题|字幕|音量|音乐|背景音乐"
    r"|画面|输出|不要|每|慢放|加速|放慢|交换|调换|分割|循环|复制|延长|缩短|倒序|打乱|只)"
)
_STRONG = (
    r"(?<!\d)(?<!\bm[sr])(?<!\bdr)(?<!\bmrs)(?<!\bvs)(?<!\bft)(?<!\bfeat)\.(?=\s|$)|(?<=\d)\.(?=\s|$)|[!?;。！？；\n]+"
)
_WEAK_EN = (
    rf"\s*,\s*(?:(?:and|then|also|but|plus)\s+)*(?={_START_EN})|\s+(?:and"
    rf"|then|but|plus|&)\s+(?:(?:then|also)\s+)?(?={_START_EN})"
)
_WEAK_ZH = (
    rf"\s*[,、]\s*(?={_START_ZH}|(?:开头|结尾|片头|片尾|中间)的?(?:标题|字幕|文字)\s*:)|(?:然后|并且|同时|接着|而且|另外)\s*(?={_START_ZH})"
    rf"|\s*[,、]\s*(?=第[一二三四五\d]个(?:视频|片段|镜头|素材)(?:静音|慢放|加速|黑白|删|去掉|放慢|快放|亮|暗))"
    rf"|(?<=[\u4e00-\u9fff\ue000-\uf7ff秒%])(?:并|再(?!\S一[遍次]))(?={_START_ZH})"
    r"|\s*[,、]\s*(?=(?:音乐|配乐|背景音乐|歌)(?:的?声音?|的?音量)?(?:压|调|小|轻|大|淡))"
    r"|(?<=音乐|配乐|照片|相册|视频)\s*[,、]\s*(?=[^,、]{0,8}(?:转场|叠化|过渡)\W*$)"
    r"|(?<=秒)\s*[,、]\s*(?=(?:想?要|来|配|需要)[^,、]{0,10}(?:音乐|配乐|bgm)|叠化|转场|黑白|竖屏|横屏)"
)
# Words in Latin letters within Chinese get a bound that is not seen, for patterns that look for whole words.
_SEAM = re.compile(
    r"(?<=[\u4e00-\u9fff])(?=(?!mv|vlog|bgm|bpm|mp[34]|dj|vs|wav)[a-z]{2,})"
    r"|(?<=[a-z]{2})(?<!mv)(?<!vlog)(?<!bgm)(?<!bpm)(?<!dj)(?=[\u4e00-\u9fff])",
    re.IGNORECASE,
)
SEAM: Final = "\u200b"
_BREAK = re.compile(f"{_STRONG}|{_WEAK_EN}|{_WEAK_ZH}")
_LEAD = re.compile(  # of an answer: `no, blue`
    r"^(?:\W*(?:no|nope|nah|sorry|oops|wait|hmm+|well|ok(?:ay)?|um+|actually|不对|不是|错了|哦不|等等|等一下|其实|嗯+|那个?|呃|算了)"
    r"\s*[,，.。!！…]+|\s*(?:no|nope)(?= (?:i|it|make|use|not|that|wait|put|change|rather|the other)\b)"
    r"|\s*actually(?= (?:for|at|make|from|in|the|put|set|change|use)\b))+\s*(?=\S)",
    re.IGNORECASE,
)
# Words of a title up to the end of the line may be several sentences; one that speaks of the film is a wish.
_WORDS_OF_TITLE = re.compile(
    r"(?:\b(?:titles?|captions?|texts?|headings?|subtitles?)|标题|字幕|文字|文案|片名)\s*[:=]\s*(?![\ue000-\uf7ff])\S"
)
_SENTENCE = re.compile(r"[.!?。！？]+\s?")
_OF_FILM = re.compile(
    rf"^\W*(?:{_START_EN}|{_START_ZH})|{NOUN.pattern}|[\ue000-\uf7ff]|\d|\b(?:please|thanks?|you|we|can|could|seconds?"
    r"|black and white|sepia|vintage|cinematic|warm|vertical|square|portrait|landscape"
    r"|tik ?tok|fad\w+|beats?|fast\w*|slow\w*"
    r"|loud\w*|quiet\w*|bright\w*|dark\w*|bigger|smaller|colou?r|red|white|yellow|blue|bottom|top)\b"
    r"|快|慢|亮|暗|黑白|竖|横|淡|静音|卡点|滤镜|转场|秒|颜色|放在"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a message with one command.

    Attributes:
        text: Lower case, quoted words replaced by marks; what patterns are searched in.
        raw: The same length and marks, but with the letters (and traditional characters) as they were typed.
        quotes: The quoted words, in order.
    """

    text: str
    raw: str
    quotes: tuple[str, ...]

    def has(self, *patterns: re.Pattern[str]) -> bool:
        """Whether all patterns are found."""
        return all(pattern.search(self.text) for pattern in patterns)


def is_short(clause: Clause) -> bool:
    """Whether a clause has hardly more than one word, which is then all it is about."""
    return len(clause.text.split()) <= _FEW_WORDS and len(clause.text.strip()) <= _FEW_LETTERS


def clauses_of(message: str) -> tuple[Clause, ...]:
    """The clauses of a message, in order; none where it has no words."""
    raw, quotes = _masked(_LEAD.sub("", message))
    text = _lower(simplified(raw))
    found: list[Clause] = []
    start = 0
    breaks = [(m.start(), m.end()) for m in _BREAK.finditer(text)]
    for number, (stop, next_start) in enumerate([*breaks, (len(text), len(text))]):
        part = text[start:stop]
        after = text[next_start : breaks[number + 1][0] if number + 1 < len(breaks) else len(text)]
        if _goes_on(part, text[stop:next_start], after):
            continue
        if part.strip():
            inside = tuple(quotes[ord(c) - FIRST_MARK] for c in part if _is_mark(c, len(quotes)))
            found.append(Clause(part, raw[start:stop], inside))
        start = next_start
    return tuple(found)


def _goes_on(part: str, between: str, after: str) -> bool:
    """Whether what follows a sentence are more words of the title that it gives: `text: I love you. Forever.`"""
    ends = _SENTENCE.fullmatch(between) is not None and after.strip(" .!?。！？") != ""
    return ends and _WORDS_OF_TITLE.search(part) is not None and not _OF_FILM.search(after)


def _masked(message: str) -> tuple[str, list[str]]:
    quotes: list[str] = []

    def mark(found: re.Match[str]) -> str:
        words = next((group for group in found.groups() if group is not None), "").strip()
        if not words or len(quotes) >= _MARKS:
            return " "
        quotes.append(words)
        return f" {chr(FIRST_MARK + len(quotes) - 1)} "

    clean = _WITH.sub("with ", re.sub(MARK, " ", message))
    masked = _QUOTED.sub(mark, clean)
    plain = unicodedata.normalize("NFKC", masked.replace("’", "'"))
    return _SEAM.sub(SEAM, re.sub(r"[ \t]+", " ", corrected(plain))), quotes


def _lower(text: str) -> str:
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _is_mark(char: str, count: int) -> bool:
    return 0 <= ord(char) - FIRST_MARK < count
