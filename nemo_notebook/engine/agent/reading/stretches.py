"""How long shots are, and where they are split, in a clause."""

from __future__ import annotations

import re
from typing import Literal

from nemo_notebook.engine.agent.picks import ALL, Pick
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.pace import photo_ms
from nemo_notebook.engine.agent.reading.shot_words import Mention
from nemo_notebook.engine.agent.wishes import MakeVideo, SplitShot, TrimShots
from nemo_notebook.engine.agent.words import shot_verbs as verbs
from nemo_notebook.engine.agent.words.values import TIME, count_of, milliseconds, read_when
from nemo_notebook.film.drafting import PICTURES

_MOST_PARTS = 60
_STARTS = ("start", "beginning", "front", "head", "first", "opening", "前", "开头", "最前", "起始", "片头")


def read_split(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    """Adds the split that a text asks for; whether it asks for one. Numbers are digits."""
    cut = verbs.CUT_AT.search(text)
    if cut:
        context.edits.append(SplitShot(milliseconds(cut[1] or cut[2]), _one(found)))
        return True
    if not verbs.SPLIT.search(text):
        return False
    time = re.search(TIME, text)
    if (
        verbs.SCENES.search(text)
        and not time
        and re.search(r"\b(?:into|at|by|its|each|every)\b|按|分成|拆成|根据|场景", text)
    ):
        context.edits.append(SplitShot(None, _one(found), into_scenes=True))
    elif time:
        context.edits.append(SplitShot(milliseconds(time[0]), _one(found)))
    elif parts := verbs.EQUAL_PARTS.search(text):
        count = count_of(next(filter(None, parts.groups())))
        context.edits.append(SplitShot(None, _one(found), parts=min(max(count, 2), _MOST_PARTS)))
    elif verbs.HALVES.search(text) or found:
        context.edits.append(SplitShot(None, _one(found)))
    else:
        return False
    return True


def read_lengths(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    """Adds the lengths of shots that a text asks for; whether it asks for any. Numbers are digits."""
    if not has_shots(context) and not any(mention.pick.media for mention in found):
        return False
    if (each_ms := photo_ms(text)) is not None:
        context.edits.append(TrimShots(Pick("photo"), "to", each_ms))
        return True
    if verbs.ALIKE.search(text) and (shots := context.film.shots):
        context.edits.append(TrimShots(ALL, "to", min(shot["d"] for shot in shots)))
        return True
    if (each := verbs.EACH_ALONE.fullmatch(text)) and has_shots(context):
        context.edits.append(TrimShots(ALL, "to", milliseconds(each[1] or each[2])))
        return True
    mention = next((mention for mention in found if not mention.is_loose), None)
    if mention is None or not re.search(TIME, text[: mention.start] + " " + text[mention.end :]):
        return False
    rest = text[: mention.start] + " " + text[mention.end :]
    pick, when, off = mention.pick, read_when(rest), verbs.OFF.search(text)
    if when.start_ms is not None and when.end_ms is not None:
        if verbs.REMOVE.search(text) or verbs.CUTS_OUT.search(text):
            return False
        context.edits.append(TrimShots(pick, "only", when.start_ms, when.end_ms))
    elif (
        (side := verbs.SIDE_OF.search(text[: mention.start])) and verbs.CUTS_OFF.search(text) and verbs.BY.search(rest)
    ):
        context.edits.append(TrimShots(pick, "start" if side[1] in _STARTS else "end", milliseconds(_time_in(rest))))
    elif off is None and verbs.OFF_IT.search(text[: mention.start]) and verbs.CUTS_OFF.search(text):
        context.edits.append(TrimShots(pick, "end", milliseconds(_time_in(rest))))
    elif off is not None and _keeps(text, off, mention):
        kept = milliseconds(_time_in(off[0]))
        context.edits.append(TrimShots(pick, "last" if _side(off) == "end" else "to", kept))
    elif off is not None and verbs.CUTS_OFF.search(text):
        context.edits.append(TrimShots(pick, _side(off), milliseconds(_time_in(off[0]))))
    elif by := verbs.BY_LENGTH.search(rest):
        ms = milliseconds(next(filter(None, (by["by"], by[3], by["zby"], by["zlen"]))))
        shorter = by["than"] == "shorter" or by["verb"] == "shorten" or by["zh"] == "缩短" or by["zthan"] == "短"
        context.edits.append(TrimShots(pick, "by", -ms if shorter else ms))
    elif (to := verbs.TO_LENGTH.search(rest)) and verbs.SETS_LENGTH.search(text):
        context.edits.append(TrimShots(pick, "to", milliseconds(next(filter(None, to.groups())))))
    else:
        return False
    return True


def _keeps(text: str, off: re.Match[str], mention: Mention) -> bool:
    """Whether it is the time at the end or start of a shot that stays: `take the last 2 seconds of clip2`."""
    if not (off["first"] or off["zh"]):
        return False
    beside = verbs.PART_OF.search(text[: mention.start]) or verbs.PART_BEHIND.match(text[mention.end :])
    return verbs.KEEP.search(text) is not None or (beside is not None and verbs.GOES.search(text) is None)


def _side(off: re.Match[str]) -> Literal["start", "end"]:
    word = off["en"] or off["first"] or off["zh"] or ""
    return "start" if word in _STARTS else "end"


def _time_in(text: str) -> str:
    found = re.search(TIME, text)
    return found[0] if found else "0s"


def _one(found: tuple[Mention, ...]) -> Pick | None:
    """The shots that are named, or None for whichever is seen at the time."""
    return next((mention.pick for mention in found if not mention.is_loose and mention.pick != ALL), None)


def has_shots(context: Context) -> bool:
    """Whether there are shots to speak of: on the timeline, in this message, or made from what is uploaded."""
    pictures = any(item.kind != "audio" for item in context.situation.media)
    return pictures or bool(context.film.segments(*PICTURES)) or context.last(MakeVideo) is not None
