"""Edits of the film as a whole: make it, cut it anew, shorten it, go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.engine.agent import filming
from nemo_notebook.engine.agent.cutting import USUAL_PACE, Pace, Rhythm
from nemo_notebook.engine.agent.drafting import (
    MUSIC,
    Draft,
    add_track,
    editable,
    end_of,
    measure,
    media_segment,
    meta,
    picture_end_ms,
    place,
    prepare_canvas,
    remove_segments,
    segments_of,
    start_of,
    to_frame,
    to_ms,
)
from nemo_notebook.engine.agent.language import counted, listed, nice_title, say, seconds, stem
from nemo_notebook.engine.agent.model import Language, MediaItem, NotPossible, Situation
from nemo_notebook.engine.agent.rippling import cut_out
from nemo_notebook.engine.agent.scoring import rhythm_of, tempo_of
from nemo_notebook.timeline.draft import Json

_SHORTENED_FADE_MS: Final = 1_000
_SEEDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class MakeVideo:
    """A film from what is uploaded, in place of the pictures and the music on the timeline; titles stay.

    Attributes:
        pictures: Which uploads are seen; the others are taken where there are none of these.
        song: Id of the song it is cut to; None for the newest.
        with_song: Whether an uploaded song is used.
        pace: How fast the cuts follow.
        visualizer: Style drawn over the pictures, or None.
        length_ms: Length to end at, or None for all of the song or the clips.
        only: Ids of the clips or images that are seen; empty for all.
    """

    pictures: Literal["all", "clips", "images", "none"] = "all"
    song: str | None = None
    with_song: bool = True
    pace: Pace = USUAL_PACE
    visualizer: str | None = None
    length_ms: int | None = None
    only: tuple[str, ...] = ()

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Lays pictures and song; see `Edit`."""
        song, items = self._song(situation), self._items(situation)
        if song is None and not items:
            raise NotPossible(nothing_to_film(situation))
        film = editable(draft)
        remove_segments(film, segments_of(film, *MUSIC, "visualizer"))
        filming.clear_pictures(film)
        told = self._row(film, situation, items) if song is None else self._music_video(film, situation, song, items)
        _keep_titles_inside(film)
        return measure(film), told

    def _song(self, situation: Situation) -> MediaItem | None:
        songs = [item for item in situation.of_kind("audio") if to_frame(item.duration_ms) > 0]
        if not self.with_song or not songs:
            return None
        return next((item for item in songs if item.id == self.song), songs[-1])

    def _items(self, situation: Situation) -> list[MediaItem]:
        if self.pictures == "none":
            return []
        seen = [i for i in situation.media if i.kind == "image" or (i.kind == "video" and to_frame(i.duration_ms) > 0)]
        kind = {"clips": "video", "images": "image"}.get(self.pictures)
        wanted = [i for i in seen if (i.id in self.only if self.only else kind in (None, i.kind))]
        return wanted or seen

    def _row(self, film: Draft, situation: Situation, items: Sequence[MediaItem]) -> str:
        frames = filming.lay_in_row(film, items)
        if self.length_ms is not None and to_frame(self.length_ms) < frames:
            cut_out(film, to_frame(self.length_ms), frames)
            frames = to_frame(self.length_ms)
        prepare_canvas(film, nice_title(items[0]), situation.seed)
        if self.visualizer is not None:
            filming.lay_visualizer(film, frames, self.visualizer, filming.PALETTE)
        names, length = _names(items, situation), to_ms(frames)
        zh = f"已做好 {seconds(length, 'zh')}的视频：依次为{names}。"
        en = f"Here is your {seconds(length, 'en')} video: {names}{', one after another' if len(items) > 1 else ''}."
        return say(situation.spoken, en, zh)

    def _music_video(self, film: Draft, situation: Situation, song: MediaItem, items: Sequence[MediaItem]) -> str:
        whole = to_frame(song.duration_ms)
        frames = min(whole, max(1, to_frame(self.length_ms))) if self.length_ms is not None else whole
        rhythm = Rhythm.of(song.beats_ms, song.downbeats_ms, song.energy)
        shots = 0
        if items:
            shots = filming.lay_cut(film, items, rhythm, frames, self.pace, situation.seed)
        else:
            filming.lay_drawn(film, frames)
        sound = media_segment(song, 1, 0, frames, 0)
        sound["v"] = 1.0
        meta(sound).update(fade_in_ms=0, fade_out_ms=_SHORTENED_FADE_MS if frames < whole else 0)
        add_track(film, "audio", "Song", [sound])
        style = self.visualizer or (None if items else "bars")
        if style is not None:
            filming.lay_visualizer(film, frames, style, filming.PALETTE)
        meta(film)["title"] = nice_title(song)
        prepare_canvas(film, nice_title(song), situation.seed)
        return _music_video_told(situation, song, items, rhythm, frames, shots, style)


