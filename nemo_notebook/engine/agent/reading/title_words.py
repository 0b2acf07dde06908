"""Words for how a title looks and moves, in English and Chinese, and the look that a text speaks of."""

from __future__ import annotations

import re
from typing import Final, get_args

from nemo_notebook.engine.agent.wishes import Animation, Look, SizeWish, Style
from nemo_notebook.engine.agent.words.colors import COLORS, HEX_COLOR, long_hex
from nemo_notebook.film.fields import Position

POSITIONS: Final[tuple[tuple[Position, re.Pattern[str]], ...]] = (
    (
        "lower-third",
        re.compile(r"\blower[- ]?thirds?\b|\bname ?(?:tag|plate|card)s?\b|下三分之一|人名条|名字条|姓名条"),
    ),
    ("top", re.compile(r"\b(?:top|upper|above)\b|顶部|顶端|上方|上面|上边|上部|[左右]上[角方]?|上[左右]角|最上")),
    (
        "bottom",
        re.compile(
            r"\b(?:bottom|lower (?:part|left|right)|below|underneath)\b|底部|底端|下方|下面|下边|下部|[左右]下[角方]?"
            r"|下[左右]角|最下"
        ),
    ),
    (
        "center",
        re.compile(
            r"\b(?:cent(?:er|re)(?:ed|d)?|middle(?! of the (?:video|film|song|clip|movie)))\b"
            r"|居中|中央|正中|中心|屏幕中间|画面中间|(?<!视频)(?<!影片)中间"
        ),
    ),
)
_SIDE_EN: Final = (
    r"(?<!from )(?<!from the )\b(?:(?:on|to|at|in|into|towards?) (?:the |its )?(?:far )?SIDE\b(?! of)"
    r"|SIDE[- ](?:hand )?(?:side|edge|corner|aligned)|(?:top|bottom|upper|lower)[- ]SIDE)\b"
)
_SIDE_ZH: Final = r"(?<!从)SIDE[上下边侧]|[上下]SIDE角|[靠在到往移]SIDE(?![左右])|居SIDE|SIDE对齐"
SIDES: Final = tuple(
    (side, re.compile(f"{_SIDE_EN.replace('SIDE', side)}|{_SIDE_ZH.replace('SIDE', han)}"))
    for side, han in (("left", "左"), ("right", "右"))
)
_CORNER: Final = re.compile(r"\bcorner\b|角落")
SIZES: Final[tuple[tuple[SizeWish, re.Pattern[str]], ...]] = (
    ("smaller", re.compile(r"\btoo (?:big|large|huge)\b|太大")),
    ("larger", re.compile(r"\btoo (?:small|tiny|little)\b|\bnot big enough\b|太小")),
    ("larger", re.compile(r"\b(?:bigger|larger|bolder)\b|\bincrease .*\bsize\b|大一?[点些]|更大|变大|放大|加大|调大")),
    ("smaller", re.compile(r"\bsmaller\b|\b(?:reduce|decrease) .*\bsize\b|小一?[点些]|更小|变小|缩小|调小")),
    ("large", re.compile(r"\b(?:big(?:gest)?|large|huge|giant|bold)\b|大号|大字|(?<![放变加调])大的|超大|巨大|大标题")),
    ("small", re.compile(r"\b(?:small(?:est)?|tiny|subtle)\b|小号|小字|小的|小标题")),
    ("medium", re.compile(r"\b(?:medium|normal|regular)[- ]?(?:sized?)?\b|中号|适中|中等大小")),
)
STYLES: Final[tuple[tuple[Style, re.Pattern[str]], ...]] = (
    (
        "plain",
        re.compile(
            r"\b(?:no|without(?: an?| the)?|remove the|drop the|lose the) (?:\w+ )?(?:box|background|outline"
            r"|border|stroke|banner)"
            r"|\bplain\b|(?:去掉|不要|取消|没有|无)(?:文字|标题|字幕)?的?(?:背景|底框|底色|描边|边框|框)|纯文字"
        ),
    ),
    (
        "box",
        re.compile(
            r"\bbox(?:ed)?\b|\bbackground (?:box|bar|band|panel)\b|\b(?:with|on|in|over) (?:an? )?(?:\w+[- ]){0,2}"
            r"(?:background|backdrop|banner|band|panel|pill)\b"
            r"|背景框|底框|底色|文字框|加框|色块|背景条|黑底|白底|带(?:\w{0,2})(?:背景|框)|加(?:个|上)?背景"
        ),
    ),
    ("outline", re.compile(r"\boutlined?\b|\bstroked?\b|\bborder(?:ed)?\b|\bcontour\b|描边|轮廓|勾边|边框")),
)
_KINDS: Final[tuple[tuple[Animation, str], ...]] = (
    (
        "none",
        r"\b(?:no|without(?: any)?) (?:animations?|effects?|fad\w+)\b|\bnot animated\b|\bstatic\b"
        r"|(?:无|不要|去掉|没有)(?:动画|特效|效果)|静态",
    ),
    (
        "type",
        r"\btype ?-?writer\b|\btyp(?:e|es|ed|ing)(?=[- ](?:in|out|on|effect|animation|itself))|\btyping\b"
        r"|\bletter by letter\b|打字机?|逐字",
    ),
    ("pop", r"\bpop(?:s|ping)?\b|\bbounc(?:e|es|ing|y)\b|\bspring(?:s|y)?\b|弹出|弹跳|弹入|弹[一]?下|蹦"),
    ("slide", r"\bslid(?:e|es|ing)\b(?! ?show)|\bfl(?:y|ies)\b|\bsweeps?\b|滑[入出动]|飞[入出]|移[入出]"),
    ("fade", r"\bfad(?:e|es|ed|ing)\b|淡[入出]|渐[显隐入出]"),
)
ANIMATIONS: Final[tuple[tuple[Animation, re.Pattern[str]], ...]] = tuple(
    (name, re.compile(pattern)) for name, pattern in _KINDS
)
_MOVES: Final = re.compile(r"\banimat(?:e|ed|ing|ion)\b|动画")
_BOTH_WAYS: Final = ("fade", "slide")  # nobody wants letters to be typed away
_IN_OUT: Final = re.compile(r"^[\s-]*(?:itself |it )?(in (?:and|&) (?:then )?out|in/out|in\b|out\b|away\b)")
_ZH_OUT: Final = re.compile(r"[出隐]$")
_NOT_OF_TEXT: Final = re.compile(
    r"\b\w+ (?:box|background|backdrop|outline|stroke|border|bar|banner|shadow|panel|band)\b"
    r"|\w色?(?:背景|底框|底色|描边|边框|底)"
)


