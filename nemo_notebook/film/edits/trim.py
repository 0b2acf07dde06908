"""Edits of the film's length: take time out, give it a length, repeat it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.film import filming
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    end_of,
    free_id,
    in_ms_of,
    measure,
    media_of,
    place,
    segments_of,
    start_of,
    to_frame,
    to_ms,
    volume_of,
)
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.starting import applied
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.pacing import is_cut_to_music, pace_of
from nemo_notebook.film.phrasing import clock, say, seconds
from nemo_notebook.film.rippling import cut_out
from nemo_notebook.film.rows import loop_row, refit, shots_in
from nemo_notebook.film.songs import music_rhythm, stretch_song
from nemo_notebook.film.telling import NotPossible, Told

_MOST_MS: Final = 6 * 3_600_000
_MOST_ROUNDS: Final = 50
_WHERE: Final = {
    "first": ("from the start", "开头"),
    "last": ("from the end", "结尾"),
    "keep": ("from the end", "结尾"),
    "keep-last": ("from the start", "开头"),
}


@dataclass(frozen=True, slots=True)
class Trim:
    """Takes a stretch of time out of everything, or keeps only one.

    Attributes:
        part: `first` or `last` n milliseconds go, `keep` the first n stay, `keep-last` the last n stay, `range` start
            to end goes, `only` start to end stays.
        ms: How long, or where the range starts, in milliseconds.
        end_ms: Where the range ends.
    """

    part: Literal["first", "last", "keep", "keep-last", "range", "only"]
    ms: int
    end_ms: int = 0

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Takes time out; see `Edit`."""
        film, before = filmed(draft, situation)
        lang, total = situation.spoken, length_of(film)
        if total == 0:
            raise NotPossible(
                say(lang, "There is nothing on the timeline to trim yet.", "时间线上还没有可以裁剪的内容。")
            )
        gone = [(first, last) for first, last in self._stretches(total) if last > first]
        left = total - sum(last - first for first, last in gone)
        if not gone or left <= 0:
            length = seconds(to_ms(total), lang)
            raise NotPossible(
                say(lang, f"That cannot be trimmed: the video is {length} long.", f"无法这样裁剪：视频长 {length}。")
            )
        for first, last in gone:
            pictures = shots_in(film)
            cut_out(film, first, last)
            refit(film, situation, pictures)
        return measure(film), before + self._told(lang, total, left)

    def _stretches(self, total: int) -> tuple[tuple[int, int], ...]:
        """What goes, the later first."""
        frames, end = to_frame(self.ms), min(to_frame(self.end_ms), total)
        return {
            "first": ((0, frames),),
            "last": ((max(0, total - frames), total),),
            "keep": ((frames, total),),
            "keep-last": ((0, total - frames),),
            "range": ((frames, end),),
            "only": ((end, total), (0, frames)),
        }[self.part]

    def _told(self, lang: Language, total: int, left: int) -> str:
        now, was = seconds(to_ms(left), lang), seconds(to_ms(total), lang)
        after = say(lang, f"the video is now {now} long (it was {was}).", f"视频现在长 {now}（原来 {was}）。")
        if self.part in ("range", "only"):
            span = f"{clock(self.ms)}–{clock(min(self.end_ms, to_ms(total)))}"
            en, zh = ("Cut out", "已剪掉") if self.part == "range" else ("Kept only", "只保留了")
            return say(lang, f"{en} {span}; {after}", f"{zh} {span}，{after}")
        where, gone = _WHERE[self.part], seconds(to_ms(total - left), lang)
        return say(lang, f"Trimmed {gone} {where[0]}; {after}", f"已剪掉{where[1]} {gone}，{after}")