@dataclass(frozen=True, slots=True)
class CutToBeat:
    """Cuts the pictures on the timeline anew, to the beat of its music.

    Attributes:
        pace: How fast the cuts follow; its factor counts against what there is now where `relative`.
        relative: Whether the pace is meant against the current cut.
        another: Whether other stretches of the clips are wanted.
    """

    pace: Pace = USUAL_PACE
    relative: bool = False
    another: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Cuts again; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        if not filming.shots_of(film) and situation.of_kind("audio"):
            return MakeVideo(pace=self.pace).apply(draft, situation)
        items = filming.items_of(film, situation)
        rhythm = rhythm_of(film, situation)
        frames = max((to_frame(end_of(s)) for s in segments_of(film, *MUSIC)), default=0)
        if frames == 0:
            en = 'There is no music to cut to yet: upload a song, or say "add upbeat music and sync it to the cuts".'
            raise NotPossible(say(lang, en, "还没有可以对拍的音乐：请上传歌曲，或说“加轻快的音乐并对齐剪辑”。"))
        if not items:
            raise NotPossible(
                say(lang, "There are no clips or photos on the timeline to cut.", "时间线上还没有可剪的素材。")
            )
        seed = _seed(film, situation) + (1 if self.another else 0)
        if self.another:
            meta(film)["seed"] = seed % _SEEDS
        volume = max((s.get("v") or 0.0 for s in filming.shots_of(film)), default=0.0)
        shots = filming.lay_cut(film, items, rhythm, frames, self._pace(film), seed, min(1.0, float(volume)))
        return measure(film), _cut_told(lang, shots, frames, tempo_of(film, situation), rhythm.is_steady)

    def _pace(self, film: Draft) -> Pace:
        now = filming.mean_shot_s(film)
        if not self.relative or now is None:
            return self.pace
        return Pace(None, min(max(self.pace.factor * now / 2.0, 0.2), 8.0))


@dataclass(frozen=True, slots=True)
class Trim:
    """Takes a stretch of time out of everything, or keeps only the beginning.

    Attributes:
        part: `first` or `last` n milliseconds go, `keep` the first n stay, `range` start to end goes.
        ms: How long, or where the range starts, in milliseconds.
        end_ms: Where the range ends.
    """

    part: Literal["first", "last", "keep", "range"]
    ms: int
    end_ms: int = 0

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Takes time out; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        total = to_frame(picture_end_ms(film) or max((end_of(s) for s in segments_of(film, *MUSIC)), default=0))
        if total == 0:
            raise NotPossible(
                nothing_to_film(situation)
                if not situation.media
                else say(lang, "There is nothing on the timeline to trim yet.", "时间线上还没有可以裁剪的内容。")
            )
        first, last = self._stretch(total)
        if last <= first or last - first >= total:
            length = seconds(to_ms(total), lang)
            raise NotPossible(
                say(lang, f"That cannot be trimmed: the video is {length} long.", f"无法这样裁剪：视频长 {length}。")
            )
        cut_out(film, first, last)
        measure(film)
        left, gone = seconds(to_ms(total - last + first), lang), seconds(to_ms(last - first), lang)
        where = {
            "first": ("from the start", "开头"),
            "last": ("from the end", "结尾"),
            "keep": ("from the end", "结尾"),
            "range": ("from inside", "中间"),
        }[self.part]
        return film, say(
            lang,
            f"Trimmed {gone} {where[0]}; the video is now {left} long.",
            f"已剪掉{where[1]} {gone}，视频现在长 {left}。",
        )

    def _stretch(self, total: int) -> tuple[int, int]:
        frames = to_frame(self.ms)
        if self.part == "first":
            return 0, frames
        if self.part == "last":
            return max(0, total - frames), total
        return (frames, total) if self.part == "keep" else (frames, min(to_frame(self.end_ms), total))


