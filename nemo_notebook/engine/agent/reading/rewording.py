"""New words for a title that is there, where they stand without quotation marks."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.unquoted import is_only_look
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.hanzi import simplified
from nemo_notebook.engine.agent.words.wording import FIRST_MARK, Clause
from nemo_notebook.film.target import name_of

_TWO_WORDINGS: Final = re.compile(
    r"\b(?:change|replace|rename|swap|correct|edit|update)\s+(?:the (?:title|text|caption"
    r"|words?) )?(?:from )?(?P<old>\S.*?)"
    r"\s+(?:to|with|by|into)\s+(?P<new>\S.*)|把(?P<zh_old>\S+?)(?:改成|改为|换成|变成)(?P<zh_new>\S.*)",
    re.IGNORECASE,
)
_NEW_WORDS: Final = re.compile(
    r"\b(?:change|rename|set|update|edit|correct)\s+(?:it|that|this)\s+(?:to|into)\s+(?P<en>\S.*)"
    r"|\b(?:it|that) should (?:say|read|be)\s+(?P<say>\S.*)|\bmake it (?:say|read)\s+(?P<make>\S.*)"
    r"|\bspell it\s+(?:as |like )?(?P<spell>\S.*)"
    r"|\btypo\b\W*(?:it'?s|it (?:is|should be|should say)|should be|correct is)?\s+(?P<typo>\S.*)"
    r"|\bi meant?\s+(?P<meant>(?!to\b|the\b|a\b|that\b)\S.*)"
    r"|(?:把它|它)?(?:改成|改为|换成|变成|写成|应该是|应该叫|不对,?是)\s*(?P<zh>\S.*)",
    re.IGNORECASE,
)
OTHERS: Final = re.compile(
    r"\b(?:visuali\w+|bars|waveform|music|songs?|clips?|videos?|shots?|photos?|pictures?|cuts?|filters?"
    r"|transitions?|film)\b"
    r"|音乐|可视化|素材|片段|镜头|画面|视频|滤镜|转场|照片"
)
MOVE: Final = re.compile(
    r"\b(?:move|shift|place|put|show|keep|make|extend|shorten|last|display|appear|start|end|stay|leave|delay"
    r"|have|let)\b"
    r"|移|放|挪|显示|延长|缩短|持续|改|出现|推迟|提前|晚|早|长|短"
)
HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def reworded(clause: Clause, context: Context, *, about_title: bool) -> Clause:
    """The clause with the words of a title that is there, old and new, in quotation marks; itself where it has none.

    It is `change Hello to Goodbye`, or `change it to …` after a title.
    """
    if clause.quotes or not context.has_titles or is_only_look(MOVE.sub(" ", clause.text)):
        return clause
    if (found := _TWO_WORDINGS.search(simplified(clause.raw))) is not None:
        names = ("old", "new") if found["old"] else ("zh_old", "zh_new")
        old, new = (clause.raw[slice(*found.span(name))] for name in names)
        if is_known(context, old) and not is_only_look(new):
            return _quoted(clause, old, new)
    if context.topic != "title" or clause.has(OTHERS) or about_title:
        return clause
    found = _NEW_WORDS.search(simplified(clause.raw))
    new = clause.raw[slice(*found.span(found.lastgroup or 0))].strip(" .'\"") if found else ""
    plain = new and not is_only_look(new) and not words.RATIO.search(new)
    return _quoted(clause, new) if plain and not _is_shape(clause) else clause


def is_known(context: Context, text: str) -> bool:
    """Whether a title on the timeline has these words."""
    wanted = " ".join(text.lower().split())
    return bool(wanted) and any(
        wanted in name_of(title, context.situation).lower() for title in context.film.segments("title")
    )


def _is_shape(clause: Clause) -> bool:
    rows = (
        *(pattern for pattern, _ in words.SHAPES),
        *(row[0] for row in words.PLATFORMS),
        *(p for p, _ in words.RESOLUTIONS),
    )
    return any(clause.has(pattern) for pattern in rows)


def _quoted(clause: Clause, *texts: str) -> Clause:
    marks = " ".join(chr(FIRST_MARK + number) for number in range(len(texts)))
    lead = "改成 " if HAN.search(clause.text) else "change to "
    return Clause(lead + marks, lead + marks, texts)
