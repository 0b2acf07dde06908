"""Edits of how pictures follow one another: transitions at cuts, and fades from and to black."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.choices import TransitionKind as Kind
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    end_ms,
    end_of,
    measure,
    meta,
    on_frame,
    picture_end_ms,
    segments_of,
    start_of,
)
from nemo_notebook.film.dressing import LONGEST_SHARE, join_ms
from nemo_notebook.film.edits.starting import film_to_change
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import clock, counted, say, seconds
from nemo_notebook.film.picks import Pick, picked, shot_name
from nemo_notebook.film.songs import drop_on_timeline_ms
from nemo_notebook.film.telling import NotPossible

KIND_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "dissolve": ("dissolve", "叠化"),
    "black": ("dip to black", "闪黑"),
    "white": ("white flash", "闪白"),
    "slide": ("slide", "滑动"),
    "push": ("push", "推移"),
    "wipe": ("wipe", "擦除"),
    "zoom": ("zoom", "缩放"),
    "circle": ("circle", "圆形"),
}
_USUAL_MS: Final = 500
_FLASH_MS: Final = 200
_USUAL_SHARE: Final = 1 / 3  # of the shorter neighbour, for a transition of the usual length
_LONGEST_FADE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class SetTransition:
    """Transitions at cuts.

    Attributes:
        kind: A key of `KIND_NAMES`; None for hard cuts.
        length_ms: Length in milliseconds, or None for the usual one.
        before: Shots that the transition leads out of; none for any.
        after: Shots that the transition leads into; none for any.
        cut: Number of the cut, from 1, −1 the last; None for all that the shots leave.
        at_ms: The cut nearest to this time on the timeline.
        at_drop: Whether the cut nearest to the song's first drop is meant; every cut where none is heard.
    """

    kind: Kind | None = "dissolve"
    length_ms: int | None = None
    before: Pick | None = None
    after: Pick | None = None
    cut: int | None = None
    at_ms: int | None = None
    at_drop: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the transitions; see `Edit`."""
        film, before = film_to_change(draft, situation)
        lang = situation.spoken
        cuts = self._cuts(film, situation)
        every = len(cuts) == len(_all_cuts(film))
        where = _where(cuts, situation, every=every)
        if self.kind is None:
            gone = [meta(shot).pop("transition", None) for _, shot in cuts]
            if not any(gone):
                raise NotPossible(say(lang, "There are no transitions: all cuts are hard.", "没有转场，全部是硬切。"))
            return measure(film), before + say(lang, f"Hard cuts again {where}.", f"{where}已恢复硬切。")
        lengths = [self._length(one, other) for one, other in cuts]
        for (_, shot), length in zip(cuts, lengths, strict=True):
            meta(shot)["transition"] = {"kind": self.kind, "ms": length}
        name = KIND_NAMES[self.kind]
        span = _span(lengths, lang)
        en = f"Added a {span} {name[0]} {where}."
        return measure(film), before + say(lang, en, f"已在{where}加上 {span}的{name[1]}转场。")

    def _cuts(self, film: Draft, situation: Situation) -> list[tuple[Draft, Draft]]:
        cuts, lang = _all_cuts(film), situation.spoken
        if not cuts:
            en = "There are no cuts to put transitions on: the timeline has fewer than two shots that touch."
            raise NotPossible(say(lang, en, "没有可以加转场的剪辑点：时间线上不到两个相邻的镜头。"))
        if self.before is not None:
            left = picked(film, situation, self.before)
            cuts = [cut for cut in cuts if any(cut[0] is shot for shot in left)]
        if self.after is not None:
            right = picked(film, situation, self.after)
            cuts = [cut for cut in cuts if any(cut[1] is shot for shot in right)]
        at_ms = drop_on_timeline_ms(film, situation) if self.at_drop else self.at_ms
        if at_ms is not None and cuts:
            cuts = [min(cuts, key=lambda cut: abs(start_of(cut[1]) - at_ms))]
        if self.cut is not None:
            cuts = cuts[self.cut - 1 :][:1] if self.cut > 0 else cuts[self.cut :][:1]
        if not cuts:
            raise NotPossible(say(lang, "There is no such cut on the timeline.", "时间线上没有这个剪辑点。"))
        return cuts

    def _length(self, one: Draft, other: Draft) -> int:
        usual = _FLASH_MS if self.kind == "white" else _USUAL_MS
        share = _USUAL_SHARE if self.length_ms is None else LONGEST_SHARE
        return join_ms(self.length_ms or usual, one, other, share)


