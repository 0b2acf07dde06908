"""What to ask where a wish lacks something: which one, how long, how fast, which colour."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.picks import ALL
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.shot_words import mentions
from nemo_notebook.engine.agent.words.objects import said
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.phrasing import say, seconds
from nemo_notebook.film.target import describe, select
from nemo_notebook.film.telling import NotPossible, tell

_OTHER_ONE: Final = re.compile(
    r"\W*(?:no,? |not (?:that|this)(?: one)?,? |use |i mean[t]? )*(?:the )?other(?: one)?(?: instead| please)?\W*"
    r"|\W*(?:不是这个,?|不对,?)?(?:是|换)?(?:另一?个|另外(?:那|一)?个|别的那个)[吧呢]?\W*"
)
_LONGER: Final = re.compile(
    r"\blonger\b|\btoo short\b|\bhold\b|\blinger\b|多(?:停|放|显示|留)|长一?[点些]|久|太短|延长"
)
_SHORTER: Final = re.compile(r"\bshorter\b|\btoo long\b|\bshorten\b|\bdrags\b|短一?[点些]|太长|缩短|剪短")
_TRIMS: Final = re.compile(
    r"\b(?:trim|cut|shorten|chop|remove|skip)\b.*\b(?:boring|start|beginning|end|ending|slow part|part)\b"
    r"|(?:剪|裁|去|删)掉?.*(?:无聊|没用|多余|开头|结尾|片头|片尾)"
)
_AT_END: Final = re.compile(r"\b(?:end|ending)\b|结尾|片尾|最后")
_COLOR: Final = re.compile(
    r"\b(?:another|different|other|new|change the|change its) colou?rs?\b|换一?(?:个|种|下)?颜色|颜色换一?下"
)
_OTHER_MUSIC: Final = re.compile(
    r"^\W*(?:please |can you |now )*(?:change|switch|replace|swap) (?:the |my )?(?:background )?(?:music|song"
    r"|track)\W*$"
    r"|^\W*(?:请|帮我)?(?:换|改)一?(?:下|个)?(?:背景)?(?:音乐|配乐|歌)\W*$"
)
_PLACE: Final = re.compile(
    r"\b(?:another|different|other) (?:place|position|spot)\b|\bsomewhere else\b|换一?个?(?:位置|地方)"
)
_SPEED: Final = re.compile(
    r"\W*(?:please )?(?:change|adjust|set) (?:the |its )?speed(?: of (?:it|the \w+))?\W*"
    r"|\W*(?:请|帮我)?(?:变速|调速|调整?一?下?速度|改变?速度|换个速度)[吧]?\W*"
)
_SHARE: Final = re.compile(
    r"\b(?:more|less) (?:of )?(?:the )?$|\b(?:show|use|see)\b.{0,16}\b(?:more|less)\b|(?:多|少)(?:用|放|来"
    r"|出现)(?:一?[点些])?"
)
_INTRO: Final = re.compile(
    r"\b(?:add|make|put|create|want|need)\b.{0,12}\b(?:intro|outro|opening|ending|end screen|end card)\b"
    r"|加个?(?:片头|片尾|开场|结尾)\W*$"
)
_FEWEST_S: Final = 1


def lacking(clause: Clause, context: Context) -> str | None:
    """The question that a wish leaves open, or None where it is not one of these."""
    lang = context.situation.spoken
    if _OTHER_ONE.fullmatch(clause.text):
        en = 'Which one do you mean? Please name it by its file or its number; "undo" takes the last change back.'
        return say(lang, en, "指哪一个呢？请说文件名或第几个；说“撤销”可以取消上一步。")
    if clause.has(_INTRO):
        en = 'Which words shall it show? For example: add a title "Urban Dreams" for the first 3 seconds.'
        return say(lang, en, "上面写什么呢？例如“在开头加标题‘城市之梦’，3秒”。")
    if not context.has_film:
        return None
    return _about_shot(clause, context) or _about_film(clause, context)


def asks_for_speed(text: str) -> bool:
    """Whether a text wants another speed and does not say which."""
    return _SPEED.fullmatch(text) is not None


def _about_shot(clause: Clause, context: Context) -> str | None:
    text, lang = said(clause), context.situation.spoken
    mention = next((found for found in mentions(text, context) if not found.is_loose and found.pick != ALL), None)
    if mention is None:
        return None
    name = text[mention.start : mention.end].strip()
    if _SHARE.search(text[: mention.start]) or _SHARE.search(text):
        return _share(name, context)
    if not (_LONGER.search(text) or _SHORTER.search(text)):
        return None
    try:
        shots = select(context.film, context.situation, mention.pick.target)
    except NotPossible as missing:
        return tell(missing.told, lang)
    now_s = round(shots[0]["d"] / 1000)
    wished = now_s + 2 if _LONGER.search(text) else max(_FEWEST_S, now_s // 2)
    shown = tell(describe(context.film, context.situation, shots), lang)
    called = name if mention.pick.media is not None or not name.isascii() else f"the {name}"
    en = f"{shown} lasts {seconds(shots[0]['d'], 'en')}. How long should it be? "
    en += f'For example "make {called} {wished} seconds long".'
    zh = f"{shown}长 {seconds(shots[0]['d'], 'zh')}，想要多长？例如“{called}改成{wished}秒”。"
    return say(lang, en, zh)


def _share(name: str, context: Context) -> str:
    en = "In a cut all clips get an even share. "
    en += f'You can say "use only {name}" or "without {name}".'
    return say(context.situation.spoken, en, f"剪辑时各素材平均出现。可以说“只用{name}”或“不要{name}”。")


def _about_film(clause: Clause, context: Context) -> str | None:
    lang = context.situation.spoken
    if clause.has(_COLOR):
        what_en, what_zh = "give it a warm look", "加暖色滤镜"
        if context.film.segments("visualizer"):
            what_en, what_zh = "make the bars yellow", "可视化换成黄色"
        if context.film.segments("title") and context.topic != "visualizer":
            what_en, what_zh = "make the title yellow", "标题改成黄色"
        return say(lang, f'Which colour? For example "{what_en}".', f"换成什么颜色呢？例如“{what_zh}”。")
    if clause.has(_OTHER_MUSIC):
        en = 'What should it sound like? For example "change the music to upbeat music".'
        return say(lang, en, "想要什么样的音乐？例如“把音乐换成轻快的音乐”。")
    if clause.has(_PLACE) and context.film.segments("title"):
        en = 'Where to? For example "move the title to the bottom".'
        return say(lang, en, "放在哪里呢？例如“标题放到底部”。")
    if _SPEED.fullmatch(clause.text) and context.film.shots:
        en = 'Faster or slower? For example "play it at half speed" or "play it twice as fast".'
        return say(lang, en, "快一点还是慢一点？例如“慢放一半”或“加速一倍”。")
    if clause.has(_TRIMS) and not clause.has(re.compile(r"\d")):
        side_en, side_zh = ("last", "最后") if clause.has(_AT_END) else ("first", "前")
        en = f'How many seconds shall go? For example "trim the {side_en} 2 seconds".'
        return say(lang, en, f"去掉几秒呢？例如“去掉{side_zh}2秒”。")
    return None
