"""Answers to questions about what can be had: moods, filters, transitions, visualizers, formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, get_args

from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.engine.render.formats import FORMATS
from nemo_notebook.film.fields import Filter, TransitionKind, VisualizerStyle
from nemo_notebook.film.model import Language
from nemo_notebook.film.phrasing import enumerated, joined, say
from nemo_notebook.film.telling import word
from nemo_notebook.music import MOODS

_WHICH: Final = r"\b(?:what|which)\b.*\b"
_ZH_WHICH: Final = r"(?:哪些|哪几种|什么(?:样的?)?|多少种?)(?:可用的?|好看的?)?"
MOODS_ASKED: Final = re.compile(
    rf"{_WHICH}(?:moods?|genres?|(?:styles?|kinds?|types?|sorts?) of (?:music|songs?)"
    r"|music (?:do you have|can (?:you|i)|is (?:there|available|possible)|are))\b"
    r"|哪些(?:风格|情绪|音乐|类型)|什么(?:风格|类型)的?音乐"
)


def _moods(language: Language) -> str:
    en = enumerated([mood.label_en for mood in MOODS.values()])
    zh = "、".join(mood.label_zh for mood in MOODS.values())
    return say(language, f"I compose {en} music.", f"我能创作这些音乐：{zh}。")


def _filters(language: Language) -> str:
    en = f"There are these looks: {_listed('filter', Filter, 'en')}. They can be for all of it or for one shot."
    return say(language, en, f"有这些滤镜：{_listed('filter', Filter, 'zh')}，可以用于整个视频或某个镜头。")


def _transitions(language: Language) -> str:
    en = f"There are these transitions: {_listed('transition', TransitionKind, 'en')}; and hard cuts."
    return say(language, en, f"有这些转场：{_listed('transition', TransitionKind, 'zh')}，还有硬切。")


def _visualizers(language: Language) -> str:
    en = f"I can draw {_listed('visualizer', VisualizerStyle, 'en')} from the sound, in any colours."
    return say(language, en, f"可以随声音绘制{_listed('visualizer', VisualizerStyle, 'zh')}，颜色任选。")


def _formats(language: Language) -> str:
    en = f"The film can be exported as {enumerated(list(FORMATS))}, up to 4K."
    return say(language, en, f"可以导出为 {'、'.join(FORMATS)}，最高 4K。")


_OFFERS: Final[tuple[tuple[re.Pattern[str], Callable[[Language], str]], ...]] = (
    (MOODS_ASKED, _moods),
    (re.compile(rf"{_WHICH}(?:filters?|looks?|colou?r styles?)\b|{_ZH_WHICH}滤镜"), _filters),
    (re.compile(rf"{_WHICH}transitions?\b|{_ZH_WHICH}(?:转场|过渡)"), _transitions),
    (re.compile(rf"{_WHICH}visuali[sz]\w+|{_ZH_WHICH}可视化|可视化有哪些"), _visualizers),
    (
        re.compile(rf"{_WHICH}(?:file )?(?:formats?|file types?)\b(?=.*\b(?:export|save|render|download))|导出.*格式"),
        _formats,
    ),
)


def on_offer(clause: Clause, language: Language) -> str | None:
    """What there is to choose from of the kind of thing that a clause asks about, or None."""
    found = next((tell for pattern, tell in _OFFERS if clause.has(pattern)), None)
    return found(language) if found is not None else None


def _listed(table: str, choices: object, language: Language) -> str:
    return joined([word(table, name, language) for name in get_args(choices)], language)
