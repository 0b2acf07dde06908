"""Edits of when music is heard: as long as the pictures, or from one time to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    end_of,
    in_ms_of,
    measure,
    media_of,
    meta,
    picture_end_ms,
    place,
    remove_segments,
    segments_of,
    start_of,
    to_frame,
    to_ms,
    volume_of,
)
from nemo_notebook.film.edits.song import UseSong
from nemo_notebook.film.levels import duck_of, set_duck
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import clock, say, seconds
from nemo_notebook.film.scoring import clear_music, lay_score, piece_of
from nemo_notebook.film.songs import CUT_FADE_MS
from nemo_notebook.film.telling import NotPossible

_SHORTEST_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class FitMusic:
    """Makes the music last as long as the pictures: cut with a fade where it is longer, and again where it is shorter.

    Attributes:
        loop: Whether a song that is too short comes again; without it, it is only ever cut.
    """

    loop: bool = False

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Fits the music; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        music = segments_of(film, *MUSIC)
        end = picture_end_ms(film)
        if not music:
            if self.loop or not situation.of_kind("audio"):
                raise NotPossible(say(lang, "There is no music on the timeline.", "时间线上没有音乐。"))
            return UseSong(under=True).apply(draft, situation)
        last = max(end_of(segment) for segment in music)
        song = media_of(music[-1], situation)
        if last < end and song is not None and self.loop:
            return UseSong(in_ms=in_ms_of(music[0]), loop=True, under=True).apply(draft, situation)
        if last > end > 0:
            for segment in music:
                _end_at(film, segment, end)
            length = seconds(end, lang)
            en = f"Cut the music to the video's {length}, with a fade at its end."
            return measure(film), say(lang, en, f"音乐已剪到与视频等长（{length}），结尾淡出。")
        piece = piece_of(music[-1])
        if last < end and piece is not None:
            return PlaceMusic(start_ms(music), end).apply(draft, situation)
        if last < end:
            en = f'The music ends at {clock(last)}, before the pictures. Say "loop the music" to fill the rest.'
            raise NotPossible(say(lang, en, f"音乐在 {clock(last)} 就结束了。说“循环音乐”可以铺满。"))
        en = f"The music already lasts as long as the video: {seconds(end or last, 'en')}."
        raise NotPossible(say(lang, en, f"音乐已经和视频一样长：{seconds(end or last, 'zh')}。"))


@dataclass(frozen=True, slots=True)
class PlaceMusic:
    """When on the timeline the music is heard; it begins as it did before.

    Attributes:
        start_ms: Where it begins; None for where it does now.
        end_ms: Where it ends; None for where it does now.
        last_ms: In place of both: only so much of the end of the video has music.
    """

    start_ms: int | None = None
    end_ms: int | None = None
    last_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Moves or shortens the music; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        music = segments_of(film, *MUSIC)
        if not music:
            raise NotPossible(say(lang, "There is no music on the timeline.", "时间线上没有音乐。"))
        now, end = start_ms(music), max(end_of(segment) for segment in music)
        total = picture_end_ms(film) or end
        wanted = self.start_ms if self.last_ms is None else max(0, total - self.last_ms)
        first = to_frame(now if wanted is None else wanted)
        last = to_frame(min(end if self.end_ms is None else self.end_ms, total))
        if to_ms(last) - to_ms(first) < _SHORTEST_MS:
            length = clock(total)
            en = f"The music cannot be put there: the video is {length} long."
            raise NotPossible(say(lang, en, f"音乐放不到那里：视频长 {length}。"))
        piece = piece_of(music[0])
        if piece is not None:
            volume, duck = volume_of(music[0]), duck_of(music[0])
            fades = {key: meta(music[0]).get(key, 0) for key in ("fade_in_ms", "fade_out_ms")}
            clear_music(film)
            lay_score(film, situation, piece, first, last)
            for segment in segments_of(film, "bgm"):
                segment["v"] = volume
                meta(segment).update(fades)
            set_duck(film, duck if duck is not None else 1.0)
        else:
            _shift(film, music, to_ms(first) - now, to_ms(last))
        measure(film)
        start, stop = clock(to_ms(first)), clock(max(end_of(s) for s in segments_of(film, *MUSIC)))
        return film, say(lang, f"The music is heard from {start} to {stop}.", f"音乐在 {start} 到 {stop} 播放。")


def start_ms(segments: list[Draft]) -> int:
    """Where the first of some segments starts, in milliseconds."""
    return min(start_of(segment) for segment in segments)


def _shift(film: Draft, music: list[Draft], by_ms: int, end_at_ms: int) -> None:
    for segment in music:
        first, frames = to_frame(max(0, start_of(segment) + by_ms)), to_frame(segment["d"])
        place(segment, first, first + frames)
        _end_at(film, segment, end_at_ms)


def _end_at(film: Draft, segment: Draft, at_ms: int) -> None:
    if start_of(segment) >= at_ms:
        remove_segments(film, [segment])
    elif end_of(segment) > at_ms:
        place(segment, to_frame(start_of(segment)), to_frame(at_ms))
        if not meta(segment).get("fade_out_ms"):
            meta(segment)["fade_out_ms"] = min(CUT_FADE_MS, segment["d"])
