"""Edits of which shots are seen, and in which order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.film import filming
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    Draft,
    editable,
    free_id,
    measure,
    media_segment,
    meta,
    to_frame,
    to_ms,
)
from nemo_notebook.film.edits.films import Recut
from nemo_notebook.film.edits.starting import applied, filmed, length_told
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.pacing import is_cut_to_music
from nemo_notebook.film.phrasing import say, stem
from nemo_notebook.film.picks import Pick, all_picked, named, picked, shot_name
from nemo_notebook.film.rows import lay_order, length_of
from nemo_notebook.film.telling import NotPossible

_MOST_COPIES: Final = 50
_SHORTEST: Final = 3  # frames
_ORDERS: Final = {"reversed": ("reverse", "倒序"), "name": ("alphabetical", "文件名"), "shuffled": ("random", "随机")}
Place = Literal["start", "end", "before", "after"]


@dataclass(frozen=True, slots=True)
class RemoveShots:
    """Takes shots out; what follows moves up. In a film cut to music, other uploads take the places of one that goes.

    Attributes:
        picks: Which shots.
        keep: Whether these are the ones that stay, and all others go.
    """

    picks: tuple[Pick, ...]
    keep: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Removes shots; see `Edit`."""
        film, before = filmed(draft, situation)
        lang, was = situation.spoken, length_of(film)
        meant = {id(shot) for shot in all_picked(film, situation, self.picks)}
        shots = filming.shots_of(film)
        gone = [shot for shot in shots if (id(shot) in meant) is not self.keep]
        stay = [shot for shot in shots if (id(shot) in meant) is self.keep]
        if not stay:
            en = 'Nothing would be left to see. Say "start over" for an empty timeline.'
            raise NotPossible(say(lang, en, "这样就没有画面了。想清空时间线请说“重新开始”。"))
        if not gone:
            raise NotPossible(say(lang, "There is nothing else to remove.", "没有别的可以去掉。"))
        names = named(film, situation, gone)
        lost = _uploads(gone) - _uploads(stay)
        if is_cut_to_music(film) and lost and len(gone) > len(self.picks):
            cut, _ = applied(film, Recut(without=tuple(sorted(lost))), situation)
            en = f"Removed {names}; the others are seen in its place."
            return cut, before + say(lang, en, f"已去掉{names}，由其他素材代替。")
        lay_order(film, situation, stay, keep_places=False)
        measure(film)
        return film, before + length_told(situation, f"Removed {names}", f"已去掉{names}", was, length_of(film))


@dataclass(frozen=True, slots=True)
class MoveShots:
    """Puts shots elsewhere in the order. An upload that is not on the timeline yet is added there.

    Attributes:
        pick: Which shots.
        to: `start`, `end`, or `before` or `after` those of `target`.
        target: Where to; only for `before` and `after`.
    """

    pick: Pick
    to: Place
    target: Pick | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Moves shots; see `Edit`."""
        film, before = filmed(draft, situation)
        was = length_of(film)
        target = [] if self.target is None else picked(film, situation, self.target)
        new = _new_shot(film, situation, self.pick)
        moved = [new] if new is not None else picked(film, situation, self.pick)
        name = shot_name(moved[0], situation) if new is not None else named(film, situation, moved)
        if self.to == "start" and len(moved) > 1 and is_cut_to_music(film):
            cut, _ = applied(
                film, Recut(first=tuple(dict.fromkeys(str(meta(shot).get("media")) for shot in moved))), situation
            )
            first = shot_name(moved[0], situation)
            en = f"Cut again with {first} first: {len(filming.shots_of(editable(cut)))} shots."
            zh = f"已重新剪辑，以 {first} 开头：{len(filming.shots_of(editable(cut)))} 个镜头。"
            return cut, before + say(situation.spoken, en, zh)
        rest = [shot for shot in filming.shots_of(film) if all(shot is not other for other in (*moved, *target))]
        order = _put(rest, moved, target, self.to, filming.shots_of(film))
        lay_order(film, situation, order, keep_places=is_cut_to_music(film) and new is None)
        measure(film)
        where = {"start": ("the start", "开头"), "end": ("the end", "结尾")}.get(self.to)
        if where is None:
            beside = shot_name(target[0], situation) if target else ""
            where = (f"a place {self.to} {beside}", f"{beside} {'之前' if self.to == 'before' else '之后'}")
        en = f"{'Added' if new is not None else 'Moved'} {name} {'at' if new is not None else 'to'} {where[0]}"
        zh = f"已把{name}{'加' if new is not None else '移'}到{where[1]}"
        return film, before + length_told(situation, en, zh, was, length_of(film))


@dataclass(frozen=True, slots=True)
class SwapShots:
    """Lets two shots, or all shots of two uploads, change places."""

    one: Pick
    other: Pick

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Swaps shots; see `Edit`."""
        film, before = filmed(draft, situation)
        lang = situation.spoken
        ones, others = picked(film, situation, self.one), picked(film, situation, self.other)
        if any(shot is other for shot in ones for other in others):
            en = "These are the same shot: which two shall change places?"
            raise NotPossible(say(lang, en, "这是同一个镜头：要调换哪两个？"))
        en = f"Swapped {named(film, situation, ones)} and {named(film, situation, others)}."
        zh = f"已调换{named(film, situation, ones)}与{named(film, situation, others)}。"
        order = _swapped(filming.shots_of(film), ones, others)
        lay_order(film, situation, order, keep_places=is_cut_to_music(film))
        return measure(film), before + say(lang, en, zh)


