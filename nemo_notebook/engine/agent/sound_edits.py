"""Edits of what is heard: music, volume, fades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.engine.agent import filming
from nemo_notebook.engine.agent.cutting import Pace, Rhythm
from nemo_notebook.engine.agent.drafting import (
    MUSIC,
    Draft,
    editable,
    end_ms,
    measure,
    media_of,
    meta,
    picture_end_ms,
    prepare_canvas,
    remove_segments,
    segments_of,
    to_frame,
    to_ms,
    volume_of,
)
from nemo_notebook.engine.agent.film_edits import nothing_to_film
from nemo_notebook.engine.agent.language import nice_title, percent, say, seconds
from nemo_notebook.engine.agent.model import Language, NotPossible, Situation
from nemo_notebook.engine.agent.scoring import lay_score, mood_label, recipe_for, seed_of
from nemo_notebook.engine.music import Recipe, beat_times_ms
from nemo_notebook.timeline.draft import Json

ALONE_MS: Final = 30_000  # length of music that is asked for without any pictures
_FULL, _UNDER_SPEECH = 0.8, 0.35
_MAX_FADE_MS: Final = 60_000
_REPLACED_EN: Final = ' It takes the place of your song; say "undo" to have that back.'
_REPLACED_ZH: Final = "它替换了你的歌；说“撤销”可以恢复。"


@dataclass(frozen=True, slots=True)
class AddMusic:
    """Composed background music under the whole video, in place of other music.

    Attributes:
        mood: A key of `MOODS`.
        bpm: Tempo that was asked for, or None.
        volume: 0–1, or None for what suits the clips' own sound.
        cuts: `meet` moves the cuts of clips in a row to beats, `anew` cuts a music video from them.
        another: Whether another piece of the same kind is wanted.
        alone: Whether music without any pictures is meant too.
        length_ms: Length where there are no pictures to follow.
    """

    mood: str
    bpm: float | None = None
    volume: float | None = None
    cuts: Literal["keep", "meet", "anew"] = "keep"
    another: bool = False
    alone: bool = False
    length_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Composes and lays the music; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        laid = self._pictures(film, situation)
        had_song = bool(segments_of(film, "song"))
        is_row = filming.is_row(film, situation)
        frames = to_frame(picture_end_ms(film))
        recipe = recipe_for(self.mood, to_ms(frames), self._seed(film, situation), self.bpm, lang)
        frames, meets = self._meet(film, situation, recipe, frames, is_row=is_row, had_song=had_song)
        volume = self.volume if self.volume is not None else _fitting_volume(film, situation)
        lay_score(film, recipe, frames, volume)
        filming.fit_drawn(film, frames)
        prepare_canvas(film, nice_title(situation.media[0]) if situation.media else "Music", situation.seed)
        told = self._told(film, lang, volume, recipe, laid, meets)
        return measure(film), told + (say(lang, _REPLACED_EN, _REPLACED_ZH) if had_song else "")

    def _pictures(self, film: Draft, situation: Situation) -> str:
        """Lays what is uploaded where the timeline has no pictures yet; returns what was laid."""
        if picture_end_ms(film) > 0:
            return ""
        items = [item for item in situation.media if item.kind != "audio"]
        if items and filming.lay_in_row(film, items):
            return "clips"
        if not self.alone and not situation.of_kind("audio"):
            raise NotPossible(nothing_to_film(situation))
        frames = to_frame(self.length_ms or ALONE_MS)
        filming.lay_drawn(film, frames)
        filming.lay_visualizer(film, frames, "bars", filming.PALETTE)
        return "drawn"

    def _seed(self, film: Draft, situation: Situation) -> int:
        now = seed_of(film)
        return situation.seed if now is None else now + 1 if self.another else now

    def _meet(
        self, film: Draft, situation: Situation, recipe: Recipe, frames: int, *, is_row: bool, had_song: bool
    ) -> tuple[int, bool]:
        """Brings cuts and beats together where that is wanted; returns the length in frames and whether it was done."""
        if not filming.shots_of(film) or not (self.cuts != "keep" or had_song):
            return frames, False
        rhythm = Rhythm.of(beat_times_ms(recipe))
        if is_row and self.cuts != "anew":
            return filming.snap_row(film, rhythm.beats), True
        items = filming.items_of(film, situation)
        if not items:
            return frames, False
        heard = [volume_of(shot) for shot in filming.shots_of(film) if "v" in shot and self.cuts != "anew"]
        sound = max(heard, default=0.0)
        filming.lay_cut(film, items, rhythm, frames, Pace(), situation.seed, sound)
        return frames, True

    def _told(self, film: Draft, lang: Language, volume: float, recipe: Recipe, laid: str, meets: bool) -> str:
        label = mood_label(self.mood, lang)
        length = seconds(end_ms(film), lang)
        en = {"clips": "Laid your material one after another and composed", "drawn": "Composed"}.get(laid, "Composed")
        zh = {"clips": "已把素材依次排好，并创作了", "drawn": "已创作"}.get(laid, "已创作")
        tempo, level = f"{recipe.bpm:.0f} BPM", percent(volume)
        meets = meets and len(filming.shots_of(film)) > 1
        cuts_en = " The cuts lie on its beats." if meets else ""
        cuts_zh = "剪辑点已对齐节拍。" if meets else ""
        drawn_en = ", with bars drawn from the sound" if laid == "drawn" else ""
        drawn_zh = "，画面是随声音跳动的频谱条" if laid == "drawn" else ""
        en += f" {label} music for it: {tempo}, {length}, at {level} volume{drawn_en}.{cuts_en}"
        if laid != "clips":
            en = en.replace(" music for it:", " background music:")
        zh += f"{label}背景音乐：{tempo}，长 {length}，音量 {level}{drawn_zh}。{cuts_zh}"
        return say(lang, en, zh)


@dataclass(frozen=True, slots=True)
class RemoveMusic:
    """Takes all music away; clips that were muted for it are heard again."""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Removes the music; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        music = segments_of(film, *MUSIC)
        if not music:
            raise NotPossible(say(lang, "There is no music on the timeline.", "时间线上没有音乐。"))
        remove_segments(film, [*music, *segments_of(film, "visualizer")])
        clips = [s for s in segments_of(film, "clip") if (item := media_of(s, situation)) and item.has_audio]
        heard = bool(clips) and all(clip.get("v") == 0 for clip in clips)
        for clip in clips if heard else []:
            clip["v"] = 1.0
        en = "Removed the music." + (" The clips' own sound is heard again." if heard else "")
        return measure(film), say(lang, en, "已去掉音乐。" + ("恢复了视频原声。" if heard else ""))


@dataclass(frozen=True, slots=True)
class SetVolume:
    """How loud music or clips are.

    Attributes:
        target: `music`, `clips` or `all`.
        amount: 0–1, or a factor of the present volume where `relative`.
        relative: Whether the amount is a factor.
    """

    target: Literal["music", "clips", "all"]
    amount: float
    relative: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the volume; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        roles = {"music": MUSIC, "clips": ("clip",), "all": (*MUSIC, "clip")}[self.target]
        heard = [s for s in segments_of(film, *roles) if "v" in s or meta(s).get("role") != "clip"]
        name = {"music": ("music", "音乐"), "clips": ("clips' own sound", "视频原声"), "all": ("sound", "声音")}[
            self.target
        ]
        if not heard:
            en = f"There is no {'music' if self.target == 'music' else 'sound'} on the timeline yet."
            raise NotPossible(say(lang, en, f"时间线上还没有{name[1]}。"))
        before = volume_of(heard[0])
        for segment in heard:
            amount = volume_of(segment) * self.amount if self.relative else self.amount
            segment["v"] = round(min(max(amount, 0.0), 1.0), 4)
        after = volume_of(heard[0])
        if self.relative and abs(after - before) < 1e-6:
            en = f"The {name[0]} is already at {percent(after)}."
            raise NotPossible(say(lang, en, f"{name[1]}音量已经是 {percent(after)}。"))
        if after == 0:
            return film, say(lang, f"Muted the {name[0]}.", f"已将{name[1]}静音。")
        en = f"Set the {name[0]} to {percent(after)} (it was {percent(before)})."
        return film, say(lang, en, f"已把{name[1]}音量调到 {percent(after)}（原来 {percent(before)}）。")


@dataclass(frozen=True, slots=True)
class FadeMusic:
    """Lets the music fade.

    Attributes:
        in_ms: Length of the fade at its start, or None to leave it.
        out_ms: Length of the fade at its end, or None to leave it.
    """

    in_ms: int | None = None
    out_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the fades; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        music = segments_of(film, *MUSIC)
        if not music:
            en = "There is no music to fade yet: upload a song or ask for background music."
            raise NotPossible(say(lang, en, "还没有可以淡入淡出的音乐：请上传歌曲，或让我配背景音乐。"))
        en_parts: list[str] = []
        zh_parts: list[str] = []
        if self.in_ms is not None:
            fade = min(self.in_ms, music[0]["d"], _MAX_FADE_MS)
            meta(music[0])["fade_in_ms"] = fade
            en_parts.append(f"fades in over the first {seconds(fade, 'en')}")
            zh_parts.append(f"开头 {seconds(fade, 'zh')}淡入")
        if self.out_ms is not None:
            fade = min(self.out_ms, music[-1]["d"], _MAX_FADE_MS)
            meta(music[-1])["fade_out_ms"] = fade
            en_parts.append(f"fades out over the last {seconds(fade, 'en')}")
            zh_parts.append(f"最后 {seconds(fade, 'zh')}淡出")
        return film, say(lang, f"The music {' and '.join(en_parts)}.", f"音乐{'，'.join(zh_parts)}。")


def _fitting_volume(film: Draft, situation: Situation) -> float:
    heard = [
        shot
        for shot in filming.shots_of(film)
        if (item := media_of(shot, situation)) and item.kind == "video" and item.has_audio and volume_of(shot) > 0
    ]
    return _UNDER_SPEECH if heard else _FULL
