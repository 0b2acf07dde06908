"""Edits of how loud things are: volume, ducking, fades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    end_of,
    measure,
    meta,
    segments_of,
    start_of,
    to_frame,
    volume_of,
)
from nemo_notebook.film.edits.starting import film_to_change
from nemo_notebook.film.levels import DUCKED, clips_with_sound, heard_clips, is_ducked, set_duck
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import clock, percent, say, seconds
from nemo_notebook.film.picks import Pick, named, picked
from nemo_notebook.film.stretches import silence_score, split_at
from nemo_notebook.film.telling import NotPossible

_MAX_FADE_MS: Final = 60_000
_SAME_LEVEL: Final = 1e-6
_OUT_OF_SILENCE: Final = 0.5  # the level of what is made louder although it is muted
_UNDER_FULL: Final = 0.6  # what is left of the music where clips cannot be louder
_NAMES: Final = {
    "music": ("music", "音乐"),
    "clips": ("clips' own sound", "视频原声"),
    "all": ("sound", "声音"),
}


@dataclass(frozen=True, slots=True)
class SetVolume:
    """How loud music or clips are.

    Attributes:
        target: `music`, `clips` or `all`.
        amount: 0–1, or a factor of the present volume where `relative`.
        relative: Whether the amount is a factor.
        pick: Which clips are meant, where not all are; then the target is `clips`.
        start_ms: Where on the timeline it begins to hold, or None for everywhere.
        end_ms: Where it ends to hold; None for the end of the film.
        restores: Whether what is muted gets back the volume that it had before; `amount` is for what never had any.
    """

    target: Literal["music", "clips", "all"]
    amount: float
    relative: bool = False
    pick: Pick | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    restores: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the volume; see `Edit`."""
        film, first = editable(draft), ""
        if self.target != "music":
            film, first = film_to_change(draft, situation)
        lang = situation.spoken
        heard, name = self._heard(film, situation), self._name(film, situation)
        before = volume_of(heard[0])
        if self.start_ms is not None:
            heard = self._within(film, situation, heard)
        levels = [self._level_of(segment, situation) for segment in heard]
        pairs = [(volume_of(segment), level) for segment, level in zip(heard, levels, strict=True)]
        changed = [pair for pair in pairs if abs(pair[0] - pair[1]) > _SAME_LEVEL]
        if not changed and self.target == "clips" and self._louder and _heard_music(film):
            return self._over_music(film, first, lang)
        before, after = next(iter(changed), (before, self._level(before)))
        if not changed and self.start_ms is None and (self.relative or before > 0):
            en = f"The {name[0]} is already at {percent(before)}."
            raise NotPossible(say(lang, en, f"{name[1]}音量已经是 {percent(before)}。"))
        for segment, level in zip(heard, levels, strict=True):
            segment["v"] = level
        return measure(film), first + self._told(lang, name, before, after)

    def is_wish_after(self, remark: SetVolume) -> bool:
        """Whether it says what is to be done about the same sound: `the music is too loud, turn it down`."""
        same = (self.target, self.pick) == (remark.target, remark.pick)
        then = (self.start_ms, self.end_ms) == (remark.start_ms, remark.end_ms)
        return same and then and remark.relative

    @property
    def _louder(self) -> bool:
        return self.relative and self.amount > 1

    def _over_music(self, film: Draft, first: str, lang: Language) -> tuple[Json, str]:
        """What cannot be louder is heard better over less music."""
        music = _heard_music(film)
        before = volume_of(music[0])
        for segment in music:
            segment["v"] = round(volume_of(segment) * _UNDER_FULL, 4)
        after = volume_of(music[0])
        en = f"The clips' own sound is at 100% already, so I lowered the music to {percent(after)}"
        zh = f"视频原声已经是 100%，所以把音乐调低到 {percent(after)}（原来 {percent(before)}）。"
        return measure(film), first + say(lang, f"{en} (it was {percent(before)}).", zh)

    def _level_of(self, segment: Draft, situation: Situation) -> float:
        now = volume_of(segment)
        if not self.restores:
            return self._level(now)
        former = (
            other for state in reversed(situation.earlier) for other in _with_id(editable(state), segment.get("id"))
        )
        return now or next((volume_of(other) for other in former if volume_of(other) > 0), self.amount)

    def _level(self, now: float) -> float:
        wanted = self.amount
        if self.relative:
            wanted = _OUT_OF_SILENCE if now == 0 and self.amount > 1 else now * self.amount
        return round(min(max(wanted, 0.0), 1.0), 4)

    def _heard(self, film: Draft, situation: Situation) -> list[Draft]:
        lang = situation.spoken
        if self.pick is not None:
            sounding = {id(shot) for shot in clips_with_sound(film, situation)}
            shots = picked(film, situation, self.pick)
            heard = [shot for shot in shots if id(shot) in sounding or "v" in shot]
            if not heard:
                name = named(film, situation, shots)
                raise NotPossible(say(lang, f"{name} has no sound of its own.", f"{name} 没有声音。"))
            return heard
        roles = {"music": MUSIC, "clips": ("clip",), "all": (*MUSIC, "clip")}[self.target]
        found = [s for s in segments_of(film, *roles) if "v" in s or meta(s).get("role") != "clip"]
        if found:
            return found
        if self.target == "clips" and segments_of(film, "clip"):
            raise NotPossible(say(lang, "The clips have no sound of their own.", "这些视频没有声音。"))
        en = f"There is no {'music' if self.target == 'music' else 'sound'} on the timeline yet."
        raise NotPossible(say(lang, en, f"时间线上还没有{_NAMES[self.target][1]}。"))

    def _name(self, film: Draft, situation: Situation) -> tuple[str, str]:
        if self.pick is None:
            return _NAMES[self.target]
        name = named(film, situation, picked(film, situation, self.pick))
        return f"sound of {name}", f"{name}的声音"

    def _within(self, film: Draft, situation: Situation, heard: list[Draft]) -> list[Draft]:
        """Cuts what is heard at both ends of the stretch that is meant; returns the parts whose volume is to be set."""
        first = to_frame(self.start_ms or 0)
        last = to_frame(max(map(end_of, heard)) if self.end_ms is None else self.end_ms)
        scores = [segment for segment in heard if meta(segment).get("role") == "bgm"]
        if scores and (self.relative or self.amount > 0):
            en = "I can only silence composed music for a while, or set its volume for the whole video."
            raise NotPossible(say(situation.spoken, en, "原创音乐只能在一段时间内静音，或整体调音量。"))
        if not any(to_frame(start_of(s)) < last and to_frame(end_of(s)) > first for s in heard):
            raise NotPossible(say(situation.spoken, "There is no sound at that time.", "这段时间里没有声音。"))
        others = [segment for segment in heard if meta(segment).get("role") != "bgm"]
        parts = [part for s in others if (part := split_at(film, s, first, last)) is not None]
        return parts + [s for s in scores if not silence_score(film, situation, s, first, last)]

    def _told(self, lang: Language, name: tuple[str, str], before: float, after: float) -> str:
        when_en, when_zh = "", ""
        if self.start_ms is not None:
            end = clock(self.end_ms) if self.end_ms is not None else None
            when_en = f" from {clock(self.start_ms)} to {end or 'the end'}"
            when_zh = f"{clock(self.start_ms)} 到{' ' + end + ' ' if end else '结尾'}的"
        if after == 0:
            return say(lang, f"Muted the {name[0]}{when_en}.", f"已将{when_zh}{name[1]}静音。")
        en = f"Set the {name[0]} to {percent(after)}{when_en} (it was {percent(before)})."
        return say(lang, en, f"已把{when_zh}{name[1]}音量调到 {percent(after)}（原来 {percent(before)}）。")


