"""Titles in a clause."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent import vocabulary as words
from nemo_notebook.engine.agent.drafting import segments_of, text_of
from nemo_notebook.engine.agent.reading import Context
from nemo_notebook.engine.agent.title_edits import AddTitle, ChangeTitle, Look, RemoveTitle, newness
from nemo_notebook.engine.agent.values import TIME, When, read_when
from nemo_notebook.engine.agent.wording import MARK, Clause

_TAIL: Final = re.compile(
    rf"\s*(?:,|\b(?:for|over|during|lasting)\s+(?:the\s+)?(?:first |last "
    rf"|whole |entire )?(?:{TIME}|video|\w+ seconds?)|\b(?:at|in|on|to) the (?:very )?"
    rf"(?:start|beginning|end|top|bottom|middle|cent(?:er|re))|\bfrom {TIME}"
    rf"|\bat {TIME}|\bthroughout\b|\bin (?:red|white|yellow|blue|green"
    rf"|black|pink|gold|orange|purple)\b"
    rf"|(?:持续|显示|放在?|出现)|,|第?\d+(?:\.\d+)?秒|[前后][一二两三四五六七八九十\d]+秒"
    rf"|[一二两三四五六七八九十]+秒|$)",
    re.IGNORECASE,
)
_SPOKEN: Final = re.compile(
    r"\b(?:title|caption|text|heading|headline)s?\s*(?:that\s+)?(?::"
    r"|says?\b|saying\b|reads?\b|reading\b|called\b|named\b|=|with the (?:text"
    r"|words?)\b|\b(?:is|to|as)\b(?!\s+(?:the|be|make|a|an|my|white"
    r"|red|small|larg|big)\b))\s*:?\s*(?P<en>\S.*)"
    r"|\btitle it\s+(?P<it>\S.*)"
    r"|(?:标题|字幕|文字|片名)(?:文字|内容)?\s*(?:叫做?|为|是|写着?|改成|改为|换成|:)+\s*(?P<zh>[^\s,。;].*)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\b(?:add|put|insert|show|use)\b.*?\b(?:title|caption|text|heading)\s+(?P<en>[A-Z0-9\u4e00-\u9fff].*)"
    r"|加(?:上|个|一个)?标题(?P<zh>[^\s,在为:叫是,。].*)"
)
_OF_SONG: Final = re.compile(
    r"\b(?:name|title) of (?:the|my|this) (?:song|track|music|video)"
    r"|\b(?:song|track|video)(?:'s)? (?:name|title)\b|歌名|歌曲名|曲名"
    r"|歌曲?的?(?:名字|标题)"
)
_MENTIONS: Final = re.compile(r"\b(?:say(?:s|ing)?|read(?:s|ing)?|write|written|show(?:ing)?|display)\b|写|显示")
_LOOSE_TITLE: Final = re.compile(r"\bit\b|它")
_MARKS: Final = re.compile(MARK)
_MOVE: Final = re.compile(
    r"\b(?:move|shift|place|put|show|keep|make|extend|shorten|last|display)\b|移|放|挪|显示|延长|缩短|持续|改"
)
_SHOULD: Final = re.compile(r"\bthe (?:title|caption|text) (?:should|must|has to|needs to)\b|标题应该")
_OTHERS: Final = re.compile(r"\b(?:visuali\w+|bars|music|song|clips?)\b|音乐|可视化")


def read_title(clause: Clause, context: Context) -> bool:
    """Adds the edits of titles that a clause asks for; whether there were any."""
    about_title = clause.has(words.TITLE)
    texts = clause.quotes or _unquoted(clause)
    if not about_title and not texts and not _continues(clause, context):
        return False
    when, look = read_when(_without_marks(clause)), read_look(clause.text)
    if not about_title and not texts and clause.has(words.REMOVE):
        context.edits.append(RemoveTitle(_newest(context)))
    elif clause.has(words.REMOVE) and (about_title or texts):
        context.edits.append(RemoveTitle(texts[0] if texts else ""))
    elif texts:
        context.edits.append(_worded(clause, context, texts, when, look))
    elif about_title and clause.has(_OF_SONG):
        context.edits.append(AddTitle("", when, look))
    elif context.has_titles and (look.is_given or when.is_given) and not _adds(clause):
        _alter(context, when, look)
    else:
        return False
    context.topic = "title"
    return True


def read_look(text: str) -> Look:
    """Position, size and colour that a clause speaks of."""
    hexadecimal = words.HEX_COLOR.search(text)
    return Look(
        next((name for name, pattern in words.POSITIONS if pattern.search(text)), None),
        next((name for name, pattern in words.SIZES if pattern.search(text)), None),
        hexadecimal[0] if hexadecimal else next((c for c, pattern in words.COLORS if pattern.search(text)), None),
    )


def _worded(clause: Clause, context: Context, texts: tuple[str, ...], when: When, look: Look) -> AddTitle | ChangeTitle:
    changes = (clause.has(words.CHANGE) or clause.has(_SHOULD)) and not _adds(clause)
    if changes and context.has_titles:
        return ChangeTitle(texts[-1], texts[0] if len(texts) > 1 else "", when, look)
    if (
        context.has_titles
        and re.search(r"\b(?:move|put|show|place)\b.*\btitle\b|移|挪", clause.text)
        and _known(context, texts[0])
    ):
        return ChangeTitle("", texts[0], when, look)
    return AddTitle(texts[0], when, look)


def _alter(context: Context, when: When, look: Look) -> None:
    """A look or a time that follows a title of this message belongs to it; else to one on the timeline."""
    added = context.last(AddTitle)
    if added is None:
        context.edits.append(ChangeTitle("", "", when, look))
        return
    mixed = Look(look.position or added.look.position, look.size or added.look.size, look.color or added.look.color)
    context.replace(added, AddTitle(added.text, when if when.is_given else added.when, mixed))


def _unquoted(clause: Clause) -> tuple[str, ...]:
    """Words of a title that stand without quotation marks."""
    if clause.has(_OF_SONG):
        return ()
    found = _SPOKEN.search(clause.raw) or _NAMED.search(clause.raw)
    if found is None:
        return ()
    said = next(group for group in found.groups() if group is not None)
    tail = _TAIL.search(said)
    text = said[: tail.start()].strip(" .:'\"") if tail else said.strip()
    return (text,) if text else ()


def _continues(clause: Clause, context: Context) -> bool:
    """Whether a clause without the word goes on about a title: `make it red`, `at the bottom`."""
    if context.topic != "title" or not context.has_titles or clause.has(_OTHERS) or clause.has(words.VOLUME):
        return False
    look = read_look(clause.text)
    removes = clause.has(words.REMOVE, _LOOSE_TITLE) and not read_when(clause.text).is_given
    return (
        removes or look.is_given or (clause.has(_LOOSE_TITLE) and read_when(clause.text).is_given and clause.has(_MOVE))
    )


def _adds(clause: Clause) -> bool:
    return re.search(r"\b(?:add|another|insert|write)\b|加(?!粗|大)|再来", clause.text) is not None


def _known(context: Context, text: str) -> bool:
    return any(text.lower() in text_of(title).lower() for title in segments_of(context.film, "title"))


def _newest(context: Context) -> str:
    titles = segments_of(context.film, "title")
    return text_of(max(titles, key=newness)) if titles else ""


def _without_marks(clause: Clause) -> str:
    """The clause's words without those of the title itself."""
    found = _SPOKEN.search(clause.raw) if not clause.quotes else None
    text = clause.text
    if found is not None:
        start = next(found.start(i) for i, group in enumerate(found.groups(), start=1) if group is not None)
        tail = _TAIL.search(clause.raw, start)
        text = text[:start] + " " + (text[tail.start() :] if tail else "")
    return _MARKS.sub(" ", text)
