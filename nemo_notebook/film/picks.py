"""Which shots are meant: by file, by number, by time, or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from nemo_notebook.film import filming
from nemo_notebook.film.drafting import Draft, end_of, media_of, meta, start_of
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.pacing import is_cut_to_music
from nemo_notebook.film.phrasing import clock, counted, say, stem
from nemo_notebook.film.target import Target
from nemo_notebook.film.telling import NotPossible

_T = TypeVar("_T")
Unit = Literal["clip", "photo", "shot"]
_UNITS: Final = {"clip": ("clip", "视频片段"), "photo": ("photo", "照片"), "shot": ("shot", "镜头")}
_ROLES: Final = {"clip": "clip", "photo": "image"}
_NUMBERS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class Pick:
    """Shots on the timeline. Only one of `media`, `number` and `at_ms` is given; none of them means all of the unit.

    Attributes:
        unit: What is counted: `clip` (videos), `photo` or `shot` (both).
        media: Id of the upload that is shown.
        number: From 1; −1 is the last one. In a film cut to music, clips and photos are counted as uploads.
        count: How many from there on, or up to there for a negative number.
        at_ms: A time on the timeline.
    """

    unit: Unit = "shot"
    media: str | None = None
    number: int | None = None
    count: int = 1
    at_ms: int | None = None

    @property
    def target(self) -> Target:
        """The same for an edit; what is meant by its file or a time is whatever is seen there."""
        is_any = self.media is not None or self.at_ms is not None
        return Target(
            kind="shot" if is_any else self.unit,
            media=self.media,
            number=None if self.number is None else min(max(self.number, -10_000), 10_000),
            count=min(max(self.count, 1), 10_000),
            at_s=None if self.at_ms is None else min(max(self.at_ms / 1000, 0.0), 86_400.0),
        )


ALL: Final = Pick()


def picked(film: Draft, situation: Situation, pick: Pick) -> list[Draft]:
    """The shots that are meant, in time order.

    Raises:
        NotPossible: There are none; says what there is.
    """
    shots = filming.shots_of(film)
    if pick.media is not None:
        found = [shot for shot in shots if meta(shot).get("media") == pick.media]
    elif pick.at_ms is not None:
        found = [shot for shot in shots if start_of(shot) <= pick.at_ms < end_of(shot)]
    else:
        found = _counted(film, shots, pick)
    if not found:
        raise NotPossible(_missing(shots, situation, pick))
    return found


def all_picked(film: Draft, situation: Situation, picks: Sequence[Pick]) -> list[Draft]:
    """The shots that any of several picks means, each once, in time order."""
    found = {id(shot): shot for pick in picks for shot in picked(film, situation, pick)}
    return sorted(found.values(), key=start_of)


def named(film: Draft, situation: Situation, shots: Sequence[Draft]) -> str:
    """What shots are called: `clip2 (0:08–0:14)`, or the files and how many."""
    lang = situation.spoken
    if len(shots) == len(filming.shots_of(film)) and len(shots) > 1:
        return say(lang, "both shots" if len(shots) == 2 else f"all {len(shots)} shots", f"全部 {len(shots)} 个镜头")
    if len(shots) <= 2:
        times = [f"{clock(start_of(shot))}–{clock(end_of(shot))}" for shot in shots]
        names = [shot_name(shot, situation) for shot in shots]
        parts = [say(lang, f"{name} ({time})", f"{name}（{time}）") for name, time in zip(names, times, strict=True)]
        return say(lang, " and ", "和").join(parts)
    files = list(dict.fromkeys(shot_name(shot, situation) for shot in shots))
    shown = say(lang, ", ", "、").join(files[:3])
    return say(lang, f"{counted(len(shots), 'shot')} of {shown}", f"{shown}的 {len(shots)} 个镜头")


def shot_name(shot: Draft, situation: Situation) -> str:
    """What a shot is called: its file's name without the ending."""
    item = media_of(shot, situation)
    name = meta(shot).get("name")
    return stem(item.filename) if item is not None else name if isinstance(name, str) and name else "?"


def _counted(film: Draft, shots: list[Draft], pick: Pick) -> list[Draft]:
    role = _ROLES.get(pick.unit)
    of_unit = [shot for shot in shots if role is None or meta(shot).get("role") == role] or shots
    if pick.number is None:
        return [shot for shot in of_unit if role is None or meta(shot).get("role") == role]
    if role is not None and is_cut_to_music(film):
        files = list(dict.fromkeys(meta(shot).get("media") for shot in of_unit))
        wanted = _slice(files, pick)
        return [shot for shot in of_unit if meta(shot).get("media") in wanted]
    return _slice(of_unit, pick)


def _slice(things: list[_T], pick: Pick) -> list[_T]:
    number = pick.number or 0
    if abs(number) > len(things) or number == 0:
        return []
    first = number - 1 if number > 0 else len(things) + number + 1 - pick.count
    return things[max(0, first) : max(0, first) + pick.count]


def _missing(shots: list[Draft], situation: Situation, pick: Pick) -> str:
    lang: Language = situation.spoken
    if not shots:
        return say(lang, "There are no clips or photos on the timeline yet.", "时间线上还没有片段或照片。")
    names = list(dict.fromkeys(shot_name(shot, situation) for shot in shots))
    there = f"{counted(len(shots), 'shot')}: {', '.join(names[:6])}"
    there_zh = f"{len(shots)} 个镜头：{'、'.join(names[:6])}"
    if pick.media is not None:
        item = next((item for item in situation.media if item.id == pick.media), None)
        name = stem(item.filename) if item is not None else "?"
        en = f"{name} is not on the timeline. There are {there}."
        return say(lang, en, f"{name} 不在时间线上。现有 {there_zh}。")
    if pick.at_ms is not None:
        en = f"There is no shot at {clock(pick.at_ms)}: the video ends at {clock(end_of(shots[-1]))}."
        return say(lang, en, f"{clock(pick.at_ms)} 处没有镜头：视频到 {clock(end_of(shots[-1]))} 结束。")
    unit = _UNITS[pick.unit]
    number = pick.number or 0
    which = f"{_NUMBERS[number - 1]} " if 0 < number <= len(_NUMBERS) else ""
    which_zh = f"第 {number} 个" if number > 0 else ""
    return say(
        lang, f"There is no {which}{unit[0]} here. There are {there}.", f"没有{which_zh}{unit[1]}。现有 {there_zh}。"
    )