@dataclass(frozen=True, slots=True)
class DuckMusic:
    """Lets the music give way where a clip is heard, or ends that.

    Attributes:
        level: What is left of the music's volume then, 0–1; 1 is no ducking.
    """

    level: float = DUCKED

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the ducking; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        if not segments_of(film, *MUSIC):
            en = "There is no music to lower yet: upload a song or ask for background music."
            raise NotPossible(say(lang, en, "还没有音乐：请上传歌曲，或让我配背景音乐。"))
        if self.level >= 1:
            if not is_ducked(film):
                raise NotPossible(say(lang, "The music is not ducked.", "音乐没有设置自动减弱。"))
            set_duck(film, 1.0)
            return film, say(lang, "The music keeps its volume all the time again.", "音乐音量不再自动变化。")
        clips = clips_with_sound(film, situation)
        if not clips:
            en = "None of the clips has sound that the music could give way to."
            raise NotPossible(say(lang, en, "素材里没有人声或原声，音乐无需避让。"))
        unmuted = not heard_clips(film, situation)
        for clip in clips if unmuted else []:
            clip["v"] = 1.0
        set_duck(film, self.level)
        en = f"The music goes down to {percent(self.level)} of its volume while your clips are heard."
        zh = f"素材有声音时，音乐会降到原音量的 {percent(self.level)}。"
        if unmuted:
            en, zh = f"{en} They had been muted and are heard again.", f"{zh}素材的原声已恢复。"
        return film, say(lang, en, zh)


