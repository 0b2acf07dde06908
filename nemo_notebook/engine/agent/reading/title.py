"""Titles in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.picks import When
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.rewording import MOVE, is_known, reworded
from nemo_notebook.engine.agent.reading.title_goes_on import SHIFT, goes_on_about_title, lasts_by_ms, place_after
from nemo_notebook.engine.agent.reading.title_list import ADDS, MANY, titles_in, usual_over
from nemo_notebook.engine.agent.reading.title_times import (
    LAST_TITLE,
    MARKS,
    NUMBERED,
    time_in,
    without_number,
)
from nemo_notebook.engine.agent.reading.title_words import read_look
from nemo_notebook.engine.agent.wishes import (
    ALL_TITLES,
    NEWEST,
    AddTitle,
    ChangeTitle,
    CopyTitle,
    MakeVideo,
    Says,
    Which,
)
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, with_digits
from nemo_notebook.engine.agent.words.wording import FIRST_MARK, MARK, Clause
from nemo_notebook.film.edits.parts import Remove

_MOST_TITLES: Final = 40  # of one sentence
_MENTIONS: Final = re.compile(
    r"\b(?:sa(?:y|ys|ying)|read(?:s|ing)?|write|written|show(?:s|ing)?|display(?:s|ing)?|put|add|overlay|flash|type)\b"
    r"|写|显示|加|放|打"
)
_IN_PLACE: Final = re.compile(
    rf"(?P<new>{MARK})\W*(?:instead of|rather than|in place of|(?:and )?not|而不是|,?不是|代替)\W*{MARK}"
    rf"|(?:instead of|rather than|not)\s*{MARK}\W*(?:but|use|show|write)?\s*{MARK}|不是\s*{MARK}\s*,?(?:而)?是\s*{MARK}"
)
_SHOULD: Final = re.compile(
    r"\b(?:the|my) (?:title|caption|text)s? (?:should|must|has to|needs to|now)\b|标题应该|它应该"
)
_CORRECTS: Final = re.compile(  # of the title that was just set
    rf"\b(?:i meant?|i wanted|typo|misspel\w+|spell\w*|it'?s|it (?:should|must|is)|that should|instead)\b.*{MARK}"
    rf"|(?:应该|应当|打错|写错|不是|^\W*[是叫]|我说的是|要的是).*{MARK}"
)
_COPIES: Final = re.compile(
    r"\b(?:duplicate|copy|clone|repeat)\b|\balso (?:at|in|near) the (?:very )?(?:start|beginning|middle|end)\b"
    r"|(?:开头|片头|结尾|片尾|最后)也(?:要|加|放|显示|来)|复制|(?:标题|文字|字幕).*(?:再(?:出现|显示|放|来)一[次遍])"
)
_GONE_AT: Final = re.compile(
    r"\b(?:and )?(?:then )?(?:take|remove|hide|delete)s? (?:it|them|that)"
    r"(?: (?:off|away|down|out))?(?: again)? at (?:second )?"
    r"(\d{1,4}(?:\.\d)?)(?![\d:.])\s*(?:s\b|secs?\b|seconds?\b)?|(?:然后|再)?在?第?(\d{1,4})秒(?:时|的时候)?(?:消失|去掉|隐藏)"
)
_GONE_AFTER: Final = re.compile(rf"\b(?:after|at|from)\s+({TIME})|({TIME})(?:之?后|时)")
_WITHOUT: Final = re.compile(
    r"\b(?:with(?:out| no)|no) (?:an? |any )?(?:\w+ )?(?:animations?|effects?|fad\w+|box|background|outline|border)\b"
    r"|(?:不要|无|没有)(?:动画|背景|底框|描边|边框|特效)"
)
_ORDER: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "opening": 1, "一": 1, "二": 2, "三": 3, "四": 4}
_TO_TIME: Final = re.compile(
    rf"\b(?P<en>move|shift|put|place|push|set)\b(?P<what>[^,]*?)\bto (?=(?:the )?{TIME})"
    rf"|(?P<zh>[移挪放])到第?(?={TIME})"
)
_LATER: Final = re.compile(r"later|delay|postpone|后再?$|推迟|延后|晚|往后")
_EARLIER: Final = re.compile(r"earlier|sooner|advance|提前|早|往前")
_LONGER: Final = re.compile(r"longer|extend|lengthen|prolong|延长|多显示")
_ARTIST: Final = re.compile(r"\bartist|歌手|艺术家|艺人")
_FILE: Final = re.compile(r"\bfile ?name\b|文件名")
_TO_MARK: Final = re.compile(rf"(?:\b(?:to|into|be|say|says|reads?)|[成为叫])\s*{MARK}")
_ALTERS: Final = re.compile(rf"{words.CHANGE.pattern}|{MOVE.pattern}")
_WITH_NAME: Final = re.compile(r"\b(?:with|and|plus|including)\b.*\b(?:name|title|artist)\b|[和带].*(?:歌名|歌手)")
_WANTED: Final = re.compile(r"\b(?:want|need|would like)\b|\b(?:title|caption|text)\s*:|(?:标题|字幕|文字)\s*[:是为]")
_STATED: Final = re.compile(r"\bas (?:an? |the )?(?:title|caption|text)s?\b|作为标题|当标题|做标题")


def read_title(clause: Clause, context: Context) -> bool:
    """Adds the edits of titles that a clause asks for; whether there were any."""
    about_title = clause.has(words.TITLE)
    clause = _until_gone(replace(clause, quotes=clause.quotes[:_MOST_TITLES]))
    clause = reworded(clause, context, about_title=about_title)
    clause = _with_words_in_place(clause, context)
    texts = clause.quotes
    if texts and not about_title and not _worthy(clause, context):
        return False
    named = any(clause.has(pattern) for pattern in (_MENTIONS, _WITH_NAME, _WANTED)) or _places_name(clause, context)
    of_song = clause.has(words.OF_SONG) and named and not texts and not clause.has(words.MUSIC)
    if not about_title and not texts and not of_song and not goes_on_about_title(clause, context):
        return False
    read = _read_copy(clause, context) or _read_removal(clause, context, about_title=about_title)
    read = read or (_read_words(clause, context) if texts else _read_change(clause, context, about_title=about_title))
    if read:
        context.topic = "title"
    return read


def _places_name(clause: Clause, context: Context) -> bool:
    """Whether a clause says where a name stands that is not there yet: `the name of the song at the top`."""
    return clause.has(words.OF_SONG) and not context.has_titles and read_look(clause.text).position is not None


def _with_words_in_place(clause: Clause, context: Context) -> Clause:
    """`"Night" instead of "Noon"`, as a change of the title that says the one, or else as the other alone."""
    found = _IN_PLACE.search(clause.text)
    if found is None or len(clause.quotes) != 2:
        return clause
    new, old = clause.quotes if found["new"] else clause.quotes[::-1]
    marks = [chr(FIRST_MARK + number) for number in range(2)]
    if is_known(context, old):
        text = f"change the title {marks[0]} to {marks[1]}"
        return Clause(text, text, (old, new))
    text = _IN_PLACE.sub(f" {marks[0]} ", clause.text)
    return Clause(text, text, (new,))


def _until_gone(clause: Clause) -> Clause:
    """`show "Hi" at 2 s and take it off at 6`, as until then."""
    if not clause.quotes:
        return clause
    text = _GONE_AT.sub(lambda found: f" until {found[1] or found[2]}s ", with_digits(clause.text))
    return clause if text == with_digits(clause.text) else replace(clause, text=text, raw=text)


def _worthy(clause: Clause, context: Context) -> bool:
    """Whether quoted words without the word `title` are one: not a file's name in quotation marks."""
    files = {item.filename.lower() for item in context.situation.media}
    files |= {name.rpartition(".")[0] for name in files}
    return not all(quote.lower() in files for quote in clause.quotes) or clause.has(_MENTIONS)


