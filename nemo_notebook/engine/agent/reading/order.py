"""In which order shots are seen, in a clause."""

from __future__ import annotations

import re

from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.shot_words import ARRANGEMENTS, Mention
from nemo_notebook.engine.agent.reading.stretches import has_shots
from nemo_notebook.engine.agent.wishes import CopyShots, MoveShots
from nemo_notebook.engine.agent.words import shot_verbs as verbs
from nemo_notebook.film.drafting import Part
from nemo_notebook.film.edits.shots import SortShots, Swap
from nemo_notebook.film.phrasing import say


def read_swap(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    """Adds the exchange of two shots that a text asks for; whether it asks for one. Numbers are digits."""
    if not verbs.SWAP.search(text):
        return False
    if len(found) == 2:
        context.edits.append(Swap(target=found[0].pick.target, other=found[1].pick.target))
        return True
    pair = re.search(r"\b(?:order|clips|shots|two|photos|them|both)\b|顺序|两", text)
    if pair and len(shots_shown(context)) == 2:
        context.edits.append(SortShots(by="reversed"))
        return True
    return False


def read_order(text: str, _: tuple[Mention, ...], context: Context) -> bool:
    """Adds the order of all shots that a text asks for; whether it asks for one."""
    by = next((name for name, pattern in ARRANGEMENTS if pattern.search(text)), None)
    if by is None:
        return False
    if not has_shots(context):
        en = "There are no clips or photos to order yet: upload some first."
        context.edits.append(Decline(say(context.situation.spoken, en, "还没有可以排序的视频或照片，请先上传。")))
        return True
    context.edits.append(SortShots(by=by))
    return True


def read_move(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    """Adds the moves of shots that a text asks for; whether it asks for any. Numbers are digits."""
    named = [mention for mention in found if not mention.is_loose]
    if not named or not has_shots(context):
        return False
    moves = _beside(text, named) or _as_first_or_last(text, named, context) or _to_an_end(text, named, context)
    if not moves and _adds_new(text, named, context):
        moves = [MoveShots(mention.pick, "end") for mention in named]
    context.edits.extend(moves)
    return bool(moves)


def _beside(text: str, named: list[Mention]) -> list[MoveShots]:
    """`clip1 after clip2`."""
    if len(named) < 2:
        return []
    one, other = named[0], named[1]
    between, behind = text[one.end : other.start], text[other.end :]
    if re.search(r"[在到]\s*$", text[: one.start]) and (beside := verbs.ZH_BESIDE.match(text[one.end :])):
        return [MoveShots(other.pick, "after" if "后" in beside[0] else "before", one.pick)]
    after = verbs.AFTER.search(between) or verbs.ZH_AFTER.match(behind)
    if verbs.BEFORE.search(between) or (not after and verbs.ZH_BEFORE.match(behind)):
        return [MoveShots(one.pick, "before", other.pick)]
    return [MoveShots(one.pick, "after", other.pick)] if after else []


def _as_first_or_last(text: str, named: list[Mention], context: Context) -> list[MoveShots | CopyShots]:
    """`make clip2 the first shot`, `the last shot should be clip1`."""
    if len(named) != 2:
        return []
    one, other, between = named[0].pick, named[1].pick, text[named[0].end : named[1].start]
    if other.number in (1, -1) and verbs.BECOMES.fullmatch(between):
        return [MoveShots(one, "start" if other.number == 1 else "end")]
    if one.number in (1, -1) and other.media is not None and verbs.IS_TO_BE.fullmatch(between):
        return [MoveShots(other, "start") if one.number == 1 else _to_end(other, context)]
    return []


def _to_an_end(text: str, named: list[Mention], context: Context) -> list[MoveShots | CopyShots]:
    """`start with clip2`, `move the last shot to the beginning`."""
    rest = text[: named[0].start] + " " + text[named[-1].end :]
    leads = re.match(r"\s*(?:goes |comes )?first\b|\s*(?:放?在?最?前面?|先)", text[named[0].end :])
    moves = leads or verbs.MOVE.search(rest) or re.match(r"\W*$", text[: named[0].start])
    if verbs.STARTS_WITH.search(text) or leads or (moves and verbs.TO_START.search(rest)):
        return [MoveShots(named[0].pick, "start")]
    if verbs.ENDS_WITH.search(text) or (moves and verbs.TO_END.search(rest)):
        return [_to_end(named[0].pick, context)]
    return []


def _to_end(pick: Pick, context: Context) -> MoveShots | CopyShots:
    """Shots as the last ones; a clip that is seen here and there in a film cut to music is seen at its end as well."""
    if pick.media is not None and context.film.is_cut_to_music:
        return CopyShots(pick, to="end")
    return MoveShots(pick, "end")


def _adds_new(text: str, named: list[Mention], context: Context) -> bool:
    """Whether uploads that are not on the timeline are to be added: `also use photo1`."""
    shown = {shot["m"].get("media") for shot in shots_shown(context)}
    if not shown:
        return False
    adds = re.search(r"\b(?:add|append|insert|include|also use)\b|加|插入|添", text)
    return adds is not None and all(m.pick.media is not None and m.pick.media not in shown for m in named)


def shots_shown(context: Context) -> list[Part]:
    """The shots on the timeline that can be spoken of."""
    return [s for s in context.film.segments("clip", "image") if isinstance(s.get("m"), dict)]
