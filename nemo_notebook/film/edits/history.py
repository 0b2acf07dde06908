"""Edits that go back and forth: one step, several, to the first version, to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from nemo_notebook.film.diff import compare
from nemo_notebook.film.draft import KINDS, Json, read_tracks
from nemo_notebook.film.drafting import canvas_of, editable, end_ms
from nemo_notebook.film.filming import shots_of
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.telling import NotPossible

_TOLD: Final = 2  # changes that are told; of more only their number


@dataclass(frozen=True, slots=True)
class Undo:
    """Goes back to an earlier draft.

    Attributes:
        steps: How many changes are taken back; 0 for all but the first version.
    """

    steps: int = 1

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """The draft before; see `Edit`."""
        lang = situation.spoken
        behind = [*islice(_behind(draft, situation), self.steps or None)]
        if not behind or (self.steps == 0 and behind[-1] == draft):
            raise NotPossible(say(lang, "There is nothing to undo.", "没有可以撤销的修改。"))
        if self.steps == 0 and len(behind) > 1 and not behind[-1]:
            behind.pop()  # the first version is not the empty timeline before it
        before, steps = behind[-1], len(behind)
        told = undone(before, draft, situation)
        times = say(lang, f" {steps} changes", f" {steps} 步") if steps > 1 else ""
        return before, say(lang, f"Undid{times}: {told}", f"已撤销{times}：{told}")


@dataclass(frozen=True, slots=True)
class Redo:
    """Makes changes that were taken back once more.

    Attributes:
        steps: How many of them; 0 for all.
    """

    steps: int = 1

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """The draft that was gone back from; see `Edit`."""
        lang = situation.spoken
        ahead = [*islice(_ahead(draft, situation), self.steps or None)]
        if not ahead:
            raise NotPossible(say(lang, "There is nothing to redo: no change was undone.", "没有可以重做的修改。"))
        after, steps = ahead[-1], len(ahead)
        told = _told(draft, after, situation, (draft, after)) or say(lang, "the look of the video.", "画面的样子。")
        times = say(lang, f" {steps} changes", f" {steps} 步") if steps > 1 else ""
        return after, say(lang, f"Redid{times}: {told}", f"已重做{times}：{told}")


@dataclass(frozen=True, slots=True)
class StartOver:
    """Empties the timeline; what is uploaded stays."""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """An empty draft; see `Edit`."""
        lang = situation.spoken
        if end_ms(editable(draft)) == 0:
            raise NotPossible(say(lang, "The timeline is empty already.", "时间线已经是空的。"))
        en = 'The timeline is empty again; your uploads are still here. Say "undo" to have it back.'
        return _emptied(draft), say(lang, en, "已清空时间线，上传的素材都还在。说“撤销”可以恢复。")


def undone(before: Json, after: Json, situation: Situation) -> str:
    """What is different after a change that is taken back, in words."""
    lang = situation.spoken
    if end_ms(editable(before)) == 0:
        return say(lang, "the timeline is empty again.", "时间线恢复为空。")
    en, zh = "the look of the video is as it was before.", "画面恢复到上一步。"
    return _told(before, after, situation, (after, before)) or say(lang, en, zh)


def last_change(situation: Situation) -> str:
    """What the last change of the draft did, in words; empty where there was none that can be told."""
    if not situation.earlier or not situation.draft:
        return ""
    before, now = situation.earlier[-1], situation.draft
    return _told(before, now, situation, (before, now))


def _told(before: Json, after: Json, situation: Situation, way: tuple[Json, Json]) -> str:
    """What a change did, in words; empty where only the look is different.

    Args:
        before: The draft without it.
        after: The draft with it.
        situation: Tells the language.
        way: From which of them to which it goes now.
    """
    lang = situation.spoken
    compared = compare(read_tracks(before), read_tracks(after), lang)
    changes = [change.words(lang) for change in compared if change.kind != "video"]
    pictures = [change.words(lang) for change in compared if change.kind == "video"]
    if len(pictures) > _TOLD:
        was, now = (len(shots_of(editable(state))) for state in way)
        count = f"{now}" if was == now else f"{was} → {now}"
        pictures = [say(lang, f"the cut ({count} shots)", f"剪辑（{count} 个镜头）")]
    changes = [*pictures, *changes]
    old, new = canvas_of(editable(before)), canvas_of(editable(after))
    if old != new:
        changes.append(f"{old[0]} × {old[1]} → {new[0]} × {new[1]}")
    if not changes:
        return ""
    rest = len(changes) - _TOLD
    more = say(lang, f"; and {rest} more", f"；另有 {rest} 处") if rest > 0 else ""
    return say(lang, "; ", "；").join(change.rstrip(".。") for change in changes[:_TOLD]) + more + say(lang, ".", "。")


def _behind(draft: Json, situation: Situation) -> Iterator[Json]:
    """The drafts before this one, the newest first, without repeats in a row; at last the empty timeline."""
    begins_empty = not draft or (situation.earlier and not situation.earlier[0])
    first: list[Json] = [] if begins_empty else [_emptied(draft)]
    return _without_repeats(draft, chain(reversed(situation.earlier), first))


def _ahead(draft: Json, situation: Situation) -> Iterator[Json]:
    """The drafts after this one, which an edit of the same message may have gone to."""
    if draft == situation.draft:
        return _without_repeats(draft, situation.later)
    line, here = (*situation.earlier, situation.draft, *situation.later), len(situation.earlier)
    same = (at for at, state in enumerate(line) if state == draft)
    at = min(same, key=lambda at: abs(at - here), default=len(line))
    return _without_repeats(draft, line[at + 1 :])


def _without_repeats(before: Json | None, drafts: Iterable[Json]) -> Iterator[Json]:
    """The drafts that differ from the one before them."""
    for draft in drafts:
        if draft != before:
            yield draft
        before = draft


def _emptied(draft: Json) -> Json:
    """A draft without what is seen and heard; what is not known here is kept."""
    film = editable(draft)
    rest = {key: value for key, value in film.items() if key not in ("t", "d", "m")}
    unknown = [track for track in film["t"] if track.get("tt", track.get("type")) not in [*KINDS]]
    return {**rest, "t": unknown} if unknown else rest