@dataclass(frozen=True, slots=True)
class FadeMusic:
    """Lets the music fade.

    Attributes:
        in_ms: Length of the fade at its start, 0 for none, or None to leave it.
        out_ms: Length of the fade at its end, 0 for none, or None to leave it.
        out_from_ms: Where on the timeline the fade to its end begins, in place of `out_ms`.
    """

    in_ms: int | None = None
    out_ms: int | None = None
    out_from_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the fades; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        music = segments_of(film, *MUSIC)
        if not music:
            en = "There is no music to fade yet: upload a song or ask for background music."
            raise NotPossible(say(lang, en, "还没有可以淡入淡出的音乐：请上传歌曲，或让我配背景音乐。"))
        ends: list[tuple[str, str]] = []
        if self.in_ms is not None:
            fade = min(self.in_ms, music[0]["d"], _MAX_FADE_MS)
            meta(music[0])["fade_in_ms"] = fade
            ends.append(_fade_told(fade, "in", "over the first", "开头", "淡入"))
        if self.out_ms is not None or self.out_from_ms is not None:
            fade = min(self._out_ms(music[-1]), music[-1]["d"], _MAX_FADE_MS)
            meta(music[-1])["fade_out_ms"] = fade
            ends.append(_fade_told(fade, "out", "over the last", "最后", "淡出"))
        if self.in_ms == 0 and self.out_ms == 0:
            return film, say(lang, "The music does not fade any more.", "音乐不再淡入淡出。")
        en = " and ".join(end[0] for end in ends)
        return film, say(lang, f"The music {en}.", f"音乐{'，'.join(end[1] for end in ends)}。")

    def _out_ms(self, last: Draft) -> int:
        return max(end_of(last) - self.out_from_ms, 0) if self.out_from_ms is not None else self.out_ms or 0


def _heard_music(film: Draft) -> list[Draft]:
    return [segment for segment in segments_of(film, *MUSIC) if volume_of(segment) > 0]


def _with_id(film: Draft, wanted: object) -> list[Draft]:
    """The segment with an id, of an earlier draft."""
    return [segment for track in film["t"] for segment in track["sg"] if segment.get("id") == wanted]


def _fade_told(fade_ms: int, way: str, over: str, where_zh: str, way_zh: str) -> tuple[str, str]:
    if fade_ms == 0:
        return f"does not fade {way}", f"{where_zh}不再{way_zh}"
    return f"fades {way} {over} {seconds(fade_ms, 'en')}", f"{where_zh} {seconds(fade_ms, 'zh')}{way_zh}"
