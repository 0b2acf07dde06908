"""Shape, size, visualizer and export in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, get_args

from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.film import style_in
from nemo_notebook.engine.agent.reading.film_wanted import JUST_VISUAL
from nemo_notebook.engine.agent.wishes import MakeVideo, PrepareExport, SetCanvas
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.colors import colors_in, palette_in
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.colors import triple_of
from nemo_notebook.film.edits.looks import SetVisualizer
from nemo_notebook.film.fields import Aspect, VisualizerStyle
from nemo_notebook.film.phrasing import say

_EXPORT_FIRST: Final = re.compile(
    r"^\W*(?:please |now |then |can (?:you|i|we) |could (?:you|i|we) |and |let'?s |just "
    r"|i(?:'d| would)? (?:like|want|need) to "
    r"|i wanna |帮我|请|现在|可以|能|我|们|想要?|要|把(?:它|视频))*(?:export"
    r"|render(?! (?:it |them )?in (?:black|sepia))|download|save|导出|渲染|下载|保存|输出|send me)"
)
_PUBLISHES: Final = re.compile(
    r"^\W*(?:please |now |then |and )*(?:upload|publish|post|share|tweet)\b|^\W*(?:帮我|请)?(?:上传|发布|分享)"
)
_FORMAT: Final = re.compile(r"\b(mp4|mov|mkv|webm|avi|gif|mp3|wav|m4a|aac|midi?|jpe?g|png|webp)s?\b")
_COLORED: Final = re.compile(
    r"\b(?:colou?rs?|palette|theme|scheme|bars|ring|wave\w*|line|spectrum)\b|颜色|配色|色|主题"
)
_COVER: Final = re.compile(
    r"\b(?:cover(?: art)?(?:'s)?|album(?: art| cover)?(?:'s)?|artwork)\b.*\b(?:colou?rs?|palette)\b"
    r"|\bcolou?rs? (?:of|from) (?:the|my) (?:cover|album|artwork)|封面.*(?:颜色|配色|色)|(?:颜色|配色).*封面"
)
_OTHER_COLORS: Final = re.compile(
    r"\b(?:picture|clips?|footage|photos?|video|filters?|title)\b|滤镜|画面|视频|照片|标题"
)
_FEW_WORDS: Final = 3
_SIZE: Final = re.compile(r"(?<!\d)(\d{3,4})\s*(?:x|×|by|\*|乘)\s*(\d{3,4})(?!\d)")
_IT: Final = re.compile(r"\b(?:it|that|this|them|those)\b|它")
_NO_VISUAL: Final = re.compile(
    r"\b(?:remov\w+|delet\w+|hide|drop|no|without|turn off|get rid of|take (?:off|away|out)|lose|kill"
    r"|disable)\b|删|去掉|移除|不要|取消|关掉|关闭|拿掉"
)
_SIZE_OR_PLACE: Final = re.compile(
    r"\b(?:bigger|larger|smaller|taller|wider|thinner|thicker|shorter|huge|resize|enlarge|size)\b"
    r"|\b(?:to|at|in|on) the (?:very )?(?:middle|cent(?:er|re)|top|bottom|left|right|corner)\b|\bhigher\b|\blower\b"
    r"|放大|缩小|[大小高低]一?[点些]|更[大小高]|变[大小]|大小|位置|[放移挪](?:到|在|至)(?:画面|屏幕)?[的]?(?:正?中|上|下|左|右|顶|底|角)"
)
_BARE_STYLE: Final = re.compile(
    r"\W*(?:(?:now|add|draw|show|use|with|and|please|a|an|the)\s+)*(?:ring|circle|line|curve)(?: instead| please)?\W*"
    r"|\W*(?:加|用|换成|来)?(?:一?个|一条)?(?:圆环|环形|圆形|线条|曲线)[吧呢]?\W*"
)
_OTHER_STYLE: Final = re.compile(
    r"\b(?:another|different|new|other) (?:visuali[sz]\w+|style|shape|one|kind|type)\b"
    r"|(?:换|另)(?:一?个|一?种|一下)(?:样式|形状|样子|风格|可视化|频谱)"
)
_BARS_OF_BLACK: Final = re.compile(r"\b(?:black|blurr?(?:ed|y)?|side) bars?\b|\bletterbox\w*")


def read_canvas(clause: Clause, context: Context) -> bool:
    """Adds the shape, the size and the export that a clause asks for; whether there were any."""
    if clause.has(_PUBLISHES):
        return False
    aspect, platform = _aspect(clause)
    size = _SIZE.search(clause.text)
    short = next((pixels for pattern, pixels in words.RESOLUTIONS if clause.has(pattern)), None)
    if clause.has(_EXPORT_FIRST) and not clause.quotes:
        if aspect is not None:
            context.edits.append(SetCanvas(aspect, None, platform))
        form = _FORMAT.search(clause.text)
        context.edits.append(PrepareExport(short, ending_of(form[1]) if form else ""))
        return True
    if size is not None:
        context.edits.append(SetCanvas(size=(int(size[1]), int(size[2])), platform=platform))
        return True
    if context.last(MakeVideo) is not None and aspect is None and short == min(context.film.canvas):
        return False  # `a 1080p MP4` is what comes anyway
    if aspect is None and short is None:
        return False
    context.edits.append(SetCanvas(aspect, short, platform))
    return True


def ending_of(form: str) -> str:
    """The ending of a file of a format as people call it; empty for a video as usual."""
    return {"midi": "mid", "jpeg": "jpg", "mp4": ""}.get(form, form)


def read_visualizer(clause: Clause, context: Context) -> bool:
    """Adds the visualizer that a clause asks for or away; whether there was one."""
    text = _BARS_OF_BLACK.sub(" ", clause.text)
    is_there = bool(context.film.segments("visualizer")) or context.last(SetVisualizer) is not None
    named, cover = words.VISUAL.search(text) is not None, clause.has(_COVER)
    meant = is_there and context.topic == "visualizer"
    goes = _NO_VISUAL.search(text) is not None and not clause.has(JUST_VISUAL)
    if (named or (meant and clause.has(_IT))) and goes and not clause.quotes:
        if not _has_none_anyway(context):
            context.edits.append(SetVisualizer(shown=False))
        return True
    drawn = is_there and not context.film.shots and context.topic != "title"
    meant = meant or drawn
    about = named or (meant and (clause.has(_IT) or len(text.split()) <= _FEW_WORDS))
    if is_there and about and _SIZE_OR_PLACE.search(text):
        context.edits.append(Decline(_fixed_told(context)))
        return True
    named = named or _BARE_STYLE.fullmatch(text) is not None
    style = style_in(clause) if named or meant else None
    if style is None and is_there and (named or meant) and _OTHER_STYLE.search(text):
        style = _next_style(context)
    colors, palette = _colors(_drawn_in(text)) if named or meant or _COLORED.search(text) else ((), None)
    recolored = is_there and (colors or palette) and _is_about_colors(clause, sure=meant)
    if not (named or recolored or (meant and style) or (cover and (is_there or context.situation.media))):
        return False
    made = context.last(MakeVideo)
    if made is not None and palette is None and not colors and not cover:
        context.replace(made, replace(made, visualizer=style or made.visualizer or "bars"))
    else:
        look = {"style": style, "palette": palette, "colors": colors or None, "cover": cover}
        context.edits.append(SetVisualizer(**look))  # type: ignore[arg-type]
    if not context.films:
        context.topic = "visualizer"
    return True


def _next_style(context: Context) -> str:
    """The style after the one that is drawn."""
    styles: list[str] = [*get_args(VisualizerStyle)]
    now = context.film.segments("visualizer")[0].meta.get("style")
    return styles[(styles.index(now) + 1) % len(styles)] if now in styles else styles[0]


def _fixed_told(context: Context) -> str:
    en = "The size and the place of a visualizer are fixed: bars and waves stand low, the ring in the middle. "
    en += 'For something in the middle say "change the visualizer to a ring".'
    zh = "可视化的大小和位置是固定的：频谱条和波形在下方，圆环在中间。想放在中间可以说“可视化换成圆环”。"
    return say(context.situation.spoken, en, zh)


def _has_none_anyway(context: Context) -> bool:
    """Whether `without a visualizer` is said of a film that is only being made."""
    return context.last(MakeVideo) is not None and not context.film.segments("visualizer")


def _is_about_colors(clause: Clause, *, sure: bool) -> bool:
    if clause.has(words.TITLE) or clause.has(_OTHER_COLORS):
        return False
    return sure or clause.has(_COLORED)


def _drawn_in(text: str) -> str:
    """The parts of a text that say in which colours a visualizer is drawn; all of it where none speaks of one."""
    parts: list[str] = []
    follows = False
    for part in re.split(r"[,;，；]|\bplus\b", text):
        only_color = len(part.split()) <= _FEW_WORDS and _colors(part) != ((), None)
        follows = words.VISUAL.search(part) is not None or (follows and only_color)
        parts += [part] if follows else []
    return " ".join(parts) or text


def _colors(text: str) -> tuple[tuple[str, ...], str | None]:
    """Three colours that a text speaks of, or a palette; the name of a palette goes first."""
    palette = palette_in(text)
    named = colors_in(text)
    if palette is not None and (palette != "gold" or len(named) < 2):
        return (), palette
    return (triple_of(named), None) if named else ((), None)


def _aspect(clause: Clause) -> tuple[str | None, str]:
    """The shape that a clause names, and the platform where that is how it names it."""
    platform = next((row for row in words.PLATFORMS if clause.has(row[0])), None)
    ratio = words.RATIO.search(clause.text)
    name = f"{ratio[1]}:{ratio[2]}" if ratio else None
    if name not in get_args(Aspect):
        name = next((aspect for pattern, aspect in words.SHAPES if clause.has(pattern)), None)
    if platform is None:
        return name, ""
    return name or platform[1], platform[2]
