"""Edits of how pictures look: filters, brightness, contrast, saturation, and how they fill the canvas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.choices import Filter, Fit
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import Draft, end_ms, end_of, measure, meta, start_of
from nemo_notebook.film.edits.starting import film_to_change
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import clock, say
from nemo_notebook.film.picks import Pick, all_picked, named
from nemo_notebook.film.stretches import shots_between
from nemo_notebook.film.telling import NotPossible
from nemo_notebook.outside import finite

FILTER_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "bw": ("black and white", "黑白"),
    "sepia": ("sepia", "棕褐色"),
    "warm": ("warm", "暖色"),
    "cool": ("cool", "冷色"),
    "vivid": ("vivid", "鲜艳"),
    "vintage": ("vintage", "复古"),
    "cinematic": ("cinematic", "电影感"),
    "dreamy": ("dreamy", "梦幻"),
    "noir": ("noir", "黑色电影"),
    "faded": ("faded", "褪色"),
}
_AMOUNTS: Final = {
    "brightness": ("brightness", "亮度"),
    "contrast": ("contrast", "对比度"),
    "saturation": ("saturation", "饱和度"),
}
_FITS: Final[Mapping[str, tuple[str, str]]] = {
    "auto": ("fitted to the canvas on their own terms", "自动适配画幅"),
    "crop": ("cropped to fill the canvas", "裁剪填满画幅"),
    "blur": ("shown whole before a blurred background", "完整显示，背景模糊"),
    "pad": ("shown whole with black bars", "完整显示，加黑边"),
}


@dataclass(frozen=True, slots=True)
class SetFilter:
    """A filter over the pictures.

    Attributes:
        filter: A key of `FILTER_NAMES`; None for the colours as they were taken, without adjustments either.
        picks: The shots that are meant; none for the whole film.
        start_ms: Where on the timeline it begins, or None for all of the shots; shots are cut in two there.
        end_ms: Where it ends, or None for the end of the film.
    """

    filter: Filter | None
    picks: tuple[Pick, ...] = ()
    start_ms: int | None = None
    end_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets or clears the filter; see `Edit`."""
        film, before = film_to_change(draft, situation)
        lang = situation.spoken
        meant = _meant(film, situation, self)
        where, some = _where(film, situation, self, meant), _is_part(self)
        places = [meta(shot) for shot in meant] if some else [meta(film), *map(meta, filming.shots_of(film))]
        if self.filter is None:
            return measure(film), before + self._clear(film, places, where, lang)
        for own in places[: len(places) if some else 1]:
            own["filter"] = self.filter
        for own in places[1:] if not some else ():
            own.pop("filter", None)
        name = FILTER_NAMES[self.filter]
        en = f"Put the {name[0]} look on {where}."
        return measure(film), before + say(lang, en, f"已给{where}加上{name[1]}滤镜。")

    def _clear(self, film: Draft, places: Sequence[Draft], where: str, lang: Language) -> str:
        changed = [own.pop(key, None) for own in places for key in ("filter", "adjust")]
        if _is_part(self) and (meta(film).get("filter") or meta(film).get("adjust")):
            # A shot without a filter of its own takes the film's: nothing but the film's can be spread to the others.
            _spread(film, places)
            changed.append(True)
        if not any(changed):
            raise NotPossible(
                say(lang, "The pictures have no filter: these are their own colours.", "画面没有滤镜，已经是原色。")
            )
        return say(lang, f"Back to the original colours for {where}.", f"{where}已恢复原来的颜色。")


