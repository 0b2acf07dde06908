"""Edits of uploaded songs: which one, from where to where, how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    in_ms_of,
    measure,
    media_of,
    meta,
    picture_end_ms,
    place,
    prepare_canvas,
    segments_of,
    to_frame,
    to_ms,
    volume_of,
)
from nemo_notebook.film.levels import duck_of, fitting_volume, set_duck
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.pacing import is_cut_to_music, pace_of
from nemo_notebook.film.phrasing import clock, counted, listed, nice_title, percent, say, seconds
from nemo_notebook.film.rows import keep_titles_inside
from nemo_notebook.film.scoring import clear_music
from nemo_notebook.film.song_parts import PART_NAMES, Part, part_start_ms
from nemo_notebook.film.songs import cut_fade_ms, lay_song, music_rhythm
from nemo_notebook.film.telling import NotPossible

_SHORTEST_MS: Final = 1_000
_AS_GOOD_AS_WHOLE_MS: Final = 250


@dataclass(frozen=True, slots=True)
class UseSong:
    """An uploaded song as the music, in place of what is there.

    A film that is cut to music is cut again to this one and lasts as long as it; other pictures stay as they are, with
    the song under them.

    Attributes:
        song: Id of the song; None for the one on the timeline, else the newest.
        part: Where it begins, by what is heard; goes before `in_ms`.
        in_ms: Where in the song it begins, in milliseconds; None for its start.
        out_ms: Where in the song it ends; None for its end.
        length_ms: How much of it is used, where no end was said.
        loop: Whether a song that is shorter than the pictures comes again.
        under: Whether it is meant as background for pictures that keep their sound.
        volume: 0–1, or None for what suits.
    """

    song: str | None = None
    part: Part | None = None
    in_ms: int | None = None
    out_ms: int | None = None
    length_ms: int | None = None
    loop: bool = False
    under: bool = False
    volume: float | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Lays the song; see `Edit`."""
        film = editable(draft)
        song = self._song(film, situation)
        first_ms, last_ms = self._stretch(song, situation)
        fresh = self._pictures(film, situation)
        cut = is_cut_to_music(film) and bool(filming.shots_of(film)) and not self.under
        drawn = not filming.shots_of(film)
        wanted = self._frames(film, situation, to_frame(last_ms - first_ms), follows=cut or drawn)
        had = segments_of(film, *MUSIC)
        before = max((volume_of(s) for s in had if meta(s).get("role") == "song"), default=None)
        duck = next((d for s in had if (d := duck_of(s)) is not None), 1.0)
        clear_music(film)
        lay_song(film, _shortened(song, last_ms), wanted, first_ms)
        laid = segments_of(film, "song")
        volume = self._volume(film, situation, before)
        for segment in laid:
            segment["v"] = volume
        set_duck(film, duck)
        if last_ms < song.duration_ms:
            meta(laid[-1])["fade_out_ms"] = cut_fade_ms(laid[-1])
        shots = self._follow(film, situation, wanted, cut=cut, drawn=drawn)
        if fresh or cut or drawn:
            meta(film)["title"] = nice_title(song)
        prepare_canvas(film, nice_title(song), situation.seed)
        measure(film)
        if film == draft:
            en = f'"{nice_title(song)}" plays already. For other music say "replace it with upbeat background music".'
            zh = f"现在放的就是《{nice_title(song)}》。想换别的可以说“把音乐换成轻快的背景音乐”。"
            raise NotPossible(say(situation.spoken, en, zh))
        return film, self._told(film, situation, song, (first_ms, wanted), shots)

    def _song(self, film: Draft, situation: Situation) -> MediaItem:
        songs = [item for item in situation.of_kind("audio") if to_frame(item.duration_ms) > 0]
        playing = (media_of(segment, situation) for segment in segments_of(film, "song"))
        now = next((item for item in playing if item is not None), None)
        wanted = next((item for item in songs if item.id == self.song), None)
        song = wanted or (now if self.song is None else None) or (songs[-1] if songs and self.song is None else None)
        if song is None and songs:
            names = listed([item.filename for item in songs], situation.spoken)
            en = f"There is no other song. Uploaded: {names}."
            raise NotPossible(say(situation.spoken, en, f"没有这首歌。已上传：{names}。"))
        if song is None:
            en = "There is no uploaded song. Upload one (MP3, WAV), or let me compose background music."
            raise NotPossible(say(situation.spoken, en, "还没有上传歌曲。请上传（MP3、WAV），或让我配背景音乐。"))
        return song

    def _stretch(self, song: MediaItem, situation: Situation) -> tuple[int, int]:
        """The stretch of the song that is used, in milliseconds of it."""
        first = self.in_ms or 0
        if self.part is not None:
            found = part_start_ms(song, self.part, self.length_ms)
            if found is None:
                en = "I cannot hear where that is in this song. Say the time, e.g. start the song at 0:30."
                raise NotPossible(say(situation.spoken, en, "听不出这首歌的这个位置，请告诉我时间，例如“从0:30开始”。"))
            first = found
        last = self.out_ms if self.out_ms is not None else song.duration_ms
        if self.out_ms is None and self.length_ms is not None:
            last = first + self.length_ms
        last = min(last, song.duration_ms)
        if last - first < min(_SHORTEST_MS, song.duration_ms):
            length = clock(song.duration_ms)
            en = f"The song is only {length} long. Which part shall I take?"
            raise NotPossible(say(situation.spoken, en, f"这首歌只有 {length}，想用哪一段？"))
        return first, last

    def _pictures(self, film: Draft, situation: Situation) -> bool:
        """Lays what is uploaded where the timeline has no pictures yet; whether it did."""
        if picture_end_ms(film) > 0:
            return False
        items = [item for item in situation.media if item.kind != "audio"]
        return bool(items) and filming.lay_in_row(film, items) > 0

    def _frames(self, film: Draft, situation: Situation, available: int, *, follows: bool) -> int:
        """How long the song is heard, in frames of the timeline."""
        end = to_frame(picture_end_ms(film))
        if end == 0:
            return available
        if not follows:
            return end if self.loop else min(end, available)
        songs = segments_of(film, "song")
        playing = media_of(songs[-1], situation) if songs else None
        cut_short = (
            playing is not None and in_ms_of(songs[-1]) + songs[-1]["d"] < playing.duration_ms - _AS_GOOD_AS_WHOLE_MS
        )
        if self.loop:
            return max(end, available)
        keeps = (cut_short or not songs) and self.out_ms is None and self.length_ms is None
        return min(end, available) if keeps else available

    def _volume(self, film: Draft, situation: Situation, before: float | None) -> float:
        if self.volume is not None:
            return self.volume
        if before is not None:
            return before
        fitting = fitting_volume(film, situation)
        return fitting if fitting < 0.5 else 1.0

    def _follow(self, film: Draft, situation: Situation, frames: int, *, cut: bool, drawn: bool) -> int:
        """Makes the pictures follow the song where they do that; returns the number of shots of a new cut."""
        shots = 0
        if cut:
            sound = max((volume_of(shot) for shot in filming.shots_of(film) if "v" in shot), default=0.0)
            items = filming.items_of(film, situation)
            if items:
                rhythm = music_rhythm(film, situation)
                shots = filming.lay_cut(film, items, rhythm, frames, pace_of(film), situation.seed, sound)
        elif drawn:
            backdrops = segments_of(film, "backdrop")
            if not backdrops:
                filming.lay_drawn(film, frames)
                filming.lay_visualizer(film, frames, "bars", filming.PALETTE)
            for backdrop in backdrops:
                place(backdrop, 0, frames)
        total = to_frame(picture_end_ms(film))
        filming.fit_drawn(film, total)
        keep_titles_inside(film, total)
        return shots

    def _told(self, film: Draft, situation: Situation, song: MediaItem, laid: tuple[int, int], shots: int) -> str:
        lang, title = situation.spoken, nice_title(song)
        first_ms, frames = laid
        en, zh = f'The music is "{title}"', f"音乐是《{title}》"
        if self.part is not None:
            en, zh = (
                f"{en}, from {PART_NAMES[self.part][0]} at {clock(first_ms)} on",
                (f"{zh}，从{PART_NAMES[self.part][1]}（{clock(first_ms)}）开始"),
            )
        elif first_ms:
            en, zh = f"{en}, from {clock(first_ms)} on", f"{zh}，从 {clock(first_ms)} 开始"
        level = percent(max((volume_of(segment) for segment in segments_of(film, "song")), default=0.0))
        en, zh = (
            f"{en}: {seconds(to_ms(frames), 'en')} at {level}",
            f"{zh}：{seconds(to_ms(frames), 'zh')}，音量 {level}",
        )
        if len(segments_of(film, "song")) > 1:
            en, zh = f"{en}, over and over", f"{zh}，循环播放"
        en, zh = f"{en}.", f"{zh}。"
        if shots:
            en = f"{en} The pictures are cut to it: {counted(shots, 'shot')}."
            zh = f"{zh}画面已按它重新剪成 {shots} 个镜头。"
        if frames < to_frame(picture_end_ms(film)):
            en = f'{en} The video goes on without it; say "loop the music" to fill it.'
            zh = f"{zh}之后的画面没有音乐；说“循环音乐”可以铺满。"
        return say(lang, en, zh)


def _shortened(song: MediaItem, last_ms: int) -> MediaItem:
    """The song as if it ended earlier."""
    downs = tuple(ms for ms in song.downbeats_ms if ms <= last_ms)
    return replace(song, duration_ms=last_ms, downbeats_ms=downs)
