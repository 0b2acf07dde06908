"""Edits of composed music: have it, replace it, be without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.film import filming
from nemo_notebook.film.choices import Tempo
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    end_ms,
    measure,
    media_of,
    meta,
    picture_end_ms,
    place,
    prepare_canvas,
    remove_segments,
    segments_of,
    start_of,
    to_frame,
    volume_of,
)
from nemo_notebook.film.levels import DUCKED, carry_over, fitting_volume, is_ducked, set_duck
from nemo_notebook.film.matching import Match, look_of, match
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import counted, nice_title, percent, say, seconds
from nemo_notebook.film.scoring import (
    Piece,
    clear_music,
    cuts_met,
    lay_score,
    mood_label,
    rhythm_of,
    seed_of,
)
from nemo_notebook.film.telling import NotPossible, Told
from nemo_notebook.music import MOODS, Recipe

ALONE_MS: Final = 30_000  # length of music that is asked for without any pictures
_REPLACED_EN: Final = ' It takes the place of your song; say "undo" to have that back.'
_REPLACED_ZH: Final = "它替换了你的歌；说“撤销”可以恢复。"


@dataclass(frozen=True, slots=True)
class AddMusic:
    """Composed background music under the whole video, in place of other music.

    Attributes:
        mood: A key of `MOODS`; None for what suits the pictures.
        bpm: Tempo that was asked for, or None.
        tempo: Slow or fast for its mood, where no number was said.
        volume: 0–1; None keeps that of composed music before, or takes what suits the clips' own sound.
        duck: Whether it gives way where a clip is heard.
        cuts: `keep` bends its tempo so that beats fall on the cuts, `anew` cuts the pictures to its beats.
        another: Whether another piece of the same kind is wanted.
        alone: Whether music without any pictures is meant too.
        length_ms: Length where there are no pictures to follow.
        every: Beats in a shot where the pictures are cut anew; None to choose by loudness.
        factor: Length of these shots against the usual one.
        kind: The word for a kind of music that cannot be composed, where the mood is the nearest to it; else empty.
        instrument: The word for an instrument that was asked for; what a mood is played by is not chosen.
        key: A key that was asked for, which is not chosen either.
    """

    mood: str | None = None
    bpm: float | None = None
    tempo: Tempo = "usual"
    volume: float | None = None
    duck: bool = False
    cuts: Literal["keep", "anew"] = "keep"
    another: bool = False
    alone: bool = False
    length_ms: int | None = None
    every: int | None = None
    factor: float = 1.0
    kind: str = ""
    instrument: str = ""
    key: str = ""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Composes and lays the music; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        laid = self._pictures(film, situation)
        suits = match(look_of(film, situation), lang) if self.mood is None else Match(self.mood)
        had, had_song = segments_of(film, *MUSIC), bool(segments_of(film, "song"))
        piece = Piece(suits.mood, self._seed(film, situation), self._bpm(suits), exact=self.bpm is not None)
        frames = to_frame(picture_end_ms(film))
        volume = self._volume(film, situation, had)
        clear_music(film)
        recipes = lay_score(film, situation, piece, 0, frames, to_cuts=self.cuts == "keep")
        for segment in segments_of(film, "bgm"):
            segment["v"] = volume
        carry_over(had, segments_of(film, "bgm"))
        if self.duck:
            set_duck(film, DUCKED)
        shots = self._cut_anew(film, situation, frames) if self.cuts == "anew" else 0
        filming.fit_drawn(film, frames)
        meta(film).pop("artist", None)  # of a song that is not heard any more
        _name(film, situation, suits.mood)
        measure(film)
        if film == draft:
            raise NotPossible(self._as_it_is(film, suits, recipes, lang))
        told = self._told(film, lang, suits, recipes, volume, laid) + _cuts_told(film, recipes, shots, lang)
        return film, told + (say(lang, _REPLACED_EN, _REPLACED_ZH) if had_song else "")

    def _pictures(self, film: Draft, situation: Situation) -> str:
        """Lays what is uploaded where the timeline has no pictures yet; returns what was laid."""
        if picture_end_ms(film) > 0:
            return self._drawn_to_length(film)
        items = [item for item in situation.media if item.kind != "audio"]
        if items and filming.lay_in_row(film, items):
            return "clips"
        if not self.alone and not situation.of_kind("audio"):
            raise NotPossible(Told("make_video.no_media"))
        frames = to_frame(self.length_ms or ALONE_MS)
        filming.lay_drawn(film, frames)
        filming.lay_visualizer(film, frames, "bars", filming.PALETTE)
        return "drawn"

    def _drawn_to_length(self, film: Draft) -> str:
        """Makes a film of nothing but a drawn background as long as the music is to be."""
        backdrops = segments_of(film, "backdrop")
        if self.length_ms and len(backdrops) == 1 and not filming.shots_of(film):
            place(backdrops[0], 0, max(1, to_frame(self.length_ms)))
        return ""

    def _seed(self, film: Draft, situation: Situation) -> int:
        now = seed_of(film)
        return situation.seed if now is None else now + 1 if self.another else now

    def _bpm(self, suits: Match) -> float | None:
        if self.bpm is not None:
            return self.bpm
        low, high = MOODS[suits.mood].bpm if suits.mood in MOODS else (0.0, 0.0)
        return {"slow": low * 0.92, "fast": high * 1.06}.get(self.tempo, suits.bpm)

    def _volume(self, film: Draft, situation: Situation, had: list[Draft]) -> float:
        if self.volume is not None:
            return self.volume
        before = [volume_of(s) for s in had if meta(s).get("role") == "bgm"]
        return max(before) if before and max(before) > 0 else fitting_volume(film, situation)

    def _cut_anew(self, film: Draft, situation: Situation, frames: int) -> int:
        """Cuts the pictures to the beats; returns the number of shots."""
        items = filming.items_of(film, situation)
        if not items:
            return 0
        pace = Pace(every=self.every, factor=self.factor)
        return filming.lay_cut(film, items, rhythm_of(film, situation), frames, pace, situation.seed)

    def _as_it_is(self, film: Draft, suits: Match, recipes: list[Recipe], lang: Language) -> str:
        label, tempo = mood_label(suits.mood, lang), f"{recipes[0].bpm:.0f} BPM"
        met = _cuts_told(film, recipes, 0, lang)
        en = f'That is what plays already: {label} at {tempo}.{met} Say "another one" for more.'
        zh = f"现在就是{label}音乐，{tempo}。{met}想要别的可以说“换一首”。"
        return say(lang, en, zh)

    def _told(self, film: Draft, lang: Language, suits: Match, recipes: list[Recipe], volume: float, laid: str) -> str:
        label, length = mood_label(suits.mood, lang), seconds(end_ms(film), lang)
        tempo, level = f"{recipes[0].bpm:.0f} BPM", percent(volume)
        ducked = is_ducked(film)
        lower_en = ", lower while your clips are heard" if ducked else ""
        lower_zh = "，素材有声音时自动变小" if ducked else ""
        drawn_en = ", with bars drawn from the sound" if laid == "drawn" else ""
        drawn_zh = "，画面是随声音跳动的频谱条" if laid == "drawn" else ""
        en = "Laid your material one after another and composed" if laid == "clips" else "Composed"
        zh = "已把素材依次排好，并创作了" if laid == "clips" else "已创作"
        en += f" {label} background music: {tempo}, {length}, at {level} volume{lower_en}{drawn_en}."
        zh += f"{label}背景音乐：{tempo}，长 {length}，音量 {level}{lower_zh}{drawn_zh}。"
        if suits.why:
            en, zh = f"{en} It suits the pictures: {suits.why}.", f"{zh}与画面相配：{suits.why}。"
        if self.kind:
            en = f"{en} I have no {self.kind} of its own, {label} is the nearest."
            zh = f"{zh}没有专门的“{self.kind}”，最接近的是{label}。"
        elif self.instrument:
            en = f'{en} I go by the mood: it may be played by other instruments than "{self.instrument}".'
            zh = f"{zh}我按情绪创作，演奏的乐器不一定是“{self.instrument}”。"
        if self.key:
            en = f'{en} The key goes by the mood: it may be another than "{self.key}".'
            zh = f"{zh}调性随情绪而定，不一定是“{self.key}”。"
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


def _name(film: Draft, situation: Situation, mood: str) -> None:
    """Gives the draft its title: that of the first upload; without any, its music's."""
    own, of_music = meta(film), mood_label(mood, situation.spoken)
    if not situation.media and own.get("title") in {
        label for m in MOODS.values() for label in (m.label_en, m.label_zh)
    }:
        own["title"] = of_music
    prepare_canvas(film, nice_title(situation.media[0]) if situation.media else of_music, situation.seed)


def _cuts_told(film: Draft, recipes: list[Recipe], shots: int, lang: Language) -> str:
    if shots > 1:
        en = f" Cut the pictures to its beats: {counted(shots, 'shot')}."
        return say(lang, en, f"画面已按它的节拍剪成 {shots} 个镜头。")
    between = {start_of(shot) for shot in filming.shots_of(film)[1:]}  # not the scenes within clips
    of_film = [
        (recipe, [ms for ms in recipe.cuts_ms if ms + start_of(segment) in between])
        for recipe, segment in zip(recipes, segments_of(film, "bgm"), strict=False)
    ]
    cuts, met = sum(len(within) for _, within in of_film), sum(cuts_met(*pair) for pair in of_film)
    if not met:
        return ""
    which = {1: "the cut", 2: "both cuts"}.get(cuts, f"all {cuts} cuts") if met == cuts else f"{met} of {cuts} cuts"
    which_zh = f"{'全部' if met == cuts > 1 else ''} {met} 个" + ("" if met == cuts else f"（共 {cuts} 个）")
    return say(lang, f" Its beats fall on {which}.", f"它的节拍已对齐{which_zh}剪辑点。")