@dataclass(frozen=True, slots=True)
class Adjust:
    """Brightness, contrast and saturation of the pictures.

    Attributes:
        amounts: Pairs of `brightness`, `contrast` or `saturation` and −1…1.
        picks: The shots that are meant; none for the whole film.
        relative: Whether the amounts are added to what is set.
        start_ms: Where on the timeline it begins, or None for all of the shots; shots are cut in two there.
        end_ms: Where it ends, or None for the end of the film.
    """

    amounts: tuple[tuple[str, float], ...]
    picks: tuple[Pick, ...] = ()
    relative: bool = True
    start_ms: int | None = None
    end_ms: int | None = None

    def is_wish_after(self, remark: Adjust) -> bool:
        """Whether it says what is to be done about the same thing: `it is a bit dark, make it brighter`."""
        same = [name for name, _ in self.amounts] == [name for name, _ in remark.amounts]
        here = (self.picks, self.start_ms, self.end_ms) == (remark.picks, remark.start_ms, remark.end_ms)
        return same and here and self.relative and remark.relative

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the amounts; see `Edit`."""
        film, before = film_to_change(draft, situation)
        lang = situation.spoken
        meant, some = _meant(film, situation, self), _is_part(self)
        told: dict[str, tuple[float, float]] = {}
        for own in [meta(shot) for shot in meant] if some else [meta(film), *_with_own(film)]:
            now = _adjust_of(own) or (_adjust_of(meta(film)) if some else {})
            told = self._change(own, now) | told
        where = _where(film, situation, self, meant)
        if all(old == new for old, new in told.values()):
            en = "It is already as far as it goes."
            raise NotPossible(say(lang, en, "已经调到头了。"))
        en = ", ".join(
            f"{_AMOUNTS[name][0]} {_signed(new)} (it was {_signed(old)})" for name, (old, new) in told.items()
        )
        zh = "，".join(
            f"{_AMOUNTS[name][1]} {_signed(new)}（原来 {_signed(old)}）" for name, (old, new) in told.items()
        )
        return measure(film), before + say(lang, f"Set for {where}: {en}.", f"已调整{where}：{zh}。")

    def _change(self, own: Draft, now: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        after = dict(now)
        for name, amount in self.amounts:
            value = (now.get(name, 0.0) if self.relative else 0.0) + amount
            after[name] = round(min(max(value, -1.0), 1.0), 3)
        own["adjust"] = {name: value for name, value in after.items() if value}
        return {name: (now.get(name, 0.0), after[name]) for name, _ in self.amounts}


@dataclass(frozen=True, slots=True)
class SetFit:
    """What becomes of pictures of another shape than the canvas.

    Attributes:
        fit: A key of the draft's `fit`.
        picks: The shots that are meant; none for the whole film.
    """

    fit: Fit
    picks: tuple[Pick, ...] = ()

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the fit; see `Edit`."""
        film, before = film_to_change(draft, situation)
        lang = situation.spoken
        meant = _meant(film, situation, self)
        if not self.picks:
            meta(film)["fit"] = self.fit
        for shot in filming.shots_of(film) if not self.picks else meant:
            if self.picks:
                meta(shot)["fit"] = self.fit
            else:
                meta(shot).pop("fit", None)
        where = named(film, situation, meant) if self.picks else ""
        verb = "is" if len(meant) == 1 and where else "are"
        en = f"{_capital(where) or 'Pictures of another shape'} {verb} now {_FITS[self.fit][0]}."
        return measure(film), before + say(lang, en, f"{where or '与画幅不同形状的画面'}现在{_FITS[self.fit][1]}。")


def _is_part(edit: SetFilter | Adjust) -> bool:
    """Whether an edit means some shots or a stretch of time, and not the whole film."""
    return bool(edit.picks) or edit.start_ms is not None


def _where(film: Draft, situation: Situation, edit: SetFilter | Adjust, meant: Sequence[Draft]) -> str:
    lang = situation.spoken
    if edit.start_ms is not None:
        start, end = clock(start_of(meant[0])), clock(end_of(meant[-1]))
        return say(lang, f"{start}–{end}", f" {start}–{end} ")
    return named(film, situation, meant) if edit.picks else say(lang, "the whole video", "整个视频")


def _meant(film: Draft, situation: Situation, edit: SetFilter | Adjust | SetFit) -> list[Draft]:
    if end_ms(film) == 0:
        en = 'There are no pictures yet: upload clips or photos and say "make a video" first.'
        raise NotPossible(say(situation.spoken, en, "还没有画面：请先上传视频或照片，并说“做一个视频”。"))
    if isinstance(edit, SetFit) or edit.start_ms is None:
        return all_picked(film, situation, edit.picks) if edit.picks else filming.shots_of(film)
    inside = shots_between(film, edit.start_ms, edit.end_ms)
    if not inside:
        en = f"There are no pictures at {clock(edit.start_ms)}: the video is {clock(end_ms(film))} long."
        raise NotPossible(
            say(situation.spoken, en, f"{clock(edit.start_ms)} 处没有画面：视频长 {clock(end_ms(film))}。")
        )
    return inside


def _spread(film: Draft, places: Sequence[Draft]) -> None:
    """Moves the film's filter and adjustments to all shots but some."""
    own = meta(film)
    for key in ("filter", "adjust"):
        value = own.pop(key, None)
        for shot in filming.shots_of(film):
            if value and not any(meta(shot) is place for place in places):
                meta(shot).setdefault(key, value)


def _with_own(film: Draft) -> list[Draft]:
    return [meta(shot) for shot in filming.shots_of(film) if _adjust_of(meta(shot))]


def _adjust_of(own: Draft) -> dict[str, float]:
    value = own.get("adjust")
    if not isinstance(value, dict):
        return {}
    numbers = ((name, finite(value.get(name))) for name in _AMOUNTS)
    return {name: min(max(number, -1.0), 1.0) for name, number in numbers if number}


def _signed(amount: float) -> str:
    return f"{round(100 * amount):+d}%" if amount else "0%"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