def read_look(text: str) -> Look:
    """Place, size, colour, style and animation that a text speaks of; the rest is None."""
    animate_in, animate_out = _animations(text)
    return Look(
        position=_position(text),
        size=next((name for name, pattern in SIZES if pattern.search(text)), None),
        color=_color(text),
        style=next((name for name, pattern in STYLES if pattern.search(text)), None),
        animate_in=animate_in,
        animate_out=animate_out,
    )


def _position(text: str) -> Position | None:
    """Where it stands; a corner of which nobody says which one is that at the right."""
    row = next((name for name, pattern in POSITIONS if pattern.search(text)), None)
    side = next((side for side, pattern in SIDES if pattern.search(text)), None)
    if _CORNER.search(text):
        row, side = row if row in ("top", "bottom") else "bottom", side or "right"
    if side is None or (row, side) == ("lower-third", "left"):
        return row
    known: dict[str, Position] = {name: name for name in get_args(Position)}
    return known.get(f"{row}-{side}") or known[f"bottom-{side}" if row == "lower-third" else side]


def _color(text: str) -> str | None:
    if found := HEX_COLOR.search(text):
        return long_hex(found[0])
    own = _NOT_OF_TEXT.sub(" ", text)
    return next((color for color, pattern in COLORS if pattern.search(own)), None)


def _animations(text: str) -> tuple[Animation | None, Animation | None]:
    """How it comes and how it goes; a kind that is named for no end is meant for both."""
    coming: Animation | None = None
    going: Animation | None = None
    for name, pattern in ANIMATIONS:
        for found in pattern.finditer(text):
            said = _IN_OUT.match(text[found.end() : found.end() + 20])
            way = said[1] if said else ""
            if name == "none":
                return "none", "none"
            if way in ("out", "away") or (name in _BOTH_WAYS and _ZH_OUT.search(found[0])):
                going = going or name
            elif way == "in" or found[0][-1] in "入显":
                coming = coming or name
            else:
                coming = coming or name
                going = going or (name if name in _BOTH_WAYS else None)
    if coming is None and going is None and _MOVES.search(text):
        coming = "slide"
    return coming, going
