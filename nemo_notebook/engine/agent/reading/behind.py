"""Clips and photos that are to be seen behind a visualizer, in a clause."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.shot_words import named_media
from nemo_notebook.engine.agent.wishes import CutToBeat
from nemo_notebook.engine.agent.words import look_words
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.objects import object_of, said
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.edits.looks import SetVisualizer
from nemo_notebook.film.phrasing import say

_BEHIND: Final = re.compile(
    r"\b(?:behind|beneath|under(?:neath)?|below|in the (?:back|background) of)\s+(?:it|that|this|them"
    r"|(?:the |my )?(?:visuali\w+|bars|ring|circle|wave ?forms?|spectrum|line))\b|\b(?:as|in) (?:the |a )?background\b"
    r"|(?:放|垫|铺)(?:在|到)?(?:它|可视化|频谱条?|波形|圆环)?的?(?:后面?|下面?|底下|背后|背景)|(?:当|做|作为)背景"
)
_PICTURES: Final = re.compile(
    r"\b(?:clips?|photos?|pictures?|images?|videos?|footage|pics)\b|视频|照片|图片|素材|片段|画面"
)
_MAKES: Final = re.compile(r"\b(?:make|create|generate|produce|build|new)\b|制作|生成|做一?个|重新")


def _is_look(clause: Clause) -> bool:
    looks = (pattern for _, pattern in look_words.FILTERS)
    return clause.has(look_words.FILTER) or any(clause.has(pattern) for pattern in looks)


def read_behind(clause: Clause, context: Context) -> bool:
    """Lets the uploads be seen behind the visualizer where a clause asks for that; whether it does."""
    drawn, shown = context.film.segments("visualizer"), context.film.shots
    if clause.quotes or clause.has(words.TITLE) or clause.has(words.REMOVE) or clause.has(_MAKES):
        return False
    about = clause.has(_PICTURES) or bool(named_media(said(clause), context))
    behind = about and clause.has(_BEHIND)
    adds = about and object_of(clause, words.ADD, words.USE) in ("clips", "images", "film") and not _is_look(clause)
    if not (drawn or clause.has(words.VISUAL)) or not (behind or (adds and drawn and not shown)):
        return False
    if not shown:
        context.edits.append(CutToBeat(first=named_media(said(clause), context)))
    elif drawn:
        en = "They are seen behind the visualizer already."
        context.edits.append(Decline(say(context.situation.spoken, en, "画面已经在可视化后面了。")))
    else:
        context.edits.append(SetVisualizer())
    context.topic = "film"
    return True