@dataclass(frozen=True, slots=True)
class FitLength:
    """Gives the film a length: the end goes, or more is shown.

    A film that is cut to music gets more shots, and a song that is too short comes again; a row of clips begins anew.

    Attributes:
        ms: The length in milliseconds; 0 for that of the song.
        at_most: Whether a film that is shorter stays as it is.
        factor: Times the present length, in place of `ms`; or None.
        more_ms: So much is added to the present length, or taken from it, in place of `ms`.
    """

    ms: int = 0
    at_most: bool = False
    factor: float | None = None
    more_ms: int = 0

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Shortens or extends; see `Edit`."""
        lang = situation.spoken
        if length_of(editable(draft)) == 0 and self.ms:
            return applied(draft, MakeVideo(duration_s=self.ms / 1000), situation)
        film, before = filmed(draft, situation)
        old = length_of(film)
        new = self._frames(film, situation, old)
        if self.at_most:
            new = min(old, new)
        if new < old:
            pictures = shots_in(film)
            cut_out(film, new, old)
            refit(film, situation, pictures)
        elif new > old:
            extend(film, situation, new)
        now, was = seconds(to_ms(new), lang), seconds(to_ms(old), lang)
        if new == old:
            return film, before + say(lang, f"The video is {now} long already.", f"视频已经长 {now}。")
        how = _extended_told(film, situation) if new > old else ""
        en = f"The video is now {now} long (it was {was}){how and ': '}{how}."
        return measure(film), before + say(lang, en, f"视频现在长 {now}（原来 {was}）{how and '：'}{how}。")

    def _frames(self, film: Draft, situation: Situation, old: int) -> int:
        if self.factor is not None or self.more_ms:
            change = to_frame(abs(self.more_ms)) * (1 if self.more_ms > 0 else -1)
            return max(1, min(round(old * (self.factor or 1.0)) + change, to_frame(_MOST_MS)))
        if self.ms:
            return max(1, to_frame(min(self.ms, _MOST_MS)))
        songs = segments_of(film, "song")
        item = media_of(songs[0], situation) if songs else None
        if item is None:
            en = "There is no song to fill. How long should the video be, for example 30 seconds?"
            raise NotPossible(say(situation.spoken, en, "时间线上没有歌曲。想要多长，比如30秒？"))
        return max(1, to_frame(item.duration_ms - in_ms_of(songs[0])))


@dataclass(frozen=True, slots=True)
class Repeat:
    """Plays the film several times over."""

    times: int = 2

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Repeats the shots; see `Edit`."""
        film, before = filmed(draft, situation)
        lang, old = situation.spoken, length_of(film)
        times = min(max(self.times, 2), _MOST_ROUNDS)
        if not filming.shots_of(film):
            raise NotPossible(
                say(lang, "There are no clips on the timeline to repeat.", "时间线上还没有可以重复的片段。")
            )
        pictures = shots_in(film)
        _again(film, pictures, times)
        loop_row(film, pictures * times)
        refit(film, situation, pictures)
        now, was = seconds(to_ms(shots_in(film)), lang), seconds(to_ms(old), lang)
        en = f"The video plays {times} times now: {now} instead of {was}."
        return measure(film), before + say(lang, en, f"视频现在重复播放 {times} 遍：{now}（原来 {was}）。")


def filmed(draft: Json, situation: Situation) -> tuple[Draft, str]:
    """The film to change; made first from what is uploaded where there is none, with what to say of that."""
    film = editable(draft)
    if length_of(film) > 0:
        return film, ""
    if not situation.media:
        raise NotPossible(Told("make_video.no_media"))
    made, told = applied(draft, MakeVideo(), situation)
    return editable(made), told + say(situation.spoken, " ", "")


def length_of(film: Draft) -> int:
    """Frames of a film: those of its pictures, else of its music."""
    return shots_in(film) or max((to_frame(end_of(s)) for s in segments_of(film, *MUSIC)), default=0)


def length_told(situation: Situation, en: str, zh: str, was: int, now: int) -> str:
    """A sentence with the film's new length where that has changed."""
    if was == now:
        return say(situation.spoken, f"{en}.", f"{zh}。")
    length, before = seconds(to_ms(now), situation.spoken), seconds(to_ms(was), situation.spoken)
    en, zh = f"{en}; the video is now {length} long (it was {before}).", f"{zh}；视频现在长 {length}（原来 {before}）。"
    return say(situation.spoken, en, zh)


def extend(film: Draft, situation: Situation, frames: int) -> None:
    """Makes a film longer: more shots to the music, clips from the first again, or the drawn layers as they are."""
    before = shots_in(film)
    shots = filming.shots_of(film)
    stretch_song(film, situation, frames)
    items = filming.items_of(film, situation)
    if shots and items and is_cut_to_music(film):
        for score in segments_of(film, "bgm")[-1:]:
            place(score, to_frame(start_of(score)), frames)  # its beats go on as long as it does
        volume = max((volume_of(shot) for shot in shots if "v" in shot), default=0.0)
        rhythm = music_rhythm(film, situation)
        filming.go_on_cutting(film, items, rhythm, frames, pace_of(film), situation.seed, volume)
    elif shots:
        loop_row(film, frames)
    else:
        for drawn in segments_of(film, "backdrop"):
            place(drawn, to_frame(start_of(drawn)), frames)
    refit(film, situation, before)


def _again(film: Draft, frames: int, times: int) -> None:
    """Repeats the songs that end with the film."""
    songs = segments_of(film, "song")
    if not songs or abs(to_frame(end_of(songs[-1])) - frames) > 1:
        return
    track = next(track for track in film["t"] if any(song is songs[0] for song in track["sg"]))
    for round_ in range(1, times):
        for song in songs:
            copy = deepcopy(song)
            copy["id"] = free_id(film, "song")
            place(copy, to_frame(start_of(song)) + round_ * frames, to_frame(end_of(song)) + round_ * frames)
            track["sg"].append(copy)


def _extended_told(film: Draft, situation: Situation) -> str:
    lang = situation.spoken
    if len(segments_of(film, "song")) > 1:
        return say(lang, "the song comes again", "歌曲循环播放")
    if filming.shots_of(film) and not is_cut_to_music(film):
        return say(lang, "the clips begin again", "素材循环播放")
    return ""