@dataclass(frozen=True, slots=True)
class FadePicture:
    """The picture comes out of black, or goes into it.

    Attributes:
        in_ms: Length at the start, 0 for none, None to leave it.
        out_ms: Length at the end, likewise.
        with_music: Whether the music fades with it.
    """

    in_ms: int | None = None
    out_ms: int | None = None
    with_music: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the fades; see `Edit`."""
        film, before = film_to_change(draft, situation)
        lang = situation.spoken
        total = picture_end_ms(film) or end_ms(film)
        if total == 0:
            raise NotPossible(say(lang, "There is no picture to fade yet.", "还没有可以淡入淡出的画面。"))
        music = segments_of(film, *MUSIC) if self.with_music else []
        also = say(lang, " and the music" if music else "", "和音乐" if music else "")
        en: list[str] = []
        zh: list[str] = []
        for key, wished, part in (("fade_in_ms", self.in_ms, music[:1]), ("fade_out_ms", self.out_ms, music[-1:])):
            if wished is None:
                continue
            fade = on_frame(min(wished, total // 2 if self.in_ms and self.out_ms else total, _LONGEST_FADE_MS))
            meta(film)[key] = fade
            for segment in part:
                meta(segment)[key] = min(fade, segment["d"])
            told = _fade_told(key, fade)
            en.append(told[0])
            zh.append(told[1])
        told_en = " and ".join(en)
        for verb in ("fade", "start", "end") if music else ():
            told_en = told_en.replace(f"{verb}s", verb)
        return measure(film), before + say(lang, f"The picture{also} {told_en}.", f"画面{also}{'，'.join(zh)}。")


def _fade_told(key: str, fade: int) -> tuple[str, str]:
    comes = key == "fade_in_ms"
    if fade == 0:
        return ("starts at once", "开头不再淡入") if comes else ("ends at once", "结尾不再淡出")
    en, zh = seconds(fade, "en"), seconds(fade, "zh")
    if comes:
        return f"fades in from black over the first {en}", f"开头 {zh}从黑场淡入"
    return f"fades to black over the last {en}", f"最后 {zh}淡出到黑场"


def _all_cuts(film: Draft) -> list[tuple[Draft, Draft]]:
    """Pairs of shots that follow one another without a gap."""
    shots = filming.shots_of(film)
    return [(one, other) for one, other in itertools.pairwise(shots) if abs(end_of(one) - start_of(other)) <= 1]


def _where(cuts: Sequence[tuple[Draft, Draft]], situation: Situation, *, every: bool) -> str:
    lang = situation.spoken
    if len(cuts) == 1:
        one, other = (shot_name(shot, situation) for shot in cuts[0])
        at = clock(start_of(cuts[0][1]))
        return say(lang, f"between {one} and {other} at {at}", f" {one} 和 {other} 之间（{at}）")
    number = len(cuts)
    if every:
        return say(lang, "at both cuts" if number == 2 else f"at all {number} cuts", f"全部 {number} 个剪辑点")
    return say(lang, f"at {counted(number, 'cut')}", f" {number} 个剪辑点")


def _span(lengths: Sequence[int], lang: Language) -> str:
    low, high = (f"{ms / 1000:.2g}" for ms in (min(lengths), max(lengths)))
    return say(lang, "{} s", "{} 秒").format(high if low == high else f"{low}–{high}")