def _read_copy(clause: Clause, context: Context) -> bool:
    if not clause.has(_COPIES) or not context.film.segments("title"):
        return False
    which = _which(clause, clause.quotes[0] if clause.quotes else "")
    when = time_in(re.sub(rf"\bto (?=(?:the )?{TIME})", "at ", with_digits(clause.text)))
    context.edits.append(CopyTitle(which if which != ALL_TITLES else NEWEST, when))
    return True


def _read_removal(clause: Clause, context: Context, *, about_title: bool) -> bool:
    made = context.last(MakeVideo) is not None
    if not words.REMOVE.search(_WITHOUT.sub(" ", clause.text)) or (
        made and not clause.quotes and not context.has_titles
    ):
        return False
    look = read_look(clause.text)
    if (look.style == "plain" or look.animate_in == "none") and not clause.quotes:
        return False  # `without a box` takes a box away, no title
    if not about_title and not clause.quotes:
        context.edits.append(Remove(target=NEWEST.target))
        return True
    if not clause.quotes and context.last(AddTitle) is None and (gone := _GONE_AFTER.search(with_digits(clause.text))):
        end_ms = milliseconds(gone[1] or gone[2])
        context.edits.append(
            ChangeTitle("", _which(clause, "") if clause.has(NUMBERED) else NEWEST, When(end_ms=end_ms))
        )
        return True
    for text in clause.quotes or ("",):
        context.edits.append(Remove(target=_which(clause, text).target))
    return True