@dataclass(frozen=True, slots=True)
class Undo:
    """Goes back to the draft before this one."""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """The draft before; see `Edit`."""
        before = next((earlier for earlier in reversed(situation.earlier) if earlier != draft), None)
        if before is None:
            raise NotPossible(say(situation.spoken, "There is nothing to undo.", "没有可以撤销的修改。"))
        return before, say(
            situation.spoken, "Undone: the timeline is as it was before.", "已撤销，时间线恢复到上一步。"
        )


def bpm_told(tempo: float | None, language: Language) -> str:
    """A tempo in brackets, or nothing."""
    return say(language, f" ({tempo:.0f} BPM)", f"（{tempo:.0f} BPM）") if tempo else ""


def nothing_to_film(situation: Situation) -> str:
    """What to upload where there is nothing to make a video from."""
    en = "I need something to work with first: please upload a song (MP3, WAV), clips (MP4, MOV) or photos (JPG, PNG)."
    return say(situation.spoken, en, "还没有素材：请先上传歌曲（MP3、WAV）、视频（MP4、MOV）或照片（JPG、PNG）。")


def _music_video_told(
    situation: Situation,
    song: MediaItem,
    items: Sequence[MediaItem],
    rhythm: Rhythm,
    frames: int,
    shots: int,
    style: str | None,
) -> str:
    lang = situation.spoken
    tempo = bpm_told(song.tempo if rhythm.is_steady else None, lang)
    length, title = seconds(to_ms(frames), lang), nice_title(song)
    drawn = filming.DRAWINGS.get(style or "", (style or "", style or ""))
    if not items:
        en = f'Done: a {length} video of "{title}" with {drawn[0]} drawn from the sound.'
        return say(lang, en, f"已完成：《{title}》的 {length}视频，画面是随声音跳动的{drawn[1]}。")
    beat = rhythm.is_steady
    en = f'Done: a {length} music video for "{title}", {counted(shots - 1, "cut")} '
    en += f"{'on the beat' if beat else 'evenly spaced'}{tempo} over {_names(items, situation)}"
    en += f", with {drawn[0]} drawn from the sound." if style else "."
    zh = f"已完成：《{title}》的 {length}音乐视频，{'按节拍' if beat else '均匀'}剪了 {shots - 1} 刀{tempo}，"
    zh += f"画面来自{_names(items, situation)}" + (f"，并叠加随声音跳动的{drawn[1]}。" if style else "。")
    return say(lang, en, zh)


def _cut_told(lang: Language, shots: int, frames: int, tempo: float | None, steady: bool) -> str:
    bpm = bpm_told(tempo if steady else None, lang)
    mean = seconds(to_ms(frames) / max(1, shots), lang)
    how = (
        ("on the beat", "按节拍")
        if steady
        else ("evenly, for the music has no steady beat", "均匀（音乐没有稳定的节拍）")
    )
    en = f"Cut again {how[0]}{bpm}: {counted(shots, 'shot')} of about {mean}."
    return say(lang, en, f"已{how[1]}重新剪辑{bpm}：{shots} 个镜头，平均 {mean}。")


def _names(items: Sequence[MediaItem], situation: Situation) -> str:
    return listed([stem(item.filename) for item in items], situation.spoken)


def _seed(film: Draft, situation: Situation) -> int:
    own = meta(film).get("seed")
    return own if isinstance(own, int) else situation.seed


def _keep_titles_inside(film: Draft) -> None:
    """Titles that the new film is too short for move to its end; none is lost."""
    total = to_frame(max((end_of(s) for s in segments_of(film, "clip", "image", "backdrop")), default=0))
    for title in segments_of(film, "title"):
        frames = min(to_frame(title["d"]), total)
        first = min(to_frame(start_of(title)), total - frames)
        place(title, first, first + frames)