@dataclass(frozen=True, slots=True)
class OrderShots:
    """Another order of all shots: backwards, by file name, or shuffled."""

    by: Literal["reversed", "name", "shuffled"]

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Orders the shots; see `Edit`."""
        film, before = filmed(draft, situation)
        lang, shots = situation.spoken, filming.shots_of(film)
        if len(shots) < 2:
            raise NotPossible(say(lang, "There is only one shot to order.", "只有一个镜头，无需排序。"))
        order = list(reversed(shots)) if self.by == "reversed" else list(shots)
        if self.by == "name":
            order.sort(key=lambda shot: shot_name(shot, situation).lower())
        elif self.by == "shuffled":
            seed = meta(film).get("seed")
            seed = (seed if isinstance(seed, int) else situation.seed) + 1
            meta(film)["seed"] = seed
            random.Random(seed).shuffle(order)  # noqa: S311 - an order of shots is no secret
            order = order if any(a is not b for a, b in zip(order, shots, strict=True)) else [*order[1:], order[0]]
        lay_order(film, situation, order, keep_places=is_cut_to_music(film))
        measure(film)
        names = [shot_name(shot, situation) for shot in order[:4]]
        more = " …" if len(order) > len(names) else ""
        en = f"The {len(order)} shots are in {_ORDERS[self.by][0]} order now: {', '.join(names)}{more}."
        zh = f"{len(order)} 个镜头已按{_ORDERS[self.by][1]}排列：{'、'.join(names)}{more}。"
        return film, before + say(lang, en, zh)


@dataclass(frozen=True, slots=True)
class ReplaceShots:
    """Shows another upload in place of shots, as long as they were."""

    pick: Pick
    media: str

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Replaces shots; see `Edit`."""
        film, before = filmed(draft, situation)
        lang, was = situation.spoken, length_of(film)
        old = picked(film, situation, self.pick)
        item = next((item for item in situation.media if item.id == self.media), None)
        if item is None or item.kind == "audio":
            raise NotPossible(say(lang, "I do not have that clip or photo.", "没有这个素材。"))
        names = named(film, situation, old)
        whole = to_frame(item.duration_ms)
        keeps = is_cut_to_music(film) or item.kind == "image" or all(to_frame(shot["d"]) <= whole for shot in old)
        order = [_as(film, item, shot) if any(shot is o for o in old) else shot for shot in filming.shots_of(film)]
        if not keeps:
            for shot in order:
                if meta(shot).get("media") == item.id:
                    shot["d"] = min(shot["d"], to_ms(whole))
        lay_order(film, situation, order, keep_places=keeps)
        measure(film)
        name = stem(item.filename)
        en, zh = f"{name} is seen in place of {names}", f"已用 {name} 代替{names}"
        return film, before + length_told(situation, en, zh, was, length_of(film))