def _read_words(clause: Clause, context: Context) -> bool:
    texts = clause.quotes
    when, look = time_in(clause.text), usual_over(clause, read_look(MARKS.sub(" ", clause.text)))
    corrects = context.topic == "title" and clause.has(_CORRECTS)
    changes = (clause.has(words.CHANGE) or clause.has(_SHOULD) or corrects) and not clause.has(ADDS)
    known = context.has_titles and is_known(context, texts[0]) and not clause.has(ADDS)
    if known and len(texts) == 1 and not clause.has(_TO_MARK) and clause.has(_ALTERS):
        context.edits.append(_moved(clause, _which(clause, texts[0])))
    elif changes and context.has_titles:
        which = _which(clause, texts[0] if len(texts) > 1 else "")
        asked = read_look(MARKS.sub(" ", clause.text))
        context.edits.append(ChangeTitle(texts[-1], which if which != ALL_TITLES else NEWEST, when, asked))
    elif clause.has(words.LOWER_THIRD) and len(texts) > 1:
        context.edits.append(AddTitle("\n".join(texts[:2]), when, look))
    else:
        context.edits.extend(titles_in(clause, context))
    return True


def _read_change(clause: Clause, context: Context, *, about_title: bool) -> bool:
    when, look = time_in(clause.text), read_look(clause.text)
    if clause.has(words.OF_SONG) and (
        clause.has(_MENTIONS)
        or clause.has(_WITH_NAME)
        or clause.has(words.USE)
        or clause.has(_STATED)
        or clause.has(_WANTED)
        or _places_name(clause, context)
    ):
        context.edits.append(AddTitle("", when, usual_over(clause, look), _says(clause)))
        return True
    added = context.last(AddTitle)
    place = place_after(clause, context)
    if place is not None and look.position is None:
        look = replace(look, position=place)
    lasts_ms = lasts_by_ms(clause, about_title=about_title)
    given = look.is_given or when.is_given or clause.has(SHIFT) or lasts_ms != 0
    if not context.has_titles or not given or (about_title and clause.has(ADDS) and added is None):
        return False
    if added is not None and not clause.has(SHIFT):
        context.replace(added, replace(added, when=when if when.is_given else added.when, look=look.over(added.look)))
        return True
    which = _which(clause, "")
    if which == ALL_TITLES and not clause.has(MANY):
        which = NEWEST
    if place is not None or lasts_ms:
        context.edits.append(ChangeTitle("", which, look=look, longer_ms=lasts_ms))
    else:
        context.edits.append(_moved(clause, which))
    return True


def _moved(clause: Clause, which: Which) -> ChangeTitle:
    text = with_digits(MARKS.sub(" ", clause.text))
    shift = SHIFT.search(text)
    if shift is None:
        when = time_in(_TO_TIME.sub(_at, text))
        return ChangeTitle("", which, when, read_look(without_number(text)))
    by_ms = milliseconds(next(group for group in shift.groups() if group))
    rest = read_look(without_number(text[: shift.start()] + " " + text[shift.end() :]))
    if _LATER.search(shift[0]):
        return ChangeTitle("", which, look=rest, later_ms=by_ms)
    if _EARLIER.search(shift[0]):
        return ChangeTitle("", which, look=rest, later_ms=-by_ms)
    return ChangeTitle("", which, look=rest, longer_ms=by_ms if _LONGER.search(shift[0]) else -by_ms)


def _at(found: re.Match[str]) -> str:
    """`move it to` before a time, as `at` it."""
    return f"{found['zh']}第" if found["zh"] else f"{found['en']}{found['what']}at "


def _which(clause: Clause, text: str) -> Which:
    if text:
        return Which(text)
    if clause.has(LAST_TITLE):
        return Which(number=-1)
    if found := NUMBERED.search(clause.text):
        said = next(group for group in found.groups() if group)
        return Which(number=_ORDER.get(said) or int(said[0]))
    return ALL_TITLES


def _says(clause: Clause) -> Says:
    if clause.has(_FILE):
        return "file"
    if clause.has(_ARTIST):
        named = _STATED.sub(" ", clause.text)
        return (
            "name and artist"
            if re.search(r"\b(?:name|title|song)s?\b.*\b(?:and|&|,)|歌名|曲名|[和与、]", named)
            else "artist"
        )
    return "name"
