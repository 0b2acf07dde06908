"""Edits of what is seen of a shot: its length, its speed, where it is split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nemo_notebook.film import filming
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    Draft,
    in_ms_of,
    measure,
    media_of,
    meta,
    speed_of,
    start_of,
    to_frame,
    to_ms,
)
from nemo_notebook.film.edits.films import Pace, Recut
from nemo_notebook.film.edits.starting import applied, filmed, length_told
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.pacing import is_cut_to_music
from nemo_notebook.film.phrasing import say, seconds
from nemo_notebook.film.picks import ALL, Pick, named, picked
from nemo_notebook.film.rows import lay_lengths, length_of, show_in_place
from nemo_notebook.film.stretches import SHORTEST_SHOT, shots_between, split_shot
from nemo_notebook.film.telling import NotPossible

_SLOWEST, _FASTEST = 0.1, 16.0


@dataclass(frozen=True, slots=True)
class SplitShot:
    """Cuts a shot in two, or shots into several parts.

    Attributes:
        at_ms: Where: on the timeline, or from the start of the shot where one is named; None for parts of one length.
        pick: Which shot; None for the one that is seen at that time.
        into_scenes: Whether clips are cut wherever a scene within them ends, instead.
        parts: How many parts of one length: of the shots that are named, else of the whole film.
    """

    at_ms: int | None = None
    pick: Pick | None = None
    into_scenes: bool = False
    parts: int = 2

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Splits shots; see `Edit`."""
        film, before = filmed(draft, situation)
        lang = situation.spoken
        shots = filming.shots_of(film) if self.pick is None else picked(film, situation, self.pick)
        whole = length_of(film)
        points = [self._points(shot, whole, situation) for shot in shots]
        count = sum(split_shot(film, shot, frames) for shot, frames in zip(shots, points, strict=True))
        if not count:
            if self.into_scenes:
                en = "I found no change of scene within the clips."
                raise NotPossible(say(lang, en, "素材内没有发现场景切换。"))
            en = f"There is no shot to split there: the video is {seconds(to_ms(length_of(film)), 'en')} long."
            raise NotPossible(
                say(lang, en, f"那里没有可以分割的镜头：视频长 {seconds(to_ms(length_of(film)), 'zh')}。")
            )
        measure(film)
        total = len(filming.shots_of(film))
        en = f"Split at {count} place{'s' if count > 1 else ''}: there are {total} shots now."
        return film, before + say(lang, en, f"已在 {count} 处分割，现在有 {total} 个镜头。")

    def _points(self, shot: Draft, whole: int, situation: Situation) -> list[int]:
        """Frames from the start of the shot, in a film of `whole` frames."""
        first, frames = to_frame(start_of(shot)), to_frame(shot["d"])
        if self.into_scenes:
            item = media_of(shot, situation)
            scenes = item.scenes_ms if item is not None else ()
            return [to_frame((ms - in_ms_of(shot)) / speed_of(shot)) for ms in scenes if ms > in_ms_of(shot)]
        if self.at_ms is None:
            length, start = (frames, 0) if self.pick is not None else (whole, first)
            return [length * number // self.parts - start for number in range(1, self.parts)]
        inside = self.pick is not None and to_frame(self.at_ms) < frames
        return [to_frame(self.at_ms) if inside else to_frame(self.at_ms) - first]


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Plays clips faster or slower; the film's length follows, unless it is cut to music.

    Attributes:
        factor: Source seconds in a second; times the present speed where `relative`.
        pick: Which shots.
        relative: Whether the factor is one of the present speed.
        start_ms: Where on the timeline it begins, or None for all of the shots.
        end_ms: Where it ends, or None for the end of the film.
    """

    factor: float
    pick: Pick = ALL
    relative: bool = False
    start_ms: int | None = None
    end_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the speed; see `Edit`."""
        film, before = filmed(draft, situation)
        lang, was = situation.spoken, length_of(film)
        clips = self._clips(film, situation)
        if not clips:
            raise NotPossible(
                say(lang, "Only video clips have a speed; photos stand still.", "只有视频能变速，照片没有速度。")
            )
        names, old = named(film, situation, clips), speed_of(clips[0])
        lengths = [(clip, self._play(clip)) for clip in clips]
        if is_cut_to_music(film):
            show_in_place(film, situation, clips)
        else:
            lay_lengths(film, situation, lengths)
        measure(film)
        new = speed_of(clips[0])
        if new == old and len(clips) == 1:
            raise NotPossible(say(lang, f"{names} plays at {new:g}× speed already.", f"{names}已经是 {new:g} 倍速。"))
        en = f"Set {names} to {new:g}× speed (it was {old:g}×)"
        zh = f"{names}的速度为 {new:g} 倍（原来 {old:g} 倍）"
        return film, before + length_told(situation, en, zh, was, length_of(film))

    def _clips(self, film: Draft, situation: Situation) -> list[Draft]:
        """The clips that are meant, cut where the stretch begins and ends."""
        start_ms, end_ms = self.start_ms, self.end_ms
        inside = None if start_ms is None else {id(shot) for shot in shots_between(film, start_ms, end_ms)}
        return [
            shot
            for shot in picked(film, situation, self.pick)
            if meta(shot).get("role") == "clip" and (inside is None or id(shot) in inside)
        ]

    def _play(self, clip: Draft) -> int:
        """Sets the speed of a clip; returns the frames that it then lasts."""
        before = speed_of(clip)
        speed = round(min(max(self.factor * (before if self.relative else 1.0), _SLOWEST), _FASTEST), 4)
        meta(clip)["speed"] = speed
        if speed == 1.0:
            del meta(clip)["speed"]
        return max(SHORTEST_SHOT, round(to_frame(clip["d"]) * before / speed))


@dataclass(frozen=True, slots=True)
class TrimShots:
    """Makes single shots shorter or longer, or moves what is seen of them; what follows moves.

    Attributes:
        pick: Which shots.
        part: `start` or `end`: so much goes there; `to`: it lasts so long; `last`: so much of its end stays;
            `by`: so much longer (or shorter); `only`: from `ms` to `end_ms` of the clip is seen.
        ms: Milliseconds.
        end_ms: For `only`.
    """

    pick: Pick
    part: Literal["start", "end", "to", "last", "by", "only"]
    ms: int
    end_ms: int = 0

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets lengths and in-points; see `Edit`."""
        film, before = filmed(draft, situation)
        lang, was = situation.spoken, length_of(film)
        shots = picked(film, situation, self.pick)
        names, old = named(film, situation, shots), shots[0]["d"]
        if len(shots) > 1 and is_cut_to_music(film):
            return self._in_places(film, situation, shots, before)
        lengths = [(shot, self._frames(shot, situation)) for shot in shots]
        if any(frames < SHORTEST_SHOT for _, frames in lengths):
            length = seconds(min(shot["d"] for shot in shots), lang)
            en = f"That is more than there is of {names}: only {length}."
            raise NotPossible(say(lang, en, f"超出了长度：{names}只有 {length}。"))
        for shot, _ in lengths:
            if self.part in ("start", "last", "only") and meta(shot).get("role") == "clip":
                gone_ms = self.ms if self.part == "start" else max(0, shot["d"] - self.ms)
                meta(shot)["in_ms"] = (
                    self.ms if self.part == "only" else in_ms_of(shot) + round(gone_ms * speed_of(shot))
                )
        lay_lengths(film, situation, lengths)
        measure(film)
        now, then = seconds(shots[0]["d"], lang), seconds(old, lang)
        each = say(lang, " each", "每个") if len(shots) > 1 else ""
        if len(shots) == 1 and shots[0]["d"] == old:
            en = f"{names} is {now} long already, there is no more of it; playing it slower would make it last."
            raise NotPossible(say(lang, en, f"{names}已经长 {now}，没有更多内容；可以用慢放来延长。"))
        was_en = f" (it was {then})" if len(shots) == 1 else ""
        was_zh = f"（原来 {then}）" if len(shots) == 1 else ""
        en, zh = f"Set {names} to {now}{each}{was_en}", f"{names}现在{each}长 {now}{was_zh}"
        return film, before + length_told(situation, en, zh, was, length_of(film))

    def _in_places(self, film: Draft, situation: Situation, shots: list[Draft], before: str) -> tuple[Json, str]:
        """Several shots of a film that is cut to music: it keeps its length, and its cuts where they are wanted."""
        lang, names = situation.spoken, named(film, situation, shots)
        if self.part == "to":
            cut, told = applied(film, Recut(pace=Pace(every_s=self.ms / 1000)), situation)
            return cut, before + told
        if self.part != "start":
            en = f"Which shot do you mean? There are {names}. Name one of them, as in "
            en += '"make the first shot 2 seconds long" or "remove the shot at 0:07".'
            zh = f"指哪一个镜头？有{names}。请说明是哪个，例如“第一个镜头改成2秒”或“去掉0:07处的镜头”。"
            raise NotPossible(say(lang, en, zh))
        for shot in shots:
            meta(shot)["in_ms"] = max(in_ms_of(shot), self.ms)
        show_in_place(film, situation, shots)
        gone = seconds(self.ms, lang)
        en = f"The first {gone} of the clip are left out in {names}."
        return measure(film), before + say(lang, en, f"{names}不再出现素材开头的 {gone}。")

    def _frames(self, shot: Draft, situation: Situation) -> int:
        """The new length; a clip lasts no longer than there is of it."""
        frames, change = to_frame(shot["d"]), to_frame(abs(self.ms))
        new = {
            "start": frames - change,
            "end": frames - change,
            "to": change,
            "last": min(frames, change),
            "by": frames + (change if self.ms > 0 else -change),
            "only": to_frame(self.end_ms) - change,
        }[self.part]
        item = media_of(shot, situation)
        if item is None or meta(shot).get("role") != "clip":
            return new
        in_ms = self.ms if self.part == "only" else in_ms_of(shot)
        return min(new, max(frames if self.part in ("to", "by") else 0, _left(item, in_ms, shot)))


def _left(item: MediaItem, in_ms: int, shot: Draft) -> int:
    return int(max(0, item.duration_ms - in_ms) / speed_of(shot) * 30 / 1000)