@dataclass(frozen=True, slots=True)
class CopyShots:
    """Shows a shot several times, one after another, or once more elsewhere.

    Attributes:
        pick: Which shots.
        times: How often they are seen then.
        to: Where they are seen once more: `start`, `end`, `before` or `after` those of `target`; None for beside them.
        target: Where to; only for `before` and `after`.
    """

    pick: Pick
    times: int = 2
    to: Place | None = None
    target: Pick | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Copies shots; see `Edit`."""
        film, before = filmed(draft, situation)
        if self.to is not None:
            return self._elsewhere(film, situation, before, self.to)
        was, times = length_of(film), min(max(self.times, 2), _MOST_COPIES)
        shots = picked(film, situation, self.pick)
        names = named(film, situation, shots)
        order: list[Draft] = []
        for shot in filming.shots_of(film):
            again = times - 1 if any(shot is other for other in shots) else 0
            order += [shot, *(_copy(film, shot, number) for number in range(again))]
        lay_order(film, situation, order, keep_places=False)
        measure(film)
        en, zh = f"{names} {_is(shots)} seen {times} times now", f"{names}现在出现 {times} 次"
        return film, before + length_told(situation, en, zh, was, length_of(film))

    def _elsewhere(self, film: Draft, situation: Situation, before: str, to: Place) -> tuple[Json, str]:
        """Once more at another place; a film that is cut to music keeps its length."""
        shots = picked(film, situation, self.pick)
        media, seen = meta(shots[0]).get("media"), filming.shots_of(film)
        if is_cut_to_music(film) and to in ("start", "end") and isinstance(media, str):
            last = seen[-1 if to == "end" else 0]
            if meta(last).get("media") == media:
                name = shot_name(last, situation)
                en = f"{name} is seen at the {to} already."
                raise NotPossible(say(situation.spoken, en, f"{'结尾' if to == 'end' else '开头'}已经是 {name}。"))
            return ReplaceShots(Pick(number=-1 if to == "end" else 1), media).apply(film, situation)
        was = length_of(film)
        target = [] if self.target is None else picked(film, situation, self.target)
        copies = [_copy(film, shot, 0) for shot in (shots if len(shots) < len(seen) else shots[:1])]
        order = _put([shot for shot in seen if all(shot is not t for t in target)], copies, target, to, seen)
        name = named(film, situation, shots)
        lay_order(film, situation, order, keep_places=False)
        measure(film)
        where = {"start": ("at the start", "开头"), "end": ("at the end", "结尾")}
        beside = shot_name(target[0], situation) if target else ""
        en, zh = where.get(to, (f"{to} {beside}", f"{beside} {'之前' if to == 'before' else '之后'}"))
        en, zh = f"{name} {_is(shots)} seen once more {en}", f"{name}在{zh}再出现一次"
        return film, before + length_told(situation, en, zh, was, length_of(film))


def _is(shots: Sequence[Draft]) -> str:
    return "is" if len(shots) == 1 else "are"


def _uploads(shots: Sequence[Draft]) -> set[str]:
    return {media for shot in shots if isinstance(media := meta(shot).get("media"), str)}


def _new_shot(film: Draft, situation: Situation, pick: Pick) -> Draft | None:
    """A shot of an upload that is not on the timeline yet; None for what is."""
    item = next((i for i in situation.media if i.id == pick.media and i.kind != "audio"), None)
    if item is None or any(meta(shot).get("media") == item.id for shot in filming.shots_of(film)):
        return None
    frames = filming.IMAGE_FRAMES if item.kind == "image" else max(_SHORTEST, to_frame(item.duration_ms))
    return _segment(film, item, frames)


def _segment(film: Draft, item: MediaItem, frames: int) -> Draft:
    segment = media_segment(item, 1, 0, frames, 0)
    segment["id"] = free_id(film, str(meta(segment)["role"]))
    if item.kind == "image":
        meta(segment)["zoom"] = filming.ZOOM_IN
    elif item.has_audio:
        heard = [shot["v"] for shot in filming.shots_of(film) if "v" in shot]
        segment["v"] = max(heard, default=0.0 if is_cut_to_music(film) else 1.0)
    return segment


def _copy(film: Draft, shot: Draft, number: int) -> Draft:
    again = deepcopy(shot)
    again["id"] = free_id(film, f"{shot.get('id', 'shot')}-{number + 2}")
    return again


def _as(film: Draft, item: MediaItem, shot: Draft) -> Draft:
    """A shot of another upload, with the place and the look of this one."""
    new = _segment(film, item, to_frame(shot["d"]))
    new["id"], new["s"], new["d"] = shot.get("id", new["id"]), shot["s"], shot["d"]
    for key in ("fit", "filter", "adjust", "transition"):
        if key in meta(shot):
            meta(new)[key] = deepcopy(meta(shot)[key])
    return new


def _put(rest: list[Draft], moved: list[Draft], target: list[Draft], to: Place, shots: Sequence[Draft]) -> list[Draft]:
    if to == "start":
        return [*moved, *rest]
    if to == "end" or not target:
        return [*rest, *moved]
    edge = target[0] if to == "before" else target[-1]
    kept = [shot for shot in shots if all(shot is not other for other in moved)]
    at = next((i for i, shot in enumerate(kept) if shot is edge), len(kept) - 1) + (to == "after")
    return [*kept[:at], *moved, *kept[at:]]


def _swapped(shots: Sequence[Draft], ones: Sequence[Draft], others: Sequence[Draft]) -> list[Draft]:
    """The order in which two groups have changed places; of unequal groups, the longer one's rest follows its last."""
    pairs = {id(a): b for a, b in zip(ones, others, strict=False)} | {
        id(b): a for a, b in zip(ones, others, strict=False)
    }
    return [pairs.get(id(shot), shot) for shot in shots]
