"""The words of a title that stand in a clause without quotation marks, put into them."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading import title_words
from nemo_notebook.engine.agent.words import vocabulary
from nemo_notebook.engine.agent.words.colors import COLORS, HEX_COLOR
from nemo_notebook.engine.agent.words.hanzi import simplified
from nemo_notebook.engine.agent.words.languages import HAN
from nemo_notebook.engine.agent.words.values import TIME
from nemo_notebook.engine.agent.words.wording import FIRST_MARK, MARK, SEAM, Clause

_NOUN: Final = (
    r"(?:sub-?title(?!s)|(?:title|caption|heading|headline|label|name ?tag|lower[- ]third|banner text|text"
    r"|words?|credit)s?)"
    r"(?:\s+(?:card|overlay|text|slide|screen|bar|line))?"
)
_NOUN_ZH: Final = (
    r"(?:大标题|小标题|副标题|标题|字幕|文字|片名|题目|文案|人名条|名字条|下三分之一)(?:文字|内容|字幕|条)?"
)
_NO_WORDS: Final = (
    r"(?!(?:at|for|in|into|on|onto|over|under|with|without|from|to|that|which|and|but|or|of|off|is|isn't|are|was"
    r"|should|must|will|can|please|sequence|font|colou?r|size|style|position|placement|animation|track|later|earlier"
    r"|longer|shorter|faster|slower|now|again|too|also|instead|there|here|as|by|until|till|during|after|before|when"
    r"|while|look|pop|fade|slide|appear|disappear|move|stay|last|away|out|it|yet|so|not|be|using|throughout|through"
    r"|say|says|saying|read|reads|reading|called|named|each|every|all|both|them)\b|[,;:=#\ue000-\uf7ff])"
)
_VERB: Final = r"\b(?:add|put|insert|show|display|include|place|overlay|use|type|write|want|need|create|generate)\b"
_ARTICLE: Final = r"\b(?:an?|another|new|opening|closing|end|intro|outro|with(?: the)?)\s+(?:\w+\s+)?"
_CORRECTIONS: Final = (  # of words within a title
    re.compile(
        rf"\b(?:replace|change|correct)\s+(?P<old>(?!the\b|an?\b|all\b)\S.*?)\s+(?:with|to|by)\s+(?P<new>\S.*?)"
        rf"\s+in (?:the|my) {_NOUN}\W*$",
        re.IGNORECASE,
    ),
    re.compile(r"\btypo\b[^:]*:\s*(?P<old>\S.*?) should (?:be|say|read)\s+(?P<new>\S+)\W*$", re.IGNORECASE),
    re.compile(r"\bspell(?:ed|t)\s+(?P<new>\S+?),? (?:and )?not\s+(?P<old>[^\s.!]+)\W*$", re.IGNORECASE),
    re.compile(rf"{_NOUN_ZH}[里中上]面?的(?P<old>[^\s色体号]\S*?)(?:改成|改为|换成|应该是|写成)(?P<new>[^\s,。;]+)"),
)
_FIRM: Final = (
    re.compile(
        rf"\b{_NOUN}\s*(?:that |which |should |shall |to |with )*(?::|=|says?\b|saying\b|reads?\b|reading\b|called\b"
        rf"|named\b|the (?:text|words?)\b)\s*:?\s*(?P<it>\S.*)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_NOUN}\s+(?:(?:at|on|in|to) the (?:very )?(?:top|bottom|start|beginning|end|middle|cent(?:er|re)) ?)+"
        rf"(?:of (?:the )?(?:screen|video|film) ?)?:\s*(?P<it>[^\s\ue000-\uf7ff].*)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:title|name|caption|call) (?:it|this|the video)\s+(?P<it>(?!to\b|from\b|at\b)\S.*)", re.IGNORECASE
    ),
    re.compile(
        rf"\b{_NOUN}\b[^,;:\ue000-\uf7ff]{{1,40}}?\b(?:saying|that says|which says|that reads)\s*:?\s*(?P<it>\S.*)",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:make it|it should|let it|have it)\s+(?:say|read)\s+(?P<it>\S.*)", re.IGNORECASE),
    re.compile(
        r"\b(?:put|add|show|write|display)\s+(?:my|our|the|her|his|their)\s+(?:\w+ )?name,?\s+"
        r"(?!(?:of|on|in|at|as|to|for|and|with|below|above|over|under|into)\b)(?P<it>[^\s,;:=\ue000-\uf7ff].*)",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:[Ll]ower[- ]third|[Nn]ame ?tag)s? for (?P<it>[A-Z][^\ue000-\uf7ff]*)"),
    re.compile(
        r"(?:\b(?:add|put|write|show|say|have)\s+(?:an?\s+)?(?=thank|to be|coming|happy|merry)|^\W*(?=happy|merry))"
        r"(?P<it>(?:thank you|thanks for|happy (?:birthday|anniversary|new year|holidays|mother'?s day|father'?s day)"
        r"|merry christmas|to be continued|coming soon)\b(?!\W*$)(?!.*\b(?:music|song|tune|track|video"
        r"|slide ?show|film|vibes?|mood|so much|very much|a lot)\b).*)",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:lower[- ]third|name ?tag)\b.*?\b(?P<it>name:? \S.*)", re.IGNORECASE),
    re.compile(
        r"\bwrite\s+(?!an?\b|the\b|my\b|me\b|some\b|this\b|in\b|on\b|it\b|down\b|with\b|code\b|lyrics\b|music\b|your\b"
        r"|something\b|[\ue000-\uf7ff])(?P<it>\S.*)",
        re.IGNORECASE,
    ),
    re.compile(rf"{_NOUN_ZH}\s*(?:叫做?|是|写着|写上|写成|写|显示为?(?![到在至从全\d])|:|=)+\s*(?P<it>[^\s,。;\d].*)"),
    re.compile(rf"(?:写上|打上|打出)(?:{_NOUN_ZH}|字样|几个字)?\s*(?P<it>[^\s,。;:].*)"),
    re.compile(
        r"(?:开头|结尾|片头|片尾|最后|末尾)再?(?:加|写|放|打|来)(?:上|个|一个|一句|句|一行)*\s*"
        r"(?P<it>(?:谢谢|感谢|再见|生日快乐|新年快乐|欢迎|全剧终|敬请期待|未完待续|祝)[^,。;\ue000-\uf7ff]*)"
    ),
    re.compile(r"显示(?:文字|字样|标题|字幕)\s*(?P<it>[^\s,。;:].*)"),
)
_LOOSE: Final = (
    re.compile(
        rf"\b{_NOUN}\s+(?:is|to be|to|as|into|be)\s+(?!the\b|be\b|make\b|too\b|not\b|so\b)(?P<it>\S.*)", re.IGNORECASE
    ),
    re.compile(rf"(?:{_VERB}.*?\b|{_ARTICLE}|^\W*){_NOUN}\s+{_NO_WORDS}(?P<it>\S.*)", re.IGNORECASE),
    re.compile(rf"{_NOUN_ZH}\s*(?:改成|改为|换成|变成|设为|设成|设置为|为)\s*(?P<it>[^\s,。;].*)"),
    re.compile(
        rf"(?:加|添加|放|插入|来|做|弄|设|配|打)(?:上|入|个|一个|一行|一句|一条|段|一段"
        rf"|一下)?(?:[^\s,]{{1,6}}的)?{_NOUN_ZH}"
        r"(?![在为到和的并再吗呢吧放显持从与及,改])\s*(?P<it>[^\s,。;:].*)"
    ),
    re.compile(
        r"\b(?:put|display|show|flash|overlay)\s+(?!an?\b|the\b|my\b|some\b|this\b|these\b|it\b|[\ue000-\uf7ff])"
        r"(?P<it>\S.*?\s+(?:on|over|across)\s+(?:the\s+)?(?:screen|video|picture|film)\b.*)",
        re.IGNORECASE,
    ),
)
_FOLLOWS: Final = _LOOSE[1]  # `add a title Black and White`: with a capital letter they are its words
_COLOR: Final = (
    r"(?:dark |light |bright )?(?:red|white|yellow|blue|green|black|pink|gold|golden|silver|orange|purple"
    r"|teal|cyan|gr[ae]y"
    r"|turquoise|magenta|violet|cream|brown|navy)"
)
_COUNT: Final = (
    r"(?:half an?|an?|a couple(?: of)?|a few|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty"
    r"|thirty|\d[\d.]*)"
)
_SPAN: Final = (
    rf"(?:{TIME}|(?:{_COUNT}[ -]+)?(?:bars?|beats?|measures?)\b|{_COUNT}[ -]+(?:seconds?|secs?|minutes?)|\d[\d.]*\b)"
)
_TAIL_EN: Final = (
    rf"\b(?:for|over|during|lasting|in)\s+(?:about\s+)?(?:the\s+)?(?:(?:first|last|final|opening|next|entire"
    rf"|whole|full)"
    rf"\s+)?(?:{_SPAN}|(?:entire |whole |full )(?:\w+)|video\b|(?<=first )second|(?<=last )second)"
    rf"|\b(?:at|in|on|to|near|over|across|during|throughout)\s+(?:the\s+)?(?:very\s+)?(?:start|beginning|end|top|bottom|middle"
    rf"|cent(?:er|re)"
    rf"|lower third|upper third|screen|video|picture|intro|outro|opening|ending|corner|left|right|drop|chorus)\b"
    rf"|\b(?:from|at|until|till|after|starting|between)\s+(?:second\s+)?{_SPAN}|\b(?:the )?(?:first|last) {_SPAN}"
    rf"|\bfrom (?:the )?(?:start|beginning)\b|\buntil the end\b|\bthroughout\b|\bthe (?:whole|entire) \w+"
    rf"|\b(?:in|with|using)\s+(?:an?\s+)?(?:(?:big|large|small|bold|tiny|huge|bright)\s+)*(?:{_COLOR}\b"
    rf"|#[0-9a-f]{{3,6}}"
    r"|(?:big|large|small|bold|tiny|huge|capital)\s+(?:\w+\s+)?(?:letters|text|font|size|type)\b)"
    r"|\bwith (?:an? |no |some )?(?:\w+ )?(?:box|background|outline|border|shadow|banner|typewriter|animation|fade"
    r"|slide|pop|bounce)\b|\b(?:that|which) (?:fades|slides|pops|bounces|types|flies|stays|lasts|is|appears)\b"
    r"|\b(?:fading|sliding|popping|bouncing|typed)\b|\bcent(?:er|re)d\b|\bas (?:an? |the )?(?:title|caption|text)\b"
    r"|\b(?:,? ?please|thanks|thank you|instead)\W*$|\b(?:and|then) (?:make|it|then|have|let|keep|show)\b"
    r"|#[0-9a-f]{6}\b"
    r"|\b(?:and|with|plus) (?:an? |some |the |\w+ ){0,2}(?:music|visuali\w+|bars|waveform|transitions?|crossfades?)\b"
)
_TAIL_ZH: Final = (
    r"(?:并|然后)?(?:持续|放在|放到|位于|出现|居中|显示(?=在|\d|[一二两三四五六七八九十]))"
    r"|在(?=开头|结尾|片头|片尾|开始|最后|末尾|视频|屏幕|画面|底部|顶部|上方|下方|中间|第?\d|前|第)"
    r"|(?:从)?第?[\d.]+秒|从第?[\d一二三四五六七八九十]|[前后][一二两三四五六七八九十\d.]+秒"
    r"|最后[一二两三四五六七八九十\d.]+秒"
    r"|[前后]?[一二两三四五六七八九十\d]+(?:个?小节|拍)|[一二两三四五六七八九十]+秒|全程|用[红黄蓝绿白黑粉金橙紫灰青银]色?"
)
_TAIL: Final = re.compile(rf"\s*(?:[,;]|{_TAIL_EN}|{_TAIL_ZH}|$)", re.IGNORECASE)
_TAIL_OF_NAMES: Final = re.compile(rf"\s*(?:;|{_TAIL_EN}|{_TAIL_ZH}|$)", re.IGNORECASE)
_LINE: Final = re.compile(  # all of it, commas too
    r"(?:(?:加|添加|打|写|上)(?:上|入|个|一个|一行|一句|一条|段|一段|一下)*(?:字幕|歌词)(?:\s*[:=]|\s+)"
    rf"|(?:加|添加|打|写|放)上?(?:一句话?|一行字|一段[字话]|几个字)\s*:?\s*(?!叫|说|是)|{_NOUN_ZH}\s*[:=]"
    rf"|\b(?:lyrics?|sub-?titles?|{_NOUN})\s*[:=])\s*(?P<it>[^\s,。;:\ue000-\uf7ff].*)",
    re.IGNORECASE,
)
_TAIL_OF_LINE: Final = re.compile(
    r"\s*(?:;|,\s*(?:请|并|然后|再)?(?=放|位于|居中|底部|顶部|下方|上方|显示|持续|出现|全程|字体|字号|颜色|样式|带|用|加"
    r"|大字|小字|大号|小号|\d|第|从|在|最后|开头|结尾|[红黄蓝绿白黑粉金橙紫灰青银]色)"
    r"|,\s*(?=(?:at|for|from|in|on|until|with|make|position|size|white|red|yellow|bottom|top|big|small|large|bold|centered"
    r"|the first|the last|first \d|last \d|lasting|during|over|position\w*"
    r"|and (?:then )?(?:make|add|put|set|cut|fade|use))\b"
    r"|\d|(?:black and white|vertical|square|no|without|lo-?fi|\w+ music|music|crossfades?|visuali\w+)\b)"
    r"|,\s*(?=(?:再|并|然后|还要|要)?(?:音乐|背景|配|竖屏|横屏|黑白|转场|可视化|滤镜|剪|时长|淡|音量|卡点|去掉|删)"
    r"|持续|出现|[一二两三四五六七八九十]+秒)"
    rf"|{_TAIL_EN}|{_TAIL_ZH}|$)",
    re.IGNORECASE,
)
_COMMA_OF_HAN: Final = re.compile(r"(?<=[\u4e00-\u9fff]),\s*(?=[\u4e00-\u9fff])")
_NAME_AND_ROLE: Final = re.compile(
    r"^(?:the )?name:? (?P<name>.+?)(?:,| and)? (?:the )?(?:role|job|position|title|job title):? (?P<role>.+)$",
    re.IGNORECASE,
)
_LINES: Final = re.compile(r"\s*(?:,|\||/| [-–—] )\s*")
_FILLER: Final = re.compile(
    rf"{_SPAN}|{_COLOR}\b|\b(?:the|an?|for|from|to|be|it|at|in|on|of|and|or|with|very|more|less|much|bit|little|slightly|too|not"
    r"|change|turn|set|switch|use|apply|give|should|must|want|need|also|please|colou?r(?:ed)?|font|size|text"
    r"|letters|one|this|that|different|other|another|something|else|nicer|better"
    r"|visible|readable|instead|all|caps|third|lower|later|earlier|longer|shorter|sooner|second|seconds|start|end"
    r"|beginning|both|them|whole|entire|video|first|last|left|right|corner|dark|light|bright|animated|style|styled)\b"
    r"|颜色|把|[色的了点些一更再稍微到在从放成个和换调弄设挪移,.!;:为]|字体?|样式|风格|别的|其他|好看|清楚|第|秒|开头|结尾|片头"
    r"|片尾|全程|最后|开始|动画"
)
_ADDRESSED: Final = re.compile(
    r"^(?:(?:it |that )?(?:should|must) (?:be|say|read) |(?:the |this )?(?:words?|text|phrase)\s*:?\s+)(?=\S)",
    re.IGNORECASE,
)
_EMOJI_BEHIND: Final = re.compile(
    rf"(?P<mark>{MARK})\s*(?:with|and|plus|\+|,|加上?|带上?|和)?\s*(?:an? |some |the |个|一个)?(?:emojis? )?"
    r"(?P<emoji>[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d]+)(?:\s*(?:emojis?|表情))?"
)
_ALL_THANKS: Final = re.compile(r"\W*(?:thanks|thank you)\W*", re.IGNORECASE)
_THINGS: Final = re.compile(
    r"\b(?:clips?\d*|photos?\d*|videos?|music|song|bars|waveform|spectrum|visuali\w+|lyrics|logo|title|captions?)\b"
)


def marked(clause: Clause) -> Clause:
    """The clause with the words of a title as if they had stood in quotation marks; itself where there are none."""
    if clause.quotes:
        return _with_emoji(clause)
    for pattern in _CORRECTIONS:
        if found := pattern.search(clause.raw.replace(SEAM, "")):
            old, new = chr(FIRST_MARK), chr(FIRST_MARK + 1)
            is_chinese = clause.has(HAN)
            text = f"把标题里的 {old} 改成 {new} " if is_chinese else f"change {old} to {new} in the title"
            return Clause(text, text, (found["old"].strip(), found["new"].strip()))
    if clause.has(vocabulary.OF_SONG):
        return clause
    plain = simplified(clause.raw)
    for pattern in (_LINE, *_FIRM):
        if (found := pattern.search(plain)) and (part := _words(clause, found)):
            return _with_quotes(clause, *part)
    for pattern in _LOOSE:
        found = pattern.search(plain)
        if found is None or (part := _words(clause, found)) is None:
            continue
        if not is_only_look(part[2][0]) or (pattern is _FOLLOWS and part[2][0][0].isupper()):
            return _with_quotes(clause, *part)
    return clause


def _with_emoji(clause: Clause) -> Clause:
    """The clause with an emoji behind quoted words as one of them: `"Hi" with 🎉`."""
    found = _EMOJI_BEHIND.search(clause.raw)
    if found is None:
        return clause
    number = len(re.findall(MARK, clause.raw[: found.end("mark")])) - 1
    quotes = tuple(f"{q} {found['emoji']}" if n == number else q for n, q in enumerate(clause.quotes))
    first, last = found.end("mark"), found.end()
    return Clause(clause.text[:first] + clause.text[last:], clause.raw[:first] + clause.raw[last:], quotes)


def is_only_look(words: str) -> bool:
    """Whether words say how a title looks or when it is seen, and nothing else."""
    left = words.lower()
    for table in (
        title_words.SIDES,
        title_words.STYLES,
        title_words.ANIMATIONS,
        title_words.POSITIONS,
        title_words.SIZES,
    ):
        for _, pattern in table:
            left = pattern.sub(" ", left)
    left = HEX_COLOR.sub(" ", left)
    for _, pattern in COLORS:
        left = pattern.sub(" ", left)
    return not re.sub(r"[\W_]+", "", _FILLER.sub(" ", left))


def _chinese(text: str) -> str:
    """A text with the commas that Chinese has, which the clause levelled."""
    return _COMMA_OF_HAN.sub("，", text)


def _words(clause: Clause, found: re.Match[str]) -> tuple[int, int, tuple[str, ...]] | None:
    """Where the words of a title stand, and what they are."""
    start, said = found.start("it"), clause.raw[slice(*found.span("it"))]
    if address := _ADDRESSED.match(said):
        start, said = start + address.end(), said[address.end() :]
    names = clause.has(vocabulary.LOWER_THIRD)
    tail = (_TAIL_OF_NAMES if names else _TAIL_OF_LINE if found.re is _LINE else _TAIL).search(simplified(said))
    end = tail.start() if tail else len(said)
    end = len(said) if _ALL_THANKS.fullmatch(said) else end  # `title: Thank you`
    text = said[:end].replace(SEAM, "").strip(" .:'\"-,")
    if not text or (found.re is _LOOSE[-1] and _THINGS.search(text.lower())):
        return None
    return start, start + end, (_lines(text) if names else _chinese(text),)


def _lines(text: str) -> str:
    """Name and role on a line each."""
    if found := _NAME_AND_ROLE.match(text):
        return f"{found['name']}\n{found['role']}"
    lines = [line for line in _LINES.split(re.sub(r"^(?:name )", "", text)) if line and not is_only_look(line)]
    return "\n".join(lines[:2]) or text


def _with_quotes(clause: Clause, start: int, end: int, quotes: tuple[str, ...]) -> Clause:
    marks = " " + "".join(chr(FIRST_MARK + number) for number in range(len(quotes))) + " "
    return Clause(
        clause.text[:start] + marks + clause.text[end:], clause.raw[:start] + marks + clause.raw[end:], quotes
    )
